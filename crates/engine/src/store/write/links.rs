//! Links as they are read to make groups of them.

use super::clues::Changed;
use crate::error::Result;
use crate::relations::solve::{Candidate, Sets};
use foldhash::HashSet;
use rusqlite::{Row, Rows};
use std::num::NonZero;

/// Of the pairs of key and item, so many are sorted at once: memory stays the same however many items there are.
pub(super) const MAX_PAIRS: usize = if cfg!(test) { 24 } else { 2_000_000 };
/// Keys of one item, at most; what a damaged library has beyond is not looked at.
pub(super) const MAX_KEYS: usize = 256;

/// The groups of an item, by the ids of items that stand for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Groups {
    pub(super) conversation: Option<NonZero<i64>>,
    /// The first of those that say the same.
    pub(super) first: Option<NonZero<i64>>,
    /// What it answers by its subject.
    pub(super) answers: Option<NonZero<i64>>,
}

/// An item's groups as they are stored.
pub(super) struct Member {
    pub(super) groups: Groups,
    /// Whether what it answers by its subject is to be found anew.
    pub(super) concerned: bool,
}

/// All links as they are before groups are made. The number of each item is its place among all ids, ascending.
#[derive(Default)]
pub(super) struct Links {
    pub(super) ids: Vec<i64>,
    pub(super) held: Vec<Member>,
    pub(super) candidates: Vec<Candidate>,
    /// Nothing where they are too many.
    pub(super) pairs: Option<Pairs>,
}

/// What joins items: those with equal keys, and those that say the same.
#[derive(Default)]
pub(super) struct Pairs {
    pub(super) keys: Vec<(u64, u32)>,
    pub(super) same: Vec<([u8; 16], i64, u32)>,
}

impl Pairs {
    pub(super) fn len(&self) -> usize {
        self.keys.len() + self.same.len()
    }

    /// Adds those of an item that belong to this pass of so many.
    pub(super) fn add(
        &mut self,
        at: u32,
        keys: &[u8],
        same: [u8; 16],
        date: Option<i64>,
        passes: u64,
        pass: u64,
    ) {
        for key in self::keys(keys) {
            if key % passes == pass {
                self.keys.push((key, at));
            }
        }
        let part = u64::from(same[0]) | u64::from(same[1]) << 8;
        if same != [0; 16] && part % passes == pass {
            self.same.push((same, date.unwrap_or(i64::MAX), at));
        }
    }

    pub(super) fn join(mut self, sets: &mut Sets, firsts: &mut [Option<u32>]) {
        sets.join_equal(&mut self.keys);
        self.same.sort_unstable();
        for group in self.same.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1) {
            let first = group[0].2;
            for (_, _, at) in group {
                firsts[*at as usize] = Some(first);
                sets.join(first, *at);
            }
        }
    }
}

/// The columns of a link, in the order in which [`links_of`] takes them.
pub(super) const LINK: &str = "item_id, subject, weak, date, same, keys, conversation, first, answers";

/// Takes rows of links together; `joining` are the subjects that join anything, where they are known.
pub(super) fn links_of(
    mut rows: Rows<'_>,
    changed: &Changed,
    joining: Option<HashSet<i64>>,
) -> Result<Links> {
    let mut links = Links { pairs: Some(Pairs::default()), ..Links::default() };
    while let Some(row) = rows.next()? {
        let at = u32::try_from(links.ids.len()).unwrap_or(u32::MAX);
        let (subject, date): (Option<i64>, Option<i64>) = (row.get(1)?, row.get(3)?);
        let same = digest(blob(row, 4)?);
        let groups = Groups { conversation: id(row, 6)?, first: id(row, 7)?, answers: id(row, 8)? };
        let concerned = subject.is_some_and(|subject| changed.concerns(subject));
        links.ids.push(row.get(0)?);
        links.held.push(Member { groups, concerned });
        if let (Some(subject), Some(date), true) = (subject, date, concerned)
            && joining.as_ref().is_none_or(|joining| joining.contains(&subject))
        {
            links.candidates.push(Candidate { subject, date, same, at, weak: row.get(2)? });
        }
        if let Some(pairs) = &mut links.pairs {
            pairs.add(at, blob(row, 5)?.unwrap_or_default(), same, date, 1, 0);
            if pairs.len() > MAX_PAIRS {
                links.pairs = None;
            }
        }
    }
    if joining.is_none() {
        let joining: HashSet<i64> =
            links.candidates.iter().filter(|one| one.weak > 0).map(|one| one.subject).collect();
        links.candidates.retain(|one| joining.contains(&one.subject));
    }
    Ok(links)
}

pub(super) fn keys(bytes: &[u8]) -> impl Iterator<Item = u64> {
    bytes.as_chunks::<8>().0.iter().take(MAX_KEYS).map(|key| u64::from_le_bytes(*key))
}

pub(super) fn id(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<NonZero<i64>>> {
    Ok(row.get::<_, Option<i64>>(column)?.and_then(NonZero::new))
}

pub(super) fn digest(blob: Option<&[u8]>) -> [u8; 16] {
    blob.and_then(|blob| blob.try_into().ok()).unwrap_or_default()
}

pub(super) fn blob<'row>(row: &'row Row<'_>, column: usize) -> rusqlite::Result<Option<&'row [u8]>> {
    Ok(row.get_ref(column)?.as_blob_or_null()?)
}

pub(super) fn text<'row>(row: &'row Row<'_>, column: usize) -> rusqlite::Result<&'row str> {
    Ok(row.get_ref(column)?.as_str()?)
}
