//! What people said of items, and the record of it.

use super::Store;
use crate::error::Result;
use crate::fields::State;
use crate::ids::ItemId;
use crate::text::letters::folded;
use rusqlite::params;
use std::collections::HashMap;

/// Between the names of tags where they are read as one text.
pub(super) const BETWEEN: char = '\u{1f}';

/// What people said of an item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Review {
    /// Flagged here, whatever its file says.
    pub flagged: bool,
    /// Looked through.
    pub reviewed: bool,
    /// Tags in order of their names.
    pub tags: Vec<String>,
    /// A note; may be empty.
    pub note: String,
}

/// A change to what is said of items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Flags them, or no longer.
    Flag(bool),
    /// They are looked through, or not.
    Reviewed(bool),
    /// Gives a tag.
    Tag(String),
    /// Takes a tag away.
    Untag(String),
    /// Writes a note in place of the one there is; an empty one takes it away.
    Note(String),
}

impl Change {
    /// Its name in the record.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Flag(true) => "flag",
            Self::Flag(false) => "unflag",
            Self::Reviewed(true) => "review",
            Self::Reviewed(false) => "unreview",
            Self::Tag(_) => "tag",
            Self::Untag(_) => "untag",
            Self::Note(_) => "note",
        }
    }

    /// The tag or note; otherwise empty.
    pub fn value(&self) -> &str {
        match self {
            Self::Tag(text) | Self::Untag(text) | Self::Note(text) => text,
            Self::Flag(_) | Self::Reviewed(_) => "",
        }
    }

    /// Whether it says something of an item of which nothing may have been said yet.
    pub(super) fn adds(&self) -> bool {
        match self {
            Self::Flag(yes) | Self::Reviewed(yes) => *yes,
            Self::Tag(_) => true,
            Self::Untag(_) => false,
            Self::Note(text) => !text.is_empty(),
        }
    }

    /// As its column holds it.
    pub(super) fn stored(&self) -> rusqlite::types::Value {
        match self {
            Self::Flag(yes) | Self::Reviewed(yes) => i64::from(*yes).into(),
            Self::Tag(text) | Self::Untag(text) | Self::Note(text) => text.clone().into(),
        }
    }
}

/// The colour of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// Red.
    Red,
    /// Orange.
    Orange,
    /// Yellow.
    Yellow,
    /// Green.
    Green,
    /// Teal.
    Teal,
    /// Blue.
    Blue,
    /// Purple.
    Purple,
    /// Pink.
    Pink,
}

impl Colour {
    /// What the record calls a tag that has none.
    const NONE: &'static str = "none";
    const NAMES: [(&'static str, Self); 8] = [
        ("red", Self::Red),
        ("orange", Self::Orange),
        ("yellow", Self::Yellow),
        ("green", Self::Green),
        ("teal", Self::Teal),
        ("blue", Self::Blue),
        ("purple", Self::Purple),
        ("pink", Self::Pink),
    ];

    fn name(of: Option<Self>) -> &'static str {
        let found = Self::NAMES.iter().find(|(_, colour)| Some(*colour) == of);
        found.map_or(Self::NONE, |(name, _)| *name)
    }

    fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, colour)| *colour)
    }

    /// How the record says that a tag got a colour: the colour, then the tag.
    pub(super) fn recorded(of: Option<Self>, tag: &str) -> String {
        format!("{} {tag}", Self::name(of))
    }
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Its name.
    pub name: String,
    /// Items of the library that have it.
    pub items: u64,
    /// Its colour, where one was chosen.
    pub colour: Option<Colour>,
}

/// An entry of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Its number.
    pub id: i64,
    /// Milliseconds since 1970 UTC.
    pub at: i64,
    /// Name of the user of the machine.
    pub who: String,
    /// "flag", "unflag", "review", "unreview", "tag", "untag", "note", "colour", "save", "forget" or "undo".
    pub what: String,
    /// The tag, note or name; of "colour" the colour and the tag.
    pub value: String,
    /// The query by which the items were found; empty where they were chosen by hand.
    pub query: String,
    /// How many items changed.
    pub items: u64,
    /// The entry that it took back.
    pub undoes: Option<i64>,
}

/// A query with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Its name.
    pub name: String,
    /// The query.
    pub query: String,
    /// When it was saved, in milliseconds since 1970 UTC.
    pub made_at: i64,
}

/// Names of tags, read as one text.
pub(super) fn tags(joined: Option<String>) -> Vec<String> {
    let mut tags: Vec<String> =
        joined.unwrap_or_default().split(BETWEEN).filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
    tags.sort_by_key(|tag| tag.to_lowercase());
    tags
}

impl Store {
    /// What was said of an item.
    ///
    /// # Errors
    /// SQLite's.
    pub fn review(&self, id: ItemId) -> Result<Review> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(
            "SELECT flagged, reviewed, note, (SELECT group_concat(name, char(31)) FROM review_tag
               JOIN tag ON tag.id = tag_id WHERE review_id = review.id) FROM review WHERE item_id = ?1",
        )?;
        let mut rows = statement.query([id])?;
        let Some(row) = rows.next()? else { return Ok(Review::default()) };
        Ok(Review { flagged: row.get(0)?, reviewed: row.get(1)?, note: row.get(2)?, tags: tags(row.get(3)?) })
    }

    /// All tags with the number of items that have them, in order of their names.
    ///
    /// # Errors
    /// SQLite's.
    pub fn tags(&self) -> Result<Vec<Tag>> {
        let reader = self.reader()?;
        // What the record says last of a tag is its colour.
        let mut statement =
            reader.prepare_cached("SELECT value FROM action WHERE what = 'colour' ORDER BY id")?;
        let mut colours = HashMap::new();
        for said in statement.query_map([], |row| row.get::<_, String>(0))? {
            let said = said?;
            if let Some((colour, tag)) = said.split_once(' ') {
                colours.insert(tag.to_lowercase(), Colour::named(colour));
            }
        }
        let mut statement = reader.prepare_cached(
            "SELECT name, (SELECT count(*) FROM review_tag JOIN review ON review.id = review_id
               WHERE tag_id = tag.id AND item_id IS NOT NULL) AS items FROM tag
             WHERE items > 0 ORDER BY name COLLATE NOCASE",
        )?;
        let rows = statement.query_map([], |row| {
            let name: String = row.get(0)?;
            let colour = colours.get(&name.to_lowercase()).copied().flatten();
            Ok(Tag { name, items: row.get::<_, i64>(1)?.unsigned_abs(), colour })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The items with a tag, in any case of letters.
    ///
    /// # Errors
    /// SQLite's.
    pub fn items_with_tag(&self, name: &str) -> Result<Vec<i64>> {
        let tags = {
            let reader = self.reader()?;
            let mut tags = reader.prepare_cached("SELECT id, name, name = ?1 FROM tag")?;
            let rows =
                tags.query_map([name], |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?)))?;
            rows.collect::<Result<Vec<(i64, String, bool)>, _>>()?
        };
        // One of this very name stands for itself; otherwise case and accents do not count.
        let wanted = folded(name);
        let by_name = tags.iter().any(|(.., is_it)| *is_it);
        let mut items = Vec::new();
        for (id, ..) in tags.iter().filter(|(_, tag, is_it)| *is_it || !by_name && folded(tag) == wanted) {
            items.extend(self.reviewed_items(
                "SELECT item_id FROM review_tag JOIN review ON review.id = review_id
                 WHERE tag_id = ?1 AND item_id IS NOT NULL",
                [id],
            )?);
        }
        items.sort_unstable();
        items.dedup();
        Ok(items)
    }

    /// The items whose note holds this, in any case of letters, with their accents or without.
    ///
    /// # Errors
    /// SQLite's.
    pub fn items_with_note(&self, text: &str) -> Result<Vec<i64>> {
        let reader = self.reader()?;
        let mut notes = reader
            .prepare_cached("SELECT item_id, note FROM review WHERE item_id IS NOT NULL AND note <> ''")?;
        let rows = notes.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
        let wanted = folded(text);
        let mut items = Vec::new();
        for row in rows {
            let (id, note) = row?;
            if folded(&note).contains(&wanted) {
                items.push(id);
            }
        }
        Ok(items)
    }

    pub(super) fn items_reviewed(&self, state: State) -> Result<Vec<i64>> {
        self.reviewed_items(
            match state {
                State::Marked => "SELECT item_id FROM review WHERE item_id IS NOT NULL AND flagged = 1",
                State::Reviewed => "SELECT item_id FROM review WHERE item_id IS NOT NULL AND reviewed = 1",
                State::Noted => "SELECT item_id FROM review WHERE item_id IS NOT NULL AND note <> ''",
                _ => {
                    "SELECT item_id FROM review WHERE item_id IS NOT NULL
                     AND EXISTS (SELECT 1 FROM review_tag WHERE review_id = review.id)"
                }
            },
            [],
        )
    }

    fn reviewed_items(&self, sql: &str, values: impl rusqlite::Params) -> Result<Vec<i64>> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(sql)?;
        let rows = statement.query_map(values, |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many items that something was said of are not in the library now.
    ///
    /// # Errors
    /// SQLite's.
    pub fn reviews_waiting(&self) -> Result<u64> {
        let reader = self.reader()?;
        let sql = "SELECT count(*) FROM review WHERE item_id IS NULL AND (flagged OR reviewed OR note <> ''
            OR EXISTS (SELECT 1 FROM review_tag WHERE review_id = review.id))";
        let count: i64 = reader.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// Entries of the record before `before` (all, for `None`), the latest first, at most `limit`.
    ///
    /// # Errors
    /// SQLite's.
    pub fn actions(&self, before: Option<i64>, limit: u32) -> Result<Vec<Action>> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(
            "SELECT id, at, who, what, value, query, items, undoes FROM action WHERE ?1 IS NULL OR id < ?1
             ORDER BY id DESC LIMIT ?2",
        )?;
        let rows = statement.query_map(params![before, limit], |row| {
            Ok(Action {
                id: row.get(0)?,
                at: row.get(1)?,
                who: row.get(2)?,
                what: row.get(3)?,
                value: row.get(4)?,
                query: row.get(5)?,
                items: row.get::<_, i64>(6)?.unsigned_abs(),
                undoes: row.get(7)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Saved queries in order of their names.
    ///
    /// # Errors
    /// SQLite's.
    pub fn saved(&self) -> Result<Vec<Saved>> {
        let reader = self.reader()?;
        let mut statement =
            reader.prepare_cached("SELECT name, query, made_at FROM saved ORDER BY name COLLATE NOCASE")?;
        let rows = statement
            .query_map([], |row| Ok(Saved { name: row.get(0)?, query: row.get(1)?, made_at: row.get(2)? }))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
