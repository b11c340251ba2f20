//! Large, realistic and reproducible Outlook data files, for tests and measurements.
//!
//! Items, seed and profile decide about every byte: the same [`Recipe`] gives the same file on every machine, with
//! any number of threads. Each item follows from its number alone, so that memory does not grow with the file.
//!
//! ```
//! use mailscope_generate::{Profile, Recipe, write};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let recipe = Recipe { items: 20, seed: 1, profile: Profile::Text, changed: None };
//! let (file, written) = write(recipe, std::io::Cursor::new(Vec::new()))?;
//! assert_eq!((&file.into_inner()[..4], written.items), (&b"!BDN"[..], 20));
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

mod behind;
mod changes;
mod clock;
mod files;
mod folders;
mod items;
mod language;
mod letter;
mod mail;
mod mailbox;
mod people;
mod random;
mod recipe;
mod words;
mod write;

pub use behind::Behind;
pub use recipe::{MOST_ITEMS, Profile, Recipe, Share};
pub use write::{GenerateError, Written, write};
