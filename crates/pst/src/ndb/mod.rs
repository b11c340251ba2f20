//! The node database layer ([MS-PST] 2.2): header, pages, the two B-trees, blocks and sub-nodes.

pub mod crc;
pub mod encode;
pub mod ids;
pub mod signature;

mod block;
mod cache;
mod data;
mod file;
mod header;
mod kept;
mod layout;
mod loose;
mod page;
mod past;
mod probe;
mod salvage;
mod source;
mod subnode;
mod sweep;
mod walk;

pub(crate) use block::NdbReader;
pub(crate) use data::BlockWalk;
pub(crate) use file::{Ndb, TreeChecks};
pub use header::{BlockRef, Encryption, Format, HEADER_SIZE, Header, Kind, MAGIC};
pub(crate) use loose::Loose;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use page::fuzz_page;
pub use page::{BlockEntry, NodeEntry};
pub use source::{FileSource, MemorySource, ReadAt, SeekSource, announce};
pub use subnode::SubNode;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use sweep::everything;
