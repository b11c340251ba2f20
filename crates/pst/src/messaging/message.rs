//! Reading items ([MS-PST] 2.4.5).

use super::attachment::Budget;
use super::census::ItemEntry;
use super::charset::{Charset, settle};
use super::class::ItemKind;
use super::item::{Item, RecipientKind, split_subject};
use super::names::{self, PropertyName};
use super::store::{PstFile, Reader};
use super::tags;
use crate::bytes::u32_at;
use crate::error::{Consequence, Fault, ItemError, Place, ReadError};
use crate::ltp::{PropertyContext, Value};
use crate::ndb::NdbReader;
use crate::ndb::ids::{BlockId, NodeId};

/// mfHasAttach of PidTagMessageFlags ([MS-OXCMSG] 2.2.1.6).
const MSGFLAG_HASATTACH: u32 = 0x10;
/// Categories of an item that are read, …
const MAX_CATEGORIES: usize = 100;
/// … and the bytes that they may take together.
const MAX_CATEGORIES_BYTES: usize = 64 * 1024;

/// A message whose properties are found; messages of the tree and embedded ones alike.
pub(crate) struct Message {
    pub node: NodeId,
    pub sub: BlockId,
    pub properties: PropertyContext,
    pub internet: Option<Charset>,
}

/// A property with its meaning and value.
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    /// The property's id.
    pub id: u16,
    /// The property's type as stored.
    pub kind: u16,
    /// What an id from 0x8000 on stands for in this file.
    pub name: Option<PropertyName>,
    /// The value, or why it cannot be read.
    pub value: Result<Value, ReadError>,
}

impl From<&ItemEntry> for NodeId {
    fn from(entry: &ItemEntry) -> Self {
        entry.node
    }
}

impl Message {
    /// Opens the message with these blocks and settles how its 8-bit strings are decoded.
    pub(crate) fn open(
        reader: &mut NdbReader<'_>,
        file: &PstFile,
        node: NodeId,
        data: BlockId,
        sub: BlockId,
    ) -> Result<Self, ReadError> {
        let mut properties = PropertyContext::open(reader, node, data, sub)?;
        let page = |tag| u16::try_from(properties.int(tag)?).ok();
        let internet = page(tags::INTERNET_CODEPAGE).and_then(Charset::of);
        let stated = page(tags::MESSAGE_CODEPAGE)
            .and_then(Charset::of_strings)
            .or_else(|| page(tags::INTERNET_CODEPAGE).and_then(Charset::of_strings));
        if properties.has_text8() {
            let fallback = file.default_charset();
            let pool = properties.text8_sample(reader);
            properties.charset = settle(&pool, stated, fallback);
            if let Some(stated) = stated.filter(|stated| *stated != properties.charset) {
                let fault = Fault::CodePage { stated: stated.page(), used: properties.charset.page() };
                reader.anomalies.push(fault, Place::Node(node), Consequence::Repaired);
            }
        } else {
            properties.charset = stated.unwrap_or_else(|| file.stated_charset());
        }
        Ok(Self { node, sub, properties, internet })
    }

    pub(crate) fn item(&self, reader: &mut NdbReader<'_>, file: &PstFile, budget: &mut Budget) -> Item {
        let properties = &self.properties;
        let mut text = |tag| properties.text(reader, tag).unwrap_or_default();
        let mut class = text(tags::MESSAGE_CLASS);
        class.truncate(class.trim_end_matches(['\0', ' ']).len());
        let raw_subject = text(tags::SUBJECT);
        let (subject, behind_prefix) = split_subject(&raw_subject);
        let conversation_topic = text(tags::CONVERSATION_TOPIC);
        let normalized = text(tags::NORMALIZED_SUBJECT);
        let topic = if !normalized.is_empty() {
            normalized
        } else if behind_prefix != subject || conversation_topic.is_empty() {
            behind_prefix.to_owned()
        } else {
            conversation_topic.clone()
        };
        let (subject, kind) = (subject.to_owned(), ItemKind::of(&class));
        let (display_to, display_cc) = (text(tags::DISPLAY_TO), text(tags::DISPLAY_CC));
        let display_bcc = text(tags::DISPLAY_BCC);
        let (message_id, in_reply_to) = (text(tags::INTERNET_MESSAGE_ID), text(tags::IN_REPLY_TO));
        let (references, headers) = (text(tags::INTERNET_REFERENCES), text(tags::TRANSPORT_HEADERS));
        let named = |set, number| file.names().id(set, number);
        let location = named(names::APPOINTMENT, 0x8208).map(&mut text).unwrap_or_default();
        let contact_addresses = [0x8083, 0x8093, 0x80A3]
            .into_iter()
            .filter_map(|number| named(names::ADDRESS, number))
            .map(&mut text)
            .filter(|address| !address.is_empty())
            .collect();
        let mut time = |tag| properties.time(reader, tag);
        let mut first = |tags: &[Option<u16>]| tags.iter().flatten().find_map(|&tag| time(tag));
        let starts =
            first(&[named(names::APPOINTMENT, 0x820D), named(names::TASK, 0x8104), Some(tags::START_DATE)]);
        let ends =
            first(&[named(names::APPOINTMENT, 0x820E), named(names::TASK, 0x8105), Some(tags::END_DATE)]);
        let due = first(&[named(names::TASK, 0x8105)]);
        let submitted = time(tags::CLIENT_SUBMIT_TIME);
        let delivered = time(tags::DELIVERY_TIME);
        let (created, modified) = (time(tags::CREATION_TIME), time(tags::LAST_MODIFICATION_TIME));
        let categories = match file.names().keywords() {
            Some(keywords) => properties.texts(reader, keywords, MAX_CATEGORIES, MAX_CATEGORIES_BYTES),
            None => Vec::new(),
        };
        let conversation_index = properties.binary(reader, tags::CONVERSATION_INDEX);
        let sender = self.address(
            reader,
            [tags::SENDER_NAME, tags::SENDER_EMAIL, tags::SENDER_ADDRESS_TYPE, tags::SENDER_SMTP],
        );
        let representing = self.address(
            reader,
            [
                tags::SENT_REPRESENTING_NAME,
                tags::SENT_REPRESENTING_EMAIL,
                tags::SENT_REPRESENTING_ADDRESS_TYPE,
                tags::SENT_REPRESENTING_SMTP,
            ],
        );
        let mut recipients = self.recipients(reader);
        if recipients.is_empty() {
            if [&display_to, &display_cc, &display_bcc].iter().any(|line| !line.trim().is_empty()) {
                let fault = Fault::NotThere("recipients");
                reader.anomalies.push(fault, Place::Property(tags::DISPLAY_TO), Consequence::Repaired);
            }
            recipients = Self::shown_recipients([
                (RecipientKind::To, &display_to),
                (RecipientKind::Cc, &display_cc),
                (RecipientKind::Bcc, &display_bcc),
            ]);
        }
        let attachments = self.attachments(reader, file, budget);
        let flags = properties.int(tags::MESSAGE_FLAGS).unwrap_or(0) as u32;
        let mut not_there = |what, property, consequence| {
            reader.anomalies.push(Fault::NotThere(what), Place::Property(property), consequence);
        };
        if properties.record(tags::MESSAGE_CLASS).is_none() {
            not_there("a class", tags::MESSAGE_CLASS, Consequence::Lost);
        }
        if attachments.is_empty() && flags & MSGFLAG_HASATTACH != 0 {
            not_there("attachments", tags::MESSAGE_FLAGS, Consequence::Lost);
        }
        Item {
            node: self.node,
            kind,
            class,
            subject,
            topic,
            conversation_topic,
            conversation_index: conversation_index.map(|index| index.to_vec()).unwrap_or_default(),
            sender: complete(sender, &representing, &headers),
            representing,
            recipients,
            display_to,
            display_cc,
            display_bcc,
            submitted,
            delivered,
            created,
            modified,
            starts,
            ends,
            location,
            message_id,
            in_reply_to,
            references,
            headers,
            importance: properties.int(tags::IMPORTANCE).unwrap_or(Item::NORMAL_IMPORTANCE),
            sensitivity: properties.int(tags::SENSITIVITY).unwrap_or(0),
            flags,
            flag_status: properties.int(tags::FLAG_STATUS).unwrap_or(0),
            due,
            categories,
            size: properties.int(tags::MESSAGE_SIZE).map(|size| size as u32),
            contact_addresses,
            attachments,
            from_row: false,
            anomalies: Vec::new(),
        }
    }
}

/// Gives a sender of an Exchange server the SMTP address that the item knows elsewhere.
fn complete(
    mut sender: super::item::Address,
    representing: &super::item::Address,
    headers: &str,
) -> super::item::Address {
    if sender.is_empty() {
        return representing.clone();
    }
    if sender.smtp.is_none() {
        let same = !sender.address.is_empty() && sender.address.eq_ignore_ascii_case(&representing.address);
        sender.smtp = representing.smtp.clone().filter(|_| same).or_else(|| from_header(headers));
    }
    sender
}

/// The address in the `From` line of transport headers.
fn from_header(headers: &str) -> Option<String> {
    let line = headers
        .lines()
        .find(|line| line.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("from:")))?;
    let value = line.get(5..)?.trim();
    let address = match (value.rfind('<'), value.rfind('>')) {
        (Some(open), Some(close)) if open < close => value.get(open + 1..close)?,
        _ => value,
    };
    (address.contains('@') && !address.contains(char::is_whitespace)).then(|| address.to_owned())
}

impl Reader<'_> {
    pub(crate) fn message(&mut self, node: NodeId) -> Result<Message, ItemError> {
        // What an earlier operation left behind belongs to nobody.
        self.ndb.anomalies.take();
        let found = self.find_node(node).map_err(|reason| match reason {
            ReadError::Missing(_) => ItemError::NoNode(node),
            reason => ItemError::Unreadable { node, reason },
        });
        let (entry, past) = found?;
        self.ndb.past = past;
        if entry.data.is_none() {
            return Err(ItemError::NoData(node));
        }
        Message::open(&mut self.ndb, self.file, node, entry.data, entry.sub)
            .map_err(|reason| ItemError::Unreadable { node, reason })
    }

    /// Reads the item `node` (a [`NodeId`] or a `&ItemEntry`): everything but its bodies and the content of its
    /// attachments. Of one whose node is gone or damaged, what the folder's contents table repeats of it
    /// ([`Item::from_row`]). Only what cannot be read at all is an error; lesser faults are among the item's anomalies.
    pub fn item(&mut self, node: impl Into<NodeId>) -> Result<Item, ItemError> {
        let node = node.into();
        match self.message(node) {
            Ok(message) => Ok(self.item_of(&message)),
            Err(error) => self.item_of_row(node, error),
        }
    }

    /// The item of a message that is open.
    pub(crate) fn item_of(&mut self, message: &Message) -> Item {
        let mut item = message.item(&mut self.ndb, self.file, &mut Budget::default());
        item.anomalies = self.ndb.anomalies.take();
        self.complete_from_row(&mut item);
        item
    }

    /// All properties of any node that has a property context (an item, a folder, the store). Binary values and
    /// strings are cut after `limit` bytes. Of an item that cannot be read, the cells of its row in the folder's
    /// contents table.
    pub fn properties(&mut self, node: impl Into<NodeId>, limit: usize) -> Result<Vec<Property>, ItemError> {
        let node = node.into();
        match self.message(node) {
            Ok(message) => Ok(self.all_properties(&message, limit)),
            Err(error) => self.row_properties(node).ok_or(error),
        }
    }

    /// All properties of the embedded message at `path` below `node`, as [`Self::properties`].
    pub fn embedded_properties(
        &mut self,
        node: impl Into<NodeId>,
        path: &[NodeId],
        limit: usize,
    ) -> Result<Vec<Property>, ItemError> {
        let message = self.message_at(node.into(), path)?;
        Ok(self.all_properties(&message, limit))
    }

    fn all_properties(&mut self, message: &Message, limit: usize) -> Vec<Property> {
        let (file, reader) = (self.file, &mut self.ndb);
        let property = |record: &crate::ltp::PropertyRecord| Property {
            id: record.id,
            kind: record.kind,
            name: file.names().name(record.id).cloned(),
            value: message.properties.value(reader, *record, limit),
        };
        message.properties.records().iter().map(property).collect()
    }
}

/// Notes on `reader` that `what` of `node` could not be read.
pub(crate) fn note(reader: &mut NdbReader<'_>, what: &'static str, node: NodeId, reason: ReadError) {
    reader.anomalies.push(Fault::Unreadable { what, reason }, Place::Node(node), Consequence::Lost);
}

/// The object reference in a property of type `PtypObject`: the sub-node it names.
pub(crate) fn object_node(data: &[u8]) -> Option<NodeId> {
    u32_at(data, 0).map(NodeId).filter(|node| node.0 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_lines() {
        let check =
            |headers, want: Option<&str>| assert_eq!(from_header(headers).as_deref(), want, "{headers:?}");
        check("To: x\r\nFrom: A B <a@b.example>\r\n", Some("a@b.example"));
        check("from: a@b.example", Some("a@b.example"));
        check("From: nobody", None);
        check("From: >a b@c<", None);
        check("ä", None);
    }
}
