//! The header of a message: what was received, as it was received, and what that lacks made from the item.

use crate::source::{Person, Role, SourceItem};
use mail_builder::headers::Header;
use mail_builder::headers::address::Address;
use mail_builder::headers::date::Date;
use mail_builder::headers::text::Text;
use std::io::{self, Write};

/// Of a received header, at most this much is kept.
const MAX_HEADERS: usize = 1024 * 1024;

/// Writes the header of `item` up to, but without, the fields that describe its body. `received` is its transport header, if any.
///
/// # Errors
/// The destination's.
pub fn write(
    item: &SourceItem,
    received: &str,
    key: u64,
    path: &[u32],
    note: Option<&str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let received = fields(received);
    // Of what may stand once only, the first counts; a value that is not plain ASCII is written anew in the way that mail demands.
    let mut once: Vec<String> = Vec::new();
    let mut head: Vec<u8> = Vec::new();
    for (name, value) in &received {
        let folded = name.to_ascii_lowercase();
        if describes_body(&folded) {
            continue;
        }
        if ONCE.contains(&folded.as_str()) {
            let is_anew = !value.is_ascii() && can_be_made(&folded, item);
            if once.contains(&folded) || is_anew || value.trim().is_empty() {
                continue;
            }
            once.push(folded);
        }
        head.extend_from_slice(name.as_bytes());
        head.push(b':');
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    let lacks = |name: &str| !once.iter().any(|had| had == name);
    if lacks("from")
        && let Some(from) = &item.from
    {
        field("From", &address(from), &mut head);
    }
    for (role, name) in [(Role::To, "To"), (Role::Cc, "Cc"), (Role::Bcc, "Bcc")] {
        let people =
            || item.recipients.iter().filter(move |(r, _)| *r == role).map(|(_, person)| address(person));
        let people: Vec<Address<'static>> =
            if lacks(&name.to_lowercase()) { people().collect() } else { Vec::new() };
        if !people.is_empty() {
            field(name, &Address::new_list(people), &mut head);
        }
    }
    if lacks("subject") {
        field("Subject", &Text::new(line(&item.subject)), &mut head);
    }
    if lacks("date") {
        field("Date", &Date::new(item.date.unwrap_or_default().div_euclid(1000)), &mut head);
        if item.date.is_none() {
            // A message must have a date; that this one has none is said beside it.
            head.extend_from_slice(b"X-Mailscope-Note: the item has no date\r\n");
        }
    }
    if lacks("message-id") {
        let id: String =
            item.message_id.chars().filter(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>')).collect();
        let id = if id.is_empty() {
            let place: Vec<String> = path.iter().map(u32::to_string).collect();
            format!("{key:x}.{}@mailscope.invalid", place.join("."))
        } else {
            id
        };
        head.extend_from_slice(format!("Message-ID: <{id}>\r\n").as_bytes());
    }
    if let Some(note) = note {
        field("X-Mailscope-Note", &Text::new(line(note)), &mut head);
    }
    head.extend_from_slice(b"MIME-Version: 1.0\r\n");
    out.write_all(&head)
}

/// Fields that a header holds once (RFC 5322, 3.6).
const ONCE: [&str; 11] = [
    "from",
    "to",
    "cc",
    "bcc",
    "subject",
    "date",
    "message-id",
    "sender",
    "reply-to",
    "in-reply-to",
    "references",
];

/// Whether the item itself says what this field says.
fn can_be_made(name: &str, item: &SourceItem) -> bool {
    let has = |role| item.recipients.iter().any(|(r, _)| *r == role);
    match name {
        "from" => item.from.is_some(),
        "to" => has(Role::To),
        "cc" => has(Role::Cc),
        "bcc" => has(Role::Bcc),
        "subject" => !item.subject.is_empty(),
        "date" => item.date.is_some(),
        "message-id" => !item.message_id.is_empty(),
        _ => false,
    }
}

fn describes_body(name: &str) -> bool {
    name.starts_with("content-") || name == "mime-version"
}

/// The fields of a header as received: names, and values with their folding. What is no field is left out; an empty line ends it.
fn fields(received: &str) -> Vec<(&str, String)> {
    let mut found: Vec<(&str, String)> = Vec::new();
    let mut kept = 0;
    let mut open = false;
    for part in received.split('\n') {
        let part = part.strip_suffix('\r').unwrap_or(part);
        kept += part.len();
        if kept > MAX_HEADERS {
            break;
        }
        if part.starts_with([' ', '\t']) {
            if let Some((_, value)) = found.last_mut().filter(|_| open && !part.trim().is_empty()) {
                value.push_str("\r\n");
                value.push_str(&visible(part));
            }
            continue;
        }
        if part.is_empty() {
            if found.is_empty() {
                continue;
            }
            break;
        }
        open = false;
        if let Some((name, value)) = part.split_once(':')
            && !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_graphic())
        {
            found.push((name, visible(value)));
            open = true;
        }
    }
    found
}

/// Without control characters, but for tabs.
fn visible(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\t' { ' ' } else { c }).collect()
}

fn field(name: &str, value: &impl Header, out: &mut Vec<u8>) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    value.write_header(out, name.len() + 2);
}

fn address(person: &Person) -> Address<'static> {
    let name = Some(line(&person.name)).filter(|name| !name.is_empty());
    Address::new_address(name, place(&line(&person.address)))
}

/// An address as one: what would end it or begin another stands in quotes.
fn place(address: &str) -> String {
    let behind = address.strip_prefix('"').and_then(|rest| rest.split_once("\"@")).map(|(_, behind)| behind);
    let rest = behind.unwrap_or(address);
    if !rest
        .contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';' | '(' | ')' | '"' | '\\'))
    {
        return address.to_owned();
    }
    format!("\"{}\"", address.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A value must not begin a header of its own.
pub fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stay_within_their_header() {
        assert_eq!(line("a\r\nBcc: b"), "a  Bcc: b");
    }

    #[test]
    fn an_address_is_one() {
        let check = |address: &str, expected: &str| assert_eq!(place(address), expected);
        check("a@x.example", "a@x.example");
        check("zoë@x.example", "zoë@x.example");
        check("\"q u\"@x.example", "\"q u\"@x.example");
        check("a@[IPv6:::1]", "a@[IPv6:::1]");
        check("/O=ORG/CN=USER", "/O=ORG/CN=USER");
        check("", "");
        check("a@x.example, b@x.example", "\"a@x.example, b@x.example\"");
        check("a@x.example>  X: 1", "\"a@x.example>  X: 1\"");
        check("\"a\"@x.example>, <b@x.example", "\"\\\"a\\\"@x.example>, <b@x.example\"");
    }

    fn empty() -> SourceItem {
        SourceItem {
            kind: crate::source::ItemKind::Mail,
            class: String::new(),
            subject: String::new(),
            from: None,
            recipients: Vec::new(),
            date: None,
            size: 0,
            message_id: String::new(),
            mail: crate::source::MailFacts::default(),
            details: Vec::new(),
            text: String::new(),
            embedded_text: String::new(),
            attachments: Vec::new(),
            partial: false,
            damaged: false,
            anomalies: Vec::new(),
        }
    }

    #[test]
    fn what_the_item_does_not_say_is_kept_as_received() {
        let check = |received: &str, from: Option<Person>, expected: &str| {
            let item = SourceItem { from, ..empty() };
            let mut out = Vec::new();
            write(&item, received, 1, &[], None, &mut out).unwrap();
            let text = String::from_utf8(out).unwrap();
            assert!(text.contains(expected), "{text}");
        };
        let person = || Some(Person { name: "Zoë".into(), address: "z@x.example".into() });
        check("Reply-To: Zoë <z@x.example>", None, "Reply-To: Zoë <z@x.example>\r\n");
        check("References: <é@x>", person(), "References: <é@x>\r\n");
        check("From: Zoë <z@x.example>", None, "From: Zoë <z@x.example>\r\n");
        check("From: Zoë <z@x.example>", person(), "From: =?utf-8?");
    }

    #[test]
    fn fields_of_received_headers() {
        let shown = |text: &str| -> Vec<String> {
            fields(text).into_iter().map(|(name, value)| format!("{name}={value}")).collect()
        };
        assert_eq!(
            shown(
                "Microsoft Mail Internet Headers Version 2.0\r\n folded\r\nTo: a,\r\n\tb\r\nX y: z\r\nSubject:c\r\n\r\nBcc: d"
            ),
            ["To= a,\r\n\tb", "Subject=c"]
        );
        assert_eq!(shown("A: b\n \nC: d\u{0}e\n--x\nF:"), ["A= b", "C= d e", "F="]);
        assert_eq!(shown("").len(), 0);
    }
}
