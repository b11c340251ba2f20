//! OpenDocument (ISO/IEC 26300): ODT, ODS, ODP and their kin.

use crate::archive::Archive;
use crate::work::Work;
use crate::xml::{Piece, walk};
use crate::{Reason, plain};

/// Adds the text of a document; gives its kind.
pub fn read(work: &mut Work<'_>, archive: &mut Archive<'_>) -> Result<&'static str, Reason> {
    let manifest = archive.named(work, "META-INF/manifest.xml").unwrap_or_default();
    if String::from_utf8_lossy(&manifest).contains("encryption-data") {
        return Err(Reason::Protected);
    }
    let kind = archive.named(work, "mimetype").unwrap_or_default();
    let kind = match String::from_utf8_lossy(&kind) {
        kind if kind.contains("spreadsheet") => "OpenDocument spreadsheet",
        kind if kind.contains("presentation") => "OpenDocument presentation",
        kind if kind.contains("text") => "OpenDocument text",
        _ => "OpenDocument",
    };
    for part in ["content.xml", "meta.xml"] {
        let Some(content) = archive.named(work, part) else { continue };
        let broken = paragraphs(work, &plain::decode_xml(&content));
        if let Some(how) = broken {
            work.note(part, Reason::Damaged(how));
        }
        work.line();
    }
    let objects: Vec<usize> = (0..archive.names().len())
        .filter(|at| {
            archive.names()[*at].starts_with("Object ") && archive.names()[*at].ends_with("/content.xml")
        })
        .collect();
    for index in objects {
        if let Some(content) = archive.file(work, index) {
            paragraphs(work, &plain::decode_xml(&content));
            work.line();
        }
    }
    Ok(kind)
}

/// Text of paragraphs and headings, and of what the document says about itself; a line for each.
fn paragraphs(work: &mut Work<'_>, xml: &str) -> Option<String> {
    let mut depth = 0_u32;
    walk(xml, &mut |piece| {
        match piece {
            Piece::Start("p" | "h" | "title" | "subject" | "creator" | "keyword" | "description", _) => {
                depth += 1
            }
            Piece::End("p" | "h" | "title" | "subject" | "creator" | "keyword" | "description") => {
                depth = depth.saturating_sub(1);
                work.line();
            }
            Piece::Start("s" | "tab", _) => work.space(),
            Piece::Start("line-break", _) => work.line(),
            Piece::Text(text) if depth > 0 => work.push(text),
            _ => {}
        }
        !work.is_full()
    })
}
