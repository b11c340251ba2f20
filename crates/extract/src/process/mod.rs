//! The child process that reads attached files, and its parent.
//!
//! The child is the same program, started anew with [`ARGUMENT`] first. The parent sends what it wants read through the child's
//! standard input and hears of the text through its standard output. The child lowers its own priority, limits its own memory,
//! and takes away its own right to open anything (where the system lets it); the parent ends it when it takes too long.

mod extractor;
mod protocol;
mod serve;
mod walls;

pub use extractor::{Extractor, Program, Trouble};
pub use serve::{serve, serve_if_asked};

/// The first argument of a program that is to be such a child.
pub const ARGUMENT: &str = "--read-attachments";
