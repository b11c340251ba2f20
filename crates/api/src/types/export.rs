use super::{ApiError, FolderId, ItemId, JobId, SourceId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What to write out, and where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ExportRequest {
    /// Items that match this query; empty means everything. Not asked where `ids` are given.
    #[serde(default)]
    #[ts(as = "Option<String>", optional)]
    pub query: String,
    /// Only items of this source.
    #[serde(default)]
    #[ts(optional)]
    pub source: Option<SourceId>,
    /// Only items of this folder and of those below it.
    #[serde(default)]
    #[ts(optional)]
    pub folder: Option<FolderId>,
    /// These items, instead of a query.
    #[serde(default)]
    #[ts(optional)]
    pub ids: Option<Vec<ItemId>>,
    /// Of items that match the query and say the same, write only the first by date and id.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub once: bool,
    /// The last word of the query is unfinished, as in the list.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub as_you_type: bool,
    /// The zone of whoever asks, as in [`super::SearchRequest::zone`].
    #[serde(default)]
    #[ts(optional)]
    pub zone: Option<String>,
    /// All that match but these.
    #[serde(default)]
    #[ts(as = "Option<Vec<ItemId>>", optional)]
    pub except: Vec<ItemId>,
    /// The form.
    pub format: ExportFormat,
    /// The folder to write into; made if absent. What an earlier export of the same form wrote there is not written again.
    pub to: String,
}

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// One RFC 5322 file an item, in the tree of folders.
    Eml,
    /// One mbox file a folder, in the tree of folders.
    Mbox,
    /// One table, safe to open in a spreadsheet.
    Csv,
    /// One JSON object an item, one a line.
    Jsonl,
    /// One table of columns with types (Apache Parquet), for programs that count.
    Parquet,
    /// One Outlook data file, with the tree of folders.
    Pst,
    /// The attachments alone, in the tree of folders.
    Attachments,
}

/// Where an export stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Export {
    /// Its id among exports.
    pub id: JobId,
    /// The form.
    pub format: ExportFormat,
    /// The folder that is written into.
    pub to: String,
    /// Where it stands.
    pub state: ExportState,
    /// Items to write; 0 until known.
    pub planned: u64,
    /// Items written by this run.
    pub written: u64,
    /// Items that an earlier run had written.
    pub skipped: u64,
    /// Items that were written without something of theirs, such as an attachment that cannot be read; the manifest says which and why.
    #[serde(default)]
    #[ts(as = "Option<u64>", optional)]
    pub partial: u64,
    /// Items that could not be written; the manifest says which and why.
    pub failed: u64,
    /// Bytes written.
    pub bytes: u64,
    /// Running time in seconds.
    pub seconds: f64,
    /// The first failures, with their reasons.
    pub failures: Vec<ExportFailure>,
    /// Why it ended early.
    pub error: Option<ApiError>,
}

/// Where an export stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ExportState {
    /// Writes.
    Running,
    /// Ended well (perhaps with failures: see the counts).
    Done,
    /// Stopped by the user; what was written stays.
    Cancelled,
    /// Ended with an error; what was written stays.
    Failed,
}

/// An item that could not be written whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ExportFailure {
    /// The item.
    pub id: ItemId,
    /// Why, in a sentence.
    pub reason: String,
}

/// All exports since the service started, newest last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ExportList {
    /// The exports.
    pub exports: Vec<Export>,
}
