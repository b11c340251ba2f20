//! The way out of the library.

pub mod eml;
