//! Office Open XML (ECMA-376): DOCX, XLSX, PPTX and their kin.

use crate::archive::Archive;
use crate::formats::Formats;
use crate::work::Work;
use crate::xml::{Piece, attribute, walk};
use crate::{Reason, plain};

/// Adds the text of a document; gives its kind.
pub fn read(work: &mut Work<'_>, archive: &mut Archive<'_>) -> Result<&'static str, Reason> {
    let names = archive.names().to_vec();
    let below = |folder: &str| names.iter().any(|name| name.starts_with(folder));
    let (kind, folder) = if below("word/") {
        ("Word document", "word/")
    } else if below("xl/") {
        ("Excel workbook", "xl/")
    } else if below("ppt/") {
        ("PowerPoint presentation", "ppt/")
    } else {
        ("Office document", "")
    };
    let mut parts: Vec<(usize, &String)> =
        names.iter().enumerate().filter(|(_, name)| name.starts_with(folder) && is_text_part(name)).collect();
    // In the order of their numbers: slide2 before slide10.
    parts.sort_by_key(|(_, name)| (rank(name), name.len(), (*name).clone()));
    let shared = match archive.named(work, "xl/sharedStrings.xml") {
        Some(content) if folder == "xl/" => shared_strings(work, &plain::decode_xml(&content)),
        _ => Vec::new(),
    };
    let mut formats = Formats::default();
    if folder == "xl/" {
        if let Some(content) = archive.named(work, "xl/styles.xml") {
            cell_formats(&mut formats, &plain::decode_xml(&content));
        }
        if let Some(content) = archive.named(work, "xl/workbook.xml") {
            workbook(work, &mut formats, &plain::decode_xml(&content));
        }
    }
    for (index, name) in parts {
        if work.is_full() || work.unpackable() == 0 {
            break;
        }
        let Some(content) = archive.file(work, index) else { continue };
        let content = plain::decode_xml(&content);
        let broken = match name.starts_with("xl/worksheets/") {
            true => sheet(work, &content, &shared, &formats),
            false => paragraphs(work, &content),
        };
        if let Some(how) = broken {
            work.note(name, Reason::Damaged(how));
        }
        work.line();
    }
    if let Some(content) = archive.named(work, "docProps/core.xml") {
        properties(work, &plain::decode_xml(&content));
    }
    for (index, name) in names.iter().enumerate().filter(|(_, name)| name.contains("/embeddings/")) {
        if !work.is_full()
            && let Some(content) = archive.file(work, index)
        {
            work.nested(name, "", &content);
        }
    }
    Ok(kind)
}

/// Whether a part holds text of its own: not styles, themes, layouts, relations.
fn is_text_part(name: &str) -> bool {
    let Some((path, "xml")) = name.rsplit_once('.') else { return false };
    let begins = |starts: &[&str]| starts.iter().any(|start| path.starts_with(start));
    begins(&[
        "word/document",
        "word/header",
        "word/footer",
        "word/footnotes",
        "word/endnotes",
        "word/comments",
        "word/glossary/document",
    ]) || begins(&[
        "xl/worksheets/",
        "xl/comments",
        "xl/threadedComments/",
        "xl/drawings/drawing",
        "xl/charts/chart",
    ]) || begins(&[
        "ppt/slides/slide",
        "ppt/notesSlides/",
        "ppt/comments",
        "ppt/diagrams/data",
        "ppt/charts/chart",
    ]) || begins(&["word/diagrams/data", "word/charts/chart"])
}

/// What a person would read first.
fn rank(name: &str) -> u8 {
    match name {
        _ if name.contains("/document") || name.contains("/slides/") || name.contains("/worksheets/") => 0,
        _ if name.contains("notes") || name.contains("omments") => 1,
        _ => 2,
    }
}

/// Text of runs (w:t, a:t, deleted ones too), a line for each paragraph. What stands twice, once for older readers, is taken once.
fn paragraphs(work: &mut Work<'_>, xml: &str) -> Option<String> {
    let (mut in_text, mut fallback) = (false, 0_u32);
    walk(xml, &mut |piece| {
        match piece {
            Piece::Start("Fallback", _) => fallback += 1,
            Piece::End("Fallback") => fallback = fallback.saturating_sub(1),
            _ if fallback > 0 => {}
            Piece::Start("t" | "delText" | "v" | "text", _) => in_text = true,
            Piece::End("t" | "delText") => in_text = false,
            Piece::End("v" | "text") => {
                in_text = false;
                work.space();
            }
            Piece::Start("tab" | "noBreakHyphen" | "tc", _) => work.space(),
            Piece::Start("br" | "cr", _) | Piece::End("p" | "comment" | "si") => work.line(),
            Piece::Text(text) if in_text => work.push(text),
            _ => {}
        }
        !work.is_full()
    })
}

/// The strings that cells refer to by number, without readings of Asian characters.
fn shared_strings(work: &mut Work<'_>, xml: &str) -> Vec<String> {
    let mut strings: Vec<String> = Vec::new();
    let (mut in_text, mut reading) = (false, false);
    let broken = walk(xml, &mut |piece| {
        match piece {
            Piece::Start("si", _) => strings.push(String::new()),
            Piece::Start("rPh", _) => reading = true,
            Piece::End("rPh") => reading = false,
            Piece::Start("t", _) => in_text = !reading,
            Piece::End("t") => in_text = false,
            Piece::Text(text) if in_text => {
                if let Some(last) = strings.last_mut() {
                    last.push_str(text);
                }
            }
            _ => {}
        }
        true
    });
    if let Some(how) = broken {
        work.note("xl/sharedStrings.xml", Reason::Damaged(how));
    }
    strings
}

/// The formats that cells refer to by number (ECMA-376 part 1, 18.8.10 and 18.8.30). Where they are damaged, numbers stay numbers.
fn cell_formats(formats: &mut Formats, xml: &str) {
    let mut of_cells = false;
    let number = |value: Option<String>| value?.trim().parse::<u16>().ok();
    let _ = walk(xml, &mut |piece| {
        match piece {
            Piece::Start("numFmt", start) => {
                if let (Some(id), Some(code)) =
                    (number(attribute(start, "numFmtId")), attribute(start, "formatCode"))
                {
                    formats.own(id, &code);
                }
            }
            Piece::Start("cellXfs", _) => of_cells = true,
            Piece::End("cellXfs") => of_cells = false,
            Piece::Start("xf", start) if of_cells => {
                formats.cell(number(attribute(start, "numFmtId")).unwrap_or_default());
            }
            _ => {}
        }
        true
    });
}

/// The names of the sheets, and from which year days are counted.
fn workbook(work: &mut Work<'_>, formats: &mut Formats, xml: &str) {
    walk(xml, &mut |piece| {
        match piece {
            Piece::Start("workbookPr", start) => {
                formats.from_1904 = matches!(attribute(start, "date1904").as_deref(), Some("1" | "true"));
            }
            Piece::Start("sheet", start) => {
                if let Some(name) = attribute(start, "name") {
                    work.push(&name);
                    work.line();
                }
            }
            _ => {}
        }
        !work.is_full()
    });
}

/// What a cell holds, by its attribute `t`.
enum Holds {
    /// The number of a shared string.
    Shared,
    /// A number, and the number of its format.
    Number(u16),
    /// What stands there.
    Text,
}

/// Cells of a worksheet, a line for each row.
fn sheet(work: &mut Work<'_>, xml: &str, shared: &[String], formats: &Formats) -> Option<String> {
    let (mut in_value, mut holds) = (false, Holds::Text);
    let mut value = String::new();
    walk(xml, &mut |piece| {
        match piece {
            Piece::Start("c", start) => {
                holds = match attribute(start, "t").as_deref() {
                    Some("s") => Holds::Shared,
                    None | Some("n") => {
                        let format = attribute(start, "s").and_then(|format| format.parse().ok());
                        Holds::Number(format.unwrap_or_default())
                    }
                    Some(_) => Holds::Text,
                };
            }
            Piece::Start("v" | "t", _) => in_value = true,
            Piece::Text(text) if in_value => value.push_str(text),
            Piece::End("v" | "t") => {
                in_value = false;
                let said = value.trim();
                match holds {
                    Holds::Shared => {
                        let string = said.parse::<usize>().ok().and_then(|number| shared.get(number));
                        work.push(string.unwrap_or(&value));
                    }
                    Holds::Number(format) => match said.parse::<f64>() {
                        Ok(number) => work.push(&formats.text(format, number)),
                        Err(_) => work.push(&value),
                    },
                    Holds::Text => work.push(&value),
                }
                value.clear();
            }
            Piece::End("c") => work.space(),
            Piece::End("row") => work.line(),
            _ => {}
        }
        !work.is_full()
    })
}

/// Title, subject, author, keywords.
fn properties(work: &mut Work<'_>, xml: &str) {
    let mut wanted = false;
    walk(xml, &mut |piece| {
        match piece {
            Piece::Start(name, _) => {
                wanted = matches!(
                    name,
                    "title" | "subject" | "creator" | "keywords" | "description" | "lastModifiedBy"
                );
            }
            Piece::End(_) if wanted => {
                wanted = false;
                work.line();
            }
            Piece::Text(text) if wanted => work.push(text),
            _ => {}
        }
        !work.is_full()
    });
}
