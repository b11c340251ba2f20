//! What a file stores of messages and attachments, taken out whole, so that another file can hold the same.

use super::names::{PropertyKey, PropertyName, PropertySet};
use super::tags;
use super::value::Value;
use crate::error::{ItemError, ReadError};
use crate::ltp::{PropertyContext, PropertyRecord, Value as Read, kinds};
use crate::messaging::{Message, NameKey, NameMap, PstFile, Reader};
use crate::ndb::NdbReader;
use crate::ndb::ids::NodeId;

/// The properties of an object, as a writer takes them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stored {
    /// Those that mean the same in any file, in the order of their ids.
    pub properties: Vec<(PropertyKey, Value)>,
    /// Those that could not be taken out.
    pub left_out: Vec<LeftOut>,
}

/// A message as it is stored, without its attachments.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StoredMessage {
    /// Its own properties.
    pub own: Stored,
    /// The rows of its recipient table.
    pub recipients: Vec<Vec<(PropertyKey, Value)>>,
}

/// A property that could not be taken out.
#[derive(Debug, Clone, PartialEq)]
pub struct LeftOut {
    /// Its id in the file that was read.
    pub id: u16,
    /// Why.
    pub why: WhyLeftOut,
}

/// Why a property could not be taken out.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum WhyLeftOut {
    /// It cannot be read.
    #[error("{0}")]
    Unreadable(ReadError),
    /// It is longer than what was allowed for.
    #[error("it has {0} bytes, more than are copied")]
    TooLong(u64),
    /// Its type is not known, or is an object's.
    #[error("it is of type {0:#06x}, which is not copied")]
    Type(u16),
}

/// The property set of what has no name of its own: an id from 0x8000 on means something in its own file alone, and where that does not
/// say what ([MS-PST] 2.4.7), the value goes on under a text that tells id and file. Made for this; no other program gives it a meaning.
const NAMELESS: PropertySet = PropertySet([
    0x6D, 0x1B, 0xF3, 0x52, 0x90, 0x0C, 0x7A, 0x4E, 0xA5, 0x34, 0x21, 0xC8, 0x0E, 0x9D, 0x67, 0xB1,
]);

/// A record key has 16 bytes; of a longer one, the first tell the file as well.
const LONGEST_KEY: usize = 32;

/// What the ids of a file stand for.
struct Names<'f> {
    map: &'f NameMap,
    /// PidTagRecordKey of its store.
    file: Option<&'f [u8]>,
}

/// Whether a property says where an object lies, in which store and table, and not what it is: each file has its own.
fn is_of_place(id: u16) -> bool {
    matches!(
        id,
        // PidTagParentEntryId, PidTagMessageSize, the tables of a message, PidTagAttachSize, PidTagAttachNumber
        0x0E05 | 0x0E08 | 0x0E09 | 0x0E12 | 0x0E13 | 0x0E20 | 0x0E21
        // replication between files
        | 0x0E30..=0x0E3F
        // access, instance, store and entry ids
        | 0x0FF4..=0x0FFF
        // what a provider keeps for itself ([MS-OXPROPS] 1.3.3), rows of tables among it
        | 0x6600..=0x67FF
    )
}

/// Whether a cell of a recipient is its row's and not the recipient's.
fn is_of_row(id: u16) -> bool {
    // PidTagRowid, PidTagInstanceKey and what a provider keeps for itself
    matches!(id, 0x3000 | 0x0FF6 | 0x6600..=0x67FF)
}

impl Reader<'_> {
    /// All that the file stores of the message at `path` below the item `node`, but for its attachments. Of values, at most `left`
    /// bytes are read, which become fewer by them.
    pub fn stored_message(
        &mut self,
        node: impl Into<NodeId>,
        path: &[NodeId],
        left: &mut u64,
    ) -> Result<StoredMessage, ItemError> {
        let message = self.message_at(node.into(), path)?;
        let (names, reader) = (Names::of(self.file), &mut self.ndb);
        let own = stored(&names, reader, &message.properties, left, &is_of_place);
        let recipients = recipients(&names, reader, &message, left);
        self.ndb.anomalies.take();
        Ok(StoredMessage { own, recipients })
    }

    /// All that the file stores of the attachment at `path` below the item `node`, but for its content, as [`Self::stored_message`].
    pub fn stored_attachment(
        &mut self,
        node: impl Into<NodeId>,
        path: &[NodeId],
        left: &mut u64,
    ) -> Result<Stored, ItemError> {
        let node = node.into();
        let Some((&last, around)) = path.split_last() else { return Err(ItemError::NoAttachment(node)) };
        let message = self.message_at(node, around)?;
        let (_, properties) = message.attachment_at(&mut self.ndb, last)?;
        let not_copied = |id| id == tags::ATTACH_DATA || is_of_place(id);
        let found = stored(&Names::of(self.file), &mut self.ndb, &properties, left, &not_copied);
        self.ndb.anomalies.take();
        Ok(found)
    }
}

fn stored(
    names: &Names<'_>,
    reader: &mut NdbReader<'_>,
    properties: &PropertyContext,
    left: &mut u64,
    not_copied: &dyn Fn(u16) -> bool,
) -> Stored {
    let mut out = Stored::default();
    // A record of type 0 (PtypUnspecified) is an empty place.
    let is_value = |record: &&PropertyRecord| record.kind != 0 && !not_copied(record.id);
    for record in properties.records().iter().filter(is_value) {
        let whole = match properties.whole_value(reader, *record, *left) {
            Ok(Ok((value, size))) => {
                *left = left.saturating_sub(size);
                value_of(record.kind, value)
            }
            Ok(Err(size)) => Err(WhyLeftOut::TooLong(size)),
            Err(reason) => Err(WhyLeftOut::Unreadable(reason)),
        };
        match whole.map(|value| (names.key(record.id), value)) {
            Ok((key, Some(value))) => out.properties.push((key, value)),
            Ok((_, None)) => {}
            Err(why) => out.left_out.push(LeftOut { id: record.id, why }),
        }
    }
    out
}

/// The rows of the recipient table. Each cell is bounded by the table; rows beyond `left` bytes have what went before.
fn recipients(
    names: &Names<'_>,
    reader: &mut NdbReader<'_>,
    message: &Message,
    left: &mut u64,
) -> Vec<Vec<(PropertyKey, Value)>> {
    message.recipient_rows_as(reader, |table, reader, row, _| {
        let mut cells = Vec::new();
        for (id, kind) in table.columns().filter(|(id, _)| !is_of_row(*id)) {
            if *left == 0 {
                break;
            }
            let cell = table.cell(reader, row, id).map(|value| value_of(kind, value));
            if let Some(Ok(Some(value))) = cell {
                *left = left.saturating_sub(value.size());
                cells.push((names.key(id), value));
            }
        }
        cells
    })
}

impl<'f> Names<'f> {
    fn of(file: &'f PstFile) -> Self {
        Self { map: file.names(), file: file.store().record_key.as_deref() }
    }

    fn key(&self, id: u16) -> PropertyKey {
        if id < 0x8000 {
            return PropertyKey::Id(id);
        }
        match self.map.name(id).map(|name| (PropertySet(name.set), &name.key)) {
            Some((set, NameKey::Id(number))) => PropertyKey::Named(set, PropertyName::Number(*number)),
            // A text that is lost is no name.
            Some((set, NameKey::Name(text))) if !text.is_empty() => {
                PropertyKey::Named(set, PropertyName::Text(text.clone()))
            }
            _ => PropertyKey::Named(NAMELESS, PropertyName::Text(self.stand_in(id))),
        }
    }

    /// What stands for the name of a property that has none: "0x80b1 of 6d61…", the latter the record key of its file.
    fn stand_in(&self, id: u16) -> String {
        let mut text = format!("{id:#06x} of ");
        match self.file.filter(|key| !key.is_empty()) {
            Some(key) => key.iter().take(LONGEST_KEY).for_each(|byte| text.push_str(&format!("{byte:02x}"))),
            None => text.push_str("a file without a key"),
        }
        text
    }
}

/// A value as a writer takes it; nothing where there is none.
fn value_of(kind: u16, value: Read) -> Result<Option<Value>, WhyLeftOut> {
    let raw = |bytes: &[u8]| Value::Raw { kind, bytes: bytes.to_vec() };
    Ok(Some(match value {
        Read::Null => return Ok(None),
        Read::Int16(value) => Value::Int16(value),
        Read::Int32(value) => Value::Int32(value),
        Read::Int64(value) => Value::Int64(value),
        Read::Float32(value) => raw(&value.to_le_bytes()),
        Read::Float64(value) => Value::Float64(value),
        Read::Currency(value) => raw(&value.to_le_bytes()),
        Read::DayTime(value) => raw(&value.to_le_bytes()),
        Read::Error(code) => raw(&code.to_le_bytes()),
        Read::Bool(value) => Value::Bool(value),
        Read::Text(text) => Value::Text(text),
        Read::Time(time) => Value::Time(time),
        Read::Guid(guid) => Value::Guid(guid),
        Read::Binary { data, .. } if kind & !kinds::MULTIPLE == kinds::BINARY => Value::Binary(data),
        Read::Binary { data, .. } => Value::Raw { kind, bytes: data },
        Read::List(values) => list(kind, values)?,
        Read::Object { .. } | Read::Unknown(_) => return Err(WhyLeftOut::Type(kind)),
    }))
}

fn list(kind: u16, values: Vec<Read>) -> Result<Value, WhyLeftOut> {
    let of = kind & !kinds::MULTIPLE;
    let other = || WhyLeftOut::Type(kind);
    match of {
        kinds::STRING | kinds::STRING8 => {
            let text = |value| match value {
                Read::Text(text) => Ok(text),
                _ => Err(other()),
            };
            values.into_iter().map(text).collect::<Result<_, _>>().map(Value::Texts)
        }
        kinds::BINARY => {
            let bytes = |value| match value {
                Read::Binary { data, .. } => Ok(data),
                _ => Err(other()),
            };
            values.into_iter().map(bytes).collect::<Result<_, _>>().map(Value::Binaries)
        }
        _ => {
            let mut bytes = Vec::new();
            for value in values {
                match value {
                    Read::Int16(value) => bytes.extend_from_slice(&value.to_le_bytes()),
                    Read::Int32(value) => bytes.extend_from_slice(&value.to_le_bytes()),
                    Read::Int64(value) | Read::Currency(value) => {
                        bytes.extend_from_slice(&value.to_le_bytes())
                    }
                    Read::Float32(value) => bytes.extend_from_slice(&value.to_le_bytes()),
                    Read::Float64(value) | Read::DayTime(value) => {
                        bytes.extend_from_slice(&value.to_le_bytes())
                    }
                    Read::Bool(value) => bytes.push(value.into()),
                    Read::Time(time) => bytes.extend_from_slice(&time.0.to_le_bytes()),
                    Read::Guid(guid) => bytes.extend_from_slice(&guid),
                    _ => return Err(other()),
                }
            }
            Ok(Value::Raw { kind, bytes })
        }
    }
}
