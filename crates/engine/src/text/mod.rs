//! Text: how it is cut into words, marked, made from HTML, and kept small.

pub mod compress;
pub mod dates;
pub mod distance;
pub mod html;
pub mod marks;
pub mod tags;
pub mod tokens;
