//! The table context ([MS-PST] 2.3.4): rows of properties.

use foldhash::fast::RandomState;
use std::collections::HashMap;

use super::bth::Bth;
use super::heap::{Heap, Hnid};
use super::value::{FileTime, Value, decode, fixed_size, kinds};
use crate::bytes::{Bytes, u8_at, u16_at, u32_at};
use crate::error::{Consequence, Fault, Place, ReadError};
use crate::messaging::Charset;
use crate::ndb::NdbReader;
use crate::ndb::ids::{BlockId, NodeId};

/// `TCOLDESC`
#[derive(Debug, Clone, Copy)]
struct Column {
    tag: u32,
    offset: usize,
    size: usize,
    bit: usize,
}

/// A table that is open for reading.
#[derive(Debug)]
pub(crate) struct Table {
    heap: Heap,
    columns: Vec<Column>,
    index: Hnid,
    rows: Hnid,
    width: usize,
    /// Where the bits begin that say which cells a row has.
    bits: usize,
    pub charset: Charset,
}

/// A row of a table.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// `dwRowID`
    pub id: u32,
    data: Bytes,
}

/// More bytes of rows than a table of recipients or attachments has.
const MATRIX_LIMIT: usize = 256 << 20;
const CELL_LIMIT: usize = 1 << 20;

/// What is done with a block of rows.
type BlockVisit<'v> = dyn FnMut(&mut NdbReader<'_>, Option<BlockId>, &Bytes) -> Result<(), ReadError> + 'v;

impl Table {
    /// Opens the table of `node`.
    pub(crate) fn open(
        reader: &mut NdbReader<'_>,
        node: NodeId,
        data: BlockId,
        sub: BlockId,
    ) -> Result<Self, ReadError> {
        let heap = Heap::open(reader, node, data, sub)?;
        let place = Place::Node(node);
        if heap.client != 0x7C {
            return Err(ReadError::Malformed { field: "bClientSig", value: heap.client.into(), place });
        }
        let info = heap.item(reader, heap.root)?;
        let short = || ReadError::CutShort { what: "TCINFO", place };
        let kind = u8_at(&info, 0).ok_or_else(short)?;
        if kind != 0x7C {
            return Err(ReadError::Malformed { field: "bType", value: kind.into(), place });
        }
        let count = usize::from(u8_at(&info, 1).ok_or_else(short)?);
        let bits = usize::from(u16_at(&info, 6).ok_or_else(short)?);
        let width = usize::from(u16_at(&info, 8).ok_or_else(short)?);
        let index = Hnid(u32_at(&info, 10).ok_or_else(short)?);
        let rows = Hnid(u32_at(&info, 14).ok_or_else(short)?);
        if width < 4 || bits > width {
            return Err(ReadError::Malformed { field: "rgib", value: width as u64, place });
        }
        let column = |index: usize| {
            let at = 22 + 8 * index;
            Some(Column {
                tag: u32_at(&info, at)?,
                offset: u16_at(&info, at + 4)?.into(),
                size: u8_at(&info, at + 6)?.into(),
                bit: u8_at(&info, at + 7)?.into(),
            })
        };
        let columns = (0..count).map_while(column).collect();
        Ok(Self { heap, columns, index, rows, width, bits, charset: Charset::default() })
    }

    /// The ids of all rows with their numbers, from the row index alone; and whether all of it can be read.
    pub(super) fn row_index(&self, reader: &mut NdbReader<'_>) -> Result<(Vec<(u32, u32)>, bool), ReadError> {
        let mut all = Vec::new();
        let bth = Bth::open(reader, &self.heap, self.index)?;
        let complete = bth.records(reader, &self.heap, &mut |record| {
            let number =
                if bth.entry >= 4 { u32_at(record, bth.key) } else { u16_at(record, bth.key).map(u32::from) };
            if let (Some(id), Some(number)) = (u32_at(record, 0), number) {
                all.push((id, number));
            }
        })?;
        Ok((all, complete))
    }

    /// The ids of all rows (`dwRowID`). The rows themselves are read only when their index is broken.
    pub(crate) fn row_ids(&self, reader: &mut NdbReader<'_>) -> Result<Vec<u32>, ReadError> {
        self.ids(reader, false)
    }

    /// The ids of all rows in the order of the rows, which is not that of the ids.
    pub(crate) fn row_ids_in_order(&self, reader: &mut NdbReader<'_>) -> Result<Vec<u32>, ReadError> {
        self.ids(reader, true)
    }

    fn ids(&self, reader: &mut NdbReader<'_>, in_order: bool) -> Result<Vec<u32>, ReadError> {
        let reason = match self.row_index(reader) {
            Ok((mut index, true)) => {
                if in_order {
                    index.sort_by_key(|&(_, number)| number);
                }
                return Ok(index.into_iter().map(|(id, _)| id).collect());
            }
            Ok((_, false)) => ReadError::CutShort { what: "row index", place: Place::Node(self.heap.node) },
            Err(reason) => reason,
        };
        self.note_index(reader, reason);
        let mut ids = Vec::new();
        let end = self.visit_rows(reader, &mut |_, row| ids.push(row.id));
        self.or_what_came(reader, end, ids.is_empty())?;
        Ok(ids)
    }

    fn note_index(&self, reader: &mut NdbReader<'_>, reason: ReadError) {
        let fault = Fault::Unreadable { what: "row index", reason };
        reader.anomalies.push(fault, Place::Node(self.heap.node), Consequence::Repaired);
    }

    /// All rows, in the order of the table.
    pub(crate) fn rows(&self, reader: &mut NdbReader<'_>) -> Result<Vec<Row>, ReadError> {
        let index = match self.row_index(reader) {
            Ok((index, true)) if index.is_empty() => return Ok(Vec::new()),
            Ok((index, true)) => index,
            // The rows that a broken index leaves out are rows all the same.
            Ok((_, false)) => return self.matrix(reader),
            Err(reason) => {
                self.note_index(reader, reason);
                return self.matrix(reader);
            }
        };
        let matrix = self.matrix(reader)?;
        let mut numbers: HashMap<u32, u32, RandomState> =
            HashMap::with_capacity_and_hasher(index.len(), RandomState::default());
        for &(id, number) in &index {
            numbers.entry(number).or_insert(id);
        }
        let listed: Vec<Row> = matrix
            .into_iter()
            .zip(0u32..)
            .filter_map(|(row, number)| numbers.remove(&number).map(|id| Row { id, data: row.data }))
            .collect();
        if !numbers.is_empty() {
            let reason = ReadError::CutShort { what: "row matrix", place: Place::Node(self.heap.node) };
            let fault = Fault::Unreadable { what: "rows of a table", reason };
            reader.anomalies.push(fault, Place::Node(self.heap.node), Consequence::Lost);
        }
        Ok(listed)
    }

    fn matrix(&self, reader: &mut NdbReader<'_>) -> Result<Vec<Row>, ReadError> {
        let (mut all, mut bytes) = (Vec::new(), 0);
        let end = self.blocks(reader, &mut |_, _, block| {
            // Each row is kept, and takes more than its bytes.
            bytes += block.len().max(1);
            if bytes > MATRIX_LIMIT {
                return Err(self.too_large());
            }
            all.extend(self.rows_of(block));
            Ok(())
        });
        self.or_what_came(reader, end, all.is_empty())?;
        Ok(all)
    }

    /// Gives every row of the matrix, also those that its index leaves out, one after another.
    pub(crate) fn visit_rows(
        &self,
        reader: &mut NdbReader<'_>,
        visit: &mut dyn FnMut(&mut NdbReader<'_>, &Row),
    ) -> Result<(), ReadError> {
        self.blocks(reader, &mut |reader, _, block| {
            self.rows_of(block).for_each(|row| visit(reader, &row));
            Ok(())
        })
    }

    /// A matrix that breaks off is worth what came before.
    fn or_what_came(
        &self,
        reader: &mut NdbReader<'_>,
        end: Result<(), ReadError>,
        nothing: bool,
    ) -> Result<(), ReadError> {
        match end {
            Err(reason) if !nothing => {
                let fault = Fault::Unreadable { what: "rows of a table", reason };
                reader.anomalies.push(fault, Place::Node(self.heap.node), Consequence::Lost);
                Ok(())
            }
            end => end,
        }
    }

    /// The rows in one block: none crosses from one block into the next.
    fn rows_of<'b>(&self, block: &'b Bytes) -> impl Iterator<Item = Row> + use<'b> {
        let width = self.width;
        (0..block.len() / width).map(move |index| index * width).filter_map(move |start| {
            Some(Row { id: u32_at(block, start)?, data: block.slice(start, start + width)? })
        })
    }

    /// The row `id` at byte `at` of a block.
    pub(super) fn row_in(&self, block: &Bytes, at: usize, id: u32) -> Option<Row> {
        Some(Row { id, data: block.slice(at, at.checked_add(self.width)?)? })
    }

    /// Bytes of a row.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn too_large(&self) -> ReadError {
        ReadError::TooDeep { what: "row matrix", place: Place::Node(self.heap.node) }
    }

    /// The matrix of a table so small that it lies in the heap.
    pub(super) fn rows_in_heap(&self, reader: &mut NdbReader<'_>) -> Result<Bytes, ReadError> {
        Ok(self.heap.value(reader, self.rows, MATRIX_LIMIT)?.0)
    }

    /// Gives every block of the matrix, with its id where it is one of its own.
    pub(super) fn blocks(
        &self,
        reader: &mut NdbReader<'_>,
        visit: &mut BlockVisit<'_>,
    ) -> Result<(), ReadError> {
        if self.rows.0 == 0 {
            return Ok(());
        }
        let Some(tree) = self.heap.value_tree(reader, self.rows)? else {
            let rows = self.rows_in_heap(reader)?;
            return visit(reader, None, &rows);
        };
        let mut walk = reader.data_tree(tree)?;
        // A tree that names one block again and again has more of them than the file has room for.
        let mut left = reader.ndb.size / reader.ndb.layout.block_align as u64 + 1;
        while let Some(bid) = walk.next(reader)? {
            left = left.checked_sub(1).ok_or_else(|| self.too_large())?;
            let block = reader.block(bid)?;
            visit(reader, Some(bid), &block)?;
        }
        Ok(())
    }

    pub(crate) fn has_column(&self, id: u16) -> bool {
        self.columns.iter().any(|column| column.tag >> 16 == u32::from(id))
    }

    /// Id and type of every column.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (u16, u16)> {
        self.columns.iter().map(|column| ((column.tag >> 16) as u16, column.tag as u16))
    }

    /// The cell of `row` in the column of property `id`; `None` when the row has none.
    pub(crate) fn cell(&self, reader: &mut NdbReader<'_>, row: &Row, id: u16) -> Option<Value> {
        let column = self.columns.iter().find(|column| column.tag >> 16 == u32::from(id))?;
        let bits = u8_at(&row.data, self.bits + column.bit / 8)?;
        if bits & (0x80 >> (column.bit % 8)) == 0 {
            return None;
        }
        let cell = row.data.get(column.offset..column.offset.checked_add(column.size)?)?;
        let kind = column.tag as u16;
        if kind & kinds::MULTIPLE == 0 && fixed_size(kind).is_some_and(|size| size <= 8) {
            return Some(decode(kind, cell, cell.len() as u64, &self.charset));
        }
        let hnid = Hnid(u32_at(cell, 0)?);
        match self.heap.value(reader, hnid, CELL_LIMIT) {
            Ok((data, _)) => Some(decode(kind, &data, data.len() as u64, &self.charset)),
            Err(reason) => {
                let fault = Fault::Unreadable { what: "a cell of a table", reason };
                reader.anomalies.push(fault, Place::Property(id), Consequence::Lost);
                None
            }
        }
    }

    pub(crate) fn text(&self, reader: &mut NdbReader<'_>, row: &Row, id: u16) -> Option<String> {
        match self.cell(reader, row, id)? {
            Value::Text(mut text) => {
                text.truncate(text.trim_end_matches('\0').len());
                Some(text)
            }
            _ => None,
        }
    }

    pub(crate) fn int(&self, reader: &mut NdbReader<'_>, row: &Row, id: u16) -> Option<i32> {
        match self.cell(reader, row, id)? {
            Value::Int32(value) => Some(value),
            Value::Int16(value) => Some(value.into()),
            Value::Bool(value) => Some(value.into()),
            _ => None,
        }
    }

    pub(crate) fn time(&self, reader: &mut NdbReader<'_>, row: &Row, id: u16) -> Option<FileTime> {
        match self.cell(reader, row, id)? {
            Value::Time(time) => Some(time).filter(|time| time.0 != 0),
            _ => None,
        }
    }
}
