//! The text of attached files: PDF, Office documents of the binary formats and of those in XML, OpenDocument, RTF, HTML, mail, archives
//! of all these, and text.
//!
//! [`text_of`] reads one file that lies in memory. Files come with mail and are hostile: what a file may unpack to, how deep it
//! nests and how much text it gives is bounded by [`Limits`], but a parser may still run for ever, eat memory or crash. So a program
//! does not call [`text_of`] itself; it starts itself again as a child ([`process::Extractor`]), which serves one file after the
//! other ([`process::serve`]) within limits on time and memory. A file that breaks the child costs itself alone.
//!
//! Invariants: nothing here knows of libraries, SQLite or indexes; nothing opens a file or a connection.
#![forbid(unsafe_code)]

mod archive;
mod binary;
mod bytes;
mod compound;
mod formats;
pub mod html;
mod kind;
mod mail;
mod msg;
mod odf;
mod ooxml;
mod pdf;
mod plain;
pub mod process;
mod reason;
pub mod tags;
mod versions;
mod work;
mod xml;

pub use kind::without_text;
pub use reason::Reason;
pub use versions::{VERSION, may_read_more};

use kind::Kind;
use std::time::Duration;
use work::Work;

/// What a file may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a file that is looked at; a larger one is not.
    pub input: u64,
    /// Bytes of text that are kept of it.
    pub text: usize,
    /// Bytes that it may unpack to, all files in it together.
    pub unpacked: u64,
    /// How often archives, mail and documents may lie in each other.
    pub depth: u32,
    /// Files in it that are looked at.
    pub entries: u32,
    /// Bytes of memory that the child may take.
    pub memory: u64,
    /// How long it may take.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            input: 64 << 20,
            text: 8 << 20,
            unpacked: 256 << 20,
            depth: 4,
            entries: 10_000,
            memory: 512 << 20,
            time: Duration::from_secs(60),
        }
    }
}

/// The text of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extracted {
    /// What the file is, such as "PDF".
    pub kind: String,
    /// Its text, never blank.
    pub text: String,
    /// Whether there was more text than may be kept.
    pub cut: bool,
    /// What in it could not be read, in sentences.
    pub notes: Vec<String>,
}

/// The text of a file: its content in `bytes`, its `name` and the `mime` type that it came with (both may be empty or wrong).
///
/// # Errors
/// Why there is no text.
pub fn text_of(name: &str, mime: &str, bytes: &[u8], limits: &Limits) -> Result<Extracted, Reason> {
    if bytes.len() as u64 > limits.input {
        return Err(Reason::TooLarge(bytes.len() as u64));
    }
    let mut work = Work::new(limits, bytes.len() as u64);
    let kind = read(&mut work, name, mime, bytes)?;
    let (text, cut, mut notes) = work.into_parts();
    if text.is_empty() {
        return Err(match notes.is_empty() {
            true => Reason::NoText(kind.to_owned()),
            false => Reason::Unread(notes.swap_remove(0)),
        });
    }
    Ok(Extracted { kind: kind.to_owned(), text, cut, notes })
}

/// Adds a file's text to `work`, whatever its kind; gives the kind.
fn read(work: &mut Work<'_>, name: &str, mime: &str, bytes: &[u8]) -> Result<&'static str, Reason> {
    let kind = kind::of(name, mime, bytes)?;
    match kind {
        Kind::Pdf => pdf::read(work, bytes)?,
        Kind::Zip => return archive::read(work, bytes),
        Kind::Compound => return compound::read(work, bytes),
        Kind::Workbook => return binary::xls::records(work, bytes),
        Kind::Rtf => work.push(&mailscope_pst::rtf::to_text(bytes, work.room())),
        Kind::Html => work.push(&html::to_text(&plain::decode_html(bytes), work.room())),
        Kind::Xml => xml::text(work, &plain::decode_xml(bytes)),
        Kind::Mail => mail::read(work, bytes),
        Kind::Text => work.push(&plain::decode(bytes)),
    }
    Ok(kind.name())
}
