//! Message files ([MS-OXMSG]), which are compound files.

use crate::compound::{Compound, storage, storages, stream};
use crate::work::Work;
use crate::{Reason, html};
use mailscope_pst::messaging::Charset;
use mailscope_pst::rtf;

/// Messages lie in each other no deeper than this.
const DEEPEST: u32 = 8;
/// The code page of texts in bytes where none is told.
const WESTERN: u16 = 1252;

/// Adds the text of the message in the storage `at` ("" for the file itself).
pub fn read(work: &mut Work<'_>, file: &mut Compound<'_>, at: &str) {
    message(work, file, at, 0);
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
    for attachment in storages(file, at).iter().filter(|name| name.starts_with("__attach_version1.0_")) {
        if work.is_full() {
            return;
        }
        let place = format!("{at}/{attachment}");
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
        } else if file.is_storage(&inner) {
            work.inside(&name, |work| storage(work, file, &inner));
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
