//! What of a file its trees use.

use crate::error::{Anomalies, OpenError};
use crate::ndb::file::Ndb;
use crate::ndb::layout::Layout;
use crate::ndb::page::{BlockEntry, Tree};
use std::ops::Range;

/// Which parts of a stretch of the file are in use, a bit for each 64 bytes (512 in 4k files).
pub struct UseMap {
    start: u64,
    end: u64,
    unit: u64,
    bits: Vec<u64>,
}

impl UseMap {
    /// Nothing is in use.
    pub fn empty(stretch: Range<u64>, unit: u64) -> Self {
        let units = (stretch.end - stretch.start).div_ceil(unit);
        let words = usize::try_from(units.div_ceil(64)).unwrap_or(usize::MAX);
        Self { start: stretch.start, end: stretch.end, unit, bits: vec![0; words] }
    }

    /// Of a stretch of a file, by what its trees name.
    ///
    /// # Errors
    /// When the trees cannot be read.
    pub fn new(ndb: &Ndb, stretch: Range<u64>) -> Result<Self, OpenError> {
        let mut map = Self::empty(stretch, ndb.layout.block_align as u64);
        map.mark_maps(ndb);
        let layout = ndb.layout;
        if let Some(kept) = ndb.kept() {
            kept.pages.iter().for_each(|ib| map.mark(ib.0, layout.page as u64));
            kept.blocks.iter().chain(&ndb.salvage.blocks).for_each(|entry| map.mark_block(entry, layout));
            return Ok(map);
        }
        let mut known = Anomalies::default();
        for tree in [Tree::Node, Tree::Block] {
            ndb.walk_all(tree, &mut known, &mut |page| {
                map.mark(page.ib.0, layout.page as u64);
                if tree == Tree::Block && page.level == 0 {
                    (0..page.count).filter_map(|index| page.block(index, layout)).for_each(|entry| {
                        map.mark_block(&entry, layout);
                    });
                }
            })?;
        }
        ndb.salvage.blocks.iter().for_each(|entry| map.mark_block(entry, layout));
        Ok(map)
    }

    fn mark_block(&mut self, entry: &BlockEntry, layout: &Layout) {
        let size = (entry.stored as usize + layout.block_trailer).next_multiple_of(layout.block_align);
        self.mark(entry.ib.0, size as u64);
    }

    /// The header and the allocation maps, which lie at fixed places ([MS-PST] 2.2.2.7.2).
    fn mark_maps(&mut self, ndb: &Ndb) {
        let page = ndb.layout.page as u64;
        let (first, section) = ndb.layout.maps();
        self.mark(0, first);
        let mut index = self.start.saturating_sub(first) / section;
        while first + index * section < self.end {
            // Every eighth is followed by a page map.
            let pages = if page == 512 && index.is_multiple_of(8) { 2 } else { 1 };
            self.mark(first + index * section, pages * page);
            index += 1;
        }
    }

    /// So many bytes are in use.
    pub fn mark(&mut self, ib: u64, size: u64) {
        let (from, to) = (ib.max(self.start), ib.saturating_add(size).min(self.end));
        if from >= to {
            return;
        }
        let (mut at, last) = ((from - self.start) / self.unit, (to - 1 - self.start) / self.unit);
        while at <= last {
            let (word, bit) = (at / 64, at % 64);
            let count = (64 - bit).min(last + 1 - at);
            let ones = if count == 64 { u64::MAX } else { ((1 << count) - 1) << bit };
            if let Some(bits) = usize::try_from(word).ok().and_then(|word| self.bits.get_mut(word)) {
                *bits |= ones;
            }
            at += count;
        }
    }

    /// Where the stretch begins.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// The stretches from `at` on that are not in use: no more than so many, and than it takes for so many bytes.
    pub fn free_from(&self, mut at: u64, (most, enough): (usize, u64)) -> Vec<Range<u64>> {
        let (mut runs, mut bytes) = (Vec::new(), 0);
        while runs.len() < most
            && bytes < enough
            && let Some(run) = self.next_free(at)
        {
            at = run.end;
            bytes += run.end - run.start;
            runs.push(run);
        }
        runs
    }

    /// The first stretch from `at` on that is not in use.
    fn next_free(&self, at: u64) -> Option<Range<u64>> {
        let units = (self.end - self.start).div_ceil(self.unit);
        // The first unit from `index` on of which its bit, or the contrary, is set.
        let first = |mut index: u64, is_set: bool| {
            while index < units
                && let Some(&word) = usize::try_from(index / 64).ok().and_then(|word| self.bits.get(word))
            {
                let rest = if is_set { word } else { !word } >> (index % 64);
                if rest != 0 {
                    return (index + u64::from(rest.trailing_zeros())).min(units);
                }
                index = (index / 64 + 1) * 64;
            }
            units
        };
        let from = first((at - self.start).div_ceil(self.unit), false);
        if from >= units {
            return None;
        }
        let to = first(from, true);
        Some(self.start + from * self.unit..(self.start + to * self.unit).min(self.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_of_use() {
        let mut map = UseMap::empty(6400..64 * 1000, 64);
        let free = |map: &UseMap| {
            let (mut at, mut all) = (map.start, Vec::new());
            while let Some(run) = map.next_free(at) {
                at = run.end;
                all.push((run.start / 64, run.end / 64));
            }
            all
        };
        assert_eq!(free(&map), [(100, 1000)]);
        for (ib, size) in
            [(0, 6400 + 64), (64 * 150, 1), (64 * 200, 64 * 300), (64 * 999, 1 << 40), (7 << 60, 9)]
        {
            map.mark(ib, size);
        }
        assert_eq!(free(&map), [(101, 150), (151, 200), (500, 999)]);
        map.mark(0, u64::MAX);
        assert_eq!(free(&map), []);
        // The file ends within a unit.
        let odd = UseMap::empty(0..1000, 64);
        assert_eq!(odd.next_free(0), Some(0..1000));
        assert_eq!(odd.next_free(1000), None);
    }
}
