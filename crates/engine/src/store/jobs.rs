//! What is asked of the imports that have not ended, of watched files, and of digests.

use super::Store;
use crate::error::Result;
use crate::ids::SourceId;
use rusqlite::OptionalExtension as _;
use std::path::PathBuf;

/// Digests of a whole file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digests {
    /// BLAKE3.
    pub blake3: Vec<u8>,
    /// SHA-256.
    pub sha256: Vec<u8>,
}

impl Store {
    /// Imports that were asked for and have not ended, and whether they are paused.
    ///
    /// # Errors
    /// SQLite's.
    pub fn unfinished(&self) -> Result<Vec<(PathBuf, bool)>> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached("SELECT path, paused FROM unfinished ORDER BY path")?;
        let rows =
            statement.query_map([], |row| Ok((PathBuf::from(row.get::<_, String>(0)?), row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Files and folders that are watched.
    ///
    /// # Errors
    /// SQLite's.
    pub fn watched(&self) -> Result<Vec<PathBuf>> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached("SELECT path FROM watched ORDER BY path")?;
        let rows = statement.query_map([], |row| Ok(PathBuf::from(row.get::<_, String>(0)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The digests of the file of a source, if they are of its state `state`.
    ///
    /// # Errors
    /// SQLite's.
    pub fn digests(&self, source: SourceId, state: &[u8]) -> Result<Option<Digests>> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(
            "SELECT blake3, sha256 FROM source
             WHERE id = ?1 AND digest_state = ?2 AND blake3 IS NOT NULL AND sha256 IS NOT NULL",
        )?;
        let digests = statement.query_row(rusqlite::params![source, state], |row| {
            Ok(Digests { blake3: row.get(0)?, sha256: row.get(1)? })
        });
        Ok(digests.optional()?)
    }

    /// For each source, an older one of the same mailbox.
    ///
    /// # Errors
    /// SQLite's.
    pub fn twins(&self) -> Result<Vec<(SourceId, SourceId)>> {
        let reader = self.reader()?;
        let mut statement =
            reader.prepare_cached("SELECT id, same_as FROM source WHERE same_as IS NOT NULL ORDER BY id")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
