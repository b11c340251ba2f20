//! A file whose pages and blocks can be changed, with checksums that are right again afterwards.

use std::sync::Arc;

use mailscope_pst::ndb::{crc::crc, signature::signature};
use mailscope_pst::{BlockId, ByteIndex, Format, MemorySource, NodeId, PstFile};

/// A file whose B-trees can be changed.
pub struct Image {
    pub data: Vec<u8>,
    pub format: Format,
}

#[derive(Clone, Copy)]
pub enum Tree {
    Node,
    Block,
}

impl Image {
    pub fn new(data: Vec<u8>, format: Format) -> Self {
        Self { data, format }
    }

    pub fn word(&self) -> usize {
        if self.format == Format::Ansi { 4 } else { 8 }
    }

    /// Bytes of a page, the place of its trailer and of its counts, and the bytes of a count.
    pub fn page(&self) -> (usize, usize, usize, usize) {
        match self.format {
            Format::Ansi => (512, 500, 496, 1),
            Format::Unicode => (512, 496, 488, 1),
            Format::Unicode4k => (4096, 4072, 4056, 2),
        }
    }

    pub fn get(&self, at: usize, size: usize) -> u64 {
        let mut bytes = [0; 8];
        bytes[..size].copy_from_slice(&self.data[at..at + size]);
        u64::from_le_bytes(bytes)
    }

    pub fn set(&mut self, at: usize, size: usize, value: u64) {
        self.data[at..at + size].copy_from_slice(&value.to_le_bytes()[..size]);
    }

    /// Where the header or a branch names each page from the root to the leaf with `key`, then the place of the
    /// entry in its leaf.
    pub fn find(&self, tree: Tree, key: u64) -> (Vec<usize>, usize) {
        let word = self.word();
        let header = match (self.format, tree) {
            (Format::Ansi, Tree::Node) => 184,
            (Format::Ansi, Tree::Block) => 192,
            (_, Tree::Node) => 216,
            (_, Tree::Block) => 232,
        };
        let (_, _, counts, width) = self.page();
        let key_of = |at| {
            let key = self.get(at, word);
            if matches!(tree, Tree::Node) { key & 0xFFFF_FFFF } else { key & !1 }
        };
        let mut references = vec![header];
        loop {
            let at = self.get(references.last().unwrap() + word, word) as usize;
            let (count, size) = (self.get(at + counts, width) as usize, self.data[at + counts + 2 * width]);
            let entries = (0..count).map(|index| at + index * usize::from(size));
            let entry = entries.rev().find(|&entry| key_of(entry) <= key).unwrap();
            if self.data[at + counts + 2 * width + 1] == 0 {
                assert_eq!(key_of(entry), key);
                return (references, entry);
            }
            references.push(entry + word);
        }
    }

    pub fn seal(&mut self, at: usize, id: u64) {
        let (_, trailer, ..) = self.page();
        let (id_at, crc_at) = if self.word() == 4 { (4, 8) } else { (8, 4) };
        let word = self.word();
        self.set(at + trailer + id_at, word, id);
        let sum = crc(&self.data[at..at + trailer]);
        self.set(at + trailer + crc_at, 4, sum.into());
        let mark = signature(ByteIndex(at as u64), BlockId(id));
        self.set(at + trailer + 2, 2, mark.into());
    }

    /// Takes the entry `key` out of `tree`: its leaf is written anew at the end of the file.
    pub fn drop_entry(&mut self, tree: Tree, key: u64) {
        let (size, trailer, counts, width) = self.page();
        let word = self.word();
        let (references, entry) = self.find(tree, key);
        let reference = *references.last().unwrap();
        let old = self.get(reference + word, word) as usize;
        self.data.resize(self.data.len().next_multiple_of(size), 0);
        let new = self.data.len();
        self.data.extend_from_within(old..old + size);
        let cell = usize::from(self.data[new + counts + 2 * width]);
        let count = self.get(new + counts, width) as usize;
        let at = new + entry - old;
        self.data.copy_within(at + cell..new + count * cell, at);
        self.set(new + counts, width, count as u64 - 1);
        // Ids of pages grow as they are written.
        let id = 0x0100_0000 + (new as u64) * 4;
        self.seal(new, id);
        self.set(reference, word, id);
        self.set(reference + word, word, new as u64);
        if let [.., above, _] = references[..] {
            let branch = self.get(above + word, word) as usize;
            let id_at = branch + trailer + if word == 4 { 4 } else { 8 };
            self.seal(branch, self.get(id_at, word));
        }
    }

    /// Takes all entries out of the leaf with `key`, which is not the root; gives where it lies.
    pub fn empty_leaf(&mut self, tree: Tree, key: u64) -> usize {
        let (_, trailer, counts, width) = self.page();
        let word = self.word();
        let (references, _) = self.find(tree, key);
        assert!(references.len() > 1, "the tree is one page");
        let at = self.get(references.last().unwrap() + word, word) as usize;
        self.set(at + counts, width, 0);
        let id_at = at + trailer + if word == 4 { 4 } else { 8 };
        self.seal(at, self.get(id_at, word));
        at
    }

    pub fn drop_node(&mut self, node: NodeId) {
        self.drop_entry(Tree::Node, node.0.into());
    }

    /// Where a block lies, and how many bytes it has.
    pub fn block(&self, block: BlockId) -> (usize, usize) {
        let (_, entry) = self.find(Tree::Block, block.key());
        let word = self.word();
        (self.get(entry + word, word) as usize, self.get(entry + 2 * word, 2) as usize)
    }

    pub fn open(&self) -> PstFile {
        PstFile::from_source(Arc::new(MemorySource(self.data.clone()))).unwrap()
    }
}

/// Changes of content, for Unicode and ANSI files whose blocks are not encoded.
impl Image {
    /// The place of a node's entry in its leaf.
    pub fn node_entry(&self, node: NodeId) -> usize {
        self.find(Tree::Node, node.0.into()).1
    }

    /// The data, sub-node block and parent of a node.
    pub fn node(&self, node: NodeId) -> [u64; 3] {
        let (entry, word) = (self.node_entry(node), self.word());
        [1, 2, 3].map(|field| self.get(entry + field * word, if field == 3 { 4 } else { word }))
    }

    /// Sets data, sub-node block and parent of a node.
    pub fn set_node(&mut self, node: NodeId, fields: [u64; 3]) {
        let (entry, word) = (self.node_entry(node), self.word());
        for (field, value) in (1..).zip(fields) {
            self.set(entry + field * word, word, value);
        }
        self.reseal_leaf(Tree::Node, node.0.into());
    }

    fn reseal_leaf(&mut self, tree: Tree, key: u64) {
        let word = self.word();
        let (references, _) = self.find(tree, key);
        let leaf = self.get(references.last().unwrap() + word, word) as usize;
        let id = self.get(leaf + self.page().1 + if word == 4 { 4 } else { 8 }, word);
        self.seal(leaf, id);
    }

    /// The bytes of a block as they are stored.
    pub fn bytes(&self, block: BlockId) -> Vec<u8> {
        let (at, size) = self.block(block);
        self.data[at..at + size].to_vec()
    }

    /// Gives a block other bytes: they lie at the end of the file.
    pub fn set_bytes(&mut self, block: BlockId, bytes: &[u8]) {
        let (word, trailer) = (self.word(), if self.word() == 4 { 12 } else { 16 });
        self.data.resize(self.data.len().next_multiple_of(512), 0);
        let at = self.data.len();
        let size = (bytes.len() + trailer).next_multiple_of(64);
        self.data.extend_from_slice(bytes);
        self.data.resize(at + size, 0);
        let end = at + size - trailer;
        let sum = crc(bytes);
        self.set(end, 2, bytes.len() as u64);
        self.set(end + 2, 2, signature(ByteIndex(at as u64), block).into());
        let (id_at, crc_at) = if word == 4 { (4, 8) } else { (8, 4) };
        self.set(end + id_at, word, block.0);
        self.set(end + crc_at, 4, sum.into());
        let (_, entry) = self.find(Tree::Block, block.key());
        self.set(entry + word, word, at as u64);
        self.set(entry + 2 * word, 2, bytes.len() as u64);
        self.reseal_leaf(Tree::Block, block.key());
        self.data.resize(self.data.len().next_multiple_of(512), 0);
    }

    /// Changes the bytes of a block.
    pub fn edit(&mut self, block: BlockId, edit: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = self.bytes(block);
        edit(&mut bytes);
        self.set_bytes(block, &bytes);
    }

    /// Gives the record of a property in a node's heap another id, type and value.
    pub fn set_property(&mut self, node: NodeId, id: u16, record: (u16, u16, u32)) {
        let [data, ..] = self.node(node);
        self.edit(BlockId(data), |bytes| {
            let at = record_of(bytes, id).unwrap_or_else(|| panic!("{node} has no property {id:#x}"));
            bytes[at..at + 2].copy_from_slice(&record.0.to_le_bytes());
            bytes[at + 2..at + 4].copy_from_slice(&record.1.to_le_bytes());
            bytes[at + 4..at + 8].copy_from_slice(&record.2.to_le_bytes());
        });
    }

    /// The type and value in the record of a property.
    pub fn property(&self, node: NodeId, id: u16) -> (u16, u32) {
        let bytes = self.bytes(BlockId(self.node(node)[0]));
        let at = record_of(&bytes, id).unwrap();
        let half = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        (half(at + 2), u32::from(half(at + 4)) | u32::from(half(at + 6)) << 16)
    }

    /// Fills every page of a tree at a level that `wanted` names.
    pub fn break_pages(&mut self, tree: Tree, wanted: impl Fn(u8) -> bool) -> usize {
        let (size, trailer, counts, width) = self.page();
        let kind = if matches!(tree, Tree::Node) { 0x81 } else { 0x80 };
        let mut broken = 0;
        for at in (0..self.data.len() / size).map(|page| page * size) {
            let is_page = self.data[at + trailer..at + trailer + 2] == [kind, kind];
            if is_page && wanted(self.data[at + counts + 2 * width + 1]) {
                self.data[at..at + size].fill(0xAA);
                broken += 1;
            }
        }
        broken
    }
}

/// Where the record of a property lies among those of the context in `heap`, whose B-tree has one level.
fn record_of(heap: &[u8], id: u16) -> Option<usize> {
    let half = |at: usize| usize::from(u16::from_le_bytes([heap[at], heap[at + 1]]));
    let item = |hid: usize| {
        let (map, index) = (half(0), (hid >> 5) & 0x7FF);
        half(map + 4 + 2 * (index - 1))..half(map + 4 + 2 * index)
    };
    let root = item(half(4));
    let records = item(half(root.start + 4));
    records.step_by(8).find(|&at| half(at) == usize::from(id))
}

impl Image {
    /// The places of all pages that a tree uses.
    pub fn live_pages(&self, tree: Tree) -> Vec<usize> {
        let (_, _, counts, width) = self.page();
        let word = self.word();
        let header = match (self.format, tree) {
            (Format::Ansi, Tree::Node) => 184,
            (Format::Ansi, Tree::Block) => 192,
            (_, Tree::Node) => 216,
            (_, Tree::Block) => 232,
        };
        let mut pages = Vec::new();
        let mut steps = vec![self.get(header + word, word) as usize];
        while let Some(at) = steps.pop() {
            pages.push(at);
            let (count, size) = (self.get(at + counts, width) as usize, self.data[at + counts + 2 * width]);
            if self.data[at + counts + 2 * width + 1] > 0 {
                let child = |index| self.get(at + index * usize::from(size) + 2 * word, word) as usize;
                steps.extend((0..count).map(child));
            }
        }
        pages
    }

    /// Overwrites every page of a tree's former states. Returns how many there were.
    pub fn wipe_old_pages(&mut self, tree: Tree) -> usize {
        let (size, trailer, ..) = self.page();
        let live = self.live_pages(tree);
        let kind = if matches!(tree, Tree::Node) { 0x81 } else { 0x80 };
        let all = (0..self.data.len() / size).map(|page| page * size);
        let old: Vec<usize> = all
            .filter(|at| self.data[at + trailer..at + trailer + 2] == [kind, kind] && !live.contains(at))
            .collect();
        for &at in &old {
            self.data[at..at + size].fill(0x55);
        }
        old.len()
    }
}
