//! Prints what an Outlook data file holds: `cargo run -p mailscope-pst --example dump -- FILE [--bodies]`.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::io::{self, Read as _, Write as _};

use mailscope_pst::{Attachment, Item, PstFile, Reader};

const LIMIT: usize = 64 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: dump FILE [--bodies]")?;
    let bodies = arguments.next().is_some_and(|argument| argument == "--bodies");
    let file = PstFile::open(&path)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    writeln!(
        out,
        "{path}: {:?} {:?} (wVer {}), {:?}",
        file.format(),
        file.kind(),
        file.version(),
        file.encryption()
    )?;
    writeln!(out, "store: {:?}", file.store())?;
    for anomaly in file.anomalies() {
        writeln!(out, "anomaly: {anomaly}")?;
    }
    let mut reader = file.reader();
    let census = reader.census()?;
    writeln!(out, "expected {} items, {} hidden", census.expected(), census.hidden())?;
    for folder in &census.folders {
        let path = folder.path.join(" / ");
        let search = if folder.is_search { " (search)" } else { "" };
        writeln!(
            out,
            "folder {:#x} {path:?}{search}: expected {}, hidden {}, claims {:?}, lists {}",
            folder.id.0, folder.expected, folder.hidden, folder.content_count, folder.listed
        )?;
        for anomaly in &folder.anomalies {
            writeln!(out, "  anomaly: {anomaly}")?;
        }
    }
    let (mut read, mut failed) = (0u64, 0u64);
    for entry in census.items.iter().filter(|entry| !entry.hidden) {
        match reader.item(entry) {
            Ok(item) => {
                read += 1;
                writeln!(out, "item {:#x} {:?}", entry.node.0, entry.origin)?;
                print(&mut out, &mut reader, &item, entry.node, &[], bodies, 1)?;
            }
            Err(error) => {
                failed += 1;
                writeln!(out, "item {:#x} {:?} FAILED: {error}", entry.node.0, entry.origin)?;
            }
        }
    }
    writeln!(out, "read {read}, failed {failed}")?;
    Ok(())
}

fn print(
    out: &mut dyn io::Write,
    reader: &mut Reader<'_>,
    item: &Item,
    node: mailscope_pst::NodeId,
    path: &[mailscope_pst::NodeId],
    bodies: bool,
    depth: usize,
) -> Result<(), Box<dyn Error>> {
    let indent = "  ".repeat(depth);
    writeln!(
        out,
        "{indent}{} {:?} {:?}",
        item.class,
        item.subject,
        item.date().map(|date| date.unix_millis())
    )?;
    let who = |who: &mailscope_pst::Address| {
        format!("{:?} <{}>", who.name, who.smtp.as_deref().unwrap_or(&who.address))
    };
    writeln!(out, "{indent}from {}", who(&item.sender))?;
    for recipient in &item.recipients {
        writeln!(out, "{indent}{:?} {}", recipient.kind, who(&recipient.who))?;
    }
    let found = reader.embedded_bodies(node, path, LIMIT)?;
    let length = |length: Option<usize>| length.map_or("-".to_owned(), |length| length.to_string());
    writeln!(
        out,
        "{indent}text {}, html {}, rtf {}",
        length(found.best_text().map(|text| text.len())),
        length(found.best_html().map(|html| html.len())),
        length(found.rtf.as_ref().map(Vec::len))
    )?;
    if bodies {
        writeln!(out, "{}", found.best_text().or(found.best_html()).unwrap_or_default())?;
    }
    for anomaly in item.anomalies.iter().chain(&found.anomalies) {
        writeln!(out, "{indent}anomaly: {anomaly}")?;
    }
    for attachment in &item.attachments {
        print_attachment(out, reader, attachment, node, bodies, depth + 1)?;
    }
    Ok(())
}

fn print_attachment(
    out: &mut dyn io::Write,
    reader: &mut Reader<'_>,
    attachment: &Attachment,
    node: mailscope_pst::NodeId,
    bodies: bool,
    depth: usize,
) -> Result<(), Box<dyn Error>> {
    let indent = "  ".repeat(depth);
    writeln!(
        out,
        "{indent}attachment {} {:?} {:?} {} bytes, {:?}{}",
        attachment.number,
        attachment.name,
        attachment.mime_type,
        attachment.size,
        attachment.method,
        if attachment.inline { ", inline" } else { "" }
    )?;
    match &attachment.embedded {
        Some(item) => print(out, reader, item, node, &attachment.path, bodies, depth + 1),
        None => {
            match reader.attachment(node, &attachment.path) {
                Ok(mut content) => {
                    let (mut sum, mut count, mut buffer) = (0u32, 0u64, vec![0u8; 1 << 16]);
                    loop {
                        let read = content.read(&mut buffer)?;
                        if read == 0 {
                            break;
                        }
                        count += read as u64;
                        sum = buffer[..read]
                            .iter()
                            .fold(sum, |sum, &byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
                    }
                    writeln!(out, "{indent}  {count} bytes read, sum {sum:08x}")?;
                }
                Err(error) => writeln!(out, "{indent}  {error}")?,
            }
            Ok(())
        }
    }
}
