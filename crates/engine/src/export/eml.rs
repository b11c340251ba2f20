//! An item as an Internet message (RFC 5322 with MIME): headers as received, all bodies, inline parts, attachments, embedded messages.
//! Attachments pass through in constant memory.

use super::encode::Base64Lines;
use super::headers;
use crate::source::{AttachmentFacts, ItemReader, SourceItem, Version};
use mail_builder::headers::Header as _;
use mail_builder::headers::content_type::ContentType;
use mail_builder::mime::{BodyPart, MimePart};
use std::io::{self, Write};

/// Embedded messages deeper than this become a note.
const MAX_DEPTH: usize = 32;

/// Why nothing more can be written.
#[derive(Debug)]
pub enum Stop {
    /// The item cannot be read: a sentence.
    Unreadable(String),
    /// The destination fails.
    Output(io::Error),
}

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreadable(reason) => f.write_str(reason),
            Self::Output(error) => error.fmt(f),
        }
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Writes the item `key` (or the message embedded in it at `path`) to `out`; gives a sentence for each part that could not be read and
/// is replaced by a note.
///
/// # Errors
/// [`Stop`].
pub fn eml(
    reader: &mut dyn ItemReader,
    key: u64,
    version: Version,
    path: &[u32],
    out: &mut dyn Write,
) -> Result<Vec<String>, Stop> {
    let message = Message::read(reader, key, version, path).map_err(Stop::Unreadable)?;
    let mut writer = Writer { reader, key, version, losses: Vec::new() };
    writer.message(&message, path, out)?;
    Ok(writer.losses)
}

/// Writes what the library keeps of an item whose file is away: its people, subject and text.
///
/// # Errors
/// The destination's.
pub fn stored(item: &SourceItem, key: u64, note: &str, out: &mut dyn Write) -> io::Result<()> {
    headers::write(item, "", key, &[], Some(note), out)?;
    text("text/plain", &item.text, out)
}

/// What is written of a message beside its attachments' content.
struct Message {
    item: SourceItem,
    html: Option<String>,
    headers: String,
}

impl Message {
    fn read(reader: &mut dyn ItemReader, key: u64, version: Version, path: &[u32]) -> Result<Self, String> {
        let detail = reader.detail(key, version, path)?;
        let item = detail.item.ok_or("the item has no content")?;
        Ok(Self { item, html: detail.html, headers: detail.headers })
    }
}

struct Writer<'r> {
    reader: &'r mut dyn ItemReader,
    key: u64,
    version: Version,
    losses: Vec<String>,
}

impl Writer<'_> {
    fn message(&mut self, message: &Message, path: &[u32], out: &mut dyn Write) -> Result<(), Stop> {
        headers::write(&message.item, &message.headers, self.key, path, None, out)?;
        let direct = message.item.attachments.iter().filter(|facts| facts.path.len() == path.len() + 1);
        let (inline, attached): (Vec<_>, Vec<_>) =
            direct.partition(|facts| facts.inline && message.html.is_some());
        let boundary = Boundary::of(message, self.key, path);
        if attached.is_empty() {
            return self.related(message, &inline, &boundary, out);
        }
        boundary.begin("multipart/mixed", "mixed", out)?;
        boundary.next("mixed", out)?;
        self.related(message, &inline, &boundary, out)?;
        for facts in attached {
            boundary.next("mixed", out)?;
            self.part(facts, out)?;
        }
        Ok(boundary.end("mixed", out)?)
    }

    fn related(
        &mut self,
        message: &Message,
        inline: &[&AttachmentFacts],
        boundary: &Boundary,
        out: &mut dyn Write,
    ) -> Result<(), Stop> {
        if inline.is_empty() {
            return Ok(bodies(message, boundary, out)?);
        }
        boundary.begin("multipart/related", "related", out)?;
        boundary.next("related", out)?;
        bodies(message, boundary, out)?;
        for facts in inline {
            boundary.next("related", out)?;
            self.part(facts, out)?;
        }
        Ok(boundary.end("related", out)?)
    }

    fn part(&mut self, facts: &AttachmentFacts, out: &mut dyn Write) -> Result<(), Stop> {
        match facts.method {
            "message" => self.embedded(facts, out),
            "reference" => {
                let says = "The message names this file by its place; the file itself is not in the mailbox.";
                Ok(note(&format!("{}.link.txt", facts.name), says, out)?)
            }
            _ => self.content(facts, out),
        }
    }

    /// An embedded message is written as it is: RFC 2046 allows no base64 for a whole message.
    fn embedded(&mut self, facts: &AttachmentFacts, out: &mut dyn Write) -> Result<(), Stop> {
        let read = if facts.path.len() > MAX_DEPTH {
            Err("it is embedded too deep".to_owned())
        } else {
            Message::read(self.reader, self.key, self.version, &facts.path)
        };
        match read {
            Ok(message) => {
                let name = format!("{}.eml", facts.name);
                out.write_all(&part_headers("message/rfc822", "8bit", &name, facts))?;
                self.message(&message, &facts.path, out)
            }
            Err(reason) => self.lost(facts, &reason, out),
        }
    }

    fn content(&mut self, facts: &AttachmentFacts, out: &mut dyn Write) -> Result<(), Stop> {
        let mut part =
            Part { head: Some(part_headers(&mime_type(facts), "base64", &facts.name, facts)), out };
        let mut failed = None;
        let copied = {
            let mut watched = Watched { out: &mut part, failed: &mut failed };
            let mut lines = Base64Lines::new(&mut watched);
            let copied = self.reader.attachment(self.key, &facts.path, &mut lines);
            // What was read before a fault is kept.
            lines.finish()?;
            copied
        };
        if let Some(error) = failed {
            return Err(Stop::Output(error));
        }
        let begun = part.head.is_none();
        match copied {
            Ok(_) => {
                part.flush_head()?;
                Ok(())
            }
            Err(reason) if begun => {
                // What was read stays; a note in its midst would be taken for content.
                self.losses.push(format!("\"{}\" could be read in part only: {reason}", facts.name));
                Ok(())
            }
            Err(reason) => self.lost(facts, &reason, out),
        }
    }

    fn lost(&mut self, facts: &AttachmentFacts, reason: &str, out: &mut dyn Write) -> Result<(), Stop> {
        self.losses.push(format!("\"{}\" could not be read: {reason}", facts.name));
        let says = format!("This attachment could not be read: {reason}");
        Ok(note(&format!("{}.unreadable.txt", facts.name), &says, out)?)
    }
}

/// A part whose headers are written when its first bytes come: until then it can still become a note.
struct Part<'a> {
    head: Option<Vec<u8>>,
    out: &'a mut dyn Write,
}

impl Part<'_> {
    fn flush_head(&mut self) -> io::Result<()> {
        match self.head.take() {
            Some(head) => self.out.write_all(&head),
            None => Ok(()),
        }
    }
}

impl Write for Part<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        self.flush_head()?;
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Remembers a failure of the destination, which readers of sources tell in words only.
struct Watched<'a, W> {
    out: &'a mut W,
    failed: &'a mut Option<io::Error>,
}

impl<W: Write> Write for Watched<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes).map_err(|error| {
            if error.kind() == io::ErrorKind::Interrupted {
                return error;
            }
            let told = io::Error::from(error.kind());
            *self.failed = Some(error);
            told
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// What parts the parts of a message. It holds a digest of the message's own text, which therefore cannot hold it.
struct Boundary(String);

impl Boundary {
    fn of(message: &Message, key: u64, path: &[u32]) -> Self {
        let mut digest = blake3::Hasher::new();
        for text in
            [&message.item.subject, &message.item.text, message.html.as_ref().unwrap_or(&message.headers)]
        {
            digest.update(text.as_bytes()).update(&[0]);
        }
        digest.update(&key.to_le_bytes());
        path.iter().for_each(|part| {
            digest.update(&part.to_le_bytes());
        });
        Self(digest.finalize().to_hex().as_str()[..24].to_owned())
    }

    fn begin(&self, mime: &str, kind: &str, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "Content-Type: {mime};\r\n\tboundary=\"=_{kind}_{}\"\r\n\r\n", self.0)
    }

    fn next(&self, kind: &str, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "\r\n--=_{kind}_{}\r\n", self.0)
    }

    fn end(&self, kind: &str, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "\r\n--=_{kind}_{}--\r\n", self.0)
    }
}

fn bodies(message: &Message, boundary: &Boundary, out: &mut dyn Write) -> io::Result<()> {
    let Some(html) = &message.html else { return text("text/plain", &message.item.text, out) };
    boundary.begin("multipart/alternative", "alternative", out)?;
    boundary.next("alternative", out)?;
    text("text/plain", &message.item.text, out)?;
    boundary.next("alternative", out)?;
    text("text/html", html, out)?;
    boundary.end("alternative", out)
}

/// A body in UTF-8. One that might hold a boundary of a message around it, or what no line of mail may hold, is written as base64.
fn text(mime: &'static str, text: &str, out: &mut dyn Write) -> io::Result<()> {
    let lone_return = || text.split('\r').skip(1).any(|behind| !behind.starts_with('\n'));
    if text.contains("--=_") || text.contains('\0') || lone_return() {
        write!(out, "Content-Type: {mime}; charset=\"utf-8\"\r\nContent-Transfer-Encoding: base64\r\n\r\n")?;
        let mut lines = Base64Lines::new(out);
        lines.write_all(text.as_bytes())?;
        return lines.finish();
    }
    let mut part = Vec::with_capacity(text.len() + text.len() / 8 + 128);
    MimePart::new(mime, BodyPart::Text(text.into())).write_part(&mut part);
    out.write_all(&part)
}

/// A part that says in words what is not there.
fn note(name: &str, says: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut part = Vec::new();
    MimePart::new("text/plain", BodyPart::Text(says.into()))
        .attachment(headers::line(name))
        .write_part(&mut part);
    out.write_all(&part)
}

fn part_headers(mime: &str, encoding: &str, name: &str, facts: &AttachmentFacts) -> Vec<u8> {
    let name = headers::line(name);
    let mut out: Vec<u8> = b"Content-Type: ".to_vec();
    ContentType::new(mime).attribute("name", name.as_str()).write_header(&mut out, 14);
    out.extend_from_slice(b"Content-Disposition: ");
    let kind = if facts.inline { "inline" } else { "attachment" };
    ContentType::new(kind).attribute("filename", name.as_str()).write_header(&mut out, 21);
    let id: String =
        facts.content_id.chars().filter(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>')).collect();
    if !id.is_empty() {
        out.extend_from_slice(format!("Content-ID: <{id}>\r\n").as_bytes());
    }
    out.extend_from_slice(format!("Content-Transfer-Encoding: {encoding}\r\n\r\n").as_bytes());
    out
}

/// The stated type, unless it is none or would be read as structure.
fn mime_type(facts: &AttachmentFacts) -> String {
    let token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-' | '_');
    match facts.mime_type.split_once('/') {
        Some((kind, sub))
            if !kind.is_empty()
                && !sub.is_empty()
                && kind.chars().all(token)
                && sub.chars().all(token)
                && !kind.eq_ignore_ascii_case("multipart")
                && !kind.eq_ignore_ascii_case("message") =>
        {
            facts.mime_type.to_ascii_lowercase()
        }
        _ => "application/octet-stream".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stated_types() {
        for (stated, expected) in [
            ("image/PNG", "image/png"),
            ("", "application/octet-stream"),
            ("text/html; charset=x\r\nX: y", "application/octet-stream"),
            ("multipart/mixed", "application/octet-stream"),
            ("message/rfc822", "application/octet-stream"),
        ] {
            let facts = AttachmentFacts { mime_type: stated.into(), ..AttachmentFacts::default() };
            assert_eq!(mime_type(&facts), expected, "{stated:?}");
        }
    }

    #[test]
    fn a_body_cannot_hold_a_boundary() {
        let mut out = Vec::new();
        text("text/plain", "one\r\n--=_mixed_0123\r\ntwo", &mut out).unwrap();
        assert!(!String::from_utf8(out).unwrap().contains("mixed"));
    }

    #[test]
    fn a_body_holds_no_byte_that_mail_forbids() {
        let check = |body: &str, is_encoded: bool| {
            let mut out = Vec::new();
            text("text/plain", body, &mut out).unwrap();
            assert!(!out.contains(&0), "{body:?}");
            assert!(out.split(|byte| *byte == b'\r').skip(1).all(|rest| rest.starts_with(b"\n")), "{body:?}");
            assert_eq!(String::from_utf8(out).unwrap().contains("base64"), is_encoded, "{body:?}");
        };
        check("one\r\ntwo", false);
        check("one\rtwo", true);
        check("one\r\r\ntwo\r", true);
        check("one\0two", true);
    }
}
