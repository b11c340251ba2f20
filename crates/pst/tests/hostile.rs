//! Files made to do harm: structures that refer to themselves, folders nested without end, bombs. Each is read in
//! little time and memory.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::collections::HashSet;
use std::io::{Cursor, Read};

use common::image::{Image, Tree};
use common::read_whole;
use mailscope_pst::write::small::{Variant, write_many, write_small};
use mailscope_pst::write::{NewMessage, PstWriter};
use mailscope_pst::{BlockId, CensusOptions, Encryption, Folder, Format, NidType, NodeId};

const PLAIN: Variant = Variant { format: Format::Unicode, encryption: Encryption::None };

fn many(count: usize) -> Image {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.pst");
    write_many(&path, PLAIN, count).unwrap();
    Image::new(std::fs::read(&path).unwrap(), Format::Unicode)
}

/// Reads all that a file gives; how many items it names, and how many of them are read whole.
fn survey(image: &Image) -> (u64, usize) {
    let file = image.open();
    let mut reader = file.reader();
    let census = reader.census_with(CensusOptions { recover: true }).unwrap();
    let sum: u64 = census.folders.iter().map(|folder| u64::from(folder.expected)).sum();
    assert_eq!(sum, census.expected(), "the sums agree");
    let whole =
        census.items.iter().filter(|entry| read_whole(&mut reader, entry, 1 << 24).failures.is_empty());
    (census.expected(), whole.count())
}

/// Pages of each tree that name themselves, their parents or each other as children.
#[test]
fn trees_that_refer_to_themselves() {
    let sound = many(400);
    assert_eq!(survey(&sound), (400, 400));
    for tree in [Tree::Node, Tree::Block] {
        let key = if matches!(tree, Tree::Node) { 0x20_0024 } else { 0x4 };
        let (references, _) = sound.find(tree, key);
        assert!(references.len() > 1, "the tree has branches");
        let place = |image: &Image, at: usize| image.get(at + 8, 8);
        for (from, to) in [(1, 0), (references.len() - 1, 0), (references.len() - 1, references.len() - 1)] {
            let mut image = Image::new(sound.data.clone(), sound.format);
            // This child is that page instead, whose level and range are wrong for it.
            let target = place(&image, references[to]);
            image.set(references[from] + 8, 8, target);
            let (expected, whole) = survey(&image);
            assert!(expected >= 380 && whole >= 300, "{whole} of {expected}");
        }
        // All children of the root are the same page.
        let mut image = Image::new(sound.data.clone(), sound.format);
        let root = place(&image, references[0]) as usize;
        let count = usize::from(image.data[root + 488]);
        let child: Vec<u8> = image.data[root + 8..root + 24].to_vec();
        for index in 0..count {
            image.data[root + index * 24 + 8..root + index * 24 + 24].copy_from_slice(&child);
        }
        survey(&image);
    }
}

/// Folders that contain each other, all of them.
#[test]
fn folders_in_a_ring() {
    let mut writer = PstWriter::new(Cursor::new(Vec::new()), PLAIN.options()).unwrap();
    let mut nodes = Vec::new();
    for number in 0..200 {
        let folder = writer.add_folder(writer.top(), &format!("Ring {number}")).unwrap();
        writer.add_message(folder, &NewMessage { subject: "in it".into(), ..NewMessage::default() }).unwrap();
        nodes.push(writer.node_of(folder).unwrap());
    }
    let mut image = Image::new(writer.finish().unwrap().into_inner(), Format::Unicode);
    for (number, &node) in nodes.iter().enumerate() {
        let [data, sub, _] = image.node(node);
        image.set_node(node, [data, sub, nodes[(number + 1) % nodes.len()].0.into()]);
    }
    assert_eq!(survey(&image), (200, 200));
    let census = image.open().reader().census().unwrap();
    let mut seen = HashSet::new();
    for folder in &census.folders {
        assert!(folder.parent.is_none_or(|parent| seen.contains(&parent)), "parents come first");
        assert!(seen.insert(folder.id), "each comes once");
    }
}

/// Thousands of folders, each in the one before: paths stay short, and parents lead through all of them.
#[test]
fn folders_nested_without_end() {
    const DEPTH: usize = 3000;
    let mut writer = PstWriter::new(Cursor::new(Vec::new()), PLAIN.options()).unwrap();
    let mut folder = writer.top();
    for number in 0..DEPTH {
        folder = writer.add_folder(folder, &format!("Level {number}")).unwrap();
    }
    writer.add_message(folder, &NewMessage { subject: "deep".into(), ..NewMessage::default() }).unwrap();
    let image = Image::new(writer.finish().unwrap().into_inner(), Format::Unicode);
    assert_eq!(survey(&image), (1, 1));
    let census = image.open().reader().census().unwrap();
    let names: usize = census.folders.iter().map(|folder| folder.path.len()).sum();
    assert!(names <= census.folders.len() * Folder::DEEPEST_PATH);
    let deepest = census.folders.iter().find(|folder| folder.expected == 1).unwrap();
    assert_eq!(deepest.path.len(), Folder::DEEPEST_PATH);
    assert_eq!(deepest.path.last().map(|name| &**name), Some(format!("Level {}", DEPTH - 1).as_str()));
    assert_eq!(deepest.path.iter().filter(|name| &***name == "…").count(), 1);
    let (mut at, mut depth) = (deepest, 1);
    while let Some(parent) = at.parent {
        at = census.folders.iter().find(|folder| folder.id == parent).unwrap();
        depth += 1;
    }
    // The root and the top are above.
    assert_eq!(depth, DEPTH + 2);
    let shallow = census.folders.iter().find(|folder| folder.name == "Level 50").unwrap();
    assert_eq!(shallow.path.len(), 52, "a path of ordinary length is whole");
}

/// A value whose tree names one block thousands of times, and one that a small file inflates.
#[test]
fn values_larger_than_their_file() {
    let body = "line of text\r\n".repeat(3000);
    let mut writer = PstWriter::new(Cursor::new(Vec::new()), PLAIN.options()).unwrap();
    let folder = writer.add_folder(writer.top(), "Case").unwrap();
    let message = NewMessage { text: Some(body), subject: "many times".into(), ..NewMessage::default() };
    let node = writer.add_message(folder, &message).unwrap();
    let mut image = Image::new(writer.finish().unwrap().into_inner(), Format::Unicode);
    let leaf = image.bytes(BlockId(image.node(node)[1]));
    let (_, value) = image.property(node, 0x1000);
    let entry = (8..leaf.len()).step_by(24).find(|&at| leaf[at..at + 4] == value.to_le_bytes()).unwrap();
    let tree = BlockId(u64::from_le_bytes(leaf[entry + 8..entry + 16].try_into().unwrap()));
    image.edit(tree, |bytes| {
        let block: Vec<u8> = bytes[8..16].to_vec();
        bytes.truncate(8);
        bytes.extend(block.repeat(1020));
        bytes[2..4].copy_from_slice(&1020u16.to_le_bytes());
        bytes[4..8].fill(0xFF);
    });
    let file = image.open();
    let bodies = file.reader().bodies(node, 1 << 20).unwrap();
    assert_eq!(bodies.plain.map(|plain| plain.len()), Some(1 << 19), "cut at its limit");
    assert!(!bodies.anomalies.is_empty());
}

/// The largest ratio that deflate reaches, in every block of an attachment: it is read as a stream.
#[test]
fn bombs() {
    use mailscope_pst::write::{Content, NewAttachment};
    let variant = Variant { format: Format::Unicode4k, encryption: Encryption::None };
    let mut writer = PstWriter::new(Cursor::new(Vec::new()), variant.options()).unwrap();
    let folder = writer.add_folder(writer.top(), "Case").unwrap();
    let size = 64 << 20;
    let attachment = NewAttachment { content: Content::Bytes(vec![0; size]), ..NewAttachment::default() };
    let message = NewMessage { attachments: vec![attachment], ..NewMessage::default() };
    let node = writer.add_message(folder, &message).unwrap();
    let mut data = writer.finish().unwrap().into_inner();
    let used = data.iter().rposition(|&byte| byte != 0).unwrap() + 1;
    data.truncate(used.next_multiple_of(4096));
    assert!(data.len() * 20 < size, "{} bytes", data.len());
    let image = Image::new(data, Format::Unicode4k);
    let file = image.open();
    let mut reader = file.reader_with_cache(1 << 20);
    let item = reader.item(node).unwrap();
    let mut content = reader.attachment(node, &item.attachments[0].path).unwrap();
    let (mut buffer, mut total) = (vec![1; 1 << 16], 0);
    loop {
        let count = content.read(&mut buffer).unwrap();
        if count == 0 {
            break;
        }
        assert!(buffer[..count].iter().all(|&byte| byte == 0));
        total += count;
    }
    assert_eq!(total, size);
}

/// A message whose attachments are the message itself, and sub-node trees that contain themselves.
#[test]
fn messages_in_themselves() {
    use mailscope_pst::write::{Content, NewAttachment};
    let inner = NewMessage { subject: "inner".into(), ..NewMessage::default() };
    let attached = |message: NewMessage| NewAttachment {
        content: Content::Message(Box::new(message)),
        ..NewAttachment::default()
    };
    let outer =
        NewMessage { attachments: vec![attached(inner.clone()), attached(inner)], ..NewMessage::default() };
    let mut writer = PstWriter::new(Cursor::new(Vec::new()), PLAIN.options()).unwrap();
    let folder = writer.add_folder(writer.top(), "Case").unwrap();
    let node = writer.add_message(folder, &outer).unwrap();
    let mut image = Image::new(writer.finish().unwrap().into_inner(), Format::Unicode);
    let [data, sub, _] = image.node(node);
    let attachments: Vec<u64> = {
        let leaf = image.bytes(BlockId(sub));
        let word = |at: usize| u64::from_le_bytes(leaf[at..at + 8].try_into().unwrap());
        let all = (8..leaf.len() - 23).step_by(24);
        all.filter(|&at| NodeId(word(at) as u32).kind() == NidType::Attachment)
            .map(|at| word(at + 16))
            .collect()
    };
    assert_eq!(attachments.len(), 2);
    for attachment in attachments {
        // The message in the attachment is the one around it.
        image.edit(BlockId(attachment), |leaf| {
            for at in (8..leaf.len() - 23).step_by(24) {
                if NodeId(u32::from_le_bytes(leaf[at..at + 4].try_into().unwrap())).kind()
                    == NidType::NormalMessage
                {
                    leaf[at + 8..at + 16].copy_from_slice(&data.to_le_bytes());
                    leaf[at + 16..at + 24].copy_from_slice(&sub.to_le_bytes());
                }
            }
        });
    }
    let file = image.open();
    let item = file.reader().item(node).unwrap();
    assert!(item.attachment_count() <= 20_000);
    assert!(!item.anomalies.is_empty());
}

/// Rows by the hundred thousand: their ids are read, and not the rows.
#[test]
fn a_folder_of_many_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.pst");
    write_small(&path, PLAIN).unwrap();
    let image = many(20_000);
    let (file, count) = (image.open(), 20_000);
    let mut reader = file.reader_with_cache(1 << 20);
    let census = reader.census().unwrap();
    let many = census.folders.iter().find(|folder| folder.name == "Many").unwrap();
    assert_eq!((many.listed, many.expected, many.anomalies.len()), (count, count, 0));
    let rows = reader.contents(many.id, false).unwrap();
    assert!(rows.is_sorted() && rows.len() == count as usize);
}
