//! The window: where it stands, what may be shown in it, and how it looks from outside.

#[cfg(target_os = "linux")]
use crate::drawing;
use crate::host::Host;
use crate::preferences::Frame;
use tauri::webview::NewWindowResponse;
use tauri::{
    App, AppHandle, Emitter as _, Manager as _, Url, WebviewWindow, WebviewWindowBuilder, Window, WindowEvent,
};

/// What the one window is called in the code.
pub const LABEL: &str = "main";
/// How much of a window must be on some screen for it to stand where it did, in physical pixels.
const IN_SIGHT: i64 = 100;
/// The event that tells the pages where a link in a message wanted to go: its address, as a string.
const LINK: &str = "mailscope-link";
/// Longer addresses are not shown, and so not opened.
const MAX_LINK: usize = 8 * 1024;
/// How often a page comes back whose process failed.
#[cfg(target_os = "linux")]
const MAX_REVIVALS: u32 = 8;

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

/// Opens the window as `tauri.conf.json` describes it, where it stood last.
///
/// # Errors
/// What the platform says when it cannot.
pub fn open(app: &App) -> tauri::Result<()> {
    let Some(config) = app.config().app.windows.iter().find(|window| window.label == LABEL) else {
        return Err(tauri::Error::WebviewNotFound);
    };
    let pages = app.handle().clone();
    let builder = WebviewWindowBuilder::from_config(app.handle(), config)?
        .on_navigation(is_own_page)
        .on_new_window(move |url, _| {
            if is_link(&url) {
                // Fails only while the application ends.
                let _ = pages.emit(LINK, url.as_str());
            }
            NewWindowResponse::Deny
        });
    let window = built(builder)?;
    if let Some(frame) = app.state::<Host>().memory.kept().window {
        stand(&window, frame)?;
    }
    Ok(())
}

/// Builds the window. Its page learns what draws it, and comes back where its process fails.
#[cfg(target_os = "linux")]
fn built(builder: WebviewWindowBuilder<'_, tauri::Wry, AppHandle>) -> tauri::Result<WebviewWindow> {
    let marked = if drawing::by_processor() { builder.initialization_script(drawing::MARK) } else { builder };
    let window = marked.build()?;
    revive(&window);
    Ok(window)
}

/// Loads the page anew when its process fails, so that nobody sits before an empty window. A page that fails again and again stays away.
#[cfg(target_os = "linux")]
fn revive(window: &WebviewWindow) {
    use std::cell::Cell;
    use webkit2gtk::WebViewExt as _;
    // Fails only while the application ends.
    let _ = window.with_webview(|view| {
        let left = Cell::new(MAX_REVIVALS);
        view.inner().connect_web_process_terminated(move |view, reason| {
            tracing::error!(?reason, left = left.get(), "the process of the page has ended");
            if let Some(uri) = view.uri()
                && left.get() > 0
            {
                left.set(left.get() - 1);
                view.load_uri(&uri);
            }
        });
    });
}

/// Elsewhere the platform's own web view knows what draws.
#[cfg(not(target_os = "linux"))]
fn built(builder: WebviewWindowBuilder<'_, tauri::Wry, AppHandle>) -> tauri::Result<WebviewWindow> {
    builder.build()
}

/// Puts the window where it stood. On a screen that is gone nobody would find it: then only its size is the same.
fn stand(window: &WebviewWindow, frame: Frame) -> tauri::Result<()> {
    let sane = |size: f64| size.is_finite() && (100.0..20_000.0).contains(&size);
    if !sane(frame.width) || !sane(frame.height) {
        return Ok(());
    }
    window.set_size(tauri::LogicalSize::new(frame.width, frame.height))?;
    let scale = window.scale_factor()?;
    let screens: Vec<_> = window
        .available_monitors()?
        .iter()
        .map(|screen| (*screen.position(), *screen.size()))
        .map(|(at, size)| (i64::from(at.x), i64::from(at.y), i64::from(size.width), i64::from(size.height)))
        .collect();
    if in_sight(&frame, scale, &screens) {
        window.set_position(tauri::LogicalPosition::new(frame.x, frame.y))?;
    }
    if frame.maximized {
        window.maximize()?;
    }
    Ok(())
}

/// Whether enough of the top of a window lies on one of `screens` (x, y, width, height in physical pixels) to be taken hold of.
fn in_sight(frame: &Frame, scale: f64, screens: &[(i64, i64, i64, i64)]) -> bool {
    let (left, top) = ((frame.x * scale) as i64, (frame.y * scale) as i64);
    let right = left.saturating_add((frame.width * scale) as i64);
    screens.iter().any(|(x, y, width, height)| {
        let seen = right.min(x + width) - left.max(*x);
        seen >= IN_SIGHT && top >= *y && top < y + height - IN_SIGHT
    })
}

/// Remembers where the window stands when it is closed.
pub fn happened(window: &Window, event: &WindowEvent) {
    if !matches!(event, WindowEvent::CloseRequested { .. }) {
        return;
    }
    if let Ok(frame) = frame_of(window) {
        window.state::<Host>().memory.change(|kept| {
            // A maximised window goes back to the size that it had before.
            kept.window = Some(match kept.window {
                Some(before) if frame.maximized => Frame { maximized: true, ..before },
                _ => frame,
            });
        });
    }
}

fn frame_of(window: &Window) -> tauri::Result<Frame> {
    let scale = window.scale_factor()?;
    let at = window.outer_position()?.to_logical::<f64>(scale);
    let size = window.inner_size()?.to_logical::<f64>(scale);
    let maximized = window.is_maximized()?;
    Ok(Frame { x: at.x, y: at.y, width: size.width, height: size.height, maximized })
}

/// Names the library in the title, where it is not the first one.
pub fn set_title(app: &AppHandle, library: Option<&str>) {
    let title = library.map_or_else(|| "Mailscope".to_owned(), |name| format!("{name} – Mailscope"));
    if let Some(window) = app.get_webview_window(LABEL) {
        // Fails only while the application ends.
        let _ = window.set_title(&title);
    }
}

/// Whether the window is in front, so that its user sees what happens.
pub fn is_looked_at(app: &AppHandle) -> bool {
    app.get_webview_window(LABEL).is_some_and(|window| window.is_focused().unwrap_or(false))
}

/// Lets the web view do what an entry of the menu says with the text that is selected.
#[cfg(target_os = "linux")]
pub fn edit(app: &AppHandle, command: &str) {
    use webkit2gtk::WebViewExt as _;
    if let Some(window) = app.get_webview_window(LABEL) {
        let command = command.to_owned();
        // Fails only while the application ends.
        let _ = window.with_webview(move |view| view.inner().execute_editing_command(&command));
    }
}

/// Elsewhere the platform's own entries do it.
#[cfg(not(target_os = "linux"))]
pub fn edit(_: &AppHandle, _: &str) {}

/// Closes the window, and so ends the program, as its cross does.
pub fn close(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(LABEL) {
        // Fails only while the application ends.
        let _ = window.close();
    }
}

/// Brings the window to the user's eyes; `false` where there is none any more.
pub fn focus(app: &AppHandle) -> bool {
    let Some(window) = app.get_webview_window(LABEL) else { return false };
    // Each of these may be refused by a window manager; the others still help.
    let _ = window.unminimize();
    let _ = window.show();
    let _ = window.set_focus();
    true
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
    fn a_window_is_not_put_where_no_screen_is() {
        let check = |x: f64, y: f64, scale: f64, expected| {
            let frame = Frame { x, y, width: 800.0, height: 600.0, maximized: false };
            let screens = [(0, 0, 1920, 1080), (1920, 0, 1280, 1024)];
            assert_eq!(in_sight(&frame, scale, &screens), expected, "{x} {y} at {scale}");
        };
        check(0.0, 0.0, 1.0, true);
        check(2500.0, 10.0, 1.0, true);
        check(3150.0, 10.0, 1.0, false);
        check(-750.0, 10.0, 1.0, false);
        check(-650.0, 10.0, 1.0, true);
        check(10.0, -40.0, 1.0, false);
        check(10.0, 1060.0, 1.0, false);
        check(1600.0, 10.0, 2.0, false);
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
