//! Words that begin alike, as a query of the index.

use tantivy::postings::{BlockSegmentPostings, TermInfo};
use tantivy::query::{BitSetDocSet, ConstScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{BitSet, DocId, InvertedIndexReader, Score, SegmentReader};

/// A word that one document of so many has is looked at before those that fewer have.
const OFTEN: u32 = 64;

/// Items with a word that begins so, in any of some fields. Where scores are wanted, fields count as `scored` has it; where not, all
/// words of all fields are put into one set, each document of which is looked at once.
#[derive(Debug)]
pub struct Beginning {
    fields: Vec<Field>,
    letters: Vec<u8>,
    scored: Box<dyn Query>,
}

impl Beginning {
    /// `scored` answers the same with scores.
    pub fn new(fields: Vec<Field>, letters: &str, scored: Box<dyn Query>) -> Self {
        Self { fields, letters: letters.as_bytes().to_vec(), scored }
    }
}

impl Clone for Beginning {
    fn clone(&self) -> Self {
        Self { fields: self.fields.clone(), letters: self.letters.clone(), scored: self.scored.box_clone() }
    }
}

impl Query for Beginning {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        if scoring.is_scoring_enabled() {
            return self.scored.weight(scoring);
        }
        Ok(Box::new(Anywhere { fields: self.fields.clone(), letters: self.letters.clone() }))
    }
}

struct Anywhere {
    fields: Vec<Field>,
    letters: Vec<u8>,
}

impl Anywhere {
    fn set(&self, segment: &SegmentReader) -> tantivy::Result<BitSet> {
        let all = segment.max_doc();
        let mut found = BitSet::with_max_value(all);
        let mut rest = Vec::new();
        for field in &self.fields {
            let inverted = segment.inverted_index(*field)?;
            let mut range = inverted.terms().range().ge(&self.letters);
            if let Some(end) = behind(&self.letters) {
                range = range.lt(&end);
            }
            let (mut often, mut rare) = (Vec::new(), Vec::new());
            let mut terms = range.into_stream()?;
            while terms.advance() {
                let info = terms.value();
                if info.doc_freq >= all / OFTEN { &mut often } else { &mut rare }.push(info.clone());
            }
            add(&inverted, &often, &mut found)?;
            rest.push((inverted.clone(), rare));
        }
        // Of a short beginning these are most of the words, and often nothing is left that only they would find.
        for (inverted, words) in &rest {
            add(inverted, words, &mut found)?;
        }
        Ok(found)
    }
}

/// Adds the documents of words, as long as there are any that are not found yet.
fn add(inverted: &InvertedIndexReader, words: &[TermInfo], found: &mut BitSet) -> tantivy::Result<()> {
    // One reader for all of them: making one costs more than most words take.
    let mut postings: Option<BlockSegmentPostings> = None;
    for word in words {
        if found.len() >= found.max_value() as usize {
            break;
        }
        let postings = match &mut postings {
            Some(postings) => {
                inverted.reset_block_postings_from_terminfo(word, postings)?;
                postings
            }
            none => none.insert(inverted.read_block_postings_from_terminfo(word, IndexRecordOption::Basic)?),
        };
        while !postings.docs().is_empty() {
            for doc in postings.docs() {
                found.insert(*doc);
            }
            postings.advance();
        }
    }
    Ok(())
}

impl Weight for Anywhere {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        Ok(Box::new(ConstScorer::new(BitSetDocSet::from(self.set(segment)?), boost)))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("a word that begins so", 1.0))
    }
}

/// The first text behind all that begin with `letters`.
pub fn behind(letters: &[u8]) -> Option<Vec<u8>> {
    let last = letters.iter().rposition(|byte| *byte < u8::MAX)?;
    let mut end = letters[..=last].to_vec();
    end[last] += 1;
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::TextField;
    use crate::index::{Document, Index};
    use tantivy::Term;
    use tantivy::collector::{Count, TopDocs};
    use tantivy::query::{DisjunctionMaxQuery, FuzzyTermQuery};

    #[test]
    fn behind_what_begins_so() {
        assert_eq!(behind(b"ab"), Some(b"ac".to_vec()));
        assert_eq!(behind(&[b'a', 255]), Some(b"b".to_vec()));
        assert_eq!(behind(&[255, 255]), None);
        assert_eq!(behind(b""), None);
    }

    #[test]
    fn with_scores_and_without_it_finds_the_same() {
        let folder = tempfile::TempDir::new().unwrap();
        let index = Index::open(folder.path()).unwrap();
        let mut writer = index.writer(16 << 20, 1).unwrap();
        for id in 1..=2000_i64 {
            let word = ["alpha", "alphabet", "al", "beta", "älpha", "zeta"][id as usize % 6];
            let field = [TextField::Subject, TextField::Body][id as usize % 2];
            let texts = vec![(field, word.to_owned()), (TextField::Body, format!("number{}", id % 30))];
            writer.put(id, 1, &[1], Document { texts, ..Document::default() }, false).unwrap();
            if id % 900 == 0 {
                writer.commit(id).unwrap();
            }
        }
        writer.commit(2001).unwrap();
        index.reload().unwrap();
        let searcher = index.searcher();
        let fields: Vec<Field> =
            [TextField::Subject, TextField::Body].iter().map(|field| index.fields.text(*field)).collect();
        for letters in ["al", "alpha", "alphabets", "z", "number1", "number", "nobody", "é"] {
            let each = fields.iter().map(|field| {
                let term = Term::from_field_text(*field, letters);
                Box::new(FuzzyTermQuery::new_prefix(term, 0, false)) as Box<dyn Query>
            });
            let scored = DisjunctionMaxQuery::new(each.collect());
            let expected = searcher.search(&scored, &Count).unwrap();
            let beginning = Beginning::new(fields.clone(), letters, Box::new(scored));
            assert_eq!(searcher.search(&beginning, &Count).unwrap(), expected, "{letters}");
            let first = searcher.search(&beginning, &TopDocs::with_limit(3000).order_by_score()).unwrap();
            assert_eq!(first.len(), expected, "{letters}");
        }
    }
}
