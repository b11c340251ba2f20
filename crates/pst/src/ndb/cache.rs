//! A cache bounded in bytes that one reader owns.

use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::hash::Hash;

/// Keeps what was used lately, in two generations: when the young one is full it becomes the old one, and what
/// the old one held is dropped. Cheaper than a list of uses, and nearly as good.
#[derive(Debug)]
pub(crate) struct Cache<K, V> {
    young: HashMap<K, (V, usize), RandomState>,
    old: HashMap<K, (V, usize), RandomState>,
    young_bytes: usize,
    half: usize,
}

impl<K: Hash + Eq + Copy, V: Clone> Cache<K, V> {
    pub(crate) fn new(bytes: usize) -> Self {
        Self { young: HashMap::default(), old: HashMap::default(), young_bytes: 0, half: bytes / 2 }
    }

    pub(crate) fn get(&mut self, key: K) -> Option<V> {
        if let Some((value, _)) = self.young.get(&key) {
            return Some(value.clone());
        }
        let (value, size) = self.old.remove(&key)?;
        self.insert(key, value.clone(), size);
        Some(value)
    }

    /// Keeps `value`, which takes `size` bytes. What is larger than half the cache is not kept.
    pub(crate) fn insert(&mut self, key: K, value: V, size: usize) {
        if size > self.half {
            return;
        }
        if self.young_bytes + size > self.half {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += size;
        if let Some((_, before)) = self.young.insert(key, (value, size)) {
            self.young_bytes -= before;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_is_used_and_stays_bounded() {
        let mut cache = Cache::new(100);
        for key in 0..1000u32 {
            cache.insert(key, key, 10);
            assert_eq!(cache.get(0), Some(0), "the entry in constant use stays, at {key}");
            assert!(cache.young.len() + cache.old.len() <= 11);
        }
        assert_eq!(cache.get(500), None);
        cache.insert(2000, 1, 60);
        assert_eq!(cache.get(2000), None, "larger than half the cache");
    }
}
