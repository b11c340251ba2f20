//! Finds what broken B-tree pages held: every leaf page in the file says what it is in its trailer, so a scan
//! finds the others, old copies included.

use std::collections::BTreeMap;

use super::crc::crc;
use super::file::{Lost, Ndb};
use super::header::BlockRef;
use super::ids::{BlockId, ByteIndex};
use super::layout::Layout;
use super::page::{BlockEntry, NodeEntry, Page, Tree};
use super::source::read_full;
use crate::bytes::{Bytes, u8_at, u32_at};
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

/// Reads the whole file and takes, for the lost ranges alone, what the newest leaf pages say. An older page adds
/// only where no newer one reaches, so that what was deleted does not come back.
pub(crate) fn scan(ndb: &Ndb, lost: &[Lost]) -> Result<Gained, OpenError> {
    let mut candidates = candidates(ndb, lost)?;
    candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.page.bid));
    let mut gained = Gained { entries: Salvage::default(), per_range: vec![0; lost.len()] };
    let mut covered = [Intervals::default(), Intervals::default()];
    for candidate in &candidates {
        let covered = &mut covered[usize::from(candidate.tree == Tree::Block)];
        for index in 0..candidate.page.count {
            let Some(key) = candidate.page.key(index, ndb.layout, candidate.tree) else { continue };
            let range = lost
                .iter()
                .position(|lost| lost.tree == candidate.tree && (lost.low..lost.high).contains(&key));
            let Some(range) = range else { continue };
            if covered.contains(key) {
                continue;
            }
            match candidate.tree {
                Tree::Node => gained.entries.nodes.extend(candidate.page.node(index, ndb.layout)),
                Tree::Block => gained.entries.blocks.extend(candidate.page.block(index, ndb.layout)),
            }
            if let Some(count) = gained.per_range.get_mut(range) {
                *count += 1;
            }
        }
        covered.add(candidate.first, candidate.last);
    }
    Ok(gained)
}

fn candidates(ndb: &Ndb, lost: &[Lost]) -> Result<Vec<Candidate>, OpenError> {
    let mut found = Vec::new();
    leaves(ndb, &|tree| lost.iter().any(|lost| lost.tree == tree), &mut |tree, page| {
        let last = page.count.checked_sub(1).and_then(|index| page.key(index, ndb.layout, tree));
        let (Some(first), Some(last)) = (page.key(0, ndb.layout, tree), last) else { return };
        let wanted = |lost: &Lost| lost.tree == tree && first < lost.high && last >= lost.low;
        if first <= last && lost.iter().any(wanted) {
            found.push(Candidate { page, tree, first, last });
        }
    })?;
    Ok(found)
}

/// Reads the whole file once, and gives every leaf page of a tree that `wanted` names whose type and checksum are
/// right, in use or not.
pub(crate) fn leaves(
    ndb: &Ndb,
    wanted: &dyn Fn(Tree) -> bool,
    visit: &mut dyn FnMut(Tree, Page),
) -> Result<(), OpenError> {
    let layout = ndb.layout;
    let mut buffer = vec![0u8; 1 << 20];
    let mut start = 0u64;
    while start < ndb.size {
        let read = read_full(ndb.source.as_ref(), start, &mut buffer)?;
        if read == 0 {
            break;
        }
        for (index, data) in buffer[..read].chunks_exact(layout.page).enumerate() {
            let ptype = u8_at(data, layout.page_trailer);
            let tree = match ptype {
                Some(0x80) => Tree::Block,
                Some(0x81) => Tree::Node,
                _ => continue,
            };
            if u8_at(data, layout.page_trailer + 1) != ptype || !wanted(tree) {
                continue;
            }
            let crc_at = layout.page_trailer + if layout.word == 4 { 8 } else { 4 };
            if u32_at(data, crc_at) != Some(crc(&data[..layout.page_trailer])) {
                continue;
            }
            let ib = ByteIndex(start + (index * layout.page) as u64);
            let at = BlockRef { bid: BlockId(0), ib };
            let Ok(page) = Page::parse(Bytes::from(data.to_vec()), layout, tree, at, None) else { continue };
            if page.level == 0 {
                visit(tree, page);
            }
        }
        start += read as u64;
    }
    Ok(())
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
