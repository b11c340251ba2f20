//! Going through a file for what its trees do not name: pages and blocks say in their trailers what they are
//! ([MS-PST] 2.2.2.7.1, 2.2.2.8.1), and a signature ties each to its place.

mod in_use;
mod turns;
mod window;

use super::crc::crc;
use super::encode;
use super::file::Ndb;
use super::header::{BlockRef, Encryption};
use super::ids::{BlockId, ByteIndex};
use super::layout::Layout;
use super::page::{BlockEntry, Page, Tree, word_at};
use super::signature::signature;
use super::walk::LARGE;
use crate::bytes::{Bytes, u8_at, u16_at, u32_at};
use crate::error::OpenError;
use in_use::UseMap;
use turns::Sweep;
use window::Window;

/// Something that a trailer names.
pub(crate) enum Found {
    /// A leaf page whose type and checksum are right.
    Leaf(Tree, Page),
    /// A block whose signature and checksum are right, and whether it may begin a heap of properties.
    Block(BlockEntry, bool),
    /// The end of a block, whose beginning was overwritten, or is damaged; or chance, once in 65,536 times.
    Remains(BlockEntry),
}

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
    use crate::error::Anomalies;
    use crate::ndb::source::ReadAt;
    use crate::write::small::{Variant, write_many, write_small};
    use std::collections::HashMap;
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

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
}
