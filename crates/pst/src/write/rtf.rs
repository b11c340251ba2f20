//! Stores RTF bodies ([MS-OXRTFCP]).

use super::message::{RtfBody, RtfForm};
use crate::ndb::crc::crc;

/// What the dictionary holds before the first byte ([MS-OXRTFCP] 2.1.2.1).
const PRELOADED: &[u8; 207] =
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \
\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\
\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

const DICTIONARY: usize = 4096;
const LONGEST: usize = 17;
/// How many earlier places are tried for a match.
const TRIES: usize = 32;

/// The property's bytes for a body.
pub(crate) fn stored_rtf(body: &RtfBody) -> Vec<u8> {
    match body.form {
        RtfForm::AsStored => body.bytes.clone(),
        RtfForm::Uncompressed => with_header(&body.bytes, body.bytes.len(), b"MELA", 0),
        RtfForm::Compressed => {
            let packed = compress(&body.bytes);
            let checksum = crc(&packed);
            with_header(&packed, body.bytes.len(), b"LZFu", checksum)
        }
    }
}

fn with_header(content: &[u8], raw_size: usize, kind: &[u8; 4], checksum: u32) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 16);
    // The first size counts everything behind itself.
    out.extend_from_slice(&((content.len() + 12) as u32).to_le_bytes());
    out.extend_from_slice(&(raw_size as u32).to_le_bytes());
    out.extend_from_slice(kind);
    out.extend_from_slice(&checksum.to_le_bytes());
    out.extend_from_slice(content);
    out
}

/// Earlier places of each pair of bytes, newest first.
struct Matches {
    newest: Vec<usize>,
    older: Vec<usize>,
}

impl Matches {
    const NONE: usize = usize::MAX;

    fn new(length: usize) -> Self {
        Self { newest: vec![Self::NONE; 1 << 16], older: vec![Self::NONE; length] }
    }

    fn pair(data: &[u8], at: usize) -> Option<usize> {
        Some(usize::from(*data.get(at)?) << 8 | usize::from(*data.get(at + 1)?))
    }

    fn remember(&mut self, data: &[u8], at: usize) {
        if let Some(pair) = Self::pair(data, at) {
            self.older[at] = std::mem::replace(&mut self.newest[pair], at);
        }
    }

    /// The longest earlier run equal to what stands at `at`, of equal ones the earliest: its place and length.
    fn longest(&self, data: &[u8], at: usize) -> Option<(usize, usize)> {
        let mut best = None;
        let mut candidate = self.newest[Self::pair(data, at)?];
        for _ in 0..TRIES {
            // One place short of the whole dictionary: equal read and write places mean the end.
            if candidate == Self::NONE || at - candidate >= DICTIONARY {
                break;
            }
            let same = data[candidate..].iter().zip(&data[at..]).take(LONGEST);
            let length = same.take_while(|(a, b)| a == b).count();
            if length >= 2 && best.is_none_or(|(_, most)| length >= most) {
                best = Some((candidate, length));
            }
            candidate = self.older[candidate];
        }
        best
    }
}

/// Compresses to the token stream behind the `LZFu` header.
fn compress(raw: &[u8]) -> Vec<u8> {
    // Dictionary and input in one line: place p of it has the dictionary's place p modulo its size.
    let mut data = PRELOADED.to_vec();
    data.extend_from_slice(raw);
    let mut matches = Matches::new(data.len());
    (0..PRELOADED.len()).for_each(|at| matches.remember(&data, at));
    let mut out = Vec::with_capacity(raw.len() / 2 + 16);
    let mut group: (u8, Vec<u8>) = (0, Vec::new());
    let mut tokens = 0;
    let mut at = PRELOADED.len();
    loop {
        let found = matches.longest(&data, at);
        let end = at >= data.len();
        if end || found.is_some() {
            let (place, length) = found.unwrap_or((at, 2));
            let reference = ((place % DICTIONARY) << 4 | (length - 2)) as u16;
            group.0 |= 1 << tokens;
            group.1.extend_from_slice(&reference.to_be_bytes());
            let next = if end { at } else { at + length };
            (at..next).for_each(|at| matches.remember(&data, at));
            at = next;
        } else {
            group.1.push(data[at]);
            matches.remember(&data, at);
            at += 1;
        }
        tokens += 1;
        if tokens == 8 || end {
            out.push(group.0);
            out.append(&mut group.1);
            group.0 = 0;
            tokens = 0;
        }
        if end {
            return out;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Undoes [`compress`], token by token, with a dictionary that turns round.
    fn expand(packed: &[u8]) -> Vec<u8> {
        let mut dictionary = vec![0u8; DICTIONARY];
        dictionary[..207].copy_from_slice(PRELOADED);
        let (mut write, mut out, mut at) = (207usize, Vec::new(), 0);
        loop {
            let control = packed[at];
            at += 1;
            for bit in 0..8 {
                if control >> bit & 1 == 0 {
                    out.push(packed[at]);
                    dictionary[write % DICTIONARY] = packed[at];
                    write += 1;
                    at += 1;
                } else {
                    let token = u16::from_be_bytes([packed[at], packed[at + 1]]);
                    at += 2;
                    let place = usize::from(token >> 4);
                    if place == write % DICTIONARY {
                        assert_eq!(at, packed.len(), "nothing follows the end mark");
                        return out;
                    }
                    for step in 0..usize::from(token & 15) + 2 {
                        let byte = dictionary[(place + step) % DICTIONARY];
                        dictionary[write % DICTIONARY] = byte;
                        write += 1;
                        out.push(byte);
                    }
                }
            }
        }
    }

    #[test]
    fn compressed_rtf_expands_to_itself() {
        let check = |raw: &[u8]| assert_eq!(expand(&compress(raw)), raw);
        check(b"");
        check(b"x");
        check(b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}");
        check(&[b'a'; 10_000]);
        let mixed: Vec<u8> = (0..60_000u32).map(|n| (n * n / 7 % 251) as u8).collect();
        check(&mixed);
        let mut repeated = mixed[..5000].to_vec();
        repeated.extend_from_slice(&mixed[..5000]);
        check(&repeated);
    }

    #[test]
    fn the_specification_example() {
        // [MS-OXRTFCP] 3.1.1
        let stored = stored_rtf(&RtfBody {
            bytes: b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n".to_vec(),
            form: RtfForm::Compressed,
        });
        assert_eq!(&stored[..8], [0x2D, 0, 0, 0, 0x2B, 0, 0, 0]);
        assert_eq!(&stored[8..16], [0x4C, 0x5A, 0x46, 0x75, 0xF1, 0xC5, 0xC7, 0xA7]);
    }
}
