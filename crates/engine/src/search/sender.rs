//! The order by sender: by names, which each segment numbers for itself.

use crate::index::{blocks, fast};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader, TantivyError};

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

/// Sender and date of a row.
type Key = (Option<String>, Option<i64>);

/// Sender and date of a row, and the item that it is.
pub type Row = (Key, u64);

/// A row of a segment: the sender's ordinal, the date, and the item.
type Found = (Option<u64>, Option<i64>, u64);

/// Rows of a segment, and the names of their senders by ordinal.
type OfSegment = (Vec<(u64, String)>, Vec<Found>);

/// Counts all that match, and collects those at the places `skip..skip + take` in order, or of those behind `after`.
pub struct First {
    /// The last row of the page before.
    pub after: Option<Place>,
    /// Rows to pass over.
    pub skip: usize,
    /// Rows to give.
    pub take: usize,
}

/// A row of a segment by what it is ordered by: the sender's ordinal (the greatest number for none), and what the date (again) and the
/// id lack of the greatest number.
type Rank = (u64, u64, u64);

/// Collects those of a segment.
pub struct FirstSegment {
    sender: Option<StrColumn>,
    /// As unsigned numbers of the same order.
    date: Column<u64>,
    id: Column<u64>,
    /// What comes before this one is passed over, …
    from: Rank,
    /// … and what comes behind this one: so many as are wanted come before it.
    border: Rank,
    wanted: usize,
    total: u64,
    best: Vec<Rank>,
    ords: Vec<Option<u64>>,
}

impl Collector for First {
    type Fruit = (u64, Vec<Row>);
    type Child = FirstSegment;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<FirstSegment> {
        let columns = segment.fast_fields();
        let sender = columns.str(fast::SENDER)?;
        let from = match &self.after {
            None => (0, 0, 0),
            Some(after) => {
                // Just behind the row, among those of its sender, if there are any here.
                let behind = (date_rank(after.date.map(blocks::ordered)), (!after.id).saturating_add(1));
                match (&after.name, &sender) {
                    (None, _) => (u64::MAX, behind.0, behind.1),
                    (Some(name), Some(column)) => match column.dictionary().term_ord(name)? {
                        Some(ord) => (ord, behind.0, behind.1),
                        None => (first_behind(column, name)?, 0, 0),
                    },
                    (Some(_), None) => (0, 0, 0),
                }
            }
        };
        Ok(FirstSegment {
            sender,
            date: blocks::numbers(segment, fast::DATE)?,
            id: columns.u64(fast::ID)?,
            from,
            border: (u64::MAX, u64::MAX, u64::MAX),
            wanted: self.skip.saturating_add(self.take),
            total: 0,
            best: Vec::new(),
            ords: Vec::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<std::io::Result<(u64, OfSegment)>>) -> tantivy::Result<Self::Fruit> {
        let (mut total, mut all) = (0, Vec::with_capacity(fruits.len()));
        for fruit in fruits {
            let (count, found) = fruit.map_err(TantivyError::from)?;
            total += count;
            all.push(found);
        }
        Ok((total, merged(&all, self.skip, self.take)))
    }
}

/// Later dates come first, and none comes last.
fn date_rank(ordered: Option<u64>) -> u64 {
    ordered.map_or(u64::MAX, |date| (!date).min(u64::MAX - 1))
}

impl SegmentCollector for FirstSegment {
    type Fruit = std::io::Result<(u64, OfSegment)>;

    fn collect(&mut self, doc: DocId, _: Score) {
        self.collect_block(&[doc]);
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        self.total += docs.len() as u64;
        let mut ords = std::mem::take(&mut self.ords);
        ords_of(self.sender.as_ref(), docs, &mut ords);
        for (doc, ord) in docs.iter().zip(&ords) {
            let ord = ord.unwrap_or(u64::MAX);
            if ord < self.from.0 || ord > self.border.0 {
                continue;
            }
            let id = self.id.first(*doc).unwrap_or_default();
            let rank = (ord, date_rank(self.date.first(*doc)), !id);
            if rank < self.from || rank > self.border {
                continue;
            }
            self.best.push(rank);
            if self.best.len() >= self.wanted.saturating_mul(2) {
                self.halve();
            }
        }
        self.ords = ords;
    }

    fn harvest(mut self) -> Self::Fruit {
        self.halve();
        let found = self.best.iter().map(|(ord, date, id)| {
            let date = (*date < u64::MAX).then(|| blocks::signed(!date));
            ((*ord < u64::MAX).then_some(*ord), date, !id)
        });
        Ok((self.total, named(self.sender.as_ref(), found.collect())?))
    }
}

impl FirstSegment {
    /// Leaves the best, as many as are wanted.
    fn halve(&mut self) {
        if let Some(last) = self.wanted.checked_sub(1).filter(|last| *last < self.best.len()) {
            let (_, border, _) = self.best.select_nth_unstable(last);
            self.border = *border;
            self.best.truncate(self.wanted);
        }
    }
}

/// The senders' ordinals of documents.
fn ords_of(sender: Option<&StrColumn>, docs: &[DocId], ords: &mut Vec<Option<u64>>) {
    match sender {
        Some(column) => blocks::firsts(column.ords(), docs, ords),
        None => {
            ords.clear();
            ords.resize(docs.len(), None);
        }
    }
}

/// Rows of a segment with the names of their senders.
fn named(sender: Option<&StrColumn>, found: Vec<Found>) -> std::io::Result<OfSegment> {
    let ords: BTreeSet<u64> = found.iter().filter_map(|(ord, ..)| *ord).collect();
    let ords: Vec<u64> = ords.into_iter().collect();
    let names = names(sender, &ords)?;
    Ok((ords.into_iter().zip(names).collect(), found))
}

/// The rows of all segments in order, those at the places `skip..skip + take`.
fn merged(segments: &[OfSegment], skip: usize, take: usize) -> Vec<Row> {
    let names: BTreeSet<&str> =
        segments.iter().flat_map(|(names, _)| names).map(|(_, name)| name.as_str()).collect();
    let places: BTreeMap<&str, usize> = names.iter().copied().zip(0..).collect();
    let mut rows: Vec<(usize, Reverse<Option<i64>>, Reverse<u64>)> = Vec::new();
    for (own, found) in segments {
        let place = |ord: u64| {
            let at = own.binary_search_by_key(&ord, |(ord, _)| *ord).ok()?;
            places.get(own.get(at)?.1.as_str()).copied()
        };
        rows.extend(found.iter().map(|(ord, date, id)| {
            (ord.and_then(place).unwrap_or(usize::MAX), Reverse(*date), Reverse(*id))
        }));
    }
    let end = skip.saturating_add(take).min(rows.len());
    let skip = skip.min(end);
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
    rows.into_iter().map(|(place, Reverse(date), Reverse(id))| ((name(place), date), id)).collect()
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
    found: Vec<Found>,
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
        let fruits: Vec<OfSegment> =
            fruits.into_iter().collect::<std::io::Result<_>>().map_err(TantivyError::from)?;
        Ok(merged(&fruits, self.skip, self.take))
    }
}

impl SegmentCollector for AmongSegment {
    type Fruit = std::io::Result<OfSegment>;

    fn collect(&mut self, doc: DocId, _: Score) {
        self.collect_block(&[doc]);
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        ords_of(self.sender.as_ref(), docs, &mut self.block);
        for (doc, ord) in docs.iter().zip(&self.block) {
            if ord.map_or(self.nameless, |ord| self.ords.contains(&ord)) {
                let id = self.id.first(*doc).unwrap_or_default();
                self.found.push((*ord, self.date.first(*doc), id));
            }
        }
    }

    fn harvest(self) -> Self::Fruit {
        named(self.sender.as_ref(), self.found)
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
