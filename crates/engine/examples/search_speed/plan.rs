//! The queries: chosen by how often their words stand in the library, so that every size and kind of mail has rare and common ones.

use crate::Outcome;
use mailscope_engine::search::{Question, Request, Sort};
use mailscope_engine::text::dates::days;
use mailscope_engine::{Library, LibraryOptions, insights};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::Path;

/// Queries of each kind.
const QUERIES: usize = 12;
/// Rows of a page.
pub const PAGE: usize = 50;
/// How deep the deep page lies, in pages.
pub const DEEP: usize = 1000;

/// All queries.
#[derive(Debug, Serialize, Deserialize)]
pub struct Plan {
    /// Items of the library.
    pub items: u64,
    /// By kind.
    pub kinds: Vec<Kind>,
}

/// Queries of one kind.
#[derive(Debug, Serialize, Deserialize)]
pub struct Kind {
    /// As a reader of the table knows it.
    pub name: String,
    /// What is asked.
    pub ask: Ask,
    /// The queries.
    pub queries: Vec<Query>,
}

/// What is asked of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// The first page, in an order.
    Page(Order),
    /// The first page while the last word is being typed.
    Typed,
    /// The first page with the counts beside it.
    Facets,
    /// The page that lies [`DEEP`] pages deep, by its cursor.
    DeepByCursor(Order),
    /// The same by its offset.
    DeepByOffset(Order),
    /// All insights.
    Insights,
    /// Who wrote to whom.
    People,
    /// How long answers took.
    Replies,
    /// What may be meant.
    Complete,
}

/// An order of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Order {
    Newest,
    Relevance,
    Size,
    Sender,
}

impl Order {
    /// As the engine calls it.
    pub fn sort(self) -> Sort {
        match self {
            Self::Newest => Sort::Newest,
            Self::Relevance => Sort::Relevance,
            Self::Size => Sort::Size,
            Self::Sender => Sort::Sender,
        }
    }
}

/// One query, and how the programs beside it are asked the same; nothing where they cannot be.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Query {
    /// For Mailscope.
    pub ours: String,
    /// For FTS5: what its table must match, and what the table of items must.
    pub fts5: Option<(String, String)>,
    /// For notmuch.
    pub notmuch: Option<String>,
}

impl Query {
    /// A query that all spell alike.
    fn word(word: &str) -> Self {
        Self {
            ours: word.to_owned(),
            fts5: Some((format!("\"{word}\""), String::new())),
            notmuch: Some(format!("\"{word}\"")),
        }
    }

    fn alone(ours: &str) -> Self {
        Self { ours: ours.to_owned(), ..Self::default() }
    }
}

impl Plan {
    /// Queries for the library in a folder.
    ///
    /// # Errors
    /// When it cannot be opened, or holds next to nothing.
    pub fn of(folder: &Path) -> Outcome<Self> {
        let words = Words::of(folder)?;
        let library = Library::open(LibraryOptions::new(folder))?;
        let everything = insights::Request { top: QUERIES, ..insights::Request::default() };
        let known = library.insights(&everything)?;
        let items = known.total;
        let (rare, common, most) = words.chosen(items);
        let first = most.first().ok_or("the library holds no words")?;

        let of_words = |words: &[String]| words.iter().map(|word| Query::word(word)).collect::<Vec<_>>();
        let page = Ask::Page(Order::Newest);
        let mut kinds = vec![
            Kind::new("rare word", page, of_words(&rare)),
            Kind::new("common word", page, of_words(&common)),
            Kind::new(
                &format!("the commonest word (“{first}”)"),
                page,
                of_words(std::slice::from_ref(first)),
            ),
            Kind::new("phrase", page, phrases(&library, &common, &words)?),
            Kind::new("phrase of the commonest words", page, phrases(&library, &most, &words)?),
            Kind::new("prefix", page, prefixes(&common)),
        ];
        let beginnings = |letters| ours(&words.beginnings(letters));
        kinds.push(Kind::new("two letters, as they are typed", Ask::Typed, beginnings(2)));
        kinds.push(Kind::new("three letters, as they are typed", Ask::Typed, beginnings(3)));
        kinds.push(Kind::new("field", page, fields(&known, &common)));
        let months: Vec<Month> = known.by_month.iter().map(|(month, _)| *month).collect();
        kinds.push(Kind::new("date range", page, spread(&months).map(|month| dates(*month)).collect()));
        kinds.push(Kind::new("combined", page, combined(&known, &common, &most, &months)));
        let all = vec![Query { fts5: None, notmuch: Some("*".into()), ..Query::alone("") }];
        kinds.push(Kind::new("all mail, by date", page, all.clone()));
        let by = |name: &str, order, queries: &[String]| Kind::new(name, Ask::Page(order), of_words(queries));
        kinds.push(by("common word, by relevance", Order::Relevance, &common));
        kinds.push(by("the commonest word, by relevance", Order::Relevance, std::slice::from_ref(first)));
        kinds.push(by("common word, by size", Order::Size, &common));
        kinds.push(by("common word, by sender", Order::Sender, &common));
        kinds.push(Kind::new("common word, with counts beside it", Ask::Facets, ours(&common)));
        if items > (DEEP * PAGE) as u64 {
            for (name, query) in [("all mail", ""), ("the commonest word", first.as_str())] {
                let deep =
                    |how: &str, ask| Kind::new(&format!("{name}, {how}"), ask, vec![Query::alone(query)]);
                kinds.push(deep("first page", page));
                kinds.push(deep("page 1,000 by cursor", Ask::DeepByCursor(Order::Newest)));
                kinds.push(deep("page 1,000 by offset", Ask::DeepByOffset(Order::Newest)));
            }
            for (name, order) in [("size", Order::Size), ("sender", Order::Sender)] {
                let by = |how: &str, ask| {
                    Kind::new(&format!("all mail by {name}, {how}"), ask, vec![Query::alone("")])
                };
                kinds.push(by("first page", Ask::Page(order)));
                kinds.push(by("page 1,000 by cursor", Ask::DeepByCursor(order)));
                kinds.push(by("page 1,000 by offset", Ask::DeepByOffset(order)));
            }
        }
        for (name, queries) in [
            ("everything", vec![String::new()]),
            ("the commonest word", vec![first.clone()]),
            // What all have in common helps with it the least.
            ("half of all mail", half(&known).into_iter().collect()),
            ("a common word", common.clone()),
            ("a rare word", rare.clone()),
        ] {
            kinds.push(Kind::new(&format!("insights of {name}"), Ask::Insights, ours(&queries)));
            kinds.push(Kind::new(&format!("people of {name}"), Ask::People, ours(&queries)));
            kinds.push(Kind::new(&format!("reply times of {name}"), Ask::Replies, ours(&queries)));
        }
        kinds.push(Kind::new("completion", Ask::Complete, completions(&known, &rare)));
        kinds.retain(|kind| !kind.queries.is_empty());
        Ok(Self { items, kinds })
    }
}

impl Kind {
    fn new(name: &str, ask: Ask, mut queries: Vec<Query>) -> Self {
        queries.truncate(QUERIES);
        Self { name: name.to_owned(), ask, queries }
    }
}

fn ours(queries: &[String]) -> Vec<Query> {
    queries.iter().map(|query| Query::alone(query)).collect()
}

/// How many items each word of the bodies stands in.
struct Words(HashMap<String, u64>);

impl Words {
    fn of(folder: &Path) -> Outcome<Self> {
        let index = tantivy::Index::open_in_dir(folder.join("index"))?;
        let body = index.schema().get_field("body")?;
        let mut counts: HashMap<String, u64> = HashMap::new();
        for segment in index.reader()?.searcher().segment_readers() {
            let inverted = segment.inverted_index(body)?;
            let mut terms = inverted.terms().stream()?;
            while terms.advance() {
                // Letters that every program takes for the same word.
                if terms.key().len() >= 3 && terms.key().iter().all(u8::is_ascii_lowercase) {
                    let word = String::from_utf8_lossy(terms.key()).into_owned();
                    *counts.entry(word).or_default() += u64::from(terms.value().doc_freq);
                }
            }
        }
        Ok(Self(counts))
    }

    fn count(&self, word: &str) -> u64 {
        self.0.get(word).copied().unwrap_or_default()
    }

    /// The first letters of most words of the items, those of the most first.
    fn beginnings(&self, letters: usize) -> Vec<String> {
        let mut counts: HashMap<&str, u64> = HashMap::new();
        for (word, count) in self.0.iter().filter(|(word, _)| word.len() > letters) {
            *counts.entry(&word[..letters]).or_default() += count;
        }
        let mut all: Vec<(&str, u64)> = counts.into_iter().collect();
        all.sort_unstable_by_key(|(beginning, count)| (std::cmp::Reverse(*count), *beginning));
        all.into_iter().take(QUERIES).map(|(beginning, _)| beginning.to_owned()).collect()
    }

    /// Words of few items, of about one item in fifty, and the commonest ones.
    fn chosen(&self, items: u64) -> (Vec<String>, Vec<String>, Vec<String>) {
        let nearest = |wanted: u64| {
            let mut all: Vec<(&String, u64)> = self.0.iter().map(|(word, count)| (word, *count)).collect();
            all.sort_unstable_by_key(|(word, count)| (count.abs_diff(wanted), *word));
            all.into_iter().take(QUERIES).map(|(word, _)| word.clone()).collect()
        };
        (nearest(10), nearest(items / 50), nearest(items))
    }
}

/// Two words that follow each other in a text that holds one of `words`; the text is of the library itself.
fn phrases(library: &Library, words: &[String], known: &Words) -> Outcome<Vec<Query>> {
    let mut found = Vec::new();
    for word in words {
        let request = Request { query: word.clone(), limit: 20, ..Request::default() };
        let page = library.search(&request)?;
        let pair = page.hits.iter().find_map(|hit| {
            let parts: Vec<&str> = hit.snippet.split(' ').map(str::trim).collect();
            let parts: Vec<String> = parts.iter().map(|part| part.to_lowercase()).collect();
            parts
                .windows(2)
                .find(|pair| pair.contains(word) && pair.iter().all(|w| known.count(w) > 0))
                .map(<[String]>::to_vec)
        });
        if let Some(pair) = pair {
            let phrase = format!("\"{}\"", pair.join(" "));
            found.push(Query {
                fts5: Some((phrase.clone(), String::new())),
                notmuch: Some(phrase.clone()),
                ours: phrase,
            });
        }
    }
    Ok(found)
}

fn prefixes(words: &[String]) -> Vec<Query> {
    let starred = |word: &String| {
        let beginning: String = word.chars().take(4).collect();
        let star = format!("{beginning}*");
        Query { ours: star.clone(), fts5: Some((star.clone(), String::new())), notmuch: Some(star) }
    };
    words.iter().map(starred).collect()
}

fn fields(known: &insights::Insights, common: &[String]) -> Vec<Query> {
    let subject = common.iter().map(|word| Query {
        ours: format!("subject:{word}"),
        fts5: Some((format!("subject:\"{word}\""), String::new())),
        notmuch: Some(format!("subject:{word}")),
    });
    let people = known.senders.iter().map(|sender| {
        let address = &sender.address;
        Query {
            ours: format!("from:{address}"),
            fts5: Some((format!("sender:\"{address}\""), String::new())),
            notmuch: Some(format!("from:{address}")),
        }
    });
    let mut both: Vec<Query> = people.take(QUERIES / 2).collect();
    both.extend(subject);
    both
}

/// Some of them, from the first to the last.
fn spread(all: &[Month]) -> impl Iterator<Item = &Month> {
    all.iter().step_by((all.len() / QUERIES).max(1)).take(QUERIES)
}

/// Year and month.
type Month = (i64, i64);

/// When a month begins, in milliseconds since 1970 UTC.
fn begin((year, month): Month) -> i64 {
    days(year, month, 1) * 86_400_000
}

/// What came before the month in which half of all mail had come.
fn half(known: &insights::Insights) -> Option<String> {
    let mut before = 0;
    let month = known.by_month.iter().find(|(_, count)| {
        before += count;
        before >= known.total / 2
    });
    month.map(|(month, _)| format!("before:{}", insights::month_name(*month)))
}

/// All items of a month.
fn dates(month: Month) -> Query {
    let name = insights::month_name(month);
    let next = if month.1 == 12 { (month.0 + 1, 1) } else { (month.0, month.1 + 1) };
    Query {
        ours: format!("during:{name}"),
        fts5: Some((String::new(), format!("date >= {} AND date < {}", begin(month), begin(next)))),
        notmuch: Some(format!("date:{name}..{name}")),
    }
}

fn combined(known: &insights::Insights, common: &[String], most: &[String], months: &[Month]) -> Vec<Query> {
    let Some(month) = months.get(months.len() / 2) else { return Vec::new() };
    let half = insights::month_name(*month);
    let senders = known.senders.iter().cycle();
    let pairs = common.iter().zip(common.iter().skip(1)).zip(senders);
    let queries = pairs.flat_map(|((one, other), sender)| {
        let (often, address) = (most.get(1).unwrap_or(one), &sender.address);
        let date = format!("date < {}", begin(*month));
        [
            Query {
                ours: format!("{often} ({one} OR {other}) before:{half}"),
                fts5: Some((format!("\"{often}\" AND (\"{one}\" OR \"{other}\")"), date)),
                notmuch: Some(format!("{often} and ({one} or {other}) and date:..{half}-01")),
            },
            Query {
                ours: format!("from:{address} {often} -{one}"),
                fts5: Some((format!("sender:\"{address}\" AND \"{often}\" NOT \"{one}\""), String::new())),
                notmuch: Some(format!("from:{address} and {often} and not {one}")),
            },
        ]
    });
    queries.collect()
}

fn completions(known: &insights::Insights, rare: &[String]) -> Vec<Query> {
    let mut typed: Vec<String> = vec!["f".into(), "from:".into(), "in:in".into(), "during:20".into()];
    for person in &known.senders {
        typed.push(format!("from:{}", person.address.chars().take(3).collect::<String>()));
    }
    // Nobody is called so: every name is looked at.
    typed.extend(rare.iter().map(|word| format!("to:{word}x")));
    typed.iter().map(|typed| Query::alone(typed)).step_by(2).collect()
}

/// What a page of `query` is asked by.
pub fn request(query: &Query, order: Order) -> Request {
    Request { query: query.ours.clone(), sort: order.sort(), limit: PAGE, ..Request::default() }
}

/// The same without order.
pub fn question(query: &Query) -> Question {
    Question { query: query.ours.clone(), ..Question::default() }
}
