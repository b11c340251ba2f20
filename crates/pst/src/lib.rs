//! Outlook data files (PST and OST), read and written without Outlook.
//!
//! The layers are those of the specification, [MS-PST]: [`ndb`] (pages, blocks, B-trees), `ltp` (heaps,
//! properties, tables) and [`messaging`] (store, folders, items). [`rtf`] opens rich text bodies, [`mod@write`] makes
//! new files.
//!
//! A [`PstFile`] does not change and is shared by any number of threads; each reads through a [`Reader`] of its
//! own, which owns a bounded cache. What is wrong in a file but can be lived with is an [`Anomaly`] beside the
//! value; only what cannot be read at all is an error.
#![forbid(unsafe_code)]

mod bytes;
mod error;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod ltp;
pub mod messaging;
pub mod ndb;
pub mod rtf;
pub mod write;

pub use error::{Anomaly, Consequence, Fault, ItemError, OpenError, Place, ReadError};
pub use ltp::{FileTime, Value};
pub use messaging::{
    Address, Attachment, AttachmentMethod, AttachmentReader, Bodies, Census, CensusOptions, Certainty,
    Charset, Details, Folder, Html, Item, ItemEntry, ItemKind, NameKey, NameMap, OpenOptions, Origin,
    Property, PropertyName, PstFile, Reader, Recipient, RecipientKind, RecoveredNode, Recovery, Rule, Store,
    is_rule,
};
pub use ndb::ids::{BlockId, ByteIndex, NidType, NodeId};
pub use ndb::{Encryption, FileSource, Format, Kind, MemorySource, NodeEntry, ReadAt, SeekSource, announce};
