//! Where the three formats differ: sizes, places and the shapes of records ([MS-PST] 2.2.2).
//!
//! Everything above this module is written once for all formats. The numbers of the 4k format are not in the
//! specification; they are what Outlook 2013 and later write.

pub(crate) use crate::ndb::Format;
use crate::ndb::{
    crc::crc,
    ids::{BlockId, ByteIndex},
    signature::signature,
};

/// `ptypeBBT`
pub(crate) const PAGE_BBT: u8 = 0x80;
/// `ptypeNBT`
pub(crate) const PAGE_NBT: u8 = 0x81;
/// `ptypeFMap`
pub(crate) const PAGE_FMAP: u8 = 0x82;
/// `ptypePMap`
pub(crate) const PAGE_PMAP: u8 = 0x83;
/// `ptypeAMap`
pub(crate) const PAGE_AMAP: u8 = 0x84;
/// `ptypeFPMap`
pub(crate) const PAGE_FPMAP: u8 = 0x85;
/// `ptypeDL`
pub(crate) const PAGE_DENSITY_LIST: u8 = 0x86;

/// The sizes and places of one format, all in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    pub format: Format,
    pub version: u16,
    pub client_version: u16,
    pub client_magic: [u8; 2],
    /// Size of a page, trailer included.
    pub page: usize,
    pub page_trailer: usize,
    /// Zero bytes before the bits of a map page.
    pub map_lead: usize,
    /// Bytes of bits in a map page.
    pub map_bytes: usize,
    /// What one bit of an allocation map stands for.
    pub slot: usize,
    /// Place of the first allocation map.
    pub first_map: u64,
    /// Place of the density list.
    pub density_list: u64,
    /// The most data that one block holds.
    pub block: usize,
    pub block_trailer: usize,
    /// Size of a block id and of a file offset.
    pub word: usize,
    /// Where the entries of a B-tree page end and its counts begin.
    pub tree_entries: usize,
    /// The largest file that offsets can address.
    pub file_limit: u64,
}

/// How many allocation maps the header's own free map covers; the first FMap page follows after them.
const FMAP_FIRST: u64 = 128;
/// The same for the header's free page map.
const FPMAP_FIRST: u64 = 128 * 64;

impl Layout {
    /// The numbers of `format`.
    pub const fn of(format: Format) -> Self {
        match format {
            Format::Ansi => Layout {
                format,
                version: 14,
                client_version: 19,
                client_magic: *b"SM",
                page: 512,
                page_trailer: 12,
                map_lead: 4,
                map_bytes: 496,
                slot: 64,
                first_map: 0x4400,
                density_list: 0x4200,
                block: 8192 - 12,
                block_trailer: 12,
                word: 4,
                tree_entries: 496,
                file_limit: i32::MAX as u64,
            },
            Format::Unicode => Layout {
                format,
                version: 23,
                client_version: 19,
                client_magic: *b"SM",
                page: 512,
                page_trailer: 16,
                map_lead: 0,
                map_bytes: 496,
                slot: 64,
                first_map: 0x4400,
                density_list: 0x4200,
                block: 8192 - 16,
                block_trailer: 16,
                word: 8,
                tree_entries: 488,
                file_limit: i64::MAX as u64,
            },
            Format::Unicode4k => Layout {
                format,
                version: 36,
                client_version: 12,
                client_magic: *b"SO",
                page: 4096,
                page_trailer: 24,
                map_lead: 0,
                map_bytes: 4072,
                slot: 512,
                first_map: 0x2_2000,
                density_list: 0x2_1000,
                block: 65536 - 24,
                block_trailer: 24,
                word: 8,
                tree_entries: 4056,
                file_limit: i64::MAX as u64,
            },
        }
    }

    /// The stretch of file that one allocation map covers, itself included.
    pub const fn section(&self) -> usize {
        self.map_bytes * 8 * self.slot
    }

    /// Appends a block id or a file offset in the format's width.
    pub fn put_word(&self, out: &mut Vec<u8>, value: u64) {
        out.extend_from_slice(&value.to_le_bytes()[..self.word]);
    }

    /// The kinds of map page that open section `index` of the file, in their order.
    ///
    /// The 4k format keeps allocation maps alone.
    pub fn map_pages(&self, index: u64) -> Vec<u8> {
        let mut kinds = vec![PAGE_AMAP];
        if self.format != Format::Unicode4k && index.is_multiple_of(8) {
            kinds.push(PAGE_PMAP);
            if index >= FMAP_FIRST && (index - FMAP_FIRST).is_multiple_of(496) {
                kinds.push(PAGE_FMAP);
            }
            if index >= FPMAP_FIRST && (index - FPMAP_FIRST).is_multiple_of(496 * 64) {
                kinds.push(PAGE_FPMAP);
            }
        }
        kinds
    }

    /// A map page: bits and trailer. Its id is its own place ([MS-PST] 2.2.2.7.1).
    pub fn map_page(&self, kind: u8, ib: u64, bits: &[u8]) -> Vec<u8> {
        let mut page = vec![0; self.map_lead];
        page.extend_from_slice(bits);
        self.seal_page(page, kind, ib, 0)
    }

    /// A B-tree or density list page; `body` is at most as long as the space before the trailer.
    pub fn signed_page(&self, kind: u8, ib: u64, bid: u64, body: Vec<u8>) -> Vec<u8> {
        self.seal_page(body, kind, bid, signature(ByteIndex(ib), BlockId(bid)))
    }

    fn seal_page(&self, mut page: Vec<u8>, kind: u8, bid: u64, signature: u16) -> Vec<u8> {
        page.resize(self.page - self.page_trailer, 0);
        let checksum = crc(&page);
        page.extend_from_slice(&[kind, kind]);
        page.extend_from_slice(&signature.to_le_bytes());
        if self.format == Format::Ansi {
            self.put_word(&mut page, bid);
            page.extend_from_slice(&checksum.to_le_bytes());
        } else {
            page.extend_from_slice(&checksum.to_le_bytes());
            self.put_word(&mut page, bid);
        }
        if self.format == Format::Unicode4k {
            page.extend_from_slice(&1u64.to_le_bytes());
        }
        page
    }

    /// The space a block with `stored` bytes takes, trailer and padding included.
    pub const fn block_space(&self, stored: usize) -> usize {
        (stored + self.block_trailer).next_multiple_of(self.slot)
    }

    /// Pads the block that begins at `start` of `out` and closes it with its trailer ([MS-PST] 2.2.2.8.1).
    pub fn seal_block(&self, out: &mut Vec<u8>, start: usize, inflated: u16, ib: u64, bid: BlockId) {
        let stored = out.len() - start;
        let checksum = crc(&out[start..]).to_le_bytes();
        out.resize(start + self.block_space(stored) - self.block_trailer, 0);
        out.extend_from_slice(&(stored as u16).to_le_bytes());
        out.extend_from_slice(&signature(ByteIndex(ib), bid).to_le_bytes());
        match self.format {
            Format::Ansi => {
                self.put_word(out, bid.0);
                out.extend_from_slice(&checksum);
            }
            Format::Unicode => {
                out.extend_from_slice(&checksum);
                self.put_word(out, bid.0);
            }
            Format::Unicode4k => {
                out.extend_from_slice(&checksum);
                self.put_word(out, bid.0);
                out.extend_from_slice(&2u16.to_le_bytes());
                out.extend_from_slice(&inflated.to_le_bytes());
                out.extend_from_slice(&[0; 4]);
            }
        }
    }

    /// How many block ids an XBLOCK or XXBLOCK holds.
    pub const fn x_capacity(&self) -> usize {
        (self.block - 8) / self.word
    }

    /// Bytes before the entries of an SLBLOCK or SIBLOCK.
    pub const fn sub_header(&self) -> usize {
        if self.word == 4 { 4 } else { 8 }
    }

    /// Size of a B-tree page's leaf entry of `kind`, or of an entry of its upper pages.
    pub const fn tree_entry(&self, kind: u8, leaf: bool) -> usize {
        if leaf && kind == PAGE_NBT { self.word * 4 } else { self.word * 3 }
    }

    /// The counts behind the entries of a B-tree page ([MS-PST] 2.2.2.7.7.1).
    pub fn put_tree_counts(&self, out: &mut Vec<u8>, count: usize, entry: usize, level: u8) {
        out.resize(self.tree_entries, 0);
        let most = self.tree_entries / entry;
        if self.format == Format::Unicode4k {
            out.extend_from_slice(&(count as u16).to_le_bytes());
            out.extend_from_slice(&(most as u16).to_le_bytes());
        } else {
            out.extend_from_slice(&[count as u8, most as u8]);
        }
        out.extend_from_slice(&[entry as u8, level]);
    }

    /// A heap item's id ([MS-PST] 2.3.1.1); the 4k format has wider item numbers.
    pub const fn heap_id(&self, block: u32, item: u32) -> u32 {
        let shift = if self.block > 0x4000 { 19 } else { 16 };
        (block << shift) | (item << 5)
    }

    /// The most items in one heap block.
    pub const fn heap_items(&self) -> usize {
        if self.block > 0x4000 { 0x3FFF } else { 0x7FF }
    }

    /// The most blocks of one heap.
    pub const fn heap_blocks(&self) -> usize {
        if self.block > 0x4000 { 0x1FFF } else { 0xFFFF }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn map_pages_come_at_their_intervals() {
        let check = |format, index, want: &[u8]| assert_eq!(Layout::of(format).map_pages(index), want);
        check(Format::Unicode, 0, &[PAGE_AMAP, PAGE_PMAP]);
        check(Format::Unicode, 1, &[PAGE_AMAP]);
        check(Format::Ansi, 8, &[PAGE_AMAP, PAGE_PMAP]);
        check(Format::Unicode, 128, &[PAGE_AMAP, PAGE_PMAP, PAGE_FMAP]);
        check(Format::Unicode, 128 + 496, &[PAGE_AMAP, PAGE_PMAP, PAGE_FMAP]);
        check(Format::Unicode, 8192, &[PAGE_AMAP, PAGE_PMAP, PAGE_FPMAP]);
        check(Format::Unicode, 8192 + 31_744, &[PAGE_AMAP, PAGE_PMAP, PAGE_FPMAP]);
        check(Format::Unicode4k, 128, &[PAGE_AMAP]);
    }

    #[test]
    fn sizes_of_the_specification() {
        let unicode = Layout::of(Format::Unicode);
        assert_eq!((unicode.section(), unicode.block, unicode.x_capacity()), (253_952, 8176, 1021));
        let ansi = Layout::of(Format::Ansi);
        assert_eq!((ansi.section(), ansi.block, ansi.x_capacity()), (253_952, 8180, 2043));
        assert_eq!(Layout::of(Format::Unicode4k).section(), 0xFE_8000);
        assert_eq!(unicode.heap_id(3, 5), 0x0003_00A0);
        assert_eq!(Layout::of(Format::Unicode4k).heap_id(3, 5), 0x0018_00A0);
    }
}
