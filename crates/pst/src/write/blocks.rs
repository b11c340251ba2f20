//! Blocks, data trees and sub-node trees ([MS-PST] 2.2.2.8).

use std::io::{Read, Seek, Write};

use libdeflater::{CompressionLvl, Compressor};

use super::{
    error::{Doing, Result, WriteError, narrow},
    layout::{Format, Layout, PAGE_BBT},
    space::Space,
    trees::{Level, PageRef},
};
use crate::ndb::{
    Encryption,
    encode::{cyclic, permute_encode},
    ids::{BlockId, NodeId},
};

/// `btype` of XBLOCK and XXBLOCK.
const TYPE_DATA_TREE: u8 = 0x01;
/// `btype` of SLBLOCK and SIBLOCK.
const TYPE_SUB_NODES: u8 = 0x02;

/// A stream of data in the file: its block, or the root of the tree that joins its blocks.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct DataTree {
    pub bid: BlockId,
    pub size: u64,
}

/// A node's two halves: its data and its sub-nodes (zero when it has none).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct NodeBody {
    pub data: BlockId,
    pub sub: BlockId,
    /// Bytes of all the streams in it, for PidTagMessageSize.
    pub size: u64,
}

/// `SLENTRY`: a node inside a node.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SubNode {
    pub nid: NodeId,
    pub body: NodeBody,
}

/// Block ids in rising order, and the leaf pages of the tree that names them.
struct Run {
    next: u64,
    limit: u64,
    leaves: Level,
}

/// Each block is used once; the count that the file keeps is one higher.
const REFERENCES: u16 = 2;

/// Writes blocks, and the pages that say where each lies.
pub(crate) struct BlockStore<W> {
    pub layout: Layout,
    pub space: Space<W>,
    /// The next id of a page; these count apart from those of blocks.
    pub next_page: u64,
    /// The ids of messages, and, where they are kept apart, those of all else.
    runs: [Run; 2],
    apart: bool,
    /// Which run ids come from now.
    run: usize,
    /// Whether blocks only take their ids.
    dry: bool,
    encryption: Encryption,
    compressor: Option<Compressor>,
}

impl<W: Write + Seek> BlockStore<W> {
    /// `later` is where the ids of tables and folders begin, when they are to be apart from those of messages.
    pub fn new(out: W, layout: Layout, encryption: Encryption, later: Option<u64>) -> Result<Self> {
        let compressor =
            (layout.format == Format::Unicode4k).then(|| Compressor::new(CompressionLvl::default()));
        let space = Space::new(out, layout)?;
        let run = |next, limit| Run { next, limit, leaves: Level::leaves(PAGE_BBT) };
        let limit = if layout.word == 4 { u64::from(u32::MAX) } else { u64::MAX >> 2 };
        // The two low bits of an id are flags.
        let runs = match later.map(|later| later / 4 * 4) {
            Some(later) => [run(4, later.min(limit)), run(later, limit)],
            None => [run(4, limit), run(4, limit)],
        };
        Ok(Self {
            layout,
            space,
            next_page: 4,
            runs,
            apart: later.is_some(),
            run: 0,
            dry: false,
            encryption,
            compressor,
        })
    }

    /// Does `work` with ids from the later run, where there is one.
    pub fn later<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let before = std::mem::replace(&mut self.run, usize::from(self.apart));
        let result = work(self);
        self.run = before;
        result
    }

    /// Does `work` without writing: blocks take their ids and nothing else.
    pub fn dry<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let before = std::mem::replace(&mut self.dry, true);
        let result = work(self);
        self.dry = before;
        result
    }

    /// Writes the last leaf pages of the block B-tree; gives all of them and the id of the next block.
    pub fn finish_blocks(&mut self) -> Result<(Vec<(u64, PageRef)>, u64)> {
        let ends = [self.runs[0].next, self.runs[1].next];
        let mut pages = Vec::new();
        for run in &mut self.runs {
            let leaves = std::mem::replace(&mut run.leaves, Level::leaves(PAGE_BBT));
            pages.append(&mut leaves.finish(&mut self.space, &mut self.next_page)?);
        }
        Ok((pages, ends[0].max(ends[1])))
    }

    /// The id of the next block of the current run.
    fn next_id(&mut self, internal: bool) -> Result<BlockId> {
        let run = &mut self.runs[self.run];
        if run.next >= run.limit {
            return Err(WriteError::TooLarge { what: "a block id", size: run.next, limit: run.limit });
        }
        let bid = BlockId(run.next | if internal { 2 } else { 0 });
        run.next += 4;
        Ok(bid)
    }

    /// Writes a block of data, encoded as the file wants it.
    pub fn data_block(&mut self, data: &[u8]) -> Result<BlockId> {
        self.block(data, false)
    }

    fn block(&mut self, data: &[u8], internal: bool) -> Result<BlockId> {
        let bid = self.next_id(internal)?;
        let limit = self.layout.block as u64;
        let inflated = u16::try_from(data.len())
            .ok()
            .filter(|&size| u64::from(size) <= limit)
            .ok_or(WriteError::TooLarge { what: "a block", size: data.len() as u64, limit })?;
        if self.dry {
            return Ok(bid);
        }
        let encryption = if internal { Encryption::None } else { self.encryption };
        let encode = |data: &mut [u8]| match encryption {
            Encryption::None => {}
            Encryption::Permute => permute_encode(data),
            Encryption::Cyclic => cyclic(data, bid.0 as u32),
        };
        let layout = self.layout;
        // Encoding comes first: readers inflate a block before they decode it.
        let deflated = self.deflate(data, encode);
        let stored = deflated.as_ref().map_or(data.len(), Vec::len);
        let ib = self.space.place(layout.block_space(stored), layout.slot, |ib, out| {
            let start = out.len();
            match &deflated {
                Some(deflated) => out.extend_from_slice(deflated),
                None => {
                    out.extend_from_slice(data);
                    encode(&mut out[start..]);
                }
            }
            layout.seal_block(out, start, inflated, ib, bid);
        })?;
        let mut entry = Vec::with_capacity(24);
        layout.put_word(&mut entry, bid.0);
        layout.put_word(&mut entry, ib);
        entry.extend_from_slice(&(stored as u16).to_le_bytes());
        if layout.format == Format::Unicode4k {
            entry.extend_from_slice(&inflated.to_le_bytes());
        }
        entry.extend_from_slice(&REFERENCES.to_le_bytes());
        entry.resize(layout.tree_entry(PAGE_BBT, true), 0);
        self.runs[self.run].leaves.add(&mut self.space, &mut self.next_page, bid.0, &entry)?;
        Ok(bid)
    }

    /// The encoded data as a zlib stream, where the format compresses blocks and that frees space. Like Outlook, a
    /// block that fits the smallest space anyway is left alone.
    fn deflate(&mut self, data: &[u8], encode: impl Fn(&mut [u8])) -> Option<Vec<u8>> {
        let space = self.layout.block_space(data.len());
        let compressor = self.compressor.as_mut().filter(|_| space > self.layout.slot)?;
        let mut encoded = data.to_vec();
        encode(&mut encoded);
        let mut out = vec![0; compressor.zlib_compress_bound(data.len())];
        let size = compressor.zlib_compress(&encoded, &mut out).ok()?;
        out.truncate(size);
        (self.layout.block_space(size) < space).then_some(out)
    }

    /// Writes `data` as one block, or as a tree of blocks when it is longer.
    pub fn data(&mut self, mut data: &[u8]) -> Result<DataTree> {
        self.stream(&mut data)
    }

    /// Writes everything that `source` gives; memory holds one block and the ids of the others.
    pub fn stream(&mut self, source: &mut dyn Read) -> Result<DataTree> {
        let mut blocks = Vec::new();
        let mut size = 0u64;
        let mut buffer = Vec::with_capacity(self.layout.block);
        loop {
            buffer.clear();
            source
                .take(self.layout.block as u64)
                .read_to_end(&mut buffer)
                .doing("reading an attachment's content")?;
            if buffer.is_empty() {
                break;
            }
            size += buffer.len() as u64;
            blocks.push(self.data_block(&buffer)?);
            if buffer.len() < self.layout.block {
                break;
            }
        }
        self.join(&blocks, size)
    }

    /// Joins data blocks into one stream of `size` bytes through an XBLOCK or XXBLOCK ([MS-PST] 2.2.2.8.3.2).
    pub fn join(&mut self, blocks: &[BlockId], size: u64) -> Result<DataTree> {
        let capacity = self.layout.x_capacity();
        let bid = match blocks {
            [] => BlockId(0),
            [only] => *only,
            _ if blocks.len() <= capacity => self.x_block(1, blocks, size)?,
            _ => {
                if blocks.len() > capacity * capacity {
                    let limit = (capacity * capacity) as u64;
                    return Err(WriteError::TooLarge {
                        what: "the number of blocks of one stream",
                        size: blocks.len() as u64,
                        limit,
                    });
                }
                let mut upper = Vec::new();
                let mut left = size;
                for part in blocks.chunks(capacity) {
                    // All blocks but the last of a stream are full.
                    let covered = ((part.len() * self.layout.block) as u64).min(left);
                    left -= covered;
                    upper.push(self.x_block(1, part, covered)?);
                }
                self.x_block(2, &upper, size)?
            }
        };
        Ok(DataTree { bid, size })
    }

    fn x_block(&mut self, level: u8, blocks: &[BlockId], size: u64) -> Result<BlockId> {
        let total: u32 = narrow("a stream's length", size, u64::from(u32::MAX))?;
        let mut data = vec![TYPE_DATA_TREE, level];
        data.extend_from_slice(&(blocks.len() as u16).to_le_bytes());
        data.extend_from_slice(&total.to_le_bytes());
        for bid in blocks {
            self.layout.put_word(&mut data, bid.0);
        }
        self.block(&data, true)
    }

    /// Writes the tree of a node's sub-nodes ([MS-PST] 2.2.2.8.3.3); zero when there are none.
    pub fn sub_nodes(&mut self, nodes: &mut [SubNode]) -> Result<BlockId> {
        nodes.sort_by_key(|node| node.nid);
        let word = self.layout.word;
        let space = self.layout.block - self.layout.sub_header();
        let mut leaves = Vec::new();
        for part in nodes.chunks(space / (word * 3)) {
            let mut data = self.sub_header(0, part.len());
            for node in part {
                for value in [u64::from(node.nid.0), node.body.data.0, node.body.sub.0] {
                    self.layout.put_word(&mut data, value);
                }
            }
            let first = part.first().map_or(0, |node| u64::from(node.nid.0));
            leaves.push((first, self.block(&data, true)?));
        }
        match leaves.as_slice() {
            [] => Ok(BlockId(0)),
            [(_, only)] => Ok(*only),
            _ => {
                let limit = space / (word * 2);
                if leaves.len() > limit {
                    return Err(WriteError::TooLarge {
                        what: "the number of a node's sub-node blocks",
                        size: leaves.len() as u64,
                        limit: limit as u64,
                    });
                }
                let mut data = self.sub_header(1, leaves.len());
                for (first, bid) in &leaves {
                    self.layout.put_word(&mut data, *first);
                    self.layout.put_word(&mut data, bid.0);
                }
                self.block(&data, true)
            }
        }
    }

    fn sub_header(&self, level: u8, count: usize) -> Vec<u8> {
        let mut data = vec![TYPE_SUB_NODES, level];
        data.extend_from_slice(&(count as u16).to_le_bytes());
        data.resize(self.layout.sub_header(), 0);
        data
    }
}
