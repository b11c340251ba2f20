//! Text to tokens.

use crate::fields::{field_like, field_named};
use std::ops::Range;

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub enum TokenKind {
    /// An opening bracket.
    Open,
    /// A closing bracket.
    Close,
    /// `OR`.
    Or,
    /// `-` or `NOT`.
    Not,
    /// A word or phrase, perhaps asked of a field.
    Word(Word),
}

/// A word or phrase.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Word {
    /// What stood before the colon.
    pub field: Option<String>,
    /// What is asked.
    pub value: String,
    /// Whether it stood in quotes.
    pub quoted: bool,
    /// "<", "<=", ">" or ">=".
    pub compare: Option<&'static str>,
    /// "~" and the number behind it.
    pub tilde: Option<Option<u32>>,
}

/// A token and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// In bytes.
    pub at: Range<usize>,
}

/// What is wrong, and where.
pub type Fault = (String, Range<usize>);

/// The marks that begin and end a phrase.
pub(super) const QUOTES: [char; 4] = ['"', '\u{201c}', '\u{201d}', '\u{201e}'];

/// Words before a colon that people write in subjects and addresses; they are no mistyped fields.
const NO_FIELDS: [&str; 12] =
    ["re", "aw", "fw", "fwd", "wg", "sv", "vs", "tr", "http", "https", "mailto", "ftp"];

/// The tokens of a query.
///
/// # Errors
/// A quotation mark without a partner, an unknown comparison, a field that does not exist.
pub fn lex(text: &str) -> Result<Vec<Token>, Fault> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let token = match c {
            c if c.is_whitespace() => {
                at += c.len_utf8();
                continue;
            }
            '(' => Token { kind: TokenKind::Open, at: at..at + 1 },
            ')' => Token { kind: TokenKind::Close, at: at..at + 1 },
            '-' if text[at + 1..].starts_with(|c: char| !c.is_whitespace() && c != '-') => {
                Token { kind: TokenKind::Not, at: at..at + 1 }
            }
            _ => lex_word(text, at)?,
        };
        at = token.at.end.max(at + 1);
        tokens.push(token);
    }
    Ok(tokens)
}

fn lex_word(text: &str, start: usize) -> Result<Token, Fault> {
    let rest = &text[start..];
    if rest.starts_with(QUOTES) {
        return phrase(text, start, start, Word::default());
    }
    let length = rest
        .find(|c: char| c.is_whitespace() || matches!(c, '(' | ')') || QUOTES.contains(&c))
        .unwrap_or(rest.len());
    let word = &rest[..length];
    let split = word.find([':', '=', '<', '>']).filter(|at| is_name(&word[..*at]));
    if let Some(split) = split {
        let name = &word[..split];
        if field_named(name).is_some() {
            return asked(text, start, split, length);
        }
        if let Some(fault) = mistyped(name, &rest[split..], start) {
            return Err(fault);
        }
    }
    let kind = match word {
        "OR" | "|" => TokenKind::Or,
        "NOT" => TokenKind::Not,
        _ => {
            let (value, tilde) = tilde(word);
            TokenKind::Word(Word { value: value.to_owned(), tilde, ..Word::default() })
        }
    };
    Ok(Token { kind, at: start..start + length.max(1) })
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_')
}

/// A word behind the name of a field.
fn asked(text: &str, start: usize, split: usize, length: usize) -> Result<Token, Fault> {
    let word = &text[start..start + length];
    let operator = word[split..].bytes().take_while(|b| matches!(b, b':' | b'=' | b'<' | b'>')).count();
    let compare = match &word[split..split + operator] {
        ":" | "=" | ":=" => None,
        ">" | ":>" => Some(">"),
        ">=" | ":>=" => Some(">="),
        "<" | ":<" => Some("<"),
        "<=" | ":<=" => Some("<="),
        _ => return Err(("This comparison is not known.".into(), start + split..start + split + operator)),
    };
    let field = Some(word[..split].to_owned());
    let value_at = start + split + operator;
    if text[value_at..].starts_with(QUOTES) {
        return phrase(text, start, value_at, Word { field, compare, ..Word::default() });
    }
    let (value, tilde) = tilde(&word[split + operator..]);
    let kind = TokenKind::Word(Word { field, value: value.to_owned(), quoted: false, compare, tilde });
    Ok(Token { kind, at: start..start + length })
}

/// What to say of `name:` where there is no such field; `None` where it is rather a word that holds a colon.
fn mistyped(name: &str, rest: &str, start: usize) -> Option<Fault> {
    let value = rest.strip_prefix(':')?;
    let is_word = value.is_empty()
        || value.starts_with([':', '/', '\\', '=', '<', '>'])
        || value.starts_with(char::is_whitespace)
        || name.len() < 2
        || NO_FIELDS.iter().any(|word| word.eq_ignore_ascii_case(name));
    if is_word {
        return None;
    }
    let meant = field_like(name).map(|field| format!(" Did you mean {}:?", field.name)).unwrap_or_default();
    let message =
        format!("There is no field \"{name}\".{meant} Put it in quotes to look for the words as they stand.");
    Some((message, start..start + name.len() + 1))
}

/// The phrase that begins at `quote`; the token began at `start`.
fn phrase(text: &str, start: usize, quote: usize, word: Word) -> Result<Token, Fault> {
    let rest = &text[quote..];
    let open = rest.chars().next().map_or(1, char::len_utf8);
    let Some(length) = rest[open..].find(QUOTES) else {
        return Err(("This quotation mark has no partner.".into(), quote..quote + open));
    };
    let close = rest[open + length..].chars().next().map_or(1, char::len_utf8);
    let mut end = quote + open + length + close;
    let mut tilde = None;
    if let Some(behind) = text[end..].strip_prefix('~') {
        let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
        tilde = Some(behind[..digits].parse().ok());
        end += 1 + digits;
    }
    let value = rest[open..open + length].to_owned();
    Ok(Token { kind: TokenKind::Word(Word { value, quoted: true, tilde, ..word }), at: start..end })
}

/// Cuts "~" and a number off the end of a word.
fn tilde(word: &str) -> (&str, Option<Option<u32>>) {
    let stem = word.trim_end_matches(|c: char| c.is_ascii_digit());
    match stem.strip_suffix('~') {
        Some(value) if !value.is_empty() => (value, Some(word[stem.len()..].parse().ok())),
        _ => (word, None),
    }
}
