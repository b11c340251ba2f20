//! Results in order, from any place on. Equal keys are ordered by id, so that pages neither overlap nor leave gaps.

use super::fold::{Chosen, Folded};
use super::{Request, Sort};
use crate::error::{Error, Result};
use crate::ids::ItemId;
use crate::index::fast;
use std::cmp::Ordering;
use std::sync::Arc;
use tantivy::collector::sort_key::{SortBySimilarityScore, SortByStaticFastValue, SortByString};
use tantivy::collector::{Collector, Count, SegmentCollector, TopDocs};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocAddress, DocId, Order, Score, Searcher, SegmentOrdinal, SegmentReader};

/// A page of ids.
pub struct Found {
    /// Items that match in all.
    pub total: u64,
    /// Those of the page.
    pub ids: Vec<ItemId>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// What the last row of a page was ordered by.
#[derive(Debug, Clone, PartialEq)]
struct Cursor {
    sort: Sort,
    key: Key,
    id: u64,
}

#[derive(Debug, Clone, PartialEq)]
enum Key {
    /// Newest and oldest.
    Date(Option<i64>),
    /// Size.
    Size(u64),
    /// Relevance.
    Score(f32),
    /// Sender, and date among those of one sender.
    Sender(Option<String>, Option<i64>),
}

/// The page of `request`, of the items that are shown where some are folded.
///
/// # Errors
/// [`Error::BadCursor`]; the index's.
pub fn collect(
    searcher: &Searcher,
    query: &dyn tantivy::query::Query,
    request: &Request,
    chosen: Option<&Arc<Chosen>>,
) -> Result<Found> {
    // Nothing lies beyond the last item; the index would make room for all that is passed over.
    let most = usize::try_from(searcher.num_docs()).unwrap_or(usize::MAX);
    let limit = request.limit.min(most);
    let cursor = request.after.as_deref().map(|text| Cursor::parse(text, request.sort)).transpose()?;
    let offset = if cursor.is_some() { 0 } else { request.offset };
    if limit == 0 || offset >= most {
        let total = folded(searcher, query, chosen, Count)?;
        return Ok(Found { total: total as u64, ids: Vec::new(), next: None });
    }
    let top = TopDocs::with_limit(limit).and_offset(offset);
    let by_id = |order| (SortByStaticFastValue::<u64>::for_field(fast::ID), order);
    let by_date = |order| (SortByStaticFastValue::<i64>::for_field(fast::DATE), order);
    let (total, found): (usize, Vec<(Key, DocAddress)>) = match request.sort {
        Sort::Newest | Sort::Oldest => {
            let order = if request.sort == Sort::Newest { Order::Desc } else { Order::Asc };
            let (total, found) =
                run(searcher, query, cursor, chosen, top.order_by((by_date(order), by_id(order))))?;
            (total, found.into_iter().map(|((date, _), at)| (Key::Date(date), at)).collect())
        }
        Sort::Size => {
            let by_size = (SortByStaticFastValue::<u64>::for_field(fast::SIZE), Order::Desc);
            let (total, found) =
                run(searcher, query, cursor, chosen, top.order_by((by_size, by_id(Order::Desc))))?;
            (total, found.into_iter().map(|((size, _), at)| (Key::Size(size.unwrap_or(0)), at)).collect())
        }
        Sort::Sender => {
            let by_sender = (SortByString::for_field(fast::SENDER), Order::Asc);
            let order = top.order_by((by_sender, (by_date(Order::Desc), by_id(Order::Desc))));
            let (total, found) = run(searcher, query, cursor, chosen, order)?;
            (total, found.into_iter().map(|((name, (date, _)), at)| (Key::Sender(name, date), at)).collect())
        }
        Sort::Relevance => {
            let by_score = (SortBySimilarityScore, Order::Desc);
            let (total, found) =
                run(searcher, query, cursor, chosen, top.order_by((by_score, by_id(Order::Desc))))?;
            (total, found.into_iter().map(|((score, _), at)| (Key::Score(score), at)).collect())
        }
    };
    let addresses: Vec<DocAddress> = found.iter().map(|(_, at)| *at).collect();
    let ids = item_ids(searcher, &addresses)?;
    let last = found.into_iter().next_back().zip(ids.last()).filter(|_| ids.len() == limit);
    let next =
        last.map(|((key, _), id)| Cursor { sort: request.sort, key, id: id.0.unsigned_abs() }.to_string());
    Ok(Found { total: total as u64, ids, next })
}

/// Counts all and collects those after the cursor.
fn run<C: Collector>(
    searcher: &Searcher,
    query: &dyn tantivy::query::Query,
    cursor: Option<Cursor>,
    chosen: Option<&Arc<Chosen>>,
    collector: C,
) -> Result<(usize, C::Fruit)> {
    Ok(match cursor {
        Some(cursor) => folded(searcher, query, chosen, (Count, After { cursor, inner: collector }))?,
        None => folded(searcher, query, chosen, (Count, collector))?,
    })
}

/// Collects what is shown.
pub fn folded<C: Collector>(
    searcher: &Searcher,
    query: &dyn tantivy::query::Query,
    chosen: Option<&Arc<Chosen>>,
    inner: C,
) -> tantivy::Result<C::Fruit> {
    match chosen {
        Some(chosen) => searcher.search(query, &Folded { chosen: chosen.clone(), inner }),
        None => searcher.search(query, &inner),
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let date = |date: Option<i64>| date.map_or_else(|| "-".to_owned(), |date| date.to_string());
        let id = self.id;
        match &self.key {
            Key::Date(at) => write!(f, "{}:{}:{id}", letter(self.sort), date(*at)),
            Key::Size(size) => write!(f, "s:{size}:{id}"),
            Key::Score(score) => write!(f, "r:{}:{id}", score.to_bits()),
            Key::Sender(name, at) => {
                let name = name.as_deref().map_or_else(|| "-".to_owned(), hex);
                write!(f, "f:{name}.{}:{id}", date(*at))
            }
        }
    }
}

fn letter(sort: Sort) -> &'static str {
    match sort {
        Sort::Newest => "n",
        Sort::Oldest => "o",
        Sort::Size => "s",
        Sort::Relevance => "r",
        Sort::Sender => "f",
    }
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<String> {
    let digits = text.as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    if !digits.len().is_multiple_of(2) || digits.len() > 8192 {
        return None;
    }
    String::from_utf8(digits.chunks(2).map(byte).collect::<Option<Vec<u8>>>()?).ok()
}

impl Cursor {
    fn parse(text: &str, sort: Sort) -> Result<Self> {
        Self::parts(text, sort).ok_or(Error::BadCursor)
    }

    fn parts(text: &str, sort: Sort) -> Option<Self> {
        let mut parts = text.split(':');
        let (kind, key, id) = (parts.next()?, parts.next()?, parts.next()?.parse().ok()?);
        if kind != letter(sort) || parts.next().is_some() {
            return None;
        }
        let date = |text: &str| if text == "-" { Some(None) } else { text.parse().ok().map(Some) };
        let key = match sort {
            Sort::Newest | Sort::Oldest => Key::Date(date(key)?),
            Sort::Size => Key::Size(key.parse().ok()?),
            Sort::Relevance => Key::Score(f32::from_bits(key.parse().ok()?)),
            Sort::Sender => {
                let (name, at) = key.split_once('.')?;
                let name = if name == "-" { None } else { Some(unhex(name)?) };
                Key::Sender(name, date(at)?)
            }
        };
        Some(Self { sort, key, id })
    }
}

/// Lets through what comes after a cursor.
struct After<C> {
    cursor: Cursor,
    inner: C,
}

struct AfterSegment<S> {
    cursor: Cursor,
    id: Column<u64>,
    date: Column<i64>,
    size: Column<u64>,
    sender: Option<StrColumn>,
    /// The cursor's sender here: the ordinal at or behind it, and whether it is its own.
    bound: (u64, bool),
    inner: S,
}

impl<C: Collector> Collector for After<C> {
    type Fruit = C::Fruit;
    type Child = AfterSegment<C::Child>;

    fn for_segment(&self, ord: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<Self::Child> {
        let columns = segment.fast_fields();
        let sender = columns.str(fast::SENDER)?;
        let bound = match (&self.cursor.key, &sender) {
            (Key::Sender(Some(name), _), Some(column)) => match column.dictionary().term_ord(name)? {
                Some(ord) => (ord, true),
                None => (first_behind(column, name)?, false),
            },
            _ => (0, false),
        };
        Ok(AfterSegment {
            cursor: self.cursor.clone(),
            id: columns.u64(fast::ID)?,
            date: columns.i64(fast::DATE)?,
            size: columns.u64(fast::SIZE)?,
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
        if self.is_after(doc, score) {
            self.inner.collect(doc, score);
        }
    }

    fn harvest(self) -> S::Fruit {
        self.inner.harvest()
    }
}

impl<S> AfterSegment<S> {
    fn is_after(&self, doc: DocId, score: Score) -> bool {
        let id = self.id.first(doc).unwrap_or_default();
        let descending = self.cursor.id.cmp(&id);
        let order = match &self.cursor.key {
            Key::Date(date) if self.cursor.sort == Sort::Oldest => {
                last(*date, self.date.first(doc), |a, b| b.cmp(&a)).then(id.cmp(&self.cursor.id))
            }
            Key::Date(date) => last(*date, self.date.first(doc), |a, b| a.cmp(&b)).then(descending),
            Key::Size(size) => size.cmp(&self.size.first(doc).unwrap_or_default()).then(descending),
            Key::Score(at) => at.total_cmp(&score).then(descending),
            Key::Sender(name, date) => {
                let here = self.sender.as_ref().and_then(|column| column.ords().first(doc));
                let by_name = match (name, here) {
                    (None, None) => Ordering::Equal,
                    (None, Some(_)) => Ordering::Less,
                    (Some(_), None) => Ordering::Greater,
                    (Some(_), Some(ord)) if self.bound.1 => ord.cmp(&self.bound.0),
                    (Some(_), Some(ord)) if ord >= self.bound.0 => Ordering::Greater,
                    (Some(_), Some(_)) => Ordering::Less,
                };
                by_name.then(last(*date, self.date.first(doc), |a, b| a.cmp(&b))).then(descending)
            }
        };
        order == Ordering::Greater
    }
}

/// How a document stands to the cursor: those without a value come last in every order.
fn last(cursor: Option<i64>, here: Option<i64>, compare: impl Fn(i64, i64) -> Ordering) -> Ordering {
    match (cursor, here) {
        (Some(cursor), Some(here)) => compare(cursor, here),
        (None, None) => Ordering::Equal,
        (Some(_), None) => Ordering::Greater,
        (None, Some(_)) => Ordering::Less,
    }
}

/// Collects ids.
pub struct AllIds;

/// Those of one segment.
pub struct SegmentIds {
    column: Column<u64>,
    ids: Vec<u64>,
}

impl Collector for AllIds {
    type Fruit = Vec<u64>;
    type Child = SegmentIds;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<SegmentIds> {
        Ok(SegmentIds { column: segment.fast_fields().u64(fast::ID)?, ids: Vec::new() })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<Vec<u64>>) -> tantivy::Result<Vec<u64>> {
        Ok(fruits.concat())
    }
}

impl SegmentCollector for SegmentIds {
    type Fruit = Vec<u64>;

    fn collect(&mut self, doc: DocId, _score: Score) {
        self.ids.extend(self.column.first(doc));
    }

    fn harvest(self) -> Vec<u64> {
        self.ids
    }
}

fn item_ids(searcher: &Searcher, found: &[DocAddress]) -> Result<Vec<ItemId>> {
    let mut columns = std::collections::HashMap::new();
    let mut ids = Vec::with_capacity(found.len());
    for at in found {
        let column = match columns.entry(at.segment_ord) {
            std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(searcher.segment_reader(at.segment_ord).fast_fields().u64(fast::ID)?)
            }
        };
        if let Some(id) = column.first(at.doc_id).and_then(|id| i64::try_from(id).ok()) {
            ids.push(ItemId(id));
        }
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_read_back() {
        for (sort, key) in [
            (Sort::Newest, Key::Date(Some(-5))),
            (Sort::Oldest, Key::Date(None)),
            (Sort::Size, Key::Size(u64::MAX)),
            (Sort::Relevance, Key::Score(1.5)),
            (Sort::Sender, Key::Sender(Some("zoë\u{1f}Zoë:x.\u{1f}a@b".into()), Some(7))),
            (Sort::Sender, Key::Sender(None, None)),
        ] {
            let cursor = Cursor { sort, key, id: 12 };
            assert_eq!(Cursor::parts(&cursor.to_string(), sort), Some(cursor));
        }
        for wrong in ["", "n", "n:1", "n:x:1", "s:1:1", "n:1:1:1", "n::", "f:0g.1:1", "f:c3.1:1"] {
            assert!(
                Cursor::parts(wrong, Sort::Newest).is_none() && Cursor::parts(wrong, Sort::Sender).is_none(),
                "{wrong}"
            );
        }
    }
}
