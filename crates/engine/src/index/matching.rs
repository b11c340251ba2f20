//! What answers a query, as a bit for each document: found once, then looked at as often as it takes, or the rest in its place.

use super::{FEW, Index};
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::query::{AllQuery, Query};
use tantivy::{COLLECT_BLOCK_BUFFER_LEN, DocId, Executor, Score, Searcher, SegmentOrdinal, SegmentReader};

/// Bits of a word.
const WORD: u32 = u64::BITS;

/// The documents that answer a query.
#[derive(Debug)]
pub struct Matching {
    parts: Vec<Part>,
    /// How many they are.
    pub found: u64,
    /// Those that do not answer it.
    pub missing: u64,
}

/// Those of one segment.
#[derive(Debug)]
enum Part {
    /// All that are not deleted.
    All,
    /// A bit for each document.
    Some(Vec<u64>),
}

/// Which documents are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Those that answer.
    Found,
    /// Those that do not.
    Missing,
}

impl Index {
    /// Finds what answers `query`.
    ///
    /// # Errors
    /// The index's.
    pub fn matching(&self, searcher: &Searcher, query: &dyn Query) -> tantivy::Result<Matching> {
        let all = searcher.num_docs();
        if query.is::<AllQuery>() {
            return Ok(Matching::everything(searcher));
        }
        let parts = self.collect(searcher, query, &Bits)?;
        let found = parts.iter().map(|(_, count)| count).sum();
        let segments = searcher.segment_readers();
        let part = |(ord, (bits, count)): (usize, (Vec<u64>, u64))| {
            let whole = segments.get(ord).is_some_and(|segment| u64::from(segment.num_docs()) == count);
            if whole { Part::All } else { Part::Some(bits) }
        };
        let parts = parts.into_iter().enumerate().map(part).collect();
        Ok(Matching { parts, found, missing: all.saturating_sub(found) })
    }

    /// Collects one side of `matching`, which `searcher` found: the parts of the index at once where there is much to look through.
    ///
    /// # Errors
    /// The index's.
    pub fn collect_side<C: Collector>(
        &self,
        searcher: &Searcher,
        matching: &Matching,
        side: Side,
        collector: &C,
    ) -> tantivy::Result<C::Fruit> {
        let alone = Executor::single_thread();
        let count = if side == Side::Found { matching.found } else { matching.missing };
        let executor = if count < FEW { &alone } else { &self.executor };
        let one = |(ord, (segment, part)): (u32, (&SegmentReader, &Part))| {
            let mut child = collector.for_segment(ord, segment)?;
            part.each_block(segment, side, |docs| child.collect_block(docs));
            Ok(child.harvest())
        };
        let parts = searcher.segment_readers().iter().zip(&matching.parts);
        collector.merge_fruits(executor.map(one, (0..).zip(parts))?)
    }
}

impl Matching {
    /// All documents.
    pub fn everything(searcher: &Searcher) -> Self {
        let parts = searcher.segment_readers().iter().map(|_| Part::All).collect();
        Self { parts, found: searcher.num_docs(), missing: 0 }
    }
}

impl Part {
    fn each_block(&self, segment: &SegmentReader, side: Side, mut tell: impl FnMut(&[DocId])) {
        let all = segment.max_doc();
        let mut block = Block { docs: [0; COLLECT_BLOCK_BUFFER_LEN], len: 0 };
        let alive = segment.alive_bitset();
        for (number, first) in (0..all).step_by(WORD as usize).enumerate() {
            let there = if all - first >= WORD { u64::MAX } else { (1 << (all - first)) - 1 };
            let found = match self {
                Self::All => there,
                Self::Some(bits) => bits.get(number).copied().unwrap_or_default(),
            };
            let mut left = if side == Side::Found { found } else { there & !found };
            while left != 0 {
                let doc = first + left.trailing_zeros();
                left &= left - 1;
                if alive.is_none_or(|alive| alive.is_alive(doc)) {
                    block.push(doc, &mut tell);
                }
            }
        }
        block.flush(&mut tell);
    }
}

/// Documents until they are enough for a block.
struct Block {
    docs: [DocId; COLLECT_BLOCK_BUFFER_LEN],
    len: usize,
}

impl Block {
    fn push(&mut self, doc: DocId, tell: &mut impl FnMut(&[DocId])) {
        self.docs[self.len] = doc;
        self.len += 1;
        if self.len == self.docs.len() {
            self.flush(tell);
        }
    }

    fn flush(&mut self, tell: &mut impl FnMut(&[DocId])) {
        if self.len > 0 {
            tell(&self.docs[..self.len]);
            self.len = 0;
        }
    }
}

/// Collects a bit for each document, and how many there are.
struct Bits;

/// Those of a segment.
struct SegmentBits {
    bits: Vec<u64>,
    count: u64,
}

impl Collector for Bits {
    type Fruit = Vec<(Vec<u64>, u64)>;
    type Child = SegmentBits;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<SegmentBits> {
        Ok(SegmentBits { bits: vec![0; segment.max_doc().div_ceil(WORD) as usize], count: 0 })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<(Vec<u64>, u64)>) -> tantivy::Result<Self::Fruit> {
        // In the order of the segments, as whoever collects gives them.
        Ok(fruits)
    }
}

impl SegmentCollector for SegmentBits {
    type Fruit = (Vec<u64>, u64);

    fn collect(&mut self, doc: DocId, _: Score) {
        self.collect_block(&[doc]);
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        self.count += docs.len() as u64;
        for doc in docs {
            if let Some(word) = self.bits.get_mut((doc / WORD) as usize) {
                *word |= 1 << (doc % WORD);
            }
        }
    }

    fn harvest(self) -> Self::Fruit {
        (self.bits, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Document;
    use super::super::blocks::numbers;
    use super::*;
    use crate::fields::State;
    use tantivy::Term;
    use tantivy::query::{BooleanQuery, Occur, RangeQuery, TermQuery};
    use tantivy::schema::IndexRecordOption;

    /// Ids of one side, by way of its bits.
    fn ids(index: &Index, searcher: &Searcher, matching: &Matching, side: Side) -> Vec<u64> {
        struct Ids;
        struct OfSegment(tantivy::columnar::Column<u64>, Vec<u64>);
        impl Collector for Ids {
            type Fruit = Vec<u64>;
            type Child = OfSegment;
            fn for_segment(&self, _: u32, segment: &SegmentReader) -> tantivy::Result<OfSegment> {
                Ok(OfSegment(numbers(segment, super::super::fast::ID)?, Vec::new()))
            }
            fn requires_scoring(&self) -> bool {
                false
            }
            fn merge_fruits(&self, fruits: Vec<Vec<u64>>) -> tantivy::Result<Vec<u64>> {
                Ok(fruits.concat())
            }
        }
        impl SegmentCollector for OfSegment {
            type Fruit = Vec<u64>;
            fn collect(&mut self, doc: DocId, _: Score) {
                self.1.extend(self.0.first(doc));
            }
            fn harvest(self) -> Vec<u64> {
                self.1
            }
        }
        let mut ids = index.collect_side(searcher, matching, side, &Ids).unwrap();
        ids.sort_unstable();
        ids
    }

    #[test]
    fn both_sides_are_all_that_is_there() {
        let folder = tempfile::TempDir::new().unwrap();
        let index = Index::open(folder.path()).unwrap();
        let mut writer = index.writer(16 << 20, 1).unwrap();
        for id in 1..=500_u64 {
            let states = if id % 10 == 4 { vec![State::Unread] } else { Vec::new() };
            let document = Document { size: id % 10, states, ..Document::default() };
            writer.put(id.cast_signed(), 1, &[1], document, false).unwrap();
            if id % 130 == 0 {
                writer.commit(id.cast_signed()).unwrap();
            }
        }
        (1..=500).filter(|id| id % 11 == 0).for_each(|id| writer.remove(id));
        writer.commit(501).unwrap();
        index.reload().unwrap();
        let searcher = index.searcher();
        let left: Vec<u64> = (1..=500).filter(|id| id % 11 != 0).collect();
        let size = |n: u64| Term::from_field_u64(index.fields.size, n);
        let at_least = |n: u64| -> Box<dyn Query> {
            Box::new(RangeQuery::new(std::ops::Bound::Included(size(n)), std::ops::Bound::Unbounded))
        };
        let none = BooleanQuery::new(vec![(Occur::Must, at_least(3)), (Occur::MustNot, at_least(1))]);
        let unread = Term::from_field_u64(index.fields.states, State::Unread as u64);
        let one = TermQuery::new(unread, IndexRecordOption::Basic);
        for (query, answers) in [
            (Box::new(AllQuery) as Box<dyn Query>, &(|_| true) as &dyn Fn(u64) -> bool),
            (at_least(0), &|_| true),
            (at_least(3), &|id| id % 10 >= 3),
            (Box::new(one), &|id| id % 10 == 4),
            (Box::new(none), &|_| false),
        ] {
            let matching = index.matching(&searcher, query.as_ref()).unwrap();
            let (yes, no): (Vec<u64>, Vec<u64>) = left.iter().partition(|id| answers(**id));
            assert_eq!((matching.found, matching.missing), (yes.len() as u64, no.len() as u64), "{query:?}");
            assert_eq!(ids(&index, &searcher, &matching, Side::Found), yes, "{query:?}");
            assert_eq!(ids(&index, &searcher, &matching, Side::Missing), no, "{query:?}");
        }
    }
}
