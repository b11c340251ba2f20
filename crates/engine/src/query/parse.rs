//! Text to tree.

use super::{Query, QueryError, date};
use crate::fields::{Field, FieldKind, field_named};
use crate::source::ItemKind;
use std::ops::Range;

/// Brackets may nest this deep.
const MAX_DEPTH: usize = 32;
/// A query may be this long, in bytes.
const MAX_LENGTH: usize = 8 * 1024;

/// Parses a query. Empty text is [`Query::All`].
///
/// # Errors
/// Where and why it cannot be understood.
pub fn parse(text: &str) -> Result<Query, QueryError> {
    let error = |message: &str, at: Range<usize>| QueryError {
        message: message.to_owned(),
        at: in_characters(text, at.start)..in_characters(text, at.end),
    };
    if text.len() > MAX_LENGTH {
        return Err(error("The query is too long.", 0..text.len()));
    }
    let tokens = lex(text).map_err(|(message, at)| error(message, at))?;
    let mut parser = Parser { text, tokens: &tokens, at: 0, depth: 0 };
    let query = parser.or().map_err(|(message, at)| error(&message, at))?;
    match parser.peek() {
        None => Ok(query),
        Some(token) => Err(error("There is no bracket open here.", token.at.clone())),
    }
}

fn in_characters(text: &str, byte: usize) -> usize {
    text.get(..byte).map_or(0, |before| before.chars().count())
}

#[derive(Debug, Clone, PartialEq)]
enum TokenKind {
    Open,
    Close,
    Or,
    Not,
    /// A word; `field` is what stood before the colon.
    Word {
        field: Option<String>,
        value: String,
        quoted: bool,
        compare: Option<&'static str>,
    },
}

#[derive(Debug, Clone, PartialEq)]
struct Token {
    kind: TokenKind,
    at: Range<usize>,
}

type Fault<T> = (T, Range<usize>);

fn lex(text: &str) -> Result<Vec<Token>, Fault<&'static str>> {
    let mut tokens = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some(&(start, c)) = chars.peek() {
        match c {
            c if c.is_whitespace() => {
                chars.next();
            }
            '(' | ')' => {
                chars.next();
                let kind = if c == '(' { TokenKind::Open } else { TokenKind::Close };
                tokens.push(Token { kind, at: start..start + 1 });
            }
            '-' if text[start + 1..].starts_with(|c: char| !c.is_whitespace() && c != '-') => {
                chars.next();
                tokens.push(Token { kind: TokenKind::Not, at: start..start + 1 });
            }
            _ => {
                let token = lex_word(text, start)?;
                while chars.peek().is_some_and(|(i, _)| *i < token.at.end) {
                    chars.next();
                }
                tokens.push(token);
            }
        }
    }
    Ok(tokens)
}

fn lex_word(text: &str, start: usize) -> Result<Token, Fault<&'static str>> {
    let rest = &text[start..];
    if rest.starts_with(['"', '\u{201c}', '\u{201d}']) {
        let (value, length) = quoted(rest, start)?;
        let kind = TokenKind::Word { field: None, value, quoted: true, compare: None };
        return Ok(Token { kind, at: start..start + length });
    }
    let length = rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"')).unwrap_or(rest.len());
    let word = &rest[..length];
    let split = word
        .find([':', '=', '<', '>'])
        .filter(|i| *i > 0 && word[..*i].bytes().all(|b| b.is_ascii_alphabetic()));
    if let Some(split) = split
        && field_named(&word[..split]).is_some()
    {
        let operator = word[split..].bytes().take_while(|b| matches!(b, b':' | b'=' | b'<' | b'>')).count();
        let compare = match &word[split..split + operator] {
            ":" | "=" | ":=" => None,
            ">" | ":>" => Some(">"),
            ">=" | ":>=" => Some(">="),
            "<" | ":<" => Some("<"),
            "<=" | ":<=" => Some("<="),
            _ => return Err(("This comparison is not known.", start + split..start + split + operator)),
        };
        let field = Some(word[..split].to_owned());
        let value_at = split + operator;
        if rest[value_at..].starts_with(['"', '\u{201c}', '\u{201d}']) {
            let (value, length) = quoted(&rest[value_at..], start + value_at)?;
            let kind = TokenKind::Word { field, value, quoted: true, compare };
            return Ok(Token { kind, at: start..start + value_at + length });
        }
        let kind = TokenKind::Word { field, value: word[value_at..].to_owned(), quoted: false, compare };
        return Ok(Token { kind, at: start..start + length });
    }
    let kind = match word {
        "OR" | "|" => TokenKind::Or,
        "NOT" => TokenKind::Not,
        _ => TokenKind::Word { field: None, value: word.to_owned(), quoted: false, compare: None },
    };
    Ok(Token { kind, at: start..start + length.max(1) })
}

/// The content of the quotes that `text` begins with, and the length with them.
fn quoted(text: &str, at: usize) -> Result<(String, usize), Fault<&'static str>> {
    let open = text.chars().next().map_or(1, char::len_utf8);
    match text[open..].find(['"', '\u{201c}', '\u{201d}']) {
        Some(end) => {
            let close = text[open + end..].chars().next().map_or(1, char::len_utf8);
            Ok((text[open..open + end].to_owned(), open + end + close))
        }
        None => Err(("This quotation mark has no partner.", at..at + open)),
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn or(&mut self) -> Result<Query, Fault<String>> {
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

    fn and(&mut self) -> Result<Query, Fault<String>> {
        let mut parts = Vec::new();
        loop {
            match self.peek().map(|t| (&t.kind, t.at.clone())) {
                None | Some((TokenKind::Close, _)) => break,
                Some((TokenKind::Or, at)) if parts.is_empty() => {
                    return Err(("There is nothing before this OR.".to_owned(), at));
                }
                Some((TokenKind::Or, _)) => break,
                Some((TokenKind::Word { field: None, value, quoted: false, .. }, _)) if value == "AND" => {
                    self.at += 1
                }
                Some(_) => parts.push(self.unary()?),
            }
        }
        Ok(match parts.len() {
            0 => Query::All,
            1 => parts.remove(0),
            _ => Query::And(parts),
        })
    }

    fn unary(&mut self) -> Result<Query, Fault<String>> {
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
            TokenKind::Word { field, value, quoted, compare } => {
                self.word(field.as_deref(), &value, quoted, compare, token.at)?
            }
            TokenKind::Close | TokenKind::Or | TokenKind::Not => {
                return Err(("A word was expected here.".to_owned(), token.at));
            }
        };
        Ok(if denied { Query::Not(Box::new(query)) } else { query })
    }

    fn group(&mut self, open: Range<usize>) -> Result<Query, Fault<String>> {
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

    fn word(
        &self,
        field: Option<&str>,
        value: &str,
        quoted: bool,
        compare: Option<&'static str>,
        at: Range<usize>,
    ) -> Result<Query, Fault<String>> {
        let field = field.and_then(field_named);
        let (text, prefix) = match value.strip_suffix('*') {
            Some(stem) if !quoted => (stem, true),
            _ => (value, false),
        };
        let Some(field) = field else {
            return Ok(Query::Words { text: text.to_owned(), fields: &[], prefix, at });
        };
        if let FieldKind::Words(fields) = field.kind {
            if compare.is_some() {
                return Err((format!("{}: cannot be compared; write {}", field.name, field.example), at));
            }
            if text.trim().is_empty() {
                return Err((format!("{}: wants a value, such as {}", field.name, field.example), at));
            }
            return Ok(Query::Words { text: text.to_owned(), fields, prefix, at });
        }
        debug_assert!(self.text.is_char_boundary(at.start));
        value_query(field, value, compare).map_err(|message| (message, at))
    }
}

fn value_query(field: &Field, value: &str, compare: Option<&'static str>) -> Result<Query, String> {
    let wants = |what: &str| format!("{}: wants {what}, such as {}", field.name, field.example);
    let dates = || date::period(value).ok_or_else(|| wants("a year, month or day"));
    let size = || parse_size(value).ok_or_else(|| wants("a size"));
    if value.is_empty() {
        return Err(wants("a value"));
    }
    let comparable = matches!(field.kind, FieldKind::During | FieldKind::Larger | FieldKind::Smaller);
    if compare.is_some() && !comparable {
        return Err(format!("{}: cannot be compared; write {}", field.name, field.example));
    }
    Ok(match (field.kind, compare) {
        (FieldKind::Before, _) | (FieldKind::During, Some("<")) => {
            Query::Date { from: None, until: Some(dates()?.0) }
        }
        (FieldKind::During, Some("<=")) => Query::Date { from: None, until: Some(dates()?.1) },
        (FieldKind::After, _) | (FieldKind::During, Some(">=")) => {
            Query::Date { from: Some(dates()?.0), until: None }
        }
        (FieldKind::During, Some(_)) => Query::Date { from: Some(dates()?.1), until: None },
        (FieldKind::During, None) => match value.split_once("..") {
            Some((from, until)) => {
                let from = date::period(from).ok_or_else(|| wants("a year, month or day"))?.0;
                let until = date::period(until).ok_or_else(|| wants("a year, month or day"))?.1;
                Query::Date { from: Some(from), until: Some(until) }
            }
            None => {
                let (from, until) = dates()?;
                Query::Date { from: Some(from), until: Some(until) }
            }
        },
        (FieldKind::Smaller, _) | (FieldKind::Larger, Some("<")) => {
            Query::Size { min: None, max: Some(size()?.saturating_sub(1)) }
        }
        (FieldKind::Larger, Some("<=")) => Query::Size { min: None, max: Some(size()?) },
        (FieldKind::Larger, Some(">=")) => Query::Size { min: Some(size()?), max: None },
        (FieldKind::Larger, _) => Query::Size { min: Some(size()?.saturating_add(1)), max: None },
        (FieldKind::Has, _) => match value.to_ascii_lowercase().as_str() {
            "attachment" | "attachments" | "yes" | "true" => Query::HasAttachment(true),
            "no" | "false" => Query::HasAttachment(false),
            _ => return Err(wants("\"attachment\"")),
        },
        (FieldKind::Kind, _) => {
            let name = value.to_ascii_lowercase();
            let name = name.strip_suffix('s').unwrap_or(&name);
            let found = ItemKind::ALL.iter().find(|(_, kind)| {
                *kind == name
                    || matches!(
                        (*kind, name),
                        ("mail", "email" | "message") | ("appointment", "event" | "calendar")
                    )
            });
            match found {
                Some((kind, _)) => Query::Kind(*kind),
                None => {
                    let names: Vec<&str> = ItemKind::ALL.iter().map(|(_, name)| *name).collect();
                    return Err(format!("kind: is one of {}", names.join(", ")));
                }
            }
        }
        (FieldKind::Folder, _) => Query::Folder(value.to_owned()),
        (FieldKind::Source, _) => Query::Source(value.to_owned()),
        (FieldKind::Words(fields), _) => {
            Query::Words { text: value.to_owned(), fields, prefix: false, at: 0..0 }
        }
    })
}

fn parse_size(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number: u64 = text[..digits].parse().ok()?;
    let unit = match text[digits..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1024,
        "m" | "mb" => 1024 * 1024,
        "g" | "gb" => 1024 * 1024 * 1024,
        _ => return None,
    };
    number.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tree in brackets, easy to compare.
    fn shown(query: &Query) -> String {
        let join = |parts: &[Query]| parts.iter().map(shown).collect::<Vec<_>>().join(" ");
        match query {
            Query::All => "all".into(),
            Query::Words { text, fields, prefix, .. } => {
                let star = if *prefix { "*" } else { "" };
                match fields {
                    [] => format!("'{text}'{star}"),
                    fields => format!("{fields:?}'{text}'{star}"),
                }
            }
            Query::And(parts) => format!("(and {})", join(parts)),
            Query::Or(parts) => format!("(or {})", join(parts)),
            Query::Not(part) => format!("(not {})", shown(part)),
            other => format!("{other:?}"),
        }
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(parse(text).map(|q| shown(&q)).unwrap_or_else(|e| e.to_string()), expected, "{text:?}");
    }

    #[test]
    fn words_and_operators() {
        check("", "all");
        check("  ", "all");
        check("one", "'one'");
        check("one two", "(and 'one' 'two')");
        check("one AND two", "(and 'one' 'two')");
        check("one OR two three", "(or 'one' (and 'two' 'three'))");
        check("(one OR two) three", "(and (or 'one' 'two') 'three')");
        check("-one two", "(and (not 'one') 'two')");
        check("NOT one", "(not 'one')");
        check("a-b", "'a-b'");
        check("a - b", "(and 'a' '-' 'b')");
        check("\"one two\"", "'one two'");
        check("“one two” x", "(and 'one two' 'x')");
        check("pip*", "'pip'*");
        check("\"pip*\"", "'pip*'");
        check("()", "all");
        check("re: hello", "(and 're:' 'hello')");
        check("http://example.org/", "'http://example.org/'");
    }

    #[test]
    fn fields() {
        check("from:alice", "[From]'alice'");
        check("FROM:Alice", "[From]'Alice'");
        check("from:\"Alice M\" x", "(and [From]'Alice M' 'x')");
        check("subject:cap*", "[Subject]'cap'*");
        check("has:attachment", "HasAttachment(true)");
        check("hasattachment:no", "HasAttachment(false)");
        check("kind:contacts", "Kind(Contact)");
        check("kind:email", "Kind(Mail)");
        check("in:Inbox/Legal", "Folder(\"Inbox/Legal\")");
        check("before:1970", "Date { from: None, until: Some(0) }");
        check("received>=1970", "Date { from: Some(0), until: None }");
        check("received:<1970", "Date { from: None, until: Some(0) }");
        check("during:1970-01-01", "Date { from: Some(0), until: Some(86400000) }");
        check("during:1970-01-01..1970-01-02", "Date { from: Some(0), until: Some(172800000) }");
        check("larger:5mb", "Size { min: Some(5242881), max: None }");
        check("size<=1k", "Size { min: None, max: Some(1024) }");
    }

    #[test]
    fn faults_say_where() {
        check("(one", "This bracket is never closed. (at character 1)");
        check("one)", "There is no bracket open here. (at character 4)");
        check("é \"two", "This quotation mark has no partner. (at character 3)");
        check("one OR", "There is nothing after this OR. (at character 5)");
        check("OR one", "There is nothing before this OR. (at character 1)");
        check("NOT", "There is nothing to exclude here. (at character 1)");
        check("from:", "from: wants a value, such as from:alice (at character 1)");
        check("before:soon", "before: wants a year, month or day, such as before:2003 (at character 1)");
        check("larger:big", "larger: wants a size, such as larger:5mb (at character 1)");
        check(&"(".repeat(100), "The brackets nest too deep. (at character 33)");
        check(&"a".repeat(10_000), "The query is too long. (at character 1)");
    }
}
