//! Files that are opened to read some items: soon, and as thoroughly as if all of them were gone through.

use super::Bench;
use mailscope_engine::source::{self, Entry, OpenSource, Opening, Stop};
use mailscope_pst::write::{Content, NewAttachment, NewMessage, Options, PstWriter};
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
    let whole = source::open(path, Opening::Whole, Stop::never()).unwrap();
    let plan = whole.plan(false).unwrap();
    assert!(plan.entries.len() > 100, "{what}");
    let quick = source::open(path, Opening::Items, Stop::never()).unwrap();
    let mut first = None;
    for entry in &plan.entries {
        assert_eq!(told(quick.as_ref(), entry), told(whole.as_ref(), entry), "{what}: {:#x}", entry.key);
        first.get_or_insert_with(|| quick.bytes_read());
    }
    [first.unwrap(), quick.bytes_read()]
}

/// Mail with a picture that its text shows, and a file that takes several blocks.
fn write_illustrated(path: &Path, count: usize) {
    let mut writer = PstWriter::create(path, Options::default()).unwrap();
    let inbox = writer.add_folder(writer.top(), "Inbox").unwrap();
    for n in 0..count {
        let bytes =
            |salt: usize, size: usize| Content::Bytes((0..size).map(|at| (at * salt + n) as u8).collect());
        let attachment = |name: &str, content, content_id: Option<&str>| NewAttachment {
            name: name.into(),
            mime: if content_id.is_some() { "image/png".into() } else { "application/x-bytes".into() },
            content,
            content_id: content_id.map(Into::into),
            ..NewAttachment::default()
        };
        let message = NewMessage {
            subject: format!("Message {n}"),
            html: Some(format!("<p>Number {n}</p><img src=\"cid:picture\">").into_bytes()),
            attachments: vec![
                attachment("long.bin", bytes(7, 20_000), None),
                attachment("picture.png", bytes(3, 5_000), Some("picture")),
            ],
            ..NewMessage::default()
        };
        writer.add_message(inbox, &message).unwrap();
    }
    writer.finish().unwrap();
}

#[test]
fn few_items_take_little_of_a_file_and_broken_pages_cost_none() {
    let bench = Bench::new();
    let path = bench.path("mail.pst");
    write_illustrated(&path, 120);
    let data = std::fs::read(&path).unwrap();
    let size = data.len() as u64;
    let [first, all] = check(&path, "whole");
    assert!(first < size / 8, "{first} of {size} bytes for one item");
    for (tree, ptype) in [("blocks", 0x80), ("nodes", 0x81)] {
        let leaves = leaves(&data, ptype);
        assert!(leaves.len() > 6, "{tree}: {} leaves", leaves.len());
        let mut gone_through = 0;
        // Some entries, or all.
        for (part, length) in [(1, 64), (2, 488), (3, 64), (4, 488), (5, 488), (6, 488)] {
            let leaf = leaves[leaves.len() * part / 8];
            let mut broken = data.clone();
            broken[leaf..leaf + length].fill(0xEE);
            std::fs::write(&path, &broken).unwrap();
            let [_, more] = check(&path, &format!("{length} bytes of the {tree} at {leaf}"));
            gone_through += u32::from(more > all + size / 2);
        }
        // Of items whose nodes are lost there are rows, one way or the other.
        assert!(tree == "nodes" || gone_through == 6, "the file was gone through {gone_through} times");
    }
}
