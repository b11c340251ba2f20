//! The order by sender: by names, which each segment numbers for itself.

use crate::error::Result;
use crate::index::{blocks, fast};
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use tantivy::collector::sort_key::{SortByStaticFastValue, SortByString};
use tantivy::collector::{Collector, SegmentCollector, TopDocs};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocAddress, DocId, Order, Score, Searcher, SegmentOrdinal, SegmentReader, TantivyError};

/// Where a row stands in this order.
#[derive(Debug, Clone)]
pub struct Place {
    /// The sender's term; none comes last.
    pub name: Option<String>,
    /// The later of one sender comes first.
    pub date: Option<i64>,
    /// The greater comes first.
    pub id: u64,
}

/// What [`top`] finds of a row: sender, date and id.
type Found = (Option<String>, (Option<i64>, Option<u64>));

/// Sender and date of a row.
type Key = (Option<String>, Option<i64>);

/// Sender and date of a row, and the item that it is.
pub type Row = (Key, u64);

/// Collects `limit` rows from the place `offset` on.
pub fn top(limit: usize, offset: usize) -> impl Collector<Fruit = Vec<(Found, DocAddress)>> {
    let by_id = (SortByStaticFastValue::<u64>::for_field(fast::ID), Order::Desc);
    let by_date = (SortByStaticFastValue::<i64>::for_field(fast::DATE), Order::Desc);
    let by_sender = (SortByString::for_field(fast::SENDER), Order::Asc);
    TopDocs::with_limit(limit).and_offset(offset).order_by((by_sender, (by_date, by_id)))
}

/// Sender and date of each row, and the item that it is.
///
/// # Errors
/// The index's.
pub fn with_ids(searcher: &Searcher, found: Vec<(Found, DocAddress)>) -> Result<Vec<Row>> {
    let mut out = Vec::with_capacity(found.len());
    for ((name, (date, id)), at) in found {
        let id = match id {
            Some(id) => id,
            None => {
                let column = searcher.segment_reader(at.segment_ord).fast_fields().u64(fast::ID)?;
                column.first(at.doc_id).unwrap_or_default()
            }
        };
        out.push(((name, date), id));
    }
    Ok(out)
}

/// Lets through what comes after a place.
pub struct AfterSender<C> {
    /// The place.
    pub after: Place,
    /// What it is let through to.
    pub inner: C,
}

/// Lets through what comes after it in a segment.
pub struct AfterSegment<S> {
    after: Place,
    id: Column<u64>,
    date: Column<i64>,
    sender: Option<StrColumn>,
    /// The sender here: the ordinal at or behind it, and whether it is its own.
    bound: (u64, bool),
    inner: S,
}

impl<C: Collector> Collector for AfterSender<C> {
    type Fruit = C::Fruit;
    type Child = AfterSegment<C::Child>;

    fn for_segment(&self, ord: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<Self::Child> {
        let columns = segment.fast_fields();
        let sender = columns.str(fast::SENDER)?;
        let bound = match (&self.after.name, &sender) {
            (Some(name), Some(column)) => match column.dictionary().term_ord(name)? {
                Some(ord) => (ord, true),
                None => (first_behind(column, name)?, false),
            },
            _ => (0, false),
        };
        Ok(AfterSegment {
            after: self.after.clone(),
            id: columns.u64(fast::ID)?,
            date: columns.i64(fast::DATE)?,
            sender,
            bound,
            inner: self.inner.for_segment(ord, segment)?,
        })
    }

    fn requires_scoring(&self) -> bool {
        self.inner.requires_scoring()
    }

    fn merge_fruits(
        &self,
        fruits: Vec<<Self::Child as SegmentCollector>::Fruit>,
    ) -> tantivy::Result<Self::Fruit> {
        self.inner.merge_fruits(fruits)
    }
}

/// The ordinal of the first term behind `name`, which is itself none.
fn first_behind(column: &StrColumn, name: &str) -> std::io::Result<u64> {
    let (mut low, mut high) = (0, column.num_terms() as u64);
    let mut term = Vec::new();
    while low < high {
        let middle = low + (high - low) / 2;
        column.dictionary().ord_to_term(middle, &mut term)?;
        if term.as_slice() < name.as_bytes() {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

impl<S: SegmentCollector> SegmentCollector for AfterSegment<S> {
    type Fruit = S::Fruit;

    fn collect(&mut self, doc: DocId, score: Score) {
        if self.is_after(doc) {
            self.inner.collect(doc, score);
        }
    }

    fn harvest(self) -> S::Fruit {
        self.inner.harvest()
    }
}

impl<S> AfterSegment<S> {
    fn is_after(&self, doc: DocId) -> bool {
        let here = self.sender.as_ref().and_then(|column| column.ords().first(doc));
        let by_name = match (&self.after.name, here) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(_), Some(ord)) if self.bound.1 => ord.cmp(&self.bound.0),
            (Some(_), Some(ord)) if ord >= self.bound.0 => Ordering::Greater,
            (Some(_), Some(_)) => Ordering::Less,
        };
        let by_date = || match (self.after.date, self.date.first(doc)) {
            (Some(after), Some(here)) => after.cmp(&here),
            (None, None) => Ordering::Equal,
            (Some(_), None) => Ordering::Greater,
            (None, Some(_)) => Ordering::Less,
        };
        let by_id = || self.after.id.cmp(&self.id.first(doc).unwrap_or_default());
        by_name.then_with(by_date).then_with(by_id) == Ordering::Greater
    }
}

/// Counts the items of each sender.
pub struct BySender;

/// How many items there are of each sender.
#[derive(Debug, Default)]
pub struct Senders {
    /// By the sender's term, in the order of the list.
    pub named: Vec<(String, u64)>,
    /// Those without a sender.
    pub nameless: u64,
}

impl Senders {
    /// About how much memory they take, in bytes.
    pub fn bytes(&self) -> usize {
        self.named.iter().map(|(name, _)| name.len() + std::mem::size_of::<(String, u64)>()).sum()
    }

    /// All items.
    pub fn total(&self) -> u64 {
        self.named.iter().map(|(_, count)| count).sum::<u64>() + self.nameless
    }

    /// The senders whose items have the places `skip..skip + take` in the list, and how many of their items come before; `None` behind
    /// the last place.
    pub fn around(&self, skip: u64, take: u64) -> Option<(Of, u64)> {
        let named = self.named.iter().map(|(name, count)| (Some(name), *count));
        let (mut from, mut passed, mut behind) = (None, 0, 0);
        for (name, count) in named.chain([(None, self.nameless)]) {
            if from.is_none() && behind + count > skip {
                from = Some(name);
                passed = behind;
            }
            behind += count;
            if let Some(from) = from.filter(|_| name.is_none() || behind >= skip.saturating_add(take)) {
                return Some((Of { from: from.cloned(), to: name.cloned() }, skip - passed));
            }
        }
        None
    }
}

/// Counts those of a segment.
pub struct BySenderSegment {
    sender: Option<StrColumn>,
    counts: Vec<u32>,
    nameless: u64,
    ords: Vec<Option<u64>>,
}

impl Collector for BySender {
    type Fruit = Senders;
    type Child = BySenderSegment;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<BySenderSegment> {
        let sender = segment.fast_fields().str(fast::SENDER)?;
        let counts = vec![0; sender.as_ref().map_or(0, |column| column.num_terms())];
        Ok(BySenderSegment { sender, counts, nameless: 0, ords: Vec::new() })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<std::io::Result<Senders>>) -> tantivy::Result<Senders> {
        let mut sum = Senders::default();
        for fruit in fruits {
            let found = fruit.map_err(TantivyError::from)?;
            sum.nameless += found.nameless;
            sum.named.extend(found.named);
        }
        // Each segment has them in order: only runs are to be merged.
        sum.named.sort_by(|a, b| a.0.cmp(&b.0));
        sum.named.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            kept.1 += if same { later.1 } else { 0 };
            same
        });
        Ok(sum)
    }
}

impl SegmentCollector for BySenderSegment {
    type Fruit = std::io::Result<Senders>;

    fn collect(&mut self, doc: DocId, _: Score) {
        self.collect_block(&[doc]);
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        let Some(column) = &self.sender else {
            self.nameless += docs.len() as u64;
            return;
        };
        blocks::firsts(column.ords(), docs, &mut self.ords);
        for ord in &self.ords {
            match ord.and_then(|ord| self.counts.get_mut(usize::try_from(ord).ok()?)) {
                Some(count) => *count = count.saturating_add(1),
                None => self.nameless += 1,
            }
        }
    }

    fn harvest(self) -> std::io::Result<Senders> {
        let there: Vec<(u64, u32)> = (0..).zip(self.counts).filter(|(_, count)| *count > 0).collect();
        let ords: Vec<u64> = there.iter().map(|(ord, _)| *ord).collect();
        let names = names(self.sender.as_ref(), &ords)?;
        let counts = there.into_iter().map(|(_, count)| u64::from(count));
        Ok(Senders { named: names.into_iter().zip(counts).collect(), nameless: self.nameless })
    }
}

/// The terms of ordinals in order.
fn names(column: Option<&StrColumn>, ords: &[u64]) -> std::io::Result<Vec<String>> {
    let mut names = Vec::with_capacity(ords.len());
    if let Some(column) = column {
        column.dictionary().sorted_ords_to_term_cb(ords, |term| {
            names.push(String::from_utf8_lossy(term).into_owned());
        })?;
    }
    Ok(names)
}

/// Senders that follow each other in the order of the list, both ends included; none stands for those without one, who come last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Of {
    /// The first.
    pub from: Option<String>,
    /// The last.
    pub to: Option<String>,
}

/// Collects, of the items of some senders, those at the places `skip..skip + take` in order.
pub struct Among {
    /// Whose.
    pub of: Of,
    /// Items of theirs to pass over.
    pub skip: usize,
    /// Items to give.
    pub take: usize,
}

/// Collects those of a segment.
pub struct AmongSegment {
    sender: Option<StrColumn>,
    date: Column<i64>,
    id: Column<u64>,
    /// The first ordinal, and the first behind the last.
    ords: Range<u64>,
    nameless: bool,
    found: Vec<(Option<u64>, Option<i64>, u64)>,
    block: Vec<Option<u64>>,
}

impl Collector for Among {
    type Fruit = Vec<Row>;
    type Child = AmongSegment;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<AmongSegment> {
        let columns = segment.fast_fields();
        let sender = columns.str(fast::SENDER)?;
        let ords = match (&sender, &self.of.from) {
            (Some(column), Some(from)) => {
                let behind = match &self.of.to {
                    Some(to) => {
                        first_behind(column, to)? + u64::from(column.dictionary().term_ord(to)?.is_some())
                    }
                    None => u64::MAX,
                };
                first_behind(column, from)?..behind
            }
            _ => 0..0,
        };
        Ok(AmongSegment {
            sender,
            date: columns.i64(fast::DATE)?,
            id: columns.u64(fast::ID)?,
            ords,
            nameless: self.of.to.is_none(),
            found: Vec::new(),
            block: Vec::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(
        &self,
        fruits: Vec<<AmongSegment as SegmentCollector>::Fruit>,
    ) -> tantivy::Result<Vec<Row>> {
        let fruits: Vec<_> =
            fruits.into_iter().collect::<std::io::Result<_>>().map_err(TantivyError::from)?;
        let names: BTreeSet<&str> =
            fruits.iter().flat_map(|(names, _)| names).map(|(_, name)| name.as_str()).collect();
        let places: BTreeMap<&str, usize> = names.iter().copied().zip(0..).collect();
        let mut rows: Vec<(usize, Reverse<Option<i64>>, Reverse<u64>)> = Vec::new();
        for (own, found) in &fruits {
            let place = |ord: u64| {
                let at = own.binary_search_by_key(&ord, |(ord, _)| *ord).ok()?;
                places.get(own.get(at)?.1.as_str()).copied()
            };
            rows.extend(found.iter().map(|(ord, date, id)| {
                (ord.and_then(place).unwrap_or(usize::MAX), Reverse(*date), Reverse(*id))
            }));
        }
        let end = self.skip.saturating_add(self.take).min(rows.len());
        let skip = self.skip.min(end);
        if end < rows.len() {
            rows.select_nth_unstable(end);
            rows.truncate(end);
        }
        if skip > 0 && skip < rows.len() {
            rows.select_nth_unstable(skip);
        }
        rows.drain(..skip);
        rows.sort_unstable();
        let names: Vec<&str> = names.into_iter().collect();
        let name = |place: usize| names.get(place).map(|name| (*name).to_owned());
        Ok(rows.into_iter().map(|(place, Reverse(date), Reverse(id))| ((name(place), date), id)).collect())
    }
}

impl SegmentCollector for AmongSegment {
    /// The names by their ordinals, and the ordinal, date and id of each item.
    type Fruit = std::io::Result<(Vec<(u64, String)>, Vec<(Option<u64>, Option<i64>, u64)>)>;

    fn collect(&mut self, doc: DocId, _: Score) {
        self.collect_block(&[doc]);
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        match &self.sender {
            Some(column) => blocks::firsts(column.ords(), docs, &mut self.block),
            None => {
                self.block.clear();
                self.block.resize(docs.len(), None);
            }
        }
        for (doc, ord) in docs.iter().zip(&self.block) {
            if ord.map_or(self.nameless, |ord| self.ords.contains(&ord)) {
                let id = self.id.first(*doc).unwrap_or_default();
                self.found.push((*ord, self.date.first(*doc), id));
            }
        }
    }

    fn harvest(self) -> Self::Fruit {
        let ords: BTreeSet<u64> = self.found.iter().filter_map(|(ord, ..)| *ord).collect();
        let ords: Vec<u64> = ords.into_iter().collect();
        let names = names(self.sender.as_ref(), &ords)?;
        Ok((ords.into_iter().zip(names).collect(), self.found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_around_a_page() {
        let named =
            |counts: &[(&str, u64)]| counts.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect();
        let senders = Senders { named: named(&[("a", 3), ("b", 1), ("c", 5)]), nameless: 2 };
        let check = |skip, take, expected: Option<(Option<&str>, Option<&str>, u64)>| {
            let found = senders.around(skip, take);
            let found = found.as_ref().map(|(of, skip)| (of.from.as_deref(), of.to.as_deref(), *skip));
            assert_eq!(found, expected, "{skip} {take}");
        };
        check(0, 3, Some((Some("a"), Some("a"), 0)));
        check(2, 1, Some((Some("a"), Some("a"), 2)));
        check(2, 2, Some((Some("a"), Some("b"), 2)));
        check(3, 9, Some((Some("b"), None, 0)));
        check(8, 1, Some((Some("c"), Some("c"), 4)));
        check(9, 1, Some((None, None, 0)));
        check(10, 50, Some((None, None, 1)));
        check(11, 1, None);
        assert_eq!(senders.total(), 11);
        assert!(Senders::default().around(0, 1).is_none());
    }
}
