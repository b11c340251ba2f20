//! The border behind which mail formats live. The engine sees files through [`OpenSource`] alone; [`pst`] is the one kind so far.

mod find;
pub mod pst;

pub use find::find_sources;

use crate::error::{Result, SourceProblem};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// What a file is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// To go through all that it names: what is broken of it is found, and made good as far as that goes. It takes as long as the file
    /// is large.
    Whole,
    /// To read some items that are known, which takes no time however large the file is: what is broken is made good when one of
    /// them cannot be had, or not all of it.
    Items,
}

/// Says whether going through a file is to end: opening one and planning may take minutes, and are then no longer wanted.
#[derive(Clone, Default)]
pub struct Stop(Option<Arc<dyn Fn() -> bool + Send + Sync>>);

impl Stop {
    /// It goes on to its end.
    pub fn never() -> Self {
        Self(None)
    }

    /// It ends soon after `is_asked` says so, which is asked before each read.
    pub fn when(is_asked: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(is_asked)))
    }

    /// Whether it is to end now.
    pub fn is_asked(&self) -> bool {
        self.0.as_ref().is_some_and(|is_asked| is_asked())
    }
}

/// Opens a file of a known format, read-only. Once `stop` is asked for, opening it and [`OpenSource::plan`] fail.
///
/// # Errors
/// Why the file cannot be a source.
pub fn open(path: &Path, opening: Opening, stop: Stop) -> Result<Box<dyn OpenSource>, SourceProblem> {
    Ok(Box::new(pst::PstSource::open(path, opening, stop)?))
}

/// Opens a file to read its bytes, and leaves even the time of its last access as it was where the system allows it.
///
/// # Errors
/// The system's.
pub fn open_bytes(path: &Path) -> std::io::Result<std::fs::File> {
    pst::open_bytes(path)
}

/// How files become sources: [`open`], unless a host knows better.
pub type Opener =
    Box<dyn Fn(&Path, Opening, Stop) -> Result<Box<dyn OpenSource>, SourceProblem> + Send + Sync>;

/// What can be told of a file without reading more than its first pages; `None` where it takes more than that to open it.
pub fn glance(path: &Path) -> Option<Glance> {
    pst::PstSource::glance(path)
}

/// A file at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glance {
    /// As [`Facts::identity`].
    pub identity: Vec<u8>,
    /// As [`Facts::state`].
    pub state: Vec<u8>,
    /// As [`Facts::missing`].
    pub missing: u64,
}

/// How many bytes a file lacks by what was odd about it ([`Facts::anomalies`]); nothing where that says something else.
pub(crate) fn missing_bytes(oddity: &str) -> Option<u64> {
    pst::missing_bytes(oddity)
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
    /// All folders, and all items without their content: what there is to read. With `recover`, also items that were deleted and are
    /// still there, which takes looking through all that the file no longer uses.
    ///
    /// # Errors
    /// When not even that can be had.
    fn plan(&self, recover: bool) -> Result<Plan, SourceProblem>;
    /// A reader for one thread. It owns a cache of at most `cache_bytes`.
    fn reader(&self, cache_bytes: usize) -> Box<dyn ItemReader + '_>;
    /// Told that the items at these places ([`Entry::offset`], rising) are read soon. Nothing has to come of it.
    fn will_read(&self, offsets: &mut dyn Iterator<Item = u64>) {
        let _ = offsets;
    }
    /// Bytes read from the file since it was opened.
    fn bytes_read(&self) -> u64;
    /// Whether the file can be read at all any more, found out by reading its beginning and its end: a stick that was pulled must
    /// not pass for mail that is damaged.
    ///
    /// # Errors
    /// Why not.
    fn alive(&self) -> Result<(), SourceProblem>;
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
    /// Whether an item is still the one of this version.
    ///
    /// # Errors
    /// As for [`ItemReader::read`]; also when it is there no more.
    fn is_unchanged(&mut self, key: u64, version: Version) -> Result<bool, String>;
    /// All that the file stores of an item, or of the message embedded in it at `path`, for a new data file to hold the same. At most
    /// `left` bytes, which become fewer.
    ///
    /// # Errors
    /// As for [`ItemReader::read`]; also where a source has nothing of the kind.
    fn stored(&mut self, _key: u64, _path: &[u32], _left: &mut u64) -> Result<pst::Stored, String> {
        Err("The file holds no properties.".into())
    }
    /// The same of an attachment, but for its content.
    ///
    /// # Errors
    /// As for [`ItemReader::stored`].
    fn stored_attachment(
        &mut self,
        _key: u64,
        _path: &[u32],
        _left: &mut u64,
    ) -> Result<pst::Stored, String> {
        Err("The file holds no properties.".into())
    }
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
    /// What changes whenever a program that keeps to the format writes to the file, as far as can be told without reading it.
    pub state: Vec<u8>,
    /// Bytes that its header names beyond its end: what a copy lost that was cut off.
    pub missing: u64,
    /// Why the system could not read some of what names the items; what it names beyond that can be taken in.
    pub unread: Option<String>,
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
    /// The byte of the file where its content begins; 0 where that is not known.
    pub offset: u64,
    /// Found beyond what the file names; such items do not count as expected.
    pub recovered: Option<Certainty>,
}

/// How sure it is that an item that was deleted is whole. The numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Certainty {
    /// Its content may be that of something else.
    Doubtful = 0,
    /// Parts of it are overwritten.
    Partial = 1,
    /// Everything of it is there.
    Certain = 2,
    /// Nothing in the file names it any more: it was told by its own bytes, and its folder is not known.
    Carved = 3,
}

impl Certainty {
    /// From the stored number.
    pub fn from_number(number: i64) -> Self {
        match number {
            3 => Self::Carved,
            2 => Self::Certain,
            1 => Self::Partial,
            _ => Self::Doubtful,
        }
    }

    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Doubtful => "doubtful",
            Self::Partial => "partial",
            Self::Certain => "certain",
            Self::Carved => "carved",
        }
    }
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

/// How mail is protected. The numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Protection {
    #[default]
    None = 0,
    Signed = 1,
    Encrypted = 2,
}

impl Protection {
    /// From the stored number.
    pub fn from_number(number: i64) -> Self {
        match number {
            1 => Self::Signed,
            2 => Self::Encrypted,
            _ => Self::None,
        }
    }
}

/// What mail says about itself beside who, when and what.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MailFacts {
    /// Whether it was not yet read.
    pub unread: bool,
    /// 0 no flag, 1 flagged and done, 2 flagged.
    pub flag: u8,
    /// 0 low, 1 normal, 2 high.
    pub importance: u8,
    /// 0 normal, 1 personal, 2 private, 3 confidential.
    pub sensitivity: u8,
    /// How it is protected.
    pub protection: Protection,
    /// The message that it answers, without brackets.
    pub in_reply_to: String,
    /// The messages before it, oldest first, without brackets; bounded in number.
    pub references: Vec<String>,
    /// The subject of its conversation.
    pub topic: String,
    /// PidTagConversationIndex ([MS-OXOMSG] 2.2.1.3), bounded in length.
    pub conversation_index: Vec<u8>,
    /// Minutes east of UTC of the sender's clock, as the header `Date` of the message tells it.
    pub sender_zone: Option<i16>,
}

/// A line of what an item of its kind says beyond a message.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct DetailLine {
    /// What it is about, in small letters with dots: "starts", "phone.business". Several lines may have the same key.
    pub key: String,
    /// What it says.
    pub value: DetailValue,
}

/// What a [`DetailLine`] says.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum DetailValue {
    /// Words.
    Text(String),
    /// A moment, in milliseconds since 1970 UTC.
    Time(i64),
    /// A day without a time of day, in milliseconds since 1970 at midnight UTC.
    Day(i64),
    /// A number.
    Number(f64),
    /// Yes or no.
    Flag(bool),
    /// Someone, and a word on their part or answer.
    Person {
        /// Name; may be empty.
        name: String,
        /// Address; may be empty.
        address: String,
        /// Such as "accepted" or "optional"; may be empty.
        note: String,
    },
}

impl DetailLine {
    /// Its words, for a search to find them: nothing for numbers and times.
    pub fn words(&self, out: &mut String) {
        let words: [&str; 2] = match &self.value {
            DetailValue::Text(text) => [text, ""],
            DetailValue::Person { name, address, .. } => [name, address],
            DetailValue::Time(_) | DetailValue::Day(_) | DetailValue::Number(_) | DetailValue::Flag(_) => {
                return;
            }
        };
        for word in words.into_iter().filter(|word| !word.is_empty()) {
            out.push_str(word);
            out.push(' ');
        }
        if out.ends_with(' ') {
            out.pop();
            out.push('\n');
        }
    }
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
    /// What mail says about itself.
    pub mail: MailFacts,
    /// What an item of its kind says beyond a message.
    pub details: Vec<DetailLine>,
    /// Readable text of the body.
    pub text: String,
    /// Readable text of embedded messages, with their subjects and people.
    pub embedded_text: String,
    /// All attachments, those inside embedded messages after the attachment that holds them.
    pub attachments: Vec<AttachmentFacts>,
    /// Whether the item itself is lost, and this is what its folder repeats of it: it never takes the place of an earlier, whole
    /// reading, and every later import tries again.
    pub partial: bool,
    /// Whether anything of it, or what it is understood by, is damaged: when the file has changed, it may say more.
    pub damaged: bool,
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
