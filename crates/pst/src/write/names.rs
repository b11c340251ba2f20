//! The name-to-id map: which ids the named properties of this file have ([MS-PST] 2.4.7).

use std::{
    collections::{BTreeMap, HashMap},
    io::{Seek, Write},
};

use super::{
    blocks::{BlockStore, NodeBody},
    contexts::{SubNodes, write_properties},
    error::{Result, WriteError},
    tags::*,
    value::{Properties, TextForm, Value},
};
use crate::ndb::crc::crc;

/// A set of named properties, as its 16 bytes lie in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PropertySet(pub [u8; 16]);

impl PropertySet {
    const fn office(low: u32) -> Self {
        let [a, b, c, d] = low.to_le_bytes();
        Self([a, b, c, d, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46])
    }

    /// `PS_MAPI`
    pub const MAPI: Self = Self::office(0x0002_0328);
    /// `PS_PUBLIC_STRINGS`
    pub const PUBLIC_STRINGS: Self = Self::office(0x0002_0329);
    /// `PS_INTERNET_HEADERS`
    pub const INTERNET_HEADERS: Self = Self::office(0x0002_0386);
    /// `PSETID_Appointment`
    pub const APPOINTMENT: Self = Self::office(0x0006_2002);
    /// `PSETID_Task`
    pub const TASK: Self = Self::office(0x0006_2003);
    /// `PSETID_Address`
    pub const ADDRESS: Self = Self::office(0x0006_2004);
    /// `PSETID_Common`
    pub const COMMON: Self = Self::office(0x0006_2008);
    /// `PSETID_Log`
    pub const LOG: Self = Self::office(0x0006_200A);
    /// `PSETID_Note`
    pub const NOTE: Self = Self::office(0x0006_200E);
}

/// What a named property is called inside its set.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PropertyName {
    /// By number (`LID`)
    Number(u32),
    /// By text
    Text(String),
}

/// Which property a value belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PropertyKey {
    /// A property with a fixed id, below 0x8000.
    Id(u16),
    /// A named property; its id is given out by the file.
    Named(PropertySet, PropertyName),
}

/// The number of hash buckets that every file has.
const BUCKETS: u32 = 251;
/// Named properties have the ids from here up.
const FIRST_ID: u16 = 0x8000;

/// Names that every file has: readers exist that refuse a map without any.
const ALWAYS: [(PropertySet, &str, u32); 3] = [
    (PropertySet::PUBLIC_STRINGS, "Keywords", 0),
    // PidLidReminderSet, PidLidSideEffects
    (PropertySet::COMMON, "", 0x8503),
    (PropertySet::COMMON, "", 0x8510),
];

/// Gives out ids for names and writes the map in the end.
pub(crate) struct NameMap {
    ids: HashMap<(PropertySet, PropertyName), u16>,
    /// In the order of their ids.
    names: Vec<(PropertySet, PropertyName)>,
}

impl NameMap {
    pub fn new() -> Self {
        let mut map = Self { ids: HashMap::new(), names: Vec::new() };
        for (set, text, number) in ALWAYS {
            let name = if text.is_empty() {
                PropertyName::Number(number)
            } else {
                PropertyName::Text(text.to_owned())
            };
            map.insert(set, name);
        }
        map
    }

    /// The id of a name in this file.
    pub fn id(&mut self, key: &PropertyKey) -> Result<u16> {
        let (set, name) = match key {
            PropertyKey::Id(id) => return Ok(*id),
            PropertyKey::Named(set, name) => (*set, name.clone()),
        };
        if let Some(id) = self.ids.get(&(set, name.clone())) {
            return Ok(*id);
        }
        let limit = usize::from(u16::MAX - FIRST_ID);
        if self.names.len() >= limit {
            return Err(WriteError::TooLarge {
                what: "the number of named properties",
                size: self.names.len() as u64 + 1,
                limit: limit as u64,
            });
        }
        Ok(self.insert(set, name))
    }

    fn insert(&mut self, set: PropertySet, name: PropertyName) -> u16 {
        let id = FIRST_ID + self.names.len() as u16;
        self.names.push((set, name.clone()));
        self.ids.insert((set, name), id);
        id
    }

    /// Writes the map's node.
    pub fn write<W: Write + Seek>(&self, store: &mut BlockStore<W>, form: TextForm) -> Result<NodeBody> {
        let mut sets: Vec<PropertySet> = Vec::new();
        let (mut entries, mut texts) = (Vec::new(), Vec::new());
        let mut buckets: BTreeMap<u16, Vec<u8>> = BTreeMap::new();
        for (number, (set, name)) in self.names.iter().enumerate() {
            // 1 and 2 stand for the two sets that need no entry in the list.
            let set_number = match *set {
                PropertySet::MAPI => 1,
                PropertySet::PUBLIC_STRINGS => 2,
                set => {
                    let at = sets.iter().position(|known| *known == set).unwrap_or_else(|| {
                        sets.push(set);
                        sets.len() - 1
                    });
                    at as u16 + 3
                }
            };
            let (value, hash, text_bit) = match name {
                PropertyName::Number(number) => (*number, *number, 0),
                PropertyName::Text(text) => {
                    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                    let at = texts.len() as u32;
                    texts.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
                    texts.extend_from_slice(&bytes);
                    texts.resize(texts.len().next_multiple_of(4), 0);
                    (at, crc(&bytes), 1)
                }
            };
            let guid = (set_number << 1) | text_bit;
            let entry = |value: u32| {
                let mut entry = value.to_le_bytes().to_vec();
                entry.extend_from_slice(&guid.to_le_bytes());
                entry.extend_from_slice(&(number as u16).to_le_bytes());
                entry
            };
            entries.extend_from_slice(&entry(value));
            let bucket = ((hash ^ u32::from(guid)) % BUCKETS) as u16;
            buckets.entry(bucket).or_default().extend_from_slice(&entry(hash));
        }
        let mut properties = Properties::default();
        properties.set(form, NAMEID_BUCKET_COUNT, &Value::Int32(BUCKETS as i32));
        let guids = sets.iter().flat_map(|set| set.0).collect();
        properties.set(form, NAMEID_STREAM_GUID, &Value::Binary(guids));
        properties.set(form, NAMEID_STREAM_ENTRY, &Value::Binary(entries));
        properties.set(form, NAMEID_STREAM_STRING, &Value::Binary(texts));
        for (bucket, bytes) in buckets {
            properties.set(form, NAMEID_BUCKET_BASE + bucket, &Value::Binary(bytes));
        }
        write_properties(store, &properties, SubNodes::default())
    }
}
