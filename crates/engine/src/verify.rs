//! Proof that both stores and the accounts agree.

use crate::error::Result;
use crate::index::{FAST_ID, Index};
use crate::store::Store;
use std::collections::HashSet;

/// Of each kind of disagreement, at most this many examples are named.
const MAX_EXAMPLES: usize = 20;

/// What was compared, and what disagrees.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// Items of SQLite.
    pub items: u64,
    /// Items of the index.
    pub indexed: u64,
    /// Folders whose sums were checked.
    pub folders: u64,
    /// Sources that were not taken in to the end; their sums are open.
    pub incomplete: u64,
    /// What disagrees, in sentences; empty when all is well.
    pub problems: Vec<Problem>,
}

/// Something that disagrees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Whether building the index anew mends it.
    pub repairable: bool,
    /// A sentence.
    pub sentence: String,
}

impl Verified {
    fn add(&mut self, repairable: bool, sentence: String) {
        self.problems.push(Problem { repairable, sentence });
    }
}

/// Compares the stores as they are now. Run it where nothing writes meanwhile.
///
/// # Errors
/// When a store cannot be read at all.
pub fn verify(store: &Store, index: &Index) -> Result<Verified> {
    let mut found = Verified::default();
    for sentence in store.integrity()? {
        found.add(false, format!("SQLite: {sentence}"));
    }
    let is_sound = found.problems.is_empty();
    match accounts(store, &mut found).and_then(|()| items(store, index, &mut found)) {
        // What cannot be read is among the problems.
        Err(error) if !is_sound && error.is_corrupt() => Ok(found),
        compared => compared.map(|()| found),
    }
}

/// `expected = items + failed` in every folder of every source that was taken in to the end.
fn accounts(store: &Store, found: &mut Verified) -> Result<()> {
    for source in store.sources()? {
        if !source.complete {
            found.incomplete += 1;
            continue;
        }
        for folder in store.folders(Some(source.id))? {
            found.folders += 1;
            let account = folder.account();
            if account.expected != account.items + account.failed {
                found.add(
                    false,
                    format!(
                        "{}, {}: {} items expected, but {} were read and {} failed",
                        source.name, folder.path, account.expected, account.items, account.failed
                    ),
                );
            }
        }
    }
    for miscount in store.miscounts()?.into_iter().take(MAX_EXAMPLES) {
        found.add(
            false,
            format!(
                "{}: its account says {:?} items, failed, recovered, gone, attachments and embedded messages, but it has {:?}",
                miscount.folder, miscount.told, miscount.is
            ),
        );
    }
    for miscount in store.text_miscounts()?.into_iter().take(MAX_EXAMPLES) {
        let (told, is) = (miscount.told, miscount.is);
        found.add(
            false,
            format!(
                "{}: the account of its attachments says {told:?}, but there are {is:?}",
                miscount.source
            ),
        );
    }
    let astray = store.texts_astray()?;
    if astray > 0 {
        found.add(
            false,
            format!("{astray} attachments count as read, but have no text, or as unread, but have one"),
        );
    }
    let astray = store.links_astray()?;
    if astray > 0 {
        found.add(true, format!("of {astray} items it is not known, or told wrongly, what they belong to"));
    }
    let astray = store.known_astray()?;
    if astray > 0 {
        found.add(true, format!("of {astray} files it is told wrongly what was read of them last"));
    }
    for id in store.items_without_body()?.into_iter().take(MAX_EXAMPLES) {
        found.add(false, format!("item {id} has no text stored"));
    }
    Ok(())
}

/// Each item is in the index once, and nothing else is.
fn items(store: &Store, index: &Index, found: &mut Verified) -> Result<()> {
    let searcher = index.searcher();
    let mut indexed: HashSet<i64> = HashSet::new();
    let mut twice = Vec::new();
    for segment in searcher.segment_readers() {
        let ids = segment.fast_fields().u64(FAST_ID)?;
        for doc in segment.doc_ids_alive() {
            let id = ids.first(doc).and_then(|id| i64::try_from(id).ok()).unwrap_or(-1);
            found.indexed += 1;
            if !indexed.insert(id) {
                twice.push(id);
            }
        }
    }
    let mut missing = Vec::new();
    store.each_item_id(&mut |id| {
        found.items += 1;
        if !indexed.remove(&id) {
            missing.push(id);
        }
    })?;
    let mut stray: Vec<i64> = indexed.into_iter().collect();
    stray.sort_unstable();
    for (ids, what) in [
        (missing, "is in the library, but cannot be found by searching"),
        (stray, "is in the index, but not in the library"),
        (twice, "is in the index more than once"),
    ] {
        let more = ids.len().saturating_sub(MAX_EXAMPLES);
        for id in ids.iter().take(MAX_EXAMPLES) {
            found.add(true, format!("item {id} {what}"));
        }
        if more > 0 {
            found.add(true, format!("and {more} more items: each {what}"));
        }
    }
    Ok(())
}
