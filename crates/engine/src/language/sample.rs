//! What is looked at of a text: its first words, and in which scripts they are.

use crate::text::eight::Eight;

/// Words of a sample, at most …
const MAX_WORDS: u32 = 64;
/// … in so many bytes of text.
const MAX_BYTES: usize = 768;
/// A word with more bytes is none of the frequent ones.
const MAX_WORD: usize = 32;
/// Letters that a script needs before it tells a language.
const MIN_LETTERS: u32 = 8;
/// Of Han, kana and Hangul fewer do: each says as much as a syllable.
const MIN_SYLLABLES: u32 = 6;

/// What a sample's script tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    /// The language of this code.
    Of(&'static str),
    /// Several languages: its words tell.
    Words,
}

/// Groups of letters that are counted.
const HAN: usize = 0;
const KANA: usize = 1;
const SHARED: usize = 2;
/// The first of the scripts that are one language's.
const OWN: usize = 3;

/// Scripts that are one language's, each with its first and last letter.
const SCRIPTS: [(&str, char, char); 16] = [
    ("el", '\u{370}', '\u{3ff}'),
    ("hy", '\u{530}', '\u{58f}'),
    ("he", '\u{590}', '\u{5ff}'),
    ("bn", '\u{980}', '\u{9ff}'),
    ("pa", '\u{a00}', '\u{a7f}'),
    ("gu", '\u{a80}', '\u{aff}'),
    ("ta", '\u{b80}', '\u{bff}'),
    ("te", '\u{c00}', '\u{c7f}'),
    ("kn", '\u{c80}', '\u{cff}'),
    ("ml", '\u{d00}', '\u{d7f}'),
    ("th", '\u{e00}', '\u{e7f}'),
    ("lo", '\u{e80}', '\u{eff}'),
    ("ka", '\u{10a0}', '\u{10ff}'),
    ("ko", '\u{1100}', '\u{11ff}'),
    ("km", '\u{1780}', '\u{17ff}'),
    ("ko", '\u{ac00}', '\u{d7a3}'),
];

/// The words of a piece of text, in lower case.
#[derive(Debug, Default)]
pub(super) struct Sample {
    text: String,
    ends: Vec<usize>,
    /// Words in all, those that are too long included.
    words: u32,
    bytes: usize,
    letters: [u32; OWN + SCRIPTS.len()],
}

/// The first word of `text` and what stands behind the space after it, where it is short and all letters of ASCII, as most are.
fn plain_word(text: &str) -> Option<(&str, &str)> {
    let (length, _) = Eight::at(text.as_bytes(), 0).letters();
    (length > 0 && text.as_bytes().get(length) == Some(&b' ')).then_some(())?;
    Some((text.get(..length)?, text.get(length + 1..)?))
}

/// Where a second sample of a long text begins: in its middle, but not too far in.
pub(super) fn behind(text: &str) -> &str {
    let mut at = (text.len() / 2).min(8 * MAX_BYTES);
    while !text.is_char_boundary(at) {
        at += 1;
    }
    // The rest of a word that is cut through is no word.
    let rest = text.get(at..).unwrap_or_default();
    let word = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
    rest.get(word..).unwrap_or_default()
}

impl Sample {
    /// Adds the first words of `text`, until the sample is full. What holds digits, "@" or "/", as numbers, addresses and paths do, is
    /// passed over.
    pub(super) fn take(&mut self, text: &str) {
        let mut rest = text;
        while !self.is_full() {
            if let Some((word, behind)) = plain_word(rest) {
                self.bytes += word.len() + 1;
                self.plain(word);
                self.end_word(self.text.len() - word.len());
                rest = behind;
                continue;
            }
            let (piece, behind) = match rest.split_once(char::is_whitespace) {
                Some((piece, behind)) => (piece, Some(behind)),
                None => (rest, None),
            };
            self.bytes += piece.len().min(MAX_BYTES) + 1;
            let odd = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'@' | b'/' | b'\\' | b'=' | b'_');
            if !piece.is_empty() && !piece.bytes().take(MAX_BYTES).any(odd) {
                self.piece(piece);
            }
            let Some(behind) = behind else { return };
            rest = behind;
        }
    }

    /// Adds letters of ASCII.
    fn plain(&mut self, letters: &str) {
        let from = self.text.len();
        self.text.push_str(letters);
        self.text.get_mut(from..).unwrap_or_default().make_ascii_lowercase();
        self.letters[SHARED] += u32::try_from(letters.len()).unwrap_or(u32::MAX);
    }

    /// The words of what stands between two spaces.
    fn piece(&mut self, piece: &str) {
        let mut start = self.text.len();
        // The letter that begins within the bound is taken whole.
        let mut rest = piece.get(..piece.ceil_char_boundary(MAX_BYTES + 1)).unwrap_or_default();
        loop {
            let run = rest.bytes().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(rest.len());
            let (plain, behind) = rest.split_at(run);
            self.plain(plain);
            let mut chars = behind.chars();
            let Some(c) = chars.next() else { break };
            if !c.is_ascii() && (c.is_alphabetic() || is_sign(c)) {
                self.count(c);
                self.text.extend(c.to_lowercase());
            } else {
                start = self.end_word(start);
            }
            rest = chars.as_str();
        }
        self.end_word(start);
    }

    fn end_word(&mut self, start: usize) -> usize {
        let length = self.text.len() - start;
        if length == 0 {
            return start;
        }
        self.words += 1;
        if length > MAX_WORD {
            self.text.truncate(start);
        } else {
            self.ends.push(self.text.len());
        }
        self.text.len()
    }

    fn count(&mut self, c: char) {
        let group = match c {
            '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}' => KANA,
            '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' => HAN,
            '\u{20000}'..='\u{3ffff}' => HAN,
            c if c < '\u{370}' => SHARED,
            c => match SCRIPTS.iter().position(|(_, first, last)| (*first..=*last).contains(&c)) {
                Some(script) => OWN + script,
                None => SHARED,
            },
        };
        self.letters[group] += 1;
    }

    /// Whether no more is taken.
    pub(super) fn is_full(&self) -> bool {
        self.words >= MAX_WORDS || self.bytes >= MAX_BYTES
    }

    /// How many words there are.
    pub(super) fn words(&self) -> u32 {
        self.words
    }

    /// Tells each word.
    pub(super) fn each_word<'a>(&'a self, mut tell: impl FnMut(&'a str)) {
        let mut start = 0;
        for end in &self.ends {
            tell(self.text.get(start..*end).unwrap_or_default());
            start = *end;
        }
    }

    /// What the scripts of its letters tell; nothing where there are too few letters, or two scripts as likely.
    pub(super) fn script(&self) -> Option<Script> {
        let all: u32 = self.letters.iter().sum();
        let (han, kana) = (self.letters[HAN], self.letters[KANA]);
        // Names and terms in Latin letters stand in texts of any script; a letter of Latin script says less than one of these.
        let east = han + kana;
        if east >= MIN_SYLLABLES && east * 3 >= all {
            return match kana {
                0 => Some(Script::Of("zh")),
                // A text of Han with a name in kana is neither.
                kana if kana * 5 >= east => Some(Script::Of("ja")),
                _ => None,
            };
        }
        let mut most = ("", 0);
        for (code, ..) in SCRIPTS {
            let own = SCRIPTS.iter().zip(&self.letters[OWN..]).filter(|((other, ..), _)| *other == code);
            let letters: u32 = own.map(|(_, letters)| *letters).sum();
            if letters > most.1 {
                most = (code, letters);
            }
        }
        let enough = if most.0 == "ko" { MIN_SYLLABLES } else { MIN_LETTERS };
        if most.1 >= enough && most.1 * 2 >= all {
            return Some(Script::Of(most.0));
        }
        (self.letters[SHARED] * 2 > all).then_some(Script::Words)
    }
}

/// Signs within words of Indic scripts and of Arabic, which are no letters by themselves.
fn is_sign(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{dff}' | '\u{e31}'..='\u{e4e}' | '\u{eb1}'..='\u{ece}' | '\u{17b4}'..='\u{17d3}' | '\u{64b}'..='\u{652}' | '\u{200c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told of a sample, each word looked at as if it were an odd one.
    fn piece_by_piece(text: &str) -> Sample {
        let mut sample = Sample::default();
        for piece in text.split(char::is_whitespace) {
            if sample.is_full() {
                break;
            }
            sample.bytes += piece.len().min(MAX_BYTES) + 1;
            if !piece.bytes().take(MAX_BYTES).any(|byte| b"0123456789@/\\=_".contains(&byte)) {
                sample.piece(piece);
            }
        }
        sample
    }

    fn check(text: &str) {
        let (mut sample, slow) = (Sample::default(), piece_by_piece(text));
        sample.take(text);
        assert_eq!((sample.text, sample.ends), (slow.text, slow.ends), "{text:?}");
        assert_eq!(
            (sample.words, sample.bytes, sample.letters),
            (slow.words, slow.bytes, slow.letters),
            "{text:?}"
        );
    }

    #[test]
    fn plain_words_are_words() {
        for text in [
            "",
            " ",
            "a",
            "a ",
            "The mail, the MAIL",
            "a1 b_ c",
            "Zoë zoë",
            "don't  go\tnow",
            "eightletters isnine12 x",
        ] {
            check(text);
        }
        check(&"word ".repeat(100));
        check(&"longerwordsthanthat ".repeat(100));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_taken_alike(text: String, words in "([a-zA-Zé1@会,]{1,9}[ \n]{1,2}){0,90}") {
            check(&text);
            check(&words);
        }
    }
}
