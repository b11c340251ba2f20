//! The border behind which mail formats live. The engine sees files through [`OpenSource`] alone; [`pst`] is the one kind so far.

mod find;
pub mod pst;

pub use find::find_sources;

use crate::error::{Result, SourceProblem};
use std::io::Write;
use std::path::Path;

/// Opens a file of a known format, read-only.
///
/// # Errors
/// Why the file cannot be a source.
pub fn open(path: &Path) -> Result<Box<dyn OpenSource>, SourceProblem> {
    Ok(Box::new(pst::PstSource::open(path)?))
}

/// Whether a file can be a source, found out from as little of it as will do.
///
/// # Errors
/// Why not.
pub fn check(path: &Path) -> Result<(), SourceProblem> {
    pst::PstSource::check(path)
}

/// A file that is open for reading. Any number of readers may work on it at once.
pub trait OpenSource: Send + Sync {
    /// What is known of the file as a whole.
    fn facts(&self) -> &Facts;
    /// All folders, and all items without their content: what there is to read.
    ///
    /// # Errors
    /// When not even that can be had.
    fn plan(&self) -> Result<Plan, SourceProblem>;
    /// A reader for one thread. It owns a cache of at most `cache_bytes`.
    fn reader(&self, cache_bytes: usize) -> Box<dyn ItemReader + '_>;
    /// Bytes read from the file since it was opened.
    fn bytes_read(&self) -> u64;
}

/// Reads items, one at a time.
pub trait ItemReader {
    /// Everything that the library keeps of an item.
    ///
    /// # Errors
    /// A sentence that says what could not be read, with its place.
    fn read(&mut self, entry: &Entry) -> Result<SourceItem, String>;
    /// What the reader pane shows beyond what the library keeps: of the item, or of the message embedded in it at `path`.
    ///
    /// # Errors
    /// As for [`ItemReader::read`]; also when the item changed since `version`.
    fn detail(&mut self, key: u64, version: Version, path: &[u32]) -> Result<Detail, String>;
    /// Copies the bytes of an attachment to `out`, in constant memory; gives their number.
    ///
    /// # Errors
    /// A sentence; what was written before stays written.
    fn attachment(&mut self, key: u64, path: &[u32], out: &mut dyn Write) -> Result<u64, String>;
}

/// A file as a whole.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// What identifies the mailbox wherever its file lies (PidTagRecordKey of the store); empty if it has none.
    pub identity: Vec<u8>,
    /// "ANSI", "Unicode", "Unicode 4k".
    pub format: String,
    /// "PST" or "OST".
    pub kind: String,
    /// "none", "permute", "cyclic".
    pub encryption: String,
    /// Bytes.
    pub size: u64,
    /// What was odd on opening.
    pub anomalies: Vec<String>,
}

/// What a file holds.
#[derive(Debug, Default)]
pub struct Plan {
    /// Folders, parents before children.
    pub folders: Vec<PlannedFolder>,
    /// Items, in the order in which they lie in the file.
    pub entries: Vec<Entry>,
    /// What was odd.
    pub anomalies: Vec<PlanAnomaly>,
}

/// An oddity found while planning.
#[derive(Debug, Clone)]
pub struct PlanAnomaly {
    /// Index into [`Plan::folders`].
    pub folder: Option<usize>,
    /// Key of the node concerned.
    pub key: Option<u64>,
    /// A sentence.
    pub reason: String,
}

/// A folder of a file.
#[derive(Debug, Clone)]
pub struct PlannedFolder {
    /// Its key in the file, stable from one state of the file to the next.
    pub key: u64,
    /// Index of its parent.
    pub parent: Option<usize>,
    /// Its own name.
    pub name: String,
    /// Names from the top, joined by "/".
    pub path: String,
    /// 0 for top folders.
    pub depth: u32,
    /// Hidden items in it.
    pub hidden: u64,
}

/// What changes when, and only when, an item's content does: for a node of a PST its (bidData, bidSub).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Version {
    /// bidData.
    pub data: u64,
    /// bidSub.
    pub sub: u64,
}

/// An item before it is read.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its key in the file, unique there.
    pub key: u64,
    /// Its version.
    pub version: Version,
    /// Index into [`Plan::folders`].
    pub folder: u32,
    /// Found beyond what the file names; such items do not count as expected.
    pub recovered: bool,
    /// Why it is known already that it cannot be read.
    pub missing: Option<Box<str>>,
}

/// What an item is. The numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum ItemKind {
    Mail = 0,
    Appointment = 1,
    Meeting = 2,
    Contact = 3,
    DistList = 4,
    Task = 5,
    Note = 6,
    Journal = 7,
    Post = 8,
    Report = 9,
    Document = 10,
    Other = 11,
}

impl ItemKind {
    /// Every kind with its name in queries.
    pub const ALL: [(ItemKind, &'static str); 12] = [
        (ItemKind::Mail, "mail"),
        (ItemKind::Appointment, "appointment"),
        (ItemKind::Meeting, "meeting"),
        (ItemKind::Contact, "contact"),
        (ItemKind::DistList, "distlist"),
        (ItemKind::Task, "task"),
        (ItemKind::Note, "note"),
        (ItemKind::Journal, "journal"),
        (ItemKind::Post, "post"),
        (ItemKind::Report, "report"),
        (ItemKind::Document, "document"),
        (ItemKind::Other, "other"),
    ];

    /// From the stored number; what is unknown is [`ItemKind::Other`].
    pub fn from_number(number: i64) -> Self {
        usize::try_from(number).ok().and_then(|n| Self::ALL.get(n)).map_or(Self::Other, |(kind, _)| *kind)
    }
}

/// A correspondent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Person {
    /// Name; may be empty.
    pub name: String,
    /// Address; may be empty.
    pub address: String,
}

impl Person {
    /// The name, or the address where there is none.
    pub fn display(&self) -> &str {
        if self.name.is_empty() { &self.address } else { &self.name }
    }
}

/// A recipient's part. The numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Role {
    To = 1,
    Cc = 2,
    Bcc = 3,
}

/// An attachment's facts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AttachmentFacts {
    /// What names it within its item: a number of the source's own, after those of the embedded messages on the way.
    pub path: Vec<u32>,
    /// File name, or subject of the embedded message.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// MIME type as stated.
    pub mime_type: String,
    /// "file", "reference", "message", "ole".
    pub method: &'static str,
    /// Whether the body shows it.
    pub inline: bool,
    /// PidTagAttachContentId without brackets.
    pub content_id: String,
}

/// What the library keeps of an item.
#[derive(Debug, Clone)]
pub struct SourceItem {
    /// What it is.
    pub kind: ItemKind,
    /// PidTagMessageClass.
    pub class: String,
    /// Without prefix bytes.
    pub subject: String,
    /// Sender.
    pub from: Option<Person>,
    /// Recipients in order.
    pub recipients: Vec<(Role, Person)>,
    /// Milliseconds since 1970 UTC; what the item itself takes as its date.
    pub date: Option<i64>,
    /// PidTagMessageSize, or what was read where it is absent.
    pub size: u64,
    /// PidTagInternetMessageId.
    pub message_id: String,
    /// Readable text of the body.
    pub text: String,
    /// Readable text of embedded messages, with their subjects and people.
    pub embedded_text: String,
    /// All attachments, those inside embedded messages after the attachment that holds them.
    pub attachments: Vec<AttachmentFacts>,
    /// What was odd.
    pub anomalies: Vec<String>,
}

/// What is read from the file when an item is shown.
#[derive(Debug, Clone, Default)]
pub struct Detail {
    /// The item (or embedded message) itself.
    pub item: Option<SourceItem>,
    /// HTML as written by the sender, unsafe.
    pub html: Option<String>,
    /// Transport headers.
    pub headers: String,
    /// Inline pictures by content id: MIME type and bytes, bounded in number and size.
    pub inline: Vec<InlinePart>,
    /// All properties.
    pub properties: Vec<PropertyLine>,
}

/// A part that the HTML refers to by `cid:`.
#[derive(Debug, Clone)]
pub struct InlinePart {
    /// Content id without brackets.
    pub content_id: String,
    /// MIME type as stated; may be empty.
    pub mime_type: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// A property, in words.
#[derive(Debug, Clone)]
pub struct PropertyLine {
    /// "0x0037001F".
    pub tag: String,
    /// Canonical or named property's name; may be empty.
    pub name: String,
    /// "PtypString".
    pub kind: String,
    /// Value, shortened when long.
    pub value: String,
}
