//! Bytes to text, whatever encoding they are in.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// So much of a file tells whether it is text.
const SAMPLE: usize = 64 * 1024;
/// So much of a file tells its encoding.
const GUESS: usize = 1 << 20;
/// Where markup says its encoding.
const DECLARED_WITHIN: usize = 1024;

/// Whether the bytes are text in any encoding.
pub fn is_text(bytes: &[u8]) -> bool {
    if marked(bytes).is_some() || wide(bytes).is_some() {
        return true;
    }
    let sample = bytes.get(..bytes.len().min(SAMPLE)).unwrap_or_default();
    let odd = sample.iter().filter(|b| matches!(b, 0..=8 | 14..=26 | 28..=31 | 127)).count();
    let nothing = sample.contains(&0);
    !nothing && odd * 100 <= sample.len()
}

/// The text of bytes of unknown encoding.
pub fn decode(bytes: &[u8]) -> String {
    let encoding = marked(bytes).or_else(|| wide(bytes)).unwrap_or_else(|| guess(bytes));
    encoding.decode(bytes).0.into_owned()
}

/// The text of an XML file, in the encoding that it states.
pub fn decode_xml(bytes: &[u8]) -> String {
    let encoding =
        marked(bytes).or_else(|| wide(bytes)).or_else(|| declared(bytes, "encoding=")).unwrap_or(UTF_8);
    encoding.decode(bytes).0.into_owned()
}

/// The text of an HTML file, in the encoding that it states.
pub fn decode_html(bytes: &[u8]) -> String {
    let encoding = marked(bytes)
        .or_else(|| wide(bytes))
        .or_else(|| declared(bytes, "charset="))
        .or_else(|| declared(bytes, "encoding="))
        .unwrap_or_else(|| guess(bytes));
    encoding.decode(bytes).0.into_owned()
}

fn marked(bytes: &[u8]) -> Option<&'static Encoding> {
    Encoding::for_bom(bytes).map(|(encoding, _)| encoding)
}

/// UTF-16 without a mark: every other byte of Latin text is zero.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = bytes.get(..bytes.len().min(4096) & !1).unwrap_or_default();
    let pairs = sample.len() / 2;
    if pairs < 4 {
        return None;
    }
    let zeros = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    match (even, odd) {
        (0, odd) if odd * 10 >= pairs * 7 => Some(UTF_16LE),
        (even, 0) if even * 10 >= pairs * 7 => Some(UTF_16BE),
        _ => None,
    }
}

fn declared(bytes: &[u8], key: &str) -> Option<&'static Encoding> {
    let head = bytes.get(..bytes.len().min(DECLARED_WITHIN)).unwrap_or_default();
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let value = head.split_once(key)?.1.trim_start_matches(['"', '\'', ' ']);
    let end = value.find(|c: char| !(c.is_ascii_alphanumeric() || "-_:.".contains(c))).unwrap_or(value.len());
    let found = Encoding::for_label_no_replacement(value.get(..end)?.as_bytes())?;
    // What could be read this far is not UTF-16, whatever it says.
    Some(if found == UTF_16LE || found == UTF_16BE { UTF_8 } else { found })
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let whole = bytes.len() <= GUESS;
    let sample = bytes.get(..bytes.len().min(GUESS)).unwrap_or_default();
    let utf8 = match std::str::from_utf8(sample) {
        Ok(_) => true,
        // A character that the sample cuts in two is none of its faults.
        Err(error) => !whole && error.error_len().is_none(),
    };
    if utf8 {
        return UTF_8;
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    detector.feed(sample, whole);
    detector.guess(None, chardetng::Utf8Detection::Allow)
}
