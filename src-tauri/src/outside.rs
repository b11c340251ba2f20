//! What is seen of the program outside of its window: a bar in the task bar, and notifications. None of it is needed: a desktop
//! that cannot show it is no fault, for the window tells the same.

use tauri::AppHandle;

/// On Linux both are told on the session bus, by what the desktop entry is called.
#[cfg(target_os = "linux")]
mod system {
    use std::collections::HashMap;
    use std::sync::OnceLock;
    use tauri::AppHandle;
    use zbus::blocking::Connection;
    use zbus::zvariant::Value;

    fn bus() -> Option<&'static Connection> {
        static BUS: OnceLock<Option<Connection>> = OnceLock::new();
        BUS.get_or_init(|| Connection::session().ok()).as_ref()
    }

    pub fn show_progress(_: &AppHandle, percent: Option<u64>) {
        let Some(bus) = bus() else { return };
        let facts: HashMap<&str, Value<'_>> = HashMap::from([
            ("progress", Value::from(percent.unwrap_or_default() as f64 / 100.0)),
            ("progress-visible", Value::from(percent.is_some())),
        ]);
        let told = ("application://Mailscope.desktop", facts);
        let (path, interface) = ("/com/canonical/unity/launcherentry/1", "com.canonical.Unity.LauncherEntry");
        let _ = bus.emit_signal(None::<&str>, path, interface, "Update", &told);
    }

    /// <https://specifications.freedesktop.org/notification-spec/latest/protocol.html>
    pub fn notify(_: &AppHandle, title: &str, text: &str) {
        const NAME: &str = "org.freedesktop.Notifications";
        let Some(bus) = bus() else { return };
        // The text may be markup, the title is not.
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let hints: HashMap<&str, Value<'_>> = HashMap::from([("desktop-entry", Value::from("Mailscope"))]);
        let actions: [&str; 0] = [];
        let told =
            ("Mailscope", 0_u32, "mailscope-desktop", title, text.as_str(), &actions[..], hints, -1_i32);
        let _ = bus.call_method(Some(NAME), "/org/freedesktop/Notifications", Some(NAME), "Notify", &told);
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use crate::window::LABEL;
    use tauri::window::{ProgressBarState, ProgressBarStatus};
    use tauri::{AppHandle, Manager as _};
    use tauri_plugin_notification::NotificationExt as _;

    pub fn show_progress(app: &AppHandle, percent: Option<u64>) {
        if let Some(window) = app.get_webview_window(LABEL) {
            let status = if percent.is_some() { ProgressBarStatus::Normal } else { ProgressBarStatus::None };
            let _ = window.set_progress_bar(ProgressBarState { status: Some(status), progress: percent });
        }
    }

    pub fn notify(app: &AppHandle, title: &str, text: &str) {
        let _ = app.notification().builder().title(title).body(text).show();
    }
}

/// Shows in the task bar how far the work is, in percent; or that none is under way.
pub fn show_progress(app: &AppHandle, percent: Option<u64>) {
    system::show_progress(app, percent);
}

/// Tells something where it is seen without the window. May wait for the desktop's answer.
pub fn notify(app: &AppHandle, title: &str, text: &str) {
    system::notify(app, title, text);
}
