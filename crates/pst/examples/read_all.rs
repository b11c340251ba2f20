//! Reads everything that a file holds and says how much that is, as one line of JSON: items with all properties, bodies,
//! recipients, and every byte of every attachment. `read_all FILE [--threads N] [--census]`; with `--census` items come
//! from the folders' tables too, as an import takes them, and not from the node B-tree alone, and deleted ones that are
//! still in the file are counted.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::io::Read as _;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Mutex, PoisonError};

use mailscope_pst::{
    AttachmentMethod, Bodies, CensusOptions, Item, NidType, NodeId, Origin, Property, PstFile, Reader, Value,
};

/// Bodies and values are cut beyond this.
const LIMIT: usize = 64 << 20;
/// Nodes handed to a thread at a time, and portions that wait.
const PORTION: usize = 64;
const WAITING: usize = 8;
/// What each thread keeps of pages and blocks.
const CACHE: usize = 1 << 19;

#[derive(Default)]
struct Sums {
    items: u64,
    hidden: u64,
    recovered: u64,
    /// Items of which only the row of a contents table is left.
    partial: u64,
    failed: u64,
    properties: u64,
    recipients: u64,
    attachments: u64,
    embedded: u64,
    /// Bytes of bodies and of attachments.
    text: u64,
    bytes: u64,
    /// Follows from everything that was read, in any order.
    checksum: u64,
}

impl Sums {
    fn add(&mut self, other: &Self) {
        for (own, more) in [
            (&mut self.items, other.items),
            (&mut self.hidden, other.hidden),
            (&mut self.recovered, other.recovered),
            (&mut self.partial, other.partial),
            (&mut self.failed, other.failed),
            (&mut self.properties, other.properties),
            (&mut self.recipients, other.recipients),
            (&mut self.attachments, other.attachments),
            (&mut self.embedded, other.embedded),
            (&mut self.text, other.text),
            (&mut self.bytes, other.bytes),
            (&mut self.checksum, other.checksum),
        ] {
            *own = own.wrapping_add(more);
        }
    }

    fn sum(&mut self, data: &[u8]) {
        let mut words = data.chunks_exact(8);
        for word in &mut words {
            let word = word.try_into().map_or(0, u64::from_le_bytes);
            self.checksum = self.checksum.wrapping_add(word);
        }
        for &byte in words.remainder() {
            self.checksum = self.checksum.wrapping_add(byte.into());
        }
    }

    fn property(&mut self, property: &Property) {
        self.properties += 1;
        match &property.value {
            Ok(Value::Text(text)) => self.sum(text.as_bytes()),
            Ok(Value::Binary { data, .. }) => self.sum(data),
            Ok(Value::Int32(value)) => self.sum(&value.to_le_bytes()),
            Ok(Value::Time(time)) => self.sum(&time.0.to_le_bytes()),
            Ok(_) => self.checksum = self.checksum.wrapping_add(property.id.into()),
            Err(_) => self.failed += 1,
        }
    }

    fn item(&mut self, item: &Item, bodies: &Bodies) {
        for text in [&item.subject, &item.sender.address, &item.message_id, &item.headers] {
            self.sum(text.as_bytes());
        }
        for recipient in &item.recipients {
            self.recipients += 1;
            self.sum(recipient.who.name.as_bytes());
            self.sum(recipient.who.address.as_bytes());
        }
        let html = bodies.html.as_ref().map(|html| &html.text);
        for text in [&bodies.plain, &html.cloned()].into_iter().flatten() {
            self.text += text.len() as u64;
            self.sum(text.as_bytes());
        }
        if let Some(rtf) = &bodies.rtf {
            self.text += rtf.len() as u64;
            self.sum(rtf);
        }
    }
}

fn read(reader: &mut Reader<'_>, node: NodeId, sums: &mut Sums, buffer: &mut [u8]) {
    let whole = reader
        .item_with_bodies(node, LIMIT)
        .and_then(|(item, bodies)| Ok((item, bodies, reader.properties(node, LIMIT)?)));
    let Ok((item, bodies, properties)) = whole else {
        sums.failed += 1;
        return;
    };
    match node.kind() {
        _ if item.from_row => sums.partial += 1,
        NidType::AssocMessage => sums.hidden += 1,
        _ => sums.items += 1,
    }
    sums.item(&item, &bodies);
    properties.iter().for_each(|property| sums.property(property));
    attachments(reader, node, &item, sums, buffer);
}

fn attachments(reader: &mut Reader<'_>, node: NodeId, item: &Item, sums: &mut Sums, buffer: &mut [u8]) {
    for attachment in &item.attachments {
        sums.attachments += 1;
        let path = &attachment.path;
        if let Some(inner) = &attachment.embedded {
            sums.embedded += 1;
            match (reader.embedded_bodies(node, path, LIMIT), reader.embedded_properties(node, path, LIMIT)) {
                (Ok(bodies), Ok(properties)) => {
                    sums.item(inner, &bodies);
                    properties.iter().for_each(|property| sums.property(property));
                }
                _ => sums.failed += 1,
            }
            attachments(reader, node, inner, sums, buffer);
            continue;
        }
        if !matches!(attachment.method, AttachmentMethod::ByValue | AttachmentMethod::Ole) {
            continue;
        }
        let Ok(mut content) = reader.attachment(node, path) else {
            sums.failed += 1;
            continue;
        };
        loop {
            match content.read(buffer) {
                Ok(0) => break,
                Ok(count) => {
                    sums.bytes += count as u64;
                    sums.sum(buffer.get(..count).unwrap_or_default());
                }
                Err(_) => {
                    sums.failed += 1;
                    break;
                }
            }
        }
    }
}

/// Every item's node, one after another.
fn nodes(file: &PstFile, census: bool, visit: &mut dyn FnMut(NodeId)) -> Result<u64, Box<dyn Error>> {
    let mut recovered = 0;
    if census {
        for entry in &file.reader().census_with(CensusOptions { recover: true })?.items {
            match entry.origin {
                Origin::Recovered { .. } => recovered += u64::from(!entry.hidden),
                _ => visit(entry.node),
            }
        }
    } else {
        file.visit_nodes(&mut |entry| {
            if matches!(entry.nid.kind(), NidType::NormalMessage | NidType::AssocMessage) {
                visit(entry.nid);
            }
        })?;
    }
    Ok(recovered)
}

fn work(file: &PstFile, portions: &Mutex<Receiver<Vec<NodeId>>>) -> Sums {
    let mut sums = Sums::default();
    let mut reader = file.reader_with_cache(CACHE);
    let mut buffer = vec![0; 1 << 16];
    loop {
        let portion = portions.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(portion) = portion else { return sums };
        portion.into_iter().for_each(|node| read(&mut reader, node, &mut sums, &mut buffer));
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    const USAGE: &str = "usage: read_all FILE [--threads N] [--census]";
    let (mut path, mut threads, mut census) = (None, 1usize, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--threads" => threads = arguments.next().ok_or(USAGE)?.parse()?,
            "--census" => census = true,
            _ => path = Some(argument),
        }
    }
    let start = std::time::Instant::now();
    let file = PstFile::open(path.ok_or(USAGE)?)?;
    let mut named = 0u64;
    if census {
        file.visit_nodes(&mut |entry| named += u64::from(entry.nid.kind() == NidType::NormalMessage))?;
    }
    let mut sums = Sums::default();
    if threads <= 1 {
        let mut reader = file.reader_with_cache(CACHE);
        let mut buffer = vec![0; 1 << 16];
        let recovered = nodes(&file, census, &mut |node| read(&mut reader, node, &mut sums, &mut buffer))?;
        sums.recovered = recovered;
    } else {
        let (sender, portions) = sync_channel(WAITING);
        let portions = Mutex::new(portions);
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| work(&file, &portions))).collect();
            let mut portion = Vec::with_capacity(PORTION);
            sums.recovered = nodes(&file, census, &mut |node| {
                portion.push(node);
                if portion.len() == PORTION {
                    // Workers end only when nothing more can come.
                    let _ = sender.send(std::mem::replace(&mut portion, Vec::with_capacity(PORTION)));
                }
            })?;
            let _ = sender.send(portion);
            drop(sender);
            for worker in workers {
                sums.add(&worker.join().map_err(|_| "a thread ended early")?);
            }
            Ok::<(), Box<dyn Error>>(())
        })?;
    }
    if census {
        println!(
            "{{\"format\":\"{:?}\",\"kind\":\"{:?}\",\"anomalies\":{},\"message_nodes\":{named}}}",
            file.format(),
            file.kind(),
            file.anomalies().len()
        );
    }
    println!(
        "{{\"items\":{},\"hidden\":{},\"recovered\":{},\"partial\":{},\"failed\":{},\"properties\":{},\"recipients\":{},\
         \"attachments\":{},\"embedded\":{},\"text_bytes\":{},\"attachment_bytes\":{},\"checksum\":\"{:016x}\",\
         \"seconds\":{:.3}}}",
        sums.items,
        sums.hidden,
        sums.recovered,
        sums.partial,
        sums.failed,
        sums.properties,
        sums.recipients,
        sums.attachments,
        sums.embedded,
        sums.text,
        sums.bytes,
        sums.checksum,
        start.elapsed().as_secs_f64()
    );
    Ok(())
}
