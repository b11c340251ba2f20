//! What one file stores of messages, written to another as it is.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::{Cursor, Read};
use std::sync::Arc;

use mailscope_pst::messaging::details::{AttendeeKind, ResponseStatus};
use mailscope_pst::write::small::{Variant, known_items};
use mailscope_pst::write::{
    Content, FileTime, NewAttachment, NewMessage, Options, PropertyKey, PropertyName, PropertySet, PstWriter,
    Stored, StoredMessage, Value, WhyLeftOut,
};
use mailscope_pst::{AttachmentMethod, Details, Format, MemorySource, NodeId, PstFile, Reader};

const PLENTY: u64 = 64 << 20;

/// Writes messages and reads the file again; gives it with their nodes.
fn written(options: Options, messages: &[NewMessage]) -> (PstFile, Vec<NodeId>) {
    let mut writer = PstWriter::new(Cursor::new(Vec::new()), options).unwrap();
    let folder = writer.add_folder(writer.top(), "Inbox").unwrap();
    let nodes = messages.iter().map(|message| writer.add_message(folder, message).unwrap()).collect();
    let data = writer.finish().unwrap().into_inner();
    (PstFile::from_source(Arc::new(MemorySource(data))).unwrap(), nodes)
}

/// The message at `path` below `node`, to be written again, with all that is in it.
fn copied(reader: &mut Reader<'_>, node: NodeId, path: &[NodeId]) -> NewMessage {
    let item = if path.is_empty() { reader.item(node) } else { reader.embedded(node, path) }.unwrap();
    let stored = reader.stored_message(node, path, &mut { PLENTY }).unwrap();
    assert_eq!(stored.own.left_out, []);
    let attachments = item.attachments.iter().map(|attachment| {
        let own = reader.stored_attachment(node, &attachment.path, &mut { PLENTY }).unwrap();
        assert_eq!(own.left_out, []);
        let mut bytes = Vec::new();
        let content = match attachment.method {
            AttachmentMethod::Embedded => Content::Message(Box::new(copied(reader, node, &attachment.path))),
            AttachmentMethod::ByReference(_) => Content::Absent,
            method => {
                reader.attachment(node, &attachment.path).unwrap().read_to_end(&mut bytes).unwrap();
                if method == AttachmentMethod::Ole { Content::Ole(bytes) } else { Content::Bytes(bytes) }
            }
        };
        NewAttachment { content, properties: own.properties, ..NewAttachment::default() }
    });
    NewMessage {
        attachments: attachments.collect(),
        read: item.flags & 1 != 0,
        copy: Some(Box::new(stored)),
        ..NewMessage::default()
    }
}

/// All that is stored below a message.
fn all_stored(
    reader: &mut Reader<'_>,
    node: NodeId,
    path: &[NodeId],
    out: &mut Vec<(StoredMessage, Vec<Stored>)>,
) {
    let item = if path.is_empty() { reader.item(node) } else { reader.embedded(node, path) }.unwrap();
    let own = reader.stored_message(node, path, &mut { PLENTY }).unwrap();
    let of = |attachment: &mailscope_pst::Attachment| {
        reader.stored_attachment(node, &attachment.path, &mut { PLENTY }).unwrap()
    };
    out.push((own, item.attachments.iter().map(of).collect()));
    for attachment in item.attachments.iter().filter(|attachment| attachment.embedded.is_some()) {
        all_stored(reader, node, &attachment.path, out);
    }
}

/// Copies the messages of a file to a new one, and compares what both store and say.
fn check(file: &PstFile, nodes: &[NodeId], what: &str) {
    let mut reader = file.reader();
    let messages: Vec<NewMessage> = nodes.iter().map(|&node| copied(&mut reader, node, &[])).collect();
    let (copy, copies) = written(Options { record_key: [7; 16], ..Options::default() }, &messages);
    let mut again = copy.reader();
    for (&node, &other) in nodes.iter().zip(&copies) {
        let (mut before, mut after) = (Vec::new(), Vec::new());
        all_stored(&mut reader, node, &[], &mut before);
        all_stored(&mut again, other, &[], &mut after);
        for (before, after) in before.iter_mut().zip(&mut after) {
            sorted(before);
            sorted(after);
            assert_eq!(before, after, "{what}");
        }
        assert_eq!(before.len(), after.len(), "{what}");
        assert_eq!(reader.details(node).unwrap(), again.details(other).unwrap(), "{what}");
        let mut item = again.item(other).unwrap();
        let read = reader.item(node).unwrap();
        assert_eq!(item.anomalies, [], "{what}");
        (item.node, item.size) = (read.node, read.size);
        for (copy, read) in item.attachments.iter_mut().zip(&read.attachments) {
            copy.path.clone_from(&read.path);
            if let (Some(copy), Some(read)) = (&mut copy.embedded, &read.embedded) {
                (copy.node, copy.size, copy.attachments) = (read.node, read.size, read.attachments.clone());
            }
            copy.size = read.size;
        }
        assert_eq!(item, read, "{what}");
    }
}

/// Named properties have ids of their own in each file.
fn sorted((message, attachments): &mut (StoredMessage, Vec<Stored>)) {
    let of_key = |(key, _): &(PropertyKey, Value)| format!("{key:?}");
    message.own.properties.sort_by_cached_key(of_key);
    message.recipients.iter_mut().for_each(|row| row.sort_by_cached_key(of_key));
    attachments.iter_mut().for_each(|own| own.properties.sort_by_cached_key(of_key));
}

fn named(set: PropertySet, number: u32) -> PropertyKey {
    PropertyKey::Named(set, PropertyName::Number(number))
}

/// A message with a property of each type, under names of each kind.
fn every_type() -> NewMessage {
    let raw = |kind, bytes: &[u8]| Value::Raw { kind, bytes: bytes.to_vec() };
    let words = |text: &str| PropertyKey::Named(PropertySet::PUBLIC_STRINGS, PropertyName::Text(text.into()));
    let values = [
        Value::Int16(-2),
        Value::Int32(70_000),
        Value::Int64(-70_000_000_000),
        Value::Float64(0.1),
        Value::Bool(true),
        Value::Time(FileTime(126_500_000_000_000_000)),
        Value::Guid([9; 16]),
        Value::Text("Größe".into()),
        Value::Text("long ".repeat(9000)),
        Value::Binary(vec![1, 2, 3]),
        Value::Binary(vec![4; 100_000]),
        Value::Texts(vec!["one".into(), String::new(), "three".into()]),
        Value::Binaries(vec![vec![1], Vec::new(), vec![2, 3]]),
        raw(0x0004, &1.5_f32.to_le_bytes()),
        raw(0x0006, &12_345_i64.to_le_bytes()),
        raw(0x0007, &2.5_f64.to_le_bytes()),
        raw(0x000A, &0x8004_010F_u32.to_le_bytes()),
        raw(0x00FB, &[1, 2, 3, 4, 5]),
        raw(0x1003, &[1, 0, 0, 0, 2, 0, 0, 0]),
        raw(0x1014, &[1; 16]),
        raw(0x1040, &[2; 24]),
        raw(0x1048, &[3; 32]),
    ];
    let mut message = NewMessage { subject: "Re: types".into(), ..NewMessage::default() };
    for (number, value) in (0u32..).zip(values) {
        message = message
            .with(named(PropertySet([5; 16]), 0x9000 + number), value.clone())
            .with(words(&format!("value {number} ä")), value.clone())
            .with(PropertyKey::Id(0x4000 + number as u16), value);
    }
    message
        .with(PropertyKey::Id(0x0001), raw(0, &[0; 4]))
        .with(named(PropertySet::MAPI, 3), Value::Int32(1))
        .with(named(PropertySet([0; 16]), 4), Value::Bool(false))
}

/// A meeting whose attendees have answered.
fn meeting() -> NewMessage {
    let text = |text: &str| Value::Text(text.into());
    let attendee = |kind, name: &str, flags, status| {
        vec![
            (PropertyKey::Id(0x0C15), Value::Int32(kind)),
            (PropertyKey::Id(0x3001), text(name)),
            (PropertyKey::Id(0x3002), text("SMTP")),
            (PropertyKey::Id(0x3003), text(&format!("{name}@example.org"))),
            (PropertyKey::Id(0x5FFD), Value::Int32(flags)),
            (PropertyKey::Id(0x5FFF), Value::Int32(status)),
            (PropertyKey::Id(0x5FFB), Value::Time(FileTime(126_500_000_000_000_000))),
        ]
    };
    let own = Stored {
        properties: vec![
            (PropertyKey::Id(0x001A), text("IPM.Appointment")),
            (PropertyKey::Id(0x0037), text("\u{1}\u{1}Council")),
            (PropertyKey::Id(0x0E07), Value::Int32(0x21)),
            (named(PropertySet::APPOINTMENT, 0x8217), Value::Int32(1)),
            (named(PropertySet::APPOINTMENT, 0x8208), text("Old hall")),
        ],
        left_out: Vec::new(),
    };
    let recipients = vec![attendee(1, "ada", 3, 0), attendee(1, "bo", 1, 3), attendee(2, "cy", 1, 4)];
    NewMessage {
        read: true,
        copy: Some(Box::new(StoredMessage { own, recipients })),
        ..NewMessage::default()
    }
}

#[test]
fn a_copy_stores_the_same() {
    for variant in Variant::all() {
        let mut messages: Vec<NewMessage> =
            known_items(variant.format).into_iter().map(|known| known.message).collect();
        messages.push(meeting());
        // Text of ANSI files is of one code page; here it has no others.
        messages.push(every_type());
        let (file, nodes) = written(variant.options(), &messages);
        check(&file, &nodes, &format!("{variant:?}"));
    }
}

#[test]
fn attendees_keep_their_answers() {
    let (file, nodes) = written(Options { format: Format::Unicode4k, ..Options::default() }, &[meeting()]);
    check(&file, &nodes, "a meeting");
    let Details::Appointment(found) = file.reader().details(nodes[0]).unwrap().0 else {
        panic!("an appointment")
    };
    assert_eq!((found.organizer.name.as_str(), found.location.as_str()), ("ada", "Old hall"));
    let answers: Vec<_> = found.attendees.iter().map(|attendee| (attendee.kind, attendee.response)).collect();
    assert_eq!(
        answers,
        [
            (AttendeeKind::Organizer, ResponseStatus::None),
            (AttendeeKind::Required, ResponseStatus::Accepted),
            (AttendeeKind::Optional, ResponseStatus::Declined),
        ]
    );
    let item = file.reader().item(nodes[0]).unwrap();
    assert_eq!((item.subject.as_str(), item.flags, item.recipients.len()), ("Council", 0x21, 3));
}

#[test]
fn what_is_too_long_is_told() {
    let (file, nodes) = written(Options::default(), &[every_type()]);
    let mut left = 50_000;
    let stored = file.reader().stored_message(nodes[0], &[], &mut left).unwrap();
    let long: Vec<u64> = stored
        .own
        .left_out
        .iter()
        .map(|left| match left.why {
            WhyLeftOut::TooLong(size) => size,
            ref why => panic!("{why}"),
        })
        .collect();
    assert!(long.contains(&100_000) && long.contains(&90_000), "{long:?}");
    assert!(stored.own.properties.len() > 30 && left < 50_000);
}

#[test]
fn a_property_without_a_name_goes_on_under_its_id_and_file() {
    for variant in Variant::all() {
        // The writer takes ids as they are, and has no names for these.
        let message = NewMessage { subject: "Nameless".into(), ..NewMessage::default() }
            .with(PropertyKey::Id(0x8ABC), Value::Int32(7))
            .with(PropertyKey::Id(0xFFFE), Value::Text("last".into()));
        let (file, nodes) =
            written(Options { record_key: *b"\x01 of its kind \xff\x80", ..variant.options() }, &[message]);
        check(&file, &nodes, &format!("{variant:?}"));
        let stored = file.reader().stored_message(nodes[0], &[], &mut { PLENTY }).unwrap();
        let stand_ins = stored.own.properties.into_iter().filter_map(|(key, value)| match key {
            PropertyKey::Named(set, PropertyName::Text(text)) if text.contains(" of ") => {
                Some((set, text, value))
            }
            _ => None,
        });
        let found: Vec<_> = stand_ins.collect();
        let key = "01206f6620697473206b696e6420ff80";
        let [(set, first, Value::Int32(7)), (other, last, Value::Text(_))] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!((first, last), (&format!("0x8abc of {key}"), &format!("0xfffe of {key}")));
        assert_eq!(set, other);
    }
}
