//! The native menus. What is chosen goes to the pages by its name; they do the same for it as for their own buttons.

use crate::window;
use mailscope_api::{Showing, Theme};
use std::sync::Mutex;
use tauri::menu::{IsMenuItem, Menu, MenuBuilder, MenuEvent, MenuItem, MenuItemBuilder, SubmenuBuilder};
use tauri::{AppHandle, Emitter as _, Manager as _, Wry};

/// The event that tells the pages what was chosen: its name, a string.
const EVENT: &str = "mailscope-menu";

/// The entry that ends the program.
const QUIT: &str = "quit";

/// When something can be chosen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Always,
    /// While a library with something in it is shown.
    Working,
    /// While a message is read.
    Reading,
}

use When::{Always, Reading, Working};

/// Name, words, shortcut, and when: what a menu offers. Shortcuts without Ctrl belong to the pages, which know where one types.
type Entry = (&'static str, &'static str, Option<&'static str>, When);

/// A line between entries.
const LINE: Entry = ("", "", None, Always);

const FILE: &[Entry] = &[
    ("import", "Import files…", Some("CmdOrCtrl+O"), Always),
    ("import-folder", "Import a folder…", Some("CmdOrCtrl+Shift+O"), Always),
    ("watch-folder", "Watch a folder…", None, Working),
    LINE,
    ("libraries", "Libraries…", Some("CmdOrCtrl+L"), Always),
    LINE,
    ("export", "Export what was found…", Some("CmdOrCtrl+E"), Working),
    ("print", "Print…", Some("CmdOrCtrl+P"), Reading),
    ("pdf", "Save as PDF…", Some("CmdOrCtrl+Shift+S"), Reading),
    LINE,
    ("settings", "Settings…", Some("CmdOrCtrl+Comma"), Always),
];

const EDIT: &[Entry] = &[
    ("search", "Search", Some("CmdOrCtrl+Shift+F"), Working),
    ("find", "Find in the message", Some("CmdOrCtrl+F"), Reading),
    ("save-search", "Save this search…", None, Working),
    ("undo", "Take back the last change", None, Working),
    ("palette", "Commands…", Some("CmdOrCtrl+K"), Always),
];

const VIEW: &[Entry] = &[
    ("view-messages", "Messages", Some("CmdOrCtrl+1"), Working),
    ("view-conversations", "Conversations", Some("CmdOrCtrl+2"), Working),
    ("view-people", "People", Some("CmdOrCtrl+3"), Working),
    ("view-insights", "Insights", Some("CmdOrCtrl+4"), Working),
    LINE,
    ("activity", "Activity", None, Working),
    ("live", "Live panel", None, Working),
    LINE,
    ("theme-system", "Theme as the system", None, Always),
    ("theme-light", "Light theme", None, Always),
    ("theme-dark", "Dark theme", None, Always),
];

const HELP: &[Entry] =
    &[("help", "Keys and search", Some("F1"), Always), LINE, ("about", "About Mailscope", None, Always)];

/// Those entries that cannot always be chosen.
#[derive(Default)]
struct Offers(Mutex<Vec<(MenuItem<Wry>, When)>>);

/// What menus and dialogs were last dressed in.
#[derive(Default)]
struct Dress(Mutex<Theme>);

/// Makes the menus of the window.
///
/// # Errors
/// What the platform says.
pub fn build(app: &AppHandle) -> tauri::Result<Menu<Wry>> {
    let mut offers = Vec::new();
    let mut submenu = |title: &str, entries: &[Entry]| -> tauri::Result<SubmenuBuilder<'_, Wry, AppHandle>> {
        let mut menu = SubmenuBuilder::new(app, title);
        for (id, words, keys, when) in entries {
            if id.is_empty() {
                menu = menu.separator();
                continue;
            }
            let mut item = MenuItemBuilder::with_id(*id, words).enabled(*when == Always);
            if let Some(keys) = keys {
                item = item.accelerator(keys);
            }
            let item = item.build(app)?;
            menu = menu.item(&item);
            if *when != Always {
                offers.push((item, *when));
            }
        }
        Ok(menu)
    };
    let file = leaving(app, submenu("&File", FILE)?)?.build()?;
    let edit = clipboard(app, submenu("&Edit", EDIT)?)?.build()?;
    let view = submenu("&View", VIEW)?.build()?;
    let help = submenu("&Help", HELP)?.build()?;
    app.manage(Offers(Mutex::new(offers)));
    app.manage(Dress::default());
    let menus: [&dyn IsMenuItem<Wry>; 4] = [&file, &edit, &view, &help];
    let bar = MenuBuilder::new(app);
    // There the first menu is that of the application itself.
    #[cfg(target_os = "macos")]
    let bar =
        bar.item(&SubmenuBuilder::new(app, "Mailscope").hide().hide_others().separator().quit().build()?);
    bar.items(&menus).build()
}

/// The way out, where the platform does not put it elsewhere.
fn leaving<'a>(
    app: &AppHandle,
    menu: SubmenuBuilder<'a, Wry, AppHandle>,
) -> tauri::Result<SubmenuBuilder<'a, Wry, AppHandle>> {
    if cfg!(target_os = "macos") {
        return Ok(menu);
    }
    let quit = MenuItemBuilder::with_id(QUIT, "Quit").accelerator("CmdOrCtrl+Q").build(app)?;
    Ok(menu.separator().item(&quit))
}

/// The entries for text: those of the platform; GTK has none, so there the web view is told.
#[cfg(not(target_os = "linux"))]
fn clipboard<'a>(
    _: &AppHandle,
    menu: SubmenuBuilder<'a, Wry, AppHandle>,
) -> tauri::Result<SubmenuBuilder<'a, Wry, AppHandle>> {
    Ok(menu.separator().cut().copy().paste().select_all())
}

#[cfg(target_os = "linux")]
fn clipboard<'a>(
    app: &AppHandle,
    menu: SubmenuBuilder<'a, Wry, AppHandle>,
) -> tauri::Result<SubmenuBuilder<'a, Wry, AppHandle>> {
    // Without shortcuts: the web view knows those keys itself.
    let mut menu = menu.separator();
    for (id, words) in [("Cut", "Cut"), ("Copy", "Copy"), ("Paste", "Paste"), ("SelectAll", "Select all")] {
        menu = menu.item(&MenuItemBuilder::with_id(id, words).build(app)?);
    }
    Ok(menu)
}

/// Something was chosen.
pub fn chosen(app: &AppHandle, event: &MenuEvent) {
    let name = event.id().as_ref();
    if name == QUIT {
        window::close(app);
    } else if matches!(name, "Cut" | "Copy" | "Paste" | "SelectAll") {
        window::edit(app, name);
    } else {
        // Fails only while the application ends.
        let _ = app.emit(EVENT, name);
    }
}

/// Offers what can be done with what the window shows.
pub fn offer(app: &AppHandle, showing: Showing) {
    let Some(offers) = app.try_state::<Offers>() else { return };
    let offers = offers.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    for (item, when) in offers.iter() {
        // An entry that stays as it was can at worst be chosen in vain.
        let _ = item.set_enabled(match when {
            Always => true,
            Working => showing.working,
            Reading => showing.reading,
        });
    }
}

/// Has menus and dialogs of the system follow the theme that was chosen.
pub fn dress(app: &AppHandle, theme: Theme) {
    let Some(dress) = app.try_state::<Dress>() else { return };
    let before = {
        let mut now = dress.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        std::mem::replace(&mut *now, theme)
    };
    if before != theme {
        // Fails only while the application ends.
        let _ = app.run_on_main_thread({
            let app = app.clone();
            move || put_on(&app, theme)
        });
    }
}

/// Not by `set_theme`: there "as the system" would be light from then on.
#[cfg(target_os = "linux")]
fn put_on(_: &AppHandle, theme: Theme) {
    use gtk::prelude::GtkSettingsExt as _;
    let Some(settings) = gtk::Settings::default() else { return };
    match theme {
        Theme::System => settings.reset_property("gtk-application-prefer-dark-theme"),
        _ => settings.set_gtk_application_prefer_dark_theme(theme == Theme::Dark),
    }
}

#[cfg(not(target_os = "linux"))]
fn put_on(app: &AppHandle, theme: Theme) {
    app.set_theme(match theme {
        Theme::System => None,
        Theme::Light => Some(tauri::Theme::Light),
        Theme::Dark => Some(tauri::Theme::Dark),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_shortcuts_stand_once() {
        let all: Vec<&Entry> = [FILE, EDIT, VIEW, HELP].into_iter().flatten().collect();
        let mut names: Vec<_> = all.iter().map(|entry| entry.0).filter(|name| !name.is_empty()).collect();
        let mut keys: Vec<_> = all.iter().filter_map(|entry| entry.2).collect();
        for list in [&mut names, &mut keys] {
            let count = list.len();
            list.sort_unstable();
            list.dedup();
            assert_eq!(list.len(), count);
        }
    }
}
