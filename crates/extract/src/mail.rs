//! Mail as it travels (RFC 5322, MIME): EML and MHT.

use crate::html;
use crate::work::Work;
use mail_parser::{Address, Message, MessageParser, MimeHeaders as _, PartType};

/// Messages lie in each other no deeper than this.
const DEEPEST: u32 = 8;

/// Adds the text of a message and of what is attached to it.
pub fn read(work: &mut Work<'_>, bytes: &[u8]) {
    match MessageParser::default().parse(bytes) {
        Some(message) => add(work, &message, 0),
        None => work.push(&crate::plain::decode(bytes)),
    }
}

fn add(work: &mut Work<'_>, message: &Message<'_>, depth: u32) {
    work.push(message.subject().unwrap_or_default());
    work.line();
    for people in [message.from(), message.to(), message.cc()].into_iter().flatten() {
        person(work, people);
    }
    for (number, part) in message.parts.iter().enumerate() {
        if work.is_full() {
            return;
        }
        if !work.entry() {
            work.note("", "it holds more parts than are looked at");
            return;
        }
        // Of a text that stands there twice, as plain text and as HTML, the plain one is enough.
        let shown = u32::try_from(number)
            .is_ok_and(|number| message.text_body.contains(&number) || !message.html_body.contains(&number));
        match &part.body {
            PartType::Text(text) if shown => work.push(text),
            PartType::Html(page) if shown => work.push(&html::to_text(page, work.room())),
            PartType::Binary(content) | PartType::InlineBinary(content) => {
                let name = part.attachment_name().unwrap_or_default();
                work.line();
                work.push(name);
                work.nested(name, "", content);
            }
            PartType::Message(inner) if depth < DEEPEST => add(work, inner, depth + 1),
            PartType::Message(_) => {
                work.note("", "messages in it lie too deep in each other to be looked at")
            }
            PartType::Text(_) | PartType::Html(_) | PartType::Multipart(_) => {}
        }
        work.line();
    }
}

fn person(work: &mut Work<'_>, people: &Address<'_>) {
    for person in people.iter() {
        for word in [person.name(), person.address()].into_iter().flatten() {
            work.push(word);
            work.space();
        }
    }
    work.line();
}
