//! What can go wrong in a library. Typed up to the facade; sentences for people are made at the border (`mailscope-api`).

use std::io;
use std::path::{Path, PathBuf};

/// The engine's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the engine could not do something.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A tag, note or name that cannot be one: a sentence that says why.
    #[error("{0}")]
    BadReview(String),
    /// A source could not be opened.
    #[error("{}: {problem}", path.display())]
    Source {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        problem: SourceProblem,
    },
    /// The file is being imported already.
    #[error("{} is being imported already", path.display())]
    AlreadyImporting {
        /// The file.
        path: PathBuf,
    },
    /// Another process holds the library.
    #[error("the library in {} is open in another process", path.display())]
    LibraryInUse {
        /// Folder of the library.
        path: PathBuf,
    },
    /// The library cannot be used as it is.
    #[error("the library in {} cannot be used: {reason}", path.display())]
    LibraryUnusable {
        /// Folder of the library.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The library has to be written to before it can be read, and whoever opened it does not write.
    #[error("the library in {} cannot be read yet: {reason}", path.display())]
    LibraryUnfinished {
        /// Folder of the library.
        path: PathBuf,
        /// What is left to do.
        reason: String,
    },
    /// Nothing may be written to the library's folder, or to a file in it.
    #[error("nothing may be written to the library in {}: {reason}", path.display())]
    LibraryReadOnly {
        /// Folder of the library.
        path: PathBuf,
        /// What was refused.
        reason: String,
    },
    /// The disk that holds the library is full.
    #[error("no space left in {}", path.display())]
    NoSpace {
        /// Folder of the library.
        path: PathBuf,
    },
    /// The query does not parse.
    #[error(transparent)]
    BadQuery(#[from] crate::query::QueryError),
    /// A file of the index holds what cannot be.
    #[error("the index is damaged")]
    IndexDamaged,
    /// What said where a page begins cannot be read, or belongs to another order.
    #[error("the page asked for does not belong to this order of results")]
    BadCursor,
    /// Something that was asked for by id is not there.
    #[error("no {what} with the number {id}")]
    NoSuch {
        /// "item", "source", "job", …
        what: &'static str,
        /// The id asked for.
        id: i64,
    },
    /// The source file is away, or no longer holds what was imported.
    #[error("{}: {reason}", path.display())]
    SourceAway {
        /// Where the file was.
        path: PathBuf,
        /// Why it cannot serve.
        reason: String,
    },
    /// The writer was asked to write over a source file.
    #[error("{} is a source of the library", path.display())]
    WouldOverwriteSource {
        /// The file.
        path: PathBuf,
    },
    /// An export would write over a file that no export has written.
    #[error("{} is there already", path.display())]
    WouldOverwrite {
        /// The file.
        path: PathBuf,
    },
    /// An export of the same form is being written to the same folder.
    #[error("an export is being written to {}", path.display())]
    BeingExported {
        /// The folder.
        path: PathBuf,
    },
    /// A file or folder cannot be watched.
    #[error("{} cannot be watched: {reason}", path.display())]
    Watch {
        /// What was to be watched.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The work was cancelled.
    #[error("cancelled")]
    Cancelled,
    /// A file operation failed.
    #[error("{doing} {}: {cause}", path.display())]
    Io {
        /// "reading", "writing", …
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's word.
        #[source]
        cause: io::Error,
    },
    /// SQLite failed.
    #[error("SQLite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// No connection could be had.
    #[error("SQLite pool: {0}")]
    Pool(#[from] r2d2::Error),
    /// tantivy failed.
    #[error("index: {0}")]
    Index(#[source] tantivy::TantivyError),
    /// The writer stopped, and with it all that writes.
    #[error("the library's writer has stopped")]
    WriterGone,
    /// A fault of the engine.
    #[error("internal fault: {0}")]
    Internal(String),
}

/// Why a path cannot be a source.
#[derive(Debug, thiserror::Error)]
pub enum SourceProblem {
    /// Nothing is there.
    #[error("not found")]
    NotFound,
    /// It may not be read.
    #[error("permission denied")]
    PermissionDenied,
    /// It has no bytes.
    #[error("the file is empty")]
    Empty,
    /// It is something else.
    #[error("not an Outlook data file ({found})")]
    NotOutlook {
        /// What it begins with.
        found: String,
    },
    /// It ends too early for anything to be read.
    #[error("truncated: {reason}")]
    Truncated {
        /// Which structure is cut off.
        reason: String,
    },
    /// It is of a version that nobody knows.
    #[error("unsupported version: {version}")]
    UnsupportedVersion {
        /// The version found.
        version: String,
    },
    /// It is damaged beyond reading.
    #[error("unreadable: {reason}")]
    Unreadable {
        /// What is damaged.
        reason: String,
    },
    /// A folder without any Outlook data file below it.
    #[error("no Outlook data file in this folder")]
    NoOutlookFiles,
    /// Any other failure to read.
    #[error("{0}")]
    Io(io::Error),
}

impl SourceProblem {
    /// Sorts a failed read or open into its kind.
    pub fn from_io(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound,
            io::ErrorKind::PermissionDenied => Self::PermissionDenied,
            _ => Self::Io(error),
        }
    }
}

/// A disk with less than this is full: the smallest part of an index takes more.
const NOTHING_LEFT: u64 = 1 << 20;

impl Error {
    /// Adds what was being done to a failed file operation; a full disk becomes [`Error::NoSpace`].
    pub fn io(doing: &'static str, path: &Path, cause: io::Error) -> Self {
        if cause.kind() == io::ErrorKind::StorageFull {
            return Self::NoSpace { path: path.to_owned() };
        }
        Self::Io { doing, path: path.to_owned(), cause }
    }

    /// Recognises a full disk, and one that may not be written to, behind the words of SQLite and tantivy; `library` is named in the
    /// result.
    pub fn with_library(self, library: &Path) -> Self {
        if self.is_read_only(library) {
            return Self::LibraryReadOnly { path: library.to_owned(), reason: self.to_string() };
        }
        // The threads of the index do not say what ended them.
        let of_thread = matches!(self, Self::Index(tantivy::TantivyError::ErrorInThread(_)));
        let is_full = self.is_full()
            || of_thread && crate::library::free_space(library).is_some_and(|free| free < NOTHING_LEFT);
        if is_full { Self::NoSpace { path: library.to_owned() } } else { self }
    }

    /// Whether the database is damaged.
    pub fn is_corrupt(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        let Self::Sqlite(cause) = self else { return false };
        matches!(cause.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
    }

    /// Whether nothing may be written to `library`.
    fn is_read_only(&self, library: &Path) -> bool {
        use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
        match self {
            Self::Sqlite(cause) => cause.sqlite_error_code() == Some(rusqlite::ErrorCode::ReadOnly),
            Self::Io { path, cause, .. } => {
                path.starts_with(library) && matches!(cause.kind(), PermissionDenied | ReadOnlyFilesystem)
            }
            _ => false,
        }
    }

    /// Whether a full disk is behind it.
    pub(crate) fn is_full(&self) -> bool {
        match self {
            Self::NoSpace { .. } => true,
            Self::Sqlite(rusqlite::Error::SqliteFailure(e, _)) => e.code == rusqlite::ErrorCode::DiskFull,
            Self::Index(e) => {
                let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(e);
                // tantivy wraps io::Error in Arc, which hides it from `source()`; its text remains.
                while let Some(e) = cause {
                    if let Some(io) = e.downcast_ref::<io::Error>()
                        && io.kind() == io::ErrorKind::StorageFull
                    {
                        return true;
                    }
                    cause = e.source();
                }
                let text = format!("{e:?}");
                text.contains("StorageFull") || text.contains("No space left")
            }
            _ => false,
        }
    }
}

impl From<tantivy::TantivyError> for Error {
    fn from(error: tantivy::TantivyError) -> Self {
        match error {
            // A query may turn out to be too much only when it is seen what is in the index.
            tantivy::TantivyError::IoError(io) => match io.get_ref().and_then(|inner| inner.downcast_ref()) {
                Some(told) => Self::BadQuery(crate::query::QueryError::clone(told)),
                None => Self::Index(tantivy::TantivyError::IoError(io)),
            },
            error => Self::Index(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_that_may_not_be_written_to() {
        let library = Path::new("/cases/one");
        let check = |error: Error, expected: bool| {
            let words = error.to_string();
            let found = error.with_library(library);
            assert_eq!(
                matches!(&found, Error::LibraryReadOnly { path, .. } if path == library),
                expected,
                "{words}"
            );
            assert!(found.to_string().contains(&words), "what was refused is kept");
        };
        let refused = |kind: io::ErrorKind, path: &str| Error::io("opening", Path::new(path), kind.into());
        check(refused(io::ErrorKind::PermissionDenied, "/cases/one/lock"), true);
        check(refused(io::ErrorKind::ReadOnlyFilesystem, "/cases/one/index"), true);
        check(refused(io::ErrorKind::PermissionDenied, "/mail/one.pst"), false);
        check(refused(io::ErrorKind::NotFound, "/cases/one/lock"), false);

        // As SQLite itself says it.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("library.sqlite");
        rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let connection = rusqlite::Connection::open_with_flags(&path, flags).unwrap();
        check(connection.execute_batch("INSERT INTO t VALUES (1)").unwrap_err().into(), true);
        check(connection.execute_batch("INSERT INTO u VALUES (1)").unwrap_err().into(), false);
    }
}
