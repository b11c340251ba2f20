//! Results in order, from any place on. Equal keys are ordered by id, so that pages neither overlap nor leave gaps.

use super::deep;
use super::fold::{Chosen, Folded};
use super::ranked::{Place, Ranked, date_of, of_date, of_score, of_size, score_of};
use super::sender;
use super::{Request, Sort};
use crate::error::{Error, Result};
use crate::ids::ItemId;
use crate::index::{Index, blocks, fast};
use std::sync::Arc;
use tantivy::collector::{Collector, Count, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::{DocId, Score, Searcher, SegmentOrdinal, SegmentReader};

/// From this place on, it is looked first where a page lies.
const DEEP: usize = 2000;

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
    index: &Index,
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
        let total = folded(index, searcher, query, chosen, Count)?;
        return Ok(Found { total: total as u64, ids: Vec::new(), next: None });
    }
    let by_rank = |places: Vec<Place>| -> Vec<(Key, u64)> {
        let sort = request.sort;
        places.into_iter().map(|place| (Key::of(sort, place), place.id(sort))).collect()
    };
    let by_sender = |rows: Vec<sender::Row>| -> Vec<(Key, u64)> {
        rows.into_iter().map(|((name, date), id)| (Key::Sender(name, date), id)).collect()
    };
    let deep = || -> tantivy::Result<_> {
        let matching = index.matching(searcher, query)?;
        Ok(deep::Deep { index, searcher, matching, chosen, skip: offset, take: limit })
    };
    let (total, places): (u64, Vec<(Key, u64)>) = match request.sort {
        Sort::Sender if offset >= DEEP => {
            let (total, rows) = deep()?.by_sender()?;
            (total, by_sender(rows))
        }
        Sort::Sender => {
            let after = cursor.as_ref().and_then(Cursor::sender);
            let first = sender::First { after, skip: offset, take: limit };
            let (total, found) = folded(index, searcher, query, chosen, first)?;
            (total, by_sender(found))
        }
        Sort::Newest | Sort::Oldest | Sort::Size if offset >= DEEP => {
            let (total, found) = deep()?.by_rank(request.sort)?;
            (total, by_rank(found))
        }
        sort => {
            let after = cursor.as_ref().and_then(Cursor::place);
            let ranked = Ranked::new(sort, offset, limit, after);
            let (total, found) = folded(index, searcher, query, chosen, ranked)?;
            (total, by_rank(found))
        }
    };
    let ids = places.iter().filter_map(|(_, id)| i64::try_from(*id).ok().map(ItemId)).collect::<Vec<_>>();
    let last = places.into_iter().next_back().filter(|_| ids.len() == limit);
    let next = last.map(|(key, id)| Cursor { sort: request.sort, key, id }.to_string());
    Ok(Found { total, ids, next })
}

/// Collects what is shown.
pub fn folded<C: Collector>(
    index: &Index,
    searcher: &Searcher,
    query: &dyn tantivy::query::Query,
    chosen: Option<&Arc<Chosen>>,
    inner: C,
) -> tantivy::Result<C::Fruit> {
    match chosen {
        Some(chosen) => index.collect(searcher, query, &Folded { chosen: chosen.clone(), inner }),
        None => index.collect(searcher, query, &inner),
    }
}

impl Key {
    fn of(sort: Sort, place: Place) -> Self {
        match sort {
            Sort::Newest | Sort::Oldest | Sort::Sender => Self::Date(date_of(sort, place.rank)),
            Sort::Size => Self::Size(of_size(place.rank)),
            Sort::Relevance => Self::Score(score_of(place.rank)),
        }
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
    fn place(&self) -> Option<Place> {
        let rank = match self.key {
            Key::Date(date) => of_date(self.sort, date),
            Key::Size(size) => of_size(size),
            Key::Score(score) => of_score(score),
            Key::Sender(..) => return None,
        };
        Some(Place::new(self.sort, rank, self.id))
    }

    fn sender(&self) -> Option<sender::Place> {
        match &self.key {
            Key::Sender(name, date) => Some(sender::Place { name: name.clone(), date: *date, id: self.id }),
            _ => None,
        }
    }

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

/// Collects ids.
pub struct AllIds;

/// Those of one segment.
pub struct SegmentIds {
    column: Column<u64>,
    ids: Vec<u64>,
    block: blocks::Values,
}

impl Collector for AllIds {
    type Fruit = Vec<u64>;
    type Child = SegmentIds;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<SegmentIds> {
        Ok(SegmentIds {
            column: segment.fast_fields().u64(fast::ID)?,
            ids: Vec::new(),
            block: blocks::Values::default(),
        })
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

    fn collect_block(&mut self, docs: &[DocId]) {
        self.ids.extend_from_slice(self.block.of(&self.column, docs));
    }

    fn harvest(self) -> Vec<u64> {
        self.ids
    }
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
