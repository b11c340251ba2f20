//! Who wrote to whom.

use super::community::communities;
use super::{best_name, person_key};
use crate::error::Result;
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

/// Items and when.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    count: u64,
    span: Option<(i64, i64)>,
}

impl Seen {
    fn see(&mut self, date: Option<i64>) {
        self.count += 1;
        self.span = join(self.span, date.map(|date| (date, date)));
    }

    fn add(&mut self, other: Seen) {
        self.count += other.count;
        self.span = join(self.span, other.span);
    }
}

fn join(a: Option<(i64, i64)>, b: Option<(i64, i64)>) -> Option<(i64, i64)> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (a, b) => a.or(b),
    }
}

/// Who wrote to whom among the items that answer `question`: the `limit` people with the most items.
///
/// # Errors
/// [`crate::Error::BadQuery`]; otherwise the stores'.
pub fn people(index: &Index, store: &Store, question: &Question, limit: usize) -> Result<PeopleGraph> {
    let query = search::compiled(index, store, question)?;
    let found = index.searcher().search(query.as_ref(), &Collect)?;
    Ok(found.into_graph(limit.clamp(1, MAX_PEOPLE)))
}

struct Collect;

/// The people and links of a segment: counted by ordinals, named at the end.
struct Counting {
    date: Column<i64>,
    senders: Option<StrColumn>,
    recipients: Option<StrColumn>,
    sent: Vec<Seen>,
    received: Vec<Seen>,
    links: HashMap<(u32, u32), Seen>,
}

/// The same, by person.
#[derive(Default)]
struct Found {
    numbers: HashMap<String, u32>,
    people: Vec<Named>,
    links: HashMap<(u32, u32), Seen>,
}

#[derive(Default)]
struct Named {
    address: String,
    names: HashMap<String, u64>,
    sent: Seen,
    received: Seen,
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
            date: columns.i64(fast::DATE)?,
            sent: seen(&senders),
            received: seen(&recipients),
            senders,
            recipients,
            links: HashMap::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<std::io::Result<Found>>) -> tantivy::Result<Found> {
        let mut sum = Found::default();
        for fruit in fruits {
            sum.add(fruit.map_err(TantivyError::from)?);
        }
        Ok(sum)
    }
}

impl SegmentCollector for Counting {
    type Fruit = std::io::Result<Found>;

    fn collect(&mut self, doc: DocId, _score: Score) {
        let date = self.date.first(doc);
        let sender = self.senders.as_ref().and_then(|column| column.ords().first(doc));
        if let Some(seen) = sender.and_then(|ord| self.sent.get_mut(ord as usize)) {
            seen.see(date);
        }
        let Some(recipients) = &self.recipients else { return };
        for (n, recipient) in recipients.term_ords(doc).enumerate() {
            if let Some(seen) = self.received.get_mut(recipient as usize) {
                seen.see(date);
            }
            let Some(sender) = sender.filter(|_| n < MAX_LINKED) else { continue };
            let link = (sender as u32, recipient as u32);
            let room = self.links.len() < MAX_LINKS;
            match self.links.entry(link) {
                std::collections::hash_map::Entry::Occupied(mut seen) => seen.get_mut().see(date),
                std::collections::hash_map::Entry::Vacant(entry) if room => {
                    entry.insert(Seen::default()).see(date)
                }
                std::collections::hash_map::Entry::Vacant(_) => {}
            }
        }
    }

    fn harvest(self) -> Self::Fruit {
        let mut found = Found::default();
        let senders = found.name(self.senders.as_ref(), &self.sent, |named| &mut named.sent)?;
        let recipients = found.name(self.recipients.as_ref(), &self.received, |named| &mut named.received)?;
        for ((from, to), seen) in self.links {
            let (from, to) = (senders.get(from as usize), recipients.get(to as usize));
            if let (Some(Some(from)), Some(Some(to))) = (from, to) {
                found.links.entry((*from, *to)).or_default().add(seen);
            }
        }
        Ok(found)
    }
}

impl Found {
    fn number(&mut self, name: &str, address: &str) -> u32 {
        let key = person_key(name, address);
        let next = u32::try_from(self.people.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(key).or_insert(next);
        if number == next {
            self.people.push(Named { address: address.to_owned(), ..Named::default() });
        }
        number
    }

    /// Enters those terms of a column that were seen; gives each ordinal's person.
    fn name(
        &mut self,
        column: Option<&StrColumn>,
        seen: &[Seen],
        part: impl Fn(&mut Named) -> &mut Seen,
    ) -> std::io::Result<Vec<Option<u32>>> {
        let mut numbers = vec![None; seen.len()];
        let Some(column) = column else { return Ok(numbers) };
        let ords: Vec<u64> = (0..).zip(seen).filter(|(_, seen)| seen.count > 0).map(|(ord, _)| ord).collect();
        let mut next = ords.iter();
        column.dictionary().sorted_ords_to_term_cb(&ords, |term| {
            let Some(ord) = next.next().map(|ord| *ord as usize) else { return };
            let term = String::from_utf8_lossy(term);
            let (name, address) = counted::person_of(&term);
            let number = self.number(name, address);
            numbers[ord] = Some(number);
            let named = &mut self.people[number as usize];
            *named.names.entry(name.to_owned()).or_default() += seen[ord].count;
            part(named).add(seen[ord]);
        })?;
        Ok(numbers)
    }

    fn add(&mut self, other: Found) {
        let mut keys: Vec<(String, u32)> = other.numbers.into_iter().collect();
        keys.sort_unstable_by_key(|(_, number)| *number);
        let mut numbers = Vec::with_capacity(keys.len());
        for (person, (key, _)) in other.people.into_iter().zip(keys) {
            let next = u32::try_from(self.people.len()).unwrap_or(u32::MAX);
            let number = *self.numbers.entry(key).or_insert(next);
            if number == next {
                self.people.push(Named { address: person.address, ..Named::default() });
            }
            numbers.push(number);
            let mine = &mut self.people[number as usize];
            for (name, count) in person.names {
                *mine.names.entry(name).or_default() += count;
            }
            mine.sent.add(person.sent);
            mine.received.add(person.received);
        }
        for ((from, to), seen) in other.links {
            if let (Some(from), Some(to)) = (numbers.get(from as usize), numbers.get(to as usize)) {
                self.links.entry((*from, *to)).or_default().add(seen);
            }
        }
    }

    fn into_graph(self, limit: usize) -> PeopleGraph {
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
        let places: HashMap<u32, u32> = (0..).zip(&order).map(|(place, n)| (*n as u32, place)).collect();
        let mut links: Vec<Link> = self
            .links
            .iter()
            .filter_map(|((from, to), seen)| {
                let (from, to) = (*places.get(from)?, *places.get(to)?);
                Some(Link { from, to, count: seen.count, span: seen.span })
            })
            .collect();
        links.sort_unstable_by_key(|link| (std::cmp::Reverse(link.count), link.from, link.to));
        let pairs: Vec<(u32, u32, u64)> = links.iter().map(|link| (link.from, link.to, link.count)).collect();
        let groups = communities(order.len(), &pairs);
        let mut people = self.people;
        let people = order
            .into_iter()
            .zip(groups)
            .map(|(n, community)| {
                let person = std::mem::take(&mut people[n]);
                Correspondent {
                    name: best_name(person.names),
                    address: person.address,
                    sent: person.sent.count,
                    received: person.received.count,
                    span: join(person.sent.span, person.received.span),
                    community,
                }
            })
            .collect();
        PeopleGraph { people, links, total }
    }
}
