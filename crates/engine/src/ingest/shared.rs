//! What all threads of an import share, and what they tell each other.

use super::extract::Prepared;
use super::job::JobRecord;
use super::pace::Threads;
use super::queue::ByteQueue;
use super::writer::Writer;
use crate::error::{Error, Result};
use crate::ids::{FolderId, SourceId};
use crate::index::Index;
use crate::monitor::{Stage, Stages};
use crate::source::Opener;
use crate::store::{Known, NewFailure, Store};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{SystemTime, UNIX_EPOCH};

/// Of the text of one item's files, at most this much is searchable.
pub const MAX_ATTACHED: usize = 32 * 1024 * 1024;
/// Folders nest no deeper than this.
pub const MAX_FOLDER_DEPTH: usize = 256;

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
    pub fn folder(&self) -> FolderId {
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
    /// What moved and what is gone is in the open batch.
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
    /// Between two steps of telling what belongs together; all items are committed.
    Linking,
    /// What belongs together is committed; nobody was told yet.
    Linked,
}

impl Point {
    /// All of them.
    pub const ALL: [Point; 12] = [
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
        Point::Linking,
        Point::Linked,
    ];
}

/// What a process may do with the library that it has open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It is the one that writes.
    Writes,
    /// Another process writes, and this one reads alone: of what the other writes, what was there when the library was opened is found.
    Beside,
    /// Nothing may be written to it, and nobody does while this process reads.
    ReadOnly,
}

/// What writer and readers of a library share.
pub struct Shared {
    /// Folder of the library.
    pub folder: PathBuf,
    /// What this process may do with it.
    pub access: Access,
    /// SQLite.
    pub store: Store,
    /// tantivy.
    pub index: Index,
    /// Grows with each commit that became searchable.
    pub generation: AtomicU64,
    /// Items read since the library was opened.
    pub items: AtomicU64,
    /// Where imports spend their time.
    pub stages: Stages,
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
    pub index_threads: Threads,
    /// Bytes that may wait for the index.
    pub index_queue: usize,
}

impl Shared {
    /// Whether this process may change the library.
    ///
    /// # Errors
    /// Why not: [`Error::LibraryInUse`], [`Error::LibraryReadOnly`].
    pub fn may_write(&self) -> Result<()> {
        let path = self.folder.clone();
        match self.access {
            Access::Writes => Ok(()),
            Access::Beside => Err(Error::LibraryInUse { path }),
            Access::ReadOnly => {
                Err(Error::LibraryReadOnly { path, reason: "it was opened to be read".into() })
            }
        }
    }
}

/// Milliseconds since 1970 UTC.
pub fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}

/// Runs something on the writer, after all that was sent to it before, and gives its answer. If it fails, the open batch is undone.
pub fn on_writer<T: Send + 'static>(
    shared: &Shared,
    run: impl FnOnce(&mut Writer) -> Result<T> + Send + 'static,
) -> Result<T> {
    shared.may_write()?;
    let (sender, receiver) = std::sync::mpsc::sync_channel(1);
    let library = shared.folder.clone();
    let message = Message::Run(Box::new(move |writer: &mut Writer| {
        let result = run(writer).map_err(|error| error.with_library(&library));
        let result = result.inspect_err(|error| writer.undo(error));
        let _ = sender.send(result);
    }));
    shared
        .stages
        .time(Stage::QueueFull, || shared.queue.push_at_once(message, 0))
        .map_err(|_| Error::WriterGone)?;
    receiver.recv().map_err(|_| Error::WriterGone)?
}
