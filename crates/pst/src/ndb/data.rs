//! Data trees: a block, an XBLOCK of blocks, or an XXBLOCK of XBLOCKs ([MS-PST] 2.2.2.8.3.2).

use super::block::NdbReader;
use super::ids::BlockId;
use super::page::word_at;
use crate::bytes::{Bytes, u8_at, u16_at, u32_at};
use crate::error::{Consequence, Fault, Place, ReadError};

/// An XBLOCK or XXBLOCK.
#[derive(Debug, Clone)]
struct Branches {
    data: Bytes,
    level: u8,
    count: usize,
    next: usize,
}

/// Goes through the data blocks of a tree one by one, and holds no more than its two index blocks.
#[derive(Debug, Clone)]
pub(crate) struct BlockWalk {
    /// The tree is a single data block that was not given yet.
    single: Option<BlockId>,
    outer: Option<Branches>,
    inner: Option<Branches>,
    /// `lcbTotal`, when there is an index block to state it.
    stated: Option<u64>,
}

impl NdbReader<'_> {
    fn branches(&mut self, bid: BlockId) -> Result<Branches, ReadError> {
        let data = self.block(bid)?;
        let place = Place::BlockId(bid);
        let short = || ReadError::CutShort { what: "XBLOCK", place };
        let kind = u8_at(&data, 0).ok_or_else(short)?;
        if kind != 1 {
            return Err(ReadError::Malformed { field: "btype", value: kind.into(), place });
        }
        let level = u8_at(&data, 1).ok_or_else(short)?;
        if !(1..=2).contains(&level) {
            return Err(ReadError::Malformed { field: "cLevel", value: level.into(), place });
        }
        let mut count = usize::from(u16_at(&data, 2).ok_or_else(short)?);
        let room = data.len().saturating_sub(8) / self.ndb.layout.word;
        // One that names fewer than it has room for may have named more.
        if count != room {
            let fault = Fault::Count { what: "cEnt", stated: count as u64, found: room as u64 };
            self.anomalies.push(fault, place, Consequence::Lost);
            count = count.min(room);
        }
        Ok(Branches { data, level, count, next: 0 })
    }

    /// The blocks that the XBLOCK or XXBLOCK `bid` names.
    pub(super) fn parts(&mut self, bid: BlockId) -> Result<Vec<BlockId>, ReadError> {
        let mut branches = self.branches(bid)?;
        Ok(std::iter::from_fn(|| branches.next(self)).collect())
    }

    /// Begins to go through the data tree at `bid`.
    pub(crate) fn data_tree(&mut self, bid: BlockId) -> Result<BlockWalk, ReadError> {
        let mut walk = BlockWalk { single: None, outer: None, inner: None, stated: None };
        if !bid.is_internal() {
            walk.single = (!bid.is_none()).then_some(bid);
            return Ok(walk);
        }
        let branches = self.branches(bid)?;
        walk.stated = u32_at(&branches.data, 4).map(u64::from);
        if branches.level == 2 {
            walk.outer = Some(branches);
        } else {
            walk.inner = Some(branches);
        }
        Ok(walk)
    }

    /// The bytes of the data tree at `bid`, at most `limit` of them; the flag says whether it was cut.
    pub(crate) fn data(&mut self, bid: BlockId, limit: usize) -> Result<(Bytes, bool), ReadError> {
        let mut walk = self.data_tree(bid)?;
        let Some(first) = walk.next(self)? else { return Ok((Bytes::empty(), false)) };
        let first = self.block(first)?;
        if walk.is_single() {
            let length = first.len();
            let kept = first.slice(0, length.min(limit)).unwrap_or_else(Bytes::empty);
            return Ok((kept, length > limit));
        }
        // The stated size is a hint only: it may be absurd.
        let hint = walk.stated.unwrap_or(0).min(self.ndb.size).min(limit as u64);
        let mut all = Vec::with_capacity(usize::try_from(hint).unwrap_or(0).min(16 << 20));
        all.extend_from_slice(first.get(..first.len().min(limit)).unwrap_or_default());
        loop {
            // What breaks off is worth what came before.
            let next =
                walk.next(self).and_then(|next| next.map(|bid| Ok((bid, self.block_once(bid)?))).transpose());
            let (bid, block) = match next {
                Ok(Some(next)) => next,
                Ok(None) => break,
                Err(reason @ ReadError::Io { .. }) => return Err(reason),
                Err(reason) => {
                    let fault = Fault::Unreadable { what: "the rest of a value", reason };
                    self.anomalies.push(fault, Place::BlockId(bid), Consequence::Lost);
                    return Ok((all.into(), false));
                }
            };
            let room = limit - all.len();
            all.extend_from_slice(block.get(..block.len().min(room)).unwrap_or_default());
            if block.len() > room {
                return Ok((all.into(), true));
            }
            if block.is_empty() {
                return Err(ReadError::CutShort { what: "data block", place: Place::BlockId(bid) });
            }
        }
        self.compare_total(bid, walk.stated.unwrap_or(0), all.len() as u64);
        Ok((all.into(), false))
    }

    /// Notes where the blocks of a data tree are not as many bytes as it states: some of them may be another's, or cut off.
    fn compare_total(&mut self, bid: BlockId, stated: u64, found: u64) {
        if stated != found {
            let consequence = if found < stated { Consequence::Lost } else { Consequence::Used };
            let fault = Fault::Count { what: "lcbTotal", stated, found };
            self.anomalies.push(fault, Place::BlockId(bid), consequence);
        }
    }

    /// How many bytes the data tree at `bid` has, by what the block B-tree says of each of its blocks; none of those is read. What
    /// is missing is noted, and then the size is the stated one.
    pub(crate) fn looked_up_size(&mut self, bid: BlockId) -> Result<u64, ReadError> {
        if !bid.is_internal() {
            return self.data_size(bid);
        }
        let mut walk = self.data_tree(bid)?;
        let (stated, mut found) = (walk.stated.unwrap_or(0), 0);
        loop {
            match walk.next(self).and_then(|next| next.map(|bid| self.extent(bid)).transpose()) {
                Ok(None) => break,
                Ok(Some(size)) => found += size,
                Err(reason @ ReadError::Io { .. }) => return Err(reason),
                Err(reason) => {
                    let fault = Fault::Unreadable { what: "part of a value", reason };
                    self.anomalies.push(fault, Place::BlockId(bid), Consequence::Lost);
                    return Ok(stated);
                }
            }
            // Sound files name hardly any block twice.
            match self.looks.checked_sub(1) {
                Some(left) => self.looks = left,
                None => return Ok(stated),
            }
        }
        self.compare_total(bid, stated, found);
        Ok(found)
    }

    /// The bytes of a data block that is there, as far as can be told without reading it.
    fn extent(&mut self, bid: BlockId) -> Result<u64, ReadError> {
        let entry = self.block_entry(bid)?;
        let (length, size) = (u64::from(entry.stored), self.ndb.size);
        if entry.ib.0.checked_add(length).is_none_or(|end| end > size) {
            let place = Place::Block(bid, entry.ib);
            return Err(ReadError::BeyondEnd { place, length, size });
        }
        Ok(entry.size.into())
    }

    /// How many bytes the data tree at `bid` has, without reading them.
    pub(crate) fn data_size(&mut self, bid: BlockId) -> Result<u64, ReadError> {
        if bid.is_none() {
            return Ok(0);
        }
        if bid.is_internal() {
            return Ok(self.data_tree(bid)?.stated.unwrap_or(0));
        }
        self.extent(bid)
    }
}

impl BlockWalk {
    /// Whether the tree is a data block without an index block.
    pub(crate) fn is_single(&self) -> bool {
        self.stated.is_none()
    }

    /// The next data block, or `None` at the end.
    pub(crate) fn next(&mut self, reader: &mut NdbReader<'_>) -> Result<Option<BlockId>, ReadError> {
        if let Some(bid) = self.single.take() {
            return Ok(Some(bid));
        }
        loop {
            if let Some(bid) = self.inner.as_mut().and_then(|inner| inner.next(reader)) {
                if bid.is_internal() {
                    return Err(ReadError::TooDeep { what: "XBLOCK", place: Place::BlockId(bid) });
                }
                return Ok(Some(bid));
            }
            let Some(bid) = self.outer.as_mut().and_then(|outer| outer.next(reader)) else {
                self.inner = None;
                return Ok(None);
            };
            let inner = reader.branches(bid)?;
            if inner.level != 1 {
                return Err(ReadError::TooDeep { what: "XXBLOCK", place: Place::BlockId(bid) });
            }
            self.inner = Some(inner);
        }
    }
}

impl Branches {
    fn next(&mut self, reader: &NdbReader<'_>) -> Option<BlockId> {
        if self.next >= self.count {
            return None;
        }
        let layout = reader.ndb.layout;
        let bid = word_at(&self.data, 8 + self.next * layout.word, layout)?;
        self.next += 1;
        Some(BlockId(bid))
    }
}
