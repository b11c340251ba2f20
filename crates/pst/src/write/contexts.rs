//! Property contexts and table contexts ([MS-PST] 2.3.3, 2.3.4).

use std::io::{Seek, Write};

use super::{
    blocks::{BlockStore, NodeBody, SubNode},
    error::{Result, WriteError},
    heap::{CLIENT_PROPERTIES, CLIENT_TABLE, Heap, HeapId, HeapTree, LARGEST_ITEM},
    layout::{Format, Layout},
    value::{Properties, Stored},
};
use crate::ndb::ids::{BlockId, NidType, NodeId};

/// The sub-nodes of one node, and the numbers given out among them.
#[derive(Default)]
pub(crate) struct SubNodes {
    pub nodes: Vec<SubNode>,
    large: u32,
}

impl SubNodes {
    /// Numbers below this are left to what the specification fixes.
    const FIRST: u32 = 0x400;

    /// Adds a stream that is too large for the heap and returns the id that records use for it.
    pub fn add_large<W: Write + Seek>(
        &mut self,
        store: &mut BlockStore<W>,
        value: &Stored,
    ) -> Result<NodeId> {
        let tree = match value {
            Stored::Bytes(bytes) => store.data(bytes)?,
            Stored::Stream(tree) => *tree,
            Stored::Inline(_) | Stored::Object { .. } => Default::default(),
        };
        self.large += 1;
        let nid = NodeId::new(NidType::Ltp, Self::FIRST + self.large);
        self.nodes.push(SubNode { nid, body: NodeBody { data: tree.bid, sub: BlockId(0), size: tree.size } });
        Ok(nid)
    }
}

/// Writes a node that holds properties. `sub_nodes` are the other nodes inside it.
pub(crate) fn write_properties<W: Write + Seek>(
    store: &mut BlockStore<W>,
    properties: &Properties,
    mut sub_nodes: SubNodes,
) -> Result<NodeBody> {
    let mut heap = Heap::new(CLIENT_PROPERTIES, store.layout);
    let inside: u64 = sub_nodes.nodes.iter().map(|node| node.body.size).sum();
    let size = properties.size() + inside;
    let mut records = HeapTree::new(2, 6);
    for (id, (kind, value)) in &properties.entries {
        let place = match value {
            Stored::Inline(value) => *value,
            Stored::Object { nid, size } => {
                let mut item = nid.to_le_bytes().to_vec();
                item.extend_from_slice(&size.to_le_bytes());
                heap.add(store, &item)?.0
            }
            value if value.wants_sub_node() => sub_nodes.add_large(store, value)?.0,
            Stored::Bytes(bytes) => heap.add(store, bytes)?.0,
            Stored::Stream(_) => 0,
        };
        let mut record = [0; 8];
        record[..2].copy_from_slice(&id.to_le_bytes());
        record[2..4].copy_from_slice(&kind.to_le_bytes());
        record[4..].copy_from_slice(&place.to_le_bytes());
        records.add(&mut heap, store, &record)?;
    }
    let root = records.finish(&mut heap, store)?;
    let data = heap.finish(store, root)?;
    let sub = store.sub_nodes(&mut sub_nodes.nodes)?;
    Ok(NodeBody { data: data.bid, sub, size })
}

/// A column of a table: property id and type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub id: u16,
    pub kind: u16,
}

/// Where a column's cells lie in a row.
#[derive(Debug, Clone, Copy)]
struct Place {
    column: Column,
    offset: u16,
    width: u8,
    bit: u8,
}

/// PidTagLtpRowId and PidTagLtpRowVer, which open every row.
const ROW_ID: u16 = 0x67F2;
const ROW_VERSION: u16 = 0x67F3;

/// Bytes of a cell: values of variable length are references.
fn cell_width(kind: u16) -> u8 {
    match kind {
        0x000B => 1,
        0x0002 => 2,
        0x0005 | 0x0006 | 0x0007 | 0x0014 | 0x0040 => 8,
        _ => 4,
    }
}

/// Bytes of a row's number in the index of rows.
fn index_width(format: Format) -> usize {
    if format == Format::Ansi { 2 } else { 4 }
}

/// A table that is written while its rows come in: full blocks go to the file at once.
pub(crate) struct Table {
    layout: Layout,
    places: Vec<Place>,
    /// Ends of the four groups of cells (`rgib`).
    ends: [u16; 4],
    heap: Heap,
    sub_nodes: SubNodes,
    pending: Vec<u8>,
    row_blocks: Vec<BlockId>,
    /// `TCROWID` records: the row's id and its number.
    index: HeapTree,
    rows: u64,
    size: u64,
}

impl Table {
    /// A table of `columns`; the two columns of row ids and versions are added to them.
    pub fn new(layout: Layout, columns: &[Column]) -> Self {
        let mut places: Vec<Place> = Vec::with_capacity(columns.len() + 2);
        let mut ends = [0u16; 4];
        let mut offset = 0u16;
        let mut bit = 0u8;
        let fixed = [Column { id: ROW_ID, kind: 3 }, Column { id: ROW_VERSION, kind: 3 }];
        for (group, widths) in [[4, 8], [2, 2], [1, 1]].into_iter().enumerate() {
            let lead = if group == 0 { &fixed[..] } else { &[] };
            for &column in lead.iter().chain(columns) {
                let width = cell_width(column.kind);
                if widths.contains(&width) {
                    places.push(Place { column, offset, width, bit });
                    offset += u16::from(width);
                    bit += 1;
                }
            }
            ends[group] = offset;
        }
        ends[3] = offset + u16::from(bit).div_ceil(8);
        places.sort_by_key(|place| (place.column.id, place.column.kind));
        Self {
            layout,
            places,
            ends,
            heap: Heap::new(CLIENT_TABLE, layout),
            sub_nodes: SubNodes::default(),
            pending: Vec::new(),
            row_blocks: Vec::new(),
            index: HeapTree::new(4, index_width(layout.format)),
            rows: 0,
            size: 0,
        }
    }

    fn row_size(&self) -> usize {
        usize::from(self.ends[3])
    }

    /// Appends a row with the cells that `properties` has for the table's columns. Rows come with rising ids.
    pub fn add_row<W: Write + Seek>(
        &mut self,
        store: &mut BlockStore<W>,
        row_id: u32,
        properties: &Properties,
    ) -> Result<()> {
        let limit = if self.layout.format == Format::Ansi { 0xFFFF } else { u64::from(u32::MAX) };
        if self.rows >= limit {
            return Err(WriteError::TooLarge {
                what: "the number of a table's rows",
                size: self.rows + 1,
                limit,
            });
        }
        let per_block = self.layout.block / self.row_size();
        if self.pending.len() >= per_block * self.row_size() {
            self.flush_rows(store)?;
        }
        let mut row = vec![0u8; self.row_size()];
        for place in &self.places {
            let bytes: [u8; 8] = match (place.column.id, properties.entries.get(&place.column.id)) {
                (ROW_ID, _) => u64::from(row_id).to_le_bytes(),
                (ROW_VERSION, _) => (self.rows + 1).to_le_bytes(),
                // An empty value has no item to refer to; some readers take that for damage.
                (_, Some((kind, value))) if *kind == place.column.kind && value.len() > 0 => {
                    cell(&mut self.heap, &mut self.sub_nodes, store, *place, value)?
                }
                _ => continue,
            };
            let (at, width) = (usize::from(place.offset), usize::from(place.width));
            row[at..at + width].copy_from_slice(&bytes[..width]);
            row[usize::from(self.ends[2]) + usize::from(place.bit) / 8] |= 0x80 >> (place.bit % 8);
        }
        self.size += row.len() as u64;
        self.pending.extend_from_slice(&row);
        let mut record = [0; 8];
        record[..4].copy_from_slice(&row_id.to_le_bytes());
        record[4..].copy_from_slice(&(self.rows as u32).to_le_bytes());
        self.rows += 1;
        let record = &record[..4 + index_width(self.layout.format)];
        self.index.add(&mut self.heap, store, record)
    }

    /// Writes a full block of rows; a row never crosses into the next block.
    fn flush_rows<W: Write + Seek>(&mut self, store: &mut BlockStore<W>) -> Result<()> {
        self.pending.resize(self.layout.block, 0);
        self.row_blocks.push(store.data_block(&self.pending)?);
        self.pending.clear();
        Ok(())
    }

    /// Writes the rest of the table.
    pub fn finish<W: Write + Seek>(mut self, store: &mut BlockStore<W>) -> Result<NodeBody> {
        let rows = if self.row_blocks.is_empty() && self.pending.len() <= LARGEST_ITEM {
            self.heap.add(store, &self.pending)?.0
        } else {
            let size = (self.row_blocks.len() * self.layout.block + self.pending.len()) as u64;
            self.row_blocks.push(store.data_block(&self.pending)?);
            let tree = store.join(&self.row_blocks, size)?;
            self.sub_nodes.add_large(store, &Stored::Stream(tree))?.0
        };
        let index = self.index.finish(&mut self.heap, store)?;
        let mut info = vec![CLIENT_TABLE, self.places.len() as u8];
        self.ends.iter().for_each(|end| info.extend_from_slice(&end.to_le_bytes()));
        for value in [index.0, rows, 0] {
            info.extend_from_slice(&value.to_le_bytes());
        }
        for place in &self.places {
            info.extend_from_slice(&place.column.kind.to_le_bytes());
            info.extend_from_slice(&place.column.id.to_le_bytes());
            info.extend_from_slice(&place.offset.to_le_bytes());
            info.extend_from_slice(&[place.width, place.bit]);
        }
        let root = self.heap.add(store, &info)?;
        let data = self.heap.finish(store, root)?;
        let sub = store.sub_nodes(&mut self.sub_nodes.nodes)?;
        Ok(NodeBody { data: data.bid, sub, size: self.size })
    }
}

/// The bytes of a cell; what does not fit one goes to the heap or a sub-node.
fn cell<W: Write + Seek>(
    heap: &mut Heap,
    sub_nodes: &mut SubNodes,
    store: &mut BlockStore<W>,
    place: Place,
    value: &Stored,
) -> Result<[u8; 8]> {
    let reference = match value {
        Stored::Inline(value) => *value,
        Stored::Bytes(bytes) if place.width == 8 => {
            let mut out = [0; 8];
            bytes.iter().zip(&mut out).for_each(|(from, to)| *to = *from);
            return Ok(out);
        }
        value if value.wants_sub_node() => sub_nodes.add_large(store, value)?.0,
        Stored::Bytes(bytes) => heap.add(store, bytes)?.0,
        Stored::Stream(_) | Stored::Object { .. } => HeapId(0).0,
    };
    Ok(u64::from(reference).to_le_bytes())
}

impl Column {
    /// A column of `kind`, where text has the type that it has in files of `layout`.
    pub fn new(layout: &Layout, id: u16, kind: u16) -> Self {
        let text = layout.format == Format::Ansi && (kind & 0x0FFF) == super::value::TYPE_TEXT;
        Self { id, kind: if text { kind - 1 } else { kind } }
    }
}
