//! How text becomes words, for the index, for queries and for marks alike.
//!
//! A word is a run of letters and digits, in lower case and without accents. Scripts that put no spaces between words (Han, kana,
//! Thai, Lao, Khmer, Myanmar) give one word per character; a query of several becomes a phrase, so any part of such text is found.

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
pub fn words(text: &str) -> Vec<(String, std::ops::Range<usize>)> {
    let mut analyzer = analyzer();
    let mut stream = analyzer.token_stream(text);
    let mut words = Vec::new();
    while let Some(token) = stream.next() {
        words.push((token.text.clone(), token.offset_from..token.offset_to));
    }
    words
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
        let rest = self.text.get(self.at..).unwrap_or_default();
        let mut start = None;
        for (offset, c) in rest.char_indices() {
            let here = self.at + offset;
            match start {
                None if stands_alone(c) => {
                    self.token.text.push(c);
                    return self.end_token(here, here + c.len_utf8());
                }
                None if c.is_alphanumeric() => {
                    start = Some(here);
                    self.token.text.push(c);
                }
                None => {}
                // An accent typed as a character of its own belongs to its letter and is left out, as folding would.
                Some(_) if is_combining(c) => {}
                Some(from) if !c.is_alphanumeric() || stands_alone(c) => return self.end_token(from, here),
                Some(_) => self.token.text.push(c),
            }
        }
        match start {
            Some(from) => self.end_token(from, self.text.len()),
            None => false,
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

fn stands_alone(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{e7f}' | '\u{e80}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}' | '\u{20000}'..='\u{3ffff}')
        && (c.is_alphanumeric())
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
