//! Words next to each other of which some are given in part, as a query of the index.
//!
//! A part such as `a*` stands for many words. To follow all of them document by document costs as much as there are words for each
//! document; here each word is followed once, and only where the other words of the phrase are too.

use super::QueryError;
use super::spots::{Left, Spots, Walk};
use std::fmt;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::TermInfo;
use tantivy::query::{
    Bm25Weight, EmptyScorer, EnableScoring, Explanation, Query, RegexPhraseQuery, Scorer, Weight,
};
use tantivy::schema::Field;
use tantivy::{DocId, DocSet, InvertedIndexReader, Score, SegmentReader, TERMINATED, TantivyError};

/// A phrase stands for this many words of one part of the index. More are refused: to leave some out would leave out answers.
const MAX_WORDS: usize = 1 << 18;
/// Places at which it may begin in one part of the index, kept in five bytes each; for more it is refused as well.
const MAX_PLACES: u64 = 1 << 25;
/// Documents of words so many times as many as are left are not looked through to leave fewer.
const FAR_MORE: u64 = 64;

/// One of the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// As it stands.
    Whole(String),
    /// Whatever begins so.
    Begins(String),
    /// Whatever is like it, with stars and question marks.
    Like(String),
}

impl Piece {
    /// Of a word that may have stars and question marks.
    pub fn of(word: String) -> Self {
        let letters = word.trim_end_matches('*');
        match letters.contains(['*', '?']) {
            true => Self::Like(word),
            false if letters.len() < word.len() => Self::Begins(letters.to_owned()),
            false => Self::Whole(word),
        }
    }

    /// As a pattern of the index's own language.
    fn pattern(&self) -> String {
        match self {
            Self::Whole(word) | Self::Like(word) => pattern(word),
            Self::Begins(letters) => pattern(letters) + ".*",
        }
    }
}

/// A word with stars as a pattern of the index's own language.
pub fn pattern(word: &str) -> String {
    let mut out = String::with_capacity(word.len() + 8);
    for c in word.chars() {
        match c {
            // Several stars are as good as one, and cost much more.
            '*' if out.ends_with(".*") => {}
            '*' => out.push_str(".*"),
            '?' => out.push('.'),
            c if c.is_alphanumeric() => out.push(c),
            c => {
                out.push('\\');
                out.push(c);
            }
        }
    }
    out
}

/// Items that have such words next to each other in a field.
#[derive(Clone)]
pub struct Adjacent {
    field: Field,
    pieces: Vec<Piece>,
    /// Keeps the patterns ready.
    patterns: RegexPhraseQuery,
    /// Told when the words are too many.
    too_many: QueryError,
}

impl fmt::Debug for Adjacent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Adjacent").field(&self.field).field(&self.pieces).finish()
    }
}

impl Adjacent {
    /// Of two pieces or more. `too_many` is told, within [`TantivyError::IoError`], when a search finds that they stand for more
    /// words than can be followed.
    ///
    /// # Errors
    /// [`TantivyError::InvalidArgument`] for patterns that the index cannot follow.
    pub fn new(field: Field, pieces: Vec<Piece>, too_many: QueryError) -> tantivy::Result<Self> {
        if pieces.len() < 2 {
            return Err(TantivyError::InvalidArgument("a phrase has two words or more".into()));
        }
        let patterns = RegexPhraseQuery::new(field, pieces.iter().map(Piece::pattern).collect());
        // Told now, not in the midst of a search.
        patterns.regexes()?;
        Ok(Self { field, pieces, patterns, too_many })
    }

    /// The words that a piece stands for.
    fn words(&self, at: usize, inverted: &InvertedIndexReader) -> tantivy::Result<Words> {
        let mut words = Words::default();
        let dictionary = inverted.terms();
        let mut found = match (self.pieces.get(at), self.patterns.regexes()?.get(at)) {
            (Some(Piece::Whole(word)), _) => {
                if let Some(info) = dictionary.get(word)? {
                    words.add(&info);
                }
                return Ok(words);
            }
            (Some(Piece::Begins(letters)), _) => {
                let letters = letters.as_bytes();
                let mut range = dictionary.range().ge(letters);
                if let Some(end) = super::beginning::behind(letters) {
                    range = range.lt(&end);
                }
                let mut found = range.into_stream()?;
                while found.advance() {
                    words.add(found.value());
                    self.bounded(&words)?;
                }
                return Ok(words);
            }
            (Some(Piece::Like(_)), Some(regex)) => dictionary.search(regex.as_ref()).into_stream()?,
            _ => return Ok(words),
        };
        while found.advance() {
            words.add(found.value());
            self.bounded(&words)?;
        }
        Ok(words)
    }

    fn bounded(&self, words: &Words) -> tantivy::Result<()> {
        if words.infos.len() > MAX_WORDS { Err(self.refuse()) } else { Ok(()) }
    }

    fn refuse(&self) -> TantivyError {
        std::io::Error::other(self.too_many.clone()).into()
    }

    /// The documents of a segment that have the phrase, each with how often.
    fn find(&self, segment: &SegmentReader) -> tantivy::Result<Vec<(DocId, u32)>> {
        let inverted = segment.inverted_index(self.field)?;
        let mut words = Vec::with_capacity(self.pieces.len());
        for at in 0..self.pieces.len() {
            let of_piece = self.words(at, &inverted)?;
            if of_piece.infos.is_empty() {
                return Ok(Vec::new());
            }
            words.push((u32::try_from(at).unwrap_or(u32::MAX), of_piece));
        }
        let mut walk = Walk::new(&inverted, segment, self.field)?;
        words.sort_by_key(|(_, words)| words.documents);
        let mut left: Option<Left> = None;
        for (_, words) in &words {
            left = Some(match left {
                None => walk.documents(&words.infos, None)?,
                Some(left) if words.documents / FAR_MORE > left.count() => left,
                Some(left) => walk.documents(&words.infos, Some(&left))?,
            });
        }
        let Some(left) = left else { return Ok(Vec::new()) };
        words.sort_by_key(|(_, words)| words.positions);
        let mut spots = Spots::new(left);
        for (n, (offset, words)) in words.iter().enumerate() {
            if n == 0 {
                spots.first(&mut walk, &words.infos, *offset, MAX_PLACES)?.ok_or_else(|| self.refuse())?;
            } else {
                spots.keep(&mut walk, &words.infos, *offset)?;
            }
        }
        Ok(spots.found())
    }
}

/// The words that a piece stands for in a segment.
#[derive(Default)]
struct Words {
    infos: Vec<TermInfo>,
    /// Documents that have one, counted for each word.
    documents: u64,
    /// What their positions take, in bytes.
    positions: usize,
}

impl Words {
    fn add(&mut self, info: &TermInfo) {
        self.documents += u64::from(info.doc_freq);
        self.positions += info.positions_range.len();
        self.infos.push(info.clone());
    }
}

impl Query for Adjacent {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let similarity = match scoring {
            EnableScoring::Enabled { statistics_provider, .. } => {
                Some(Bm25Weight::for_terms(statistics_provider, &self.patterns.phrase_terms())?)
            }
            EnableScoring::Disabled { .. } => None,
        };
        Ok(Box::new(AdjacentWeight { query: self.clone(), similarity }))
    }
}

struct AdjacentWeight {
    query: Adjacent,
    similarity: Option<Bm25Weight>,
}

impl Weight for AdjacentWeight {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let found = self.query.find(segment)?;
        if found.is_empty() {
            return Ok(Box::new(EmptyScorer));
        }
        let similarity = match &self.similarity {
            Some(similarity) => {
                let norms = segment.fieldnorms_readers().get_field(self.query.field)?;
                let norms = norms.unwrap_or_else(|| FieldNormReader::constant(segment.max_doc(), 1));
                Some((similarity.boost_by(boost), norms))
            }
            None => None,
        };
        Ok(Box::new(Found { found, at: 0, similarity }))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("words next to each other", 1.0))
    }
}

/// Documents that were found.
struct Found {
    found: Vec<(DocId, u32)>,
    at: usize,
    similarity: Option<(Bm25Weight, FieldNormReader)>,
}

impl DocSet for Found {
    fn advance(&mut self) -> DocId {
        self.at += 1;
        self.doc()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        let behind = self.found.get(self.at..).unwrap_or_default();
        self.at += behind.partition_point(|(doc, _)| *doc < target);
        self.doc()
    }

    fn doc(&self) -> DocId {
        self.found.get(self.at).map_or(TERMINATED, |(doc, _)| *doc)
    }

    fn size_hint(&self) -> u32 {
        u32::try_from(self.found.len()).unwrap_or(u32::MAX)
    }
}

impl Scorer for Found {
    fn score(&mut self) -> Score {
        match (&self.similarity, self.found.get(self.at)) {
            (Some((similarity, norms)), Some((doc, count))) => {
                similarity.score(norms.fieldnorm_id(*doc), *count)
            }
            _ => 1.0,
        }
    }
}

#[cfg(test)]
#[path = "adjacent_tests.rs"]
mod tests;
