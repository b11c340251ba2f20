//! The one that fills the index, on a thread of its own behind the writer: SQLite takes the next batch while tantivy makes the last
//! one durable.
//!
//! Tasks are done in the order in which the writer gave them. SQLite has always committed a batch before its [`Task::Commit`]
//! arrives, so whatever goes wrong here is made good from SQLite: the index is opened anew, put where SQLite stands, and what is
//! still queued of batches that it thereby holds is passed over.

use super::extract;
use super::pace::Pace;
use super::queue::{ByteQueue, Popped};
use super::shared::{MAX_ATTACHED, MAX_FOLDER_DEPTH, Point, Shared};
use crate::error::{Error, Result};
use crate::ids::{ItemId, SourceId};
use crate::index::{Document, IndexWriter};
use crate::monitor::Stage;
use crate::store::StoredText;
use crate::weight::Weight;
use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

/// Items indexed again between two looks at SQLite.
const CATCH_UP_CHUNK: u32 = 100;
/// What a task without a document takes in the queue.
const SMALL: usize = 64;

/// Told how a task ended; `None` where nobody waits for it.
type Answer = Option<SyncSender<Result<()>>>;

enum Task {
    /// So many documents are about to come.
    Expect {
        documents: usize,
    },
    Put(Box<Put>),
    RemoveSource {
        source: SourceId,
        batch: i64,
    },
    /// SQLite is about to commit `batch`, of which nothing more comes.
    Prepare {
        batch: i64,
    },
    /// SQLite holds `batch`, from which `again` is to be read.
    Commit {
        batch: i64,
        again: Vec<ItemId>,
        answer: Answer,
    },
    /// What came since the last commit is void.
    Undo,
    /// The index is to stand where SQLite stands.
    Settle {
        answer: Answer,
    },
    /// The index is to be made anew from SQLite.
    Rebuild {
        answer: Answer,
    },
}

struct Put {
    id: ItemId,
    source: SourceId,
    folders: Arc<[i64]>,
    document: Document,
    replace: bool,
    batch: i64,
}

/// The writer's end.
pub struct Indexer {
    line: Arc<Line>,
    thread: Option<JoinHandle<()>>,
}

struct Line {
    tasks: ByteQueue<Task>,
    /// Why the last task failed that nobody waited for.
    failed: Mutex<Option<Error>>,
}

impl Indexer {
    /// Starts the thread and has it put the index where SQLite stands.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(shared: Arc<Shared>) -> Result<Self> {
        let tasks = ByteQueue::new(shared.index_queue);
        let line = Arc::new(Line { tasks, failed: Mutex::default() });
        let theirs = Leaving(line.clone());
        let folder = shared.folder.clone();
        let worker = Worker { shared, writer: None, pace: Pace::default(), held: None, void: false };
        let thread = std::thread::Builder::new()
            .name("indexer".into())
            .spawn(move || worker.run(&theirs.0))
            .map_err(|cause| Error::io("starting a thread for", &folder, cause))?;
        Ok(Self { line, thread: Some(thread) })
    }

    /// Makes ready for so many documents that are about to come. Nothing is lost without it.
    pub fn expect(&self, documents: usize) {
        // A thread that is gone shows at the first of them.
        let _ = self.send(Task::Expect { documents }, SMALL);
    }

    /// Puts a document in, in place of what the index held of the item (if `replace`), as of `batch`.
    ///
    /// # Errors
    /// Why an earlier task failed.
    pub fn put(
        &self,
        (id, source): (ItemId, SourceId),
        folders: Arc<[i64]>,
        document: Document,
        replace: bool,
        batch: i64,
    ) -> Result<()> {
        self.check()?;
        let bytes = SMALL + document.bytes();
        self.send(Task::Put(Box::new(Put { id, source, folders, document, replace, batch })), bytes)
    }

    /// Takes a source out, as of `batch`.
    ///
    /// # Errors
    /// When the thread is gone.
    pub fn remove_source(&self, source: SourceId, batch: i64) -> Result<()> {
        self.send(Task::RemoveSource { source, batch }, SMALL)
    }

    /// Has the documents of `batch` written to files beside SQLite's own commit, which is about to come. Nothing is lost without it.
    pub fn prepare(&self, batch: i64) {
        // A thread that is gone shows at the commit.
        let _ = self.send(Task::Prepare { batch }, SMALL);
    }

    /// Has the index hold `batch`, which SQLite has committed, some time soon; an error shows at a later task.
    ///
    /// # Errors
    /// Why an earlier task failed.
    pub fn commit_soon(&self, batch: i64, again: Vec<ItemId>) -> Result<()> {
        self.check()?;
        let bytes = SMALL + again.capacity() * size_of::<ItemId>();
        self.send(Task::Commit { batch, again, answer: None }, bytes)
    }

    /// As [`Indexer::commit_soon`], and waits for it.
    ///
    /// # Errors
    /// Why it cannot; SQLite holds the batch all the same.
    pub fn commit(&self, batch: i64, again: Vec<ItemId>) -> Result<()> {
        self.ask(|answer| Task::Commit { batch, again, answer })
    }

    /// Forgets what came since the last commit.
    pub fn undo(&self) {
        // Without its thread there is nothing to forget.
        let _ = self.send(Task::Undo, SMALL);
    }

    /// Waits until the index stands where SQLite stands.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn settle(&self) -> Result<()> {
        self.ask(|answer| Task::Settle { answer })
    }

    /// Makes the index anew from what SQLite has committed, and waits for it.
    ///
    /// # Errors
    /// SQLite's and tantivy's.
    pub fn rebuild(&self) -> Result<()> {
        self.ask(|answer| Task::Rebuild { answer })
    }

    fn ask(&self, task: impl FnOnce(Answer) -> Task) -> Result<()> {
        let (sender, receiver): (_, Receiver<Result<()>>) = sync_channel(1);
        self.line.tasks.push_at_once(task(Some(sender)), SMALL).map_err(|_| gone())?;
        receiver.recv().map_err(|_| gone())??;
        // What failed before was made good by this.
        self.line.failed().take();
        Ok(())
    }

    fn send(&self, task: Task, bytes: usize) -> Result<()> {
        self.line.tasks.push(task, bytes).map_err(|_| gone())
    }

    fn check(&self) -> Result<()> {
        self.line.failed().take().map_or(Ok(()), Err)
    }
}

impl Drop for Indexer {
    fn drop(&mut self) {
        self.line.tasks.close();
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread of the index ended badly");
        }
    }
}

impl Line {
    fn failed(&self) -> std::sync::MutexGuard<'_, Option<Error>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nobody must wait for a thread that is gone, however it went.
struct Leaving(Arc<Line>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.tasks.abandon();
    }
}

fn gone() -> Error {
    Error::Internal("the thread of the index is gone".into())
}

struct Worker {
    shared: Arc<Shared>,
    /// Opened when first needed.
    writer: Option<IndexWriter>,
    pace: Pace,
    /// The last batch that the open index holds whole.
    held: Option<i64>,
    /// Documents of the open batch were lost with a writer that failed; the next commit brings them from SQLite.
    void: bool,
}

impl Worker {
    fn run(mut self, line: &Line) {
        if let Err(error) = self.open().map(|_| ()) {
            // Reading and searching go on; the next import says why it cannot write.
            tracing::error!(%error, "the index cannot be brought up to date");
        }
        while let Popped::Item(task) = line.tasks.pop(None) {
            let (result, answer) = self.act(task);
            let result = result.inspect_err(|_| self.give_up());
            match (answer, result) {
                // Who asked may have gone; that is no fault of the task.
                (Some(answer), result) => drop(answer.send(result)),
                (None, Err(error)) => {
                    tracing::error!(%error, "the index is behind");
                    line.failed().get_or_insert(error);
                }
                (None, Ok(())) => {}
            }
        }
    }

    fn act(&mut self, task: Task) -> (Result<()>, Answer) {
        match task {
            Task::Expect { documents } => (self.expect(documents), None),
            Task::Put(put) => (self.put(*put), None),
            Task::RemoveSource { source, batch } => (self.remove_source(source, batch), None),
            Task::Prepare { batch } => {
                let shared = self.shared.clone();
                (shared.stages.time(Stage::CommitIndex, || self.prepare(batch)), None)
            }
            Task::Commit { batch, again, answer } => {
                let shared = self.shared.clone();
                (shared.stages.time(Stage::CommitIndex, || self.commit(batch, &again)), answer)
            }
            Task::Undo => (self.undo(), None),
            Task::Settle { answer } => (self.open().map(|_| ()), answer),
            Task::Rebuild { answer } => (self.rebuild(), answer),
        }
    }

    /// Goes on without the writer that failed.
    fn give_up(&mut self) {
        (self.writer, self.held, self.void) = (None, None, true);
        self.pace.commit(Instant::now());
    }

    /// The writer, made when first needed, after what the index lacks was put in.
    fn open(&mut self) -> Result<&IndexWriter> {
        if self.writer.is_none() {
            let shared = self.shared.clone();
            let threads = self.pace.threads(shared.index_threads);
            let mut writer = shared.index.writer(shared.index_memory, threads)?;
            let (held, committed) = (shared.index.last_batch()?.unwrap_or(0), shared.store.last_batch()?);
            if held < committed {
                catch_up(&shared, &mut writer, held, committed)?;
            }
            (self.writer, self.held) = (Some(writer), Some(committed.max(held)));
        }
        self.writer.as_ref().ok_or_else(gone)
    }

    /// Opens the writer anew, with the threads for now. Nothing must be open.
    fn reopen(&mut self) -> Result<()> {
        let shared = self.shared.clone();
        if shared.index_threads.is_one() {
            return Ok(());
        }
        let Some(writer) = self.writer.take() else { return Ok(()) };
        writer.close()?;
        let threads = self.pace.threads(shared.index_threads);
        self.writer = Some(shared.index.writer(shared.index_memory, threads)?);
        tracing::debug!(threads, "the index is filled by");
        Ok(())
    }

    fn expect(&mut self, documents: usize) -> Result<()> {
        if self.pace.expect(documents, Instant::now()) { self.reopen() } else { Ok(()) }
    }

    fn holds(&self, batch: i64) -> bool {
        self.held.is_some_and(|held| batch <= held)
    }

    fn put(&mut self, put: Put) -> Result<()> {
        if self.void {
            return Ok(());
        }
        self.open()?;
        if self.holds(put.batch) {
            return Ok(());
        }
        self.take()?;
        let Put { id, source, folders, document, replace, .. } = put;
        let writer = self.open()?;
        writer.put(id.0, source.0, &folders, document, replace)
    }

    fn remove_source(&mut self, source: SourceId, batch: i64) -> Result<()> {
        if self.void {
            return Ok(());
        }
        self.open()?;
        if !self.holds(batch) {
            self.take()?;
            self.open()?.remove_source(source.0);
        }
        Ok(())
    }

    /// Something is about to be done of which the writer knows nothing yet.
    fn take(&mut self) -> Result<()> {
        if self.pace.take(Instant::now()) { self.reopen() } else { Ok(()) }
    }

    fn prepare(&mut self, batch: i64) -> Result<()> {
        match self.writer.as_mut() {
            Some(writer) if !self.void && self.held.is_some_and(|held| held < batch) => {
                let started = Instant::now();
                writer.prepare()?;
                tracing::debug!(batch, took = ?started.elapsed(), "the index has written its files");
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn commit(&mut self, batch: i64, again: &[ItemId]) -> Result<()> {
        // A writer that is opened anew catches up with SQLite, which holds this batch.
        self.void = false;
        self.open()?;
        if !self.holds(batch) {
            let shared = self.shared.clone();
            let Some(writer) = self.writer.as_mut() else { return Err(gone()) };
            if !again.is_empty() {
                let parents = shared.store.folder_parents()?;
                for chunk in again.chunks(CATCH_UP_CHUNK as usize) {
                    put_stored(&shared, writer, &parents, shared.store.texts_of(chunk)?)?;
                }
            }
            let started = Instant::now();
            writer.commit(batch)?;
            self.pace.commit(Instant::now());
            self.held = Some(batch);
            let committed = started.elapsed();
            shared.index.reload()?;
            tracing::debug!(batch, ?committed, took = ?started.elapsed(), "the index is committed");
        }
        (self.shared.observe)(Point::IndexCommitted);
        self.tell();
        Ok(())
    }

    fn undo(&mut self) -> Result<()> {
        self.void = false;
        self.pace.commit(Instant::now());
        let Some(writer) = self.writer.as_mut() else { return Ok(()) };
        if writer.rollback().is_err() {
            // The next one is opened where the last commit stands.
            (self.writer, self.held) = (None, None);
        }
        Ok(())
    }

    fn rebuild(&mut self) -> Result<()> {
        self.void = false;
        self.open()?;
        let shared = self.shared.clone();
        let Some(writer) = self.writer.as_mut() else { return Err(gone()) };
        let committed = shared.store.last_batch()?;
        writer.clear()?;
        put_again(&shared, writer, -1, committed)?;
        writer.commit(committed)?;
        self.pace.commit(Instant::now());
        self.held = Some(committed);
        shared.index.reload()?;
        self.tell();
        Ok(())
    }

    fn tell(&self) {
        let generation = self.shared.generation.fetch_add(1, Ordering::Relaxed) + 1;
        (self.shared.notify)(super::Notice::Committed { generation });
    }
}

/// Brings the index from batch `held` to batch `committed`.
fn catch_up(shared: &Shared, writer: &mut IndexWriter, held: i64, committed: i64) -> Result<()> {
    for source in shared.store.removed_after(held)? {
        writer.remove_source(source.0);
    }
    put_again(shared, writer, held, committed)?;
    writer.commit(committed)?;
    shared.index.reload()?;
    shared.generation.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

/// Puts into the index what SQLite committed after batch `held`, up to batch `last`.
fn put_again(shared: &Shared, writer: &IndexWriter, held: i64, last: i64) -> Result<()> {
    let parents = shared.store.folder_parents()?;
    let mut after = (held, ItemId(i64::MAX));
    loop {
        let chunk = shared.store.texts_after(after, last, CATCH_UP_CHUNK)?;
        let Some(end) = chunk.last() else { return Ok(()) };
        after = (end.batch, end.id);
        put_stored(shared, writer, &parents, chunk)?;
    }
}

/// Puts items as SQLite holds them in place of what the index has of them; `parents` gives the folder in which each lies.
fn put_stored(
    shared: &Shared,
    writer: &IndexWriter,
    parents: &HashMap<i64, Option<i64>>,
    items: Vec<StoredText>,
) -> Result<()> {
    for stored in items {
        let (id, source, folder) = (stored.id, stored.source, stored.folder);
        let mut folders = vec![folder.0];
        // Parents are written before children, so there is no circle; the bound is for a damaged library.
        while let Some(Some(parent)) = folders.last().and_then(|last| parents.get(last))
            && folders.len() < MAX_FOLDER_DEPTH
        {
            folders.push(*parent);
        }
        let attached = match stored.attachments.is_empty() {
            true => String::new(),
            false => shared.store.attached_text(id, MAX_ATTACHED)?,
        };
        writer.put(id.0, source.0, &folders, extract::document_of(stored, attached), true)?;
    }
    Ok(())
}
