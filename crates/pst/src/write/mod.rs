//! Writes Outlook data files: ANSI, Unicode and the 4k format of offline files.
//!
//! [`PstWriter`] takes messages one at a time and writes each as it comes; what stays in memory is an index entry
//! per node and block and one open block per folder table. The same input gives the same bytes: the record key and
//! the times come from [`Options`].
//!
//! ```
//! use mailscope_pst::write::{NewMessage, Options, PstWriter};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut writer = PstWriter::new(std::io::Cursor::new(Vec::new()), Options::default())?;
//! let inbox = writer.add_folder(writer.top(), "Inbox")?;
//! writer.add_message(inbox, &NewMessage { subject: "Hello".into(), ..Default::default() })?;
//! let file = writer.finish()?.into_inner();
//! assert_eq!(&file[..4], b"!BDN");
//! # Ok(())
//! # }
//! ```
//!
//! Layers, bottom up: `space` (the file's space and allocation maps), `blocks` (blocks, data trees, sub-nodes),
//! `trees` (node and block B-trees, header), `heap` (heap on node and its B-trees), `contexts` (property and table
//! contexts), `compose` and `folders` (messages and folders), [`PstWriter`].

mod blocks;
mod compose;
mod contexts;
mod error;
mod folders;
mod heap;
mod layout;
mod message;
mod names;
mod png;
mod rtf;
pub mod sample;
mod schema;
pub mod small;
mod space;
mod stored;
mod tags;
mod trees;
mod value;
mod writer;

pub use error::{Result, WriteError};
pub use message::{
    Content, ContentSource, NewAttachment, NewMessage, Person, Recipient, RecipientLine, RtfBody, RtfForm,
    one_off_entry_id,
};
pub use names::{PropertyKey, PropertyName, PropertySet};
pub use stored::{LeftOut, Stored, StoredMessage, WhyLeftOut};
pub use value::{FileTime, Value};
pub use writer::{FolderId, Options, PstWriter};

pub use crate::ndb::{Encryption, Format};
