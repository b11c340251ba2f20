use super::{FolderId, ItemId, ItemKind, SourceId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which item to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ShowRequest {
    /// The item.
    pub id: ItemId,
    /// Show the message embedded in it at this [`Attachment::path`] instead; empty for the item itself.
    #[serde(default)]
    #[ts(as = "Option<Vec<u32>>", optional)]
    pub path: Vec<u32>,
    /// Mark the matches of this query in subject, text and HTML.
    #[serde(default)]
    #[ts(optional)]
    pub query: Option<String>,
}

/// One item, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Item {
    /// The item.
    pub id: ItemId,
    /// What kind of item it is.
    pub kind: ItemKind,
    /// PidTagMessageClass, such as "IPM.Note".
    pub message_class: String,
    /// Subject, marked.
    pub subject: super::Marked,
    /// Sender.
    pub from: Option<Person>,
    /// Primary recipients.
    pub to: Vec<Person>,
    /// Recipients of copies.
    pub cc: Vec<Person>,
    /// Recipients of blind copies.
    pub bcc: Vec<Person>,
    /// The date that the list shows.
    pub date: Option<i64>,
    /// The source it is from.
    pub source: SourceId,
    /// Name of that file.
    pub source_name: String,
    /// The folder it is in.
    pub folder: FolderId,
    /// Path of that folder.
    pub folder_path: String,
    /// Size in the file, in bytes.
    pub size: u64,
    /// Transport headers as received; empty for what was never sent.
    pub headers: String,
    /// The text, and where to mark it.
    pub text: super::Marked,
    /// A whole HTML document, sanitised: no script, no form, no remote address that loads. Inline pictures are `data:` URIs.
    pub html: Option<String>,
    /// How many remote resources were taken out of the HTML.
    pub remote_blocked: u32,
    /// Attachments that are not shown inline.
    pub attachments: Vec<Attachment>,
    /// All properties of the item.
    pub properties: Vec<Property>,
    /// What an item of its kind says beyond a message: times of an appointment, numbers of a contact, outcome of a report.
    pub details: Vec<DetailLine>,
    /// Whether it was not yet read.
    pub unread: bool,
    /// "", "flagged" or "complete".
    pub flag: String,
    /// "low", "" or "high".
    pub importance: String,
    /// "", "personal", "private" or "confidential".
    pub sensitivity: String,
    /// "", "signed" or "encrypted".
    pub protection: String,
    /// Of an item that was deleted and recovered, how sure it is that it is whole: "carved", "doubtful", "partial" or "certain".
    pub recovered: Option<String>,
    /// Whether a later state of its file no longer has it.
    pub gone: bool,
    /// Other items of the library that say the same.
    pub duplicates: u64,
    /// Items of its conversation, itself included.
    #[serde(default)]
    #[ts(as = "Option<u64>", optional)]
    pub conversation: u64,
    /// EDRM message identification hash (MD5 of the Message-ID), in hexadecimal; absent where there is no Message-ID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub mih: Option<String>,
    /// Flagged in Mailscope.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub marked: bool,
    /// Looked through, as someone told Mailscope.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub reviewed: bool,
    /// Its tags, in order of their names.
    #[serde(default)]
    #[ts(as = "Option<Vec<String>>", optional)]
    pub tags: Vec<String>,
    /// The note on it; may be empty.
    #[serde(default)]
    #[ts(as = "Option<String>", optional)]
    pub note: String,
    /// What was odd about it.
    pub anomalies: Vec<String>,
    /// Whether its source file could be read now; if not, only what the library keeps is here.
    pub source_available: bool,
}

/// A line of what an item of its kind says beyond a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct DetailLine {
    /// What it is about, in small letters with dots: "starts", "phone.business", "attendee". Several may have the same key.
    pub key: String,
    /// What it says.
    pub value: DetailValue,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum DetailValue {
    /// Words.
    Text(String),
    /// A moment, in milliseconds since 1970 UTC.
    Time(i64),
    /// A day without a time, in milliseconds since 1970 at midnight UTC: to be shown as it is, in no time zone.
    Day(i64),
    /// A number.
    Number(f64),
    /// Yes or no.
    Flag(bool),
    /// Someone, with a word on their part or answer.
    Person(Participant),
}

/// Someone who takes part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Participant {
    /// Name, may be empty.
    pub name: String,
    /// Address, may be empty.
    pub address: String,
    /// Such as "accepted"; may be empty.
    pub note: String,
}

/// A correspondent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct Person {
    /// Name, may be empty.
    pub name: String,
    /// Address, may be empty.
    pub address: String,
}

/// A file, message or object that an item carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Attachment {
    /// What names it within its item: one number per level of embedding, with a meaning to the source alone.
    pub path: Vec<u32>,
    /// Name to show.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// MIME type as stated.
    pub mime_type: String,
    /// "file", "reference", "message" or "ole".
    pub method: String,
    /// Whether the HTML shows it.
    pub inline: bool,
    /// Whether its text, or that of a file in the message that it is, has words of [`ShowRequest::query`].
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub matched: bool,
}

/// Which attachment to save, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SaveAttachmentRequest {
    /// The item.
    pub id: ItemId,
    /// The attachment, as in [`Attachment::path`].
    pub path: Vec<u32>,
    /// The file to write. It must not be a source of the library.
    pub to: String,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Saved {
    /// The file.
    pub path: String,
    /// Its size.
    pub bytes: u64,
}

/// One MAPI property.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Property {
    /// Tag, such as "0x0037001F".
    pub tag: String,
    /// Name, such as "PidTagSubject", or of the named property; empty when unknown.
    pub name: String,
    /// Type, such as "PtypString".
    pub kind: String,
    /// Value, shortened when long.
    pub value: String,
}
