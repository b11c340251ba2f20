//! Code pages: how 8-bit strings and HTML bodies become text.

mod escapes;
mod evidence;
mod html;

use encoding_rs::{Encoding, ISO_2022_JP, SHIFT_JIS, UTF_8, WINDOWS_1252};
use oem_cp::code_table_type::TableType;

pub(crate) use evidence::settle;
pub(crate) use html::decode_html;

/// A code page that text can be decoded from.
#[derive(Clone, Copy)]
pub struct Charset {
    page: u16,
    table: Table,
}

#[derive(Clone, Copy)]
enum Table {
    Encoding(&'static Encoding),
    Oem(&'static TableType),
    Utf7,
    /// HZ: Chinese in seven bits.
    Hz,
    /// Korean in seven bits.
    Iso2022Kr,
}

impl Default for Charset {
    fn default() -> Self {
        Self { page: 1252, table: Table::Encoding(WINDOWS_1252) }
    }
}

impl PartialEq for Charset {
    /// Whether both give the same text of the same bytes.
    fn eq(&self, other: &Self) -> bool {
        match (self.table, other.table) {
            (Table::Encoding(a), Table::Encoding(b)) => a == b,
            _ => self.page == other.page,
        }
    }
}

impl std::fmt::Debug for Charset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Charset({})", self.page)
    }
}

impl Charset {
    /// The code page with the number `page`, if it is known.
    pub fn of(page: u16) -> Option<Self> {
        let table = match page {
            65000 => Table::Utf7,
            65001 => Table::Encoding(UTF_8),
            // codepage leaves out the visual and logical Hebrew numbers, and the three of ISO-2022-JP.
            50220..=50222 => Table::Encoding(ISO_2022_JP),
            50225 => Table::Iso2022Kr,
            52936 => Table::Hz,
            28598 => Table::Encoding(encoding_rs::ISO_8859_8),
            38598 => Table::Encoding(encoding_rs::ISO_8859_8_I),
            20127 | 28591 => Table::Encoding(WINDOWS_1252),
            20932 | 51932 => Table::Encoding(encoding_rs::EUC_JP),
            51949 | 1361 => Table::Encoding(encoding_rs::EUC_KR),
            51936 | 20936 => Table::Encoding(encoding_rs::GBK),
            51950 => Table::Encoding(encoding_rs::BIG5),
            0 => return None,
            _ => match codepage::to_encoding_no_replacement(page) {
                Some(encoding) => Table::Encoding(encoding),
                None => Table::Oem(oem_cp::code_table::DECODING_TABLE_CP_MAP.get(&page)?),
            },
        };
        Some(Self { page, table })
    }

    /// The code page `page` for 8-bit strings, which cannot be in UTF-16: a property that says so lies.
    pub(crate) fn of_strings(page: u16) -> Option<Self> {
        Self::of(page).filter(|charset| !charset.is_utf16())
    }

    /// As [`Self::of`], with Western European for what is unknown.
    pub fn of_or_default(page: u16) -> Self {
        Self::of(page).unwrap_or_default()
    }

    fn of_encoding(encoding: &'static Encoding) -> Self {
        Self { page: codepage::from_encoding(encoding).unwrap_or(0), table: Table::Encoding(encoding) }
    }

    fn utf8() -> Self {
        Self { page: 65001, table: Table::Encoding(UTF_8) }
    }

    /// The charset with this name, as HTML declares it.
    fn named(label: &[u8]) -> Option<Self> {
        for (name, page) in [("utf-7", 65000), ("hz-gb-2312", 52936), ("iso-2022-kr", 50225)] {
            if label.eq_ignore_ascii_case(name.as_bytes()) {
                return Self::of(page);
            }
        }
        Encoding::for_label_no_replacement(label).map(Self::of_encoding)
    }

    /// The number of the code page; 0 when it has none.
    pub fn page(&self) -> u16 {
        self.page
    }

    fn is_utf16(&self) -> bool {
        matches!(self.table, Table::Encoding(encoding) if encoding == encoding_rs::UTF_16LE || encoding == encoding_rs::UTF_16BE)
    }

    /// Whether a character may take more than one byte, each of which means something else alone.
    fn is_multibyte(&self) -> bool {
        matches!(self.table, Table::Encoding(encoding) if !encoding.is_single_byte() && encoding != UTF_8)
    }

    /// The code page in which Windows keeps text of mail that came in this one.
    fn of_windows(&self) -> Option<Self> {
        let page = match self.page {
            50220..=50222 | 20932 | 51932 => 932,
            50225 | 51949 | 1361 => 949,
            50227 | 50229 | 51936 | 20936 | 52936 | 54936 => 936,
            51950 => 950,
            20866 | 21866 | 28595 | 866 | 10007 => 1251,
            28592 | 852 => 1250,
            20127 | 28591 | 28605 | 437 | 850 | 858 => 1252,
            28593 | 28599 | 857 => 1254,
            28597 | 737 => 1253,
            28596 | 720 | 864 => 1256,
            28598 | 38598 | 862 => 1255,
            28594 | 28603 | 775 => 1257,
            _ => return None,
        };
        Self::of(page)
    }

    /// Decodes `data`; what has no meaning becomes U+FFFD. Text in seven bits that switches alphabets by escape
    /// sequences, and text that can only be UTF-8, is decoded as what it is: mail is labelled wrongly often enough.
    pub fn decode(&self, data: &[u8]) -> String {
        match self.true_form(data) {
            Some(charset) => charset.decode_as_stated(data),
            None => self.decode_as_stated(data),
        }
    }

    /// What `data` gives itself away as, whatever it is said to be.
    fn true_form(&self, data: &[u8]) -> Option<Self> {
        if self.is_utf16() {
            return None;
        }
        if data.is_ascii() {
            return escapes::form(data).and_then(Self::of).filter(|form| form != self);
        }
        evidence::is_utf8(data, *self).then(Self::utf8)
    }

    /// Decodes `data` in this code page, whatever speaks against it.
    pub(crate) fn decode_as_stated(&self, data: &[u8]) -> String {
        match self.table {
            // Japanese mail is labelled ISO-2022-JP and stored as Shift_JIS more often than not.
            Table::Encoding(encoding) if encoding == ISO_2022_JP && !data.is_ascii() => {
                let (text, wrong) = SHIFT_JIS.decode_without_bom_handling(data);
                // EUC-JP reads as rows of narrow katakana there.
                let narrow = text.chars().filter(|c| matches!(c, '\u{FF61}'..='\u{FF9F}')).count();
                if (wrong || narrow * 2 > text.chars().filter(|c| !c.is_ascii()).count())
                    && let (text, false) = encoding_rs::EUC_JP.decode_without_bom_handling(data)
                {
                    return text.into_owned();
                }
                text.into_owned()
            }
            Table::Encoding(encoding) => encoding.decode_without_bom_handling(data).0.into_owned(),
            Table::Oem(table) => table.decode_string_lossy(data),
            Table::Utf7 => escapes::utf7(data),
            Table::Hz => escapes::hz(data),
            Table::Iso2022Kr => escapes::iso_2022_kr(data),
        }
    }
}

/// Text in UTF-16 (little endian); an odd byte at the end and trailing NULs are left out.
pub(crate) fn utf16(data: &[u8]) -> String {
    // Most of most mail is ASCII, which need not be decoded letter by letter.
    const PIECE: usize = 64;
    let (mut rest, _) = data.as_chunks::<2>();
    let kept = rest.iter().rposition(|unit| *unit != [0, 0]).map_or(0, |last| last + 1);
    rest = rest.get(..kept).unwrap_or_default();
    let mut out = String::with_capacity(kept + kept / 8);
    let (mut narrow, mut wide) = ([0_u8; PIECE], [0_u16; PIECE]);
    let mut room = String::new();
    while !rest.is_empty() {
        let (mut piece, mut behind) = rest.split_at(rest.len().min(PIECE));
        let bits = piece.iter().fold([0, 0], |bits, unit| [bits[0] | unit[0], bits[1] | unit[1]]);
        if bits[0].is_ascii() && bits[1] == 0 {
            let ascii = narrow.get_mut(..piece.len()).unwrap_or_default();
            ascii.iter_mut().zip(piece).for_each(|(byte, unit)| *byte = unit[0]);
            out.push_str(std::str::from_utf8(ascii).unwrap_or_default());
        } else {
            // A pair of surrogates must not be parted.
            if let [start @ .., [_, 0xD8..=0xDB]] = piece
                && !start.is_empty()
                && !behind.is_empty()
            {
                (piece, behind) = rest.split_at(start.len());
            }
            let units = wide.get_mut(..piece.len()).unwrap_or_default();
            units.iter_mut().zip(piece).for_each(|(unit, bytes)| *unit = u16::from_le_bytes(*bytes));
            if room.is_empty() {
                // No unit takes more than three bytes.
                room = "\0".repeat(3 * PIECE);
            }
            let written = encoding_rs::mem::convert_utf16_to_str(units, &mut room);
            out.push_str(room.get(..written).unwrap_or_default());
        }
        rest = behind;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_pages() {
        let check = |page, data: &[u8], want: &str| {
            assert_eq!(Charset::of_or_default(page).decode(data), want, "{page}")
        };
        check(1252, b"\x80\xe4", "€ä");
        check(932, b"\x82\xa0", "あ");
        check(936, b"\xc4\xe3\xba\xc3", "你好");
        check(949, b"\xbe\xc8\xb3\xe7", "안녕");
        check(950, b"\xa7A\xa6n", "你好");
        check(1255, b"\xf9\xec\xe5\xed", "שלום");
        check(1256, b"\xe3\xd1\xcd\xc8\xc7", "مرحبا");
        check(50220, b"\x1b$B$\"\x1b(B!", "あ!");
        check(50221, b"\x1b(I1\x1b(B", "ｱ");
        check(50222, b"\x82\xa0", "あ");
        check(50220, b"\xa4\xa2\xa4\xa4", "あい");
        check(50225, b"\x1b$)CA \x0e>H3g\x0f B", "A 안녕 B");
        check(52936, b"A ~{Dc:C~} ~~B", "A 你好 ~B");
        check(38598, b"\xe0", "א");
        check(28598, b"\xe0", "א");
        check(20866, b"\xf0", "П");
        check(21866, b"\xb4", "Є");
        check(437, b"\x81\x9b", "ü¢");
        check(850, b"\x9b", "ø");
        check(866, b"\x8f", "П");
        check(862, b"\x80", "א");
        check(874, b"\xa1", "ก");
        check(10000, b"\x8a", "ä");
        check(65000, b"Hi +AOQ-+- +2D3eAA-!", "Hi ä+ 😀!");
        check(65001, b"\xc3\xa4\xff", "ä\u{FFFD}");
        check(12345, b"a", "a");
        assert_eq!(utf16(&[0x41, 0, 0, 0, 7]), "A");
        assert_eq!(utf16(&[0x00, 0xD8, 0x41, 0]), "\u{FFFD}A");
        assert_eq!(utf16(&[0x41, 0, 0, 0, 0x42, 0, 0, 0, 0, 0]), "A\0B");
    }

    proptest::proptest! {
        /// Whatever stands where, surrogates and NULs across the pieces in which it is decoded included.
        #[test]
        fn utf16_as_others_decode_it(
            units in proptest::collection::vec(
                proptest::prop_oneof![8 => 0x20..0x7Fu16, 1 => proptest::prelude::any::<u16>(), 1 => 0xD800..0xE000u16, 1 => 0..2u16],
                0..200,
            ),
            odd in proptest::prelude::any::<bool>(),
        ) {
            let mut data: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            let want = encoding_rs::UTF_16LE.decode_without_bom_handling(&data).0.trim_end_matches('\0').to_owned();
            data.extend(odd.then_some(b'x'));
            assert_eq!(utf16(&data), want);
            assert_eq!(utf16(&[&b" \0".repeat(9), &[0x80, 0xDB, 0xA5, 0xDB, 9, 0xDC].repeat(9)[..]].concat()).chars().count(), 27);
        }
    }

    /// Text that gives itself away, under a wrong label.
    #[test]
    fn wrong_labels() {
        let check = |page, data: &[u8], want: &str| {
            assert_eq!(Charset::of_or_default(page).decode(data), want, "{page}")
        };
        check(1252, b"\x1b$B$\"\x1b(B", "あ");
        check(932, b"\x1b$B$\"\x1b(B", "あ");
        check(65001, b"\x1b$)C\x0e>H3g\x0f", "안녕");
        check(1252, "Größe Äpfel".as_bytes(), "Größe Äpfel");
        check(1251, "Привет".as_bytes(), "Привет");
        check(936, "你好，世界。".as_bytes(), "你好，世界。");
        check(932, "日本語のメール".as_bytes(), "日本語のメール");
        check(50220, "日本語のメール".as_bytes(), "日本語のメール");
        check(1252, b"\xc3\xa4", "ä");
        // What is said is believed where nothing speaks against it.
        check(1252, b"caf\xe9", "café");
        check(1251, b"\xcf\xf0\xe8", "При");
        check(932, b"\x93\xfa\x96{", "日本");
        check(874, b"\xc2\xa1", "ยก");
        check(1252, b"\x1b[0m", "\u{1b}[0m");
        for page in [1200, 1201, 12000, 12001, 0, 7] {
            assert_eq!(Charset::of_strings(page), None, "{page}");
        }
    }
}
