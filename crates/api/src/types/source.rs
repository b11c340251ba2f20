use super::{FolderId, ItemId, JobId, SourceId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The account of items, for a folder, a file or an import. Always `expected = items + failed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct Counts {
    /// Items that the file names.
    pub expected: u64,
    /// Those of them that were read.
    pub items: u64,
    /// Those of them that could not be read.
    pub failed: u64,
    /// Items found beyond what the file names.
    pub recovered: u64,
    /// Of all that were read, those of which no more than a row of their folder's table is left.
    pub partial: u64,
    /// Hidden (associated) messages, never counted as items.
    pub hidden_items: u64,
    /// Attachments of all items, at any depth.
    pub attachments: u64,
    /// Those attachments that are messages themselves.
    pub embedded_messages: u64,
}

/// The account of the text of attached files; every attachment is one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct Texts {
    /// Attachments that were not yet looked into.
    pub waiting: u64,
    /// Those whose text is searchable.
    pub read: u64,
    /// Those without text that can be read, and embedded messages, whose text belongs to their item's own.
    pub nothing: u64,
    /// Those whose text could not be read.
    pub failed: u64,
}

/// Where the reading of attached files stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct Reading {
    /// Whether attached files are read at all.
    pub enabled: bool,
    /// The name of the file that is being read now.
    pub current: Option<String>,
    /// Why none can be read; the next import or start tries again.
    pub problem: Option<String>,
    /// The account of the whole library.
    pub texts: Texts,
}

/// An Outlook data file that the library holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Source {
    /// Its id in the library.
    pub id: SourceId,
    /// File name.
    pub name: String,
    /// Where it was last seen.
    pub path: String,
    /// "ANSI", "Unicode" or "Unicode 4k".
    pub format: String,
    /// "PST" or "OST".
    pub kind: String,
    /// "none", "permute" or "cyclic".
    pub encryption: String,
    /// Size of the file in bytes.
    pub size: u64,
    /// When it was last imported.
    pub imported_at: i64,
    /// Whether the whole file was taken in; false while it is being read or after a cancelled import.
    pub complete: bool,
    /// An older source that is the same mailbox, such as the original of a copy.
    pub same_as: Option<SourceId>,
    /// Whether the file is where it was last seen.
    pub available: bool,
    /// The account of its items.
    pub counts: Counts,
    /// The account of its attachments' text.
    pub texts: Texts,
    /// Items that a later state of the file no longer holds.
    pub gone: u64,
    /// How many oddities were found while reading.
    pub anomalies: u64,
    /// Bytes that the file lacked when it was last taken in: what its header names and is not there. Such a file is cut off.
    #[serde(default)]
    #[ts(as = "Option<u64>", optional)]
    pub missing: u64,
    /// Its folders, parents before children.
    pub folders: Vec<Folder>,
    /// The job that reads it now.
    pub job: Option<JobId>,
}

/// A folder of a source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Folder {
    /// Its id in the library.
    pub id: FolderId,
    /// The folder it lies in.
    pub parent: Option<FolderId>,
    /// Its own name.
    pub name: String,
    /// Names from the top, joined by "/".
    pub path: String,
    /// 0 for the top folders.
    pub depth: u32,
    /// The account of the items directly in it.
    pub counts: Counts,
    /// Items of it that a later state of the file no longer holds; they stay searchable.
    pub gone: u64,
}

/// What `sources` answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SourceList {
    /// The sources, in the order in which they came.
    pub sources: Vec<Source>,
    /// Items in the whole library.
    pub total_items: u64,
    /// Where the reading of attached files stands.
    pub reading: Reading,
}

/// Which source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SourceRequest {
    /// The source.
    pub source: SourceId,
}

/// What to watch, or to watch no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WatchRequest {
    /// A file, or a folder whose Outlook files are meant, at any depth.
    pub path: String,
    /// Whether to watch it.
    pub watched: bool,
}

/// What is watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Watched {
    /// Files and folders.
    pub paths: Vec<String>,
}

/// Which source to report on, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReportRequest {
    /// The source.
    pub source: SourceId,
    /// The file to write: a page if its name ends in ".html", a table if in ".csv".
    pub to: String,
}

/// Which losses to list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LossesRequest {
    /// The source.
    pub source: SourceId,
}

/// What could not be read of a source, and what was odd.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Losses {
    /// Items and folders that could not be read.
    pub failures: Vec<Loss>,
    /// Oddities that cost no whole item.
    pub anomalies: Vec<Loss>,
    /// Attached files whose text could not be read.
    pub attachments: Vec<Loss>,
}

/// One failure or oddity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Loss {
    /// Path of the folder concerned, where there is one.
    pub folder: String,
    /// The node of the file concerned, such as "0x200024", where there is one.
    pub node: Option<String>,
    /// What happened, in a sentence.
    pub reason: String,
    /// The item concerned, where it could be read nevertheless.
    pub item: Option<LossItem>,
}

/// An item that something was odd about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LossItem {
    /// Its id.
    pub id: ItemId,
    /// Its subject.
    pub subject: String,
    /// Name of its sender, or the address.
    pub from: String,
    /// The date that the list shows.
    pub date: Option<i64>,
}
