//! SQLite: the truth. One writer, a pool of read-only connections, WAL between them.

mod contents;
mod facts;
mod jobs;
mod known;
mod lookup;
mod measure;
mod read;
mod relations;
mod review;
mod schema;
mod snippet;
mod still;
mod texts;
#[cfg(test)]
mod traced;
mod write;

pub use contents::WaitingRow;
pub use facts::{ItemFacts, Miscount};
pub use jobs::Digests;
pub use known::{Held, Known, KnownItems};
pub use lookup::Place;
pub use measure::{PoolView, StoreView};
pub use read::{FolderRow, HitRow, ItemRow, LossItem, LossRow, PersonRow, SourceRow};
pub use relations::{Correspondence, SourceCopies, Thread, Together};
pub use review::{Action, Change, Colour, Review, Saved, Tag};
pub use texts::StoredText;
pub use write::{Actor, Done, NewFailure, NewItem, NewText, SourceRecord, StoreWriter, TextOutcome};

use crate::cache::Changes;
use crate::error::{Error, Result};
use crate::monitor::Latencies;
use r2d2::ManageConnection as _;
use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a statement waits for another connection.
const BUSY: Duration = Duration::from_secs(10);

/// The open database: reads go through the pool; [`Store::writer`] gives the one writer.
pub struct Store {
    path: PathBuf,
    pool: r2d2::Pool<SqliteConnectionManager>,
    groups: relations::KnownGroups,
    changes: Arc<Changes>,
    waits: Latencies,
}

/// How large the caches of SQLite may grow, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct StoreMemory {
    /// Of the writer.
    pub writer: usize,
    /// Of all readers together.
    pub readers: usize,
}

/// Bytes of a page of the database. A letter takes some 2 KB: of SQLite's 4 KB a tenth would stay empty, and each is written by
/// calls of its own.
const PAGE: i64 = 8192;

impl Store {
    /// Opens or makes the database at `path`, brings its schema up to date, and gives its writer with it.
    ///
    /// # Errors
    /// [`Error::LibraryUnusable`] when it is of a later version or damaged.
    pub fn open(path: &Path, memory: StoreMemory, readers: u32) -> Result<(Self, StoreWriter)> {
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(BUSY)?;
        // Of a database that is made now; others stay as they are.
        connection.pragma_update(None, "page_size", PAGE)?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        // A batch that the index knows of must survive a power cut.
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "temp_store", "memory")?;
        set_cache(&connection, memory.writer)?;
        connection.set_prepared_statement_cache_capacity(64);
        schema::migrate(&mut connection, path)?;
        let store = Self::reading(path, None, memory, readers)?;
        let changes = store.changes.clone();
        Ok((store, StoreWriter::new(connection, changes)))
    }

    /// Opens the database at `path` to be read alone, beside whoever writes it.
    ///
    /// # Errors
    /// [`Error::LibraryUnfinished`] when it is of an earlier version: only who writes can bring it up to date;
    /// [`Error::LibraryUnusable`] when it is of a later one.
    pub fn open_beside(path: &Path, memory: StoreMemory, readers: u32) -> Result<Self> {
        Self::reading(path, None, memory, readers)
    }

    /// Opens the database at `path` to be read alone, where nothing may be written beside it and nobody writes meanwhile.
    ///
    /// # Errors
    /// [`Error::LibraryUnfinished`] when it is of an earlier version, or when what was written to it last waits in its log and the
    /// system does not have the log read from there; [`Error::LibraryUnusable`] when it is of a later version.
    pub fn open_still(path: &Path, memory: StoreMemory, readers: u32) -> Result<Self> {
        let log = still::log(path);
        // SQLite reads no database with a log where it can make no file beside it, unless it is told that nothing changes; then it
        // takes no notice of a log, and would leave out what is in it.
        let has_log = log.metadata().is_ok_and(|log| log.len() > 0);
        let uri = (!has_log).then(|| still::unchanging(path));
        Self::reading(path, uri.as_deref(), memory, readers).map_err(|error| match error {
            Error::Sqlite(cause) if has_log => {
                let reason = format!("what was taken in last is not in its database yet ({cause})");
                Error::LibraryUnfinished { path: path.to_owned(), reason }
            }
            error => error,
        })
    }

    /// The database at `path`, opened by a URI where one is given.
    fn reading(path: &Path, uri: Option<&str>, memory: StoreMemory, readers: u32) -> Result<Self> {
        let per_reader = memory.readers / usize::try_from(readers).unwrap_or(1).max(1);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let manager = match uri {
            Some(uri) => SqliteConnectionManager::file(uri).with_flags(flags | OpenFlags::SQLITE_OPEN_URI),
            None => SqliteConnectionManager::file(path).with_flags(flags),
        };
        let manager = manager.with_init(move |connection| {
            connection.busy_timeout(BUSY)?;
            connection.pragma_update(None, "query_only", true)?;
            set_cache(connection, per_reader)?;
            connection.set_prepared_statement_cache_capacity(64);
            #[cfg(test)]
            traced::watch(connection);
            Ok(())
        });
        // The pool would try for half a minute.
        schema::check(&manager.connect()?, path)?;
        // A connection to a file does not break while it waits: it is not tried out before each use. All are opened now, so that nobody
        // waits for one that is being opened.
        let pool = r2d2::Pool::builder()
            .max_size(readers)
            .min_idle(Some(readers))
            .test_on_check_out(false)
            .build(manager)?;
        Ok(Self {
            path: path.to_owned(),
            pool,
            groups: relations::KnownGroups::default(),
            changes: Arc::default(),
            waits: Latencies::default(),
        })
    }

    fn reader(&self) -> Result<r2d2::PooledConnection<SqliteConnectionManager>> {
        let asked = Instant::now();
        let reader = self.pool.get().map_err(Error::from);
        self.waits.record(asked.elapsed());
        reader
    }

    /// Announces each change that readers can see. Whatever else answers are made from announces its own there.
    pub fn changes(&self) -> &Arc<Changes> {
        &self.changes
    }

    /// Where the database lies.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn set_cache(connection: &Connection, bytes: usize) -> rusqlite::Result<()> {
    let kib = i64::try_from(bytes / 1024).unwrap_or(2000);
    connection.pragma_update(None, "cache_size", -kib)
}
