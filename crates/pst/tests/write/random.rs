//! Messages of any content come back as they were written.

use std::rc::Rc;

use mailscope_pst::{
    PstFile,
    write::{
        Content, Format, NewAttachment, NewMessage, Person, PropertyKey, PstWriter, Recipient, RecipientLine,
        Value, small::Variant,
    },
};
use outlook_pst::{messaging::message::Message, ndb::node_id::NodeId};
use proptest::{collection::vec, prelude::*};
use tempfile::tempdir;

use super::ours::{check_bodies, check_item};
use super::outlook::{attachments, bytes, subject, text};

/// Text of any characters but NUL.
fn any_text(longest: usize) -> impl Strategy<Value = String> {
    vec(any::<char>().prop_filter("not NUL", |c| *c != '\0'), 0..longest).prop_map(String::from_iter)
}

fn any_message() -> impl Strategy<Value = NewMessage> {
    let attachment = (any_text(20), vec(any::<u8>(), 1..30_000)).prop_map(|(name, bytes)| NewAttachment {
        name,
        content: Content::Bytes(bytes),
        ..NewAttachment::default()
    });
    let recipient = (any_text(30), "[a-z]{1,9}@example[.]org").prop_map(|(name, address)| Recipient {
        line: RecipientLine::Cc,
        person: Person::new(name, address),
    });
    let extra = (0x4000u16..0x4100, vec(any::<u8>(), 1..9000));
    (
        any_text(300),
        any_text(6000),
        vec(any::<u8>(), 0..20_000),
        vec(recipient, 0..60),
        vec(attachment, 0..5),
        vec(extra, 0..40),
    )
        .prop_map(|(subject, text, html, recipients, attachments, extra)| NewMessage {
            subject,
            text: Some(text),
            html: Some(html),
            recipients,
            attachments,
            properties: extra
                .into_iter()
                .map(|(id, bytes)| (PropertyKey::Id(id), Value::Binary(bytes)))
                .collect(),
            ..NewMessage::default()
        })
}

fn names(message: &Rc<dyn Message>) -> Vec<String> {
    let table = message.recipient_table().unwrap();
    let context = table.context();
    let column = context.columns().iter().position(|column| column.prop_id() == 0x3001).unwrap();
    table
        .rows_matrix()
        .map(|row| match &row.columns(context).unwrap()[column] {
            Some(value) => {
                text(Some(&table.read_column(value, context.columns()[column].prop_type()).unwrap()))
            }
            None => String::new(),
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(messages in vec(any_message(), 1..4), variant in 0..6usize) {
        // Text of any characters needs a Unicode file.
        let unicode = Variant::all().filter(|variant| variant.format != Format::Ansi);
        let variant = unicode.collect::<Vec<_>>()[variant];
        let directory = tempdir().unwrap();
        let path = directory.path().join("random.pst");
        let mut writer = PstWriter::create(&path, variant.options()).unwrap();
        let folder = writer.add_folder(writer.top(), "Any").unwrap();
        let nodes: Vec<_> =
            messages.iter().map(|message| writer.add_message(folder, message).unwrap()).collect();
        writer.finish().unwrap();

        let file = PstFile::open(&path).unwrap();
        let mut reader = file.reader();
        for (node, written) in nodes.iter().zip(&messages) {
            let item = reader.item(*node).unwrap();
            check_item(&mut reader, *node, &item, written);
            check_bodies(&reader.bodies(*node, 1 << 20).unwrap(), written);
        }
        if variant.format == Format::Unicode4k {
            return Ok(());
        }
        let store = outlook_pst::open_store(&path).unwrap();
        for (node, written) in nodes.iter().zip(&messages) {
            let entry = store.properties().make_entry_id(NodeId::from(node.0)).unwrap();
            let found = store.open_message(&entry, None).unwrap();
            let value = |id| found.properties().get(id);
            prop_assert_eq!(&subject(&found), &written.subject);
            prop_assert_eq!(&text(value(0x1000)), written.text.as_ref().unwrap());
            prop_assert_eq!(&bytes(value(0x1013)), written.html.as_ref().unwrap());
            let wanted: Vec<_> = written.recipients.iter().map(|r| r.person.name.clone()).collect();
            prop_assert_eq!(names(&found), wanted);
            for (key, wanted) in written.properties.iter().rev() {
                let (PropertyKey::Id(id), Value::Binary(wanted)) = (key, wanted) else { unreachable!() };
                // The last value of an id counts.
                let last = written.properties.iter().rev().find(|(other, _)| other == key);
                if last.is_some_and(|(_, value)| *value == Value::Binary(wanted.clone())) {
                    prop_assert_eq!(&bytes(value(*id)), wanted);
                }
            }
            let found = attachments(&path, node.0);
            prop_assert_eq!(found.len(), written.attachments.len());
            for (found, written) in found.iter().zip(&written.attachments) {
                let Content::Bytes(wanted) = &written.content else { unreachable!() };
                let (name, content) = found.as_ref().unwrap();
                prop_assert_eq!(name, &written.name);
                prop_assert!(content == wanted);
            }
        }
    }
}
