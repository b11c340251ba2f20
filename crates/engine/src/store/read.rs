//! What is asked of SQLite. Every function is one statement (or a fixed number of them), whatever the number of rows.

use super::lookup::id_list;
use super::review::{BETWEEN, Review, tags};
use super::write::PARTIAL;
use super::{Store, snippet};
use crate::error::{Error, Result};
use crate::ids::{FolderId, ItemId, SourceId};
use crate::source::{AttachmentFacts, ItemKind, Person, Role, Version};
use crate::text::compress::decompress;
use rusqlite::{OptionalExtension, Row, params};
use std::collections::HashMap;
use std::path::PathBuf;

/// Of a stored text, at most this much is read for a snippet.
const SNIPPET_TEXT: usize = 256 * 1024;
/// Of what its kind says of an item, at most this much is looked at for its row, in bytes.
const DETAILS: usize = 64 * 1024;
/// Of a stored text, at most this much is read at all.
pub(crate) const MAX_TEXT: usize = 64 * 1024 * 1024;

/// A row of a result list.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct HitRow {
    pub id: ItemId,
    pub kind: ItemKind,
    pub date: Option<i64>,
    pub from: Person,
    pub to_line: String,
    pub subject: String,
    pub folder: String,
    pub source: String,
    pub has_attachments: bool,
    pub size: u64,
    pub recovered: bool,
    pub gone: bool,
    /// Items of its conversation, itself included; counted up to 100.
    pub conversation: u64,
    /// What people said of it.
    pub review: Review,
    /// The beginning of the body, then of embedded texts.
    pub text: String,
}

/// A source with what it takes to read it again.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct SourceRow {
    pub id: SourceId,
    pub path: PathBuf,
    pub name: String,
    pub format: String,
    pub kind: String,
    pub encryption: String,
    pub size: u64,
    pub modified: i64,
    pub imported_at: i64,
    pub complete: bool,
    pub anomalies: u64,
    /// Bytes that the file lacked when it was last taken in: it is cut off.
    pub missing: u64,
}

/// A folder with the account of the items directly in it.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct FolderRow {
    pub id: FolderId,
    pub source: SourceId,
    pub parent: Option<FolderId>,
    pub depth: u32,
    pub name: String,
    pub path: String,
    pub expected: u64,
    pub items: u64,
    pub failed: u64,
    pub recovered: u64,
    pub partial: u64,
    pub hidden: u64,
    pub attachments: u64,
    pub embedded: u64,
    pub gone: u64,
}

impl FolderRow {
    /// The account of the items directly in it.
    pub fn account(&self) -> crate::ingest::Account {
        crate::ingest::Account {
            expected: self.expected,
            items: self.items,
            failed: self.failed,
            recovered: self.recovered,
            partial: self.partial,
            hidden: self.hidden,
            attachments: self.attachments,
            embedded: self.embedded,
        }
    }
}

/// One item with what the list does not show.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct ItemRow {
    pub hit: HitRow,
    pub class: String,
    pub key: u64,
    pub version: Version,
    pub message_id: String,
    pub folder_id: FolderId,
    pub source_id: SourceId,
    pub source_path: PathBuf,
    pub recipients: Vec<PersonRow>,
    pub attachments: Vec<AttachmentFacts>,
    pub anomalies: Vec<String>,
}

/// A recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct PersonRow {
    pub role: Role,
    pub person: Person,
}

/// A failure or oddity.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct LossRow {
    pub folder: String,
    pub key: Option<u64>,
    pub reason: String,
    /// The item concerned, where it could be read nevertheless.
    pub item: Option<LossItem>,
}

/// An item that something was odd about.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct LossItem {
    pub id: ItemId,
    pub subject: String,
    pub from: String,
    pub date: Option<i64>,
}

pub(super) fn unsigned(value: i64) -> u64 {
    u64::from_ne_bytes(value.to_ne_bytes())
}

pub(super) const HIT_COLUMNS: &str = "item.id, item.kind, item.date, item.from_name, item.from_address, item.to_line, item.subject,
    folder.path, source.name, item.visible_attachments, item.size, item.recovered, item.gone_at IS NOT NULL, body.text, body.embedded,
    review.flagged, review.reviewed, review.note,
    (SELECT group_concat(name, char(31)) FROM review_tag JOIN tag ON tag.id = tag_id WHERE review_id = review.id),
    (SELECT count(*) FROM (SELECT 1 FROM link AS other WHERE other.conversation = link.conversation LIMIT 100))";
pub(super) const HIT_JOIN: &str =
    "item JOIN folder ON folder.id = item.folder_id JOIN source ON source.id = item.source_id
    LEFT JOIN body ON body.item_id = item.id LEFT JOIN review ON review.item_id = item.id
    LEFT JOIN link ON link.item_id = item.id";

/// Bytes that a file lacks, by what was odd about it as a whole.
fn of_the_file(oddities: Option<String>) -> u64 {
    let oddities = oddities.unwrap_or_default();
    oddities.split(BETWEEN).filter_map(crate::source::missing_bytes).max().unwrap_or_default()
}

pub(super) fn loss_item(row: &Row<'_>) -> rusqlite::Result<Option<LossItem>> {
    let Some(id) = row.get::<_, Option<i64>>(3)? else { return Ok(None) };
    Ok(Some(LossItem { id: ItemId(id), subject: row.get(4)?, from: row.get(5)?, date: row.get(6)? }))
}

/// A text that is stored compressed, or its beginning.
fn blob_text(row: &Row<'_>, column: usize, limit: usize) -> rusqlite::Result<String> {
    let blob = row.get_ref(column)?.as_blob_or_null()?;
    Ok(blob.map_or_else(String::new, |blob| decompress(blob, limit)))
}

fn hit_row(row: &Row<'_>, text_limit: usize) -> rusqlite::Result<HitRow> {
    let mut body = blob_text(row, 13, text_limit)?;
    let embedded = blob_text(row, 14, text_limit)?;
    if !embedded.is_empty() {
        body.push('\n');
        body.push_str(&embedded);
    }
    Ok(HitRow {
        id: row.get(0)?,
        kind: ItemKind::from_number(row.get(1)?),
        date: row.get(2)?,
        from: Person { name: row.get(3)?, address: row.get(4)? },
        to_line: row.get(5)?,
        subject: row.get(6)?,
        folder: row.get(7)?,
        source: row.get(8)?,
        has_attachments: row.get::<_, i64>(9)? > 0,
        size: unsigned(row.get(10)?),
        recovered: row.get(11)?,
        gone: row.get(12)?,
        review: Review {
            flagged: row.get::<_, Option<bool>>(15)?.unwrap_or_default(),
            reviewed: row.get::<_, Option<bool>>(16)?.unwrap_or_default(),
            note: row.get::<_, Option<String>>(17)?.unwrap_or_default(),
            tags: tags(row.get(18)?),
        },
        conversation: unsigned(row.get(19)?).max(1),
        text: body,
    })
}

impl Store {
    /// The rows of `ids`, in their order; ids that are no longer there are left out. One statement.
    ///
    /// # Errors
    /// SQLite's.
    pub fn hits(&self, ids: &[ItemId]) -> Result<Vec<HitRow>> {
        let list = id_list(ids.iter().map(|id| id.0))?;
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(&format!(
            "SELECT {HIT_COLUMNS}, detail.lines FROM json_each(?1) AS wanted JOIN {HIT_JOIN}
             LEFT JOIN detail ON detail.item_id = item.id WHERE item.id = wanted.value ORDER BY wanted.key"
        ))?;
        let rows = statement.query_map([list], |row| {
            let mut hit = hit_row(row, SNIPPET_TEXT)?;
            let details = blob_text(row, 20, DETAILS)?;
            if !details.is_empty() {
                let (body, embedded) = (blob_text(row, 13, SNIPPET_TEXT)?, blob_text(row, 14, SNIPPET_TEXT)?);
                hit.text = snippet::text(&body, &embedded, &details, &hit.subject);
            }
            Ok(hit)
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// One item.
    ///
    /// # Errors
    /// [`Error::NoSuch`] when there is none of this id.
    pub fn item(&self, id: ItemId) -> Result<ItemRow> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(&format!(
            "SELECT {HIT_COLUMNS}, item.class, item.key, item.data_version, item.sub_version, item.message_id, item.folder_id,
             item.source_id, source.path FROM {HIT_JOIN} WHERE item.id = ?1"
        ))?;
        let found = statement.query_row([id], |row| {
            let mut hit = hit_row(row, MAX_TEXT)?;
            // The reader shows the item's own text; embedded messages are opened one by one.
            hit.text = blob_text(row, 13, MAX_TEXT)?;
            Ok(ItemRow {
                hit,
                class: row.get(20)?,
                key: unsigned(row.get(21)?),
                version: Version { data: unsigned(row.get(22)?), sub: unsigned(row.get(23)?) },
                message_id: row.get(24)?,
                folder_id: row.get(25)?,
                source_id: row.get(26)?,
                source_path: PathBuf::from(row.get::<_, String>(27)?),
                recipients: Vec::new(),
                attachments: Vec::new(),
                anomalies: Vec::new(),
            })
        });
        let mut item = found.optional()?.ok_or(Error::NoSuch { what: "item", id: id.0 })?;
        item.recipients = recipients(&reader, id)?;
        item.attachments = attachments(&reader, id)?;
        let mut statement = reader.prepare_cached(
            "SELECT reason FROM anomaly JOIN item ON item.source_id = anomaly.source_id AND item.key = anomaly.key
             WHERE item.id = ?1 ORDER BY anomaly.id",
        )?;
        item.anomalies = statement.query_map([id], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(item)
    }

    /// All sources.
    ///
    /// # Errors
    /// SQLite's.
    pub fn sources(&self) -> Result<Vec<SourceRow>> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(
            "SELECT id, path, name, format, kind, encryption, size, modified, imported_at, complete,
             (SELECT count(*) FROM anomaly WHERE source_id = source.id),
             (SELECT group_concat(reason, char(31)) FROM anomaly WHERE source_id = source.id AND key IS NULL AND folder_id IS NULL)
             FROM source ORDER BY id",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(SourceRow {
                id: row.get(0)?,
                path: PathBuf::from(row.get::<_, String>(1)?),
                name: row.get(2)?,
                format: row.get(3)?,
                kind: row.get(4)?,
                encryption: row.get(5)?,
                size: unsigned(row.get(6)?),
                modified: row.get(7)?,
                imported_at: row.get(8)?,
                complete: row.get(9)?,
                anomalies: unsigned(row.get(10)?),
                missing: of_the_file(row.get(11)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The folders of a source (of all, for `None`), parents before children, each with its account.
    ///
    /// # Errors
    /// SQLite's.
    pub fn folders(&self, source: Option<SourceId>) -> Result<Vec<FolderRow>> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(&format!(
            "SELECT id, source_id, parent_id, depth, name, path, expected, hidden, items, recovered, attachments, embedded,
               gone_items, failed, (SELECT count(*) FROM item INDEXED BY item_partial
                 WHERE folder_id = folder.id AND reading = {PARTIAL} AND gone_at IS NULL)
             FROM folder WHERE (?1 IS NULL OR source_id = ?1) AND (gone = 0 OR gone_items > 0)
             ORDER BY source_id, gone, ordinal",
        ))?;
        let rows = statement.query_map([source], |row| {
            Ok(FolderRow {
                id: row.get(0)?,
                source: row.get(1)?,
                parent: row.get(2)?,
                depth: row.get(3)?,
                name: row.get(4)?,
                path: row.get(5)?,
                expected: unsigned(row.get(6)?),
                hidden: unsigned(row.get(7)?),
                items: unsigned(row.get(8)?),
                recovered: unsigned(row.get(9)?),
                attachments: unsigned(row.get(10)?),
                embedded: unsigned(row.get(11)?),
                gone: unsigned(row.get(12)?),
                failed: unsigned(row.get(13)?),
                partial: unsigned(row.get(14)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Items of the library, those no longer in their files included.
    ///
    /// # Errors
    /// SQLite's.
    pub fn total_items(&self) -> Result<u64> {
        let reader = self.reader()?;
        Ok(unsigned(reader.prepare_cached("SELECT count(*) FROM item")?.query_row([], |row| row.get(0))?))
    }

    /// What could not be read of a source, and what was odd: failures first, then anomalies, at most `limit` of each.
    ///
    /// # Errors
    /// SQLite's.
    pub fn losses(&self, source: SourceId, limit: u32) -> Result<(Vec<LossRow>, Vec<LossRow>)> {
        let reader = self.reader()?;
        let list = |sql: &str| -> Result<Vec<LossRow>> {
            let mut statement = reader.prepare_cached(sql)?;
            let rows = statement.query_map(params![source, limit], |row| {
                Ok(LossRow {
                    folder: row.get::<_, Option<String>>(0)?.unwrap_or_default(),
                    key: row.get::<_, Option<i64>>(1)?.map(unsigned),
                    reason: row.get(2)?,
                    item: loss_item(row)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        let failures = list(
            "SELECT folder.path, failure.key, reason, item.id, item.subject,
               CASE WHEN item.from_name = '' THEN item.from_address ELSE item.from_name END, item.date
             FROM failure JOIN folder ON folder.id = failure.folder_id
             LEFT JOIN item ON item.source_id = failure.source_id AND item.key = failure.key
             WHERE failure.source_id = ?1 ORDER BY failure.key LIMIT ?2",
        )?;
        let anomalies = list(
            "SELECT folder.path, anomaly.key, reason, item.id, item.subject,
               CASE WHEN item.from_name = '' THEN item.from_address ELSE item.from_name END, item.date
             FROM anomaly LEFT JOIN folder ON folder.id = anomaly.folder_id
             LEFT JOIN item ON item.source_id = anomaly.source_id AND item.key = anomaly.key
             WHERE anomaly.source_id = ?1 ORDER BY anomaly.id LIMIT ?2",
        )?;
        Ok((failures, anomalies))
    }

    /// Sources that were forgotten after batch `batch`.
    ///
    /// # Errors
    /// SQLite's.
    pub fn removed_after(&self, batch: i64) -> Result<Vec<SourceId>> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached("SELECT source_id FROM removal WHERE batch > ?1")?;
        let rows = statement.query_map([batch], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What SQLite itself finds wrong: damaged pages, rows that refer to nothing. Empty when all is well.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn integrity(&self) -> Result<Vec<String>> {
        let reader = self.reader()?;
        let mut statement = reader.prepare("PRAGMA integrity_check(20)")?;
        let mut found: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        found.retain(|line| line != "ok");
        if !found.is_empty() {
            // Nothing else of it can be relied upon.
            return Ok(found);
        }
        let mut statement = reader.prepare("PRAGMA foreign_key_check")?;
        let rows = statement.query_map([], |row| {
            let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
            Ok(format!("a row of {table} refers to a row of {parent} that is not there"))
        })?;
        for row in rows.take(20) {
            found.push(row?);
        }
        Ok(found)
    }

    /// Tells the id of every item, ascending.
    ///
    /// # Errors
    /// SQLite's.
    pub fn each_item_id(&self, tell: &mut dyn FnMut(i64)) -> Result<()> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached("SELECT id FROM item ORDER BY id")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            tell(row.get(0)?);
        }
        Ok(())
    }

    /// Items whose text is missing; there should be none.
    ///
    /// # Errors
    /// SQLite's.
    pub fn items_without_body(&self) -> Result<Vec<i64>> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(
            "SELECT id FROM item WHERE NOT EXISTS (SELECT 1 FROM body WHERE item_id = item.id) ORDER BY id LIMIT 100",
        )?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Each folder's id with its parent's.
    ///
    /// # Errors
    /// SQLite's.
    pub fn folder_parents(&self) -> Result<HashMap<i64, Option<i64>>> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached("SELECT id, parent_id FROM folder")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The number of the last committed batch; 0 for none.
    ///
    /// # Errors
    /// SQLite's.
    pub fn last_batch(&self) -> Result<i64> {
        let reader = self.reader()?;
        Ok(reader.query_row("SELECT coalesce(max(id), 0) FROM batch", [], |row| row.get(0))?)
    }

    /// The number of the last entry in the record of what people said; 0 for none.
    ///
    /// # Errors
    /// SQLite's.
    pub fn last_action(&self) -> Result<i64> {
        let reader = self.reader()?;
        Ok(reader.query_row("SELECT coalesce(max(id), 0) FROM action", [], |row| row.get(0))?)
    }
}

pub(super) fn recipients(reader: &rusqlite::Connection, id: ItemId) -> Result<Vec<PersonRow>> {
    let mut statement = reader.prepare_cached(
        "SELECT role, name, address FROM recipient JOIN person ON person.id = recipient.person_id
         WHERE item_id = ?1 ORDER BY ordinal",
    )?;
    let rows = statement.query_map([id], |row| {
        let role = match row.get::<_, i64>(0)? {
            2 => Role::Cc,
            3 => Role::Bcc,
            _ => Role::To,
        };
        Ok(PersonRow { role, person: Person { name: row.get(1)?, address: row.get(2)? } })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn attachments(reader: &rusqlite::Connection, id: ItemId) -> Result<Vec<AttachmentFacts>> {
    let mut statement = reader.prepare_cached(
        "SELECT path, name, size, mime_type, method, inline FROM attachment WHERE item_id = ?1 ORDER BY ordinal",
    )?;
    let rows = statement.query_map([id], |row| {
        let path: String = row.get(0)?;
        let method: String = row.get(4)?;
        Ok(AttachmentFacts {
            path: path.split('/').filter_map(|part| part.parse().ok()).collect(),
            name: row.get(1)?,
            size: unsigned(row.get(2)?),
            mime_type: row.get(3)?,
            method: match method.as_str() {
                "message" => "message",
                "reference" => "reference",
                "ole" => "ole",
                _ => "file",
            },
            inline: row.get(5)?,
            content_id: String::new(),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
