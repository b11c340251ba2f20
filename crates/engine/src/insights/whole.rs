//! What all items of the index have in common, kept for as long as it stays as it is.
//!
//! Of most of the items, less is to be counted where the others are taken out of all. Both ways give the same numbers: what cannot be
//! taken out (an earliest date, one of the largest items beyond those that are known) is counted anew.

use super::people::{self, Found};
use super::tally::{Collect, MOST_LARGEST, Parts, Tally};
use crate::index::{Index, Matching, Side};
use crate::relations::Groups;
use crate::search::{BySender, CountCopies, Duplicates, GroupCounts, Senders, WholeGroups};
use crate::zone::Zone;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tantivy::Searcher;

/// What is kept takes at most so many bytes each, unless told otherwise: a fiftieth of the default budget.
const ROOM: usize = 10 * 1024 * 1024;

/// What is known of all items, each for the state of the index that was asked for last.
#[derive(Default)]
pub struct Wholes {
    days: Slot<BTreeMap<i64, u64>>,
    senders: Slot<Senders>,
    tally: Slot<Tally>,
    people: Slot<Found>,
    copies: Slot<WholeGroups>,
    conversations: Slot<WholeGroups>,
}

/// One thing that is known of a state of the index; `None` within where it takes too much memory to be kept.
struct Slot<T>(Mutex<Option<(u64, Option<Arc<T>>)>>);

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Slot<T> {
    /// What is known of a state, as long as it `fits`; or else made, while others who ask wait for it. `None` where it is not to be
    /// kept, and for states that are past.
    fn get(
        &self,
        state: u64,
        fits: impl FnOnce(&T) -> bool,
        make: impl FnOnce() -> tantivy::Result<Option<T>>,
    ) -> tantivy::Result<Option<Arc<T>>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some((of, _)) if *of > state => return Ok(None),
            Some((of, known)) if *of == state && known.as_deref().is_none_or(fits) => {
                return Ok(known.clone());
            }
            _ => {}
        }
        // Both at once would take twice the room.
        *kept = None;
        let made = make()?.map(Arc::new);
        *kept = Some((state, made.clone()));
        Ok(made)
    }
}

/// Which of the groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Of items that say the same.
    Copies,
    /// Conversations.
    Conversations,
}

/// What all items have in common, times aside.
///
/// # Errors
/// The index's.
pub fn tally(index: &Index, searcher: &Searcher) -> tantivy::Result<Option<Arc<Tally>>> {
    index.wholes().tally.get(
        state(searcher),
        |_| true,
        || {
            let counted = timeless(index, searcher, &Matching::everything(searcher), Side::Found)?;
            Ok(Some(counted).filter(|tally| tally.bytes() <= ROOM))
        },
    )
}

/// How many items each day has, counted from 1970 UTC.
///
/// # Errors
/// The index's.
pub fn items_by_day(index: &Index, searcher: &Searcher) -> tantivy::Result<Arc<BTreeMap<i64, u64>>> {
    let count = || -> tantivy::Result<BTreeMap<i64, u64>> {
        let everything = Matching::everything(searcher);
        Ok(index.collect_side(searcher, &everything, Side::Found, &Collect::days())?.days)
    };
    let known = index.wholes().days.get(state(searcher), |_| true, || count().map(Some))?;
    known.map_or_else(|| count().map(Arc::new), Ok)
}

/// How many items there are of each sender.
///
/// # Errors
/// The index's.
pub fn items_by_sender(index: &Index, searcher: &Searcher) -> tantivy::Result<Arc<Senders>> {
    let count = || index.collect_side(searcher, &Matching::everything(searcher), Side::Found, &BySender);
    let make = || Ok(Some(count()?).filter(|senders| senders.bytes() <= ROOM));
    let known = index.wholes().senders.get(state(searcher), |_| true, make)?;
    known.map_or_else(|| count().map(Arc::new), Ok)
}

/// What all people sent and received.
///
/// # Errors
/// The index's.
pub fn people(index: &Index, searcher: &Searcher) -> tantivy::Result<Option<Arc<Found>>> {
    index.wholes().people.get(
        state(searcher),
        |_| true,
        || {
            let found = people::count(index, searcher, &Matching::everything(searcher))?;
            Ok(Some(found).filter(|found| found.bytes() <= ROOM))
        },
    )
}

/// What one side of `matching` has in common, without its times and with what [`Tally::without`] needs.
fn timeless(index: &Index, searcher: &Searcher, matching: &Matching, side: Side) -> tantivy::Result<Tally> {
    let collect = Collect { parts: Parts::TIMELESS, zone: Zone::default(), largest: MOST_LARGEST };
    let mut tally = index.collect_side(searcher, matching, side, &collect)?;
    tally.sizes.sort_unstable();
    Ok(tally)
}

/// What answers a query of most items has in common, times aside: all, without the others. `None` where that is not to be had.
///
/// # Errors
/// The index's.
pub fn of_most(
    index: &Index,
    searcher: &Searcher,
    matching: &Matching,
) -> tantivy::Result<Option<Arc<Tally>>> {
    let Some(whole) = tally(index, searcher)? else { return Ok(None) };
    if matching.missing == 0 {
        return Ok(Some(whole));
    }
    let less = timeless(index, searcher, matching, Side::Missing)?;
    Ok(whole.without(&less).map(Arc::new))
}

/// How many of what matches say the same, or belong together.
///
/// # Errors
/// The index's.
pub fn groups(
    index: &Index,
    searcher: &Searcher,
    matching: &Matching,
    of: Of,
    groups: &Arc<Groups>,
) -> tantivy::Result<Duplicates> {
    if matching.missing > matching.found {
        return index.collect_side(searcher, matching, Side::Found, &CountCopies(groups.clone()));
    }
    let slot = match of {
        Of::Copies => &index.wholes().copies,
        Of::Conversations => &index.wholes().conversations,
    };
    let everything = Matching::everything(searcher);
    let whole = slot.get(
        state(searcher),
        |whole| whole.is_of(groups),
        || index.collect_side(searcher, &everything, Side::Found, &GroupCounts(groups.clone())).map(Some),
    )?;
    let known = match whole {
        Some(whole) if matching.missing == 0 => Some(whole.all()),
        Some(whole) if whole.can_be_taken_apart() => {
            let rest = GroupCounts(groups.clone());
            let rest = index.collect_side(searcher, matching, Side::Missing, &rest)?;
            Some(whole.without(&rest))
        }
        _ => None,
    };
    match known {
        Some(known) => Ok(known),
        None => index.collect_side(searcher, matching, Side::Found, &CountCopies(groups.clone())),
    }
}

/// Grows with each state of the index that is seen.
fn state(searcher: &Searcher) -> u64 {
    searcher.generation().generation_id()
}

#[cfg(test)]
mod tests {
    use super::super::tally::LARGEST;
    use super::*;
    use crate::index::{Counted, Document};
    use crate::source::{AttachmentFacts, ItemKind, Person};
    use tantivy::Term;
    use tantivy::query::{AllQuery, BooleanQuery, Occur, Query, RangeQuery};

    fn person(n: u64) -> Person {
        Person { name: format!("Person {}", n % 40), address: format!("p{}@d{}.example", n % 17, n % 3) }
    }

    fn document(id: u64) -> Document {
        let to: Vec<Person> = (1..=id % 5).map(|n| person(id * 7 + n)).collect();
        let files: Vec<AttachmentFacts> = (0..id % 3)
            .map(|n| AttachmentFacts {
                name: format!("a.{}", ["pdf", "txt"][(id + n) as usize % 2]),
                size: id,
                ..AttachmentFacts::default()
            })
            .collect();
        Document {
            counted: Counted::of(&person(id), to.iter(), &files),
            size: id * 31 % 97,
            date: (!id.is_multiple_of(9)).then_some((id * 3_600_000).cast_signed()),
            kind: Some(ItemKind::ALL[id as usize % 3].0),
            language: crate::language::Language::of_number(id % 4),
            ..Document::default()
        }
    }

    #[test]
    fn most_of_all_is_all_without_the_rest() {
        let folder = tempfile::TempDir::new().unwrap();
        let index = Index::open(folder.path()).unwrap();
        let mut writer = index.writer(16 << 20, 1).unwrap();
        for id in 1..=900_u64 {
            let place = [(id % 6 + 1).cast_signed()];
            writer.put(id.cast_signed(), (id % 2 + 1).cast_signed(), &place, document(id), false).unwrap();
            if id.is_multiple_of(250) {
                writer.commit(id.cast_signed()).unwrap();
            }
        }
        (1..=900).filter(|id| id % 13 == 0).for_each(|id| writer.remove(id));
        writer.commit(901).unwrap();
        index.reload().unwrap();
        let searcher = index.searcher();
        let mut pairs = Groups::default();
        let mut last = None;
        (1..=900).filter(|id| id % 4 > 0).for_each(|id| pairs.add(id, id / 12, &mut last));
        let pairs = Arc::new(pairs);
        let from = |n: u64| -> Box<dyn Query> {
            let size = Term::from_field_u64(index.fields.size, n);
            Box::new(RangeQuery::new(std::ops::Bound::Included(size), std::ops::Bound::Unbounded))
        };
        let not = |query| {
            BooleanQuery::new(vec![
                (Occur::Must, Box::new(AllQuery) as Box<dyn Query>),
                (Occur::MustNot, query),
            ])
        };
        let queries: Vec<Box<dyn Query>> = vec![
            Box::new(AllQuery),
            from(0),
            from(1),
            from(20),
            Box::new(not(from(96))),
            Box::new(not(from(60))),
        ];
        for query in queries {
            let matching = index.matching(&searcher, query.as_ref()).unwrap();
            let mut found = timeless(&index, &searcher, &matching, Side::Found).unwrap();
            found.largest.truncate(LARGEST);
            let most = of_most(&index, &searcher, &matching).unwrap().unwrap();
            let mut most = Arc::unwrap_or_clone(most);
            most.largest.truncate(LARGEST);
            assert_eq!(most, found, "{query:?}");
            let copies = CountCopies(pairs.clone());
            let expected = index.collect_side(&searcher, &matching, Side::Found, &copies).unwrap();
            assert_eq!(
                groups(&index, &searcher, &matching, Of::Copies, &pairs).unwrap(),
                expected,
                "{query:?}"
            );
        }
        // Of one source: what is missing is taken out.
        let one = Term::from_field_u64(index.fields.source, 1);
        let one = tantivy::query::TermQuery::new(one, tantivy::schema::IndexRecordOption::Basic);
        let matching = index.matching(&searcher, &one).unwrap();
        assert!(matching.missing > 0 && matching.found > 0);
    }

    #[test]
    fn what_is_known_is_of_one_state() {
        let slot: Slot<u32> = Slot::default();
        let get = |state, fits: bool, made: Option<u32>| {
            slot.get(state, |_| fits, || Ok(made)).unwrap().map(|known| *known)
        };
        assert_eq!(get(1, true, Some(1)), Some(1));
        assert_eq!(get(1, true, Some(2)), Some(1));
        assert_eq!(get(1, false, Some(3)), Some(3));
        assert_eq!(get(2, true, None), None);
        assert_eq!(get(2, true, Some(4)), None, "it was too large");
        assert_eq!(get(1, true, Some(5)), None, "that is past");
        assert_eq!(get(3, true, Some(6)), Some(6));
    }
}
