//! Who wrote to whom.

use super::community::communities;
use super::hash::{Named, Numbers};
use super::{best_name, person_key, whole};
use crate::error::Result;
use crate::index::blocks::{self, Values};
use crate::index::{Index, Matching, Side, counted, fast};
use crate::search::{self, Question};
use crate::store::Store;
use std::collections::HashMap;
use std::sync::Arc;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocId, Score, Searcher, SegmentOrdinal, SegmentReader, TantivyError};

/// Of an item's recipients, at most so many are linked with its sender: beyond it is a list, not a conversation.
const MAX_LINKED: usize = 200;
/// The most people of a graph.
const MAX_PEOPLE: usize = 1000;
/// Nobody.
const NONE: u32 = u32::MAX;
/// Links between so many people are counted in a table with a place for each two of them.
const FEW_PEOPLE: usize = 128;

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
    let searcher = index.searcher();
    let matching = index.matching(&searcher, query.as_ref())?;
    let known = if matching.missing == 0 { whole::people(index, &searcher)? } else { None };
    let found = match known {
        Some(known) => known,
        None => Arc::new(count(index, &searcher, &matching)?),
    };
    // Links are counted only once it is known between whom: most people are not among those that are given.
    let chosen = found.first(limit.clamp(1, MAX_PEOPLE));
    let between = Between { places: found.places(&chosen), people: chosen.len() };
    let links = index.collect_side(&searcher, &matching, Side::Found, &between)?;
    Ok(found.graph(&chosen, links))
}

/// What each person sent and received of what matches.
///
/// # Errors
/// The index's.
pub fn count(index: &Index, searcher: &Searcher, matching: &Matching) -> tantivy::Result<Found> {
    index.collect_side(searcher, matching, Side::Found, &Count)
}

/// The columns that are read, and room for a block of each.
struct Columns {
    date: Column<u64>,
    senders: Option<StrColumn>,
    recipients: Option<StrColumn>,
    dates: Vec<Option<u64>>,
    from: Vec<Option<u64>>,
    to: Values,
}

impl Columns {
    fn open(segment: &SegmentReader) -> tantivy::Result<Self> {
        let columns = segment.fast_fields();
        Ok(Self {
            date: blocks::numbers(segment, fast::DATE)?,
            senders: columns.str(fast::SENDER)?,
            recipients: columns.str(fast::RECIPIENTS)?,
            dates: Vec::new(),
            from: Vec::new(),
            to: Values::default(),
        })
    }

    /// Reads dates and senders' ordinals of documents.
    fn read(&mut self, docs: &[DocId]) {
        blocks::firsts(&self.date, docs, &mut self.dates);
        self.read_senders(docs);
    }

    fn read_senders(&mut self, docs: &[DocId]) {
        self.from.clear();
        self.from.resize(docs.len(), None);
        if let Some(senders) = &self.senders {
            blocks::firsts(senders.ords(), docs, &mut self.from);
        }
    }

    /// Tells of each recipient of some of the documents that were read at which place of these its document is, how many come before
    /// it there, and its ordinal.
    fn recipients(&mut self, docs: &[DocId], some: &[DocId], mut tell: impl FnMut(usize, usize, u64)) {
        let Some(recipients) = &self.recipients else { return };
        let (of, ords) = self.to.with_docs(recipients.ords(), some);
        // Recipients come in the order of the documents.
        let (mut place, mut before) = (0, 0);
        for (doc, ord) in of.iter().zip(ords) {
            while docs.get(place).is_some_and(|here| here != doc) {
                (place, before) = (place + 1, 0);
            }
            tell(place, before, *ord);
            before += 1;
        }
    }
}

/// The date at a place of a block.
fn date_at(dates: &[Option<u64>], place: usize) -> Option<i64> {
    dates.get(place).copied().flatten().map(blocks::signed)
}

/// Counts what each person sent and received.
struct Count;

/// The same in a segment: by ordinals, named at the end.
struct Counting {
    ord: SegmentOrdinal,
    columns: Columns,
    sent: Vec<Seen>,
    received: Vec<Seen>,
}

/// Terms that were seen, each with its ordinal and how.
type Terms = Vec<(usize, String, Seen)>;

/// What a segment has.
struct Part {
    ord: SegmentOrdinal,
    senders: Terms,
    recipients: Terms,
}

impl Collector for Count {
    type Fruit = Found;
    type Child = Counting;

    fn for_segment(&self, ord: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<Counting> {
        let columns = Columns::open(segment)?;
        let seen = |column: &Option<StrColumn>| {
            vec![Seen::default(); column.as_ref().map_or(0, |column| column.num_terms())]
        };
        let (sent, received) = (seen(&columns.senders), seen(&columns.recipients));
        Ok(Counting { ord, columns, sent, received })
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
        let Self { columns, sent, received, .. } = self;
        let see = |seen: &mut [Seen], ord: u64, date| {
            seen.get_mut(ord as usize).into_iter().for_each(|seen| seen.see(date));
        };
        columns.read(docs);
        for (place, from) in columns.from.iter().enumerate() {
            from.iter().for_each(|from| see(sent, *from, date_at(&columns.dates, place)));
        }
        let dates = std::mem::take(&mut columns.dates);
        columns.recipients(docs, docs, |place, _, to| see(received, to, date_at(&dates, place)));
        columns.dates = dates;
    }

    fn harvest(self) -> Self::Fruit {
        let senders = named(self.columns.senders.as_ref(), &self.sent)?;
        let recipients = named(self.columns.recipients.as_ref(), &self.received)?;
        Ok(Part { ord: self.ord, senders, recipients })
    }
}

/// Those terms of a column that were seen.
fn named(column: Option<&StrColumn>, seen: &[Seen]) -> std::io::Result<Terms> {
    let mut terms = Vec::new();
    let Some(column) = column else { return Ok(terms) };
    let ords: Vec<u64> = (0..).zip(seen).filter(|(_, seen)| seen.count > 0).map(|(ord, _)| ord).collect();
    let mut next = ords.iter();
    column.dictionary().sorted_ords_to_term_cb(&ords, |term| {
        let Some(ord) = next.next().map(|ord| *ord as usize) else { return };
        terms.push((ord, String::from_utf8_lossy(term).into_owned(), seen[ord]));
    })?;
    Ok(terms)
}

/// The person of each ordinal of a column; [`NONE`] for those that were not seen.
type Ordinals = Vec<u32>;

/// The people of all segments.
#[derive(Default)]
pub struct Found {
    numbers: Named<u32>,
    people: Vec<Counted>,
    /// Terms with their person and how often they came.
    terms: Named<(u32, u64)>,
    /// Of each segment the people of its senders' and its recipients' ordinals.
    ordinals: Vec<(SegmentOrdinal, [Ordinals; 2])>,
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

    /// Enters terms; gives the person of each ordinal.
    fn enter(&mut self, terms: Terms, part: impl Fn(&mut Counted) -> &mut Seen) -> Ordinals {
        let mut people = vec![NONE; terms.last().map_or(0, |(last, ..)| last + 1)];
        for (ord, term, seen) in terms {
            let number = match self.terms.get_mut(&term) {
                Some((number, count)) => {
                    *count += seen.count;
                    *number
                }
                None => {
                    let (name, address) = counted::person_of(&term);
                    let number = self.number(name, address);
                    self.terms.insert(term, (number, seen.count));
                    number
                }
            };
            if let Some(person) = self.people.get_mut(number as usize) {
                part(person).add(seen);
            }
            people[ord] = number;
        }
        people
    }

    /// About how much memory it takes, in bytes.
    pub fn bytes(&self) -> usize {
        /// What a text takes beside its letters: its place in the table, and what the allocator adds.
        const A_TEXT: usize = 64;
        let texts = self.terms.keys().chain(self.numbers.keys()).map(|text| text.len() + A_TEXT);
        let people = self.people.iter().map(|person| person.address.len() + A_TEXT + size_of::<Counted>());
        let ordinals =
            self.ordinals.iter().flat_map(|(_, both)| both).map(|people| people.len() * size_of::<u32>());
        texts.sum::<usize>() + people.sum::<usize>() + ordinals.sum::<usize>()
    }

    fn add(&mut self, part: Part) {
        let senders = self.enter(part.senders, |person| &mut person.sent);
        let recipients = self.enter(part.recipients, |person| &mut person.received);
        self.ordinals.push((part.ord, [senders, recipients]));
    }

    /// The people with the most items.
    fn first(&self, limit: usize) -> Vec<usize> {
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
        order
    }

    /// For each person, its place among those that are `chosen`.
    fn chosen_places(&self, chosen: &[usize]) -> Vec<u32> {
        let mut places = vec![NONE; self.people.len()];
        for (place, person) in (0..).zip(chosen) {
            places[*person] = place;
        }
        places
    }

    /// For each segment, the places of its senders and recipients by their ordinals.
    fn places(&self, chosen: &[usize]) -> HashMap<SegmentOrdinal, [Vec<u32>; 2]> {
        let places = self.chosen_places(chosen);
        let by_ordinal = |people: &Ordinals| -> Vec<u32> {
            people.iter().map(|person| places.get(*person as usize).copied().unwrap_or(NONE)).collect()
        };
        self.ordinals.iter().map(|(ord, both)| (*ord, both.each_ref().map(by_ordinal))).collect()
    }

    fn graph(&self, chosen: &[usize], links: Vec<Link>) -> PeopleGraph {
        let total = self.people.len() as u64;
        let pairs: Vec<(u32, u32, u64)> = links.iter().map(|link| (link.from, link.to, link.count)).collect();
        let groups = communities(chosen.len(), &pairs);
        let names = self.names(chosen);
        let people = chosen.iter().zip(groups).zip(names).map(|((person, community), names)| {
            let person = &self.people[*person];
            let mut both = person.sent;
            both.add(person.received);
            Correspondent {
                name: best_name(names),
                address: person.address.clone(),
                sent: person.sent.count,
                received: person.received.count,
                span: both.span(),
                community,
            }
        });
        PeopleGraph { people: people.collect(), links, total }
    }

    /// The names of those that are chosen.
    fn names(&self, chosen: &[usize]) -> Vec<HashMap<String, u64>> {
        let (places, mut names) = (self.chosen_places(chosen), vec![HashMap::new(); chosen.len()]);
        for (term, (person, count)) in &self.terms {
            let place = places.get(*person as usize).map(|place| *place as usize);
            if let Some(names) = place.and_then(|place| names.get_mut(place)) {
                *names.entry(counted::person_of(term).0.to_owned()).or_default() += count;
            }
        }
        names
    }
}

/// Counts the links between some people.
struct Between {
    places: HashMap<SegmentOrdinal, [Vec<u32>; 2]>,
    people: usize,
}

/// The same in a segment.
struct Linking {
    columns: Columns,
    places: [Vec<u32>; 2],
    /// By sender and recipient, where they are few; …
    table: Vec<Seen>,
    people: usize,
    /// … or else by both numbers in one.
    links: Numbers<Seen>,
    some: Vec<DocId>,
    from: Vec<u64>,
}

impl Collector for Between {
    type Fruit = Vec<Link>;
    type Child = Linking;

    fn for_segment(&self, ord: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<Linking> {
        let places = self.places.get(&ord).cloned().unwrap_or_default();
        let people = if self.people <= FEW_PEOPLE { self.people } else { 0 };
        Ok(Linking {
            columns: Columns::open(segment)?,
            places,
            table: vec![Seen::default(); people * people],
            people,
            links: Numbers::default(),
            some: Vec::new(),
            from: Vec::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    /// Most items first.
    fn merge_fruits(&self, fruits: Vec<Numbers<Seen>>) -> tantivy::Result<Vec<Link>> {
        let mut sum: Numbers<Seen> = Numbers::default();
        for (link, seen) in fruits.into_iter().flatten() {
            sum.entry(link).or_default().add(seen);
        }
        let link = |(link, seen): (u64, Seen)| {
            let (from, to) = ((link >> 32) as u32, link as u32);
            Link { from, to, count: seen.count, span: seen.span() }
        };
        let mut links: Vec<Link> = sum.into_iter().map(link).collect();
        links.sort_unstable_by_key(|link| (std::cmp::Reverse(link.count), link.from, link.to));
        Ok(links)
    }
}

impl SegmentCollector for Linking {
    type Fruit = Numbers<Seen>;

    fn collect(&mut self, doc: DocId, _score: Score) {
        self.collect_block(&[doc]);
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        let Self { columns, places: [senders, recipients], table, people, links, some, from } = self;
        let place = |places: &[u32], ord: u64| {
            places.get(ord as usize).copied().filter(|place| *place != NONE).map(u64::from)
        };
        columns.read_senders(docs);
        // Of whoever did not write, neither dates nor recipients are read.
        some.clear();
        from.clear();
        for (doc, ord) in docs.iter().zip(&columns.from) {
            if let Some(sender) = ord.and_then(|ord| place(senders, ord)) {
                some.push(*doc);
                from.push(sender);
            }
        }
        if some.is_empty() {
            return;
        }
        let mut dates = std::mem::take(&mut columns.dates);
        blocks::firsts(&columns.date, some, &mut dates);
        columns.recipients(some, some, |at, before, to| {
            let from = from.get(at).copied().filter(|_| before < MAX_LINKED);
            let (Some(from), Some(to)) = (from, place(recipients, to)) else { return };
            let date = date_at(&dates, at);
            match table.get_mut(from as usize * *people + to as usize) {
                Some(seen) => seen.see(date),
                None => links.entry(from << 32 | to).or_default().see(date),
            }
        });
        columns.dates = dates;
    }

    fn harvest(mut self) -> Self::Fruit {
        for (at, seen) in self.table.iter().enumerate().filter(|(_, seen)| seen.count > 0) {
            let (from, to) = ((at / self.people) as u64, (at % self.people) as u64);
            self.links.insert(from << 32 | to, *seen);
        }
        self.links
    }
}
