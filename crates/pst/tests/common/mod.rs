//! What the tests share: the real files, and a digest of all that a file gives.

// No test uses all of it.
#![allow(dead_code)]

pub mod cases;
pub mod image;

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use mailscope_pst::write::small::{Variant, noise};
use mailscope_pst::write::{
    Content, NewAttachment, NewMessage, Person, PropertyKey, PropertyName, PropertySet, PstWriter, Recipient,
    RecipientLine, RtfBody, RtfForm, Value, one_off_entry_id,
};
use mailscope_pst::{Attachment, AttachmentMethod, Item, ItemEntry, NodeId, Reader};

/// Bodies beyond this are cut.
pub const LIMIT: usize = 16 << 20;

/// The folder of real files, or `None`, which is said by name, when there is none.
pub fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("MAILSCOPE_CORPUS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"), PathBuf::from);
    if folder.join("REFERENCE.tsv").is_file() {
        return Some(folder);
    }
    eprintln!("skipped: real files not found");
    None
}

/// How many items [`tiny`] has.
pub const TINY_ITEMS: usize = 5;

/// A file of some tens of kilobytes with something of everything; the unused space at its end is left out.
pub fn tiny(variant: Variant) -> Vec<u8> {
    let named = |set, number| PropertyKey::Named(set, PropertyName::Number(number));
    let mut writer = PstWriter::new(io::Cursor::new(Vec::new()), variant.options()).unwrap();
    let folder = writer.add_folder(writer.top(), "Inbox").unwrap();
    let rtf = b"{\\rtf1\\ansi\\fromhtml1{\\*\\htmltag <p>}text{\\*\\htmltag </p>}}".to_vec();
    let message = NewMessage {
        subject: "Re: One".into(),
        sender: Some(Person::new("Ada", "ada@example.org")),
        recipients: vec![Recipient { line: RecipientLine::To, person: Person::new("Bo", "bo@example.org") }],
        text: Some("text".into()),
        html: Some(b"<p>text".to_vec()),
        rtf: Some(RtfBody { bytes: rtf, form: RtfForm::Compressed }),
        ..NewMessage::default()
    };
    let file = |name: &str, content| NewAttachment { name: name.into(), content, ..NewAttachment::default() };
    let carrier = NewMessage {
        attachments: vec![
            file("one", Content::Message(Box::new(message.clone()))),
            file("two", Content::Bytes(noise(1, 5000))),
            file("three", Content::Bytes(noise(2, 17_000))),
        ],
        ..message.clone()
    };
    let halves = |all: &[u16]| all.iter().flat_map(|half| half.to_le_bytes()).collect::<Vec<u8>>();
    let words = |all: &[u32]| all.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    let series = [
        halves(&[0x3004, 0x3004, 0x200B, 1, 0]),
        words(&[0, 2, 0, 0x0A, 0x2022, 6, 1, 0, 0, 1440, 10_080, 0x3006, 0x3009, 540, 600]),
        halves(&[0]),
        words(&[0, 0]),
    ];
    let appointment = NewMessage { class: "IPM.Appointment".into(), ..message.clone() }
        .with(named(PropertySet::APPOINTMENT, 0x8216), Value::Binary(series.concat()));
    let members = vec![one_off_entry_id(&Person::new("Bo", "bo@example.org")); 3];
    let list = NewMessage { class: "IPM.DistList".into(), subject: "List".into(), ..NewMessage::default() }
        .with(named(PropertySet::ADDRESS, 0x8055), Value::Binaries(members));
    for message in [message.clone(), carrier, appointment, list] {
        writer.add_message(folder, &message).unwrap();
    }
    writer.add_hidden_message(folder, &message).unwrap();
    let mut data = writer.finish().unwrap().into_inner();
    let used = data.iter().rposition(|&byte| byte != 0).unwrap() + 1;
    data.truncate(used.next_multiple_of(4096));
    data
}

/// What reading one item whole came to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub attachments: u64,
    pub embedded: u64,
    pub bytes: u64,
    /// What could not be read, in words.
    pub failures: Vec<String>,
    /// Stands for everything that was read.
    pub digest: u64,
}

/// Reads an item with its bodies, attachments and properties.
pub fn read_whole(reader: &mut Reader<'_>, entry: &ItemEntry, most: u64) -> Outcome {
    let mut outcome = Outcome::default();
    let mut hasher = DefaultHasher::new();
    match reader.item(entry) {
        Ok(item) => {
            format!("{item:?}").hash(&mut hasher);
            outcome.attachments = item.attachment_count();
            outcome.embedded = item.embedded_count();
            visit(reader, &item, entry.node, &[], &mut outcome, &mut hasher, most);
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            outcome.failures.push(error.to_string());
        }
    }
    match reader.details(entry) {
        Ok(details) => format!("{details:?}").hash(&mut hasher),
        Err(error) => error.to_string().hash(&mut hasher),
    }
    match reader.properties(entry, 1 << 12) {
        Ok(properties) => format!("{properties:?}").hash(&mut hasher),
        Err(error) => error.to_string().hash(&mut hasher),
    }
    outcome.digest = hasher.finish();
    outcome
}

fn visit(
    reader: &mut Reader<'_>,
    item: &Item,
    node: NodeId,
    path: &[NodeId],
    outcome: &mut Outcome,
    hasher: &mut DefaultHasher,
    most: u64,
) {
    match reader.embedded_bodies(node, path, LIMIT) {
        Ok(bodies) => {
            bodies.best_text().hash(hasher);
            bodies.best_html().hash(hasher);
            format!("{:?}", bodies.anomalies).hash(hasher);
        }
        Err(error) => outcome.failures.push(error.to_string()),
    }
    for attachment in &item.attachments {
        match &attachment.embedded {
            Some(embedded) => visit(reader, embedded, node, &attachment.path, outcome, hasher, most),
            None => content(reader, attachment, node, outcome, hasher, most),
        }
    }
}

fn content(
    reader: &mut Reader<'_>,
    attachment: &Attachment,
    node: NodeId,
    outcome: &mut Outcome,
    hasher: &mut DefaultHasher,
    most: u64,
) {
    let stored = matches!(attachment.method, AttachmentMethod::ByValue | AttachmentMethod::Ole);
    match reader.attachment(node, &attachment.path) {
        Ok(content) => {
            let size = content.size();
            let mut sink = Sink(hasher);
            match io::copy(&mut content.take(most), &mut sink) {
                Ok(count) => {
                    outcome.bytes += count;
                    if count != size && count < most {
                        outcome.failures.push(format!("{count} bytes of {size} in an attachment"));
                    }
                }
                Err(error) => outcome.failures.push(error.to_string()),
            }
        }
        Err(error) if stored => outcome.failures.push(error.to_string()),
        Err(_) => {}
    }
}

struct Sink<'a>(&'a mut DefaultHasher);

impl io::Write for Sink<'_> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.write(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
