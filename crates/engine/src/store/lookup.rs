//! What is looked up for searches, counts and exports. Every function is one statement (or one for each 20,000 ids), and every statement
//! goes by an index.

use super::Store;
use super::relations::DUPLICATE;
use crate::error::{Error, Result};
use crate::fields::State;
use crate::ids::{ItemId, SourceId};
use crate::source::{Person, Version};
use crate::text::letters::folded;
use std::collections::HashMap;

/// Ids that are handed to SQLite at once.
const MAX_IDS: usize = 20_000;

/// A row without its text.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct BriefRow {
    pub id: ItemId,
    pub from: Person,
    pub subject: String,
    pub date: Option<i64>,
    pub size: u64,
}

/// Where an item lies.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct Place {
    pub id: i64,
    pub source: i64,
    pub folder: i64,
    pub key: u64,
    pub version: Version,
    pub attachments: u64,
}

const BRIEF: &str = "SELECT item.id, item.from_name, item.from_address, item.subject, item.date, item.size
             FROM json_each(?1) AS wanted JOIN item ON item.id = wanted.value ORDER BY wanted.key";
const PLACES: &str =
    "SELECT item.id, item.source_id, item.folder_id, item.key, item.data_version, item.sub_version, item.attachments
             FROM json_each(?1) AS wanted JOIN item ON item.id = wanted.value";
const FOLDER_PLACES: &str = "SELECT folder.id, folder.source_id, folder.path FROM json_each(?1) AS wanted JOIN folder ON folder.id = wanted.value";
const RECOVERED: &str = "SELECT id FROM item WHERE recovered = 1 AND gone_at IS NULL";
const GONE: &str = "SELECT id FROM item WHERE gone_at IS NOT NULL";
fn unsigned(value: i64) -> u64 {
    u64::from_ne_bytes(value.to_ne_bytes())
}

/// Ids as SQLite's `json_each` takes them: one statement for any number of them.
pub(in crate::store) fn id_list(ids: impl Iterator<Item = i64>) -> Result<String> {
    let list: Vec<i64> = ids.collect();
    serde_json::to_string(&list).map_err(|e| Error::Internal(e.to_string()))
}

impl Store {
    /// Rows for `ids`, in their order, without their text; ids that are no longer there are left out.
    ///
    /// # Errors
    /// SQLite's.
    pub fn brief(&self, ids: &[ItemId]) -> Result<Vec<BriefRow>> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(BRIEF)?;
        let rows = statement.query_map([id_list(ids.iter().map(|id| id.0))?], |row| {
            Ok(BriefRow {
                id: row.get(0)?,
                from: Person { name: row.get(1)?, address: row.get(2)? },
                subject: row.get(3)?,
                date: row.get(4)?,
                size: unsigned(row.get(5)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Where these items lie, in no order; ids that are no longer there are left out.
    ///
    /// # Errors
    /// SQLite's.
    pub fn places(&self, ids: &[i64]) -> Result<Vec<Place>> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(PLACES)?;
        let mut places = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(MAX_IDS) {
            let rows = statement.query_map([id_list(chunk.iter().copied())?], |row| {
                Ok(Place {
                    id: row.get(0)?,
                    source: row.get(1)?,
                    folder: row.get(2)?,
                    key: unsigned(row.get(3)?),
                    version: Version { data: unsigned(row.get(4)?), sub: unsigned(row.get(5)?) },
                    attachments: unsigned(row.get(6)?),
                })
            })?;
            for row in rows {
                places.push(row?);
            }
        }
        Ok(places)
    }

    /// Source and path of these folders.
    ///
    /// # Errors
    /// SQLite's.
    pub fn folder_places(&self, ids: &[i64]) -> Result<HashMap<i64, (SourceId, String)>> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(FOLDER_PLACES)?;
        let rows = statement.query_map([id_list(ids.iter().copied())?], |row| {
            Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The file names of all sources.
    ///
    /// # Errors
    /// SQLite's.
    pub fn source_names(&self) -> Result<HashMap<i64, String>> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached("SELECT id, name FROM source")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Folders with this name, or path from the top, in any case.
    ///
    /// # Errors
    /// SQLite's.
    pub fn folders_named(&self, name: &str) -> Result<Vec<i64>> {
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached("SELECT id, name, path FROM folder")?;
        let rows = statement
            .query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?)))?
            .collect::<Result<Vec<(i64, String, String)>, _>>()?;
        let named = |like: &dyn Fn(&str) -> String| -> Vec<i64> {
            let wanted = like(name.trim_matches('/'));
            let below = format!("/{wanted}");
            let is_it = |name: &str, path: &str| {
                let path = like(path);
                like(name) == wanted || path == wanted || path.ends_with(&below)
            };
            rows.iter().filter(|(_, name, path)| is_it(name, path)).map(|(id, ..)| *id).collect()
        };
        // With its own accents where there is such a one.
        let exactly = named(&|text| text.to_lowercase());
        Ok(if exactly.is_empty() { named(&folded) } else { exactly })
    }

    /// Sources whose file name contains this, in any case, with accents or without.
    ///
    /// # Errors
    /// SQLite's.
    pub fn sources_named(&self, name: &str) -> Result<Vec<i64>> {
        let wanted = folded(name);
        let sources = self.sources()?;
        Ok(sources.into_iter().filter(|s| folded(&s.name).contains(&wanted)).map(|s| s.id.0).collect())
    }

    /// Items in a state that changes without their being read again.
    ///
    /// # Errors
    /// SQLite's.
    pub fn items_in_state(&self, state: State) -> Result<Vec<i64>> {
        let sql = match state {
            State::Recovered => RECOVERED,
            State::Gone => GONE,
            State::Duplicate => DUPLICATE,
            State::Marked | State::Reviewed | State::Noted | State::Tagged => {
                return self.items_reviewed(state);
            }
            _ => return Ok(Vec::new()),
        };
        let reader = self.reader()?;
        let mut statement = reader.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
