//! What fields with values of their own kind ask: dates, sizes, kinds, states.

use super::{Clock, Query, date};
use crate::fields::{Field, FieldKind, State};
use crate::language::Language;
use crate::source::ItemKind;

const NUMBER: &str = "the number of an item";
const KB: u64 = 1024;
const MB: u64 = 1024 * 1024;
/// Words for sizes as Outlook has them, with the first and the last byte of each.
const SIZES: [(&str, u64, u64); 7] = [
    ("tiny", 0, 10 * KB - 1),
    ("small", 10 * KB, 25 * KB - 1),
    ("medium", 25 * KB, 100 * KB - 1),
    ("large", 100 * KB, 500 * KB - 1),
    ("verylarge", 500 * KB, MB - 1),
    ("huge", MB, 5 * MB - 1),
    ("enormous", 5 * MB, u64::MAX),
];

/// The query for `field` with `value`, on the day `today` (counted from the first of January 1970).
///
/// # Errors
/// A sentence that says what the field wants.
pub fn value_query(
    field: &Field,
    value: &str,
    compare: Option<&'static str>,
    today: i64,
) -> Result<Query, String> {
    let wants = |what: &str| format!("{}: wants {what}, such as {}", field.name, field.example);
    let period = |text: &str| {
        date::period(text, today).ok_or_else(|| match text.to_lowercase().as_str() {
            // The first word of several that are not held together.
            first @ ("this" | "last" | "next") => {
                format!("{}: wants quotes around several words, such as {0}:\"{first} month\"", field.name)
            }
            text => match date::two_readings(text) {
                Some([one, other]) => {
                    format!("{}: {text} may be {one} or {other}; write one of them", field.name)
                }
                None => wants("a year, month or day"),
            },
        })
    };
    let dates = || period(value);
    let size = || parse_size(value).ok_or_else(|| wants("a size"));
    if value.trim().is_empty() {
        return Err(wants("a value"));
    }
    let comparable =
        matches!(field.kind, FieldKind::During | FieldKind::Due | FieldKind::Larger | FieldKind::Smaller);
    if compare.is_some() && !comparable {
        return Err(format!("{}: cannot be compared; write {}", field.name, field.example));
    }
    let within = |from, until| match field.kind {
        FieldKind::Due => Query::Due { from, until },
        _ => Query::Date { from, until },
    };
    Ok(match (field.kind, compare) {
        (FieldKind::Before, _) | (FieldKind::During | FieldKind::Due, Some("<")) => {
            within(None, Some(dates()?.0))
        }
        (FieldKind::During | FieldKind::Due, Some("<=")) => within(None, Some(dates()?.1)),
        (FieldKind::After, _) | (FieldKind::During | FieldKind::Due, Some(">=")) => {
            within(Some(dates()?.0), None)
        }
        (FieldKind::During | FieldKind::Due, Some(_)) => within(Some(dates()?.1), None),
        (FieldKind::During | FieldKind::Due, None) => {
            let (from, until) = match value.split_once("..") {
                Some((from, until)) => (period(from)?.0, period(until)?.1),
                None => dates()?,
            };
            if from >= until {
                return Err(format!("{}: ends before it begins", field.name));
            }
            within(Some(from), Some(until))
        }
        (FieldKind::Newer, _) => {
            let from =
                date::ago(value, today).ok_or_else(|| wants("a number of days, weeks, months or years"))?;
            Query::Date { from: Some(from), until: None }
        }
        (FieldKind::Older, _) => {
            let until =
                date::ago(value, today).ok_or_else(|| wants("a number of days, weeks, months or years"))?;
            Query::Date { from: None, until: Some(until) }
        }
        (FieldKind::Clock | FieldKind::SenderClock, _) => {
            let clock = match field.kind {
                FieldKind::Clock => Clock::parse(value),
                _ => Clock::of_sender(value),
            };
            Query::Clock(clock.ok_or_else(|| wants("weekdays, hours of the day, or both"))?)
        }
        (FieldKind::Smaller, _) | (FieldKind::Larger, Some("<")) => {
            Query::Size { min: None, max: Some(size()?.saturating_sub(1)) }
        }
        (FieldKind::Larger, Some("<=")) => Query::Size { min: None, max: Some(size()?) },
        (FieldKind::Larger, Some(">=")) => Query::Size { min: Some(size()?), max: None },
        (FieldKind::Larger, Some(_)) => Query::Size { min: Some(size()?.saturating_add(1)), max: None },
        (FieldKind::Larger, None) => larger(value).ok_or_else(|| wants("a size"))?,
        (FieldKind::Has, _) => match value.to_ascii_lowercase().as_str() {
            "attachment" | "attachments" | "file" | "files" | "yes" | "true" => Query::HasAttachment(true),
            "no" | "false" => Query::HasAttachment(false),
            "flag" => Query::Is(State::Flagged),
            _ => return Err(wants("\"attachment\"")),
        },
        (FieldKind::Is, _) => match State::named(value) {
            Some(state) => Query::Is(state),
            None => {
                let names: Vec<&str> = State::ALL.iter().map(|(_, name, ..)| *name).collect();
                return Err(format!("is: is one of {}", names.join(", ")));
            }
        },
        (FieldKind::Yes(state), _) => match value.to_ascii_lowercase().as_str() {
            "yes" | "true" | "1" => Query::Is(state),
            "no" | "false" | "0" => Query::Not(Box::new(Query::Is(state))),
            _ => return Err(wants("yes or no")),
        },
        (FieldKind::Importance, _) => match value.to_ascii_lowercase().as_str() {
            "high" => Query::Is(State::Important),
            "normal" | "low" => Query::Not(Box::new(Query::Is(State::Important))),
            _ => return Err(wants("high or normal")),
        },
        (FieldKind::Kind, _) => kind(value)?,
        (FieldKind::Language, _) => Query::Language(language(value)?),
        (FieldKind::Folder, _) => Query::Folder(value.to_owned()),
        (FieldKind::Source, _) => Query::Source(value.to_owned()),
        (FieldKind::Conversation, _) => Query::Conversation(item(value).ok_or_else(|| wants(NUMBER))?),
        (FieldKind::Id, _) => Query::Id(item(value).ok_or_else(|| wants(NUMBER))?),
        (FieldKind::Tag, _) => Query::Tag(value.trim().to_owned()),
        (FieldKind::Note, _) => Query::Note(value.trim().to_owned()),
        (FieldKind::Hash, _) => {
            Query::Hash(hash(value.trim()).ok_or_else(|| wants("a hash of 32 hexadecimal digits"))?)
        }
        (FieldKind::Words(_), _) => return Err(wants("words")),
    })
}

fn item(value: &str) -> Option<i64> {
    value.trim().parse().ok().filter(|id| *id > 0)
}

fn hash(value: &str) -> Option<[u8; 16]> {
    let digits: &[u8; 32] = value.as_bytes().try_into().ok()?;
    let mut hash = [0; 16];
    for (byte, pair) in hash.iter_mut().zip(digits.chunks(2)) {
        let digit = |at: usize| char::from(*pair.get(at)?).to_digit(16);
        *byte = u8::try_from(digit(0)? * 16 + digit(1)?).ok()?;
    }
    Some(hash)
}

fn language(value: &str) -> Result<Language, String> {
    Language::named(value).ok_or_else(|| {
        let codes: Vec<&str> = Language::all().map(Language::code).collect();
        format!("lang: is an English name or one of {}", codes.join(", "))
    })
}

fn kind(value: &str) -> Result<Query, String> {
    // As the counts of the API have it too: "dist_list".
    let name = value.to_ascii_lowercase().replace(['_', ' '], "");
    let name = name.strip_suffix('s').unwrap_or(&name);
    let found = ItemKind::ALL.iter().find(|(_, kind)| {
        *kind == name
            || matches!(
                (*kind, name),
                ("mail", "email" | "message")
                    | ("appointment", "event" | "calendar")
                    | ("distlist", "list" | "group")
                    | ("contact", "people" | "person")
            )
    });
    match found {
        Some((kind, _)) => Ok(Query::Kind(*kind)),
        None => {
            let names: Vec<&str> = ItemKind::ALL.iter().map(|(_, name)| *name).collect();
            Err(format!("kind: is one of {}", names.join(", ")))
        }
    }
}

/// A size, a range of sizes or a word for one. A size on its own means larger than it.
fn larger(value: &str) -> Option<Query> {
    let name: String = value.to_ascii_lowercase().split_whitespace().collect();
    if let Some((_, min, max)) = SIZES.iter().find(|(word, ..)| *word == name) {
        let max = Some(*max).filter(|max| *max < u64::MAX);
        return Some(Query::Size { min: Some(*min), max });
    }
    match value.split_once("..") {
        Some((min, max)) => {
            let (min, max) = (parse_size(min)?, parse_size(max)?);
            (min <= max).then_some(Query::Size { min: Some(min), max: Some(max) })
        }
        None => Some(Query::Size { min: Some(parse_size(value)?.saturating_add(1)), max: None }),
    }
}

/// A number, perhaps with a fraction, and a unit; a kilobyte has 1024 bytes.
fn parse_size(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
    let (number, unit) = text.split_at(digits);
    let unit = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => KB,
        "m" | "mb" => MB,
        "g" | "gb" => 1024 * MB,
        _ => return None,
    };
    match number.split_once('.') {
        None => number.parse::<u64>().ok()?.checked_mul(unit),
        Some((whole, fraction)) => {
            let fraction = fraction.get(..fraction.len().min(6))?;
            let scale = 10_u64.pow(u32::try_from(fraction.len()).ok()?);
            let parts = whole.parse::<u64>().ok()?.checked_mul(scale)?.checked_add(fraction.parse().ok()?)?;
            Some(parts.checked_mul(unit)? / scale)
        }
    }
}
