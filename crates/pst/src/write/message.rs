//! What a caller hands to the writer: messages, people, attachments.

use std::{
    fmt,
    io::{self, Cursor, Read},
    sync::Arc,
};

use super::{
    names::PropertyKey,
    stored::StoredMessage,
    value::{FileTime, Value},
};

/// A person or list: the name that is shown and the SMTP address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    /// The name that is shown.
    pub name: String,
    /// The SMTP address.
    pub address: String,
}

impl Person {
    /// A person with this name and address.
    pub fn new(name: impl Into<String>, address: impl Into<String>) -> Self {
        Self { name: name.into(), address: address.into() }
    }
}

/// On which line of the message a recipient stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RecipientLine {
    /// The primary recipients
    #[default]
    To,
    /// Those who get a copy
    Cc,
    /// Those whom the others do not see
    Bcc,
}

/// One recipient of a message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recipient {
    /// The line it stands on.
    pub line: RecipientLine,
    /// Who it is.
    pub person: Person,
}

/// How an RTF body is stored ([MS-OXRTFCP]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RtfForm {
    /// `LZFu`: compressed
    #[default]
    Compressed,
    /// `MELA`: plain behind the same header
    Uncompressed,
    /// The bytes are a stored property already and are taken as they are.
    AsStored,
}

/// An RTF body.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RtfBody {
    /// The RTF, or with [`RtfForm::AsStored`] the property.
    pub bytes: Vec<u8>,
    /// How to store it.
    pub form: RtfForm,
}

/// Where an attachment's bytes come from, when they are too many to hold in memory.
pub trait ContentSource: fmt::Debug + Send + Sync {
    /// A reader over the content from its beginning.
    ///
    /// # Errors
    /// Whatever stands in the way of reading; the writer stops with it.
    fn open(&self) -> io::Result<Box<dyn Read + '_>>;
}

/// An attachment's content.
#[derive(Debug, Clone)]
pub enum Content {
    /// Bytes in memory
    Bytes(Vec<u8>),
    /// Bytes that are read while they are written
    Source(Arc<dyn ContentSource>),
    /// A message inside the message
    Message(Box<NewMessage>),
    /// An OLE object: the bytes of its compound file
    Ole(Vec<u8>),
    /// Nothing: the properties name a file elsewhere
    Absent,
}

impl Default for Content {
    fn default() -> Self {
        Self::Bytes(Vec::new())
    }
}

impl ContentSource for Vec<u8> {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(Cursor::new(self)))
    }
}

/// A file or message attached to a message.
#[derive(Debug, Clone, Default)]
pub struct NewAttachment {
    /// The file's name as the sender wrote it.
    pub name: String,
    /// The MIME type; empty when unknown.
    pub mime: String,
    /// What it holds.
    pub content: Content,
    /// The id under which an HTML body shows it (`cid:`), without angle brackets. Makes it an inline image.
    pub content_id: Option<String>,
    /// Further properties; they replace those that the fields above give.
    pub properties: Vec<(PropertyKey, Value)>,
}

/// A message, or any other item, to be written. `Default` gives an empty, unread note without people.
#[derive(Debug, Clone, Default)]
pub struct NewMessage {
    /// The message class; empty means `IPM.Note`.
    pub class: String,
    /// The subject with its prefix, such as `Re: `.
    pub subject: String,
    /// Who sent it.
    pub sender: Option<Person>,
    /// In whose name it was sent, when that is somebody else.
    pub represented: Option<Person>,
    /// The recipients, in their order.
    pub recipients: Vec<Recipient>,
    /// When the sender sent it.
    pub sent: Option<FileTime>,
    /// When it arrived.
    pub delivered: Option<FileTime>,
    /// The plain text body.
    pub text: Option<String>,
    /// The HTML body, in UTF-8 unless the property PidTagInternetCodepage is set to something else.
    pub html: Option<Vec<u8>>,
    /// The RTF body.
    pub rtf: Option<RtfBody>,
    /// The attachments, in their order.
    pub attachments: Vec<NewAttachment>,
    /// Whether it has been read.
    pub read: bool,
    /// Whether it is a draft that was never sent.
    pub draft: bool,
    /// Whether the owner of the mailbox sent it.
    pub from_me: bool,
    /// The header as it came over the Internet.
    pub headers: Option<String>,
    /// Message-ID, with angle brackets.
    pub message_id: Option<String>,
    /// Message-ID of the message that this one answers.
    pub in_reply_to: Option<String>,
    /// Further properties; they replace those that the fields above give.
    pub properties: Vec<(PropertyKey, Value)>,
    /// The message as another file stores it. Then of the fields above only class, bodies, attachments and whether it was read
    /// count, beside what no message can be without; these properties replace them.
    pub copy: Option<Box<StoredMessage>>,
}

impl NewMessage {
    /// Sets a further property.
    #[must_use]
    pub fn with(mut self, key: PropertyKey, value: Value) -> Self {
        self.properties.push((key, value));
        self
    }
}

/// The bytes that name a person outside of any address book ([MS-OXCDATA] 2.2.5.1); members of distribution
/// lists are stored so.
pub fn one_off_entry_id(person: &Person) -> Vec<u8> {
    const PROVIDER: [u8; 16] =
        [0x81, 0x2B, 0x1F, 0xA4, 0xBE, 0xA3, 0x10, 0x19, 0x9D, 0x6E, 0x00, 0xDD, 0x01, 0x0F, 0x54, 0x02];
    // Version 0; text is UTF-16 and the recipient takes any format.
    const VERSION_AND_FLAGS: [u8; 4] = [0, 0, 0x01, 0x90];
    let mut out = vec![0; 4];
    out.extend_from_slice(&PROVIDER);
    out.extend_from_slice(&VERSION_AND_FLAGS);
    for text in [person.name.as_str(), "SMTP", person.address.as_str()] {
        text.encode_utf16().chain([0]).for_each(|unit| out.extend_from_slice(&unit.to_le_bytes()));
    }
    out
}
