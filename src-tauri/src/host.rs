//! Holds the service: opens it beside the window, passes calls to it and its events to the pages, and changes it for that of
//! another library.

use crate::desk::Desk;
use crate::preferences::{Memory, put_first};
use crate::progress::Progress;
use crate::{EVENT, libraries, window};
use mailscope_api::commands::{DESK_NAMES, call_desk};
use mailscope_api::{
    ApiError, ErrorCode, Event, ImportRequest, ImportStarted, Preferences, Service, ServiceOptions,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tauri::{AppHandle, Emitter as _, Manager as _};
use tauri_plugin_dialog::{DialogExt as _, MessageDialogKind};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Mutex, broadcast};

/// The command that tries to open the library again after that failed.
const REOPENING: &str = "library";
/// How long a start waits for a library that another process holds: a window that is just being closed lets go of it
/// as soon as its running batch is committed.
const PATIENCE: Duration = Duration::from_secs(3);

/// The service of this window, as far as it could be opened.
pub struct Host {
    /// What is remembered between starts.
    pub memory: Memory,
    state: Mutex<State>,
    /// Counts the services: events of one that was changed for another reach nobody.
    serial: AtomicU64,
}

struct State {
    library: Chosen,
    service: Option<Result<Arc<Service>, ApiError>>,
    /// Files to import as soon as the library is open.
    waiting: Vec<PathBuf>,
}

/// Which library a window works with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// Its folder.
    pub folder: PathBuf,
    /// Whether the folder is made when it is absent. One that was only remembered may be on a disk that is away.
    pub may_be_made: bool,
}

impl Host {
    /// A host for a library, which is to import `files` once it is open. Opens nothing yet.
    pub fn new(memory: Memory, library: Chosen, files: Vec<PathBuf>) -> Self {
        let state = Mutex::new(State { library, service: None, waiting: files });
        Self { memory, state, serial: AtomicU64::new(0) }
    }

    /// Opens the library; whoever calls meanwhile waits for the outcome.
    pub async fn open(&self, app: &AppHandle) {
        // The outcome is kept, and every call tells it to the pages.
        let _ = self.service(app, false).await;
    }

    /// Runs a command.
    ///
    /// # Errors
    /// What the service says; or, for every command, why the library could not be opened.
    pub async fn call(&self, app: &AppHandle, name: String, request: String) -> Result<String, ApiError> {
        if DESK_NAMES.contains(&name.as_str()) {
            let desk = Desk::new(app.clone());
            let work = move || call_desk(&desk, &name, &request);
            return tauri::async_runtime::spawn_blocking(work).await.unwrap_or_else(|fault| {
                Err(internal("This could not be done because of a fault in Mailscope.", &fault))
            });
        }
        let service = self.service(app, name == REOPENING).await?;
        service.call(name, request).await
    }

    /// Imports files that did not come through the pages, now or as soon as the library is open.
    pub async fn import(&self, app: &AppHandle, files: Vec<PathBuf>) {
        if files.is_empty() {
            return;
        }
        self.state.lock().await.waiting.extend(files);
        self.open(app).await;
    }

    /// The folder of the library that the window works with, or tried to.
    pub async fn library(&self) -> PathBuf {
        self.state.lock().await.library.folder.clone()
    }

    /// The service, where it is open.
    ///
    /// # Errors
    /// Why the library could not be opened.
    pub async fn opened(&self, app: &AppHandle) -> Result<Arc<Service>, ApiError> {
        self.service(app, false).await
    }

    /// Works with the library in `folder` from now on. The one before is closed once this one is open.
    ///
    /// # Errors
    /// Why it could not be opened; the window then stays with the one before.
    pub async fn change(&self, app: &AppHandle, folder: PathBuf) -> Result<(), ApiError> {
        let mut state = self.state.lock().await;
        if state.library.folder == folder && matches!(state.service, Some(Ok(_))) {
            return Ok(());
        }
        let opened = open_patiently(&folder, self.wishes(), PATIENCE).await?;
        let before = state.service.replace(Ok(opened.clone()));
        state.library = Chosen { folder, may_be_made: false };
        self.follow(app, &opened, &state.library.folder);
        drop(state);
        close(before).await;
        tauri::async_runtime::spawn(resume(opened));
        Ok(())
    }

    /// Opens the library again, with what is wished now.
    ///
    /// # Errors
    /// Why it could not be opened; every call then says the same.
    pub async fn reopen(&self, app: &AppHandle) -> Result<(), ApiError> {
        let mut state = self.state.lock().await;
        if !matches!(state.service, Some(Ok(_))) {
            return Ok(());
        }
        close(state.service.take()).await;
        let opened = open_patiently(&state.library.folder, self.wishes(), PATIENCE).await;
        if let Ok(service) = &opened {
            self.follow(app, service, &state.library.folder);
            tauri::async_runtime::spawn(resume(service.clone()));
        }
        state.service.insert(opened).clone().map(drop)
    }

    /// Lets the running work come to a clean end, and closes the library.
    pub fn shutdown(&self) {
        // Not held here unless the library is just being opened; then nothing runs yet.
        if let Ok(mut state) = self.state.try_lock()
            && let Some(Ok(service)) = state.service.take()
        {
            service.shutdown();
        }
    }

    fn wishes(&self) -> Preferences {
        self.memory.kept().wishes.unwrap_or_default()
    }

    /// From now on the window is that of this library.
    fn follow(&self, app: &AppHandle, service: &Arc<Service>, library: &Path) {
        let serial = self.serial.fetch_add(1, Ordering::Relaxed) + 1;
        self.memory.change(|kept| put_first(&mut kept.libraries, library));
        window::set_title(app, libraries::title(library).as_deref());
        tauri::async_runtime::spawn(forward(app.clone(), service.subscribe(), serial, library.to_owned()));
    }

    async fn service(&self, app: &AppHandle, again: bool) -> Result<Arc<Service>, ApiError> {
        let mut state = self.state.lock().await;
        if again && matches!(state.service, Some(Err(_))) {
            state.service = None;
        }
        let mut opened_now = false;
        let service = match &state.service {
            Some(outcome) => outcome.clone()?,
            None => {
                // A person who asks again wants to know how it is now.
                let patience = if again { Duration::ZERO } else { PATIENCE };
                let opened = match libraries::check(&state.library) {
                    Ok(()) => open_patiently(&state.library.folder, self.wishes(), patience).await,
                    Err(away) => Err(away),
                };
                if let Ok(service) = &opened {
                    opened_now = true;
                    self.follow(app, service, &state.library.folder);
                }
                state.service.insert(opened).clone()?
            }
        };
        let files = std::mem::take(&mut state.waiting);
        drop(state);
        if !files.is_empty() || opened_now {
            let (app, service) = (app.clone(), service.clone());
            tauri::async_runtime::spawn(async move {
                if !files.is_empty() {
                    import(app, service.clone(), files).await;
                }
                if opened_now {
                    resume(service).await;
                }
            });
        }
        Ok(service)
    }
}

/// Lets a service come to a clean end, off the event loop.
async fn close(service: Option<Result<Arc<Service>, ApiError>>) {
    if let Some(Ok(service)) = service {
        // A fault in there leaves what the next start mends.
        let _ = tauri::async_runtime::spawn_blocking(move || service.shutdown()).await;
    }
}

async fn open_patiently(
    library: &Path,
    wishes: Preferences,
    patience: Duration,
) -> Result<Arc<Service>, ApiError> {
    let defaults = ServiceOptions::default();
    let options = ServiceOptions {
        library: library.to_owned(),
        attachments: true,
        patience,
        beside: false,
        read_only: true,
        cache: defaults.cache,
        memory_budget: wishes.memory_mb.map_or(defaults.memory_budget, |mb| u64::from(mb) * 1024 * 1024),
        threads: wishes.threads.map_or(0, |threads| threads as usize),
    };
    let opened = tauri::async_runtime::spawn_blocking(move || Service::open(options)).await;
    opened.unwrap_or_else(|fault| {
        Err(internal("The library could not be opened because of a fault in Mailscope.", &fault))
    })
}

fn internal(message: &str, fault: &impl std::fmt::Display) -> ApiError {
    ApiError {
        code: ErrorCode::Internal,
        message: message.to_owned(),
        advice: "Try again; if it happens again, please report it.".to_owned(),
        detail: Some(fault.to_string()),
    }
}

/// Hands the events of one service on: to the pages, to the task bar, and to what is remembered.
async fn forward(app: AppHandle, mut events: broadcast::Receiver<Event>, serial: u64, library: PathBuf) {
    let mut progress = Progress::new(app.clone(), library);
    loop {
        let event = match events.recv().await {
            Ok(event) => event,
            // What was missed is stale: the next event carries the state of things anew.
            Err(RecvError::Lagged(_)) => continue,
            Err(RecvError::Closed) => break,
        };
        if app.state::<Host>().serial.load(Ordering::Relaxed) != serial {
            break;
        }
        if let Event::Job { job } = &event {
            progress.hear(job);
        }
        // Fails only while the application ends.
        let _ = app.emit(EVENT, event);
    }
    progress.clear();
}

/// Goes on with what the last start did not end; jobs tell the rest.
async fn resume(service: Arc<Service>) {
    // What fails is told by the pages when they ask for the same.
    let _ = tauri::async_runtime::spawn_blocking(move || service.resume_unfinished()).await;
}

async fn import(app: AppHandle, service: Arc<Service>, files: Vec<PathBuf>) {
    let paths = files.iter().map(|file| file.to_string_lossy().into_owned()).collect();
    let refused = match request_import(&service, ImportRequest { paths }).await {
        Ok(started) => started.refused.iter().map(|refused| refused.error.to_string()).collect(),
        Err(error) => vec![error.to_string()],
    };
    if !refused.is_empty() {
        let dialog = app.dialog().message(refused.join("\n\n")).title("Mailscope");
        dialog.kind(MessageDialogKind::Warning).show(|_| ());
    }
}

async fn request_import(service: &Arc<Service>, request: ImportRequest) -> Result<ImportStarted, ApiError> {
    let misunderstood = |error: serde_json::Error| {
        internal("The files could not be imported because of a fault in Mailscope.", &error)
    };
    let request = serde_json::to_string(&request).map_err(misunderstood)?;
    let answer = Arc::clone(service).call("import".to_owned(), request).await?;
    serde_json::from_str(&answer).map_err(misunderstood)
}
