//! Attachments and embedded messages ([MS-PST] 2.4.6).

use std::io;

use super::item::Item;
use super::message::{Message, note, object_node};
use super::store::{PstFile, Reader};
use super::tags;
use crate::bytes::Bytes;
use crate::error::{Consequence, Fault, ItemError, Place, ReadError};
use crate::ltp::{FileTime, Hnid, PropertyContext, Table, kinds};
use crate::ndb::ids::{BlockId, NidType, NodeId};
use crate::ndb::{BlockWalk, Format, NdbReader, SubNode};

/// How an attachment is stored (`PidTagAttachMethod`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AttachmentMethod {
    /// 0: nothing.
    None,
    /// 1: the data itself.
    ByValue,
    /// 2 to 4, 7: a path or link to a file elsewhere.
    ByReference(i32),
    /// 5: a message.
    Embedded,
    /// 6: an OLE object.
    Ole,
    /// Any other value.
    Other(i32),
}

/// The facts about an attachment; its content is read apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its place among the attachments of its message, from zero.
    pub number: u32,
    /// The way to it from the item: the attachment's sub-node, behind those of the attachments that carry the
    /// messages around it.
    pub path: Vec<NodeId>,
    /// The best name it has; may be empty.
    pub name: String,
    /// `PidTagAttachExtension`, with its dot.
    pub extension: String,
    /// `PidTagAttachMimeTag`
    pub mime_type: String,
    /// `PidTagAttachContentId`
    pub content_id: String,
    /// `PidTagAttachContentLocation`
    pub content_location: String,
    /// The path of a file that is attached by reference.
    pub reference: String,
    /// The bytes of its content; for embedded messages what `PidTagAttachSize` states.
    pub size: u64,
    /// How it is stored.
    pub method: AttachmentMethod,
    /// Whether it is shown within the body and not as a file.
    pub inline: bool,
    /// `PidTagAttachmentHidden`
    pub hidden: bool,
    /// `PidTagCreationTime`
    pub created: Option<FileTime>,
    /// `PidTagLastModificationTime`
    pub modified: Option<FileTime>,
    /// The message it carries.
    pub embedded: Option<Box<Item>>,
}

/// What is left of the bounds on one item.
pub(crate) struct Budget {
    depth: u32,
    attachments: u32,
    path: Vec<NodeId>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { depth: 32, attachments: 20_000, path: Vec::new() }
    }
}

impl Message {
    /// The sub-nodes of the attachments, in the order of the attachment table. Those that the table leaves out
    /// follow; without a table all do.
    fn attachment_nodes(&self, reader: &mut NdbReader<'_>) -> Vec<SubNode> {
        let subs = match reader.sub_nodes(self.sub) {
            Ok(subs) => subs,
            Err(reason) => {
                note(reader, "sub-node tree", self.node, reason);
                return Vec::new();
            }
        };
        let table = subs.iter().find(|node| node.nid.kind() == NidType::AttachmentTable).copied();
        let mut listed = Vec::new();
        if let Some(table) = table {
            let ids =
                Table::open(reader, table.nid, table.data, table.sub).and_then(|table| table.row_ids(reader));
            match ids {
                Ok(ids) => listed = ids,
                Err(reason) => {
                    let fault = Fault::Unreadable { what: "attachment table", reason };
                    reader.anomalies.push(fault, Place::Node(self.node), Consequence::Repaired);
                }
            }
        }
        let mut left: Vec<Option<SubNode>> =
            subs.into_iter().filter(|node| node.nid.kind() == NidType::Attachment).map(Some).collect();
        left.sort_by_key(|node| node.map(|node| node.nid));
        let mut all = Vec::with_capacity(left.len());
        for id in listed.into_iter().map(NodeId) {
            match left.binary_search_by_key(&id, |node| node.map_or(NodeId(0), |node| node.nid)) {
                Ok(index) => all.push((index, id)),
                Err(_) => note(reader, "attachment", id, ReadError::Missing(Place::Node(id))),
            }
        }
        let mut ordered: Vec<SubNode> = Vec::with_capacity(left.len());
        for (index, _) in all {
            ordered.extend(left.get_mut(index).and_then(Option::take));
        }
        ordered.extend(left.into_iter().flatten());
        ordered
    }

    pub(crate) fn attachments(
        &self,
        reader: &mut NdbReader<'_>,
        file: &PstFile,
        budget: &mut Budget,
    ) -> Vec<Attachment> {
        let mut all = Vec::new();
        for (node, number) in self.attachment_nodes(reader).into_iter().zip(0u32..) {
            let Some(left) = budget.attachments.checked_sub(1) else {
                let fault = Fault::Limit { what: "attachments", kept: number.into() };
                reader.anomalies.push(fault, Place::Node(self.node), Consequence::Lost);
                break;
            };
            budget.attachments = left;
            budget.path.push(node.nid);
            match self.attachment_properties(reader, &node) {
                Ok(properties) => all.push(attachment(reader, file, number, &node, &properties, budget)),
                Err(reason) => {
                    note(reader, "attachment", node.nid, reason);
                    all.push(Attachment::unreadable(number, budget.path.clone()));
                }
            }
            budget.path.pop();
        }
        all
    }

    fn attachment_properties(
        &self,
        reader: &mut NdbReader<'_>,
        node: &SubNode,
    ) -> Result<PropertyContext, ReadError> {
        let mut properties = PropertyContext::open(reader, node.nid, node.data, node.sub)?;
        properties.charset = self.properties.charset;
        Ok(properties)
    }

    /// The properties of the attachment in sub-node `nid`.
    pub(crate) fn attachment_at(
        &self,
        reader: &mut NdbReader<'_>,
        nid: NodeId,
    ) -> Result<(SubNode, PropertyContext), ItemError> {
        let unreadable = |reason| ItemError::Unreadable { node: nid, reason };
        let node =
            reader.sub_node(self.sub, nid).map_err(unreadable)?.ok_or(ItemError::NoAttachment(self.node))?;
        let properties = self.attachment_properties(reader, &node).map_err(unreadable)?;
        Ok((node, properties))
    }
}

impl Attachment {
    fn unreadable(number: u32, path: Vec<NodeId>) -> Self {
        Self {
            number,
            path,
            name: String::new(),
            extension: String::new(),
            mime_type: String::new(),
            content_id: String::new(),
            content_location: String::new(),
            reference: String::new(),
            size: 0,
            method: AttachmentMethod::None,
            inline: false,
            hidden: false,
            created: None,
            modified: None,
            embedded: None,
        }
    }
}

fn attachment(
    reader: &mut NdbReader<'_>,
    file: &PstFile,
    number: u32,
    node: &SubNode,
    properties: &PropertyContext,
    budget: &mut Budget,
) -> Attachment {
    let method = match properties.int(tags::ATTACH_METHOD) {
        // Without a method, what is there decides.
        None if properties.record(tags::ATTACH_DATA).is_some() => AttachmentMethod::ByValue,
        None | Some(0) => AttachmentMethod::None,
        Some(1) => AttachmentMethod::ByValue,
        Some(value @ (2..=4 | 7)) => AttachmentMethod::ByReference(value),
        Some(5) => AttachmentMethod::Embedded,
        Some(6) => AttachmentMethod::Ole,
        Some(other) => AttachmentMethod::Other(other),
    };
    let mut text = |tag| properties.text(reader, tag).unwrap_or_default();
    let long_path = text(tags::ATTACH_LONG_PATHNAME);
    let reference = if long_path.is_empty() { text(tags::ATTACH_PATHNAME) } else { long_path };
    let mut name = String::new();
    for tag in [tags::ATTACH_LONG_FILENAME, tags::ATTACH_FILENAME, tags::DISPLAY_NAME] {
        if name.is_empty() {
            name = text(tag);
        }
    }
    let mut found = Attachment {
        number,
        path: budget.path.clone(),
        name,
        extension: text(tags::ATTACH_EXTENSION),
        mime_type: text(tags::ATTACH_MIME_TAG),
        content_id: text(tags::ATTACH_CONTENT_ID),
        content_location: text(tags::ATTACH_CONTENT_LOCATION),
        reference,
        size: properties.int(tags::ATTACH_SIZE).and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
        method,
        inline: false,
        hidden: properties.flag(tags::ATTACHMENT_HIDDEN),
        created: properties.time(reader, tags::CREATION_TIME),
        modified: properties.time(reader, tags::LAST_MODIFICATION_TIME),
        embedded: None,
    };
    // Bit 2 of the flags: rendered in the body (attRenderedInBody).
    found.inline = properties.int(tags::ATTACH_FLAGS).unwrap_or(0) & 4 != 0
        || (found.hidden && !found.content_id.is_empty());
    if method == AttachmentMethod::Embedded {
        embedded(reader, file, node, properties, budget, &mut found);
    } else {
        let size = content(reader, node, properties).and_then(|content| match content {
            Some(Content { tree: Some(tree), .. }) => reader.looked_up_size(tree).map(Some),
            content => Ok(content.map(|content| content.size)),
        });
        match size {
            Ok(size) => found.size = size.unwrap_or(found.size),
            Err(reason) => note(reader, "attachment content", node.nid, reason),
        }
    }
    found
}

fn embedded(
    reader: &mut NdbReader<'_>,
    file: &PstFile,
    node: &SubNode,
    properties: &PropertyContext,
    budget: &mut Budget,
    found: &mut Attachment,
) {
    let Some(depth) = budget.depth.checked_sub(1) else {
        let reason = ReadError::TooDeep { what: "embedded message", place: Place::Node(node.nid) };
        return note(reader, "embedded message", node.nid, reason);
    };
    match embedded_message(reader, file, node, properties) {
        Ok(message) => {
            budget.depth = depth;
            let item = message.item(reader, file, budget);
            budget.depth = depth + 1;
            if found.name.is_empty() {
                found.name.clone_from(&item.subject);
            }
            found.embedded = Some(Box::new(item));
        }
        Err(reason) => {
            note(reader, "embedded message", node.nid, reason);
            // Some programs put a message there as a file.
            if let Some(content) = plain_content(reader, node, properties) {
                found.size = content.size;
            }
        }
    }
}

/// The bytes of an attachment that is said to be a message, but has its data as a value.
fn plain_content(
    reader: &mut NdbReader<'_>,
    node: &SubNode,
    properties: &PropertyContext,
) -> Option<Content> {
    let record = properties.record(tags::ATTACH_DATA).filter(|record| record.kind == kinds::BINARY)?;
    content(reader, node, properties).ok()?.filter(|_| record.value != 0)
}

/// The message in an attachment: `PidTagAttachDataObject` names a sub-node of the attachment's own tree.
fn embedded_message(
    reader: &mut NdbReader<'_>,
    file: &PstFile,
    node: &SubNode,
    properties: &PropertyContext,
) -> Result<Message, ReadError> {
    let named = match properties.record(tags::ATTACH_DATA) {
        Some(record) if record.kind == kinds::OBJECT => {
            object_node(&properties.heap.value(reader, Hnid(record.value), 8)?.0)
        }
        _ => None,
    };
    let found = match named {
        Some(nid) => reader.sub_node(node.sub, nid)?,
        None => None,
    };
    let found = match found {
        Some(found) => Some(found),
        None => reader.sub_nodes(node.sub)?.into_iter().find(|sub| sub.nid.kind() == NidType::NormalMessage),
    };
    let found = found.ok_or(ReadError::Missing(Place::Node(named.unwrap_or(node.nid))))?;
    Message::open(reader, file, found.nid, found.data, found.sub)
}

/// Where an attachment's content lies.
struct Content {
    tree: Option<BlockId>,
    heap: Bytes,
    size: u64,
}

fn content(
    reader: &mut NdbReader<'_>,
    node: &SubNode,
    properties: &PropertyContext,
) -> Result<Option<Content>, ReadError> {
    let Some(record) = properties.record(tags::ATTACH_DATA) else { return Ok(None) };
    let hnid = Hnid(record.value);
    let tree = if record.kind == kinds::OBJECT {
        let nid = object_node(&properties.heap.value(reader, hnid, 8)?.0);
        match nid {
            Some(nid) => reader.sub_node(node.sub, nid)?.map(|sub| sub.data),
            None => None,
        }
    } else {
        match properties.heap.value_tree(reader, hnid)? {
            Some(tree) => Some(tree),
            None => {
                let heap = properties.heap.value(reader, hnid, usize::MAX)?.0;
                return Ok(Some(Content { tree: None, size: heap.len() as u64, heap }));
            }
        }
    };
    let Some(tree) = tree.filter(|tree| !tree.is_none()) else {
        return Err(ReadError::Missing(Place::Node(NodeId(hnid.0))));
    };
    let size = reader.data_size(tree)?;
    Ok(Some(Content { tree: Some(tree), heap: Bytes::empty(), size }))
}

/// Gives the content of an attachment block by block; its memory does not grow with the content.
pub struct AttachmentReader<'r, 'a> {
    reader: &'r mut NdbReader<'a>,
    walk: Option<BlockWalk>,
    block: Bytes,
    at: usize,
    size: u64,
    left: u64,
}

impl AttachmentReader<'_, '_> {
    /// How many bytes the content has, as the file states.
    pub fn size(&self) -> u64 {
        self.size
    }
}

impl io::Read for AttachmentReader<'_, '_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        while self.at >= self.block.len() {
            let Some(walk) = &mut self.walk else { return Ok(0) };
            match walk.next(self.reader).map_err(io_error)? {
                Some(bid) => {
                    self.block = self.reader.block_once(bid).map_err(io_error)?;
                    self.at = 0;
                    if self.left < self.block.len() as u64 || self.block.is_empty() {
                        let message = "the attachment has more blocks than its size allows";
                        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
                    }
                    self.left -= self.block.len() as u64;
                }
                None => self.walk = None,
            }
        }
        let rest = self.block.get(self.at..).unwrap_or_default();
        let count = rest.len().min(buf.len());
        buf[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}

fn io_error(error: ReadError) -> io::Error {
    let kind = match &error {
        ReadError::Io { kind, .. } => *kind,
        ReadError::BeyondEnd { .. } | ReadError::CutShort { .. } => io::ErrorKind::UnexpectedEof,
        _ => io::ErrorKind::InvalidData,
    };
    io::Error::new(kind, error)
}

impl<'a> Reader<'a> {
    /// The message at `path` below the item `node`: each step names an attachment that carries a message.
    pub(crate) fn message_at(&mut self, node: NodeId, path: &[NodeId]) -> Result<Message, ItemError> {
        let mut message = self.message(node)?;
        for &step in path {
            let (found, properties) = message.attachment_at(&mut self.ndb, step)?;
            message = embedded_message(&mut self.ndb, self.file, &found, &properties)
                .map_err(|reason| ItemError::Unreadable { node: step, reason })?;
        }
        Ok(message)
    }

    /// Reads the embedded message at `path` below the item `node`.
    pub fn embedded(&mut self, node: impl Into<NodeId>, path: &[NodeId]) -> Result<Item, ItemError> {
        let message = self.message_at(node.into(), path)?;
        let mut budget = Budget { path: path.to_vec(), ..Budget::default() };
        let mut item = message.item(&mut self.ndb, self.file, &mut budget);
        item.anomalies = self.ndb.anomalies.take();
        Ok(item)
    }

    /// Opens the content of the attachment at `path` below the item `node`.
    pub fn attachment(
        &mut self,
        node: impl Into<NodeId>,
        path: &[NodeId],
    ) -> Result<AttachmentReader<'_, 'a>, ItemError> {
        let node = node.into();
        let Some((&last, around)) = path.split_last() else { return Err(ItemError::NoAttachment(node)) };
        let message = self.message_at(node, around)?;
        let unreadable = |reason| ItemError::Unreadable { node: last, reason };
        let (found, properties) = message.attachment_at(&mut self.ndb, last)?;
        if properties.int(tags::ATTACH_METHOD) == Some(5)
            && plain_content(&mut self.ndb, &found, &properties).is_none()
        {
            return Err(ItemError::NoContent(last));
        }
        let content = content(&mut self.ndb, &found, &properties).map_err(unreadable)?;
        let content = content.ok_or(ItemError::NoContent(last))?;
        let walk = content.tree.map(|tree| self.ndb.data_tree(tree)).transpose().map_err(unreadable)?;
        // A tree that names a block again and again would never end; deflate gives at most a thousandfold.
        let ratio = if self.file.format() == Format::Unicode4k { 1032 } else { 1 };
        let left = self.file.size().saturating_mul(ratio).max(content.size);
        Ok(AttachmentReader {
            reader: &mut self.ndb,
            walk,
            block: content.heap,
            at: 0,
            size: content.size,
            left,
        })
    }
}
