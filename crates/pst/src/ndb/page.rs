//! Pages of the two B-trees ([MS-PST] 2.2.2.7).

use super::crc::crc;
use super::header::BlockRef;
use super::ids::{BlockId, ByteIndex, NodeId};
use super::layout::Layout;
use crate::bytes::{Bytes, u8_at, u16_at, u32_at, u64_at};
use crate::error::{Anomalies, Consequence, Fault, Place, ReadError};

/// Which of the two trees a page belongs to (`ptypeBBT`, `ptypeNBT`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tree {
    Block,
    Node,
}

impl Tree {
    pub(crate) fn ptype(self) -> u8 {
        match self {
            Self::Block => 0x80,
            Self::Node => 0x81,
        }
    }
}

/// A leaf entry of the node B-tree, `NBTENTRY`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeEntry {
    /// The node.
    pub nid: NodeId,
    /// Its data: a block, XBLOCK or XXBLOCK.
    pub data: BlockId,
    /// Its sub-node tree; none when zero.
    pub sub: BlockId,
    /// The folder that holds it, for folders and messages.
    pub parent: NodeId,
}

/// A leaf entry of the block B-tree, `BBTENTRY`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockEntry {
    /// The block.
    pub bid: BlockId,
    /// Where it lies.
    pub ib: ByteIndex,
    /// Bytes stored, without padding and trailer.
    pub stored: u32,
    /// Bytes once decompressed; differs from `stored` only in 4k files.
    pub size: u32,
}

/// An entry of an intermediate page, `BTENTRY`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Branch {
    pub key: u64,
    pub child: BlockRef,
}

/// A page whose entries can be read.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    data: Bytes,
    pub count: usize,
    pub size: usize,
    pub level: u8,
    pub bid: BlockId,
    /// Where it lies.
    pub ib: ByteIndex,
}

impl Page {
    /// Checks that `data`, the page at `at`, can be used as a page of `tree`. What is wrong but does not
    /// matter goes to `anomalies`, when given.
    pub(crate) fn parse(
        data: Bytes,
        layout: &Layout,
        tree: Tree,
        at: BlockRef,
        anomalies: Option<&mut Anomalies>,
    ) -> Result<Self, ReadError> {
        let place = Place::Page(at.ib);
        let short = || ReadError::CutShort { what: "page", place };
        let malformed = |field, value: u64| Err(ReadError::Malformed { field, value, place });
        let trailer = layout.page_trailer;
        let ptype = u8_at(&data, trailer).ok_or_else(short)?;
        let repeat = u8_at(&data, trailer + 1).ok_or_else(short)?;
        if ptype != tree.ptype() && repeat != tree.ptype() {
            return malformed("ptype", ptype.into());
        }
        let (count, most) = if layout.count == 1 {
            (u8_at(&data, layout.entries).map(usize::from), u8_at(&data, layout.entries + 1).map(usize::from))
        } else {
            (
                u16_at(&data, layout.entries).map(usize::from),
                u16_at(&data, layout.entries + 2).map(usize::from),
            )
        };
        let (count, most) = (count.ok_or_else(short)?, most.ok_or_else(short)?);
        let size = usize::from(u8_at(&data, layout.entries + 2 * layout.count).ok_or_else(short)?);
        let level = u8_at(&data, layout.entries + 2 * layout.count + 1).ok_or_else(short)?;
        let least = match (level, tree) {
            (0, Tree::Node) => layout.node,
            (0, Tree::Block) => layout.block,
            _ => layout.branch,
        };
        if level > MAX_LEVEL {
            return malformed("cLevel", level.into());
        }
        if size < least {
            return malformed("cbEnt", size as u64);
        }
        if count * size > layout.entries {
            return malformed("cEnt", count as u64);
        }
        let (bid_at, crc_at) =
            if layout.word == 4 { (trailer + 4, trailer + 8) } else { (trailer + 8, trailer + 4) };
        let bid = BlockId(word_at(&data, bid_at, layout).ok_or_else(short)?);
        if let Some(anomalies) = anomalies {
            let stored = u32_at(&data, crc_at).ok_or_else(short)?;
            let computed = crc(data.get(..trailer).ok_or_else(short)?);
            if stored != computed {
                anomalies.push(Fault::Checksum { stored, computed }, place, Consequence::Used);
            }
            if bid.key() != at.bid.key() {
                let fault = Fault::BackPointer { found: bid, expected: at.bid };
                anomalies.push(fault, place, Consequence::Used);
            }
            if ptype != repeat {
                anomalies.push(
                    Fault::Field { field: "ptypeRepeat", value: repeat.into() },
                    place,
                    Consequence::Used,
                );
            }
            if count > most {
                anomalies.push(
                    Fault::Field { field: "cEntMax", value: most as u64 },
                    place,
                    Consequence::Used,
                );
            }
        }
        Ok(Self { data, count, size, level, bid, ib: at.ib })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.data
    }

    /// The key of entry `index`, whatever the page's level.
    pub(crate) fn key(&self, index: usize, layout: &Layout, tree: Tree) -> Option<u64> {
        let key = word_at(&self.data, index * self.size, layout)?;
        // Keys of nodes have 32 bits that count, also where they are stored in 64.
        Some(if tree == Tree::Node { key & 0xFFFF_FFFF } else { key & !1 })
    }

    /// Entry `index` of an intermediate page.
    pub(crate) fn branch(&self, index: usize, layout: &Layout, tree: Tree) -> Option<Branch> {
        let at = index * self.size;
        let bid = BlockId(word_at(&self.data, at + layout.word, layout)?);
        let ib = ByteIndex(word_at(&self.data, at + 2 * layout.word, layout)?);
        Some(Branch { key: self.key(index, layout, tree)?, child: BlockRef { bid, ib } })
    }

    /// Entry `index` of a leaf of the node B-tree.
    pub(crate) fn node(&self, index: usize, layout: &Layout) -> Option<NodeEntry> {
        let (at, word) = (index * self.size, layout.word);
        Some(NodeEntry {
            nid: NodeId(u32_at(&self.data, at)?),
            data: BlockId(word_at(&self.data, at + word, layout)?),
            sub: BlockId(word_at(&self.data, at + 2 * word, layout)?),
            parent: NodeId(u32_at(&self.data, at + 3 * word)?),
        })
    }

    /// Entry `index` of a leaf of the block B-tree.
    pub(crate) fn block(&self, index: usize, layout: &Layout) -> Option<BlockEntry> {
        let (at, word) = (index * self.size, layout.word);
        let stored = u32::from(u16_at(&self.data, at + 2 * word)?);
        let size = if layout.count == 1 { stored } else { u16_at(&self.data, at + 2 * word + 2)?.into() };
        Some(BlockEntry {
            bid: BlockId(word_at(&self.data, at, layout)?),
            ib: ByteIndex(word_at(&self.data, at + word, layout)?),
            stored,
            size,
        })
    }

    /// The index of the last entry whose key is not beyond `key`.
    pub(crate) fn find(&self, key: u64, layout: &Layout, tree: Tree) -> Option<usize> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = (low + high) / 2;
            if self.key(middle, layout, tree)? <= key { low = middle + 1 } else { high = middle }
        }
        low.checked_sub(1)
    }
}

/// Eight levels of twenty entries exceed what any file holds.
pub(crate) const MAX_LEVEL: u8 = 8;

/// An id or offset, of 4 or 8 bytes.
pub(crate) fn word_at(data: &[u8], at: usize, layout: &Layout) -> Option<u64> {
    if layout.word == 4 { u32_at(data, at).map(u64::from) } else { u64_at(data, at) }
}

/// Reads `data` as a page of either tree, in one format.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn fuzz_page(data: &[u8], format: super::header::Format) {
    let layout = Layout::of(format);
    let at = BlockRef { bid: BlockId(0), ib: ByteIndex(0) };
    for tree in [Tree::Block, Tree::Node] {
        let mut anomalies = Anomalies::default();
        let page = Page::parse(data.to_vec().into(), layout, tree, at, Some(&mut anomalies));
        let Ok(page) = page else { continue };
        for index in 0..page.count {
            let key = page.key(index, layout, tree);
            let _ = (page.branch(index, layout, tree), page.node(index, layout), page.block(index, layout));
            page.find(key.unwrap_or(0), layout, tree);
        }
        page.is_sorted(layout, tree);
    }
}
