//! Sources and folders, and what is known of their items.

use super::{READING, StoreWriter, bits, count};
use crate::error::Result;
use crate::ids::{FolderId, SourceId};
use crate::source::{Facts, PlannedFolder};
use rusqlite::{OptionalExtension as _, params};

/// A source before it has an id.
#[derive(Debug, Clone)]
pub struct SourceRecord<'a> {
    /// What the file says of itself.
    pub facts: &'a Facts,
    /// Absolute path.
    pub path: &'a str,
    /// File name.
    pub name: &'a str,
    /// Modification time of the file, milliseconds since 1970 UTC.
    pub modified: i64,
}

/// Stands before the state of a file: in which way its items were read.
fn reading_mark() -> String {
    format!("read {READING}:")
}

impl StoreWriter {
    /// The source that this file is: the one that has this path and identity; or one of the same identity whose file is no longer
    /// where it was (it moved). `exists` tells whether a path is a file. Otherwise none: a copy beside its original, or a mailbox that
    /// took another's place, is a source of its own, so that nothing is taken for gone that is not.
    ///
    /// # Errors
    /// SQLite's.
    pub fn find_source(
        &self,
        identity: &[u8],
        path: &str,
        exists: impl Fn(&str) -> bool,
    ) -> Result<Option<SourceId>> {
        let mut statement =
            self.connection.prepare_cached("SELECT id, path FROM source WHERE identity = ?1 ORDER BY id")?;
        let rows = statement
            .query_map([identity], |row| Ok((row.get::<_, SourceId>(0)?, row.get::<_, String>(1)?)))?;
        let known: Vec<(SourceId, String)> = rows.collect::<Result<_, _>>()?;
        let same_path = known.iter().find(|(_, known)| known == path);
        let moved =
            || (!identity.is_empty()).then(|| known.iter().find(|(_, known)| !exists(known))).flatten();
        Ok(same_path.or_else(moved).map(|(id, _)| *id))
    }

    /// Writes what is known of a source as a whole, and forgets the oddities of its last import. It counts as incomplete until
    /// [`StoreWriter::finish_source`].
    ///
    /// # Errors
    /// SQLite's.
    pub fn put_source(
        &mut self,
        id: Option<SourceId>,
        record: &SourceRecord<'_>,
        now: i64,
    ) -> Result<SourceId> {
        self.begin()?;
        let f = record.facts;
        let size = bits(f.size);
        let id = match id {
            None => {
                self.connection.execute(
                    "INSERT INTO source (identity, path, name, format, kind, encryption, size, modified, imported_at, complete)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0)",
                    params![f.identity, record.path, record.name, f.format, f.kind, f.encryption, size, record.modified, now],
                )?;
                let id = SourceId(self.connection.last_insert_rowid());
                self.gather(id);
                id
            }
            Some(id) => {
                self.connection.execute(
                    "UPDATE source SET path = ?2, name = ?3, format = ?4, kind = ?5, encryption = ?6, size = ?7, modified = ?8,
                     imported_at = ?9, complete = 0 WHERE id = ?1",
                    params![id, record.path, record.name, f.format, f.kind, f.encryption, size, record.modified, now],
                )?;
                self.connection.execute("DELETE FROM anomaly WHERE source_id = ?1 AND key IS NULL", [id])?;
                // What is written from here on is not all that there is.
                self.gathered.remove(&id);
                id
            }
        };
        for anomaly in &f.anomalies {
            self.put_anomaly(id, None, None, anomaly)?;
        }
        Ok(id)
    }

    /// Writes the folders of a source; those that the file no longer has stay, as gone. Gives the ids in the order of `folders`.
    /// `recovered` says whether what was deleted was looked for.
    ///
    /// # Errors
    /// SQLite's.
    pub fn put_folders(
        &mut self,
        source: SourceId,
        folders: &[PlannedFolder],
        expected: &[u64],
        recovered: bool,
    ) -> Result<Vec<FolderId>> {
        self.begin()?;
        self.put_comings()?;
        self.connection
            .execute("UPDATE folder SET gone = 1, expected = 0, hidden = 0 WHERE source_id = ?1", [source])?;
        let mut ids: Vec<FolderId> = Vec::with_capacity(folders.len());
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO folder (source_id, key, parent_id, ordinal, depth, name, path, expected, hidden)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (source_id, key) DO UPDATE SET parent_id = excluded.parent_id, ordinal = excluded.ordinal,
               depth = excluded.depth, name = excluded.name, path = excluded.path, expected = excluded.expected,
               hidden = excluded.hidden, gone = 0
             RETURNING id",
        )?;
        for (ordinal, folder) in folders.iter().enumerate() {
            let parent = folder.parent.and_then(|parent| ids.get(parent)).copied();
            let expected = expected.get(ordinal).copied().unwrap_or_default();
            let id = statement.query_row(
                params![
                    source,
                    bits(folder.key),
                    parent,
                    count(ordinal),
                    folder.depth,
                    folder.name,
                    folder.path,
                    bits(expected),
                    bits(folder.hidden)
                ],
                |row| row.get(0),
            )?;
            ids.push(id);
        }
        drop(statement);
        if !recovered {
            // Nobody looked for what was deleted, so folders that hold only such items are where they were.
            self.connection.execute(
                "UPDATE folder SET gone = 0 WHERE gone = 1 AND id IN (
                   WITH RECURSIVE above (id) AS (
                     SELECT id FROM folder WHERE source_id = ?1 AND recovered > 0
                     UNION
                     SELECT folder.parent_id FROM folder JOIN above ON folder.id = above.id WHERE folder.parent_id IS NOT NULL)
                   SELECT id FROM above)",
                [source],
            )?;
        }
        Ok(ids)
    }

    /// Forgets the failures of a source: each import finds its own.
    ///
    /// # Errors
    /// SQLite's.
    pub fn clear_failures(&mut self, source: SourceId) -> Result<()> {
        self.begin()?;
        self.in_part.remove(&source);
        self.connection.execute("DELETE FROM failure WHERE source_id = ?1", [source])?;
        let sql = "SELECT EXISTS (SELECT 1 FROM anomaly WHERE source_id = ?1 AND key IS NOT NULL)";
        let odd: bool = self.connection.query_row(sql, [source], |row| row.get(0))?;
        if odd {
            self.untouched.remove(&source);
        } else {
            self.untouched.insert(source);
        }
        Ok(())
    }

    /// Whether anything of a source could not be read.
    ///
    /// # Errors
    /// SQLite's.
    pub fn has_failures(&self, source: SourceId) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM failure WHERE source_id = ?1)";
        Ok(self.connection.prepare_cached(sql)?.query_row([source], |row| row.get(0))?)
    }

    /// Writes where the file of a source lies now.
    ///
    /// # Errors
    /// SQLite's.
    pub fn relocate(&mut self, source: SourceId, path: &str, name: &str) -> Result<()> {
        self.begin()?;
        self.connection.execute(
            "UPDATE source SET path = ?2, name = ?3 WHERE id = ?1 AND (path <> ?2 OR name <> ?3)",
            params![source, path, name],
        )?;
        Ok(())
    }

    /// Marks a source as taken in whole, in the state `state` of its file. With items of which there was only a part, it is to be
    /// looked at again all the same.
    ///
    /// # Errors
    /// SQLite's.
    pub fn finish_source(&mut self, source: SourceId, state: &[u8]) -> Result<()> {
        self.begin()?;
        let whole = !state.is_empty() && !self.in_part.contains(&source);
        let state = if whole { [reading_mark().as_bytes(), state].concat() } else { Vec::new() };
        self.connection
            .execute("UPDATE source SET complete = 1, state = ?2 WHERE id = ?1", params![source, state])?;
        Ok(())
    }

    /// The state of the file when the source was last taken in whole; `None` if it was not since it last changed, or if anything of
    /// it was read in an earlier way.
    ///
    /// # Errors
    /// SQLite's.
    pub fn finished_state(&self, source: SourceId) -> Result<Option<Vec<u8>>> {
        let sql = "SELECT state FROM source WHERE id = ?1 AND complete = 1";
        let marked: Option<Vec<u8>> =
            self.connection.prepare_cached(sql)?.query_row([source], |row| row.get(0)).optional()?;
        let state = marked.as_deref().and_then(|marked| marked.strip_prefix(reading_mark().as_bytes()));
        Ok(state.map(<[u8]>::to_vec))
    }

    /// Forgets a source and everything of it, in batch `batch`.
    ///
    /// # Errors
    /// SQLite's.
    pub fn remove_source(&mut self, source: SourceId, batch: i64) -> Result<()> {
        self.begin()?;
        self.connection.execute(
            "INSERT OR REPLACE INTO removal (source_id, batch) VALUES (?1, ?2)",
            params![source, batch],
        )?;
        // Children first: the cascade would look each item up in every table.
        for table in ["body", "detail", "recipient", "attachment", "link"] {
            self.connection.execute(
                &format!("DELETE FROM {table} WHERE item_id IN (SELECT id FROM item WHERE source_id = ?1)"),
                [source],
            )?;
        }
        for table in ["failure", "anomaly", "item", "folder"] {
            self.connection.execute(&format!("DELETE FROM {table} WHERE source_id = ?1"), [source])?;
        }
        self.connection.execute("DELETE FROM source WHERE id = ?1", [source])?;
        self.gathered.remove(&source);
        self.forget_unused_texts()
    }
}
