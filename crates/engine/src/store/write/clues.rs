//! Which items changed since links were last made, and what they have in common with others now.

use super::links::{blob, keys};
use super::{NewItem, StoreWriter};
use crate::error::Result;
use crate::ids::ItemId;
use crate::relations::{Clues, Evidence, Weak};
use crate::source::ItemKind;
use crate::store::lookup::id_list;
use foldhash::HashSet;
use rusqlite::{OptionalExtension as _, params};

/// Items that are looked at between two commits.
pub(super) const CHUNK: usize = if cfg!(test) { 5 } else { 20_000 };
/// So many links are looked up one by one; of more, all are read in their order.
const MAX_LOOKED_UP: usize = if cfg!(test) { 4 } else { 50_000 };
/// Of so many hashes at once each page of their table is written once, and no more of them is in memory.
const HASHES_AT_ONCE: i64 = if cfg!(test) { 3 } else { 500_000 };

macro_rules! add_link {
    () => {
        "INSERT INTO link (item_id, keys, same, mih, subject, weak, date, batch) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
    };
}

/// Of a new item. What may turn into an update has SQLite keep a copy of each page that it changes.
const ADD_LINK: &str = add_link!();
const PUT_LINK: &str = concat!(
    add_link!(),
    " ON CONFLICT (item_id) DO UPDATE SET keys = excluded.keys, same = excluded.same, mih = excluded.mih,
       subject = excluded.subject, weak = excluded.weak, date = excluded.date, batch = excluded.batch"
);

/// What changed since the links were last made.
pub(super) enum Changed {
    Nothing,
    /// Only groups that have to do with these items can be others now.
    Items(Reach),
    /// Items with these subjects, and some that have left the library: what they held together is not known any more.
    Subjects(HashSet<i64>),
    Everything,
}

/// Items that changed, and by what others belong to them.
#[derive(Default)]
pub(super) struct Reach {
    pub(super) items: HashSet<i64>,
    /// Also those that they had before.
    pub(super) subjects: HashSet<i64>,
    pub(super) keys: HashSet<u64>,
    pub(super) same: HashSet<[u8; 16]>,
}

impl Changed {
    pub(super) fn concerns(&self, subject: i64) -> bool {
        match self {
            Self::Nothing => false,
            Self::Items(Reach { subjects, .. }) | Self::Subjects(subjects) => subjects.contains(&subject),
            Self::Everything => true,
        }
    }
}

impl Reach {
    fn add(&mut self, id: i64, new: &Held, old: Option<&Held>) {
        self.add_parts(id, new.clues.subject, &new.key_bytes, &new.same);
        self.subjects.extend(old.and_then(|old| old.clues.subject));
    }

    fn add_parts(&mut self, id: i64, subject: Option<i64>, key_bytes: &[u8], same: &[u8]) {
        self.items.insert(id);
        self.subjects.extend(subject);
        self.keys.extend(keys(key_bytes));
        self.same.extend(<[u8; 16]>::try_from(same));
    }
}

/// Items of batches that the links do not know yet, by their ids, ascending.
#[derive(Default)]
struct Touched {
    /// Whose link was written with them; empty where nobody asks for them.
    new: Vec<i64>,
    /// Whose link was not.
    changed: Vec<i64>,
}

/// The links of one item as they are stored.
struct Held {
    clues: Clues,
    same: Vec<u8>,
    key_bytes: Vec<u8>,
    /// The batch that it was written with, if it was.
    batch: i64,
}

impl StoreWriter {
    /// Writes the clues of all items of batches after `held` that are not there yet. `None` if it was stopped.
    pub(super) fn renew_clues(
        &mut self,
        held: i64,
        now: i64,
        stop: &dyn Fn() -> bool,
    ) -> Result<Option<Changed>> {
        self.begin()?;
        let all = held < 0;
        let reviewed = self.has_reviews()?;
        // Where everything is grouped anew, and nobody has said anything of items, new ones are not asked for.
        let Touched { new, changed } = self.touched_since(held, reviewed || !all)?;
        let mut reach = Reach::default();
        let mut any = !new.is_empty();
        for chunk in new.chunks(CHUNK) {
            if stop() {
                self.rollback();
                return Ok(None);
            }
            if reviewed {
                self.reattach(&id_list(chunk.iter().copied())?)?;
            }
            if !all {
                self.reach_of(chunk, &mut reach)?;
                self.put_hashes(&id_list(chunk.iter().copied())?)?;
            }
        }
        let mut written = false;
        let mut chunks = changed.chunks(CHUNK).peekable();
        while let Some(chunk) = chunks.next() {
            if stop() {
                self.rollback();
                return Ok(None);
            }
            if reviewed {
                self.reattach(&id_list(chunk.iter().copied())?)?;
            }
            let mut others = Vec::new();
            for (id, new, old) in self.clues_of(chunk)? {
                // What came behind `held` is in no group yet, whether or not it changed once more.
                let same = old.as_ref().is_some_and(|old| {
                    old.batch <= held
                        && old.clues == new.clues
                        && old.same == new.same
                        && old.key_bytes == new.key_bytes
                });
                if same {
                    continue;
                }
                if !all && !written {
                    // If it ends before the groups are made, all of them are made anew.
                    self.connection.execute("UPDATE link_state SET batch = -1 WHERE id = 1", [])?;
                }
                (any, written) = (true, true);
                if !all {
                    reach.add(id, &new, old.as_ref());
                }
                self.put_clues(PUT_LINK, id, &new.clues, &new.key_bytes, &new.same, -1)?;
                others.push(id);
            }
            if !all {
                self.put_hashes(&id_list(others.into_iter())?)?;
            }
            self.commit_between(chunks.peek().is_some(), now)?;
        }
        if all && !self.put_all_hashes(now, stop)? {
            return Ok(None);
        }
        let removed: bool = self.connection.query_row(
            "SELECT EXISTS (SELECT 1 FROM removal WHERE batch > ?1)",
            [held],
            |row| row.get(0),
        )?;
        if removed && !all {
            let orphaned = "SELECT subject FROM link WHERE answers IS NOT NULL AND subject IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM link AS other WHERE other.item_id = link.answers)";
            reach.subjects.extend(self.numbers(orphaned, [])?);
        }
        Ok(Some(match (all, removed, any) {
            (true, ..) => Changed::Everything,
            (false, true, _) => Changed::Subjects(reach.subjects),
            (false, false, true) => Changed::Items(reach),
            (false, false, false) => Changed::Nothing,
        }))
    }

    /// Items of batches after `held`; those whose link was written with them only if they are `wanted`.
    fn touched_since(&self, held: i64, wanted: bool) -> Result<Touched> {
        // The index alone is read, not the rows.
        let mut statement = self.connection.prepare_cached(
            "SELECT id, batch FROM item INDEXED BY item_batch WHERE batch > ?1 ORDER BY batch",
        )?;
        let items = statement.query_map([held], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut items: Vec<(i64, i64)> = items.collect::<Result<_, _>>()?;
        items.sort_unstable();
        let mut touched = Touched::default();
        let mut sort = |id: i64, batch: i64, written_with: Option<i64>| match written_with {
            Some(with) if with == batch => touched.new.extend(wanted.then_some(id)),
            _ => touched.changed.push(id),
        };
        if items.len() <= MAX_LOOKED_UP {
            let mut link = self.connection.prepare_cached("SELECT batch FROM link WHERE item_id = ?1")?;
            for (id, batch) in items {
                sort(id, batch, link.query_row([id], |row| row.get(0)).optional()?);
            }
            return Ok(touched);
        }
        let first = items.first().map(|(id, _)| *id);
        let mut links = self
            .connection
            .prepare_cached("SELECT item_id, batch FROM link WHERE item_id >= ?1 ORDER BY item_id")?;
        let mut links = links.query_map([first], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
        let mut next = links.next().transpose()?;
        for (id, batch) in items {
            while next.is_some_and(|(item, _)| item < id) {
                next = links.next().transpose()?;
            }
            sort(id, batch, next.filter(|(item, _)| *item == id).map(|(_, batch)| batch));
        }
        Ok(touched)
    }

    /// Has items found by the hashes in their links. Written in the order of the hashes and not with the items, whose hashes are
    /// spread over the whole table: each would write a page of its own.
    fn put_hashes(&self, ids: &str) -> Result<()> {
        let sql = "INSERT OR IGNORE INTO message_hash (mih, item_id)
            SELECT mih, item_id FROM json_each(?1) AS wanted JOIN link ON link.item_id = wanted.value
            WHERE mih IS NOT NULL ORDER BY mih";
        self.connection.prepare_cached(sql)?.execute([ids])?;
        Ok(())
    }

    /// As [`Self::put_hashes`], for all links. Gives whether it came to the end.
    fn put_all_hashes(&mut self, now: i64, stop: &dyn Fn() -> bool) -> Result<bool> {
        let mut after = i64::MIN;
        loop {
            if stop() {
                self.rollback();
                return Ok(false);
            }
            let last: Option<i64> = self
                .connection
                .prepare_cached(
                    "SELECT max(item_id) FROM (SELECT item_id FROM link WHERE item_id > ?1 ORDER BY item_id LIMIT ?2)",
                )?
                .query_row([after, HASHES_AT_ONCE], |row| row.get(0))?;
            let Some(last) = last else { return Ok(true) };
            self.connection
                .prepare_cached(
                    "INSERT OR IGNORE INTO message_hash (mih, item_id)
                     SELECT mih, item_id FROM link WHERE item_id > ?1 AND item_id <= ?2 AND mih IS NOT NULL ORDER BY mih",
                )?
                .execute([after, last])?;
            after = last;
            self.commit_between(true, now)?;
        }
    }

    /// Adds new items by their links.
    fn reach_of(&self, ids: &[i64], reach: &mut Reach) -> Result<()> {
        let mut statement = self.connection.prepare_cached(
            "SELECT item_id, subject, same, keys FROM json_each(?1) AS wanted JOIN link ON link.item_id = wanted.value",
        )?;
        let mut rows = statement.query([id_list(ids.iter().copied())?])?;
        while let Some(row) = rows.next()? {
            let same = blob(row, 2)?.unwrap_or_default();
            reach.add_parts(row.get(0)?, row.get(1)?, blob(row, 3)?.unwrap_or_default(), same);
        }
        Ok(())
    }

    /// The clues of these items as they are now, with those that are stored.
    fn clues_of(&self, ids: &[i64]) -> Result<Vec<(i64, Held, Option<Held>)>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT item.id, message_id, in_reply_to, refs, conversation_index, topic, item.subject, kind, item.date, sameness,
               link.item_id IS NOT NULL, link.keys, link.same, link.mih, link.subject, link.weak, link.date,
               link.batch
             FROM json_each(?1) AS wanted JOIN item ON item.id = wanted.value LEFT JOIN link ON link.item_id = item.id",
        )?;
        let rows = statement.query_map([id_list(ids.iter().copied())?], |row| {
            let text = |column| -> rusqlite::Result<String> { row.get(column) };
            let (message_id, in_reply_to, references) = (text(1)?, text(2)?, text(3)?);
            let index = row.get::<_, Option<Vec<u8>>>(4)?.unwrap_or_default();
            let (topic, subject) = (text(5)?, text(6)?);
            let clues = Clues::of(&Evidence {
                message_id: &message_id,
                in_reply_to: &in_reply_to,
                references: &references,
                conversation_index: &index,
                topic: &topic,
                subject: &subject,
                kind: Some(ItemKind::from_number(row.get(7)?)),
                date: row.get(8)?,
            });
            let key_bytes = clues.key_bytes();
            let new =
                Held { clues, same: row.get::<_, Option<_>>(9)?.unwrap_or_default(), key_bytes, batch: -1 };
            let old = if row.get(10)? {
                let clues = Clues {
                    // Compared as bytes.
                    keys: new.clues.keys.clone(),
                    mih: row.get::<_, Option<Vec<u8>>>(13)?.and_then(|mih| mih.try_into().ok()),
                    subject: row.get(14)?,
                    weak: Weak::from_number(row.get(15)?),
                    date: row.get(16)?,
                };
                let same = row.get::<_, Option<_>>(12)?.unwrap_or_default();
                Some(Held { clues, same, key_bytes: row.get(11)?, batch: row.get(17)? })
            } else {
                None
            };
            Ok((row.get(0)?, new, old))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Writes what a new item has in common with others, with the item itself.
    pub(super) fn add_link(&self, id: ItemId, item: &NewItem, batch: i64) -> Result<()> {
        self.put_clues(ADD_LINK, id.0, &item.clues, &item.clues.key_bytes(), &item.sameness, batch)
    }

    fn put_clues(
        &self,
        sql: &str,
        id: i64,
        clues: &Clues,
        key_bytes: &[u8],
        same: &[u8],
        batch: i64,
    ) -> Result<()> {
        let same = (!same.is_empty()).then_some(same);
        self.connection.prepare_cached(sql)?.execute(params![
            id,
            key_bytes,
            same,
            clues.mih,
            clues.subject,
            clues.weak.map_or(0, |weak| weak as u8),
            clues.date,
            batch
        ])?;
        Ok(())
    }
}
