//! PowerPoint presentations ([MS-PPT]): what slides show in their order, then notes. Which of the records of a file are of today and
//! which of earlier versions, only its edits tell.

use super::summary;
use crate::Reason;
use crate::bytes::{place_at, u16_at, u32_at, utf16, within};
use crate::compound::{Compound, stream};
use crate::work::Work;
use flate2::read::ZlibDecoder;
use std::collections::BTreeMap;
use std::io::Read as _;

/// CurrentUserAtom.headerToken of a presentation that asks for a password.
const ENCRYPTED: u32 = 0xf3d1_c4df;
/// Version, instance, kind and length of a record.
const HEADER: usize = 8;
/// RecordHeader.recVer of a record that holds others.
const CONTAINER: u16 = 0xf;
/// Records lie in each other no deeper than this; groups of shapes may be nested.
const DEEPEST: usize = 100;

// Kinds of records ([MS-PPT] 2.13.24).
const SLIDE_PERSIST: u16 = 0x03f3;
const MASTER: u16 = 0x03f8;
const TEXT_CHARS: u16 = 0x0fa0;
const TEXT_BYTES: u16 = 0x0fa8;
const STRING: u16 = 0x0fba;
const HANDOUT: u16 = 0x0fc9;
const HEADERS_FOOTERS: u16 = 0x0fd9;
const SLIDE_LIST: u16 = 0x0ff0;
const USER_EDIT: u16 = 0x0ff5;
const OBJECT: u16 = 0x1011;
const TAG_DATA: u16 = 0x138b;
const PERSIST_DIRECTORY: u16 = 0x1772;
const COMMENT: u16 = 0x2ee0;

/// Instances of lists of slides.
const SLIDES: u16 = 0;
const MASTERS: u16 = 1;
const NOTES: u16 = 2;
/// The instance of an embedded object that is packed.
const PACKED: u16 = 1;

/// Adds the text of the presentation in the storage `at`; gives its kind.
pub fn read(work: &mut Work<'_>, file: &mut Compound<'_>, at: &str) -> Result<&'static str, Reason> {
    let user = stream(work, file, &format!("{at}/Current User")).unwrap_or_default();
    if u32_at(&user, 12) == Some(ENCRYPTED) {
        return Err(Reason::Protected);
    }
    let content = stream(work, file, &format!("{at}/PowerPoint Document")).unwrap_or_default();
    match place_at(&user, 16).and_then(|edit| Deck::of(&content, edit)) {
        Some(deck) if deck.protected => return Err(Reason::Protected),
        Some(mut deck) => deck.read(work),
        None => {
            work.note(
                "",
                Reason::Damaged("it does not tell which of its slides are of its last version".into()),
            );
            shown(work, &content);
            records(&content).for_each(|record| embedded(work, &record));
        }
    }
    summary::read(work, file, at);
    Ok("PowerPoint 97-2003 presentation")
}

/// A record as far as the file has it.
struct Record<'b> {
    version: u16,
    instance: u16,
    kind: u16,
    data: &'b [u8],
    /// Where it ends, in the bytes that it was read from.
    end: usize,
}

fn record(bytes: &[u8], at: usize) -> Option<Record<'_>> {
    let head = u16_at(bytes, at)?;
    let (kind, length) = (u16_at(bytes, at + 2)?, place_at(bytes, at + 4)?);
    let data = within(bytes, at + HEADER, length);
    Some(Record { version: head & 0xf, instance: head >> 4, kind, data, end: at + HEADER + data.len() })
}

/// The records that lie in `bytes`, not those in them.
fn records(bytes: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let record = record(bytes, at)?;
        at = record.end;
        Some(record)
    })
}

/// The last version of a presentation.
struct Deck<'b> {
    content: &'b [u8],
    /// Where the objects lie, by their numbers. Each is taken out when it is read, so that none is read twice.
    places: BTreeMap<u32, usize>,
    /// The number of the one that names the others.
    document: u32,
    protected: bool,
}

impl<'b> Deck<'b> {
    /// By the edit at `at` and those before it ([MS-PPT] 2.1.2); `None` where they do not hold together.
    fn of(content: &'b [u8], mut at: usize) -> Option<Self> {
        let mut deck = Deck { content, places: BTreeMap::new(), document: 0, protected: false };
        let newest = record(content, at)?;
        deck.document = u32_at(newest.data, 16)?;
        deck.protected = u32_at(newest.data, 28).is_some_and(|encryption| encryption != 0);
        let mut looked_at = 0;
        loop {
            let edit = record(content, at).filter(|edit| edit.kind == USER_EDIT)?;
            let directory = record(content, place_at(edit.data, 12)?);
            let directory = directory.filter(|directory| directory.kind == PERSIST_DIRECTORY)?.data;
            // Directories do not lie over each other, and each edit was added behind the one before it.
            looked_at += directory.len();
            if looked_at > content.len() {
                return None;
            }
            deck.places(directory);
            match place_at(edit.data, 8)? {
                0 => break,
                before if before < at => at = before,
                _ => return None,
            }
        }
        (deck.protected || deck.places.contains_key(&deck.document)).then_some(deck)
    }

    /// Takes the places that a PersistDirectoryAtom tells, of objects that no later one told of.
    fn places(&mut self, directory: &[u8]) {
        let mut at = 0;
        while let Some(head) = u32_at(directory, at) {
            let (first, count) = (head & 0xf_ffff, head >> 20);
            at += 4;
            for number in first..first + count {
                let Some(place) = place_at(directory, at) else { return };
                self.places.entry(number).or_insert(place);
                at += 4;
            }
        }
    }

    /// The content of an object that was not read yet.
    fn object(&mut self, work: &mut Work<'_>, number: u32) -> Option<&'b [u8]> {
        let data = record(self.content, self.places.remove(&number)?)?.data;
        // They may lie over each other; what is looked at again and again counts each time.
        work.unpacked(data.len() as u64);
        if work.unpackable() == 0 {
            work.note("", "it unpacks to more than is looked at");
            return None;
        }
        Some(data)
    }

    fn read(&mut self, work: &mut Work<'_>) {
        let Some(document) = self.object(work, self.document) else { return };
        for wanted in [SLIDES, NOTES] {
            let list = |record: &Record<'_>| record.kind == SLIDE_LIST && record.instance == wanted;
            for list in records(document).filter(list) {
                self.list(work, list.data);
            }
        }
        for lines in records(document).filter(|record| record.kind == HEADERS_FOOTERS) {
            strings(work, lines.data);
        }
        // What is left are masters and embedded objects.
        for place in std::mem::take(&mut self.places).into_values() {
            if let Some(record) = record(self.content, place) {
                embedded(work, &record);
            }
        }
    }

    /// The slides of a list: of each what the list says of its outline, then what lies on it besides.
    fn list(&mut self, work: &mut Work<'_>, list: &[u8]) {
        let mut slide = None;
        for record in records(list) {
            if record.kind == SLIDE_PERSIST {
                self.slide(work, slide);
                slide = u32_at(record.data, 0);
            } else {
                text(work, &record);
            }
            if work.is_full() {
                return;
            }
        }
        self.slide(work, slide);
    }

    fn slide(&mut self, work: &mut Work<'_>, number: Option<u32>) {
        let Some(number) = number else { return };
        if !self.places.contains_key(&number) {
            work.note("", Reason::Damaged("a slide is missing".into()));
        } else if let Some(content) = self.object(work, number) {
            shown(work, content);
        }
    }
}

/// Adds all text that the records in `bytes` show, however deep; what is of masters is not of the presentation.
fn shown(work: &mut Work<'_>, bytes: &[u8]) {
    // The records that the current one lies in: their kinds and ends.
    let mut open: Vec<(u16, usize)> = vec![(0, bytes.len())];
    let mut own_tag = false;
    let mut at = 0;
    while let Some((kind, end)) = open.last().copied() {
        let Some(record) = bytes.get(..end).and_then(|bytes| record(bytes, at)) else {
            open.pop();
            at = end;
            continue;
        };
        if work.is_full() {
            return;
        }
        let passed_over = matches!(record.kind, MASTER | HANDOUT)
            || record.kind == SLIDE_LIST && record.instance == MASTERS
            || record.kind == TAG_DATA && !own_tag;
        if record.kind == STRING {
            own_tag = utf16(within(record.data, 0, 12)) == "___PPT";
            if matches!(kind, COMMENT | HEADERS_FOOTERS) {
                line(work, &utf16(record.data));
            }
        }
        let holds = record.version == CONTAINER || record.kind == TAG_DATA;
        if holds && !passed_over && open.len() < DEEPEST {
            open.push((record.kind, record.end));
            at += HEADER;
        } else {
            text(work, &record);
            at = record.end;
        }
    }
}

/// Adds the text of an embedded object, if the record is one ([MS-PPT] 2.10.34).
fn embedded(work: &mut Work<'_>, record: &Record<'_>) {
    if record.kind != OBJECT || work.is_full() || work.unpackable() == 0 {
        return;
    }
    if !work.entry() {
        work.note("", "it holds more files than are looked at");
        return;
    }
    let (mut unpacked, mut read) = (Vec::new(), Ok(0));
    if record.instance == PACKED {
        // Behind the size that it will have.
        let packed = record.data.get(4..).unwrap_or_default();
        read = ZlibDecoder::new(packed).take(work.unpackable()).read_to_end(&mut unpacked);
    } else {
        unpacked.extend_from_slice(record.data);
    }
    work.unpacked(unpacked.len() as u64);
    match read {
        Ok(_) => work.nested("an embedded object", "", &unpacked),
        Err(error) => work.note("an embedded object", Reason::damaged(error)),
    }
}

/// Adds the strings that lie in `bytes`.
fn strings(work: &mut Work<'_>, bytes: &[u8]) {
    records(bytes).filter(|record| record.kind == STRING).for_each(|record| line(work, &utf16(record.data)));
}

/// Adds a record's text, if it is one of text.
fn text(work: &mut Work<'_>, record: &Record<'_>) {
    match record.kind {
        TEXT_CHARS => line(work, &utf16(record.data)),
        // Each byte is the lower half of a character; between 0x80 and 0x9f those of Windows are meant.
        TEXT_BYTES => line(work, &encoding_rs::WINDOWS_1252.decode_without_bom_handling(record.data).0),
        _ => {}
    }
}

/// Adds lines of their own. A paragraph ends with a carriage return, a line in it with a vertical tab.
fn line(work: &mut Work<'_>, text: &str) {
    let lines: String = text
        .chars()
        .map(|c| if matches!(c, '\r' | '\u{b}') { '\n' } else { c })
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect();
    work.line();
    work.push(&lines);
    work.line();
}
