//! What could be meant by a query that is being typed.

use crate::fields::{FIELDS, Field, FieldKind, TextField, field_named};
use crate::index::counted::fold;
use crate::insights::{Directory, Offer};
use std::ops::Range;

/// What a completion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum CompletionKind {
    Field,
    Person,
    Domain,
    Folder,
    Source,
    Value,
    Date,
}

/// Something that may be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What it is.
    pub kind: CompletionKind,
    /// What to put in place of what was typed.
    pub insert: String,
    /// What to show.
    pub label: String,
    /// Help, or what tells it from others.
    pub detail: String,
    /// Items.
    pub count: Option<u64>,
}

/// The part of `query` (in bytes) that stands before `caret` and is not finished, and what it may become: at most `limit`, best
/// first. `times` are the years and months to offer.
pub fn complete(
    query: &str,
    caret: usize,
    limit: usize,
    directory: &Directory,
    times: &[Offer],
) -> (Range<usize>, Vec<Completion>) {
    let mut caret = caret.min(query.len());
    while !query.is_char_boundary(caret) {
        caret -= 1;
    }
    let start = unfinished(&query[..caret]);
    let typed = &query[start..caret];
    let mut found = Vec::new();
    let name = typed.find([':', '=']).map(|at| (&typed[..at], &typed[at + 1..]));
    match name.and_then(|(name, value)| Some((name, field_named(name)?, value))) {
        Some((name, field, value)) => values(name, field, value, (directory, times), limit, &mut found),
        // What joins words is no word that wants more letters.
        None if matches!(typed, "OR" | "AND" | "NOT") => {}
        None if !typed.is_empty() => words(typed, limit, directory, &mut found),
        None => {}
    }
    found.truncate(limit);
    (start..caret, found)
}

/// Where the last, unfinished part of `text` begins.
fn unfinished(text: &str) -> usize {
    let (mut start, mut quoted) = (0, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' | '\u{201c}' | '\u{201d}' => quoted = !quoted,
            c if !quoted && (c.is_whitespace() || c == '(' || c == ')') => start = at + c.len_utf8(),
            '-' if !quoted && start == at => start = at + 1,
            _ => {}
        }
    }
    start
}

/// A word without a field: names of fields, and people.
fn words(typed: &str, limit: usize, directory: &Directory, found: &mut Vec<Completion>) {
    let typed = fold(typed.trim_matches('"'));
    let spellings = |field: &'static Field| std::iter::once(&field.name).chain(field.aliases);
    for field in FIELDS {
        if let Some(name) = spellings(field).find(|name| name.starts_with(&typed)) {
            found.push(Completion {
                kind: CompletionKind::Field,
                insert: format!("{name}:"),
                label: format!("{name}:"),
                detail: field.help.to_owned(),
                count: None,
            });
        }
    }
    // Nobody wants to choose among all fields before people come.
    found.truncate(limit.div_ceil(2));
    offer("participants", CompletionKind::Person, &typed, &directory.people, limit, found);
}

fn values(
    name: &str,
    field: &'static Field,
    value: &str,
    (directory, times): (&Directory, &[Offer]),
    limit: usize,
    found: &mut Vec<Completion>,
) {
    let typed = fold(value.trim_matches(['"', '\u{201c}', '\u{201d}', '<', '>', '=']));
    if field.kind == FieldKind::Language {
        offer(name, CompletionKind::Value, &typed, &directory.languages, limit, found);
    }
    let fits = |value: &str, help: &str| {
        value.starts_with(&typed) || field.kind == FieldKind::Language && fold(help).starts_with(&typed)
    };
    for (value, help) in field.values().into_iter().filter(|(value, help)| fits(value, help)) {
        if found.iter().any(|completion| completion.label == value) {
            continue;
        }
        found.push(Completion {
            kind: CompletionKind::Value,
            insert: format!("{name}:{value}"),
            label: value.to_owned(),
            detail: help.to_owned(),
            count: None,
        });
    }
    match field.kind {
        FieldKind::Words([TextField::From]) => {
            offer(name, CompletionKind::Person, &typed, &directory.senders, limit, found);
            offer(name, CompletionKind::Domain, &typed, &directory.domains, limit, found);
        }
        FieldKind::Words([TextField::To | TextField::Cc | TextField::Bcc]) => {
            offer(name, CompletionKind::Person, &typed, &directory.recipients, limit, found);
            offer(name, CompletionKind::Domain, &typed, &directory.domains, limit, found);
        }
        FieldKind::Words([TextField::From, ..]) => {
            offer(name, CompletionKind::Person, &typed, &directory.people, limit, found);
            offer(name, CompletionKind::Domain, &typed, &directory.domains, limit, found);
        }
        FieldKind::Tag => offer(name, CompletionKind::Value, &typed, &directory.tags, limit, found),
        FieldKind::Folder => offer(name, CompletionKind::Folder, &typed, &directory.folders, limit, found),
        FieldKind::Source => offer(name, CompletionKind::Source, &typed, &directory.sources, limit, found),
        FieldKind::Before | FieldKind::After | FieldKind::During | FieldKind::Due => {
            let words: &[&str] = match field.kind {
                FieldKind::Due => {
                    &["today", "tomorrow", "this week", "next week", "this month", "next month"]
                }
                FieldKind::During => &[
                    "today",
                    "yesterday",
                    "this week",
                    "last week",
                    "this month",
                    "last month",
                    "this year",
                    "last year",
                ],
                _ => &[],
            };
            for word in words.iter().filter(|word| !typed.is_empty() && word.starts_with(&typed)) {
                let insert = format!("{name}:{}", quoted(word));
                let (label, detail) = ((*word).to_owned(), String::new());
                found.push(Completion { kind: CompletionKind::Date, insert, label, detail, count: None });
            }
            if field.kind != FieldKind::Due {
                offer(name, CompletionKind::Date, &typed, times, limit, found);
            }
        }
        _ => {}
    }
}

fn offer(
    name: &str,
    kind: CompletionKind,
    typed: &str,
    offers: &[Offer],
    limit: usize,
    found: &mut Vec<Completion>,
) {
    let room = limit.saturating_sub(found.len());
    let fitting = offers.iter().filter(|offer| offer.begins(typed)).take(room);
    found.extend(fitting.map(|offer| Completion {
        kind,
        insert: format!("{name}:{}", quoted(&offer.value)),
        label: offer.label.clone(),
        detail: offer.detail.clone(),
        count: Some(offer.count),
    }));
}

/// A value as a query has it.
fn quoted(value: &str) -> String {
    let plain = value.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '@' | '-' | '/'));
    if plain && !value.is_empty() {
        value.to_owned()
    } else {
        format!("\"{}\"", value.replace(['"', '\u{201c}', '\u{201d}'], " "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unfinished_part() {
        for (text, expected) in [
            ("", ""),
            ("a b", "b"),
            ("a ", ""),
            ("from:al", "from:al"),
            ("x -from:al", "from:al"),
            ("(from:\"al mo", "from:\"al mo"),
            ("from:(al", "al"),
            ("a-b", "a-b"),
        ] {
            assert_eq!(&text[unfinished(text)..], expected, "{text:?}");
        }
    }

    fn labels(query: &str) -> Vec<String> {
        let (_, found) = complete(query, query.len(), 5, &Directory::default(), &[]);
        found.into_iter().map(|completion| completion.insert).collect()
    }

    #[test]
    fn fields_and_their_values() {
        assert_eq!(labels("fro"), ["from:"]);
        assert_eq!(labels("x -kind:me"), ["kind:meeting"]);
        assert_eq!(labels("is:un"), ["is:unread"]);
        assert_eq!(labels("lang:ge"), ["lang:de", "lang:ka"]);
        assert_eq!(labels("language:fr"), ["language:fr"]);
        assert_eq!(
            labels("received:last"),
            ["received:\"last week\"", "received:\"last month\"", "received:\"last year\""]
        );
        assert_eq!(labels(""), [""; 0]);
        assert_eq!(labels("a not"), ["note:"]);
        assert_eq!(labels("a NOT"), [""; 0]);
        assert_eq!(complete("é from:x", 1, 5, &Directory::default(), &[]).0, 0..0);
    }

    #[test]
    fn every_offer_parses() {
        for field in FIELDS {
            for insert in labels(&format!("{}:", field.name)) {
                crate::query::parse(&insert).unwrap_or_else(|e| panic!("{insert}: {e}"));
            }
        }
        for value in ["Top of Personal Folders/Inbox", "a \"b\" c", "x@y.example", "OR", ""] {
            crate::query::parse(&format!("in:{}", quoted(value)))
                .ok()
                .or(value.is_empty().then_some(crate::query::Query::All))
                .unwrap();
        }
    }
}
