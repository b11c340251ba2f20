//! The library of mail: SQLite for facts, tantivy for words, and the import that fills both from Outlook data files.
//!
//! [`Library`] is the facade. Invariants: SQLite is the truth and the index is derived from it; one thread writes; sources are
//! read through [`source`] alone and never written to; nothing here knows of JSON, of a window or of a terminal; nothing is
//! global, so several libraries can be open in one process.
#![forbid(unsafe_code)]

mod cache;
pub mod contents;
mod error;
pub mod export;
pub mod fields;
mod ids;
mod index;
mod ingest;
pub mod insights;
pub mod language;
mod library;
pub mod monitor;
mod patience;
pub mod query;
mod relations;
pub mod report;
pub mod search;
pub mod source;
mod store;
pub mod text;
mod tree;
mod verify;
pub mod view;
mod weight;
pub mod zone;

pub use cache::ShelfView;
pub use error::{Error, Result, SourceProblem};
pub use ids::{FolderId, ItemId, JobId, SourceId};
pub use index::IndexView;
pub use ingest::{Access, Account, JobState, JobView, Notice, Point};
pub use library::{
    Conversation, ConversationMessage, DEFAULT_MEMORY, DiskView, Library, LibraryOptions, Measures, Shown,
};
pub use source::{Certainty, DetailLine, DetailValue, MailFacts, Protection};
pub use store::{
    Action, Change, Colour, Digests, Done, FolderRow, HitRow, ItemFacts, ItemRow, LossItem, LossRow,
    Miscount, PersonRow, PoolView, Review, Saved, SourceCopies, SourceRow, StoreView, Tag, Thread,
};
pub use tree::{Tree, TreeFolder, tree};
pub use verify::{Problem, Verified};
pub use zone::Zone;
