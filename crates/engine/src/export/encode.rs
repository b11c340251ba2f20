//! Writers that change what passes through them, each in constant memory: base64 in lines, mbox quoting, digests.

use crate::text::dates;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use std::io::{self, Write};

/// Bytes of one line of base64: 76 characters (RFC 2045, 6.8).
const LINE: usize = 57;
/// Lines that are encoded at once.
const LINES: usize = 64;

/// A moment, in milliseconds since 1970, as "2001-11-14T16:20:00Z".
pub fn stamp(millis: i64) -> String {
    let (year, month, day) = dates::civil(millis.div_euclid(86_400_000));
    let seconds = millis.rem_euclid(86_400_000) / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}Z")
}

/// The same as the separator of an mbox has it: "Wed Nov 14 16:20:00 2001".
pub fn asctime(millis: i64) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let days = millis.div_euclid(86_400_000);
    let (year, month, day) = dates::civil(days);
    let seconds = millis.rem_euclid(86_400_000) / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    // The first of January 1970 was a Thursday.
    let weekday = usize::try_from((days + 3).rem_euclid(7)).unwrap_or_default();
    let month = usize::try_from(month - 1).unwrap_or_default();
    let (weekday, month) = (DAYS.get(weekday).unwrap_or(&"Mon"), MONTHS.get(month).unwrap_or(&"Jan"));
    format!("{weekday} {month} {day:2} {hours:02}:{minutes:02}:{seconds:02} {year:04}")
}

/// Encodes what is written to it as base64 in lines; [`Base64Lines::finish`] must follow.
pub struct Base64Lines<'a> {
    out: &'a mut dyn Write,
    waiting: Vec<u8>,
}

impl<'a> Base64Lines<'a> {
    /// Into `out`.
    pub fn new(out: &'a mut dyn Write) -> Self {
        Self { out, waiting: Vec::with_capacity(LINE * LINES) }
    }

    fn lines(&mut self) -> io::Result<()> {
        let mut text = String::with_capacity(self.waiting.len() * 4 / 3 + LINES * 2);
        for line in self.waiting.chunks(LINE) {
            STANDARD.encode_string(line, &mut text);
            text.push_str("\r\n");
        }
        self.waiting.clear();
        self.out.write_all(text.as_bytes())
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// The destination's.
    pub fn finish(mut self) -> io::Result<()> {
        self.lines()
    }
}

impl Write for Base64Lines<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = LINE * LINES - self.waiting.len();
        let taken = bytes.len().min(room);
        self.waiting.extend_from_slice(&bytes[..taken]);
        if self.waiting.len() == LINE * LINES {
            self.lines()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Quotes lines for an mbox (mboxrd: ">" before every line that is "From " after any number of ">") and ends them with a line feed alone.
pub struct MboxQuoting<'a> {
    out: &'a mut dyn Write,
    /// The beginning of a line of which it is not yet known whether it is to be quoted.
    begun: Option<Vec<u8>>,
    /// A carriage return that may belong to the end of a line.
    returned: bool,
}

impl<'a> MboxQuoting<'a> {
    /// Into `out`, at the beginning of a line.
    pub fn new(out: &'a mut dyn Write) -> Self {
        Self { out, begun: Some(Vec::new()), returned: false }
    }

    /// Ends the message: its last line, and the empty line behind it.
    ///
    /// # Errors
    /// The destination's.
    pub fn finish(mut self) -> io::Result<()> {
        let at_start = self.begun.as_ref().is_some_and(Vec::is_empty);
        if let Some(begun) = self.begun.take() {
            self.out.write_all(&begun)?;
        }
        self.out.write_all(if at_start { b"\n" } else { b"\n\n" })
    }
}

impl Write for MboxQuoting<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        const FROM: &[u8] = b"From ";
        let mut out = Vec::with_capacity(bytes.len() + 16);
        for &byte in bytes {
            if byte == b'\r' && !self.returned {
                self.returned = true;
                continue;
            }
            let returned = std::mem::take(&mut self.returned);
            if returned && byte != b'\n' {
                // A carriage return on its own ends a line too.
                if let Some(begun) = self.begun.take() {
                    out.extend_from_slice(&begun);
                }
                out.push(b'\n');
                self.begun = Some(Vec::new());
                if byte == b'\r' {
                    self.returned = true;
                    continue;
                }
            }
            if byte == b'\n' {
                if let Some(begun) = self.begun.take() {
                    out.extend_from_slice(&begun);
                }
                out.push(b'\n');
                self.begun = Some(Vec::new());
                continue;
            }
            let Some(begun) = &mut self.begun else {
                out.push(byte);
                continue;
            };
            begun.push(byte);
            let quotes = begun.iter().take_while(|b| **b == b'>').count();
            let rest = &begun[quotes..];
            if rest == FROM {
                out.push(b'>');
            } else if FROM.starts_with(rest) && quotes < 1024 {
                continue;
            }
            out.append(begun);
            self.begun = None;
        }
        self.out.write_all(&out)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Counts and digests what is written through it, and remembers why writing failed: readers of sources tell it in words only.
pub struct Digesting<W> {
    out: W,
    sha256: Sha256,
    blake3: blake3::Hasher,
    bytes: u64,
    /// Why writing failed.
    pub failed: Option<io::Error>,
}

/// What was written: length and digests, in lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Digests {
    /// Bytes.
    pub bytes: u64,
    /// SHA-256.
    pub sha256: String,
    /// BLAKE3.
    pub blake3: String,
}

impl<W: Write> Digesting<W> {
    /// Into `out`.
    pub fn new(out: W) -> Self {
        Self { out, sha256: Sha256::new(), blake3: blake3::Hasher::new(), bytes: 0, failed: None }
    }

    /// The destination, and what was written to it.
    pub fn finish(self) -> (W, Digests) {
        let sha256 = self.sha256.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let digests =
            Digests { bytes: self.bytes, sha256, blake3: self.blake3.finalize().to_hex().to_string() };
        (self.out, digests)
    }
}

impl<W: Write> Write for Digesting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.out.write(bytes) {
            Ok(taken) => {
                self.sha256.update(&bytes[..taken]);
                self.blake3.update(&bytes[..taken]);
                self.bytes += taken as u64;
                Ok(taken)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let told = io::Error::from(error.kind());
                self.failed = Some(error);
                Err(told)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_in_lines() {
        for length in [0, 1, 56, 57, 58, 57 * 64, 57 * 64 + 1, 10_000] {
            let bytes: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
            let mut out: Vec<u8> = Vec::new();
            let mut writer = Base64Lines::new(&mut out);
            for piece in bytes.chunks(100) {
                writer.write_all(piece).unwrap();
            }
            writer.finish().unwrap();
            let text = String::from_utf8(out).unwrap();
            assert!(text.lines().all(|line| line.len() <= 76), "{length}");
            let joined: String = text.lines().collect();
            assert_eq!(STANDARD.decode(joined).unwrap(), bytes, "{length}");
        }
    }

    fn quoted(text: &str, piece: usize) -> String {
        let mut out: Vec<u8> = Vec::new();
        let mut writer = MboxQuoting::new(&mut out);
        for bytes in text.as_bytes().chunks(piece) {
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn mbox_quoting() {
        for (text, expected) in [
            ("a\r\nb\r\n", "a\nb\n\n"),
            ("a", "a\n\n"),
            ("", "\n"),
            ("From a\r\n", ">From a\n\n"),
            (
                "x\r\n>From a\r\n>>From b\r\n> From c\r\nFromage\r\n From d",
                "x\n>>From a\n>>>From b\n> From c\nFromage\n From d\n\n",
            ),
            ("a\rFrom b\r\r\nFrom", "a\n>From b\n\nFrom\n\n"),
        ] {
            for piece in [1, 3, 100] {
                assert_eq!(quoted(text, piece), expected, "{text:?} {piece}");
            }
        }
    }

    #[test]
    fn digests_are_those_of_the_bytes() {
        let mut writer = Digesting::new(Vec::new());
        writer.write_all(b"abc").unwrap();
        let (out, digests) = writer.finish();
        assert_eq!((out.as_slice(), digests.bytes), (&b"abc"[..], 3));
        assert_eq!(digests.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(digests.blake3, "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85");
    }

    #[test]
    fn times() {
        assert_eq!(stamp(1_005_754_800_000), "2001-11-14T16:20:00Z");
        assert_eq!(asctime(1_005_754_800_000), "Wed Nov 14 16:20:00 2001");
        assert_eq!(asctime(-1), "Wed Dec 31 23:59:59 1969");
    }
}
