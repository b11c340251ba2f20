//! Files that are opened to read some items: soon, and as thoroughly as if all of them were gone through.

use super::Bench;
use mailscope_engine::source::{self, Entry, OpenSource, Opening};
use std::path::Path;

const PAGE: usize = 512;
/// BTPAGE.cLevel and PAGETRAILER.ptype of Unicode files ([MS-PST] 2.2.2.7.7.1, 2.2.2.7.1).
const LEVEL: usize = 491;
const PTYPE: usize = 496;

/// Where the leaves of a tree lie in a file, by the type of its pages.
fn leaves(data: &[u8], ptype: u8) -> Vec<usize> {
    let pages = data.chunks_exact(PAGE).enumerate();
    let leaves = pages
        .filter(|(_, page)| page[PTYPE] == ptype && page[PTYPE + 1] == ptype && page[LEVEL] == 0)
        .map(|(number, _)| number * PAGE);
    leaves.collect()
}

fn told(source: &dyn OpenSource, entry: &Entry) -> String {
    let mut reader = source.reader(1 << 20);
    let unchanged = reader.is_unchanged(entry.key, entry.version);
    let mut content = Vec::new();
    let attached = match reader.detail(entry.key, entry.version, &[]) {
        Ok(detail) => {
            let facts = detail.item.as_ref().and_then(|item| item.attachments.first());
            facts.map(|facts| reader.attachment(entry.key, &facts.path, &mut content))
        }
        Err(_) => None,
    };
    format!("{unchanged:?} {:?} {attached:?} {content:?}", reader.detail(entry.key, entry.version, &[]))
}

/// Reads every item both ways; gives what the quick way had read of the file after the first item, and at the end, in bytes.
fn check(path: &Path, what: &str) -> [u64; 2] {
    let whole = source::open(path, Opening::Whole).unwrap();
    let plan = whole.plan(false).unwrap();
    assert!(plan.entries.len() > 300, "{what}");
    let quick = source::open(path, Opening::Items).unwrap();
    let mut first = None;
    for entry in &plan.entries {
        assert_eq!(told(quick.as_ref(), entry), told(whole.as_ref(), entry), "{what}: {:#x}", entry.key);
        first.get_or_insert_with(|| quick.bytes_read());
    }
    [first.unwrap(), quick.bytes_read()]
}

#[test]
fn few_items_take_little_of_a_file_and_broken_pages_cost_none() {
    let bench = Bench::new();
    let path = bench.numbered("mail.pst", 400);
    let data = std::fs::read(&path).unwrap();
    let size = data.len() as u64;
    let [first, _] = check(&path, "whole");
    assert!(first < size / 4, "{first} of {size} bytes for one item");
    for (tree, ptype) in [("blocks", 0x80), ("nodes", 0x81)] {
        let leaves = leaves(&data, ptype);
        assert!(leaves.len() > 4, "{tree}: {} leaves", leaves.len());
        for leaf in [leaves.len() / 3, leaves.len() / 2] {
            let mut broken = data.clone();
            broken[leaves[leaf]..leaves[leaf] + 64].fill(0xEE);
            std::fs::write(&path, &broken).unwrap();
            let [_, all] = check(&path, &format!("leaf {leaf} of the {tree}"));
            assert!(all > size, "leaf {leaf} of the {tree}: the trees were not gone through");
        }
    }
}
