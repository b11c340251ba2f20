//! What people say of items, and the record of who said what when. Everything here is done to many items in a few statements.

use super::StoreWriter;
use crate::error::{Error, Result};
use crate::store::lookup::id_list;
use crate::store::review::{Change, Colour};
use rusqlite::{OptionalExtension as _, params};
use std::collections::HashSet;

/// Of more items than this, what was said ends all kept answers.
const MAX_SAID: usize = 1000;
/// Items that are handed to SQLite at once.
const CHUNK: usize = 20_000;

/// Who does something, and when.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Name of the user of the machine.
    pub who: String,
    /// Milliseconds since 1970 UTC.
    pub at: i64,
}

/// What came of a change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    /// The entry of the record; none where nothing changed.
    pub action: Option<i64>,
    /// Items that changed.
    pub items: u64,
}

/// How a change is written: the column of `review` and its new value, or the tag.
enum Target {
    Column(&'static str),
    Tag(i64),
}

impl StoreWriter {
    /// Makes a change to items, and records it with the `query` that they were found by.
    ///
    /// # Errors
    /// SQLite's.
    pub fn review(&mut self, ids: &[i64], change: &Change, query: &str, actor: &Actor) -> Result<Done> {
        let alone = !self.open;
        self.begin()?;
        let action = self.put_action(change.name(), change.value(), query, None, actor)?;
        let target = match change {
            Change::Tag(name) | Change::Untag(name) => Target::Tag(self.tag(name)?),
            Change::Flag(_) => Target::Column("flagged"),
            Change::Reviewed(_) => Target::Column("reviewed"),
            Change::Note(_) => Target::Column("note"),
        };
        let mut items = 0;
        for chunk in ids.chunks(CHUNK) {
            let list = id_list(chunk.iter().copied())?;
            if change.adds() {
                self.keep(&list)?;
            }
            let (now, after) = match target {
                Target::Column(column) => (format!("review.{column}"), change.stored()),
                Target::Tag(tag) => {
                    let has = "EXISTS (SELECT 1 FROM review_tag WHERE review_id = review.id AND tag_id = ";
                    (format!("{has}{tag})"), i64::from(change.adds()).into())
                }
            };
            let differs = format!(
                "INSERT INTO action_item (action_id, review_id, before, after) SELECT ?1, review.id, {now}, ?3
                 FROM json_each(?2) AS wanted JOIN review ON review.item_id = wanted.value WHERE {now} <> ?3"
            );
            items += self.connection.prepare_cached(&differs)?.execute(params![action, list, after])?;
        }
        self.apply(action, &target)?;
        self.tell_said(alone, action)?;
        self.close_action(action, items)
    }

    /// Remembers of which items an action says something, where nothing else is written with it and they are not too many.
    fn tell_said(&mut self, alone: bool, action: i64) -> Result<()> {
        if !alone {
            return Ok(());
        }
        let sql = "SELECT review.item_id FROM action_item JOIN review ON review.id = action_item.review_id
            WHERE action_item.action_id = ?1 AND review.item_id IS NOT NULL LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let most = i64::try_from(MAX_SAID + 1).unwrap_or(i64::MAX);
        let items = statement.query_map([action, most], |row| row.get(0))?;
        let items: HashSet<i64> = items.collect::<Result<_, _>>()?;
        self.said = (items.len() <= MAX_SAID).then_some(items);
        Ok(())
    }

    /// Takes back an action, or the last one that was not taken back. Where someone has changed an item since, that stays.
    ///
    /// # Errors
    /// [`Error::NoSuch`]; SQLite's.
    pub fn undo(&mut self, action: Option<i64>, actor: &Actor) -> Result<Done> {
        let alone = !self.open;
        self.begin()?;
        let found: Option<i64> = self
            .connection
            .query_row(
                "SELECT id FROM action AS a WHERE (id = ?1 OR ?1 IS NULL AND what <> 'undo') AND EXISTS (
                   SELECT 1 FROM action_item WHERE action_id = a.id)
                 AND NOT EXISTS (SELECT 1 FROM action AS undo WHERE undo.undoes = a.id
                   AND NOT EXISTS (SELECT 1 FROM action AS redo WHERE redo.undoes = undo.id))
                 ORDER BY id DESC LIMIT 1",
                [action],
                |row| row.get(0),
            )
            .optional()?;
        let Some(undone) = found else {
            return Err(Error::NoSuch { what: "change to take back", id: action.unwrap_or_default() });
        };
        // What was changed in the first place: an undo may undo an undo.
        let (what, value): (String, String) = self.connection.query_row(
            "WITH RECURSIVE chain (id, undoes) AS (
               SELECT id, undoes FROM action WHERE id = ?1
               UNION ALL SELECT action.id, action.undoes FROM chain JOIN action ON action.id = chain.undoes)
             SELECT what, value FROM action WHERE id = (SELECT id FROM chain WHERE undoes IS NULL)",
            [undone],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let undo = self.put_action("undo", &value, "", Some(undone), actor)?;
        let target = match what.as_str() {
            "flag" | "unflag" => Target::Column("flagged"),
            "review" | "unreview" => Target::Column("reviewed"),
            "note" => Target::Column("note"),
            _ => Target::Tag(self.tag(&value)?),
        };
        let now = match target {
            Target::Column(column) => format!("review.{column}"),
            Target::Tag(tag) => {
                format!("EXISTS (SELECT 1 FROM review_tag WHERE review_id = review.id AND tag_id = {tag})")
            }
        };
        let items = self.connection.execute(
            &format!(
                "INSERT INTO action_item (action_id, review_id, before, after)
                 SELECT ?1, review.id, done.after, done.before FROM action_item AS done
                 JOIN review ON review.id = done.review_id WHERE done.action_id = ?2 AND {now} = done.after"
            ),
            params![undo, undone],
        )?;
        self.apply(undo, &target)?;
        self.tell_said(alone, undo)?;
        self.close_action(undo, items)
    }

    /// Gives every item of an action what the action says.
    fn apply(&self, action: i64, target: &Target) -> Result<()> {
        match target {
            Target::Column(column) => {
                let sql = format!(
                    "UPDATE review SET {column} = action_item.after FROM action_item
                     WHERE action_item.action_id = ?1 AND action_item.review_id = review.id"
                );
                self.connection.prepare_cached(&sql)?.execute([action])?;
            }
            Target::Tag(tag) => {
                let give = "INSERT OR IGNORE INTO review_tag (review_id, tag_id)
                    SELECT review_id, ?2 FROM action_item WHERE action_id = ?1 AND after = 1";
                let take = "DELETE FROM review_tag WHERE tag_id = ?2 AND review_id IN (
                    SELECT review_id FROM action_item WHERE action_id = ?1 AND after = 0)";
                for sql in [give, take] {
                    self.connection.prepare_cached(sql)?.execute(params![action, tag])?;
                }
            }
        }
        Ok(())
    }

    fn put_action(
        &self,
        what: &str,
        value: &str,
        query: &str,
        undoes: Option<i64>,
        actor: &Actor,
    ) -> Result<i64> {
        self.connection
            .prepare_cached(
                "INSERT INTO action (at, who, what, value, query, items, undoes) VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6)",
            )?
            .execute(params![actor.at, actor.who, what, value, query, undoes])?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Writes how many items an action changed; one that changed none is no action.
    fn close_action(&self, action: i64, items: usize) -> Result<Done> {
        if items == 0 {
            self.connection.execute("DELETE FROM action WHERE id = ?1", [action])?;
            return Ok(Done::default());
        }
        let items = items as u64;
        self.connection
            .execute("UPDATE action SET items = ?2 WHERE id = ?1", params![action, items.cast_signed()])?;
        Ok(Done { action: Some(action), items })
    }

    fn tag(&self, name: &str) -> Result<i64> {
        self.connection.prepare_cached("INSERT OR IGNORE INTO tag (name) VALUES (?1)")?.execute([name])?;
        let sql = "SELECT id FROM tag WHERE name = ?1";
        Ok(self.connection.prepare_cached(sql)?.query_row([name], |row| row.get(0))?)
    }

    /// Makes a row for each of these items that has none, with what it takes to know the item again.
    fn keep(&self, list: &str) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO review (item_id, identity, key, same, message_id, subject, date)
                 SELECT item.id, source.identity, item.key, item.sameness, item.message_id, item.subject, item.date
                 FROM json_each(?1) AS wanted JOIN item ON item.id = wanted.value JOIN source ON source.id = item.source_id
                 WHERE NOT EXISTS (SELECT 1 FROM review WHERE item_id = item.id)",
            )?
            .execute([list])?;
        Ok(())
    }

    /// Keeps a query under a name, in place of what had the name.
    ///
    /// # Errors
    /// SQLite's.
    pub fn put_saved(&mut self, name: &str, query: &str, actor: &Actor) -> Result<()> {
        let alone = !self.open;
        self.begin()?;
        self.connection.execute(
            "INSERT INTO saved (name, query, made_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (name) DO UPDATE SET name = excluded.name, query = excluded.query, made_at = excluded.made_at",
            params![name, query, actor.at],
        )?;
        self.put_action("save", name, query, None, actor)?;
        self.said = alone.then(HashSet::new);
        Ok(())
    }

    /// Forgets a saved query; gives whether there was one of this name.
    ///
    /// # Errors
    /// SQLite's.
    pub fn forget_saved(&mut self, name: &str, actor: &Actor) -> Result<bool> {
        let alone = !self.open;
        self.begin()?;
        let forgotten = self.connection.execute("DELETE FROM saved WHERE name = ?1", [name])? > 0;
        if forgotten {
            self.put_action("forget", name, "", None, actor)?;
        }
        self.said = alone.then(HashSet::new);
        Ok(forgotten)
    }

    /// Gives a tag a colour, or none: the record keeps it.
    ///
    /// # Errors
    /// [`Error::NoSuch`] for a tag that was never given; SQLite's.
    pub fn colour_tag(&mut self, name: &str, colour: Option<Colour>, actor: &Actor) -> Result<()> {
        self.begin()?;
        let sql = "SELECT name FROM tag WHERE name = ?1";
        let known: Option<String> =
            self.connection.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()?;
        let Some(known) = known else { return Err(Error::NoSuch { what: "tag", id: 0 }) };
        self.put_action("colour", &Colour::recorded(colour, &known), "", None, actor)?;
        Ok(())
    }

    /// Whether anything was ever said of an item.
    pub(super) fn has_reviews(&self) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM review)";
        Ok(self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }

    /// Brings what was said of items that changed or came to where it belongs: away from what is now another message, and to a message
    /// that came again. The same message is one with the same digest; or, where it is read in another way than then, the one at the
    /// same place of the same mailbox that has the same Message-ID; or the same subject and date, whatever its id, which a draft changes
    /// with each version; or, where one of the two has no id, as drafts and contacts do, the same subject or the same date: places are
    /// not given out twice within a mailbox, so this only has to tell it from a mailbox that was made anew.
    pub(super) fn reattach(&self, list: &str) -> Result<()> {
        const STILL: &str = "(review.message_id <> '' AND review.message_id = item.message_id
            OR review.subject = item.subject AND review.date = item.date
            OR (review.message_id = '' OR item.message_id = '') AND review.identity = source.identity
              AND (review.date = item.date
                OR review.subject = item.subject AND (review.subject <> '' OR review.date IS item.date)))";
        let known_again = format!(
            "UPDATE review SET same = item.sameness, message_id = item.message_id, subject = item.subject, date = item.date
             FROM json_each(?1) AS wanted JOIN item ON item.id = wanted.value JOIN source ON source.id = item.source_id
             WHERE review.item_id = item.id AND review.same IS NOT item.sameness AND {STILL}"
        );
        self.connection.prepare_cached(&known_again)?.execute([list])?;
        self.connection
            .prepare_cached(
                "UPDATE review SET item_id = NULL FROM json_each(?1) AS wanted JOIN item ON item.id = wanted.value
                 WHERE review.item_id = item.id AND review.same IS NOT item.sameness",
            )?
            .execute([list])?;
        let lost: bool = self
            .connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM review WHERE item_id IS NULL)")?
            .query_row([], |row| row.get(0))?;
        if !lost {
            return Ok(());
        }
        // At its own place first, then wherever the same is said; each row to one item, each item to one row.
        let by_place = format!(
            "SELECT review.id, item.id FROM json_each(?1) AS wanted JOIN item ON item.id = wanted.value
             JOIN source ON source.id = item.source_id
             JOIN review ON review.key = item.key AND review.item_id IS NULL AND review.identity = source.identity
             WHERE review.same IS item.sameness OR {STILL} ORDER BY review.id, item.id"
        );
        let by_digest = "SELECT review.id, item.id FROM json_each(?1) AS wanted JOIN item ON item.id = wanted.value
             JOIN review ON review.same = item.sameness AND review.item_id IS NULL ORDER BY review.id, item.id";
        for sql in [by_place.as_str(), by_digest] {
            let pairs: Vec<(i64, i64)> = self
                .connection
                .prepare_cached(sql)?
                .query_map([list], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?;
            let mut put = self.connection.prepare_cached(
                "UPDATE OR IGNORE review SET item_id = ?2 WHERE id = ?1 AND item_id IS NULL",
            )?;
            for pair in pairs {
                put.execute(pair)?;
            }
        }
        Ok(())
    }
}
