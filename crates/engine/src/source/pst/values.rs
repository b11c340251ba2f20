//! Properties in words.

use super::names;
use crate::source::PropertyLine;
use mailscope_pst::{FileTime, NameKey, Property, Value};

/// Of a value, at most this many characters are shown.
const MAX_SHOWN: usize = 2000;
/// Of a binary value, at most this many bytes are shown.
const MAX_BYTES: usize = 64;

/// A property as a line of the inspector.
pub fn line(property: &Property) -> PropertyLine {
    let name = match &property.name {
        Some(name) => match &name.key {
            NameKey::Id(id) => format!("LID {id:#06x}"),
            NameKey::Name(name) => name.clone(),
        },
        None => names::canonical(property.id).unwrap_or_default().to_owned(),
    };
    let mut value = match &property.value {
        Ok(value) => shown(value),
        Err(error) => format!("unreadable: {error}"),
    };
    if let Some((end, _)) = value.char_indices().nth(MAX_SHOWN) {
        value.truncate(end);
        value.push('…');
    }
    PropertyLine {
        tag: format!("0x{:04X}{:04X}", property.id, property.kind),
        name,
        kind: kind(property.kind),
        value,
    }
}

fn kind(kind: u16) -> String {
    const MULTIPLE: u16 = 0x1000;
    let name = match kind & !MULTIPLE {
        0x0001 => "PtypNull",
        0x0002 => "PtypInteger16",
        0x0003 => "PtypInteger32",
        0x0004 => "PtypFloating32",
        0x0005 => "PtypFloating64",
        0x0006 => "PtypCurrency",
        0x0007 => "PtypFloatingTime",
        0x000A => "PtypErrorCode",
        0x000B => "PtypBoolean",
        0x000D => "PtypObject",
        0x0014 => "PtypInteger64",
        0x001E => "PtypString8",
        0x001F => "PtypString",
        0x0040 => "PtypTime",
        0x0048 => "PtypGuid",
        0x00FB => "PtypServerId",
        0x00FD => "PtypRestriction",
        0x00FE => "PtypRuleAction",
        0x0102 => "PtypBinary",
        _ => return format!("0x{kind:04X}"),
    };
    if kind & MULTIPLE == 0 { name.to_owned() } else { name.replacen("Ptyp", "PtypMultiple", 1) }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Int16(n) => n.to_string(),
        Value::Int32(n) => n.to_string(),
        Value::Int64(n) => n.to_string(),
        Value::Float32(n) => n.to_string(),
        Value::Float64(n) | Value::DayTime(n) => n.to_string(),
        Value::Currency(n) => format!("{}.{:04}", n / 10_000, (n % 10_000).abs()),
        Value::Error(code) => format!("error 0x{code:08X}"),
        Value::Bool(value) => value.to_string(),
        Value::Text(text) => text.clone(),
        Value::Time(FileTime(0)) => "none".into(),
        Value::Time(time) => utc(time.unix_millis()),
        Value::Guid(bytes) => guid(bytes),
        Value::Binary { data, size } => bytes(data, *size),
        Value::Object { node, size } => format!("object {node}, {size} bytes"),
        Value::List(values) => values.iter().map(shown).collect::<Vec<_>>().join("; "),
        Value::Unknown(data) => bytes(data, data.len() as u64),
    }
}

fn bytes(data: &[u8], size: u64) -> String {
    let mut out: String = data.iter().take(MAX_BYTES).map(|byte| format!("{byte:02x}")).collect();
    if size > MAX_BYTES as u64 {
        out.push_str(&format!("… ({size} bytes)"));
    }
    out
}

fn guid(b: &[u8; 16]) -> String {
    let tail: String = b[10..].iter().map(|byte| format!("{byte:02x}")).collect();
    let first = u32::from_le_bytes([b[0], b[1], b[2], b[3]]);
    let (second, third) = (u16::from_le_bytes([b[4], b[5]]), u16::from_le_bytes([b[6], b[7]]));
    format!("{{{first:08x}-{second:04x}-{third:04x}-{:02x}{:02x}-{tail}}}", b[8], b[9])
}

/// "2001-11-14 16:20:05 UTC" from milliseconds since 1970.
fn utc(millis: i64) -> String {
    let (date, time) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000) / 1000);
    let (year, month, day) = crate::text::dates::civil(date);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02} UTC", time / 3600, time / 60 % 60, time % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_in_words() {
        let check = |value: Value, expected: &str| assert_eq!(shown(&value), expected);
        check(Value::Int32(-1), "-1");
        check(Value::Currency(-12_345), "-1.2345");
        check(Value::Text("x".into()), "x");
        check(Value::Time(FileTime(126_502_284_050_000_000)), "2001-11-14 16:20:05 UTC");
        check(
            Value::Guid(*b"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10"),
            "{04030201-0605-0807-090a-0b0c0d0e0f10}",
        );
        check(
            Value::Binary { data: vec![0xab; 100], size: 100 },
            &format!("{}… (100 bytes)", "ab".repeat(64)),
        );
        check(Value::List(vec![Value::Bool(true), Value::Null]), "true; ");
        assert_eq!(kind(0x101F), "PtypMultipleString");
        assert_eq!(kind(0x7777), "0x7777");
    }
}
