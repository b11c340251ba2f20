//! An export from beginning to end, on a thread of its own.

use super::manifest::{Entry, Manifest};
use super::names::{self, Named};
use super::sink::{Done, Sink, appended, mbox};
use super::{ExportRequest, ExportState, ExportView, Format};
use crate::error::{Error, Result};
use crate::fields::State;
use crate::ids::{ItemId, JobId};
use crate::ingest::Shared;
use crate::search;
use crate::source::pst::SEPARATOR;
use crate::source::{self, ItemReader, OpenSource, Opening, Stop};
use crate::store::{ItemRow, Place, SourceRow};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

/// Failures that are remembered with their reasons; the manifest has all of them.
const MAX_FAILURES: usize = 1000;
/// Exports that are remembered.
const MAX_EXPORTS: usize = 200;
/// The manifest is brought to disk after so many items.
const FLUSH_EVERY: u64 = 64;
/// Names the entry of the manifest with the file that is whole.
const WHOLE: &str = "whole";
/// What a reader of a source may cache, in bytes.
const CACHE: usize = 16 * 1024 * 1024;

/// All exports of a library.
#[derive(Default)]
pub struct Exports {
    all: Mutex<Vec<Arc<ExportRecord>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// An export as its thread sees it.
pub struct ExportRecord {
    id: JobId,
    request: ExportRequest,
    started: Instant,
    cancel: AtomicBool,
    planned: AtomicU64,
    written: AtomicU64,
    skipped: AtomicU64,
    partial: AtomicU64,
    failed: AtomicU64,
    bytes: AtomicU64,
    end: Mutex<End>,
}

struct End {
    state: ExportState,
    seconds: f64,
    failures: Vec<(ItemId, String)>,
    error: Option<Arc<Error>>,
}

impl Exports {
    fn all(&self) -> std::sync::MutexGuard<'_, Vec<Arc<ExportRecord>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All exports, oldest first.
    pub fn views(&self) -> Vec<ExportView> {
        self.all().iter().map(|record| record.view()).collect()
    }

    /// An export.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn find(&self, id: JobId) -> Result<Arc<ExportRecord>> {
        self.all()
            .iter()
            .find(|record| record.id == id)
            .cloned()
            .ok_or(Error::NoSuch { what: "export", id: id.0 })
    }

    /// Stops all exports and waits until they have ended.
    pub fn stop(&self) {
        self.all().iter().for_each(|record| record.cancel());
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            let _ = thread.join();
        }
    }
}

/// Begins an export. What is wrong with the query or the folder is said at once.
///
/// # Errors
/// [`Error::BadQuery`]; [`Error::Io`], [`Error::NoSpace`] when the folder cannot be made.
pub fn start(exports: &Exports, shared: &Arc<Shared>, request: ExportRequest) -> Result<Arc<ExportRecord>> {
    let ids = search::chosen_ids(&shared.index, &shared.store, &request.which)?;
    std::fs::create_dir_all(&request.to).map_err(|e| Error::io("making", &request.to, e))?;
    let mut all = exports.all();
    let id = JobId(all.last().map_or(1, |last| last.id.0 + 1));
    let record = Arc::new(ExportRecord::new(id, request));
    if all.len() >= MAX_EXPORTS
        && let Some(ended) = all.iter().position(|record| record.view().state != ExportState::Running)
    {
        all.remove(ended);
    }
    all.push(record.clone());
    drop(all);
    let (shared, running) = (shared.clone(), record.clone());
    let thread = std::thread::Builder::new().name(format!("export-{}", id.0)).spawn(move || {
        // A fault in one export must not take the window with it.
        let attempt =
            std::panic::AssertUnwindSafe(|| Run::new(&shared, &running).and_then(|run| run.all(ids)));
        let result = std::panic::catch_unwind(attempt)
            .unwrap_or_else(|_| Err(Error::Internal("writing the export failed".into())));
        running.finish(result);
    });
    match thread {
        Ok(thread) => exports.threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread),
        Err(cause) => record.finish(Err(Error::io("starting a thread for", &record.request.to, cause))),
    }
    Ok(record)
}

impl ExportRecord {
    fn new(id: JobId, request: ExportRequest) -> Self {
        let end = End { state: ExportState::Running, seconds: 0.0, failures: Vec::new(), error: None };
        Self {
            id,
            request,
            started: Instant::now(),
            cancel: AtomicBool::new(false),
            planned: AtomicU64::new(0),
            written: AtomicU64::new(0),
            skipped: AtomicU64::new(0),
            partial: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            end: Mutex::new(end),
        }
    }

    /// Asks it to stop.
    pub fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }

    fn end(&self) -> std::sync::MutexGuard<'_, End> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn finish(&self, result: Result<()>) {
        let mut end = self.end();
        end.seconds = self.started.elapsed().as_secs_f64();
        (end.state, end.error) = match result {
            Ok(()) => (ExportState::Done, None),
            Err(Error::Cancelled) => (ExportState::Cancelled, None),
            Err(error) => (ExportState::Failed, Some(Arc::new(error))),
        };
    }

    fn fail(&self, id: ItemId, reason: String) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        self.tell(id, reason);
    }

    /// Written, but for what the reason says.
    fn in_part(&self, id: ItemId, reason: String) {
        self.partial.fetch_add(1, Ordering::Relaxed);
        self.tell(id, reason);
    }

    fn tell(&self, id: ItemId, reason: String) {
        let mut end = self.end();
        if end.failures.len() < MAX_FAILURES {
            end.failures.push((id, reason));
        }
    }

    /// Its state now.
    pub fn view(&self) -> ExportView {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let end = self.end();
        ExportView {
            id: self.id,
            format: self.request.format,
            to: self.request.to.clone(),
            state: end.state,
            planned: read(&self.planned),
            written: read(&self.written),
            skipped: read(&self.skipped),
            partial: read(&self.partial),
            failed: read(&self.failed),
            bytes: read(&self.bytes),
            seconds: match end.state {
                ExportState::Running => self.started.elapsed().as_secs_f64(),
                _ => end.seconds,
            },
            failures: end.failures.clone(),
            error: end.error.clone(),
        }
    }
}

struct Run<'a> {
    shared: &'a Shared,
    record: &'a ExportRecord,
    manifest: Manifest,
    sources: HashMap<i64, SourceRow>,
    /// Where the items of each folder are written, and the names from the top of its source to it, parted by [`SEPARATOR`].
    folders: HashMap<i64, (String, String)>,
    since_flush: u64,
}

impl<'a> Run<'a> {
    fn new(shared: &'a Shared, record: &'a ExportRecord) -> Result<Self> {
        let path = record.request.to.join(format!("manifest-{}.jsonl", record.request.format.name()));
        let sources: HashMap<i64, SourceRow> =
            shared.store.sources()?.into_iter().map(|source| (source.id.0, source)).collect();
        let folders = folders(shared, &sources)?;
        Ok(Self { shared, record, manifest: Manifest::open(&path)?, sources, folders, since_flush: 0 })
    }

    fn all(mut self, ids: Vec<i64>) -> Result<()> {
        let mut places = self.shared.store.places(&ids)?;
        drop(ids);
        // One source after the other, one folder after the other, items in the order in which they were read.
        places.sort_unstable_by_key(|place| (place.source, place.folder, place.id));
        let format = self.record.request.format;
        if format == Format::Attachments {
            places.retain(|place| place.attachments > 0);
        }
        self.record.planned.store(places.len() as u64, Ordering::Relaxed);
        if let Some(path) = self.in_the_way(&places)? {
            self.manifest.discard();
            return Err(Error::WouldOverwrite { path });
        }
        if let Some(name) = format.whole() {
            let plan = self.plan(&places)?;
            let same = self.manifest.known(&plan).is_some();
            let is_whole = self.manifest.known(WHOLE).is_some_and(|entry| {
                let there = |name: &str| std::fs::metadata(self.record.request.to.join(name));
                entry.files.iter().all(|w| there(&w.file).is_ok_and(|facts| facts.len() == w.bytes))
            });
            if same && is_whole && self.manifest.entries().all(|entry| entry.losses.is_empty()) {
                self.record.skipped.store(places.len() as u64, Ordering::Relaxed);
                return Ok(());
            }
            // Another answer is another file. Only a table that was stopped is gone on with.
            let goes_on = same && format.is_appended() && self.manifest.known(WHOLE).is_none();
            if !goes_on {
                let begun = appended(&self.record.request.to, format, name);
                if format.is_appended() && begun.exists() {
                    std::fs::remove_file(&begun).map_err(|e| Error::io("removing", &begun, e))?;
                }
                self.manifest.clear()?;
                self.manifest.add(&Entry { item: plan, ..Entry::default() })?;
            }
        }
        let mut sink =
            Sink::new(format, &self.record.request.to, self.sources.len() > 1, &mut self.manifest)?;
        let mut result = Ok(());
        for group in places.chunk_by(|a, b| a.source == b.source) {
            result = self.source(group, &mut sink);
            if result.is_err() {
                break;
            }
        }
        match result {
            Ok(()) => {
                let files = sink.finish()?;
                if !files.is_empty() {
                    // The lines of a table were counted one by one.
                    if !format.is_appended() {
                        let bytes = files.iter().map(|file| file.bytes).sum();
                        self.record.bytes.fetch_add(bytes, Ordering::Relaxed);
                    }
                    let entry = Entry { id: 0, item: WHOLE.into(), files, losses: Vec::new() };
                    self.manifest.add(&entry)?;
                }
                self.manifest.flush()
            }
            Err(error) => {
                if sink.give_up() {
                    // Nothing of it is left.
                    for written in [&self.record.written, &self.record.partial] {
                        self.record.failed.fetch_add(written.swap(0, Ordering::Relaxed), Ordering::Relaxed);
                    }
                    self.manifest.clear()?;
                }
                self.manifest.flush()?;
                Err(error)
            }
        }
    }

    /// Items of one source; it is opened for those that need it.
    fn source(&mut self, group: &[Place], sink: &mut Sink) -> Result<()> {
        let row = group.first().and_then(|place| self.sources.get(&place.source));
        let opened: Result<Box<dyn OpenSource>, String> = match row {
            Some(row) if sink.needs_source() => {
                source::open(&row.path, Opening::Whole, Stop::never()).map_err(|problem| problem.to_string())
            }
            _ => Err("its file is not looked at".into()),
        };
        let mut reader = opened.as_ref().map(|source| source.reader(CACHE)).map_err(String::clone);
        for place in group {
            if self.record.cancel.load(Ordering::Relaxed) {
                return Err(Error::Cancelled);
            }
            let identity = self.identity(place);
            if let Some(entry) = self.manifest.known(&identity)
                && sink.holds(entry)
            {
                match entry.losses.first() {
                    None => {
                        self.record.skipped.fetch_add(1, Ordering::Relaxed);
                    }
                    Some(reason) => self.record.in_part(ItemId(place.id), reason.clone()),
                }
                continue;
            }
            let item = match self.shared.store.item(ItemId(place.id)) {
                Ok(item) => item,
                Err(Error::NoSuch { .. }) => {
                    self.record.fail(ItemId(place.id), "It was removed from the library meanwhile.".into());
                    continue;
                }
                Err(error) => return Err(error),
            };
            let reader = match &mut reader {
                Ok(reader) => {
                    let reader: &mut dyn ItemReader = reader.as_mut();
                    Ok(reader)
                }
                Err(reason) => Err(reason.clone()),
            };
            self.one(&item, identity, reader, sink)?;
        }
        Ok(())
    }

    fn one(
        &mut self,
        item: &ItemRow,
        identity: String,
        reader: Result<&mut dyn ItemReader, String>,
        sink: &mut Sink,
    ) -> Result<()> {
        let place = self.folders.get(&item.folder_id.0).cloned().unwrap_or_default();
        let Done { files, losses, nothing } = sink.write(item, &place.0, &place.1, reader)?;
        let bytes = files.iter().map(|file| file.bytes).sum();
        self.record.bytes.fetch_add(bytes, Ordering::Relaxed);
        match losses.first() {
            None => {
                self.record.written.fetch_add(1, Ordering::Relaxed);
            }
            Some(reason) if nothing => self.record.fail(item.hit.id, reason.clone()),
            Some(reason) => self.record.in_part(item.hit.id, reason.clone()),
        }
        self.manifest.add(&Entry { id: item.hit.id.0, item: identity, files, losses })?;
        self.since_flush += 1;
        if self.since_flush >= FLUSH_EVERY {
            self.since_flush = 0;
            sink.flush()?;
            self.manifest.flush()?;
        }
        Ok(())
    }

    /// A file that no export has written, where this one is to write.
    fn in_the_way(&self, places: &[Place]) -> Result<Option<PathBuf>> {
        let (format, to) = (self.record.request.format, &self.record.request.to);
        if let Some(path) = format.whole().map(|name| to.join(name))
            && is_source(&path, &self.sources)
        {
            return Err(Error::WouldOverwriteSource { path });
        }
        if !self.manifest.is_new() {
            return Ok(None);
        }
        let names = match format.whole() {
            Some(name) => vec![name.to_owned()],
            None if format == Format::Mbox => {
                let folders = places.chunk_by(|a, b| a.folder == b.folder).filter_map(|group| group.first());
                folders.filter_map(|place| Some(mbox(&self.folders.get(&place.folder)?.0))).collect()
            }
            None => Vec::new(),
        };
        let is_there = |path: &PathBuf| std::fs::metadata(path).is_ok_and(|facts| facts.len() > 0);
        Ok(names.iter().map(|name| to.join(name)).find(is_there))
    }

    /// Names the entry of the manifest that tells which answer a file holds: the same items in the same state, of which the library says
    /// the same.
    fn plan(&self, places: &[Place]) -> Result<String> {
        let mut digest = blake3::Hasher::new();
        let mut tell = |text: &str| {
            digest.update(text.as_bytes()).update(&[0]);
        };
        for place in places {
            tell(&place.id.to_string());
            tell(&self.identity(place));
            if let Some((_, path)) = self.folders.get(&place.folder) {
                tell(path);
            }
        }
        if self.record.request.format.is_table() {
            let store = &self.shared.store;
            tell(&format!("{} {}", store.last_batch()?, store.last_action()?));
            for state in [State::Gone, State::Recovered] {
                tell(&format!("{:?}", store.items_in_state(state)?));
            }
        }
        Ok(format!("plan {}", &digest.finalize().to_hex()[..32]))
    }

    /// What tells an item in its state from all others, in any library.
    fn identity(&self, place: &Place) -> String {
        let path =
            self.sources.get(&place.source).map(|source| source.path.to_string_lossy()).unwrap_or_default();
        format!("{path}#{:x}@{:x}.{:x}", place.key, place.version.data, place.version.sub)
    }
}

/// A place below the export's folder for each folder of the library: first its source, then the folders of the source.
fn folders(shared: &Shared, sources: &HashMap<i64, SourceRow>) -> Result<HashMap<i64, (String, String)>> {
    let rows = shared.store.folders(None)?;
    let mut taken = std::collections::HashSet::new();
    let mut order: Vec<&SourceRow> = sources.values().collect();
    order.sort_unstable_by_key(|source| source.id);
    let mut paths = HashMap::new();
    for source in order {
        let root = names::attachment(&source.name, &mut taken);
        let named: Vec<Named> = rows
            .iter()
            .filter(|row| row.source == source.id)
            .map(|row| Named { id: row.id.0, parent: row.parent.map(|id| id.0), name: row.name.clone() })
            .collect();
        paths.extend(names::folders(&named, &root));
    }
    let above: HashMap<i64, (Option<i64>, &str)> =
        rows.iter().map(|row| (row.id.0, (row.parent.map(|id| id.0), row.name.as_str()))).collect();
    Ok(rows
        .iter()
        .filter_map(|row| Some((row.id.0, (paths.remove(&row.id.0)?, names_from_top(row.id.0, &above)))))
        .collect())
}

/// The names of a folder and those above it.
fn names_from_top(id: i64, above: &HashMap<i64, (Option<i64>, &str)>) -> String {
    let mut names = Vec::new();
    let mut next = Some(id);
    while let Some((parent, name)) = next.and_then(|id| above.get(&id)) {
        names.push(name.replace(SEPARATOR, " "));
        // No more folders can lie above each other than there are.
        next = parent.filter(|_| names.len() < above.len());
    }
    names.reverse();
    names.join(&SEPARATOR.to_string())
}

/// Whether `path` is one of the sources' files, which are never written to.
pub(super) fn is_source(path: &Path, sources: &HashMap<i64, SourceRow>) -> bool {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    sources.values().any(|source| source.path == real)
}
