//! Sizes and offsets that differ between the three formats.

use super::header::Format;

/// Where things are in the pages and blocks of one format.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    /// Bytes of a page.
    pub page: usize,
    /// Where `cEnt` lies, which is also the room for entries.
    pub entries: usize,
    /// `cEnt` and `cEntMax` have this many bytes each.
    pub count: usize,
    /// Where the page trailer lies, which is also what its checksum covers.
    pub page_trailer: usize,
    /// Bytes of a block's trailer.
    pub block_trailer: usize,
    /// Blocks begin at, and are padded to, multiples of this.
    pub block_align: usize,
    /// Bytes of ids and offsets: 4 or 8.
    pub word: usize,
    /// Bytes of an entry of an intermediate B-tree page.
    pub branch: usize,
    /// Bytes of an entry of a leaf of the node B-tree.
    pub node: usize,
    /// Bytes of an entry of a leaf of the block B-tree.
    pub block: usize,
}

const ANSI: Layout = Layout {
    page: 512,
    entries: 496,
    count: 1,
    page_trailer: 500,
    block_trailer: 12,
    block_align: 64,
    word: 4,
    branch: 12,
    node: 16,
    block: 12,
};

const UNICODE: Layout = Layout {
    page: 512,
    entries: 488,
    count: 1,
    page_trailer: 496,
    block_trailer: 16,
    block_align: 64,
    word: 8,
    branch: 24,
    node: 32,
    block: 24,
};

const UNICODE_4K: Layout = Layout {
    page: 4096,
    entries: 4056,
    count: 2,
    page_trailer: 4072,
    block_trailer: 24,
    block_align: 512,
    word: 8,
    branch: 24,
    node: 32,
    block: 24,
};

impl Layout {
    /// Where the first allocation map lies, and how many bytes it and each of the others stand for.
    pub(crate) fn maps(&self) -> (u64, u64) {
        if self.page == 512 { (0x4400, 0x3_E000) } else { (0x2_2000, 0xFE_8000) }
    }

    pub(crate) fn of(format: Format) -> &'static Self {
        match format {
            Format::Ansi => &ANSI,
            Format::Unicode => &UNICODE,
            Format::Unicode4k => &UNICODE_4K,
        }
    }
}
