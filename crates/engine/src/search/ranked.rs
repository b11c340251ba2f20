//! The first of all that match, in an order of numbers: by date, size or score.
//!
//! Each document has a place: a rank, of which the smaller comes first, and its id, which settles ties. Documents come in blocks;
//! whole columns of a block are read at once, and only what comes before the last of the best so far is looked at any further.

use super::Sort;
use super::deep::sizes_of_step;
use crate::index::{blocks, fast};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};

/// Where a document stands in an order: what is smaller comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// What it is ordered by.
    pub rank: u64,
    /// Its id, or the complement of it where later ids come first.
    tie: u64,
}

/// Behind everything.
const END: Place = Place { rank: u64::MAX, tie: u64::MAX };

impl Place {
    /// The place of an item.
    pub fn new(sort: Sort, rank: u64, id: u64) -> Self {
        Self { rank, tie: if sort == Sort::Oldest { id } else { !id } }
    }

    /// The item.
    pub fn id(self, sort: Sort) -> u64 {
        if sort == Sort::Oldest { self.tie } else { !self.tie }
    }
}

/// The rank of a date, given as [`ordered`]; those without one come last in every order.
fn of_ordered_date(sort: Sort, date: Option<u64>) -> u64 {
    let rank = |date: u64| if sort == Sort::Oldest { date } else { !date };
    date.map_or(u64::MAX, |date| rank(date).min(u64::MAX - 1))
}

/// The rank of a date.
pub fn of_date(sort: Sort, date: Option<i64>) -> u64 {
    of_ordered_date(sort, date.map(blocks::ordered))
}

/// The date of a rank.
pub fn date_of(sort: Sort, rank: u64) -> Option<i64> {
    let date = if sort == Sort::Oldest { rank } else { !rank };
    (rank != u64::MAX).then_some(blocks::signed(date))
}

/// The rank of a size; and the size of a rank.
pub fn of_size(size: u64) -> u64 {
    !size
}

/// The rank of a score. Scores are never negative, and such numbers have the order of their bits.
pub fn of_score(score: Score) -> u64 {
    !u64::from(score.max(0.0).to_bits())
}

/// The score of a rank.
pub fn score_of(rank: u64) -> Score {
    Score::from_bits(u32::try_from(!rank).unwrap_or_default())
}

/// Counts all that match, and collects those at the places `skip..skip + take` in order, or of those behind `after`.
pub struct Ranked {
    sort: Sort,
    skip: usize,
    take: usize,
    after: Option<Place>,
    /// What has a smaller rank is passed over, and counted among those that match alone.
    from: u64,
    /// As many as are wanted have this rank or a smaller one in some segment: what has a greater one is not among them.
    border: Arc<AtomicU64>,
}

impl Ranked {
    /// In every order but the sender's.
    pub fn new(sort: Sort, skip: usize, take: usize, after: Option<Place>) -> Self {
        Self { sort, skip, take, after, from: 0, border: Arc::new(AtomicU64::new(u64::MAX)) }
    }

    /// By date, of items of which there are so many on each day (counted from 1970 UTC): only the days that the places
    /// `skip..skip + take` are of are looked at closely. As [`Ranked::new`] where that does not tell.
    pub fn by_days(sort: Sort, skip: usize, take: usize, days: &BTreeMap<i64, u64>) -> Self {
        const DAY: i64 = 86_400_000;
        let ranks = |(day, count): (&i64, &u64)| {
            let (start, next) = (day.checked_mul(DAY)?, day.checked_add(1)?.checked_mul(DAY)?);
            let (start, end) = (of_date(sort, Some(start)), of_date(sort, next.checked_sub(1)));
            Some(Step { first: start.min(end), last: start.max(end), count: *count })
        };
        match sort {
            Sort::Newest => Self::within(sort, skip, take, days.iter().rev().map(ranks)),
            Sort::Oldest => Self::within(sort, skip, take, days.iter().map(ranks)),
            Sort::Relevance | Sort::Size | Sort::Sender => None,
        }
        .unwrap_or_else(|| Self::new(sort, skip, take, None))
    }

    /// By size, of items of which there are so many in each step ([`super::deep::step_of_size`]); otherwise as [`Ranked::by_days`].
    pub fn by_sizes(skip: usize, take: usize, sizes: &[u64]) -> Self {
        let ranks = |(step, count): (usize, &u64)| {
            let (least, most) = sizes_of_step(step)?;
            Some(Step { first: of_size(most), last: of_size(least), count: *count })
        };
        Self::within(Sort::Size, skip, take, sizes.iter().enumerate().rev().map(ranks))
            .unwrap_or_else(|| Self::new(Sort::Size, skip, take, None))
    }

    /// The places `skip..skip + take` of items that come in steps, in their order; `None` where they reach beyond the steps.
    fn within(
        sort: Sort,
        skip: usize,
        take: usize,
        steps: impl Iterator<Item = Option<Step>>,
    ) -> Option<Self> {
        let (mut before, mut from, wanted) = (0_usize, None, skip.checked_add(take)?);
        for step in steps {
            let step = step?;
            let behind = before.checked_add(usize::try_from(step.count).ok()?)?;
            if from.is_none() && behind > skip {
                from = Some((step.first, before));
            }
            if let Some((from, passed)) = from.filter(|_| behind >= wanted) {
                let border = Arc::new(AtomicU64::new(step.last));
                return Some(Self { sort, skip: skip - passed, take, after: None, from, border });
            }
            before = behind;
        }
        // What has no date is among them.
        None
    }
}

/// Items of neighbouring ranks.
struct Step {
    /// The smallest rank.
    first: u64,
    /// The greatest.
    last: u64,
    /// The items.
    count: u64,
}

/// The best of a segment.
pub struct RankedSegment {
    sort: Sort,
    keep: usize,
    after: Option<Place>,
    from: u64,
    /// Nothing for scores, which come with the documents.
    column: Option<Column<u64>>,
    id: Column<u64>,
    total: u64,
    found: Vec<Place>,
    /// What is not before it is not among the best of this segment.
    own: Place,
    border: Arc<AtomicU64>,
    values: Vec<Option<u64>>,
}

impl Collector for Ranked {
    type Fruit = (u64, Vec<Place>);
    type Child = RankedSegment;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<RankedSegment> {
        let columns = segment.fast_fields();
        let column = match self.sort {
            Sort::Relevance => None,
            Sort::Size => Some(columns.u64(fast::SIZE)?),
            Sort::Newest | Sort::Oldest | Sort::Sender => Some(blocks::numbers(segment, fast::DATE)?),
        };
        let keep = self.skip.saturating_add(self.take).min(segment.max_doc() as usize).max(1);
        Ok(RankedSegment {
            sort: self.sort,
            keep,
            after: self.after,
            from: self.from,
            column,
            id: columns.u64(fast::ID)?,
            total: 0,
            found: Vec::new(),
            own: Place { rank: self.border.load(Ordering::Relaxed), ..END },
            border: self.border.clone(),
            values: Vec::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        self.sort == Sort::Relevance
    }

    fn merge_fruits(&self, fruits: Vec<(u64, Vec<Place>)>) -> tantivy::Result<Self::Fruit> {
        let total = fruits.iter().map(|(total, _)| total).sum();
        let mut all: Vec<Place> = fruits.into_iter().flat_map(|(_, found)| found).collect();
        let end = self.skip.saturating_add(self.take);
        if all.len() > end && end > 0 {
            all.select_nth_unstable(end - 1);
            all.truncate(end);
        }
        if self.skip > 0 && all.len() > self.skip {
            all.select_nth_unstable(self.skip);
        }
        all.drain(..self.skip.min(all.len()));
        all.sort_unstable();
        Ok((total, all))
    }
}

impl RankedSegment {
    fn offer(&mut self, doc: DocId, rank: u64) {
        if rank > self.own.rank || rank < self.from || self.after.is_some_and(|after| rank < after.rank) {
            return;
        }
        let place = Place::new(self.sort, rank, self.id.first(doc).unwrap_or_default());
        if place >= self.own || self.after.is_some_and(|after| place <= after) {
            return;
        }
        self.found.push(place);
        if self.found.len() >= self.keep.saturating_mul(2) {
            self.shrink();
        }
    }

    /// Leaves the best.
    fn shrink(&mut self) {
        if self.found.len() <= self.keep {
            return;
        }
        self.own = *self.found.select_nth_unstable(self.keep - 1).1;
        self.found.truncate(self.keep);
        self.border.fetch_min(self.own.rank, Ordering::Relaxed);
    }

    /// What other segments have found lets nothing in that comes behind it.
    fn listen(&mut self) {
        let border = self.border.load(Ordering::Relaxed);
        if border < self.own.rank {
            // Those of the very same rank may still be wanted for their ids.
            self.own = Place { rank: border, tie: u64::MAX };
        }
    }
}

impl SegmentCollector for RankedSegment {
    type Fruit = (u64, Vec<Place>);

    fn collect(&mut self, doc: DocId, score: Score) {
        self.total += 1;
        let rank = match &self.column {
            None => of_score(score),
            Some(column) if self.sort == Sort::Size => of_size(column.first(doc).unwrap_or_default()),
            Some(column) => of_ordered_date(self.sort, column.first(doc)),
        };
        self.offer(doc, rank);
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        self.total += docs.len() as u64;
        self.listen();
        let mut values = std::mem::take(&mut self.values);
        if let Some(column) = &self.column {
            blocks::firsts(column, docs, &mut values);
        }
        for (doc, value) in docs.iter().zip(&values) {
            let rank = match self.sort {
                Sort::Size => of_size(value.unwrap_or_default()),
                sort => of_ordered_date(sort, *value),
            };
            self.offer(*doc, rank);
        }
        self.values = values;
    }

    fn harvest(mut self) -> Self::Fruit {
        self.shrink();
        (self.total, self.found)
    }
}

#[cfg(test)]
mod tests {
    use super::super::deep::{SIZE_STEPS, step_of_size};
    use super::*;

    #[test]
    fn ranks_have_the_order_of_the_list() {
        let dates = [Some(i64::MAX), Some(5), Some(0), Some(-5), Some(i64::MIN + 1), None];
        for (sort, dates) in [
            (Sort::Newest, dates.to_vec()),
            (Sort::Oldest, dates[..5].iter().rev().chain([&None]).copied().collect()),
        ] {
            let ranks: Vec<u64> = dates.iter().map(|date| of_date(sort, *date)).collect();
            assert!(
                ranks.is_sorted_by(|a, b| a < b) || sort == Sort::Oldest && ranks.is_sorted(),
                "{ranks:?}"
            );
            for (date, rank) in dates.iter().zip(&ranks).filter(|(date, _)| **date != Some(i64::MAX)) {
                assert_eq!(date_of(sort, *rank), *date, "{sort:?}");
            }
        }
        assert!(of_size(7) < of_size(6) && of_score(1.5) < of_score(1.25) && of_score(0.0) == of_score(-1.0));
        assert_eq!((score_of(of_score(1.5)), of_size(of_size(9))), (1.5, 9));
    }

    #[test]
    fn ties_are_settled_by_id() {
        let check = |sort, first: u64, second: u64| {
            let (a, b) = (Place::new(sort, 3, first), Place::new(sort, 3, second));
            assert!(a < b && a.id(sort) == first, "{sort:?}");
        };
        check(Sort::Newest, 9, 8);
        check(Sort::Oldest, 8, 9);
        check(Sort::Relevance, 9, 8);
    }

    /// Date and size of an item: many are alike, and some have no date.
    fn facts(id: u64) -> (Option<i64>, u64) {
        let date = ((id * 37 % 23).cast_signed() - 11) * 17_000_000;
        ((!id.is_multiple_of(13)).then_some(date), id * 7 % 40)
    }

    fn in_order(sort: Sort, ids: &[u64]) -> Vec<u64> {
        let mut ids = ids.to_vec();
        ids.sort_by_key(|id| {
            let (date, size) = facts(*id);
            let later = std::cmp::Reverse(*id);
            match sort {
                Sort::Oldest => (date.is_none(), date.unwrap_or_default(), 0, std::cmp::Reverse(!*id)),
                Sort::Size => (false, 0, -size.cast_signed(), later),
                _ => (date.is_none(), date.map_or(0, |date| -date), 0, later),
            }
        });
        ids
    }

    #[test]
    fn pages_are_those_of_the_whole_list() {
        use crate::index::{Document, Index};
        use tantivy::Executor;

        let folder = tempfile::TempDir::new().unwrap();
        let index = Index::open(folder.path()).unwrap();
        let mut writer = index.writer(16 << 20, 1).unwrap();
        for id in 1..=600_u64 {
            let (date, size) = facts(id);
            let document = Document { date, size, ..Document::default() };
            writer.put(id.cast_signed(), 1, &[1], document, false).unwrap();
            if id % 150 == 0 {
                writer.commit(id.cast_signed()).unwrap();
            }
        }
        (1..=600_u64).filter(|id| id.is_multiple_of(7)).for_each(|id| writer.remove(id.cast_signed()));
        writer.commit(601).unwrap();
        index.reload().unwrap();
        let searcher = index.searcher();
        assert!(searcher.segment_readers().len() > 1);
        let left: Vec<u64> = (1..=600_u64).filter(|id| !id.is_multiple_of(7)).collect();
        let threads = [Executor::single_thread(), Executor::multi_thread(3, "test-").unwrap()];
        for sort in [Sort::Newest, Sort::Oldest, Sort::Size] {
            let whole = in_order(sort, &left);
            for (skip, take) in [(0, 1), (0, 10), (5, 10), (100, 7), (510, 50), (0, 600), (600, 5)] {
                for executor in &threads {
                    let page = |after, skip| {
                        let ranked = Ranked::new(sort, skip, take, after);
                        let all = tantivy::query::AllQuery;
                        let (total, places) = Index::collect_on(executor, &searcher, &all, &ranked).unwrap();
                        assert_eq!(total, left.len() as u64);
                        places
                    };
                    let expected: Vec<u64> = whole.iter().skip(skip).take(take).copied().collect();
                    let ids = |places: &[Place]| places.iter().map(|p| p.id(sort)).collect::<Vec<_>>();
                    let places = page(None, skip);
                    assert_eq!(ids(&places), expected, "{sort:?} {skip} {take}");
                    let mut days: BTreeMap<i64, u64> = BTreeMap::new();
                    for date in left.iter().filter_map(|id| facts(*id).0) {
                        *days.entry(date.div_euclid(86_400_000)).or_default() += 1;
                    }
                    let mut sizes = vec![0; SIZE_STEPS];
                    left.iter().for_each(|id| sizes[step_of_size(facts(*id).1)] += 1);
                    let ranked = match sort {
                        Sort::Size => Ranked::by_sizes(skip, take, &sizes),
                        _ => Ranked::by_days(sort, skip, take, &days),
                    };
                    let all = tantivy::query::AllQuery;
                    let (total, places) = Index::collect_on(executor, &searcher, &all, &ranked).unwrap();
                    assert_eq!(
                        (total, ids(&places)),
                        (left.len() as u64, expected.clone()),
                        "{sort:?} {skip} {take}"
                    );
                    if let Some(last) = places.last() {
                        let next: Vec<u64> = whole.iter().skip(skip + take).take(take).copied().collect();
                        assert_eq!(ids(&page(Some(*last), 0)), next, "{sort:?} behind {skip} {take}");
                    }
                }
            }
        }
    }
}
