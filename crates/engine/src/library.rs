//! The library: one folder with SQLite, the index and a lock. One process at a time writes it; others may read beside it.

mod answers;
mod attachments;
#[cfg(test)]
mod cached_tests;
mod conversations;
mod exports;
mod jobs;
mod lock;
mod measures;
mod report;
mod review;
mod show;

pub use conversations::{Conversation, Message as ConversationMessage};
pub(crate) use measures::free as free_space;
pub use measures::{DiskView, Measures};
pub use show::Shown;

use crate::cache::Cache;
use crate::contents::{Reading, Stage};
use crate::error::{Error, Result};
use crate::export::Exports;
use crate::ids::{JobId, SourceId};
use crate::index::Index;
use crate::ingest::{
    Access, Importer, JobView, Message, Notice, Point, Shared, Watching, Writer, now, on_writer,
};
use crate::monitor::{Monitor, Sample, Stages, Totals};
use crate::search::{self, Page};
use crate::source::{self, Opener};
use crate::store::{FolderRow, LossRow, SourceRow, Store, StoreMemory, StoreWriter};
use crate::verify::{Verified, verify};
use lock::{Hold, Wish};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The default budget of the whole process, in bytes.
pub const DEFAULT_MEMORY: u64 = 512 * 1024 * 1024;
/// Of a list of losses, at most this many are given.
const MAX_LOSSES: u32 = 10_000;
/// Workers, however many are asked for.
const MAX_THREADS: usize = 256;
/// SQLite's file within the folder of a library.
const DATABASE: &str = "library.sqlite";
/// Connections for reading: as many as callers that ask at once, the window, its warming and exports together.
const READERS: u32 = 8;

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
    /// How long to wait for another process that has it open, such as one that is just ending: it is tried again after pauses that
    /// grow.
    pub patience: Duration,
    /// Whether it is opened to be read alone where another process has it open: everything can be asked, and nothing changed.
    pub beside: bool,
    /// Whether it is opened to be read alone where nothing may be written to it: on a medium that is read-only, in another's folder.
    pub read_only: bool,
    /// Whether answers are kept in memory, within a share of the budget, while nothing changes that they depend on.
    pub cache: bool,
    /// How files become sources.
    pub open: Opener,
    /// Told of each step of an import, on the thread that takes it, which waits meanwhile.
    pub observe: Box<dyn Fn(Point) + Send + Sync>,
}

impl LibraryOptions {
    /// The library in `folder` with the default budget, which finds each answer anew.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            memory: DEFAULT_MEMORY,
            threads: 0,
            max_pages: None,
            notify: Box::new(|_| {}),
            attachments: None,
            patience: Duration::ZERO,
            beside: false,
            read_only: false,
            cache: false,
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
    answers: usize,
}

impl Budget {
    fn of(memory: u64) -> Self {
        let share = |percent: u64| usize::try_from(memory / 100 * percent).unwrap_or(usize::MAX);
        Self {
            queue: share(6),
            index_queue: share(4),
            // More does not make it faster: a batch ends before.
            index: share(18).max(16 * 1024 * 1024),
            store: StoreMemory { writer: share(6), readers: share(5) },
            source_caches: share(12),
            answers: share(6),
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
    cache: Cache,
    writer: Mutex<Option<std::thread::JoinHandle<()>>>,
    cache_per_reader: usize,
    opened: Mutex<HashMap<SourceId, show::Opened>>,
    bytes: AtomicU64,
    exports: Exports,
    counted: Mutex<Option<answers::Counted>>,
    /// Made when first needed.
    watching: Mutex<Option<Watching>>,
    _hold: Hold,
}

impl Library {
    /// Whether there is a library in `folder`.
    pub fn is_in(folder: &Path) -> bool {
        folder.join(DATABASE).exists()
    }

    /// Opens or makes a library.
    ///
    /// # Errors
    /// [`Error::LibraryInUse`] while another process (or another [`Library`] here) has it open; [`Error::LibraryUnusable`] when it is
    /// of a later version or damaged; [`Error::NoSpace`], [`Error::Io`].
    pub fn open(options: LibraryOptions) -> Result<Self> {
        let folder = options.folder;
        std::fs::create_dir_all(&folder).map_err(|e| Error::io("making", &folder, e))?;
        let (database, index) = (folder.join(DATABASE), folder.join("index"));
        let is_one = Self::is_in(&folder);
        let hold = Hold::take(&Wish {
            folder: &folder,
            written: &[&folder, &database, &index],
            patience: options.patience,
            beside: options.beside && is_one,
            read_only: options.read_only && is_one,
        })?;
        let budget = Budget::of(options.memory);
        let unusable = |error: Error| match error {
            Error::LibraryUnusable { reason, .. } => Error::LibraryUnusable { path: folder.clone(), reason },
            Error::LibraryUnfinished { reason, .. } => {
                Error::LibraryUnfinished { path: folder.clone(), reason }
            }
            damaged if damaged.is_corrupt() => {
                Error::LibraryUnusable { path: folder.clone(), reason: "its database is damaged".into() }
            }
            other => other.with_library(&folder),
        };
        let (store, store_writer) = match hold.access {
            Access::Writes => {
                let (store, writer) = Store::open(&database, budget.store, READERS).map_err(unusable)?;
                (store, Some(writer))
            }
            Access::Beside => (Store::open_beside(&database, budget.store, READERS).map_err(unusable)?, None),
            Access::ReadOnly => {
                (Store::open_still(&database, budget.store, READERS).map_err(unusable)?, None)
            }
        };
        if let (Some(pages), Some(writer)) = (options.max_pages, &store_writer) {
            writer.limit_pages(pages)?;
        }
        let mut index = match &store_writer {
            Some(writer) => open_index(&index, writer.last_batch()?),
            None => Index::open_beside(&index),
        }
        .map_err(unusable)?;
        index.announce(store.changes().clone());
        let cache = Cache::new(store.changes().clone(), if options.cache { budget.answers } else { 0 });
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let threads = if options.threads == 0 { cores } else { options.threads.min(MAX_THREADS) };
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|n| format!("extract-{n}"))
            .start_handler(|_| crate::ingest::step_back())
            .build()
            .map_err(|e| Error::Internal(format!("no worker threads: {e}")))?;
        let shared = Arc::new(Shared {
            folder: folder.clone(),
            access: hold.access,
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
            index_threads: crate::ingest::Threads::of(cores, threads),
            index_queue: budget.index_queue,
        });
        let writer = store_writer.map(|writer| start_writer(&shared, writer)).transpose()?;
        if writer.is_none() {
            shared.queue.abandon();
        }
        let cache_per_reader = budget.source_caches / threads.max(1);
        let importer = Importer::new(shared.clone(), Arc::new(pool), cache_per_reader);
        let stage = options
            .attachments
            .filter(|_| writer.is_some())
            .map(|reading| Stage::start(shared.clone(), importer.clone(), reading, cache_per_reader));
        Ok(Self {
            stage: stage.transpose()?,
            folder,
            memory: options.memory,
            shared,
            importer,
            monitor: Monitor::default(),
            cache,
            writer: Mutex::new(writer),
            cache_per_reader,
            opened: Mutex::default(),
            bytes: AtomicU64::new(0),
            exports: Exports::default(),
            counted: Mutex::default(),
            watching: Mutex::default(),
            _hold: hold,
        })
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What this process may do with it.
    pub fn access(&self) -> Access {
        self.shared.access
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
        })?;
        self.cache.forget_source(source);
        Ok(())
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
        let page = self.cache.page(request, || self.find(request))?;
        self.monitor.searched(started.elapsed());
        Ok(Arc::unwrap_or_clone(page))
    }

    fn find(&self, request: &search::Request) -> Result<Page> {
        answers::guarded(|| search::search(&self.shared.index, &self.shared.store, request))
    }

    /// Waits until the index holds all that SQLite held when the library was opened, after a crash or when the index was lost. Until
    /// then a search may miss what is there.
    ///
    /// # Errors
    /// Why the index cannot be brought up to date; searches go on and answer from what it has.
    pub fn settle(&self) -> Result<()> {
        match self.access() {
            Access::Writes => on_writer(&self.shared, |writer| writer.settle_index()),
            // Who writes does it.
            Access::Beside => Ok(()),
            Access::ReadOnly if self.is_index_behind()? => {
                let reason = "its index lacks what was taken in last".into();
                Err(Error::LibraryReadOnly { path: self.folder.clone(), reason })
            }
            Access::ReadOnly => Ok(()),
        }
    }

    /// Whether the index lacks batches of SQLite, so that searches may miss what is there.
    ///
    /// # Errors
    /// The stores'.
    pub fn is_index_behind(&self) -> Result<bool> {
        Ok(self.shared.index.last_batch()?.unwrap_or(0) < self.shared.store.last_batch()?)
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
            match writer.relate() {
                // Where it is damaged is told below.
                Err(error) if error.is_corrupt() => writer.store.rollback(),
                related => related?,
            }
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
        // The memory of answers that are void is to be free soon, whoever asks or not.
        self.cache.sweep();
        self.monitor.sample(Totals { items, bytes, stages: self.stages(), cached: self.cache.totals() })
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

/// Starts the thread that writes.
fn start_writer(shared: &Arc<Shared>, store: StoreWriter) -> Result<std::thread::JoinHandle<()>> {
    let writer = Writer::new(shared.clone(), store)?;
    let leaving = Leaving(shared.clone());
    let started = std::thread::Builder::new().name("writer".into()).spawn(move || {
        // Dropped at the end, also at a bad one: nobody must wait for a writer that is gone.
        let _leaving = leaving;
        crate::ingest::step_back();
        writer.run();
    });
    let started = started.map_err(|e| Error::io("starting a thread for", &shared.folder, e))?;
    // A library of an earlier version, or one whose last process did not end well, is behind with this.
    let behind = Message::Run(Box::new(|writer: &mut Writer| {
        if let Err(error) = writer.relate() {
            tracing::warn!(%error, "what belongs together is found by the next start");
            writer.undo(&error);
        }
    }));
    // Refused only by a writer that has ended.
    let _ = shared.queue.push(behind, 0);
    Ok(started)
}

struct Leaving(Arc<Shared>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.queue.abandon();
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
