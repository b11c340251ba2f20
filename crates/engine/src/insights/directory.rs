//! Who and what a library holds, by how much of it there is: what completion offers.

use super::hash::Named;
use super::tally::{Collect, Parts, Tally};
use super::whole;
use super::{Grouped, PersonCount, month_name};
use crate::error::Result;
use crate::index::{Index, counted};
use crate::store::Store;
use crate::text::dates::civil;
use crate::zone::Zone;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use tantivy::query::AllQuery;

/// People that are offered; beyond so many the least are left out.
const MAX_PEOPLE: usize = 200_000;

/// People, domains, folders and sources of a library, each with its number of items, most first.
#[derive(Debug, Default)]
pub struct Directory {
    /// Senders.
    pub senders: Vec<Offer>,
    /// Recipients.
    pub recipients: Vec<Offer>,
    /// Both.
    pub people: Vec<Offer>,
    /// Domains of both.
    pub domains: Vec<Offer>,
    /// Folders by path.
    pub folders: Vec<Offer>,
    /// Sources by name.
    pub sources: Vec<Offer>,
    /// Languages by code.
    pub languages: Vec<Offer>,
    /// Tags.
    pub tags: Vec<Offer>,
}

/// Something to offer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offer {
    /// In lower case, what typed letters are looked for in.
    key: String,
    /// What the query asks for.
    pub value: String,
    /// What is shown.
    pub label: String,
    /// What tells it from others.
    pub detail: String,
    /// Items.
    pub count: u64,
}

impl Offer {
    fn new(value: &str, label: &str, detail: &str, count: u64) -> Self {
        let key = counted::fold(&format!("{label} {detail}"));
        Self { key, value: value.to_owned(), label: label.to_owned(), detail: detail.to_owned(), count }
    }

    /// Whether a word of it begins with `typed`, which is in lower case.
    pub fn begins(&self, typed: &str) -> bool {
        typed.is_empty()
            || self.key.match_indices(typed).any(|(at, _)| {
                self.key[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric())
            })
    }
}

impl Directory {
    /// Whether it offers nothing.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty() && self.folders.is_empty()
    }

    /// What the library holds now.
    ///
    /// # Errors
    /// The stores'.
    pub fn of(index: &Index, store: &Store) -> Result<Self> {
        let searcher = index.searcher();
        let tally = match whole::tally(index, &searcher)? {
            Some(known) => known,
            None => {
                let parts = Parts { sizes: false, ..Parts::TIMELESS };
                let collect = Collect { parts, zone: Zone::default(), largest: 0 };
                Arc::new(index.collect(&searcher, &AllQuery, &collect)?)
            }
        };
        let mut both: Named<u64> = Named::default();
        for terms in [&tally.senders, &tally.recipients] {
            for (term, count) in terms {
                *both.entry(term.clone()).or_default() += count;
            }
        }
        Ok(Self {
            senders: people(&tally.senders),
            recipients: people(&tally.recipients),
            people: people(&both),
            domains: sorted(
                tally.domains.iter().map(|(domain, count)| Offer::new(domain, domain, "", *count)),
            ),
            folders: folders(store, &tally)?,
            sources: sources(store, &tally)?,
            languages: sorted(
                tally.languages.iter().map(|(l, count)| Offer::new(l.code(), l.code(), l.name(), *count)),
            ),
            tags: sorted(store.tags()?.iter().map(|tag| Offer::new(&tag.name, &tag.name, "", tag.items))),
        })
    }
}

/// Those with the most items, of the terms of a column.
fn people(terms: &Named<u64>) -> Vec<Offer> {
    let offer = |person: PersonCount| match (person.name.is_empty(), person.address.is_empty()) {
        (false, false) => Offer::new(&person.address, &person.name, &person.address, person.count),
        (true, _) => Offer::new(&person.address, &person.address, "", person.count),
        _ => Offer::new(&person.name, &person.name, "", person.count),
    };
    sorted(Grouped::of(terms).first(MAX_PEOPLE).into_iter().map(offer))
}

fn sorted(offers: impl Iterator<Item = Offer>) -> Vec<Offer> {
    let mut all: Vec<Offer> = offers.collect();
    all.sort_unstable_by(|a, b| b.count.cmp(&a.count).then_with(|| a.key.cmp(&b.key)));
    all
}

/// Folders with what is in them and below them. Of several with the same path (of several sources) one stands for all.
fn folders(store: &Store, tally: &Tally) -> Result<Vec<Offer>> {
    let rows = store.folders(None)?;
    let mut counts: HashMap<i64, u64> = tally.folders.clone();
    // Parents come before children: from the end, each adds itself to the one above.
    for row in rows.iter().rev() {
        let count = counts.get(&row.id.0).copied().unwrap_or_default();
        if let Some(parent) = row.parent {
            *counts.entry(parent.0).or_default() += count;
        }
    }
    let mut by_path: HashMap<String, (String, u64)> = HashMap::new();
    for row in &rows {
        let entry = by_path.entry(row.path.clone()).or_insert_with(|| (row.name.clone(), 0));
        entry.1 += counts.get(&row.id.0).copied().unwrap_or_default();
    }
    let shown = by_path.into_iter().filter(|(path, (_, count))| !path.is_empty() && *count > 0);
    Ok(sorted(shown.map(|(path, (name, count))| Offer::new(&path, &name, &path, count))))
}

fn sources(store: &Store, tally: &Tally) -> Result<Vec<Offer>> {
    let names = store.source_names()?;
    let count = |id: &i64| tally.sources.get(id).copied().unwrap_or_default();
    Ok(sorted(names.iter().map(|(id, name)| Offer::new(name, name, "", count(id)))))
}

/// Years and months of which a library holds items, by the clocks of `zone`, latest first.
///
/// # Errors
/// The index'.
pub fn times(index: &Index, zone: &Zone) -> Result<Vec<Offer>> {
    let collect = Collect { parts: Parts::DAYS, zone: zone.clone(), largest: 0 };
    let tally = index.collect(&index.searcher(), &AllQuery, &collect)?;
    let (mut years, mut months) = (BTreeMap::new(), BTreeMap::new());
    for (day, count) in &tally.days {
        let (year, month, _) = civil(*day);
        *years.entry(year).or_insert(0) += count;
        *months.entry((year, month)).or_insert(0) += count;
    }
    let years = years.into_iter().rev().map(|(year, count)| (format!("{year:04}"), count));
    let months = months.into_iter().rev().map(|(month, count)| (month_name(month), count));
    Ok(years.chain(months).map(|(name, count)| Offer::new(&name, &name, "", count)).collect())
}
