//! Property values and how each is stored ([MS-PST] 2.3.3.3, [MS-OXCDATA] 2.11.1).

use std::collections::BTreeMap;

use encoding_rs::Encoding;

use super::{blocks::DataTree, heap::LARGEST_ITEM, layout::Format};

pub use crate::ltp::FileTime;
use crate::ltp::fixed_size;

/// The time `seconds` after the start of 1970, UTC.
pub(crate) fn unix_time(seconds: i64) -> FileTime {
    FileTime::from_unix_millis(seconds.saturating_mul(1000)).unwrap_or(FileTime(0))
}

/// A property's value.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `PtypInteger16`
    Int16(i16),
    /// `PtypInteger32`
    Int32(i32),
    /// `PtypInteger64`
    Int64(i64),
    /// `PtypFloating64`
    Float64(f64),
    /// `PtypBoolean`
    Bool(bool),
    /// `PtypTime`
    Time(FileTime),
    /// `PtypGuid`, in the order of the file
    Guid([u8; 16]),
    /// `PtypString`; in ANSI files `PtypString8` in the code page of the file. Characters that the code page
    /// lacks become question marks.
    Text(String),
    /// `PtypString8`: text in a code page, as bytes
    Text8(Vec<u8>),
    /// `PtypBinary`
    Binary(Vec<u8>),
    /// `PtypMultipleInteger32`
    Int32s(Vec<i32>),
    /// `PtypMultipleString`
    Texts(Vec<String>),
    /// `PtypMultipleBinary`
    Binaries(Vec<Vec<u8>>),
    /// A value of any other type, as its bytes lie in files.
    Raw {
        /// The type ([MS-OXCDATA] 2.11.1).
        kind: u16,
        /// The bytes.
        bytes: Vec<u8>,
    },
}

impl Value {
    /// About the bytes that it takes.
    pub(crate) fn size(&self) -> u64 {
        let bytes = match self {
            Self::Int16(_) | Self::Int32(_) | Self::Bool(_) => 4,
            Self::Int64(_) | Self::Float64(_) | Self::Time(_) => 8,
            Self::Guid(_) => 16,
            Self::Text(text) => text.len(),
            Self::Text8(bytes) | Self::Binary(bytes) | Self::Raw { bytes, .. } => bytes.len(),
            Self::Int32s(values) => values.len() * 4,
            Self::Texts(texts) => texts.iter().map(|text| text.len() + 8).sum(),
            Self::Binaries(parts) => parts.iter().map(|part| part.len() + 8).sum(),
        };
        bytes as u64
    }
}

/// `PtypObject`
pub(crate) const TYPE_OBJECT: u16 = 0x000D;
/// `PtypBinary`
pub(crate) const TYPE_BINARY: u16 = 0x0102;
/// `PtypString`
pub(crate) const TYPE_TEXT: u16 = 0x001F;
/// `PtypString8`
pub(crate) const TYPE_TEXT8: u16 = 0x001E;

/// How text becomes bytes in this file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TextForm {
    pub format: Format,
    pub encoding: &'static Encoding,
}

impl TextForm {
    pub fn encode(&self, text: &str) -> Vec<u8> {
        if self.format != Format::Ansi {
            if text.is_ascii() {
                let mut out = vec![0; text.len() * 2];
                out.chunks_exact_mut(2).zip(text.bytes()).for_each(|(unit, byte)| unit[0] = byte);
                return out;
            }
            let mut out = Vec::with_capacity(text.len() * 2);
            text.encode_utf16().for_each(|unit| out.extend_from_slice(&unit.to_le_bytes()));
            return out;
        }
        let (bytes, _, unmappable) = self.encoding.encode(text);
        if !unmappable {
            return bytes.into_owned();
        }
        // The encoder would write character references, which belong to HTML alone.
        text.chars()
            .flat_map(|c| {
                let mut buffer = [0; 4];
                let (bytes, _, bad) = self.encoding.encode(c.encode_utf8(&mut buffer));
                if bad { b"?".to_vec() } else { bytes.into_owned() }
            })
            .collect()
    }

    /// The type that text has in this file.
    pub fn text_type(&self) -> u16 {
        if self.format == Format::Ansi { TYPE_TEXT8 } else { TYPE_TEXT }
    }
}

/// A value in the shape that records refer to.
#[derive(Debug, Clone)]
pub(crate) enum Stored {
    /// Fits the four bytes of a property record.
    Inline(u32),
    /// Anything longer.
    Bytes(Vec<u8>),
    /// A stream that is in the file already and becomes a sub-node.
    Stream(DataTree),
    /// `PtypObject`: a sub-node that has its own structure, and its size.
    Object { nid: u32, size: u32 },
}

impl Stored {
    /// Bytes of content, for sizes that a person sees.
    pub fn len(&self) -> u64 {
        match self {
            Self::Inline(_) => 4,
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Stream(tree) => tree.size,
            Self::Object { size, .. } => u64::from(*size),
        }
    }

    /// Whether the value has to live in a sub-node of its own.
    pub fn wants_sub_node(&self) -> bool {
        match self {
            Self::Bytes(bytes) => bytes.len() > LARGEST_ITEM,
            Self::Stream(_) => true,
            _ => false,
        }
    }
}

/// Properties by id, each with type and value, in the order of the file.
#[derive(Debug, Default)]
pub(crate) struct Properties {
    pub entries: BTreeMap<u16, (u16, Stored)>,
}

impl Properties {
    /// Sets a property, replacing an earlier value.
    pub fn set(&mut self, form: TextForm, id: u16, value: &Value) {
        self.entries.insert(id, store(form, value));
    }

    /// Sets a text, as [`Self::set`] does with [`Value::Text`].
    pub fn set_text(&mut self, form: TextForm, id: u16, text: &str) {
        self.set_stored(id, form.text_type(), Stored::Bytes(form.encode(text)));
    }

    pub fn set_stored(&mut self, id: u16, kind: u16, value: Stored) {
        self.entries.insert(id, (kind, value));
    }

    pub fn size(&self) -> u64 {
        self.entries.values().map(|(_, value)| value.len()).sum()
    }
}

/// The type of `value` in this file and its bytes.
fn store(form: TextForm, value: &Value) -> (u16, Stored) {
    match value {
        Value::Int16(value) => (0x0002, Stored::Inline(u32::from(*value as u16))),
        Value::Int32(value) => (0x0003, Stored::Inline(*value as u32)),
        Value::Bool(value) => (0x000B, Stored::Inline(u32::from(*value))),
        Value::Int64(value) => (0x0014, Stored::Bytes(value.to_le_bytes().to_vec())),
        Value::Float64(value) => (0x0005, Stored::Bytes(value.to_le_bytes().to_vec())),
        Value::Time(time) => (0x0040, Stored::Bytes(time.0.to_le_bytes().to_vec())),
        Value::Guid(guid) => (0x0048, Stored::Bytes(guid.to_vec())),
        Value::Text(text) => (form.text_type(), Stored::Bytes(form.encode(text))),
        Value::Text8(bytes) => (TYPE_TEXT8, Stored::Bytes(bytes.clone())),
        Value::Binary(bytes) => (TYPE_BINARY, Stored::Bytes(bytes.clone())),
        Value::Int32s(values) => {
            (0x1003, Stored::Bytes(values.iter().flat_map(|value| value.to_le_bytes()).collect()))
        }
        Value::Texts(texts) => {
            let parts: Vec<_> = texts.iter().map(|text| form.encode(text)).collect();
            (0x1000 | form.text_type(), Stored::Bytes(join_parts(&parts)))
        }
        Value::Binaries(parts) => (0x1000 | TYPE_BINARY, Stored::Bytes(join_parts(parts))),
        Value::Raw { kind, bytes } => match (fixed_size(*kind), bytes.as_slice()) {
            (Some(..=4), bytes) => {
                let at = |index| bytes.get(index).copied().unwrap_or_default();
                (*kind, Stored::Inline(u32::from_le_bytes([at(0), at(1), at(2), at(3)])))
            }
            (_, bytes) => (*kind, Stored::Bytes(bytes.to_vec())),
        },
    }
}

/// Values of different lengths in one item: their count, where each begins, and their bytes
/// ([MS-PST] 2.3.3.4.2).
fn join_parts(parts: &[Vec<u8>]) -> Vec<u8> {
    let mut out = (parts.len() as u32).to_le_bytes().to_vec();
    let mut at = 4 + 4 * parts.len();
    for part in parts {
        out.extend_from_slice(&(at as u32).to_le_bytes());
        at += part.len();
    }
    parts.iter().for_each(|part| out.extend_from_slice(part));
    out
}
