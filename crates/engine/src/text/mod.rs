//! Text: how it is cut into words, marked, made from HTML, and kept small.

pub mod compress;
pub mod dates;
pub mod distance;
pub(crate) mod eight;
pub(crate) mod letters;
pub mod marks;
pub mod tokens;

pub use mailscope_extract::{html, tags};
