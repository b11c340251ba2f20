//! How text becomes words, for the index, for queries and for marks alike.
//!
//! A word is a run of letters and digits, in lower case and without accents. Scripts that put no spaces between words (Han, kana,
//! Thai, Lao, Khmer, Myanmar) give one word per character; a query of several becomes a phrase, so any part of such text is found.

use super::eight::Eight;
pub use super::letters::stands_alone;
use super::letters::{Letters, Normal};
use std::ops::{ControlFlow, Range};
use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer};

/// Name under which [`analyzer`] is registered with the index. A change of its behaviour needs a new name.
pub const ANALYZER: &str = "mail1";

/// Words that are as long as this (in bytes) are encoded data, not words.
const TOO_LONG: usize = 120;

/// The one analyzer.
pub fn analyzer() -> TextAnalyzer {
    TextAnalyzer::builder(MailTokenizer).build()
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

/// Cuts text as the module says and normalizes the words on the way: filters behind it would go over each word again.
#[derive(Clone, Default)]
struct MailTokenizer;

struct MailTokenStream<'a> {
    text: &'a str,
    at: usize,
    letters: &'static Letters,
    token: Token,
}

impl Tokenizer for MailTokenizer {
    type TokenStream<'a> = MailTokenStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> MailTokenStream<'a> {
        MailTokenStream { text, at: 0, letters: Letters::get(), token: Token::default() }
    }
}

impl TokenStream for MailTokenStream<'_> {
    fn advance(&mut self) -> bool {
        loop {
            self.token.position = self.token.position.wrapping_add(1);
            let Some(start) = self.skip_to_word() else { return false };
            // What is too long counts as a word in between.
            if self.take_word(start) < TOO_LONG {
                return true;
            }
        }
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
                _ => {
                    let c = self.wide(at)?;
                    if self.letters.class(c).is_letter() {
                        return Some(at);
                    }
                    at += c.len_utf8();
                }
            }
        }
    }

    /// Makes the word at `start` the token. Gives how many bytes it takes as it is written, accents of their own left out.
    fn take_word(&mut self, start: usize) -> usize {
        self.token.text.clear();
        let (mut at, mut taken) = (start, 0);
        loop {
            let run = self.take_ascii(at);
            (at, taken) = (at + run, taken + run);
            let Some(c) = self.wide(at) else { break };
            let class = self.letters.class(c);
            let bytes = c.len_utf8();
            match class {
                _ if class.stands_alone() && at > start => break,
                _ if class.is_combining() && at > start => {}
                _ if class.is_letter() => {
                    match self.letters.normal(c) {
                        Normal::Text(text) => self.token.text.push_str(text),
                        Normal::Itself => self.token.text.push(c),
                    }
                    taken += bytes;
                }
                _ => break,
            }
            at += bytes;
            if class.stands_alone() {
                break;
            }
        }
        (self.token.offset_from, self.token.offset_to, self.at) = (start, at, at);
        taken
    }

    /// Adds the run of ASCII letters and digits at `at` to the token; gives how many there are.
    fn take_ascii(&mut self, at: usize) -> usize {
        let (mut taken, mut capitals) = (0, false);
        loop {
            let (run, has_capital) = Eight::at(self.text.as_bytes(), at + taken).run();
            taken += run;
            capitals |= has_capital;
            if run < 8 {
                break;
            }
        }
        if taken == 0 {
            return 0;
        }
        let from = self.token.text.len();
        self.token.text.push_str(self.text.get(at..at + taken).unwrap_or_default());
        if capitals {
            self.token.text.get_mut(from..).unwrap_or_default().make_ascii_lowercase();
        }
        taken
    }

    /// The character at `at`, if it is beyond ASCII.
    fn wide(&self, at: usize) -> Option<char> {
        if self.text.as_bytes().get(at)?.is_ascii() {
            return None;
        }
        self.text.get(at..)?.chars().next()
    }
}

#[cfg(test)]
mod tests {
    use super::super::letters::is_combining;
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

    /// The same by parts from elsewhere, each going over the word anew.
    fn by_filters(text: &str) -> Vec<(String, std::ops::Range<usize>, usize)> {
        use tantivy::tokenizer::{AsciiFoldingFilter, LowerCaser, RawTokenizer};
        let is_letter = |c: char| c.is_alphanumeric();
        let mut chain = TextAnalyzer::builder(RawTokenizer::default())
            .filter(LowerCaser)
            .filter(AsciiFoldingFilter)
            .build();
        let mut out = Vec::new();
        let mut position = 0;
        let mut rest = text.char_indices().peekable();
        while let Some((start, first)) = rest.next() {
            if !is_letter(first) {
                continue;
            }
            let (mut word, mut end) = (first.to_string(), start + first.len_utf8());
            while let Some(&(at, c)) = rest.peek().filter(|_| !stands_alone(first)) {
                if !is_combining(c) {
                    if !is_letter(c) || stands_alone(c) {
                        break;
                    }
                    word.push(c);
                }
                end = at + c.len_utf8();
                rest.next();
            }
            if word.len() < TOO_LONG {
                out.push((chain.token_stream(&word).next().unwrap().text.clone(), start..end, position));
            }
            position += 1;
        }
        out
    }

    fn check_by_filters(text: &str) {
        let mut analyzer = analyzer();
        let mut stream = analyzer.token_stream(text);
        let mut found = Vec::new();
        while let Some(token) = stream.next() {
            found.push((token.text.clone(), token.offset_from..token.offset_to, token.position));
        }
        assert_eq!(found, by_filters(text), "{text:?}");
    }

    #[test]
    fn every_character_as_the_filters_have_it() {
        // Of what is neither letter nor accent, some.
        for c in ('\0'..=char::MAX)
            .filter(|&c| c.is_alphanumeric() || is_combining(c) || (c as u32).is_multiple_of(61))
        {
            check_by_filters(&format!("{c}a{c}B {c}"));
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_as_the_filters_have_it(text in proptest::prelude::any::<String>(), odd in "[aZ9é\u{301}Ж会\u{5b8}שﬃİ .-]{0,300}") {
            check_by_filters(&text);
            check_by_filters(&odd);
        }
    }

    #[test]
    fn encoded_data_is_no_word() {
        check(&format!("a {} b", "x".repeat(200)), &["a", "b"]);
    }
}
