//! An item as an Internet message (RFC 5322 with MIME): headers, all bodies, inline parts, attachments, embedded messages.

use crate::source::{AttachmentFacts, Detail, ItemReader, Person, Role, SourceItem, Version};
use mail_builder::MessageBuilder;
use mail_builder::headers::HeaderType;
use mail_builder::headers::address::Address;
use mail_builder::headers::date::Date;
use mail_builder::headers::message_id::MessageId;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::{BodyPart, MimePart};

/// Embedded messages deeper than this become a note.
const MAX_DEPTH: usize = 32;

/// Writes the item `key` (or the message embedded in it at `path`). Its parts are held in memory one message at a time.
///
/// # Errors
/// A sentence, when the item cannot be read. An attachment that cannot be read is replaced by a note that says so.
pub fn eml(reader: &mut dyn ItemReader, key: u64, version: Version, path: &[u32]) -> Result<Vec<u8>, String> {
    let detail = reader.detail(key, version, path)?;
    let Some(item) = &detail.item else { return Err("the item has no content".into()) };
    let mut message = headers(item, key, path);
    message = message.body(body(reader, key, version, path, item, &detail));
    message.write_to_vec().map_err(|error| error.to_string())
}

fn headers<'x>(item: &'x SourceItem, key: u64, path: &[u32]) -> MessageBuilder<'x> {
    let mut message = MessageBuilder::new().subject(line(&item.subject));
    if let Some(from) = &item.from {
        message = message.from(address(from));
    }
    for (role, name) in [(Role::To, "To"), (Role::Cc, "Cc"), (Role::Bcc, "Bcc")] {
        let people: Vec<Address<'_>> =
            item.recipients.iter().filter(|(r, _)| *r == role).map(|(_, person)| address(person)).collect();
        if !people.is_empty() {
            message = message.header(name, HeaderType::Address(Address::new_list(people)));
        }
    }
    match item.date {
        Some(date) => message = message.date(Date::new(date.div_euclid(1000))),
        // A message must have a date; that this one has none is said beside it.
        None => {
            message = message
                .date(Date::new(0))
                .header("X-Mailscope-Note", HeaderType::Raw(Raw::new("the item has no date")));
        }
    }
    let id = line(item.message_id.trim().trim_start_matches('<').trim_end_matches('>'));
    let id = if id.is_empty() {
        let place: Vec<String> = path.iter().map(u32::to_string).collect();
        format!("{key:x}.{}@mailscope.invalid", place.join("."))
    } else {
        id
    };
    message.header("Message-ID", HeaderType::MessageId(MessageId::new(id)))
}

fn body<'x>(
    reader: &mut dyn ItemReader,
    key: u64,
    version: Version,
    path: &[u32],
    item: &'x SourceItem,
    detail: &'x Detail,
) -> MimePart<'x> {
    let text = || MimePart::new("text/plain", BodyPart::Text(item.text.as_str().into()));
    let content = match &detail.html {
        Some(html) => MimePart::new(
            "multipart/alternative",
            BodyPart::Multipart(vec![
                text(),
                MimePart::new("text/html", BodyPart::Text(html.as_str().into())),
            ]),
        ),
        None => text(),
    };
    let direct = item.attachments.iter().filter(|facts| facts.path.len() == path.len() + 1);
    let (inline, attached): (Vec<_>, Vec<_>) = direct.partition(|facts| facts.inline);
    let mut content = content;
    if !inline.is_empty() {
        let mut parts = vec![content];
        parts.extend(inline.into_iter().map(|facts| part(reader, key, version, facts)));
        content = MimePart::new("multipart/related", BodyPart::Multipart(parts));
    }
    if attached.is_empty() {
        return content;
    }
    let mut parts = vec![content];
    parts.extend(attached.into_iter().map(|facts| part(reader, key, version, facts)));
    MimePart::new("multipart/mixed", BodyPart::Multipart(parts))
}

fn part(
    reader: &mut dyn ItemReader,
    key: u64,
    version: Version,
    facts: &AttachmentFacts,
) -> MimePart<'static> {
    let name = line(&facts.name);
    let content = if facts.method == "message" {
        if facts.path.len() > MAX_DEPTH {
            Err("embedded too deep".to_owned())
        } else {
            // Written as it is: RFC 2046 allows no base64 for a whole message.
            eml(reader, key, version, &facts.path).map(|bytes| {
                MimePart::new("message/rfc822", BodyPart::Binary(bytes.into())).transfer_encoding("8bit")
            })
        }
    } else {
        let mut bytes = Vec::new();
        reader
            .attachment(key, &facts.path, &mut bytes)
            .map(|_| MimePart::new(mime_type(&facts.mime_type), BodyPart::Binary(bytes.into())))
    };
    let part = match content {
        Ok(part) => part,
        Err(reason) => {
            let note = format!("This attachment could not be read: {reason}");
            return MimePart::new("text/plain", BodyPart::Text(note.into()))
                .attachment(format!("{name}.unreadable.txt"));
        }
    };
    let cid = line(&facts.content_id);
    let part = if cid.is_empty() { part } else { part.cid(cid) };
    if facts.inline { part.inline() } else { part.attachment(name) }
}

fn mime_type(stated: &str) -> String {
    let token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-' | '_');
    match stated.split_once('/') {
        Some((kind, sub))
            if !kind.is_empty() && !sub.is_empty() && kind.chars().all(token) && sub.chars().all(token) =>
        {
            // A part of these kinds would be read as structure.
            if kind.eq_ignore_ascii_case("multipart") || kind.eq_ignore_ascii_case("message") {
                "application/octet-stream".into()
            } else {
                stated.to_ascii_lowercase()
            }
        }
        _ => "application/octet-stream".into(),
    }
}

fn address(person: &Person) -> Address<'static> {
    let name = Some(line(&person.name)).filter(|name| !name.is_empty());
    Address::new_address(name, line(&person.address))
}

/// A value must not begin a header of its own.
fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stay_within_their_header() {
        assert_eq!(line("a\r\nBcc: b"), "a  Bcc: b");
        for (stated, expected) in [
            ("image/PNG", "image/png"),
            ("", "application/octet-stream"),
            ("text/html; charset=x\r\nX: y", "application/octet-stream"),
            ("multipart/mixed", "application/octet-stream"),
            ("message/rfc822", "application/octet-stream"),
        ] {
            assert_eq!(mime_type(stated), expected, "{stated:?}");
        }
    }
}
