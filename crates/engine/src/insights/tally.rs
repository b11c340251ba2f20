//! Counting over the columns of the index.

use crate::index::fast;
use crate::source::ItemKind;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader, TantivyError};

const DAY: i64 = 86_400_000;
const HOUR: i64 = 3_600_000;
/// Monday is day 0; the first of January 1970 was a Thursday.
const WEEKDAY_OF_EPOCH: i64 = 3;

/// What is counted; each part costs its own pass over a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Parts {
    pub recipients: bool,
    pub domains: bool,
    pub sizes: bool,
}

impl Parts {
    /// Everything.
    pub const ALL: Self = Self { recipients: true, domains: true, sizes: true };
    /// What stands beside a list of results.
    pub const FACETS: Self = Self { recipients: false, domains: false, sizes: false };
}

/// Counts as they come from the index.
#[derive(Debug, Clone, Default)]
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
    /// By kind, at the kind's number.
    pub kinds: [u64; ItemKind::ALL.len()],
    /// By folder.
    pub folders: HashMap<i64, u64>,
    /// By source.
    pub sources: HashMap<i64, u64>,
    /// By the sender's term.
    pub senders: HashMap<String, u64>,
    /// By recipients' terms.
    pub recipients: HashMap<String, u64>,
    /// By domain.
    pub domains: HashMap<String, u64>,
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
    pub zone_minutes: i32,
    /// The largest items to remember.
    pub largest: usize,
}

/// Counts of one segment. Terms are counted by their ordinals and looked up at the end, each once.
pub struct Counting {
    zone: i64,
    id: Column<u64>,
    date: Column<i64>,
    size: Column<u64>,
    kind: Column<u64>,
    folder: Column<u64>,
    source: Column<u64>,
    senders: Option<Terms>,
    recipients: Option<Terms>,
    domains: Option<Terms>,
    attachments: Option<(Terms, Column<u64>, Vec<u64>)>,
    last_day: (i64, u64),
    last_folder: (u64, u64),
    keep_sizes: bool,
    largest: BinaryHeap<Reverse<(u64, i64)>>,
    keep_largest: usize,
    tally: Tally,
}

struct Terms {
    column: StrColumn,
    counts: Vec<u64>,
}

impl Terms {
    fn open(segment: &SegmentReader, name: &str, wanted: bool) -> tantivy::Result<Option<Self>> {
        if !wanted {
            return Ok(None);
        }
        let column = segment.fast_fields().str(name)?;
        Ok(column.map(|column| Self { counts: vec![0; column.num_terms()], column }))
    }

    fn count(&mut self, doc: DocId) {
        for ord in self.column.term_ords(doc) {
            if let Some(count) = self.counts.get_mut(ord as usize) {
                *count += 1;
            }
        }
    }

    /// Tells each term that was counted, with its ordinal and its count.
    fn each(&self, mut tell: impl FnMut(&str, usize, u64)) -> std::io::Result<()> {
        let found: Vec<u64> = (0..).zip(&self.counts).filter(|(_, n)| **n > 0).map(|(ord, _)| ord).collect();
        let mut ords = found.iter();
        self.column.dictionary().sorted_ords_to_term_cb(&found, |term| {
            if let Some(ord) = ords.next().map(|ord| *ord as usize) {
                tell(&String::from_utf8_lossy(term), ord, self.counts[ord]);
            }
        })?;
        Ok(())
    }

    fn into_counts(self) -> std::io::Result<HashMap<String, u64>> {
        let mut counts = HashMap::new();
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
        let attachments = match Terms::open(segment, fast::ATTACHMENT_TYPES, true)? {
            Some(terms) => {
                let bytes = vec![0; terms.counts.len()];
                Some((terms, columns.u64(fast::ATTACHMENT_SIZES)?, bytes))
            }
            None => None,
        };
        Ok(Counting {
            zone: i64::from(self.zone_minutes) * 60_000,
            id: columns.u64(fast::ID)?,
            date: columns.i64(fast::DATE)?,
            size: columns.u64(fast::SIZE)?,
            kind: columns.u64(fast::KIND)?,
            folder: columns.u64(fast::FOLDER)?,
            source: columns.u64(fast::SOURCE)?,
            senders: Terms::open(segment, fast::SENDER, true)?,
            recipients: Terms::open(segment, fast::RECIPIENTS, self.parts.recipients)?,
            domains: Terms::open(segment, fast::DOMAINS, self.parts.domains)?,
            attachments,
            last_day: (i64::MIN, 0),
            last_folder: (u64::MAX, 0),
            keep_sizes: self.parts.sizes,
            largest: BinaryHeap::new(),
            keep_largest: if self.parts.sizes { self.largest } else { 0 },
            tally: Tally::default(),
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
        self.tally.total += 1;
        match self.date.first(doc) {
            Some(date) => self.dated(date),
            None => self.tally.undated += 1,
        }
        let kind = self.kind.first(doc).and_then(|kind| usize::try_from(kind).ok());
        if let Some(count) = kind.and_then(|kind| self.tally.kinds.get_mut(kind)) {
            *count += 1;
        }
        if let Some(folder) = self.folder.first(doc) {
            if self.last_folder.0 != folder {
                self.end_folder();
                self.last_folder.0 = folder;
            }
            self.last_folder.1 += 1;
        }
        if let Some(source) = self.source.first(doc) {
            *self.tally.sources.entry(signed(source)).or_default() += 1;
        }
        for terms in [&mut self.senders, &mut self.recipients, &mut self.domains].into_iter().flatten() {
            terms.count(doc);
        }
        if let Some((types, sizes, bytes)) = &mut self.attachments {
            for (ord, size) in types.column.term_ords(doc).zip(sizes.values_for_doc(doc)) {
                if let (Some(count), Some(bytes)) =
                    (types.counts.get_mut(ord as usize), bytes.get_mut(ord as usize))
                {
                    *count += 1;
                    *bytes = bytes.saturating_add(size);
                }
            }
        }
        if self.keep_sizes
            && let Some(size) = self.size.first(doc)
        {
            self.sized(doc, size);
        }
    }

    fn harvest(mut self) -> Self::Fruit {
        self.end_day();
        self.end_folder();
        let mut tally = self.tally;
        let counts = |terms: Option<Terms>| terms.map_or_else(|| Ok(HashMap::new()), Terms::into_counts);
        tally.senders = counts(self.senders)?;
        tally.recipients = counts(self.recipients)?;
        tally.domains = counts(self.domains)?;
        if let Some((types, _, bytes)) = self.attachments {
            types.each(|term, ord, count| {
                tally.attachment_types.insert(term.to_owned(), (count, bytes[ord]));
            })?;
        }
        tally.largest = self.largest.into_iter().map(|Reverse(entry)| entry).collect();
        Ok(tally)
    }
}

impl Counting {
    fn dated(&mut self, date: i64) {
        let span = self.tally.span.get_or_insert((date, date));
        *span = (span.0.min(date), span.1.max(date));
        let local = date.saturating_add(self.zone);
        let day = local.div_euclid(DAY);
        if self.last_day.0 != day {
            self.end_day();
            self.last_day.0 = day;
        }
        self.last_day.1 += 1;
        let weekday = (day + WEEKDAY_OF_EPOCH).rem_euclid(7);
        let hour = local.rem_euclid(DAY) / HOUR;
        let cell = usize::try_from(weekday).ok().zip(usize::try_from(hour).ok());
        if let Some((weekday, hour)) = cell {
            self.tally.by_hour[weekday][hour] += 1;
        }
    }

    fn sized(&mut self, doc: DocId, size: u64) {
        self.tally.sizes.push(u32::try_from(size).unwrap_or(u32::MAX));
        let full = self.largest.len() >= self.keep_largest;
        if full && self.largest.peek().is_none_or(|Reverse((least, _))| *least >= size) {
            return;
        }
        self.largest.push(Reverse((size, signed(self.id.first(doc).unwrap_or_default()))));
        if full {
            self.largest.pop();
        }
    }

    fn end_day(&mut self) {
        let (day, count) = std::mem::replace(&mut self.last_day, (i64::MIN, 0));
        if count > 0 {
            *self.tally.days.entry(day).or_default() += count;
        }
    }

    fn end_folder(&mut self) {
        let (folder, count) = std::mem::replace(&mut self.last_folder, (u64::MAX, 0));
        if count > 0 {
            *self.tally.folders.entry(signed(folder)).or_default() += count;
        }
    }
}

impl Tally {
    fn add(&mut self, other: Tally) {
        fn sum<K: std::hash::Hash + Eq>(into: &mut HashMap<K, u64>, from: HashMap<K, u64>) {
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
        self.span = match (self.span, other.span) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
        for (day, count) in other.days {
            *self.days.entry(day).or_default() += count;
        }
        for (mine, theirs) in self.by_hour.iter_mut().flatten().zip(other.by_hour.iter().flatten()) {
            *mine += theirs;
        }
        for (mine, theirs) in self.kinds.iter_mut().zip(other.kinds) {
            *mine += theirs;
        }
        sum(&mut self.folders, other.folders);
        sum(&mut self.sources, other.sources);
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
}

/// Ids are positive numbers of SQLite.
pub(super) fn signed(id: u64) -> i64 {
    i64::try_from(id).unwrap_or(i64::MAX)
}
