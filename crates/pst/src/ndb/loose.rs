//! Blocks that no node names: what is left of objects whose entries in the node B-tree were overwritten, or lay in a
//! page that is broken. Blocks say themselves what they are, and index blocks what belongs together; which tree of
//! sub-nodes belongs to which properties only the entry said, so that this is told by what they name, and by their ids,
//! which are given out in the order of writing.

use super::block::NdbReader;
use super::file::Ndb;
use super::ids::{BlockId, NidType, NodeId};
use crate::bytes::u8_at;
use crate::error::{Anomalies, OpenError};

/// Objects that no node names.
#[derive(Debug, Default)]
pub(crate) struct Loose {
    /// Blocks that begin a heap of properties, in order of ids.
    pub heads: Vec<BlockId>,
    /// XBLOCKs after the first block that each names, newest first.
    trees: Vec<(u64, BlockId)>,
    /// Trees of sub-nodes, in order of ids.
    subs: Vec<Sub>,
    /// Whether there was more than is looked at.
    pub cut: bool,
}

/// An SLBLOCK or SIBLOCK.
#[derive(Debug)]
struct Sub {
    bid: BlockId,
    level: u8,
    /// The nodes in it, in order.
    nodes: Vec<NodeId>,
    /// Whether it was given to an object.
    taken: bool,
}

/// More blocks are not looked at: nine bytes for each.
const MOST_BLOCKS: usize = 4 << 20;
/// More sub-nodes are not kept: four bytes for each.
const MOST_NODES: usize = 4 << 20;
/// How far apart, in trees of sub-nodes, an object and its own are looked for.
const NEAR: usize = 64;

/// What a block of a kind that is never encoded names.
enum Index {
    Data { level: u8, blocks: Vec<BlockId> },
    Subs { level: u8, nodes: Vec<NodeId>, blocks: Vec<BlockId> },
}

/// Blocks by their ids, and which of them something names.
struct Blocks {
    keys: Vec<u64>,
    named: Vec<bool>,
}

impl Blocks {
    fn new(mut keys: Vec<u64>) -> Self {
        keys.sort_unstable();
        keys.dedup();
        Self { named: vec![false; keys.len()], keys }
    }

    fn name(&mut self, bid: BlockId) {
        if let Ok(index) = self.keys.binary_search(&bid.key())
            && let Some(named) = self.named.get_mut(index)
        {
            *named = true;
        }
    }

    fn is_named(&self, bid: BlockId) -> bool {
        let index = self.keys.binary_search(&bid.key());
        index.ok().and_then(|index| self.named.get(index)).copied().unwrap_or(false)
    }

    /// Those that nothing names.
    fn loose(&self) -> impl Iterator<Item = BlockId> {
        self.keys.iter().zip(&self.named).filter(|(_, named)| !**named).map(|(&key, _)| BlockId(key))
    }
}

impl Loose {
    /// Looks through blocks that are out of use, and where pages of the node B-tree were lost, through all others too.
    /// `budget` is how many blocks may be read.
    pub(crate) fn find(reader: &mut NdbReader<'_>, budget: &mut u64) -> Result<Self, OpenError> {
        let (mut loose, ndb) = (Self::default(), reader.ndb);
        let mut blocks = candidates(ndb, &mut loose.cut)?;
        if blocks.keys.is_empty() {
            return Ok(loose);
        }
        let mut known = 0;
        for bid in blocks.keys.clone().into_iter().map(BlockId).filter(|bid| bid.is_internal()) {
            match spend(budget).then(|| reader.index(bid)).flatten() {
                Some(Index::Data { level: 1, blocks: parts }) => {
                    let mut parts = parts.into_iter();
                    loose.trees.extend(parts.next().map(|first| (first.key(), bid)));
                    parts.for_each(|part| blocks.name(part));
                }
                Some(Index::Data { blocks: parts, .. }) => parts.into_iter().for_each(|bid| blocks.name(bid)),
                Some(Index::Subs { level, mut nodes, blocks: parts }) => {
                    if level > 0 {
                        // Each of them was read for its nodes.
                        *budget = budget.saturating_sub(parts.len() as u64);
                    }
                    parts.into_iter().for_each(|part| blocks.name(part));
                    known += nodes.len();
                    if !blocks.is_named(bid) && known <= MOST_NODES {
                        nodes.sort_unstable();
                        loose.subs.push(Sub { bid, level, nodes, taken: false });
                    }
                }
                None => {}
            }
        }
        loose.cut |= known > MOST_NODES;
        loose.subs.retain(|sub| !blocks.is_named(sub.bid));
        loose.trees.sort_unstable_by_key(|&(first, bid)| (first, std::cmp::Reverse(bid)));
        let is_free = |bid: &BlockId| {
            !bid.is_internal() && !loose.trees_of(*bid).iter().any(|&(_, tree)| blocks.is_named(tree))
        };
        let heads: Vec<BlockId> = blocks.loose().filter(is_free).collect();
        for bid in heads {
            if spend(budget) && reader.begins_properties(bid) {
                loose.heads.push(bid);
            }
        }
        loose.cut |= *budget == 0;
        reader.anomalies.take();
        Ok(loose)
    }

    /// The data tree that begins with `head`.
    pub(crate) fn tree_of(&self, head: BlockId) -> BlockId {
        self.trees_of(head).first().map_or(head, |&(_, tree)| tree)
    }

    fn trees_of(&self, head: BlockId) -> &[(u64, BlockId)] {
        let from = self.trees.partition_point(|&(first, _)| first < head.key());
        let to = self.trees.partition_point(|&(first, _)| first <= head.key());
        self.trees.get(from..to).unwrap_or_default()
    }

    /// Takes the tree of sub-nodes that the properties in `head`, which name the sub-nodes `wanted`, most likely have:
    /// the nearest with all of these; where none is named, the nearest with recipients or attachments, if nothing
    /// lies between.
    pub(crate) fn take_sub_nodes(&mut self, head: BlockId, wanted: &[NodeId]) -> Option<BlockId> {
        let at = self.subs.partition_point(|sub| sub.bid < head);
        let between = |sub: &Sub| {
            let (low, high) = (head.min(sub.bid), head.max(sub.bid));
            let from = self.heads.partition_point(|&other| other <= low);
            self.heads.get(from).is_some_and(|&other| other < high && other != head)
        };
        let suits = |sub: &Sub| {
            let has = |nid: &NodeId| sub.nodes.binary_search(nid).is_ok();
            let kinds = [NidType::RecipientTable, NidType::AttachmentTable];
            match wanted {
                [] => sub.nodes.iter().any(|nid| kinds.contains(&nid.kind())) && !between(sub),
                wanted => wanted.iter().all(has),
            }
        };
        let near = at.saturating_sub(NEAR)..self.subs.len().min(at + NEAR);
        let best = near
            .filter(|&index| self.subs.get(index).is_some_and(|sub| !sub.taken && suits(sub)))
            .min_by_key(|&index| {
                let sub = self.subs.get(index);
                let distance = sub.map_or(u64::MAX, |sub| sub.bid.key().abs_diff(head.key()));
                // Sub-nodes are written after what names them, or before all of it.
                (sub.map(|sub| std::cmp::Reverse(sub.level)), distance, index < at)
            })?;
        let sub = self.subs.get_mut(best)?;
        sub.taken = true;
        Some(sub.bid)
    }
}

fn spend(budget: &mut u64) -> bool {
    let rest = budget.checked_sub(1);
    *budget = rest.unwrap_or(0);
    rest.is_some()
}

/// Blocks that may belong to an object without a node.
fn candidates(ndb: &Ndb, cut: &mut bool) -> Result<Blocks, OpenError> {
    let Some(past) = ndb.past() else { return Ok(Blocks::new(Vec::new())) };
    let mut keys: Vec<u64> =
        past.contexts.iter().copied().chain(past.index_blocks()).map(BlockId::key).collect();
    if ndb.lost_nodes {
        ndb.blocks(&mut Anomalies::default(), &mut |entry| {
            if keys.len() < MOST_BLOCKS {
                keys.push(entry.bid.key());
            } else {
                *cut = true;
            }
        })?;
    }
    let mut blocks = Blocks::new(keys);
    if !blocks.keys.is_empty() {
        past.named.iter().for_each(|&key| blocks.name(BlockId(key)));
        ndb.nodes(&mut Anomalies::default(), &mut |node| {
            blocks.name(node.data);
            blocks.name(node.sub);
        })?;
    }
    Ok(blocks)
}

impl NdbReader<'_> {
    /// What an index block of any kind names; `None` when it cannot be read.
    fn index(&mut self, bid: BlockId) -> Option<Index> {
        let data = self.block(bid).ok()?;
        match (u8_at(&data, 0)?, u8_at(&data, 1)?) {
            (1, level) => Some(Index::Data { level, blocks: self.parts(bid).ok()? }),
            (2, level) => {
                let (nodes, blocks) = self.sub_parts(bid).ok()?;
                Some(Index::Subs { level, nodes, blocks })
            }
            _ => None,
        }
    }

    /// Whether a block is the first of a heap that holds a property context ([MS-PST] 2.3.1.2).
    fn begins_properties(&mut self, bid: BlockId) -> bool {
        self.block_once(bid).is_ok_and(|data| data.get(2..4) == Some(&[0xEC, 0xBC]))
    }
}
