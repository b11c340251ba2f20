//! Compressed RTF ([MS-OXRTFCP] 2.1).

use crate::bytes::{u8_at, u32_at};
use crate::ndb::crc::crc;

/// What every compressor and decompressor starts with in its dictionary.
const PRELOAD: &[u8] =
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \
\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \
\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
const DICTIONARY: usize = 4096;
const HEADER: usize = 16;
const COMPRESSED: u32 = 0x7546_5A4C;
const UNCOMPRESSED: u32 = 0x414C_454D;

/// Why compressed RTF could not be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RtfError {
    /// The 16-byte header is incomplete.
    #[error("the header is cut short: {0} bytes")]
    Short(usize),
    /// `COMPTYPE` is neither `LZFu` nor `MELA`.
    #[error("COMPTYPE is {0:#010x}")]
    Kind(u32),
}

/// Decompressed RTF, and what its header got wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decompressed {
    /// The RTF.
    pub data: Vec<u8>,
    /// Whether `RAWSIZE` or `CRC` do not match, or the data ends early.
    pub flawed: bool,
    /// Whether it was cut at the limit.
    pub cut: bool,
}

/// Decompresses `input` to at most `limit` bytes. Wrong sizes and checksums in the header are only reported:
/// such bodies are usually whole.
pub fn decompress(input: &[u8], limit: usize) -> Result<Decompressed, RtfError> {
    let short = || RtfError::Short(input.len());
    let stated = u32_at(input, 0).ok_or_else(short)? as usize;
    let raw_size = u32_at(input, 4).ok_or_else(short)? as usize;
    let kind = u32_at(input, 8).ok_or_else(short)?;
    let checksum = u32_at(input, 12).ok_or_else(short)?;
    // COMPSIZE counts from the field behind it.
    let end = stated.saturating_add(4).clamp(HEADER, input.len());
    let body = input.get(HEADER..end).unwrap_or_default();
    let (mut data, mut flawed) = match kind {
        COMPRESSED => {
            let all = input.get(HEADER..).unwrap_or_default();
            let (data, ended) = expand(all, raw_size, limit);
            (data, !ended || crc(body) != checksum)
        }
        UNCOMPRESSED => (body.to_vec(), false),
        other => return Err(RtfError::Kind(other)),
    };
    let cut = data.len() >= limit && raw_size > limit;
    data.truncate(limit);
    // Some programs count twelve bytes of the header into RAWSIZE of what they leave uncompressed.
    let counted = if kind == UNCOMPRESSED { 12 } else { 0 };
    flawed |= !cut && data.len() != raw_size && data.len() + counted != raw_size;
    Ok(Decompressed { data, flawed, cut })
}

/// Runs of the dictionary and literals, eight to a control byte. The flag says whether the end mark was met.
fn expand(input: &[u8], raw_size: usize, limit: usize) -> (Vec<u8>, bool) {
    let mut dictionary = [0u8; DICTIONARY];
    dictionary[..PRELOAD.len()].copy_from_slice(PRELOAD);
    let mut write = PRELOAD.len();
    // A reference of two bytes gives seventeen at most.
    let mut out = Vec::with_capacity(raw_size.min(limit).min(input.len().saturating_mul(9)));
    let mut at = 0;
    while let Some(control) = u8_at(input, at) {
        at += 1;
        for bit in 0..8 {
            if out.len() >= limit {
                return (out, true);
            }
            if control & (1 << bit) == 0 {
                let Some(byte) = u8_at(input, at) else { return (out, false) };
                at += 1;
                out.push(byte);
                dictionary[write] = byte;
                write = (write + 1) % DICTIONARY;
                continue;
            }
            let (Some(high), Some(low)) = (u8_at(input, at), u8_at(input, at + 1)) else {
                return (out, false);
            };
            at += 2;
            let reference = u16::from_be_bytes([high, low]);
            let mut from = usize::from(reference >> 4);
            if from == write {
                return (out, true);
            }
            for _ in 0..(reference & 0xF) + 2 {
                let byte = dictionary[from];
                from = (from + 1) % DICTIONARY;
                out.push(byte);
                dictionary[write] = byte;
                write = (write + 1) % DICTIONARY;
            }
        }
    }
    (out, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
        digits
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    #[test]
    fn vectors_of_the_specification() {
        assert_eq!(PRELOAD.len(), 207);
        let check = |input: &str, want: &[u8]| {
            let got = decompress(&hex(input), 1 << 20).unwrap();
            assert_eq!(String::from_utf8_lossy(&got.data), String::from_utf8_lossy(want));
            assert!(!got.flawed && !got.cut);
        };
        // [MS-OXRTFCP] 3.1.1 and 3.1.2
        check(
            "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0",
            b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n",
        );
        check(
            "1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0",
            b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}",
        );
    }

    #[test]
    fn broken_input_gives_what_there_is() {
        let whole = hex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0");
        for length in 0..whole.len() {
            match decompress(&whole[..length], 100) {
                Ok(got) => assert!(got.flawed, "{length}"),
                Err(error) => assert_eq!(error, RtfError::Short(length)),
            }
        }
        let got = decompress(&whole, 5).unwrap();
        assert_eq!((got.data.len(), got.cut), (5, true));
        let mut wrong = whole.clone();
        wrong[8] = 0;
        assert!(matches!(decompress(&wrong, 100), Err(RtfError::Kind(_))));
    }
}
