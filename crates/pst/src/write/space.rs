//! Gives out the file's space from front to back and keeps the allocation maps ([MS-PST] 2.2.2.7.2).
//!
//! The section that is being filled lies in memory (248 KB; 16 MB in the 4k format) and is written once it is
//! full, so that the destination is written from front to back; only the header is written last.

use std::io::{Seek, SeekFrom, Write};

use super::{
    error::{Doing, Result, WriteError},
    layout::{Layout, PAGE_AMAP},
};

pub(crate) struct Space<W> {
    out: W,
    layout: Layout,
    /// Number of the section in `buffer`.
    index: u64,
    buffer: Vec<u8>,
    /// Bytes given out in this section.
    used: usize,
    bits: Vec<u8>,
    /// Free bytes in all finished sections.
    free: u64,
}

/// What the header has to say about the file's space.
pub(crate) struct SpaceTotals {
    pub file_end: u64,
    pub last_map: u64,
    pub free: u64,
    /// Number of the last section and its free slots, for the density list.
    pub last_section: u64,
    pub last_free_slots: u64,
}

impl<W: Write + Seek> Space<W> {
    pub fn new(mut out: W, layout: Layout) -> Result<Self> {
        out.write_all(&vec![0; layout.first_map as usize]).doing("reserving the header")?;
        let mut space = Self {
            out,
            layout,
            index: 0,
            buffer: Vec::new(),
            used: 0,
            bits: vec![0; layout.map_bytes],
            free: 0,
        };
        space.open_section();
        Ok(space)
    }

    pub fn layout(&self) -> Layout {
        self.layout
    }

    fn section_start(&self) -> u64 {
        self.layout.first_map + self.index * self.layout.section() as u64
    }

    fn open_section(&mut self) {
        self.bits.fill(0);
        self.buffer.clear();
        self.used = 0;
        let maps = self.layout.map_pages(self.index).len() * self.layout.page;
        self.take(maps);
    }

    /// Marks the next `size` bytes as allocated and returns where in the section they begin.
    fn take(&mut self, size: usize) -> usize {
        let start = self.used;
        for slot in start / self.layout.slot..(start + size) / self.layout.slot {
            // The first slot is the highest bit of its byte.
            self.bits[slot / 8] |= 0x80 >> (slot % 8);
        }
        self.used += size;
        start
    }

    /// Places `size` bytes (a multiple of the slot) at a multiple of `align`. `fill` appends the bytes once the
    /// place is known, because signatures depend on it. Returns the place.
    pub fn place(&mut self, size: usize, align: usize, fill: impl FnOnce(u64, &mut Vec<u8>)) -> Result<u64> {
        let mut start = self.used.next_multiple_of(align);
        if start + size > self.layout.section() {
            self.close_section()?;
            self.index += 1;
            self.open_section();
            start = self.used.next_multiple_of(align);
        }
        let ib = self.section_start() + start as u64;
        if ib + size as u64 > self.layout.file_limit {
            return Err(WriteError::TooLarge {
                what: "the file",
                size: ib + size as u64,
                limit: self.layout.file_limit,
            });
        }
        self.used = start;
        self.take(size);
        self.buffer.resize(start, 0);
        fill(ib, &mut self.buffer);
        Ok(ib)
    }

    fn free_slots(&self) -> u64 {
        self.bits.iter().map(|byte| u64::from(byte.count_zeros())).sum()
    }

    fn close_section(&mut self) -> Result<()> {
        let start = self.section_start();
        self.buffer.resize(self.layout.section(), 0);
        let full = vec![0xFF; self.layout.map_bytes];
        for (number, kind) in self.layout.map_pages(self.index).into_iter().enumerate() {
            let offset = number * self.layout.page;
            // The page and free maps are out of use since the density list; they say "nothing free".
            let bits = if kind == PAGE_AMAP { &self.bits } else { &full };
            let page = self.layout.map_page(kind, start + offset as u64, bits);
            self.buffer[offset..offset + page.len()].copy_from_slice(&page);
        }
        self.free += self.free_slots() * self.layout.slot as u64;
        self.out.write_all(&self.buffer).doing("writing a section")
    }

    /// Writes the last section. After this only [`Self::write_front`] may be called.
    pub fn finish(&mut self) -> Result<SpaceTotals> {
        let last_free_slots = self.free_slots();
        self.close_section()?;
        Ok(SpaceTotals {
            file_end: self.section_start() + self.layout.section() as u64,
            last_map: self.section_start(),
            free: self.free,
            last_section: self.index,
            last_free_slots,
        })
    }

    /// Writes into the space before the first allocation map: the header and the density list.
    pub fn write_front(&mut self, at: u64, bytes: &[u8]) -> Result<()> {
        self.out.seek(SeekFrom::Start(at)).doing("going back to the header")?;
        self.out.write_all(bytes).doing("writing the header")
    }

    pub fn into_inner(mut self) -> Result<W> {
        self.out.flush().doing("finishing the file")?;
        Ok(self.out)
    }
}
