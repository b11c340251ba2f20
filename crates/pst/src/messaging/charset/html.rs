//! HTML bodies: bytes whose code page a property states, and the document itself, and of which both may be wrong.

use encoding_rs::Encoding;

use super::{Charset, Table, evidence, utf16};

/// How much of a document is looked at for what it declares.
const HEAD: usize = 4096;

/// Decodes an HTML body: by its byte order mark, its code page (`PidTagInternetCodepage`), or what it declares itself,
/// and by what its bytes can be. Returns the text and the code page that was used.
pub(crate) fn decode_html(data: &[u8], internet: Option<Charset>, message: Charset) -> (String, Charset) {
    if let Some((encoding, length)) = Encoding::for_bom(data) {
        let rest = data.get(length..).unwrap_or_default();
        return (encoding.decode_without_bom_handling(rest).0.into_owned(), Charset::of_encoding(encoding));
    }
    if let Some(found) = unmarked_utf16(data) {
        return found;
    }
    let bytes_only = |charset: &Charset| !charset.is_utf16();
    let internet = internet.filter(bytes_only);
    let declared = declared(data).filter(bytes_only);
    let stated = internet.or(declared);
    if data.is_ascii() {
        let charset = stated.unwrap_or(Charset::utf8());
        return (charset.decode(data), charset.true_form(data).unwrap_or(charset));
    }
    let says_utf8 = [internet, declared].contains(&Some(Charset::utf8())) || stated.is_none();
    if evidence::is_utf8(data, stated.unwrap_or(message)) || (says_utf8 && evidence::is_nearly_utf8(data)) {
        return (String::from_utf8_lossy(data).into_owned(), Charset::utf8());
    }
    let others: Vec<Charset> = declared.into_iter().chain([message, Charset::default()]).collect();
    let charset = evidence::settle_among(data, stated.unwrap_or(message), &others);
    (charset.decode_as_stated(data), charset)
}

/// UTF-16 without a mark: every other byte of the markup is zero.
fn unmarked_utf16(data: &[u8]) -> Option<(String, Charset)> {
    let table = Table::Encoding;
    match data {
        [b'<' | b' ' | b'\r' | b'\n', 0, _, 0, ..] => {
            Some((utf16(data), Charset { page: 1200, table: table(encoding_rs::UTF_16LE) }))
        }
        [0, b'<' | b' ' | b'\r' | b'\n', 0, _, ..] => {
            let charset = Charset { page: 1201, table: table(encoding_rs::UTF_16BE) };
            Some((charset.decode_as_stated(data), charset))
        }
        _ => None,
    }
}

/// The charset that the first bytes of an HTML document declare.
fn declared(data: &[u8]) -> Option<Charset> {
    let head = data.get(..data.len().min(HEAD))?;
    let at = head.windows(7).position(|window| window.eq_ignore_ascii_case(b"charset"))? + 7;
    let rest = head.get(at..)?.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let rest = rest.strip_prefix(b"\"").or(rest.strip_prefix(b"'")).unwrap_or(rest);
    let end = rest.iter().position(|byte| !(byte.is_ascii_alphanumeric() || b"-_:.".contains(byte)))?;
    Charset::named(rest.get(..end)?)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        check(b"<meta charset = 'koi8-r' >\xf0", None, "<meta charset = 'koi8-r' >П", 20866);
        check(b"<p>\xc3\xa4", None, "<p>ä", 65001);
        check(b"<p>\xe4", None, "<p>ä", 1252);
        check(b"<p>a", None, "<p>a", 65001);
        check(b"<p>a", Some(1252), "<p>a", 1252);
        check(b"<\0p\0>\0\xe4\0", Some(1252), "<p>ä", 1200);
        check(b"\0<\0p\0>\0\xe4", Some(65001), "<p>ä", 1201);
        // Property and document disagree, or both are wrong.
        check(b"<p>Gr\xfc\xdfe aus \xd6sterreich", Some(1200), "<p>Grüße aus Österreich", 1252);
        check(b"<p>Gr\xfc\xdfe aus \xd6sterreich", Some(65001), "<p>Grüße aus Österreich", 1252);
        check("<p>Größe, Übermut".as_bytes(), Some(28591), "<p>Größe, Übermut", 65001);
        check(
            b"<meta charset=windows-1251><p>\xcf\xf0\xe8\xe2\xe5\xf2, \xea\xe0\xea \xe4\xe5\xeb\xe0?",
            Some(1252),
            "<meta charset=windows-1251><p>Привет, как дела?",
            1251,
        );
        check(
            b"<meta charset=iso-8859-1><p>\xcf\xf0\xe8\xe2\xe5\xf2, \xea\xe0\xea \xe4\xe5\xeb\xe0?",
            Some(1251),
            "<meta charset=iso-8859-1><p>Привет, как дела?",
            1251,
        );
        check(b"<p>\x1b$B$\"\x1b(B", Some(1252), "<p>あ", 50221);
        check(b"<meta charset=utf-7><p>+AOQ-", None, "<meta charset=utf-7><p>ä", 65000);
        check(b"<p>\x93\xfa\x96{\x8c\xea", Some(50220), "<p>日本語", 50220);
        // Cut in the middle of a character.
        check("<p>日本語です".as_bytes().split_last().unwrap().1, Some(65001), "<p>日本語で\u{FFFD}", 65001);
    }

    #[test]
    fn labels() {
        let check = |data: &[u8], want: Option<u16>| {
            assert_eq!(declared(data).map(|charset| charset.page()), want, "{data:?}");
        };
        check(b"<meta http-equiv=x content=\"text/html; charset=gb2312\">", Some(936));
        check(b"<meta CHARSET='ISO-2022-JP'>", Some(50221));
        check(b"<meta charset=iso-2022-kr>", Some(50225));
        check(b"<meta charset=nonsense>", None);
        check(b"<meta charset=replacement>", None);
        check(b"charset=", None);
        check(b"<p>", None);
    }
}
