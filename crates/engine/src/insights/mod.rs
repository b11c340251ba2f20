//! What the items that match a query have in common: counts by time, people, domains, attachments, size, kind and place, and the
//! graph of who wrote to whom. Everything is counted over the columns of the index, in one pass.

mod community;
mod directory;
mod hash;
mod people;
mod replies;
mod slots;
mod tally;
mod whole;

pub use directory::{Directory, Offer, times};
pub use people::{Correspondent, Link, PeopleGraph, people};
pub(crate) use replies::person;
pub use replies::{Answerer, Replies, Times, replies};
pub use tally::{Collect, Parts, Tally};
pub(crate) use whole::items_by_sender;
pub use whole::{Wholes, items_by_day};

use hash::{Named, Seeded};
use tally::LARGEST;

use crate::error::Result;
use crate::ids::{FolderId, ItemId, SourceId};
use crate::index::{Index, Side, counted};
use crate::language::Language;
use crate::search::{self, Duplicates, Question};
use crate::source::ItemKind;
use crate::store::{Store, Together};
use crate::text::dates::{civil, days};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// Items of all matching ones are told by day where they lie within so many days.
const MAX_DAYS: i64 = 400;
/// The most entries of a list.
const MAX_TOP: usize = 200;
/// Borders of the sizes that are told apart, in bytes.
const SIZES: [u64; 4] = [10 * 1024, 100 * 1024, 1024 * 1024, 10 * 1024 * 1024];

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Request {
    /// Which items; days and hours are told in its zone.
    pub question: Question,
    /// Entries of each list; at most 200.
    pub top: usize,
}

/// The answer. Lists are in descending order of their counts, but those over time.
#[derive(Debug, Clone, Default)]
pub struct Insights {
    /// Items that match.
    pub total: u64,
    /// Those without a date.
    pub undated: u64,
    /// Earliest and latest date, in milliseconds since 1970 UTC.
    pub span: Option<(i64, i64)>,
    /// Items by (year, month), ascending.
    pub by_month: Vec<((i64, i64), u64)>,
    /// Items by (year, month, day), ascending; empty where they are too far apart.
    pub by_day: Vec<((i64, i64, i64), u64)>,
    /// Items by weekday (Monday first) and hour.
    pub by_hour: [[u64; 24]; 7],
    /// The same by the sender's clock, of those whose sender's zone is known.
    pub by_sender_hour: [[u64; 24]; 7],
    /// Items with a date whose sender's zone is not known.
    pub without_sender_zone: u64,
    /// Senders.
    pub senders: Vec<PersonCount>,
    /// Recipients.
    pub recipients: Vec<PersonCount>,
    /// Domains of senders and recipients.
    pub domains: Vec<DomainCount>,
    /// Different people.
    pub people: u64,
    /// Attachments by type.
    pub attachment_types: Vec<AttachmentCount>,
    /// All attachments, and their bytes.
    pub attachments: (u64, u64),
    /// Sizes of items.
    pub sizes: Sizes,
    /// The largest items: subject, sender, date.
    pub largest: Vec<LargeItem>,
    /// By kind.
    pub kinds: Vec<(ItemKind, u64)>,
    /// By language, where it is known.
    pub languages: Vec<(Language, u64)>,
    /// By folder.
    pub folders: Vec<FolderCount>,
    /// By source.
    pub sources: Vec<(SourceId, String, u64)>,
    /// Those that say the same.
    pub duplicates: Duplicates,
    /// Conversations that they belong to; an item that is alone is one.
    pub conversations: u64,
}

/// Items of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonCount {
    /// The name seen most with the address.
    pub name: String,
    /// The address in lower case; empty for people known by name alone.
    pub address: String,
    /// Items.
    pub count: u64,
}

/// Items of a domain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DomainCount {
    /// In lower case.
    pub domain: String,
    /// Items with a sender or recipient there.
    pub count: u64,
    /// Items with a sender there.
    pub sent: u64,
}

/// Attachments of a type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttachmentCount {
    /// See [`crate::index::attachment_type`].
    pub kind: String,
    /// Attachments.
    pub count: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Sizes of items, in bytes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sizes {
    /// All together.
    pub total: u64,
    /// The smallest.
    pub min: u64,
    /// The largest.
    pub max: u64,
    /// Half of them are no larger.
    pub median: u64,
    /// Items from a size on, up to the next one.
    pub buckets: Vec<(u64, u64)>,
}

/// A large item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LargeItem {
    /// The item.
    pub id: ItemId,
    /// Its subject.
    pub subject: String,
    /// Its sender.
    pub from: String,
    /// Its date.
    pub date: Option<i64>,
    /// Bytes.
    pub size: u64,
}

/// Items of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderCount {
    /// The folder.
    pub folder: FolderId,
    /// Its source.
    pub source: SourceId,
    /// Its path.
    pub path: String,
    /// Items.
    pub count: u64,
}

/// Counts the items that `request` is about.
///
/// # Errors
/// [`crate::Error::BadQuery`]; otherwise the stores'.
pub fn insights(index: &Index, store: &Store, request: &Request) -> Result<Insights> {
    let query = search::compiled(index, store, &request.question)?;
    let searcher = index.searcher();
    // What answers is found once, however often it is looked at.
    let matching = index.matching(&searcher, query.as_ref())?;
    let groups =
        |of, by| -> Result<_> { Ok(whole::groups(index, &searcher, &matching, of, &store.groups(by)?)?) };
    let duplicates = groups(whole::Of::Copies, Together::Copies)?;
    let answers = groups(whole::Of::Conversations, Together::Conversation)?;
    let conversations = matching.found - answers.copies.min(matching.found);
    let top = request.top.clamp(1, MAX_TOP);
    let count = |parts| {
        let collect = Collect { parts, zone: request.question.zone.clone(), largest: LARGEST };
        index.collect_side(&searcher, &matching, Side::Found, &collect)
    };
    let most =
        if matching.missing <= matching.found { whole::of_most(index, &searcher, &matching)? } else { None };
    let told = match most {
        Some(tally) => describe(&tally, &count(Parts::TIMES)?, store, top)?,
        None => {
            let mut tally = count(Parts::ALL)?;
            tally.sizes.sort_unstable();
            describe(&tally, &tally, store, top)?
        }
    };
    Ok(Insights { duplicates, conversations, ..told })
}

/// Puts counts into words: names for ids, the first `top` of each list. The sizes of `tally` are in order; what is of time comes from
/// `times`.
///
/// # Errors
/// SQLite's.
pub fn describe(tally: &Tally, times: &Tally, store: &Store, top: usize) -> Result<Insights> {
    let (senders, recipients) = (Grouped::of(&tally.senders), Grouped::of(&tally.recipients));
    let new = recipients.numbers.keys().filter(|key| !senders.numbers.contains_key(*key)).count();
    let people = senders.people.len() + new;
    let mut sent: HashMap<&str, u64> = HashMap::new();
    for (address, count) in &senders.people {
        if let Some(domain) = counted::domain(address) {
            *sent.entry(domain).or_default() += count;
        }
    }
    let domains = tally.domains.iter().map(|(domain, count)| DomainCount {
        domain: domain.clone(),
        count: *count,
        sent: sent.get(domain.as_str()).copied().unwrap_or_default(),
    });
    let attachment_types = tally.attachment_types.iter().map(|(kind, (count, bytes))| AttachmentCount {
        kind: kind.clone(),
        count: *count,
        bytes: *bytes,
    });
    let attachments = tally.attachment_types.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let (by_month, by_day) = by_time(times);
    Ok(Insights {
        total: tally.total,
        undated: times.undated,
        span: times.span,
        by_month,
        by_day,
        by_hour: times.by_hour,
        by_sender_hour: times.by_sender_hour,
        without_sender_zone: times.without_sender_zone,
        people: people as u64,
        senders: senders.first(top),
        recipients: recipients.first(top),
        domains: first(domains, top, |d| d.count, |d| d.domain.clone()),
        attachment_types: first(attachment_types, top, |a| a.count, |a| a.kind.clone()),
        attachments,
        largest: largest(tally, store)?,
        kinds: kinds(tally),
        languages: languages(tally),
        folders: folders(tally, store, top)?,
        sources: sources(tally, store, top)?,
        sizes: sizes(&tally.sizes),
        duplicates: Duplicates::default(),
        conversations: 0,
    })
}

type Months = Vec<((i64, i64), u64)>;
type Days = Vec<((i64, i64, i64), u64)>;

fn by_time(tally: &Tally) -> (Months, Days) {
    let mut months: BTreeMap<(i64, i64), u64> = BTreeMap::new();
    for (day, count) in &tally.days {
        let (year, month, _) = civil(*day);
        *months.entry((year, month)).or_default() += count;
    }
    let near = match (tally.days.keys().next(), tally.days.keys().next_back()) {
        (Some(first), Some(last)) => last - first <= MAX_DAYS,
        _ => false,
    };
    let days =
        if near { tally.days.iter().map(|(day, count)| (civil(*day), *count)).collect() } else { Vec::new() };
    (months.into_iter().collect(), days)
}

/// A month as "2001-11".
pub fn month_name((year, month): (i64, i64)) -> String {
    format!("{year:04}-{month:02}")
}

/// A day as "2001-11-14".
pub fn day_name((year, month, day): (i64, i64, i64)) -> String {
    debug_assert_eq!(civil(days(year, month, day)), (year, month, day));
    format!("{year:04}-{month:02}-{day:02}")
}

/// The people of a column's terms: each once, with all its terms.
struct Grouped<'a> {
    numbers: HashMap<Cow<'a, str>, u32, Seeded>,
    /// Address and items of each person.
    people: Vec<(&'a str, u64)>,
    /// The names that a person is seen with, and how often.
    names: Vec<(u32, &'a str, u64)>,
}

impl<'a> Grouped<'a> {
    /// Counts by term as counts by person.
    fn of(terms: &'a Named<u64>) -> Self {
        let mut grouped =
            Self { numbers: HashMap::default(), people: Vec::new(), names: Vec::with_capacity(terms.len()) };
        for (term, count) in terms {
            let (name, address) = counted::person_of(term);
            let next = u32::try_from(grouped.people.len()).unwrap_or(u32::MAX);
            let number = *grouped.numbers.entry(person_key(name, address)).or_insert(next);
            if number == next {
                grouped.people.push((address, 0));
            }
            if let Some((_, total)) = grouped.people.get_mut(number as usize) {
                *total += count;
            }
            grouped.names.push((number, name, *count));
        }
        grouped
    }

    /// The first `top` by count. Names are looked for only then: most people are not among them.
    fn first(&self, top: usize) -> Vec<PersonCount> {
        let mut chosen: Vec<u32> = (0..).zip(&self.people).map(|(number, _)| number).collect();
        let person = |number: u32| self.people.get(number as usize).copied().unwrap_or_default();
        let mut border = 0;
        if chosen.len() > top && top > 0 {
            // Those that tie with the last one stay in: their names decide.
            let (_, last, _) =
                chosen.select_nth_unstable_by_key(top - 1, |number| std::cmp::Reverse(person(*number).1));
            border = person(*last).1;
        }
        chosen = (0..).zip(&self.people).filter(|(_, (_, count))| *count >= border).map(|(n, _)| n).collect();
        let places: HashMap<u32, usize, Seeded> = chosen.iter().copied().zip(0..).collect();
        let mut names: Vec<HashMap<String, u64>> = vec![HashMap::new(); chosen.len()];
        for (number, name, count) in &self.names {
            if let Some(names) = places.get(number).and_then(|place| names.get_mut(*place)) {
                *names.entry((*name).to_owned()).or_default() += count;
            }
        }
        let people = chosen.into_iter().zip(names).map(|(number, names)| {
            let (address, count) = person(number);
            PersonCount { name: best_name(names), address: address.to_owned(), count }
        });
        first(people, top, |p| p.count, PersonCount::order)
    }
}

impl PersonCount {
    fn order(&self) -> String {
        format!("{}\u{1f}{}", self.address, self.name)
    }
}

/// The name seen most; of several, the first in order, so that every run gives the same.
fn best_name(names: HashMap<String, u64>) -> String {
    names
        .into_iter()
        .filter(|(name, _)| !name.is_empty())
        .max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)))
        .map(|(name, _)| name)
        .unwrap_or_default()
}

/// What makes two terms the same person: the address, or the name where there is none.
fn person_key<'a>(name: &str, address: &'a str) -> Cow<'a, str> {
    if address.is_empty() { format!("\u{1f}{}", counted::fold(name)).into() } else { address.into() }
}

/// The first `top` by count, equal ones by `order`.
fn first<T, O: Ord>(
    all: impl Iterator<Item = T>,
    top: usize,
    count: impl Fn(&T) -> u64,
    order: impl Fn(&T) -> O,
) -> Vec<T> {
    let mut all: Vec<T> = all.collect();
    if all.len() > top {
        // Ties at the border are settled below only among those that are kept with it.
        all.select_nth_unstable_by(top - 1, |a, b| {
            count(b).cmp(&count(a)).then_with(|| order(a).cmp(&order(b)))
        });
        all.truncate(top);
    }
    all.sort_by(|a, b| count(b).cmp(&count(a)).then_with(|| order(a).cmp(&order(b))));
    all
}

fn kinds(tally: &Tally) -> Vec<(ItemKind, u64)> {
    let all = ItemKind::ALL.iter().map(|(kind, _)| (*kind, tally.kinds[*kind as usize]));
    first(all.filter(|(_, count)| *count > 0), ItemKind::ALL.len(), |k| k.1, |k| k.0 as u8)
}

fn languages(tally: &Tally) -> Vec<(Language, u64)> {
    first(tally.languages.iter().map(|(l, count)| (*l, *count)), MAX_TOP, |l| l.1, |l| l.0)
}

fn folders(tally: &Tally, store: &Store, top: usize) -> Result<Vec<FolderCount>> {
    let counts = first(tally.folders.iter().map(|(id, count)| (*id, *count)), top, |f| f.1, |f| f.0);
    let ids: Vec<i64> = counts.iter().map(|(id, _)| *id).collect();
    let places = store.folder_places(&ids)?;
    let named = |(id, count): (i64, u64)| {
        let (source, path) = places.get(&id)?;
        Some(FolderCount { folder: FolderId(id), source: *source, path: path.clone(), count })
    };
    Ok(counts.into_iter().filter_map(named).collect())
}

fn sources(tally: &Tally, store: &Store, top: usize) -> Result<Vec<(SourceId, String, u64)>> {
    let counts = first(tally.sources.iter().map(|(id, count)| (*id, *count)), top, |s| s.1, |s| s.0);
    let names = store.source_names()?;
    let named = |(id, count): (i64, u64)| Some((SourceId(id), names.get(&id)?.clone(), count));
    Ok(counts.into_iter().filter_map(named).collect())
}

fn largest(tally: &Tally, store: &Store) -> Result<Vec<LargeItem>> {
    let ids: Vec<ItemId> = tally.largest.iter().take(LARGEST).map(|(_, id)| ItemId(*id)).collect();
    let rows = store.brief(&ids)?;
    Ok(rows
        .into_iter()
        .map(|row| LargeItem {
            id: row.id,
            from: row.from.display().to_owned(),
            subject: row.subject,
            date: row.date,
            size: row.size,
        })
        .collect())
}

/// Of sizes in order.
fn sizes(all: &[u32]) -> Sizes {
    let borders = std::iter::once(0).chain(SIZES);
    let up_to = |border: u64| all.partition_point(|size| u64::from(*size) < border) as u64;
    let ends = SIZES.iter().map(|border| up_to(*border)).chain([all.len() as u64]);
    let buckets = borders.zip(ends).map(|(border, end)| (border, end - up_to(border))).collect();
    Sizes {
        total: all.iter().map(|size| u64::from(*size)).sum(),
        min: all.first().copied().unwrap_or_default().into(),
        max: all.last().copied().unwrap_or_default().into(),
        median: all.get(all.len().saturating_sub(1) / 2).copied().unwrap_or_default().into(),
        buckets,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_one_by_address() {
        let terms = [
            ("alice\u{1f}Alice\u{1f}a@x.example", 3),
            ("a. moreau\u{1f}A. Moreau\u{1f}a@x.example", 5),
            ("\u{1f}\u{1f}a@x.example", 9),
            ("bob\u{1f}Bob\u{1f}", 1),
            ("bob\u{1f}BOB\u{1f}", 2),
        ];
        let terms = terms.iter().map(|(term, count)| ((*term).to_owned(), *count)).collect();
        let people = Grouped::of(&terms).first(10);
        let shown: Vec<_> = people.iter().map(|p| (p.name.as_str(), p.address.as_str(), p.count)).collect();
        assert_eq!(shown, [("A. Moreau", "a@x.example", 17), ("BOB", "", 3)]);
        assert_eq!(Grouped::of(&terms).first(1).len(), 1);
    }

    #[test]
    fn sizes_are_described() {
        let all = sizes(&[1, 3, 5, 10 * 1024, 20 * 1024 * 1024]);
        assert_eq!((all.min, all.median, all.max), (1, 5, 20 * 1024 * 1024));
        let counts: Vec<u64> = all.buckets.iter().map(|(_, count)| *count).collect();
        assert_eq!(counts, [3, 1, 0, 0, 1]);
        assert_eq!(sizes(&[2, 4]).median, 2);
        assert_eq!(sizes(&[]).buckets, [0, SIZES[0], SIZES[1], SIZES[2], SIZES[3]].map(|border| (border, 0)));
    }

    #[test]
    fn the_first_are_chosen_in_order() {
        let all = [("c", 1), ("a", 1), ("b", 1), ("d", 2)];
        let chosen: Vec<_> = first(all.into_iter(), 3, |x| x.1, |x| x.0).into_iter().map(|x| x.0).collect();
        assert_eq!(chosen, ["d", "a", "b"]);
    }
}
