//! Items of a PST as the engine's plain data.

use super::export::Stored;
use super::{PstSource, details, headers, values};
use crate::source::{
    AttachmentFacts, Detail, DetailLine, Entry, InlinePart, ItemKind, ItemReader, MailFacts, Person,
    Protection, Role, SourceItem, Version,
};
use crate::text::html;
use base64::Engine as _;
use mailscope_pst::messaging::details::Smime;
use mailscope_pst::write::StoredMessage;
use mailscope_pst::{
    Address, Anomaly, Attachment, AttachmentMethod, Bodies, FileTime, Item, ItemError, ItemKind as PstKind,
    NodeId, ReadError, Reader, RecipientKind,
};
use std::io::{Read, Write};

/// Of each body, at most this much is read.
const MAX_BODY: usize = 32 * 1024 * 1024;
/// Of the texts of embedded messages together, at most this much is read.
const MAX_EMBEDDED: usize = 16 * 1024 * 1024;
/// Inline pictures of a message that is shown, all together.
const MAX_INLINE: u64 = 16 * 1024 * 1024;
/// Of each property's value, at most this much is read to be listed.
const MAX_VALUE: usize = 16 * 1024;
/// Of the ids of earlier messages, at most so many are kept, the newest of them.
const MAX_REFERENCES: usize = 64;
/// A conversation index of more bytes than this (a thousand answers) is none.
const MAX_CONVERSATION_INDEX: usize = 22 + 5 * 1000;
/// An id of more bytes than this is none.
const MAX_ID: usize = 1000;
/// mfRead of PidTagMessageFlags ([MS-OXCMSG] 2.2.1.6).
const MSGFLAG_READ: u32 = 1;
/// Times beyond the year 9999 are marks for "none".
const LAST_TIME: i64 = 253_402_300_800_000;

/// What was odd about an item.
#[derive(Default)]
struct Odd {
    words: Vec<String>,
    /// Whether any of it comes from damage.
    damaged: bool,
}

impl Odd {
    fn add(&mut self, anomalies: &[Anomaly]) {
        self.words.extend(anomalies.iter().map(ToString::to_string));
        self.damaged |= anomalies.iter().any(Anomaly::is_damage);
    }

    fn fail(&mut self, error: &ItemError) {
        self.words.push(error.to_string());
        self.damaged = true;
    }
}

/// Reads items of one file on one thread.
pub struct PstReader<'a> {
    source: &'a PstSource,
    reader: Reader<'a>,
    /// Whether the trees of the file that `reader` reads were gone through.
    is_checked: bool,
    cache_bytes: usize,
}

impl<'a> PstReader<'a> {
    pub(super) fn new(source: &'a PstSource, cache_bytes: usize) -> Self {
        let reader = source.file.reader_with_cache(cache_bytes);
        Self { source, reader, is_checked: source.is_checked, cache_bytes }
    }

    /// Reads something, and where it or a part of it cannot be had once more with what [`Self::look_closer`] finds.
    fn thoroughly<T>(&mut self, mut read: impl FnMut(&mut Self) -> Result<T, String>) -> Result<T, String> {
        let found = read(self);
        if found.is_ok() && !self.reader.missed_something() || !self.look_closer() {
            return found;
        }
        read(self)
    }

    /// Goes through the file's trees, if that was not done yet: what a broken page named may lie elsewhere. Gives whether it is worth
    /// another try.
    fn look_closer(&mut self) -> bool {
        if self.is_checked {
            return false;
        }
        let Some(file) = self.source.checked() else { return false };
        (self.reader, self.is_checked) = (file.reader_with_cache(self.cache_bytes), true);
        true
    }

    fn copy(&mut self, node: NodeId, path: &[NodeId], out: &mut dyn Write) -> Result<u64, String> {
        let mut content = self.reader.attachment(node, path).map_err(|error| error.to_string())?;
        std::io::copy(&mut content, out).map_err(|error| error.to_string())
    }

    /// As [`Self::version_now`].
    fn version(&mut self, node: NodeId, row: bool) -> Result<Version, String> {
        self.thoroughly(|own| own.version_now(node, row))
    }

    /// The version of an item that is there: named by the file, or still to be recovered, which takes looking for what was deleted
    /// the first time. An item of which only a row is left (`row` says that this will do) has none.
    fn version_now(&mut self, node: NodeId, row: bool) -> Result<Version, String> {
        let found = match self.reader.node(node) {
            Err(ReadError::Missing(_)) if row && self.reader.item(node).is_ok_and(|item| item.from_row) => {
                return Ok(Version::default());
            }
            Err(ReadError::Missing(_)) if self.is_checked => {
                self.reader.file().recovery().map_err(|error| error.to_string())?;
                self.reader.node(node)
            }
            found => found,
        };
        let now = found.map_err(|error| error.to_string())?;
        Ok(Version { data: now.data.0, sub: now.sub.0 })
    }

    /// What an item of its kind says beyond a message. Plain mail is not opened again for it.
    fn details(&mut self, node: NodeId, path: &[NodeId], kind: PstKind, odd: &mut Odd) -> Vec<DetailLine> {
        if matches!(
            kind,
            PstKind::Mail | PstKind::Post | PstKind::Document | PstKind::Recall | PstKind::Other
        ) {
            return Vec::new();
        }
        match self.reader.embedded_details(node, path) {
            Ok((found, anomalies)) => {
                odd.add(&anomalies);
                details::lines(&found)
            }
            Err(error) => {
                odd.fail(&error);
                Vec::new()
            }
        }
    }

    /// An item, or the message embedded in it, with its bodies.
    fn load(&mut self, node: NodeId, path: &[NodeId]) -> Result<(Item, Bodies), String> {
        let loaded = if path.is_empty() {
            self.reader.item_with_bodies(node, MAX_BODY)
        } else {
            self.reader
                .embedded(node, path)
                .and_then(|item| Ok((item, self.reader.embedded_bodies(node, path, MAX_BODY)?)))
        };
        loaded.map_err(|error| error.to_string())
    }

    /// What is shown of an item, or of the message embedded in it.
    fn detail_now(&mut self, node: NodeId, path: &[NodeId]) -> Result<Detail, String> {
        let (item, bodies) = self.load(node, path)?;
        let html = bodies.best_html();
        let inline = if html.is_some() { self.inline_parts(node, &item.attachments) } else { Vec::new() };
        let headers = item.headers.clone();
        let properties = self
            .reader
            .embedded_properties(node, path, MAX_VALUE)
            .map(|properties| properties.iter().map(values::line).collect())
            .unwrap_or_default();
        let mut details = self.details(node, path, item.kind, &mut Odd::default());
        details.extend(details::beside(&item));
        let item = SourceItem { details, ..Self::source_item(item, &bodies) };
        Ok(Detail { item: Some(item), html, headers, inline, properties })
    }

    /// The item in the engine's words, without the text of the messages embedded in it.
    fn source_item(item: Item, bodies: &Bodies) -> SourceItem {
        let mut odd = Odd::default();
        odd.add(&item.anomalies);
        odd.add(&bodies.anomalies);
        let mut attachments = Vec::new();
        collect(&item.attachments, &mut attachments);
        let text = text_of(bodies);
        let from = sender(&item);
        let mail = mail_facts(&item);
        let message_id = or_header(&item.message_id, &item, "Message-ID");
        let size =
            item.size.map_or(text.len() as u64 + attachments.iter().map(|a| a.size).sum::<u64>(), u64::from);
        SourceItem {
            kind: kind(item.kind),
            recipients: recipients(&item),
            date: item.date().and_then(millis),
            subject: item.subject,
            class: item.class,
            from,
            size,
            message_id,
            mail,
            details: Vec::new(),
            text,
            embedded_text: String::new(),
            attachments,
            partial: item.from_row,
            damaged: odd.damaged,
            anomalies: odd.words,
        }
    }

    /// What the embedded messages say, so that a search finds the item that carries them.
    fn embedded_text(&mut self, node: NodeId, attachments: &[Attachment], out: &mut String, odd: &mut Odd) {
        for attachment in attachments {
            let Some(item) = &attachment.embedded else { continue };
            if out.len() >= MAX_EMBEDDED {
                odd.words.push("Embedded messages hold more text than is searchable.".into());
                return;
            }
            let people = recipients(item).into_iter().map(|(_, person)| person).chain(sender(item));
            let names: Vec<String> =
                people.map(|person| format!("{} {}", person.name, person.address)).collect();
            for line in [item.subject.as_str(), &names.join("; ")] {
                out.push_str(line.trim());
                out.push('\n');
            }
            match self.reader.embedded_bodies(node, &attachment.path, MAX_BODY) {
                Ok(bodies) => {
                    out.push_str(&text_of(&bodies));
                    out.push('\n');
                }
                Err(error) => odd.fail(&error),
            }
            for line in self.details(node, &attachment.path, item.kind, odd) {
                line.words(out);
            }
            odd.add(&item.anomalies);
            self.embedded_text(node, &item.attachments, out, odd);
        }
    }

    /// The pictures that HTML refers to.
    fn inline_parts(&mut self, node: NodeId, attachments: &[Attachment]) -> Vec<InlinePart> {
        let mut left = MAX_INLINE;
        let mut parts = Vec::new();
        for attachment in attachments.iter().filter(|a| !a.content_id.is_empty() && a.size <= MAX_INLINE) {
            let mut bytes = Vec::new();
            let read =
                self.reader.attachment(node, &attachment.path).map_err(|error| error.to_string()).and_then(
                    |content| content.take(left).read_to_end(&mut bytes).map_err(|error| error.to_string()),
                );
            if let Err(reason) = read {
                tracing::debug!(%reason, "inline part unreadable");
                continue;
            }
            left -= bytes.len() as u64;
            let content_id = content_id(&attachment.content_id);
            parts.push(InlinePart { content_id, mime_type: attachment.mime_type.clone(), bytes });
        }
        parts
    }
}

impl ItemReader for PstReader<'_> {
    fn read(&mut self, entry: &Entry) -> Result<SourceItem, String> {
        let node = node(entry.key)?;
        let (item, bodies) = self.load(node, &[])?;
        let (mut embedded_text, mut odd) = (String::new(), Odd::default());
        self.embedded_text(node, &item.attachments, &mut embedded_text, &mut odd);
        let details = if item.from_row { Vec::new() } else { self.details(node, &[], item.kind, &mut odd) };
        let beside = details::beside(&item);
        let mut read = Self::source_item(item, &bodies);
        read.details = details;
        read.details.extend(beside);
        read.embedded_text = embedded_text;
        read.damaged |= odd.damaged || self.source.is_doubtful;
        read.anomalies.append(&mut odd.words);
        Ok(read)
    }

    fn detail(&mut self, key: u64, version: Version, path: &[u32]) -> Result<Detail, String> {
        let node = node(key)?;
        if self.version(node, version == Version::default())? != version {
            return Err("The file has changed since it was imported.".into());
        }
        let path: Vec<NodeId> = path.iter().copied().map(NodeId).collect();
        self.thoroughly(|own| own.detail_now(node, &path))
    }

    fn stored(&mut self, key: u64, path: &[u32], left: &mut u64) -> Result<Stored, String> {
        let path: Vec<NodeId> = path.iter().copied().map(NodeId).collect();
        let (node, most) = (node(key)?, *left);
        let read = |own: &mut Self| {
            *left = most;
            own.reader.stored_message(node, &path, left).map_err(|error| error.to_string())
        };
        self.thoroughly(read).map(Stored)
    }

    fn stored_attachment(&mut self, key: u64, path: &[u32], left: &mut u64) -> Result<Stored, String> {
        let path: Vec<NodeId> = path.iter().copied().map(NodeId).collect();
        let (node, most) = (node(key)?, *left);
        let read = |own: &mut Self| {
            *left = most;
            own.reader.stored_attachment(node, &path, left).map_err(|error| error.to_string())
        };
        let own = self.thoroughly(read)?;
        Ok(Stored(StoredMessage { own, recipients: Vec::new() }))
    }

    fn is_unchanged(&mut self, key: u64, version: Version) -> Result<bool, String> {
        Ok(self.version(node(key)?, version == Version::default())? == version)
    }

    fn attachment(&mut self, key: u64, path: &[u32], out: &mut dyn Write) -> Result<u64, String> {
        let path: Vec<NodeId> = path.iter().copied().map(NodeId).collect();
        let node = node(key)?;
        self.version(node, false)?;
        let mut out = Once { out, written: 0, again: 0, refused: false };
        let copied = self.copy(node, &path, &mut out);
        let is_well = copied.is_ok() && !self.reader.missed_something();
        if is_well || out.refused || !self.look_closer() {
            return copied;
        }
        out.again = out.written;
        self.copy(node, &path, &mut out)
    }
}

/// Writes what is read a second time only from where the first time ended.
struct Once<'a> {
    out: &'a mut dyn Write,
    written: u64,
    /// Bytes that come again.
    again: u64,
    /// Whether it is `out` that failed.
    refused: bool,
}

impl Write for Once<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let known = usize::try_from(self.again).unwrap_or(usize::MAX).min(bytes.len());
        if known > 0 {
            self.again -= known as u64;
            return Ok(known);
        }
        let written = self.out.write(bytes).inspect_err(|_| self.refused = true)?;
        self.written += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

fn node(key: u64) -> Result<NodeId, String> {
    u32::try_from(key).map(NodeId).map_err(|_| format!("{key:#x} is no node id"))
}

fn text_of(bodies: &Bodies) -> String {
    let from_html = || bodies.best_html().map(|page| html::to_text(&page, MAX_BODY));
    bodies.best_text().or_else(from_html).unwrap_or_default()
}

/// The property, or else the field of the transport headers that it is made from.
fn or_header(property: &str, item: &Item, name: &str) -> String {
    if property.trim().is_empty() { headers::field(&item.headers, name) } else { property.to_owned() }
}

/// PidTagConversationIndex, or else the field `Thread-Index`, which carries the same ([MS-OXCMAIL] 2.2.3.2.6).
fn conversation_index(item: &Item) -> Vec<u8> {
    let index = if item.conversation_index.is_empty() {
        let field: String = headers::field(&item.headers, "Thread-Index").split_whitespace().collect();
        base64::engine::general_purpose::STANDARD.decode(field).unwrap_or_default()
    } else {
        item.conversation_index.clone()
    };
    if index.len() <= MAX_CONVERSATION_INDEX { index } else { Vec::new() }
}

fn mail_facts(item: &Item) -> MailFacts {
    let level = |value: i32, most: u8| u8::try_from(value).ok().filter(|value| *value <= most);
    let named = or_header(&item.references, item, "References");
    let mut references: Vec<String> = ids(&named).map(str::to_owned).collect();
    references.drain(..references.len().saturating_sub(MAX_REFERENCES));
    MailFacts {
        unread: item.flags & MSGFLAG_READ == 0,
        flag: level(item.flag_status, 2).unwrap_or(0),
        importance: level(item.importance, 2).unwrap_or(1),
        sensitivity: level(item.sensitivity, 3).unwrap_or(0),
        protection: match Smime::of(&item.class) {
            Some(Smime::Opaque) => Protection::Encrypted,
            Some(Smime::ClearSigned) => Protection::Signed,
            None => Protection::None,
        },
        in_reply_to: ids(&or_header(&item.in_reply_to, item, "In-Reply-To"))
            .next()
            .unwrap_or_default()
            .to_owned(),
        references,
        topic: item.conversation_topic.clone(),
        conversation_index: conversation_index(item),
        sender_zone: headers::zone_of_date(&headers::field(&item.headers, "Date")),
    }
}

/// The message ids of a header, without their brackets.
fn ids(header: &str) -> impl Iterator<Item = &str> {
    header
        .split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | ','))
        .filter(|id| !id.is_empty() && id.len() <= MAX_ID)
}

fn collect(attachments: &[Attachment], out: &mut Vec<AttachmentFacts>) {
    for attachment in attachments {
        let name = match &attachment.embedded {
            Some(item) if attachment.name.is_empty() => &item.subject,
            _ => &attachment.name,
        };
        out.push(AttachmentFacts {
            path: attachment.path.iter().map(|node| node.0).collect(),
            name: if name.is_empty() { "Untitled".into() } else { name.clone() },
            size: attachment.size,
            mime_type: attachment.mime_type.clone(),
            method: match attachment.method {
                AttachmentMethod::ByReference(_) => "reference",
                AttachmentMethod::Embedded => "message",
                AttachmentMethod::Ole => "ole",
                AttachmentMethod::None | AttachmentMethod::ByValue | AttachmentMethod::Other(_) => "file",
            },
            inline: attachment.inline,
            content_id: content_id(&attachment.content_id),
        });
        if let Some(item) = &attachment.embedded {
            collect(&item.attachments, out);
        }
    }
}

fn content_id(stored: &str) -> String {
    stored.trim().trim_start_matches('<').trim_end_matches('>').to_owned()
}

fn person(address: &Address) -> Person {
    let mail = address.smtp.clone().unwrap_or_else(|| address.address.clone());
    Person { name: address.name.trim().to_owned(), address: mail }
}

fn sender(item: &Item) -> Option<Person> {
    [&item.sender, &item.representing].into_iter().find(|address| !address.is_empty()).map(person)
}

/// The table's recipients; where there is none, those that the display lists name.
fn recipients(item: &Item) -> Vec<(Role, Person)> {
    let listed: Vec<(Role, Person)> = item
        .recipients
        .iter()
        .filter(|recipient| recipient.kind != RecipientKind::Originator)
        .map(|recipient| {
            let role = match recipient.kind {
                RecipientKind::Cc => Role::Cc,
                RecipientKind::Bcc => Role::Bcc,
                _ => Role::To,
            };
            (role, person(&recipient.who))
        })
        .collect();
    if !listed.is_empty() {
        return listed;
    }
    let shown = [(Role::To, &item.display_to), (Role::Cc, &item.display_cc), (Role::Bcc, &item.display_bcc)];
    let names = |(role, line): (Role, &String)| -> Vec<(Role, Person)> {
        let split = line.split(';').map(str::trim).filter(|name| !name.is_empty());
        split.map(|name| (role, Person { name: name.to_owned(), address: String::new() })).collect()
    };
    shown.into_iter().flat_map(names).collect()
}

pub(super) fn millis(time: FileTime) -> Option<i64> {
    let millis = time.unix_millis();
    (time.0 != 0 && millis < LAST_TIME).then_some(millis)
}

fn kind(kind: PstKind) -> ItemKind {
    match kind {
        PstKind::Mail | PstKind::Recall => ItemKind::Mail,
        PstKind::Appointment => ItemKind::Appointment,
        PstKind::Meeting => ItemKind::Meeting,
        PstKind::Contact => ItemKind::Contact,
        PstKind::DistributionList => ItemKind::DistList,
        PstKind::Task | PstKind::TaskRequest => ItemKind::Task,
        PstKind::Note => ItemKind::Note,
        PstKind::Journal => ItemKind::Journal,
        PstKind::Post => ItemKind::Post,
        PstKind::Report => ItemKind::Report,
        PstKind::Document => ItemKind::Document,
        PstKind::Other => ItemKind::Other,
    }
}
