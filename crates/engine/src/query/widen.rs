//! Other forms of the words of a query: those of the index with the same stem in a language that its items are written in.
//!
//! The index holds words as they stand. What has the same stem begins alike, so the forms of a word are looked for among the words that
//! begin as it does: nothing is indexed twice, and words in quotes stay what they are.

use super::{Match, Query};
use crate::fields::TextField;
use crate::index::Index;
use crate::language::Language;
use crate::text::tokens;
use frostem::{Algorithm, Stemmer};
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use tantivy::{Searcher, Term};

/// Fields in which words have other forms. People's names have none.
pub(super) const FIELDS: [TextField; 4] =
    [TextField::Subject, TextField::Body, TextField::Filename, TextField::Attached];
/// Whose words are looked through: those of names of files are among them.
const DICTIONARIES: [TextField; 3] = [TextField::Body, TextField::Subject, TextField::Attached];
/// A shorter word, and a shorter beginning, is not looked for.
const MIN_LETTERS: usize = 3;
/// A longer word has no forms, in bytes.
const MAX_WORD: usize = 40;
/// Forms are no longer than word and stem by so many letters.
const MAX_ENDING: usize = 7;
/// Words of the index that are looked at for one word of a query.
const MAX_LOOKED_AT: usize = 20_000;
/// Forms of a word in one language: those that are there most.
const MAX_FORMS: usize = 12;
/// Languages whose forms are looked for: those with the most items.
const MAX_LANGUAGES: usize = 5;
/// Words of a query that have forms.
const MAX_WORDS: usize = 16;
/// What another form counts where the word itself is nowhere.
const WEIGHT: f32 = 0.4;
/// What another form counts at most, wherever it stands, of what the word itself does in a text of usual length: about as much as the
/// word in a text of five times that. Who types a word means it before its forms, even before one in a subject.
const MOST: f32 = 0.35;
/// What a match counts at most, of its rarity and weight: k1 + 1 of BM25, as the index has it.
const SATURATED: f32 = 2.2;
/// Answers that are remembered for a commit.
const MAX_KNOWN: usize = 4096;

/// Another form of a word.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// As the index writes it.
    pub term: String,
    /// What a match of it counts in each of [`FIELDS`], of what its rarity there gives.
    pub weights: [f32; FIELDS.len()],
}

/// The forms of a word in items of one language.
#[derive(Debug, Clone, PartialEq)]
pub struct Forms {
    /// The language.
    pub language: Language,
    /// Other languages that the library has: items in these are not meant.
    pub others: Vec<Language>,
    /// The forms, without the word.
    pub forms: Vec<Form>,
}

/// The forms of the words of a query.
#[derive(Debug, Clone, Default)]
pub struct Widened(ByWord);

impl Widened {
    /// The forms of a word, as the index writes it, by language.
    pub fn of(&self, word: &str) -> &[Forms] {
        self.0.get(word).map_or(&[], |forms| forms.as_slice())
    }
}

/// What was found for words, as of a commit.
#[derive(Default)]
pub struct Known(Mutex<State>);

#[derive(Default)]
struct State {
    commit: u64,
    languages: Option<Languages>,
    forms: ByWord,
}

/// Languages and how many items each has, those with the most first.
type Languages = Arc<Vec<(Language, u64)>>;

/// Forms by word.
type ByWord = HashMap<String, Arc<Vec<Forms>>>;

/// The forms of the words of `query` that have some.
///
/// # Errors
/// The index's.
pub fn widen(index: &Index, searcher: &Searcher, query: &Query) -> crate::error::Result<Widened> {
    let mut words = Vec::new();
    collect(query, &mut words);
    words.truncate(MAX_WORDS);
    let mut widened = Widened::default();
    for word in words {
        if let Entry::Vacant(place) = widened.0.entry(word) {
            let forms = index.forms.of(index, searcher, place.key())?;
            place.insert(forms);
        }
    }
    Ok(widened)
}

/// The words that may stand in another form.
fn collect(query: &Query, words: &mut Vec<String>) {
    match query {
        Query::Words { text, fields, how: Match::Word, .. }
            if fields.is_empty() || fields.iter().any(|field| FIELDS.contains(field)) =>
        {
            let mut own = tokens::words(text);
            if let (Some((word, _)), true) = (own.pop(), own.is_empty()) {
                words.push(word);
            }
        }
        Query::And(parts) | Query::Or(parts) => parts.iter().for_each(|part| collect(part, words)),
        Query::Not(part) => collect(part, words),
        _ => {}
    }
}

impl Known {
    fn of(&self, index: &Index, searcher: &Searcher, word: &str) -> crate::error::Result<Arc<Vec<Forms>>> {
        let commit = searcher.generation().generation_id();
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = {
            let mut known = lock();
            if known.commit != commit || known.forms.len() >= MAX_KNOWN {
                *known = State { commit, ..State::default() };
            }
            if let Some(forms) = known.forms.get(word) {
                return Ok(forms.clone());
            }
            known.languages.clone()
        };
        let languages = match known {
            Some(languages) => languages,
            None => Arc::new(languages(index, searcher)?),
        };
        let forms = Arc::new(find(index, searcher, word, &languages)?);
        let mut known = lock();
        if known.commit == commit {
            known.languages = Some(languages);
            known.forms.insert(word.to_owned(), forms.clone());
        }
        Ok(forms)
    }
}

/// A language in which a word may have forms.
struct Candidate {
    language: Language,
    stemmer: Stemmer,
    stem: String,
    /// What its forms begin with.
    prefix: String,
    /// Their length at most, in bytes.
    longest: usize,
    /// Forms, each with the number of items that have it.
    found: BTreeMap<String, u64>,
}

fn find(
    index: &Index,
    searcher: &Searcher,
    word: &str,
    languages: &[(Language, u64)],
) -> crate::error::Result<Vec<Forms>> {
    if word.len() > MAX_WORD
        || word.chars().count() < MIN_LETTERS
        || !word.chars().all(char::is_alphabetic)
        || word.chars().any(crate::text::tokens::stands_alone)
    {
        return Ok(Vec::new());
    }
    let mut candidates: Vec<Candidate> = languages
        .iter()
        .filter_map(|(language, _)| Candidate::of(*language, word))
        .take(MAX_LANGUAGES)
        .collect();
    let mut own = 0;
    look_through(index, searcher, word, &mut candidates, &mut own)?;
    let all = searcher.num_docs();
    let weights = |term: &str| -> crate::error::Result<[f32; FIELDS.len()]> {
        let mut weights = FIELDS.map(|field| WEIGHT * field.weight());
        if own > 0 {
            let most = rarity(own, all) * MOST / SATURATED;
            let heaviest = FIELDS.map(TextField::weight).into_iter().fold(0.0, f32::max);
            for (weight, field) in weights.iter_mut().zip(FIELDS) {
                let items = searcher.doc_freq(&Term::from_field_text(index.fields.text(field), term))?;
                *weight = most * field.weight() / heaviest / rarity(items, all);
            }
        }
        Ok(weights)
    };
    let form = |(term, _): (String, u64)| -> crate::error::Result<Form> {
        Ok(Form { weights: weights(&term)?, term })
    };
    let with_forms = candidates.into_iter().filter(|candidate| !candidate.found.is_empty());
    let forms = with_forms.map(|candidate| -> crate::error::Result<Forms> {
        let mut found: Vec<(String, u64)> = candidate.found.into_iter().collect();
        found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        found.truncate(MAX_FORMS);
        Ok(Forms {
            language: candidate.language,
            others: languages.iter().map(|(l, _)| *l).filter(|l| *l != candidate.language).collect(),
            forms: found.into_iter().map(&form).collect::<crate::error::Result<_>>()?,
        })
    });
    forms.collect()
}

/// What a word's rarity gives to its score, as the index has it: see BM25.
fn rarity(items: u64, all: u64) -> f32 {
    let (items, all) = (items.min(all) as f32, all as f32);
    (1.0 + (all - items + 0.5) / (items + 0.5)).ln().max(f32::MIN_POSITIVE)
}

/// The languages of the library, those with the most items first.
fn languages(index: &Index, searcher: &Searcher) -> crate::error::Result<Vec<(Language, u64)>> {
    let mut found = Vec::new();
    for language in Language::all() {
        let items = searcher.doc_freq(&Term::from_field_u64(index.fields.language, language.number()))?;
        if items > 0 {
            found.push((language, items));
        }
    }
    found.sort_by_key(|(language, items)| (std::cmp::Reverse(*items), *language));
    Ok(found)
}

/// Looks for forms among the words of the index that begin alike. `own` becomes the number of items that have the word itself.
fn look_through(
    index: &Index,
    searcher: &Searcher,
    word: &str,
    candidates: &mut [Candidate],
    own: &mut u64,
) -> crate::error::Result<()> {
    let Some(shared) = candidates.iter().map(|candidate| candidate.prefix.clone()).min_by_key(String::len)
    else {
        return Ok(());
    };
    let mut left = MAX_LOOKED_AT;
    for field in DICTIONARIES {
        for segment in searcher.segment_readers() {
            let inverted = segment.inverted_index(index.fields.text(field))?;
            let mut terms =
                inverted.terms().range().ge(&shared).into_stream().map_err(tantivy::TantivyError::from)?;
            while left > 0 && terms.advance() {
                left -= 1;
                if !terms.key().starts_with(shared.as_bytes()) {
                    break;
                }
                let Ok(term) = std::str::from_utf8(terms.key()) else { continue };
                if term == word {
                    *own += u64::from(terms.value().doc_freq);
                    continue;
                }
                for candidate in candidates.iter_mut().filter(|candidate| candidate.has(term)) {
                    *candidate.found.entry(term.to_owned()).or_default() += u64::from(terms.value().doc_freq);
                }
            }
        }
    }
    Ok(())
}

impl Candidate {
    fn of(language: Language, word: &str) -> Option<Self> {
        let stemmer = Stemmer::new(algorithm(language)?);
        // Who asks for "the" means it; its like have no forms of interest.
        if !same_script(language, word) || crate::language::is_frequent(language, word) {
            return None;
        }
        let stem = stemmer.stem(word).into_owned();
        let alike = word.chars().zip(stem.chars()).take_while(|(a, b)| a == b).count();
        // The last letter of a stem is often another one than that of the word: "companies", "compani", "company".
        let stem_letters = stem.chars().count();
        let letters = alike.min(stem_letters.saturating_sub(1).max(MIN_LETTERS));
        if letters < MIN_LETTERS {
            return None;
        }
        let prefix: String = word.chars().take(letters).collect();
        let longest = word.len().max(stem.len()) + MAX_ENDING * if word.is_ascii() { 1 } else { 2 };
        Some(Self { language, stemmer, stem, prefix, longest, found: BTreeMap::new() })
    }

    /// Whether `term` is a form of the word.
    fn has(&self, term: &str) -> bool {
        term.len() <= self.longest
            && term.starts_with(&self.prefix)
            && !term.bytes().any(|byte| byte.is_ascii_digit())
            && self.stemmer.stem(term) == self.stem
    }
}

/// Whether a word can be one of a language, by its first letter.
fn same_script(language: Language, word: &str) -> bool {
    let script = |c: char| match c {
        '\u{400}'..='\u{52f}' => 1,
        '\u{370}'..='\u{3ff}' => 2,
        '\u{600}'..='\u{6ff}' => 3,
        _ => 0,
    };
    let wanted = match language.code() {
        "ru" | "uk" => 1,
        "el" => 2,
        "ar" => 3,
        _ => 0,
    };
    word.chars().next().is_some_and(|c| script(c) == wanted)
}

/// How words of a language are cut to their stems.
fn algorithm(language: Language) -> Option<Algorithm> {
    Some(match language.code() {
        "en" => Algorithm::English,
        "de" => Algorithm::German,
        "fr" => Algorithm::French,
        "es" => Algorithm::Spanish,
        "it" => Algorithm::Italian,
        "pt" => Algorithm::Portuguese,
        "nl" => Algorithm::Dutch,
        "sv" => Algorithm::Swedish,
        "da" => Algorithm::Danish,
        "no" => Algorithm::Norwegian,
        "fi" => Algorithm::Finnish,
        "pl" => Algorithm::Polish,
        "cs" => Algorithm::Czech,
        "hu" => Algorithm::Hungarian,
        "ro" => Algorithm::Romanian,
        "tr" => Algorithm::Turkish,
        "id" => Algorithm::Indonesian,
        "ca" => Algorithm::Catalan,
        "et" => Algorithm::Estonian,
        "lt" => Algorithm::Lithuanian,
        "ru" => Algorithm::Russian,
        "uk" => Algorithm::Ukrainian,
        "el" => Algorithm::Greek,
        "ar" => Algorithm::Arabic,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::Document;

    /// A library of these texts, each in a language.
    fn index(folder: &std::path::Path, texts: &[(&str, &str)]) -> Index {
        let index = Index::open(folder).unwrap();
        let mut writer = index.writer(16 << 20, 1).unwrap();
        for (id, (language, text)) in (1..).zip(texts) {
            let texts = vec![(TextField::Body, (*text).to_owned())];
            let document = Document { texts, language: Language::named(language), ..Document::default() };
            writer.put(id, 1, &[1], document, false).unwrap();
        }
        writer.commit(1).unwrap();
        index.reload().unwrap();
        index
    }

    #[test]
    fn forms_are_those_of_the_languages_that_are_there() {
        let folder = tempfile::TempDir::new().unwrap();
        let index = index(
            folder.path(),
            &[
                (
                    "en",
                    "company companies company's compan meet meeting meetings met meeting42 the thes university",
                ),
                ("en", "pipelines generally cats cat catalogue"),
                ("de", "Sitzung Sitzungen Häuser Haus meetings"),
                ("ru", "договор договора договоры дог"),
                ("", "meetgard"),
            ],
        );
        let forms = |text: &str| -> Vec<(String, Vec<String>)> {
            let query = crate::query::parse(text).unwrap();
            let widened = widen(&index, &index.searcher(), &query).unwrap();
            let word = tokens::words(text).pop().unwrap().0;
            let terms = |forms: &Forms| {
                let mut terms: Vec<String> = forms.forms.iter().map(|form| form.term.clone()).collect();
                terms.sort();
                (forms.language.code().to_owned(), terms)
            };
            widened.of(&word).iter().map(terms).collect()
        };
        let check = |text: &str, expected: &[(&str, &[&str])]| {
            let found = forms(text);
            let found: Vec<(&str, Vec<&str>)> = found
                .iter()
                .map(|(l, terms)| (l.as_str(), terms.iter().map(String::as_str).collect()))
                .collect();
            let expected: Vec<(&str, Vec<&str>)> = expected.iter().map(|(l, t)| (*l, t.to_vec())).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("company", &[("en", &["companies"])]);
        check("COMPANIES", &[("en", &["company"])]);
        check("meeting", &[("en", &["meet", "meetings"]), ("de", &["meetings"])]);
        check("subject:meet", &[("en", &["meeting", "meetings"])]);
        check("from:meet", &[]);
        check("\"meeting\"", &[]);
        check("meeting*", &[]);
        check("meeting~", &[]);
        check("the", &[]);
        check("cats", &[("en", &["cat"]), ("de", &["cat"])]);
        check("Sitzung", &[("de", &["sitzungen"])]);
        check("Haus", &[("de", &["hauser"])]);
        check("договором", &[("ru", &["договор", "договора", "договоры"])]);
        check("pipeline", &[("en", &["pipelines"]), ("de", &["pipelines"])]);
        check("nothing", &[]);
        let query = crate::query::parse("-company (meet OR x)").unwrap();
        let widened = widen(&index, &index.searcher(), &query).unwrap();
        assert!(!widened.of("company").is_empty() && !widened.of("meet").is_empty());
    }

    #[test]
    fn a_rarer_form_counts_no_more_than_the_word() {
        assert!(rarity(1, 1000) > rarity(10, 1000) && rarity(1000, 1000) > 0.0);
        let folder = tempfile::TempDir::new().unwrap();
        let mut texts = vec![("en", "meeting"); 50];
        texts.push(("en", "meetings"));
        let index = index(folder.path(), &texts);
        let query = crate::query::parse("meeting").unwrap();
        let widened = widen(&index, &index.searcher(), &query).unwrap();
        let [Forms { forms, .. }] = widened.of("meeting") else { panic!("one language") };
        let form = forms.first().unwrap();
        let [_, body, ..] = form.weights;
        assert!(body * SATURATED * rarity(1, 51) <= rarity(50, 51) * MOST * 1.01, "{body}");
    }

    #[test]
    fn what_is_looked_at_is_bounded() {
        let folder = tempfile::TempDir::new().unwrap();
        let letters = |n: u32| -> String {
            (0..4).map(|digit| char::from(b'a' + u8::try_from(n / 26_u32.pow(digit) % 26).unwrap())).collect()
        };
        // Behind more words than are looked at, in order, stands one that is a form.
        let mut text: String =
            (0..MAX_LOOKED_AT as u32 + 10).map(|n| format!("wora{} ", letters(n))).collect();
        text.push_str("words");
        let index = index(folder.path(), &[("en", &text)]);
        let query = crate::query::parse("word").unwrap();
        assert!(widen(&index, &index.searcher(), &query).unwrap().of("word").is_empty());
    }
}
