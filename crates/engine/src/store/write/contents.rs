//! The text of attachments.

use super::{StoreWriter, bits};
use crate::error::Result;
use crate::ids::ItemId;
use crate::source::Version;
use rusqlite::{OptionalExtension as _, params};

/// What became of an attachment that waited.
#[derive(Debug, Clone)]
pub struct NewText {
    /// Its item.
    pub item: ItemId,
    /// Its place in the item.
    pub ordinal: i64,
    /// The version of the item that was looked at; if it is another now, nothing is written.
    pub version: Version,
    /// What became of it.
    pub outcome: TextOutcome,
}

/// What a look at an attachment came to.
#[derive(Debug, Clone)]
pub enum TextOutcome {
    /// Its content was looked at before, by BLAKE3 digest.
    Known([u8; 32]),
    /// It has text.
    Text {
        /// BLAKE3 digest of the content.
        hash: [u8; 32],
        /// What the file is.
        kind: String,
        /// What in it could not be read; may be empty.
        reason: String,
        /// Its text, compressed.
        text: Vec<u8>,
    },
    /// Its content has no text.
    None {
        /// BLAKE3 digest of the content.
        hash: [u8; 32],
        /// Whether there may be some that could not be read.
        failed: bool,
        /// Why.
        reason: String,
    },
    /// It begins as files without text do; the rest was not looked at.
    Nothing(String),
    /// Its content could not be had.
    Failed(String),
}

/// The stored numbers of what became of an attachment; 0 is waiting.
const READ: i64 = 1;
const NOTHING: i64 = 2;
const FAILED: i64 = 3;

/// The state in which an attachment begins: embedded messages and mere references have no content of their own to be read.
pub(super) fn first_state(method: &str) -> i64 {
    if matches!(method, "message" | "reference") { NOTHING } else { 0 }
}

impl StoreWriter {
    /// Writes what became of an attachment; gives whether the words of its item are others now.
    ///
    /// # Errors
    /// SQLite's.
    pub fn put_text(&mut self, new: &NewText, batch: i64) -> Result<bool> {
        self.begin()?;
        let version = new.version;
        let waits = self
            .connection
            .prepare_cached(
                "SELECT 1 FROM attachment JOIN item ON item.id = attachment.item_id
                 WHERE item_id = ?1 AND ordinal = ?2 AND state = 0 AND data_version = ?3 AND sub_version = ?4",
            )?
            .query_row(params![new.item, new.ordinal, bits(version.data), bits(version.sub)], |_| Ok(()))
            .optional()?;
        if waits.is_none() {
            return Ok(false);
        }
        let (state, content, reason) = match &new.outcome {
            TextOutcome::Nothing(reason) => (NOTHING, None, reason.as_str()),
            TextOutcome::Failed(reason) => (FAILED, None, reason.as_str()),
            TextOutcome::Known(hash) => match self.content(hash)? {
                Some((id, state)) => (state, Some(id), ""),
                // Forgotten in between: it waits for the next walk.
                None => return Ok(false),
            },
            TextOutcome::Text { hash, kind, reason, text } => {
                let (id, state) = self.put_content(hash, READ, kind, reason, text)?;
                (state, Some(id), "")
            }
            TextOutcome::None { hash, failed, reason } => {
                let (id, state) =
                    self.put_content(hash, if *failed { FAILED } else { NOTHING }, "", reason, &[])?;
                (state, Some(id), "")
            }
        };
        self.connection
            .prepare_cached(
                "UPDATE attachment SET state = ?3, content_id = ?4, reason = ?5 WHERE item_id = ?1 AND ordinal = ?2",
            )?
            .execute(params![new.item, new.ordinal, state, content, reason])?;
        if state == READ {
            self.connection
                .prepare_cached("UPDATE item SET batch = ?2 WHERE id = ?1")?
                .execute(params![new.item, batch])?;
        }
        Ok(state == READ)
    }

    fn content(&self, hash: &[u8; 32]) -> Result<Option<(i64, i64)>> {
        let mut statement =
            self.connection.prepare_cached("SELECT id, state FROM content WHERE hash = ?1")?;
        Ok(statement.query_row([hash], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    fn put_content(
        &self,
        hash: &[u8; 32],
        state: i64,
        kind: &str,
        reason: &str,
        text: &[u8],
    ) -> Result<(i64, i64)> {
        if let Some(known) = self.content(hash)? {
            return Ok(known);
        }
        self.connection
            .prepare_cached(
                "INSERT INTO content (hash, state, reading, kind, reason, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![hash, state, mailscope_extract::VERSION, kind, reason, text])?;
        Ok((self.connection.last_insert_rowid(), state))
    }

    /// Lets what an earlier way of reading made wait again.
    ///
    /// # Errors
    /// SQLite's.
    pub fn forget_outdated_texts(&mut self) -> Result<()> {
        self.begin()?;
        self.connection.execute(
            "UPDATE attachment SET state = 0, content_id = NULL WHERE content_id IN (SELECT id FROM content WHERE reading < ?1)",
            [mailscope_extract::VERSION],
        )?;
        self.forget_unused_texts()
    }

    /// Forgets the text of what no item carries any more.
    ///
    /// # Errors
    /// SQLite's.
    pub fn forget_unused_texts(&mut self) -> Result<()> {
        self.begin()?;
        self.connection.execute(
            "DELETE FROM content WHERE NOT EXISTS (SELECT 1 FROM attachment WHERE content_id = content.id)",
            [],
        )?;
        Ok(())
    }

    /// Lets an item's attachments wait again whose content could not be had.
    pub(super) fn retry_attachments(&self, item: ItemId) -> Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE attachment SET state = 0, reason = '' WHERE item_id = ?1 AND state = 3 AND content_id IS NULL",
            )?
            .execute([item])?;
        Ok(())
    }
}
