//! Rich text bodies: decompression ([MS-OXRTFCP]) and what is wrapped in them ([MS-OXRTFEX]).

mod lzfu;
mod text;
mod tokens;

pub use lzfu::{RtfError, decompress};
pub use text::{Encapsulated, encapsulated, to_text, unwrap_html};
