//! The file's own book-keeping: every page and block lies where the allocation maps say that something lies, and
//! nowhere else; checksums and signatures fit; the header's numbers are the sums.

use mailscope_pst::{
    ndb::{
        crc::crc,
        ids::{BlockId, ByteIndex},
        signature::signature,
    },
    write::{
        Format, NewMessage,
        small::{Variant, known_items},
    },
};

use super::{in_memory, with_attachment};

struct Shape {
    word: usize,
    page: usize,
    page_trailer: usize,
    slot: usize,
    first_map: usize,
    map_bytes: usize,
    map_lead: usize,
    block_trailer: usize,
    /// Offsets in the header: file end, last map, free bytes, roots of the two trees.
    header: [usize; 5],
    counts: usize,
}

fn shape(format: Format) -> Shape {
    let unicode = Shape {
        word: 8,
        page: 512,
        page_trailer: 16,
        slot: 64,
        first_map: 0x4400,
        map_bytes: 496,
        map_lead: 0,
        block_trailer: 16,
        header: [0xB8, 0xC0, 0xC8, 0xD8, 0xE8],
        counts: 488,
    };
    match format {
        Format::Unicode => unicode,
        Format::Ansi => Shape {
            word: 4,
            page_trailer: 12,
            map_lead: 4,
            block_trailer: 12,
            header: [0xA8, 0xAC, 0xB0, 0xB8, 0xC0],
            counts: 496,
            ..unicode
        },
        Format::Unicode4k => Shape {
            page: 4096,
            page_trailer: 24,
            slot: 512,
            first_map: 0x2_2000,
            map_bytes: 4072,
            block_trailer: 24,
            counts: 4056,
            ..unicode
        },
    }
}

struct Book<'a> {
    file: &'a [u8],
    shape: Shape,
    format: Format,
    /// Slots that are in use, by their number from the first map on.
    used: Vec<bool>,
}

impl Book<'_> {
    fn number(&self, at: usize, bytes: usize) -> u64 {
        (0..bytes).rev().fold(0, |value, n| value << 8 | u64::from(self.file[at + n]))
    }

    fn word(&self, at: usize) -> usize {
        self.number(at, self.shape.word) as usize
    }

    fn mark(&mut self, at: usize, size: usize) {
        let first = (at - self.shape.first_map) / self.shape.slot;
        for slot in first..first + size / self.shape.slot {
            assert!(!self.used[slot], "{:?}: something lies twice at {at:#x}", self.format);
            self.used[slot] = true;
        }
    }

    /// Checks a page's trailer; returns its kind.
    fn page(&mut self, at: usize, signed: bool) -> u8 {
        let Shape { page, page_trailer, word, .. } = self.shape;
        self.mark(at, page);
        let end = at + page - page_trailer;
        assert_eq!(self.file[end], self.file[end + 1]);
        let (sum, bid) = if word == 4 { (end + 8, end + 4) } else { (end + 4, end + 8) };
        assert_eq!(self.number(sum, 4) as u32, crc(&self.file[at..end]), "checksum of the page at {at:#x}");
        let bid = self.word(bid) as u64;
        let want = if signed { signature(ByteIndex(at as u64), BlockId(bid)) } else { 0 };
        assert_eq!(self.number(end + 2, 2) as u16, want, "signature of the page at {at:#x}");
        if !signed {
            assert_eq!(bid as usize, at);
        }
        self.file[end]
    }

    /// Walks a tree and gives the places of its leaf entries.
    fn tree(&mut self, at: usize, kind: u8, level: Option<u8>, leaves: &mut Vec<usize>) {
        assert_eq!(self.page(at, true), kind);
        let counts = at + self.shape.counts;
        let wide = if self.format == Format::Unicode4k { 2 } else { 1 };
        let count = self.number(counts, wide) as usize;
        let entry = usize::from(self.file[counts + 2 * wide]);
        let own = self.file[counts + 2 * wide + 1];
        assert!(level.is_none_or(|level| level == own), "the tree is balanced");
        assert!(count > 0 && count <= self.number(counts + wide, wide) as usize);
        let keys: Vec<_> = (0..count).map(|n| self.word(at + n * entry)).collect();
        assert!(keys.is_sorted_by(|a, b| a < b), "keys rise");
        for n in 0..count {
            let place = at + n * entry;
            if own == 0 {
                leaves.push(place);
            } else {
                self.tree(self.word(place + 2 * self.shape.word), kind, Some(own - 1), leaves);
            }
        }
    }

    fn block(&mut self, entry: usize) {
        let word = self.shape.word;
        let (bid, at) = (self.word(entry), self.word(entry + word));
        let size = self.number(entry + 2 * word, 2) as usize;
        let space = (size + self.shape.block_trailer).next_multiple_of(self.shape.slot);
        self.mark(at, space);
        let trailer = at + space - self.shape.block_trailer;
        assert_eq!(self.number(trailer, 2) as usize, size);
        let (sum, id) = if word == 4 { (trailer + 8, trailer + 4) } else { (trailer + 4, trailer + 8) };
        assert_eq!(self.word(id), bid);
        let want = signature(ByteIndex(at as u64), BlockId(bid as u64));
        assert_eq!(self.number(trailer + 2, 2) as u16, want);
        assert_eq!(self.number(sum, 4) as u32, crc(&self.file[at..at + size]), "checksum of block {bid:#x}");
    }

    fn check(&mut self) {
        let [file_end, last_map, free, nodes, blocks] = self.shape.header.map(|at| self.word(at));
        assert_eq!(file_end, self.file.len());
        let word = self.shape.word;
        let roots = [self.word(self.shape.header[3] + word), self.word(self.shape.header[4] + word)];
        assert!(nodes != 0 && blocks != 0);
        let (mut node_entries, mut block_entries) = (Vec::new(), Vec::new());
        self.tree(roots[0], 0x81, None, &mut node_entries);
        self.tree(roots[1], 0x80, None, &mut block_entries);
        block_entries.iter().for_each(|&entry| self.block(entry));

        let section = self.shape.map_bytes * 8 * self.shape.slot;
        let (mut at, mut index, mut free_bytes) = (self.shape.first_map, 0, 0);
        let mut last = 0;
        while at < self.file.len() {
            assert_eq!(self.page(at, false), 0x84);
            if self.format != Format::Unicode4k && index % 8 == 0 {
                assert_eq!(self.page(at + self.shape.page, false), 0x83);
                if index == 128 {
                    assert_eq!(self.page(at + 2 * self.shape.page, false), 0x82);
                }
            }
            last = at;
            at += section;
            index += 1;
        }
        assert_eq!(last, last_map);
        for (slot, used) in self.used.iter().enumerate() {
            let map = self.shape.first_map + slot / (self.shape.map_bytes * 8) * section;
            let bit = slot % (self.shape.map_bytes * 8);
            let byte = self.file[map + self.shape.map_lead + bit / 8];
            assert_eq!(byte & (0x80 >> (bit % 8)) != 0, *used, "{:?}: slot {slot}", self.format);
            free_bytes += if *used { 0 } else { self.shape.slot };
        }
        assert_eq!(free_bytes, free);
        assert_eq!(self.number(4, 4) as u32, crc(&self.file[8..479]), "dwCRCPartial");
        if self.format != Format::Ansi {
            assert_eq!(self.number(524, 4) as u32, crc(&self.file[8..524]), "dwCRCFull");
        }
    }
}

fn check(variant: Variant, messages: &[NewMessage]) {
    let file = in_memory(variant.options(), messages);
    let shape = shape(variant.format);
    let used = vec![false; (file.len() - shape.first_map) / shape.slot];
    Book { file: &file, shape, format: variant.format, used }.check();
}

#[test]
fn allocation_maps_agree_with_the_trees() {
    for variant in Variant::all() {
        check(variant, &[]);
        let known: Vec<_> = known_items(variant.format).into_iter().map(|item| item.message).collect();
        check(variant, &known);
        // Two levels of data tree, and more than eight maps.
        check(variant, &[with_attachment(9_000_000)]);
        let many: Vec<_> = (0..2_000)
            .map(|n| NewMessage { subject: format!("Message {n}"), ..NewMessage::default() })
            .collect();
        check(variant, &many);
    }
}

#[test]
fn a_file_with_a_free_map_page() {
    check(Variant::default(), &[with_attachment(33_000_000)]);
}
