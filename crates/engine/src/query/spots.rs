//! Where phrases begin: found for one of their words, then kept where the others stand as well.

use tantivy::directory::{CompositeFile, FileSlice};
use tantivy::index::SegmentComponent;
use tantivy::positions::PositionReader;
use tantivy::postings::{BlockSegmentPostings, Postings as _, TermInfo};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet as _, InvertedIndexReader, SegmentReader};

/// A word that one document of so many has is looked at before those that fewer have.
const OFTEN: u32 = 64;
/// A word with so many times as many documents as are left is asked for each of those; otherwise all of its own are looked at.
const SKIP: u64 = 32;
/// Bits of a word of the machine.
const WORD: u32 = u64::BITS;

/// Documents that may still have a phrase.
pub struct Left {
    bits: Vec<u64>,
    count: u64,
}

impl Left {
    fn none(all: DocId) -> Self {
        Self { bits: vec![0; all.div_ceil(WORD) as usize], count: 0 }
    }

    /// How many they are.
    pub fn count(&self) -> u64 {
        self.count
    }

    fn has(&self, doc: DocId) -> bool {
        self.bits.get((doc / WORD) as usize).is_some_and(|word| word >> (doc % WORD) & 1 == 1)
    }

    fn add(&mut self, doc: DocId) {
        if let Some(word) = self.bits.get_mut((doc / WORD) as usize) {
            self.count += u64::from(*word >> (doc % WORD) & 1 == 0);
            *word |= 1 << (doc % WORD);
        }
    }

    fn docs(&self) -> Vec<DocId> {
        let mut docs = Vec::with_capacity(usize::try_from(self.count).unwrap_or_default());
        for (first, word) in (0..).step_by(WORD as usize).zip(&self.bits) {
            let mut left = *word;
            while left != 0 {
                docs.push(first + left.trailing_zeros());
                left &= left - 1;
            }
        }
        docs
    }
}

/// Goes through the words of a field in a segment, one after the other.
pub struct Walk<'a> {
    inverted: &'a InvertedIndexReader,
    positions: Option<FileSlice>,
    all: DocId,
    /// One for all words: making one costs more than most words take.
    documents: Option<BlockSegmentPostings>,
    counted: Option<BlockSegmentPostings>,
    /// Positions of the documents of a block.
    buffer: Vec<u32>,
}

impl<'a> Walk<'a> {
    /// `inverted` is that of the field in the segment.
    ///
    /// # Errors
    /// When the positions cannot be opened.
    pub fn new(
        inverted: &'a InvertedIndexReader,
        segment: &SegmentReader,
        field: Field,
    ) -> tantivy::Result<Self> {
        let file = segment.open_read(SegmentComponent::Positions)?;
        let positions = CompositeFile::open(&file)?.open_read(field);
        let all = segment.max_doc();
        Ok(Self { inverted, positions, all, documents: None, counted: None, buffer: Vec::new() })
    }

    /// The documents with any of these words, of those `within`.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn documents(&mut self, words: &[TermInfo], within: Option<&Left>) -> tantivy::Result<Left> {
        let mut found = Left::none(self.all);
        let most = within.map_or(u64::from(self.all), Left::count);
        let often = |word: &&TermInfo| word.doc_freq >= self.all / OFTEN;
        // Of a short beginning the rare ones are most of the words, and often nothing is left that only they would find.
        let rare = words.iter().filter(|word| !often(word));
        let in_order: Vec<&TermInfo> = words.iter().filter(often).chain(rare).collect();
        for word in in_order {
            if found.count >= most {
                break;
            }
            let postings = reset(self.inverted, &mut self.documents, word, IndexRecordOption::Basic)?;
            while !postings.docs().is_empty() {
                for doc in postings.docs() {
                    if within.is_none_or(|within| within.has(*doc)) {
                        found.add(*doc);
                    }
                }
                postings.advance();
            }
        }
        Ok(found)
    }

    /// Tells how often each document has a word.
    fn counts(&mut self, word: &TermInfo, mut tell: impl FnMut(DocId, u32)) -> tantivy::Result<()> {
        let postings = reset(self.inverted, &mut self.counted, word, IndexRecordOption::WithFreqs)?;
        while !postings.docs().is_empty() {
            postings.docs().iter().zip(postings.freqs()).for_each(|(doc, count)| tell(*doc, *count));
            postings.advance();
        }
        Ok(())
    }

    /// Tells the positions of a word, in ascending order, in the documents `docs`: those that are `wanted`.
    fn each(
        &mut self,
        word: &TermInfo,
        docs: &[DocId],
        wanted: impl Fn(DocId) -> bool,
        mut tell: impl FnMut(DocId, &[u32]),
    ) -> tantivy::Result<()> {
        if (docs.len() as u64).saturating_mul(SKIP) < u64::from(word.doc_freq) {
            let option = IndexRecordOption::WithFreqsAndPositions;
            let mut postings = self.inverted.read_postings_from_terminfo(word, option)?;
            for doc in docs {
                if postings.doc() <= *doc && postings.seek(*doc) == *doc {
                    postings.positions(&mut self.buffer);
                    tell(*doc, &self.buffer);
                }
            }
            return Ok(());
        }
        let postings = reset(self.inverted, &mut self.counted, word, IndexRecordOption::WithFreqs)?;
        let (mut reader, mut passed) = (None, 0_u64);
        while !postings.docs().is_empty() {
            let (docs, counts) = (postings.docs(), postings.freqs());
            let total = |counts: &[u32]| counts.iter().map(|count| u64::from(*count)).sum::<u64>();
            if let Some(first) = docs.iter().position(|doc| wanted(*doc)) {
                // Those of all documents from the first to the last that is wanted, at once.
                let last = docs.iter().rposition(|doc| wanted(*doc)).unwrap_or(first);
                let (before, counts) = (&counts[..first], &counts[first..=last]);
                self.buffer.clear();
                self.buffer.resize(usize::try_from(total(counts)).unwrap_or(usize::MAX), 0);
                let reader = match &mut reader {
                    Some(reader) => reader,
                    none => none.insert(open(self.positions.as_ref(), word)?),
                };
                reader.read(passed + total(before), &mut self.buffer);
                let mut rest = self.buffer.as_mut_slice();
                for (doc, count) in docs[first..=last].iter().zip(counts) {
                    let (own, others) = rest.split_at_mut(*count as usize);
                    rest = others;
                    if wanted(*doc) {
                        // They are kept as steps from one to the next.
                        let mut at = 0_u32;
                        for step in own.iter_mut() {
                            at = at.wrapping_add(*step);
                            *step = at;
                        }
                        tell(*doc, own);
                    }
                }
            }
            passed += total(postings.freqs());
            postings.advance();
        }
        Ok(())
    }
}

fn open(positions: Option<&FileSlice>, word: &TermInfo) -> std::io::Result<PositionReader> {
    let positions = positions.ok_or_else(|| std::io::Error::other("the field has no positions"))?;
    PositionReader::open(positions.read_bytes_slice(word.positions_range.clone())?)
}

fn reset<'p>(
    inverted: &InvertedIndexReader,
    postings: &'p mut Option<BlockSegmentPostings>,
    word: &TermInfo,
    option: IndexRecordOption,
) -> std::io::Result<&'p mut BlockSegmentPostings> {
    match postings {
        Some(postings) => {
            inverted.reset_block_postings_from_terminfo(word, postings)?;
            Ok(postings)
        }
        none => Ok(none.insert(inverted.read_block_postings_from_terminfo(word, option)?)),
    }
}

/// Where the phrase may begin, by document.
pub struct Spots {
    left: Left,
    /// The same, one after the other.
    docs: Vec<DocId>,
    /// Of each document, its range of `starts`.
    ranges: Vec<(u32, u32)>,
    /// Positions of the first word of the phrase, in ascending order within a document.
    starts: Vec<u32>,
    /// Those at which another word stands as well.
    met: Vec<bool>,
    /// Of each document a bit for each of its places, many for one bit: without it, a word is at none of them.
    signs: Vec<u64>,
    dense: Dense,
}

/// A bit for each position of documents that have so many places that a bit for each takes no more room: a place is found at once.
#[derive(Default)]
struct Dense {
    /// Of each document, its range of the others.
    ranges: Vec<(u32, u32)>,
    /// Where a place is.
    places: Vec<u64>,
    /// Those that were met.
    met: Vec<u64>,
}

impl Dense {
    /// Fewer places are looked at one by one.
    const MANY: usize = 8;
    /// Words of the machine for each place, at most.
    const ROOM: usize = 2;

    /// The bits of a document that has them.
    fn of(&mut self, doc: DocId) -> Option<(&[u64], &mut [u64])> {
        let range = range_of(&self.ranges, doc).filter(|range| !range.is_empty())?;
        Some((self.places.get(range.clone())?, self.met.get_mut(range)?))
    }

    /// Whether a place of a document was met; `None` of documents without bits.
    fn was_met(&self, doc: DocId, start: u32) -> Option<bool> {
        let met = self.met.get(range_of(&self.ranges, doc).filter(|range| !range.is_empty())?)?;
        Some(met.get((start / WORD) as usize).is_some_and(|word| word >> (start % WORD) & 1 == 1))
    }

    /// Keeps the places of a document as bits, if there are many and near each other.
    fn add(&mut self, doc: DocId, starts: &[u32]) {
        let words = starts.last().map_or(0, |last| (last / WORD) as usize + 1);
        let from = self.places.len();
        let (Ok(first), Ok(end)) = (u32::try_from(from), u32::try_from(from + words)) else { return };
        if starts.len() <= Self::MANY || words > starts.len() * Self::ROOM {
            return;
        }
        self.places.resize(from + words, 0);
        for start in starts {
            self.places[from + (start / WORD) as usize] |= 1 << (start % WORD);
        }
        if let Some(range) = self.ranges.get_mut(doc as usize) {
            *range = (first, end);
        }
    }
}

impl Spots {
    /// In none but these documents.
    pub fn new(left: Left) -> Self {
        Self {
            docs: left.docs(),
            left,
            ranges: Vec::new(),
            starts: Vec::new(),
            met: Vec::new(),
            signs: Vec::new(),
            dense: Dense::default(),
        }
    }

    /// Begins with the places of words that stand `offset` words behind the start of the phrase. `None` where they are more than
    /// `most`.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn first(
        &mut self,
        walk: &mut Walk<'_>,
        words: &[TermInfo],
        offset: u32,
        most: u64,
    ) -> tantivy::Result<Option<()>> {
        let (left, docs) = (&self.left, &self.docs);
        let mut ranges = vec![(0_u32, 0_u32); walk.all as usize];
        let mut total = 0_u64;
        for word in words {
            walk.counts(word, |doc, count| {
                if let (true, Some((_, own))) = (left.has(doc), ranges.get_mut(doc as usize)) {
                    *own = own.saturating_add(count);
                    total += u64::from(count);
                }
            })?;
            if total > most {
                return Ok(None);
            }
        }
        // Each document's own next to each other: first all ranges empty at their place, then they fill.
        let mut end = 0;
        for range in &mut ranges {
            let from = end;
            end += range.1;
            *range = (from, from);
        }
        let mut starts = vec![0; end as usize];
        for word in words {
            walk.each(
                word,
                docs,
                |doc| left.has(doc),
                |doc, positions| {
                    let Some((_, end)) = ranges.get_mut(doc as usize) else { return };
                    for start in positions.iter().filter_map(|position| position.checked_sub(offset)) {
                        if let Some(place) = starts.get_mut(*end as usize) {
                            *place = start;
                            *end += 1;
                        }
                    }
                },
            )?;
        }
        self.met = vec![true; starts.len()];
        (self.ranges, self.starts) = (ranges, starts);
        if words.len() > 1 {
            for doc in &self.docs {
                if let Some(own) = range_of(&self.ranges, *doc).and_then(|range| self.starts.get_mut(range)) {
                    own.sort_unstable();
                }
            }
        }
        self.settle(walk.all);
        Ok(Some(()))
    }

    /// Keeps the places at which one of these words stands `offset` words behind.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn keep(&mut self, walk: &mut Walk<'_>, words: &[TermInfo], offset: u32) -> tantivy::Result<()> {
        let Self { docs, ranges, starts, met, signs, dense, .. } = self;
        let sign_of = |doc: DocId| signs.get(doc as usize).copied().unwrap_or_default();
        for word in words {
            walk.each(
                word,
                docs,
                |doc| sign_of(doc) != 0,
                |doc, positions| {
                    let sign = sign_of(doc);
                    let may_be = |start: &u32| sign >> (start % WORD) & 1 == 1;
                    let mut wanted = positions
                        .iter()
                        .filter_map(|position| position.checked_sub(offset))
                        .filter(may_be)
                        .peekable();
                    if wanted.peek().is_none() {
                        return;
                    }
                    if let Some((places, met)) = dense.of(doc) {
                        for start in wanted {
                            let at = (start / WORD) as usize;
                            if let (Some(places), Some(met)) = (places.get(at), met.get_mut(at)) {
                                *met |= places & 1 << (start % WORD);
                            }
                        }
                        return;
                    }
                    let Some(range) = range_of(ranges, doc) else { return };
                    let (Some(starts), Some(met)) = (starts.get(range.clone()), met.get_mut(range)) else {
                        return;
                    };
                    let mut at = 0;
                    for start in wanted {
                        at += behind(&starts[at..], start);
                        match starts.get(at) {
                            Some(found) if *found == start => met[at] = true,
                            Some(_) => {}
                            None => break,
                        }
                    }
                },
            )?;
        }
        self.settle(walk.all);
        Ok(())
    }

    /// Drops the places that were not met, and documents without any.
    fn settle(&mut self, all: DocId) {
        let mut left = Left::none(all);
        let mut signs = vec![0; all as usize];
        let mut dense = Dense { ranges: vec![(0, 0); all as usize], ..Dense::default() };
        let mut end = 0_u32;
        let Self { ranges, starts, met, .. } = self;
        for doc in self.docs.iter().copied() {
            let Some(range) = range_of(ranges, doc) else { continue };
            let from = end;
            for at in range {
                let start = starts[at];
                let was_met = self.dense.was_met(doc, start).unwrap_or(met[at]);
                if was_met && (end == from || starts[end as usize - 1] != start) {
                    starts[end as usize] = start;
                    end += 1;
                    signs[doc as usize] |= 1 << (start % WORD);
                }
            }
            ranges[doc as usize] = (from, end);
            if end > from {
                left.add(doc);
                dense.add(doc, &starts[from as usize..end as usize]);
            }
        }
        starts.truncate(end as usize);
        met.clear();
        met.resize(end as usize, false);
        dense.met = vec![0; dense.places.len()];
        (self.docs, self.left, self.signs, self.dense) = (left.docs(), left, signs, dense);
    }

    /// The documents that are left, each with how many places.
    pub fn found(&self) -> Vec<(DocId, u32)> {
        let count = |doc: &DocId| self.ranges.get(*doc as usize).map(|(from, end)| (*doc, end - from));
        self.docs.iter().filter_map(count).collect()
    }
}

fn range_of(ranges: &[(u32, u32)], doc: DocId) -> Option<std::ops::Range<usize>> {
    ranges.get(doc as usize).map(|(from, end)| *from as usize..*end as usize)
}

/// How many of `starts` come before `start`.
fn behind(starts: &[u32], start: u32) -> usize {
    /// So few are looked at one by one faster.
    const FEW: usize = 8;
    if starts.len() > FEW {
        return starts.partition_point(|other| *other < start);
    }
    starts.iter().take_while(|other| **other < start).count()
}
