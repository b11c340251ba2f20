//! What belongs together: items that say the same, and conversations.
//!
//! Both follow from the set of items alone, never from the order in which they came: whatever was imported, updated or removed, and
//! in which order, the same items are in the same groups. What a single item contributes are its [`Clues`]; [`solve`] makes groups
//! of all of them; [`tree`] puts the items of one conversation under each other. The store runs this in steps, behind the import, over
//! all that a change can reach (`store::write::relations`).

mod clues;
mod groups;
mod people;
pub mod solve;
mod subject;
pub mod tree;

pub use clues::{Clues, Evidence, Weak, id_key, mih};
pub use groups::Groups;
pub use people::{MAX_PEOPLE, People};
pub use subject::base;

/// The way in which links are made now. One more whenever the rule changes: all links are then made again.
pub const RULE: i64 = 1;
