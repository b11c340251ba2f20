//! What can go wrong while a file is written.

use std::io;

/// Why a file could not be written. After any of these the file is incomplete and should be removed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The destination refused a write, or a content source a read.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The error of the operating system.
        #[source]
        source: io::Error,
    },
    /// Something is larger than a field of the format can say.
    #[error("{what} is {size}, the format holds at most {limit}")]
    TooLarge {
        /// The thing that does not fit.
        what: &'static str,
        /// Its size or count.
        size: u64,
        /// The most that the format can hold.
        limit: u64,
    },
    /// An entry of a B-tree does not come after the one before it; a tree out of order would hide what lies behind.
    #[error("the key {key:#x} of a B-tree comes after {last:#x}")]
    OutOfOrder {
        /// The key of the entry.
        key: u64,
        /// The key of the entry before it.
        last: u64,
    },
    /// A folder id that this writer did not give out.
    #[error("folder {0:#x} is not part of this file")]
    UnknownFolder(u32),
    /// Embedded messages nest deeper than the writer follows.
    #[error("embedded messages nest deeper than {0} levels")]
    TooDeep(usize),
}

/// The result of writing.
pub type Result<T> = std::result::Result<T, WriteError>;

/// Names what was being done when an operation on a stream failed.
pub(crate) trait Doing<T> {
    fn doing(self, doing: &'static str) -> Result<T>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, doing: &'static str) -> Result<T> {
        self.map_err(|source| WriteError::Io { doing, source })
    }
}

/// `value` as a narrower number, or the error that says which field it outgrows.
pub(crate) fn narrow<T: TryFrom<u64>>(what: &'static str, value: u64, limit: u64) -> Result<T> {
    T::try_from(value).map_err(|_| WriteError::TooLarge { what, size: value, limit })
}
