use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Why something could not be done: a code for programs, a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[error("{message} {advice}")]
pub struct ApiError {
    /// What a program branches on.
    pub code: ErrorCode,
    /// One plain sentence: what happened.
    pub message: String,
    /// One plain sentence: what to do next. May be empty.
    pub advice: String,
    /// For experts: the chain of causes, with field, value and place.
    pub detail: Option<String>,
}

/// The kinds of error that a host tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The path does not exist.
    NotFound,
    /// The path exists and may not be read.
    PermissionDenied,
    /// The file has no bytes.
    EmptyFile,
    /// The file is not an Outlook data file.
    NotOutlook,
    /// The file ends before its structures do, and nothing could be read.
    Truncated,
    /// An Outlook file of a version nobody knows.
    UnsupportedVersion,
    /// The file is so damaged that nothing could be read.
    Unreadable,
    /// The folder holds no Outlook data file.
    NoOutlookFiles,
    /// The file is being imported already.
    AlreadyImporting,
    /// The library holds the file as it is now; nothing was to be done.
    AlreadyInLibrary,
    /// Another process has the library open.
    LibraryInUse,
    /// The library is damaged or of a newer version.
    LibraryUnusable,
    /// The disk of the library is full.
    NoSpace,
    /// The source file is away or changed, so what is read on demand is not there.
    SourceAway,
    /// The query cannot be understood.
    BadQuery,
    /// No such item, source, folder or job.
    NoSuch,
    /// The request itself is malformed: a fault of the host.
    BadRequest,
    /// The work was cancelled.
    Cancelled,
    /// Reading or writing failed for another reason.
    Io,
    /// A fault of Mailscope.
    Internal,
}
