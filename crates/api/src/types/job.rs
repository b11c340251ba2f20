use super::{ApiError, Counts, JobId, SourceId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which files and folders to import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ImportRequest {
    /// Files, or folders whose Outlook files are to be found at any depth.
    pub paths: Vec<String>,
}

/// What an import request led to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ImportStarted {
    /// One job for each file that is being read now.
    pub jobs: Vec<JobId>,
    /// What cannot be imported, and why.
    pub refused: Vec<Refused>,
}

/// A path that cannot be imported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Refused {
    /// The path as given.
    pub path: String,
    /// Why, and what to do.
    pub error: ApiError,
}

/// Which job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JobRequest {
    /// The job.
    pub job: JobId,
}

/// All jobs since the service started, newest last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct JobList {
    /// The jobs.
    pub jobs: Vec<Job>,
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Waits for its turn.
    Queued,
    /// Walks the file's node tree and folders to learn what there is to read.
    Planning,
    /// Reads and stores items.
    Reading,
    /// Waits until the user lets it go on.
    Paused,
    /// Ended well (perhaps with losses: see the counts).
    Done,
    /// Stopped by the user; what was committed is kept.
    Cancelled,
    /// Ended with an error; what was committed is kept.
    Failed,
}

/// The import of one file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// The source, as soon as it is known.
    pub source: Option<SourceId>,
    /// File name.
    pub name: String,
    /// Full path.
    pub path: String,
    /// Where it stands.
    pub state: JobState,
    /// Items to read in this run, hidden ones included; 0 until known.
    pub planned: u64,
    /// Items read so far in this run.
    pub processed: u64,
    /// The account so far. While reading, `expected` is already whole.
    pub counts: Counts,
    /// Items that this run added.
    pub new: u64,
    /// Items that changed in the file since the last run.
    pub updated: u64,
    /// Items that are no longer in the file.
    pub removed: u64,
    /// Items that were not read again because nothing changed.
    pub unchanged: u64,
    /// Bytes read from the file in this run.
    pub bytes: u64,
    /// Size of the file.
    pub size: u64,
    /// Running time in seconds.
    pub seconds: f64,
    /// "ANSI", "Unicode" or "Unicode 4k"; empty until known.
    pub format: String,
    /// "none", "permute" or "cyclic"; empty until known.
    pub encryption: String,
    /// Folders of the file; 0 until known.
    pub folders: u64,
    /// How many oddities were found.
    pub anomalies: u64,
    /// An older source of the library that is the same mailbox: this file is a copy of it, or an earlier or later state.
    pub same_as: Option<SourceId>,
    /// Estimated seconds to the end, once there is something to go by.
    pub seconds_left: Option<f64>,
    /// What is worth saying of a job that ended well, such as that the library held the file already.
    pub note: Option<ApiError>,
    /// Why it failed.
    pub error: Option<ApiError>,
}
