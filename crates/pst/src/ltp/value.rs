//! Property types and values ([MS-OXCDATA] 2.11).

use crate::bytes::{u16_at, u32_at, u64_at};
use crate::messaging::Charset;
use crate::ndb::ids::NodeId;

/// A time as stored: steps of 100 nanoseconds since the first of January 1601, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileTime(pub u64);

impl FileTime {
    const UNIX_EPOCH: u64 = 116_444_736_000_000_000;

    /// Milliseconds since the first of January 1970, UTC; negative before.
    pub fn unix_millis(self) -> i64 {
        let from_1601 = i64::try_from(self.0 / 10_000).unwrap_or(i64::MAX);
        from_1601 - (Self::UNIX_EPOCH / 10_000) as i64
    }

    /// The time that is `millis` milliseconds after the first of January 1970; `None` before 1601.
    pub fn from_unix_millis(millis: i64) -> Option<Self> {
        let millis = millis.checked_add((Self::UNIX_EPOCH / 10_000) as i64)?;
        u64::try_from(millis).ok()?.checked_mul(10_000).map(Self)
    }
}

/// The value of a property.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `PtypNull`, or nothing where a value should be.
    Null,
    /// `PtypInteger16`
    Int16(i16),
    /// `PtypInteger32`
    Int32(i32),
    /// `PtypInteger64`
    Int64(i64),
    /// `PtypFloating32`
    Float32(f32),
    /// `PtypFloating64`
    Float64(f64),
    /// `PtypCurrency`, in ten-thousandths.
    Currency(i64),
    /// `PtypFloatingTime`: days since the end of 1899.
    DayTime(f64),
    /// `PtypErrorCode`
    Error(u32),
    /// `PtypBoolean`
    Bool(bool),
    /// `PtypString` or `PtypString8`, decoded.
    Text(String),
    /// `PtypTime`
    Time(FileTime),
    /// `PtypGuid`, as stored.
    Guid([u8; 16]),
    /// `PtypBinary` and types of like form; `size` is what the file holds, of which `data` may be a beginning.
    Binary {
        /// The bytes, or the first of them.
        data: Vec<u8>,
        /// How many there are in the file.
        size: u64,
    },
    /// `PtypObject`: an embedded message or OLE object in a sub-node.
    Object {
        /// The sub-node.
        node: NodeId,
        /// Its size in bytes, as stated.
        size: u32,
    },
    /// A multiple-valued property.
    List(Vec<Value>),
    /// A value of a type that is not known, as stored.
    Unknown(Vec<u8>),
}

/// Property types by their names in [MS-OXCDATA].
pub(crate) mod kinds {
    pub(crate) const NULL: u16 = 0x0001;
    pub(crate) const INTEGER16: u16 = 0x0002;
    pub(crate) const INTEGER32: u16 = 0x0003;
    pub(crate) const FLOATING32: u16 = 0x0004;
    pub(crate) const FLOATING64: u16 = 0x0005;
    pub(crate) const CURRENCY: u16 = 0x0006;
    pub(crate) const FLOATING_TIME: u16 = 0x0007;
    pub(crate) const ERROR_CODE: u16 = 0x000A;
    pub(crate) const BOOLEAN: u16 = 0x000B;
    pub(crate) const OBJECT: u16 = 0x000D;
    pub(crate) const INTEGER64: u16 = 0x0014;
    pub(crate) const STRING8: u16 = 0x001E;
    pub(crate) const STRING: u16 = 0x001F;
    pub(crate) const TIME: u16 = 0x0040;
    pub(crate) const GUID: u16 = 0x0048;
    pub(crate) const SERVER_ID: u16 = 0x00FB;
    pub(crate) const RESTRICTION: u16 = 0x00FD;
    pub(crate) const RULE_ACTION: u16 = 0x00FE;
    pub(crate) const BINARY: u16 = 0x0102;
    pub(crate) const MULTIPLE: u16 = 0x1000;
}

/// The bytes of a value of type `kind`; `None` when it varies or the type is unknown.
pub(crate) fn fixed_size(kind: u16) -> Option<usize> {
    match kind {
        kinds::NULL => Some(0),
        kinds::BOOLEAN => Some(1),
        kinds::INTEGER16 => Some(2),
        kinds::INTEGER32 | kinds::FLOATING32 | kinds::ERROR_CODE => Some(4),
        kinds::FLOATING64 | kinds::CURRENCY | kinds::FLOATING_TIME | kinds::INTEGER64 | kinds::TIME => {
            Some(8)
        }
        kinds::GUID => Some(16),
        _ => None,
    }
}

/// The value of type `kind` that `data` holds; `size` is the value's full size where `data` was cut.
pub(crate) fn decode(kind: u16, data: &[u8], size: u64, charset: &Charset) -> Value {
    if kind & kinds::MULTIPLE != 0 {
        return multiple(kind & !kinds::MULTIPLE, data, charset);
    }
    single(kind, data, size, charset)
}

fn single(kind: u16, data: &[u8], size: u64, charset: &Charset) -> Value {
    let fixed = match kind {
        kinds::NULL => Some(Value::Null),
        kinds::INTEGER16 => u16_at(data, 0).map(|value| Value::Int16(value as i16)),
        kinds::INTEGER32 => u32_at(data, 0).map(|value| Value::Int32(value as i32)),
        kinds::FLOATING32 => u32_at(data, 0).map(|value| Value::Float32(f32::from_bits(value))),
        kinds::FLOATING64 => u64_at(data, 0).map(|value| Value::Float64(f64::from_bits(value))),
        kinds::CURRENCY => u64_at(data, 0).map(|value| Value::Currency(value as i64)),
        kinds::FLOATING_TIME => u64_at(data, 0).map(|value| Value::DayTime(f64::from_bits(value))),
        kinds::ERROR_CODE => u32_at(data, 0).map(Value::Error),
        kinds::BOOLEAN => data.first().map(|&value| Value::Bool(value != 0)),
        kinds::OBJECT => match (u32_at(data, 0), u32_at(data, 4)) {
            (Some(node), size) => Some(Value::Object { node: NodeId(node), size: size.unwrap_or(0) }),
            _ => None,
        },
        kinds::INTEGER64 => u64_at(data, 0).map(|value| Value::Int64(value as i64)),
        kinds::TIME => u64_at(data, 0).map(|value| Value::Time(FileTime(value))),
        kinds::GUID => data.get(..16).and_then(|data| data.try_into().ok()).map(Value::Guid),
        kinds::STRING => Some(Value::Text(crate::messaging::utf16(data))),
        kinds::STRING8 => Some(Value::Text(charset.decode(data))),
        kinds::BINARY | kinds::SERVER_ID | kinds::RESTRICTION | kinds::RULE_ACTION => {
            Some(Value::Binary { data: data.to_vec(), size })
        }
        _ => Some(Value::Unknown(data.to_vec())),
    };
    fixed.unwrap_or_else(|| if data.is_empty() { Value::Null } else { Value::Unknown(data.to_vec()) })
}

/// Values of fixed size stand side by side; others behind a count and a list of offsets ([MS-PST] 2.3.3.4).
fn multiple(kind: u16, data: &[u8], charset: &Charset) -> Value {
    if let Some(size @ 1..) = fixed_size(kind) {
        return Value::List(
            data.chunks_exact(size).map(|item| single(kind, item, size as u64, charset)).collect(),
        );
    }
    let count = u32_at(data, 0).unwrap_or(0) as usize;
    if count > data.len().saturating_sub(4) / 4 {
        return Value::Unknown(data.to_vec());
    }
    let offset = |index: usize| u32_at(data, 4 + 4 * index).map_or(data.len(), |offset| offset as usize);
    let item = |index| {
        let end = if index + 1 < count { offset(index + 1) } else { data.len() };
        let item = data.get(offset(index)..end).unwrap_or_default();
        single(kind, item, item.len() as u64, charset)
    };
    // Overlapping offsets would let a small file ask for much memory: they never go backwards in a sound one.
    if !(0..count).map(offset).is_sorted() {
        return Value::Unknown(data.to_vec());
    }
    Value::List((0..count).map(item).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        let check = |kind, data: &[u8], want| {
            assert_eq!(decode(kind, data, data.len() as u64, &Charset::default()), want, "{kind:#x}");
        };
        check(kinds::INTEGER32, &[1, 0, 0, 0x80], Value::Int32(-0x7FFF_FFFF));
        check(kinds::INTEGER32, &[], Value::Null);
        check(kinds::STRING, &[0x41, 0, 0x42, 0, 0x43], Value::Text("AB".into()));
        check(kinds::BOOLEAN, &[1], Value::Bool(true));
        check(0x1003, &[1, 0, 0, 0, 2, 0, 0, 0], Value::List(vec![Value::Int32(1), Value::Int32(2)]));
        let strings = [2, 0, 0, 0, 12, 0, 0, 0, 14, 0, 0, 0, b'a', 0, b'b', 0];
        check(0x101F, &strings, Value::List(vec![Value::Text("a".into()), Value::Text("b".into())]));
        check(0x101F, &[255, 255, 255, 255], Value::Unknown(vec![255; 4]));
        check(0x0000, &[7], Value::Unknown(vec![7]));
    }

    #[test]
    fn times() {
        assert_eq!(FileTime(116_444_736_000_000_000).unix_millis(), 0);
        assert_eq!(FileTime(0).unix_millis(), -11_644_473_600_000);
        assert_eq!(FileTime::from_unix_millis(1_000).map(|time| time.unix_millis()), Some(1_000));
        assert_eq!(FileTime::from_unix_millis(i64::MIN), None);
    }
}
