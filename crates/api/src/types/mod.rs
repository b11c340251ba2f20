//! Plain, serialisable data. Names are `snake_case` in JSON; times are milliseconds since 1970-01-01 UTC; sizes are bytes.

mod complete;
mod conversation;
mod desk;
mod error;
mod event;
mod export;
mod insights;
mod item;
mod job;
mod monitor;
mod review;
mod search;
mod source;

pub use complete::*;
pub use conversation::*;
pub use desk::*;
pub use error::*;
pub use event::*;
pub use export::*;
pub use insights::*;
pub use item::*;
pub use job::*;
pub use monitor::*;
pub use review::*;
pub use search::*;
pub use source::*;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A request without fields, and an answer without content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct Empty {}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
        #[serde(transparent)]
        pub struct $name(pub i64);
    };
}

id! {
    /// An item of the library: a message, appointment, contact, …
    ItemId
}
id! {
    /// An Outlook data file in the library.
    SourceId
}
id! {
    /// A folder of a source.
    FolderId
}
id! {
    /// A piece of long work, such as the import of one file. Unique within a running service.
    JobId
}
