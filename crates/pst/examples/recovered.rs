//! Lists deleted items that are still in a file: `cargo run -p mailscope-pst --example recovered -- FILE...`.
#![allow(clippy::print_stdout)]

use std::error::Error;

use mailscope_pst::{CensusOptions, Origin, PstFile};

fn main() -> Result<(), Box<dyn Error>> {
    for path in std::env::args().skip(1) {
        let file = PstFile::open(&path)?;
        let mut reader = file.reader();
        let census = reader.census_with(CensusOptions { recover: true })?;
        let recovery = file.recovery()?;
        println!(
            "{path}: expected {}, recovered {}, gone {}, duplicates {}, salvaged {}",
            census.expected(),
            census.recovered(),
            recovery.gone,
            recovery.duplicates,
            census.items.iter().filter(|item| item.salvaged).count()
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
        }
    }
    Ok(())
}
