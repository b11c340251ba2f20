//! From an item of a file to what the library keeps and indexes. Runs on the workers; everything costly happens here.

use super::parts::Parts;
use crate::fields::{State, TextField};
use crate::index::{Counted, Document};
use crate::language;
use crate::relations::Clues;
use crate::source::{DetailLine, DetailValue, Entry, Person, Role, SourceItem};
use crate::store::{NewItem, PersonRow, StoredText};
use crate::text::compress::compress;
use crate::weight::Weight;

/// Of a body, at most this much is kept and indexed.
const MAX_BODY: usize = 16 * 1024 * 1024;
/// In milliseconds.
const DAY: i64 = 86_400_000;

/// An item ready to be written.
pub struct Prepared {
    /// For SQLite.
    pub item: NewItem,
    /// For the index.
    pub document: Document,
    /// About how much memory both take.
    pub bytes: usize,
}

/// Makes an item ready.
pub fn prepare(entry: &Entry, mut source: SourceItem) -> Prepared {
    if cut(&mut source.text) {
        source
            .anomalies
            .push(format!("Body longer than {MAX_BODY} bytes: the rest is neither kept nor searchable."));
    }
    if cut(&mut source.embedded_text) {
        source
            .anomalies
            .push(format!("Embedded text longer than {MAX_BODY} bytes: the rest is not searchable."));
    }
    let from = source.from.clone().unwrap_or_default();
    let sameness = sameness(&source, &from);
    let details = details(&source);
    // Found with the item, and told apart from its text: what its kind says beyond a message, and embedded messages.
    let mut beyond = String::new();
    source.details.iter().for_each(|line| line.words(&mut beyond));
    beyond.push_str(&source.embedded_text);
    source.embedded_text = beyond;
    let (text, embedded_text) = (compress(&source.text), compress(&source.embedded_text));
    let visible = source.attachments.iter().any(|a| !a.inline && a.path.len() == 1);
    let counted = Counted::of(&from, source.recipients.iter().map(|(_, person)| person), &source.attachments);
    let language = language::of_item(&source.subject, &source.text);
    let texts = Texts {
        subject: &source.subject,
        from: &from,
        recipients: source.recipients.iter().map(|(role, person)| (*role, person)),
        filenames: source.attachments.iter().map(|a| a.name.as_str()),
        body: std::mem::take(&mut source.text),
        embedded: std::mem::take(&mut source.embedded_text),
        // They are read when the mail is searchable.
        attached: String::new(),
        details: &source.details,
    }
    .into_fields();
    let document = Document {
        texts,
        date: source.date,
        size: source.size,
        kind: Some(source.kind),
        has_attachment: visible,
        states: State::of(&source.mail),
        language,
        sender_zone: source.mail.sender_zone,
        due: due(&source.details),
        counted,
    };
    let item = NewItem {
        key: entry.key,
        version: entry.version,
        recovered: entry.recovered,
        kind: source.kind,
        class: source.class,
        subject: source.subject,
        from,
        recipients: source.recipients,
        date: source.date,
        size: source.size,
        message_id: source.message_id,
        mail: source.mail,
        sameness,
        clues: Clues::default(),
        details,
        attachments: source.attachments,
        text,
        embedded_text,
        partial: source.partial,
        damaged: source.damaged,
        anomalies: source.anomalies,
    }
    .with_clues();
    let bytes = document.bytes() + item.bytes();
    Prepared { item, document, bytes }
}

/// The day by which a task is to be done, or what a flag stands for, counted from 1970.
fn due(details: &[DetailLine]) -> Option<i64> {
    details.iter().find_map(|line| match (line.key.as_str(), &line.value) {
        ("due" | "flag.due", DetailValue::Day(day)) => Some(day.div_euclid(DAY)),
        _ => None,
    })
}

/// The lines as they are kept; nothing where there are none.
fn details(source: &SourceItem) -> Vec<u8> {
    if source.details.is_empty() {
        return Vec::new();
    }
    // Plain data always becomes JSON.
    serde_json::to_string(&source.details).map(|lines| compress(&lines)).unwrap_or_default()
}

/// A digest of what an item says: two items that say the same have the same, wherever and however they are stored. It covers class,
/// sender, recipients, subject, time to the second, the words of the text, names and sizes of attachments, and what an item of its kind
/// says beyond a message.
fn sameness(item: &SourceItem, from: &Person) -> [u8; 16] {
    let mut digest = Parts::of_about(item.text.len() + 512);
    digest.part(&item.class.to_ascii_lowercase());
    digest.part(&who(from));
    let mut people: Vec<String> =
        item.recipients.iter().map(|(role, person)| format!("{} {}", *role as u8, who(person))).collect();
    people.sort_unstable();
    people.iter().for_each(|person| digest.part(person));
    digest.part("");
    digest.part(item.subject.trim());
    digest.part(&item.date.map_or_else(String::new, |date| date.div_euclid(1000).to_string()));
    digest.words(&item.text);
    digest.part("");
    let mut files: Vec<String> = item
        .attachments
        .iter()
        .filter(|file| file.path.len() == 1)
        .map(|file| format!("{} {} {}", file.method, file.size, file.name))
        .collect();
    files.sort_unstable();
    files.iter().for_each(|file| digest.part(file));
    // A contact says who with a name, and how with its lines.
    digest.part("");
    // What its owner put it under, and when to come back to it, is no part of what it says.
    let said: Vec<&DetailLine> =
        item.details.iter().filter(|line| !matches!(line.key.as_str(), "category" | "flag.due")).collect();
    digest.part(&serde_json::to_string(&said).unwrap_or_default());
    digest.finish()
}

/// The address where there is one: names of the same person differ from store to store.
fn who(person: &Person) -> String {
    if person.address.is_empty() { person.name.to_lowercase() } else { person.address.to_lowercase() }
}

/// The document of an item that the library holds already; `attached` is the text of its files.
pub fn document_of(stored: StoredText, attached: String) -> Document {
    let counted = Counted::of(&stored.from, stored.recipients.iter().map(|r| &r.person), &stored.attachments);
    let language = language::of_item(&stored.subject, &stored.text);
    let texts = Texts {
        subject: &stored.subject,
        from: &stored.from,
        recipients: stored.recipients.iter().map(|PersonRow { role, person }| (*role, person)),
        filenames: stored.attachments.iter().map(|a| a.name.as_str()),
        body: stored.text,
        embedded: stored.embedded,
        attached,
        details: &stored.details,
    }
    .into_fields();
    Document {
        texts,
        date: stored.date,
        size: stored.size,
        kind: Some(stored.kind),
        has_attachment: stored.has_attachments,
        states: State::of(&stored.mail),
        language,
        sender_zone: stored.mail.sender_zone,
        due: due(&stored.details),
        counted,
    }
}

struct Texts<'a, R, F> {
    subject: &'a str,
    from: &'a Person,
    recipients: R,
    filenames: F,
    body: String,
    embedded: String,
    attached: String,
    details: &'a [DetailLine],
}

impl<'a, R: Iterator<Item = (Role, &'a Person)>, F: Iterator<Item = &'a str>> Texts<'a, R, F> {
    fn into_fields(self) -> Vec<(TextField, String)> {
        let mut texts = vec![(TextField::Subject, self.subject.to_owned())];
        let person = |person: &Person| match (person.name.is_empty(), person.address.is_empty()) {
            (false, false) if person.name != person.address => format!("{} {}", person.name, person.address),
            (true, _) => person.address.clone(),
            _ => person.name.clone(),
        };
        texts.push((TextField::From, person(self.from)));
        for (role, recipient) in self.recipients {
            let field = match role {
                Role::To => TextField::To,
                Role::Cc => TextField::Cc,
                Role::Bcc => TextField::Bcc,
            };
            texts.push((field, person(recipient)));
        }
        texts.extend(self.filenames.map(|name| (TextField::Filename, name.to_owned())));
        texts.push((TextField::Body, self.body));
        texts.push((TextField::Body, self.embedded));
        texts.push((TextField::Attached, self.attached));
        for DetailLine { key, value } in self.details {
            let field = match key.as_str() {
                "category" => TextField::Category,
                "company" => TextField::Company,
                _ => continue,
            };
            if let DetailValue::Text(text) = value {
                texts.push((field, text.clone()));
            }
        }
        texts.retain(|(_, text)| !text.is_empty());
        texts
    }
}

fn cut(text: &mut String) -> bool {
    if text.len() <= MAX_BODY {
        return false;
    }
    let mut end = MAX_BODY;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    true
}
