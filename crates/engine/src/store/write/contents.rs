//! The text of attachments.

use super::{StoreWriter, bits};
use crate::error::{Error, Result};
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
                "SELECT content_id FROM attachment JOIN item ON item.id = attachment.item_id
                 WHERE item_id = ?1 AND ordinal = ?2 AND state = 0 AND data_version = ?3 AND sub_version = ?4",
            )?
            .query_row(params![new.item, new.ordinal, bits(version.data), bits(version.sub)], |row| {
                row.get::<_, Option<i64>>(0)
            })
            .optional()?;
        let Some(earlier) = waits else { return Ok(false) };
        let (state, content, reason) = match (&new.outcome, earlier) {
            // What an earlier version read of it is not given up for nothing.
            (TextOutcome::Nothing(_) | TextOutcome::Failed(_), Some(earlier)) => (READ, Some(earlier), ""),
            (TextOutcome::Nothing(reason), None) => (NOTHING, None, reason.as_str()),
            (TextOutcome::Failed(reason), None) => (FAILED, None, reason.as_str()),
            (TextOutcome::Known(hash), _) => match self.content(hash)? {
                Some((id, state, _)) => (state, Some(id), ""),
                // Forgotten in between: it waits for the next walk.
                None => return Ok(false),
            },
            (TextOutcome::Text { hash, kind, reason, text }, _) => {
                let (id, state) = self.put_content(hash, READ, kind, reason, text)?;
                (state, Some(id), "")
            }
            (TextOutcome::None { hash, failed, reason }, _) => {
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

    /// Number, state and version of reading of a content.
    fn content(&self, hash: &[u8; 32]) -> Result<Option<(i64, i64, u32)>> {
        let mut statement =
            self.connection.prepare_cached("SELECT id, state, reading FROM content WHERE hash = ?1")?;
        Ok(statement.query_row([hash], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?)
    }

    /// Keeps what became of a content. It takes the place of what an earlier version made of it, but never that of a text where there
    /// is none now.
    fn put_content(
        &self,
        hash: &[u8; 32],
        state: i64,
        kind: &str,
        reason: &str,
        text: &[u8],
    ) -> Result<(i64, i64)> {
        if let Some((id, known, reading)) = self.content(hash)? {
            if reading < mailscope_extract::VERSION && known == READ && state != READ {
                self.connection
                    .prepare_cached("UPDATE content SET reading = ?2 WHERE id = ?1")?
                    .execute(params![id, mailscope_extract::VERSION])?;
            } else if reading < mailscope_extract::VERSION {
                self.connection
                    .prepare_cached(
                        "UPDATE content SET state = ?2, reading = ?3, kind = ?4, reason = ?5, text = ?6 WHERE id = ?1",
                    )?
                    .execute(params![id, state, mailscope_extract::VERSION, kind, reason, text])?;
                return Ok((id, state));
            }
            return Ok((id, known));
        }
        self.connection
            .prepare_cached(
                "INSERT INTO content (hash, state, reading, kind, reason, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![hash, state, mailscope_extract::VERSION, kind, reason, text])?;
        Ok((self.connection.last_insert_rowid(), state))
    }

    /// Lets wait again what may give more text now than to the version that looked at it. What that one read stays until it is read
    /// anew; items that are no longer in their files cannot be read anew, and keep what they have.
    ///
    /// # Errors
    /// SQLite's.
    pub fn retry_outdated_texts(&mut self) -> Result<()> {
        self.begin()?;
        let now = mailscope_extract::VERSION;
        let (mut again, mut outdated) = (Vec::new(), false);
        let mut statement =
            self.connection.prepare("SELECT id, reading, kind, reason FROM content WHERE reading < ?1")?;
        let mut rows = statement.query([now])?;
        while let Some(row) = rows.next()? {
            outdated = true;
            let (kind, reason): (String, String) = (row.get(2)?, row.get(3)?);
            if mailscope_extract::may_read_more(row.get(1)?, &kind, &reason) {
                again.push(row.get::<_, i64>(0)?);
            }
        }
        drop(rows);
        drop(statement);
        if outdated {
            let again = serde_json::to_string(&again).map_err(|e| Error::Internal(e.to_string()))?;
            self.connection.execute(
                "UPDATE attachment SET state = 0 WHERE content_id IN (SELECT value FROM json_each(?1)) AND state <> 0
                   AND (SELECT gone_at FROM item WHERE item.id = attachment.item_id) IS NULL",
                [&again],
            )?;
            // Without a text there is nothing to be kept; the reason is, where it is to stay.
            self.connection.execute(
                "UPDATE attachment SET reason = iif(state = 0, '', (SELECT reason FROM content WHERE content.id = content_id)),
                   content_id = NULL
                 WHERE content_id IN (SELECT id FROM content WHERE state <> ?2 AND id IN (SELECT value FROM json_each(?1)))",
                params![again, READ],
            )?;
            self.connection.execute(
                "UPDATE content SET reading = ?2 WHERE reading < ?2 AND id NOT IN (SELECT value FROM json_each(?1))",
                params![again, now],
            )?;
        }
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
