//! A stretch of a file that is gone through for trailers, a part of it in memory at a time.

use super::{Found, LARGEST_BLOCK, block, leaf};
use crate::error::OpenError;
use crate::ndb::file::Ndb;
use crate::ndb::source::{ReadAt, read_full};
use std::io;
use std::ops::Range;

/// What is read at once where much lies together, …
const WIDE: usize = 1 << 20;
/// … and where little does, if the next of it is near.
const NARROW: usize = 4 << 10;

/// What a disk reads or does not read, at least, in bytes.
const SECTOR: usize = 4096;

/// More sectors than these one after the other are not passed over: half a megabyte.
const PATIENCE: usize = 128;

/// Where so many bytes are zeros, the source is asked how far they were never written.
const LEAST_HOLE: u64 = 64 << 10;

/// The part of the file that lies in memory.
pub struct Window<'a> {
    ndb: &'a Ndb,
    start: u64,
    data: Vec<u8>,
    valid: usize,
    /// How much is read at least: more where what is asked for lies near what was asked for before.
    least: usize,
    /// Whether what the system cannot read is taken for zeros.
    pub is_patient: bool,
    /// What was found to be zeros that were never written; it may go on beyond the stretch that it was met in.
    hole: Range<u64>,
}

impl<'a> Window<'a> {
    /// Nothing lies there yet.
    pub fn new(ndb: &'a Ndb) -> Self {
        Self { ndb, start: 0, data: Vec::new(), valid: 0, least: NARROW, is_patient: false, hole: 0..0 }
    }

    /// The bytes of `range`, or as many as the file has.
    fn bytes(&mut self, range: Range<u64>) -> Result<&[u8], OpenError> {
        let within = range.start >= self.start && range.end <= self.start + self.valid as u64;
        if !within {
            let is_near = range.start.abs_diff(self.start) <= NARROW as u64;
            self.least = if is_near { NARROW } else { self.least / 2 };
            let wanted = usize::try_from(range.end - range.start).unwrap_or(0).max(self.least);
            self.data.resize(self.data.len().max(wanted), 0);
            self.start = range.start;
            self.valid = 0;
            let part = self.data.get_mut(..wanted).unwrap_or_default();
            let source = self.ndb.source.as_ref();
            self.valid = match read_full(source, range.start, part) {
                Err(_) if self.is_patient => read_around(source, range.start, part)?,
                read => read?,
            };
        }
        let from = usize::try_from(range.start - self.start).unwrap_or(usize::MAX);
        let to = usize::try_from(range.end - self.start).unwrap_or(usize::MAX).min(self.valid);
        Ok(self.data.get(from..to).unwrap_or_default())
    }

    /// Looks for trailers in a stretch in which nothing else lies.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn run(&mut self, run: Range<u64>, visit: &mut dyn FnMut(Found)) -> Result<(), OpenError> {
        let (layout, encryption) = (self.ndb.layout, self.ndb.header.encryption);
        let unit = layout.block_align as u64;
        let (mut at, mut judged) = (run.start, run.start);
        while at < run.end {
            if self.hole.contains(&at) {
                // Zeros are nothing's trailer: a page, or a unit of a block, that lies in the hole whole is nothing.
                at = at.max(self.hole.end - self.hole.end % layout.page as u64);
                if at >= run.end {
                    break;
                }
            }
            let end = run.end.min(at + WIDE as u64);
            // A block is judged at its end, and may have begun before.
            let from = run.start.max(at.saturating_sub(LARGEST_BLOCK.next_multiple_of(layout.page as u64)));
            let bytes = self.bytes(from..end)?;
            let may_be_hole = end - at >= LEAST_HOLE && bytes.iter().all(|&byte| byte == 0);
            let mut place = at.next_multiple_of(unit);
            while place < end {
                let offset = usize::try_from(place - from).unwrap_or(usize::MAX);
                if place.is_multiple_of(layout.page as u64)
                    && let Some(data) = bytes.get(offset..offset.saturating_add(layout.page))
                    && let Some(leaf) = leaf(data, place, layout)
                {
                    visit(leaf);
                }
                place += unit;
                if place > judged
                    && let Some(before) = bytes.get(..offset + layout.block_align)
                    && let Some(found) = block(before, from, layout, encryption)
                {
                    visit(found);
                }
            }
            judged = end;
            // A page may begin here and end in the next part.
            at = if end == run.end { end } else { end - layout.page as u64 + unit };
            if may_be_hole {
                self.hole = at..self.ndb.source.next_written(at);
            }
        }
        Ok(())
    }
}

/// As [`read_full`], with zeros for sectors that the system cannot read. Fails where too many lie one after the other, and where none
/// is read behind them: then it is not the sectors.
fn read_around(source: &dyn ReadAt, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
    let (mut done, mut refused) = (0, Vec::new());
    for (place, sector) in (offset..).step_by(SECTOR).zip(buf.chunks_mut(SECTOR)) {
        match read_full(source, place, sector) {
            Ok(read) => {
                done += read;
                refused.clear();
                if read < sector.len() {
                    break;
                }
            }
            Err(error) if refused.len() >= PATIENCE => return Err(error),
            Err(error) => {
                sector.fill(0);
                done += sector.len();
                refused.push(error);
            }
        }
    }
    refused.pop().map_or(Ok(done), Err)
}
