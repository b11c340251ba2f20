//! The B-tree on a heap ([MS-PST] 2.3.2).

use super::heap::{Heap, Hnid};
use crate::bytes::{u8_at, u32_at};
use crate::error::{Consequence, Fault, Place, ReadError};
use crate::ndb::NdbReader;

/// The header of a B-tree, `BTHHEADER`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bth {
    pub key: usize,
    pub entry: usize,
    levels: u8,
    root: Hnid,
}

impl Bth {
    /// Opens the tree whose header is the heap item `hid`.
    pub(crate) fn open(reader: &mut NdbReader<'_>, heap: &Heap, hid: Hnid) -> Result<Self, ReadError> {
        let header = heap.item(reader, hid)?;
        let place = Place::Node(heap.node);
        let short = || ReadError::CutShort { what: "BTHHEADER", place };
        let malformed = |field, value: u8| Err(ReadError::Malformed { field, value: value.into(), place });
        let kind = u8_at(&header, 0).ok_or_else(short)?;
        if kind != 0xB5 {
            return malformed("bType", kind);
        }
        let key = u8_at(&header, 1).ok_or_else(short)?;
        let entry = u8_at(&header, 2).ok_or_else(short)?;
        let levels = u8_at(&header, 3).ok_or_else(short)?;
        if !matches!(key, 2 | 4 | 8 | 16) {
            return malformed("cbKey", key);
        }
        if entry == 0 || entry > 32 {
            return malformed("cbEnt", entry);
        }
        if levels > 8 {
            return malformed("bIdxLevels", levels);
        }
        let root = Hnid(u32_at(&header, 4).ok_or_else(short)?);
        Ok(Self { key: key.into(), entry: entry.into(), levels, root })
    }

    /// Gives every record (key, then data) in order of keys. A part that cannot be read is noted and passed over; then
    /// the result is false.
    pub(crate) fn records(
        &self,
        reader: &mut NdbReader<'_>,
        heap: &Heap,
        visit: &mut dyn FnMut(&[u8]),
    ) -> Result<bool, ReadError> {
        let mut left = heap.room_for(reader, self.key + self.entry.min(4));
        if self.levels == 0 {
            return self.leaf(reader, heap, self.root, &mut left, visit).map(|()| true);
        }
        let mut complete = true;
        let mut steps = vec![(self.root, self.levels)];
        while let Some((hid, level)) = steps.pop() {
            let result = if level == 0 {
                self.leaf(reader, heap, hid, &mut left, visit)
            } else {
                heap.item(reader, hid).map(|item| {
                    let width = self.key + 4;
                    let children = (item.len() / width).min(left);
                    left -= children;
                    let child =
                        |index| u32_at(&item, index * width + self.key).map(|hid| (Hnid(hid), level - 1));
                    steps.extend((0..children).rev().filter_map(child));
                })
            };
            if let Err(reason) = result {
                let fault = Fault::Unreadable { what: "part of a B-tree on the heap", reason };
                reader.anomalies.push(fault, Place::Node(heap.node), Consequence::Lost);
                complete = false;
            }
        }
        Ok(complete)
    }

    fn leaf(
        &self,
        reader: &mut NdbReader<'_>,
        heap: &Heap,
        hid: Hnid,
        left: &mut usize,
        visit: &mut dyn FnMut(&[u8]),
    ) -> Result<(), ReadError> {
        let item = heap.item(reader, hid)?;
        for record in item.chunks_exact(self.key + self.entry).take(*left) {
            *left -= 1;
            visit(record);
        }
        Ok(())
    }
}
