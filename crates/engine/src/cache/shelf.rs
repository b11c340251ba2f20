//! Answers of one kind: bounded in bytes, given for so long, and only while nothing changed.

use super::changes::{Changes, Moment};
use crate::weight::Weight;
use quick_cache::sync::Cache;
use quick_cache::{DefaultHashBuilder, Lifecycle, OptionsBuilder, Weighter};
use std::cell::RefCell;
use std::collections::HashSet;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// What an entry takes beside key and value: the table's own record of it, and the counts of two pointers.
const ENTRY: usize = 160;

/// What people say of items may show in an answer.
pub trait Shows {
    /// Whether one of these items is among those whose flags, tags and notes are part of it.
    fn shows(&self, items: &HashSet<i64>) -> bool;
}

/// A question whose answer may depend on what people say.
pub trait Depends {
    /// Whether what is said of an item may make it part of the answer, or no longer.
    fn depends_on_what_is_said(&self) -> bool;
}

type Bounded<K, V> = Cache<Arc<K>, Kept<V>, ByBytes, DefaultHashBuilder, Evictions>;

/// Answers by what was asked.
pub struct Shelf<K, V> {
    name: &'static str,
    lives: Duration,
    changes: Arc<Changes>,
    room: Room,
    /// `None` where it has no room.
    kept: Option<RwLock<Bounded<K, V>>>,
    hits: AtomicU64,
    misses: AtomicU64,
    stale: AtomicU64,
    evicted: Arc<AtomicU64>,
}

/// How a shelf did, since the library was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ShelfView {
    /// What is kept there.
    pub name: &'static str,
    /// Answers that are kept, those that are stale and not yet swept out included.
    pub entries: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The most bytes they may take.
    pub capacity: u64,
    /// Seconds that an answer is given at most.
    pub lives: u64,
    /// Questions that were answered from it.
    pub hits: u64,
    /// Questions that were not.
    pub misses: u64,
    /// Answers that were dropped because something had changed, or for their age.
    pub stale: u64,
    /// Answers that made room for others.
    pub evicted: u64,
}

/// How much may be kept.
#[derive(Clone, Copy)]
struct Room {
    bytes: usize,
    answers: usize,
}

struct Kept<V> {
    value: Arc<V>,
    /// Whether it depends on what people say of items that it does not show.
    depends: bool,
    /// `None` where the key says all that the answer depends on.
    moment: Option<Moment>,
    made: Instant,
    bytes: u64,
}

impl<V> Clone for Kept<V> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), ..*self }
    }
}

#[derive(Clone)]
struct ByBytes;

impl<K, V> Weighter<K, Kept<V>> for ByBytes {
    fn weight(&self, _: &K, kept: &Kept<V>) -> u64 {
        kept.bytes
    }
}

#[derive(Clone)]
struct Evictions(Arc<AtomicU64>);

impl<K, V> Lifecycle<K, V> for Evictions {
    /// Freed after the lock is.
    type RequestState = Vec<V>;

    fn on_evict(&self, state: &mut Vec<V>, _: K, value: V) {
        self.0.fetch_add(1, Ordering::Relaxed);
        state.push(value);
    }
}

impl Room {
    /// An empty table of this size.
    fn table<K: Eq + Hash, V>(self, evicted: &Arc<AtomicU64>) -> Option<Bounded<K, V>> {
        // One part, so that a single answer may take nearly all of it.
        let options = OptionsBuilder::new()
            .shards(1)
            .weight_capacity(self.bytes as u64)
            .estimated_items_capacity(self.answers)
            .build();
        options.ok().filter(|_| self.bytes > 0).map(|options| {
            Cache::with_options(options, ByBytes, DefaultHashBuilder::default(), Evictions(evicted.clone()))
        })
    }
}

impl<K: Eq + Hash + Weight + Depends, V: Weight + Shows> Shelf<K, V> {
    /// A shelf for `capacity` bytes of answers of about `each` bytes.
    pub fn new(
        name: &'static str,
        lives: Duration,
        changes: Arc<Changes>,
        capacity: usize,
        each: usize,
    ) -> Self {
        let evicted = Arc::new(AtomicU64::new(0));
        let room = Room { bytes: capacity, answers: (capacity / each.max(1)).max(16) };
        Self {
            name,
            lives,
            changes,
            room,
            kept: room.table(&evicted).map(RwLock::new),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            stale: AtomicU64::new(0),
            evicted,
        }
    }

    /// The answer to `key`, if it is of `moment` and not too old.
    pub fn get(&self, key: &K, moment: Option<Moment>) -> Option<Arc<V>> {
        let cache = self.table()?;
        let kept = cache.get(key)?;
        if self.holds(&kept, moment) {
            return Some(kept.value);
        }
        self.stale.fetch_add(1, Ordering::Relaxed);
        cache.remove(key);
        None
    }

    /// Whether an answer is what would be found at this moment: nothing changed, or only what was said of items that it has nothing
    /// to do with.
    fn holds(&self, kept: &Kept<V>, moment: Option<Moment>) -> bool {
        let same = kept.moment == moment
            || match (kept.moment, moment) {
                (Some(then), Some(now)) if !kept.depends => self
                    .changes
                    .said_between(then, now)
                    .is_some_and(|said| !said.iter().any(|items| kept.value.shows(items))),
                _ => false,
            };
        same && kept.made.elapsed() < self.lives
    }

    fn table(&self) -> Option<std::sync::RwLockReadGuard<'_, Bounded<K, V>>> {
        Some(self.kept.as_ref()?.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Keeps an answer that was made at `moment`.
    pub fn put(&self, key: K, value: Arc<V>, moment: Option<Moment>) {
        let Some(cache) = self.table() else { return };
        let bytes = (ENTRY + key.bytes() + value.bytes()) as u64;
        let depends = key.depends_on_what_is_said();
        cache.insert(Arc::new(key), Kept { value, depends, moment, made: Instant::now(), bytes });
    }

    /// Whether there is an answer that could be given.
    pub fn has(&self, key: &K, moment: Option<Moment>) -> bool {
        self.table().and_then(|cache| cache.peek(key)).is_some_and(|kept| self.holds(&kept, moment))
    }

    /// Counts a question.
    pub fn count(&self, hit: bool) {
        let counter = if hit { &self.hits } else { &self.misses };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes out what could not be given any more, and what `keep` refuses. To free it takes a while where it is much; nobody waits for
    /// that but who drops it.
    #[must_use]
    pub fn sweep(&self, moment: Option<Moment>, keep: impl Fn(&K) -> bool) -> Vec<Arc<V>> {
        let out = RefCell::new(Vec::new());
        if let Some(cache) = self.table() {
            cache.retain(|key, kept| {
                let of = kept.moment.and(moment);
                let stays = self.holds(kept, of) && keep(key);
                if !stays {
                    out.borrow_mut().push(kept.value.clone());
                }
                stays
            });
        }
        let out = out.into_inner();
        self.stale.fetch_add(out.len() as u64, Ordering::Relaxed);
        out
    }

    /// Takes everything out at once, however much it is: an empty table comes in place of the full one.
    #[must_use]
    pub fn clear(&self) -> Option<Cleared<K, V>> {
        let full = self.kept.as_ref()?;
        let empty = self.room.table(&self.evicted)?;
        let mut table = full.write().unwrap_or_else(PoisonError::into_inner);
        Some(Cleared(std::mem::replace(&mut *table, empty)))
    }

    /// How it did.
    pub fn view(&self) -> ShelfView {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        ShelfView {
            name: self.name,
            entries: self.table().map_or(0, |cache| cache.len() as u64),
            bytes: self.table().map_or(0, |cache| cache.weight()),
            capacity: self.table().map_or(0, |cache| cache.capacity()),
            lives: self.lives.as_secs(),
            hits: load(&self.hits),
            misses: load(&self.misses),
            stale: load(&self.stale),
            evicted: load(&self.evicted),
        }
    }
}

/// What a shelf held.
pub struct Cleared<K, V>(Bounded<K, V>);

impl<K: Eq + Hash, V> Cleared<K, V> {
    /// How many answers.
    pub fn len(&self) -> u64 {
        self.0.len() as u64
    }

    /// Their bytes.
    pub fn bytes(&self) -> u64 {
        self.0.weight()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Depends for u64 {
        fn depends_on_what_is_said(&self) -> bool {
            *self >= 1_000_000
        }
    }

    impl Shows for String {
        fn shows(&self, items: &HashSet<i64>) -> bool {
            items.contains(&(self.len() as i64))
        }
    }

    #[test]
    fn what_is_said_ends_what_it_has_to_do_with_alone() {
        let changes = Arc::new(Changes::default());
        let shelf = of(&changes, HOUR, 100_000);
        let first = changes.moment();
        let texts = [(1, "one item"), (2, "another one"), (1_000_000, "flagged")];
        texts.iter().for_each(|(key, text)| shelf.put(*key, Arc::new((*text).to_owned()), first));
        drop(changes.begin_saying(["one item".len() as i64].into()));
        let now = changes.moment();
        let left: Vec<u64> = texts.iter().map(|(key, _)| *key).filter(|key| shelf.has(key, now)).collect();
        assert_eq!(left, [2]);
        assert!(shelf.get(&2, now).is_some() && shelf.get(&1, now).is_none());
        assert_eq!(shelf.sweep(now, |_| true).len(), 1, "the other one is out already");
        drop(changes.begin());
        assert_eq!(shelf.get(&2, changes.moment()), None);
    }

    const HOUR: Duration = Duration::from_secs(3600);

    fn of(changes: &Arc<Changes>, lives: Duration, capacity: usize) -> Shelf<u64, String> {
        Shelf::new("test", lives, changes.clone(), capacity, 1000)
    }

    fn shelf(lives: Duration, capacity: usize) -> Shelf<u64, String> {
        of(&Arc::default(), lives, capacity)
    }

    fn long() -> Arc<String> {
        Arc::new("x".repeat(1000))
    }

    #[test]
    fn an_answer_is_given_while_nothing_changes() {
        let (changes, shelf) = (Changes::default(), shelf(HOUR, 100_000));
        let first = changes.moment();
        shelf.put(1, long(), first);
        assert!(shelf.get(&1, first).is_some() && shelf.has(&1, first) && !shelf.has(&2, first));
        drop(changes.begin());
        assert!(!shelf.has(&1, changes.moment()));
        assert_eq!(shelf.get(&1, changes.moment()), None);
        assert_eq!(shelf.get(&1, first), None, "it is gone, whoever asks");
        assert_eq!((shelf.view().entries, shelf.view().stale), (0, 1));
    }

    #[test]
    fn what_is_too_old_is_not_given() {
        let (changes, shelf) = (Changes::default(), shelf(Duration::ZERO, 100_000));
        shelf.put(1, long(), changes.moment());
        assert_eq!(shelf.get(&1, changes.moment()), None);
    }

    #[test]
    fn bytes_are_bounded_and_what_is_asked_for_stays() {
        let shelf = shelf(HOUR, 20_000);
        for n in 0..1000 {
            shelf.put(n, long(), None);
            assert!(shelf.view().bytes <= 20_000);
            // What is asked for again and again is not pushed out by what is seen once.
            let kept = shelf.get(&0, None).is_some();
            assert!(kept, "lost after {n}");
        }
        assert!(shelf.view().evicted > 900);
        shelf.put(5000, Arc::new("y".repeat(50_000)), None);
        assert!(!shelf.has(&5000, None), "larger than the shelf");
        assert!(shelf.has(&0, None));
        let view = shelf.view();
        let cleared = shelf.clear().unwrap();
        assert_eq!((cleared.len(), cleared.bytes()), (view.entries, view.bytes));
        assert_eq!((shelf.view().entries, shelf.view().bytes), (0, 0));
        let none = super::Shelf::<u64, String>::new("none", HOUR, Arc::default(), 0, 1);
        none.put(1, long(), None);
        assert_eq!(none.get(&1, None), None);
    }

    #[test]
    fn sweeping_frees_what_is_stale_alone() {
        let (changes, shelf) = (Changes::default(), shelf(HOUR, 100_000));
        shelf.put(1, long(), changes.moment());
        shelf.put(2, long(), None);
        shelf.put(3, long(), None);
        drop(changes.begin());
        shelf.put(4, long(), changes.moment());
        assert_eq!(shelf.sweep(changes.moment(), |key| *key != 3).len(), 2);
        let left: Vec<u64> =
            (1..5).filter(|key| shelf.has(key, None) || shelf.has(key, changes.moment())).collect();
        assert_eq!(left, [2, 4]);
    }
}
