//! The crate `outlook-pst` opens what we write and finds the same. It reads ANSI and Unicode files, not the 4k ones.

use std::{path::Path, rc::Rc};

use mailscope_pst::write::{
    Content, Format, NewMessage,
    sample::write_sample,
    small::{Variant, large_content, write_large, write_many, write_small},
};
use outlook_pst::{
    UnicodePstFile,
    ltp::prop_context::PropertyValue,
    messaging::{
        attachment::{Attachment, AttachmentData, UnicodeAttachment},
        folder::Folder,
        message::{Message, UnicodeMessage},
        store::{Store, UnicodeStore},
    },
    ndb::node_id::NodeId,
};
use tempfile::tempdir;

/// A message as the other reader gives it.
struct Found {
    path: Vec<String>,
    node: u32,
    message: Rc<dyn Message>,
}

pub fn text(value: Option<&PropertyValue>) -> String {
    match value {
        Some(PropertyValue::Unicode(text)) => text.to_string(),
        Some(PropertyValue::String8(text)) => encoding_rs::WINDOWS_1252.decode(text.buffer()).0.into_owned(),
        // Empty values are null to it.
        None | Some(PropertyValue::Null) => String::new(),
        other => panic!("not text: {other:?}"),
    }
}

pub fn bytes(value: Option<&PropertyValue>) -> Vec<u8> {
    match value {
        Some(PropertyValue::Binary(value)) => value.buffer().to_vec(),
        None | Some(PropertyValue::Null) => Vec::new(),
        other => panic!("not binary: {other:?}"),
    }
}

fn walk(store: &Rc<dyn Store>, folder: &Rc<dyn Folder>, path: &[String], hidden: bool, out: &mut Vec<Found>) {
    let entry = |id| store.properties().make_entry_id(NodeId::from(id)).unwrap();
    let table = if hidden { folder.associated_table() } else { folder.contents_table() };
    let rows: Vec<u32> = table.unwrap().rows_matrix().map(|row| u32::from(row.id())).collect();
    if !hidden {
        assert_eq!(folder.properties().content_count().unwrap(), rows.len() as i32, "{path:?}");
    }
    for node in rows {
        let message = store.open_message(&entry(node), None).unwrap();
        out.push(Found { path: path.to_vec(), node, message });
    }
    for row in folder.hierarchy_table().unwrap().rows_matrix() {
        let child = store.open_folder(&entry(u32::from(row.id()))).unwrap();
        let mut path = path.to_vec();
        path.push(child.properties().display_name().unwrap());
        walk(store, &child, &path, hidden, out);
    }
}

fn read(path: &Path, hidden: bool) -> Vec<Found> {
    let store = outlook_pst::open_store(path).unwrap();
    let top = store.properties().ipm_sub_tree_entry_id().unwrap();
    let top = store.open_folder(&top).unwrap();
    assert_eq!(top.properties().display_name().unwrap(), "Top of Personal Folders");
    let mut out = Vec::new();
    walk(&store, &top, &[], hidden, &mut out);
    out
}

pub fn subject(message: &Rc<dyn Message>) -> String {
    let raw = text(message.properties().get(0x0037));
    let mut rest = raw.chars();
    assert_eq!(rest.next(), Some('\u{1}'));
    let prefix = rest.next().unwrap() as usize - 1;
    let subject: String = rest.collect();
    assert!(prefix == 0 || subject[..prefix].ends_with(": "));
    subject
}

/// Names and contents, in order. It gives none for attachments without bytes, and for embedded messages, which it
/// looks for among the message's own sub-nodes and not in the attachment's.
pub fn attachments(path: &Path, node: u32) -> Vec<Option<(String, Vec<u8>)>> {
    let store = UnicodeStore::read(Rc::new(UnicodePstFile::open(path).unwrap())).unwrap();
    let entry = store.properties().make_entry_id(NodeId::from(node)).unwrap();
    let message = UnicodeMessage::read(store, &entry, None).unwrap();
    let Some(table) = message.attachment_table() else { return Vec::new() };
    table
        .rows_matrix()
        .map(|row| {
            let id = NodeId::from(u32::from(row.id()));
            let attachment = UnicodeAttachment::read(message.clone(), id, None).ok()?;
            let name = text(attachment.properties().get(0x3707));
            match attachment.data() {
                Some(AttachmentData::Binary(value)) => Some((name, value.buffer().to_vec())),
                _ => None,
            }
        })
        .collect()
}

fn known_attachments(message: &NewMessage) -> Vec<Option<(String, Vec<u8>)>> {
    let known = message.attachments.iter().map(|attachment| match &attachment.content {
        Content::Bytes(bytes) if !bytes.is_empty() => Some((attachment.name.clone(), bytes.clone())),
        _ => None,
    });
    known.collect()
}

fn check_small(variant: Variant) {
    let directory = tempdir().unwrap();
    let path = directory.path().join("small.pst");
    let known = write_small(&path, variant).unwrap();
    for hidden in [false, true] {
        let found = read(&path, hidden);
        let wanted: Vec<_> = known.iter().filter(|item| item.hidden == hidden).collect();
        assert_eq!(found.len(), wanted.len());
        for item in wanted {
            let message = &item.message;
            let found = found
                .iter()
                .find(|found| found.path == item.folder && subject(&found.message) == message.subject)
                .unwrap_or_else(|| panic!("{variant:?}: {:?} is missing", message.subject));
            let properties = found.message.properties();
            let class = if message.class.is_empty() { "IPM.Note" } else { &message.class };
            assert_eq!(text(properties.get(0x001A)), class);
            assert_eq!(text(properties.get(0x1000)), message.text.clone().unwrap_or_default());
            assert_eq!(bytes(properties.get(0x1013)), message.html.clone().unwrap_or_default());
            let recipients = found.message.recipient_table().unwrap().rows_matrix().count();
            assert_eq!(recipients, message.recipients.len(), "{:?}", message.subject);
            if variant.format == Format::Unicode {
                let attachments = attachments(&path, found.node);
                let wanted = known_attachments(message);
                assert!(attachments == wanted, "{:?}", message.subject);
            }
        }
    }
}

#[test]
fn small_files() {
    Variant::all().filter(|variant| variant.format != Format::Unicode4k).for_each(check_small);
}

#[test]
fn a_large_attachment() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("large.pst");
    let size = 9_000_001;
    write_large(&path, Variant::default(), size).unwrap();
    let found = read(&path, false);
    let [Some((_, content))] = &attachments(&path, found[0].node)[..] else { panic!("one attachment") };
    let wanted: Vec<u8> = large_content(size).flatten().collect();
    assert!(*content == wanted);
}

#[test]
fn a_large_folder() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("many.pst");
    let count = 3_000;
    write_many(&path, Variant::default(), count).unwrap();
    let mut subjects: Vec<_> = read(&path, false).iter().map(|found| subject(&found.message)).collect();
    assert_eq!(subjects.len(), count);
    subjects.sort();
    subjects.dedup();
    assert_eq!(subjects.len(), count);
}

#[test]
fn the_sample() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("sample.pst");
    let count = write_sample(&path).unwrap();
    let found = read(&path, false);
    assert_eq!(found.len(), count);
    assert!((60..=80).contains(&count), "{count}");
    let bodies = found.iter().filter(|found| !text(found.message.properties().get(0x1000)).is_empty());
    assert!(bodies.count() > 40);
}
