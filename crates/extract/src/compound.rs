//! Compound files ([MS-CFB]): messages, Office documents of the binary formats, and what is embedded in either.

use crate::binary::{doc, ppt, xls};
use crate::work::Work;
use crate::{Reason, msg};
use std::io::{Cursor, Read};

/// Streams of documents that hold text but are not read, and what they are.
const UNREAD: &[(&str, &str)] = &[
    ("PP40", "PowerPoint 95 presentation"),
    ("VisioDocument", "Visio drawing"),
    ("Quill/QuillSub/CONTENTS", "Publisher document"),
];

/// A compound file that lies in memory.
pub type Compound<'b> = cfb::CompoundFile<Cursor<&'b [u8]>>;

/// Adds the text of a compound file of any kind; gives the kind.
pub fn read(work: &mut Work<'_>, bytes: &[u8]) -> Result<&'static str, Reason> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(Reason::damaged)?;
    storage(work, &mut file, "")
}

/// Adds the text of the message or document in the storage `at` ("" for the file itself); gives its kind, which is told by its
/// streams.
pub fn storage(work: &mut Work<'_>, file: &mut Compound<'_>, at: &str) -> Result<&'static str, Reason> {
    let has = |name: &str| file.is_stream(format!("{at}/{name}"));
    if has("__properties_version1.0") {
        msg::read(work, file, at);
        return Ok("Outlook message");
    }
    if has("EncryptedPackage") {
        return Err(Reason::Protected);
    }
    if has("WordDocument") {
        return doc::read(work, file, at);
    }
    // Files that both Excel 95 and Excel 97 can open hold both; the later one is in Unicode.
    for name in ["Workbook", "Book"] {
        if has(name) {
            return xls::read(work, file, at, name);
        }
    }
    // Files that PowerPoint 95 can open too hold the later version in a storage of its own.
    if has("PP97_DUALSTORAGE/PowerPoint Document") {
        return ppt::read(work, file, &format!("{at}/PP97_DUALSTORAGE"));
    }
    if has("PowerPoint Document") {
        return ppt::read(work, file, at);
    }
    if let Some((_, kind)) = UNREAD.iter().find(|(name, _)| has(name)) {
        return Err(Reason::Unknown((*kind).into()));
    }
    // An embedded document of the later formats.
    if has("Package") {
        let content = stream(work, file, &format!("{at}/Package")).unwrap_or_default();
        work.nested("", "", &content);
        return Ok("embedded document");
    }
    Err(Reason::NoText("compound file of an unknown kind".into()))
}

/// A stream's content, as far as it may be unpacked.
pub fn stream(work: &mut Work<'_>, file: &mut Compound<'_>, path: &str) -> Option<Vec<u8>> {
    if !file.is_stream(path) {
        return None;
    }
    let mut content = Vec::new();
    let read =
        file.open_stream(path).and_then(|stream| stream.take(work.unpackable()).read_to_end(&mut content));
    work.unpacked(content.len() as u64);
    if let Err(error) = read {
        work.note(path, Reason::damaged(error));
    }
    Some(content)
}

/// The names of the storages in the storage `at`.
pub fn storages(file: &Compound<'_>, at: &str) -> Vec<String> {
    file.read_storage(if at.is_empty() { "/" } else { at })
        .map(|entries| {
            entries.filter(|entry| entry.is_storage()).map(|entry| entry.name().to_owned()).collect()
        })
        .unwrap_or_default()
}

/// Adds the text of the documents embedded in a document: those in storages in `at` whose names begin with `prefix`.
pub fn embedded(work: &mut Work<'_>, file: &mut Compound<'_>, at: &str, prefix: &str) {
    for name in storages(file, at).iter().filter(|name| name.starts_with(prefix)) {
        if work.is_full() {
            return;
        }
        if !work.entry() {
            work.note("", "it holds more files than are looked at");
            return;
        }
        work.inside(name, |work| storage(work, file, &format!("{at}/{name}")));
    }
}
