//! The same texts in SQLite's FTS5, laid out as well as it can be for what is asked: rows stand in the order of their dates, so that
//! the latest come first without a sort.

use crate::Outcome;
use crate::plan::{Order, PAGE};
use mailscope_engine::text::compress::decompress;
use rusqlite::{Connection, OpenFlags, params};
use std::path::Path;

const SCHEMA: &str = "
CREATE TABLE mail (id INTEGER PRIMARY KEY, item INTEGER NOT NULL, date INTEGER, size INTEGER NOT NULL);
CREATE INDEX mail_date ON mail (date);
CREATE VIRTUAL TABLE words USING fts5 (subject, sender, recipients, body, prefix = '3 4', tokenize = 'unicode61 remove_diacritics 2');
";
const ITEMS: &str = "SELECT item.id, item.date, item.size, item.subject, item.from_name || ' ' || item.from_address,
  (SELECT group_concat(person.name || ' ' || person.address, ', ') FROM recipient JOIN person ON person.id = recipient.person_id
    WHERE recipient.item_id = item.id),
  body.text, body.embedded FROM item LEFT JOIN body ON body.item_id = item.id ORDER BY item.date, item.id";
/// Longer texts are cut.
const MAX_TEXT: usize = 16 << 20;

/// Fills a database at `path` with what the library in `folder` holds.
///
/// # Errors
/// SQLite's.
pub fn make(folder: &Path, path: &Path) -> Outcome<()> {
    let library =
        Connection::open_with_flags(folder.join("library.sqlite"), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut database = Connection::open(path)?;
    database.pragma_update(None, "journal_mode", "off")?;
    database.pragma_update(None, "synchronous", "off")?;
    database.pragma_update(None, "cache_size", -200_000)?;
    let filling = database.transaction()?;
    filling.execute_batch(SCHEMA)?;
    {
        let mut items = library.prepare(ITEMS)?;
        let mut mail = filling.prepare("INSERT INTO mail (id, item, date, size) VALUES (?1, ?2, ?3, ?4)")?;
        let mut words = filling.prepare(
            "INSERT INTO words (rowid, subject, sender, recipients, body) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        let (mut rows, mut number) = (items.query([])?, 0);
        while let Some(row) = rows.next()? {
            number += 1;
            let text = |column| -> rusqlite::Result<String> {
                let blob = row.get_ref(column)?.as_blob_or_null()?;
                Ok(blob.map_or_else(String::new, |blob| decompress(blob, MAX_TEXT)))
            };
            let (id, date, size): (i64, Option<i64>, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            mail.execute(params![number, id, date, size])?;
            let (subject, sender): (String, String) = (row.get(3)?, row.get(4)?);
            let recipients: Option<String> = row.get(5)?;
            let body = format!("{}\n{}", text(6)?, text(7)?);
            words.execute(params![number, subject, sender, recipients, body])?;
        }
        filling.execute("INSERT INTO words (words) VALUES ('optimize')", [])?;
    }
    filling.commit()?;
    Ok(())
}

/// Such a database, open.
pub struct Fts5(Connection);

impl Fts5 {
    /// Opens it.
    ///
    /// # Errors
    /// SQLite's.
    pub fn open(path: &Path) -> Outcome<Self> {
        let database = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        database.pragma_update(None, "cache_size", -64_000)?;
        database.pragma_update(None, "mmap_size", 1_i64 << 34)?;
        Ok(Self(database))
    }

    /// Counts what answers, and reads a page with its snippets; gives the count.
    ///
    /// # Errors
    /// SQLite's.
    pub fn ask(&self, (words, items): &(String, String), order: Order) -> Outcome<u64> {
        let (mut from, mut conditions) = ("words", Vec::new());
        if !words.is_empty() {
            conditions.push("words MATCH ?1".to_owned());
        }
        if !items.is_empty() {
            from = "words JOIN mail ON mail.id = words.rowid";
            conditions.push(items.clone());
        }
        let only_items = words.is_empty();
        let (from, condition) = (if only_items { "mail" } else { from }, conditions.join(" AND "));
        let values: &[&dyn rusqlite::ToSql] = if only_items { &[] } else { &[words] };
        let count = format!("SELECT count(*) FROM {from} WHERE {condition}");
        let total: i64 = self.0.prepare_cached(&count)?.query_row(values, |row| row.get(0))?;
        let rows = if only_items {
            format!(
                "SELECT mail.id, subject, sender, substr(body, 1, 160) FROM mail JOIN words ON words.rowid = mail.id
                 WHERE {condition} ORDER BY mail.id DESC LIMIT {PAGE}"
            )
        } else {
            let order = if order == Order::Relevance { "rank" } else { "words.rowid DESC" };
            format!(
                "SELECT words.rowid, subject, sender, snippet(words, 3, '[', ']', '…', 24) FROM {from} WHERE {condition}
                 ORDER BY {order} LIMIT {PAGE}"
            )
        };
        let mut statement = self.0.prepare_cached(&rows)?;
        let mut page = statement.query(values)?;
        while let Some(row) = page.next()? {
            let _: (i64, String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        }
        Ok(total.unsigned_abs())
    }
}
