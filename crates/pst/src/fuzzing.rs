//! Doors for the fuzz targets: each layer from bytes alone. Only there with the feature `fuzzing`.

use std::sync::Arc;

use crate::error::Anomalies;
use crate::ltp::{PropertyContext, Table};
use crate::messaging::{Charset, decode_html};
use crate::ndb::ids::{BlockId, ByteIndex, NodeId};
use crate::ndb::{BlockEntry, Format, HEADER_SIZE, Header, MemorySource, Ndb, NdbReader};

const NODE: NodeId = NodeId(0x20_0024);
/// Two data blocks, an XBLOCK's id and that of a sub-node block.
const BLOCKS: [u64; 4] = [0x4, 0x8, 0xE, 0x12];
/// Of a value, no more than this is wanted.
const LIMIT: usize = 1 << 16;

/// The header.
pub fn header(data: &[u8]) {
    let _ = Header::parse(&data[..data.len().min(HEADER_SIZE)], data.len() as u64, &mut Anomalies::default());
}

/// One page, as every tree of every format would read it.
pub fn page(data: &[u8]) {
    for format in [Format::Ansi, Format::Unicode, Format::Unicode4k] {
        crate::ndb::fuzz_page(data, format);
    }
}

/// Pages and blocks that lie in `data`, by their trailers: the first byte chooses the format.
pub fn sweep(data: &[u8]) {
    let Some((choice, data)) = data.split_first() else { return };
    let format = match choice % 3 {
        0 => Format::Ansi,
        1 => Format::Unicode4k,
        _ => Format::Unicode,
    };
    let source = Arc::new(MemorySource(data.to_vec()));
    let ndb = Ndb::for_fuzzing(source, Header::for_fuzzing(format), Vec::new());
    let mut found = 0usize;
    let _ = crate::ndb::everything(&ndb, &mut |_| found += 1);
    // Each unit ends at most one block, and begins at most one page.
    assert!(found <= 2 * data.len().div_ceil(64));
}

/// A node whose blocks are parts of `data`: a byte that chooses the format and whether the data begins with an
/// XBLOCK, three lengths of two bytes, then the blocks.
fn with_node<T>(data: &[u8], read: impl FnOnce(&mut NdbReader<'_>, BlockId, BlockId) -> T) -> Option<T> {
    let (&[choice, lengths @ ..], blocks) = data.split_first_chunk::<7>()?;
    let format = match choice & 3 {
        0 => Format::Ansi,
        1 => Format::Unicode4k,
        _ => Format::Unicode,
    };
    let mut entries = Vec::new();
    let mut at = 0;
    for (index, &bid) in BLOCKS.iter().enumerate() {
        let stated =
            lengths.get(2 * index..2 * index + 2).map(|bytes| u16::from_le_bytes([bytes[0], bytes[1]]));
        let left = blocks.len() - at;
        let length = stated.map_or(left, usize::from).min(left).min(usize::from(u16::MAX));
        let size = length as u32;
        entries.push(BlockEntry { bid: BlockId(bid), ib: ByteIndex(at as u64), stored: size, size });
        at += length;
    }
    let header = Header::for_fuzzing(format);
    let ndb = Ndb::for_fuzzing(Arc::new(MemorySource(blocks.to_vec())), header, entries);
    let mut reader = NdbReader::new(&ndb, 1 << 16);
    let root = if choice & 4 == 0 { BLOCKS[0] } else { BLOCKS[2] };
    Some(read(&mut reader, BlockId(root), BlockId(BLOCKS[3])))
}

/// Heap, B-tree on the heap and property context.
pub fn properties(data: &[u8]) {
    with_node(data, |reader, data, sub| {
        let Ok(properties) = PropertyContext::open(reader, NODE, data, sub) else { return };
        for record in properties.records().iter().take(4096) {
            let _ = properties.value(reader, *record, LIMIT);
            let _ = properties.text(reader, record.id);
        }
    });
}

/// The table context.
pub fn table(data: &[u8]) {
    with_node(data, |reader, data, sub| {
        let Ok(table) = Table::open(reader, NODE, data, sub) else { return };
        let _ = table.row_ids(reader);
        let _ = table.row_ids_in_order(reader);
        if let Ok(places) = table.places(reader) {
            for id in table.row_ids(reader).unwrap_or_default().into_iter().take(64) {
                let _ = table.row(reader, &places, id);
            }
        }
        let Ok(rows) = table.rows(reader) else { return };
        for row in rows.iter().take(64) {
            for (id, _) in table.columns().take(64).collect::<Vec<_>>() {
                let _ = table.cell(reader, row, id);
            }
        }
    });
}

/// Text in any code page, alone and as HTML.
pub fn charset(data: &[u8]) {
    let Some((&[low, high], text)) = data.split_first_chunk::<2>() else { return };
    let charset = Charset::of(u16::from_le_bytes([low, high]));
    let decoded = charset.unwrap_or_default().decode(text);
    assert!(decoded.len() <= text.len() * 8 + 16, "{} bytes became {}", text.len(), decoded.len());
    let _ = decode_html(text, charset, Charset::default());
    let _ = crate::messaging::settle(text, charset, Charset::default());
}

/// Inputs for [`properties`] and [`table`] from the nodes of a file whose objects are small.
pub fn node_seeds(file: &crate::PstFile) -> Vec<Vec<u8>> {
    let mut reader = file.reader();
    let Ok(nodes) = reader.nodes() else { return Vec::new() };
    let choice = match file.format() {
        Format::Ansi => 0,
        Format::Unicode4k => 1,
        Format::Unicode => 2,
    };
    let mut seeds = Vec::new();
    for node in nodes {
        let Ok((data, false)) = reader.ndb.data(node.data, LIMIT) else { continue };
        let sub = if node.sub.is_none() { None } else { reader.ndb.block(node.sub).ok() };
        let Ok(length) = u16::try_from(data.len()) else { continue };
        let mut seed = vec![choice];
        seed.extend(length.to_le_bytes());
        seed.extend([0; 4]);
        seed.extend_from_slice(&data);
        seed.extend_from_slice(sub.as_deref().unwrap_or_default());
        seeds.push(seed);
    }
    seeds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::small::{Variant, write_small};

    /// The doors lead to the layers: what a file holds is read through them.
    #[test]
    fn seeds_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("small.pst");
        for variant in Variant::all() {
            write_small(&path, variant).unwrap();
            let file = crate::PstFile::open(&path).unwrap();
            let (mut contexts, mut tables) = (0, 0);
            for seed in node_seeds(&file) {
                properties(&seed);
                table(&seed);
                with_node(&seed, |reader, data, sub| {
                    contexts += usize::from(PropertyContext::open(reader, NODE, data, sub).is_ok());
                    tables += usize::from(Table::open(reader, NODE, data, sub).is_ok());
                });
            }
            assert!(contexts > 20 && tables > 20, "{variant:?}: {contexts}, {tables}");
        }
    }
}
