//! What a file names now beside what the library holds of it: what is to be read, what moved, what is gone.

use super::job::JobRecord;
use super::shared::{Place, Shared, now, on_writer};
use crate::error::Result;
use crate::ids::ItemId;
use crate::source::{Certainty, Entry, Plan};
use crate::store::{Known, KnownItems};
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// What is to be read, in the order of the file. Of a million items that is a million numbers.
pub struct Work<'p> {
    entries: &'p [Entry],
    known: &'p KnownItems,
    /// Places in `entries`.
    wanted: Vec<u32>,
}

impl Work<'_> {
    pub fn len(&self) -> usize {
        self.wanted.len()
    }

    /// Some of it, with what the library knows of each.
    pub fn part(&self, range: Range<usize>) -> impl Iterator<Item = (&Entry, Option<&Known>)> {
        let wanted = self.wanted.get(range.start..range.end.min(self.len())).unwrap_or_default();
        wanted.iter().filter_map(|&number| {
            let entry = self.entries.get(number as usize)?;
            Some((entry, self.known.get(entry.key)))
        })
    }
}

/// What a comparison comes to, beside the work.
#[derive(Default)]
struct Differences {
    moved: Vec<(ItemId, Place, Option<Certainty>)>,
    gone: Vec<ItemId>,
    unchanged: u64,
    removed: u64,
}

/// Sorts the plan's entries: what is unchanged needs nothing, what moved is moved, what is gone is marked; the rest is to be read.
/// `recovered` says whether the plan looked for deleted items, as it does when the file has changed.
pub fn compare<'p>(
    job: &Arc<JobRecord>,
    shared: &Arc<Shared>,
    plan: &'p Plan,
    library: &'p KnownItems,
    places: &[Place],
    recovered: bool,
) -> Result<Work<'p>> {
    let mut work = Work { entries: &plan.entries, known: library, wanted: Vec::new() };
    let mut found = Differences::default();
    let mut known_items = library.finger();
    let mut seen = vec![false; library.len()];
    let carved = |entry: &&Entry| entry.recovered == Some(Certainty::Carved);
    let held: HashSet<u64> = match plan.entries.iter().find(carved) {
        Some(_) => library.iter().map(|known| known.version.data).collect(),
        None => Default::default(),
    };
    for (number, entry) in (0_u32..).zip(&plan.entries) {
        let Some(place) = places.get(entry.folder as usize) else { continue };
        let found_at = known_items.find(entry.key);
        let known = found_at.map(|(_, known)| known);
        // What its blocks were is told by the library, which read them when they still had a name.
        if known.is_none() && carved(&entry) && held.contains(&entry.version.data) {
            continue;
        }
        // What was damaged when it was read may be whole now that the file has changed.
        let is_same = |known: &Known| known.version == entry.version && !(known.is_damaged() && recovered);
        let mut see = || {
            if let Some(seen) = found_at.and_then(|(at, _)| seen.get_mut(at)) {
                *seen = true;
            }
        };
        match known {
            Some(known) if is_same(known) && !known.is_outdated() => {
                see();
                keep(job, entry, known, place, &mut found);
            }
            // An earlier version that can be recovered is no better than the later one that the library holds.
            Some(known)
                if entry.recovered.is_some()
                    && !known.recovered
                    && !known.is_outdated()
                    && known.version != entry.version => {}
            known => {
                see();
                if known.is_some_and(|known| !known.gone && !known.recovered) && entry.recovered.is_some() {
                    found.removed += 1;
                }
                work.wanted.push(number);
            }
        }
    }
    for (known, _) in library.iter().zip(&seen).filter(|(known, seen)| !known.gone && !**seen) {
        if known.recovered && !recovered {
            continue;
        }
        found.gone.push(known.id);
        found.removed += u64::from(!known.recovered);
    }
    let Differences { moved, gone, unchanged, removed } = found;
    job.change(|slow| {
        slow.unchanged = unchanged;
        slow.removed = removed;
    });
    if !moved.is_empty() || !gone.is_empty() {
        on_writer(shared, move |writer| {
            writer.move_items(&moved)?;
            // One commit serves these and the first items that are read: each makes a part of the index.
            let now = now();
            for item in gone {
                writer.mark_gone(item, now)?;
            }
            Ok(())
        })?;
    }
    Ok(work)
}

/// Sorts in an entry whose content the library holds.
fn keep(job: &JobRecord, entry: &Entry, known: &Known, place: &Place, found: &mut Differences) {
    let (was_named, is_named) = (!known.gone && !known.recovered, entry.recovered.is_none());
    let same_place = place.folders.first() == Some(&known.folder.0);
    if same_place && !known.gone && known.recovered != is_named {
        found.unchanged += u64::from(is_named);
        job.recovered.fetch_add(u64::from(!is_named), Ordering::Relaxed);
        return;
    }
    found.moved.push((known.id, place.clone(), entry.recovered));
    if is_named {
        if was_named { &job.updated } else { &job.new }.fetch_add(1, Ordering::Relaxed);
        job.items.fetch_add(1, Ordering::Relaxed);
    } else {
        found.removed += u64::from(was_named);
        job.recovered.fetch_add(1, Ordering::Relaxed);
    }
}
