//! A whole file: all that it gives is read, deleted items included.
#![no_main]

use std::io::{self, Read as _};
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use mailscope_pst::{Attachment, CensusOptions, MemorySource, NodeId, PstFile, Reader};

const LIMIT: usize = 1 << 20;

fn attachments(reader: &mut Reader<'_>, node: NodeId, all: &[Attachment]) {
    for attachment in all.iter().take(64) {
        match &attachment.embedded {
            Some(item) => {
                let _ = reader.embedded_bodies(node, &attachment.path, LIMIT);
                attachments(reader, node, &item.attachments);
            }
            None => {
                if let Ok(content) = reader.attachment(node, &attachment.path) {
                    let _ = io::copy(&mut content.take(LIMIT as u64), &mut io::sink());
                }
            }
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let Ok(file) = PstFile::from_source(Arc::new(MemorySource(data.to_vec()))) else { return };
    let mut reader = file.reader_with_cache(1 << 18);
    let Ok(census) = reader.census_with(CensusOptions { recover: true }) else { return };
    let sum: u64 = census.folders.iter().map(|folder| u64::from(folder.expected)).sum();
    assert_eq!(sum, census.expected());
    for entry in census.items.iter().take(64) {
        if let Ok((item, bodies)) = reader.item_with_bodies(entry, LIMIT) {
            let _ = (bodies.best_text(), bodies.best_html());
            attachments(&mut reader, entry.node, &item.attachments);
        }
        let _ = reader.details(entry);
        let _ = reader.properties(entry, 1 << 12);
    }
});
