//! The one writer of the library, on a thread of its own: it fills SQLite batch by batch and hands on to the [`Indexer`].

use super::extract::{self, Prepared};
use super::indexer::Indexer;
use super::job::JobRecord;
use super::queue::Popped;
use super::rhythm::Rhythm;
use super::shared::{MAX_ATTACHED, Message, Place, Point, Shared, now};
use crate::error::{Error, Result};
use crate::ids::{ItemId, SourceId};
use crate::monitor::Stage;
use crate::source::Certainty;
use crate::store::{Known, NewText, StoreWriter};
use crate::weight::Weight;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// A batch is committed early when what of it may still wait within tantivy takes this much.
const MAX_IN_FLIGHT: usize = 48 * 1024 * 1024;
/// So many documents wait within tantivy at most.
const TANTIVY_WAITING: usize = 10_000;
/// So many items that moved are read at once, to be indexed where they are now.
const MOVED_AT_ONCE: usize = 100;
/// The writer's state.
pub struct Writer {
    shared: Arc<Shared>,
    /// SQLite's side.
    pub store: StoreWriter,
    index: Indexer,
    /// The batch that is being filled.
    batch: i64,
    /// Jobs to credit when the batch is committed.
    pending: Vec<Credit>,
    in_flight: InFlight,
    rhythm: Rhythm,
    /// Items of the batch that are to be indexed from SQLite once it has committed.
    again: Vec<ItemId>,
    /// Whether the batch changes what the index holds.
    concerns_index: bool,
}

/// What of the open batch may still wait within tantivy: its last documents, which a commit sees through.
#[derive(Default)]
struct InFlight {
    last: VecDeque<usize>,
    bytes: usize,
}

impl InFlight {
    fn add(&mut self, bytes: usize) {
        if self.last.len() >= TANTIVY_WAITING {
            self.bytes -= self.last.pop_front().unwrap_or_default();
        }
        self.last.push_back(bytes);
        self.bytes += bytes;
    }

    fn clear(&mut self) {
        self.last.clear();
        self.bytes = 0;
    }
}

struct Credit {
    job: Arc<JobRecord>,
    kind: CreditKind,
}

enum CreditKind {
    Item { new: bool, recovered: bool, partial: bool, attachments: u64, embedded: u64, anomalies: u64 },
    Failure { recovered: bool },
}

impl Writer {
    /// The writer of a library; `last` is the last committed batch.
    pub fn new(shared: Arc<Shared>, store: StoreWriter) -> Result<Self> {
        let batch = store.last_batch()? + 1;
        let index = Indexer::start(shared.clone())?;
        Ok(Self {
            shared,
            store,
            index,
            batch,
            pending: Vec::new(),
            in_flight: InFlight::default(),
            rhythm: Rhythm::new(),
            again: Vec::new(),
            concerns_index: false,
        })
    }

    /// Works until the queue is closed and empty.
    pub fn run(mut self) {
        loop {
            let asked = Instant::now();
            let deadline = self.rhythm.deadline(asked);
            let next = self.shared.stages.time(Stage::QueueEmpty, || self.shared.queue.pop(deadline));
            self.rhythm.waited(asked.elapsed());
            let quiet = matches!(next, Popped::Timeout);
            match next {
                Popped::Item(message) => self.handle(message),
                Popped::Timeout => {}
                Popped::Closed => break,
            }
            let due = self.rhythm.is_due(Instant::now());
            if due || quiet || self.in_flight.bytes >= MAX_IN_FLIGHT {
                self.commit_or_fail();
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
                        self.concerns_index |= held;
                        self.credit(job, CreditKind::Failure { recovered });
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
        let Prepared { item, document, .. } = prepared;
        let batch = self.batch;
        let (shared, store) = (self.shared.clone(), &mut self.store);
        let known = existing.map(|known| known.id);
        let id = shared
            .stages
            .time(Stage::Store, || store.put_item(place.source, place.folder(), known, &item, batch))?;
        let replace = existing.is_some();
        self.concerns_index = true;
        let (source, folders) = (place.source, place.folders.clone());
        self.in_flight.add(document.bytes());
        shared
            .stages
            .time(Stage::Index, || self.index.put((id, source), folders, document, replace, batch))?;
        let embedded = item.attachments.iter().filter(|a| a.method == "message").count() as u64;
        let kind = CreditKind::Item {
            // One that was gone, or deleted and only to be recovered, comes back to those that the file names.
            new: existing.is_none_or(|known| known.gone || known.recovered),
            recovered: item.recovered.is_some(),
            partial: item.partial,
            attachments: item.attachments.len() as u64,
            embedded,
            anomalies: item.anomalies.len() as u64,
        };
        self.credit(job.clone(), kind);
        (self.shared.observe)(Point::ItemStored);
        Ok(())
    }

    fn credit(&mut self, job: Arc<JobRecord>, kind: CreditKind) {
        self.pending.push(Credit { job, kind });
        self.rhythm.begin(Instant::now());
    }

    /// Has what was written committed with the next batch, at the latest when one would fall due.
    pub fn commit_soon(&mut self) {
        self.rhythm.begin(Instant::now());
    }

    /// So many items are about to be read.
    pub fn expect(&self, items: usize) {
        self.index.expect(items);
    }

    /// Waits until the index stands where SQLite stands.
    ///
    /// # Errors
    /// The index's and SQLite's.
    pub fn settle_index(&mut self) -> Result<()> {
        self.index.settle()
    }

    /// Puts unchanged items where they are now. The commit comes by itself.
    ///
    /// # Errors
    /// SQLite's, and why the index is behind.
    pub fn move_items(&mut self, moved: &[(ItemId, Place, Option<Certainty>)]) -> Result<()> {
        for chunk in moved.chunks(MOVED_AT_ONCE) {
            for (item, place, recovered) in chunk {
                self.store.move_item(*item, place.folder(), *recovered, self.batch)?;
            }
            self.concerns_index = true;
            self.commit_soon();
            let places: HashMap<i64, &Place> = chunk.iter().map(|(item, place, _)| (item.0, place)).collect();
            let ids: Vec<ItemId> = chunk.iter().map(|(item, ..)| *item).collect();
            for stored in self.store.texts_of(&ids)? {
                let id = stored.id;
                let Some(place) = places.get(&id.0) else { continue };
                let attached = match stored.attachments.is_empty() {
                    true => String::new(),
                    false => self.store.attached_text(id, MAX_ATTACHED)?,
                };
                let document = extract::document_of(stored, attached);
                self.in_flight.add(document.bytes());
                self.index.put((id, place.source), place.folders.clone(), document, true, self.batch)?;
            }
            if self.in_flight.bytes >= MAX_IN_FLIGHT {
                self.commit_ahead()?;
            }
        }
        Ok(())
    }

    /// Marks an item as no longer in its file. The index does not tell; it follows to the batch with the commit, which comes by
    /// itself.
    ///
    /// # Errors
    /// SQLite's.
    pub fn mark_gone(&mut self, item: ItemId, now: i64) -> Result<()> {
        self.store.mark_gone(item, self.batch, now)?;
        self.concerns_index = true;
        self.commit_soon();
        Ok(())
    }

    /// Writes what became of attachments, and makes their text searchable.
    ///
    /// # Errors
    /// Both stores'.
    pub fn put_texts(&mut self, texts: &[NewText]) -> Result<()> {
        for text in texts {
            if self.store.put_text(text, self.batch)? {
                self.again.push(text.item);
                self.concerns_index = true;
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

    /// Lets the attachments wait again of which this version may read more than the one that did.
    ///
    /// # Errors
    /// SQLite's.
    pub fn retry_outdated_texts(&mut self) -> Result<()> {
        self.store.retry_outdated_texts()?;
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
        self.index.remove_source(source, self.batch)?;
        self.commit()
    }

    /// Builds the index anew from SQLite.
    ///
    /// # Errors
    /// SQLite's and tantivy's.
    pub fn rebuild_index(&mut self) -> Result<()> {
        self.commit()?;
        self.store.forget_links()?;
        self.store.forget_all_known()?;
        self.store.commit(None, now())?;
        self.relate()?;
        self.index.rebuild()
    }

    /// Brings up to date what tells which items belong together. Stops where the library is being closed; the next start goes on.
    ///
    /// # Errors
    /// SQLite's.
    pub fn relate(&mut self) -> Result<()> {
        if self.rhythm.is_open() || self.concerns_index {
            self.commit()?;
        }
        let shared = self.shared.clone();
        let stop = || {
            (shared.observe)(Point::Linking);
            shared.queue.is_closed()
        };
        if self.store.relate(now(), &stop)? {
            (shared.observe)(Point::Linked);
            let generation = shared.generation.fetch_add(1, Ordering::Relaxed) + 1;
            (shared.notify)(super::Notice::Committed { generation });
        }
        Ok(())
    }

    /// Commits the batch: SQLite first, then the index, if it is concerned at all. Both hold it afterwards.
    ///
    /// # Errors
    /// Nothing of the batch is kept if SQLite fails. If only the index fails, the batch is kept and indexed later.
    pub fn commit(&mut self) -> Result<()> {
        let Some((batch, again)) = self.commit_store()? else { return Ok(()) };
        self.index.commit(batch, again)
    }

    /// As [`Writer::commit`], but goes on while the index follows.
    ///
    /// # Errors
    /// As there, but for the index's: they show at a later task.
    pub fn commit_ahead(&mut self) -> Result<()> {
        let Some((batch, again)) = self.commit_store()? else { return Ok(()) };
        self.index.commit_soon(batch, again)
    }

    /// Packs what was written of a new source, so that its next import finds all of it in one piece. Follows a commit.
    ///
    /// # Errors
    /// SQLite's.
    pub fn pack_known(&mut self, source: SourceId) -> Result<()> {
        let batch = self.store.last_batch()?;
        if self.store.put_gathered(source, batch)? {
            self.commit()?;
        }
        Ok(())
    }

    /// Commits SQLite's side. Gives the batch that the index is to follow with, if it is concerned, and the items of it that are to
    /// be read from SQLite.
    fn commit_store(&mut self) -> Result<Option<(i64, Vec<ItemId>)>> {
        let batch = self.batch;
        let concerns_index = std::mem::take(&mut self.concerns_index);
        (self.shared.observe)(Point::BatchFull);
        if concerns_index && self.again.is_empty() {
            self.index.prepare(batch);
        }
        let (shared, store) = (self.shared.clone(), &mut self.store);
        shared.stages.time(Stage::CommitStore, || store.commit(concerns_index.then_some(batch), now()))?;
        self.batch += i64::from(concerns_index);
        (self.shared.observe)(Point::StoreCommitted);
        self.rhythm.end();
        self.in_flight.clear();
        for Credit { job, kind } in self.pending.drain(..) {
            let add = |counter: &AtomicU64, n: u64| counter.fetch_add(n, Ordering::Relaxed);
            add(&job.processed, 1);
            match kind {
                CreditKind::Item { new, recovered, partial, attachments, embedded, anomalies } => {
                    add(&job.anomalies, anomalies);
                    add(&job.partial, u64::from(partial));
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
            let mut again = std::mem::take(&mut self.again);
            again.sort_unstable();
            again.dedup();
            return Ok(Some((batch, again)));
        }
        let generation = shared.generation.fetch_add(1, Ordering::Relaxed) + 1;
        (shared.notify)(super::Notice::Committed { generation });
        Ok(None)
    }

    fn commit_or_fail(&mut self) {
        if !self.rhythm.is_open() {
            return;
        }
        if let Err(error) = self.commit_ahead() {
            self.fail(error, None);
        }
    }

    /// Undoes the batch after a task of the writer failed with `error`, which its caller reports; other jobs with items in the
    /// batch end with it.
    pub fn undo(&mut self, error: &Error) {
        let shared = match error {
            full if full.is_full() => Error::NoSpace { path: self.shared.folder.clone() },
            other => Error::Internal(other.to_string()),
        };
        self.fail(shared, None);
    }

    /// Undoes the batch and ends the jobs that it belonged to.
    fn fail(&mut self, error: Error, job: Option<&Arc<JobRecord>>) {
        let error = Arc::new(error.with_library(&self.shared.folder));
        tracing::error!(%error, "the batch is undone");
        self.again.clear();
        self.concerns_index = false;
        self.store.rollback();
        self.index.undo();
        self.rhythm.end();
        self.in_flight.clear();
        let pending = std::mem::take(&mut self.pending);
        for job in pending.iter().map(|credit| &credit.job).chain(job) {
            job.cancel();
            job.change(|slow| {
                slow.error.get_or_insert_with(|| error.clone());
            });
        }
    }
}
