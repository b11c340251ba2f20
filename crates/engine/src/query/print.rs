//! Tree to text: a query that means the same.

use super::parse::{goes_on, without_questions};
use super::{Match, Query};
use crate::fields::{FIELDS, FieldKind, TextField};
use crate::source::ItemKind;
use crate::text::dates::civil;
use std::fmt;

/// The first day of the year 10000.
const LAST: i64 = 2_932_897;

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => Ok(()),
            // At the top no brackets are needed around what holds together.
            Self::And(parts) => join(parts, " ", f),
            Self::Or(parts) => join(parts, " OR ", f),
            other => term(other, f),
        }
    }
}

fn join(parts: &[Query], between: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (n, part) in parts.iter().enumerate() {
        if n > 0 {
            f.write_str(between)?;
        }
        match part {
            // "and" binds closer than OR.
            Query::And(inner) if between != " " => join(inner, " ", f)?,
            part => term(part, f)?,
        }
    }
    Ok(())
}

/// A part that stands among others.
fn term(query: &Query, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match query {
        Query::All | Query::And(_) | Query::Or(_) => write!(f, "({query})"),
        Query::Words { text, fields, how, .. } => words(text, fields, *how, f),
        Query::Date { from, until } => dates("received", *from, *until, f),
        Query::Due { from, until } => dates("due", *from, *until, f),
        Query::Clock(clock) => write!(f, "{}:{}", clock.field(), value(&clock.to_string())),
        Query::Size { min, max } => sizes(*min, *max, f),
        Query::HasAttachment(true) => f.write_str("has:attachment"),
        Query::HasAttachment(false) => f.write_str("hasattachment:no"),
        Query::Kind(kind) => {
            write!(f, "kind:{}", ItemKind::ALL.get(*kind as usize).map_or("other", |(_, name)| name))
        }
        Query::Language(language) => write!(f, "lang:{}", language.code()),
        Query::Is(state) => write!(f, "is:{}", state.name()),
        Query::Folder(name) => write!(f, "in:{}", value(name)),
        Query::Source(name) => write!(f, "source:{}", value(name)),
        Query::Id(id) => write!(f, "id:{id}"),
        Query::Tag(name) => write!(f, "tag:{}", value(name)),
        Query::Note(text) => write!(f, "note:{}", value(text)),
        Query::Conversation(id) => write!(f, "conversation:{id}"),
        Query::Hash(hash) => {
            f.write_str("mih:")?;
            hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
        }
        Query::Not(inner) => match inner.as_ref() {
            Query::Not(_) => write!(f, "-({inner})"),
            Query::Words { text, how, .. }
                if text.starts_with('-') && !matches!(how, Match::Exact | Match::Word) =>
            {
                write!(f, "-({inner})")
            }
            inner => {
                f.write_str("-")?;
                term(inner, f)
            }
        },
    }
}

fn words(text: &str, fields: &[TextField], how: Match, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if let Some(field) =
        FIELDS.iter().find(|field| matches!(field.kind, FieldKind::Words(of) if of == fields))
    {
        write!(f, "{}:", field.name)?;
    }
    match how {
        Match::Exact => write!(f, "\"{text}\""),
        Match::Word => f.write_str(core(text)),
        Match::Prefix if !text.is_empty() && !is_plain(text) => write!(f, "\"{text}*\""),
        Match::Prefix => write!(f, "{text}*"),
        Match::Like if is_in_quotes(text) => write!(f, "\"{text}\""),
        Match::Like => f.write_str(text),
        Match::Fuzzy(by) => write!(f, "{text}~{by}"),
        Match::Near(by) => write!(f, "\"{text}\"~{by}"),
    }
}

/// Whether words with stars may have stood in quotes, and mean another thing without.
fn is_in_quotes(text: &str) -> bool {
    goes_on(text) && without_questions(text) == text && !is_plain(&text.replace(['*', '?'], "a"))
}

/// A value, in quotes unless it is one plain word.
fn value(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { format!("\"{text}\"") }
}

/// Whether a text is one word that needs no quotes.
pub(super) fn is_plain(text: &str) -> bool {
    text.starts_with(char::is_alphanumeric)
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '@' | '-' | '/' | '\''))
        && !matches!(text, "OR" | "AND" | "NOT")
        && !text.starts_with("NEAR")
}

/// A word without the signs around it, which make no words.
pub(super) fn core(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphanumeric())
}

/// A range of days, as `field` asks it.
fn dates(field: &str, from: Option<i64>, until: Option<i64>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let day = |number: i64| {
        let (year, month, day) = civil(number);
        format!("{year:04}-{month:02}-{day:02}")
    };
    let dated = field == "received";
    match (from, until) {
        (Some(from), Some(until)) if dated => write!(f, "during:{}..{}", day(from), day(until - 1)),
        (Some(from), Some(until)) => write!(f, "{field}:{}..{}", day(from), day(until - 1)),
        // The language knows no year of five digits.
        (Some(from), None) if from >= LAST => write!(f, "{field}>{}", day(LAST - 1)),
        (Some(from), None) if dated => write!(f, "after:{}", day(from)),
        (Some(from), None) => write!(f, "{field}>={}", day(from)),
        (None, Some(until)) if until >= LAST => write!(f, "{field}<={}", day(LAST - 1)),
        (None, Some(until)) if dated => write!(f, "before:{}", day(until)),
        (None, Some(until)) => write!(f, "{field}<{}", day(until)),
        (None, None) => f.write_str("()"),
    }
}

fn sizes(min: Option<u64>, max: Option<u64>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match (min, max) {
        (Some(min), Some(max)) => write!(f, "size:{min}..{max}"),
        (Some(min), None) => write!(f, "size>={min}"),
        (None, Some(max)) => write!(f, "size<={max}"),
        (None, None) => f.write_str("()"),
    }
}
