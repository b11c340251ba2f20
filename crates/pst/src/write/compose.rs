//! Turns a message into its node: properties, recipients, attachments ([MS-PST] 2.4.5, 2.4.6).

use std::io::{Seek, Write};

use super::{
    blocks::{BlockStore, NodeBody, SubNode},
    contexts::{Column, SubNodes, Table, write_properties},
    error::{Doing, Result, WriteError, narrow},
    message::{Content, NewAttachment, NewMessage, Person, Recipient, RecipientLine, one_off_entry_id},
    names::{NameMap, PropertyKey},
    rtf::stored_rtf,
    schema,
    stored::StoredMessage,
    tags::*,
    value::{FileTime, Properties, Stored, TYPE_BINARY, TYPE_OBJECT, TextForm, Value},
};
use crate::ndb::ids::{NidType, NodeId};

/// Levels of embedded messages that are written. Readers stop not far beyond.
const DEEPEST: usize = 64;
/// `ATTACH_BY_VALUE`
const BY_VALUE: i32 = 1;
/// `ATTACH_EMBEDDED_MSG`
const EMBEDDED: i32 = 5;
/// `ATTACH_OLE`
const OLE: i32 = 6;
const UTF8_CODEPAGE: i32 = 65001;
/// `mfRead`, `mfHasAttach`, `mfFAI` ([MS-OXCMSG] 2.2.1.6)
const READ: i32 = 0x01;
const HAS_ATTACHMENT: i32 = 0x10;
const ASSOCIATED: i32 = 0x40;
/// Columns of a table are counted in a byte, and two are in every table.
const MOST_COLUMNS: usize = 250;

/// What all messages of a file share.
pub(crate) struct Composer {
    pub form: TextForm,
    pub codepage: u16,
    pub names: NameMap,
    pub record_key: [u8; 16],
    pub created: FileTime,
    /// Messages written so far; makes search keys unique.
    pub serial: u32,
}

/// A message in the file: its node, and the properties that tables repeat.
pub(crate) struct Composed {
    pub body: NodeBody,
    pub properties: Properties,
    pub unread: bool,
}

impl Composer {
    /// Writes a message with all that is in it.
    pub fn message<W: Write + Seek>(
        &mut self,
        store: &mut BlockStore<W>,
        message: &NewMessage,
        hidden: bool,
    ) -> Result<Composed> {
        self.message_at(store, message, hidden, 0)
    }

    fn message_at<W: Write + Seek>(
        &mut self,
        store: &mut BlockStore<W>,
        message: &NewMessage,
        hidden: bool,
        depth: usize,
    ) -> Result<Composed> {
        if depth > DEEPEST {
            return Err(WriteError::TooDeep(DEEPEST));
        }
        self.serial += 1;
        let mut properties = self.own_properties(message, hidden)?;
        let mut inside = SubNodes::default();
        let body = match &message.copy {
            Some(copy) => self.recipient_rows(store, &copy.recipients)?,
            None => self.recipients(store, &message.recipients)?,
        };
        inside.nodes.push(SubNode { nid: NodeId::RECIPIENT_TABLE, body });
        if !message.attachments.is_empty() {
            let mut table = Table::new(store.layout, &schema::attachments(&store.layout));
            for (number, attachment) in message.attachments.iter().enumerate() {
                let nid = NodeId::new(
                    NidType::Attachment,
                    narrow("the number of attachments", 0x401 + number as u64, 0x7FF_FFFF)?,
                );
                let (body, row) = self.attachment(store, attachment, depth)?;
                table.add_row(store, nid.0, &row)?;
                inside.nodes.push(SubNode { nid, body });
            }
            let body = table.finish(store)?;
            inside.nodes.push(SubNode { nid: NodeId::ATTACHMENT_TABLE, body });
        }
        let size = properties.size() + inside.nodes.iter().map(|node| node.body.size).sum::<u64>();
        self.put(&mut properties, MESSAGE_SIZE, Value::Int32(size.min(i32::MAX as u64) as i32));
        let unread = !message.read;
        let body = write_properties(store, &properties, inside)?;
        Ok(Composed { body, properties, unread })
    }

    fn put(&self, properties: &mut Properties, id: u16, value: Value) {
        properties.set(self.form, id, &value);
    }

    fn put_text(&self, properties: &mut Properties, id: u16, text: &str) {
        properties.set_text(self.form, id, text);
    }

    /// The properties of a message that another file stores, with what none can be without ([MS-PST] 2.4.5.1.1).
    fn copied_properties(
        &mut self,
        message: &NewMessage,
        copy: &StoredMessage,
        hidden: bool,
    ) -> Result<Properties> {
        let mut out = Properties::default();
        let p = &mut out;
        if !message.class.is_empty() {
            self.put_text(p, MESSAGE_CLASS, &message.class);
        }
        self.put(p, MESSAGE_STATUS, Value::Int32(0));
        self.put(p, SEARCH_KEY, Value::Binary(self.search_key()));
        self.bodies(p, message);
        if message.html.is_some() {
            self.put(p, INTERNET_CODEPAGE, Value::Int32(UTF8_CODEPAGE));
        }
        let mut stated = 0;
        for (key, value) in copy.own.properties.iter().chain(&message.properties) {
            if let (PropertyKey::Id(MESSAGE_FLAGS), Value::Int32(flags)) = (key, value) {
                stated = *flags;
            }
            let id = self.names.id(key)?;
            out.set(self.form, id, value);
        }
        // Whether it has attachments and is hidden are facts of this file.
        let of_file = HAS_ATTACHMENT | ASSOCIATED | READ;
        let flags = (stated & !of_file) | (flags(message, hidden) & of_file);
        self.put(&mut out, MESSAGE_FLAGS, Value::Int32(flags));
        Ok(out)
    }

    fn own_properties(&mut self, message: &NewMessage, hidden: bool) -> Result<Properties> {
        if let Some(copy) = &message.copy {
            return self.copied_properties(message, copy, hidden);
        }
        let mut out = Properties::default();
        let p = &mut out;
        let class = if message.class.is_empty() { "IPM.Note" } else { &message.class };
        self.put_text(p, MESSAGE_CLASS, class);
        let prefix = prefix_length(&message.subject);
        // The first character marks the second as the prefix's length and one.
        let marks = ['\u{1}', char::from(prefix as u8 + 1)];
        self.put_text(p, SUBJECT, &marks.iter().copied().chain(message.subject.chars()).collect::<String>());
        self.put_text(p, CONVERSATION_TOPIC, &message.subject[prefix..]);
        self.put(p, IMPORTANCE, Value::Int32(1));
        self.put(p, SENSITIVITY, Value::Int32(0));
        self.put(p, MESSAGE_FLAGS, Value::Int32(flags(message, hidden)));
        self.put(p, MESSAGE_STATUS, Value::Int32(0));
        self.put(p, MESSAGE_TO_ME, Value::Bool(false));
        self.put(p, MESSAGE_CC_ME, Value::Bool(false));
        let changed = message.delivered.or(message.sent).unwrap_or(self.created);
        self.put(p, CREATION_TIME, Value::Time(changed));
        self.put(p, LAST_MODIFICATION_TIME, Value::Time(changed));
        self.put(p, SEARCH_KEY, Value::Binary(self.search_key()));
        if let Some(time) = message.sent {
            self.put(p, CLIENT_SUBMIT_TIME, Value::Time(time));
        }
        if let Some(time) = message.delivered {
            self.put(p, MESSAGE_DELIVERY_TIME, Value::Time(time));
        }
        self.people(p, message);
        self.bodies(p, message);
        for (id, text) in [
            (TRANSPORT_MESSAGE_HEADERS, &message.headers),
            (INTERNET_MESSAGE_ID, &message.message_id),
            (IN_REPLY_TO_ID, &message.in_reply_to),
            (INTERNET_REFERENCES, &message.in_reply_to),
        ] {
            if let Some(text) = text {
                self.put_text(p, id, text);
            }
        }
        self.put(p, INTERNET_CODEPAGE, Value::Int32(UTF8_CODEPAGE));
        let codepage = if self.form.text_type() == super::value::TYPE_TEXT8 {
            i32::from(self.codepage)
        } else {
            UTF8_CODEPAGE
        };
        self.put(p, MESSAGE_CODEPAGE, Value::Int32(codepage));
        for (key, value) in &message.properties {
            let id = self.names.id(key)?;
            out.set(self.form, id, value);
        }
        Ok(out)
    }

    fn people(&self, p: &mut Properties, message: &NewMessage) {
        if let Some(sender) = &message.sender {
            self.person(
                p,
                sender,
                [
                    SENDER_NAME,
                    SENDER_ADDRESS_TYPE,
                    SENDER_EMAIL_ADDRESS,
                    SENDER_SMTP_ADDRESS,
                    SENDER_ENTRY_ID,
                    SENDER_SEARCH_KEY,
                ],
            );
        }
        if let Some(represented) = message.represented.as_ref().or(message.sender.as_ref()) {
            self.person(
                p,
                represented,
                [
                    SENT_REPRESENTING_NAME,
                    SENT_REPRESENTING_ADDRESS_TYPE,
                    SENT_REPRESENTING_EMAIL_ADDRESS,
                    SENT_REPRESENTING_SMTP_ADDRESS,
                    SENT_REPRESENTING_ENTRY_ID,
                    SENT_REPRESENTING_SEARCH_KEY,
                ],
            );
        }
        for (id, line) in [
            (DISPLAY_TO, RecipientLine::To),
            (DISPLAY_CC, RecipientLine::Cc),
            (DISPLAY_BCC, RecipientLine::Bcc),
        ] {
            let names: Vec<_> = message
                .recipients
                .iter()
                .filter(|recipient| recipient.line == line)
                .map(|recipient| recipient.person.name.as_str())
                .collect();
            self.put_text(p, id, &names.join("; "));
        }
    }

    /// Sets name, address type, address, SMTP address, entry id and search key under these ids.
    fn person(&self, p: &mut Properties, person: &Person, ids: [u16; 6]) {
        let [name, kind, address, smtp, entry, search] = ids;
        self.put_text(p, name, &person.name);
        self.put_text(p, kind, "SMTP");
        self.put_text(p, address, &person.address);
        self.put_text(p, smtp, &person.address);
        self.put(p, entry, Value::Binary(one_off_entry_id(person)));
        let mut key = format!("SMTP:{}", person.address.to_uppercase()).into_bytes();
        key.push(0);
        self.put(p, search, Value::Binary(key));
    }

    fn bodies(&self, p: &mut Properties, message: &NewMessage) {
        if let Some(text) = &message.text {
            self.put_text(p, BODY, text);
        }
        if let Some(rtf) = &message.rtf {
            self.put(p, RTF_COMPRESSED, Value::Binary(stored_rtf(rtf)));
            self.put(p, RTF_IN_SYNC, Value::Bool(true));
        }
        if let Some(html) = &message.html {
            self.put(p, HTML, Value::Binary(html.clone()));
        }
        let native = match (&message.html, &message.rtf, &message.text) {
            (Some(_), _, _) => 3,
            (_, Some(_), _) => 2,
            (_, _, Some(_)) => 1,
            _ => return,
        };
        self.put(p, NATIVE_BODY, Value::Int32(native));
    }

    /// Sixteen bytes that no other message of the file has.
    fn search_key(&self) -> Vec<u8> {
        let mut key = self.record_key.to_vec();
        key.iter_mut().zip(self.serial.to_le_bytes()).for_each(|(byte, serial)| *byte ^= serial);
        key
    }

    /// A recipient table with the rows of another file, and the columns that they need.
    fn recipient_rows<W: Write + Seek>(
        &mut self,
        store: &mut BlockStore<W>,
        stored: &[Vec<(PropertyKey, Value)>],
    ) -> Result<NodeBody> {
        let mut columns = schema::recipients(&store.layout);
        let mut rows = Vec::with_capacity(stored.len());
        for cells in stored {
            let mut row = Properties::default();
            for (key, value) in cells {
                let id = self.names.id(key)?;
                row.set(self.form, id, value);
                let known = columns.iter().any(|column| column.id == id);
                if let Some((kind, _)) = row.entries.get(&id)
                    && !known
                    && columns.len() < MOST_COLUMNS
                {
                    columns.push(Column { id, kind: *kind });
                }
            }
            rows.push(row);
        }
        let mut table = Table::new(store.layout, &columns);
        for (number, row) in rows.iter().enumerate() {
            table.add_row(store, narrow("the number of recipients", number as u64, u32::MAX.into())?, row)?;
        }
        table.finish(store)
    }

    fn recipients<W: Write + Seek>(
        &self,
        store: &mut BlockStore<W>,
        recipients: &[Recipient],
    ) -> Result<NodeBody> {
        let mut table = Table::new(store.layout, &schema::recipients(&store.layout));
        for (number, recipient) in recipients.iter().enumerate() {
            let mut row = Properties::default();
            let line = match recipient.line {
                RecipientLine::To => 1,
                RecipientLine::Cc => 2,
                RecipientLine::Bcc => 3,
            };
            self.put(&mut row, RECIPIENT_TYPE, Value::Int32(line));
            self.person(
                &mut row,
                &recipient.person,
                [DISPLAY_NAME, ADDRESS_TYPE, EMAIL_ADDRESS, SMTP_ADDRESS, ENTRY_ID, SEARCH_KEY],
            );
            self.put(&mut row, RESPONSIBILITY, Value::Bool(true));
            // MAPI_MAILUSER, DT_MAILUSER
            self.put(&mut row, OBJECT_TYPE, Value::Int32(6));
            self.put(&mut row, DISPLAY_TYPE, Value::Int32(0));
            self.put_text(&mut row, SEVEN_BIT_DISPLAY_NAME, &recipient.person.name);
            self.put(&mut row, SEND_RICH_INFO, Value::Bool(false));
            table.add_row(store, number as u32, &row)?;
        }
        table.finish(store)
    }

    /// Writes an attachment's node; returns it with the properties that the attachment table repeats.
    fn attachment<W: Write + Seek>(
        &mut self,
        store: &mut BlockStore<W>,
        attachment: &NewAttachment,
        depth: usize,
    ) -> Result<(NodeBody, Properties)> {
        let mut out = Properties::default();
        let mut inside = SubNodes::default();
        let method = match &attachment.content {
            Content::Bytes(bytes) => {
                out.set(self.form, ATTACH_DATA, &Value::Binary(bytes.clone()));
                BY_VALUE
            }
            Content::Source(source) => {
                let mut reader = source.open().doing("opening an attachment's content")?;
                let tree = store.stream(&mut reader)?;
                let stored = if tree.size == 0 { Stored::Bytes(Vec::new()) } else { Stored::Stream(tree) };
                out.set_stored(ATTACH_DATA, TYPE_BINARY, stored);
                BY_VALUE
            }
            Content::Message(message) => {
                let composed = self.message_at(store, message, false, depth + 1)?;
                let nid = NodeId::new(NidType::NormalMessage, 0x1_0001);
                inside.nodes.push(SubNode { nid, body: composed.body });
                let size = composed.body.size.min(u64::from(u32::MAX)) as u32;
                out.set_stored(ATTACH_DATA, TYPE_OBJECT, Stored::Object { nid: nid.0, size });
                EMBEDDED
            }
            Content::Absent => 0,
            Content::Ole(bytes) => {
                let nid = inside.add_large(store, &Stored::Bytes(bytes.clone()))?;
                let size = bytes.len().min(u32::MAX as usize) as u32;
                out.set_stored(ATTACH_DATA, TYPE_OBJECT, Stored::Object { nid: nid.0, size });
                OLE
            }
        };
        let p = &mut out;
        let size = p.size().min(i32::MAX as u64) as i32;
        self.put(p, ATTACH_SIZE, Value::Int32(size));
        self.put(p, ATTACH_METHOD, Value::Int32(method));
        self.put(p, RENDERING_POSITION, Value::Int32(-1));
        self.put_text(p, ATTACH_FILENAME, &short_name(&attachment.name));
        self.put_text(p, ATTACH_LONG_FILENAME, &attachment.name);
        self.put_text(p, DISPLAY_NAME, &attachment.name);
        if let Some((_, extension)) = attachment.name.rsplit_once('.') {
            self.put_text(p, ATTACH_EXTENSION, &format!(".{extension}"));
        }
        if !attachment.mime.is_empty() {
            self.put_text(p, ATTACH_MIME_TAG, &attachment.mime);
        }
        if let Some(id) = &attachment.content_id {
            self.put_text(p, ATTACH_CONTENT_ID, id);
            // ATT_MHTML_REF
            self.put(p, ATTACH_FLAGS, Value::Int32(4));
            self.put(p, ATTACHMENT_HIDDEN, Value::Bool(true));
        }
        for (key, value) in &attachment.properties {
            let id = self.names.id(key)?;
            out.set(self.form, id, value);
        }
        let body = write_properties(store, &out, inside)?;
        Ok((body, out))
    }
}

/// `PidTagMessageFlags`
fn flags(message: &NewMessage, hidden: bool) -> i32 {
    [
        (message.read, READ),
        (message.draft, 0x08),
        (!message.attachments.is_empty(), HAS_ATTACHMENT),
        (message.from_me, 0x20),
        (hidden, ASSOCIATED),
    ]
    .into_iter()
    .filter_map(|(is, flag)| is.then_some(flag))
    .sum()
}

/// Length in bytes of the prefix of a subject: one to three letters, a colon and a space.
fn prefix_length(subject: &str) -> usize {
    let Some(colon) = subject.find(": ") else { return 0 };
    let head = &subject[..colon];
    if (1..=3).contains(&head.len()) && head.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        colon + 2
    } else {
        0
    }
}

/// The name as MS-DOS would have it: at most eight letters and three.
fn short_name(name: &str) -> String {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let plain = |text: &str| -> String { text.chars().filter(char::is_ascii_alphanumeric).collect() };
    let (short, extension): (String, String) = (plain(stem), plain(extension).chars().take(3).collect());
    let stem = if short == stem && short.len() <= 8 {
        short
    } else {
        format!("{}~1", short.chars().take(6).collect::<String>())
    };
    if extension.is_empty() { stem } else { format!("{stem}.{extension}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subject_prefixes() {
        let check = |subject, want| assert_eq!(prefix_length(subject), want, "{subject}");
        check("Re: tea", 4);
        check("AW: Tee", 4);
        check("Fwd: tea", 5);
        check("tea", 0);
        check("note: tea", 0);
        check(": tea", 0);
        check("42: tea", 0);
        check("Re:tea", 0);
    }

    #[test]
    fn short_names() {
        let check = |name, want: &str| assert_eq!(short_name(name), want);
        check("map.png", "map.png");
        check("a long name.jpeg", "alongn~1.jpe");
        check("Übersicht.txt", "bersic~1.txt");
        check("README", "README");
    }
}
