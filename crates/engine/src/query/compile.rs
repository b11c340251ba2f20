//! Tree to a query of the index.

use super::adjacent::{Adjacent, Piece, pattern};
use super::beginning::Beginning;
use super::items::items;
use super::widen::{Forms, Widened};
use super::{Match, Query, QueryError};
use crate::fields::{State, TextField};
use crate::index::Fields;
use crate::language::Language;
use crate::text::marks::{Highlight, Highlights};
use crate::text::tokens;
use crate::zone::Zone;
use std::ops::{Bound, Range};
use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, EmptyQuery, FuzzyTermQuery,
    Occur, PhraseQuery, Query as IndexQuery, RangeQuery, RegexQuery, TermQuery,
};
use tantivy::schema::IndexRecordOption;
use tantivy::{TantivyError, Term};

/// An unfinished word shorter than this goes on in names and subjects alone: in texts too many words begin so. With a star it is asked
/// for everywhere.
const MIN_PREFIX: usize = 2;
/// Where whole texts are kept.
const TEXTS: [TextField; 2] = [TextField::Body, TextField::Attached];

/// What limits a query beside its text, and who asks.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Only this source.
    pub source: Option<i64>,
    /// Only this folder and those below it.
    pub folder: Option<i64>,
    /// The last word of the query may go on.
    pub as_you_type: bool,
    /// The reader's: days begin and clocks show there what is asked.
    pub zone: Zone,
}

/// Finds folders and sources by name; the index knows them by number only.
pub trait Names {
    /// Folders with this name or path, in any case.
    fn folders(&self, name: &str) -> crate::error::Result<Vec<i64>>;
    /// Sources whose file name contains this, in any case.
    fn sources(&self, name: &str) -> crate::error::Result<Vec<i64>>;
    /// Items in a state that the index does not keep.
    fn items_in_state(&self, state: State) -> crate::error::Result<Vec<i64>>;
    /// The items of the conversation of an item.
    fn conversation(&self, id: i64) -> crate::error::Result<Vec<i64>>;
    /// The items with a tag.
    fn tag(&self, name: &str) -> crate::error::Result<Vec<i64>>;
    /// The items whose note holds this.
    fn note(&self, text: &str) -> crate::error::Result<Vec<i64>>;
    /// The items with an EDRM message identification hash.
    fn hash(&self, mih: &[u8; 16]) -> crate::error::Result<Vec<i64>>;
}

/// A query of the index.
pub struct Compiled {
    /// To run.
    pub query: Box<dyn IndexQuery>,
}

/// Where the last word of `text` ends, in bytes, if that may go on: quotes and blanks end it.
pub fn open_end(text: &str, as_you_type: bool) -> Option<usize> {
    (as_you_type && !text.ends_with(super::lex::QUOTES)).then_some(text.len())
}

/// Makes a query of the index from `query`, which was parsed from `text`, within `scope`.
///
/// # Errors
/// When names cannot be looked up.
pub fn compile(
    query: &Query,
    text: &str,
    scope: &Scope,
    fields: &Fields,
    names: &dyn Names,
    widened: &Widened,
) -> crate::error::Result<Compiled> {
    let open_end = open_end(text, scope.as_you_type);
    let compiler = Compiler { fields, names, widened, zone: &scope.zone, open_end, text };
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
pub fn highlights(
    query: &Query,
    widened: &Widened,
    field: Option<TextField>,
    open_end: Option<usize>,
) -> Highlights {
    let mut found = Vec::new();
    collect(query, widened, field, open_end, &mut found);
    Highlights::new(found)
}

fn collect(
    query: &Query,
    widened: &Widened,
    field: Option<TextField>,
    open_end: Option<usize>,
    found: &mut Vec<Highlight>,
) {
    match query {
        Query::Words { text, fields, how, at }
            if fields.is_empty() || field.is_none_or(|field| fields.contains(&field)) =>
        {
            let words = words_of(text, *how);
            match how {
                Match::Near(_) | Match::Fuzzy(_) => {
                    found.extend(words.into_iter().map(|word| Highlight { words: vec![word], how: *how }))
                }
                _ => {
                    if let (Match::Word, [word]) = (how, words.as_slice())
                        && field.is_none_or(|field| super::widen::FIELDS.contains(&field))
                    {
                        let forms = widened.of(word).iter().flat_map(|forms| &forms.forms);
                        found.extend(
                            forms.map(|form| Highlight { words: vec![form.term.clone()], how: Match::Exact }),
                        );
                    }
                    let how = match unfinished(&words, *how, at.end, open_end) {
                        Match::Prefix if *how != Match::Prefix && begins_too_many(&words, field) => *how,
                        how => how,
                    };
                    found.push(Highlight { words, how });
                }
            }
        }
        Query::And(parts) | Query::Or(parts) => {
            parts.iter().for_each(|p| collect(p, widened, field, open_end, found))
        }
        _ => {}
    }
}

/// The last word of a query that is being typed may go on. What stands in quotes never ends at an open end.
fn unfinished(words: &[String], how: Match, end: usize, open_end: Option<usize>) -> Match {
    let may = matches!(how, Match::Word | Match::Exact) && open_end == Some(end) && !words.is_empty();
    if may { Match::Prefix } else { how }
}

/// Whether an unfinished word has so few letters that it is taken as whole in this field.
fn begins_too_many(words: &[String], field: Option<TextField>) -> bool {
    let [word] = words else { return false };
    word.chars().count() < MIN_PREFIX && field.is_none_or(|field| TEXTS.contains(&field))
}

/// The words of a text as the index writes them. A word with stars keeps them.
fn words_of(text: &str, how: Match) -> Vec<String> {
    if how != Match::Like {
        return tokens::words(text).into_iter().map(|(word, _)| word).collect();
    }
    // What stands between stars is folded like any word; other signs part words as they do in texts.
    let mut words = Vec::new();
    for part in text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '*' | '?')) {
        if !part.contains(['*', '?']) {
            words.extend(tokens::words(part).into_iter().map(|(word, _)| word));
            continue;
        }
        let mut word = String::new();
        for piece in part.split_inclusive(['*', '?']) {
            let sign = piece.chars().next_back().filter(|c| matches!(c, '*' | '?'));
            let letters = piece.trim_end_matches(['*', '?']);
            word.extend(tokens::words(letters).into_iter().map(|(word, _)| word));
            word.extend(sign);
        }
        if word.chars().any(|c| !matches!(c, '*')) {
            words.push(word);
        }
    }
    words
}

/// Whether all of it is signs that make no word, such as a lone dash: among other parts it then counts for nothing, denied or not.
fn asks_nothing(query: &Query) -> bool {
    match query {
        Query::Words { text, how: Match::Exact | Match::Word | Match::Fuzzy(_) | Match::Near(_), .. } => {
            !text.contains(char::is_alphanumeric)
        }
        Query::And(parts) | Query::Or(parts) => parts.iter().all(asks_nothing),
        Query::Not(denied) => asks_nothing(denied),
        _ => false,
    }
}

fn number_term(field: tantivy::schema::Field, number: i64) -> Box<dyn IndexQuery> {
    let term = Term::from_field_u64(field, number.unsigned_abs());
    Box::new(ConstScoreQuery::new(Box::new(TermQuery::new(term, IndexRecordOption::Basic)), 0.0))
}

fn language_term(fields: &Fields, language: Language) -> Box<dyn IndexQuery> {
    number_term(fields.language, language.number().cast_signed())
}

struct Compiler<'a> {
    fields: &'a Fields,
    names: &'a dyn Names,
    widened: &'a Widened,
    zone: &'a Zone,
    /// Byte at which an unfinished query ends: the word that ends there may go on.
    open_end: Option<usize>,
    /// The query as typed.
    text: &'a str,
}

impl Compiler<'_> {
    fn any(&self, query: &Query) -> crate::error::Result<Box<dyn IndexQuery>> {
        Ok(match query {
            Query::All => Box::new(AllQuery),
            Query::Words { text, fields, how, at } => self.words(text, fields, *how, at)?,
            Query::Is(state) => self.state(*state)?,
            Query::Date { from, until } => {
                let start = |day| Term::from_field_i64(self.fields.date, self.zone.start_of_day(day));
                Box::new(RangeQuery::new(
                    bound(*from, |day| Bound::Included(start(day))),
                    bound(*until, |day| Bound::Excluded(start(day))),
                ))
            }
            Query::Due { from, until } => {
                let day = |day| Term::from_field_i64(self.fields.due, day);
                Box::new(RangeQuery::new(
                    from.map_or(Bound::Included(day(i64::MIN)), |from| Bound::Included(day(from))),
                    bound(*until, |until| Bound::Excluded(day(until))),
                ))
            }
            Query::Clock(clock) => Box::new(ConstScoreQuery::new(Box::new(clock.read_in(self.zone)), 0.0)),
            Query::Size { min, max } => Box::new(RangeQuery::new(
                bound(*min, |min| Bound::Included(Term::from_field_u64(self.fields.size, min))),
                bound(*max, |max| Bound::Included(Term::from_field_u64(self.fields.size, max))),
            )),
            Query::HasAttachment(wanted) => number_term(self.fields.has_attachment, i64::from(*wanted)),
            Query::Kind(kind) => number_term(self.fields.kind, *kind as i64),
            Query::Language(language) => language_term(self.fields, *language),
            Query::Folder(name) => any_number(self.fields.folders, self.names.folders(name)?),
            Query::Source(name) => any_number(self.fields.source, self.names.sources(name)?),
            Query::Id(id) => self.items(vec![*id]),
            Query::Tag(name) => self.items(self.names.tag(name)?),
            Query::Note(text) => self.items(self.names.note(text)?),
            Query::Conversation(id) => self.items(self.names.conversation(*id)?),
            Query::Hash(hash) => self.items(self.names.hash(hash)?),
            Query::And(parts) => {
                let mut clauses = Vec::with_capacity(parts.len() + 1);
                let mut only_denials = true;
                for part in parts.iter().filter(|part| !asks_nothing(part)) {
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
            Query::Or(_) | Query::Not(_) if asks_nothing(query) => Box::new(AllQuery),
            Query::Or(parts) => {
                let parts = parts.iter().filter(|part| !asks_nothing(part));
                Box::new(BooleanQuery::union(
                    parts.map(|part| self.any(part)).collect::<crate::error::Result<_>>()?,
                ))
            }
            Query::Not(denied) => Box::new(BooleanQuery::new(vec![
                (Occur::Must, Box::new(AllQuery) as Box<dyn IndexQuery>),
                (Occur::MustNot, self.any(denied)?),
            ])),
        })
    }

    /// Words in one field. What has no word in it, such as a lone dash, asks nothing.
    fn words(
        &self,
        text: &str,
        fields: &[TextField],
        how: Match,
        at: &Range<usize>,
    ) -> crate::error::Result<Box<dyn IndexQuery>> {
        let words = words_of(text, how);
        if words.is_empty() {
            if text.contains(char::is_alphanumeric) {
                let message =
                    "A word of this length is taken for encoded data and cannot be found.".to_owned();
                return Err(super::parse::fault(self.text, message, at.clone()).into());
            }
            return Ok(Box::new(AllQuery));
        }
        let forms = match (how, words.as_slice()) {
            (Match::Word, [word]) => self.widened.of(word),
            _ => &[],
        };
        let typed = unfinished(&words, how, at.end, self.open_end);
        let asked = TextField::ALL.iter().filter(|(field, ..)| match fields {
            [] => field.is_everywhere(),
            fields => fields.contains(field),
        });
        let (whole, open): (Vec<_>, Vec<_>) =
            asked.partition(|(field, ..)| typed != how && begins_too_many(&words, Some(*field)));
        // A word counts where it fits best; that it stands in the subject and the body too adds a little.
        let best = |fields: &[&(TextField, &str, f32)], how| -> crate::error::Result<Box<dyn IndexQuery>> {
            let mut alternatives: Vec<Box<dyn IndexQuery>> = Vec::new();
            for (field, _, weight) in fields {
                let query = words_in(self.fields.text(*field), &words, how, || self.too_many(at))
                    .map_err(|e| self.refused(e, at))?;
                alternatives.push(Box::new(BoostQuery::new(query, *weight)));
            }
            Ok(Box::new(DisjunctionMaxQuery::with_tie_breaker(alternatives, 0.2)))
        };
        let mut alternatives: Vec<Box<dyn IndexQuery>> = Vec::new();
        if !open.is_empty() {
            let scored = best(&open, typed)?;
            alternatives.push(match (words.as_slice(), typed) {
                ([beginning], Match::Prefix) => {
                    let open = open.iter().map(|(field, ..)| self.fields.text(*field)).collect();
                    Box::new(Beginning::new(open, beginning, scored))
                }
                _ => scored,
            });
        }
        if !whole.is_empty() {
            alternatives.push(best(&whole, how)?);
        }
        alternatives.extend(forms.iter().map(|forms| self.forms(forms, fields)));
        Ok(match alternatives.pop() {
            Some(only) if alternatives.is_empty() => only,
            last => {
                alternatives.extend(last);
                Box::new(DisjunctionMaxQuery::with_tie_breaker(alternatives, 0.2))
            }
        })
    }

    /// What the index says of a pattern that is more than it can follow.
    fn refused(&self, error: TantivyError, at: &Range<usize>) -> crate::Error {
        match error {
            TantivyError::InvalidArgument(_) => {
                let message = "There are too many stars and question marks here.".to_owned();
                super::parse::fault(self.text, message, at.clone()).into()
            }
            error => error.into(),
        }
    }

    /// What is told when a search finds that parts of words stand for too many.
    fn too_many(&self, at: &Range<usize>) -> QueryError {
        let message = "Too many words begin or go on so; write more of their letters.".to_owned();
        super::parse::fault(self.text, message, at.clone())
    }

    /// Other forms of a word, in items of their language or of none that is known.
    fn forms(&self, forms: &Forms, fields: &[TextField]) -> Box<dyn IndexQuery> {
        let mut alternatives: Vec<Box<dyn IndexQuery>> = Vec::new();
        let asked = |field: &TextField| {
            super::widen::FIELDS.contains(field) && (fields.is_empty() || fields.contains(field))
        };
        for form in &forms.forms {
            for (field, weight) in
                super::widen::FIELDS.iter().zip(form.weights).filter(|(field, _)| asked(field))
            {
                let term = Term::from_field_text(self.fields.text(*field), &form.term);
                let query = Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs));
                alternatives.push(Box::new(BoostQuery::new(query, weight)));
            }
        }
        let any: Box<dyn IndexQuery> = Box::new(DisjunctionMaxQuery::with_tie_breaker(alternatives, 0.0));
        if forms.others.is_empty() {
            return any;
        }
        let others = forms.others.iter().map(|language| language_term(self.fields, *language));
        let others = Box::new(BooleanQuery::union(others.collect()));
        Box::new(BooleanQuery::new(vec![(Occur::Must, any), (Occur::MustNot, others)]))
    }

    /// Items by their numbers.
    fn items(&self, ids: Vec<i64>) -> Box<dyn IndexQuery> {
        Box::new(ConstScoreQuery::new(items(self.fields.id, &ids), 0.0))
    }

    fn state(&self, state: State) -> crate::error::Result<Box<dyn IndexQuery>> {
        Ok(match state {
            // Only SQLite is told when an item goes, comes back, or turns out to be one of several.
            State::Recovered
            | State::Gone
            | State::Duplicate
            | State::Marked
            | State::Reviewed
            | State::Noted
            | State::Tagged => self.items(self.names.items_in_state(state)?),
            State::Read => Box::new(BooleanQuery::new(vec![
                (Occur::Must, Box::new(AllQuery) as Box<dyn IndexQuery>),
                (Occur::MustNot, number_term(self.fields.states, State::Unread as i64)),
            ])),
            state => number_term(self.fields.states, state as i64),
        })
    }
}

fn words_in(
    field: tantivy::schema::Field,
    words: &[String],
    how: Match,
    too_many: impl Fn() -> QueryError,
) -> Result<Box<dyn IndexQuery>, TantivyError> {
    let mut terms: Vec<Term> = words.iter().map(|word| Term::from_field_text(field, word)).collect();
    Ok(match (terms.len(), how) {
        (0, _) => Box::new(EmptyQuery),
        (_, Match::Fuzzy(by)) => Box::new(BooleanQuery::intersection(
            terms
                .into_iter()
                .map(|term| Box::new(FuzzyTermQuery::new(term, by, true)) as Box<dyn IndexQuery>)
                .collect(),
        )),
        (1, Match::Like) => Box::new(RegexQuery::from_pattern(&pattern(&words[0]), field)?),
        (_, Match::Like) => {
            let pieces = words.iter().map(|word| Piece::of(word.clone())).collect();
            Box::new(Adjacent::new(field, pieces, too_many())?)
        }
        (1, Match::Prefix) => Box::new(FuzzyTermQuery::new_prefix(terms.remove(0), 0, false)),
        (1, Match::Exact | Match::Word | Match::Near(_)) => {
            Box::new(TermQuery::new(terms.remove(0), IndexRecordOption::WithFreqs))
        }
        (_, Match::Near(by)) => {
            let mut query = PhraseQuery::new(terms);
            query.set_slop(by);
            Box::new(query)
        }
        (_, Match::Exact | Match::Word) => Box::new(PhraseQuery::new(terms)),
        (_, Match::Prefix) => {
            let mut pieces: Vec<Piece> = words.iter().cloned().map(Piece::Whole).collect();
            if let Some(Piece::Whole(open)) = pieces.pop() {
                pieces.push(Piece::Begins(open));
            }
            Box::new(Adjacent::new(field, pieces, too_many())?)
        }
    })
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
