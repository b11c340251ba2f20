//! Files that are dragged out of the window: made in a folder of their own when the drag begins, since whoever they are dropped
//! on reads them when it likes. The folder goes with the application.

use crate::window;
use mailscope_api::{
    ApiError, Commands as _, DragFile, ErrorCode, ItemId, SaveAttachmentRequest, Service, to_api_error,
};
use mailscope_engine::export::safe_name;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use tauri::{AppHandle, Manager as _, WebviewWindow};

/// Files dragged at once.
const MAX_FILES: usize = 100;
/// The longest name of a file, in bytes.
const MAX_NAME: usize = 120;
/// What hangs at the pointer.
const ICON: &[u8] = include_bytes!("../icons/32x32.png");

/// Makes the files and begins to drag them.
///
/// # Errors
/// What a file could not be made for; [`ErrorCode::Io`] where the platform refuses.
pub fn begin(app: &AppHandle, service: &Service, files: &[DragFile]) -> Result<(), ApiError> {
    let folder =
        folder().map_err(|cause| refused("A folder for what is dragged could not be made.", &cause))?;
    let mut made = Vec::new();
    for (at, file) in files.iter().take(MAX_FILES).enumerate() {
        made.push(make(service, file, &folder.join(at.to_string()))?);
    }
    let Some(window) = app.get_webview_window(window::LABEL).filter(|_| !made.is_empty()) else {
        return Ok(());
    };
    let (tell, told) = channel();
    let on_main = app.run_on_main_thread(move || {
        // Nobody waits any more when the application ends.
        let _ = tell.send(start(&window, made));
    });
    on_main.map_err(|cause| refused("The drag could not begin.", &cause))?;
    told.recv()
        .unwrap_or_else(|cause| Err(cause.to_string()))
        .map_err(|cause| refused("The drag could not begin.", &cause))
}

/// Removes what was made for drags.
pub fn clear() {
    // The system empties its folder for such files too.
    let _ = fs::remove_dir_all(all());
}

/// Where the files of this process lie.
fn all() -> PathBuf {
    std::env::temp_dir().join(format!("mailscope-drag-{}", std::process::id()))
}

/// A folder for one drag, that nobody else reads.
fn folder() -> std::io::Result<PathBuf> {
    let all = all();
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
        builder.mode(0o700);
        // In a folder that everybody writes to, the name may be taken by somebody else.
        if let Ok(facts) = fs::symlink_metadata(&all)
            && (!facts.is_dir() || facts.mode() & 0o077 != 0)
        {
            return Err(std::io::Error::other(format!("{} is not this program's own", all.display())));
        }
    }
    if !all.is_dir() {
        builder.create(&all)?;
    }
    let mut number = 0_u32;
    loop {
        let one = all.join(number.to_string());
        match builder.create(&one) {
            Ok(()) => return Ok(one),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && number < 100_000 => {
                number += 1
            }
            Err(error) => return Err(error),
        }
    }
}

fn make(service: &Service, file: &DragFile, folder: &Path) -> Result<PathBuf, ApiError> {
    let failed = |cause: std::io::Error| refused(&format!("{} could not be made.", file.name), &cause);
    fs::create_dir_all(folder).map_err(failed)?;
    let to = folder.join(safe_name(&file.name, MAX_NAME));
    let id = ItemId(file.id.0);
    if file.message {
        let mut out = BufWriter::new(File::create(&to).map_err(failed)?);
        let item = mailscope_engine::ItemId(id.0);
        service.library().eml(item, &file.path, &mut out).map_err(|error| to_api_error(&error))?;
        out.flush().map_err(failed)?;
    } else {
        let to = to.to_string_lossy().into_owned();
        service.save_attachment(SaveAttachmentRequest { id, path: file.path.clone(), to })?;
    }
    Ok(to)
}

fn refused(message: &str, cause: &impl std::fmt::Display) -> ApiError {
    ApiError {
        code: ErrorCode::Io,
        message: message.to_owned(),
        advice: "Save it to a file instead.".into(),
        detail: Some(cause.to_string()),
    }
}

/// GTK's own drag, with addresses that take every sign of a name.
#[cfg(target_os = "linux")]
fn start(window: &WebviewWindow, files: Vec<PathBuf>) -> Result<(), String> {
    use gtk::gdk_pixbuf::prelude::PixbufLoaderExt as _;
    use gtk::prelude::{DragContextExtManual as _, ObjectExt as _, WidgetExt as _, WidgetExtManual as _};
    use std::cell::Cell;
    use std::rc::Rc;

    let widget = window.gtk_window().map_err(|error| error.to_string())?;
    let addresses: Vec<String> = files
        .iter()
        .filter_map(|file| gtk::glib::filename_to_uri(file, None).ok())
        .map(|address| address.to_string())
        .collect();
    widget.drag_source_set(gtk::gdk::ModifierType::BUTTON1_MASK, &[], gtk::gdk::DragAction::COPY);
    widget.drag_source_add_uri_targets();
    let give = widget.connect_drag_data_get(move |_, _, data, _, _| {
        let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
        data.set_uris(&addresses);
    });
    let give = Rc::new(Cell::new(Some(give)));
    let undo = {
        let give = give.clone();
        move |widget: &gtk::ApplicationWindow| {
            if let Some(give) = give.take() {
                widget.disconnect(give);
                // Left as a source, the window would begin drags by itself.
                widget.drag_source_unset();
            }
        }
    };
    let ended = Rc::new(Cell::new(None));
    let end = {
        let (ended, undo) = (ended.clone(), undo.clone());
        widget.connect_drag_end(move |widget, _| {
            undo(widget);
            if let Some(end) = ended.take() {
                widget.disconnect(end);
            }
        })
    };
    ended.set(Some(end));
    let targets = widget.drag_source_get_target_list().ok_or("this system drags no files")?;
    // Button 1; at wherever the pointer is.
    let begun = widget.drag_begin_with_coordinates(&targets, gtk::gdk::DragAction::COPY, 1, None, -1, -1);
    let Some(context) = begun else {
        undo(&widget);
        if let Some(end) = ended.take() {
            widget.disconnect(end);
        }
        return Err("the mouse button is no longer down".into());
    };
    let loader = gtk::gdk_pixbuf::PixbufLoader::new();
    if loader.write(ICON).and_then(|()| loader.close()).is_ok()
        && let Some(icon) = loader.pixbuf()
    {
        context.drag_set_icon_pixbuf(&icon, -8, -8);
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn start(window: &WebviewWindow, files: Vec<PathBuf>) -> Result<(), String> {
    let item = drag::DragItem::Files(files);
    let icon = drag::Image::Raw(ICON.to_vec());
    drag::start_drag(window, item, icon, |_, _| {}, drag::Options::default())
        .map_err(|error| error.to_string())
}
