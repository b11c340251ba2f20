//! The one writer. Everything happens inside a transaction that [`StoreWriter::commit`] ends.

use crate::error::Result;
use crate::ids::{FolderId, ItemId, SourceId};
use crate::source::{AttachmentFacts, Facts, ItemKind, Person, PlannedFolder, Role, Version};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashMap;

/// Person ids kept at hand; beyond this the memory is emptied and filled anew.
const MAX_PEOPLE: usize = 50_000;

/// Writes to SQLite.
pub struct StoreWriter {
    connection: Connection,
    open: bool,
    people: HashMap<Person, i64>,
}

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

/// An item that was read.
#[derive(Debug, Clone)]
pub struct NewItem {
    /// Its key in the file.
    pub key: u64,
    /// Its version there.
    pub version: Version,
    /// Beyond what the file names.
    pub recovered: bool,
    /// What it is.
    pub kind: ItemKind,
    /// PidTagMessageClass.
    pub class: String,
    /// Subject.
    pub subject: String,
    /// Sender.
    pub from: Person,
    /// Recipients.
    pub recipients: Vec<(Role, Person)>,
    /// Date.
    pub date: Option<i64>,
    /// Bytes.
    pub size: u64,
    /// PidTagInternetMessageId.
    pub message_id: String,
    /// Attachments at any depth.
    pub attachments: Vec<AttachmentFacts>,
    /// Body, compressed.
    pub text: Vec<u8>,
    /// Text of embedded messages, compressed.
    pub embedded_text: Vec<u8>,
    /// Oddities.
    pub anomalies: Vec<String>,
}

/// An item that could not be read.
#[derive(Debug, Clone)]
pub struct NewFailure {
    /// Its key in the file.
    pub key: u64,
    /// Beyond what the file names.
    pub recovered: bool,
    /// Why.
    pub reason: String,
}

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
}

// Keys and block ids are unsigned; SQLite's integers are not. The bits are kept.
fn bits(value: u64) -> i64 {
    i64::from_ne_bytes(value.to_ne_bytes())
}

fn unbits(value: i64) -> u64 {
    u64::from_ne_bytes(value.to_ne_bytes())
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

impl StoreWriter {
    pub(super) fn new(connection: Connection) -> Self {
        Self { connection, open: false, people: HashMap::new() }
    }

    fn begin(&mut self) -> Result<()> {
        if !self.open {
            self.connection.execute_batch("BEGIN IMMEDIATE")?;
            self.open = true;
        }
        Ok(())
    }

    /// The number of the last committed batch; 0 for none.
    ///
    /// # Errors
    /// SQLite's.
    pub fn last_batch(&self) -> Result<i64> {
        Ok(self.connection.query_row("SELECT coalesce(max(id), 0) FROM batch", [], |row| row.get(0))?)
    }

    /// Makes durable what was written since the last commit, as batch `batch`.
    ///
    /// # Errors
    /// SQLite's; the transaction is then still open, and [`StoreWriter::rollback`] must follow.
    pub fn commit(&mut self, batch: i64, now: i64) -> Result<()> {
        self.begin()?;
        self.connection
            .prepare_cached("INSERT INTO batch (id, committed_at) VALUES (?1, ?2)")?
            .execute(params![batch, now])?;
        self.connection.execute_batch("COMMIT")?;
        self.open = false;
        Ok(())
    }

    /// Forgets what was written since the last commit.
    pub fn rollback(&mut self) {
        // SQLite may have rolled back by itself (a full disk does so); the error then says just that.
        let _ = self.connection.execute_batch("ROLLBACK");
        self.open = false;
        self.people.clear();
    }

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
                SourceId(self.connection.last_insert_rowid())
            }
            Some(id) => {
                self.connection.execute(
                    "UPDATE source SET path = ?2, name = ?3, format = ?4, kind = ?5, encryption = ?6, size = ?7, modified = ?8,
                     imported_at = ?9, complete = 0 WHERE id = ?1",
                    params![id, record.path, record.name, f.format, f.kind, f.encryption, size, record.modified, now],
                )?;
                self.connection.execute("DELETE FROM anomaly WHERE source_id = ?1 AND key IS NULL", [id])?;
                id
            }
        };
        for anomaly in &f.anomalies {
            self.put_anomaly(id, None, None, anomaly)?;
        }
        Ok(id)
    }

    /// Writes the folders of a source; those that the file no longer has stay, as gone. Gives the ids in the order of `folders`.
    ///
    /// # Errors
    /// SQLite's.
    pub fn put_folders(
        &mut self,
        source: SourceId,
        folders: &[PlannedFolder],
        expected: &[u64],
    ) -> Result<Vec<FolderId>> {
        self.begin()?;
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
        Ok(ids)
    }

    /// All items of a source by key, those that are gone included.
    ///
    /// # Errors
    /// SQLite's.
    pub fn known(&self, source: SourceId) -> Result<HashMap<u64, Known>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT key, id, data_version, sub_version, folder_id, gone_at IS NOT NULL FROM item WHERE source_id = ?1",
        )?;
        let rows = statement.query_map([source], |row| {
            let version = Version { data: unbits(row.get(2)?), sub: unbits(row.get(3)?) };
            Ok((
                unbits(row.get(0)?),
                Known { id: row.get(1)?, version, folder: row.get(4)?, gone: row.get(5)? },
            ))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Writes an item, over the row `existing` if there is one; gives its id.
    ///
    /// # Errors
    /// SQLite's.
    pub fn put_item(
        &mut self,
        source: SourceId,
        folder: FolderId,
        existing: Option<ItemId>,
        item: &NewItem,
        batch: i64,
    ) -> Result<ItemId> {
        self.begin()?;
        if let Some(id) = existing {
            for table in ["body", "recipient", "attachment"] {
                self.connection
                    .prepare_cached(&format!("DELETE FROM {table} WHERE item_id = ?1"))?
                    .execute([id])?;
            }
        }
        self.connection
            .prepare_cached("DELETE FROM failure WHERE source_id = ?1 AND key = ?2")?
            .execute(params![source, bits(item.key)])?;
        self.forget_anomalies(source, item.key)?;

        let embedded = item.attachments.iter().filter(|a| a.method == "message").count();
        let visible = item.attachments.iter().filter(|a| !a.inline && a.path.len() == 1).count();
        let to_line = to_line(&item.recipients);
        let id: ItemId = self
            .connection
            .prepare_cached(
                "INSERT INTO item (source_id, folder_id, key, data_version, sub_version, batch, kind, class, subject, from_name,
                   from_address, to_line, date, size, attachments, visible_attachments, embedded, message_id, recovered)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
                 ON CONFLICT (source_id, key) DO UPDATE SET folder_id = excluded.folder_id,
                   data_version = excluded.data_version, sub_version = excluded.sub_version, batch = excluded.batch,
                   kind = excluded.kind, class = excluded.class, subject = excluded.subject, from_name = excluded.from_name,
                   from_address = excluded.from_address, to_line = excluded.to_line, date = excluded.date,
                   size = excluded.size, attachments = excluded.attachments,
                   visible_attachments = excluded.visible_attachments, embedded = excluded.embedded,
                   message_id = excluded.message_id, recovered = excluded.recovered, gone_at = NULL
                 RETURNING id",
            )?
            .query_row(
                params![
                    source,
                    folder,
                    bits(item.key),
                    bits(item.version.data),
                    bits(item.version.sub),
                    batch,
                    item.kind as u8,
                    item.class,
                    item.subject,
                    item.from.name,
                    item.from.address,
                    to_line,
                    item.date,
                    bits(item.size),
                    count(item.attachments.len()),
                    count(visible),
                    count(embedded),
                    item.message_id,
                    item.recovered
                ],
                |row| row.get(0),
            )?;
        self.connection
            .prepare_cached("INSERT INTO body (item_id, text, embedded) VALUES (?1, ?2, ?3)")?
            .execute(params![id, item.text, item.embedded_text])?;
        for (ordinal, (role, person)) in item.recipients.iter().enumerate() {
            let person = self.person(person)?;
            self.connection
                .prepare_cached(
                    "INSERT INTO recipient (item_id, ordinal, role, person_id) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![id, count(ordinal), *role as u8, person])?;
        }
        for (ordinal, attachment) in item.attachments.iter().enumerate() {
            let path: Vec<String> = attachment.path.iter().map(u32::to_string).collect();
            self.connection
                .prepare_cached(
                    "INSERT INTO attachment (item_id, ordinal, path, name, size, mime_type, method, inline)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                )?
                .execute(params![
                    id,
                    count(ordinal),
                    path.join("/"),
                    attachment.name,
                    bits(attachment.size),
                    attachment.mime_type,
                    attachment.method,
                    attachment.inline
                ])?;
        }
        for anomaly in &item.anomalies {
            self.put_anomaly(source, Some(item.key), Some(folder), anomaly)?;
        }
        Ok(id)
    }

    /// Writes that an item could not be read. What an earlier state of it held stays, as gone.
    ///
    /// # Errors
    /// SQLite's.
    pub fn put_failure(
        &mut self,
        source: SourceId,
        folder: FolderId,
        failure: &NewFailure,
        batch: i64,
        now: i64,
    ) -> Result<()> {
        self.begin()?;
        self.connection
            .prepare_cached("UPDATE item SET gone_at = ?3, batch = ?4 WHERE source_id = ?1 AND key = ?2 AND gone_at IS NULL")?
            .execute(params![source, bits(failure.key), now, batch])?;
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO failure (source_id, key, folder_id, recovered, reason) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![source, bits(failure.key), folder, failure.recovered, failure.reason])?;
        Ok(())
    }

    /// Forgets the failures of a source: each import finds its own.
    ///
    /// # Errors
    /// SQLite's.
    pub fn clear_failures(&mut self, source: SourceId) -> Result<()> {
        self.begin()?;
        self.connection.execute("DELETE FROM failure WHERE source_id = ?1", [source])?;
        Ok(())
    }

    /// Records an oddity.
    ///
    /// # Errors
    /// SQLite's.
    pub fn put_anomaly(
        &mut self,
        source: SourceId,
        key: Option<u64>,
        folder: Option<FolderId>,
        reason: &str,
    ) -> Result<()> {
        self.begin()?;
        self.connection
            .prepare_cached(
                "INSERT INTO anomaly (source_id, key, folder_id, reason) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![source, key.map(bits), folder, reason])?;
        Ok(())
    }

    fn forget_anomalies(&self, source: SourceId, key: u64) -> Result<()> {
        self.connection
            .prepare_cached("DELETE FROM anomaly WHERE source_id = ?1 AND key = ?2")?
            .execute(params![source, bits(key)])?;
        Ok(())
    }

    /// Marks an item as no longer in its file.
    ///
    /// # Errors
    /// SQLite's.
    pub fn mark_gone(&mut self, item: ItemId, now: i64) -> Result<()> {
        self.begin()?;
        self.connection
            .prepare_cached("UPDATE item SET gone_at = ?2 WHERE id = ?1")?
            .execute(params![item, now])?;
        Ok(())
    }

    /// Puts an unchanged item into the folder where it is now, and back into its file if it was gone.
    ///
    /// # Errors
    /// SQLite's.
    pub fn move_item(&mut self, item: ItemId, folder: FolderId, batch: i64) -> Result<()> {
        self.begin()?;
        self.connection
            .prepare_cached("UPDATE item SET folder_id = ?2, batch = ?3, gone_at = NULL WHERE id = ?1")?
            .execute(params![item, folder, batch])?;
        Ok(())
    }

    /// Marks a source as taken in whole.
    ///
    /// # Errors
    /// SQLite's.
    pub fn finish_source(&mut self, source: SourceId) -> Result<()> {
        self.begin()?;
        self.connection.execute("UPDATE source SET complete = 1 WHERE id = ?1", [source])?;
        Ok(())
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
        for table in ["body", "recipient", "attachment"] {
            self.connection.execute(
                &format!("DELETE FROM {table} WHERE item_id IN (SELECT id FROM item WHERE source_id = ?1)"),
                [source],
            )?;
        }
        for table in ["failure", "anomaly", "item", "folder"] {
            self.connection.execute(&format!("DELETE FROM {table} WHERE source_id = ?1"), [source])?;
        }
        self.connection.execute("DELETE FROM source WHERE id = ?1", [source])?;
        Ok(())
    }

    fn person(&mut self, person: &Person) -> Result<i64> {
        if let Some(id) = self.people.get(person) {
            return Ok(*id);
        }
        let found: Option<i64> = self
            .connection
            .prepare_cached("SELECT id FROM person WHERE address = ?1 AND name = ?2")?
            .query_row(params![person.address, person.name], |row| row.get(0))
            .optional()?;
        let id = match found {
            Some(id) => id,
            None => {
                self.connection
                    .prepare_cached("INSERT INTO person (name, address) VALUES (?1, ?2)")?
                    .execute(params![person.name, person.address])?;
                self.connection.last_insert_rowid()
            }
        };
        if self.people.len() >= MAX_PEOPLE {
            self.people.clear();
        }
        self.people.insert(person.clone(), id);
        Ok(id)
    }

    /// Moves everything from the write-ahead log into the database.
    ///
    /// # Errors
    /// SQLite's.
    pub fn checkpoint(&self) -> Result<()> {
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    /// Limits how large the database may grow, in pages: a disk that is full, for tests and for quotas.
    ///
    /// # Errors
    /// SQLite's.
    pub fn limit_pages(&self, pages: u32) -> Result<()> {
        self.connection.pragma_update(None, "max_page_count", pages)?;
        Ok(())
    }
}

/// Names of primary recipients (or of all, if there are none), as a list shows them.
fn to_line(recipients: &[(Role, Person)]) -> String {
    const MAX_NAMES: usize = 20;
    let primary: Vec<&str> =
        recipients.iter().filter(|(role, _)| *role == Role::To).map(|(_, person)| person.display()).collect();
    let names =
        if primary.is_empty() { recipients.iter().map(|(_, p)| p.display()).collect() } else { primary };
    let more = names.len().saturating_sub(MAX_NAMES);
    let mut line = names.into_iter().take(MAX_NAMES).collect::<Vec<_>>().join("; ");
    if more > 0 {
        line.push_str(&format!("; and {more} more"));
    }
    line
}
