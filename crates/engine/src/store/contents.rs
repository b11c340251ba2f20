//! What is known of the text of attachments.

use super::{Store, StoreWriter};
use crate::contents::TextCounts;
use crate::error::{Error, Result};
use crate::ids::{ItemId, SourceId};
use crate::source::Version;
use crate::store::LossRow;
use crate::text::compress::decompress;
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::HashMap;
use std::path::PathBuf;

/// An attachment that nobody has looked at.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct WaitingRow {
    pub item: ItemId,
    pub ordinal: i64,
    pub path: Vec<u32>,
    pub name: String,
    pub mime_type: String,
    pub key: u64,
    pub version: Version,
    pub gone: bool,
    pub source: SourceId,
    pub source_path: PathBuf,
}

/// Attachments whose account says otherwise than their rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextMiscount {
    /// The file.
    pub source: String,
    /// What the account says.
    pub told: TextCounts,
    /// What there is.
    pub is: TextCounts,
}

fn unsigned(value: i64) -> u64 {
    u64::from_ne_bytes(value.to_ne_bytes())
}

fn counts(row: &rusqlite::Row<'_>, at: usize) -> rusqlite::Result<TextCounts> {
    let count = |column| -> rusqlite::Result<u64> { Ok(unsigned(row.get(column)?)) };
    Ok(TextCounts {
        waiting: count(at)?,
        read: count(at + 1)?,
        nothing: count(at + 2)?,
        failed: count(at + 3)?,
    })
}

impl Store {
    /// Up to `limit` attachments that wait, behind `after` (an item and the place of the attachment in it), of sources other than
    /// `away`.
    ///
    /// # Errors
    /// SQLite's.
    pub fn waiting(&self, after: (ItemId, i64), away: &[i64], limit: u32) -> Result<Vec<WaitingRow>> {
        let away = serde_json::to_string(away).map_err(|e| Error::Internal(e.to_string()))?;
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(
            "SELECT attachment.item_id, attachment.ordinal, attachment.path, attachment.name, attachment.mime_type, item.key,
               item.data_version, item.sub_version, item.gone_at IS NOT NULL, source.id, source.path
             FROM attachment JOIN item ON item.id = attachment.item_id JOIN source ON source.id = item.source_id
             WHERE attachment.state = 0 AND (attachment.item_id, attachment.ordinal) > (?1, ?2)
               AND item.source_id NOT IN (SELECT value FROM json_each(?3))
             ORDER BY attachment.item_id, attachment.ordinal LIMIT ?4",
        )?;
        let rows = statement.query_map(params![after.0, after.1, away, limit], |row| {
            Ok(WaitingRow {
                item: row.get(0)?,
                ordinal: row.get(1)?,
                path: path_of(row.get_ref(2)?.as_str().unwrap_or_default()),
                name: row.get(3)?,
                mime_type: row.get(4)?,
                key: unsigned(row.get(5)?),
                version: Version { data: unsigned(row.get(6)?), sub: unsigned(row.get(7)?) },
                gone: row.get(8)?,
                source: row.get(9)?,
                source_path: PathBuf::from(row.get::<_, String>(10)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether a content with this digest was looked at by this version.
    ///
    /// # Errors
    /// SQLite's.
    pub fn holds_content(&self, hash: &[u8; 32]) -> Result<bool> {
        let reader = self.reader()?;
        let mut statement =
            reader.prepare_cached("SELECT 1 FROM content WHERE hash = ?1 AND reading >= ?2")?;
        Ok(statement.query_row(params![hash, mailscope_extract::VERSION], |_| Ok(())).optional()?.is_some())
    }

    /// The text of the files attached to an item, each content once: at most `limit` bytes. What an earlier version read counts until
    /// it is read anew.
    ///
    /// # Errors
    /// SQLite's.
    pub fn attached_text(&self, item: ItemId, limit: usize) -> Result<String> {
        attached_text(&*self.reader()?, item, limit)
    }

    /// Goes through what [`Self::attached_text`] gives, content by content: `look` gets the places of the attachments that have it and
    /// its text.
    ///
    /// # Errors
    /// SQLite's.
    pub fn each_attached_text(
        &self,
        item: ItemId,
        limit: usize,
        look: impl FnMut(Vec<Vec<u32>>, &str),
    ) -> Result<()> {
        each_attached_text(&*self.reader()?, item, limit, look)
    }

    /// The account of attachments' text by source.
    ///
    /// # Errors
    /// SQLite's.
    pub fn text_counts(&self) -> Result<HashMap<SourceId, TextCounts>> {
        let reader = self.reader()?;
        let mut statement = reader
            .prepare_cached("SELECT source_id, waiting, read, textless, failed FROM attachment_account")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, counts(row, 1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Attachments of a source whose text could not be read, at most `limit`.
    ///
    /// # Errors
    /// SQLite's.
    pub fn unread_attachments(&self, source: SourceId, limit: u32) -> Result<Vec<LossRow>> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(
            "SELECT folder.path, item.key, attachment.name, item.id, item.subject,
               iif(item.from_name <> '', item.from_name, item.from_address), item.date,
               coalesce(content.reason, attachment.reason)
             FROM attachment JOIN item ON item.id = attachment.item_id JOIN folder ON folder.id = item.folder_id
             LEFT JOIN content ON content.id = attachment.content_id
             WHERE item.source_id = ?1 AND attachment.state = 3 ORDER BY attachment.item_id, attachment.ordinal LIMIT ?2",
        )?;
        let rows = statement.query_map(params![source, limit], |row| {
            let (name, reason): (String, String) = (row.get(2)?, row.get(7)?);
            Ok(LossRow {
                folder: row.get(0)?,
                key: Some(unsigned(row.get(1)?)),
                reason: format!("{name}: {reason}"),
                item: super::read::loss_item(row)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Sources whose account of attachments disagrees with their rows; there should be none.
    ///
    /// # Errors
    /// SQLite's.
    pub fn text_miscounts(&self) -> Result<Vec<TextMiscount>> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(
            "SELECT source.name, told.waiting, told.read, told.textless, told.failed, counted.waiting, counted.read,
               counted.textless, counted.failed
             FROM source LEFT JOIN attachment_account AS told ON told.source_id = source.id
             LEFT JOIN (SELECT item.source_id, sum(attachment.state = 0) AS waiting, sum(attachment.state = 1) AS read, sum(attachment.state = 2) AS textless,
                 sum(attachment.state = 3) AS failed
               FROM attachment JOIN item ON item.id = attachment.item_id GROUP BY item.source_id) AS counted
               ON counted.source_id = source.id",
        )?;
        let optional = |row: &rusqlite::Row<'_>, at: usize| -> rusqlite::Result<TextCounts> {
            Ok(if row.get::<_, Option<i64>>(at)?.is_some() {
                counts(row, at)?
            } else {
                TextCounts::default()
            })
        };
        let rows = statement.query_map([], |row| {
            Ok(TextMiscount { source: row.get(0)?, told: optional(row, 1)?, is: optional(row, 5)? })
        })?;
        let mut found = rows.collect::<Result<Vec<_>, _>>()?;
        found.retain(|miscount| miscount.told != miscount.is);
        Ok(found)
    }

    /// Attachments that count as read, but have no text, or one that says otherwise; there should be none.
    ///
    /// # Errors
    /// SQLite's.
    pub fn texts_astray(&self) -> Result<u64> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(
            "SELECT count(*) FROM attachment LEFT JOIN content ON content.id = attachment.content_id
             WHERE (attachment.content_id IS NULL AND attachment.state = 1)
               OR (attachment.content_id IS NOT NULL AND content.state IS NOT attachment.state
                 AND NOT (attachment.state = 0 AND content.state = 1))",
        )?;
        Ok(unsigned(statement.query_row([], |row| row.get(0))?))
    }
}

impl StoreWriter {
    /// As [`Store::attached_text`], with what is not committed yet.
    ///
    /// # Errors
    /// SQLite's.
    pub fn attached_text(&self, item: ItemId, limit: usize) -> Result<String> {
        attached_text(self.connection(), item, limit)
    }
}

fn attached_text(connection: &Connection, item: ItemId, limit: usize) -> Result<String> {
    let mut out = String::new();
    each_attached_text(connection, item, limit, |_, text| {
        out.push_str(text);
        out.push('\n');
    })?;
    Ok(out)
}

fn each_attached_text(
    connection: &Connection,
    item: ItemId,
    limit: usize,
    mut look: impl FnMut(Vec<Vec<u32>>, &str),
) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "SELECT content.text, group_concat(attachment.path, char(10)) FROM attachment JOIN content ON content.id = attachment.content_id
         WHERE attachment.item_id = ?1 AND attachment.state IN (0, 1) GROUP BY content.id ORDER BY min(attachment.ordinal)",
    )?;
    let mut rows = statement.query([item])?;
    let mut left = limit;
    while left > 0
        && let Some(row) = rows.next()?
    {
        let text = decompress(row.get_ref(0)?.as_blob().unwrap_or_default(), left);
        let paths: String = row.get(1)?;
        look(paths.lines().map(path_of).collect(), &text);
        // Each ends with a line of its own.
        left = left.saturating_sub(text.len() + 1);
    }
    Ok(())
}

fn path_of(text: &str) -> Vec<u32> {
    text.split('/').filter_map(|part| part.parse().ok()).collect()
}
