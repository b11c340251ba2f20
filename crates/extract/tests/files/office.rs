//! Makes small files of the binary formats of Office: Word, Excel, PowerPoint.

use super::make::{compound, wide};

fn put16(out: &mut Vec<u8>, number: usize) {
    out.extend(u16::try_from(number).unwrap().to_le_bytes());
}

fn put32(out: &mut Vec<u8>, number: usize) {
    out.extend(u32::try_from(number).unwrap().to_le_bytes());
}

fn set(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

fn set32(bytes: &mut [u8], at: usize, number: usize) {
    set(bytes, at, &u32::try_from(number).unwrap().to_le_bytes());
}

/// Whether text is written in bytes: each is the lower half of its character.
fn is_narrow(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '\0'..'\u{80}' | '\u{a0}'..='\u{ff}'))
}

fn narrow(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

/// Where a piece of a document lies.
#[derive(Clone)]
pub struct Piece {
    /// Its characters.
    pub length: usize,
    /// The FcCompressed.
    pub place: u32,
}

/// A piece table behind a Prc.
fn clx(pieces: &[Piece]) -> Vec<u8> {
    let mut clx = vec![1, 3, 0, 0xaa, 0xbb, 0xcc, 2];
    put32(&mut clx, 4 + 12 * pieces.len());
    let mut at = 0;
    put32(&mut clx, at);
    for piece in pieces {
        at += piece.length;
        put32(&mut clx, at);
    }
    for piece in pieces {
        clx.extend([0, 0]);
        clx.extend(piece.place.to_le_bytes());
        clx.extend([0, 0]);
    }
    clx
}

/// Main stream and table of a Word 97 document: its parts have so many characters, of the content behind the head.
pub fn word_streams(counts: &[usize], pieces: &[Piece], content: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let table = [vec![0xee; 100], clx(pieces)].concat();
    let mut main = vec![0; WORD_HEAD];
    set(&mut main, 0, &[0xec, 0xa5, 0xc1, 0]);
    // fWhichTblStm, fExtChar.
    set(&mut main, 10, &[0, 0x12]);
    set(&mut main, 32, &[14, 0]);
    set(&mut main, 62, &[22, 0]);
    set(&mut main, 152, &[0x5d, 0]);
    for (place, count) in [3_usize, 4, 5, 7, 8, 9, 10].into_iter().zip(counts) {
        set32(&mut main, 64 + 4 * place, *count);
    }
    set32(&mut main, 0x1a2, 100);
    set32(&mut main, 0x1a6, table.len() - 100);
    main.extend(content);
    (main, table)
}

/// Where content begins in what [`word_streams`] makes.
pub const WORD_HEAD: usize = 1024;

/// The streams of a Word document of these parts: body, footnotes, headers, comments, endnotes, text boxes, those of headers. The
/// text is cut into pieces of `length` characters, which lie in the stream last to first.
pub fn doc_streams(parts: &[&str], length: usize) -> Vec<(&'static str, Vec<u8>)> {
    let counts: Vec<usize> = parts.iter().map(|part| part.encode_utf16().count()).collect();
    let characters: Vec<char> = parts.concat().chars().collect();
    let mut content = Vec::new();
    let mut pieces: Vec<Piece> = Vec::new();
    for piece in characters.chunks(length).rev() {
        let text: String = piece.iter().collect();
        let place = WORD_HEAD + content.len();
        let place = if is_narrow(&text) {
            content.extend(narrow(&text));
            (place * 2) | (1 << 30)
        } else {
            content.extend(wide(&text));
            place
        };
        let length = text.encode_utf16().count();
        pieces.insert(0, Piece { length, place: u32::try_from(place).unwrap() });
    }
    let (main, table) = word_streams(&counts, &pieces, &content);
    vec![("/WordDocument", main), ("/1Table", table)]
}

/// A Word document as [`doc_streams`] says.
pub fn doc(parts: &[&str], length: usize) -> Vec<u8> {
    compound(&doc_streams(parts, length))
}

/// A Word 95 document in a language; its text in so many bytes a character, as a whole or, saved fast, in two pieces of which the
/// second lies first.
pub fn doc_95(language: u16, text: &[u8], width: usize, fast: bool) -> Vec<u8> {
    let half = text.len() / 2;
    let mut main = vec![0; WORD_HEAD];
    set(&mut main, 0, &[0xdc, 0xa5, 0x68, 0]);
    set(&mut main, 6, &language.to_le_bytes());
    set(&mut main, 10, &[if fast { 4 } else { 0 }, 0x10]);
    set32(&mut main, 24, WORD_HEAD);
    set32(&mut main, 28, WORD_HEAD + text.len());
    set32(&mut main, 52, text.len() / width);
    if fast {
        let place = |at: usize| u32::try_from(WORD_HEAD + at).unwrap();
        let pieces = [
            Piece { length: half, place: place(text.len() - half) },
            Piece { length: text.len() - half, place: place(0) },
        ];
        let clx = clx(&pieces);
        main.extend([&text[half..], &text[..half]].concat());
        set32(&mut main, 0x160, WORD_HEAD + text.len());
        set32(&mut main, 0x164, clx.len());
        main.extend(clx);
    } else {
        main.extend(text);
    }
    compound(&[("/WordDocument", main)])
}

/// A cell of a workbook.
#[derive(Clone, Copy)]
pub enum Cell<'a> {
    /// A string that is shared.
    Text(&'a str),
    /// One of its own.
    Own(&'a str),
    /// A formula and the string that it results in.
    Formula(&'a str),
    Number(f64),
    /// A number of hundredths, in 30 bits.
    Hundredths(i32),
    /// The same, several in a row in one record.
    Several(&'a [i32]),
    /// A count of days, shown as a day.
    Day(f64),
}

/// Writes records.
#[derive(Default)]
pub struct Records {
    pub bytes: Vec<u8>,
}

impl Records {
    pub fn add(&mut self, kind: u16, data: &[u8]) {
        self.bytes.extend(kind.to_le_bytes());
        put16(&mut self.bytes, data.len());
        self.bytes.extend(data);
    }

    /// Shared strings, in records of at most `limit` bytes: each goes on in another with a flag for the width of its characters.
    pub fn strings(&mut self, strings: &[&str], limit: usize) {
        let mut kind = 0xfc;
        let mut record = Vec::new();
        put32(&mut record, strings.len());
        put32(&mut record, strings.len());
        for text in strings {
            let narrow = is_narrow(text);
            if record.len() + 4 > limit {
                self.add(std::mem::replace(&mut kind, 0x3c), &record);
                record.clear();
            }
            put16(&mut record, text.encode_utf16().count());
            record.push(u8::from(!narrow));
            for unit in text.encode_utf16() {
                if record.len() + 2 > limit {
                    self.add(std::mem::replace(&mut kind, 0x3c), &record);
                    record = vec![u8::from(!narrow)];
                }
                record.extend(&unit.to_le_bytes()[..if narrow { 1 } else { 2 }]);
            }
        }
        self.add(kind, &record);
    }
}

fn string(text: &str, size: usize) -> Vec<u8> {
    let mut out = u16::try_from(text.encode_utf16().count()).unwrap().to_le_bytes()[..size].to_vec();
    out.push(u8::from(!is_narrow(text)));
    out.extend(if is_narrow(text) { narrow(text) } else { wide(text) });
    out
}

/// The stream of an Excel 97 workbook: names of sheets and their rows.
pub fn workbook(sheets: &[(&str, &[&[Cell<'_>]])], limit: usize) -> Vec<u8> {
    let mut out = Records::default();
    out.add(0x0809, &[0, 6, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    out.add(0x0042, &1200_u16.to_le_bytes());
    // The first kind of cell is general, the second a day.
    out.add(0x041e, &[&[164, 0][..], &string("dd/mm/yyyy", 2)].concat());
    out.add(0x00e0, &[0; 20]);
    out.add(0x00e0, &[0, 0, 164, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for (name, _) in sheets {
        out.add(0x0085, &[vec![0; 6], string(name, 1)].concat());
    }
    let cells = || sheets.iter().flat_map(|(_, rows)| rows.iter().copied().flatten());
    let shared: Vec<&str> =
        cells().filter_map(|cell| if let Cell::Text(text) = cell { Some(*text) } else { None }).collect();
    out.strings(&shared, limit);
    out.add(0x000a, &[]);
    let mut number = 0_u32;
    for (_, rows) in sheets {
        out.add(0x0809, &[0, 6, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        for (row, cells) in (0_u16..).zip(*rows) {
            for (column, cell) in (0_u16..).zip(*cells) {
                let kind = u16::from(matches!(cell, Cell::Day(_)));
                let head = [row, column, kind].map(u16::to_le_bytes).concat();
                let with = |data: &[u8]| [head.as_slice(), data].concat();
                match *cell {
                    Cell::Text(_) => {
                        out.add(0x00fd, &with(&number.to_le_bytes()));
                        number += 1;
                    }
                    Cell::Own(text) => out.add(0x0204, &with(&string(text, 2))),
                    Cell::Formula(text) => {
                        out.add(0x0006, &with(&[0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0]));
                        out.add(0x0207, &string(text, 2));
                    }
                    Cell::Number(number) | Cell::Day(number) => out.add(0x0203, &with(&number.to_le_bytes())),
                    Cell::Hundredths(number) => out.add(0x027e, &with(&hundredths(number).to_le_bytes())),
                    Cell::Several(numbers) => {
                        let mut data = [row, column].map(u16::to_le_bytes).concat();
                        for number in numbers {
                            data.extend([0, 0]);
                            data.extend(hundredths(*number).to_le_bytes());
                        }
                        data.extend([9, 0]);
                        out.add(0x00bd, &data);
                    }
                }
            }
        }
        out.add(0x000a, &[]);
    }
    out.bytes
}

fn hundredths(number: i32) -> i32 {
    number << 2 | 3
}

/// An Excel 97 workbook as [`workbook`] says.
pub fn xls(sheets: &[(&str, &[&[Cell<'_>]])], limit: usize) -> Vec<u8> {
    compound(&[("/Workbook", workbook(sheets, limit))])
}

/// The stream of an Excel 95 workbook of one sheet in a code page; each row has one cell of its bytes.
pub fn workbook_95(page: u16, name: &[u8], rows: &[&[u8]]) -> Vec<u8> {
    let bytes =
        |text: &[u8], size: usize| [&u16::try_from(text.len()).unwrap().to_le_bytes()[..size], text].concat();
    let mut out = Records::default();
    out.add(0x0809, &[0, 5, 5, 0, 0, 0, 0, 0]);
    out.add(0x0042, &page.to_le_bytes());
    out.add(0x0085, &[vec![0; 6], bytes(name, 1)].concat());
    out.add(0x000a, &[]);
    out.add(0x0809, &[0, 5, 0x10, 0, 0, 0, 0, 0]);
    for (row, text) in (0_u16..).zip(rows) {
        let head = [row.to_le_bytes(), [0; 2], [0; 2]].concat();
        out.add(if row % 2 == 0 { 0x0204 } else { 0x00d6 }, &[head, bytes(text, 2)].concat());
    }
    out.add(0x000a, &[]);
    out.bytes
}

/// A slide: its outline, what stands in a shape of a group on it, and its notes.
pub type Slide<'a> = (&'a str, &'a str, &'a str);

/// A record of a presentation.
pub fn atom(kind: u16, instance: u16, data: &[u8]) -> Vec<u8> {
    let mut out = (instance << 4).to_le_bytes().to_vec();
    out.extend(kind.to_le_bytes());
    put32(&mut out, data.len());
    out.extend(data);
    out
}

/// A record of a presentation that holds others.
pub fn container(kind: u16, instance: u16, records: &[Vec<u8>]) -> Vec<u8> {
    let mut out = atom(kind, instance, &records.concat());
    out[0] |= 0x0f;
    out
}

/// Text of a presentation, in bytes where it can be.
pub fn words(text: &str) -> Vec<u8> {
    if is_narrow(text) { atom(0x0fa8, 0, &narrow(text)) } else { atom(0x0fa0, 0, &wide(text)) }
}

fn shape(text: &str) -> Vec<u8> {
    let shape = container(0xf004, 0, &[container(0xf00d, 0, &[atom(0x0f9f, 0, &[4, 0, 0, 0]), words(text)])]);
    let group = container(0xf003, 0, &[container(0xf003, 0, &[shape])]);
    container(0x040c, 0, &[container(0xf002, 0, &[group])])
}

/// The objects of a presentation and where they lie.
#[derive(Default)]
pub struct Presentation {
    pub bytes: Vec<u8>,
    places: Vec<(usize, usize)>,
    /// Where the last edit lies.
    pub edit: usize,
}

impl Presentation {
    /// Adds a new version of the object `number`.
    pub fn object(&mut self, number: usize, record: &[u8]) {
        self.places.push((number, self.bytes.len()));
        self.bytes.extend(record);
    }

    /// Ends an edit, whose document has number 1.
    pub fn save(&mut self) {
        let directory = self.bytes.len();
        let mut places = Vec::new();
        for (number, place) in self.places.drain(..) {
            put32(&mut places, number | 1 << 20);
            put32(&mut places, place);
        }
        self.bytes.extend(atom(0x1772, 0, &places));
        let mut edit = vec![0; 8];
        put32(&mut edit, self.edit);
        put32(&mut edit, directory);
        put32(&mut edit, 1);
        edit.extend([0; 8]);
        self.edit = self.bytes.len();
        self.bytes.extend(atom(0x0ff5, 0, &edit));
    }

    /// The file. Current User tells of the last edit.
    pub fn finish(self) -> Vec<u8> {
        let mut user = vec![20, 0, 0, 0, 0x5f, 0xc0, 0x91, 0xe3];
        put32(&mut user, self.edit);
        user.extend([0; 8]);
        compound(&[("/Current User", atom(0x0ff6, 0, &user)), ("/PowerPoint Document", self.bytes)])
    }
}

/// A presentation of these slides. Objects lie in it last to first.
pub fn presentation(slides: &[Slide<'_>]) -> Presentation {
    let mut out = Presentation::default();
    let (mut on_slides, mut on_notes) = (Vec::new(), Vec::new());
    for (n, (outline, _, notes)) in slides.iter().enumerate() {
        let persist = |number: usize| {
            let mut data = u32::try_from(number).unwrap().to_le_bytes().to_vec();
            data.extend([0; 16]);
            atom(0x03f3, 0, &data)
        };
        on_slides.extend([persist(10 + 2 * n), atom(0x0f9f, 0, &[0; 4]), words(outline)]);
        if !notes.is_empty() {
            on_notes.push(persist(11 + 2 * n));
        }
    }
    for (n, (_, on_it, notes)) in slides.iter().enumerate().rev() {
        out.object(11 + 2 * n, &container(0x03f0, 0, &[shape(notes)]));
        out.object(10 + 2 * n, &container(0x03ee, 0, &[atom(0x03ef, 0, &[0; 24]), shape(on_it)]));
    }
    let master = container(0x0ff0, 1, &[words("Click to edit")]);
    out.object(2, &container(0x03f8, 0, &[shape("Master title style")]));
    let lists = [container(0x0ff0, 2, &on_notes), master, container(0x0ff0, 0, &on_slides)];
    let footer = container(0x0fd9, 3, &[atom(0x0fda, 0, &[0; 4]), atom(0x0fba, 2, &wide("Footer line"))]);
    out.object(1, &container(0x03e8, 0, &[atom(0x03e9, 0, &[0; 40]), lists.concat(), footer]));
    out.save();
    out
}

/// A presentation as [`presentation`] says.
pub fn ppt(slides: &[Slide<'_>]) -> Vec<u8> {
    presentation(slides).finish()
}

/// The stream in which a document tells its properties: their numbers and values, in the code page of Western Europe.
pub fn summary(properties: &[(usize, &str)]) -> Vec<u8> {
    let (mut rows, mut values) = (Vec::new(), Vec::new());
    let base = 8 + 8 * (properties.len() + 1);
    put32(&mut rows, 1);
    put32(&mut rows, base);
    values.extend([2, 0, 0, 0, 0xe4, 4, 0, 0]);
    for (number, text) in properties {
        put32(&mut rows, *number);
        put32(&mut rows, base + values.len());
        values.extend([0x1e, 0, 0, 0]);
        put32(&mut values, text.chars().count() + 1);
        values.extend(narrow(text));
        values.push(0);
        values.resize(values.len().next_multiple_of(4), 0);
    }
    let mut out = vec![0xfe, 0xff, 0, 0];
    out.resize(24, 0);
    put32(&mut out, 1);
    out.resize(44, 0);
    put32(&mut out, 48);
    put32(&mut out, base + values.len());
    put32(&mut out, properties.len() + 1);
    [out, rows, values].concat()
}
