//! The order by sender: by names, which each segment numbers for itself.

use crate::error::Result;
use crate::index::{blocks, fast};
use std::cmp::Ordering;
use std::collections::BTreeMap;
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

/// How many items there are of each sender.
pub struct BySender;

/// The counts.
#[derive(Debug, Default)]
pub struct Senders {
    /// By the sender's term, in the order of the list.
    pub named: BTreeMap<String, u64>,
    /// Those without a sender.
    pub nameless: u64,
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
            for (name, count) in found.named {
                *sum.named.entry(name).or_default() += count;
            }
        }
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
        let mut found = Senders { nameless: self.nameless, ..Senders::default() };
        let there: Vec<(u64, u32)> = (0..).zip(self.counts).filter(|(_, count)| *count > 0).collect();
        if let Some(column) = &self.sender {
            let ords: Vec<u64> = there.iter().map(|(ord, _)| *ord).collect();
            let mut counts = there.into_iter();
            column.dictionary().sorted_ords_to_term_cb(&ords, |term| {
                if let Some((_, count)) = counts.next() {
                    found.named.insert(String::from_utf8_lossy(term).into_owned(), u64::from(count));
                }
            })?;
        }
        Ok(found)
    }
}

/// Senders that follow each other in the order of the list, both ends included; none stands for those without one, who come last.
#[derive(Debug, Clone)]
pub struct Of {
    /// The first.
    pub from: Option<String>,
    /// The last.
    pub to: Option<String>,
}

/// Lets through what is of them.
pub struct OfSenders<C> {
    /// Whose.
    pub of: Of,
    /// What it is let through to.
    pub inner: C,
}

/// Lets through what is of them in a segment.
pub struct OfSendersSegment<S> {
    sender: Option<StrColumn>,
    /// The first ordinal, and the first behind the last.
    ords: Range<u64>,
    nameless: bool,
    inner: S,
    block: Vec<Option<u64>>,
    left: Vec<DocId>,
}

impl<C: Collector> Collector for OfSenders<C> {
    type Fruit = C::Fruit;
    type Child = OfSendersSegment<C::Child>;

    fn for_segment(&self, ord: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<Self::Child> {
        let sender = segment.fast_fields().str(fast::SENDER)?;
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
        let inner = self.inner.for_segment(ord, segment)?;
        let nameless = self.of.to.is_none();
        Ok(OfSendersSegment { sender, ords, nameless, inner, block: Vec::new(), left: Vec::new() })
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

impl<S: SegmentCollector> SegmentCollector for OfSendersSegment<S> {
    type Fruit = S::Fruit;

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
        let of = |ord: &Option<u64>| ord.map_or(self.nameless, |ord| self.ords.contains(&ord));
        self.left.clear();
        self.left.extend(docs.iter().zip(&self.block).filter(|(_, ord)| of(ord)).map(|(doc, _)| *doc));
        self.inner.collect_block(&self.left);
    }

    fn harvest(self) -> S::Fruit {
        self.inner.harvest()
    }
}
