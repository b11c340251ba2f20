//! The property context ([MS-PST] 2.3.3): all properties of one object.

use super::bth::Bth;
use super::heap::{Heap, Hnid};
use super::value::{self, FileTime, Value, kinds};
use crate::bytes::{Bytes, u16_at, u32_at, u64_at};
use crate::error::{Consequence, Fault, Place, ReadError};
use crate::messaging::{Charset, tags, utf16};
use crate::ndb::NdbReader;
use crate::ndb::ids::{BlockId, NodeId};

/// A record of a property context: id, type, and the value or where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PropertyRecord {
    pub id: u16,
    pub kind: u16,
    pub value: u32,
}

/// The properties of an object, found but not yet read.
#[derive(Debug)]
pub(crate) struct PropertyContext {
    pub heap: Heap,
    records: Vec<PropertyRecord>,
    pub charset: Charset,
}

/// How much of a string is looked at for its code page.
const SAMPLE: usize = 4096;

/// Long enough for every single-line property.
const STRING_LIMIT: usize = 1 << 20;

impl PropertyContext {
    /// Opens the property context of `node`.
    pub(crate) fn open(
        reader: &mut NdbReader<'_>,
        node: NodeId,
        data: BlockId,
        sub: BlockId,
    ) -> Result<Self, ReadError> {
        let heap = Heap::open(reader, node, data, sub)?;
        if heap.client != 0xBC {
            let place = Place::Node(node);
            return Err(ReadError::Malformed { field: "bClientSig", value: heap.client.into(), place });
        }
        let bth = Bth::open(reader, &heap, heap.root)?;
        if (bth.key, bth.entry) != (2, 6) {
            let value = (bth.key * 256 + bth.entry) as u64;
            return Err(ReadError::Malformed { field: "cbKey and cbEnt", value, place: Place::Node(node) });
        }
        let mut records = Vec::new();
        bth.records(reader, &heap, &mut |record| {
            if let (Some(id), Some(kind), Some(value)) =
                (u16_at(record, 0), u16_at(record, 2), u32_at(record, 4))
            {
                records.push(PropertyRecord { id, kind, value });
            }
        })?;
        if !records.is_sorted_by_key(|record| record.id) {
            records.sort_by_key(|record| record.id);
        }
        Ok(Self { heap, records, charset: Charset::default() })
    }

    pub(crate) fn records(&self) -> &[PropertyRecord] {
        &self.records
    }

    pub(crate) fn record(&self, id: u16) -> Option<PropertyRecord> {
        let index = self.records.binary_search_by_key(&id, |record| record.id).ok()?;
        self.records.get(index).copied()
    }

    /// A number that is stored in its record: 32 and 16 bits, and booleans.
    pub(crate) fn int(&self, id: u16) -> Option<i32> {
        let record = self.record(id)?;
        match record.kind {
            kinds::INTEGER32 | kinds::ERROR_CODE => Some(record.value as i32),
            kinds::INTEGER16 => Some(i32::from(record.value as i16)),
            kinds::BOOLEAN => Some(i32::from(record.value as u8 != 0)),
            _ => None,
        }
    }

    pub(crate) fn flag(&self, id: u16) -> bool {
        self.int(id).is_some_and(|value| value != 0)
    }

    /// The record of a property that can be of these types. One of another type is noted, since it cannot be understood; those that
    /// stand for nothing are not, nor those with a name, which programs use as they like.
    fn record_of(&self, reader: &mut NdbReader<'_>, id: u16, types: &[u16]) -> Option<PropertyRecord> {
        let record = self.record(id)?;
        if types.contains(&record.kind) {
            return Some(record);
        }
        let is_nothing = matches!(record.kind, 0 | kinds::NULL | kinds::ERROR_CODE);
        if !is_nothing && id < 0x8000 {
            let fault = Fault::Field { field: "wPropType", value: record.kind.into() };
            reader.anomalies.push(fault, Place::Property(id), Consequence::Lost);
        }
        None
    }

    fn small(&self, reader: &mut NdbReader<'_>, id: u16, kind: u16) -> Option<Bytes> {
        let record = self.record_of(reader, id, &[kind])?;
        self.noted(reader, id, |reader| self.heap.value(reader, Hnid(record.value), STRING_LIMIT))
    }

    /// A value that cannot be read is noted, not an error: the other properties are still good.
    fn noted(
        &self,
        reader: &mut NdbReader<'_>,
        id: u16,
        read: impl FnOnce(&mut NdbReader<'_>) -> Result<(Bytes, bool), ReadError>,
    ) -> Option<Bytes> {
        match read(reader) {
            Ok((data, cut)) => {
                if cut {
                    let fault = Fault::Cut { what: "a property", kept: data.len() as u64 };
                    reader.anomalies.push(fault, Place::Property(id), Consequence::Lost);
                }
                Some(data)
            }
            Err(reason) => {
                let fault = Fault::Unreadable { what: "a property", reason };
                reader.anomalies.push(fault, Place::Property(id), Consequence::Lost);
                None
            }
        }
    }

    pub(crate) fn time(&self, reader: &mut NdbReader<'_>, id: u16) -> Option<FileTime> {
        let data = self.small(reader, id, kinds::TIME)?;
        u64_at(&data, 0).filter(|&time| time != 0).map(FileTime)
    }

    pub(crate) fn binary(&self, reader: &mut NdbReader<'_>, id: u16) -> Option<Bytes> {
        self.small(reader, id, kinds::BINARY)
    }

    /// A string of either type, decoded, without trailing NUL.
    pub(crate) fn text(&self, reader: &mut NdbReader<'_>, id: u16) -> Option<String> {
        let record = self.record_of(reader, id, &[kinds::STRING, kinds::STRING8])?;
        let data = self.small(reader, id, record.kind)?;
        Some(self.decode_text(record.kind, &data))
    }

    /// The strings of a property that has several (or one): at most so many, of so many bytes in all. None where it is of another
    /// type.
    pub(crate) fn texts(
        &self,
        reader: &mut NdbReader<'_>,
        id: u16,
        most: usize,
        limit: usize,
    ) -> Vec<String> {
        let Some(record) = self.record(id) else { return Vec::new() };
        if !matches!(record.kind & !kinds::MULTIPLE, kinds::STRING | kinds::STRING8) {
            return Vec::new();
        }
        let Some(data) = self.noted(reader, id, |reader| self.heap.value(reader, Hnid(record.value), limit))
        else {
            return Vec::new();
        };
        let all = match value::decode(record.kind, &data, data.len() as u64, &self.charset) {
            Value::List(all) => all,
            one => vec![one],
        };
        let texts = all.into_iter().filter_map(|value| match value {
            Value::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        });
        texts.take(most).collect()
    }

    pub(crate) fn decode_text(&self, kind: u16, data: &[u8]) -> String {
        let mut text = if kind == kinds::STRING { utf16(data) } else { self.charset.decode(data) };
        text.truncate(text.trim_end_matches('\0').len());
        text
    }

    /// The sub-nodes that hold values too large for the heap.
    pub(crate) fn sub_nodes(&self) -> Vec<NodeId> {
        let is_large = |record: &&PropertyRecord| {
            let in_record = record.kind & kinds::MULTIPLE == 0
                && value::fixed_size(record.kind).is_some_and(|size| size <= 4);
            let known = value::fixed_size(record.kind & !kinds::MULTIPLE).is_some()
                || matches!(record.kind & !kinds::MULTIPLE, kinds::STRING | kinds::STRING8 | kinds::BINARY);
            known && !in_record && !Hnid(record.value).is_heap_item()
        };
        self.records.iter().filter(is_large).map(|record| NodeId(record.value)).collect()
    }

    /// Whether any property is an 8-bit string.
    pub(crate) fn has_text8(&self) -> bool {
        self.records.iter().any(|record| record.kind & !kinds::MULTIPLE == kinds::STRING8)
    }

    /// The 8-bit strings that a person wrote, or the beginnings of them, line by line: what their code page is told
    /// by. Nothing is noted of what cannot be read.
    pub(crate) fn text8_sample(&self, reader: &mut NdbReader<'_>) -> Vec<u8> {
        let mut pool = Vec::new();
        for &id in tags::WRITTEN {
            let Some(record) = self.record(id).filter(|record| record.kind == kinds::STRING8) else {
                continue;
            };
            let Ok((data, cut)) = self.heap.value(reader, Hnid(record.value), SAMPLE) else { continue };
            // A character that is cut in two would count as an error.
            let break_at = |data: &[u8]| data.iter().rposition(|byte| matches!(byte, b'\n' | b' '));
            let end = if cut { break_at(&data).unwrap_or(0) } else { data.len() };
            pool.extend_from_slice(data.get(..end).unwrap_or_default());
            pool.push(b'\n');
        }
        pool
    }

    /// The bytes of a value of any length, at most `limit`; a cut is noted. With them comes the type.
    pub(crate) fn large(&self, reader: &mut NdbReader<'_>, id: u16, limit: usize) -> Option<(u16, Bytes)> {
        let record = self.record_of(reader, id, &[kinds::STRING, kinds::STRING8, kinds::BINARY])?;
        let data = self.noted(reader, id, |reader| self.heap.value(reader, Hnid(record.value), limit))?;
        Some((record.kind, data))
    }

    /// A property's value with the bytes that it takes; of one that takes more than `limit`, only these (the inner error).
    pub(crate) fn whole_value(
        &self,
        reader: &mut NdbReader<'_>,
        record: PropertyRecord,
        limit: u64,
    ) -> Result<Result<(Value, u64), u64>, ReadError> {
        let in_record = record.kind & kinds::MULTIPLE == 0
            && value::fixed_size(record.kind).is_some_and(|size| size <= 4);
        let size = if in_record || !is_known(record.kind) {
            4
        } else {
            self.heap.value_size(reader, Hnid(record.value))?
        };
        if size > limit {
            return Ok(Err(size));
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(Ok((self.value(reader, record, limit)?, size)))
    }

    /// A property's value; of long ones the first `limit` bytes.
    pub(crate) fn value(
        &self,
        reader: &mut NdbReader<'_>,
        record: PropertyRecord,
        limit: usize,
    ) -> Result<Value, ReadError> {
        let inline = record.value.to_le_bytes();
        if record.kind & kinds::MULTIPLE == 0
            && let Some(size @ ..=4) = value::fixed_size(record.kind)
        {
            return Ok(value::decode(record.kind, inline.get(..size).unwrap_or_default(), 4, &self.charset));
        }
        if !is_known(record.kind) {
            return Ok(Value::Unknown(inline.to_vec()));
        }
        let hnid = Hnid(record.value);
        let (data, cut) = self.heap.value(reader, hnid, limit)?;
        let size = if cut { self.heap.value_size(reader, hnid)? } else { data.len() as u64 };
        Ok(value::decode(record.kind, &data, size, &self.charset))
    }
}

/// Whether values of this type can be told from their bytes.
fn is_known(kind: u16) -> bool {
    let kind = kind & !kinds::MULTIPLE;
    value::fixed_size(kind).is_some()
        || matches!(
            kind,
            kinds::STRING
                | kinds::STRING8
                | kinds::BINARY
                | kinds::OBJECT
                | kinds::SERVER_ID
                | kinds::RESTRICTION
                | kinds::RULE_ACTION
        )
}
