//! What a file is: by its first bytes, then by its name and MIME type.

use crate::binary::xls;
use crate::{Reason, plain};

/// How far into a file the mark of a PDF may stand.
const PDF_WITHIN: usize = 1024;

/// Kinds that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Pdf,
    /// An archive, or an Office or OpenDocument file.
    Zip,
    /// [MS-CFB]: a message file, or a binary Office file.
    Compound,
    /// The records of an Excel workbook without a compound file around them.
    Workbook,
    Rtf,
    Html,
    Xml,
    Mail,
    Text,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Zip => "ZIP archive",
            Self::Compound => "compound file",
            Self::Workbook => "Excel workbook",
            Self::Rtf => "RTF",
            Self::Html => "HTML",
            Self::Xml => "XML",
            Self::Mail => "mail",
            Self::Text => "text",
        }
    }
}

/// Marks of files that hold no text: the mark, where it stands, and what it is.
const WITHOUT_TEXT: &[(&[u8], usize, &str)] = &[
    (b"\xff\xd8\xff", 0, "JPEG picture"),
    (b"\x89PNG\r\n\x1a\n", 0, "PNG picture"),
    (b"GIF8", 0, "GIF picture"),
    (b"II*\0", 0, "TIFF picture"),
    (b"MM\0*", 0, "TIFF picture"),
    (b"WEBP", 8, "WebP picture"),
    (b"\0\0\x01\0", 0, "icon"),
    (b"\xd7\xcd\xc6\x9a", 0, "WMF picture"),
    (b" EMF", 40, "EMF picture"),
    (b"8BPS", 0, "Photoshop picture"),
    (b"ID3", 0, "MP3 sound"),
    (b"OggS", 0, "Ogg sound"),
    (b"fLaC", 0, "FLAC sound"),
    (b"WAVE", 8, "WAVE sound"),
    (b"AVI ", 8, "AVI video"),
    (b"ftyp", 4, "MPEG-4 media"),
    (b"\x1aE\xdf\xa3", 0, "Matroska video"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", 0, "Windows media"),
    (b"\0\0\x01\xba", 0, "MPEG video"),
    (b"\x7fELF", 0, "program"),
    (b"\0asm", 0, "program"),
    (b"wOFF", 0, "font"),
    (b"wOF2", 0, "font"),
    (b"OTTO", 0, "font"),
];

/// Marks of files that hold text, but are not read.
const UNREAD: &[(&[u8], usize, &str)] = &[
    (b"\x1f\x8b", 0, "gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", 0, "7-Zip archive"),
    (b"Rar!\x1a\x07", 0, "RAR archive"),
    (b"BZh", 0, "bzip2 archive"),
    (b"\xfd7zXZ\0", 0, "xz archive"),
    (b"MSCF", 0, "cabinet archive"),
    (b"ustar", 257, "tar archive"),
    (b"!BDN", 0, "Outlook data file"),
    (b"SQLite format 3\0", 0, "SQLite database"),
    (b"\0\x01\0\0Standard", 0, "Access database"),
    (b"ITSF", 0, "compiled help"),
    (b"\x78\x9f\x3e\x22", 0, "TNEF"),
    (b"\x09\x00\x04\x00", 0, "workbook of Excel before version 5"),
    (b"\x09\x02\x06\x00", 0, "workbook of Excel before version 5"),
    (b"\x09\x04\x06\x00", 0, "workbook of Excel before version 5"),
    (b"\xdb\xa5\x2d\0", 0, "document of Word before version 6"),
];

fn marked(bytes: &[u8], marks: &[(&[u8], usize, &'static str)]) -> Option<&'static str> {
    marks
        .iter()
        .find(|(mark, at, _)| bytes.get(*at..).is_some_and(|rest| rest.starts_with(mark)))
        .map(|m| m.2)
}

/// What a file that begins with `head` is, if it is of a kind that holds no text: the rest of it need not be read.
pub fn without_text(head: &[u8]) -> Option<&'static str> {
    // A program begins with two letters only; what a real one has beside them is that its text soon ends.
    let program = || (head.starts_with(b"MZ") && head.iter().take(64).any(|b| *b == 0)).then_some("program");
    marked(head, WITHOUT_TEXT).or_else(program)
}

/// What a file is.
///
/// # Errors
/// [`Reason::NoText`] and [`Reason::Unknown`].
pub(crate) fn of(name: &str, mime: &str, bytes: &[u8]) -> Result<Kind, Reason> {
    if bytes.is_empty() {
        return Err(Reason::NoText("empty file".into()));
    }
    if let Some(kind) = without_text(bytes) {
        return Err(Reason::NoText(kind.into()));
    }
    if let Some(kind) = marked(bytes, UNREAD) {
        return Err(Reason::Unknown(kind.into()));
    }
    let head = bytes.get(..bytes.len().min(PDF_WITHIN)).unwrap_or_default();
    if head.windows(5).any(|at| at == b"%PDF-") {
        return Ok(Kind::Pdf);
    }
    for (mark, kind) in [
        (&b"PK\x03\x04"[..], Kind::Zip),
        (b"PK\x05\x06", Kind::Zip),
        (b"PK00PK\x03\x04", Kind::Zip),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind::Compound),
        (b"{\\rtf", Kind::Rtf),
    ] {
        if bytes.starts_with(mark) {
            return Ok(kind);
        }
    }
    if xls::is_bare(bytes) {
        return Ok(Kind::Workbook);
    }
    if !plain::is_text(bytes) {
        return Err(Reason::NoText("bytes of an unknown kind".into()));
    }
    let start: String =
        plain::decode(head).trim_start().chars().take(64).collect::<String>().to_ascii_lowercase();
    let ends = |endings: &[&str]| {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        ending.is_some_and(|ending| endings.contains(&ending.as_str()))
    };
    let mime = mime.trim().to_ascii_lowercase();
    Ok(if start.starts_with("<!doctype html") || start.starts_with("<html") {
        Kind::Html
    } else if mime == "message/rfc822" || ends(&["eml", "mht", "mhtml"]) || is_mail(&start) {
        Kind::Mail
    } else if start.starts_with("<?xml") {
        if mime == "application/xhtml+xml" || ends(&["htm", "html", "xhtml"]) {
            Kind::Html
        } else {
            Kind::Xml
        }
    } else if mime == "text/html" || ends(&["htm", "html", "xhtml"]) {
        Kind::Html
    } else {
        Kind::Text
    })
}

/// Whether text begins as mail on its way does, whatever it is called.
fn is_mail(start: &str) -> bool {
    ["received: ", "return-path: ", "delivered-to: ", "mime-version: ", "x-mozilla-status: "]
        .iter()
        .any(|header| start.starts_with(header))
}
