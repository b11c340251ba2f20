//! The property context of any node ([MS-PST] 2.3.3): id, type, name and value of each property.
//! `cargo run -p mailscope-pst --example ltp -- FILE [NODE]`; without a node (`0x200024`), the message store.
#![allow(clippy::print_stdout)]

use std::error::Error;

use mailscope_pst::{NameKey, NodeId, PstFile, Value};

/// Of a long value, this much is shown.
const SHOWN: usize = 60;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: ltp FILE [NODE]")?;
    let node = match arguments.next() {
        Some(text) => NodeId(u32::from_str_radix(text.trim_start_matches("0x"), 16)?),
        None => NodeId::MESSAGE_STORE,
    };
    let file = PstFile::open(&path)?;
    for property in file.reader().properties(node, 1 << 12)? {
        let name = match property.name.map(|name| name.key) {
            Some(NameKey::Id(number)) => format!("{number:#06x}"),
            Some(NameKey::Name(name)) => name,
            None => String::new(),
        };
        let value = match property.value {
            Ok(Value::Text(text)) => format!("{:?}", text.chars().take(SHOWN).collect::<String>()),
            Ok(Value::Binary { data, size }) => format!("{size} bytes {:02x?}", &data[..data.len().min(16)]),
            Ok(value) => format!("{value:?}").chars().take(SHOWN).collect(),
            Err(reason) => reason.to_string(),
        };
        println!("{:#06x} {:#06x} {name:24} {value}", property.id, property.kind);
    }
    Ok(())
}
