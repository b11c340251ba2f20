//! What the tests share: the real files, and a digest of all that a file gives.

// No test uses all of it.
#![allow(dead_code)]

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use mailscope_pst::{Attachment, AttachmentMethod, Item, ItemEntry, NodeId, Reader};

/// Bodies beyond this are cut.
pub const LIMIT: usize = 16 << 20;

/// The folder of real files, or `None`, which is said by name, when there is none.
pub fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("MAILSCOPE_CORPUS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"), PathBuf::from);
    if folder.join("REFERENCE.tsv").is_file() {
        return Some(folder);
    }
    eprintln!("skipped: real files not found");
    None
}

/// What reading one item whole came to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub attachments: u64,
    pub embedded: u64,
    pub bytes: u64,
    /// What could not be read, in words.
    pub failures: Vec<String>,
    /// Stands for everything that was read.
    pub digest: u64,
}

/// Reads an item with its bodies, attachments and properties.
pub fn read_whole(reader: &mut Reader<'_>, entry: &ItemEntry, most: u64) -> Outcome {
    let mut outcome = Outcome::default();
    let mut hasher = DefaultHasher::new();
    match reader.item(entry) {
        Ok(item) => {
            format!("{item:?}").hash(&mut hasher);
            outcome.attachments = item.attachment_count();
            outcome.embedded = item.embedded_count();
            visit(reader, &item, entry.node, &[], &mut outcome, &mut hasher, most);
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            outcome.failures.push(error.to_string());
        }
    }
    match reader.details(entry) {
        Ok(details) => format!("{details:?}").hash(&mut hasher),
        Err(error) => error.to_string().hash(&mut hasher),
    }
    match reader.properties(entry, 1 << 12) {
        Ok(properties) => format!("{properties:?}").hash(&mut hasher),
        Err(error) => error.to_string().hash(&mut hasher),
    }
    outcome.digest = hasher.finish();
    outcome
}

fn visit(
    reader: &mut Reader<'_>,
    item: &Item,
    node: NodeId,
    path: &[NodeId],
    outcome: &mut Outcome,
    hasher: &mut DefaultHasher,
    most: u64,
) {
    match reader.embedded_bodies(node, path, LIMIT) {
        Ok(bodies) => {
            bodies.best_text().hash(hasher);
            bodies.best_html().hash(hasher);
            format!("{:?}", bodies.anomalies).hash(hasher);
        }
        Err(error) => outcome.failures.push(error.to_string()),
    }
    for attachment in &item.attachments {
        match &attachment.embedded {
            Some(embedded) => visit(reader, embedded, node, &attachment.path, outcome, hasher, most),
            None => content(reader, attachment, node, outcome, hasher, most),
        }
    }
}

fn content(
    reader: &mut Reader<'_>,
    attachment: &Attachment,
    node: NodeId,
    outcome: &mut Outcome,
    hasher: &mut DefaultHasher,
    most: u64,
) {
    let stored = matches!(attachment.method, AttachmentMethod::ByValue | AttachmentMethod::Ole);
    match reader.attachment(node, &attachment.path) {
        Ok(content) => {
            let size = content.size();
            let mut sink = Sink(hasher);
            match io::copy(&mut content.take(most), &mut sink) {
                Ok(count) => {
                    outcome.bytes += count;
                    if count != size && count < most {
                        outcome.failures.push(format!("{count} bytes of {size} in an attachment"));
                    }
                }
                Err(error) => outcome.failures.push(error.to_string()),
            }
        }
        Err(error) if stored => outcome.failures.push(error.to_string()),
        Err(_) => {}
    }
}

struct Sink<'a>(&'a mut DefaultHasher);

impl io::Write for Sink<'_> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.write(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
