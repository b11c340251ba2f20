//! Folders and items ([MS-PST] 2.4), with the account of each folder: `cargo run -p mailscope-pst --example messaging --
//! FILE`.
#![allow(clippy::print_stdout)]

use std::error::Error;

use mailscope_pst::PstFile;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: messaging FILE")?;
    let file = PstFile::open(&path)?;
    println!("{path}: {:?} {:?}, {:?}", file.format(), file.kind(), file.encryption());
    let mut reader = file.reader();
    let census = reader.census()?;
    let anomalies = file.anomalies().iter().chain(&census.anomalies);
    anomalies.for_each(|anomaly| println!("  {:?}: {anomaly}", anomaly.consequence));
    for folder in &census.folders {
        println!("{}: {} items, {} hidden", folder.path.join("/"), folder.expected, folder.hidden);
        folder.anomalies.iter().for_each(|anomaly| println!("  {:?}: {anomaly}", anomaly.consequence));
        for entry in census.items.iter().filter(|entry| entry.folder == folder.id && !entry.hidden) {
            match reader.item(entry) {
                Ok(item) => {
                    let date = item.date().map_or(0, |date| date.unix_millis() / 1000);
                    println!("  {date:>11} {:?} {:?} {}", item.kind, item.subject, item.sender.name);
                }
                Err(error) => println!("  {error}"),
            }
        }
    }
    let (rules, _) = reader.rules(&census);
    rules.iter().for_each(|rule| println!("rule {:?} of {}", rule.name, rule.provider));
    Ok(())
}
