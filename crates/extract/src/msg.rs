//! Compound files ([MS-CFB]): messages ([MS-OXMSG]), and old Office documents.

use crate::work::Work;
use crate::{Reason, html};
use mailscope_pst::messaging::Charset;
use mailscope_pst::rtf;
use std::io::{Cursor, Read};

/// Messages lie in each other no deeper than this.
const DEEPEST: u32 = 8;
/// The code page of texts in bytes where none is told.
const WESTERN: u16 = 1252;

/// A compound file that lies in memory.
pub type Compound<'b> = cfb::CompoundFile<Cursor<&'b [u8]>>;

/// Adds the text of a compound file of any kind; gives the kind.
pub fn read(work: &mut Work<'_>, bytes: &[u8]) -> Result<&'static str, Reason> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(Reason::damaged)?;
    if file.is_stream("/__properties_version1.0") {
        message(work, &mut file, "", 0);
        return Ok("Outlook message");
    }
    if file.is_stream("/EncryptedPackage") {
        return Err(Reason::Protected);
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

/// Adds a message that lies in the storage `at` ("" for the file itself).
fn message(work: &mut Work<'_>, file: &mut Compound<'_>, at: &str, depth: u32) {
    if !work.entry() || depth > DEEPEST {
        work.note("", "messages in it lie too deep in each other to be looked at");
        return;
    }
    let page = code_page(work, file, at);
    // PidTagSubject, PidTagSenderName, PidTagSenderEmailAddress, PidTagDisplayTo, PidTagDisplayCc.
    for tag in ["0037", "0C1A", "0C1F", "0E04", "0E03"] {
        if let Some(text) = string(work, file, at, tag, page) {
            work.push(&text);
            work.line();
        }
    }
    body(work, file, at, page);
    work.line();
    let storages: Vec<String> = file
        .read_storage(if at.is_empty() { "/" } else { at })
        .map(|entries| {
            entries.filter(|entry| entry.is_storage()).map(|entry| entry.name().to_owned()).collect()
        })
        .unwrap_or_default();
    for storage in storages.iter().filter(|name| name.starts_with("__attach_version1.0_")) {
        if work.is_full() {
            return;
        }
        let place = format!("{at}/{storage}");
        // PidTagAttachLongFilename, PidTagAttachFilename.
        let name =
            string(work, file, &place, "3707", page).or_else(|| string(work, file, &place, "3704", page));
        let name = name.unwrap_or_default();
        work.push(&name);
        work.line();
        // PidTagAttachDataObject, PidTagAttachDataBinary.
        let inner = format!("{place}/__substg1.0_3701000D");
        if file.is_stream(format!("{inner}/__properties_version1.0")) {
            message(work, file, &inner, depth + 1);
        } else if let Some(content) = stream(work, file, &format!("{place}/__substg1.0_37010102")) {
            work.nested(&name, "", &content);
        }
        work.line();
    }
}

/// The best of the bodies: plain text, HTML, RTF.
fn body(work: &mut Work<'_>, file: &mut Compound<'_>, at: &str, page: u16) {
    if let Some(text) = string(work, file, at, "1000", page).filter(|text| !text.trim().is_empty()) {
        work.push(&text);
        return;
    }
    if let Some(content) = stream(work, file, &format!("{at}/__substg1.0_10130102")) {
        work.push(&html::to_text(&crate::plain::decode_html(&content), work.room()));
        return;
    }
    if let Some(content) = stream(work, file, &format!("{at}/__substg1.0_10090102")) {
        let most = usize::try_from(work.unpackable()).unwrap_or(usize::MAX);
        match rtf::decompress(&content, most) {
            Ok(rtf) => {
                work.unpacked(rtf.data.len() as u64);
                let page = rtf::unwrap_html(&rtf.data, most).map(|page| html::to_text(&page, work.room()));
                work.push(&page.unwrap_or_else(|| rtf::to_text(&rtf.data, work.room())));
            }
            Err(error) => work.note("", Reason::damaged(format!("its RTF: {error:?}"))),
        }
    }
}

/// A string property ([MS-OXMSG] 2.2.1): in UTF-16, or in bytes of a code page.
fn string(work: &mut Work<'_>, file: &mut Compound<'_>, at: &str, tag: &str, page: u16) -> Option<String> {
    if let Some(wide) = stream(work, file, &format!("{at}/__substg1.0_{tag}001F")) {
        return Some(encoding_rs::UTF_16LE.decode_without_bom_handling(&wide).0.into_owned());
    }
    let bytes = stream(work, file, &format!("{at}/__substg1.0_{tag}001E"))?;
    Some(Charset::of_or_default(page).decode(&bytes))
}

/// PidTagMessageCodepage, out of the stream of short properties ([MS-OXMSG] 2.4).
fn code_page(work: &mut Work<'_>, file: &mut Compound<'_>, at: &str) -> u16 {
    let properties = stream(work, file, &format!("{at}/__properties_version1.0")).unwrap_or_default();
    let header = if at.is_empty() { 32 } else { 24 };
    let rows = properties.get(header..).unwrap_or_default().chunks_exact(16);
    let found = rows.into_iter().find_map(|row| {
        let (tag, value) = (row.get(..4)?, row.get(8..10)?);
        (tag == [0x03, 0x00, 0xfd, 0x3f]).then(|| u16::from_le_bytes([value[0], value[1]]))
    });
    found.filter(|page| *page != 0).unwrap_or(WESTERN)
}
