//! Answers that are kept in memory, each with the state of the library that it is of.
//!
//! Invariants: an answer is given only while SQLite and index are in the very state in which it was made ([`Changes`]), what people
//! said since of items that it has nothing to do with aside; so a kept answer is what would be found anew; what was made while something changed is not kept. What it takes is bounded in bytes
//! ([`Shelf`]). Time enters answers through days alone ("newer:2w"), so the day, in the reader's zone, is part of the question.

mod changes;
mod shelf;
mod weight;

pub use changes::{Changes, Moment};
pub use shelf::{Depends, Shelf, ShelfView, Shows};

use crate::error::Result;
use crate::ids::{ItemId, SourceId};
use crate::insights::{self, Insights, PeopleGraph, Replies};
use crate::query;
use crate::search::{self, Page};
use crate::source::{PropertyLine, SourceItem, Version};
use crate::store::{ItemFacts, ItemRow};
use crate::view::SafeHtml;
use crate::weight::Weight;
use crate::zone::Zone;
use shelf::Cleared;
use std::collections::{HashSet, VecDeque};
use std::hash::Hash;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
/// First pages that are remembered, to be found again before they are asked for.
const RECENT: usize = 10;
/// Pages whose items are remembered in their order.
const LISTED: usize = 6;
/// So few answers are freed by whoever finds that they are void.
const FREED_AT_ONCE: u64 = 20;

/// What was asked, and on which day.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Question<T> {
    asked: T,
    /// Counted from 1970, in the zone of whoever asks: what "today" means.
    day: i64,
}

impl<T: Asked> Question<T> {
    /// As it is meant now.
    fn now(asked: &T) -> Self {
        let asked = asked.where_it_matters();
        Self { day: today(&asked.zone()), asked }
    }

    /// Tells later whether it is still the same day. Over midnight words may have been taken to mean either.
    fn holds(&self) -> impl Fn() -> bool + use<T> {
        let (zone, day) = (self.asked.zone(), self.day);
        move || today(&zone) == day
    }
}

/// Something that is asked in words.
pub trait Asked: Clone + Eq + Hash {
    /// The bytes of its words beside the query.
    fn words(&self) -> usize {
        0
    }

    /// The query.
    fn query(&self) -> &str;

    /// The zone of whoever asks.
    fn zone(&self) -> Zone;

    /// The same, in UTC where the answer is the same in all zones.
    fn where_it_matters(&self) -> Self;
}

/// Whether a query may mean other items in another zone: only fields ask for times.
fn depends_on_zone(query: &str) -> bool {
    query.contains([':', '=', '<', '>'])
}

impl Asked for search::Request {
    fn words(&self) -> usize {
        self.after.as_ref().map_or(0, String::len)
    }

    fn query(&self) -> &str {
        &self.query
    }

    fn zone(&self) -> Zone {
        self.zone.clone()
    }

    fn where_it_matters(&self) -> Self {
        let mut same = self.clone();
        // Months are counted beside the list.
        if !self.facets && !depends_on_zone(&self.query) {
            same.zone = Zone::default();
        }
        same
    }
}

impl Asked for insights::Request {
    fn query(&self) -> &str {
        &self.question.query
    }

    fn zone(&self) -> Zone {
        self.question.zone.clone()
    }

    fn where_it_matters(&self) -> Self {
        self.clone()
    }
}

impl Asked for (search::Question, usize) {
    fn query(&self) -> &str {
        &self.0.query
    }

    fn zone(&self) -> Zone {
        self.0.zone.clone()
    }

    fn where_it_matters(&self) -> Self {
        let mut same = self.clone();
        if !depends_on_zone(&self.0.query) {
            same.0.zone = Zone::default();
        }
        same
    }
}

impl Asked for (ItemId, usize) {
    fn query(&self) -> &'static str {
        ""
    }

    fn zone(&self) -> Zone {
        Zone::default()
    }

    fn where_it_matters(&self) -> Self {
        *self
    }
}

impl<T: Asked> Depends for Question<T> {
    fn depends_on_what_is_said(&self) -> bool {
        query::parse(self.asked.query()).map_or(true, |query| query.is_about_what_is_said())
    }
}

impl Depends for ItemId {
    fn depends_on_what_is_said(&self) -> bool {
        false
    }
}

impl Depends for ViewKey {
    fn depends_on_what_is_said(&self) -> bool {
        false
    }
}

impl Shows for Page {
    fn shows(&self, items: &HashSet<i64>) -> bool {
        self.hits.iter().any(|hit| items.contains(&hit.row.id.0))
    }
}

impl Shows for Facts {
    fn shows(&self, items: &HashSet<i64>) -> bool {
        items.contains(&self.row.hit.id.0)
    }
}

impl Shows for View {
    fn shows(&self, _: &HashSet<i64>) -> bool {
        false
    }
}

impl Shows for Insights {
    fn shows(&self, _: &HashSet<i64>) -> bool {
        false
    }
}

impl Shows for Replies {
    fn shows(&self, _: &HashSet<i64>) -> bool {
        false
    }
}

impl Shows for PeopleGraph {
    fn shows(&self, _: &HashSet<i64>) -> bool {
        false
    }
}

/// What SQLite keeps of an item.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Its row.
    pub row: ItemRow,
    /// What is kept beside it.
    pub facts: ItemFacts,
}

/// What the file adds to an item, made ready to be shown.
#[derive(Debug, Clone)]
pub struct View {
    /// The item as its file has it.
    pub item: Option<SourceItem>,
    /// Transport headers.
    pub headers: String,
    /// All properties.
    pub properties: Vec<PropertyLine>,
    /// HTML made safe, without marks.
    pub html: Option<SafeHtml>,
}

/// All that a [`View`] depends on: the state of the file, and of the item in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub struct ViewKey {
    pub source: SourceId,
    pub source_path: PathBuf,
    pub size: u64,
    pub modified: Option<SystemTime>,
    pub key: u64,
    pub version: Version,
    pub path: Vec<u32>,
}

/// The answers of a library.
pub struct Cache {
    changes: Arc<Changes>,
    on: bool,
    pages: Shelf<Question<search::Request>, Page>,
    related: Shelf<Question<(ItemId, usize)>, Page>,
    facts: Shelf<ItemId, Facts>,
    views: Shelf<ViewKey, View>,
    insights: Shelf<Question<insights::Request>, Insights>,
    people: Shelf<Question<(search::Question, usize)>, PeopleGraph>,
    replies: Shelf<Question<(search::Question, usize)>, Replies>,
    /// First pages that were asked for, the last one first.
    recent: Mutex<VecDeque<search::Request>>,
    /// The items of the pages that were given last, the last one first, each with what was asked for.
    listed: Mutex<VecDeque<(search::Request, Vec<ItemId>)>>,
    /// The last sweep, and the state then.
    swept: Mutex<Option<(Moment, Instant)>>,
}

impl Cache {
    /// Room for `bytes` of answers of all kinds together; 0 for none at all. `changes` tells what changes them.
    pub fn new(changes: Arc<Changes>, bytes: usize) -> Self {
        let share = |percent: usize| bytes / 100 * percent;
        let told = || changes.clone();
        Self {
            on: bytes > 0,
            pages: Shelf::new("results", 5 * MINUTE, told(), share(30), 64 * 1024),
            related: Shelf::new("related", 5 * MINUTE, told(), share(5), 16 * 1024),
            facts: Shelf::new("items", HOUR, told(), share(15), 4 * 1024),
            views: Shelf::new("bodies", HOUR, told(), share(35), 32 * 1024),
            insights: Shelf::new("insights", 5 * MINUTE, told(), share(10), 64 * 1024),
            people: Shelf::new("people", 5 * MINUTE, told(), share(4), 64 * 1024),
            replies: Shelf::new("replies", 5 * MINUTE, told(), share(1), 8 * 1024),
            recent: Mutex::default(),
            listed: Mutex::default(),
            swept: Mutex::default(),
            changes,
        }
    }

    /// The results of `request`: kept ones, or those that `make` finds.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn page(&self, request: &search::Request, make: impl FnOnce() -> Result<Page>) -> Result<Arc<Page>> {
        let page = self.dated(&self.pages, request, make)?;
        if self.on {
            self.remember(request);
            let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
            listed.retain(|(asked, _)| asked != request);
            listed.push_front((request.clone(), page.hits.iter().map(|hit| hit.row.id).collect()));
            listed.truncate(LISTED);
        }
        Ok(page)
    }

    /// Keeps the results of `request` without counting it as a question.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn warm(&self, request: &search::Request, make: impl FnOnce() -> Result<Page>) -> Result<()> {
        let key = Question::now(request);
        let holds = key.holds();
        self.make_and_keep(&self.pages, key, self.changes.moment(), holds, make).map(|_| ())
    }

    /// First pages that were asked for lately, the last one first.
    pub fn recent(&self) -> Vec<search::Request> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    fn remember(&self, request: &search::Request) {
        if request.offset > 0 || request.after.is_some() {
            return;
        }
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.front() == Some(request) {
            return;
        }
        recent.retain(|known| known != request);
        // Of a query that is being typed, only how it stands last.
        if let Some(last) = recent.front()
            && last.as_you_type
            && request.as_you_type
            && !last.query.is_empty()
            && (request.query.starts_with(&last.query) || last.query.starts_with(&request.query))
        {
            recent.pop_front();
        }
        recent.push_front(request.clone());
        recent.truncate(RECENT);
    }

    /// Whether the results of `request` are at hand.
    pub fn has_page(&self, request: &search::Request) -> bool {
        let moment = self.changes.moment();
        moment.is_some() && self.pages.has(&Question::now(request), moment)
    }

    /// Items like an item, `limit` of them.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn related(
        &self,
        id: ItemId,
        limit: usize,
        make: impl FnOnce() -> Result<Page>,
    ) -> Result<Arc<Page>> {
        self.dated(&self.related, &(id, limit), make)
    }

    /// What items have in common.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn insights(
        &self,
        request: &insights::Request,
        make: impl FnOnce() -> Result<Insights>,
    ) -> Result<Arc<Insights>> {
        self.dated(&self.insights, request, make)
    }

    /// Who wrote to whom.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn people(
        &self,
        question: &search::Question,
        limit: usize,
        make: impl FnOnce() -> Result<PeopleGraph>,
    ) -> Result<Arc<PeopleGraph>> {
        self.dated(&self.people, &(question.clone(), limit), make)
    }

    /// How long answers took.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn replies(
        &self,
        question: &search::Question,
        top: usize,
        make: impl FnOnce() -> Result<Replies>,
    ) -> Result<Arc<Replies>> {
        self.dated(&self.replies, &(question.clone(), top), make)
    }

    /// What SQLite keeps of an item.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn facts(&self, id: ItemId, make: impl FnOnce() -> Result<Facts>) -> Result<Arc<Facts>> {
        self.answer(&self.facts, id, || true, make)
    }

    /// As [`Cache::facts`], before it is asked for: it is not counted as a question.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn prepare_facts(&self, id: ItemId, make: impl FnOnce() -> Result<Facts>) -> Result<Arc<Facts>> {
        let moment = self.changes.moment();
        match moment.and_then(|_| self.facts.get(&id, moment)) {
            Some(kept) => Ok(kept),
            None => self.make_and_keep(&self.facts, id, moment, || true, make),
        }
    }

    /// Whether what the file adds to an item is at hand.
    pub fn has_view(&self, key: &ViewKey) -> bool {
        self.views.has(key, None)
    }

    /// The `count` items behind `id` in the list that was given last with it, as far as its pages are known.
    pub fn behind(&self, id: ItemId, count: usize) -> Vec<ItemId> {
        let listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        let find = |(asked, items): &(search::Request, Vec<ItemId>)| {
            let at = items.iter().position(|item| *item == id)?;
            let mut behind = items.get(at + 1..)?.to_vec();
            // Who scrolls has the next page in the same list.
            let next = search::Request { offset: asked.offset.saturating_add(items.len()), ..asked.clone() };
            let next = listed.iter().find(|(other, _)| *other == next && asked.after.is_none());
            behind.extend(next.into_iter().flat_map(|(_, items)| items));
            behind.truncate(count);
            Some(behind)
        };
        listed.iter().find_map(find).unwrap_or_default()
    }

    /// The first `count` items of the page that was given last.
    pub fn first(&self, count: usize) -> Vec<ItemId> {
        let listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        listed.front().map_or_else(Vec::new, |(_, items)| items.iter().take(count).copied().collect())
    }

    /// What the file adds to an item, as it was made ready before, if it was kept.
    pub fn view(&self, key: &ViewKey) -> Option<Arc<View>> {
        if !self.is_on() {
            return None;
        }
        let kept = self.views.get(key, None);
        self.views.count(kept.is_some());
        kept
    }

    /// Keeps what was made ready.
    pub fn keep_view(&self, key: ViewKey, view: Arc<View>) {
        if self.is_on() {
            self.views.put(key, view, None);
        }
    }

    /// Forgets everything, by hand. Gives how many answers, and their bytes.
    pub fn clear(&self) -> (u64, u64) {
        let mut waste = Waste::default();
        waste.add_all(self.pages.clear());
        waste.add_all(self.related.clear());
        waste.add_all(self.facts.clear());
        waste.add_all(self.views.clear());
        waste.add_all(self.insights.clear());
        waste.add_all(self.people.clear());
        waste.add_all(self.replies.clear());
        let told = (waste.answers, waste.bytes);
        waste.free();
        told
    }

    /// Forgets what the file of a source added to its items.
    pub fn forget_source(&self, source: SourceId) {
        let mut waste = Waste::default();
        waste.add(self.views.sweep(None, |key| key.source != source));
        waste.free();
    }

    /// Frees the memory of answers that can never be given again. Does little where nothing changed since the last time.
    pub fn sweep(&self) {
        let Some(moment) = self.changes.moment() else { return };
        {
            let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
            if swept.is_some_and(|(then, at)| then == moment && at.elapsed() < MINUTE) {
                return;
            }
            *swept = Some((moment, Instant::now()));
        }
        let moment = Some(moment);
        let mut waste = Waste::default();
        waste.add(self.pages.sweep(moment, |_| true));
        waste.add(self.related.sweep(moment, |_| true));
        waste.add(self.facts.sweep(moment, |_| true));
        waste.add(self.views.sweep(moment, |_| true));
        waste.add(self.insights.sweep(moment, |_| true));
        waste.add(self.people.sweep(moment, |_| true));
        waste.add(self.replies.sweep(moment, |_| true));
        waste.free();
    }

    /// How each kind did.
    pub fn views(&self) -> Vec<ShelfView> {
        vec![
            self.pages.view(),
            self.related.view(),
            self.facts.view(),
            self.views.view(),
            self.insights.view(),
            self.people.view(),
            self.replies.view(),
        ]
    }

    /// Questions of all kinds that were answered from here, and those that were not.
    pub fn totals(&self) -> (u64, u64) {
        self.views().iter().fold((0, 0), |sum, shelf| (sum.0 + shelf.hits, sum.1 + shelf.misses))
    }

    /// Whether answers are kept at all.
    pub fn is_on(&self) -> bool {
        self.on
    }

    fn dated<T: Asked, V: Weight + Shows>(
        &self,
        shelf: &Shelf<Question<T>, V>,
        asked: &T,
        make: impl FnOnce() -> Result<V>,
    ) -> Result<Arc<V>> {
        let key = Question::now(asked);
        let holds = key.holds();
        self.answer(shelf, key, holds, make)
    }

    fn answer<K: Eq + Hash + Weight + Depends, V: Weight + Shows>(
        &self,
        shelf: &Shelf<K, V>,
        key: K,
        holds: impl FnOnce() -> bool,
        make: impl FnOnce() -> Result<V>,
    ) -> Result<Arc<V>> {
        if !self.is_on() {
            return make().map(Arc::new);
        }
        let moment = self.changes.moment();
        let kept = moment.and_then(|_| shelf.get(&key, moment));
        shelf.count(kept.is_some());
        if let Some(kept) = kept {
            return Ok(kept);
        }
        self.make_and_keep(shelf, key, moment, holds, make)
    }

    fn make_and_keep<K: Eq + Hash + Weight + Depends, V: Weight + Shows>(
        &self,
        shelf: &Shelf<K, V>,
        key: K,
        moment: Option<Moment>,
        holds: impl FnOnce() -> bool,
        make: impl FnOnce() -> Result<V>,
    ) -> Result<Arc<V>> {
        let made = Arc::new(make()?);
        if moment.is_some() && self.changes.moment() == moment && holds() {
            shelf.put(key, made.clone(), moment);
        }
        Ok(made)
    }
}

/// Answers that are to be freed: each is of many small pieces, so that tens of megabytes take tens of milliseconds.
#[derive(Default)]
struct Waste {
    answers: u64,
    bytes: u64,
    all: Vec<Box<dyn Send>>,
}

impl Waste {
    fn add<V: Send + Sync + 'static>(&mut self, answers: Vec<Arc<V>>) {
        self.answers += answers.len() as u64;
        if !answers.is_empty() {
            self.all.push(Box::new(answers));
        }
    }

    /// All of a shelf.
    fn add_all<K, V>(&mut self, cleared: Option<Cleared<K, V>>)
    where
        K: Eq + Hash + Send + Sync + 'static,
        V: Send + Sync + 'static,
    {
        if let Some(cleared) = cleared {
            self.answers += cleared.len();
            self.bytes += cleared.bytes();
            self.all.push(Box::new(cleared));
        }
    }

    /// Frees them on a thread of its own where they are many.
    fn free(self) {
        if self.answers > FREED_AT_ONCE {
            let all = self.all;
            // Where there is no thread to be had, they are freed here.
            let _ = std::thread::Builder::new().name("forget".into()).spawn(move || drop(all));
        }
    }
}

fn today(zone: &Zone) -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    zone.day_of(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
