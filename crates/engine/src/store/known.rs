//! What the library knows of the items of a source, to be compared with what its file names now.

use super::Store;
use super::write::{DAMAGED, PARTIAL, READING, StoreWriter, unbits};
use crate::error::Result;
use crate::ids::{FolderId, ItemId, SourceId};
use crate::source::Version;
use rusqlite::Connection;
use std::collections::HashMap;

/// What the library knows of an item of a source.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// Its row.
    pub id: ItemId,
    /// Its version when it was read.
    pub version: Version,
    /// Where it was.
    pub folder: FolderId,
    /// Whether a later state of the file lacked it.
    pub gone: bool,
    /// Whether the file no longer named it, though it could still be read.
    pub recovered: bool,
    /// Whether it was read in an earlier way, which kept less of it than is kept now.
    pub outdated: bool,
    /// Whether it was lost but for what its folder repeats of it.
    pub partial: bool,
    /// Whether something of it was damaged or missing when it was read.
    pub damaged: bool,
}

/// Items of a source by their keys. Keys come from files: the hash is seeded, so that none can be made to collide.
pub type KnownItems = HashMap<u64, Known, foldhash::fast::RandomState>;

impl Store {
    /// All items of a source by key, those that are gone included, and the last batch that this is true of.
    ///
    /// # Errors
    /// SQLite's.
    pub fn known(&self, source: SourceId) -> Result<(KnownItems, i64)> {
        let mut reader = self.reader()?;
        let state = reader.transaction()?;
        let batch = state.query_row("SELECT coalesce(max(id), 0) FROM batch", [], |row| row.get(0))?;
        Ok((known(&state, source)?, batch))
    }
}

impl StoreWriter {
    /// As [`Store::known`], with what is not committed yet.
    ///
    /// # Errors
    /// SQLite's.
    pub fn known(&self, source: SourceId) -> Result<KnownItems> {
        known(self.connection(), source)
    }
}

fn known(connection: &Connection, source: SourceId) -> Result<KnownItems> {
    let count: i64 =
        connection.query_row("SELECT count(*) FROM item WHERE source_id = ?1", [source], |row| row.get(0))?;
    let count = usize::try_from(count).unwrap_or_default();
    let mut statement = connection.prepare_cached(
        "SELECT key, id, data_version, sub_version, folder_id, gone_at IS NOT NULL, recovered, reading FROM item
         WHERE source_id = ?1",
    )?;
    let mut rows = statement.query([source])?;
    let mut items = KnownItems::with_capacity_and_hasher(count, Default::default());
    while let Some(row) = rows.next()? {
        let version = Version { data: unbits(row.get(2)?), sub: unbits(row.get(3)?) };
        let reading: i64 = row.get(7)?;
        let known = Known {
            id: row.get(1)?,
            version,
            folder: row.get(4)?,
            gone: row.get(5)?,
            recovered: row.get(6)?,
            outdated: reading < READING && reading != DAMAGED,
            partial: reading == PARTIAL,
            damaged: reading == DAMAGED,
        };
        items.insert(unbits(row.get(0)?), known);
    }
    Ok(items)
}
