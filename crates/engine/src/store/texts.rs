//! Items as the index wants them.

use super::lookup::id_list;
use super::read::{MAX_TEXT, PersonRow, attachments, recipients, unsigned};
use super::{Store, StoreWriter};
use crate::error::Result;
use crate::ids::{FolderId, ItemId, SourceId};
use crate::source::{AttachmentFacts, DetailLine, ItemKind, MailFacts, Person, Protection};
use crate::text::compress::decompress;
use rusqlite::{Connection, OptionalExtension as _, params};

/// An item as the index wants it.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct StoredText {
    pub id: ItemId,
    pub batch: i64,
    pub source: SourceId,
    pub folder: FolderId,
    pub kind: ItemKind,
    pub subject: String,
    pub from: Person,
    pub recipients: Vec<PersonRow>,
    pub attachments: Vec<AttachmentFacts>,
    pub text: String,
    pub embedded: String,
    pub date: Option<i64>,
    pub size: u64,
    pub has_attachments: bool,
    /// Without what makes conversations.
    pub mail: MailFacts,
    pub details: Vec<DetailLine>,
}

impl Store {
    /// Up to `limit` items behind `after` (a batch, and an item of it) and of batches up to `last`, in the order of batches and
    /// ids: what an index lacks.
    ///
    /// # Errors
    /// SQLite's.
    pub fn texts_after(&self, after: (i64, ItemId), last: i64, limit: u32) -> Result<Vec<StoredText>> {
        const BEHIND: &str = "WHERE (item.batch, item.id) > (?1, ?2) AND item.batch <= ?3 ORDER BY item.batch, item.id LIMIT ?4";
        texts(&*self.reader()?, BEHIND, params![after.0, after.1, last, limit])
    }

    /// These items, as far as they are still there.
    ///
    /// # Errors
    /// SQLite's.
    pub fn texts_of(&self, items: &[ItemId]) -> Result<Vec<StoredText>> {
        of(&*self.reader()?, items)
    }
}

impl StoreWriter {
    /// As [`Store::texts_of`], with what is not committed yet.
    ///
    /// # Errors
    /// SQLite's.
    pub fn texts_of(&self, items: &[ItemId]) -> Result<Vec<StoredText>> {
        of(self.connection(), items)
    }
}

impl Store {
    /// What the messages embedded in an item say, all in one, behind what its own details say; empty where it has none.
    ///
    /// # Errors
    /// SQLite's.
    pub fn embedded_text(&self, item: ItemId) -> Result<String> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached("SELECT embedded FROM body WHERE item_id = ?1")?;
        let text = statement.query_row([item], |row| {
            Ok(row.get_ref(0)?.as_blob_or_null()?.map(|blob| decompress(blob, MAX_TEXT)))
        });
        Ok(text.optional()?.flatten().unwrap_or_default())
    }
}

fn of(connection: &Connection, items: &[ItemId]) -> Result<Vec<StoredText>> {
    let wanted = id_list(items.iter().map(|id| id.0))?;
    texts(connection, "WHERE item.id IN (SELECT value FROM json_each(?1))", params![wanted])
}

fn texts(connection: &Connection, which: &str, values: impl rusqlite::Params) -> Result<Vec<StoredText>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT item.id, item.source_id, item.folder_id, item.kind, item.subject, item.from_name, item.from_address,
         item.date, item.size, item.visible_attachments, body.text, body.embedded,
         item.unread, item.flag, item.importance, item.sensitivity, item.protection, item.batch, item.sender_zone, detail.lines
         FROM item LEFT JOIN body ON body.item_id = item.id LEFT JOIN detail ON detail.item_id = item.id {which}"
    ))?;
    let rows = statement.query_map(values, |row| {
        let text = |column| -> rusqlite::Result<String> {
            Ok(row
                .get_ref(column)?
                .as_blob_or_null()?
                .map_or_else(String::new, |blob| decompress(blob, MAX_TEXT)))
        };
        Ok(StoredText {
            id: row.get(0)?,
            source: row.get(1)?,
            folder: row.get(2)?,
            kind: ItemKind::from_number(row.get(3)?),
            subject: row.get(4)?,
            from: Person { name: row.get(5)?, address: row.get(6)? },
            date: row.get(7)?,
            size: unsigned(row.get(8)?),
            has_attachments: row.get::<_, i64>(9)? > 0,
            text: text(10)?,
            embedded: text(11)?,
            mail: MailFacts {
                unread: row.get(12)?,
                flag: row.get(13)?,
                importance: row.get(14)?,
                sensitivity: row.get(15)?,
                protection: match row.get::<_, i64>(16)? {
                    1 => Protection::Signed,
                    2 => Protection::Encrypted,
                    _ => Protection::None,
                },
                sender_zone: row.get(18)?,
                ..MailFacts::default()
            },
            // What a damaged library has there instead is no line.
            details: serde_json::from_str(&text(19)?).unwrap_or_default(),
            recipients: Vec::new(),
            attachments: Vec::new(),
            batch: row.get(17)?,
        })
    })?;
    let mut items = rows.collect::<Result<Vec<_>, _>>()?;
    for item in &mut items {
        item.recipients = recipients(connection, item.id)?;
        item.attachments = attachments(connection, item.id)?;
    }
    Ok(items)
}
