//! The one writer. Everything happens inside a transaction that [`StoreWriter::commit`] ends.

mod clues;
mod comings;
mod contents;
mod jobs;
mod links;
mod log;
mod parts;
mod relations;
mod review;
mod sources;

pub use contents::{NewText, TextOutcome};
pub use review::{Actor, Done};
pub use sources::SourceRecord;

use self::comings::Coming;
use self::log::Log;
use super::known::{Gathered, Known};
use crate::cache::Changes;
use crate::error::Result;
use crate::ids::{FolderId, ItemId, SourceId};
use crate::relations::{Clues, Evidence};
use crate::source::{AttachmentFacts, Certainty, ItemKind, MailFacts, Person, Role, Version};
use crate::weight::fields;
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The way in which items are read now. One more whenever the library keeps more of an item than before: what was read in an
/// earlier way is then read again when its file is next opened.
pub const READING: i64 = 4;
/// What stands there for an item of which no more could be had than what its folder repeats of it: it is read again with every
/// import.
pub const PARTIAL: i64 = -1;
/// What stands there for an item of which something was damaged or missing: it is read again when its file has changed, if only
/// because the rest of a copy has arrived.
pub const DAMAGED: i64 = -2;

const ADD_ITEM: &str =
    "INSERT INTO item (source_id, folder_id, key, data_version, sub_version, batch, kind, class, subject, from_name,
       from_address, to_line, date, size, attachments, visible_attachments, embedded, message_id, recovered, certainty, reading,
       unread, flag, importance, sensitivity, protection, in_reply_to, refs, topic, conversation_index, sameness,
       sender_zone)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24,
       ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32)";
const PUT_ITEM: &str =
    "UPDATE item SET folder_id = ?2, data_version = ?4, sub_version = ?5, batch = ?6, kind = ?7, class = ?8, subject = ?9,
       from_name = ?10, from_address = ?11, to_line = ?12, date = ?13, size = ?14, attachments = ?15,
       visible_attachments = ?16, embedded = ?17, message_id = ?18, recovered = ?19, certainty = ?20, reading = ?21,
       unread = ?22, flag = ?23, importance = ?24, sensitivity = ?25, protection = ?26, in_reply_to = ?27, refs = ?28,
       topic = ?29, conversation_index = ?30, sameness = ?31, sender_zone = ?32, gone_at = NULL
     WHERE source_id = ?1 AND key = ?3 RETURNING id";

/// Writes to SQLite.
pub struct StoreWriter {
    log: Log,
    connection: Connection,
    open: bool,
    /// Where nothing was written since the last commit but what people say: of these items.
    said: Option<HashSet<i64>>,
    people: HashMap<Person, i64>,
    changes: Arc<Changes>,
    /// Sources of which no failure and no oddity of an item was on record when their import began.
    untouched: HashSet<SourceId>,
    /// Sources of which an item was written in part since their import began.
    in_part: HashSet<SourceId>,
    /// Of new sources, what was written of their items since.
    pub(super) gathered: HashMap<SourceId, Gathered>,
    /// What the accounts of folders do not say yet of items written since the last commit.
    comings: HashMap<FolderId, Coming>,
}

/// An item that was read.
#[derive(Debug, Clone)]
pub struct NewItem {
    /// Its key in the file.
    pub key: u64,
    /// Its version there.
    pub version: Version,
    /// Beyond what the file names: how sure it is that it is whole.
    pub recovered: Option<Certainty>,
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
    /// What mail says about itself.
    pub mail: MailFacts,
    /// A digest of what it says; the same for items that say the same.
    pub sameness: [u8; 16],
    /// What it has in common with others; of what stands in the other fields.
    pub clues: Clues,
    /// What an item of its kind says beyond a message, compressed; empty for nothing.
    pub details: Vec<u8>,
    /// Attachments at any depth.
    pub attachments: Vec<AttachmentFacts>,
    /// Body, compressed.
    pub text: Vec<u8>,
    /// Text of embedded messages, compressed.
    pub embedded_text: Vec<u8>,
    /// Whether this is what its folder repeats of it, and no more.
    pub partial: bool,
    /// Whether anything of it was damaged or missing.
    pub damaged: bool,
    /// Oddities.
    pub anomalies: Vec<String>,
}

fields! {
    NewItem { class, subject, from, recipients, message_id, mail, clues, details, attachments, text, embedded_text, anomalies;
        key: _, version: _, recovered: _, kind: _, date: _, size: _, sameness: _, partial: _, damaged: _ }
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

// Keys and block ids are unsigned; SQLite's integers are not. The bits are kept.
pub(super) fn bits(value: u64) -> i64 {
    i64::from_ne_bytes(value.to_ne_bytes())
}

pub(super) fn unbits(value: i64) -> u64 {
    u64::from_ne_bytes(value.to_ne_bytes())
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

impl NewItem {
    /// Finds its clues in what it holds by now.
    #[must_use]
    pub fn with_clues(mut self) -> Self {
        self.clues = Clues::of(&Evidence {
            message_id: &self.message_id,
            in_reply_to: &self.mail.in_reply_to,
            references: &self.mail.references.join(" "),
            conversation_index: &self.mail.conversation_index,
            topic: &self.mail.topic,
            subject: &self.subject,
            kind: Some(self.kind),
            date: self.date,
        });
        self
    }
}

impl StoreWriter {
    pub(super) fn new(connection: Connection, changes: Arc<Changes>) -> Self {
        Self {
            log: Log::of(&connection),
            connection,
            open: false,
            said: None,
            people: HashMap::new(),
            changes,
            untouched: HashSet::new(),
            in_part: HashSet::new(),
            gathered: HashMap::new(),
            comings: HashMap::new(),
        }
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(super) fn begin(&mut self) -> Result<()> {
        // Whoever knows better says so when it is written.
        self.said = None;
        if !self.open {
            self.log.shorten(&self.connection);
            self.connection.execute_batch("BEGIN IMMEDIATE")?;
            self.open = true;
        } else if self.connection.is_autocommit() {
            // SQLite has rolled back by itself (a full disk does so): what was written from now on would stay without the rest.
            let undone = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ABORT_ROLLBACK);
            return Err(rusqlite::Error::SqliteFailure(undone, None).into());
        }
        Ok(())
    }

    /// Whether something was written since the last commit.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// The number of the last committed batch; 0 for none.
    ///
    /// # Errors
    /// SQLite's.
    pub fn last_batch(&self) -> Result<i64> {
        Ok(self.connection.query_row("SELECT coalesce(max(id), 0) FROM batch", [], |row| row.get(0))?)
    }

    /// Makes durable what was written since the last commit: as batch `batch`, if the index is concerned.
    ///
    /// # Errors
    /// SQLite's; the transaction is then still open, and [`StoreWriter::rollback`] must follow.
    pub fn commit(&mut self, batch: Option<i64>, now: i64) -> Result<()> {
        let said = self.said.take().filter(|_| batch.is_none());
        self.begin()?;
        self.put_comings()?;
        if let Some(batch) = batch {
            self.connection
                .prepare_cached("INSERT INTO batch (id, committed_at) VALUES (?1, ?2)")?
                .execute(params![batch, now])?;
        }
        {
            let _change = match said {
                Some(items) => self.changes.begin_saying(items),
                None => self.changes.begin(),
            };
            self.connection.execute_batch("COMMIT")?;
        }
        self.open = false;
        Ok(())
    }

    /// Forgets what was written since the last commit.
    pub fn rollback(&mut self) {
        self.said = None;
        // SQLite may have rolled back by itself (a full disk does so); the error then says just that.
        let _ = self.connection.execute_batch("ROLLBACK");
        self.open = false;
        self.people.clear();
        self.comings.clear();
        // Some of it may just have been undone.
        self.gathered.clear();
    }

    /// Writes an item, over the row `existing`; gives its id. Without one the library must hold no item of this key in the source.
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
            // Texts and recipients are written where they differ, see below.
            for table in ["detail", "attachment"] {
                self.connection
                    .prepare_cached(&format!("DELETE FROM {table} WHERE item_id = ?1"))?
                    .execute([id])?;
            }
        }
        if item.partial {
            self.in_part.insert(source);
        }
        if existing.is_some() || !self.untouched.contains(&source) {
            self.connection
                .prepare_cached("DELETE FROM failure WHERE source_id = ?1 AND key = ?2")?
                .execute(params![source, bits(item.key)])?;
            self.forget_anomalies(source, item.key)?;
        }
        let embedded = item.attachments.iter().filter(|a| a.method == "message").count();
        let visible = item.attachments.iter().filter(|a| !a.inline && a.path.len() == 1).count();
        let to_line = parts::to_line(&item.recipients);
        let reading = match item {
            NewItem { partial: true, .. } => PARTIAL,
            NewItem { damaged: true, .. } => DAMAGED,
            _ => READING,
        };
        let values = params![
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
            item.recovered.is_some(),
            item.recovered.map(|certainty| certainty as u8),
            reading,
            item.mail.unread,
            item.mail.flag,
            item.mail.importance,
            item.mail.sensitivity,
            item.mail.protection as u8,
            item.mail.in_reply_to,
            item.mail.references.join(" "),
            item.mail.topic,
            (!item.mail.conversation_index.is_empty()).then_some(&item.mail.conversation_index),
            item.sameness,
            item.mail.sender_zone
        ];
        let held = match existing {
            Some(_) => {
                self.connection.prepare_cached(PUT_ITEM)?.query_row(values, |row| row.get(0)).optional()?
            }
            // Nothing of it is there, so nothing needs to be looked for.
            None => None,
        };
        let id = match held {
            Some(id) => id,
            None => {
                let id = ItemId(self.connection.prepare_cached(ADD_ITEM)?.insert(values)?);
                let coming =
                    Coming::of(item.recovered.is_some(), count(item.attachments.len()), count(embedded));
                self.comings.entry(folder).or_default().add(coming);
                id
            }
        };
        if let Some(gathered) = self.gathered.get_mut(&source) {
            gathered.add(item.key, Known::new(id, item.version, folder, item.recovered.is_some(), reading));
        }
        if held.is_none() {
            // An item that was there has a link, and what that was tells whom a change concerns.
            self.add_link(id, item, batch)?;
        }
        self.put_body(id, held.is_some(), item)?;
        if !item.details.is_empty() {
            self.connection
                .prepare_cached("INSERT INTO detail (item_id, lines) VALUES (?1, ?2)")?
                .execute(params![id, item.details])?;
        }
        self.put_recipients(id, held.is_some(), &item.recipients)?;
        self.put_attachments(id, &item.attachments)?;
        for anomaly in &item.anomalies {
            self.put_anomaly(source, Some(item.key), Some(folder), anomaly)?;
        }
        Ok(id)
    }

    /// Writes that an item could not be read. What an earlier state of it held stays, as gone; gives whether there was any.
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
    ) -> Result<bool> {
        self.begin()?;
        let held = self
            .connection
            .prepare_cached(
                "UPDATE item SET gone_at = ?3, batch = ?4 WHERE source_id = ?1 AND key = ?2 AND gone_at IS NULL",
            )?
            .execute(params![source, bits(failure.key), now, batch])?;
        // Not by OR REPLACE: what that deletes, the folder's account is not told of.
        self.connection
            .prepare_cached("DELETE FROM failure WHERE source_id = ?1 AND key = ?2")?
            .execute(params![source, bits(failure.key)])?;
        self.connection
            .prepare_cached(
                "INSERT INTO failure (source_id, key, folder_id, recovered, reason) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![source, bits(failure.key), folder, failure.recovered, failure.reason])?;
        Ok(held > 0)
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
    pub fn mark_gone(&mut self, item: ItemId, batch: i64, now: i64) -> Result<()> {
        self.begin()?;
        self.connection
            .prepare_cached("UPDATE item SET gone_at = ?2, batch = ?3 WHERE id = ?1")?
            .execute(params![item, now, batch])?;
        Ok(())
    }

    /// Puts an unchanged item into the folder where it is now, and back into its file if it was gone. `recovered` says whether the
    /// file still names it, or it was deleted there and can only be recovered.
    ///
    /// # Errors
    /// SQLite's.
    pub fn move_item(
        &mut self,
        item: ItemId,
        folder: FolderId,
        recovered: Option<Certainty>,
        batch: i64,
    ) -> Result<()> {
        self.begin()?;
        self.connection
            .prepare_cached(
                "UPDATE item SET folder_id = ?2, batch = ?3, recovered = ?4, certainty = ?5, gone_at = NULL WHERE id = ?1",
            )?
            .execute(params![item, folder, batch, recovered.is_some(), recovered.map(|certainty| certainty as u8)])?;
        self.retry_attachments(item)
    }

    /// Moves everything from the write-ahead log into the database, after which nothing more is written.
    ///
    /// # Errors
    /// SQLite's.
    pub fn checkpoint(&mut self) -> Result<()> {
        self.log.end();
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

#[cfg(test)]
mod tests {
    use crate::store::{Store, StoreMemory};

    /// Where SQLite has undone a batch by itself, as on a full disk, nothing is written behind that, and all of it is gone.
    #[test]
    fn what_sqlite_undoes_is_undone_whole() {
        let folder = tempfile::tempdir().unwrap();
        let memory = StoreMemory { writer: 1 << 20, readers: 1 << 20 };
        let (store, mut writer) = Store::open(&folder.path().join("library.sqlite"), memory, 1).unwrap();
        let unfinished = || {
            let sql = "SELECT count(*) FROM unfinished";
            store.reader().unwrap().query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap()
        };
        writer.put_unfinished("/before", false).unwrap();
        let undoing = "INSERT OR ROLLBACK INTO batch (id, committed_at) VALUES (1, NULL)";
        assert!(writer.connection().execute_batch(undoing).is_err());
        assert!(writer.put_unfinished("/after", false).is_err(), "not by itself");
        assert!(writer.commit(None, 0).is_err());
        assert_eq!(unfinished(), 0);
        writer.rollback();
        writer.put_unfinished("/next", false).unwrap();
        writer.commit(None, 0).unwrap();
        assert_eq!(unfinished(), 1);
    }
}
