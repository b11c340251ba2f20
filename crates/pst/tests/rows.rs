//! Rows of contents tables: what they say of messages that are gone or damaged, and tables of a million rows.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::io::Cursor;

use common::cases::{PLAIN, census, first, folder, many, small, subject};
use common::image::Image;
use mailscope_pst::write::small::Variant;
use mailscope_pst::write::{FileTime, NewMessage, Person, PstWriter, Recipient, RecipientLine};
use mailscope_pst::{
    Anomaly, BlockId, Consequence, Fault, Format, Item, ItemEntry, ItemError, NidType, NodeId, Origin, Value,
};

/// What a row repeats of an item.
fn repeated(item: &Item) -> impl PartialEq + std::fmt::Debug + use<> {
    let names = |address: &mailscope_pst::Address| address.name.clone();
    (
        (item.node, item.kind, item.class.clone(), item.subject.clone(), item.topic.clone()),
        (names(&item.representing), item.display_to.clone(), item.display_cc.clone()),
        (item.submitted, item.delivered, item.modified, item.size, item.flags),
        (item.importance, item.sensitivity, item.conversation_topic.clone()),
    )
}

fn only_row(anomalies: &[Anomaly]) -> Option<&ItemError> {
    anomalies.iter().find_map(|anomaly| match &anomaly.fault {
        Fault::OnlyRow(reason) if anomaly.consequence == Consequence::Lost => Some(&**reason),
        _ => None,
    })
}

/// Overwrites the block that holds the properties of an item.
fn damage(image: &mut Image, entry: &ItemEntry) {
    let (at, size) = image.block(entry.data);
    image.data[at..at + size].fill(0xAA);
}

#[test]
fn damaged_items_are_what_their_rows_say() {
    for variant in Variant::all() {
        let sound = small(variant);
        let want = census(&sound);
        let file = sound.open();
        let mut whole = file.reader();
        for entry in want.items.iter().filter(|entry| !entry.hidden) {
            let what = format!("{variant:?} {}", entry.node);
            let original = whole.item(entry).unwrap();
            assert!(!original.from_row, "{what}");
            let mut image = Image::new(sound.data.clone(), sound.format);
            damage(&mut image, entry);
            let file = image.open();
            let mut reader = file.reader();
            let (item, bodies) = reader.item_with_bodies(entry, 1 << 20).unwrap();
            assert_eq!(repeated(&item), repeated(&original), "{what}");
            assert!(item.from_row && item.attachments.is_empty() && bodies.plain.is_none(), "{what}");
            assert!(matches!(only_row(&item.anomalies), Some(ItemError::Unreadable { .. })), "{what}");
            assert_eq!(reader.item(entry).unwrap(), item, "{what}");
            let properties = reader.properties(entry, 1 << 12).unwrap();
            assert!(properties.iter().any(|property| property.id == 0x37), "{what}");
            assert!(reader.bodies(entry, 1 << 20).is_err(), "{what}");
            // The others are whole, and the account is the same.
            let found = reader.census().unwrap();
            assert_eq!(found.expected(), want.expected(), "{what}");
            let others = found.items.iter().filter(|other| !other.hidden && other.node != entry.node);
            assert!(others.clone().all(|other| !reader.item(other).unwrap().from_row), "{what}");
        }
    }
}

#[test]
fn items_without_a_node_are_what_their_rows_say() {
    let sound = many(PLAIN, 300);
    let file = sound.open();
    for number in [0, 100, 299] {
        let entry = *census(&sound).items.iter().filter(|entry| !entry.hidden).nth(number).unwrap();
        let original = file.reader().item(&entry).unwrap();
        let mut image = Image::new(sound.data.clone(), sound.format);
        image.drop_node(entry.node);
        let file = image.open();
        let mut reader = file.reader();
        // Also before anybody asked for a census.
        let item = reader.item(entry.node).unwrap();
        assert_eq!(repeated(&item), repeated(&original));
        assert!(matches!(only_row(&item.anomalies), Some(ItemError::NoNode(node)) if *node == entry.node));
        let found = reader.census().unwrap();
        let named = found.items.iter().find(|item| item.node == entry.node).unwrap();
        assert_eq!((found.expected(), named.origin), (300, Origin::RowOnly));
    }
    let nowhere = NodeId::new(NidType::NormalMessage, 0x7F_0000);
    assert_eq!(file.reader().item(nowhere), Err(ItemError::NoNode(nowhere)));
}

#[test]
fn without_a_row_nothing_is_made_up() {
    let sound = small(PLAIN);
    let node = first(&sound);
    let home = census(&sound).items.iter().find(|entry| entry.node == node).unwrap().folder;
    for change in [
        (|image, home: NodeId| image.drop_node(home.with_kind(NidType::ContentsTable)))
            as fn(&mut Image, NodeId),
        |image, home| {
            let [data, ..] = image.node(home.with_kind(NidType::ContentsTable));
            image.edit(BlockId(data), |bytes| bytes[2] ^= 0xFF);
        },
    ] {
        let mut image = Image::new(sound.data.clone(), sound.format);
        change(&mut image, home);
        let entry = *census(&image).items.iter().find(|entry| entry.node == node).unwrap();
        damage(&mut image, &entry);
        assert!(matches!(image.open().reader().item(node), Err(ItemError::Unreadable { .. })));
    }
}

/// Of an item whose properties are lost in part, the row completes what it repeats.
#[test]
fn lost_properties_are_taken_from_the_row() {
    let message = NewMessage {
        subject: "Subject of note".into(),
        sender: Some(Person::new("Ada", "ada@example.org")),
        recipients: vec![Recipient { line: RecipientLine::To, person: Person::new("Bo", "bo@example.org") }],
        sent: Some(FileTime(133_500_000_000_000_000)),
        text: Some("text".into()),
        ..NewMessage::default()
    };
    let mut image = common::cases::with(&[message]);
    let node = first(&image);
    // A heap item far beyond the last.
    image.set_property(node, 0x37, (0x37, 0x001F, 0xFFE0));
    let file = image.open();
    let item = file.reader().item(node).unwrap();
    assert_eq!((item.subject.as_str(), item.from_row), ("Subject of note", false));
    assert_eq!(item.sender.address, "ada@example.org");
    assert!(item.anomalies.iter().any(|anomaly| anomaly.fault == Fault::FromRow));
    assert_eq!(file.reader().bodies(node, 1 << 20).unwrap().plain.as_deref(), Some("text"));
}

/// A folder of a million rows: its table has thousands of blocks, and the index of its rows is three levels deep.
#[test]
fn a_million_rows() {
    const ROWS: u32 = 1_000_000;
    let path = tempfile::NamedTempFile::new().unwrap();
    let mut writer = PstWriter::create(path.path(), PLAIN.options()).unwrap();
    let home = writer.add_folder(writer.top(), "Large").unwrap();
    let first = writer.add_copies(home, &subject("One of many"), ROWS).unwrap();
    let other = writer.add_message(home, &subject("The last")).unwrap();
    writer.finish().unwrap();
    let file = mailscope_pst::PstFile::open(path.path()).unwrap();
    assert_eq!(file.anomalies(), []);
    let mut reader = file.reader();
    let census = reader.census().unwrap();
    let found = census.folders.iter().find(|folder| folder.name == "Large").unwrap();
    assert_eq!((found.expected, found.listed, found.content_count), (ROWS + 1, ROWS + 1, Some(ROWS + 1)));
    assert_eq!(found.anomalies, []);
    assert_eq!(census.expected(), u64::from(ROWS) + 1);
    assert!(census.items.iter().all(|item| item.origin == Origin::Listed));
    let rows = reader.contents(found.id, false).unwrap();
    assert_eq!((rows.len(), rows[0], rows[ROWS as usize]), (ROWS as usize + 1, first, other));
    for (node, want) in [
        (first, "One of many"),
        (rows[654_321], "One of many"),
        (rows[999_999], "One of many"),
        (other, "The last"),
    ] {
        assert_eq!(reader.item(node).unwrap().subject, want);
        let properties = reader.row_properties(node).unwrap();
        let subject = properties.iter().find(|property| property.id == 0x37).unwrap();
        assert!(
            matches!(&subject.value, Ok(Value::Text(text)) if text.ends_with(want)),
            "{:?}",
            subject.value
        );
    }
}

/// What a table says twice, or of nothing, costs nothing else.
#[test]
fn tables_of_other_things() {
    let mut writer = PstWriter::new(Cursor::new(Vec::new()), PLAIN.options()).unwrap();
    let home = writer.add_folder(writer.top(), "Two").unwrap();
    for number in 0..2 {
        writer.add_message(home, &subject(&format!("Number {number}"))).unwrap();
    }
    let mut image = Image::new(writer.finish().unwrap().into_inner(), Format::Unicode);
    let [one, two] =
        [0, 1].map(|index| census(&image).items.iter().filter(|i| !i.hidden).nth(index).unwrap().node);
    let table = folder(&image, "Two").with_kind(NidType::ContentsTable);
    let [data, ..] = image.node(table);
    // Both rows, and both records of their index, name the second message.
    image.edit(BlockId(data), |bytes| {
        for at in 0..bytes.len() - 4 {
            if bytes[at..at + 4] == one.0.to_le_bytes() {
                bytes[at..at + 4].copy_from_slice(&two.0.to_le_bytes());
            }
        }
    });
    for node in [one, two] {
        let entry = *census(&image).items.iter().find(|entry| entry.node == node).unwrap();
        damage(&mut image, &entry);
    }
    let file = image.open();
    let mut reader = file.reader();
    assert!(reader.item(one).is_err());
    assert!(reader.item(two).unwrap().subject.starts_with("Number"));
}
