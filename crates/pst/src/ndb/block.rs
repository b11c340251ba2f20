//! Looking up nodes and blocks, and reading blocks ([MS-PST] 2.2.2.8).

use libdeflater::Decompressor;

use super::cache::Cache;
use super::crc::crc;
use super::encode;
use super::file::Ndb;
use super::header::Encryption;
use super::ids::{BlockId, ByteIndex, NodeId};
use super::page::{BlockEntry, NodeEntry, Page, Tree, word_at};
use crate::bytes::{Bytes, u16_at, u32_at};
use crate::error::{Anomalies, Anomaly, Consequence, Fault, Place, ReadError};

/// Reads nodes and blocks of one file, with a cache of its own. One per thread.
pub(crate) struct NdbReader<'a> {
    pub ndb: &'a Ndb,
    pages: Cache<u64, Page>,
    blocks: Cache<u64, Block>,
    inflate: Option<Decompressor>,
    /// Whether blocks that are no longer in use are read too: only while a recovered item is.
    pub past: bool,
    /// What was found wrong since it was last taken.
    pub anomalies: Anomalies,
    /// Whether a block was not found, or a page on the way to a node could not be read: a walk through the trees may know better.
    pub missed: bool,
    /// How many more blocks are looked up only to know that they are there: without end, trees that share blocks would cost
    /// much time.
    pub looks: u64,
}

/// A block's decoded data, with what is wrong with it; the flaw stays with the cached block, so that every reader
/// of it learns of it, and not just the first.
#[derive(Clone)]
struct Block {
    data: Bytes,
    flaw: Option<Box<Anomaly>>,
}

impl<'a> NdbReader<'a> {
    /// A reader whose cache keeps about `bytes` bytes.
    pub(crate) fn new(ndb: &'a Ndb, bytes: usize) -> Self {
        Self {
            ndb,
            pages: Cache::new(bytes / 2),
            blocks: Cache::new(bytes / 2),
            inflate: None,
            past: false,
            anomalies: Anomalies::default(),
            missed: false,
            looks: ndb.size / ndb.layout.block_align as u64 + 1024,
        }
    }

    /// The leaf page of `tree` that would hold `key`, and the index of the last entry not beyond it.
    fn leaf(&mut self, tree: Tree, key: u64) -> Result<Option<(Page, usize)>, ReadError> {
        let ndb = self.ndb;
        let mut at = ndb.root(tree);
        let mut above = None;
        loop {
            let page = match self.pages.get(at.ib.0) {
                Some(page) => page,
                None => {
                    let page = ndb.page(tree, at, None)?;
                    self.pages.insert(at.ib.0, page.clone(), ndb.layout.page + 128);
                    page
                }
            };
            if above.is_some_and(|above: u8| page.level >= above) {
                let place = Place::Page(at.ib);
                return Err(ReadError::Malformed { field: "cLevel", value: page.level.into(), place });
            }
            let Some(index) = page.find(key, ndb.layout, tree) else { return Ok(None) };
            if page.level == 0 {
                return Ok(Some((page, index)));
            }
            let Some(branch) = page.branch(index, ndb.layout, tree) else { return Ok(None) };
            above = Some(page.level);
            at = branch.child;
        }
    }

    /// The node with the id `nid`.
    pub(crate) fn node(&mut self, nid: NodeId) -> Result<NodeEntry, ReadError> {
        let found = self.leaf(Tree::Node, nid.0.into());
        if let Ok(Some((page, index))) = &found
            && let Some(entry) = page.node(*index, self.ndb.layout)
            && entry.nid == nid
        {
            return Ok(entry);
        }
        if let Some(entry) = self.ndb.salvage.node(nid.0) {
            return Ok(entry);
        }
        self.missed |= found.is_err();
        found.and(Err(ReadError::Missing(Place::Node(nid))))
    }

    /// Where the block `bid` lies.
    pub(crate) fn block_entry(&mut self, bid: BlockId) -> Result<BlockEntry, ReadError> {
        let found = self.leaf(Tree::Block, bid.key());
        if let Ok(Some((page, index))) = &found
            && let Some(entry) = page.block(*index, self.ndb.layout)
            && entry.bid.key() == bid.key()
        {
            return Ok(entry);
        }
        if let Some(entry) = self.ndb.salvage.block(bid.key()) {
            return Ok(entry);
        }
        if let Some(entry) = self.past_entry(bid) {
            return Ok(entry);
        }
        self.missed = true;
        found.and(Err(ReadError::Missing(Place::BlockId(bid))))
    }

    fn past_entry(&self, bid: BlockId) -> Option<BlockEntry> {
        if !self.past {
            return None;
        }
        self.ndb.past()?.block(bid.key())
    }

    /// Whether the block `bid` is whole: its trailer is that of this block, and its checksum right.
    pub(crate) fn is_sound(&mut self, bid: BlockId) -> Result<bool, ReadError> {
        Ok(self.load(bid)?.flaw.is_none())
    }

    /// The decoded data of a block.
    pub(crate) fn block(&mut self, bid: BlockId) -> Result<Bytes, ReadError> {
        let block = match self.blocks.get(bid.key()) {
            Some(block) => block,
            None => {
                let block = self.load(bid)?;
                self.blocks.insert(bid.key(), block.clone(), block.data.len() + 128);
                block
            }
        };
        Ok(self.note(block))
    }

    /// As [`Self::block`], but leaves the cache alone: for data that is used once.
    pub(crate) fn block_once(&mut self, bid: BlockId) -> Result<Bytes, ReadError> {
        let block = self.load(bid)?;
        Ok(self.note(block))
    }

    fn note(&mut self, block: Block) -> Bytes {
        if let Some(flaw) = block.flaw {
            self.anomalies.add(*flaw);
        }
        block.data
    }

    fn load(&mut self, bid: BlockId) -> Result<Block, ReadError> {
        let entry = self.block_entry(bid)?;
        let layout = self.ndb.layout;
        let place = Place::Block(bid, entry.ib);
        let stored = entry.stored as usize;
        let total = (stored + layout.block_trailer).next_multiple_of(layout.block_align);
        let mut data = self.ndb.read(entry.ib.0, total, stored, place)?;
        let flaw = self.flaw(&data, &entry, total);
        if self.past_entry(bid).is_some_and(|past| past == entry) && !self.is_of(&data, &entry, total) {
            // Another block has taken the place.
            return Err(ReadError::Missing(Place::BlockId(bid)));
        }
        data.truncate(stored);
        let encoded = !bid.is_internal();
        if entry.size as usize > stored {
            // Compression comes after encoding when written; a stream that begins like zlib tells.
            let mut inflated = self.inflate(&data, entry.size as usize);
            if inflated.is_none() && encoded && self.ndb.header.encryption != Encryption::None {
                self.decode(&mut data, bid);
                inflated = self.inflate(&data, entry.size as usize);
            } else if encoded && let Some(inflated) = &mut inflated {
                self.decode(inflated, bid);
            }
            data = inflated.ok_or(ReadError::Decompress(place))?;
        } else if encoded {
            self.decode(&mut data, bid);
        }
        Ok(Block { data: data.into(), flaw })
    }

    fn decode(&self, data: &mut [u8], bid: BlockId) {
        match self.ndb.header.encryption {
            Encryption::None => {}
            Encryption::Permute => encode::permute_decode(data),
            Encryption::Cyclic => encode::cyclic(data, bid.0 as u32),
        }
    }

    fn inflate(&mut self, data: &[u8], size: usize) -> Option<Vec<u8>> {
        let mut out = vec![0u8; size];
        let inflate = self.inflate.get_or_insert_with(Decompressor::new);
        let written = inflate.zlib_decompress(data, &mut out).ok()?;
        (written == size).then_some(out)
    }

    /// Whether the trailer names the block that was looked for.
    fn is_of(&self, data: &[u8], entry: &BlockEntry, total: usize) -> bool {
        let layout = self.ndb.layout;
        let at = total - layout.block_trailer + if layout.word == 4 { 4 } else { 8 };
        word_at(data, at, layout).is_some_and(|bid| BlockId(bid).key() == entry.bid.key())
    }

    /// Compares the trailer of a block with what the B-tree and the data say.
    fn flaw(&self, data: &[u8], entry: &BlockEntry, total: usize) -> Option<Box<Anomaly>> {
        let layout = self.ndb.layout;
        let place = Place::Block(entry.bid, entry.ib);
        let at = total - layout.block_trailer;
        let (bid_at, crc_at) = if layout.word == 4 { (at + 4, at + 8) } else { (at + 8, at + 4) };
        let flaw = |fault| Some(Box::new(Anomaly { fault, place, consequence: Consequence::Used }));
        let (Some(size), Some(stored), Some(bid)) =
            (u16_at(data, at), u32_at(data, crc_at), word_at(data, bid_at, layout))
        else {
            return flaw(Fault::FileSize { stated: entry.ib.0 + total as u64, actual: self.ndb.size });
        };
        let (size, bid) = (u32::from(size), BlockId(bid));
        let computed = crc(data.get(..entry.stored as usize).unwrap_or_default());
        if stored != computed {
            flaw(Fault::Checksum { stored, computed })
        } else if bid.key() != entry.bid.key() {
            flaw(Fault::BackPointer { found: bid, expected: entry.bid })
        } else if size != entry.stored {
            flaw(Fault::BlockSize { found: size, expected: entry.stored })
        } else {
            None
        }
    }

    /// Where the first data of the tree `bid` lies: what reading in file order sorts by.
    pub(crate) fn offset(&mut self, bid: BlockId) -> Option<ByteIndex> {
        self.block_entry(bid).ok().map(|entry| entry.ib)
    }
}
