//! Text: words by Zipf's law, in sentences and paragraphs.

use std::collections::HashSet;

use crate::language::{LANGUAGES, Language};
use crate::random::{Purpose, Random, Zipf};

/// How many different words a language has.
const VOCABULARY: usize = 12_000;

/// The words of one language, the most frequent first.
#[derive(Debug)]
pub struct Words {
    /// Which language.
    pub language: &'static Language,
    /// All words, one behind the other, and where each ends: neighbours in memory, as they are drawn without order.
    letters: String,
    ends: Vec<u32>,
    law: Zipf,
}

impl Words {
    /// The words of every language; the same in every mailbox.
    pub fn all() -> Vec<Self> {
        LANGUAGES.iter().zip(0..).map(|(language, number)| Self::of(language, number)).collect()
    }

    fn of(language: &'static Language, number: u64) -> Self {
        let mut random = Random::new(0, Purpose::Words, number);
        let mut words: Vec<String> = language.function.iter().map(|&word| word.to_owned()).collect();
        let mut known: HashSet<String> = words.iter().cloned().collect();
        // Sounds that run out of combinations end the vocabulary early.
        let mut tries = VOCABULARY * 20;
        while words.len() < VOCABULARY && tries > 0 {
            tries -= 1;
            let word = make_word(language, &mut random);
            if word.chars().count() >= 2 && known.insert(word.clone()) {
                words.push(word);
            }
        }
        let law = Zipf::new(words.len() as u32, 3);
        let (mut letters, mut ends) = (String::new(), Vec::with_capacity(words.len()));
        for word in &words {
            letters.push_str(word);
            ends.push(letters.len() as u32);
        }
        Self { language, letters, ends, law }
    }

    /// A word, the frequent ones often.
    pub fn word(&self, random: &mut Random) -> &str {
        self.get(self.law.draw(random))
    }

    /// The word of this rank.
    fn get(&self, rank: usize) -> &str {
        let end = |rank: usize| self.ends.get(rank).map_or(0, |&end| end as usize);
        self.letters.get(rank.checked_sub(1).map_or(0, end)..end(rank)).unwrap_or_default()
    }

    /// A word with a meaning: not one of those that hold sentences together.
    pub fn content_word(&self, random: &mut Random) -> &str {
        let skip = self.language.function.len();
        let rank = skip + self.law.draw(random) % (self.ends.len() - skip).max(1);
        self.get(rank)
    }

    /// Words of a title: `count` of them, with a capital at the beginning where there are capitals.
    pub fn title(&self, random: &mut Random, count: u64) -> String {
        let mut out = String::new();
        for number in 0..count {
            if number > 0 && self.language.spaced {
                out.push(' ');
            }
            let word = if random.chance(300) { self.word(random) } else { self.content_word(random) };
            if number == 0 { self.push_capital(&mut out, word) } else { out.push_str(word) }
        }
        out
    }

    fn push_capital(&self, out: &mut String, word: &str) {
        let mut letters = word.chars();
        match letters.next() {
            Some(first) if self.language.capitals => {
                out.extend(first.to_uppercase());
                out.push_str(letters.as_str());
            }
            _ => out.push_str(word),
        }
    }

    /// Appends a sentence and gives how many words it has.
    pub fn sentence(&self, random: &mut Random, out: &mut String) -> u64 {
        let [comma, stop] = self.language.marks;
        let count = random.between(5, 19);
        for number in 0..count {
            let word = self.word(random);
            if number == 0 {
                self.push_capital(out, word);
            } else {
                if number % 7 == 6 && number + 2 < count {
                    out.push_str(comma);
                } else if self.language.spaced {
                    out.push(' ');
                }
                match random.below(40) {
                    0 => out.push_str(&random.between(2, 9_999).to_string()),
                    _ => out.push_str(word),
                }
            }
        }
        out.push_str(stop.trim_end());
        count
    }

    /// Paragraphs of about `count` words, each handed to `each`; returns how many words there are.
    pub fn paragraphs(&self, random: &mut Random, count: u64, mut each: impl FnMut(&str)) -> u64 {
        let mut written = 0;
        let mut text = String::with_capacity(1024);
        while written < count {
            text.clear();
            let end = (written + random.between(30, 90)).min(count);
            while written < end {
                if !text.is_empty() && self.language.spaced {
                    text.push(' ');
                }
                written += self.sentence(random, &mut text);
            }
            each(&text);
        }
        written
    }
}

fn make_word(language: &Language, random: &mut Random) -> String {
    let [begin, middle, end] = language.sounds;
    // Words of scripts without letters are short.
    let weights: &[u64] = if language.spaced { &[10, 45, 32, 13] } else { &[85, 15] };
    let mut word = String::new();
    for _ in 0..=random.weighted(weights) {
        word.push_str(random.pick(begin));
        if language.spaced || random.chance(700) {
            word.push_str(random.pick(middle));
        }
    }
    word.push_str(random.pick(end));
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_the_words_asked_for() {
        for words in Words::all() {
            assert!(words.ends.len() > 3_000, "{}", words.ends.len());
            assert_eq!(words.get(0), words.language.function[0]);
            assert!(!words.get(words.ends.len() - 1).is_empty());
            let mut random = Random::new(1, Purpose::Body, 1);
            let mut text = String::new();
            let count = words.paragraphs(&mut random, 250, |paragraph| {
                text.push_str(paragraph);
                text.push('\n');
            });
            assert!((250..=270).contains(&count));
            if words.language.spaced {
                assert_eq!(text.split_whitespace().count() as u64, count, "{text}");
            }
            assert!(!words.title(&mut random, 4).is_empty());
        }
    }

    #[test]
    fn vocabularies_are_the_same_each_time() {
        let (a, b) = (Words::of(&LANGUAGES[4], 4), Words::of(&LANGUAGES[4], 4));
        assert_eq!((a.letters, a.ends), (b.letters, b.ends));
    }
}
