//! What lies in a file that is no longer in use. Neither a B-tree page nor a block is rewritten in place, so leaves of
//! former states of both trees lie there until their space is taken again, and with them the blocks that they name.
//! Blocks whose page is overwritten say themselves what they are.

use super::file::Ndb;
use super::ids::{BlockId, NidType};
use super::layout::Layout;
use super::page::{BlockEntry, NodeEntry, Page, Tree};
use super::signature::signature;
use super::sweep::{self, Found};
use crate::error::{Anomalies, OpenError};

/// Message nodes and blocks that only pages out of use name.
#[derive(Debug, Default)]
pub(crate) struct Past {
    /// In order of ids, and of one id the newest first.
    pub nodes: Vec<NodeEntry>,
    /// Blocks by their own trailers: each is there, and whole.
    whole: Vec<BlockEntry>,
    /// Blocks by the pages that listed them, and what is left of others: whatever is there now.
    listed: Vec<BlockEntry>,
    /// Those of the whole blocks that may begin the properties of an object.
    pub contexts: Vec<BlockId>,
    /// The keys of the blocks that message nodes name on pages out of use, whatever became of these nodes.
    pub named: Vec<u64>,
    /// Whether there were more than are kept.
    pub cut: bool,
}

/// An entry with the id of the page that holds it: pages are numbered as they are written.
#[derive(Debug, Clone, Copy)]
struct Dated<T> {
    entry: T,
    page: BlockId,
}

/// Bounds on what is kept: together a hundred megabytes while it is gathered.
const MOST_NODES: usize = 1 << 19;
const MOST_LISTED: usize = 1 << 19;
const MOST_WHOLE: usize = 1 << 21;
const MOST_CONTEXTS: usize = 1 << 19;

impl Past {
    /// Reads what the two trees do not use, and keeps what they do not have.
    pub(crate) fn find(ndb: &Ndb) -> Result<Self, OpenError> {
        let layout = ndb.layout;
        let mut nodes = Kept::new(MOST_NODES, |a: &Dated<NodeEntry>, b: &Dated<NodeEntry>| {
            let key = |dated: &Dated<NodeEntry>| (dated.entry.nid, dated.entry.data, dated.entry.sub);
            key(a).cmp(&key(b)).then(b.page.cmp(&a.page))
        });
        let mut listed = Kept::new(MOST_LISTED, |a: &Dated<BlockEntry>, b: &Dated<BlockEntry>| {
            a.entry.bid.key().cmp(&b.entry.bid.key()).then(b.page.cmp(&a.page))
        });
        let mut whole = Kept::new(MOST_WHOLE, |a: &BlockEntry, b: &BlockEntry| a.bid.key().cmp(&b.bid.key()));
        let mut contexts = Kept::new(MOST_CONTEXTS, |a: &BlockId, b: &BlockId| a.key().cmp(&b.key()));
        sweep::free_space(ndb, &mut |found| {
            let (tree, page) = match found {
                Found::Leaf(tree, page) => (tree, page),
                Found::Block(entry, is_context) => {
                    if is_context {
                        contexts.add(entry.bid, |a, b| a.key() == b.key());
                    }
                    return whole.add(entry, |a, b| a.bid.key() == b.bid.key());
                }
                // As good as the word of a page, whose block may be overwritten too.
                Found::Remains(entry) => return listed.add(Dated { entry, page: BlockId(0) }, same_block),
            };
            // Pages of another file, which lies in this one as an attachment, were signed for another place.
            if page.signature(layout) != Some(signature(page.ib, page.bid)) {
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
                    .for_each(|entry| listed.add(Dated { entry, page: dated }, same_block)),
            }
        })?;
        let (mut nodes, nodes_cut) = nodes.finish(same_node);
        let mut named: Vec<u64> =
            nodes.iter().flat_map(|dated| [dated.entry.data.key(), dated.entry.sub.key()]).collect();
        named.sort_unstable();
        named.dedup();
        drop_live_nodes(ndb, &mut nodes)?;
        let (mut contexts, contexts_cut) = contexts.finish(|a, b| a.key() == b.key());
        if nodes.is_empty() && contexts.is_empty() && !ndb.lost_nodes {
            // Blocks matter to objects alone.
            return Ok(Self { cut: nodes_cut, ..Self::default() });
        }
        let (mut listed, listed_cut) = listed.finish(same_block);
        let (mut whole, whole_cut) = whole.finish(|a, b| a.bid.key() == b.bid.key());
        let key = |entry: &BlockEntry| entry.bid.key();
        let mut known = Anomalies::default();
        let mut live = [vec![false; listed.len()], vec![false; whole.len()]];
        ndb.blocks(&mut known, &mut |entry| {
            let places = [
                listed.binary_search_by_key(&key(&entry), |dated| key(&dated.entry)),
                whole.binary_search_by_key(&key(&entry), key),
            ];
            for (live, place) in live.iter_mut().zip(places) {
                place.ok().and_then(|index| live.get_mut(index)).into_iter().for_each(|live| *live = true);
            }
        })?;
        let [live_listed, live_whole] = live;
        retain_past(&mut listed, &live_listed);
        retain_past(&mut whole, &live_whole);
        contexts.retain(|bid| whole.binary_search_by_key(&bid.key(), key).is_ok());
        nodes.sort_by_key(|dated| (dated.entry.nid, std::cmp::Reverse(dated.page)));
        Ok(Self {
            nodes: nodes.into_iter().map(|dated| dated.entry).collect(),
            whole,
            listed: listed.into_iter().map(|dated| dated.entry).collect(),
            contexts,
            named,
            cut: nodes_cut || listed_cut || whole_cut || contexts_cut,
        })
    }

    /// Blocks that join others: XBLOCKs, SLBLOCKs and the like.
    pub(crate) fn index_blocks(&self) -> impl Iterator<Item = BlockId> {
        self.whole.iter().map(|entry| entry.bid).filter(|bid| bid.is_internal())
    }

    /// Where the block with this key lay, or still lies.
    pub(crate) fn block(&self, key: u64) -> Option<BlockEntry> {
        [&self.whole, &self.listed].into_iter().find_map(|blocks| {
            let index = blocks.binary_search_by_key(&key, |entry| entry.bid.key()).ok()?;
            blocks.get(index).copied()
        })
    }
}

/// What the tree holds is not past: a node in use says all there is to say of its id.
fn drop_live_nodes(ndb: &Ndb, nodes: &mut Vec<Dated<NodeEntry>>) -> Result<(), OpenError> {
    if nodes.is_empty() {
        return Ok(());
    }
    let mut live = vec![false; nodes.len()];
    ndb.nodes(&mut Anomalies::default(), &mut |entry| {
        let from = nodes.partition_point(|dated| dated.entry.nid < entry.nid);
        let same = nodes.iter().skip(from).take_while(|dated| dated.entry.nid == entry.nid).count();
        live.iter_mut().skip(from).take(same).for_each(|live| *live = true);
    })?;
    retain_past(nodes, &live);
    Ok(())
}

fn retain_past<T>(all: &mut Vec<T>, live: &[bool]) {
    let mut flags = live.iter();
    all.retain(|_| flags.next() == Some(&false));
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
    most: usize,
    order: F,
    cut: bool,
}

impl<T, F: Fn(&T, &T) -> std::cmp::Ordering> Kept<T, F> {
    fn new(most: usize, order: F) -> Self {
        Self { all: Vec::new(), most, order, cut: false }
    }

    fn add(&mut self, item: T, same: fn(&T, &T) -> bool) {
        if self.all.len() >= self.most + self.most / 4 {
            self.thin(same);
        }
        self.all.push(item);
    }

    fn thin(&mut self, same: fn(&T, &T) -> bool) {
        self.all.sort_by(&self.order);
        self.all.dedup_by(|next, kept| same(next, kept));
        self.cut |= self.all.len() > self.most;
        self.all.truncate(self.most);
    }

    fn finish(mut self, same: fn(&T, &T) -> bool) -> (Vec<T>, bool) {
        self.thin(same);
        self.all.shrink_to_fit();
        (self.all, self.cut)
    }
}

impl Page {
    /// `wSig`, which ties a page to its place.
    fn signature(&self, layout: &Layout) -> Option<u16> {
        crate::bytes::u16_at(self.bytes(), layout.page_trailer + 2)
    }
}
