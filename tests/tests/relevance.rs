//! What sixty queries must find in real mail, told by an independent reading: readpst's, taken apart by another parser, and words
//! compared one by one. The words themselves are chosen from that reading when the test runs; nothing of the mail is kept here.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used)]

use mail_parser::{Address, Message, MessageParser};
use mailscope_engine::search::{Request, Sort};
use mailscope_engine::{Library, LibraryOptions};
use mailscope_tests::corpus_file;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

const TEST: &str = "sixty_queries_find_what_an_independent_reading_finds";
/// Files whose letters readpst writes whole.
const FILES: [&str; 6] =
    ["enron.pst", "tika.pst", "support.pst", "mixed-items.pst", "series-1.pst", "inline-attachments.pst"];
/// Words of this length are compared: shorter ones are parted differently by different readers.
const LENGTH: std::ops::RangeInclusive<usize> = 4..=14;
/// Of what a query finds in the letters that were read, so many in a hundred the reading must find too.
const PRECISION: usize = 95;

/// What words are chosen by: how many letters they stand in.
#[derive(Debug, Clone, Copy)]
enum In {
    /// This many, or as near to it as there is.
    Letters(usize),
    /// As many as any does; then the next, and so on.
    Most(usize),
}
use In::{Letters, Most};

/// A part of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Anywhere,
    Body,
    Subject,
    From,
    To,
}
use Part::{Anywhere, Body, From, Subject, To};

/// How a query is made.
#[derive(Debug, Clone, Copy)]
enum Make {
    /// A word in a part, as it stands.
    Word(Part, In),
    /// A word in a part and its plural, where the reading has both.
    Stem(Part, In),
    /// The beginning of a word, and a star.
    Beginning(Part, In),
    /// So many words that follow each other, of the letter at this place of all, in hundredths.
    Phrase(usize, usize),
    /// Two words of the letter at this place of all, in hundredths.
    Both(usize),
    /// One word or another.
    Either(In, In),
    /// One word without another.
    Without(In, In),
    /// A word in the month of the letter at this place.
    Month(In, usize),
    /// A word in a part, and another one anywhere.
    Mixed(Part, In, In),
}
use Make::{Beginning, Both, Either, Mixed, Month, Phrase, Stem, Without, Word};

/// The sixty.
const QUERIES: [Make; 60] = [
    Word(Anywhere, Letters(1)),
    Word(Anywhere, Letters(2)),
    Word(Anywhere, Letters(3)),
    Word(Anywhere, Letters(4)),
    Word(Anywhere, Letters(6)),
    Word(Anywhere, Letters(9)),
    Word(Anywhere, Letters(13)),
    Word(Anywhere, Letters(20)),
    Word(Anywhere, Letters(30)),
    Word(Anywhere, Most(0)),
    Word(Anywhere, Most(1)),
    Word(Anywhere, Most(5)),
    Word(Body, Letters(1)),
    Word(Body, Letters(2)),
    Word(Body, Letters(5)),
    Word(Body, Letters(10)),
    Word(Body, Most(0)),
    Word(Body, Most(2)),
    Word(Subject, Letters(1)),
    Word(Subject, Letters(2)),
    Word(Subject, Letters(3)),
    Word(Subject, Most(0)),
    Word(Subject, Most(1)),
    Word(From, Letters(1)),
    Word(From, Letters(2)),
    Word(From, Most(0)),
    Word(From, Most(1)),
    Word(To, Letters(1)),
    Word(To, Most(0)),
    Word(To, Most(1)),
    Beginning(Anywhere, Letters(1)),
    Beginning(Anywhere, Letters(5)),
    Beginning(Body, Letters(12)),
    Beginning(Subject, Letters(2)),
    Phrase(2, 5),
    Phrase(2, 40),
    Phrase(2, 75),
    Phrase(3, 20),
    Phrase(3, 60),
    Phrase(4, 90),
    Both(15),
    Both(50),
    Both(85),
    Either(Letters(2), Letters(7)),
    Either(Letters(1), Most(0)),
    Without(Most(0), Most(1)),
    Without(Letters(20), Most(3)),
    Month(Most(0), 50),
    Mixed(From, Most(0), Letters(10)),
    Mixed(Subject, Most(0), Most(2)),
    Stem(Anywhere, Most(0)),
    Stem(Anywhere, Most(1)),
    Stem(Anywhere, Letters(2)),
    Stem(Anywhere, Letters(5)),
    Stem(Anywhere, Letters(12)),
    Stem(Body, Most(2)),
    Stem(Body, Most(4)),
    Stem(Body, Letters(4)),
    Stem(Subject, Most(0)),
    Stem(Subject, Letters(2)),
];

/// A letter as the other reading has it: words of each part, in order.
#[derive(Debug, Default)]
struct Letter {
    key: Key,
    subject: Vec<String>,
    from: Vec<String>,
    to: Vec<String>,
    body: Vec<String>,
    /// Of other recipients, names of files and whatever else the letter carries.
    other: BTreeSet<String>,
    /// Year and month, where there is a date.
    month: Option<String>,
}

/// What tells a letter: its file, the words of its subject, and the first of its text.
type Key = (String, Vec<String>, Vec<String>);

impl Letter {
    fn part(&self, part: Part) -> BTreeSet<&String> {
        match part {
            Body => self.body.iter().collect(),
            Subject => self.subject.iter().collect(),
            From => self.from.iter().collect(),
            To => self.to.iter().collect(),
            Anywhere => {
                let named = self.subject.iter().chain(&self.from).chain(&self.to);
                named.chain(&self.body).chain(&self.other).collect()
            }
        }
    }

    fn has(&self, part: Part, word: &str) -> bool {
        self.part(part).contains(&word.to_owned())
    }

    fn has_phrase(&self, words: &[String]) -> bool {
        [&self.subject, &self.body].iter().any(|text| text.windows(words.len()).any(|window| window == words))
    }
}

/// Words as anyone would part them: runs of letters and digits, in lower case.
fn words(text: &str) -> Vec<String> {
    let runs = text.split(|c: char| !c.is_alphanumeric()).filter(|run| !run.is_empty());
    runs.map(str::to_lowercase).collect()
}

fn key(file: &str, subject: &str, text: &str) -> Key {
    // Marks and signs of other scripts are written differently; plain words are enough to tell letters.
    let plain =
        |text: &str, most| words(text).into_iter().filter(|word| word.is_ascii()).take(most).collect();
    (file.to_owned(), plain(subject, 20), plain(text, 12))
}

fn people(address: Option<&Address<'_>>) -> String {
    let names = address.into_iter().flat_map(Address::iter).filter_map(|one| one.name.as_deref());
    let names: Vec<&str> = names.collect();
    format!("{} {}", names.join(" "), addresses(address))
}

fn addresses(address: Option<&Address<'_>>) -> String {
    let all = address.into_iter().flat_map(Address::iter).filter_map(|one| one.address.as_deref());
    // An address of another system, packed into one of the Internet by a gateway, is unpacked in the file.
    let own = all.filter(|address| !address.to_lowercase().starts_with("imcea"));
    own.collect::<Vec<_>>().join(" ")
}

fn letter(file: &str, message: &Message<'_>) -> Letter {
    let subject = message.subject().unwrap_or_default();
    let text = message.body_text(0).unwrap_or_default();
    // Of the two names that a row of recipients may have, readpst writes the other one.
    let mut other = words(&format!("{} {}", addresses(message.cc()), addresses(message.bcc())));
    for part in message.attachments() {
        use mail_parser::MimeHeaders;
        other.extend(words(part.attachment_name().unwrap_or_default()));
        if let Some(inner) = part.message() {
            other.extend(words(inner.subject().unwrap_or_default()));
            other.extend(words(&inner.body_text(0).unwrap_or_default()));
            other.extend(words(&format!("{} {}", addresses(inner.from()), addresses(inner.to()))));
        }
    }
    let month = message.date().map(|date| {
        let utc = mail_parser::DateTime::from_timestamp(date.to_timestamp());
        format!("{:04}-{:02}", utc.year, utc.month)
    });
    Letter {
        key: key(file, subject, &text),
        subject: words(subject),
        from: words(&people(message.from())),
        to: words(&people(message.to())),
        body: words(&text),
        other: other.into_iter().collect(),
        month,
    }
}

/// The letters of a file as readpst writes them.
fn read(file: &Path) -> Vec<Letter> {
    fn walk(folder: &Path, name: &str, letters: &mut Vec<Letter>) {
        let mut paths: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                walk(&path, name, letters);
            } else if path.extension().is_some_and(|extension| extension == "eml") {
                let bytes = std::fs::read(&path).unwrap();
                letters.extend(MessageParser::default().parse(&bytes).map(|message| letter(name, &message)));
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let mut readpst = Command::new("readpst");
    let status = readpst.args(["-q", "-e", "-D", "-o"]).arg(folder.path()).arg(file).output().unwrap();
    assert!(status.status.success(), "readpst failed");
    let mut letters = Vec::new();
    walk(folder.path(), &file.file_name().unwrap().to_string_lossy(), &mut letters);
    letters
}

/// The words of a part, each with the number of letters that it stands in; those of few letters first.
fn counted(letters: &[&Letter], part: Part) -> Vec<(usize, String)> {
    let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
    for letter in letters {
        for word in letter.part(part) {
            if LENGTH.contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase()) {
                *counts.entry(word).or_default() += 1;
            }
        }
    }
    let mut all: Vec<_> = counts.into_iter().map(|(word, count)| (count, word.clone())).collect();
    all.sort();
    all
}

fn choose(letters: &[&Letter], part: Part, by: In) -> String {
    chosen(counted(letters, part), by)
}

/// A word that the part has in other letters with an "s" behind it, in letters of English.
fn choose_singular(letters: &[&Letter], part: Part, by: In) -> String {
    let mut all = counted(letters, part);
    let known: BTreeSet<String> = all.iter().map(|(_, word)| word.clone()).collect();
    // Behind these an "s" is not a plural, or an other letter goes before it; words such as "what" have no forms, "http" is none.
    let odd = |word: &str| {
        word.ends_with(['s', 'i', 'u', 'y', 'x', 'h'])
            || word.len() < 5
            || !word.contains(['a', 'e', 'i', 'o'])
    };
    all.retain(|(_, word)| !odd(word) && known.contains(&format!("{word}s")));
    chosen(all, by)
}

fn chosen(all: Vec<(usize, String)>, by: In) -> String {
    let word = match by {
        Letters(wanted) => all.iter().min_by_key(|(count, word)| (count.abs_diff(wanted), word.clone())),
        Most(place) => all.iter().rev().nth(place),
    };
    word.unwrap().1.clone()
}

fn spelled(part: Part, word: &str) -> String {
    // In quotes: other forms of a word are asked for by themselves.
    with(part, &format!("\"{word}\""))
}

fn with(part: Part, word: &str) -> String {
    match part {
        Anywhere => word.to_owned(),
        Body => format!("body:{word}"),
        Subject => format!("subject:{word}"),
        From => format!("from:{word}"),
        To => format!("to:{word}"),
    }
}

/// The letter at a place of all, in hundredths, of those with this many words in their text.
fn at<'a>(letters: &[&'a Letter], place: usize, words: usize) -> &'a Letter {
    let long: Vec<&Letter> = letters.iter().copied().filter(|letter| letter.body.len() >= words).collect();
    long[place * long.len() / 100]
}

/// A query, and whether a letter answers it.
type Asked = (String, Box<dyn Fn(&Letter) -> bool>);

fn make(letters: &[&Letter], make: Make) -> Asked {
    let any = |by| choose(letters, Anywhere, by);
    match make {
        Word(part, by) => {
            let word = choose(letters, part, by);
            (spelled(part, &word), Box::new(move |letter| letter.has(part, &word)))
        }
        Stem(part, by) => {
            let word = choose_singular(letters, part, by);
            let query = with(part, &word);
            let plural = format!("{word}s");
            // Names of people have no forms.
            let told = if part == Anywhere { [Body, Subject] } else { [part, part] };
            let has = move |letter: &Letter| {
                letter.has(part, &word) || told.iter().any(|p| letter.has(*p, &plural))
            };
            (query, Box::new(has))
        }
        Beginning(part, by) => {
            let beginning: String = choose(letters, part, by).chars().take(4).collect();
            let query = with(part, &format!("{beginning}*"));
            (query, Box::new(move |letter| letter.part(part).iter().any(|word| word.starts_with(&beginning))))
        }
        Phrase(count, place) => {
            let text = &at(letters, place, 20).body;
            let plain = |window: &&[String]| {
                window.iter().all(|word| word.bytes().all(|b| b.is_ascii_alphanumeric()))
            };
            let phrase = text.windows(count).skip(4).find(plain).unwrap().to_vec();
            (format!("\"{}\"", phrase.join(" ")), Box::new(move |letter| letter.has_phrase(&phrase)))
        }
        Both(place) => {
            let letter = at(letters, place, 20);
            let plain = counted(&[letter], Body);
            let (one, other) = (plain[plain.len() / 3].1.clone(), plain[plain.len() * 2 / 3].1.clone());
            let query = format!("\"{one}\" \"{other}\"");
            (query, Box::new(move |letter| letter.has(Anywhere, &one) && letter.has(Anywhere, &other)))
        }
        Either(one, other) => {
            let (one, other) = (any(one), any(other));
            let query = format!("\"{one}\" OR \"{other}\"");
            (query, Box::new(move |letter| letter.has(Anywhere, &one) || letter.has(Anywhere, &other)))
        }
        Without(one, other) => {
            let (one, other) = (any(one), any(other));
            let query = format!("\"{one}\" -\"{other}\"");
            (query, Box::new(move |letter| letter.has(Anywhere, &one) && !letter.has(Anywhere, &other)))
        }
        Month(by, place) => {
            let word = any(by);
            let dated: Vec<&Letter> =
                letters.iter().copied().filter(|letter| letter.month.is_some()).collect();
            let month = dated[place * dated.len() / 100].month.clone().unwrap();
            let query = format!("\"{word}\" during:{month}");
            (
                query,
                Box::new(move |letter| letter.has(Anywhere, &word) && letter.month.as_ref() == Some(&month)),
            )
        }
        Mixed(part, one, other) => {
            let (one, other) = (choose(letters, part, one), any(other));
            let query = format!("{} \"{other}\"", spelled(part, &one));
            (query, Box::new(move |letter| letter.has(part, &one) && letter.has(Anywhere, &other)))
        }
    }
}

#[test]
fn sixty_queries_find_what_an_independent_reading_finds() {
    if Command::new("readpst").arg("-V").output().is_err() {
        eprintln!("skipped: {TEST} (readpst is not installed)");
        return;
    }
    let files: Vec<_> = FILES.iter().filter_map(|name| corpus_file(TEST, name)).collect();
    if files.is_empty() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let library = Library::open(LibraryOptions::new(folder.path())).unwrap();
    library.import(&files);
    library.wait_idle();
    let keys = |query: &str, sort| -> BTreeSet<Key> {
        let page = library
            .search(&Request { query: query.into(), sort, limit: 10_000, ..Request::default() })
            .unwrap();
        let rows = page.hits.into_iter().map(|hit| hit.row);
        rows.map(|row| {
            let text = library.show(row.id, &[], None).unwrap().row.hit.text;
            key(&row.source, &row.subject, &text)
        })
        .collect()
    };
    let read: Vec<Letter> = files.iter().flat_map(|file| read(file)).collect();
    let known = keys("", Sort::Newest);
    let letters: Vec<&Letter> = read.iter().filter(|letter| known.contains(&letter.key)).collect();
    assert!(
        letters.len() * 100 >= read.len() * 90,
        "only {} of {} letters that readpst writes are in the library as they are there",
        letters.len(),
        read.len()
    );
    let compared: BTreeSet<&Key> = letters.iter().map(|letter| &letter.key).collect();
    let (mut expected_in_all, mut found_in_all, mut faults) = (0, 0, Vec::new());
    let (mut forms_expected, mut forms_missing) = (0, 0);
    for (number, how) in QUERIES.into_iter().enumerate() {
        let (query, answers) = make(&letters, how);
        let expected: BTreeSet<&Key> =
            letters.iter().filter(|letter| answers(letter)).map(|letter| &letter.key).collect();
        assert!(
            !expected.is_empty() || matches!(how, Without(..) | Month(..) | Mixed(..)),
            "{number}: {how:?}"
        );
        let sort = if number % 2 == 0 { Sort::Relevance } else { Sort::Newest };
        let found = keys(&query, sort);
        let missing = expected.iter().filter(|key| !found.contains(**key)).count();
        let found: Vec<&Key> = found.iter().filter(|key| compared.contains(key)).collect();
        let beyond = found.iter().filter(|key| !expected.contains(*key)).count();
        // The mail itself is not told: the number and the kind of the query are enough to find it again.
        eprintln!("{number}: {how:?}: {} expected, {missing} missing, {beyond} beyond", expected.len());
        if let Stem(part, _) = how {
            // Other forms are found in letters of a language that has them: what no language was told of, or another, may lack them. What
            // is found beside the plural must at least begin alike.
            let word = query.rsplit(':').next().unwrap_or_default().to_owned();
            let exact = |letter: &&&Letter| letter.has(part, &word);
            let lost = letters.iter().filter(exact).filter(|letter| !found.contains(&&letter.key)).count();
            let alike = |word: &str, other: &String| other.starts_with(&word[..3]);
            let odd = letters.iter().filter(|letter| found.contains(&&letter.key));
            let odd = odd.filter(|letter| !letter.part(part).iter().any(|other| alike(&word, other))).count();
            if lost > 0 || odd > 0 {
                faults.push(format!(
                    "{number}: {how:?}: {lost} with the word are not found, {odd} have nothing like it"
                ));
            }
            (forms_expected, forms_missing) = (forms_expected + expected.len(), forms_missing + missing);
            continue;
        }
        if missing > 0 {
            faults.push(format!("{number}: {how:?}: {missing} of {} are not found", expected.len()));
        }
        (expected_in_all, found_in_all) =
            (expected_in_all + expected.len() - missing, found_in_all + found.len());
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(
        forms_missing * 50 <= forms_expected,
        "of {forms_expected} letters with a word or its plural {forms_missing} are not found by the word"
    );
    assert!(
        expected_in_all * 100 >= found_in_all * PRECISION,
        "of {found_in_all} that are found the other reading knows {expected_in_all}"
    );
}
