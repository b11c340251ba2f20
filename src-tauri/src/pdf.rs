//! A message as a PDF file. It is laid out by a web view of its own, which nobody sees: without script, and without anything of the
//! window's; its page names what it may load, which is nothing (see `ui/src/features/reader/document.ts`).

use mailscope_api::{ApiError, ErrorCode, SavePdfRequest, Saved, Service, to_api_error};
use mailscope_engine::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;
use tauri::AppHandle;

/// How long a message may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Writes the page into the file, which appears once it is whole.
///
/// # Errors
/// [`ErrorCode::BadRequest`] for a file that is a source of the library, or where the platform cannot; [`ErrorCode::Io`].
pub fn save(app: &AppHandle, service: &Service, request: SavePdfRequest) -> Result<Saved, ApiError> {
    let to = PathBuf::from(&request.to);
    let target = to.canonicalize().unwrap_or_else(|_| to.clone());
    let sources = service.library().sources().map_err(|error| to_api_error(&error))?;
    if sources.iter().any(|source| source.path == target) {
        return Err(to_api_error(&Error::WouldOverwriteSource { path: to }));
    }
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = to.with_file_name(name);
    let written = write(app, request.page, &part)
        .and_then(|()| fs::metadata(&part).map_err(|cause| cause.to_string()))
        .and_then(|facts| fs::rename(&part, &to).map(|()| facts.len()).map_err(|cause| cause.to_string()));
    match written {
        Ok(bytes) => Ok(Saved { path: request.to, bytes }),
        Err(cause) => {
            // What was begun is of no use; where nothing was, there is nothing to remove.
            let _ = fs::remove_file(&part);
            Err(ApiError {
                code: ErrorCode::Io,
                message: format!("{} could not be written.", to.display()),
                advice: "Choose another folder, or print the message into a file.".into(),
                detail: Some(cause),
            })
        }
    }
}

fn write(app: &AppHandle, page: String, to: &Path) -> Result<(), String> {
    // The web view would only say that it failed.
    fs::File::create(to).map_err(|cause| cause.to_string())?;
    let (tell, told) = channel();
    let file = to.to_owned();
    app.run_on_main_thread(move || begin(&page, &file, tell)).map_err(|cause| cause.to_string())?;
    match told.recv_timeout(PATIENCE) {
        Ok(outcome) => outcome,
        Err(RecvTimeoutError::Timeout) => Err(format!("it took longer than {} s", PATIENCE.as_secs())),
        Err(RecvTimeoutError::Disconnected) => Err("it was given up".into()),
    }
}

#[cfg(target_os = "linux")]
fn begin(page: &str, to: &Path, tell: Sender<Result<(), String>>) {
    use gtk::glib;
    use std::cell::RefCell;
    use std::rc::Rc;
    use webkit2gtk::{
        LoadEvent, PrintOperation, PrintOperationExt as _, Settings, SettingsExt as _, WebContext, WebView,
        WebViewExt as _,
    };

    let Ok(address) = glib::filename_to_uri(to, None) else {
        // Nobody waits any more when the application ends; so below.
        let _ = tell.send(Err("the path cannot be an address".into()));
        return;
    };
    let settings = Settings::new();
    settings.set_enable_javascript(false);
    settings.set_enable_page_cache(false);
    let view = WebView::builder().web_context(&WebContext::new_ephemeral()).settings(&settings).build();
    let print = gtk::PrintSettings::new();
    // GTK knows its printer by the name that it has in the language of the desktop.
    print.set_printer(&glib::dgettext(Some("gtk30"), "Print to File"));
    print.set("output-uri", Some(&address));
    print.set("output-file-format", Some("pdf"));
    // Held until it has ended, for nobody else holds them.
    let held = Rc::new(RefCell::new(None::<(WebView, PrintOperation)>));
    let end = Rc::new({
        let held = held.clone();
        move |outcome: Result<(), String>| {
            let _ = tell.send(outcome);
            let held = held.clone();
            // Not from within their own signal.
            glib::idle_add_local_once(move || drop(held.take()));
        }
    });
    let operation = PrintOperation::new(&view);
    operation.set_print_settings(&print);
    operation.connect_failed({
        let end = end.clone();
        move |_, cause| end(Err(cause.to_string()))
    });
    operation.connect_finished({
        let end = end.clone();
        move |_| end(Ok(()))
    });
    view.connect_load_changed({
        let held = Rc::downgrade(&held);
        move |_, event| {
            if event == LoadEvent::Finished
                && let Some(held) = held.upgrade()
                && let Some((_, operation)) = held.borrow().as_ref()
            {
                operation.print();
            }
        }
    });
    view.load_html(page, None);
    held.replace(Some((view, operation)));
}

#[cfg(not(target_os = "linux"))]
fn begin(_: &str, _: &Path, tell: Sender<Result<(), String>>) {
    let _ = tell.send(Err("here the dialog for printing writes such files".into()));
}
