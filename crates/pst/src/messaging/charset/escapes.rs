//! Encodings in seven bits: UTF-7, HZ and the ones that switch by escape sequences (ISO-2022).

use encoding_rs::{EUC_KR, GBK};

/// The code page whose escape sequences are in `data`, which is all seven bits.
pub(super) fn form(data: &[u8]) -> Option<u16> {
    let mut rest = data;
    while let Some(at) = rest.iter().position(|&byte| byte == 0x1B) {
        rest = rest.get(at + 1..)?;
        match rest {
            [b'$', b'@' | b'B', ..] | [b'$', b'(', b'D', ..] | [b'(', b'J' | b'I', ..] => return Some(50221),
            [b'$', b')', b'C', ..] => return Some(50225),
            _ => {}
        }
    }
    None
}

/// UTF-7 (RFC 2152).
pub(super) fn utf7(data: &[u8]) -> String {
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

/// HZ (RFC 1843): `~{` and `~}` enclose GB 2312 in seven bits. Bytes of eight bits are taken as GBK.
pub(super) fn hz(data: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(data.len());
    let (mut at, mut chinese) = (0, false);
    while let Some(&byte) = data.get(at) {
        at += 1;
        match (byte, data.get(at)) {
            (b'~', Some(b'{')) if !chinese => chinese = true,
            (b'~', Some(b'}')) if chinese => chinese = false,
            (b'~', Some(b'~')) if !chinese => bytes.push(b'~'),
            (b'~', Some(b'\n')) if !chinese => {}
            (0x21..=0x7E, Some(&next @ 0x21..=0x7E)) if chinese => bytes.extend([byte | 0x80, next | 0x80]),
            _ => {
                // An end of line ends what was not closed.
                chinese &= byte != b'\n';
                bytes.push(byte);
                continue;
            }
        }
        at += 1;
    }
    GBK.decode_without_bom_handling(&bytes).0.into_owned()
}

/// ISO-2022-KR (RFC 1557): SO and SI enclose KS X 1001 in seven bits. Bytes of eight bits are taken as EUC-KR.
pub(super) fn iso_2022_kr(data: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(data.len());
    let mut korean = false;
    let mut rest = data;
    while let [byte, next @ ..] = rest {
        rest = next;
        match byte {
            0x1B if next.starts_with(b"$)C") => rest = next.get(3..).unwrap_or_default(),
            0x0E => korean = true,
            0x0F => korean = false,
            0x21..=0x7E if korean => bytes.push(byte | 0x80),
            _ => bytes.push(*byte),
        }
    }
    EUC_KR.decode_without_bom_handling(&bytes).0.into_owned()
}
