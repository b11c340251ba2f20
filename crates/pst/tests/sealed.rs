//! Structures that say something wrong under checksums that are right, as a program that writes nonsense leaves them: whatever an item
//! loses by that is told.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::time::{Duration, Instant};

use common::cases::{many, small};
use common::image::{Image, Tree};
use common::{LIMIT, corpus, read_whole, tiny};
use mailscope_pst::ndb::crc::crc;
use mailscope_pst::write::small::Variant;
use mailscope_pst::{Anomaly, CensusOptions, Consequence, Encryption, Format, Origin, PstFile};

/// A small generator of numbers, so that a failure can be had again.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

/// How much of an item there is: what falls by damage that nobody sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Extent {
    recipients: usize,
    attachments: u64,
    stored: u64,
    text: bool,
    html: bool,
}

impl Extent {
    fn is_less_than(&self, other: &Self) -> bool {
        self.recipients < other.recipients
            || self.attachments < other.attachments
            || self.stored < other.stored
            || (!self.text && other.text)
            || (!self.html && other.html)
    }
}

/// What a file gives of each of its items, and whether anything is told of the file, and of each item.
#[derive(Default)]
struct Told {
    items: BTreeMap<u32, (Option<Extent>, Vec<String>)>,
    /// Those that were deleted.
    recovered: HashSet<u32>,
    of_file: Vec<String>,
}

fn words(all: &[Anomaly]) -> Vec<String> {
    let losses = all.iter().filter(|one| one.consequence != Consequence::Used);
    losses.map(ToString::to_string).collect()
}

fn read(file: &PstFile) -> Told {
    let mut reader = file.reader_with_cache(1 << 20);
    let census = reader.census_with(CensusOptions { recover: true }).unwrap();
    let mut told = Told { of_file: words(file.anomalies()), ..Told::default() };
    told.of_file.append(&mut words(&census.anomalies));
    for folder in &census.folders {
        told.of_file.append(&mut words(&folder.anomalies));
    }
    for entry in census.items.iter().filter(|item| !item.hidden) {
        let one = match reader.item_with_bodies(entry.node, LIMIT) {
            Ok((item, bodies)) => {
                let mut found = words(&item.anomalies);
                found.append(&mut words(&bodies.anomalies));
                found.append(&mut read_whole(&mut reader, entry, u64::MAX).failures);
                let extent = Extent {
                    recipients: item.recipients.len(),
                    attachments: item.attachment_count(),
                    stored: item
                        .attachments
                        .iter()
                        .filter(|one| one.embedded.is_none())
                        .map(|one| one.size)
                        .sum(),
                    text: bodies.best_text().is_some_and(|text| !text.is_empty()),
                    html: bodies.best_html().is_some_and(|html| !html.is_empty()),
                };
                (Some(extent), found)
            }
            Err(_) if entry.origin == Origin::RowOnly => (None, vec!["a row is left".into()]),
            Err(error) => (None, vec![error.to_string()]),
        };
        told.items.insert(entry.node.0, one);
        if entry.origin.is_recovered() {
            told.recovered.insert(entry.node.0);
        }
    }
    told
}

/// What of `before` is missing in `after` without a word.
fn unsaid(before: &Told, after: &Told) -> Vec<String> {
    let mut unsaid = Vec::new();
    for (node, (extent, _)) in &before.items {
        let Some(extent) = extent.as_ref().filter(|_| !before.recovered.contains(node)) else { continue };
        match after.items.get(node) {
            None if after.of_file.len() <= before.of_file.len() => {
                unsaid.push(format!("{node:#x} is gone"));
            }
            Some((Some(now), told))
                if now.is_less_than(extent)
                    && told.is_empty()
                    && after.of_file.len() <= before.of_file.len() =>
            {
                unsaid.push(format!("{node:#x} had {extent:?} and has {now:?}"));
            }
            _ => {}
        }
    }
    unsaid
}

/// A page, or a block whose bytes are not encoded: where its content lies, and where its trailer.
struct Piece {
    what: &'static str,
    content: std::ops::Range<usize>,
    checked: std::ops::Range<usize>,
    sum_at: usize,
}

/// Everything in a file whose nonsense nobody but its reader can see.
fn pieces(image: &Image) -> Vec<Piece> {
    let (_, trailer, counts, width) = image.page();
    let word = image.word();
    let crc_at = if word == 4 { 8 } else { 4 };
    let mut pieces = Vec::new();
    for (tree, what) in [(Tree::Node, "NBT"), (Tree::Block, "BBT")] {
        for at in image.live_pages(tree) {
            let (count, size) =
                (image.get(at + counts, width) as usize, usize::from(image.data[at + counts + 2 * width]));
            let checked = at..at + trailer;
            // The entries that there are, and what is said of them.
            for content in [at..at + count * size, at + counts..at + counts + 2 * width + 2] {
                pieces.push(Piece { what, content, checked: checked.clone(), sum_at: at + trailer + crc_at });
            }
            if matches!(tree, Tree::Node) || image.data[at + counts + 2 * width + 1] > 0 {
                continue;
            }
            for entry in (0..count).map(|index| at + index * size) {
                let (bid, ib) = (image.get(entry, word), image.get(entry + word, word) as usize);
                let stored = image.get(entry + 2 * word, 2) as usize;
                let (trailer, align) = match image.format {
                    Format::Ansi => (12, 64),
                    Format::Unicode => (16, 64),
                    Format::Unicode4k => (24, 512),
                };
                let end = ib + (stored + trailer).next_multiple_of(align) - trailer;
                if bid & 2 == 2 && image.data[ib + 1] > 1 && image.data[ib] == 2 {
                    continue;
                }
                let what = if bid & 2 == 2 { "index block" } else { "data block" };
                let content = ib..ib + stored;
                pieces.push(Piece { what, content: content.clone(), checked: content, sum_at: end + crc_at });
            }
        }
    }
    pieces
}

/// The keys of all blocks.
fn blocks_of(image: &Image) -> HashSet<u64> {
    let (_, _, counts, width) = image.page();
    let word = image.word();
    let leaves =
        image.live_pages(Tree::Block).into_iter().filter(|at| image.data[at + counts + 2 * width + 1] == 0);
    leaves
        .flat_map(|at| {
            let (count, size) =
                (image.get(at + counts, width) as usize, usize::from(image.data[at + counts + 2 * width]));
            (0..count).map(move |index| image.get(at + index * size, word) & !1)
        })
        .collect()
}

/// Heaps begin so ([MS-PST] 2.3.1.2); what lies in them behind their maps and headers is text that anything may stand in.
fn is_heap(data: &[u8]) -> bool {
    data.len() > 12 && data[2] == 0xEC
}

fn check(name: &str, image: &Image, rounds: usize, seed: u64) -> usize {
    let sound = read(&image.open());
    let all = pieces(image);
    let bids = blocks_of(image);
    let plain = image.open().encryption() == Encryption::None;
    let of = |what: &str| all.iter().filter(|piece| piece.what == what).collect::<Vec<_>>();
    let (nodes, blocks, index) = (of("NBT"), of("BBT"), of("index block"));
    let heaps: Vec<&Piece> = all
        .iter()
        .filter(|piece| plain && piece.what == "data block" && is_heap(&image.data[piece.content.clone()]))
        .collect();
    let kinds: Vec<&Vec<&Piece>> =
        [&nodes, &blocks, &index, &heaps].into_iter().filter(|kind| !kind.is_empty()).collect();
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15 ^ seed);
    let mut failures = Vec::new();
    let started = Instant::now();
    for round in 0..rounds {
        let kind = kinds[numbers.below(kinds.len())];
        let piece = kind[numbers.below(kind.len())];
        let mut data = image.data.clone();
        let mut at = piece.content.start + numbers.below(piece.content.len());
        if piece.what == "data block" && numbers.below(2) == 0 {
            // The header of a heap, and of what lies in it first.
            at = piece.content.start + numbers.below(piece.content.len().min(40));
        }
        let old = data[at];
        let new = match numbers.below(4) {
            0 => old ^ 1 << numbers.below(8),
            1 => 0,
            2 => 0xFF,
            _ => numbers.below(256) as u8,
        };
        data[at] = new;
        // A block that is named instead of another is as good as the other.
        let within = (at - piece.content.start) / image.word() * image.word();
        let named = {
            let mut bytes = [0; 8];
            let place = piece.content.start + within;
            bytes[..image.word()].copy_from_slice(&data[place..place + image.word()]);
            u64::from_le_bytes(bytes)
        };
        if new == old || (piece.what != "BBT" && bids.contains(&(named & !1))) {
            continue;
        }
        let sum = crc(&data[piece.checked.clone()]);
        data[piece.sum_at..piece.sum_at + 4].copy_from_slice(&sum.to_le_bytes());
        let changed = Image::new(data, image.format);
        let what = format!(
            "{name}, round {round}: {} at {:#x}, byte {} of {} from {old:#x} to {new:#x}",
            piece.what,
            piece.content.start,
            at - piece.content.start,
            piece.content.len()
        );
        let begun = Instant::now();
        let source = std::sync::Arc::new(mailscope_pst::MemorySource(changed.data));
        // A file that is refused is told of.
        let Ok(file) = PstFile::from_source(source) else { continue };
        let found = unsaid(&sound, &read(&file));
        assert!(begun.elapsed() < Duration::from_secs(20), "{what} took {:?}", begun.elapsed());
        if !found.is_empty() {
            failures.push(format!("{what}: {}", found.join("; ")));
        }
    }
    eprintln!("{name}: {rounds} rounds, {} unsaid, {:?}", failures.len(), started.elapsed());
    failures.iter().for_each(|failure| eprintln!("  {failure}"));
    failures.len()
}

fn rounds(default: usize) -> usize {
    std::env::var("MAILSCOPE_MUTATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(default)
}

#[test]
fn written_files() {
    let mut unsaid = 0;
    for format in [Format::Unicode4k, Format::Unicode, Format::Ansi] {
        let variant = Variant { format, encryption: Encryption::None };
        let files = [
            ("tiny", Image::new(tiny(variant), format)),
            ("small", small(variant)),
            ("many", many(variant, 300)),
        ];
        for (name, image) in files {
            unsaid += check(&format!("{name} {format:?}"), &image, rounds(60), 1);
        }
    }
    assert_eq!(unsaid, 0);
}

#[test]
fn real_files() {
    let Some(folder) = corpus() else { return };
    let mut unsaid = 0;
    for (name, format) in [
        ("ost-4k-calendar.ost", Format::Unicode4k),
        ("mixed-items.pst", Format::Unicode),
        ("tika-body-types.pst", Format::Unicode),
        ("ost-unicode-ole.ost", Format::Unicode),
        ("recipients-200.pst", Format::Unicode),
    ] {
        let image = Image::new(fs::read(folder.join(name)).unwrap(), format);
        unsaid += check(name, &image, rounds(5), 2);
    }
    assert_eq!(unsaid, 0);
}
