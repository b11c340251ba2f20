//! The one writer of the library, on a thread of its own: it fills SQLite and the index batch by batch.

use super::extract::{self, Prepared};
use super::job::JobRecord;
use super::queue::{ByteQueue, Popped};
use crate::error::{Error, Result};
use crate::ids::{FolderId, ItemId, SourceId};
use crate::index::{Index, IndexWriter};
use crate::source::{Certainty, Opener};
use crate::store::{Known, NewFailure, NewText, Store, StoreWriter};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The first batch of a busy time is committed after this long, so that first hits appear at once …
const FIRST_INTERVAL: Duration = Duration::from_millis(250);
/// … later ones after up to this long, since commits cost.
const MAX_INTERVAL: Duration = Duration::from_secs(3);
/// A batch is committed early when its items take this much.
const MAX_BATCH_BYTES: usize = 48 * 1024 * 1024;
/// Items indexed again between two commits.
const CATCH_UP_CHUNK: u32 = 100;
/// Of the text of one item's files, at most this much is searchable.
const MAX_ATTACHED: usize = 32 * 1024 * 1024;
/// Folders nest no deeper than this.
const MAX_FOLDER_DEPTH: usize = 256;

/// What is asked of the writer.
pub enum Message {
    /// Store and index an item.
    Item {
        /// For whom.
        job: Arc<JobRecord>,
        /// Where it belongs.
        place: Place,
        /// The row that it replaces.
        existing: Option<Known>,
        /// The item.
        prepared: Box<Prepared>,
    },
    /// Record that an item could not be read.
    Failure {
        /// For whom.
        job: Arc<JobRecord>,
        /// Where it belongs.
        place: Place,
        /// What failed.
        failure: NewFailure,
    },
    /// Anything else, done in order with the items.
    Run(Box<dyn FnOnce(&mut Writer) + Send>),
}

/// Where an item belongs.
#[derive(Clone)]
pub struct Place {
    /// Its source.
    pub source: SourceId,
    /// Its folder and all above it, itself first.
    pub folders: Arc<[i64]>,
}

impl Place {
    fn folder(&self) -> FolderId {
        FolderId(self.folders.first().copied().unwrap_or_default())
    }
}

/// Steps of an import, between any two of which the process may end without harm. Tests end it there, or look around.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Point {
    /// The file is known to be new, or changed; nothing is written yet.
    Planned,
    /// Source and folders are written, and what the plan found odd.
    Begun,
    /// What is unchanged, moved and gone is written.
    Compared,
    /// An item is in the open batch.
    ItemStored,
    /// A batch is about to be committed.
    BatchFull,
    /// SQLite holds the batch, the index does not.
    StoreCommitted,
    /// Both hold the batch; nobody was told yet.
    IndexCommitted,
    /// All items are written, and the source does not count as whole yet.
    ItemsWritten,
    /// The source counts as whole.
    Finished,
    /// What became of attachments is in the open batch.
    TextsStored,
}

impl Point {
    /// All of them.
    pub const ALL: [Point; 10] = [
        Point::Planned,
        Point::Begun,
        Point::Compared,
        Point::ItemStored,
        Point::BatchFull,
        Point::StoreCommitted,
        Point::IndexCommitted,
        Point::ItemsWritten,
        Point::Finished,
        Point::TextsStored,
    ];
}

/// What writer and readers of a library share.
pub struct Shared {
    /// Folder of the library.
    pub folder: PathBuf,
    /// SQLite.
    pub store: Store,
    /// tantivy.
    pub index: Index,
    /// Grows with each commit that became searchable.
    pub generation: AtomicU64,
    /// Items read since the library was opened.
    pub items: AtomicU64,
    /// What waits for the writer.
    pub queue: ByteQueue<Message>,
    /// Told of each commit and job change.
    pub notify: Box<dyn Fn(super::Notice) + Send + Sync>,
    /// How files become sources.
    pub open: Opener,
    /// Told of each step that an import has reached.
    pub observe: Box<dyn Fn(Point) + Send + Sync>,
    /// Memory of the index writer.
    pub index_memory: usize,
    /// Threads of the index writer.
    pub index_threads: usize,
}

/// The writer's state.
pub struct Writer {
    shared: Arc<Shared>,
    /// SQLite's side.
    pub store: StoreWriter,
    index: Option<IndexWriter>,
    /// The batch that is being filled.
    batch: i64,
    /// Jobs to credit when the batch is committed.
    pending: Vec<Credit>,
    pending_bytes: usize,
    since: Option<Instant>,
    interval: Duration,
    /// Whether items of the batch are to be indexed from SQLite.
    moved: bool,
    /// Whether the batch changes what the index holds.
    concerns_index: bool,
}

struct Credit {
    job: Arc<JobRecord>,
    kind: CreditKind,
}

enum CreditKind {
    Item { new: bool, recovered: bool, attachments: u64, embedded: u64, anomalies: u64 },
    Failure { recovered: bool },
}

/// Milliseconds since 1970 UTC.
pub fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}

impl Writer {
    /// The writer of a library; `last` is the last committed batch.
    pub fn new(shared: Arc<Shared>, store: StoreWriter) -> Result<Self> {
        let batch = store.last_batch()? + 1;
        Ok(Self {
            shared,
            store,
            index: None,
            batch,
            pending: Vec::new(),
            pending_bytes: 0,
            since: None,
            interval: FIRST_INTERVAL,
            moved: false,
            concerns_index: false,
        })
    }

    /// Works until the queue is closed and empty.
    pub fn run(mut self) {
        if let Err(error) = self.index_writer().map(|_| ()) {
            // Reading and searching go on; the next import says why it cannot write.
            tracing::error!(%error, "the index cannot be brought up to date");
        }
        loop {
            let deadline = self.since.map(|since| since + self.interval);
            match self.shared.queue.pop(deadline) {
                Popped::Item(message) => self.handle(message),
                Popped::Timeout => {
                    self.commit_or_fail();
                    self.interval = (self.interval * 2).min(MAX_INTERVAL);
                }
                Popped::Closed => break,
            }
            let due = self.since.is_some_and(|since| since.elapsed() >= self.interval);
            if due || self.pending_bytes >= MAX_BATCH_BYTES {
                self.commit_or_fail();
                self.interval = (self.interval * 2).min(MAX_INTERVAL);
            }
        }
        self.commit_or_fail();
        // The database is then whole in its one file.
        if let Err(error) = self.store.checkpoint() {
            tracing::warn!(%error, "the log stays beside the database");
        }
    }

    fn handle(&mut self, message: Message) {
        match message {
            Message::Item { job, place, existing, prepared } => {
                if job.is_cancelled() {
                    return;
                }
                if let Err(error) = self.put(&job, &place, existing, *prepared) {
                    self.fail(error, Some(&job));
                }
            }
            Message::Failure { job, place, failure } => {
                if job.is_cancelled() {
                    return;
                }
                let recovered = failure.recovered;
                match self.store.put_failure(place.source, place.folder(), &failure, self.batch, now()) {
                    Ok(held) => {
                        self.moved |= held;
                        self.concerns_index |= held;
                        self.credit(job, CreditKind::Failure { recovered }, 0);
                    }
                    Err(error) => self.fail(error, Some(&job)),
                }
            }
            Message::Run(run) => run(self),
        }
    }

    fn put(
        &mut self,
        job: &Arc<JobRecord>,
        place: &Place,
        existing: Option<Known>,
        prepared: Prepared,
    ) -> Result<()> {
        let Prepared { item, document, bytes } = prepared;
        let batch = self.batch;
        let id = self.store.put_item(
            place.source,
            place.folder(),
            existing.map(|known| known.id),
            &item,
            batch,
        )?;
        let replace = existing.is_some();
        self.concerns_index = true;
        self.index_writer()?.put(id.0, place.source.0, &place.folders, document, replace)?;
        let embedded = item.attachments.iter().filter(|a| a.method == "message").count() as u64;
        let kind = CreditKind::Item {
            // One that was gone, or deleted and only to be recovered, comes back to those that the file names.
            new: existing.is_none_or(|known| known.gone || known.recovered),
            recovered: item.recovered.is_some(),
            attachments: item.attachments.len() as u64,
            embedded,
            anomalies: item.anomalies.len() as u64,
        };
        self.credit(job.clone(), kind, bytes);
        (self.shared.observe)(Point::ItemStored);
        Ok(())
    }

    fn credit(&mut self, job: Arc<JobRecord>, kind: CreditKind, bytes: usize) {
        self.pending.push(Credit { job, kind });
        self.pending_bytes += bytes;
        self.since.get_or_insert_with(Instant::now);
    }

    /// Has what was written committed with the next batch, at the latest when one would fall due.
    pub fn commit_soon(&mut self) {
        self.since.get_or_insert_with(Instant::now);
    }

    /// Brings the index up to date.
    ///
    /// # Errors
    /// The index's and SQLite's.
    pub fn settle_index(&mut self) -> Result<()> {
        self.index_writer().map(|_| ())
    }

    /// The index's writer, made when first needed, after what the index lacks was put in.
    fn index_writer(&mut self) -> Result<&mut IndexWriter> {
        if self.index.is_none() {
            let index = &self.shared.index;
            let mut writer = index.writer(self.shared.index_memory, self.shared.index_threads)?;
            let (held, committed) = (index.last_batch()?.unwrap_or(0), self.store.last_batch()?);
            if held < committed {
                catch_up(&self.shared, &mut writer, held, committed)?;
            }
            self.index = Some(writer);
        }
        self.index.as_mut().ok_or_else(|| Error::Internal("no index writer".into()))
    }

    /// Puts an unchanged item where it is now, in SQLite at once and in the index with the commit.
    ///
    /// # Errors
    /// SQLite's and tantivy's.
    pub fn move_item(&mut self, item: ItemId, place: &Place, recovered: Option<Certainty>) -> Result<()> {
        (self.moved, self.concerns_index) = (true, true);
        self.store.move_item(item, place.folder(), recovered, self.batch)
    }

    /// Marks an item as no longer in its file, in SQLite at once and in the index with the commit.
    ///
    /// # Errors
    /// SQLite's.
    pub fn mark_gone(&mut self, item: ItemId, now: i64) -> Result<()> {
        (self.moved, self.concerns_index) = (true, true);
        self.store.mark_gone(item, self.batch, now)
    }

    /// Writes what became of attachments, and makes their text searchable.
    ///
    /// # Errors
    /// Both stores'.
    pub fn put_texts(&mut self, texts: &[NewText]) -> Result<()> {
        for text in texts {
            if self.store.put_text(text, self.batch)? {
                (self.moved, self.concerns_index) = (true, true);
            }
        }
        (self.shared.observe)(Point::TextsStored);
        self.commit()
    }

    /// Forgets the text of what no item carries any more.
    ///
    /// # Errors
    /// SQLite's.
    pub fn forget_unused_texts(&mut self) -> Result<()> {
        self.store.forget_unused_texts()?;
        self.commit()
    }

    /// Lets what an earlier way of reading made of attachments wait again.
    ///
    /// # Errors
    /// SQLite's.
    pub fn forget_outdated_texts(&mut self) -> Result<()> {
        self.store.forget_outdated_texts()?;
        self.commit()
    }

    /// Takes a source out of the index. SQLite's side is the caller's.
    ///
    /// # Errors
    /// tantivy's.
    pub fn remove_source(&mut self, source: SourceId) -> Result<()> {
        self.commit()?;
        self.store.remove_source(source, self.batch)?;
        self.concerns_index = true;
        self.index_writer()?.remove_source(source.0);
        self.commit()
    }

    /// Builds the index anew from SQLite.
    ///
    /// # Errors
    /// SQLite's and tantivy's.
    pub fn rebuild_index(&mut self) -> Result<()> {
        self.commit()?;
        self.store.forget_links()?;
        self.store.commit(None, now())?;
        self.relate()?;
        let (shared, committed) = (self.shared.clone(), self.store.last_batch()?);
        let index = self.index_writer()?;
        index.clear()?;
        put_again(&shared, index, -1)?;
        index.commit(committed)?;
        shared.index.reload()?;
        let generation = shared.generation.fetch_add(1, Ordering::Relaxed) + 1;
        (shared.notify)(super::Notice::Committed { generation });
        Ok(())
    }

    /// Brings up to date what tells which items belong together. Stops where the library is being closed; the next start goes on.
    ///
    /// # Errors
    /// SQLite's.
    pub fn relate(&mut self) -> Result<()> {
        if self.since.is_some() || self.concerns_index {
            self.commit()?;
        }
        let shared = self.shared.clone();
        if self.store.relate(now(), &|| shared.queue.is_closed())? {
            let generation = shared.generation.fetch_add(1, Ordering::Relaxed) + 1;
            (shared.notify)(super::Notice::Committed { generation });
        }
        Ok(())
    }

    /// Commits the batch: SQLite first, then the index, if it is concerned at all.
    ///
    /// # Errors
    /// Nothing of the batch is kept if SQLite fails. If only the index fails, the batch is kept and indexed later.
    pub fn commit(&mut self) -> Result<()> {
        let batch = self.batch;
        let concerns_index = std::mem::take(&mut self.concerns_index);
        (self.shared.observe)(Point::BatchFull);
        if concerns_index {
            self.index_writer()?;
            self.store.commit(Some(batch), now())?;
            self.batch += 1;
        } else {
            self.store.commit(None, now())?;
        }
        (self.shared.observe)(Point::StoreCommitted);
        self.since = None;
        self.pending_bytes = 0;
        for Credit { job, kind } in self.pending.drain(..) {
            let add = |counter: &AtomicU64, n: u64| counter.fetch_add(n, Ordering::Relaxed);
            add(&job.processed, 1);
            match kind {
                CreditKind::Item { new, recovered, attachments, embedded, anomalies } => {
                    add(&job.anomalies, anomalies);
                    // All other numbers are of items that the file names.
                    if recovered {
                        add(&job.recovered, 1);
                    } else {
                        add(&job.items, 1);
                        add(if new { &job.new } else { &job.updated }, 1);
                        add(&job.attachments, attachments);
                        add(&job.embedded, embedded);
                    }
                }
                CreditKind::Failure { recovered: false } => {
                    add(&job.failed, 1);
                }
                CreditKind::Failure { recovered: true } => {}
            }
        }
        if concerns_index {
            self.commit_index(batch)?;
        }
        (self.shared.observe)(Point::IndexCommitted);
        let generation = self.shared.generation.fetch_add(1, Ordering::Relaxed) + 1;
        (self.shared.notify)(super::Notice::Committed { generation });
        Ok(())
    }

    fn commit_index(&mut self, batch: i64) -> Result<()> {
        let moved = std::mem::take(&mut self.moved);
        let shared = self.shared.clone();
        let indexed = self.index_writer().and_then(|index| {
            if moved {
                put_again(&shared, index, batch - 1)?;
            }
            index.commit(batch)
        });
        if let Err(error) = indexed {
            // SQLite holds the batch; a new writer catches up with it.
            self.index = None;
            return Err(error);
        }
        shared.index.reload()
    }

    fn commit_or_fail(&mut self) {
        if self.since.is_none() {
            return;
        }
        if let Err(error) = self.commit() {
            self.fail(error, None);
        }
    }

    /// Undoes the batch after a task of the writer failed with `error`, which its caller reports; other jobs with items in the
    /// batch end with it.
    pub fn undo(&mut self, error: &Error) {
        let shared = match error {
            Error::NoSpace { path } => Error::NoSpace { path: path.clone() },
            other => Error::Internal(other.to_string()),
        };
        self.fail(shared, None);
    }

    /// Undoes the batch and ends the jobs that it belonged to.
    fn fail(&mut self, error: Error, job: Option<&Arc<JobRecord>>) {
        let error = Arc::new(error.with_library(&self.shared.folder));
        tracing::error!(%error, "the batch is undone");
        (self.moved, self.concerns_index) = (false, false);
        self.store.rollback();
        if self.index.as_mut().is_some_and(|index| index.rollback().is_err()) {
            self.index = None;
        }
        self.since = None;
        self.pending_bytes = 0;
        let pending = std::mem::take(&mut self.pending);
        for job in pending.iter().map(|credit| &credit.job).chain(job) {
            job.cancel();
            job.change(|slow| {
                slow.error.get_or_insert_with(|| error.clone());
            });
        }
    }
}

/// Brings the index from batch `held` to batch `committed`.
fn catch_up(shared: &Shared, writer: &mut IndexWriter, held: i64, committed: i64) -> Result<()> {
    for source in shared.store.removed_after(held)? {
        writer.remove_source(source.0);
    }
    put_again(shared, writer, held)?;
    writer.commit(committed)?;
    shared.index.reload()?;
    shared.generation.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

/// Puts into the index what SQLite committed after batch `held`.
fn put_again(shared: &Shared, writer: &IndexWriter, held: i64) -> Result<()> {
    let parents = shared.store.folder_parents()?;
    let mut after = ItemId(0);
    loop {
        let chunk = shared.store.texts_after(held, after, CATCH_UP_CHUNK)?;
        let Some(last) = chunk.last() else { return Ok(()) };
        after = last.id;
        for stored in chunk {
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
    }
}
