//! The messaging layer ([MS-PST] 2.4): store, folders, items, attachments, as plain data.

mod attachment;
mod bodies;
mod carve;
mod census;
mod charset;
mod class;
pub mod details;
mod folders;
mod item;
mod message;
mod names;
mod recipients;
mod recover;
mod rows;
mod rules;
mod store;
pub(crate) mod tags;

pub use attachment::{Attachment, AttachmentMethod, AttachmentReader};
pub use bodies::{Bodies, Html};
pub use census::{Census, Folder, ItemEntry, Origin};
pub use charset::Charset;
pub(crate) use charset::utf16;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use charset::{decode_html, settle};
pub use class::ItemKind;
pub use details::Details;
pub use item::{Address, Item, Recipient, RecipientKind};
pub(crate) use message::Message;
pub use message::Property;
pub use names::{NameKey, NameMap, PropertyName};
pub use recover::{CensusOptions, Certainty, RecoveredNode, Recovery};
pub use rules::{Rule, is_rule};
pub use store::{OpenOptions, PstFile, Reader, Store};
