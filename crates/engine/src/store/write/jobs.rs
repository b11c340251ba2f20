//! Imports that have not ended, files that are watched, digests of files, and mailboxes that are there twice.

use super::StoreWriter;
use crate::error::Result;
use crate::ids::SourceId;
use rusqlite::{OptionalExtension as _, params};

impl StoreWriter {
    /// Remembers that a file is to be imported.
    ///
    /// # Errors
    /// SQLite's.
    pub fn put_unfinished(&mut self, path: &str, paused: bool) -> Result<()> {
        self.begin()?;
        self.connection.execute(
            "INSERT INTO unfinished (path, paused) VALUES (?1, ?2)
             ON CONFLICT (path) DO UPDATE SET paused = excluded.paused",
            params![path, paused],
        )?;
        Ok(())
    }

    /// Forgets it: the import has ended.
    ///
    /// # Errors
    /// SQLite's.
    pub fn forget_unfinished(&mut self, path: &str) -> Result<()> {
        self.begin()?;
        self.connection.execute("DELETE FROM unfinished WHERE path = ?1", [path])?;
        Ok(())
    }

    /// Watches a file or folder, or no longer does.
    ///
    /// # Errors
    /// SQLite's.
    pub fn put_watched(&mut self, path: &str, watched: bool) -> Result<()> {
        self.begin()?;
        let sql = if watched {
            "INSERT OR IGNORE INTO watched (path) VALUES (?1)"
        } else {
            "DELETE FROM watched WHERE path = ?1"
        };
        self.connection.execute(sql, [path])?;
        Ok(())
    }

    /// Writes the digests of the file of a source as it was in the state `state`.
    ///
    /// # Errors
    /// SQLite's.
    pub fn put_digests(
        &mut self,
        source: SourceId,
        state: &[u8],
        blake3: &[u8],
        sha256: &[u8],
    ) -> Result<()> {
        self.begin()?;
        self.connection.execute(
            "UPDATE source SET digest_state = ?2, blake3 = ?3, sha256 = ?4 WHERE id = ?1",
            params![source, state, blake3, sha256],
        )?;
        Ok(())
    }

    /// The oldest other source of the same mailbox, which is remembered with the source.
    ///
    /// # Errors
    /// SQLite's.
    pub fn find_twin(&mut self, source: SourceId) -> Result<Option<SourceId>> {
        self.begin()?;
        let twin: Option<SourceId> = self
            .connection
            .query_row(
                "SELECT other.id FROM source JOIN source AS other
                 ON other.identity = source.identity AND other.id < source.id
                 WHERE source.id = ?1 AND source.identity <> x'' ORDER BY other.id LIMIT 1",
                [source],
                |row| row.get(0),
            )
            .optional()?;
        self.connection.execute(
            "UPDATE source SET same_as = ?2 WHERE id = ?1 AND same_as IS NOT ?2",
            params![source, twin],
        )?;
        Ok(twin)
    }
}
