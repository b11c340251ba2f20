//! Tokens to tree.

use super::lex::{Fault, Token, TokenKind, Word, lex};
use super::print::{core, is_plain};
use super::value::value_query;
use super::{Match, Query, QueryError};
use crate::fields::{Field, FieldKind, TextField, field_named};
use crate::zone::Zone;
use std::ops::Range;

/// Brackets may nest this deep.
const MAX_DEPTH: usize = 32;
/// A query may be this long, in bytes.
const MAX_LENGTH: usize = 8 * 1024;
/// Words apart that `NEAR` without a number allows.
const NEAR: u32 = 10;
/// The most words apart.
const MAX_NEAR: u32 = 1000;

/// Parses a query as it is meant now in `zone`: it is there that today is. Empty text is [`Query::All`].
///
/// # Errors
/// Where and why it cannot be understood.
pub fn parse_in(text: &str, zone: &Zone) -> Result<Query, QueryError> {
    parse_on(text, zone.day_of(now())).map(|(query, _)| query)
}

/// Parses a query of which it does not matter what day is today.
///
/// # Errors
/// As for [`parse_in`].
pub fn parse(text: &str) -> Result<Query, QueryError> {
    parse_in(text, &Zone::default())
}

/// A part of a query that must hold whatever the others say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Where it stands, in bytes.
    pub at: Range<usize>,
    /// Whether it asks a field.
    pub field: bool,
}

/// Parses a query, and tells the parts that it consists of at the top.
///
/// # Errors
/// As for [`parse_in`].
pub fn parts(text: &str) -> Result<(Query, Vec<Part>), QueryError> {
    parse_on(text, Zone::default().day_of(now()))
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Parses a query as it is meant on the day `today`, counted from the first of January 1970.
fn parse_on(text: &str, today: i64) -> Result<(Query, Vec<Part>), QueryError> {
    let error = |message: &str, at: Range<usize>| fault(text, message.to_owned(), at);
    if text.len() > MAX_LENGTH {
        return Err(error("The query is too long.", 0..text.len()));
    }
    let tokens = lex(text).map_err(|(message, at)| error(&message, at))?;
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0, today, within: None, parts: Vec::new() };
    let query = parser.or().map_err(|(message, at)| error(&message, at))?;
    match parser.peek() {
        None => {
            let parts = match &query {
                // What holds only together is one part.
                Query::Or(_) => vec![Part { at: 0..text.len(), field: false }],
                _ => parser.parts,
            };
            Ok((query, parts))
        }
        Some(token) => Err(error("There is no bracket open here.", token.at.clone())),
    }
}

/// What is wrong with `text` in the bytes `at`.
pub(super) fn fault(text: &str, message: String, at: Range<usize>) -> QueryError {
    QueryError { message, at: in_characters(text, at.start)..in_characters(text, at.end) }
}

fn in_characters(text: &str, byte: usize) -> usize {
    text.get(..byte).map_or(0, |before| before.chars().count())
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
    today: i64,
    /// The field before the bracket that is open: words without one of their own are asked of it.
    within: Option<&'static Field>,
    parts: Vec<Part>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn or(&mut self) -> Result<Query, Fault> {
        let mut parts = vec![self.and()?];
        while let Some(Token { kind: TokenKind::Or, at }) = self.peek() {
            let at = at.clone();
            self.at += 1;
            if matches!(self.peek(), None | Some(Token { kind: TokenKind::Close | TokenKind::Or, .. })) {
                return Err(("There is nothing after this OR.".to_owned(), at));
            }
            parts.push(self.and()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Query::Or(parts) })
    }

    fn and(&mut self) -> Result<Query, Fault> {
        let mut parts: Vec<Query> = Vec::new();
        while let Some(token) = self.peek() {
            match &token.kind {
                TokenKind::Close => break,
                TokenKind::Or if parts.is_empty() => {
                    return Err(("There is nothing before this OR.".to_owned(), token.at.clone()));
                }
                TokenKind::Or => break,
                TokenKind::Word(word) if is_operator(word, "AND") => self.at += 1,
                TokenKind::Word(word) if near_of(word).is_some() && !parts.is_empty() => {
                    let (by, at) = (near_of(word).unwrap_or(NEAR), token.at.clone());
                    self.at += 1;
                    self.near(&mut parts, by, at)?;
                }
                TokenKind::Word(_) | TokenKind::Open | TokenKind::Not => {
                    let start = token.at.start;
                    let field = matches!(&token.kind, TokenKind::Word(Word { field: Some(_), .. }));
                    let denied = token.kind == TokenKind::Not;
                    let part = self.unary()?;
                    if self.depth == 0 {
                        let end = self.tokens.get(self.at - 1).map_or(start, |last| last.at.end);
                        let field = field || denied && !matches!(&part, Query::Not(inner) if is_word(inner));
                        self.parts.push(Part { at: start..end, field });
                    }
                    parts.push(part);
                }
            }
        }
        Ok(match parts.len() {
            0 => Query::All,
            1 => parts.remove(0),
            _ => Query::And(parts),
        })
    }

    /// Joins the last part with what comes: both must be words of the same fields.
    fn near(&mut self, parts: &mut Vec<Query>, by: u32, at: Range<usize>) -> Result<(), Fault> {
        let fault = || ("NEAR stands between two words.".to_owned(), at.clone());
        if self.peek().is_none() {
            return Err(fault());
        }
        let next = self.unary()?;
        let plain = |how: &Match| matches!(how, Match::Exact | Match::Word | Match::Near(_));
        match (parts.pop(), next) {
            (
                Some(Query::Words { text: a, fields, how, at: from }),
                Query::Words { text: b, fields: other, how: other_how, at: to },
            ) if plain(&how) && plain(&other_how) && fields == other => {
                let how = Match::Near(by);
                parts.push(Query::Words { text: format!("{a} {b}"), fields, how, at: from.start..to.end });
                if self.depth == 0
                    && let Some(part) = self.parts.last_mut()
                {
                    part.at.end = to.end;
                }
                Ok(())
            }
            _ => Err(fault()),
        }
    }

    fn unary(&mut self) -> Result<Query, Fault> {
        let mut denied = false;
        let mut not_at = 0..0;
        while let Some(Token { kind: TokenKind::Not, at }) = self.peek() {
            denied = !denied;
            not_at = at.clone();
            self.at += 1;
        }
        let Some(token) = self.peek().cloned() else {
            return Err(("There is nothing to exclude here.".to_owned(), not_at));
        };
        self.at += 1;
        let query = match token.kind {
            TokenKind::Open => self.group(token.at)?,
            TokenKind::Word(word) => self.word(&word, token.at)?,
            TokenKind::Close | TokenKind::Or | TokenKind::Not => {
                return Err(("A word was expected here.".to_owned(), token.at));
            }
        };
        Ok(if denied { Query::Not(Box::new(query)) } else { query })
    }

    fn group(&mut self, open: Range<usize>) -> Result<Query, Fault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(("The brackets nest too deep.".to_owned(), open));
        }
        let query = self.or()?;
        self.depth -= 1;
        match self.peek() {
            Some(Token { kind: TokenKind::Close, .. }) => {
                self.at += 1;
                Ok(query)
            }
            _ => Err(("This bracket is never closed.".to_owned(), open)),
        }
    }

    fn word(&mut self, word: &Word, at: Range<usize>) -> Result<Query, Fault> {
        let own = word.field.as_deref().and_then(field_named);
        // `from:(alice OR bruno)` asks the field of each.
        if let Some(field) = own
            && word.value.is_empty()
            && !word.quoted
            && let Some(Token { kind: TokenKind::Open, at: open }) = self.peek()
            && open.start == at.end
        {
            let open = open.clone();
            self.at += 1;
            let around = self.within.replace(field);
            let query = self.group(open);
            self.within = around;
            return query;
        }
        let Some(field) = own.or(self.within) else {
            return words(word, &[], at);
        };
        let FieldKind::Words(fields) = field.kind else {
            let query = value_query(field, &word.value, word.compare, self.today);
            // In the spelling that was typed.
            let typed = word.field.as_deref().unwrap_or(field.name);
            return query
                .map_err(|message| (message.replace(&format!("{}:", field.name), &format!("{typed}:")), at));
        };
        if word.compare.is_some() {
            return Err((format!("{}: cannot be compared; write {}", field.name, field.example), at));
        }
        if word.value.trim().is_empty() {
            return Err((format!("{}: wants a value, such as {}", field.name, field.example), at));
        }
        words(word, fields, at)
    }
}

/// Words with their signs: `word*`, `w*d`, `word~`, `"two words"~5`, `"two w*s"`.
fn words(word: &Word, fields: &'static [TextField], at: Range<usize>) -> Result<Query, Fault> {
    let value = word.value.as_str();
    let starred = |text: &str| text.contains(['*', '?']) && text.chars().any(char::is_alphanumeric);
    let (text, how) = match word.tilde {
        Some(by) if word.quoted => (value, Match::Near(by.unwrap_or(NEAR).min(MAX_NEAR))),
        Some(by) => {
            let by = by.unwrap_or(if value.chars().count() > 5 { 2 } else { 1 });
            if !(1..=2).contains(&by) {
                return Err(("A word may differ by one or two letters: word~1 or word~2.".into(), at));
            }
            (value, Match::Fuzzy(u8::try_from(by).unwrap_or(2)))
        }
        None if word.quoted && goes_on(value) => {
            let text = without_questions(value);
            return Ok(match text.strip_suffix('*').filter(|stem| !stem.contains(['*', '?'])) {
                Some(stem) => Query::Words { text: stem.to_owned(), fields, how: Match::Prefix, at },
                None => Query::Words { text, fields, how: Match::Like, at },
            });
        }
        None if word.quoted => (value, Match::Exact),
        None => match value.strip_suffix('*') {
            Some(stem) if !stem.is_empty() && !stem.contains(char::is_alphanumeric) => (value, Match::Exact),
            Some(stem) if !starred(stem) => (stem, Match::Prefix),
            _ if is_like(value) => (value, Match::Like),
            // What would need quotes to be told again is as if it had them.
            _ if is_plain(core(value)) => (value, Match::Word),
            _ => (value, Match::Exact),
        },
    };
    Ok(Query::Words { text: text.to_owned(), fields, how, at })
}

/// Whether a word of what stands in quotes has a star.
pub(super) fn goes_on(quoted: &str) -> bool {
    quoted.split_whitespace().any(|word| word.contains('*') && word.contains(char::is_alphanumeric))
}

/// What stands in quotes without the question marks that end its words: there they are what they are in any text.
pub(super) fn without_questions(quoted: &str) -> String {
    quoted.split_whitespace().map(|word| word.trim_end_matches('?')).collect::<Vec<_>>().join(" ")
}

/// Whether a word has a star, or a question mark that does not only end a question.
fn is_like(value: &str) -> bool {
    let inner = value.trim_end_matches('?');
    value.chars().any(char::is_alphanumeric) && (value.contains('*') || inner.contains('?'))
}

fn is_word(query: &Query) -> bool {
    matches!(query, Query::Words { fields: [], .. })
}

fn is_operator(word: &Word, name: &str) -> bool {
    word.field.is_none() && !word.quoted && word.tilde.is_none() && word.value == name
}

/// The number of words apart, where `word` is `NEAR` or `NEAR/n`.
fn near_of(word: &Word) -> Option<u32> {
    if word.field.is_some() || word.quoted || word.tilde.is_some() {
        return None;
    }
    match word.value.strip_prefix("NEAR")? {
        "" => Some(NEAR),
        number => number.strip_prefix('/')?.parse().ok().map(|by: u32| by.min(MAX_NEAR)),
    }
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
