//! Small files with known content, in every format and encryption: what tests of readers open.

use std::{
    io::{self, Read},
    path::Path,
    sync::Arc,
};

use super::{
    Content, ContentSource, Encryption, FileTime, Format, NewAttachment, NewMessage, Options, Person,
    PropertyKey, PropertyName, PropertySet, PstWriter, Recipient, RecipientLine, Result, RtfBody, RtfForm,
    Value, png::png, value::unix_time,
};

/// A format and an encryption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Variant {
    /// The format.
    pub format: Format,
    /// The encryption.
    pub encryption: Encryption,
}

/// Unicode, permuted: what Outlook makes.
impl Default for Variant {
    fn default() -> Self {
        Self { format: Format::Unicode, encryption: Encryption::Permute }
    }
}

impl Variant {
    /// Every combination.
    pub fn all() -> impl Iterator<Item = Self> {
        [Format::Unicode, Format::Ansi, Format::Unicode4k].into_iter().flat_map(|format| {
            [Encryption::None, Encryption::Permute, Encryption::Cyclic]
                .into_iter()
                .map(move |encryption| Self { format, encryption })
        })
    }

    /// The options of a file of this kind, all else as by default.
    pub fn options(self) -> Options {
        Options { format: self.format, encryption: self.encryption, ..Options::default() }
    }
}

/// An item of a known file: the folder it lies in, by its path below the top, and all that it holds.
#[derive(Debug, Clone)]
pub struct KnownItem {
    /// Names of the folders from the top down.
    pub folder: &'static [&'static str],
    /// The item as it was written.
    pub message: NewMessage,
    /// Whether it is a hidden message.
    pub hidden: bool,
}

const INBOX: &[&str] = &["Inbox"];
const ARCHIVE: &[&str] = &["Inbox", "Archive"];
const CALENDAR: &[&str] = &["Calendar"];

/// Bytes without a pattern that a block boundary could hide; the same for the same `seed`.
pub fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(length + 8);
    let mut state = seed ^ 0x9E37_79B9_7F4A_7C15;
    while out.len() < length {
        // xorshift64
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out.extend_from_slice(&state.to_le_bytes());
    }
    out.truncate(length);
    out
}

fn to(line: RecipientLine, name: &str, address: &str) -> Recipient {
    Recipient { line, person: Person::new(name, address) }
}

fn note(subject: &str, text: &str, minute: i64) -> NewMessage {
    let time = unix_time(1_709_280_000 + minute * 60);
    NewMessage {
        subject: subject.to_owned(),
        sender: Some(Person::new("Ada Example", "ada@example.org")),
        recipients: vec![to(RecipientLine::To, "Bo Example", "bo@example.org")],
        sent: Some(time),
        delivered: Some(FileTime(time.0 + 20_000_000)),
        text: (!text.is_empty()).then(|| text.to_owned()),
        read: minute % 2 == 0,
        message_id: Some(format!("<known-{minute}@example.org>")),
        ..NewMessage::default()
    }
}

fn file(name: &str, mime: &str, bytes: Vec<u8>) -> NewAttachment {
    NewAttachment {
        name: name.to_owned(),
        mime: mime.to_owned(),
        content: Content::Bytes(bytes),
        ..NewAttachment::default()
    }
}

/// What [`write_small`] puts into a file of this format. ANSI files get text of their code page alone.
pub fn known_items(format: Format) -> Vec<KnownItem> {
    let item = |folder, message| KnownItem { folder, message, hidden: false };
    let mut items = vec![
        item(INBOX, people()),
        item(INBOX, html()),
        item(INBOX, rtf("A compressed RTF body", RtfForm::Compressed, 3)),
        item(INBOX, rtf("An uncompressed RTF body", RtfForm::Uncompressed, 4)),
        item(INBOX, files()),
        item(ARCHIVE, embedded()),
        item(
            ARCHIVE,
            note(&"A long subject ".repeat(20), &"A long body, line after line.\r\n".repeat(4000), 7),
        ),
        item(ARCHIVE, crowd()),
        item(CALENDAR, appointment()),
        item(INBOX, other_attachments()),
        item(INBOX, note("", "A message without a subject", 10)),
        item(INBOX, note("Größe – façade – 5 €", "Ähnlich naïve Wörter, à la carte.", 11)),
        item(
            INBOX,
            NewMessage { read: false, draft: true, sent: None, delivered: None, ..note("A draft", "", 12) },
        ),
    ];
    if format != Format::Ansi {
        items.push(item(
            INBOX,
            note("Re: 日本語 · Привет · مرحبا", "こんにちは 🌍 — здравствуйте — שלום", 13),
        ));
    }
    items.push(KnownItem {
        folder: INBOX,
        message: NewMessage { class: "IPM.Configuration.Known".to_owned(), ..note("Settings", "hidden", 14) },
        hidden: true,
    });
    items
}

fn people() -> NewMessage {
    NewMessage {
        represented: Some(Person::new("The Board", "board@example.org")),
        recipients: vec![
            to(RecipientLine::To, "Bo Example", "bo@example.org"),
            to(RecipientLine::To, "Chi Example", "chi@example.com"),
            to(RecipientLine::Cc, "Dee Example", "dee@example.com"),
            to(RecipientLine::Bcc, "Eli Example", "eli@example.com"),
        ],
        headers: Some("From: Ada Example <ada@example.org>\r\nSubject: Plain text\r\n".to_owned()),
        ..note("Plain text", "Hello Bo,\r\n\r\nplain text it is.\r\n\r\nAda", 1)
    }
}

fn html() -> NewMessage {
    let image = png(16, 16, |x, y| [x as u8 * 16, y as u8 * 16, 128]);
    NewMessage {
        html: Some(b"<html><body><p>Hello <b>Bo</b></p><img src=\"cid:dot@known\"></body></html>".to_vec()),
        attachments: vec![NewAttachment {
            content_id: Some("dot@known".to_owned()),
            ..file("dot.png", "image/png", image)
        }],
        in_reply_to: Some("<known-1@example.org>".to_owned()),
        ..note("Re: Plain text", "Hello Bo", 2)
    }
}

fn rtf(subject: &str, form: RtfForm, minute: i64) -> NewMessage {
    let bytes = b"{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0 Arial;}}\\pard A body in \\b rich\\b0  text.\\par}";
    NewMessage { rtf: Some(RtfBody { bytes: bytes.to_vec(), form }), ..note(subject, "", minute) }
}

/// Attachments of every way of storing: empty, in the heap, in one block, in an XBLOCK.
fn files() -> NewMessage {
    let sizes = [0, 1, 3580, 3581, 8176, 8177, 8180, 8181, 65_512, 65_513, 200_000];
    NewMessage {
        attachments: sizes
            .iter()
            .map(|&size| file(&format!("noise-{size}.bin"), "application/octet-stream", noise(7, size)))
            .collect(),
        ..note("Attachments of many sizes", "See attached.", 5)
    }
}

fn embedded() -> NewMessage {
    let attached = |name: &str, message: NewMessage| NewAttachment {
        name: name.to_owned(),
        content: Content::Message(Box::new(message)),
        ..NewAttachment::default()
    };
    let inner = NewMessage {
        attachments: vec![file("inner.txt", "text/plain", b"from the inside".to_vec())],
        ..note("The innermost message", "Three levels down", 20)
    };
    let middle = NewMessage {
        attachments: vec![attached("inner", inner)],
        ..note("The message inside", "Two levels down", 21)
    };
    NewMessage {
        attachments: vec![attached("middle", middle), file("beside.txt", "text/plain", b"beside".to_vec())],
        ..note("Fwd: The message inside", "One level down", 6)
    }
}

/// More recipients than one heap item, or one block, holds.
fn crowd() -> NewMessage {
    NewMessage {
        recipients: (0..300)
            .map(|n| to(RecipientLine::To, &format!("Person {n:03}"), &format!("p{n}@example.com")))
            .collect(),
        ..note("To all", "Three hundred of you", 8)
    }
}

/// An OLE object, and a file that is only named.
fn other_attachments() -> NewMessage {
    let object = NewAttachment {
        name: "object.ole".to_owned(),
        content: Content::Ole(noise(15, 5000)),
        ..NewAttachment::default()
    };
    let reference = NewAttachment {
        // PidTagAttachMethod: by reference; PidTagAttachLongPathname
        properties: vec![
            (PropertyKey::Id(0x3705), Value::Int32(2)),
            (PropertyKey::Id(0x370D), Value::Text("\\\\server.example.org\\share\\plan.txt".to_owned())),
        ],
        ..file("plan.txt", "text/plain", Vec::new())
    };
    NewMessage {
        attachments: vec![object, reference],
        ..note("Other attachments", "An object and a path.", 15)
    }
}

fn appointment() -> NewMessage {
    let named = |number| PropertyKey::Named(PropertySet::APPOINTMENT, PropertyName::Number(number));
    let text =
        |name: &str| PropertyKey::Named(PropertySet::PUBLIC_STRINGS, PropertyName::Text(name.to_owned()));
    let start = unix_time(1_709_542_800);
    NewMessage { class: "IPM.Appointment".to_owned(), ..note("Tea", "Bring biscuits", 9) }
        // PidLidAppointmentStartWhole, PidLidAppointmentEndWhole, PidLidLocation
        .with(named(0x820D), Value::Time(start))
        .with(named(0x820E), Value::Time(FileTime(start.0 + 36_000_000_000)))
        .with(named(0x8208), Value::Text("The kitchen".to_owned()))
        // PidLidBusyStatus, PidLidAppointmentSubType
        .with(named(0x8205), Value::Int32(2))
        .with(named(0x8215), Value::Bool(false))
        .with(text("Keywords"), Value::Texts(vec!["tea".to_owned(), "biscuits".to_owned()]))
}

/// Writes a file of a few items, one of each kind that readers stumble over, and returns what it holds.
///
/// # Errors
/// [`super::WriteError`] when the file cannot be written.
pub fn write_small(path: impl AsRef<Path>, variant: Variant) -> Result<Vec<KnownItem>> {
    let mut writer = PstWriter::create(path, variant.options())?;
    let items = known_items(variant.format);
    let mut folders: Vec<(&[&str], super::FolderId)> = vec![(&[], writer.top())];
    for item in &items {
        let mut folder = writer.top();
        for depth in 1..=item.folder.len() {
            let path = &item.folder[..depth];
            folder = match folders.iter().find(|(known, _)| *known == path) {
                Some((_, folder)) => *folder,
                None => {
                    let class = if path == CALENDAR { "IPF.Appointment" } else { "IPF.Note" };
                    let made = writer.add_folder_of_class(folder, path[depth - 1], class)?;
                    folders.push((path, made));
                    made
                }
            };
        }
        if item.hidden {
            writer.add_hidden_message(folder, &item.message)?;
        } else {
            writer.add_message(folder, &item.message)?;
        }
    }
    writer.finish()?;
    Ok(items)
}

/// Writes an ANSI file with one message, whose subject and body are `text` in `codepage`.
///
/// # Errors
/// [`super::WriteError`] when the file cannot be written.
pub fn write_codepage(path: impl AsRef<Path>, codepage: u16, text: &str) -> Result<()> {
    let options = Options { format: Format::Ansi, codepage, ..Options::default() };
    let mut writer = PstWriter::create(path, options)?;
    let folder = writer.add_folder(writer.top(), "Text")?;
    writer.add_message(folder, &note(text, text, 1))?;
    writer.finish()?;
    Ok(())
}

/// Writes `count` short messages into one folder: many table rows and several levels of every tree.
///
/// # Errors
/// [`super::WriteError`] when the file cannot be written.
pub fn write_many(path: impl AsRef<Path>, variant: Variant, count: usize) -> Result<()> {
    let mut writer = PstWriter::create(path, variant.options())?;
    let folder = writer.add_folder(writer.top(), "Many")?;
    for number in 0..count {
        let text = format!("This is message number {number} of {count}.");
        writer.add_message(folder, &note(&format!("Message {number}"), &text, number as i64))?;
    }
    writer.finish()?;
    Ok(())
}

/// Noise that is made while it is read.
#[derive(Debug)]
struct NoiseSource {
    seed: u64,
    length: u64,
}

impl ContentSource for NoiseSource {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(NoiseReader { seed: self.seed, left: self.length, part: Vec::new(), at: 0 }))
    }
}

struct NoiseReader {
    seed: u64,
    left: u64,
    part: Vec<u8>,
    at: usize,
}

impl Read for NoiseReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.part.len() {
            let length = self.left.min(NOISE_PART as u64) as usize;
            self.part = noise(self.seed, length);
            self.at = 0;
            self.seed += 1;
            self.left -= length as u64;
        }
        let count = out.len().min(self.part.len() - self.at);
        out[..count].copy_from_slice(&self.part[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

/// Large noise is made in parts of this size, each with the next seed.
const NOISE_PART: usize = 1 << 16;

/// The bytes of the attachment that [`write_large`] writes, in order.
pub fn large_content(size: u64) -> impl Iterator<Item = Vec<u8>> {
    (0..size.div_ceil(NOISE_PART as u64)).map(move |part| {
        let length = (size - part * NOISE_PART as u64).min(NOISE_PART as u64);
        noise(11 + part, length as usize)
    })
}

/// Writes a file with one message and one attachment of `size` bytes (an XXBLOCK from about 8 MB up). Memory does
/// not grow with the size.
///
/// # Errors
/// [`super::WriteError`] when the file cannot be written.
pub fn write_large(path: impl AsRef<Path>, variant: Variant, size: u64) -> Result<()> {
    let mut writer = PstWriter::create(path, variant.options())?;
    let folder = writer.add_folder(writer.top(), "Large")?;
    let content = Content::Source(Arc::new(NoiseSource { seed: 11, length: size }));
    let message = NewMessage {
        attachments: vec![NewAttachment {
            content,
            ..file("large.bin", "application/octet-stream", Vec::new())
        }],
        ..note("A large attachment", "It is large.", 1)
    };
    writer.add_message(folder, &message)?;
    writer.finish()?;
    Ok(())
}
