use super::{Export, Job, Sample};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What happens without being asked for. Low rate: at most some ten a second.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A job began, moved on or ended.
    Job {
        /// Its state now.
        job: Box<Job>,
    },
    /// An export began, moved on or ended.
    Export {
        /// Its state now.
        export: Box<Export>,
    },
    /// Items became searchable, or sources came or went: what was fetched before may be stale.
    Library {
        /// The commit that is searchable now.
        generation: u64,
        /// Items in the whole library.
        total_items: u64,
    },
    /// A sample of the monitor, about twice a second while anything runs, every two seconds otherwise.
    Sample {
        /// The sample.
        sample: Sample,
    },
}

/// What a window needs to draw its first page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LibraryInfo {
    /// Folder of the library.
    pub path: String,
    /// Version of Mailscope.
    pub version: String,
    /// Whether nothing may be written to it: it can be searched, read and exported, and everything that would change it is refused.
    pub read_only: bool,
    /// Whether the index lacks what was taken in last, so that searches miss it. In time it is made up for, unless the library is
    /// read-only.
    pub index_behind: bool,
    /// Items in the whole library.
    pub total_items: u64,
    /// Sources in the library.
    pub sources: u64,
    /// The commit that is searchable now.
    pub generation: u64,
}
