//! A page at a place far down: what matches is found once, how it is spread tells where the page lies, and only what is there is put in
//! order.

use super::Sort;
use super::fold::{Chosen, Folded};
use super::ranked::{Place, Ranked};
use super::sender::{Among, BySender, Row};
use crate::error::Result;
use crate::index::{Index, Matching, Side, blocks, fast};
use crate::insights;
use std::sync::Arc;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::{DocId, Score, Searcher, SegmentOrdinal, SegmentReader};

/// The places `skip..skip + take` of what matches.
pub struct Deep<'a> {
    /// The index.
    pub index: &'a Index,
    /// What it holds.
    pub searcher: &'a Searcher,
    /// What matches.
    pub matching: Matching,
    /// What of it is shown, where not all is.
    pub chosen: Option<&'a Arc<Chosen>>,
    /// Results to pass over.
    pub skip: usize,
    /// Results to give.
    pub take: usize,
}

impl Deep<'_> {
    /// By date or size; gives the total too.
    ///
    /// # Errors
    /// The index's.
    pub fn by_rank(&self, sort: Sort) -> Result<(u64, Vec<Place>)> {
        let ranked = if sort == Sort::Size {
            Ranked::by_sizes(self.skip, self.take, &self.shown(BySize)?)
        } else if self.chosen.is_none() && self.matching.missing == 0 {
            Ranked::by_days(sort, self.skip, self.take, &*insights::items_by_day(self.index, self.searcher)?)
        } else {
            Ranked::by_days(sort, self.skip, self.take, &self.shown(insights::Collect::days())?.days)
        };
        Ok(self.shown(ranked)?)
    }

    /// By sender; gives the total too.
    ///
    /// # Errors
    /// The index's.
    pub fn by_sender(&self) -> Result<(u64, Vec<Row>)> {
        let all = self.chosen.is_none() && self.matching.missing == 0;
        let senders = match all {
            true => insights::items_by_sender(self.index, self.searcher)?,
            false => Arc::new(self.shown(BySender)?),
        };
        let rows = match senders.around(self.skip as u64, self.take as u64) {
            Some((of, skip)) => {
                let skip = usize::try_from(skip).unwrap_or(usize::MAX);
                self.shown(Among { of, skip, take: self.take })?
            }
            None => Vec::new(),
        };
        Ok((senders.total(), rows))
    }

    /// Collects of what matches that which is shown.
    fn shown<C: Collector>(&self, inner: C) -> tantivy::Result<C::Fruit> {
        let Self { index, searcher, matching, .. } = self;
        match self.chosen {
            Some(chosen) => {
                let shown = Folded { chosen: chosen.clone(), inner };
                index.collect_side(searcher, matching, Side::Found, &shown)
            }
            None => index.collect_side(searcher, matching, Side::Found, &inner),
        }
    }
}

/// Steps of sizes in which one is twice another, as a power of two.
const FINE: u32 = 8;
/// How many steps there are.
pub const SIZE_STEPS: usize = (64 - FINE as usize + 1) << FINE;

/// The step of a size: each size below 256 is one, and from there on 256 steps lie between a size and twice that.
pub fn step_of_size(size: u64) -> usize {
    let Some(above) = size.checked_ilog2().and_then(|log| log.checked_sub(FINE)) else {
        return size as usize;
    };
    ((above as usize) << FINE) + (size >> above) as usize
}

/// The smallest and the largest size of a step; `None` where there is no such step.
pub fn sizes_of_step(step: usize) -> Option<(u64, u64)> {
    let above = u32::try_from((step >> FINE).saturating_sub(1)).ok()?;
    let head = (step - ((above as usize) << FINE)) as u64;
    let least = head.checked_shl(above).filter(|least| least >> above == head)?;
    Some((least, least + ((1_u64 << above) - 1)))
}

/// Counts items by [`step_of_size`].
pub struct BySize;

/// Counts those of a segment.
pub struct BySizeSegment {
    size: Column<u64>,
    steps: Vec<u64>,
    values: Vec<Option<u64>>,
}

impl Collector for BySize {
    type Fruit = Vec<u64>;
    type Child = BySizeSegment;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<BySizeSegment> {
        let size = segment.fast_fields().u64(fast::SIZE)?;
        Ok(BySizeSegment { size, steps: vec![0; SIZE_STEPS], values: Vec::new() })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<Vec<u64>>) -> tantivy::Result<Vec<u64>> {
        let mut sum = vec![0; SIZE_STEPS];
        for steps in fruits {
            sum.iter_mut().zip(steps).for_each(|(sum, count)| *sum += count);
        }
        Ok(sum)
    }
}

impl SegmentCollector for BySizeSegment {
    type Fruit = Vec<u64>;

    fn collect(&mut self, doc: DocId, _: Score) {
        self.collect_block(&[doc]);
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        blocks::firsts(&self.size, docs, &mut self.values);
        for size in &self.values {
            if let Some(count) = self.steps.get_mut(step_of_size(size.unwrap_or_default())) {
                *count += 1;
            }
        }
    }

    fn harvest(self) -> Vec<u64> {
        self.steps
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Request, order};
    use super::*;
    use crate::fields::TextField;
    use crate::index::{Counted, Document};
    use crate::source::Person;
    use tantivy::Term;
    use tantivy::query::{AllQuery, Query, TermQuery};
    use tantivy::schema::IndexRecordOption;

    #[test]
    fn steps_of_sizes_have_their_order_and_leave_no_gaps() {
        let mut behind = Some(0);
        for step in 0..SIZE_STEPS {
            let (least, most) = sizes_of_step(step).unwrap();
            assert_eq!(Some(least), behind, "{step}");
            assert_eq!((step_of_size(least), step_of_size(most)), (step, step));
            behind = most.checked_add(1);
        }
        assert_eq!((behind, sizes_of_step(SIZE_STEPS)), (None, None));
    }

    #[test]
    fn a_page_far_down_is_the_one_that_is_read_page_by_page() {
        let folder = tempfile::TempDir::new().unwrap();
        let index = Index::open(folder.path()).unwrap();
        let mut writer = index.writer(16 << 20, 1).unwrap();
        for id in 1..=700_u64 {
            // One has written half of it; some have no name, some items no date.
            let address = match id % 8 {
                0..4 => "zoe@example.org".to_owned(),
                7 => String::new(),
                n => format!("p{}@example.org", id % (n * 9)),
            };
            let from = Person { name: String::new(), address };
            let counted = Counted::of(&from, std::iter::empty(), &[]);
            let date = (!id.is_multiple_of(13)).then(|| (id * 37 % 101).cast_signed() * 21_000_000);
            let texts = vec![(TextField::Subject, if id % 3 == 0 { "third" } else { "other" }.to_owned())];
            let document = Document { date, size: id * id % 5000, counted, texts, ..Document::default() };
            writer.put(id.cast_signed(), 1, &[1], document, false).unwrap();
            if id % 150 == 0 {
                writer.commit(id.cast_signed()).unwrap();
            }
        }
        writer.commit(701).unwrap();
        index.reload().unwrap();
        let searcher = index.searcher();
        let subject = Term::from_field_text(index.fields.text(TextField::Subject), "third");
        let third = TermQuery::new(subject, IndexRecordOption::Basic);
        for query in [&AllQuery as &dyn Query, &third] {
            for sort in [Sort::Newest, Sort::Oldest, Sort::Size, Sort::Sender] {
                let request = Request { sort, limit: 1000, ..Request::default() };
                let whole = order::collect(&index, &searcher, query, &request, None).unwrap();
                let total = usize::try_from(whole.total).unwrap();
                assert_eq!(whole.ids.len(), total);
                for skip in (0..total).step_by(7) {
                    for take in [1, 10, 50, 1000] {
                        let matching = index.matching(&searcher, query).unwrap();
                        let deep =
                            Deep { index: &index, searcher: &searcher, matching, chosen: None, skip, take };
                        let (told, ids): (u64, Vec<u64>) = if sort == Sort::Sender {
                            let (told, rows) = deep.by_sender().unwrap();
                            (told, rows.into_iter().map(|(_, id)| id).collect())
                        } else {
                            let (told, places) = deep.by_rank(sort).unwrap();
                            (told, places.into_iter().map(|place| place.id(sort)).collect())
                        };
                        let expected: Vec<u64> =
                            whole.ids.iter().skip(skip).take(take).map(|id| id.0.unsigned_abs()).collect();
                        assert_eq!((told, ids), (total as u64, expected), "{query:?} {sort:?} {skip} {take}");
                    }
                }
            }
        }
    }
}
