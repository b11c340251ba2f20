//! Files and folders that are taken in again when they change and rest.

use super::Importer;
use crate::error::{Error, Result};
use crate::source;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant, SystemTime};

/// A file is taken in when it did not change for so long: programs write in several steps.
const REST: Duration = Duration::from_secs(2);
/// How often files that changed are looked at.
const LOOK: Duration = Duration::from_millis(500);
/// Changed files that are remembered at a time, however many events come.
const MAX_RESTLESS: usize = 10_000;

/// Watches, on a thread of its own, until it is dropped.
pub struct Watching {
    watched: Arc<Mutex<BTreeSet<PathBuf>>>,
    watcher: Mutex<RecommendedWatcher>,
    // Dropped with the rest, which ends the thread.
    _alive: Sender<PathBuf>,
}

impl Watching {
    /// Begins to watch nothing yet; what changes and rests is given to `importer`.
    ///
    /// # Errors
    /// When the system cannot watch files.
    pub fn start(importer: &Arc<Importer>) -> Result<Self> {
        let (changed, heard) = channel();
        let events = changed.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let Ok(event) = event else { return };
            if matches!(event.kind, EventKind::Access(_)) {
                return;
            }
            for path in event.paths {
                // The other end is gone only when nobody wants to know any more.
                let _ = events.send(path);
            }
        })
        .map_err(|cause| Error::Watch { path: PathBuf::new(), reason: cause.to_string() })?;
        let watched: Arc<Mutex<BTreeSet<PathBuf>>> = Arc::default();
        let (importer, of_thread) = (Arc::downgrade(importer), watched.clone());
        std::thread::Builder::new()
            .name("watch".into())
            .spawn(move || wait(&heard, &importer, &of_thread))
            .map_err(|cause| Error::io("starting a thread to watch", Path::new("files"), cause))?;
        Ok(Self { watched, watcher: Mutex::new(watcher), _alive: changed })
    }

    /// Watches a file, or a folder with everything below it.
    ///
    /// # Errors
    /// When it is not there, or the system watches too much already.
    pub fn add(&self, path: &Path) -> Result<()> {
        let (place, mode) = place(path);
        let mut watcher = self.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = |cause: notify::Error| Error::Watch { path: path.to_owned(), reason: cause.to_string() };
        watcher.watch(place, mode).map_err(failed)?;
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned());
        Ok(())
    }

    /// Watches it no longer.
    pub fn remove(&self, path: &Path) {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.remove(path);
        let here = place(path).0;
        if !watched.iter().any(|other| place(other).0 == here) {
            // It may be gone by itself.
            let _ = self.watcher.lock().unwrap_or_else(PoisonError::into_inner).unwatch(here);
        }
    }
}

/// What the system is asked to watch: of a file its folder, since programs put new files in the place of old ones.
fn place(path: &Path) -> (&Path, RecursiveMode) {
    match path.parent() {
        Some(folder) if !path.is_dir() => (folder, RecursiveMode::NonRecursive),
        _ => (path, RecursiveMode::Recursive),
    }
}

/// A file that changed, as it was when last looked at.
struct Restless {
    since: Instant,
    facts: Option<(u64, Option<SystemTime>)>,
}

fn facts(path: &Path) -> Option<(u64, Option<SystemTime>)> {
    let facts = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    Some((facts.len(), facts.modified().ok()))
}

fn wait(heard: &Receiver<PathBuf>, importer: &Weak<Importer>, watched: &Mutex<BTreeSet<PathBuf>>) {
    let mut restless: HashMap<PathBuf, Restless> = HashMap::new();
    loop {
        let path = match heard.recv_timeout(if restless.is_empty() { REST * 30 } else { LOOK }) {
            Ok(path) => Some(path),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let Some(importer) = importer.upgrade() else { return };
        let concerned = |path: &Path| {
            let watched = watched.lock().unwrap_or_else(PoisonError::into_inner);
            watched.iter().any(|known| path == known || (path.starts_with(known) && known.is_dir()))
        };
        if let Some(path) = path.filter(|path| restless.len() < MAX_RESTLESS && concerned(path)) {
            let facts = facts(&path);
            restless.insert(path, Restless { since: Instant::now(), facts });
        }
        restless.retain(|path, then| {
            if then.since.elapsed() < REST {
                return true;
            }
            let now = facts(path);
            if now.is_none() {
                // It went away; should it come back, there will be another event.
                return false;
            }
            if now != then.facts {
                *then = Restless { since: Instant::now(), facts: now };
                return true;
            }
            match source::check(path).map(|()| importer.start(path, false)) {
                // Again, when the import that runs has ended.
                Ok(Err(Error::AlreadyImporting { .. })) => true,
                Ok(Ok(_)) => false,
                Ok(Err(error)) => {
                    tracing::info!(%error, path = %path.display(), "a changed file is not imported");
                    false
                }
                // Folders hold other files too.
                Err(_) => false,
            }
        });
    }
}
