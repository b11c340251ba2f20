//! One item for each group of those that match: copies folded, or conversations.

use super::Sort;
use crate::index::fast;
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
}

impl<C: Collector> Collector for Folded<C> {
    type Fruit = C::Fruit;
    type Child = FoldedSegment<C::Child>;

    fn for_segment(&self, ord: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<Self::Child> {
        Ok(FoldedSegment {
            chosen: self.chosen.clone(),
            id: segment.fast_fields().u64(fast::ID)?,
            inner: self.inner.for_segment(ord, segment)?,
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

/// Counts copies.
pub struct CountCopies(pub Arc<Groups>);

/// Looks at the items of a segment.
pub struct CountCopiesSegment {
    groups: Arc<Groups>,
    id: Column<u64>,
    source: Column<u64>,
    found: Vec<(u32, u64)>,
}

impl Collector for CountCopies {
    type Fruit = Duplicates;
    type Child = CountCopiesSegment;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<CountCopiesSegment> {
        let columns = segment.fast_fields();
        let (id, source) = (columns.u64(fast::ID)?, columns.u64(fast::SOURCE)?);
        Ok(CountCopiesSegment { groups: self.0.clone(), id, source, found: Vec::new() })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<Vec<(u32, u64)>>) -> tantivy::Result<Duplicates> {
        let mut found = fruits.concat();
        found.sort_unstable();
        let mut sum = Duplicates::default();
        for group in found.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1) {
            let sources = group.chunk_by(|a, b| a.1 == b.1).count();
            sum.groups += 1;
            sum.copies += group.len() as u64 - 1;
            sum.within += (group.len() - sources) as u64;
            sum.across += sources as u64 - 1;
        }
        Ok(sum)
    }
}

impl SegmentCollector for CountCopiesSegment {
    type Fruit = Vec<(u32, u64)>;

    fn collect(&mut self, doc: DocId, _score: Score) {
        if let Some(group) = self.groups.of(self.id.first(doc).unwrap_or_default()) {
            self.found.push((group, self.source.first(doc).unwrap_or_default()));
        }
    }

    fn harvest(self) -> Self::Fruit {
        self.found
    }
}
