//! Items that were deleted in their file and are still there.

use super::Bench;
use mailscope_pst::ndb::crc::crc;
use mailscope_pst::ndb::signature::signature;
use mailscope_pst::{BlockId, ByteIndex, NidType, NodeId, PstFile};
use std::path::Path;

const PAGE: usize = 512;
/// Where a page of a Unicode file has its count of entries, the size of one, its level and its trailer ([MS-PST] 2.2.2.7.7.1).
const COUNT: usize = 488;
const SIZE: usize = 490;
const LEVEL: usize = 491;
const TRAILER: usize = 496;

fn get(data: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(data[at..at + 8].try_into().unwrap())
}

/// Deletes an item of a small Unicode file as Outlook does: the pages of the node B-tree that name it are written anew without it,
/// and the old ones stay where they were. So that no row names the item either, the contents tables go with it.
fn delete(path: &Path, subject: &str) {
    let nodes: Vec<u64> = {
        let file = PstFile::open(path).unwrap();
        let mut reader = file.reader();
        let nodes: Vec<_> = reader.nodes().unwrap().into_iter().map(|node| node.nid).collect();
        let mut goes = |nid: &NodeId| match nid.kind() {
            NidType::ContentsTable => true,
            NidType::NormalMessage => reader.item(*nid).unwrap().subject == subject,
            _ => false,
        };
        nodes.into_iter().filter(|nid| goes(nid)).map(|nid| u64::from(nid.0)).collect()
    };
    assert!(nodes.len() >= 2, "{subject}");
    let mut data = std::fs::read(path).unwrap();
    for node in nodes {
        remove_entry(&mut data, NODES, node);
    }
    sign(&mut data);
    std::fs::write(path, data).unwrap();
}

/// Where the header names the roots of both B-trees.
const NODES: usize = 216;
const BLOCKS: usize = 232;

/// Writes the leaf of a tree that names `key` anew, at the end of the file.
fn remove_entry(data: &mut Vec<u8>, root: usize, key: u64) {
    // BREF: page id, then place. The root's is in the header.
    let mut reference = root;
    let leaf = loop {
        let page = get(data, reference + 8) as usize;
        let (count, size) = (usize::from(data[page + COUNT]), usize::from(data[page + SIZE]));
        if data[page + LEVEL] == 0 {
            break page;
        }
        let entries = (0..count).map(|index| page + index * size);
        reference = entries.take_while(|&at| get(data, at) & !1 <= key).last().unwrap() + 8;
    };
    let mut page = data[leaf..leaf + PAGE].to_vec();
    let (count, size) = (usize::from(page[COUNT]), usize::from(page[SIZE]));
    let index = (0..count).find(|index| get(&page, index * size) & !1 == key).unwrap();
    page.copy_within((index + 1) * size..count * size, index * size);
    page[COUNT] -= 1;

    let place = data.len().next_multiple_of(PAGE);
    let id = get(&page, TRAILER + 8) + 0x0010_0000;
    let sum = crc(&page[..TRAILER]);
    page[TRAILER + 2..TRAILER + 4]
        .copy_from_slice(&signature(ByteIndex(place as u64), BlockId(id)).to_le_bytes());
    page[TRAILER + 4..TRAILER + 8].copy_from_slice(&sum.to_le_bytes());
    page[TRAILER + 8..].copy_from_slice(&id.to_le_bytes());
    data.resize(place, 0);
    data.extend_from_slice(&page);
    data[reference..reference + 8].copy_from_slice(&id.to_le_bytes());
    data[reference + 8..reference + 16].copy_from_slice(&(place as u64).to_le_bytes());
    if reference != root {
        let branch = reference / PAGE * PAGE;
        let sum = crc(&data[branch..branch + TRAILER]);
        data[branch + TRAILER + 4..branch + TRAILER + 8].copy_from_slice(&sum.to_le_bytes());
    }
}

/// Makes the header say where the file ends, that something was written, and that all this is so.
fn sign(data: &mut [u8]) {
    let (end, unique) = (data.len() as u64, 40);
    data[184..192].copy_from_slice(&end.to_le_bytes());
    data[unique] = data[unique].wrapping_add(1);
    let (partial, full) = (crc(&data[8..8 + 471]), crc(&data[8..8 + 516]));
    data[4..8].copy_from_slice(&partial.to_le_bytes());
    data[524..528].copy_from_slice(&full.to_le_bytes());
}

#[test]
fn a_deleted_item_is_recovered_by_a_first_import() {
    let bench = Bench::new();
    let path = bench.numbered("mail.pst", 5);
    delete(&path, "Message 2");
    let job = bench.import_well(&path);
    assert_eq!((job.account.expected, job.account.items, job.account.recovered), (4, 4, 1));
    assert_eq!((job.new, job.updated, job.removed), (4, 0, 0));
    let found = bench.find("number2");
    assert_eq!(found.total, 1);
    assert!(found.hits[0].row.recovered && !found.hits[0].row.gone);
    let shown = bench.library().show(found.hits[0].row.id, &[], None).unwrap();
    assert_eq!(shown.away, None);
    assert!(shown.facts.certainty.is_some());
    assert!(bench.library().live_item(&shown).unwrap().text.contains("number2"));
}

#[test]
fn what_is_deleted_between_two_imports_stays_and_is_told() {
    let mut bench = Bench::new();
    let path = bench.numbered("mail.pst", 5);
    bench.import_well(&path);
    delete(&path, "Message 2");
    let job = bench.import_well(&path);
    assert_eq!((job.account.expected, job.account.items, job.account.recovered), (4, 4, 1));
    assert_eq!((job.new, job.updated, job.removed, job.unchanged), (0, 0, 1, 4));
    assert!(bench.find("number2").hits[0].row.recovered);
    assert_eq!(bench.account().items, 4);
    assert_eq!(bench.library().verify(false).unwrap().problems, []);

    // Nothing changed since: what was recovered is still known, without being looked for.
    bench.open();
    let again = bench.import_well(&path);
    assert_eq!((again.account.items, again.account.recovered, again.unchanged), (4, 1, 4));
    assert_eq!((again.removed, again.planned), (0, 0));

    // Without the old page nothing can be recovered; what the library holds of it stays.
    let data = std::fs::read(&path).unwrap();
    std::fs::write(&path, without_old_pages(data)).unwrap();
    let last = bench.import_well(&path);
    assert_eq!((last.account.items, last.account.recovered, last.removed), (4, 0, 0));
    assert!(bench.find("number2").hits[0].row.gone);
    assert_eq!(bench.library().verify(false).unwrap().problems, []);
}

/// Blanks the pages of the node B-tree that are out of use.
fn without_old_pages(mut data: Vec<u8>) -> Vec<u8> {
    let mut used = vec![get(&data, 224) as usize];
    let mut at = 0;
    while let Some(&page) = used.get(at) {
        if data[page + LEVEL] > 0 {
            let (count, size) = (usize::from(data[page + COUNT]), usize::from(data[page + SIZE]));
            used.extend((0..count).map(|index| get(&data, page + index * size + 16) as usize));
        }
        at += 1;
    }
    for page in (0..data.len()).step_by(PAGE).filter(|page| !used.contains(page)) {
        // ptypeNBT, twice.
        if data[page + TRAILER] == 0x81 && data[page + TRAILER + 1] == 0x81 {
            data[page..page + PAGE].fill(0);
        }
    }
    sign(&mut data);
    data
}

#[test]
fn what_only_its_blocks_tell_of_is_recovered_once() {
    let bench = Bench::new();
    let path = bench.numbered("mail.pst", 5);
    bench.import_well(&path);
    let entry = {
        let file = PstFile::open(&path).unwrap();
        let mut reader = file.reader();
        let census = reader.census().unwrap();
        let mut is_it =
            |entry: &&mailscope_pst::ItemEntry| reader.item(*entry).unwrap().subject == "Message 2";
        *census.items.iter().find(&mut is_it).unwrap()
    };
    delete(&path, "Message 2");
    let mut data = without_old_pages(std::fs::read(&path).unwrap());
    for block in [entry.data, entry.sub] {
        remove_entry(&mut data, BLOCKS, block.0 & !1);
    }
    sign(&mut data);
    std::fs::write(&path, &data).unwrap();

    // The library read it when it still had a name, and holds more of it.
    let job = bench.import_well(&path);
    assert_eq!((job.account.items, job.account.recovered, job.removed), (4, 0, 1));
    let found = bench.find("number2");
    assert!(found.total == 1 && found.hits[0].row.gone && !found.hits[0].row.recovered);
    assert_eq!(bench.library().verify(false).unwrap().problems, []);

    // Another has never heard of it.
    let mut other = Bench::new();
    let copy = other.path("copy.pst");
    std::fs::write(&copy, &data).unwrap();
    for again in [false, true] {
        let job = other.import_well(&copy);
        assert_eq!((job.account.expected, job.account.items, job.account.recovered), (4, 4, 1));
        let found = other.find("number2");
        assert!(found.total == 1 && found.hits[0].row.recovered, "again: {again}");
        let shown = other.library().show(found.hits[0].row.id, &[], None).unwrap();
        assert_eq!(shown.facts.certainty, Some(mailscope_engine::Certainty::Carved));
        assert_eq!(shown.away, None);
        // A later state, which is looked through again.
        sign(&mut data);
        std::fs::write(&copy, &data).unwrap();
        other.open();
    }
}
