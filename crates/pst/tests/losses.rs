//! What an item loses to damage that checksums do not show is said of it, and nothing is said of a sound one.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::LIMIT;
use common::cases::{first, many, with};
use common::image::{Image, Tree};
use mailscope_pst::write::small::{Variant, noise};
use mailscope_pst::write::{Content, NewAttachment, NewMessage, Person, Recipient, RecipientLine};
use mailscope_pst::{BlockId, ByteIndex, Consequence, Fault, NodeId, Place};

/// Where the text, the long attachment and the recipients of [`letter`] lie in its sub-node block.
const RECIPIENTS: u32 = 0x692;
const FILE_SIZE: usize = 40_000;

/// A message with something in each place that can be lost.
fn letter() -> Image {
    let file = NewAttachment {
        name: "plan.bin".into(),
        content: Content::Bytes(noise(1, FILE_SIZE)),
        ..NewAttachment::default()
    };
    with(&[NewMessage {
        subject: "all of it".into(),
        recipients: vec![Recipient { line: RecipientLine::To, person: Person::new("Bo", "bo@example.org") }],
        text: Some("line of text\r\n".repeat(2000)),
        attachments: vec![file],
        ..NewMessage::default()
    }])
}

/// Reads the item of a changed file; one anomaly says `word`, and it is a loss.
fn check(what: &str, word: &str, change: impl FnOnce(&mut Image)) {
    let mut image = letter();
    let said = |image: &Image| {
        let file = image.open();
        let (item, bodies) = file.reader().item_with_bodies(first(image), LIMIT).unwrap();
        let all = file.anomalies().iter().cloned().chain(item.anomalies).chain(bodies.anomalies);
        all.map(|anomaly| (anomaly.consequence, anomaly.to_string())).collect::<Vec<_>>()
    };
    assert_eq!(said(&image), [], "{what}: it is sound before");
    change(&mut image);
    let found = said(&image);
    let is_said =
        found.iter().any(|(consequence, words)| *consequence != Consequence::Used && words.contains(word));
    assert!(is_said, "{what}: {found:?}");
}

/// Where the entry of a sub-node lies in a leaf of sub-nodes.
fn entry(leaf: &[u8], nid: u32) -> usize {
    (8..leaf.len()).step_by(24).find(|&at| leaf[at..at + 4] == nid.to_le_bytes()).unwrap()
}

fn block_at(bytes: &[u8], at: usize) -> BlockId {
    BlockId(u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()))
}

/// The leaf of the message's sub-nodes.
fn leaf(image: &Image) -> BlockId {
    BlockId(image.node(first(image))[1])
}

/// The tree of the text, or of the attached file.
fn tree_of(image: &Image, of_file: bool) -> BlockId {
    let own = image.bytes(leaf(image));
    if !of_file {
        let (_, value) = image.property(first(image), 0x1000);
        return block_at(&own, entry(&own, value) + 8);
    }
    // The content is the one sub-node of the attachment.
    let attachment = (8..own.len()).step_by(24).find(|&at| own[at] & 0x1F == 5).unwrap();
    let inner = image.bytes(block_at(&own, attachment + 16));
    block_at(&inner, 16)
}

#[test]
fn recipients_that_no_sub_node_holds() {
    check("their table has another id", "recipients", |image| {
        image.edit(leaf(image), |bytes| {
            let at = entry(bytes, RECIPIENTS);
            bytes[at..at + 4].fill(0);
        });
    });
}

#[test]
fn attachments_that_no_sub_node_holds() {
    check("the item has no sub-nodes", "attachments", |image| {
        let node = first(image);
        let [data, _, parent] = image.node(node);
        image.set_node(node, [data, 0, parent]);
    });
}

#[test]
fn lists_that_are_longer_than_they_say() {
    check("a leaf of sub-nodes", "cEnt", |image| {
        image.edit(leaf(image), |bytes| bytes[2..4].copy_from_slice(&1u16.to_le_bytes()));
    });
    for of_file in [false, true] {
        check("an XBLOCK", "cEnt", |image| {
            image.edit(tree_of(image, of_file), |bytes| bytes[2..4].copy_from_slice(&2u16.to_le_bytes()));
        });
    }
}

/// All blocks but the last of a value are full.
#[test]
fn values_with_a_short_block() {
    for of_file in [false, true] {
        check("the second block is cut", "lcbTotal", |image| {
            let index = image.bytes(tree_of(image, of_file));
            image.edit(block_at(&index, 16), |bytes| bytes.truncate(5000));
        });
    }
}

/// What an attachment holds is not read when its item is, but what is not there can be told all the same.
#[test]
fn files_whose_blocks_are_gone() {
    check("a block has no entry", "does not exist", |image| {
        let index = image.bytes(tree_of(image, true));
        image.drop_entry(Tree::Block, block_at(&index, 16).0);
    });
    check("a block lies behind the end", "ends at", |image| {
        let index = image.bytes(tree_of(image, true));
        let block = block_at(&index, 16);
        image.set_bytes(block, &noise(2, 8176));
        let (at, _) = image.block(block);
        image.data.truncate(at + 512);
    });
}

/// What is empty lies in no sub-node: one without data has lost it.
#[test]
fn values_whose_sub_node_has_no_data() {
    check("of the text", "does not exist", |image| {
        let (_, value) = image.property(first(image), 0x1000);
        image.edit(leaf(image), |bytes| {
            let at = entry(bytes, value);
            bytes[at + 8..at + 16].fill(0);
        });
    });
    check("of the attached file", "does not exist", |image| {
        let own = image.bytes(leaf(image));
        let attachment = (8..own.len()).step_by(24).find(|&at| own[at] & 0x1F == 5).unwrap();
        image.edit(block_at(&own, attachment + 16), |bytes| bytes[16..24].fill(0));
    });
}

/// The size that is shown is that of the blocks that are there.
#[test]
fn sizes_that_lie() {
    let mut image = letter();
    let tree = tree_of(&image, true);
    image.edit(tree, |bytes| bytes[4..8].copy_from_slice(&0x7FFF_FFFFu32.to_le_bytes()));
    let item = image.open().reader().item(first(&image)).unwrap();
    assert_eq!(item.attachments[0].size, FILE_SIZE as u64);
    assert!(item.anomalies.iter().any(|anomaly| anomaly.to_string().contains("lcbTotal")));
}

#[test]
fn properties_of_a_type_that_they_cannot_have() {
    for (id, what) in [(0x1000, "the text"), (0x37, "the subject")] {
        check(what, "wPropType", |image| {
            let node = first(image);
            let (_, value) = image.property(node, id);
            image.set_property(node, id, (id, 0x1D, value));
        });
    }
    check("the class has no record", "a class", |image| {
        let node = first(image);
        let (kind, value) = image.property(node, 0x1A);
        image.set_property(node, 0x1A, (0x19, kind, value));
    });
}

#[test]
fn names_whose_set_is_gone() {
    check("the stream of sets has another id", "NAMEID", |image| {
        let (kind, value) = image.property(NodeId::NAME_TO_ID_MAP, 2);
        image.set_property(NodeId::NAME_TO_ID_MAP, 2, (0, kind, value));
    });
}

/// Only a root may name nothing: of any other page the file tells.
#[test]
fn pages_that_name_nothing() {
    for variant in Variant::all() {
        for tree in [Tree::Node, Tree::Block] {
            let mut image = many(variant, 400);
            let node = first(&image);
            let key = match tree {
                Tree::Node => node.0.into(),
                Tree::Block => image.node(node)[0],
            };
            assert!(image.open().anomalies().is_empty(), "{variant:?}: it is sound before");
            let at = image.empty_leaf(tree, key);
            let file = image.open();
            let found = file.anomalies();
            let place = Place::Page(ByteIndex(at as u64));
            let is_said = found.iter().any(|one| {
                one.place == place
                    && one.consequence == Consequence::Lost
                    && one.fault == (Fault::Field { field: "cEnt", value: 0 })
            });
            assert!(is_said, "{variant:?}: {found:?}");
        }
    }
}
