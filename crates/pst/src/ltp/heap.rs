//! The heap on a node ([MS-PST] 2.3.1): small allocations in the blocks of one data tree.

use crate::bytes::{Bytes, u8_at, u16_at, u32_at};
use crate::error::{Consequence, Fault, Place, ReadError};
use crate::ndb::ids::{BlockId, NodeId};
use crate::ndb::{Format, NdbReader};

/// `hidBlockIndex` has 16 bits, so no heap has more blocks.
const MOST_BLOCKS: usize = 1 << 16;

/// A reference that is either a heap item (`HID`) or a sub-node (`NID`); its low five bits tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hnid(pub u32);

impl Hnid {
    pub(crate) fn is_heap_item(self) -> bool {
        self.0 & 0x1F == 0
    }
}

/// A heap that is open for reading.
#[derive(Debug)]
pub(crate) struct Heap {
    blocks: Vec<BlockId>,
    /// The first block, which is the only one of most heaps.
    first: Bytes,
    /// The sub-node tree that holds what is too large for the heap.
    pub sub: BlockId,
    /// `hidUserRoot`
    pub root: Hnid,
    /// `bClientSig`
    pub client: u8,
    /// The node, for messages.
    pub node: NodeId,
}

impl Heap {
    /// Opens the heap in the data tree `data` of `node`.
    pub(crate) fn open(
        reader: &mut NdbReader<'_>,
        node: NodeId,
        data: BlockId,
        sub: BlockId,
    ) -> Result<Self, ReadError> {
        let place = Place::Node(node);
        let mut walk = reader.data_tree(data)?;
        let mut blocks = Vec::new();
        loop {
            match walk.next(reader) {
                Ok(Some(_)) if blocks.len() >= MOST_BLOCKS => {
                    return Err(ReadError::TooDeep { what: "heap", place });
                }
                Ok(Some(bid)) => blocks.push(bid),
                Ok(None) => break,
                Err(reason) if blocks.is_empty() || matches!(reason, ReadError::Io { .. }) => {
                    return Err(reason);
                }
                // What lies in the blocks that are known is whole.
                Err(reason) => {
                    let fault = Fault::Unreadable { what: "the rest of a heap", reason };
                    reader.anomalies.push(fault, place, Consequence::Lost);
                    break;
                }
            }
        }
        let Some(&first) = blocks.first() else { return Err(ReadError::Missing(place)) };
        let header = reader.block(first)?;
        let short = || ReadError::CutShort { what: "HNHDR", place };
        let signature = u8_at(&header, 2).ok_or_else(short)?;
        if signature != 0xEC {
            return Err(ReadError::Malformed { field: "bSig", value: signature.into(), place });
        }
        let client = u8_at(&header, 3).ok_or_else(short)?;
        let root = Hnid(u32_at(&header, 4).ok_or_else(short)?);
        Ok(Self { blocks, first: header, sub, root, client, node })
    }

    /// The most records of `width` bytes that the heap can hold: a bound against trees that refer to themselves, and
    /// against heaps that name one block again and again.
    pub(crate) fn room_for(&self, reader: &NdbReader<'_>, width: usize) -> usize {
        // A block of a 4k file takes 512 bytes at least, and 64 KB at most once it is decompressed.
        let ratio = if reader.ndb.header.format == Format::Unicode4k { 128 } else { 1 };
        let file = usize::try_from(reader.ndb.size).unwrap_or(usize::MAX).saturating_mul(ratio);
        self.blocks.len().saturating_mul(1 << 16).min(file) / width.max(1)
    }

    /// The heap item `hid`; no bytes for zero, which stands for nothing.
    pub(crate) fn item(&self, reader: &mut NdbReader<'_>, hid: Hnid) -> Result<Bytes, ReadError> {
        if hid.0 == 0 {
            return Ok(Bytes::empty());
        }
        let malformed =
            || ReadError::Malformed { field: "hid", value: hid.0.into(), place: Place::Node(self.node) };
        if !hid.is_heap_item() {
            return Err(malformed());
        }
        // The larger blocks of 4k files take three bits of the block's index for the item's.
        let index_bits = if reader.ndb.header.format == Format::Unicode4k { 14 } else { 11 };
        let index = (hid.0 >> 5) as usize & ((1 << index_bits) - 1);
        let block = (hid.0 >> (5 + index_bits)) as usize;
        let bid = *self.blocks.get(block).ok_or_else(malformed)?;
        if block == 0 {
            return item_in(&self.first, index).ok_or_else(malformed);
        }
        let data = reader.block(bid)?;
        item_in(&data, index).ok_or_else(malformed)
    }

    /// The bytes behind a heap item or a sub-node, at most `limit`; the flag says whether they were cut.
    pub(crate) fn value(
        &self,
        reader: &mut NdbReader<'_>,
        hnid: Hnid,
        limit: usize,
    ) -> Result<(Bytes, bool), ReadError> {
        if hnid.is_heap_item() {
            let item = self.item(reader, hnid)?;
            let kept = item.slice(0, item.len().min(limit)).unwrap_or_else(Bytes::empty);
            return Ok((kept, item.len() > limit));
        }
        match self.value_tree(reader, hnid)? {
            Some(tree) => reader.data(tree, limit),
            None => Err(ReadError::Missing(Place::Node(NodeId(hnid.0)))),
        }
    }

    /// How many bytes lie behind a heap item or a sub-node.
    pub(crate) fn value_size(&self, reader: &mut NdbReader<'_>, hnid: Hnid) -> Result<u64, ReadError> {
        if hnid.is_heap_item() {
            return Ok(self.item(reader, hnid)?.len() as u64);
        }
        match self.value_tree(reader, hnid)? {
            Some(tree) => reader.data_size(tree),
            None => Ok(0),
        }
    }

    /// The data tree behind a sub-node reference; `None` when it is a heap item, and where the sub-node is not there or has no data: what
    /// is empty lies in no sub-node.
    pub(crate) fn value_tree(
        &self,
        reader: &mut NdbReader<'_>,
        hnid: Hnid,
    ) -> Result<Option<BlockId>, ReadError> {
        if hnid.is_heap_item() {
            return Ok(None);
        }
        let found = reader.sub_node(self.sub, NodeId(hnid.0))?;
        Ok(found.map(|found| found.data).filter(|data| !data.is_none()))
    }
}

/// Item `index`, counted from one, of a heap block.
fn item_in(data: &Bytes, index: usize) -> Option<Bytes> {
    let map = usize::from(u16_at(data, 0)?);
    let count = usize::from(u16_at(data, map)?);
    if index == 0 || index > count {
        return None;
    }
    let start = u16_at(data, map + 4 + 2 * (index - 1))?;
    let end = u16_at(data, map + 4 + 2 * index)?;
    data.slice(start.into(), end.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_of_a_block() {
        // ibHnpm = 12, two items: 4..7 and 7..12.
        let mut block = vec![12, 0, 0xEC, 0xBC, b'a', b'b', b'c', 1, 2, 3, 4, 5];
        block.extend([2, 0, 0, 0, 4, 0, 7, 0, 12, 0]);
        let block = Bytes::from(block);
        let check =
            |index, want: Option<&[u8]>| assert_eq!(item_in(&block, index).as_deref(), want, "{index}");
        check(0, None);
        check(1, Some(b"abc"));
        check(2, Some(&[1, 2, 3, 4, 5]));
        check(3, None);
        for cut in 0..block.len() {
            let _ = item_in(&Bytes::from(block[..cut].to_vec()), 2);
        }
    }
}
