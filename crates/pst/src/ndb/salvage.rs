//! Finds what broken B-tree pages held: every leaf page in the file says what it is in its trailer, so a scan
//! finds the others, old copies included; and where blocks lie, their own trailers tell.

use std::collections::{BTreeMap, HashSet};

use super::file::Ndb;
use super::layout::Layout;
use super::page::{BlockEntry, NodeEntry, Page, Tree};
use super::sweep::{self, Found};
use super::walk::Lost;
use crate::error::OpenError;

/// Entries of both trees that the trees themselves do not give.
#[derive(Debug, Default)]
pub(crate) struct Salvage {
    pub nodes: Vec<NodeEntry>,
    pub blocks: Vec<BlockEntry>,
}

impl Salvage {
    pub(crate) fn add_page(&mut self, page: &Page, layout: &Layout, tree: Tree) {
        for index in 0..page.count {
            match tree {
                Tree::Node => self.nodes.extend(page.node(index, layout)),
                Tree::Block => self.blocks.extend(page.block(index, layout)),
            }
        }
    }

    pub(crate) fn merge(&mut self, mut other: Self) {
        self.nodes.append(&mut other.nodes);
        self.blocks.append(&mut other.blocks);
    }

    pub(crate) fn sort(&mut self) {
        self.nodes.sort_by_key(|entry| entry.nid);
        self.nodes.dedup_by_key(|entry| entry.nid);
        self.blocks.sort_by_key(|entry| entry.bid.key());
        self.blocks.dedup_by_key(|entry| entry.bid.key());
    }

    pub(crate) fn node(&self, key: u32) -> Option<NodeEntry> {
        let index = self.nodes.binary_search_by_key(&key, |entry| entry.nid.0).ok()?;
        self.nodes.get(index).copied()
    }

    pub(crate) fn block(&self, key: u64) -> Option<BlockEntry> {
        let index = self.blocks.binary_search_by_key(&key, |entry| entry.bid.key()).ok()?;
        self.blocks.get(index).copied()
    }
}

impl Page {
    /// Whether the keys rise, as searching needs.
    pub(crate) fn is_sorted(&self, layout: &Layout, tree: Tree) -> bool {
        (0..self.count).map(|index| self.key(index, layout, tree)).is_sorted()
    }
}

/// What a scan gave.
pub(crate) struct Gained {
    pub entries: Salvage,
    /// How many entries each lost range got back.
    pub per_range: Vec<u64>,
}

/// A leaf page that overlaps a lost range.
struct Candidate {
    page: Page,
    tree: Tree,
    first: u64,
    last: u64,
}

/// Lost ranges in order, so that one is found by a search.
struct Ranges {
    /// Of each tree: first key, the key behind the last, and which of the lost ranges it is.
    of: [Vec<(u64, u64, usize)>; 2],
}

impl Ranges {
    fn new(lost: &[Lost]) -> Self {
        let of = [Tree::Node, Tree::Block].map(|tree| {
            let all = lost.iter().enumerate().filter(|(_, lost)| lost.tree == tree);
            let mut all: Vec<_> = all.map(|(index, lost)| (lost.low, lost.high, index)).collect();
            all.sort_unstable();
            all
        });
        Self { of }
    }

    /// The lost range of `tree` that the keys from `first` to `last` reach.
    fn find(&self, tree: Tree, first: u64, last: u64) -> Option<usize> {
        let ranges = &self.of[usize::from(tree == Tree::Block)];
        let before = ranges.partition_point(|&(low, ..)| low <= last).checked_sub(1)?;
        ranges.get(before).filter(|&&(_, high, _)| first < high).map(|&(.., index)| index)
    }
}

/// Reads the whole file and takes, for the lost ranges alone, what the newest leaf pages say. An older page adds
/// only where no newer one reaches, so that what was deleted does not come back.
pub(crate) fn scan(ndb: &Ndb, lost: &[Lost]) -> Result<Gained, OpenError> {
    let ranges = Ranges::new(lost);
    let (mut candidates, blocks) = candidates(ndb, &ranges)?;
    candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.page.bid));
    let mut per_range = vec![0u64; lost.len()];
    let mut gain = |range: usize| per_range.get_mut(range).into_iter().for_each(|count| *count += 1);
    let mut entries = Salvage::default();
    let mut covered = [Intervals::default(), Intervals::default()];
    for candidate in &candidates {
        let covered = &mut covered[usize::from(candidate.tree == Tree::Block)];
        for index in 0..candidate.page.count {
            let Some(key) = candidate.page.key(index, ndb.layout, candidate.tree) else { continue };
            let Some(range) = ranges.find(candidate.tree, key, key).filter(|_| !covered.contains(key)) else {
                continue;
            };
            match candidate.tree {
                Tree::Node => entries.nodes.extend(candidate.page.node(index, ndb.layout)),
                Tree::Block => entries.blocks.extend(candidate.page.block(index, ndb.layout)),
            }
            gain(range);
        }
        covered.add(candidate.first, candidate.last);
    }
    // A block that says itself where it lies is surer than a page that may be old. Nothing names one that is out of
    // use, so there is no harm in knowing it.
    let named: HashSet<u64> = entries.blocks.iter().map(|entry| entry.bid.key()).collect();
    for entry in blocks.iter().filter(|entry| !named.contains(&entry.bid.key())) {
        ranges.find(Tree::Block, entry.bid.key(), entry.bid.key()).into_iter().for_each(&mut gain);
    }
    entries.blocks.splice(0..0, blocks);
    Ok(Gained { entries, per_range })
}

/// What the scan met: leaf pages that overlap a lost range, and blocks of one.
type Met = (Vec<Candidate>, Vec<BlockEntry>);

/// More blocks than this are not kept by their trailers alone: 200 MB of them.
const MOST_BLOCKS: usize = 8 << 20;

fn candidates(ndb: &Ndb, lost: &Ranges) -> Result<Met, OpenError> {
    let (mut pages, mut blocks) = (Vec::new(), Vec::new());
    sweep::everything(ndb, &mut |found| match found {
        Found::Leaf(tree, page) => {
            let last = page.count.checked_sub(1).and_then(|index| page.key(index, ndb.layout, tree));
            let (Some(first), Some(last)) = (page.key(0, ndb.layout, tree), last) else { return };
            if first <= last && lost.find(tree, first, last).is_some() {
                pages.push(Candidate { page, tree, first, last });
            }
        }
        Found::Block(entry, _) => {
            let key = entry.bid.key();
            if blocks.len() < MOST_BLOCKS && lost.find(Tree::Block, key, key).is_some() {
                blocks.push(entry);
            }
        }
        Found::Remains(_) => {}
    })?;
    Ok((pages, blocks))
}

/// A set of closed intervals, merged where they overlap.
#[derive(Default)]
struct Intervals(BTreeMap<u64, u64>);

impl Intervals {
    fn contains(&self, key: u64) -> bool {
        self.0.range(..=key).next_back().is_some_and(|(_, &end)| end >= key)
    }

    fn add(&mut self, mut first: u64, mut last: u64) {
        while let Some((&start, &end)) = self.0.range(..=last).next_back() {
            if end < first {
                break;
            }
            first = first.min(start);
            last = last.max(end);
            self.0.remove(&start);
        }
        self.0.insert(first, last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_merge() {
        let mut set = Intervals::default();
        for (first, last) in [(10, 20), (30, 40), (15, 32), (1, 2), (100, 100)] {
            set.add(first, last);
        }
        for (key, want) in
            [(0, false), (1, true), (3, false), (10, true), (25, true), (40, true), (41, false)]
        {
            assert_eq!(set.contains(key), want, "{key}");
        }
        assert_eq!(set.0.len(), 3);
    }
}
