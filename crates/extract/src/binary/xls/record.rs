//! The records of a workbook ([MS-XLS] 2.1.4), and what is read across a record and those that continue it.

use crate::bytes::{u16_at, utf16, within};

/// A record that goes on with the one before.
const CONTINUE: u16 = 0x003c;
/// A kind and a length.
const HEADER: usize = 4;
/// Of the flags of a string: its characters take two bytes; formats and readings of Asian characters follow it.
const WIDE: u8 = 0x01;
const EXTENDED: u8 = 0x04;
const RICH: u8 = 0x08;

/// A record as far as the file has it.
pub struct Record<'b> {
    pub kind: u16,
    pub data: &'b [u8],
}

/// The records of a stream, in order.
pub struct Records<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Records<'b> {
    pub fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The record, and those that continue it.
    pub fn parts(&mut self, record: &Record<'b>) -> Parts<'b> {
        let mut parts = vec![record.data];
        while u16_at(self.bytes, self.at) == Some(CONTINUE) {
            let Some(next) = self.next() else { break };
            parts.push(next.data);
        }
        Parts { parts, part: 0, at: 0 }
    }
}

impl<'b> Iterator for Records<'b> {
    type Item = Record<'b>;

    fn next(&mut self) -> Option<Record<'b>> {
        let (kind, length) = (u16_at(self.bytes, self.at)?, u16_at(self.bytes, self.at + 2)?);
        let data = within(self.bytes, self.at + HEADER, usize::from(length));
        self.at += HEADER + usize::from(length);
        Some(Record { kind, data })
    }
}

/// A place in a record and those that continue it.
pub struct Parts<'b> {
    parts: Vec<&'b [u8]>,
    part: usize,
    at: usize,
}

impl<'b> Parts<'b> {
    /// Of one record alone.
    pub fn of(data: &'b [u8]) -> Self {
        Self { parts: vec![data], part: 0, at: 0 }
    }

    /// What is left of the record that it is in.
    fn rest(&self) -> &'b [u8] {
        self.parts.get(self.part).and_then(|part| part.get(self.at..)).unwrap_or_default()
    }

    /// Goes on to the next record, if there is one.
    fn turn(&mut self) -> bool {
        let more = self.part + 1 < self.parts.len();
        (self.part, self.at) = (self.part + 1, 0);
        more
    }

    pub fn byte(&mut self) -> Option<u8> {
        while self.rest().is_empty() {
            if !self.turn() {
                return None;
            }
        }
        let byte = self.rest().first().copied();
        self.at += 1;
        byte
    }

    pub fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    pub fn u32(&mut self) -> Option<u32> {
        Some(u32::from(self.u16()?) | u32::from(self.u16()?) << 16)
    }

    pub fn skip(&mut self, mut count: usize) {
        loop {
            let step = count.min(self.rest().len());
            self.at += step;
            count -= step;
            if count == 0 || !self.turn() {
                return;
            }
        }
    }

    /// Goes to the end of the record that it is in: what continues it comes next.
    pub fn skip_record(&mut self) {
        self.at += self.rest().len();
    }

    /// Adds `count` characters. Where they go on in another record, that one begins with a flag of its own for their width.
    pub fn characters(&mut self, mut count: usize, mut wide: bool, out: &mut String) {
        while count > 0 {
            let width = if wide { 2 } else { 1 };
            let rest = self.rest();
            let step = count.min(rest.len() / width);
            if step == 0 {
                if !self.turn() {
                    return;
                }
                let Some(flags) = self.rest().first() else { continue };
                wide = flags & WIDE != 0;
                self.at = 1;
                continue;
            }
            let bytes = within(rest, 0, step * width);
            match wide {
                true => out.push_str(&utf16(bytes)),
                // Each byte is the lower half of a character.
                false => out.extend(bytes.iter().map(|byte| char::from(*byte))),
            }
            self.at += bytes.len();
            count -= step;
        }
    }

    /// Adds a string of `count` characters with its flags before it, and passes over what belongs to it besides its characters
    /// (XLUnicodeString, ShortXLUnicodeString, XLUnicodeRichExtendedString: [MS-XLS] 2.5.293). Nothing where it is cut off.
    pub fn string(&mut self, count: usize, out: &mut String) -> Option<()> {
        let flags = self.byte()?;
        let formats = if flags & RICH != 0 { usize::from(self.u16()?) } else { 0 };
        let readings = if flags & EXTENDED != 0 { usize::try_from(self.u32()?).ok()? } else { 0 };
        self.characters(count, flags & WIDE != 0, out);
        self.skip(formats * 4);
        self.skip(readings);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A string as a shared one is written, and the places in it at which it may be cut, with the flag that the rest needs then.
    fn written(text: &str, formats: usize, readings: usize) -> (Vec<u8>, Vec<(usize, Option<u8>)>) {
        let wide = text.chars().any(|c| u32::from(c) > 0xff);
        let mut bytes = u16::try_from(text.encode_utf16().count()).unwrap().to_le_bytes().to_vec();
        let flag = |is: bool, flag: u8| if is { flag } else { 0 };
        bytes.push(flag(wide, WIDE) | flag(formats > 0, RICH) | flag(readings > 0, EXTENDED));
        if formats > 0 {
            bytes.extend(u16::try_from(formats).unwrap().to_le_bytes());
        }
        if readings > 0 {
            bytes.extend(u32::try_from(readings).unwrap().to_le_bytes());
        }
        let mut cuts = Vec::new();
        for unit in text.encode_utf16() {
            cuts.push((bytes.len(), Some(u8::from(wide))));
            bytes.push(unit.to_le_bytes()[0]);
            if wide {
                bytes.push(unit.to_le_bytes()[1]);
            }
        }
        for length in [formats * 4, readings] {
            cuts.extend((0..length).map(|n| (bytes.len() + n, None)));
            bytes.extend(vec![0xee; length]);
        }
        (bytes, cuts)
    }

    proptest! {
        /// However strings are cut into records, they are read as they were written.
        #[test]
        fn strings_go_on_across_records(
            strings in prop::collection::vec(("[a-zé]{0,20}|[a-я]{0,20}", 0_usize..3, 0_usize..9), 1..12),
            choice in any::<u64>(),
        ) {
            let mut stream = Vec::new();
            let mut record = Vec::new();
            let mut state = choice;
            let mut put = |record: &mut Vec<u8>, next: Option<u8>| {
                stream.extend([if stream.is_empty() { 0xfc } else { 0x3c }, 0]);
                stream.extend(u16::try_from(record.len()).unwrap().to_le_bytes());
                stream.append(record);
                record.extend(next);
            };
            for (text, formats, readings) in &strings {
                let (bytes, cuts) = written(text, *formats, *readings);
                for (at, byte) in bytes.iter().enumerate() {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    if let Some((_, flag)) = cuts.iter().find(|cut| cut.0 == at).filter(|_| state >> 62 == 0) {
                        put(&mut record, *flag);
                    }
                    record.push(*byte);
                }
            }
            put(&mut record, None);
            let mut records = Records::new(&stream);
            let first = records.next().unwrap();
            let mut parts = records.parts(&first);
            for (text, ..) in &strings {
                let count = parts.u16().unwrap();
                let mut read = String::new();
                parts.string(count.into(), &mut read).unwrap();
                prop_assert_eq!(&read, text);
            }
            prop_assert!(parts.byte().is_none() && records.next().is_none());
        }

        #[test]
        fn any_bytes_end(stream in prop::collection::vec(prop::sample::select(vec![0_u8, 1, 2, 3, 0x0c, 0x3c, 0xff]), 0..200)) {
            let mut records = Records::new(&stream);
            while let Some(record) = records.next() {
                let mut parts = records.parts(&record);
                let mut out = String::new();
                while let Some(count) = parts.u16() {
                    let _ = parts.string(count.into(), &mut out);
                }
                prop_assert!(out.len() <= stream.len() * 3);
            }
        }
    }
}
