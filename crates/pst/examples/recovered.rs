//! Lists deleted items that are still in a file, and what looking for them took:
//! `cargo run -p mailscope-pst --example recovered -- FILE...`.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::time::Instant;

use mailscope_pst::{CensusOptions, Origin, PstFile};

fn main() -> Result<(), Box<dyn Error>> {
    for path in std::env::args().skip(1) {
        let file = PstFile::open(&path)?;
        let mut reader = file.reader();
        let started = Instant::now();
        reader.census()?;
        let plain = started.elapsed();
        let census = reader.census_with(CensusOptions { recover: true })?;
        let full = started.elapsed() - plain;
        let recovery = file.recovery()?;
        println!(
            "{path}: expected {}, recovered {}, gone {}, duplicates {}, salvaged {}; {} ms, {} ms without",
            census.expected(),
            census.recovered(),
            recovery.gone,
            recovery.duplicates,
            census.items.iter().filter(|item| item.salvaged).count(),
            full.as_millis(),
            plain.as_millis()
        );
        for entry in &census.items {
            let Origin::Recovered { certainty } = entry.origin else { continue };
            let item = reader.item(entry)?;
            println!(
                "  {} {certainty:?} {} {:?}, {} attachments, {} anomalies",
                entry.node,
                item.class,
                item.subject,
                item.attachment_count(),
                item.anomalies.len()
            );
            for anomaly in &item.anomalies {
                println!("    {anomaly}");
            }
        }
    }
    Ok(())
}
