//! The window, and what may be shown in it.

use tauri::webview::NewWindowResponse;
use tauri::{App, AppHandle, Emitter as _, Manager as _, Url, WebviewWindowBuilder};

const LABEL: &str = "main";
/// The event that tells the pages where a link in a message wanted to go: its address, as a string.
const LINK: &str = "mailscope-link";
/// Longer addresses are not shown, and so not opened.
const MAX_LINK: usize = 8 * 1024;

/// Tells whether a window can be opened at all.
///
/// # Errors
/// A sentence for the user when there is no display.
pub fn check_display() -> Result<(), String> {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(any(windows, target_os = "macos")) || set("DISPLAY") || set("WAYLAND_DISPLAY") {
        return Ok(());
    }
    Err("Mailscope cannot open its window, because there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is \
         set). In a terminal use `mailscope import FILE` instead."
        .to_owned())
}

/// Opens the window as `tauri.conf.json` describes it.
///
/// # Errors
/// What the platform says when it cannot.
pub fn open(app: &App) -> tauri::Result<()> {
    let Some(config) = app.config().app.windows.iter().find(|window| window.label == LABEL) else {
        return Err(tauri::Error::WebviewNotFound);
    };
    let pages = app.handle().clone();
    WebviewWindowBuilder::from_config(app.handle(), config)?
        .on_navigation(is_own_page)
        .on_new_window(move |url, _| {
            if is_link(&url) {
                // Fails only while the application ends.
                let _ = pages.emit(LINK, url.as_str());
            }
            NewWindowResponse::Deny
        })
        .build()?;
    Ok(())
}

/// Brings the window to the user's eyes.
pub fn focus(app: &AppHandle) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    // Each of these may be refused by a window manager; the others still help.
    let _ = window.unminimize();
    let _ = window.show();
    let _ = window.set_focus();
}

/// Whether the window, or a frame in it, may go to `url`: the application's own pages, and documents made by them.
fn is_own_page(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        "http" | "https" => url.host_str() == Some("tauri.localhost") && url.port().is_none(),
        // The reader's sandboxed frame; what it may do is the business of its sandbox and of the CSP.
        "about" => matches!(url.path(), "srcdoc" | "blank"),
        _ => false,
    }
}

/// Whether a person may be asked to open `url` outside of the application.
fn is_link(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https" | "mailto") && url.as_str().len() <= MAX_LINK
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: bool) {
        assert_eq!(Url::parse(url).map(|url| is_own_page(&url)), Ok(expected), "{url}");
    }

    #[test]
    fn only_own_pages_are_shown() {
        check("tauri://localhost", true);
        check("tauri://localhost/index.html#x", true);
        check("http://tauri.localhost/", true);
        check("about:srcdoc", true);
        check("about:blank", true);
        check("tauri://elsewhere/", false);
        check("https://example.org/", false);
        check("https://tauri.localhost.example.org/", false);
        check("http://tauri.localhost:8080/", false);
        check("http://localhost/", false);
        check("file:///etc/passwd", false);
        check("data:text/html,hello", false);
        check("javascript:alert(1)", false);
        check("mailto:a@example.org", false);
    }

    #[test]
    fn only_the_web_and_mail_are_links() {
        let check =
            |url: &str, expected| assert_eq!(Url::parse(url).map(|url| is_link(&url)), Ok(expected), "{url}");
        check("https://example.org/?a=1", true);
        check("http://example.org", true);
        check("mailto:a@example.org", true);
        check("file:///etc/passwd", false);
        check("javascript:alert(1)", false);
        check("data:text/html,x", false);
        check("tauri://localhost/", false);
        check("about:blank", false);
        check(&format!("https://example.org/{}", "x".repeat(MAX_LINK)), false);
    }
}
