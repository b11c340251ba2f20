//! What could be meant by a query that is being typed.

use super::lex::QUOTES;
use super::print::is_plain;
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
    let (start, within) = unfinished(&query[..caret]);
    let typed = &query[start..caret];
    let mut found = Vec::new();
    match asked(typed) {
        Some((asked, field, value)) => values(&asked, field, value, (directory, times), limit, &mut found),
        // What joins words is no word that wants more letters.
        None if matches!(typed, "OR" | "AND" | "NOT") => {}
        None if !typed.is_empty() => match within {
            Some(field) => values("", field, typed, (directory, times), limit, &mut found),
            None => words(typed, limit, directory, &mut found),
        },
        None => {}
    }
    found.truncate(limit);
    (start..caret, found)
}

/// What asks a field, up to the value: its name and the sign behind it; the field; and the value.
fn asked(typed: &str) -> Option<(String, &'static Field, &str)> {
    let is_sign = |c: char| matches!(c, ':' | '=' | '<' | '>');
    let at = typed.find(is_sign)?;
    let (name, behind) = typed.split_at(at);
    let field = field_named(name)?;
    let value = behind.trim_start_matches(is_sign);
    let sign = &behind[..behind.len() - value.len()];
    // An address in angle brackets compares nothing.
    let compares = sign.contains(['<', '>']) && matches!(field.kind, FieldKind::During | FieldKind::Due);
    Some((format!("{name}{}", if compares { sign } else { ":" }), field, value))
}

/// Where the last, unfinished part of `text` begins, and of which field the bracket asks that it stands in.
fn unfinished(text: &str) -> (usize, Option<&'static Field>) {
    let (mut start, mut quoted) = (0, false);
    let mut brackets: Vec<Option<&'static Field>> = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            c if QUOTES.contains(&c) => quoted = !quoted,
            _ if quoted => {}
            '(' => {
                let before = asked(&text[start..at]).filter(|(_, _, value)| value.is_empty());
                let outer = brackets.last().copied().flatten();
                brackets.push(before.map(|(_, field, _)| field).or(outer));
                start = at + 1;
            }
            ')' => {
                brackets.pop();
                start = at + 1;
            }
            c if c.is_whitespace() => start = at + c.len_utf8(),
            '-' if start == at => start = at + 1,
            _ => {}
        }
    }
    (start, brackets.pop().flatten())
}

/// A word without a field: names of fields, and people.
fn words(typed: &str, limit: usize, directory: &Directory, found: &mut Vec<Completion>) {
    let typed = fold(typed.trim_matches(QUOTES));
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
    offer("participants:", CompletionKind::Person, &typed, &directory.people, limit, found);
}

/// Values of a field. `asked` stands before each: its name and a sign, or nothing within its bracket.
fn values(
    asked: &str,
    field: &'static Field,
    value: &str,
    (directory, times): (&Directory, &[Offer]),
    limit: usize,
    found: &mut Vec<Completion>,
) {
    let typed = fold(value.trim_matches(|c| QUOTES.contains(&c) || c == '>'));
    if field.kind == FieldKind::Language {
        offer(asked, CompletionKind::Value, &typed, &directory.languages, limit, found);
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
            insert: format!("{asked}{value}"),
            label: value.to_owned(),
            detail: help.to_owned(),
            count: None,
        });
    }
    match field.kind {
        FieldKind::Words([TextField::From]) => {
            offer(asked, CompletionKind::Person, &typed, &directory.senders, limit, found);
            offer(asked, CompletionKind::Domain, &typed, &directory.domains, limit, found);
        }
        FieldKind::Words([TextField::To | TextField::Cc | TextField::Bcc]) => {
            offer(asked, CompletionKind::Person, &typed, &directory.recipients, limit, found);
            offer(asked, CompletionKind::Domain, &typed, &directory.domains, limit, found);
        }
        FieldKind::Words([TextField::From, ..]) => {
            offer(asked, CompletionKind::Person, &typed, &directory.people, limit, found);
            offer(asked, CompletionKind::Domain, &typed, &directory.domains, limit, found);
        }
        FieldKind::Tag => offer(asked, CompletionKind::Value, &typed, &directory.tags, limit, found),
        FieldKind::Folder => offer(asked, CompletionKind::Folder, &typed, &directory.folders, limit, found),
        FieldKind::Source => offer(asked, CompletionKind::Source, &typed, &directory.sources, limit, found),
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
                let insert = format!("{asked}{}", quoted(word));
                let (label, detail) = ((*word).to_owned(), String::new());
                found.push(Completion { kind: CompletionKind::Date, insert, label, detail, count: None });
            }
            if field.kind != FieldKind::Due {
                offer(asked, CompletionKind::Date, &typed, times, limit, found);
            }
        }
        _ => {}
    }
}

fn offer(
    asked: &str,
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
        insert: format!("{asked}{}", quoted(&offer.value)),
        label: offer.label.clone(),
        detail: offer.detail.clone(),
        count: Some(offer.count),
    }));
}

/// A value as a query has it.
fn quoted(value: &str) -> String {
    if is_plain(value) { value.to_owned() } else { format!("\"{}\"", value.replace(QUOTES, " ")) }
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
            ("a OR -(x OR fr", "fr"),
            ("from:\u{201e}al mo", "from:\u{201e}al mo"),
            ("\u{201e}al mo\u{201c} fr", "fr"),
        ] {
            assert_eq!(&text[unfinished(text).0..], expected, "{text:?}");
        }
    }

    #[test]
    fn the_field_of_a_bracket() {
        for (text, expected) in [
            ("al", None),
            ("(al", None),
            ("from:(al", Some("from")),
            ("from:(x OR -al", Some("from")),
            ("from:(x OR (al", Some("from")),
            ("from:(x to:(al", Some("to")),
            ("from:(x to:(y) al", Some("from")),
            ("from:(x) al", None),
            ("\"from:(\" al", None),
            ("))al", None),
        ] {
            assert_eq!(unfinished(text).1.map(|field| field.name), expected, "{text:?}");
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
        assert_eq!(labels("kind=me"), ["kind:meeting"]);
        assert_eq!(labels("x OR is:(unr"), ["unread"]);
        assert_eq!(labels("is:(un OR is:rea"), ["is:read"]);
        assert_eq!(
            labels("received:last"),
            ["received:\"last week\"", "received:\"last month\"", "received:\"last year\""]
        );
        assert_eq!(labels("received>=\"last y"), ["received>=\"last year\""]);
        assert_eq!(labels("due:<tom"), ["due:<tomorrow"]);
        assert_eq!(labels("is:<unr"), ["is:unread"]);
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
            for letter in 'a'..='z' {
                let open = format!("a -{}:(b OR {letter}", field.name);
                let (at, found) = complete(&open, open.len(), 5, &Directory::default(), &[]);
                for Completion { insert, .. } in found {
                    let query = format!("{}{insert})", &open[..at.start]).replace("b OR ", "");
                    crate::query::parse(&query).unwrap_or_else(|e| panic!("{query}: {e}"));
                }
            }
        }
        for value in [
            "Top of Personal Folders/Inbox",
            "a \"b\" c",
            "x@y.example",
            "OR",
            "",
            "M\u{fc}ller \u{201e}Chef\u{201c}",
            "NEAR",
        ] {
            crate::query::parse(&format!("in:{}", quoted(value)))
                .ok()
                .or(value.is_empty().then_some(crate::query::Query::All))
                .unwrap();
        }
    }
}
