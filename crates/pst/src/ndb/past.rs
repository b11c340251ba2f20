//! What pages hold that are no longer in use. A B-tree page is never rewritten in place, so leaves of former states of
//! both trees lie in the file until their space is taken again, and with them the blocks that they name.

use std::collections::HashSet;

use super::file::Ndb;
use super::ids::{BlockId, NidType};
use super::layout::Layout;
use super::page::{BlockEntry, NodeEntry, Page, Tree};
use super::salvage::leaves;
use super::signature::signature;
use crate::error::{Anomalies, OpenError};

/// Message nodes and blocks that only pages out of use name.
#[derive(Debug, Default)]
pub(crate) struct Past {
    /// In order of ids, and of one id the newest first.
    pub nodes: Vec<NodeEntry>,
    blocks: Vec<BlockEntry>,
    /// Whether there were more than are kept.
    pub cut: bool,
}

/// An entry with the id of the page that holds it: pages are numbered as they are written.
#[derive(Debug, Clone, Copy)]
struct Dated<T> {
    entry: T,
    page: BlockId,
}

/// Bounds on what is kept of each tree: tens of megabytes.
const MOST: usize = 1 << 20;

impl Past {
    /// Reads the whole file and keeps what its two trees do not have.
    pub(crate) fn find(ndb: &Ndb) -> Result<Self, OpenError> {
        let layout = ndb.layout;
        let mut nodes = Kept::new(|a: &Dated<NodeEntry>, b: &Dated<NodeEntry>| {
            let key = |dated: &Dated<NodeEntry>| (dated.entry.nid, dated.entry.data, dated.entry.sub);
            key(a).cmp(&key(b)).then(b.page.cmp(&a.page))
        });
        let mut blocks = Kept::new(|a: &Dated<BlockEntry>, b: &Dated<BlockEntry>| {
            a.entry.bid.key().cmp(&b.entry.bid.key()).then(b.page.cmp(&a.page))
        });
        let mut known = Anomalies::default();
        let mut in_use = HashSet::new();
        for tree in [Tree::Node, Tree::Block] {
            ndb.walk(tree, &mut known, &mut |page| {
                in_use.insert(page.ib);
            })?;
        }
        leaves(ndb, &|_| true, &mut |tree, page| {
            // Pages of another file, which lies in this one as an attachment, were signed for another place.
            if in_use.contains(&page.ib) || page.signature(layout) != Some(signature(page.ib, page.bid)) {
                return;
            }
            let dated = page.bid;
            match tree {
                Tree::Node => (0..page.count)
                    .filter_map(|index| page.node(index, layout))
                    .filter(|node| matches!(node.nid.kind(), NidType::NormalMessage | NidType::AssocMessage))
                    .for_each(|entry| nodes.add(Dated { entry, page: dated }, same_node)),
                Tree::Block => (0..page.count)
                    .filter_map(|index| page.block(index, layout))
                    .for_each(|entry| blocks.add(Dated { entry, page: dated }, same_block)),
            }
        })?;
        let (mut nodes, nodes_cut) = nodes.finish(same_node);
        let (mut blocks, blocks_cut) = blocks.finish(same_block);

        // What the trees hold is not past. A node in use says all there is to say of its id.
        let mut live = vec![false; nodes.len()];
        ndb.nodes(&mut known, &mut |entry| {
            let from = nodes.partition_point(|dated| dated.entry.nid < entry.nid);
            let same = nodes.iter().skip(from).take_while(|dated| dated.entry.nid == entry.nid).count();
            live.iter_mut().skip(from).take(same).for_each(|live| *live = true);
        })?;
        let mut flags = live.iter();
        nodes.retain(|_| flags.next() == Some(&false));
        let mut live = vec![false; blocks.len()];
        ndb.blocks(&mut known, &mut |entry| {
            let key = entry.bid.key();
            if let Ok(index) = blocks.binary_search_by_key(&key, |dated| dated.entry.bid.key())
                && let Some(live) = live.get_mut(index)
            {
                *live = true;
            }
        })?;
        let mut flags = live.iter();
        blocks.retain(|_| flags.next() == Some(&false));
        nodes.sort_by_key(|dated| (dated.entry.nid, std::cmp::Reverse(dated.page)));
        Ok(Self {
            nodes: nodes.into_iter().map(|dated| dated.entry).collect(),
            blocks: blocks.into_iter().map(|dated| dated.entry).collect(),
            cut: nodes_cut || blocks_cut,
        })
    }

    /// Where the block with this key lay.
    pub(crate) fn block(&self, key: u64) -> Option<BlockEntry> {
        let index = self.blocks.binary_search_by_key(&key, |entry| entry.bid.key()).ok()?;
        self.blocks.get(index).copied()
    }
}

fn same_node(a: &Dated<NodeEntry>, b: &Dated<NodeEntry>) -> bool {
    (a.entry.nid, a.entry.data, a.entry.sub) == (b.entry.nid, b.entry.data, b.entry.sub)
}

fn same_block(a: &Dated<BlockEntry>, b: &Dated<BlockEntry>) -> bool {
    a.entry.bid.key() == b.entry.bid.key()
}

/// A bounded set: leaves repeat most of what others say, so repetitions are thrown out whenever it is full.
struct Kept<T, F> {
    all: Vec<T>,
    order: F,
    cut: bool,
}

impl<T, F: Fn(&T, &T) -> std::cmp::Ordering> Kept<T, F> {
    fn new(order: F) -> Self {
        Self { all: Vec::new(), order, cut: false }
    }

    fn add(&mut self, item: T, same: fn(&T, &T) -> bool) {
        if self.all.len() >= 2 * MOST {
            self.thin(same);
        }
        self.all.push(item);
    }

    fn thin(&mut self, same: fn(&T, &T) -> bool) {
        self.all.sort_by(&self.order);
        self.all.dedup_by(|next, kept| same(next, kept));
        self.cut |= self.all.len() > MOST;
        self.all.truncate(MOST);
    }

    fn finish(mut self, same: fn(&T, &T) -> bool) -> (Vec<T>, bool) {
        self.thin(same);
        (self.all, self.cut)
    }
}

impl Page {
    /// `wSig`, which ties a page to its place.
    fn signature(&self, layout: &Layout) -> Option<u16> {
        crate::bytes::u16_at(self.bytes(), layout.page_trailer + 2)
    }
}
