//! In which language a text is, where that can be told without guessing.
//!
//! Where a script is written by one language alone, the script tells it. Elsewhere the most frequent words of languages are looked for
//! in a sample ([`words`]): enough different ones must be there, in a fair share of all words, and what is found must be told from the
//! next likely language by words of its own. Whatever fails one of these has no language.

mod sample;
mod words;

use crate::text::tokens;
use foldhash::fast::FixedState;
use sample::{Sample, Script};
use std::collections::HashMap;
use std::sync::LazyLock;

/// A language: its number in the index, from 1 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Language(u8);

/// Code of ISO 639-1 and English name, at the place of the number less one. Numbers stand in indexes: new ones come last.
const LANGUAGES: [(&str, &str); 49] = [
    ("en", "English"),
    ("de", "German"),
    ("fr", "French"),
    ("es", "Spanish"),
    ("it", "Italian"),
    ("pt", "Portuguese"),
    ("nl", "Dutch"),
    ("sv", "Swedish"),
    ("da", "Danish"),
    ("no", "Norwegian"),
    ("fi", "Finnish"),
    ("pl", "Polish"),
    ("cs", "Czech"),
    ("sk", "Slovak"),
    ("hu", "Hungarian"),
    ("ro", "Romanian"),
    ("tr", "Turkish"),
    ("vi", "Vietnamese"),
    ("id", "Indonesian"),
    ("ca", "Catalan"),
    ("et", "Estonian"),
    ("lv", "Latvian"),
    ("lt", "Lithuanian"),
    ("sl", "Slovenian"),
    ("ru", "Russian"),
    ("uk", "Ukrainian"),
    ("bg", "Bulgarian"),
    ("sr", "Serbian"),
    ("el", "Greek"),
    ("he", "Hebrew"),
    ("ar", "Arabic"),
    ("fa", "Persian"),
    ("ur", "Urdu"),
    ("hi", "Hindi"),
    ("bn", "Bengali"),
    ("pa", "Punjabi"),
    ("gu", "Gujarati"),
    ("ta", "Tamil"),
    ("te", "Telugu"),
    ("kn", "Kannada"),
    ("ml", "Malayalam"),
    ("th", "Thai"),
    ("lo", "Lao"),
    ("km", "Khmer"),
    ("ka", "Georgian"),
    ("hy", "Armenian"),
    ("ko", "Korean"),
    ("ja", "Japanese"),
    ("zh", "Chinese"),
];

/// Fewer words than this tell nothing.
const MIN_WORDS: u32 = 4;
/// So many different frequent words must be there …
const MIN_DIFFERENT: usize = 3;
/// … and one word in so many must be one of them.
const ONE_IN: u32 = 8;
/// The next likely language must lack so many of the words that are there …
const MIN_OWN: u32 = 2;
/// … and so many times as many as it has itself and the likeliest lacks.
const OWN_TIMES: u32 = 3;

impl Language {
    /// All that can be told, in the order of their numbers.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..).take(LANGUAGES.len()).map(Self)
    }

    /// The language of a number of the index; 0 stands for none.
    pub fn of_number(number: u64) -> Option<Self> {
        let number = u8::try_from(number).ok()?;
        (1..=LANGUAGES.len()).contains(&usize::from(number)).then_some(Self(number))
    }

    /// Its number in the index.
    pub fn number(self) -> u64 {
        self.0.into()
    }

    fn entry(self) -> (&'static str, &'static str) {
        LANGUAGES.get(usize::from(self.0).wrapping_sub(1)).copied().unwrap_or_default()
    }

    /// Its code of ISO 639-1.
    pub fn code(self) -> &'static str {
        self.entry().0
    }

    /// Its English name.
    pub fn name(self) -> &'static str {
        self.entry().1
    }

    /// The language of this code or English name, in any case. Norwegian has two written forms with codes of their own.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.trim();
        let name = if ["nb", "nn"].iter().any(|code| code.eq_ignore_ascii_case(name)) { "no" } else { name };
        Self::all().find(|language| {
            language.code().eq_ignore_ascii_case(name) || language.name().eq_ignore_ascii_case(name)
        })
    }
}

/// The language of an item: of its text, and where that is too short, of text and subject. At most some hundred characters are looked at.
pub fn of_item(subject: &str, text: &str) -> Option<Language> {
    let mut sample = Sample::default();
    sample.take(text);
    if !sample.is_full() {
        sample.take(subject);
        return decide(&sample);
    }
    // A letter may begin with a table, or with what another program put before it.
    decide(&sample).or_else(|| {
        let mut sample = Sample::default();
        sample.take(sample::behind(text));
        decide(&sample)
    })
}

fn decide(sample: &Sample) -> Option<Language> {
    match sample.script()? {
        Script::Of(code) => Language::named(code),
        Script::Words => by_words(sample),
    }
}

/// Which lists a word is in, a bit each.
static LISTS: LazyLock<HashMap<&'static str, u64, FixedState>> = LazyLock::new(|| {
    let mut lists: HashMap<&'static str, u64, FixedState> = HashMap::default();
    for (number, (_, words)) in words::WORDS.iter().enumerate() {
        for word in words.split_whitespace() {
            *lists.entry(word).or_default() |= 1 << number;
        }
    }
    lists
});

/// Whether a word, without its accents, is one of the most frequent of a language.
pub fn is_frequent(language: Language, word: &str) -> bool {
    let listed = |list: &str| {
        list.split_whitespace().any(|listed| {
            listed == word
                || !listed.is_ascii() && tokens::words(listed).first().is_some_and(|(w, _)| w == word)
        })
    };
    words::WORDS.iter().any(|(code, list)| *code == language.code() && listed(list))
}

fn by_words(sample: &Sample) -> Option<Language> {
    if sample.words() < MIN_WORDS {
        return None;
    }
    let mut found: Vec<(&str, u64)> = Vec::with_capacity(64);
    sample.each_word(|word| found.extend(LISTS.get_key_value(word).map(|(word, lists)| (*word, *lists))));
    let mut counts = [0_u32; words::WORDS.len()];
    for (_, lists) in &found {
        let mut left = *lists;
        while left != 0 {
            let list = left.trailing_zeros() as usize;
            counts[list] += 1;
            left &= left - 1;
        }
    }
    let (best, count) = (0..).zip(counts).max_by_key(|(_, count)| *count)?;
    let mut of_best: Vec<&str> =
        found.iter().filter(|(_, lists)| lists >> best & 1 == 1).map(|f| f.0).collect();
    of_best.sort_unstable();
    of_best.dedup();
    if of_best.len() < MIN_DIFFERENT || count * ONE_IN < sample.words() {
        return None;
    }
    // Single letters are numerals, initials and signs of lists as well.
    if of_best.iter().filter(|word| word.chars().nth(1).is_some()).count() < MIN_DIFFERENT - 1 {
        return None;
    }
    for (other, others) in (0..).zip(counts).filter(|(list, others)| *list != best && *others * 2 >= count) {
        let has = |lists: u64, list: usize| lists >> list & 1 == 1;
        let (mut own, mut its) = (0, 0);
        for (_, lists) in &found {
            own += u32::from(has(*lists, best) && !has(*lists, other));
            its += u32::from(has(*lists, other) && !has(*lists, best));
        }
        if own < MIN_OWN || own < its * OWN_TIMES {
            tracing::trace!(others, own, its, "two languages are as likely");
            return None;
        }
    }
    Language::named(words::WORDS.get(best)?.0)
}

#[cfg(test)]
mod tests;
