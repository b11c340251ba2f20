//! Faults over which readers of this format stumble, one by one, in files that are sound otherwise. What is there is
//! read, and what is wrong is said.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::io::{Cursor, Read};

use common::LIMIT;
use common::cases::{PLAIN, counts, first, many, small, subject, with};
use common::image::{Image, Tree};
use mailscope_pst::write::small::{Variant, noise};
use mailscope_pst::write::{
    Content, NewAttachment, NewMessage, Options, PropertyKey, PropertyName, PropertySet, PstWriter, Value,
};
use mailscope_pst::{
    Anomaly, AttachmentMethod, BlockId, Consequence, Fault, Format, ItemKind, NameKey, NodeId, OpenError,
};

fn repaired(anomalies: &[Anomaly], field: &str) -> bool {
    let is = |fault: &Fault| matches!(fault, Fault::Field { field: found, .. } if *found == field);
    anomalies.iter().any(|anomaly| is(&anomaly.fault) && anomaly.consequence == Consequence::Repaired)
}

#[test]
fn headers_that_lie() {
    for variant in Variant::all() {
        let sound = small(variant);
        let want = counts(&sound);
        let check = |field: &str, change: &dyn Fn(&mut Vec<u8>)| {
            let mut image = Image::new(sound.data.clone(), sound.format);
            change(&mut image.data);
            let file = image.open();
            let what = format!("{variant:?}: {field}");
            assert_eq!((file.format(), file.encryption()), (variant.format, variant.encryption), "{what}");
            assert!(repaired(file.anomalies(), field), "{what}: {:?}", file.anomalies());
            assert_eq!(counts(&image), want, "{what}");
        };
        for version in [0u16, 13, 19, 24, 35, 99] {
            check("wVer", &|data| data[10..12].copy_from_slice(&version.to_le_bytes()));
        }
        for version in [14u16, 23, 36] {
            if sound.data[10..12] != version.to_le_bytes() {
                check("wVer", &|data| data[10..12].copy_from_slice(&version.to_le_bytes()));
            }
        }
        check("dwMagic", &|data| data[..4].fill(0));
        // All of it is gone, and with it the way to both trees.
        check("dwMagic", &|data| data[..1024].fill(0));
        let method = if variant.format == Format::Ansi { 461 } else { 513 };
        for wrong in [0u8, 1, 2, 3, 0x7F] {
            if sound.data[method] != wrong {
                check("bCryptMethod", &|data| data[method] = wrong);
            }
        }
    }
}

/// What is no Outlook file stays none, however long it is.
#[test]
fn other_files() {
    let check = |data: Vec<u8>| {
        let error =
            mailscope_pst::PstFile::from_source(std::sync::Arc::new(mailscope_pst::MemorySource(data)));
        assert!(matches!(error, Err(OpenError::NotOutlook { .. })));
    };
    check(noise(3, 1 << 20));
    check(vec![0; 1 << 20]);
    check(b"From ada@example.org\r\n".repeat(50_000));
}

#[test]
fn fields_that_repair_tools_leave_wrong() {
    for variant in Variant::all() {
        let sound = small(variant);
        let want = counts(&sound);
        // dwCRCPartial, bPlatformCreate and -Access, wMagicClient, dwReserved, rgnid, rgbFM
        for (at, length) in [(4, 4), (14, 2), (8, 2), (16, 8), (60, 64), (300, 60)] {
            let mut image = Image::new(sound.data.clone(), sound.format);
            for byte in &mut image.data[at..at + length] {
                *byte ^= 0x55;
            }
            let file = image.open();
            assert!(file.anomalies().iter().all(|anomaly| anomaly.consequence == Consequence::Used));
            assert_eq!(counts(&image), want, "{variant:?}: {at}");
        }
    }
}

#[test]
fn too_long_and_too_short() {
    for variant in Variant::all() {
        let sound = many(variant, 400);
        let mut image = Image::new(sound.data.clone(), sound.format);
        image.data.extend(noise(9, 3_000_001));
        assert_eq!(counts(&image), (400, 400), "{variant:?}");
        let lost = image.open().anomalies().iter().any(|anomaly| anomaly.consequence == Consequence::Lost);
        assert!(!lost, "{variant:?}");
        // Its trees lie at the end; without the last pages, blocks and leaves are found one by one.
        let end = sound.data.iter().rposition(|&byte| byte != 0).unwrap();
        for cut in [600, 4096, 20_000] {
            let mut image = Image::new(sound.data.clone(), sound.format);
            image.data.truncate(end - cut);
            let Ok(file) = mailscope_pst::PstFile::from_source(std::sync::Arc::new(
                mailscope_pst::MemorySource(image.data.clone()),
            )) else {
                assert!(cut > 4096 || variant.format == Format::Unicode4k, "{variant:?}: {cut}");
                continue;
            };
            let lost = file.anomalies().iter().any(|anomaly| anomaly.consequence == Consequence::Lost);
            assert!(lost, "{variant:?}: {cut}");
            let (_, whole) = counts(&image);
            assert!(
                whole >= 200 || variant.format == Format::Unicode4k,
                "{variant:?}: {whole} without {cut}"
            );
        }
    }
}

/// Blocks say themselves what they are: without a single page of the block B-tree nothing is lost.
#[test]
fn no_block_tree() {
    for variant in Variant::all() {
        let mut image = small(variant);
        let want = counts(&image);
        assert!(image.break_pages(Tree::Block, |_| true) > 0);
        assert_eq!(counts(&image), want, "{variant:?}");
        // Without the branches above its leaves, the node B-tree is whole too.
        image.break_pages(Tree::Node, |level| level > 0);
        assert_eq!(counts(&image), want, "{variant:?}");
        assert!(image.open().anomalies().iter().any(|a| matches!(a.fault, Fault::TreePage { .. })));
    }
}

#[test]
fn classes_and_subjects() {
    let check = |message: &NewMessage, want: (&str, &str, &str, ItemKind)| {
        let image = with(std::slice::from_ref(message));
        let file = image.open();
        let item = file.reader().item(first(&image)).unwrap();
        let found = (item.subject.as_str(), item.topic.as_str(), item.class.as_str(), item.kind);
        assert_eq!(found, want);
    };
    let class = |class: &str| NewMessage { class: class.into(), ..subject("x") };
    let key = |id| PropertyKey::Id(id);
    let text = |text: &str| Value::Text(text.into());
    check(&subject("plain"), ("plain", "plain", "IPM.Note", ItemKind::Mail));
    check(&class("IPM.Note\0"), ("x", "x", "IPM.Note", ItemKind::Mail));
    check(&class("ipm.contact"), ("x", "x", "ipm.contact", ItemKind::Contact));
    check(&class("Vendor.Thing"), ("x", "x", "Vendor.Thing", ItemKind::Other));
    check(&subject("").with(key(0x1A), text("")), ("", "", "", ItemKind::Mail));
    // The subject with its prefix, of which PidTagNormalizedSubject and the topic say nothing.
    let prefixed = |raw: &str| {
        subject("").with(key(0x37), text(raw)).with(key(0x0E1D), text("")).with(key(0x70), text(""))
    };
    check(&prefixed("\u{1}\u{5}AW: x"), ("AW: x", "x", "IPM.Note", ItemKind::Mail));
    check(&prefixed("\u{1}\u{1}"), ("", "", "IPM.Note", ItemKind::Mail));
    check(&prefixed("\u{1}"), ("", "", "IPM.Note", ItemKind::Mail));
    let long = "Ü".repeat(300_000);
    check(&prefixed(&long), (&long, &long, "IPM.Note", ItemKind::Mail));

    // The class is not there at all, but the row in the folder's table repeats it.
    let mut image = with(&[subject("no class")]);
    let node = first(&image);
    let (kind, value) = image.property(node, 0x1A);
    image.set_property(node, 0x1A, (0x1B, kind, value));
    let item = image.open().reader().item(node).unwrap();
    assert_eq!(
        (item.class.as_str(), item.kind, item.subject.as_str()),
        ("IPM.Note", ItemKind::Mail, "no class")
    );
}

/// A type that nobody knows, and values that are not there, cost nothing but themselves.
#[test]
fn properties_of_unknown_types() {
    let number = |id| (PropertyKey::Id(id), Value::Int32(7));
    let message = NewMessage { properties: vec![number(0x6001), number(0x6002)], ..subject("kept") };
    for kind in
        [0x0000, 0x0001, 0x000D, 0x00FB, 0x0777, 0x100D, 0x1FFF, 0x2003, 0xFFFF, 0x101F, 0x1102, 0x0040]
    {
        for value in [0, 7, 0x20, 0xFFFF_FFE0, u32::MAX, 0x801F] {
            let mut image = with(std::slice::from_ref(&message));
            let node = first(&image);
            image.set_property(node, 0x6001, (0x6001, kind, value));
            let file = image.open();
            let mut reader = file.reader();
            assert_eq!(reader.item(node).unwrap().subject, "kept");
            let properties = reader.properties(node, LIMIT).unwrap();
            assert!(properties.iter().any(|property| property.id == 0x6001 && property.kind == kind));
            assert!(properties.iter().any(|property| property.id > 0x6001), "the list goes on");
        }
    }
}

/// Every kind of value, short ones in the heap, and long ones in sub-nodes.
#[test]
fn values_of_every_kind() {
    let texts: Vec<String> = (0..2000).map(|n| format!("Wert {n} ✓")).collect();
    let binaries: Vec<Vec<u8>> = (0..300).map(|n| noise(n, n as usize)).collect();
    let ints: Vec<i32> = (0..5000).collect();
    let values = [
        Value::Int16(-2),
        Value::Int64(i64::MIN),
        Value::Float64(1.5),
        Value::Guid(*b"0123456789abcdef"),
        Value::Int32s(vec![]),
        Value::Int32s(ints.clone()),
        Value::Texts(vec![]),
        Value::Texts(vec![String::new()]),
        Value::Texts(texts.clone()),
        Value::Binaries(binaries.clone()),
        Value::Binary(noise(1, 100_000)),
        Value::Text("long ".repeat(50_000)),
        Value::Text(String::new()),
        Value::Binary(vec![]),
    ];
    use mailscope_pst::Value as Read;
    let text = |text: &String| Read::Text(text.clone());
    let binary = |data: &Vec<u8>| Read::Binary { data: data.clone(), size: data.len() as u64 };
    let want = [
        Read::Int16(-2),
        Read::Int64(i64::MIN),
        Read::Float64(1.5),
        Read::Guid(*b"0123456789abcdef"),
        Read::List(vec![]),
        Read::List(ints.into_iter().map(Read::Int32).collect()),
        Read::List(vec![]),
        Read::List(vec![text(&String::new())]),
        Read::List(texts.iter().map(text).collect()),
        Read::List(binaries.iter().map(binary).collect()),
        binary(&noise(1, 100_000)),
        text(&"long ".repeat(50_000)),
        text(&String::new()),
        binary(&vec![]),
    ];
    let mut message = subject("values");
    for (id, value) in (0x6100u16..).zip(values) {
        message = message.with(PropertyKey::Id(id), value);
    }
    let image = with(&[message]);
    let file = image.open();
    let properties = file.reader().properties(first(&image), LIMIT).unwrap();
    for (id, want) in (0x6100u16..).zip(want) {
        let found = properties.iter().find(|property| property.id == id).unwrap();
        assert!(found.value.as_ref() == Ok(&want), "{id:#x}");
    }
}

/// The streams of the name-to-id map, each gone in turn.
#[test]
fn broken_names() {
    let named = |number| PropertyKey::Named(PropertySet::APPOINTMENT, PropertyName::Number(number));
    let keyword = PropertyKey::Named(PropertySet::PUBLIC_STRINGS, PropertyName::Text("Keywords".into()));
    let message = NewMessage { class: "IPM.Appointment".into(), ..subject("Tea") }
        .with(named(0x8208), Value::Text("The kitchen".into()))
        .with(keyword, Value::Texts(vec!["tea".into()]));
    let sound = with(&[message]);
    let check = |stream: Option<u16>, location: &str, keywords: bool| {
        let mut image = Image::new(sound.data.clone(), sound.format);
        if let Some(stream) = stream {
            // A heap item far beyond the last.
            image.set_property(NodeId::NAME_TO_ID_MAP, stream, (stream, 0x0102, 0xFFE0));
        }
        let file = image.open();
        let lost = file.anomalies().iter().filter(|anomaly| anomaly.consequence == Consequence::Lost);
        assert_eq!(lost.count(), usize::from(stream.is_some()), "{stream:?}: {:?}", file.anomalies());
        let mut reader = file.reader();
        let item = reader.item(first(&image)).unwrap();
        assert_eq!((item.subject.as_str(), item.location.as_str()), ("Tea", location), "{stream:?}");
        let properties = reader.properties(item.node, LIMIT).unwrap();
        let name = NameKey::Name("Keywords".into());
        let found = properties.iter().any(|p| p.name.as_ref().is_some_and(|found| found.key == name));
        assert_eq!(found, keywords, "{stream:?}");
    };
    check(None, "The kitchen", true);
    // Without the sets, numbers mean nothing; without the texts, texts; the hash buckets repeat the entries.
    check(Some(2), "", true);
    check(Some(3), "The kitchen", false);
    check(Some(4), "The kitchen", false);
}

/// What is spread over several blocks is worth what is left of it.
#[test]
fn values_that_break_off() {
    let body = "line of text\r\n".repeat(10_000);
    let sound = with(&[NewMessage { text: Some(body.clone()), ..subject("long") }]);
    let node = first(&sound);
    let [_, sub, _] = sound.node(node);
    let (_, value) = sound.property(node, 0x1000);
    let leaf = sound.bytes(BlockId(sub));
    // SLENTRY: nid, bidData, bidSub
    let entry = (8..leaf.len()).step_by(24).find(|&at| leaf[at..at + 4] == value.to_le_bytes()).unwrap();
    let tree = BlockId(u64::from_le_bytes(leaf[entry + 8..entry + 16].try_into().unwrap()));
    let index = sound.bytes(tree);
    assert_eq!(index[..2], [1, 1], "an XBLOCK");
    let blocks = (index.len() - 8) / 8;
    let check = |what: &str, change: &dyn Fn(&mut Image), kept: usize| {
        let mut image = Image::new(sound.data.clone(), sound.format);
        change(&mut image);
        let file = image.open();
        let bodies = file.reader().bodies(node, LIMIT).unwrap();
        let plain = bodies.plain.unwrap_or_default();
        assert!(body.starts_with(&plain), "{what}");
        assert_eq!(plain.len() * 2 / 8176, kept, "{what}");
        let lost = bodies.anomalies.iter().any(|anomaly| anomaly.consequence == Consequence::Lost);
        assert!(lost, "{what}: {:?}", bodies.anomalies);
        assert_eq!(file.reader().item(node).unwrap().subject, "long", "{what}");
    };
    let id = |index: &[u8], at: usize| u64::from_le_bytes(index[8 + at * 8..16 + at * 8].try_into().unwrap());
    check("the third block is gone", &|image| image.drop_entry(Tree::Block, id(&index, 2)), 2);
    check(
        "cEnt is too large",
        &|image| image.edit(tree, |bytes| bytes[2..4].fill(0xFF)),
        body.len() * 2 / 8176,
    );
    check(
        "it names itself",
        &|image| {
            image.edit(tree, |bytes| bytes[8 + 3 * 8..16 + 3 * 8].copy_from_slice(&tree.0.to_le_bytes()))
        },
        3,
    );
    check(
        "all are gone",
        &|image| (0..blocks).for_each(|at| image.drop_entry(Tree::Block, id(&index, at))),
        0,
    );
    // A sub-node block that says it has more entries than it can have.
    check(
        "the sub-nodes are damaged",
        &|image| {
            image.edit(BlockId(sub), |bytes| bytes[2..4].fill(0xFF));
            image.drop_entry(Tree::Block, id(&index, 1));
        },
        1,
    );
}

#[test]
fn attachments_that_lie() {
    let file = NewAttachment {
        name: "x.eml".into(),
        content: Content::Bytes(noise(1, 9000)),
        ..NewAttachment::default()
    };
    let method = |value| NewAttachment {
        properties: vec![(PropertyKey::Id(0x3705), Value::Int32(value))],
        ..file.clone()
    };
    let attachments = [0, 1, 5, 6, 9].map(method).to_vec();
    let image = with(&[NewMessage { attachments, ..subject("files") }]);
    let opened = image.open();
    let mut reader = opened.reader();
    let item = reader.item(first(&image)).unwrap();
    assert_eq!(item.attachments.len(), 5);
    for attachment in &item.attachments {
        let mut data = Vec::new();
        reader.attachment(item.node, &attachment.path).unwrap().read_to_end(&mut data).unwrap();
        assert!(data == noise(1, 9000) && attachment.size == 9000, "{:?}", attachment.method);
    }
    let said = item.attachments.iter().map(|attachment| attachment.method).collect::<Vec<_>>();
    assert_eq!(said[2], AttachmentMethod::Embedded, "what is said stays said");
    assert_eq!(item.anomalies.len(), 1, "{:?}", item.anomalies);
}

#[test]
fn stores_without_a_key_or_with_a_password() {
    let check = |key: [u8; 16], password: Option<&str>, want: Option<Vec<u8>>| {
        let options = Options { record_key: key, password: password.map(str::to_owned), ..PLAIN.options() };
        let mut writer = PstWriter::new(Cursor::new(Vec::new()), options).unwrap();
        let folder = writer.add_folder(writer.top(), "Case").unwrap();
        writer.add_message(folder, &subject("open")).unwrap();
        let image = Image::new(writer.finish().unwrap().into_inner(), Format::Unicode);
        let file = image.open();
        assert_eq!(file.store().record_key, want);
        assert_eq!(file.store().password_crc.is_some(), password.is_some());
        assert_eq!(counts(&image), (1, 1));
    };
    check(*b"0123456789abcdef", None, Some(b"0123456789abcdef".to_vec()));
    check(*b"0123456789abcdef", Some("secret"), Some(b"0123456789abcdef".to_vec()));
    check([0; 16], None, None);
    let mut image = small(PLAIN);
    image.set_property(NodeId::MESSAGE_STORE, 0x0FF9, (0x0FF9, 0x0102, 0));
    assert_eq!(image.open().store().record_key, None);
    // Without the store itself, mail is read all the same.
    let want = counts(&image);
    image.drop_node(NodeId::MESSAGE_STORE);
    assert_eq!(counts(&image), want);
}
