//! Heaps on nodes and the B-trees in them ([MS-PST] 2.3.1, 2.3.2).

use std::io::{Seek, Write};

use super::{
    blocks::{BlockStore, DataTree},
    error::{Result, WriteError},
    layout::Layout,
};
use crate::ndb::ids::BlockId;

/// The largest item of a heap; what is larger goes to a sub-node.
pub(crate) const LARGEST_ITEM: usize = 3580;
/// `bTypeTC`
pub(crate) const CLIENT_TABLE: u8 = 0x7C;
/// `bTypePC`
pub(crate) const CLIENT_PROPERTIES: u8 = 0xBC;
/// `bTypeBTH`
const TREE: u8 = 0xB5;
/// The first block with a header of fill levels, and their distance.
const FIRST_BITMAP: usize = 8;
const BITMAP_STEP: usize = 128;

/// An item's id (`HID`); zero stands for an empty value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct HeapId(pub u32);

/// A block that is being filled: header space, items, and where each item begins.
struct OpenBlock {
    number: usize,
    data: Vec<u8>,
    starts: Vec<u16>,
}

impl OpenBlock {
    fn new(number: usize) -> Self {
        let header = match number {
            0 => 12,
            _ if is_bitmap(number) => 66,
            _ => 2,
        };
        Self { number, data: vec![0; header], starts: Vec::new() }
    }

    /// Bytes left for an item, its entry in the page map counted in.
    fn room(&self, layout: &Layout) -> usize {
        if self.starts.len() >= layout.heap_items() {
            return 0;
        }
        // Page map: two counts, a start for each item and the new one, the end, and a byte to align it.
        let map = 4 + 2 * (self.starts.len() + 2) + 1;
        layout.block.saturating_sub(self.data.len() + map)
    }

    /// The fill level of the block ([MS-PST] 2.3.1.2).
    fn fill_level(&self, layout: &Layout) -> u8 {
        const FREE: [usize; 15] =
            [3584, 2560, 2048, 1792, 1536, 1280, 1024, 768, 512, 256, 128, 64, 32, 16, 8];
        let room = self.room(layout);
        FREE.iter().position(|&least| room >= least).unwrap_or(FREE.len()) as u8
    }

    /// Appends the page map ([MS-PST] 2.3.1.5).
    fn seal(&mut self) {
        let end = self.data.len() as u16;
        if self.data.len() % 2 == 1 {
            self.data.push(0);
        }
        let map = (self.data.len() as u16).to_le_bytes();
        self.data[..2].copy_from_slice(&map);
        self.data.extend_from_slice(&(self.starts.len() as u16).to_le_bytes());
        self.data.extend_from_slice(&[0, 0]);
        for start in self.starts.iter().chain([&end]) {
            self.data.extend_from_slice(&start.to_le_bytes());
        }
    }
}

fn is_bitmap(number: usize) -> bool {
    number >= FIRST_BITMAP && (number - FIRST_BITMAP).is_multiple_of(BITMAP_STEP)
}

/// A heap that grows block by block. Full blocks go to the file at once; only those whose header names the
/// fill levels of later blocks wait for the end.
pub(crate) struct Heap {
    client: u8,
    layout: Layout,
    open: OpenBlock,
    waiting: Vec<OpenBlock>,
    written: Vec<BlockId>,
    levels: Vec<u8>,
    /// Bytes of the blocks before the open one, padding included.
    size: u64,
}

impl Heap {
    pub fn new(client: u8, layout: Layout) -> Self {
        Self {
            client,
            layout,
            open: OpenBlock::new(0),
            waiting: Vec::new(),
            written: Vec::new(),
            levels: Vec::new(),
            size: 0,
        }
    }

    /// Puts an item of at most [`LARGEST_ITEM`] bytes into the heap. An empty one takes no space.
    pub fn add<W: Write + Seek>(&mut self, store: &mut BlockStore<W>, item: &[u8]) -> Result<HeapId> {
        if item.is_empty() {
            return Ok(HeapId(0));
        }
        if item.len() > LARGEST_ITEM {
            return Err(WriteError::TooLarge {
                what: "a heap item",
                size: item.len() as u64,
                limit: LARGEST_ITEM as u64,
            });
        }
        if self.open.room(&self.layout) < item.len() {
            self.next_block(store)?;
        }
        let start = self.open.data.len() as u16;
        self.open.starts.push(start);
        self.open.data.extend_from_slice(item);
        Ok(HeapId(self.layout.heap_id(self.open.number as u32, self.open.starts.len() as u32)))
    }

    fn next_block<W: Write + Seek>(&mut self, store: &mut BlockStore<W>) -> Result<()> {
        let number = self.open.number + 1;
        if number > self.layout.heap_blocks() {
            return Err(WriteError::TooLarge {
                what: "the number of a heap's blocks",
                size: number as u64 + 1,
                limit: self.layout.heap_blocks() as u64 + 1,
            });
        }
        let full = std::mem::replace(&mut self.open, OpenBlock::new(number));
        self.close_block(store, full, false)
    }

    fn close_block<W: Write + Seek>(
        &mut self,
        store: &mut BlockStore<W>,
        mut block: OpenBlock,
        last: bool,
    ) -> Result<()> {
        self.levels.push(block.fill_level(&self.layout));
        block.seal();
        if !last {
            // All blocks of a stream but the last have to be full.
            block.data.resize(self.layout.block, 0);
        }
        self.size += block.data.len() as u64;
        if block.number == 0 || is_bitmap(block.number) {
            self.written.push(BlockId(0));
            self.waiting.push(block);
        } else {
            self.written.push(store.data_block(&block.data)?);
        }
        Ok(())
    }

    /// Writes what is left; `root` is the item that the heap's client starts from.
    pub fn finish<W: Write + Seek>(mut self, store: &mut BlockStore<W>, root: HeapId) -> Result<DataTree> {
        let last = std::mem::replace(&mut self.open, OpenBlock::new(0));
        self.close_block(store, last, true)?;
        for mut block in std::mem::take(&mut self.waiting) {
            if block.number == 0 {
                block.data[2..4].copy_from_slice(&[0xEC, self.client]);
                block.data[4..8].copy_from_slice(&root.0.to_le_bytes());
                pack_levels(&mut block.data[8..12], self.levels.iter());
            } else {
                pack_levels(&mut block.data[2..66], self.levels.iter().skip(block.number));
            }
            self.written[block.number] = store.data_block(&block.data)?;
        }
        store.join(&self.written, self.size)
    }
}

/// Two levels a byte, the first in the low half.
fn pack_levels<'a>(out: &mut [u8], levels: impl Iterator<Item = &'a u8>) {
    for (number, level) in levels.take(out.len() * 2).enumerate() {
        out[number / 2] |= level << (4 * (number % 2));
    }
}

/// A B-tree on a heap ([MS-PST] 2.3.2.1), written while its records come in: leaves go to the heap as they fill.
pub(crate) struct HeapTree {
    key: usize,
    entry: usize,
    leaf: Vec<u8>,
    /// First key and item of each leaf.
    upper: Vec<u8>,
}

impl HeapTree {
    /// A tree of `key`-byte keys and `entry`-byte values.
    pub fn new(key: usize, entry: usize) -> Self {
        Self { key, entry, leaf: Vec::new(), upper: Vec::new() }
    }

    /// Appends a record, key and value; keys rise.
    pub fn add<W: Write + Seek>(
        &mut self,
        heap: &mut Heap,
        store: &mut BlockStore<W>,
        record: &[u8],
    ) -> Result<()> {
        if self.leaf.len() + record.len() > LARGEST_ITEM {
            self.close_leaf(heap, store)?;
        }
        self.leaf.extend_from_slice(record);
        Ok(())
    }

    fn close_leaf<W: Write + Seek>(&mut self, heap: &mut Heap, store: &mut BlockStore<W>) -> Result<HeapId> {
        let id = heap.add(store, &self.leaf)?;
        self.upper.extend_from_slice(&self.leaf[..self.key]);
        self.upper.extend_from_slice(&id.0.to_le_bytes());
        self.leaf.clear();
        Ok(id)
    }

    /// Writes what is left; returns the item of the tree's header.
    pub fn finish<W: Write + Seek>(mut self, heap: &mut Heap, store: &mut BlockStore<W>) -> Result<HeapId> {
        let mut root = HeapId(0);
        if !self.leaf.is_empty() {
            root = self.close_leaf(heap, store)?;
        }
        let size = self.key + 4;
        let page = LARGEST_ITEM / size * size;
        let mut levels = 0u8;
        let mut level = self.upper;
        while level.len() > size {
            levels += 1;
            let mut upper = Vec::new();
            for part in level.chunks(page) {
                root = heap.add(store, part)?;
                upper.extend_from_slice(&part[..self.key]);
                upper.extend_from_slice(&root.0.to_le_bytes());
            }
            level = upper;
        }
        let mut header = vec![TREE, self.key as u8, self.entry as u8, levels];
        header.extend_from_slice(&root.0.to_le_bytes());
        heap.add(store, &header)
    }
}
