//! The binary formats of Office 97 to 2003 and, as far as they are alike, of Office 95.

pub mod doc;
mod field;
pub mod ppt;
mod summary;
pub mod xls;
