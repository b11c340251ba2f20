//! What parent and child say to each other. Everything that the child says begins with a mark that the parent chose at random, so
//! that what a library happens to print is no answer.

use crate::{Extracted, Limits, Reason};
use std::io::{self, Read, Write};
use std::time::Duration;

/// What the child's answers begin with.
pub type Mark = [u8; 16];

/// Of what is not an answer, so much is passed over.
const MAX_NOISE: u64 = 1 << 20;
/// Names, types and sentences are no longer.
const MAX_STRING: u64 = 64 * 1024;
/// Notes of an answer.
const MAX_NOTES: u64 = 1000;

/// What the parent begins with.
#[derive(Debug, PartialEq)]
pub struct Hello {
    pub mark: Mark,
    pub limits: Limits,
}

/// A file to read. Its content follows.
#[derive(Debug, PartialEq)]
pub struct Request {
    pub name: String,
    pub mime: String,
    pub size: u64,
}

/// What the child says.
#[derive(Debug, PartialEq)]
pub enum Answer {
    /// It is there and may be asked.
    Ready,
    /// The text of a file.
    Text(Extracted),
    /// Why there is none.
    None(Reason),
}

fn odd(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn put(out: &mut impl Write, number: u64) -> io::Result<()> {
    out.write_all(&number.to_le_bytes())
}

fn put_string(out: &mut impl Write, text: &str) -> io::Result<()> {
    put(out, text.len() as u64)?;
    out.write_all(text.as_bytes())
}

fn get(from: &mut impl Read) -> io::Result<u64> {
    let mut bytes = [0; 8];
    from.read_exact(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

/// Reads `length` bytes, taking memory only for what comes.
pub fn get_bytes(from: &mut impl Read, length: u64, most: u64) -> io::Result<Vec<u8>> {
    if length > most {
        return Err(odd("a length beyond its bound"));
    }
    let mut bytes = Vec::new();
    from.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == length { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

fn get_string(from: &mut impl Read, most: u64) -> io::Result<String> {
    let length = get(from)?;
    let bytes = get_bytes(from, length, most)?;
    Ok(String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()))
}

fn shortened(text: &str) -> &str {
    let most = usize::try_from(MAX_STRING).unwrap_or(usize::MAX).min(text.len());
    let end = (0..=most).rev().find(|&end| text.is_char_boundary(end)).unwrap_or_default();
    &text[..end]
}

impl Hello {
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let limits = &self.limits;
        out.write_all(&self.mark)?;
        for number in
            [limits.input, limits.text as u64, limits.unpacked, limits.depth.into(), limits.entries.into()]
        {
            put(out, number)?;
        }
        put(out, limits.memory)?;
        put(out, u64::try_from(limits.time.as_millis()).unwrap_or(u64::MAX))?;
        out.flush()
    }

    pub fn read(from: &mut impl Read) -> io::Result<Self> {
        let mut mark = Mark::default();
        from.read_exact(&mut mark)?;
        let small = |number: u64| u32::try_from(number).map_err(|_| odd("a limit beyond its bound"));
        let limits = Limits {
            input: get(from)?,
            text: usize::try_from(get(from)?).map_err(|_| odd("a limit beyond its bound"))?,
            unpacked: get(from)?,
            depth: small(get(from)?)?,
            entries: small(get(from)?)?,
            memory: get(from)?,
            time: Duration::from_millis(get(from)?),
        };
        Ok(Self { mark, limits })
    }
}

impl Request {
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        put_string(out, shortened(&self.name))?;
        put_string(out, shortened(&self.mime))?;
        put(out, self.size)
    }

    /// The next request; `None` when there will be none.
    pub fn read(from: &mut impl Read) -> io::Result<Option<Self>> {
        let mut length = [0; 8];
        match from.read(&mut length[..1])? {
            0 => return Ok(None),
            _ => from.read_exact(&mut length[1..])?,
        }
        let name = get_bytes(from, u64::from_le_bytes(length), MAX_STRING)?;
        let mime = get_string(from, MAX_STRING)?;
        Ok(Some(Self { name: String::from_utf8_lossy(&name).into_owned(), mime, size: get(from)? }))
    }
}

impl Answer {
    pub fn write(&self, mark: &Mark, out: &mut impl Write) -> io::Result<()> {
        out.write_all(mark)?;
        match self {
            Self::Ready => out.write_all(&[0])?,
            Self::Text(found) => {
                out.write_all(&[1, u8::from(found.cut)])?;
                put_string(out, shortened(&found.kind))?;
                put_string(out, &found.text)?;
                put(out, found.notes.len() as u64)?;
                for note in &found.notes {
                    put_string(out, shortened(note))?;
                }
            }
            Self::None(reason) => {
                let (number, detail) = reason.parts();
                out.write_all(&[2, number])?;
                put_string(out, shortened(&detail))?;
            }
        }
        out.flush()
    }

    /// The next answer; at most `most` bytes of text are taken.
    pub fn read(mark: &Mark, from: &mut impl Read, most: usize) -> io::Result<Self> {
        pass_over(mark, from)?;
        let byte = |from: &mut dyn Read| -> io::Result<u8> {
            let mut byte = [0];
            from.read_exact(&mut byte)?;
            Ok(byte[0])
        };
        match byte(from)? {
            0 => Ok(Self::Ready),
            1 => {
                let cut = byte(from)? != 0;
                let kind = get_string(from, MAX_STRING)?;
                let text = get_string(from, most as u64)?;
                let count = get(from)?.min(MAX_NOTES);
                let notes = (0..count).map(|_| get_string(from, MAX_STRING)).collect::<io::Result<_>>()?;
                Ok(Self::Text(Extracted { kind, text, cut, notes }))
            }
            2 => {
                let number = byte(from)?;
                let detail = get_string(from, MAX_STRING)?;
                Reason::from_parts(number, detail).map(Self::None).ok_or_else(|| odd("an unknown reason"))
            }
            _ => Err(odd("an unknown answer")),
        }
    }
}

/// Reads up to the end of the next mark.
fn pass_over(mark: &Mark, from: &mut impl Read) -> io::Result<()> {
    let mut last = Mark::default();
    from.read_exact(&mut last)?;
    let mut passed = 0;
    while last != *mark {
        passed += 1;
        if passed > MAX_NOISE {
            return Err(odd("the child says what nobody asked for"));
        }
        last.rotate_left(1);
        from.read_exact(&mut last[15..])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARK: Mark = *b"0123456789abcdef";

    #[test]
    fn what_is_said_is_heard() {
        let hello = Hello { mark: MARK, limits: Limits::default() };
        let mut bytes = Vec::new();
        hello.write(&mut bytes).unwrap();
        assert_eq!(Hello::read(&mut bytes.as_slice()).unwrap(), hello);

        let request = Request { name: "Zoë.pdf".into(), mime: "application/pdf".into(), size: 7 };
        let mut bytes = Vec::new();
        request.write(&mut bytes).unwrap();
        let mut from = bytes.as_slice();
        assert_eq!(Request::read(&mut from).unwrap(), Some(request));
        assert_eq!(Request::read(&mut from).unwrap(), None);

        let text = Extracted {
            kind: "PDF".into(),
            text: "words".into(),
            cut: true,
            notes: vec!["a".into(), "b".into()],
        };
        for answer in [
            Answer::Ready,
            Answer::Text(text),
            Answer::None(Reason::NoText("JPEG picture".into())),
            Answer::None(Reason::Unknown("RAR archive".into())),
            Answer::None(Reason::Protected),
            Answer::None(Reason::TooLarge(1 << 40)),
            Answer::None(Reason::Damaged("torn".into())),
            Answer::None(Reason::Unread("a.pdf: torn".into())),
            Answer::None(Reason::TimedOut(Duration::from_secs(60))),
            Answer::None(Reason::OutOfMemory),
            Answer::None(Reason::Died("signal 9".into())),
        ] {
            let mut bytes = b"running 1 test\n01234567".to_vec();
            answer.write(&MARK, &mut bytes).unwrap();
            assert_eq!(Answer::read(&MARK, &mut bytes.as_slice(), 100).unwrap(), answer);
            for end in 0..bytes.len() {
                assert!(Answer::read(&MARK, &mut &bytes[..end], 100).is_err(), "cut at {end}");
            }
        }
    }

    #[test]
    fn lengths_are_bounded() {
        let long = Answer::Text(Extracted { text: "x".repeat(101), ..Extracted::default() });
        let mut bytes = Vec::new();
        long.write(&MARK, &mut bytes).unwrap();
        assert!(Answer::read(&MARK, &mut bytes.as_slice(), 100).is_err());
        assert!(Request::read(&mut u64::MAX.to_le_bytes().as_slice()).is_err());
        assert!(Answer::read(&MARK, &mut io::repeat(b'x'), 100).is_err(), "noise without end");
    }
}
