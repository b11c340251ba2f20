//! Counting over the columns of the index.

use super::hash::Named;
use super::slots::Slots;
use crate::index::blocks::{self, Values};
use crate::index::{fast, sender_zone};
use crate::language::Language;
use crate::query::hour_of_week;
use crate::source::ItemKind;
use crate::zone::{self, Clocks, Zone};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader, TantivyError};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// Of a day.
const HOURS: i64 = 24;
/// Numbers of languages are smaller.
const MAX_LANGUAGES: usize = 256;

/// The largest items that are given; …
pub const LARGEST: usize = 10;
/// … and those that are known of all items, so that some can be taken out.
pub const MOST_LARGEST: usize = 500;

/// What is counted; each part costs its own pass over a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Parts {
    /// Days and hours, and from when to when.
    pub times: bool,
    /// Hours by the senders' clocks; only with `times`.
    pub senders_times: bool,
    /// Kinds, places, senders and attachments, and what is named below.
    pub contents: bool,
    pub recipients: bool,
    pub domains: bool,
    pub sizes: bool,
}

impl Parts {
    /// Everything.
    pub const ALL: Self = Self {
        times: true,
        senders_times: true,
        contents: true,
        recipients: true,
        domains: true,
        sizes: true,
    };
    /// What stands beside a list of results.
    pub const FACETS: Self =
        Self { senders_times: false, recipients: false, domains: false, sizes: false, ..Self::ALL };
    /// What does not depend on a zone.
    pub const TIMELESS: Self = Self { times: false, senders_times: false, ..Self::ALL };
    /// Days and hours alone.
    pub const TIMES: Self =
        Self { contents: false, recipients: false, domains: false, sizes: false, ..Self::ALL };
    /// The same without the senders' clocks.
    pub const DAYS: Self = Self { senders_times: false, ..Self::TIMES };
}

/// Counts as they come from the index.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    /// Items.
    pub total: u64,
    /// Those without a date.
    pub undated: u64,
    /// Earliest and latest date.
    pub span: Option<(i64, i64)>,
    /// By day, counted from 1970.
    pub days: BTreeMap<i64, u64>,
    /// By weekday and hour.
    pub by_hour: [[u64; 24]; 7],
    /// By weekday and hour of the senders' clocks.
    pub by_sender_hour: [[u64; 24]; 7],
    /// Those with a date and without a known zone of the sender.
    pub without_sender_zone: u64,
    /// By kind, at the kind's number.
    pub kinds: [u64; ItemKind::ALL.len()],
    /// By language.
    pub languages: HashMap<Language, u64>,
    /// By folder.
    pub folders: HashMap<i64, u64>,
    /// By source.
    pub sources: HashMap<i64, u64>,
    /// By the sender's term.
    pub senders: Named<u64>,
    /// By recipients' terms.
    pub recipients: Named<u64>,
    /// By domain.
    pub domains: Named<u64>,
    /// Attachments and their bytes, by type.
    pub attachment_types: HashMap<String, (u64, u64)>,
    /// The size of each; what no longer fits counts as the largest that does.
    pub sizes: Vec<u32>,
    /// Size and id of the largest, largest first.
    pub largest: Vec<(u64, i64)>,
}

/// How to count.
pub struct Collect {
    /// What.
    pub parts: Parts,
    /// Zone of days and hours.
    pub zone: Zone,
    /// The largest items to remember.
    pub largest: usize,
}

impl Collect {
    /// Counts days alone, in UTC.
    pub fn days() -> Self {
        Self { parts: Parts::DAYS, zone: Zone::default(), largest: 0 }
    }
}

/// Counts of one segment. Terms are counted by their ordinals and looked up at the end, each once.
pub struct Counting {
    parts: Parts,
    clocks: Clocks,
    id: Column<u64>,
    /// As unsigned numbers of the same order.
    date: Column<u64>,
    size: Column<u64>,
    kind: Column<u64>,
    folder: Column<u64>,
    source: Column<u64>,
    senders: Option<Terms>,
    recipients: Option<Terms>,
    domains: Option<Terms>,
    attachments: Option<(Terms, Column<u64>, Vec<u64>)>,
    /// Hours since the first one of the segment.
    hours: Slots,
    first_hour: i64,
    sender_zone: Column<u64>,
    language: Column<u64>,
    languages: Slots,
    last_folder: (u64, u64),
    last_source: (u64, u64),
    /// The smallest one first; of equal size, the one with the largest id.
    largest: BinaryHeap<Reverse<(u64, Reverse<i64>)>>,
    keep_largest: usize,
    tally: Tally,
    block: Vec<Option<u64>>,
    zones: Vec<Option<u64>>,
    values: Values,
    sizes: Values,
}

struct Terms {
    column: StrColumn,
    counts: Slots,
}

impl Terms {
    fn open(segment: &SegmentReader, name: &str, wanted: bool) -> tantivy::Result<Option<Self>> {
        if !wanted {
            return Ok(None);
        }
        let column = segment.fast_fields().str(name)?;
        Ok(column.map(|column| Self { counts: Slots::new(column.num_terms()), column }))
    }

    /// Tells each term that was counted, with its ordinal and its count.
    fn each(self, mut tell: impl FnMut(&str, usize, u64)) -> std::io::Result<()> {
        let found = self.counts.into_counts();
        let ords: Vec<u64> = found.iter().map(|(ord, _)| *ord as u64).collect();
        let mut found = found.into_iter();
        self.column.dictionary().sorted_ords_to_term_cb(&ords, |term| {
            if let Some((ord, count)) = found.next() {
                tell(&String::from_utf8_lossy(term), ord, count);
            }
        })?;
        Ok(())
    }

    fn into_counts(self) -> std::io::Result<Named<u64>> {
        let mut counts = Named::default();
        self.each(|term, _, count| {
            counts.insert(term.to_owned(), count);
        })?;
        Ok(counts)
    }
}

impl Collector for Collect {
    type Fruit = Tally;
    type Child = Counting;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<Counting> {
        let columns = segment.fast_fields();
        let attachments = match Terms::open(segment, fast::ATTACHMENT_TYPES, self.parts.contents)? {
            Some(terms) => {
                let bytes = vec![0; terms.column.num_terms()];
                Some((terms, columns.u64(fast::ATTACHMENT_SIZES)?, bytes))
            }
            None => None,
        };
        let date = blocks::numbers(segment, fast::DATE)?;
        // Wherever the clocks stand, they are no further off.
        let (first, last) = (blocks::signed(date.min_value()), blocks::signed(date.max_value()));
        let first_hour = first.saturating_sub(zone::FARTHEST).div_euclid(HOUR);
        let last_hour = last.saturating_add(zone::FARTHEST).div_euclid(HOUR);
        Ok(Counting {
            parts: self.parts,
            clocks: Clocks::of(self.zone.clone()),
            id: columns.u64(fast::ID)?,
            date,
            hours: Slots::new(usize::try_from(last_hour - first_hour).map_or(0, |hours| hours + 1)),
            first_hour,
            size: columns.u64(fast::SIZE)?,
            kind: columns.u64(fast::KIND)?,
            sender_zone: blocks::numbers(segment, fast::SENDER_ZONE)?,
            language: columns.u64(fast::LANGUAGE)?,
            languages: Slots::new(MAX_LANGUAGES),
            folder: columns.u64(fast::FOLDER)?,
            source: columns.u64(fast::SOURCE)?,
            senders: Terms::open(segment, fast::SENDER, self.parts.contents)?,
            recipients: Terms::open(segment, fast::RECIPIENTS, self.parts.recipients)?,
            domains: Terms::open(segment, fast::DOMAINS, self.parts.domains)?,
            attachments,
            last_folder: (u64::MAX, 0),
            last_source: (u64::MAX, 0),
            largest: BinaryHeap::new(),
            keep_largest: if self.parts.sizes { self.largest } else { 0 },
            tally: Tally::default(),
            block: Vec::new(),
            zones: Vec::new(),
            values: Values::default(),
            sizes: Values::default(),
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<std::io::Result<Tally>>) -> tantivy::Result<Tally> {
        let mut sum = Tally::default();
        for fruit in fruits {
            sum.add(fruit.map_err(TantivyError::from)?);
        }
        sum.largest.sort_unstable_by_key(|(size, id)| (Reverse(*size), *id));
        sum.largest.truncate(self.largest);
        Ok(sum)
    }
}

impl SegmentCollector for Counting {
    type Fruit = std::io::Result<Tally>;

    fn collect(&mut self, doc: DocId, _score: Score) {
        self.collect_block(&[doc]);
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        self.tally.total += docs.len() as u64;
        let mut block = std::mem::take(&mut self.block);
        if self.parts.times {
            blocks::firsts(&self.date, docs, &mut block);
            self.dated(&block);
            if self.parts.senders_times {
                self.sent(docs, &block);
            }
        }
        if self.parts.contents {
            self.filed(docs, &mut block);
        }
        if self.parts.sizes {
            blocks::firsts(&self.size, docs, &mut block);
            for (doc, size) in docs.iter().zip(&block) {
                size.iter().for_each(|size| self.sized(*doc, *size));
            }
        }
        self.block = block;
        for terms in [&mut self.senders, &mut self.recipients, &mut self.domains].into_iter().flatten() {
            for ord in self.values.of(terms.column.ords(), docs) {
                terms.counts.count(*ord);
            }
        }
        if let Some((types, sizes, bytes)) = &mut self.attachments {
            // Types and sizes stand in the same order; a damaged index may have more of the one.
            let ords = self.values.of(types.column.ords(), docs);
            for (ord, size) in ords.iter().zip(self.sizes.of(sizes, docs)) {
                types.counts.count(*ord);
                if let Some(bytes) = bytes.get_mut(*ord as usize) {
                    *bytes = bytes.saturating_add(*size);
                }
            }
        }
    }

    fn harvest(mut self) -> Self::Fruit {
        run(&mut self.last_folder, u64::MAX, &mut self.tally.folders);
        run(&mut self.last_source, u64::MAX, &mut self.tally.sources);
        let mut tally = self.tally;
        for (slot, count) in self.hours.into_counts() {
            let hour = self.first_hour + signed(slot as u64);
            *tally.days.entry(hour.div_euclid(HOURS)).or_default() += count;
            let (weekday, of_day) = hour_of_week(hour.saturating_mul(HOUR));
            tally.by_hour[weekday][of_day] += count;
        }
        for (number, count) in self.languages.into_counts() {
            if let Some(language) = Language::of_number(number as u64) {
                tally.languages.insert(language, count);
            }
        }
        let counts = |terms: Option<Terms>| terms.map_or_else(|| Ok(Named::default()), Terms::into_counts);
        tally.senders = counts(self.senders)?;
        tally.recipients = counts(self.recipients)?;
        tally.domains = counts(self.domains)?;
        if let Some((types, _, bytes)) = self.attachments {
            types.each(|term, ord, count| {
                tally.attachment_types.insert(term.to_owned(), (count, bytes[ord]));
            })?;
        }
        tally.largest = self.largest.into_iter().map(|Reverse((size, Reverse(id)))| (size, id)).collect();
        Ok(tally)
    }
}

/// Counts what comes in runs of the same number: the count goes where it belongs when another number comes.
fn run(last: &mut (u64, u64), number: u64, counts: &mut HashMap<i64, u64>) {
    if last.0 != number {
        let (number, count) = std::mem::replace(last, (number, 0));
        if count > 0 {
            *counts.entry(signed(number)).or_default() += count;
        }
    }
    last.1 += 1;
}

impl Counting {
    fn dated(&mut self, dates: &[Option<u64>]) {
        let mut span: Option<(u64, u64)> = None;
        let mut dated = 0;
        for date in dates.iter().flatten() {
            dated += 1;
            span = Some(span.map_or((*date, *date), |(a, b)| (a.min(*date), b.max(*date))));
            let hour = self.clocks.local(blocks::signed(*date)).div_euclid(HOUR);
            self.hours.count((hour - self.first_hour).cast_unsigned());
        }
        self.tally.undated += dates.len() as u64 - dated;
        let span = span.map(|(first, last)| (blocks::signed(first), blocks::signed(last)));
        self.tally.span = joined(self.tally.span, span);
    }

    /// Hours by the senders' clocks, of documents with these dates.
    fn sent(&mut self, docs: &[DocId], dates: &[Option<u64>]) {
        blocks::firsts(&self.sender_zone, docs, &mut self.zones);
        for (date, number) in dates.iter().zip(&self.zones) {
            let Some(date) = date else { continue };
            match number.and_then(sender_zone::minutes) {
                Some(minutes) => {
                    let local = blocks::signed(*date).saturating_add(i64::from(minutes) * MINUTE);
                    let (weekday, hour) = hour_of_week(local);
                    self.tally.by_sender_hour[weekday][hour] += 1;
                }
                None => self.tally.without_sender_zone += 1,
            }
        }
    }

    /// Kinds and places.
    fn filed(&mut self, docs: &[DocId], block: &mut Vec<Option<u64>>) {
        blocks::firsts(&self.kind, docs, block);
        for kind in block.iter().flatten() {
            let place = usize::try_from(*kind).ok().and_then(|kind| self.tally.kinds.get_mut(kind));
            place.into_iter().for_each(|count| *count += 1);
        }
        blocks::firsts(&self.language, docs, block);
        block.iter().flatten().for_each(|language| self.languages.count(*language));
        blocks::firsts(&self.folder, docs, block);
        for folder in block.iter().flatten() {
            run(&mut self.last_folder, *folder, &mut self.tally.folders);
        }
        blocks::firsts(&self.source, docs, block);
        for source in block.iter().flatten() {
            run(&mut self.last_source, *source, &mut self.tally.sources);
        }
    }

    fn sized(&mut self, doc: DocId, size: u64) {
        self.tally.sizes.push(u32::try_from(size).unwrap_or(u32::MAX));
        let full = self.largest.len() >= self.keep_largest;
        if full && self.largest.peek().is_none_or(|Reverse((least, _))| *least > size) {
            return;
        }
        self.largest.push(Reverse((size, Reverse(signed(self.id.first(doc).unwrap_or_default())))));
        if full {
            self.largest.pop();
        }
    }
}

/// The span that holds both.
fn joined(a: Option<(i64, i64)>, b: Option<(i64, i64)>) -> Option<(i64, i64)> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (a, b) => a.or(b),
    }
}

impl Tally {
    fn add(&mut self, other: Tally) {
        fn sum<K: Hash + Eq, S: BuildHasher>(into: &mut HashMap<K, u64, S>, from: HashMap<K, u64, S>) {
            if into.is_empty() {
                *into = from;
                return;
            }
            for (key, count) in from {
                *into.entry(key).or_default() += count;
            }
        }
        self.total += other.total;
        self.undated += other.undated;
        self.span = joined(self.span, other.span);
        for (day, count) in other.days {
            *self.days.entry(day).or_default() += count;
        }
        let hours = [(&mut self.by_hour, other.by_hour), (&mut self.by_sender_hour, other.by_sender_hour)];
        for (mine, theirs) in hours {
            mine.iter_mut().flatten().zip(theirs.iter().flatten()).for_each(|(mine, theirs)| *mine += theirs);
        }
        self.without_sender_zone += other.without_sender_zone;
        for (mine, theirs) in self.kinds.iter_mut().zip(other.kinds) {
            *mine += theirs;
        }
        sum(&mut self.folders, other.folders);
        sum(&mut self.sources, other.sources);
        sum(&mut self.languages, other.languages);
        sum(&mut self.senders, other.senders);
        sum(&mut self.recipients, other.recipients);
        sum(&mut self.domains, other.domains);
        for (kind, (count, bytes)) in other.attachment_types {
            let mine = self.attachment_types.entry(kind).or_default();
            *mine = (mine.0 + count, mine.1.saturating_add(bytes));
        }
        self.sizes.extend(other.sizes);
        self.largest.extend(other.largest);
    }

    /// What is left of it without `less`, which is of some of its items; `None` where that cannot be told. Both know their
    /// [`MOST_LARGEST`] largest items, sizes are in order, and times are looked at in neither.
    pub fn without(&self, less: &Self) -> Option<Self> {
        fn take<K: Hash + Eq, S: BuildHasher>(
            from: &mut HashMap<K, u64, S>,
            less: &HashMap<K, u64, S>,
        ) -> Option<()> {
            for (key, count) in less {
                let left = from.get_mut(key)?;
                *left = left.checked_sub(*count)?;
                if *left == 0 {
                    from.remove(key);
                }
            }
            Some(())
        }
        let gone: HashSet<&(u64, i64)> = less.largest.iter().collect();
        let largest: Vec<(u64, i64)> =
            self.largest.iter().filter(|entry| !gone.contains(entry)).copied().collect();
        // Beyond those that are known there may be others.
        let mut left = Self { total: self.total.checked_sub(less.total)?, largest, ..self.clone() };
        if left.largest.len() < LARGEST && self.largest.len() as u64 != self.total {
            return None;
        }
        left.largest.truncate(LARGEST);
        for (mine, theirs) in left.kinds.iter_mut().zip(less.kinds) {
            *mine = mine.checked_sub(theirs)?;
        }
        take(&mut left.folders, &less.folders)?;
        take(&mut left.sources, &less.sources)?;
        take(&mut left.languages, &less.languages)?;
        take(&mut left.senders, &less.senders)?;
        take(&mut left.recipients, &less.recipients)?;
        take(&mut left.domains, &less.domains)?;
        for (kind, (count, bytes)) in &less.attachment_types {
            let mine = left.attachment_types.get_mut(kind)?;
            // A sum that was cut off cannot be taken apart.
            *mine = (mine.0.checked_sub(*count)?, mine.1.checked_sub(*bytes).filter(|_| mine.1 < u64::MAX)?);
            if mine.0 == 0 {
                left.attachment_types.remove(kind);
            }
        }
        left.sizes = difference(&self.sizes, &less.sizes);
        Some(left)
    }

    /// About how much memory it takes, in bytes.
    pub fn bytes(&self) -> usize {
        /// What a term takes beside its letters: its place in the table, and what the allocator adds.
        const A_TERM: usize = 56;
        let terms = [&self.senders, &self.recipients, &self.domains];
        let terms = terms.into_iter().flat_map(|terms| terms.keys()).map(|term| term.len() + A_TERM);
        let ids = (self.folders.len() + self.sources.len() + self.languages.len() + self.largest.len()) * 24;
        terms.sum::<usize>() + self.attachment_types.len() * 2 * A_TERM + self.sizes.len() * 4 + ids
    }
}

/// Numbers in order without some of them, in order.
fn difference(all: &[u32], less: &[u32]) -> Vec<u32> {
    let mut less = less.iter().peekable();
    all.iter().filter(|size| less.next_if(|gone| *gone <= *size).is_none()).copied().collect()
}

/// Ids are positive numbers of SQLite.
pub(super) fn signed(id: u64) -> i64 {
    i64::try_from(id).unwrap_or(i64::MAX)
}
