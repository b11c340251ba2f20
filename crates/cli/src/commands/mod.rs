//! One module per command.

pub mod import;
pub mod sample;
pub mod search;
pub mod show;
pub mod sources;
pub mod tree;
pub mod verify;
