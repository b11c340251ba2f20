//! The way out of the library: items as messages, mailboxes, tables or a new Outlook data file, in a folder that belongs to the export,
//! with a record of what was written ([`manifest`]). A run that was stopped is gone on with by the next.

pub mod eml;
mod encode;
mod headers;
mod manifest;
mod names;
mod parquet;
mod run;
mod sink;
mod table;

pub use encode::Digesting;
pub use names::safe as safe_name;
pub use run::{ExportRecord, Exports, start};

use crate::error::Error;
use crate::ids::{ItemId, JobId};
use crate::search::Question;
use std::path::PathBuf;
use std::sync::Arc;

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// A file of RFC 5322 for each item, in the tree of folders.
    Eml,
    /// An mbox (mboxrd) for each folder, in the tree of folders.
    Mbox,
    /// One table.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// One table of columns with types (Apache Parquet).
    Parquet,
    /// One Outlook data file with the tree of folders.
    Pst,
    /// The attachments alone, in the tree of folders.
    Attachments,
}

impl Format {
    /// Its name, as in the name of its manifest.
    pub fn name(self) -> &'static str {
        match self {
            Self::Eml => "eml",
            Self::Mbox => "mbox",
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
            Self::Pst => "pst",
            Self::Attachments => "attachments",
        }
    }

    /// The name of the one file that it is written as, where the answer to one question makes the whole of it.
    fn whole(self) -> Option<&'static str> {
        match self {
            Self::Pst => Some(sink::PST_NAME),
            Self::Parquet => Some(sink::PARQUET_NAME),
            Self::Csv => Some(sink::CSV_NAME),
            Self::Jsonl => Some(sink::JSONL_NAME),
            Self::Eml | Self::Mbox | Self::Attachments => None,
        }
    }

    /// Whether items are laid behind each other in files that can be added to.
    fn is_appended(self) -> bool {
        matches!(self, Self::Mbox | Self::Csv | Self::Jsonl)
    }

    /// Whether it tells what the library holds, and nothing that is read from the sources.
    fn is_table(self) -> bool {
        matches!(self, Self::Csv | Self::Jsonl | Self::Parquet)
    }
}

/// Which items are meant.
#[derive(Debug, Clone)]
pub enum Which {
    /// Those that answer a question.
    Query(Question),
    /// Those that answer a question; of those that say the same, the first by date and id. Without these.
    Once(Question, Vec<ItemId>),
    /// Those that answer a question, without these.
    Rest(Question, Vec<ItemId>),
    /// These.
    Ids(Vec<ItemId>),
}

/// What to write, and where.
#[derive(Debug, Clone)]
pub struct ExportRequest {
    /// Which items.
    pub which: Which,
    /// In which form.
    pub format: Format,
    /// Into which folder; made if absent.
    pub to: PathBuf,
}

/// Where an export stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportState {
    /// Writes.
    Running,
    /// Ended well.
    Done,
    /// Was stopped.
    Cancelled,
    /// Ended with an error.
    Failed,
}

/// An export at one moment.
#[derive(Debug, Clone)]
pub struct ExportView {
    /// Its number.
    pub id: JobId,
    /// The form.
    pub format: Format,
    /// The folder.
    pub to: PathBuf,
    /// Where it stands.
    pub state: ExportState,
    /// Items to write.
    pub planned: u64,
    /// Items written whole by this run.
    pub written: u64,
    /// Items that an earlier run wrote.
    pub skipped: u64,
    /// Items written in part: something of them could not be read.
    pub partial: u64,
    /// Items not written.
    pub failed: u64,
    /// Bytes written.
    pub bytes: u64,
    /// Seconds of running.
    pub seconds: f64,
    /// The first that were not written, or not whole.
    pub failures: Vec<(ItemId, String)>,
    /// Why it failed.
    pub error: Option<Arc<Error>>,
}
