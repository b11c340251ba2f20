//! Named properties: what the ids from 0x8000 on stand for ([MS-PST] 2.4.7).

use std::collections::HashMap;

use super::charset::utf16;
use crate::bytes::{Bytes, u16_at, u32_at};
use crate::error::{Consequence, Fault, Place, ReadError};
use crate::ltp::{Hnid, PropertyContext};
use crate::ndb::NdbReader;
use crate::ndb::ids::NodeId;

/// The name of a named property.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PropertyName {
    /// The property set, as stored.
    pub set: [u8; 16],
    /// Its number or name in the set.
    pub key: NameKey,
}

/// A number or a name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum NameKey {
    /// A number (`LID`).
    Id(u32),
    /// A name.
    Name(String),
}

const fn office(data1: u32) -> [u8; 16] {
    let d = data1.to_le_bytes();
    [d[0], d[1], d[2], d[3], 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46]
}

/// `PS_MAPI`
const PS_MAPI: [u8; 16] = office(0x0002_0328);
/// `PS_PUBLIC_STRINGS`
const PS_PUBLIC_STRINGS: [u8; 16] = office(0x0002_0329);
/// `PSETID_Appointment`
pub(crate) const APPOINTMENT: [u8; 16] = office(0x0006_2002);
/// `PSETID_Task`
pub(crate) const TASK: [u8; 16] = office(0x0006_2003);
/// `PSETID_Address`
pub(crate) const ADDRESS: [u8; 16] = office(0x0006_2004);
/// `PSETID_Common`
pub(crate) const COMMON: [u8; 16] = office(0x0006_2008);
/// `PSETID_Log`
pub(crate) const LOG: [u8; 16] = office(0x0006_200A);
/// `PSETID_Note`
pub(crate) const NOTE: [u8; 16] = office(0x0006_200E);
/// `PSETID_Meeting`
pub(crate) const MEETING: [u8; 16] =
    [0x90, 0xDA, 0xD8, 0x6E, 0x0B, 0x45, 0x1B, 0x10, 0x98, 0xDA, 0x00, 0xAA, 0x00, 0x3F, 0x13, 0x05];

/// The map between names and property ids of one file.
#[derive(Debug, Default)]
pub struct NameMap {
    names: HashMap<u16, PropertyName>,
    ids: HashMap<([u8; 16], u32), u16>,
    keywords: Option<u16>,
    /// Entries whose property set the file does not have.
    nameless: u64,
}

/// The name of `PidNameKeywords` ([MS-OXCMSG] 2.2.1.17).
const KEYWORDS: &str = "Keywords";
/// `PidTagNameidBucketBase`
const FIRST_BUCKET: u16 = 0x1000;
/// Sixteen bits of id leave no room for more.
const STREAM_LIMIT: usize = 16 << 20;

impl NameMap {
    pub(crate) fn read(reader: &mut NdbReader<'_>) -> Result<Self, ReadError> {
        let node = reader.node(NodeId::NAME_TO_ID_MAP)?;
        let properties = PropertyContext::open(reader, node.nid, node.data, node.sub)?;
        // A stream that is gone takes its names along, and not those of the others.
        let stream = |reader: &mut NdbReader<'_>, id| match properties.record(id) {
            Some(record) => match properties.heap.value(reader, Hnid(record.value), STREAM_LIMIT) {
                Ok((data, _)) => data,
                Err(reason) => {
                    let fault = Fault::Unreadable { what: "a stream of named properties", reason };
                    reader.anomalies.push(fault, Place::Property(id), Consequence::Lost);
                    Bytes::empty()
                }
            },
            None => Bytes::empty(),
        };
        // PidTagNameidStreamGuid, PidTagNameidStreamEntry, PidTagNameidStreamString
        let streams = [stream(reader, 2), stream(reader, 3), stream(reader, 4)];
        let mut map = Self::parse(&streams[0], &streams[1], &streams[2]);
        // A stream that cannot be read is noted already.
        if map.nameless > 0 && (properties.record(2).is_none() || !streams[0].is_empty()) {
            let found = map.names.len() as u64;
            let fault = Fault::Count { what: "NAMEID", stated: found + map.nameless, found };
            reader.anomalies.push(fault, Place::Node(node.nid), Consequence::Lost);
        }
        // The hash buckets repeat the numbers of the entries, if not their texts.
        if map.names.is_empty() {
            let buckets = properties.records().iter().map(|record| record.id);
            let buckets: Vec<u16> = buckets.filter(|id| (FIRST_BUCKET..0x8000).contains(id)).collect();
            for bucket in buckets {
                map.add_entries(&streams[0], &stream(reader, bucket), None);
            }
        }
        Ok(map)
    }

    fn parse(guids: &[u8], entries: &[u8], strings: &[u8]) -> Self {
        let mut map = Self::default();
        map.add_entries(guids, entries, Some(strings));
        map
    }

    /// Adds the names of `entries` (`NAMEID`); those that are texts only when there are `strings`.
    fn add_entries(&mut self, guids: &[u8], entries: &[u8], strings: Option<&[u8]>) {
        for entry in entries.chunks_exact(8) {
            let (Some(value), Some(guid), Some(index)) =
                (u32_at(entry, 0), u16_at(entry, 4), u16_at(entry, 6))
            else {
                continue;
            };
            let set = match guid >> 1 {
                0 => [0; 16],
                1 => PS_MAPI,
                2 => PS_PUBLIC_STRINGS,
                number => {
                    let at = usize::from(number - 3) * 16;
                    let guid = guids.get(at..at + 16).and_then(|guid| guid.try_into().ok());
                    self.nameless += u64::from(guid.is_none());
                    guid.unwrap_or_default()
                }
            };
            let Some(id) = 0x8000u16.checked_add(index) else { continue };
            let key = if guid & 1 == 0 {
                self.ids.entry((set, value)).or_insert(id);
                NameKey::Id(value)
            } else {
                let Some(strings) = strings else { continue };
                let at = value as usize;
                let length = u32_at(strings, at).unwrap_or(0) as usize;
                let text = at.checked_add(4).and_then(|start| strings.get(start..start.checked_add(length)?));
                let name = utf16(text.unwrap_or_default());
                if set == PS_PUBLIC_STRINGS && name == KEYWORDS {
                    self.keywords.get_or_insert(id);
                }
                NameKey::Name(name)
            };
            self.names.entry(id).or_insert(PropertyName { set, key });
        }
    }

    /// What the property id `id` (from 0x8000 on) stands for.
    pub fn name(&self, id: u16) -> Option<&PropertyName> {
        self.names.get(&id)
    }

    /// The id that number `number` of property set `set` has in this file.
    pub fn id(&self, set: [u8; 16], number: u32) -> Option<u16> {
        self.ids.get(&(set, number)).copied()
    }

    /// The id that `PidNameKeywords` has in this file.
    pub(crate) fn keywords(&self) -> Option<u16> {
        self.keywords
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries() {
        let mut entries = Vec::new();
        entries.extend([0x0D, 0x82, 0, 0, 6, 0, 0, 0]);
        entries.extend([0, 0, 0, 0, 5, 0, 1, 0]);
        entries.extend([0xFF, 0xFF, 0, 0, 5, 0, 2, 0]);
        entries.extend([8, 0, 0, 0, 5, 0, 3, 0]);
        let mut strings = vec![4, 0, 0, 0, b'a', 0, b'b', 0, 16, 0, 0, 0];
        strings.extend(KEYWORDS.bytes().flat_map(|letter| [letter, 0]));
        let map = NameMap::parse(&APPOINTMENT, &entries, &strings);
        assert_eq!(map.keywords(), Some(0x8003));
        assert_eq!(map.id(APPOINTMENT, 0x820D), Some(0x8000));
        assert_eq!(map.name(0x8001).unwrap().key, NameKey::Name("ab".into()));
        assert_eq!(map.name(0x8001).unwrap().set, PS_PUBLIC_STRINGS);
        assert_eq!(map.name(0x8002).unwrap().key, NameKey::Name(String::new()));
    }
}
