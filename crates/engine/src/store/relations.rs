//! Which items belong together: what the links say. See [`crate::relations`].

use super::Store;
use crate::error::Result;
use crate::ids::{ItemId, SourceId};
use crate::relations::tree::Member;
use crate::relations::{Evidence, Groups, Weak, base};
use crate::source::ItemKind;
use crate::store::lookup::id_list;
use rusqlite::{OptionalExtension as _, params};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

pub(super) const DUPLICATE: &str = "SELECT item_id FROM link WHERE first IS NOT NULL AND first <> item_id";
pub(super) const BY_FIRST: &str =
    "SELECT item_id, first FROM link WHERE first IS NOT NULL ORDER BY first, item_id";
pub(super) const BY_CONVERSATION: &str =
    "SELECT item_id, conversation FROM link WHERE conversation IS NOT NULL ORDER BY conversation, item_id";
pub(super) const OF_CONVERSATION: &str =
    "SELECT item_id FROM link WHERE conversation = (SELECT conversation FROM link WHERE item_id = ?1)";
pub(super) const COPIES: &str =
    "SELECT item_id FROM link WHERE first = (SELECT first FROM link WHERE item_id = ?1)";
pub(super) const MEMBERS: &str =
    "SELECT item.id, item.date, message_id, in_reply_to, refs, conversation_index, link.answers, link.first
     FROM json_each(?1) AS wanted JOIN item ON item.id = wanted.value LEFT JOIN link ON link.item_id = item.id
     ORDER BY item.date IS NULL, item.date, item.id LIMIT ?2";

/// Of a conversation the first so many items are looked at for who took part.
const MAX_SEEN: usize = 2000;
pub(super) const THREADS: &str = "SELECT of.item_id, iif(item.from_name = '', item.from_address, item.from_name) AS name,
      count(DISTINCT coalesce(link.first, link.item_id)), min(item.date) AS earliest, max(item.date)
    FROM json_each(?1) AS wanted JOIN link AS of ON of.item_id = wanted.value
      JOIN link ON link.item_id IN (SELECT item_id FROM link AS one WHERE one.conversation = of.conversation LIMIT ?2)
      JOIN item ON item.id = link.item_id
    GROUP BY of.item_id, name ORDER BY earliest IS NULL, earliest";

pub(super) const CORRESPONDENCE: &str = "SELECT these.id, item.id, item.date, message_id, in_reply_to, refs, conversation_index, of.answers, of.first,
      item.kind, item.subject, from_name, from_address
    FROM (SELECT DISTINCT link.conversation AS id FROM json_each(?1) AS wanted JOIN link ON link.item_id = wanted.value
        WHERE link.conversation IS NOT NULL ORDER BY link.conversation) AS these
      JOIN link AS of ON of.conversation = these.id JOIN item ON item.id = of.item_id LIMIT ?2";

/// Items by what other programs call them; what came since that is known is looked through.
const OF_HASH: &str = "SELECT item_id FROM message_hash WHERE mih = ?1
    UNION SELECT link.item_id FROM item INDEXED BY item_batch CROSS JOIN link ON link.item_id = item.id
      WHERE item.batch > (SELECT batch FROM link_state WHERE id = 1) AND link.mih = ?1";

const ASTRAY: &str = "SELECT
    (SELECT count(*) FROM item WHERE NOT EXISTS (SELECT 1 FROM link WHERE item_id = item.id)) +
    (SELECT count(*) FROM link WHERE first IS NOT NULL AND NOT EXISTS (SELECT 1 FROM link AS other
      WHERE other.item_id = link.first AND other.first = link.first AND other.same = link.same)) +
    (SELECT count(*) FROM link WHERE conversation IS NOT NULL AND NOT EXISTS (SELECT 1 FROM link AS other
      WHERE other.item_id = link.conversation AND other.conversation = link.conversation)) +
    (SELECT count(*) FROM (SELECT mih, item_id FROM link WHERE mih IS NOT NULL EXCEPT SELECT mih, item_id FROM message_hash)) +
    (SELECT count(*) FROM (SELECT mih, item_id FROM message_hash EXCEPT SELECT mih, item_id FROM link))";

/// An item of a conversation, with who wrote it.
#[derive(Debug, Clone)]
pub struct Correspondence {
    /// The conversation.
    pub conversation: i64,
    /// What tells its place.
    pub member: Member,
    /// Whether it is a letter: mail, or a post.
    pub letter: bool,
    /// Whether it passes a message on, by its subject.
    pub forward: bool,
    /// The sender's name.
    pub from_name: String,
    /// The sender's address.
    pub from_address: String,
}

impl Correspondence {
    /// What tells the sender.
    pub fn person(&self) -> String {
        crate::insights::person(&self.from_name, &self.from_address)
    }
}

/// By what items are taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Together {
    /// That they say the same.
    Copies,
    /// Their conversation.
    Conversation,
}

/// Groups as they were last read, with the version of the links that they are of.
#[derive(Default)]
pub struct KnownGroups([Mutex<Option<Known>>; 2]);

type Known = (i64, Arc<Groups>);

/// How many items of a file say the same as others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SourceCopies {
    /// Items that say the same as an earlier item of the same file.
    pub within: u64,
    /// Items that some other file has too.
    pub across: u64,
}

/// Who took part in a conversation, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Thread {
    /// Its items; those that say the same count once. Of long conversations the first 2,000 were looked at.
    pub messages: u64,
    /// Its senders, who wrote first stands first.
    pub people: Vec<String>,
    /// The earliest date.
    pub first: Option<i64>,
    /// The latest date.
    pub last: Option<i64>,
}

fn unsigned(value: Option<i64>) -> u64 {
    value.unwrap_or_default().unsigned_abs()
}

impl Store {
    /// The groups of all items, as of the links that are committed. Kept until these change.
    ///
    /// # Errors
    /// SQLite's.
    pub fn groups(&self, by: Together) -> Result<Arc<Groups>> {
        let reader = self.reader()?;
        // Version and rows are of one moment.
        let reading = reader.unchecked_transaction()?;
        let version: i64 = reading
            .prepare_cached("SELECT version FROM link_state WHERE id = 1")?
            .query_row([], |row| row.get(0))?;
        let (known, sql) = match by {
            Together::Copies => (&self.groups.0[0], BY_FIRST),
            Together::Conversation => (&self.groups.0[1], BY_CONVERSATION),
        };
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, groups)) = known.as_ref()
            && *of == version
        {
            return Ok(groups.clone());
        }
        let (mut groups, mut last) = (Groups::default(), None);
        let mut statement = reading.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            groups.add(row.get(0)?, row.get(1)?, &mut last);
        }
        let groups = Arc::new(groups);
        *known = Some((version, groups.clone()));
        Ok(groups)
    }

    /// The items of the conversation that `id` is in, ascending; itself where it is alone, none where there is no such item.
    ///
    /// # Errors
    /// SQLite's.
    pub fn conversation_of(&self, id: ItemId) -> Result<Vec<i64>> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(OF_CONVERSATION)?;
        let mut ids: Vec<i64> = statement.query_map([id], |row| row.get(0))?.collect::<Result<_, _>>()?;
        if ids.is_empty() {
            let mut exists = reader.prepare_cached("SELECT id FROM item WHERE id = ?1")?;
            ids.extend(exists.query_row([id], |row| row.get::<_, i64>(0)).optional()?);
        }
        ids.sort_unstable();
        Ok(ids)
    }

    /// Who took part in the conversations of these items, and when; nothing of items that are alone. One statement.
    ///
    /// # Errors
    /// SQLite's.
    pub fn threads(&self, ids: &[ItemId]) -> Result<HashMap<ItemId, Thread>> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(THREADS)?;
        let mut threads: HashMap<ItemId, Thread> = HashMap::new();
        let mut rows =
            statement.query(params![id_list(ids.iter().map(|id| id.0))?, MAX_SEEN.cast_signed()])?;
        while let Some(row) = rows.next()? {
            let thread = threads.entry(row.get(0)?).or_default();
            thread.messages += unsigned(row.get(2)?);
            let name: String = row.get(1)?;
            if !name.is_empty() {
                thread.people.push(name);
            }
            let (first, last): (Option<i64>, Option<i64>) = (row.get(3)?, row.get(4)?);
            thread.first = thread.first.into_iter().chain(first).min();
            thread.last = thread.last.max(last);
        }
        Ok(threads)
    }

    /// The items that say the same as `id`, itself included.
    ///
    /// # Errors
    /// SQLite's.
    pub fn copies_of(&self, id: ItemId) -> Result<Vec<i64>> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(COPIES)?;
        let mut ids: Vec<i64> = statement.query_map([id], |row| row.get(0))?.collect::<Result<_, _>>()?;
        if ids.is_empty() {
            ids.push(id.0);
        }
        Ok(ids)
    }

    /// What tells the places of these items in their conversation; of more than `limit`, the earliest.
    ///
    /// # Errors
    /// SQLite's.
    pub fn members(&self, ids: &[i64], limit: usize) -> Result<Vec<Member>> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(MEMBERS)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![id_list(ids.iter().copied())?, limit], |row| {
            let text = |column| -> rusqlite::Result<String> { row.get(column) };
            let (message_id, in_reply_to, references) = (text(2)?, text(3)?, text(4)?);
            let index = row.get::<_, Option<Vec<u8>>>(5)?.unwrap_or_default();
            let evidence = Evidence {
                date: row.get(1)?,
                message_id: &message_id,
                in_reply_to: &in_reply_to,
                references: &references,
                conversation_index: &index,
                ..Evidence::default()
            };
            Ok(Member::new(row.get(0)?, &evidence, row.get(6)?, row.get(7)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The conversations that these items are in, one after the other; of very many rows, the first `limit`.
    ///
    /// # Errors
    /// SQLite's.
    pub fn correspondence(&self, ids: &[i64], limit: usize) -> Result<Vec<Correspondence>> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(CORRESPONDENCE)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![id_list(ids.iter().copied())?, limit], |row| {
            let text = |column| -> rusqlite::Result<String> { row.get(column) };
            let (message_id, in_reply_to, references) = (text(3)?, text(4)?, text(5)?);
            let index = row.get::<_, Option<Vec<u8>>>(6)?.unwrap_or_default();
            let evidence = Evidence {
                date: row.get(2)?,
                message_id: &message_id,
                in_reply_to: &in_reply_to,
                references: &references,
                conversation_index: &index,
                ..Evidence::default()
            };
            let kind = row.get::<_, i64>(9)?;
            let letter = [ItemKind::Mail, ItemKind::Post].iter().any(|letter| *letter as i64 == kind);
            Ok(Correspondence {
                conversation: row.get(0)?,
                member: Member::new(row.get(1)?, &evidence, row.get(7)?, row.get(8)?),
                letter,
                forward: base(&text(10)?).1 == Some(Weak::Forward),
                from_name: row.get(11)?,
                from_address: row.get(12)?,
            })
        })?;
        let mut rows: Vec<Correspondence> = rows.collect::<Result<_, _>>()?;
        rows.sort_by_key(|row| (row.conversation, row.member.date.is_none(), row.member.date, row.member.id));
        Ok(rows)
    }

    /// The items with this EDRM message identification hash.
    ///
    /// # Errors
    /// SQLite's.
    pub fn items_of_hash(&self, mih: &[u8; 16]) -> Result<Vec<i64>> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(OF_HASH)?;
        let rows = statement.query_map([mih], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many items of a source say the same as others, in it and in other sources.
    ///
    /// # Errors
    /// SQLite's.
    pub fn source_copies(&self, source: SourceId) -> Result<SourceCopies> {
        let reader = self.reader()?;
        let within = reader
            .prepare_cached(
                "SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM item JOIN link ON link.item_id = item.id
                 WHERE item.source_id = ?1 AND link.first IS NOT NULL GROUP BY link.first)",
            )?
            .query_row([source], |row| row.get(0))?;
        let across = reader
            .prepare_cached(
                "SELECT count(*) FROM item JOIN link ON link.item_id = item.id
                 WHERE item.source_id = ?1 AND link.first IS NOT NULL AND EXISTS (SELECT 1 FROM link AS other
                   JOIN item AS there ON there.id = other.item_id WHERE other.first = link.first AND there.source_id <> ?1)",
            )?
            .query_row([source], |row| row.get(0))?;
        Ok(SourceCopies { within: unsigned(within), across: unsigned(across) })
    }

    /// Items that the links do not know, or put together with others that they cannot belong to; none once the links are up to date,
    /// unless the library is damaged.
    ///
    /// # Errors
    /// SQLite's.
    pub fn links_astray(&self) -> Result<u64> {
        let reader = self.reader()?;
        let count: i64 = reader.prepare_cached(ASTRAY)?.query_row([], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }
}
