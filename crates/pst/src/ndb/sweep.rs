//! Going through a file for what its trees do not name: pages and blocks say in their trailers what they are
//! ([MS-PST] 2.2.2.7.1, 2.2.2.8.1), and a signature ties each to its place.

use std::io;
use std::ops::Range;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::crc::crc;
use super::encode;
use super::file::Ndb;
use super::header::{BlockRef, Encryption};
use super::ids::{BlockId, ByteIndex};
use super::layout::Layout;
use super::page::{BlockEntry, Page, Tree, word_at};
use super::signature::signature;
use super::source::{ReadAt, announce, read_full};
use super::walk::LARGE;
use crate::bytes::{Bytes, u8_at, u16_at, u32_at};
use crate::error::{Anomalies, OpenError};

/// Something that a trailer names.
pub(crate) enum Found {
    /// A leaf page whose type and checksum are right.
    Leaf(Tree, Page),
    /// A block whose signature and checksum are right, and whether it may begin a heap of properties.
    Block(BlockEntry, bool),
    /// The end of a block, whose beginning was overwritten, or is damaged; or chance, once in 65,536 times.
    Remains(BlockEntry),
}

/// What is read at once where much lies together, …
const WIDE: usize = 1 << 20;
/// … and where little does, if the next of it is near.
const NARROW: usize = 4 << 10;

/// So many bytes of free space, or stretches of it, are announced before they are read.
const AHEAD_BYTES: u64 = 8 << 20;
const AHEAD_RUNS: usize = 256;

/// Of so many bytes all that is found is kept until it is their turn to be told: 17,000 blocks at most. What takes longer is gone through
/// in its turn.
const MOST_BESIDE: u64 = 1 << 20;

/// What a disk reads or does not read, at least, in bytes.
const SECTOR: usize = 4096;

/// More sectors than these one after the other are not passed over: half a megabyte.
const PATIENCE: usize = 128;

/// Where so many bytes are zeros, the source is asked how far they were never written.
const LEAST_HOLE: u64 = 64 << 10;

/// A block's bytes and its trailer take no more.
const LARGEST_BLOCK: u64 = (64 << 10) + 512;

/// One map of what is in use covers so much of the file, that it takes 16 MB; a stretch that large takes a walk of both
/// trees.
const MAP_UNITS: u64 = 128 << 20;

/// Goes through the whole file, whatever is in use. Some sectors that the system cannot read are passed over.
pub(crate) fn everything(ndb: &Ndb, visit: &mut dyn FnMut(Found)) -> Result<(), OpenError> {
    let mut window = Window::new(ndb);
    window.is_patient = true;
    window.run(0..ndb.size, visit)
}

/// Goes through what neither tree uses, and reads nothing else. Where the space between is small, it is read along. What is found is told
/// in the order of the file; of a large file two threads look, since space lies in very many small pieces there.
pub(crate) fn free_space(ndb: &Ndb, visit: &mut (dyn FnMut(Found) + Send)) -> Result<(), OpenError> {
    let unit = ndb.layout.block_align as u64;
    let span = MAP_UNITS * unit;
    let mut start = 0;
    loop {
        let end = ndb.size.min(start + span);
        let map = UseMap::new(ndb, start..end)?;
        let sweep = Sweep::new(ndb, &map, &mut *visit);
        if ndb.size < LARGE {
            sweep.run()?;
        } else {
            std::thread::scope(|scope| {
                let beside = scope.spawn(|| sweep.run());
                let here = sweep.run();
                here.and(beside.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            })?;
        }
        if end == ndb.size {
            return Ok(());
        }
        // What lies across the border is found with the second half.
        start = end - LARGEST_BLOCK.next_multiple_of(unit);
    }
}

/// Free space of a stretch, handed out in groups to those who go through it.
struct Sweep<'a> {
    ndb: &'a Ndb,
    map: &'a UseMap,
    next: Mutex<Group>,
    turn: Mutex<Turn<'a>>,
    /// It is another group's turn.
    turned: Condvar,
}

/// Pieces of free space that lie together.
struct Group {
    number: u64,
    runs: Vec<Range<u64>>,
    /// Where the next group begins.
    end: u64,
}

/// Whose finds are told next.
struct Turn<'a> {
    number: u64,
    visit: &'a mut (dyn FnMut(Found) + Send),
    /// Whether one of those who went through it has given up.
    is_over: bool,
}

impl<'a> Sweep<'a> {
    fn new(ndb: &'a Ndb, map: &'a UseMap, visit: &'a mut (dyn FnMut(Found) + Send)) -> Self {
        let first = Group { number: 0, runs: Vec::new(), end: map.start };
        let turn = Turn { number: 1, visit, is_over: false };
        Self { ndb, map, next: Mutex::new(first), turn: Mutex::new(turn), turned: Condvar::new() }
    }

    /// Goes through groups until none is left; several threads may do so at once.
    fn run(&self) -> Result<(), OpenError> {
        let _leave = Leave(self);
        let mut window = Window::new(self.ndb);
        while let Some(group) = self.group() {
            let bytes: u64 = group.runs.iter().map(|run| run.end - run.start).sum();
            let mut through = |visit: &mut dyn FnMut(Found)| {
                group.runs.iter().try_for_each(|run| window.run(run.clone(), visit))
            };
            let (mut found, mut result) = (Vec::new(), Ok(()));
            if bytes <= MOST_BESIDE {
                result = through(&mut |one| found.push(one));
            }
            let Some(mut turn) = self.turn_of(group.number) else { return Ok(()) };
            found.into_iter().for_each(&mut *turn.visit);
            if bytes > MOST_BESIDE {
                result = through(&mut *turn.visit);
            }
            turn.number += 1;
            turn.is_over |= result.is_err();
            self.turned.notify_all();
            result?;
        }
        Ok(())
    }

    /// The next group, which is announced to the source.
    fn group(&self) -> Option<Group> {
        let mut last = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let runs = self.map.free_from(last.end);
        last.end = runs.last()?.end;
        last.number += 1;
        // Of a long one its beginning: whoever reads on finds the system reading ahead.
        let beginning = |run: &Range<u64>| run.start..run.end.min(run.start + AHEAD_BYTES);
        announce(self.ndb.source.as_ref(), runs.iter().map(beginning));
        Some(Group { number: last.number, runs, end: last.end })
    }

    /// Waits until it is the turn of a group; `None` if all is over before.
    fn turn_of(&self, number: u64) -> Option<MutexGuard<'_, Turn<'a>>> {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        while turn.number != number && !turn.is_over {
            turn = self.turned.wait(turn).unwrap_or_else(PoisonError::into_inner);
        }
        (!turn.is_over).then_some(turn)
    }
}

/// Keeps nobody waiting for one who panics.
struct Leave<'a, 'b>(&'a Sweep<'b>);

impl Drop for Leave<'_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.turn.lock().unwrap_or_else(PoisonError::into_inner).is_over = true;
            self.0.turned.notify_all();
        }
    }
}

/// Which parts of a stretch of the file are in use, a bit for each 64 bytes (512 in 4k files).
struct UseMap {
    start: u64,
    end: u64,
    unit: u64,
    bits: Vec<u64>,
}

impl UseMap {
    fn new(ndb: &Ndb, stretch: Range<u64>) -> Result<Self, OpenError> {
        let unit = ndb.layout.block_align as u64;
        let units = (stretch.end - stretch.start).div_ceil(unit);
        let words = usize::try_from(units.div_ceil(64)).unwrap_or(usize::MAX);
        let mut map = Self { start: stretch.start, end: stretch.end, unit, bits: vec![0; words] };
        map.mark_maps(ndb);
        let layout = ndb.layout;
        if let Some(kept) = ndb.kept() {
            kept.pages.iter().for_each(|ib| map.mark(ib.0, layout.page as u64));
            kept.blocks.iter().chain(&ndb.salvage.blocks).for_each(|entry| map.mark_block(entry, layout));
            return Ok(map);
        }
        let mut known = Anomalies::default();
        for tree in [Tree::Node, Tree::Block] {
            ndb.walk_all(tree, &mut known, &mut |page| {
                map.mark(page.ib.0, layout.page as u64);
                if tree == Tree::Block && page.level == 0 {
                    (0..page.count).filter_map(|index| page.block(index, layout)).for_each(|entry| {
                        map.mark_block(&entry, layout);
                    });
                }
            })?;
        }
        ndb.salvage.blocks.iter().for_each(|entry| map.mark_block(entry, layout));
        Ok(map)
    }

    fn mark_block(&mut self, entry: &BlockEntry, layout: &Layout) {
        let size = (entry.stored as usize + layout.block_trailer).next_multiple_of(layout.block_align);
        self.mark(entry.ib.0, size as u64);
    }

    /// The header and the allocation maps, which lie at fixed places ([MS-PST] 2.2.2.7.2).
    fn mark_maps(&mut self, ndb: &Ndb) {
        let page = ndb.layout.page as u64;
        let (first, section) = ndb.layout.maps();
        self.mark(0, first);
        let mut index = self.start.saturating_sub(first) / section;
        while first + index * section < self.end {
            // Every eighth is followed by a page map.
            let pages = if page == 512 && index.is_multiple_of(8) { 2 } else { 1 };
            self.mark(first + index * section, pages * page);
            index += 1;
        }
    }

    fn mark(&mut self, ib: u64, size: u64) {
        let (from, to) = (ib.max(self.start), ib.saturating_add(size).min(self.end));
        if from >= to {
            return;
        }
        let (mut at, last) = ((from - self.start) / self.unit, (to - 1 - self.start) / self.unit);
        while at <= last {
            let (word, bit) = (at / 64, at % 64);
            let count = (64 - bit).min(last + 1 - at);
            let ones = if count == 64 { u64::MAX } else { ((1 << count) - 1) << bit };
            if let Some(bits) = usize::try_from(word).ok().and_then(|word| self.bits.get_mut(word)) {
                *bits |= ones;
            }
            at += count;
        }
    }

    /// The stretches from `at` on that are not in use, some of them.
    fn free_from(&self, mut at: u64) -> Vec<Range<u64>> {
        let (mut runs, mut bytes) = (Vec::new(), 0);
        while runs.len() < AHEAD_RUNS
            && bytes < AHEAD_BYTES
            && let Some(run) = self.next_free(at)
        {
            at = run.end;
            bytes += run.end - run.start;
            runs.push(run);
        }
        runs
    }

    /// The first stretch from `at` on that is not in use.
    fn next_free(&self, at: u64) -> Option<Range<u64>> {
        let units = (self.end - self.start).div_ceil(self.unit);
        // The first unit from `index` on of which its bit, or the contrary, is set.
        let first = |mut index: u64, is_set: bool| {
            while index < units
                && let Some(&word) = usize::try_from(index / 64).ok().and_then(|word| self.bits.get(word))
            {
                let rest = if is_set { word } else { !word } >> (index % 64);
                if rest != 0 {
                    return (index + u64::from(rest.trailing_zeros())).min(units);
                }
                index = (index / 64 + 1) * 64;
            }
            units
        };
        let from = first((at - self.start).div_ceil(self.unit), false);
        if from >= units {
            return None;
        }
        let to = first(from, true);
        Some(self.start + from * self.unit..(self.start + to * self.unit).min(self.end))
    }
}

/// The part of the file that lies in memory.
struct Window<'a> {
    ndb: &'a Ndb,
    start: u64,
    data: Vec<u8>,
    valid: usize,
    /// How much is read at least: more where what is asked for lies near what was asked for before.
    least: usize,
    /// Whether what the system cannot read is taken for zeros.
    is_patient: bool,
    /// What was found to be zeros that were never written; it may go on beyond the stretch that it was met in.
    hole: Range<u64>,
}

impl<'a> Window<'a> {
    fn new(ndb: &'a Ndb) -> Self {
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
    fn run(&mut self, run: Range<u64>, visit: &mut dyn FnMut(Found)) -> Result<(), OpenError> {
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

/// The leaf page that `data`, which lies at `place`, is.
fn leaf(data: &[u8], place: u64, layout: &Layout) -> Option<Found> {
    let ptype = u8_at(data, layout.page_trailer)?;
    let tree = match ptype {
        0x80 => Tree::Block,
        0x81 => Tree::Node,
        _ => return None,
    };
    let crc_at = layout.page_trailer + if layout.word == 4 { 8 } else { 4 };
    if u8_at(data, layout.page_trailer + 1) != Some(ptype)
        || u32_at(data, crc_at) != Some(crc(data.get(..layout.page_trailer)?))
    {
        return None;
    }
    let at = BlockRef { bid: BlockId(0), ib: ByteIndex(place) };
    let page = Page::parse(Bytes::from(data.to_vec()), layout, tree, at, None).ok()?;
    (page.level == 0).then_some(Found::Leaf(tree, page))
}

/// The block that ends where `data` does, whose first byte lies at `start`.
fn block(data: &[u8], start: u64, layout: &Layout, encryption: Encryption) -> Option<Found> {
    let trailer = data.len().checked_sub(layout.block_trailer)?;
    let stored = u16_at(data, trailer)?;
    let (bid_at, crc_at) =
        if layout.word == 4 { (trailer + 4, trailer + 8) } else { (trailer + 8, trailer + 4) };
    let bid = BlockId(word_at(data, bid_at, layout)?);
    if stored == 0 || bid.is_none() {
        return None;
    }
    let total = (usize::from(stored) + layout.block_trailer).next_multiple_of(layout.block_align);
    let ib = ByteIndex((start + data.len() as u64).checked_sub(total as u64)?);
    if u16_at(data, trailer + 2)? != signature(ib, bid) {
        return None;
    }
    // Trailers of 4k files state the size once inflated.
    let inflated = if layout.block_trailer > 16 { u16_at(data, trailer + 18)? } else { 0 };
    let entry = BlockEntry { bid, ib, stored: stored.into(), size: inflated.max(stored).into() };
    let content =
        data.len().checked_sub(total).and_then(|begin| data.get(begin..begin + usize::from(stored)));
    let whole = content.filter(|content| u32_at(data, crc_at) == Some(crc(content)));
    Some(match whole {
        Some(content) => Found::Block(entry, may_begin_properties(content, &entry, encryption)),
        None => Found::Remains(entry),
    })
}

/// Whether a block is the first of a heap that holds a property context ([MS-PST] 2.3.1.2); one that is compressed may
/// always be.
fn may_begin_properties(content: &[u8], entry: &BlockEntry, encryption: Encryption) -> bool {
    let Some(&[a, b, c, d]) = content.first_chunk() else { return false };
    let mut start = [a, b, c, d];
    match encryption {
        Encryption::None => {}
        Encryption::Permute => encode::permute_decode(&mut start),
        Encryption::Cyclic => encode::cyclic(&mut start, entry.bid.0 as u32),
    }
    !entry.bid.is_internal() && (entry.size > entry.stored || start[2..] == [0xEC, 0xBC])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::small::{Variant, write_many, write_small};
    use std::collections::HashMap;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn maps_of_use() {
        let mut map = UseMap { start: 6400, end: 64 * 1000, unit: 64, bits: vec![0; 15] };
        let free = |map: &UseMap| {
            let (mut at, mut all) = (map.start, Vec::new());
            while let Some(run) = map.next_free(at) {
                at = run.end;
                all.push((run.start / 64, run.end / 64));
            }
            all
        };
        assert_eq!(free(&map), [(100, 1000)]);
        for (ib, size) in
            [(0, 6400 + 64), (64 * 150, 1), (64 * 200, 64 * 300), (64 * 999, 1 << 40), (7 << 60, 9)]
        {
            map.mark(ib, size);
        }
        assert_eq!(free(&map), [(101, 150), (151, 200), (500, 999)]);
        map.mark(0, u64::MAX);
        assert_eq!(free(&map), []);
        // The file ends within a unit.
        let odd = UseMap { start: 0, end: 1000, unit: 64, bits: vec![0; 1] };
        assert_eq!(odd.next_free(0), Some(0..1000));
        assert_eq!(odd.next_free(1000), None);
    }

    /// A file with much at its end that was never written, and one more piece behind that.
    struct Holed {
        file: Vec<u8>,
        far: (u64, Vec<u8>),
        read: AtomicU64,
    }

    impl ReadAt for Holed {
        fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
            let count = buf.len().min(usize::try_from(self.size()? - offset).unwrap_or(usize::MAX));
            let end = offset + count as u64;
            buf[..count].fill(0);
            for (start, piece) in [(0, &self.file), (self.far.0, &self.far.1)] {
                let (from, to) = (offset.max(start), end.min(start + piece.len() as u64));
                if from < to {
                    buf[(from - offset) as usize..(to - offset) as usize]
                        .copy_from_slice(&piece[(from - start) as usize..(to - start) as usize]);
                }
            }
            self.read.fetch_add(count as u64, Ordering::Relaxed);
            Ok(count)
        }

        fn size(&self) -> io::Result<u64> {
            Ok(self.far.0 + self.far.1.len() as u64)
        }

        fn next_written(&self, offset: u64) -> u64 {
            if offset < self.file.len() as u64 { offset } else { offset.max(self.far.0) }
        }
    }

    /// The end of a block of zeros that ends at `end`, in as many bytes as blocks are laid out by.
    fn end_of_zeros(stored: usize, end: u64, layout: &Layout) -> (BlockEntry, Vec<u8>) {
        let total = (stored + layout.block_trailer).next_multiple_of(layout.block_align);
        let (bid, ib) = (BlockId(0xF_F004), ByteIndex(end - total as u64));
        let mut trailer = (stored as u16).to_le_bytes().to_vec();
        trailer.extend(signature(ib, bid).to_le_bytes());
        let sum = crc(&vec![0; stored]).to_le_bytes();
        if layout.word == 4 {
            trailer.extend((bid.0 as u32).to_le_bytes());
            trailer.extend(sum);
        } else {
            trailer.extend(sum);
            trailer.extend(bid.0.to_le_bytes());
            trailer.resize(layout.block_trailer, 0);
        }
        let mut piece = vec![0; layout.block_align - trailer.len()];
        piece.append(&mut trailer);
        (BlockEntry { bid, ib, stored: stored as u32, size: stored as u32 }, piece)
    }

    /// What was never written is not read; what lies behind it is found, also where it begins with zeros itself.
    #[test]
    fn holes_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.pst");
        for variant in Variant::all() {
            write_small(&path, variant).unwrap();
            let layout = Layout::of(variant.format);
            for (stored, beyond) in [(100, 0), (8000, 0), (8000, 1 << 20), (100, 3 << 20 | 4096)] {
                let end = (40 << 30) + (stored as u64).next_multiple_of(layout.block_align as u64) + beyond;
                let (entry, mut piece) = end_of_zeros(stored, end, layout);
                let far = end - piece.len() as u64;
                piece.resize(piece.len() + beyond as usize, 0);
                let source = Arc::new(Holed {
                    file: std::fs::read(&path).unwrap(),
                    far: (far, piece),
                    read: AtomicU64::new(0),
                });
                let file = crate::PstFile::from_source(source.clone()).unwrap();
                for whole in [true, false] {
                    let mut found = Vec::new();
                    let mut visit = |one| match one {
                        Found::Block(entry, _) => found.push(entry),
                        Found::Leaf(..) | Found::Remains(_) => {}
                    };
                    match whole {
                        true => everything(&file.ndb, &mut visit).unwrap(),
                        false => free_space(&file.ndb, &mut visit).unwrap(),
                    }
                    assert_eq!(
                        found.last(),
                        Some(&entry),
                        "{variant:?}, {stored} and {beyond}, whole: {whole}"
                    );
                }
                let read = source.read.load(Ordering::Relaxed);
                assert!(read < 64 << 20, "{variant:?}: {read} bytes were read");
            }
        }
    }

    /// Without its trees, every block of a file is found by its trailer; with them, nothing is left to be found.
    #[test]
    fn every_block_has_a_trailer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.pst");
        let check = |what: &str| {
            let file = crate::PstFile::open(&path).unwrap();
            let mut live = HashMap::new();
            file.ndb
                .blocks(&mut Anomalies::default(), &mut |entry| {
                    live.insert(entry.bid, entry);
                })
                .unwrap();
            let (mut leaves, mut blocks) = (0, HashMap::new());
            everything(&file.ndb, &mut |found| match found {
                Found::Leaf(..) => leaves += 1,
                Found::Block(entry, _) => {
                    blocks.insert(entry.bid, entry);
                }
                Found::Remains(_) => {}
            })
            .unwrap();
            assert!(leaves > 1, "{what}");
            assert_eq!(blocks, live, "{what}");
            free_space(&file.ndb, &mut |_| panic!("{what}: nothing is free")).unwrap();
        };
        for variant in Variant::all() {
            write_small(&path, variant).unwrap();
            check(&format!("{variant:?}"));
            write_many(&path, variant, 1000).unwrap();
            check(&format!("{variant:?}"));
        }
    }

    /// Fails from a place on.
    struct Ending(Vec<u8>, u64);

    impl ReadAt for Ending {
        fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
            let count = buf.len().min(self.0.len().saturating_sub(offset as usize));
            if offset + count as u64 > self.1 {
                return Err(io::Error::other("the stick is gone"));
            }
            buf[..count].copy_from_slice(&self.0[offset as usize..][..count]);
            Ok(count)
        }

        fn size(&self) -> io::Result<u64> {
            Ok(self.0.len() as u64)
        }
    }

    /// What several threads find, however many, is told in the order of the file; a disk that fails ends all of them.
    #[test]
    fn several_threads_find_what_one_does() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.pst");
        for variant in Variant::all() {
            write_many(&path, variant, 1500).unwrap();
            let data = std::fs::read(&path).unwrap();
            let size = data.len() as u64;
            let mut file = crate::PstFile::from_source(Arc::new(Ending(data.clone(), size))).unwrap();
            let unit = file.ndb.layout.block_align as u64;
            // Stretches in use, so many units long, with as much between.
            for used in [0, 1, 5, 64, 1000] {
                let words = (size.div_ceil(unit)).div_ceil(64) as usize;
                let mut map = UseMap { start: 0, end: size, unit, bits: vec![0; words] };
                for start in (0..size).step_by((2 * used * unit).max(unit) as usize).filter(|_| used > 0) {
                    map.mark(start, used * unit);
                }
                let through = |ndb: &Ndb, threads: usize| {
                    let mut found = Vec::new();
                    let mut visit = |one| {
                        found.push(match one {
                            Found::Leaf(tree, page) => (tree as u8, page.ib.0),
                            Found::Block(entry, _) => (10, entry.ib.0),
                            Found::Remains(entry) => (11, entry.ib.0),
                        });
                    };
                    let sweep = Sweep::new(ndb, &map, &mut visit);
                    let mut results = Vec::new();
                    std::thread::scope(|scope| {
                        let all: Vec<_> = (0..threads).map(|_| scope.spawn(|| sweep.run())).collect();
                        results.extend(all.into_iter().map(|thread| thread.join().unwrap()));
                    });
                    drop(sweep);
                    (found, results.into_iter().all(|result| result.is_ok()))
                };
                let one = through(&file.ndb, 1);
                assert!(one.1 && (used > 5 || !one.0.is_empty()), "{variant:?}, {used}");
                for threads in [2, 5] {
                    assert!(through(&file.ndb, threads) == one, "{variant:?}, {used}: {threads} threads");
                    let whole =
                        std::mem::replace(&mut file.ndb.source, Arc::new(Ending(data.clone(), size / 2)));
                    let (found, is_well) = through(&file.ndb, threads);
                    file.ndb.source = whole;
                    assert!(!is_well && one.0.starts_with(&found), "{variant:?}, {used}: {threads} threads");
                }
            }
        }
    }
}
