//! The library: one folder with SQLite, the index and a lock, open in one process at a time.

mod answers;
mod attachments;
mod conversations;
mod exports;
mod jobs;
mod report;
mod review;

pub use conversations::{Conversation, Message as ConversationMessage};

use crate::contents::{Reading, Stage};
use crate::error::{Error, Result};
use crate::export::Exports;
use crate::export::eml::eml;
use crate::fields::TextField;
use crate::ids::{ItemId, JobId, SourceId};
use crate::index::Index;
use crate::ingest::{Importer, JobView, Message, Notice, Point, Shared, Watching, Writer, now, on_writer};
use crate::monitor::{Monitor, Sample, Stages, Totals};
use crate::query;
use crate::search::{self, Page};
use crate::source::{self, Detail, OpenSource, Opener, SourceItem};
use crate::store::{FolderRow, ItemFacts, ItemRow, LossRow, SourceRow, Store, StoreMemory};
use crate::text::marks::Highlights;
use crate::verify::{Verified, verify};
use rusqlite::ErrorCode as C;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufWriter, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// The default budget of the whole process, in bytes.
pub const DEFAULT_MEMORY: u64 = 512 * 1024 * 1024;
/// Source files kept open for showing items.
const MAX_OPEN_SOURCES: usize = 4;
/// Of a list of losses, at most this many are given.
const MAX_LOSSES: u32 = 10_000;
/// Workers, however many are asked for.
const MAX_THREADS: usize = 256;
/// Connections for reading.
const READERS: u32 = 4;

/// How a library is opened.
pub struct LibraryOptions {
    /// Its folder; made if absent.
    pub folder: PathBuf,
    /// Budget of the whole process, in bytes.
    pub memory: u64,
    /// Workers that read items; 0 for one per core.
    pub threads: usize,
    /// The most pages that SQLite may fill; `None` for as many as the disk holds.
    pub max_pages: Option<u32>,
    /// Told of commits and of jobs that change state. Must return quickly.
    pub notify: Box<dyn Fn(Notice) + Send + Sync>,
    /// How the text of attached files is read; `None` for not at all.
    pub attachments: Option<Reading>,
    /// How files become sources.
    pub open: Opener,
    /// Told of each step of an import, on the thread that takes it, which waits meanwhile.
    pub observe: Box<dyn Fn(Point) + Send + Sync>,
}

impl LibraryOptions {
    /// The library in `folder` with the default budget.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            memory: DEFAULT_MEMORY,
            threads: 0,
            max_pages: None,
            notify: Box::new(|_| {}),
            attachments: None,
            open: Box::new(source::open),
            observe: Box::new(|_| {}),
        }
    }
}

/// How the budget is shared out.
#[derive(Debug, Clone, Copy)]
struct Budget {
    queue: usize,
    index_queue: usize,
    index: usize,
    store: StoreMemory,
    source_caches: usize,
}

impl Budget {
    fn of(memory: u64) -> Self {
        let share = |percent: u64| usize::try_from(memory / 100 * percent).unwrap_or(usize::MAX);
        Self {
            queue: share(9),
            index_queue: share(6),
            index: share(25).max(16 * 1024 * 1024),
            store: StoreMemory { writer: share(6), readers: share(5) },
            source_caches: share(12),
        }
    }
}

/// A library that is open.
pub struct Library {
    folder: PathBuf,
    memory: u64,
    shared: Arc<Shared>,
    importer: Arc<Importer>,
    stage: Option<Stage>,
    monitor: Monitor,
    writer: Mutex<Option<std::thread::JoinHandle<()>>>,
    cache_per_reader: usize,
    opened: Mutex<HashMap<SourceId, Opened>>,
    bytes: AtomicU64,
    exports: Exports,
    directory: Mutex<answers::LastDirectory>,
    /// Made when first needed.
    watching: Mutex<Option<Watching>>,
    _lock: File,
}

struct Opened {
    source: Arc<dyn OpenSource>,
    size: u64,
    modified: Option<std::time::SystemTime>,
    used: Instant,
}

/// An item with what its file adds to what the library keeps.
pub struct Shown {
    /// What the library keeps.
    pub row: ItemRow,
    /// What it keeps beside the row.
    pub facts: ItemFacts,
    /// What the file gave; without it only the library's part can be shown.
    pub detail: Option<Detail>,
    /// Why the file gave nothing.
    pub away: Option<String>,
    /// HTML made safe and marked: a whole document.
    pub html: Option<String>,
    /// Remote pictures and the like that were taken out.
    pub remote_blocked: u32,
    /// What to mark in its text.
    pub highlights: Highlights,
}

impl Library {
    /// Opens or makes a library.
    ///
    /// # Errors
    /// [`Error::LibraryInUse`] while another process (or another [`Library`] here) has it open; [`Error::LibraryUnusable`] when it is
    /// of a later version or damaged; [`Error::NoSpace`], [`Error::Io`].
    pub fn open(options: LibraryOptions) -> Result<Self> {
        let folder = options.folder;
        std::fs::create_dir_all(&folder).map_err(|e| Error::io("making", &folder, e))?;
        let lock = lock(&folder)?;
        let budget = Budget::of(options.memory);
        let database = folder.join("library.sqlite");
        let (store, store_writer) =
            Store::open(&database, budget.store, READERS).map_err(|error| match error {
                Error::Sqlite(e)
                    if matches!(e.sqlite_error_code(), Some(C::NotADatabase | C::DatabaseCorrupt)) =>
                {
                    Error::LibraryUnusable { path: folder.clone(), reason: "its database is damaged".into() }
                }
                other => other.with_library(&folder),
            })?;
        if let Some(pages) = options.max_pages {
            store_writer.limit_pages(pages)?;
        }
        let index = open_index(&folder.join("index"), store_writer.last_batch()?)
            .map_err(|error| error.with_library(&folder))?;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let threads = if options.threads == 0 { cores } else { options.threads.min(MAX_THREADS) };
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|n| format!("extract-{n}"))
            .build()
            .map_err(|e| Error::Internal(format!("no worker threads: {e}")))?;
        let shared = Arc::new(Shared {
            folder: folder.clone(),
            store,
            index,
            generation: AtomicU64::new(1),
            items: AtomicU64::new(0),
            stages: Stages::default(),
            queue: crate::ingest::ByteQueue::new(budget.queue),
            notify: options.notify,
            open: options.open,
            observe: options.observe,
            index_memory: budget.index,
            index_threads: cores.div_ceil(2).min(4),
            index_queue: budget.index_queue,
        });
        let writer = Writer::new(shared.clone(), store_writer)?;
        let writer = std::thread::Builder::new()
            .name("writer".into())
            .spawn({
                let leaving = Leaving(shared.clone());
                move || {
                    // Dropped at the end, also at a bad one: nobody must wait for a writer that is gone.
                    let _leaving = leaving;
                    writer.run();
                }
            })
            .map_err(|e| Error::io("starting a thread for", &folder, e))?;
        // A library of an earlier version, or one whose last process did not end well, is behind with this.
        let behind = Message::Run(Box::new(|writer: &mut Writer| {
            if let Err(error) = writer.relate() {
                tracing::warn!(%error, "what belongs together is found by the next start");
            }
        }));
        // Refused only by a writer that has ended.
        let _ = shared.queue.push(behind, 0);
        let cache_per_reader = budget.source_caches / threads.max(1);
        let importer = Importer::new(shared.clone(), Arc::new(pool), cache_per_reader);
        let stage = options
            .attachments
            .map(|reading| Stage::start(shared.clone(), importer.clone(), reading, cache_per_reader));
        Ok(Self {
            stage: stage.transpose()?,
            folder,
            memory: options.memory,
            shared,
            importer,
            monitor: Monitor::default(),
            writer: Mutex::new(Some(writer)),
            cache_per_reader,
            opened: Mutex::default(),
            bytes: AtomicU64::new(0),
            exports: Exports::default(),
            directory: Mutex::default(),
            watching: Mutex::default(),
            _lock: lock,
        })
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The budget of the process, in bytes.
    pub fn memory_budget(&self) -> u64 {
        self.memory
    }

    /// Grows with each commit that became searchable.
    pub fn generation(&self) -> u64 {
        self.shared.generation.load(Ordering::Relaxed)
    }

    /// Bytes that wait for the writer, and how many may.
    pub fn queue(&self) -> (usize, usize) {
        (self.shared.queue.bytes(), self.shared.queue.capacity())
    }

    /// Starts importing the files that `paths` stand for. Each path (or file found in a folder) is answered for itself.
    pub fn import(&self, paths: &[PathBuf]) -> Vec<(PathBuf, Result<JobId>)> {
        let mut answers = Vec::new();
        // Folders that overlap, and a file beside its folder, name the same file several times; it is one all the same.
        let mut seen = HashSet::new();
        for path in paths {
            match source::find_sources(path) {
                Ok(files) => {
                    let new = files
                        .into_iter()
                        .filter(|file| file.canonicalize().map_or(true, |absolute| seen.insert(absolute)));
                    answers.extend(new.map(|file| {
                        let started = self.check_and_start(&file);
                        (file, started)
                    }));
                }
                Err(problem) => {
                    answers.push((path.clone(), Err(Error::Source { path: path.clone(), problem })))
                }
            }
        }
        answers
    }

    /// Opens the file once before it becomes a job, so that what is no Outlook file is refused at once and leaves no trace.
    fn check_and_start(&self, file: &Path) -> Result<JobId> {
        source::check(file).map_err(|problem| Error::Source { path: file.to_owned(), problem })?;
        self.importer.start(file, false)
    }

    /// All jobs, oldest first.
    pub fn jobs(&self) -> Vec<JobView> {
        self.importer.views()
    }

    /// A job.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn job(&self, id: JobId) -> Result<JobView> {
        self.importer.job(id)
    }

    /// Asks a job to stop.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn cancel(&self, id: JobId) -> Result<JobView> {
        self.importer.cancel(id)
    }

    /// Waits until no job waits or runs.
    pub fn wait_idle(&self) {
        self.importer.wait_idle();
    }

    /// All sources.
    ///
    /// # Errors
    /// SQLite's.
    pub fn sources(&self) -> Result<Vec<SourceRow>> {
        self.shared.store.sources()
    }

    /// Folders of a source, or of all.
    ///
    /// # Errors
    /// SQLite's.
    pub fn folders(&self, source: Option<SourceId>) -> Result<Vec<FolderRow>> {
        self.shared.store.folders(source)
    }

    /// Items of the library.
    ///
    /// # Errors
    /// SQLite's.
    pub fn total_items(&self) -> Result<u64> {
        self.shared.store.total_items()
    }

    /// Failures and oddities of a source.
    ///
    /// # Errors
    /// SQLite's.
    pub fn losses(&self, source: SourceId) -> Result<(Vec<LossRow>, Vec<LossRow>)> {
        self.shared.store.losses(source, MAX_LOSSES)
    }

    /// Forgets a source. Its file is not touched.
    ///
    /// # Errors
    /// [`Error::NoSuch`]; [`Error::AlreadyImporting`] while it is being read.
    pub fn remove(&self, source: SourceId) -> Result<()> {
        let row = self.source(source)?;
        if self.importer.views().iter().any(|job| job.source == Some(source) && !job.state.is_final()) {
            return Err(Error::AlreadyImporting { path: row.path });
        }
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).remove(&source);
        on_writer(&self.shared, move |writer| {
            writer.remove_source(source)?;
            writer.relate()
        })
    }

    fn source(&self, id: SourceId) -> Result<SourceRow> {
        self.sources()?
            .into_iter()
            .find(|source| source.id == id)
            .ok_or(Error::NoSuch { what: "source", id: id.0 })
    }

    /// Answers a query.
    ///
    /// # Errors
    /// See [`search::search`].
    pub fn search(&self, request: &search::Request) -> Result<Page> {
        let started = Instant::now();
        let page = answers::guarded(|| search::search(&self.shared.index, &self.shared.store, request))?;
        self.monitor.searched(started.elapsed());
        Ok(page)
    }

    /// An item, or the message embedded in it at `path`, with `query`'s words marked.
    ///
    /// # Errors
    /// [`Error::NoSuch`]; [`Error::SourceAway`] for an embedded message whose file cannot be read.
    pub fn show(&self, id: ItemId, path: &[u32], query: Option<&str>) -> Result<Shown> {
        let row = self.shared.store.item(id)?;
        let facts = self.shared.store.facts(id)?;
        let highlights = match query.map(query::parse) {
            Some(Ok(parsed)) => query::highlights(&parsed, Some(TextField::Body), query.map(str::len)),
            _ => Highlights::default(),
        };
        let detail = self
            .open_source(&row)
            .and_then(|source| source.reader(self.cache_per_reader).detail(row.key, row.version, path));
        let (detail, away) = match detail {
            Ok(detail) => (Some(detail), None),
            Err(reason) if path.is_empty() => (None, Some(reason)),
            Err(reason) => return Err(Error::SourceAway { path: row.source_path, reason }),
        };
        let safe = detail.as_ref().and_then(|detail| {
            detail.html.as_deref().map(|html| crate::view::sanitize(html, &detail.inline))
        });
        let html =
            safe.as_ref().map(|safe| crate::view::document(&crate::view::mark_html(&safe.body, &highlights)));
        let remote_blocked = safe.map_or(0, |safe| safe.remote_blocked);
        Ok(Shown { row, facts, detail, away, html, remote_blocked, highlights })
    }

    /// The item itself as its file has it now.
    pub fn live_item<'a>(&self, shown: &'a Shown) -> Option<&'a SourceItem> {
        shown.detail.as_ref().and_then(|detail| detail.item.as_ref())
    }

    /// Copies an attachment into the file `to`; gives its size. An embedded message becomes RFC 5322. A file that is there already is replaced only when all was written.
    ///
    /// # Errors
    /// [`Error::NoSuch`], [`Error::SourceAway`], [`Error::WouldOverwriteSource`], [`Error::NoSpace`], [`Error::Io`].
    pub fn save_attachment(&self, id: ItemId, path: &[u32], to: &Path) -> Result<u64> {
        let row = self.shared.store.item(id)?;
        let target = to.canonicalize().unwrap_or_else(|_| to.to_owned());
        if self.sources()?.iter().any(|source| source.path == target) {
            return Err(Error::WouldOverwriteSource { path: to.to_owned() });
        }
        let away = |reason| Error::SourceAway { path: row.source_path.clone(), reason };
        let source = self.open_source(&row).map_err(away)?;
        let folder = to.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut name = to.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let part = folder.join(name);
        let file = File::create(&part).map_err(|e| Error::io("writing", &part, e))?;
        let mut out = Recorder { file, failed: None };
        let mut reader = source.reader(self.cache_per_reader);
        let is_message = row.attachments.iter().any(|facts| facts.path == path && facts.method == "message");
        let copied = if is_message {
            let mut lines = BufWriter::new(&mut out);
            let written = eml(reader.as_mut(), row.key, row.version, path, &mut lines)
                .and_then(|_| Ok(lines.flush()?))
                .map_err(|stop| stop.to_string());
            drop(lines);
            written.and_then(|()| out.file.stream_position().map_err(|error| error.to_string()))
        } else {
            reader.attachment(row.key, path, &mut out)
        };
        let result = match (copied, out.failed.take()) {
            (_, Some(cause)) => Err(Error::io("writing", to, cause)),
            (Err(reason), None) => Err(away(reason)),
            (Ok(bytes), None) => out.file.sync_all().map(|()| bytes).map_err(|e| Error::io("writing", to, e)),
        };
        let result = result.and_then(|bytes| {
            std::fs::rename(&part, to).map(|()| bytes).map_err(|e| Error::io("writing", to, e))
        });
        if result.is_err() {
            let _ = std::fs::remove_file(&part);
        }
        result
    }

    /// The item's file, opened or still open from last time; the reason where it cannot serve.
    fn open_source(&self, row: &ItemRow) -> Result<Arc<dyn OpenSource>, String> {
        let facts = std::fs::metadata(&row.source_path).map_err(|e| format!("The file is away: {e}."))?;
        let (size, modified) = (facts.len(), facts.modified().ok());
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = opened.get_mut(&row.source_id)
            && open.size == size
            && open.modified == modified
        {
            open.used = Instant::now();
            return Ok(open.source.clone());
        }
        let source: Arc<dyn OpenSource> =
            (self.shared.open)(&row.source_path).map_err(|problem| problem.to_string())?.into();
        if opened.len() >= MAX_OPEN_SOURCES
            && let Some(oldest) = opened.iter().min_by_key(|(_, open)| open.used).map(|(id, _)| *id)
        {
            opened.remove(&oldest);
        }
        opened.insert(row.source_id, Opened { source: source.clone(), size, modified, used: Instant::now() });
        Ok(source)
    }

    /// Waits until the index holds all that SQLite held when the library was opened, after a crash or when the index was lost. Until
    /// then a search may miss what is there.
    ///
    /// # Errors
    /// Why the index cannot be brought up to date; searches go on and answer from what it has.
    pub fn settle(&self) -> Result<()> {
        on_writer(&self.shared, |writer| writer.settle_index())
    }

    /// Compares both stores and the accounts; with `repair`, builds the index anew where that mends what was found, and compares
    /// again. Waits for the batch that is being written.
    ///
    /// # Errors
    /// The stores'.
    pub fn verify(&self, repair: bool) -> Result<Verified> {
        let shared = self.shared.clone();
        on_writer(&self.shared, move |writer| {
            writer.commit()?;
            writer.settle_index()?;
            writer.relate()?;
            let found = verify(&shared.store, &shared.index)?;
            if !repair || !found.problems.iter().any(|problem| problem.repairable) {
                return Ok(found);
            }
            writer.rebuild_index()?;
            verify(&shared.store, &shared.index)
        })
    }

    /// Takes a sample of the process and its work.
    pub fn sample(&self) -> Sample {
        let bytes: u64 = self.importer.views().iter().map(|job| job.bytes).sum();
        // Jobs that are forgotten must not make the total fall.
        let bytes = self.bytes.fetch_max(bytes, Ordering::Relaxed).max(bytes);
        let items = self.shared.items.load(Ordering::Relaxed);
        self.monitor.sample(Totals { items, bytes, stages: self.stages() })
    }

    /// Seconds that imports spent in each [`crate::monitor::Stage`] since the library was opened, all threads together.
    pub fn stages(&self) -> [f64; crate::monitor::Stage::ALL.len()] {
        self.shared.stages.seconds()
    }

    /// Samples of the last two minutes, oldest first.
    pub fn samples(&self) -> Vec<Sample> {
        self.monitor.history()
    }

    /// Stops jobs at a clean point and closes the stores. Nothing can be imported afterwards.
    pub fn close(&self) {
        self.exports.stop();
        self.watching.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.importer.stop();
        if let Some(stage) = &self.stage {
            stage.stop();
        }
        self.shared.queue.close();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer
            && writer.join().is_err()
        {
            tracing::error!("the writer ended with a fault");
        }
        tracing::debug!(at = now(), "library closed");
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        self.close();
    }
}

struct Leaving(Arc<Shared>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.queue.abandon();
    }
}

/// Remembers why writing failed, which the reader of a source can only tell in words.
struct Recorder {
    file: File,
    failed: Option<std::io::Error>,
}

impl std::io::Write for Recorder {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.write(bytes).map_err(|error| {
            let told = std::io::Error::from(error.kind());
            self.failed = Some(error);
            told
        })
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

fn lock(folder: &Path) -> Result<File> {
    let path = folder.join("lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .read(true)
        .open(&path)
        .map_err(|e| Error::io("opening", &path, e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(Error::LibraryInUse { path: folder.to_owned() }),
        Err(std::fs::TryLockError::Error(cause)) => Err(Error::io("locking", &path, cause)),
    }
}

/// Opens the index; one that knows of batches that SQLite lost (it was restored from a copy) is thrown away and rebuilt.
fn open_index(folder: &Path, last_batch: i64) -> Result<Index> {
    let index = Index::open(folder)?;
    if index.last_batch()?.unwrap_or(0) <= last_batch {
        return Ok(index);
    }
    drop(index);
    std::fs::remove_dir_all(folder).map_err(|e| Error::io("removing", folder, e))?;
    Index::open(folder)
}
