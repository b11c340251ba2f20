//! Deleted items: a B-tree page is written anew without an entry, as Outlook does it, and the old page stays behind.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::sync::Arc;

use common::image::{Image, Tree};
use common::{corpus, read_whole, tiny};
use mailscope_pst::write::sample::write_sample;
use mailscope_pst::write::small::{Variant, write_many, write_small};
use mailscope_pst::{
    Census, CensusOptions, Certainty, Consequence, Encryption, Fault, Format, MemorySource, NidType, NodeId,
    Origin, PstFile,
};

const RECOVER: CensusOptions = CensusOptions { recover: true };

fn written(variant: Variant) -> (Image, Census) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.pst");
    write_small(&path, variant).unwrap();
    let image = Image::new(std::fs::read(&path).unwrap(), variant.format);
    let census = image.open().reader().census().unwrap();
    (image, census)
}

fn sums_agree(census: &Census) {
    let sum = |count: fn(&mailscope_pst::Folder) -> u32| -> u64 {
        census.folders.iter().map(|folder| u64::from(count(folder))).sum()
    };
    assert_eq!(sum(|folder| folder.expected), census.expected());
    assert_eq!(sum(|folder| folder.recovered), census.recovered());
    assert!(census.items.is_sorted_by(|a, b| a.node < b.node), "each item is counted once");
}

/// Without the contents table of its folder no row names the item any more.
fn without_table(image: &mut Image, census: &Census, node: NodeId) {
    let home = census.items.iter().find(|item| item.node == node).unwrap().folder;
    image.drop_node(home.with_kind(NidType::ContentsTable));
    image.drop_node(node);
}

fn item_of(census: &Census, index: usize) -> mailscope_pst::ItemEntry {
    *census.items.iter().filter(|item| !item.hidden).nth(index).unwrap()
}

#[test]
fn what_is_deleted_comes_back() {
    for variant in Variant::all() {
        let (whole, before) = written(variant);
        for index in 0..before.expected() as usize {
            let lost = item_of(&before, index);
            let want = read_whole(&mut whole.open().reader(), &lost, u64::MAX);
            // Its node is gone; its blocks too; the pages that named them are overwritten as well.
            for steps in 0..3 {
                let mut image = Image::new(whole.data.clone(), whole.format);
                without_table(&mut image, &before, lost.node);
                if steps > 0 {
                    image.drop_entry(Tree::Block, lost.data.key());
                    if !lost.sub.is_none() {
                        image.drop_entry(Tree::Block, lost.sub.key());
                    }
                }
                if steps > 1 {
                    assert!(image.wipe_old_pages(Tree::Block) > 0);
                }
                let file = image.open();
                let mut reader = file.reader();
                assert!(reader.item(lost.node).is_err(), "nothing is recovered unasked");
                let census = reader.census_with(RECOVER).unwrap();
                sums_agree(&census);
                assert_eq!(
                    (census.expected(), census.recovered()),
                    (before.expected() - 1, 1),
                    "{variant:?}"
                );
                let found = census.items.iter().find(|item| item.node == lost.node).unwrap();
                assert_eq!(found.origin, Origin::Recovered { certainty: Certainty::Certain }, "{variant:?}");
                assert_eq!((found.folder, found.data, found.sub), (lost.folder, lost.data, lost.sub));
                assert_eq!(read_whole(&mut reader, found, u64::MAX), want, "{variant:?}, item {index}");
                assert_eq!(file.recovery().unwrap().gone, 0);
            }
        }
    }
}

#[test]
fn rows_without_a_node_become_readable() {
    let (mut image, before) = written(Variant::default());
    let lost = item_of(&before, 0);
    image.drop_node(lost.node);
    let file = image.open();
    let mut reader = file.reader();
    assert!(reader.census().unwrap().items.iter().any(|item| item.origin == Origin::RowOnly));
    assert!(reader.item(lost.node).unwrap().from_row, "no more is looked for unasked");
    let census = reader.census_with(RECOVER).unwrap();
    sums_agree(&census);
    assert_eq!((census.expected(), census.recovered()), (before.expected(), 0));
    let entry = census.items.iter().find(|item| item.node == lost.node).unwrap();
    assert_eq!((entry.origin, entry.data), (Origin::RowOnly, lost.data));
    let home = census.folders.iter().find(|folder| folder.id == entry.folder).unwrap();
    let rows = home.anomalies.iter().find(|anomaly| anomaly.fault == Fault::RowsWithoutNode(1)).unwrap();
    assert_eq!(rows.consequence, Consequence::Repaired, "nothing is lost of it");
    let item = reader.item(entry).unwrap();
    assert_eq!((item.node, item.from_row), (lost.node, false));
}

#[test]
fn damage_lowers_the_certainty() {
    let variant = Variant { format: Format::Unicode, encryption: Encryption::None };
    let (whole, before) = written(variant);
    // The message with attachments of many sizes has sub-nodes of its own.
    let lost = item_of(&before, 4);
    let other = item_of(&before, 0);
    let check = |damage: &dyn Fn(&mut Image), want: Option<Certainty>| {
        // Known by the pages that named them, or by what is left of themselves.
        for wiped in [false, true] {
            let mut image = Image::new(whole.data.clone(), whole.format);
            damage(&mut image);
            without_table(&mut image, &before, lost.node);
            image.drop_entry(Tree::Block, lost.data.key());
            image.drop_entry(Tree::Block, lost.sub.key());
            if wiped {
                image.wipe_old_pages(Tree::Block);
            }
            let file = image.open();
            let found = file.recovery().unwrap();
            let certainty = found.items.first().map(|item| item.certainty);
            assert_eq!((certainty, found.gone), (want, u64::from(want.is_none())), "wiped: {wiped}");
            assert_eq!(file.reader().census_with(RECOVER).unwrap().expected(), before.expected() - 1);
        }
    };
    check(&|_| {}, Some(Certainty::Certain));
    // The last bytes of the sub-node block's data: an entry points elsewhere.
    let flip = |image: &mut Image, block, from_end: usize| {
        let (at, size) = image.block(block);
        image.data[at + size - from_end] ^= 0x40;
    };
    check(&|image| flip(image, lost.sub, 1), Some(Certainty::Partial));
    // Some text in the heap changes.
    check(&|image| flip(image, lost.data, image.block(lost.data).1 / 2), Some(Certainty::Doubtful));
    check(
        &|image| {
            let ((at, size), (from, other_size)) = (image.block(lost.data), image.block(other.data));
            let room = (size.max(other_size) + 16).next_multiple_of(64);
            let of = image.data[from..from + room].to_vec();
            image.data[at..at + room].copy_from_slice(&of);
        },
        None,
    );
    check(
        &|image| {
            let (at, size) = image.block(lost.data);
            image.data[at..(at + size + 16).next_multiple_of(64)].fill(0);
        },
        None,
    );
}

/// The same message under two nodes, one of them deleted, is found once.
#[test]
fn copies_of_living_items_are_left_out() {
    let (whole, before) = written(Variant::default());
    let (kept, lost) = (item_of(&before, 0), item_of(&before, 1));
    let mut image = Image::new(whole.data.clone(), whole.format);
    // Before it was deleted, the node had the blocks of the other.
    let (references, entry) = image.find(Tree::Node, lost.node.0.into());
    image.set(entry + 8, 8, kept.data.0);
    image.set(entry + 16, 8, kept.sub.0);
    let leaf = image.get(references.last().unwrap() + 8, 8) as usize;
    let id = image.get(leaf + 496 + 8, 8);
    image.seal(leaf, id);
    without_table(&mut image, &before, lost.node);
    let file = image.open();
    let found = file.recovery().unwrap();
    assert_eq!((found.items.len(), found.duplicates, found.gone), (0, 1, 0));
}

#[test]
fn sound_files_hold_nothing_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.pst");
    let check = |what: &str| {
        let file = PstFile::open(&path).unwrap();
        let mut reader = file.reader();
        let (plain, full) = (reader.census().unwrap(), reader.census_with(RECOVER).unwrap());
        assert_eq!(plain, full, "{what}");
        assert_eq!(*file.recovery().unwrap(), mailscope_pst::Recovery::default(), "{what}");
    };
    for variant in Variant::all() {
        write_small(&path, variant).unwrap();
        check(&format!("{variant:?}"));
    }
    for format in [Format::Unicode, Format::Ansi, Format::Unicode4k] {
        write_many(&path, Variant { format, ..Variant::default() }, 2_000).unwrap();
        check(&format!("{format:?}"));
    }
    write_sample(&path).unwrap();
    check("sample");
}

/// Nodes that a scan gave because a page is broken say so.
#[test]
fn salvaged_nodes_are_told_apart() {
    let (mut image, before) = written(Variant::default());
    assert!(before.items.iter().all(|item| !item.salvaged));
    let lost = item_of(&before, 0);
    // The new leaf breaks; the old one, which still has the entry, lies behind it.
    let (references, _) = image.find(Tree::Node, lost.node.0.into());
    let old = image.get(references.last().unwrap() + 8, 8) as usize;
    image.drop_node(lost.node);
    let new = image.data.len() - 512;
    assert_ne!(old, new);
    image.data[new..].fill(0xAA);
    let census = image.open().reader().census_with(RECOVER).unwrap();
    let entry = census.items.iter().find(|item| item.node == lost.node).unwrap();
    assert!(entry.salvaged && !entry.origin.is_recovered());
    assert_eq!((census.expected(), census.recovered()), (before.expected(), 0));
}

/// Whatever became of what is left of deleted items: they are found with less certainty or not at all, and the sums
/// agree.
#[test]
fn damaged_remains_are_survived() {
    for variant in Variant::all() {
        let mut image = Image::new(tiny(variant), variant.format);
        let before = image.open().reader().census().unwrap();
        let used = image.data.len();
        for index in 0..before.expected() as usize {
            let lost = item_of(&before, index);
            if index == 0 {
                image.drop_node(lost.folder.with_kind(NidType::ContentsTable));
            }
            image.drop_node(lost.node);
            image.drop_entry(Tree::Block, lost.data.key());
        }
        let whole = image.open();
        assert_eq!(whole.recovery().unwrap().items.len() as u64, before.expected(), "{variant:?}");
        // xorshift64
        let mut state = 0x9E37_79B9_7F4A_7C15u64;
        let mut below = |limit: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % limit as u64) as usize
        };
        let mut found = [0usize; 4];
        for round in 0..150 {
            let mut damaged = Image::new(image.data.clone(), image.format);
            for _ in 0..1 + round / 2 {
                let (at, value) = (below(used - 0x4800) + 0x4800, below(256) as u8);
                damaged.data[at] = value;
            }
            let source = Arc::new(MemorySource(damaged.data));
            let Ok(file) = PstFile::from_source(source) else { continue };
            let mut reader = file.reader();
            let census = reader.census_with(RECOVER).unwrap();
            sums_agree(&census);
            for entry in census.items.iter().filter(|entry| entry.origin.is_recovered()) {
                let Origin::Recovered { certainty } = entry.origin else { continue };
                found[certainty as usize] += 1;
                let outcome = read_whole(&mut reader, entry, 1 << 20);
                assert!(certainty < Certainty::Certain || outcome.failures.is_empty(), "{variant:?} {round}");
            }
        }
        // What is carved has lost its pages, which this seldom does.
        assert!(found[1..].iter().all(|&count| count > 0), "{variant:?}: {found:?}");
    }
}

/// What turns up in real files, by number.
#[test]
fn real_files() {
    let Some(folder) = corpus() else { return };
    for (name, items, partial, carved, gone) in [
        ("damaged-header-crc.pst", 1, 0, 0, 0),
        ("series-1.pst", 0, 0, 0, 0),
        ("series-2.pst", 1, 1, 0, 1),
        ("series-3.pst", 1, 0, 1, 0),
        ("series-4.pst", 0, 0, 0, 0),
        ("ost-unicode-ole.ost", 3, 0, 3, 1),
        ("ost-4k-calendar.ost", 0, 0, 0, 0),
        ("passworded-reports.pst", 0, 0, 0, 0),
        ("dist-list.pst", 0, 0, 0, 0),
        ("enron.pst", 0, 0, 0, 0),
    ] {
        let file = PstFile::open(folder.join(name)).unwrap();
        let mut reader = file.reader();
        let before = reader.census().unwrap();
        let census = reader.census_with(RECOVER).unwrap();
        sums_agree(&census);
        assert_eq!(census.expected(), before.expected(), "{name}");
        let recovery = file.recovery().unwrap();
        let sure = |wanted| recovery.items.iter().filter(|item| item.certainty == wanted).count();
        let found = (sure(Certainty::Partial), sure(Certainty::Carved), recovery.gone);
        assert_eq!((recovery.items.len(), found), (items, (partial, carved, gone)), "{name}");
        for item in &recovery.items {
            assert!(reader.item(item.node.nid).is_ok(), "{name}");
        }
    }
}

/// All that an item says, apart from the id of its node.
fn told(reader: &mut mailscope_pst::Reader<'_>, node: NodeId) -> String {
    let mut item = reader.item(node).unwrap();
    item.node = NodeId(0);
    let bodies = reader.bodies(node, 1 << 24).unwrap();
    let mut out = format!("{item:?} {bodies:?} {:?}", reader.properties(node, 1 << 12).unwrap());
    for attachment in &item.attachments {
        let mut content = Vec::new();
        if let Ok(mut from) = reader.attachment(node, &attachment.path) {
            std::io::Read::read_to_end(&mut from, &mut content).unwrap();
        }
        out.push_str(&format!("{} {:08x}", content.len(), mailscope_pst::ndb::crc::crc(&content)));
    }
    out
}

/// No page names the item, and no page its blocks: they say themselves what they are.
#[test]
fn blocks_alone_tell_of_items() {
    for variant in Variant::all() {
        let (whole, before) = written(variant);
        for index in 0..before.expected() as usize {
            let lost = item_of(&before, index);
            let what = format!("{variant:?}, item {index}");
            let want = told(&mut whole.open().reader(), lost.node);
            let mut image = Image::new(whole.data.clone(), whole.format);
            without_table(&mut image, &before, lost.node);
            image.drop_entry(Tree::Block, lost.data.key());
            if !lost.sub.is_none() {
                image.drop_entry(Tree::Block, lost.sub.key());
            }
            assert!(image.wipe_old_pages(Tree::Block) > 0 && image.wipe_old_pages(Tree::Node) > 0);
            let file = image.open();
            let mut reader = file.reader();
            let census = reader.census_with(RECOVER).unwrap();
            sums_agree(&census);
            assert_eq!((census.expected(), census.recovered()), (before.expected() - 1, 1), "{what}");
            let found = census.items.iter().find(|item| item.origin.is_recovered()).unwrap();
            assert_eq!(found.origin, Origin::Recovered { certainty: Certainty::Carved }, "{what}");
            assert_eq!((found.folder, found.data, found.sub), (Census::RECOVERED, lost.data, lost.sub));
            assert_eq!(told(&mut reader, found.node), want, "{what}");
            assert!(before.items.iter().all(|item| item.node != found.node), "{what}");
            if index == 0 {
                let (once, again) = (file.recovery().unwrap(), image.open());
                assert_eq!(again.recovery().unwrap(), once, "its id is the same every time");
            }
        }
    }
}

/// A page of the node B-tree is broken, and there is no older copy: the blocks that nothing names are in use by the
/// other tree, and rows of the contents table say whose they were.
#[test]
fn a_broken_page_of_nodes_costs_nothing() {
    for variant in Variant::all() {
        let (whole, before) = written(variant);
        let file = whole.open();
        let mut sound = file.reader();
        let mut image = Image::new(whole.data.clone(), whole.format);
        let lost = item_of(&before, 0);
        let (references, _) = image.find(Tree::Node, lost.node.0.into());
        let (size, ..) = image.page();
        let leaf = image.get(references.last().unwrap() + image.word(), image.word()) as usize;
        if references.len() < 2 {
            // A tree of one page is the whole tree.
            continue;
        }
        image.data[leaf..leaf + size].fill(0xAA);
        let file = image.open();
        let mut reader = file.reader();
        let rows = reader.census().unwrap();
        let named = |census: &Census| {
            census.items.iter().filter(|item| !item.hidden && !item.origin.is_recovered()).count()
        };
        assert_eq!(named(&rows), named(&before), "{variant:?}");
        assert!(rows.items.iter().any(|item| item.origin == Origin::RowOnly), "{variant:?}");
        let census = reader.census_with(RECOVER).unwrap();
        sums_agree(&census);
        assert_eq!((census.expected(), census.recovered()), (before.expected(), 0), "{variant:?}");
        for item in before.items.iter().filter(|item| !item.hidden) {
            assert!(!reader.item(item.node).unwrap().from_row, "{variant:?} {}", item.node);
            assert_eq!(
                told(&mut reader, item.node),
                told(&mut sound, item.node),
                "{variant:?} {}",
                item.node
            );
        }
    }
}

/// A former state of an item that is there is none that was deleted.
#[test]
fn former_states_are_left_out() {
    let variant = Variant { format: Format::Unicode, encryption: Encryption::None };
    let (whole, before) = written(variant);
    let (kept, lost) = (item_of(&before, 0), item_of(&before, 1));
    let key = |image: &Image, node| {
        let file = image.open();
        let properties = file.reader().properties(node, 64).unwrap();
        let key = properties.into_iter().find(|property| property.id == 0x300B).unwrap().value.unwrap();
        let mailscope_pst::Value::Binary { data, .. } = key else { panic!("PidTagSearchKey is binary") };
        data
    };
    let (of_kept, of_lost) = (key(&whole, kept.node), key(&whole, lost.node));
    let mut image = Image::new(whole.data.clone(), whole.format);
    // Where the next allocation map would lie, nothing is looked for.
    image.data.resize(image.data.len() + 1024, 0);
    image.edit(lost.data, |bytes| {
        let at = bytes.windows(of_lost.len()).position(|part| part == of_lost).unwrap();
        bytes[at..at + of_lost.len()].copy_from_slice(&of_kept);
    });
    without_table(&mut image, &before, lost.node);
    image.drop_entry(Tree::Block, lost.data.key());
    image.wipe_old_pages(Tree::Block);
    image.wipe_old_pages(Tree::Node);
    // What is left of it at its old place has the key that it had.
    let (at, size) = whole.block(lost.data);
    image.data[at..at + size].fill(0);
    let file = image.open();
    let recovery = file.recovery().unwrap();
    assert_eq!((recovery.items.len(), recovery.duplicates), (0, 1));
}
