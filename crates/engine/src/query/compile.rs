//! Tree to a query of the index.

use super::Query;
use crate::fields::TextField;
use crate::index::Fields;
use crate::text::marks::{Highlight, Highlights};
use crate::text::tokens;
use std::ops::Bound;
use tantivy::Term;
use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, DisjunctionMaxQuery, EmptyQuery, FuzzyTermQuery, Occur,
    PhrasePrefixQuery, PhraseQuery, Query as IndexQuery, RangeQuery, TermQuery,
};
use tantivy::schema::IndexRecordOption;

/// An unfinished word shorter than this is taken as whole: a single letter begins too many. With a star it is asked for.
const MIN_PREFIX: usize = 2;
/// A phrase whose last word is a beginning tries this many words for it.
const MAX_PHRASE_EXPANSIONS: u32 = 512;

/// What limits a query beside its text.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scope {
    /// Only this source.
    pub source: Option<i64>,
    /// Only this folder and those below it.
    pub folder: Option<i64>,
    /// The last word of the query may go on.
    pub as_you_type: bool,
}

/// Finds folders and sources by name; the index knows them by number only.
pub trait Names {
    /// Folders with this name or path, in any case.
    fn folders(&self, name: &str) -> crate::error::Result<Vec<i64>>;
    /// Sources whose file name contains this, in any case.
    fn sources(&self, name: &str) -> crate::error::Result<Vec<i64>>;
}

/// A query of the index.
pub struct Compiled {
    /// To run.
    pub query: Box<dyn IndexQuery>,
}

/// Makes a query of the index from `query`, within `scope`.
///
/// # Errors
/// When names cannot be looked up.
pub fn compile(
    query: &Query,
    scope: Scope,
    text_length: usize,
    fields: &Fields,
    names: &dyn Names,
) -> crate::error::Result<Compiled> {
    let compiler = Compiler { fields, names, open_end: scope.as_you_type.then_some(text_length) };
    let mut clauses = vec![(Occur::Must, compiler.any(query)?)];
    // Only the words add to the score.
    if let Some(source) = scope.source {
        clauses.push((Occur::Must, number_term(fields.source, source)));
    }
    if let Some(folder) = scope.folder {
        clauses.push((Occur::Must, number_term(fields.folders, folder)));
    }
    let query: Box<dyn IndexQuery> =
        if clauses.len() == 1 { clauses.remove(0).1 } else { Box::new(BooleanQuery::new(clauses)) };
    Ok(Compiled { query })
}

/// What to mark in texts that answer `query`; denied words are left out. `field` limits it to what was asked of that field.
pub fn highlights(query: &Query, field: Option<TextField>, open_end: Option<usize>) -> Highlights {
    let mut found = Vec::new();
    collect(query, field, open_end, &mut found);
    Highlights::new(found)
}

fn collect(query: &Query, field: Option<TextField>, open_end: Option<usize>, found: &mut Vec<Highlight>) {
    match query {
        Query::Words { text, fields, prefix, at }
            if fields.is_empty() || field.is_none_or(|field| fields.contains(&field)) =>
        {
            let words: Vec<String> = tokens::words(text).into_iter().map(|(word, _)| word).collect();
            let prefix = is_prefix(&words, *prefix, at.end, open_end);
            found.push(Highlight { words, prefix });
        }
        Query::And(parts) | Query::Or(parts) => parts.iter().for_each(|p| collect(p, field, open_end, found)),
        _ => {}
    }
}

fn is_prefix(words: &[String], starred: bool, end: usize, open_end: Option<usize>) -> bool {
    let Some(word) = words.last() else { return false };
    starred || (open_end == Some(end) && word.chars().count() >= MIN_PREFIX)
}

fn number_term(field: tantivy::schema::Field, number: i64) -> Box<dyn IndexQuery> {
    let term = Term::from_field_u64(field, number.unsigned_abs());
    Box::new(tantivy::query::ConstScoreQuery::new(
        Box::new(TermQuery::new(term, IndexRecordOption::Basic)),
        0.0,
    ))
}

struct Compiler<'a> {
    fields: &'a Fields,
    names: &'a dyn Names,
    /// Byte at which an unfinished query ends: the word that ends there may go on.
    open_end: Option<usize>,
}

impl Compiler<'_> {
    fn any(&self, query: &Query) -> crate::error::Result<Box<dyn IndexQuery>> {
        Ok(match query {
            Query::All => Box::new(AllQuery),
            Query::Words { text, fields, prefix, at } => self.words(text, fields, *prefix, at.end),
            Query::Date { from, until } => Box::new(RangeQuery::new(
                bound(*from, |from| Bound::Included(Term::from_field_i64(self.fields.date, from))),
                bound(*until, |until| Bound::Excluded(Term::from_field_i64(self.fields.date, until))),
            )),
            Query::Size { min, max } => Box::new(RangeQuery::new(
                bound(*min, |min| Bound::Included(Term::from_field_u64(self.fields.size, min))),
                bound(*max, |max| Bound::Included(Term::from_field_u64(self.fields.size, max))),
            )),
            Query::HasAttachment(wanted) => number_term(self.fields.has_attachment, i64::from(*wanted)),
            Query::Kind(kind) => number_term(self.fields.kind, *kind as i64),
            Query::Folder(name) => any_number(self.fields.folders, self.names.folders(name)?),
            Query::Source(name) => any_number(self.fields.source, self.names.sources(name)?),
            Query::And(parts) => {
                let mut clauses = Vec::with_capacity(parts.len() + 1);
                let mut only_denials = true;
                for part in parts {
                    match part {
                        Query::Not(denied) => clauses.push((Occur::MustNot, self.any(denied)?)),
                        part => {
                            only_denials = false;
                            clauses.push((Occur::Must, self.any(part)?));
                        }
                    }
                }
                if only_denials {
                    clauses.push((Occur::Must, Box::new(AllQuery)));
                }
                Box::new(BooleanQuery::new(clauses))
            }
            Query::Or(parts) => Box::new(BooleanQuery::union(
                parts.iter().map(|part| self.any(part)).collect::<crate::error::Result<_>>()?,
            )),
            Query::Not(denied) => Box::new(BooleanQuery::new(vec![
                (Occur::Must, Box::new(AllQuery) as Box<dyn IndexQuery>),
                (Occur::MustNot, self.any(denied)?),
            ])),
        })
    }

    /// Words next to each other in one field. What has no word in it, such as a lone dash, asks nothing.
    fn words(&self, text: &str, fields: &[TextField], starred: bool, end: usize) -> Box<dyn IndexQuery> {
        let words: Vec<String> = tokens::words(text).into_iter().map(|(word, _)| word).collect();
        if words.is_empty() {
            return Box::new(AllQuery);
        }
        let prefix = is_prefix(&words, starred, end, self.open_end);
        let in_fields =
            TextField::ALL.iter().filter(|(field, ..)| fields.is_empty() || fields.contains(field));
        let alternatives: Vec<Box<dyn IndexQuery>> = in_fields
            .map(|(field, _, weight)| {
                let query = words_in(self.fields.text(*field), &words, prefix);
                Box::new(BoostQuery::new(query, *weight)) as Box<dyn IndexQuery>
            })
            .collect();
        // A word counts where it fits best; that it stands in the subject and the body too adds a little.
        Box::new(DisjunctionMaxQuery::with_tie_breaker(alternatives, 0.2))
    }
}

fn words_in(field: tantivy::schema::Field, words: &[String], prefix: bool) -> Box<dyn IndexQuery> {
    let mut terms: Vec<Term> = words.iter().map(|word| Term::from_field_text(field, word)).collect();
    match (terms.len(), prefix) {
        (0, _) => Box::new(EmptyQuery),
        (1, false) => Box::new(TermQuery::new(terms.remove(0), IndexRecordOption::WithFreqs)),
        (1, true) => Box::new(FuzzyTermQuery::new_prefix(terms.remove(0), 0, false)),
        (_, false) => Box::new(PhraseQuery::new(terms)),
        (_, true) => {
            let mut query = PhrasePrefixQuery::new(terms);
            query.set_max_expansions(MAX_PHRASE_EXPANSIONS);
            Box::new(query)
        }
    }
}

fn any_number(field: tantivy::schema::Field, numbers: Vec<i64>) -> Box<dyn IndexQuery> {
    if numbers.is_empty() {
        return Box::new(EmptyQuery);
    }
    Box::new(BooleanQuery::union(numbers.into_iter().map(|number| number_term(field, number)).collect()))
}

fn bound<T>(value: Option<T>, make: impl FnOnce(T) -> Bound<Term>) -> Bound<Term> {
    value.map_or(Bound::Unbounded, make)
}
