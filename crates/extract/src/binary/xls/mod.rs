//! Excel workbooks ([MS-XLS]): names of sheets, cells, notes, text boxes and titles of charts, of Excel 97 to 2003 (BIFF8) and of
//! Excel 5 and 95.

mod record;

use super::summary;
use crate::Reason;
use crate::bytes::{f64_at, u16_at, u32_at, within};
use crate::compound::{Compound, embedded, stream};
use crate::formats::Formats;
use crate::work::Work;
use mailscope_pst::messaging::Charset;
use record::{Parts, Record, Records};

// Kinds of records ([MS-XLS] 2.3).
const FORMULA: u16 = 0x0006;
const EOF: u16 = 0x000a;
const NOTE: u16 = 0x001c;
const DATE_1904: u16 = 0x0022;
const FILE_PASS: u16 = 0x002f;
const CODE_PAGE: u16 = 0x0042;
const BOUND_SHEET: u16 = 0x0085;
const MUL_RK: u16 = 0x00bd;
const RSTRING: u16 = 0x00d6;
const XF: u16 = 0x00e0;
const SST: u16 = 0x00fc;
const LABEL_SST: u16 = 0x00fd;
const TXO: u16 = 0x01b6;
const NUMBER: u16 = 0x0203;
const LABEL: u16 = 0x0204;
const STRING: u16 = 0x0207;
const RK: u16 = 0x027e;
const FORMAT: u16 = 0x041e;
const BOF: u16 = 0x0809;
const SERIES_TEXT: u16 = 0x100d;

/// BOF.vers from Excel 97 on; before, strings are in a code page.
const BIFF_8: u16 = 0x0600;
/// What a cell begins with: row, column, format.
const CELL: usize = 6;
/// Code pages of Macintosh and Windows as workbooks number them.
const MACINTOSH: u16 = 0x8000;
const WINDOWS: u16 = 0x8001;

/// Adds the text of the workbook in the stream `name` of the storage `at`; gives its kind.
pub fn read(
    work: &mut Work<'_>,
    file: &mut Compound<'_>,
    at: &str,
    name: &str,
) -> Result<&'static str, Reason> {
    let content = stream(work, file, &format!("{at}/{name}")).unwrap_or_default();
    let kind = records(work, &content)?;
    embedded(work, file, at, "MBD");
    summary::read(work, file, at);
    Ok(kind)
}

/// Whether a file is the records of a workbook without a compound file around them.
pub fn is_bare(bytes: &[u8]) -> bool {
    u16_at(bytes, 0) == Some(BOF) && matches!(u16_at(bytes, 2), Some(8 | 16))
}

/// Adds the text of the records of a workbook; gives its kind.
pub fn records(work: &mut Work<'_>, content: &[u8]) -> Result<&'static str, Reason> {
    let mut records = Records::new(content);
    let first = records.next().filter(|first| first.kind == BOF);
    let first = first.ok_or_else(|| Reason::Damaged("the workbook has no beginning".into()))?;
    let wide = u16_at(first.data, 0) == Some(BIFF_8);
    let mut book = Book { wide, ..Book::default() };
    // How many of the parts of the file (globals, sheets, charts in sheets) are open.
    let mut open = 1_u32;
    while let Some(record) = records.next() {
        match record.kind {
            BOF => (open, book.row) = (open + 1, None),
            EOF => open = open.saturating_sub(1),
            FILE_PASS => return Err(Reason::Protected),
            SST if wide => book.strings = Strings::of(work, records.parts(&record)),
            TXO if wide => text_box(work, &record, &mut records),
            STRING => book.result(work, records.parts(&record)),
            _ => _ = book.record(work, &record),
        }
        if work.is_full() {
            break;
        }
    }
    if open > 0 && !work.is_full() {
        work.note("", Reason::Damaged("the end of the workbook is missing".into()));
    }
    Ok(if wide { "Excel 97-2003 workbook" } else { "Excel 5/95 workbook" })
}

/// What is known of a workbook while its records are read.
#[derive(Default)]
struct Book {
    /// Whether strings are in Unicode.
    wide: bool,
    page: Charset,
    strings: Strings,
    formats: Formats,
    /// The row of the last cell.
    row: Option<u16>,
}

impl Book {
    /// Takes a record that no other continues; nothing where it is cut off.
    fn record(&mut self, work: &mut Work<'_>, record: &Record<'_>) -> Option<()> {
        let data = record.data;
        match record.kind {
            DATE_1904 => self.formats.from_1904 = u16_at(data, 0)? == 1,
            CODE_PAGE => {
                self.page = Charset::of_or_default(match u16_at(data, 0)? {
                    MACINTOSH => 10000,
                    WINDOWS => 1252,
                    page => page,
                });
            }
            FORMAT => {
                let code = match self.wide {
                    true => self.string(data, 2, 2)?,
                    false => self.string(data, 2, 1)?,
                };
                self.formats.own(u16_at(data, 0)?, &code);
            }
            XF => self.formats.cell(u16_at(data, 2)?),
            BOUND_SHEET => {
                let name = self.string(data, 6, 1)?;
                work.push(&name);
                work.line();
            }
            LABEL_SST => {
                self.cell(work, data)?;
                work.push(self.strings.get(u32_at(data, CELL)?)?);
            }
            LABEL | RSTRING => {
                self.cell(work, data)?;
                work.push(&self.string(data, CELL, 2)?);
            }
            NUMBER => self.number(work, data, u16_at(data, 4)?, f64_at(data, CELL)?)?,
            RK => self.number(work, data, u16_at(data, 4)?, rk(u32_at(data, CELL)?))?,
            MUL_RK => {
                // Format and number of each; the last column is behind them.
                for at in (4..data.len().saturating_sub(CELL + 1)).step_by(6) {
                    self.number(work, data, u16_at(data, at)?, rk(u32_at(data, at + 2)?))?;
                }
            }
            FORMULA => {
                self.cell(work, data)?;
                // What is no number: a string, which follows, or a truth, an error or nothing.
                if u16_at(data, CELL + 6)? != 0xffff {
                    self.number(work, data, u16_at(data, 4)?, f64_at(data, CELL)?)?;
                }
            }
            // Later ones lie in text boxes.
            NOTE if !self.wide => {
                work.line();
                work.push(&self.page.decode(within(data, CELL, usize::from(u16_at(data, 4)?))));
                work.line();
            }
            SERIES_TEXT => {
                work.line();
                work.push(&self.string(data, 2, 1)?);
                work.line();
            }
            _ => {}
        }
        Some(())
    }

    /// A string at `at`, behind a count of its characters that takes `size` bytes.
    fn string(&self, data: &[u8], at: usize, size: usize) -> Option<String> {
        let count = match size {
            1 => usize::from(*data.get(at)?),
            _ => usize::from(u16_at(data, at)?),
        };
        if !self.wide {
            return Some(self.page.decode(within(data, at + size, count)));
        }
        let mut text = String::new();
        Parts::of(data.get(at + size..)?).string(count, &mut text)?;
        Some(text)
    }

    /// Goes to a cell: a line for each row.
    fn cell(&mut self, work: &mut Work<'_>, data: &[u8]) -> Option<()> {
        let row = u16_at(data, 0)?;
        if self.row.replace(row) == Some(row) {
            work.space();
        } else {
            work.line();
        }
        Some(())
    }

    fn number(&mut self, work: &mut Work<'_>, data: &[u8], format: u16, number: f64) -> Option<()> {
        self.cell(work, data)?;
        work.push(&self.formats.text(format, number));
        Some(())
    }

    /// The string that the formula before results in.
    fn result(&self, work: &mut Work<'_>, mut parts: Parts<'_>) {
        let Some(count) = parts.u16() else { return };
        let mut text = String::new();
        if self.wide {
            let _ = parts.string(count.into(), &mut text);
        } else {
            let bytes: Vec<u8> = (0..count).map_while(|_| parts.byte()).collect();
            text = self.page.decode(&bytes);
        }
        work.push(&text);
    }
}

/// Adds the text of a text box or a note, which lies in the records that continue it.
fn text_box<'b>(work: &mut Work<'_>, record: &Record<'b>, records: &mut Records<'b>) {
    let count = u16_at(record.data, 10).unwrap_or_default();
    let mut parts = records.parts(record);
    parts.skip_record();
    let mut text = String::new();
    parts.characters(count.into(), false, &mut text);
    work.line();
    work.push(&text);
    work.line();
}

/// A number in 30 bits ([MS-XLS] 2.5.217).
fn rk(bits: u32) -> f64 {
    let number = match bits & 2 {
        0 => f64::from_bits(u64::from(bits & !3) << 32),
        _ => f64::from(bits.cast_signed() >> 2),
    };
    if bits & 1 == 0 { number } else { number / 100.0 }
}

/// The strings that cells refer to by number, one behind the other.
#[derive(Default)]
struct Strings {
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    fn of(work: &mut Work<'_>, mut parts: Parts<'_>) -> Self {
        let mut strings = Self::default();
        let most = usize::try_from(work.unpackable()).unwrap_or(usize::MAX);
        let count = (parts.u32(), parts.u32()).1.unwrap_or_default();
        for _ in 0..count {
            if strings.text.len() >= most {
                work.note("", "it unpacks to more than is looked at");
                break;
            }
            let read = parts.u16().and_then(|count| parts.string(count.into(), &mut strings.text));
            let end = u32::try_from(strings.text.len()).ok().filter(|_| read.is_some());
            let Some(end) = end else { break };
            strings.ends.push(end);
        }
        work.unpacked(strings.text.len() as u64);
        strings
    }

    fn get(&self, number: u32) -> Option<&str> {
        let end = |number: u32| self.ends.get(usize::try_from(number).ok()?).copied();
        let start = number.checked_sub(1).and_then(end).unwrap_or_default();
        self.text.get(usize::try_from(start).ok()?..usize::try_from(end(number)?).ok()?)
    }
}
