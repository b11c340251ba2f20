//! What is a letter, and what becomes of it within a word: lower case, without accents.

use std::sync::LazyLock;
use tantivy::tokenizer::{AsciiFoldingFilter, LowerCaser, RawTokenizer, TextAnalyzer};

/// Characters below this, most of those in which mail is written, are looked up.
const TABLE: u32 = 0x3000;
/// No normal form in the table is longer, in bytes.
const LONGEST: usize = 6;

/// What a character is to a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Class(u8);

const LETTER: u8 = 1;
const COMBINING: u8 = 2;
const ALONE: u8 = 4;

impl Class {
    fn of(c: char) -> Self {
        let flag = |flag: u8, is: bool| if is { flag } else { 0 };
        Self(
            flag(LETTER, c.is_alphanumeric())
                | flag(COMBINING, is_combining(c))
                | flag(ALONE, stands_alone(c)),
        )
    }

    /// Whether it is a letter or a digit.
    pub fn is_letter(self) -> bool {
        self.0 & LETTER != 0
    }

    /// Whether it only changes the looks of the letter before it.
    pub fn is_combining(self) -> bool {
        self.0 & COMBINING != 0
    }

    /// Whether it is a word by itself.
    pub fn stands_alone(self) -> bool {
        self.0 & ALONE != 0
    }
}

/// What stands in the index for a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Normal<'a> {
    /// These letters.
    Text(&'a str),
    /// The letter.
    Itself,
}

#[derive(Clone, Copy)]
struct Entry {
    class: Class,
    length: u8,
    bytes: [u8; LONGEST],
}

/// The table, and what is not in it.
pub struct Letters {
    table: Vec<Entry>,
    /// Normal forms of rarer characters, in order.
    rare: Vec<(char, String)>,
}

impl Letters {
    /// The one table.
    pub fn get() -> &'static Self {
        static LETTERS: LazyLock<Letters> = LazyLock::new(Letters::new);
        &LETTERS
    }

    fn new() -> Self {
        let mut filters = TextAnalyzer::builder(RawTokenizer::default())
            .filter(LowerCaser)
            .filter(AsciiFoldingFilter)
            .build();
        let mut normal = |c: char| {
            let mut text = String::new();
            filters.token_stream(c.encode_utf8(&mut [0; 4])).process(&mut |token| text.push_str(&token.text));
            text
        };
        let mut table = Vec::new();
        for c in (0..TABLE).map(|code| char::from_u32(code).unwrap_or_default()) {
            let (class, text) = (Class::of(c), normal(c));
            let (mut bytes, length) = ([0; LONGEST], text.len().min(LONGEST));
            bytes[..length].copy_from_slice(&text.as_bytes()[..length]);
            table.push(Entry { class, length: length as u8, bytes });
        }
        let mut rare = Vec::new();
        // Beyond the first plane there is case, and nothing else.
        let candidate =
            |c: &char| c.is_alphanumeric() && !plain(*c) && (*c <= '\u{ffff}' || c.is_uppercase());
        for c in (TABLE..=0x1_ffff).filter_map(char::from_u32).filter(candidate) {
            let text = normal(c);
            if !text.chars().eq([c]) {
                rare.push((c, text));
            }
        }
        Self { table, rare }
    }

    /// What a character is.
    pub fn class(&self, c: char) -> Class {
        match (self.table.get(c as usize), c) {
            (Some(entry), _) => entry.class,
            // What most text in these scripts consists of.
            (None, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{4e00}'..='\u{9fff}') => {
                Class(LETTER | ALONE)
            }
            (None, '\u{ac00}'..='\u{d7a3}') => Class(LETTER),
            (None, _) => Class::of(c),
        }
    }

    /// What stands for a letter.
    pub fn normal(&self, c: char) -> Normal<'_> {
        if let Some(entry) = self.table.get(c as usize) {
            let bytes = entry.bytes.get(..entry.length.into()).unwrap_or_default();
            return std::str::from_utf8(bytes).map_or(Normal::Itself, Normal::Text);
        }
        if plain(c) {
            return Normal::Itself;
        }
        let found = self.rare.binary_search_by_key(&c, |(c, _)| *c).ok();
        found.and_then(|at| self.rare.get(at)).map_or(Normal::Itself, |(_, text)| Normal::Text(text))
    }
}

/// Whether a character is in one of the large scripts that know neither case nor accents.
fn plain(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

/// Combining marks that canonical decomposition splits off, and the variation selectors and joiners that change only looks.
pub fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{200c}' | '\u{200d}' | '\u{ad}')
}

/// Whether a character is of a script that puts no spaces between words.
pub fn stands_alone(c: char) -> bool {
    c >= '\u{e00}'
        && matches!(c, '\u{e00}'..='\u{e7f}' | '\u{e80}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}' | '\u{20000}'..='\u{3ffff}')
        && c.is_alphanumeric()
}

/// A name or a remark as it is compared with what somebody types: in lower case, without accents.
pub fn folded(text: &str) -> String {
    let letters = Letters::get();
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !letters.class(*c).is_combining()) {
        match letters.normal(c) {
            Normal::Text(text) => out.push_str(text),
            Normal::Itself => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is looked up, and what is told by ranges, is what the character's properties say; of all characters there are.
    #[test]
    fn classes_are_those_of_the_characters() {
        let letters = Letters::get();
        let all = (0..=u32::from(char::MAX)).filter_map(char::from_u32);
        let wrong: Vec<char> = all.filter(|c| letters.class(*c) != Class::of(*c)).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
