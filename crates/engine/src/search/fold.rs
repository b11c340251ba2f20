//! One item for each group of those that match: copies folded, or conversations.

use super::Sort;
use crate::index::{blocks, fast};
use crate::relations::Groups;
use std::sync::Arc;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};

/// Which item of a group stands for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// The first by date and id, in every order of the list.
    First,
    /// The one that comes first in this order of the list; where that is the sender's, the latest.
    InOrder(Sort),
}

/// What stands for a group.
#[derive(Debug, Clone, Copy)]
pub struct Best {
    rank: u64,
    id: u64,
    count: u32,
}

/// The items that stand for the groups of all that match.
pub struct Chosen {
    groups: Arc<Groups>,
    best: Vec<Best>,
}

impl Chosen {
    /// Whether an item is shown: it stands for its group, or has none.
    fn shows(&self, id: u64) -> bool {
        self.groups.of(id).and_then(|group| self.best.get(group as usize)).is_none_or(|best| best.id == id)
    }

    /// How many of the items that match an item stands for, itself included.
    pub fn stands_for(&self, id: u64) -> u64 {
        let best = self.groups.of(id).and_then(|group| self.best.get(group as usize));
        best.map_or(1, |best| u64::from(best.count.max(1)))
    }
}

/// Chooses what stands for each group.
pub struct Choose {
    /// The groups.
    pub groups: Arc<Groups>,
    /// How.
    pub stands: Stands,
}

/// Looks at the items of a segment.
pub struct ChooseSegment {
    groups: Arc<Groups>,
    stands: Stands,
    id: Column<u64>,
    date: Column<i64>,
    size: Column<u64>,
    found: Vec<(u32, Best)>,
}

impl Choose {
    /// Whether of two of equal rank the smaller id comes first.
    fn smaller_first(&self) -> bool {
        matches!(self.stands, Stands::First | Stands::InOrder(Sort::Oldest))
    }
}

impl Collector for Choose {
    type Fruit = Chosen;
    type Child = ChooseSegment;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<ChooseSegment> {
        let columns = segment.fast_fields();
        Ok(ChooseSegment {
            groups: self.groups.clone(),
            stands: self.stands,
            id: columns.u64(fast::ID)?,
            date: columns.i64(fast::DATE)?,
            size: columns.u64(fast::SIZE)?,
            found: Vec::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        self.stands == Stands::InOrder(Sort::Relevance)
    }

    fn merge_fruits(&self, fruits: Vec<Vec<(u32, Best)>>) -> tantivy::Result<Chosen> {
        let mut best = vec![Best { rank: 0, id: 0, count: 0 }; self.groups.len()];
        for (group, found) in fruits.into_iter().flatten() {
            let Some(best) = best.get_mut(group as usize) else { continue };
            let before = if self.smaller_first() { found.id < best.id } else { found.id > best.id };
            if best.count == 0 || found.rank > best.rank || (found.rank == best.rank && before) {
                (best.rank, best.id) = (found.rank, found.id);
            }
            best.count = best.count.saturating_add(1);
        }
        Ok(Chosen { groups: self.groups.clone(), best })
    }
}

/// A date as a number that grows with it; 0 is for none.
fn growing(date: Option<i64>) -> u64 {
    date.map_or(0, |date| (date.cast_unsigned() ^ (1 << 63)).max(1))
}

impl SegmentCollector for ChooseSegment {
    type Fruit = Vec<(u32, Best)>;

    fn collect(&mut self, doc: DocId, score: Score) {
        let id = self.id.first(doc).unwrap_or_default();
        let Some(group) = self.groups.of(id) else { return };
        let date = || growing(self.date.first(doc));
        let rank = match self.stands {
            // Those without a date come last here too.
            Stands::First | Stands::InOrder(Sort::Oldest) => match date() {
                0 => 0,
                date => u64::MAX - date,
            },
            Stands::InOrder(Sort::Newest | Sort::Sender) => date(),
            Stands::InOrder(Sort::Size) => self.size.first(doc).unwrap_or_default(),
            // Scores are never negative, and such numbers have the order of their bits.
            Stands::InOrder(Sort::Relevance) => u64::from(score.max(0.0).to_bits()),
        };
        self.found.push((group, Best { rank, id, count: 1 }));
    }

    fn harvest(self) -> Self::Fruit {
        self.found
    }
}

/// Lets through what is shown.
pub struct Folded<C> {
    /// What stands for each group.
    pub chosen: Arc<Chosen>,
    /// What it is let through to.
    pub inner: C,
}

/// Lets through what is shown of a segment.
pub struct FoldedSegment<S> {
    chosen: Arc<Chosen>,
    id: Column<u64>,
    inner: S,
    ids: Vec<Option<u64>>,
    shown: Vec<DocId>,
}

impl<C: Collector> Collector for Folded<C> {
    type Fruit = C::Fruit;
    type Child = FoldedSegment<C::Child>;

    fn for_segment(&self, ord: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<Self::Child> {
        Ok(FoldedSegment {
            chosen: self.chosen.clone(),
            id: segment.fast_fields().u64(fast::ID)?,
            inner: self.inner.for_segment(ord, segment)?,
            ids: Vec::new(),
            shown: Vec::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        self.inner.requires_scoring()
    }

    fn merge_fruits(
        &self,
        fruits: Vec<<Self::Child as SegmentCollector>::Fruit>,
    ) -> tantivy::Result<C::Fruit> {
        self.inner.merge_fruits(fruits)
    }
}

impl<S: SegmentCollector> SegmentCollector for FoldedSegment<S> {
    type Fruit = S::Fruit;

    fn collect(&mut self, doc: DocId, score: Score) {
        if self.chosen.shows(self.id.first(doc).unwrap_or_default()) {
            self.inner.collect(doc, score);
        }
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        blocks::firsts(&self.id, docs, &mut self.ids);
        self.shown.clear();
        let shown = docs.iter().zip(&self.ids).filter(|(_, id)| self.chosen.shows(id.unwrap_or_default()));
        self.shown.extend(shown.map(|(doc, _)| *doc));
        self.inner.collect_block(&self.shown);
    }

    fn harvest(self) -> S::Fruit {
        self.inner.harvest()
    }
}

/// How many of the items that match say the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Duplicates {
    /// Groups of items that say the same.
    pub groups: u64,
    /// Items beyond the first of each group.
    pub copies: u64,
    /// Of these, items that say the same as another one of the same source.
    pub within: u64,
    /// Of these, items that only another source has before.
    pub across: u64,
}

/// Counts copies: the items of each group that match, and of how many sources they are.
pub struct CountCopies(pub Arc<Groups>);

/// Looks at the items of a segment.
pub struct CountCopiesSegment {
    groups: Arc<Groups>,
    id: Column<u64>,
    source: Column<u64>,
    found: InGroups,
    ids: Vec<Option<u64>>,
    sources: Vec<Option<u64>>,
}

/// The groups of items, one after the other, and from which place on they are of which source: items of a source come together.
#[derive(Default)]
pub struct InGroups {
    groups: Vec<u32>,
    runs: Vec<(u64, usize)>,
}

impl InGroups {
    fn add(&mut self, group: u32, source: u64) {
        if self.runs.last().is_none_or(|(last, _)| *last != source) {
            self.runs.push((source, self.groups.len()));
        }
        self.groups.push(group);
    }

    /// The groups that are of one source, run by run.
    fn by_source(&self) -> impl Iterator<Item = (u64, &[u32])> {
        let ends = self.runs.iter().skip(1).map(|(_, start)| *start).chain([self.groups.len()]);
        self.runs.iter().zip(ends).map(|((source, start), end)| (*source, &self.groups[*start..end]))
    }
}

impl Collector for CountCopies {
    type Fruit = Duplicates;
    type Child = CountCopiesSegment;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<CountCopiesSegment> {
        let columns = segment.fast_fields();
        Ok(CountCopiesSegment {
            groups: self.0.clone(),
            id: columns.u64(fast::ID)?,
            source: columns.u64(fast::SOURCE)?,
            found: InGroups::default(),
            ids: Vec::new(),
            sources: Vec::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<InGroups>) -> tantivy::Result<Duplicates> {
        Ok(WholeGroups::of(&self.0, &fruits).answer)
    }
}

/// Counts the items of each group, so that some can be taken out later.
pub struct GroupCounts(pub Arc<Groups>);

/// How many items of each group there are.
pub struct WholeGroups {
    groups: Arc<Groups>,
    counts: Vec<u32>,
    answer: Duplicates,
    one_source: bool,
}

impl WholeGroups {
    fn of(groups: &Arc<Groups>, found: &[InGroups]) -> Self {
        let mut counts = vec![0_u32; groups.len()];
        for group in found.iter().flat_map(|fruit| &fruit.groups) {
            if let Some(count) = counts.get_mut(*group as usize) {
                *count = count.saturating_add(1);
            }
        }
        let mut whole =
            Self { groups: groups.clone(), counts, answer: Duplicates::default(), one_source: true };
        let (groups, copies) = told(whole.counts.iter().copied());
        // Of one source, all copies are within it; of several, each group must be looked at.
        let mut runs = found.iter().flat_map(|fruit| &fruit.runs).map(|(source, _)| source);
        let first = runs.next();
        whole.one_source = !runs.any(|source| Some(source) != first);
        let mut across = 0;
        if !whole.one_source {
            let all = found.iter().flat_map(InGroups::by_source);
            let mut places: Vec<(u32, u64)> = all
                .flat_map(|(source, groups)| groups.iter().map(move |group| (*group, source)))
                .filter(|(group, _)| whole.count(*group) > 1)
                .collect();
            places.sort_unstable();
            places.dedup();
            across = places.len() as u64 - groups;
        }
        whole.answer = Duplicates { groups, copies, within: copies - across, across };
        whole
    }

    fn count(&self, group: u32) -> u32 {
        self.counts.get(group as usize).copied().unwrap_or_default()
    }

    /// Whether it was counted by these groups.
    pub fn is_of(&self, groups: &Arc<Groups>) -> bool {
        Arc::ptr_eq(&self.groups, groups)
    }

    /// The copies of all that was counted.
    pub fn all(&self) -> Duplicates {
        self.answer
    }

    /// Whether [`WholeGroups::without`] can tell. What is copied across sources is not known well enough for that.
    pub fn can_be_taken_apart(&self) -> bool {
        self.one_source
    }

    /// The copies that are left without some of the items.
    pub fn without(&self, less: &Self) -> Duplicates {
        let left = self.counts.iter().zip(&less.counts).map(|(count, gone)| count.saturating_sub(*gone));
        let (groups, copies) = told(left);
        Duplicates { groups, copies, within: copies, across: 0 }
    }
}

/// Groups of several items, and the items beyond the first of each.
fn told(counts: impl Iterator<Item = u32>) -> (u64, u64) {
    counts
        .filter(|count| *count > 1)
        .fold((0, 0), |(groups, copies), count| (groups + 1, copies + u64::from(count) - 1))
}

impl Collector for GroupCounts {
    type Fruit = WholeGroups;
    type Child = CountCopiesSegment;

    fn for_segment(
        &self,
        ord: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<CountCopiesSegment> {
        CountCopies(self.0.clone()).for_segment(ord, segment)
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<InGroups>) -> tantivy::Result<WholeGroups> {
        Ok(WholeGroups::of(&self.0, &fruits))
    }
}

impl SegmentCollector for CountCopiesSegment {
    type Fruit = InGroups;

    fn collect(&mut self, doc: DocId, _score: Score) {
        self.collect_block(&[doc]);
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        blocks::firsts(&self.id, docs, &mut self.ids);
        blocks::firsts(&self.source, docs, &mut self.sources);
        for (id, source) in self.ids.iter().zip(&self.sources) {
            if let Some(group) = self.groups.of(id.unwrap_or_default()) {
                self.found.add(group, source.unwrap_or_default());
            }
        }
    }

    fn harvest(self) -> InGroups {
        self.found
    }
}
