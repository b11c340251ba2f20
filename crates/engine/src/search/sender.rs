//! The order by sender: by names, which each segment numbers for itself.

use crate::error::Result;
use crate::index::fast;
use std::cmp::Ordering;
use tantivy::collector::sort_key::{SortByStaticFastValue, SortByString};
use tantivy::collector::{Collector, SegmentCollector, TopDocs};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocAddress, DocId, Order, Score, Searcher, SegmentOrdinal, SegmentReader};

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
pub fn with_ids(searcher: &Searcher, found: Vec<(Found, DocAddress)>) -> Result<Vec<(Key, u64)>> {
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
