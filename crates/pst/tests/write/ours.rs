//! Our own reader finds in every variant exactly what was written, and nothing to remark on.

use std::{collections::HashMap, io::Read as _, path::Path};

use mailscope_pst::{
    Anomaly, Attachment, AttachmentMethod, Bodies, Fault, Item, ItemEntry, NodeId, PstFile, Reader,
    RecipientKind,
    write::{
        Content, Format, NewAttachment, NewMessage, PropertyKey, RecipientLine, Value,
        sample::write_sample,
        small::{Variant, large_content, write_codepage, write_large, write_many, write_small},
    },
};
use tempfile::tempdir;

const LIMIT: usize = 16 << 20;

fn content(reader: &mut Reader<'_>, node: NodeId, path: &[NodeId]) -> Vec<u8> {
    let mut out = Vec::new();
    reader.attachment(node, path).unwrap().read_to_end(&mut out).unwrap();
    out
}

pub fn check_bodies(bodies: &Bodies, written: &NewMessage) {
    // Bytes that are no text of the code page that is stated may be told as what they could be.
    let is_text = written.html.as_ref().is_none_or(|html| std::str::from_utf8(html).is_ok());
    let of_bytes = |anomaly: &&Anomaly| !is_text && matches!(anomaly.fault, Fault::CodePage { .. });
    let odd: Vec<&Anomaly> = bodies.anomalies.iter().filter(|anomaly| !of_bytes(anomaly)).collect();
    assert!(odd.is_empty(), "{:?}: {odd:?}", written.subject);
    assert_eq!(bodies.plain.as_ref(), written.text.as_ref(), "{:?}", written.subject);
    assert_eq!(bodies.html.as_ref().map(|html| &html.raw), written.html.as_ref());
    assert_eq!(bodies.rtf.as_ref(), written.rtf.as_ref().map(|rtf| &rtf.bytes));
}

fn check_attachment(reader: &mut Reader<'_>, node: NodeId, found: &Attachment, written: &NewAttachment) {
    assert_eq!(found.name, written.name);
    assert_eq!(found.mime_type, written.mime);
    assert_eq!(found.content_id, written.content_id.clone().unwrap_or_default());
    match &written.content {
        Content::Bytes(bytes) => {
            let by_path = written.properties.iter().any(|(key, _)| *key == PropertyKey::Id(0x370D));
            if by_path {
                assert_eq!(found.method, AttachmentMethod::ByReference(2));
                let path = Value::Text(found.reference.clone());
                assert!(written.properties.contains(&(PropertyKey::Id(0x370D), path)));
                return;
            }
            assert_eq!(found.method, AttachmentMethod::ByValue);
            assert_eq!(found.size, bytes.len() as u64);
            assert!(content(reader, node, &found.path) == *bytes, "{}", found.name);
        }
        Content::Ole(bytes) => {
            assert_eq!(found.method, AttachmentMethod::Ole);
            assert!(content(reader, node, &found.path) == *bytes, "{}", found.name);
        }
        Content::Message(inner) => {
            assert_eq!(found.method, AttachmentMethod::Embedded);
            let bodies = reader.embedded_bodies(node, &found.path, LIMIT).unwrap();
            check_bodies(&bodies, inner);
            check_item(reader, node, found.embedded.as_ref().unwrap(), inner);
        }
        Content::Source(_) | Content::Absent => panic!("known items hold their bytes"),
    }
}

/// Compares what lies at the outermost `node`.
pub fn check_item(reader: &mut Reader<'_>, node: NodeId, found: &Item, written: &NewMessage) {
    assert_eq!(found.subject, written.subject);
    assert_eq!(found.anomalies, [], "{:?}", written.subject);
    let class = if written.class.is_empty() { "IPM.Note" } else { &written.class };
    assert_eq!(found.class, class);
    if let Some(sender) = &written.sender {
        assert_eq!((&found.sender.name, &found.sender.address), (&sender.name, &sender.address));
    }
    assert_eq!(found.submitted, written.sent);
    assert_eq!(found.delivered, written.delivered);
    assert_eq!(found.message_id, written.message_id.clone().unwrap_or_default());
    assert_eq!(found.in_reply_to, written.in_reply_to.clone().unwrap_or_default());
    assert_eq!(found.headers, written.headers.clone().unwrap_or_default());
    assert_eq!(found.flags & 1 == 1, written.read);
    assert_eq!(found.recipients.len(), written.recipients.len());
    for (found, written) in found.recipients.iter().zip(&written.recipients) {
        let kind = match written.line {
            RecipientLine::To => RecipientKind::To,
            RecipientLine::Cc => RecipientKind::Cc,
            RecipientLine::Bcc => RecipientKind::Bcc,
        };
        assert_eq!(found.kind, kind);
        assert_eq!((&found.who.name, &found.who.address), (&written.person.name, &written.person.address));
    }
    assert_eq!(found.attachments.len(), written.attachments.len(), "{:?}", written.subject);
    for (found, written) in found.attachments.iter().zip(&written.attachments) {
        check_attachment(reader, node, found, written);
    }
}

/// Everything in the file, with the folder of each item below the top.
fn all(reader: &mut Reader<'_>) -> Vec<(Vec<String>, ItemEntry)> {
    let census = reader.census().unwrap();
    assert_eq!(census.anomalies, []);
    let mut paths = HashMap::new();
    for folder in &census.folders {
        assert_eq!(folder.anomalies, [], "{:?}", folder.path);
        assert_eq!(folder.content_count, Some(folder.expected), "{:?}", folder.path);
        paths.insert(folder.id, folder.path.iter().map(ToString::to_string).collect::<Vec<_>>());
    }
    census.items.into_iter().map(|entry| (paths[&entry.folder].clone(), entry)).collect()
}

fn open(path: &Path) -> PstFile {
    let file = PstFile::open(path).unwrap();
    assert_eq!(file.anomalies(), []);
    file
}

#[test]
fn small_files() {
    for variant in Variant::all() {
        let directory = tempdir().unwrap();
        let path = directory.path().join("small.pst");
        let known = write_small(&path, variant).unwrap();
        let file = open(&path);
        assert_eq!((file.format(), file.encryption()), (variant.format, variant.encryption));
        let mut reader = file.reader();
        let found = all(&mut reader);
        assert_eq!(found.len(), known.len());
        for written in &known {
            let (folder, entry) = found
                .iter()
                .find(|(_, entry)| reader.item(entry).unwrap().subject == written.message.subject)
                .unwrap_or_else(|| panic!("{variant:?}: {:?} is missing", written.message.subject));
            assert!(folder.ends_with(&written.folder.map_to_owned()), "{folder:?}");
            assert_eq!(entry.hidden, written.hidden);
            let item = reader.item(entry).unwrap();
            check_item(&mut reader, entry.node, &item, &written.message);
            let bodies = reader.bodies(entry, LIMIT).unwrap();
            check_bodies(&bodies, &written.message);
        }
        let appointment = found.iter().map(|(_, entry)| reader.item(entry).unwrap());
        let appointment = appointment.filter(|item| item.class == "IPM.Appointment").last().unwrap();
        assert_eq!(appointment.location, "The kitchen");
        assert_eq!(appointment.ends.unwrap().0 - appointment.starts.unwrap().0, 36_000_000_000);
    }
}

trait MapToOwned {
    fn map_to_owned(&self) -> Vec<String>;
}

impl MapToOwned for &[&str] {
    fn map_to_owned(&self) -> Vec<String> {
        self.iter().map(|name| (*name).to_owned()).collect()
    }
}

#[test]
fn text_in_code_pages() {
    let check = |codepage, text: &str| {
        let directory = tempdir().unwrap();
        let path = directory.path().join("text.pst");
        write_codepage(&path, codepage, text).unwrap();
        let file = open(&path);
        let mut reader = file.reader();
        let (_, entry) = &all(&mut reader)[0];
        assert_eq!(reader.item(entry).unwrap().subject, text);
        assert_eq!(reader.bodies(entry, LIMIT).unwrap().plain.as_deref(), Some(text));
    };
    check(1252, "Größe – 5 €");
    check(1251, "Привет, мир");
    check(1256, "مرحبا");
    check(932, "日本語のメール");
    check(949, "안녕하세요");
    check(950, "電子郵件");
    check(936, "电子邮件");
    check(1253, "Καλημέρα");
}

#[test]
fn a_large_attachment() {
    for format in [Format::Unicode, Format::Ansi, Format::Unicode4k] {
        let directory = tempdir().unwrap();
        let path = directory.path().join("large.pst");
        let size = 18_000_001;
        write_large(&path, Variant { format, ..Variant::default() }, size).unwrap();
        let file = open(&path);
        let mut reader = file.reader();
        let (_, entry) = &all(&mut reader)[0];
        let item = reader.item(entry).unwrap();
        assert_eq!(item.attachments[0].size, size);
        let found = content(&mut reader, entry.node, &item.attachments[0].path);
        let wanted: Vec<u8> = large_content(size).flatten().collect();
        assert!(found == wanted, "{format:?}");
    }
}

#[test]
fn a_large_folder() {
    for format in [Format::Unicode, Format::Ansi, Format::Unicode4k] {
        let directory = tempdir().unwrap();
        let path = directory.path().join("many.pst");
        let count = 20_000;
        write_many(&path, Variant { format, ..Variant::default() }, count).unwrap();
        let file = open(&path);
        let mut reader = file.reader();
        let found = all(&mut reader);
        assert_eq!(found.len(), count);
        for (number, (_, entry)) in found.iter().enumerate().step_by(997) {
            let subject = reader.item(entry).unwrap().subject;
            assert!(subject.starts_with("Message "), "{number}: {subject}");
        }
    }
}

#[test]
fn the_sample() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("sample.pst");
    let count = write_sample(&path).unwrap();
    let file = open(&path);
    let mut reader = file.reader();
    let found = all(&mut reader);
    assert_eq!(found.len(), count);
    let (mut attachments, mut embedded) = (0, 0);
    for (_, entry) in &found {
        let item = reader.item(entry).unwrap();
        assert_eq!(item.anomalies, [], "{:?}", item.subject);
        attachments += item.attachment_count();
        embedded += item.embedded_count();
    }
    assert_eq!((attachments, embedded), (11, 2));
}
