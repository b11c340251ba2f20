//! How text becomes words, for the index, for queries and for marks alike.
//!
//! A word is a run of letters and digits, in lower case and without accents. Scripts that put no spaces between words (Han, kana,
//! Thai, Lao, Khmer, Myanmar) give one word per character; a query of several becomes a phrase, so any part of such text is found.

use std::ops::{ControlFlow, Range};
use tantivy::tokenizer::{
    AsciiFoldingFilter, LowerCaser, RemoveLongFilter, TextAnalyzer, Token, TokenStream, Tokenizer,
};

/// Name under which [`analyzer`] is registered with the index. A change of its behaviour needs a new name.
pub const ANALYZER: &str = "mail1";

/// Words longer than this (in bytes) are encoded data, not words.
const MAX_WORD_BYTES: usize = 120;

/// The one analyzer.
pub fn analyzer() -> TextAnalyzer {
    TextAnalyzer::builder(MailTokenizer)
        .filter(RemoveLongFilter::limit(MAX_WORD_BYTES))
        .filter(LowerCaser)
        .filter(AsciiFoldingFilter)
        .build()
}

/// The words of `text`, each with its byte range.
pub fn words(text: &str) -> Vec<(String, Range<usize>)> {
    let mut words = Vec::new();
    each_word(text, |word, range| {
        words.push((word.to_owned(), range));
        ControlFlow::Continue(())
    });
    words
}

/// Tells the words of `text` one after the other, until it is told to stop.
pub fn each_word(text: &str, mut tell: impl FnMut(&str, Range<usize>) -> ControlFlow<()>) {
    let mut analyzer = analyzer();
    let mut stream = analyzer.token_stream(text);
    while let Some(token) = stream.next() {
        if tell(&token.text, token.offset_from..token.offset_to).is_break() {
            return;
        }
    }
}

/// Cuts text as the module says; the filters behind it do case and accents.
#[derive(Clone, Default)]
struct MailTokenizer;

struct MailTokenStream<'a> {
    text: &'a str,
    at: usize,
    token: Token,
}

impl Tokenizer for MailTokenizer {
    type TokenStream<'a> = MailTokenStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> MailTokenStream<'a> {
        MailTokenStream { text, at: 0, token: Token::default() }
    }
}

impl TokenStream for MailTokenStream<'_> {
    fn advance(&mut self) -> bool {
        self.token.text.clear();
        self.token.position = self.token.position.wrapping_add(1);
        let Some(start) = self.skip_to_word() else { return false };
        if let Some(c) = self.wide(start).filter(|c| stands_alone(*c)) {
            let end = start + c.len_utf8();
            self.take(start, end);
            return self.end_token(start, end);
        }
        // What is taken into the word goes over in pieces: an accent of its own parts them.
        let (mut piece, mut at) = (start, start);
        let end = loop {
            at = self.after_ascii_word(at);
            match self.wide(at) {
                Some(c) if is_combining(c) && at > start => {
                    self.take(piece, at);
                    at += c.len_utf8();
                    piece = at;
                }
                Some(c) if is_letter(c) && !stands_alone(c) => at += c.len_utf8(),
                _ => break at,
            }
        };
        self.take(piece, end);
        self.end_token(start, end)
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

impl MailTokenStream<'_> {
    /// Where the next word begins.
    fn skip_to_word(&self) -> Option<usize> {
        let mut at = self.at;
        loop {
            match *self.text.as_bytes().get(at)? {
                byte if byte.is_ascii_alphanumeric() => return Some(at),
                byte if byte.is_ascii() => at += 1,
                _ => match self.wide(at)? {
                    c if is_letter(c) => return Some(at),
                    c => at += c.len_utf8(),
                },
            }
        }
    }

    /// The end of the run of ASCII letters and digits at `at`.
    fn after_ascii_word(&self, at: usize) -> usize {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        at + rest.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len())
    }

    /// The character at `at`, if it is beyond ASCII.
    fn wide(&self, at: usize) -> Option<char> {
        if self.text.as_bytes().get(at)?.is_ascii() {
            return None;
        }
        self.text.get(at..)?.chars().next()
    }

    fn take(&mut self, from: usize, to: usize) {
        self.token.text.push_str(self.text.get(from..to).unwrap_or_default());
    }

    fn end_token(&mut self, from: usize, to: usize) -> bool {
        self.token.offset_from = from;
        self.token.offset_to = to;
        self.at = to;
        true
    }
}

/// Combining marks that canonical decomposition splits off, and the variation selectors and joiners that change only looks.
fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{200c}' | '\u{200d}' | '\u{ad}')
}

/// Whether a character beyond ASCII is a letter or a digit. Most that are, are told without the tables of Unicode.
fn is_letter(c: char) -> bool {
    matches!(c, 'à'..='ö' | 'ø'..='ÿ' | 'а'..='я' | 'А'..='Я') || c.is_alphanumeric()
}

fn stands_alone(c: char) -> bool {
    c >= '\u{e00}'
        && matches!(c, '\u{e00}'..='\u{e7f}' | '\u{e80}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}' | '\u{20000}'..='\u{3ffff}')
        && c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let words: Vec<String> = words(text).into_iter().map(|(word, _)| word).collect();
        assert_eq!(words, expected, "{text:?}");
    }

    #[test]
    fn words_of_scripts() {
        check("", &[]);
        check(" \t\n—…", &[]);
        check("Pipeline capacity, 14,000 MMBtu/d", &["pipeline", "capacity", "14", "000", "mmbtu", "d"]);
        check("alice.moreau@example.org", &["alice", "moreau", "example", "org"]);
        check("Q3_report-v2.PDF", &["q3", "report", "v2", "pdf"]);
        check("Müller, Straße, Ærø, naïve", &["muller", "strasse", "aero", "naive"]);
        check("cafe\u{301} re\u{301}sume\u{301}", &["cafe", "resume"]);
        check("Москва и Київ", &["москва", "и", "київ"]);
        check("会議の件", &["会", "議", "の", "件"]);
        check("東京Tower", &["東", "京", "tower"]);
        check("한국어 메일", &["한국어", "메일"]);
        check("שָׁלוֹם", &["שלום"]);
        check("don't", &["don", "t"]);
    }

    #[test]
    fn ranges_lie_on_characters() {
        let text = "Zoë 会議 cafe\u{301}s";
        for (_, range) in words(text) {
            assert!(text.get(range.clone()).is_some(), "{range:?}");
        }
        assert_eq!(words(text)[3].1, 12..19);
    }

    #[test]
    fn encoded_data_is_no_word() {
        check(&format!("a {} b", "x".repeat(200)), &["a", "b"]);
    }
}
