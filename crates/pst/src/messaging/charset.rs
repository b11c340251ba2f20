//! Code pages: how 8-bit strings and HTML bodies become text.

use encoding_rs::{Encoding, ISO_2022_JP, SHIFT_JIS, UTF_8, WINDOWS_1252};
use oem_cp::code_table_type::TableType;

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
}

impl Default for Charset {
    fn default() -> Self {
        Self { page: 1252, table: Table::Encoding(WINDOWS_1252) }
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
            28598 => Table::Encoding(encoding_rs::ISO_8859_8),
            38598 => Table::Encoding(encoding_rs::ISO_8859_8_I),
            20127 | 28591 => Table::Encoding(WINDOWS_1252),
            20932 | 51932 => Table::Encoding(encoding_rs::EUC_JP),
            51949 | 1361 => Table::Encoding(encoding_rs::EUC_KR),
            51936 | 20936 => Table::Encoding(encoding_rs::GBK),
            0 => return None,
            _ => match codepage::to_encoding_no_replacement(page) {
                Some(encoding) => Table::Encoding(encoding),
                None => Table::Oem(oem_cp::code_table::DECODING_TABLE_CP_MAP.get(&page)?),
            },
        };
        Some(Self { page, table })
    }

    /// As [`Self::of`], with Western European for what is unknown.
    pub fn of_or_default(page: u16) -> Self {
        Self::of(page).unwrap_or_default()
    }

    /// The charset with this name, as HTML declares it.
    fn named(label: &[u8]) -> Option<Self> {
        if label.eq_ignore_ascii_case(b"utf-7") {
            return Self::of(65000);
        }
        let encoding = Encoding::for_label(label)?;
        Some(Self { page: codepage::from_encoding(encoding).unwrap_or(0), table: Table::Encoding(encoding) })
    }

    /// The number of the code page; 0 when it has none.
    pub fn page(&self) -> u16 {
        self.page
    }

    /// Decodes `data`; what has no meaning becomes U+FFFD.
    pub fn decode(&self, data: &[u8]) -> String {
        match self.table {
            // Japanese mail is labelled ISO-2022-JP and stored as Shift_JIS more often than not.
            Table::Encoding(encoding) if encoding == ISO_2022_JP && data.iter().any(|&byte| byte >= 0x80) => {
                SHIFT_JIS.decode_without_bom_handling(data).0.into_owned()
            }
            Table::Encoding(encoding) => encoding.decode_without_bom_handling(data).0.into_owned(),
            Table::Oem(table) => table.decode_string_lossy(data),
            Table::Utf7 => utf7(data),
        }
    }
}

/// Text in UTF-16 (little endian); an odd byte at the end and a trailing NUL are left out.
pub(crate) fn utf16(data: &[u8]) -> String {
    let units = data.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    let mut text = String::with_capacity(data.len() / 2);
    text.extend(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
    text.truncate(text.trim_end_matches('\0').len());
    text
}

/// UTF-7 (RFC 2152).
fn utf7(data: &[u8]) -> String {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let mut out = String::with_capacity(data.len());
    let mut at = 0;
    while let Some(&byte) = data.get(at) {
        at += 1;
        if byte != b'+' {
            out.push(if byte.is_ascii() { byte as char } else { char::REPLACEMENT_CHARACTER });
            continue;
        }
        if data.get(at) == Some(&b'-') {
            at += 1;
            out.push('+');
            continue;
        }
        let (mut bits, mut count, mut units) = (0u32, 0, Vec::new());
        while let Some(digit) = data.get(at).and_then(|&byte| value(byte)) {
            at += 1;
            bits = (bits << 6) | u32::from(digit);
            count += 6;
            if count >= 16 {
                count -= 16;
                units.push((bits >> count) as u16);
                bits &= (1 << count) - 1;
            }
        }
        if data.get(at) == Some(&b'-') {
            at += 1;
        }
        out.extend(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
    }
    out
}

/// Decodes an HTML body: by its byte order mark, its code page, or what it declares itself. Returns the text and
/// the code page that was used.
pub(crate) fn decode_html(data: &[u8], internet: Option<Charset>, message: Charset) -> (String, Charset) {
    if let Some((encoding, length)) = Encoding::for_bom(data) {
        let page = codepage::from_encoding(encoding).unwrap_or(0);
        let rest = data.get(length..).unwrap_or_default();
        return (
            encoding.decode_without_bom_handling(rest).0.into_owned(),
            Charset { page, table: Table::Encoding(encoding) },
        );
    }
    let utf8 = Charset { page: 65001, table: Table::Encoding(UTF_8) };
    let declared = declared(data);
    if declared.or(internet).is_none_or(|charset| charset.page == 65001)
        && let Ok(text) = std::str::from_utf8(data)
    {
        return (text.to_owned(), utf8);
    }
    // Two zero bytes of every four: UTF-16 without a mark.
    if data.len() >= 4 && data[0] == b'<' && data[1] == 0 && data[3] == 0 {
        return (utf16(data), Charset { page: 1200, table: Table::Encoding(encoding_rs::UTF_16LE) });
    }
    let charset = internet.or(declared.filter(|declared| declared.page != 1200)).unwrap_or(message);
    (charset.decode(data), charset)
}

/// The charset that the first bytes of an HTML document declare.
fn declared(data: &[u8]) -> Option<Charset> {
    let head = data.get(..data.len().min(2048))?;
    let at = head.windows(8).position(|window| window.eq_ignore_ascii_case(b"charset="))? + 8;
    let rest = head.get(at..)?;
    let rest = rest.strip_prefix(b"\"").or(rest.strip_prefix(b"'")).unwrap_or(rest);
    let end = rest.iter().position(|byte| !(byte.is_ascii_alphanumeric() || b"-_:.".contains(byte)))?;
    Charset::named(rest.get(..end)?)
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
        check(50220, b"\x1b$B$\"\x1b(B!", "あ!");
        check(50222, b"\x82\xa0", "あ");
        check(38598, b"\xe0", "א");
        check(20866, b"\xf0", "П");
        check(437, b"\x81\x9b", "ü¢");
        check(850, b"\x9b", "ø");
        check(874, b"\xa1", "ก");
        check(65000, b"Hi +AOQ-+- +2D3eAA-!", "Hi ä+ 😀!");
        check(65001, b"\xc3\xa4\xff", "ä\u{FFFD}");
        check(12345, b"a", "a");
        assert_eq!(utf16(&[0x41, 0, 0, 0, 7]), "A");
        assert_eq!(utf16(&[0x00, 0xD8, 0x41, 0]), "\u{FFFD}A");
    }

    #[test]
    fn html() {
        let check = |data: &[u8], internet: Option<u16>, want: &str, page| {
            let (text, charset) = decode_html(data, internet.and_then(Charset::of), Charset::default());
            assert_eq!((text.as_str(), charset.page()), (want, page));
        };
        check(b"\xef\xbb\xbf<p>\xc3\xa4", Some(1252), "<p>ä", 65001);
        check(b"<p>\xe4", Some(1252), "<p>ä", 1252);
        check(b"<meta charset=utf-8>\xc3\xa4", Some(1252), "<meta charset=utf-8>ä", 65001);
        check(b"<meta charset=\"windows-1251\">\xcf", None, "<meta charset=\"windows-1251\">П", 1251);
        check(b"<p>\xc3\xa4", None, "<p>ä", 65001);
        check(b"<p>\xe4", None, "<p>ä", 1252);
    }
}
