use super::{
    AttachmentType, FolderCount, FolderId, ItemId, KindCount, LanguageCount, MonthCount, PersonCount,
    SourceCount, SourceId,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The order of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Latest date first; items without a date last.
    #[default]
    Newest,
    /// Earliest date first; items without a date last.
    Oldest,
    /// Best match first.
    Relevance,
    /// Largest first.
    Size,
    /// By the sender, A to Z; items without one last.
    Sender,
}

/// What of the items that match is shown once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Fold {
    /// Nothing: each item is shown.
    #[default]
    Nothing,
    /// Items that say the same: of those that match, the first by date, then by id, stands for all.
    Duplicates,
    /// Conversations: the item that comes first in the order of the list stands for all of its conversation that match.
    Conversations,
}

/// One window of results.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct SearchRequest {
    /// The query as typed; empty means everything.
    pub query: String,
    /// Only items of this source.
    #[ts(optional)]
    pub source: Option<SourceId>,
    /// Only items of this folder and of those below it.
    #[ts(optional)]
    pub folder: Option<FolderId>,
    /// The order.
    pub sort: Sort,
    /// How many results to pass over.
    pub offset: u32,
    /// How many to give, 1 to 500.
    pub limit: u32,
    /// Treat the last word as unfinished (it then also matches words that begin with it).
    pub as_you_type: bool,
    /// The zone of whoever asks: a name of the zone database ("Europe/Vienna"), a distance from UTC ("+02:00"), or "system" for that of
    /// the computer. Days begin there, and its clocks show the hours; UTC where absent.
    #[ts(optional)]
    pub zone: Option<String>,
    /// Begin after the last hit of the page that gave this ([`SearchPage::next`]), however deep; `offset` is then not looked at. What was
    /// there all along is given once, also while items come in, but not by relevance: what matches is weighed against all that the
    /// library holds, so that an item may come twice or not at all where [`SearchPage::generation`] grew from page to page.
    #[ts(optional)]
    pub after: Option<String>,
    /// Count by folder, source, sender, month, kind and attachment type as well.
    #[ts(as = "Option<bool>", optional)]
    pub facets: bool,
    /// What is shown once. Total, pages and facets are then of what is shown.
    #[ts(as = "Option<Fold>", optional)]
    pub fold: Fold,
}

impl Default for SearchRequest {
    fn default() -> Self {
        Self {
            query: String::new(),
            source: None,
            folder: None,
            sort: Sort::default(),
            offset: 0,
            limit: 50,
            as_you_type: false,
            zone: None,
            after: None,
            facets: false,
            fold: Fold::default(),
        }
    }
}

/// The answer to a [`SearchRequest`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SearchPage {
    /// How many items match in all; of folded results, how many are shown.
    pub total: u64,
    /// The rows asked for.
    pub hits: Vec<Hit>,
    /// Time taken by the engine, in milliseconds.
    pub took_ms: f64,
    /// The commit that answered; grows with each batch that becomes searchable.
    pub generation: u64,
    /// For [`SearchRequest::after`] of the next page; absent after the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub next: Option<String>,
    /// The counts, where asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub facets: Option<Facets>,
}

/// The items that match, counted. Each list is in descending order and holds at most 50 entries, but for the months.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Facets {
    /// By folder (directly in it).
    pub folders: Vec<FolderCount>,
    /// By source.
    pub sources: Vec<SourceCount>,
    /// By sender.
    pub senders: Vec<PersonCount>,
    /// By month, ascending, in UTC.
    pub months: Vec<MonthCount>,
    /// By kind.
    pub kinds: Vec<KindCount>,
    /// By type of attachment.
    pub attachment_types: Vec<AttachmentType>,
    /// By language of the text, where it is known.
    #[serde(default)]
    #[ts(as = "Option<Vec<LanguageCount>>", optional)]
    pub languages: Vec<LanguageCount>,
}

/// One row of a result list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Hit {
    /// The item.
    pub id: ItemId,
    /// What kind of item it is.
    pub kind: ItemKind,
    /// When it was sent, received, held or made: what the item itself takes as its date.
    pub date: Option<i64>,
    /// Name of the sender, or its address.
    pub from: String,
    /// Where to mark it, as in [`Marked::marks`].
    #[serde(default)]
    #[ts(as = "Option<Vec<(u32, u32)>>", optional)]
    pub from_marks: Vec<(u32, u32)>,
    /// Names of the recipients, joined by "; ".
    pub to: String,
    /// The subject, with matches marked.
    pub subject: Marked,
    /// Path of the folder within its source.
    pub folder: String,
    /// Name of the source file.
    pub source: String,
    /// Whether it carries files.
    pub has_attachments: bool,
    /// Size in the file, in bytes.
    pub size: u64,
    /// A line of text, around the first match where there is one.
    pub snippet: Marked,
    /// Found beyond what the file names: an orphan or a deleted item.
    pub recovered: bool,
    /// No longer in the source file.
    pub gone: bool,
    /// Of folded results, how many of the items that match the row stands for, itself included; otherwise 1.
    #[serde(default = "one")]
    #[ts(as = "Option<u64>", optional)]
    pub stands_for: u64,
    /// Items of its conversation, itself included; 100 stands for that many or more.
    #[serde(default = "one")]
    #[ts(as = "Option<u64>", optional)]
    pub conversation: u64,
    /// Of results folded by conversation: who took part in it, where it has more than this item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub thread: Option<Thread>,
    /// Flagged in Mailscope.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub marked: bool,
    /// Looked through, as someone told Mailscope.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub reviewed: bool,
    /// Whether it has a note.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub noted: bool,
    /// Its tags, in order of their names.
    #[serde(default)]
    #[ts(as = "Option<Vec<String>>", optional)]
    pub tags: Vec<String>,
}

/// A conversation as a row of a list tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Thread {
    /// Its items, whether they match or not; those that say the same count once. Of very long ones the first 2,000.
    pub messages: u64,
    /// Its senders by name, or else by address, who wrote first before the others; at most 8.
    pub people: Vec<String>,
    /// How many senders there are in all.
    pub senders: u64,
    /// The earliest date.
    pub first: Option<i64>,
    /// The latest date.
    pub last: Option<i64>,
}

fn one() -> u64 {
    1
}

/// Text with ranges to mark. Ranges are in UTF-16 code units (what JavaScript slices by), ascending, not overlapping.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct Marked {
    /// The text.
    pub text: String,
    /// Start and end of each mark.
    pub marks: Vec<(u32, u32)>,
}

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// A message.
    Mail,
    /// An entry of a calendar.
    Appointment,
    /// A request, response or cancellation of a meeting.
    Meeting,
    /// A person's card.
    Contact,
    /// A list of people.
    DistList,
    /// A task or a request for one.
    Task,
    /// A sticky note.
    Note,
    /// An entry of the journal.
    Journal,
    /// A post in a folder.
    Post,
    /// A delivery or read report.
    Report,
    /// A file kept in a folder.
    Document,
    /// Anything else.
    Other,
}
