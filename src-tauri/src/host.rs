//! Holds the service: opens it beside the window, passes calls to it and its events to the pages.

use crate::EVENT;
use mailscope_api::{ApiError, ErrorCode, Event, ImportRequest, ImportStarted, Service, ServiceOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tauri::{AppHandle, Emitter as _};
use tauri_plugin_dialog::{DialogExt as _, MessageDialogKind};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Mutex, broadcast};

/// The command that tries to open the library again after that failed.
const REOPENING: &str = "library";
/// How long a start waits for a library that another process holds: a window that is just being closed lets go of it
/// as soon as its running batch is committed.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often it looks meanwhile.
const LOOK: Duration = Duration::from_millis(100);

/// The service of this window, as far as it could be opened.
pub struct Host {
    library: PathBuf,
    state: Mutex<State>,
}

struct State {
    service: Option<Result<Arc<Service>, ApiError>>,
    /// Files to import as soon as the library is open.
    waiting: Vec<PathBuf>,
}

impl Host {
    /// A host for the library in the folder `library`, which is to import `files` once it is open. Opens nothing yet.
    pub fn new(library: PathBuf, files: Vec<PathBuf>) -> Self {
        Self { library, state: Mutex::new(State { service: None, waiting: files }) }
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
    pub async fn call(&self, app: &AppHandle, name: &str, request: String) -> Result<String, ApiError> {
        let service = self.service(app, name == REOPENING).await?;
        service.call(name.to_owned(), request).await
    }

    /// Imports files that did not come through the pages, now or as soon as the library is open.
    pub async fn import(&self, app: &AppHandle, files: Vec<PathBuf>) {
        if files.is_empty() {
            return;
        }
        self.state.lock().await.waiting.extend(files);
        self.open(app).await;
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
                let opened = open_patiently(&self.library, patience).await;
                if let Ok(service) = &opened {
                    opened_now = true;
                    tauri::async_runtime::spawn(forward(app.clone(), service.subscribe()));
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

async fn open_patiently(library: &Path, patience: Duration) -> Result<Arc<Service>, ApiError> {
    let started = Instant::now();
    loop {
        match open(library.to_owned()).await {
            Err(error) if error.code == ErrorCode::LibraryInUse && started.elapsed() < patience => {
                tokio::time::sleep(LOOK).await;
            }
            outcome => return outcome,
        }
    }
}

async fn open(library: PathBuf) -> Result<Arc<Service>, ApiError> {
    let options = ServiceOptions { library, attachments: true, ..ServiceOptions::default() };
    let opened = tauri::async_runtime::spawn_blocking(move || Service::open(options)).await;
    opened.unwrap_or_else(|fault| {
        Err(ApiError {
            code: ErrorCode::Internal,
            message: "The library could not be opened because of a fault in Mailscope.".to_owned(),
            advice: "Try again; if it happens again, please report it.".to_owned(),
            detail: Some(fault.to_string()),
        })
    })
}

async fn forward(app: AppHandle, mut events: broadcast::Receiver<Event>) {
    loop {
        match events.recv().await {
            // Fails only while the application ends.
            Ok(event) => drop(app.emit(EVENT, event)),
            // What was missed is stale: the next event carries the state of things anew.
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
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
    let misunderstood = |error: serde_json::Error| ApiError {
        code: ErrorCode::Internal,
        message: "The files could not be imported because of a fault in Mailscope.".to_owned(),
        advice: "Drop them on the window instead.".to_owned(),
        detail: Some(error.to_string()),
    };
    let request = serde_json::to_string(&request).map_err(misunderstood)?;
    let answer = Arc::clone(service).call("import".to_owned(), request).await?;
    serde_json::from_str(&answer).map_err(misunderstood)
}
