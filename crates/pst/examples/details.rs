//! Prints what items say beyond a message: `cargo run -p mailscope-pst --example details -- FILE...`.
#![allow(clippy::print_stdout)]

use std::error::Error;

use mailscope_pst::{Details, PstFile};

fn main() -> Result<(), Box<dyn Error>> {
    for path in std::env::args().skip(1) {
        let file = PstFile::open(&path)?;
        let mut reader = file.reader();
        for entry in reader.census()?.items.iter().filter(|entry| !entry.hidden) {
            let (details, anomalies) = reader.details(entry)?;
            if details != Details::None {
                println!("{path} {}: {details:?}", entry.node);
            }
            for anomaly in anomalies {
                println!("{path} {}: anomaly: {anomaly}", entry.node);
            }
        }
    }
    Ok(())
}
