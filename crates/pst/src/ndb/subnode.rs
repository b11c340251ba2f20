//! Sub-node trees: SLBLOCK and SIBLOCK ([MS-PST] 2.2.2.8.3.3).

use super::block::NdbReader;
use super::ids::{BlockId, NodeId};
use super::page::word_at;
use crate::bytes::{Bytes, u8_at, u16_at, u32_at};
use crate::error::{Consequence, Fault, Place, ReadError};

/// An entry of a sub-node tree, `SLENTRY`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubNode {
    /// Its id, unique within its tree.
    pub nid: NodeId,
    /// Its data.
    pub data: BlockId,
    /// Its own sub-node tree; none when zero.
    pub sub: BlockId,
}

struct SubBlock {
    data: Bytes,
    level: u8,
    count: usize,
    start: usize,
    width: usize,
}

impl SubBlock {
    fn nid(&self, index: usize) -> Option<NodeId> {
        u32_at(&self.data, self.start + index * self.width).map(NodeId)
    }

    /// How many entries have an id not beyond `nid`. The entries are sorted in every sound file.
    fn up_to(&self, nid: NodeId) -> usize {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = (low + high) / 2;
            if self.nid(middle).is_some_and(|found| found <= nid) { low = middle + 1 } else { high = middle }
        }
        low
    }
}

/// More sub-nodes than an object can sensibly have.
const MOST: usize = 1 << 20;

impl NdbReader<'_> {
    fn sub_block(&mut self, bid: BlockId) -> Result<SubBlock, ReadError> {
        let data = self.block(bid)?;
        let place = Place::BlockId(bid);
        let short = || ReadError::CutShort { what: "SLBLOCK", place };
        let kind = u8_at(&data, 0).ok_or_else(short)?;
        if kind != 2 {
            return Err(ReadError::Malformed { field: "btype", value: kind.into(), place });
        }
        let level = u8_at(&data, 1).ok_or_else(short)?;
        if level > 1 {
            return Err(ReadError::Malformed { field: "cLevel", value: level.into(), place });
        }
        let word = self.ndb.layout.word;
        let start = if word == 4 { 4 } else { 8 };
        let width = if level == 0 { 3 * word } else { 2 * word };
        let room = data.len().saturating_sub(start) / width;
        let mut count = usize::from(u16_at(&data, 2).ok_or_else(short)?);
        // One that names fewer than it has room for may have named more.
        if count != room {
            let fault = Fault::Count { what: "cEnt", stated: count as u64, found: room as u64 };
            self.anomalies.push(fault, place, Consequence::Lost);
            count = count.min(room);
        }
        Ok(SubBlock { data, level, count, start, width })
    }

    fn sub_entry(&self, block: &SubBlock, index: usize) -> Option<SubNode> {
        let layout = self.ndb.layout;
        let at = block.start + index * block.width;
        Some(SubNode {
            nid: block.nid(index)?,
            data: BlockId(word_at(&block.data, at + layout.word, layout)?),
            sub: BlockId(word_at(&block.data, at + 2 * layout.word, layout)?),
        })
    }

    fn sub_child(&self, block: &SubBlock, index: usize) -> Option<BlockId> {
        let layout = self.ndb.layout;
        word_at(&block.data, block.start + index * block.width + layout.word, layout).map(BlockId)
    }

    /// The nodes that the SLBLOCK or SIBLOCK `bid` names, and the blocks.
    pub(super) fn sub_parts(&mut self, bid: BlockId) -> Result<(Vec<NodeId>, Vec<BlockId>), ReadError> {
        let block = self.sub_block(bid)?;
        if block.level == 1 {
            let children = (0..block.count).filter_map(|index| self.sub_child(&block, index)).collect();
            let nodes = self.sub_nodes(bid)?.into_iter().map(|node| node.nid).collect();
            return Ok((nodes, children));
        }
        let (mut nodes, mut blocks) = (Vec::new(), Vec::new());
        for node in (0..block.count).filter_map(|index| self.sub_entry(&block, index)) {
            nodes.push(node.nid);
            blocks.extend([node.data, node.sub]);
        }
        Ok((nodes, blocks))
    }

    /// The sub-node `nid` of the tree at `sub`.
    pub(crate) fn sub_node(&mut self, sub: BlockId, nid: NodeId) -> Result<Option<SubNode>, ReadError> {
        if sub.is_none() {
            return Ok(None);
        }
        let mut block = self.sub_block(sub)?;
        if block.level == 1 {
            let Some(index) = block.up_to(nid).checked_sub(1) else { return Ok(None) };
            let Some(child) = self.sub_child(&block, index) else { return Ok(None) };
            block = self.sub_block(child)?;
            if block.level != 0 {
                return Err(ReadError::TooDeep { what: "SIBLOCK", place: Place::BlockId(child) });
            }
        }
        if let Some(entry) = block.up_to(nid).checked_sub(1).and_then(|index| self.sub_entry(&block, index))
            && entry.nid == nid
        {
            return Ok(Some(entry));
        }
        // Unsorted leaves were seen; they are small.
        Ok((0..block.count).filter_map(|index| self.sub_entry(&block, index)).find(|entry| entry.nid == nid))
    }

    /// All sub-nodes of the tree at `sub`.
    pub(crate) fn sub_nodes(&mut self, sub: BlockId) -> Result<Vec<SubNode>, ReadError> {
        if sub.is_none() {
            return Ok(Vec::new());
        }
        let block = self.sub_block(sub)?;
        if block.level == 0 {
            return Ok((0..block.count).filter_map(|index| self.sub_entry(&block, index)).collect());
        }
        let mut all = Vec::new();
        for index in 0..block.count {
            let Some(child) = self.sub_child(&block, index) else { continue };
            let leaf = match self.sub_block(child) {
                Ok(leaf) if leaf.level == 0 => leaf,
                Err(reason @ ReadError::Io { .. }) => return Err(reason),
                // The other leaves hold other sub-nodes.
                other => {
                    let deep = ReadError::TooDeep { what: "SIBLOCK", place: Place::BlockId(child) };
                    let fault = Fault::Unreadable {
                        what: "part of a sub-node tree",
                        reason: other.err().unwrap_or(deep),
                    };
                    self.anomalies.push(fault, Place::BlockId(child), Consequence::Lost);
                    continue;
                }
            };
            if all.len() > MOST {
                return Err(ReadError::TooDeep { what: "SIBLOCK", place: Place::BlockId(child) });
            }
            all.extend((0..leaf.count).filter_map(|index| self.sub_entry(&leaf, index)));
        }
        Ok(all)
    }
}
