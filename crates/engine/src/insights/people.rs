//! Who wrote to whom.

use super::community::communities;
use super::hash::{Named, Numbers};
use super::{best_name, person_key};
use crate::error::Result;
use crate::index::blocks::{self, Values};
use crate::index::{Index, counted, fast};
use crate::search::{self, Question};
use crate::store::Store;
use std::collections::HashMap;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader, TantivyError};

/// Of an item's recipients, at most so many are linked with its sender: beyond it is a list, not a conversation.
const MAX_LINKED: usize = 200;
/// Different links that one part of the index may hold; further ones are not told.
const MAX_LINKS: usize = 2_000_000;
/// The most people of a graph.
const MAX_PEOPLE: usize = 1000;
/// Nobody.
const NONE: u32 = u32::MAX;

/// The graph.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PeopleGraph {
    /// People, most items first.
    pub people: Vec<Correspondent>,
    /// Links between them, most items first.
    pub links: Vec<Link>,
    /// People in all, those that are not given included.
    pub total: u64,
}

/// A person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Correspondent {
    /// The name seen most with the address.
    pub name: String,
    /// The address in lower case; empty for people known by name alone.
    pub address: String,
    /// Items sent.
    pub sent: u64,
    /// Items received.
    pub received: u64,
    /// Earliest and latest date.
    pub span: Option<(i64, i64)>,
    /// Number of its group.
    pub community: u32,
}

/// Who wrote to whom, as indices into the list of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// The sender.
    pub from: u32,
    /// The recipient.
    pub to: u32,
    /// Items.
    pub count: u64,
    /// Earliest and latest date.
    pub span: Option<(i64, i64)>,
}

/// Items and when: the earliest and the latest date, the other way round where none has one.
#[derive(Debug, Clone, Copy)]
struct Seen {
    count: u64,
    first: i64,
    last: i64,
}

impl Default for Seen {
    fn default() -> Self {
        Self { count: 0, first: i64::MAX, last: i64::MIN }
    }
}

impl Seen {
    fn see(&mut self, date: Option<i64>) {
        self.count += 1;
        if let Some(date) = date {
            (self.first, self.last) = (self.first.min(date), self.last.max(date));
        }
    }

    fn add(&mut self, other: Seen) {
        self.count += other.count;
        (self.first, self.last) = (self.first.min(other.first), self.last.max(other.last));
    }

    fn span(self) -> Option<(i64, i64)> {
        (self.first <= self.last).then_some((self.first, self.last))
    }
}

/// Who wrote to whom among the items that answer `question`: the `limit` people with the most items.
///
/// # Errors
/// [`crate::Error::BadQuery`]; otherwise the stores'.
pub fn people(index: &Index, store: &Store, question: &Question, limit: usize) -> Result<PeopleGraph> {
    let query = search::compiled(index, store, question)?;
    let found = index.collect(&index.searcher(), query.as_ref(), &Collect)?;
    Ok(found.into_graph(limit.clamp(1, MAX_PEOPLE)))
}

struct Collect;

/// The people and links of a segment: counted by ordinals, named at the end.
struct Counting {
    date: Column<u64>,
    senders: Option<StrColumn>,
    recipients: Option<StrColumn>,
    sent: Vec<Seen>,
    received: Vec<Seen>,
    links: Numbers<Seen>,
    dates: Vec<Option<u64>>,
    from: Vec<Option<u64>>,
    to: Values,
}

/// Terms, each with how it was seen.
type Terms = Vec<(String, Seen)>;

/// What a segment has: terms that were seen, and links between their places.
struct Part {
    senders: Terms,
    recipients: Terms,
    links: Vec<(u32, u32, Seen)>,
}

/// Two numbers as one.
fn pair(from: u64, to: u64) -> u64 {
    from << 32 | to & u64::from(u32::MAX)
}

impl Collector for Collect {
    type Fruit = Found;
    type Child = Counting;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<Counting> {
        let columns = segment.fast_fields();
        let (senders, recipients) = (columns.str(fast::SENDER)?, columns.str(fast::RECIPIENTS)?);
        let seen = |column: &Option<StrColumn>| {
            vec![Seen::default(); column.as_ref().map_or(0, |column| column.num_terms())]
        };
        Ok(Counting {
            date: blocks::numbers(segment, fast::DATE)?,
            sent: seen(&senders),
            received: seen(&recipients),
            senders,
            recipients,
            links: Numbers::default(),
            dates: Vec::new(),
            from: Vec::new(),
            to: Values::default(),
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<std::io::Result<Part>>) -> tantivy::Result<Found> {
        let mut sum = Found::default();
        for fruit in fruits {
            sum.add(fruit.map_err(TantivyError::from)?);
        }
        Ok(sum)
    }
}

impl SegmentCollector for Counting {
    type Fruit = std::io::Result<Part>;

    fn collect(&mut self, doc: DocId, _score: Score) {
        self.collect_block(&[doc]);
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        blocks::firsts(&self.date, docs, &mut self.dates);
        self.from.clear();
        self.from.resize(docs.len(), None);
        if let Some(senders) = &self.senders {
            blocks::firsts(senders.ords(), docs, &mut self.from);
        }
        let date = |date: Option<u64>| date.map(blocks::signed);
        for (from, at) in self.from.iter().zip(&self.dates) {
            if let Some(seen) = from.and_then(|ord| self.sent.get_mut(ord as usize)) {
                seen.see(date(*at));
            }
        }
        let Some(recipients) = &self.recipients else { return };
        let (of, ords) = self.to.with_docs(recipients.ords(), docs);
        // Recipients come in the order of the documents.
        let (mut place, mut linked) = (0, 0);
        for (doc, recipient) in of.iter().zip(ords) {
            while docs.get(place).is_some_and(|here| here != doc) {
                (place, linked) = (place + 1, 0);
            }
            let (Some(from), Some(at)) = (self.from.get(place), self.dates.get(place)) else { break };
            let at = date(*at);
            if let Some(seen) = self.received.get_mut(*recipient as usize) {
                seen.see(at);
            }
            linked += 1;
            let Some(from) = from.filter(|_| linked <= MAX_LINKED) else { continue };
            let (link, room) = (pair(from, *recipient), self.links.len() < MAX_LINKS);
            match self.links.entry(link) {
                std::collections::hash_map::Entry::Occupied(mut seen) => seen.get_mut().see(at),
                std::collections::hash_map::Entry::Vacant(entry) if room => {
                    entry.insert(Seen::default()).see(at)
                }
                std::collections::hash_map::Entry::Vacant(_) => {}
            }
        }
    }

    fn harvest(self) -> Self::Fruit {
        let (senders, from) = named(self.senders.as_ref(), &self.sent)?;
        let (recipients, to) = named(self.recipients.as_ref(), &self.received)?;
        let place = |places: &[u32], ord: u64| places.get(ord as usize).copied().unwrap_or(NONE);
        let links = self.links.into_iter();
        let links = links
            .map(|(link, seen)| (place(&from, link >> 32), place(&to, link & u64::from(u32::MAX)), seen));
        Ok(Part { senders, recipients, links: links.collect() })
    }
}

/// Those terms of a column that were seen, and the place of each ordinal among them.
fn named(column: Option<&StrColumn>, seen: &[Seen]) -> std::io::Result<(Terms, Vec<u32>)> {
    let mut places = vec![NONE; seen.len()];
    let mut terms = Vec::new();
    let Some(column) = column else { return Ok((terms, places)) };
    let ords: Vec<u64> = (0..).zip(seen).filter(|(_, seen)| seen.count > 0).map(|(ord, _)| ord).collect();
    let mut next = ords.iter();
    column.dictionary().sorted_ords_to_term_cb(&ords, |term| {
        let Some(ord) = next.next().map(|ord| *ord as usize) else { return };
        places[ord] = u32::try_from(terms.len()).unwrap_or(NONE);
        terms.push((String::from_utf8_lossy(term).into_owned(), seen[ord]));
    })?;
    Ok((terms, places))
}

/// The same of all segments, by person.
#[derive(Default)]
struct Found {
    numbers: Named<u32>,
    people: Vec<Counted>,
    /// Terms with their person and how often they came.
    terms: Vec<(u32, String, u64)>,
    links: Vec<Linked>,
}

/// Links of a segment, and the people of its senders and recipients.
struct Linked {
    senders: Vec<u32>,
    recipients: Vec<u32>,
    links: Vec<(u32, u32, Seen)>,
}

#[derive(Default)]
struct Counted {
    address: String,
    sent: Seen,
    received: Seen,
}

impl Found {
    fn number(&mut self, name: &str, address: &str) -> u32 {
        let key = person_key(name, address);
        if let Some(number) = self.numbers.get(key.as_ref()) {
            return *number;
        }
        let next = u32::try_from(self.people.len()).unwrap_or(NONE);
        self.people.push(Counted { address: address.to_owned(), ..Counted::default() });
        self.numbers.insert(key.into_owned(), next);
        next
    }

    /// Enters terms; gives the person of each.
    fn enter(&mut self, terms: Terms, part: impl Fn(&mut Counted) -> &mut Seen) -> Vec<u32> {
        let mut numbers = Vec::with_capacity(terms.len());
        for (term, seen) in terms {
            let (name, address) = counted::person_of(&term);
            let number = self.number(name, address);
            if let Some(person) = self.people.get_mut(number as usize) {
                part(person).add(seen);
            }
            numbers.push(number);
            self.terms.push((number, term, seen.count));
        }
        numbers
    }

    fn add(&mut self, part: Part) {
        let senders = self.enter(part.senders, |person| &mut person.sent);
        let recipients = self.enter(part.recipients, |person| &mut person.received);
        self.links.push(Linked { senders, recipients, links: part.links });
    }

    fn into_graph(mut self, limit: usize) -> PeopleGraph {
        let total = self.people.len() as u64;
        let mut order: Vec<usize> = (0..self.people.len()).collect();
        let items = |n: usize| self.people[n].sent.count + self.people[n].received.count;
        let by_items = |a: &usize, b: &usize| {
            items(*b).cmp(&items(*a)).then_with(|| self.people[*a].address.cmp(&self.people[*b].address))
        };
        if order.len() > limit {
            order.select_nth_unstable_by(limit - 1, by_items);
            order.truncate(limit);
        }
        order.sort_by(by_items);
        let mut places = vec![NONE; self.people.len()];
        for (place, person) in (0..).zip(&order) {
            places[*person] = place;
        }
        let links = self.links_between(&places);
        let pairs: Vec<(u32, u32, u64)> = links.iter().map(|link| (link.from, link.to, link.count)).collect();
        let groups = communities(order.len(), &pairs);
        let names = self.names(&places, order.len());
        let people = order.into_iter().zip(groups).zip(names).map(|((person, community), names)| {
            let person = std::mem::take(&mut self.people[person]);
            let mut both = person.sent;
            both.add(person.received);
            Correspondent {
                name: best_name(names),
                address: person.address,
                sent: person.sent.count,
                received: person.received.count,
                span: both.span(),
                community,
            }
        });
        PeopleGraph { people: people.collect(), links, total }
    }

    /// The links between people who have a place, most items first.
    fn links_between(&self, places: &[u32]) -> Vec<Link> {
        let place = |people: &[u32], at: u32| {
            let person = people.get(at as usize).copied().unwrap_or(NONE);
            places.get(person as usize).copied().filter(|place| *place != NONE)
        };
        let mut sum: Numbers<Seen> = Numbers::default();
        for Linked { senders, recipients, links } in &self.links {
            for (from, to, seen) in links {
                if let (Some(from), Some(to)) = (place(senders, *from), place(recipients, *to)) {
                    sum.entry(pair(from.into(), to.into())).or_default().add(*seen);
                }
            }
        }
        let link = |(link, seen): (u64, Seen)| {
            let (from, to) = ((link >> 32) as u32, link as u32);
            Link { from, to, count: seen.count, span: seen.span() }
        };
        let mut links: Vec<Link> = sum.into_iter().map(link).collect();
        links.sort_unstable_by_key(|link| (std::cmp::Reverse(link.count), link.from, link.to));
        links
    }

    /// The names of the people who have a place.
    fn names(&self, places: &[u32], count: usize) -> Vec<HashMap<String, u64>> {
        let mut names = vec![HashMap::new(); count];
        for (person, term, count) in &self.terms {
            let place = places.get(*person as usize).map(|place| *place as usize);
            if let Some(names) = place.and_then(|place| names.get_mut(place)) {
                *names.entry(counted::person_of(term).0.to_owned()).or_default() += count;
            }
        }
        names
    }
}
