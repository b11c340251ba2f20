//! What a document says about itself ([MS-OLEPS]): title, subject, author, keywords, comments, who saved it last.

use crate::bytes::{place_at, u16_at, u32_at, utf16, within};
use crate::compound::{Compound, stream};
use crate::work::Work;
use mailscope_pst::messaging::Charset;

/// PIDSI_TITLE, _SUBJECT, _AUTHOR, _KEYWORDS, _COMMENTS, _LASTAUTHOR.
const SHOWN: [u32; 6] = [2, 3, 4, 5, 6, 8];
/// The property that tells the code page of the others.
const CODEPAGE: u32 = 1;
/// Where the stream tells the place of its first property set.
const SET: usize = 44;
/// More properties than any program writes.
const MAX_PROPERTIES: usize = 1000;
/// Types of values ([MS-OLEPS] 2.15).
const VT_I2: u16 = 0x02;
const VT_LPSTR: u16 = 0x1e;
const VT_LPWSTR: u16 = 0x1f;
/// The code page that means UTF-16.
const WIDE: u16 = 1200;

/// Adds what the document in the storage `at` says about itself, a line for each.
pub fn read(work: &mut Work<'_>, file: &mut Compound<'_>, at: &str) {
    let Some(content) = stream(work, file, &format!("{at}/\u{5}SummaryInformation")) else { return };
    let set = place_at(&content, SET).and_then(|at| content.get(at..)).unwrap_or_default();
    let count = place_at(set, 4).unwrap_or_default().min(MAX_PROPERTIES);
    let value = |wanted: u32| {
        let row = (0..count).map(|n| 8 + n * 8).find(|row| u32_at(set, *row) == Some(wanted))?;
        set.get(place_at(set, row + 4)?..)
    };
    let page =
        value(CODEPAGE).filter(|value| u16_at(value, 0) == Some(VT_I2)).and_then(|value| u16_at(value, 4));
    for shown in SHOWN {
        if let Some(text) = value(shown).and_then(|value| string(value, page.unwrap_or_default())) {
            work.line();
            work.push(text.trim_end_matches('\0').trim());
        }
    }
    work.line();
}

/// A typed value that is a string; `page` is the code page of those in bytes.
fn string(value: &[u8], page: u16) -> Option<String> {
    let length = place_at(value, 4)?;
    match u16_at(value, 0)? {
        VT_LPSTR if page == WIDE => Some(utf16(within(value, 8, length))),
        VT_LPSTR => Some(Charset::of_or_default(page).decode(within(value, 8, length))),
        VT_LPWSTR => Some(utf16(within(value, 8, length.saturating_mul(2)))),
        _ => None,
    }
}
