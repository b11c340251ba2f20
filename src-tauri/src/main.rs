//! The desktop shell of Mailscope: a window, the dialogs, what is dropped, and a host for `mailscope_api::Service`.
//!
//! Invariants: nothing about mail is decided here; the pages reach engine and desktop only through the one command [`call`], and
//! learn of what happens only through the one event [`EVENT`], of links that were clicked, and of what was chosen in a menu; the
//! window never shows a page that is not the application's.
#![forbid(unsafe_code)]
// A release build on Windows has no console to fill.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod arguments;
mod desk;
mod drag_out;
#[cfg(target_os = "linux")]
mod drawing;
mod failure;
mod handover;
mod host;
mod libraries;
mod log;
mod menu;
mod outside;
mod pdf;
mod preferences;
mod progress;
mod window;

use arguments::{Arguments, Start};
use handover::{Front, Standing};
use host::Host;
use log::Logging;
use mailscope_api::ApiError;
use preferences::Memory;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use tauri::async_runtime::block_on;
use tauri::{AppHandle, Manager as _, RunEvent, State};
use tokio::sync::oneshot;

// What workers allocate, the writer frees: the system's allocators keep growing pieces of that.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The event that carries every `mailscope_api::Event` to the pages.
const EVENT: &str = "mailscope";

fn main() -> ExitCode {
    if let Some(ended) = mailscope_api::serve_if_asked() {
        return ended;
    }
    let arguments = match arguments::parse(std::env::args_os().skip(1), std::env::current_dir().ok()) {
        Ok(Start::Open(arguments)) => arguments,
        Ok(Start::Say(text)) => {
            // Nobody to tell when the reader of a pipe has gone.
            let _ = std::io::stdout().write_all(text.as_bytes());
            return ExitCode::SUCCESS;
        }
        Err(sentence) => {
            failure::say(&sentence);
            return ExitCode::from(2);
        }
    };
    failure::speak_plainly();
    #[cfg(target_os = "linux")]
    if let Err(error) = drawing::settle() {
        // The window works all the same.
        failure::say(&format!("Pages are drawn with OpenGL, which may be slow: {error}."));
    }
    match catch_unwind(AssertUnwindSafe(|| run(arguments))) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err((sentence, status))) => {
            failure::say(&sentence);
            ExitCode::from(status)
        }
        // Has been told where it happened.
        Err(_) => ExitCode::FAILURE,
    }
}

/// Opens the window and stays until it is closed.
///
/// # Errors
/// A sentence for the user, and the exit status that tells programs as much.
fn run(arguments: Arguments) -> Result<(), (String, u8)> {
    window::check_display().map_err(failed)?;
    // A second start must end before anything else of it begins.
    let name = arguments.instance_name();
    let place = match block_on(handover::take_place(
        &preferences::run_folder(),
        &name,
        &arguments.files,
        handover::PATIENCE,
    )) {
        Standing::HandedOver => return Ok(()),
        Standing::First(place) => Some(place),
        Standing::Alone => None,
    };
    let memory = Memory::open();
    let logging = Logging::begin(&arguments, &memory)?;
    if place.is_none() {
        tracing::warn!(
            "another Mailscope does not answer, or cannot be asked: this one opens a window beside it"
        );
    }
    let library = arguments.library(&memory.kept());
    let host = Host::new(memory, library, arguments.files);
    let builder = tauri::Builder::default();
    #[cfg(not(target_os = "linux"))]
    let builder = builder.plugin(tauri_plugin_notification::init());
    let app = builder
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_opener::Builder::new().open_js_links_on_click(false).build())
        .manage(host)
        .manage(logging)
        .menu(menu::build)
        .on_menu_event(|app, event| menu::chosen(app, &event))
        .on_window_event(window::happened)
        .invoke_handler(tauri::generate_handler![call])
        .setup(|app| {
            // While the web view comes up, the library does.
            let opening = app.handle().clone();
            tauri::async_runtime::spawn(async move { opening.state::<Host>().open(&opening).await });
            window::open(app)?;
            Ok(())
        })
        .build(tauri::generate_context!())
        .map_err(|e| failed(format!("Mailscope could not open its window: {e}.")))?;
    let front = Window(app.handle().clone());
    let answering = place.map(|place| tauri::async_runtime::spawn(place.answer(front)));
    app.run(move |app, event| match event {
        // From here on a new start must open a window of its own: this one would take its files and end without them.
        RunEvent::ExitRequested { .. } => {
            if let Some(answering) = &answering {
                answering.abort();
            }
        }
        // There a double click comes as an event, not as an argument of a second start.
        #[cfg(target_os = "macos")]
        RunEvent::Opened { urls } => {
            Window(app.clone()).take(urls.iter().filter_map(|url| url.to_file_path().ok()).collect());
        }
        RunEvent::Exit => {
            app.state::<Host>().shutdown();
            drag_out::clear();
        }
        _ => {}
    });
    Ok(())
}

fn failed(sentence: String) -> (String, u8) {
    (sentence, 1)
}

/// Runs a command of the API: `request` and the answer are JSON.
#[tauri::command]
async fn call(
    app: AppHandle,
    host: State<'_, Host>,
    name: String,
    request: String,
) -> Result<String, ApiError> {
    host.call(&app, name, request).await
}

/// The window that a second start hands its files to.
#[derive(Clone)]
struct Window(AppHandle);

impl Front for Window {
    /// Asks the event loop: one that hangs shows nobody anything.
    async fn come(&self) -> bool {
        let (came, coming) = oneshot::channel();
        let app = self.0.clone();
        let asked = self.0.run_on_main_thread(move || {
            // Nobody waits for it any more.
            let _ = came.send(window::focus(&app));
        });
        asked.is_ok() && coming.await.unwrap_or(false)
    }

    fn take(&self, files: Vec<PathBuf>) {
        let app = self.0.clone();
        tauri::async_runtime::spawn(async move { app.state::<Host>().import(&app, files).await });
    }
}
