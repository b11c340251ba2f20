//! The two B-trees, the density list and the header ([MS-PST] 2.2.2.5 to 2.2.2.7).
//!
//! Leaf pages go to the file as soon as they are full; memory keeps a key and a place for each. Upper pages, the
//! density list and the header follow when all else is in place.

use std::io::{Seek, Write};

use super::{
    blocks::{BlockStore, NodeBody},
    error::{Result, WriteError, narrow},
    layout::{Format, Layout, PAGE_BBT, PAGE_DENSITY_LIST, PAGE_NBT},
    space::{Space, SpaceTotals},
};
use crate::ndb::{
    Encryption,
    crc::crc,
    ids::{NidType, NodeId},
};

/// `NBTENTRY`: a node of the file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NodeEntry {
    pub nid: NodeId,
    pub body: NodeBody,
    pub parent: NodeId,
}

/// A page of a B-tree: its id and place.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PageRef {
    bid: u64,
    ib: u64,
}

/// The pages of one level of a tree, filled with entries in rising order of their keys.
pub(crate) struct Level {
    kind: u8,
    level: u8,
    body: Vec<u8>,
    count: usize,
    first: u64,
    last: Option<u64>,
    /// First key and place of each full page.
    pages: Vec<(u64, PageRef)>,
}

impl Level {
    pub fn leaves(kind: u8) -> Self {
        Self::new(kind, 0)
    }

    fn new(kind: u8, level: u8) -> Self {
        Self { kind, level, body: Vec::new(), count: 0, first: 0, last: None, pages: Vec::new() }
    }

    /// Appends an entry; `next_page` counts the ids of pages, which are apart from those of blocks.
    pub fn add<W: Write + Seek>(
        &mut self,
        space: &mut Space<W>,
        next_page: &mut u64,
        key: u64,
        entry: &[u8],
    ) -> Result<()> {
        if let Some(last) = self.last.filter(|&last| last >= key) {
            return Err(WriteError::OutOfOrder { key, last });
        }
        if self.count == 0 {
            self.first = key;
        }
        self.last = Some(key);
        self.body.extend_from_slice(entry);
        self.count += 1;
        let layout = space.layout();
        if self.count == layout.tree_entries / layout.tree_entry(self.kind, self.level == 0) {
            self.close_page(space, next_page)?;
        }
        Ok(())
    }

    fn close_page<W: Write + Seek>(&mut self, space: &mut Space<W>, next_page: &mut u64) -> Result<()> {
        let layout = space.layout();
        let mut body = std::mem::take(&mut self.body);
        let entry = layout.tree_entry(self.kind, self.level == 0);
        layout.put_tree_counts(&mut body, self.count, entry, self.level);
        self.count = 0;
        let bid = *next_page;
        *next_page += 1;
        let kind = self.kind;
        let ib = space.place(layout.page, layout.page, |ib, out| {
            out.extend_from_slice(&layout.signed_page(kind, ib, bid, body));
        })?;
        self.pages.push((self.first, PageRef { bid, ib }));
        Ok(())
    }

    /// Writes the last page and gives all of them.
    pub fn finish<W: Write + Seek>(
        mut self,
        space: &mut Space<W>,
        next_page: &mut u64,
    ) -> Result<Vec<(u64, PageRef)>> {
        if self.count > 0 {
            self.close_page(space, next_page)?;
        }
        Ok(self.pages)
    }
}

/// Writes the upper levels of a tree over its leaf pages; returns its root.
fn root<W: Write + Seek>(
    store: &mut BlockStore<W>,
    kind: u8,
    leaves: Vec<(u64, PageRef)>,
) -> Result<PageRef> {
    let layout = store.layout;
    let mut pages = leaves;
    let mut level = 0;
    while pages.len() > 1 {
        level += 1;
        let mut upper = Level::new(kind, level);
        for (key, page) in pages {
            let mut entry = Vec::with_capacity(24);
            for value in [key, page.bid, page.ib] {
                layout.put_word(&mut entry, value);
            }
            upper.add(&mut store.space, &mut store.next_page, key, &entry)?;
        }
        pages = upper.finish(&mut store.space, &mut store.next_page)?;
    }
    Ok(pages.first().map(|(_, page)| *page).unwrap_or_default())
}

/// The nodes of a file. Messages come in rising order and become leaf pages at once; the others, which are few
/// and have lower ids, wait for the end.
pub(crate) struct Nodes {
    layout: Layout,
    messages: Level,
    others: Vec<NodeEntry>,
    /// `rgnid`: the last index given out for each type of node.
    last: [u32; 32],
}

/// Indexes of nodes from here up are those of messages alone.
pub(crate) const FIRST_MESSAGE: u32 = 0x1_0000;

impl Nodes {
    pub fn new(layout: Layout) -> Self {
        let mut last = [0x400; 32];
        for (kind, start) in [
            (NidType::SearchFolder, 0x4000),
            (NidType::NormalMessage, FIRST_MESSAGE),
            (NidType::AssocMessage, 0x8000),
        ] {
            last[usize::from(kind.raw())] = start;
        }
        Self { layout, messages: Level::leaves(PAGE_NBT), others: Vec::new(), last }
    }

    /// Adds a node; those of messages come with rising ids.
    pub fn add<W: Write + Seek>(&mut self, store: &mut BlockStore<W>, node: NodeEntry) -> Result<()> {
        let slot = &mut self.last[usize::from(node.nid.kind().raw())];
        *slot = (*slot).max(node.nid.index());
        if node.nid.index() <= FIRST_MESSAGE {
            self.others.push(node);
            return Ok(());
        }
        let entry = node_entry(&self.layout, &node);
        self.messages.add(&mut store.space, &mut store.next_page, u64::from(node.nid.0), &entry)
    }

    fn finish<W: Write + Seek>(self, store: &mut BlockStore<W>) -> Result<PageRef> {
        let Self { layout, messages, mut others, .. } = self;
        others.sort_by_key(|node| node.nid);
        let mut leaves = Level::leaves(PAGE_NBT);
        for node in &others {
            let key = u64::from(node.nid.0);
            leaves.add(&mut store.space, &mut store.next_page, key, &node_entry(&layout, node))?;
        }
        let mut pages = leaves.finish(&mut store.space, &mut store.next_page)?;
        pages.extend(messages.finish(&mut store.space, &mut store.next_page)?);
        root(store, PAGE_NBT, pages)
    }
}

fn node_entry(layout: &Layout, node: &NodeEntry) -> Vec<u8> {
    let mut entry = Vec::with_capacity(32);
    for value in [u64::from(node.nid.0), node.body.data.0, node.body.sub.0, u64::from(node.parent.0)] {
        layout.put_word(&mut entry, value);
    }
    entry
}

/// Writes what is left of both trees, the density list and the header, and gives the destination back.
pub(crate) fn close<W: Write + Seek>(
    mut store: BlockStore<W>,
    nodes: Nodes,
    encryption: Encryption,
    unique: u32,
) -> Result<W> {
    let layout = store.layout;
    let last = nodes.last;
    let node_root = nodes.finish(&mut store)?;
    let (block_leaves, next_block) = store.finish_blocks()?;
    let block_root = root(&mut store, PAGE_BBT, block_leaves)?;
    let list_id = store.next_page;
    let next_page = list_id + 1;

    let totals = store.space.finish()?;
    let mut list = Vec::new();
    if layout.format != Format::Unicode4k {
        // Nothing to backfill; one entry, for the only section with space to speak of.
        let section: u32 = narrow("the section number", totals.last_section, 0xF_FFFF)?;
        let slots = totals.last_free_slots.min(0xFFF) as u32;
        list.extend_from_slice(&[1, 1, 0, 0]);
        list.extend_from_slice(&section.to_le_bytes());
        list.extend_from_slice(&(section | slots << 20).to_le_bytes());
    }
    let list = layout.signed_page(PAGE_DENSITY_LIST, layout.density_list, list_id, list);
    store.space.write_front(layout.density_list, &list)?;

    let counters = Counters { next_page, next_block, last, unique };
    let header = header(&layout, &totals, [node_root, block_root], encryption, &counters);
    store.space.write_front(0, &header)?;
    store.space.into_inner()
}

/// `bCryptMethod`
const fn crypt_method(encryption: Encryption) -> u8 {
    match encryption {
        Encryption::None => 0,
        Encryption::Permute => 1,
        Encryption::Cyclic => 2,
    }
}

struct Counters {
    next_page: u64,
    next_block: u64,
    last: [u32; 32],
    unique: u32,
}

/// The header ([MS-PST] 2.2.2.6) with its checksums.
fn header(
    layout: &Layout,
    totals: &SpaceTotals,
    roots: [PageRef; 2],
    encryption: Encryption,
    counters: &Counters,
) -> Vec<u8> {
    let ansi = layout.format == Format::Ansi;
    let mut out = Vec::with_capacity(0x400);
    out.extend_from_slice(b"!BDN\0\0\0\0");
    out.extend_from_slice(&layout.client_magic);
    out.extend_from_slice(&layout.version.to_le_bytes());
    out.extend_from_slice(&layout.client_version.to_le_bytes());
    // bPlatformCreate, bPlatformAccess, dwReserved1, dwReserved2
    out.extend_from_slice(&[1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    // The first word is bidNextB in ANSI files and unused in the others, which have it further down.
    layout.put_word(&mut out, if ansi { counters.next_block } else { 0 });
    layout.put_word(&mut out, counters.next_page);
    out.extend_from_slice(&counters.unique.to_le_bytes());
    for id in counters.last {
        out.extend_from_slice(&id.to_le_bytes());
    }
    if !ansi {
        out.extend_from_slice(&[0; 8]);
    }
    // ROOT
    out.extend_from_slice(&[0; 4]);
    for value in [totals.file_end, totals.last_map, totals.free, 0] {
        layout.put_word(&mut out, value);
    }
    for root in roots {
        layout.put_word(&mut out, root.bid);
        layout.put_word(&mut out, root.ib);
    }
    // fAMapValid: VALID_AMAP2
    out.extend_from_slice(&[2, 0, 0, 0]);
    if !ansi {
        out.extend_from_slice(&[0; 4]);
    }
    // rgbFM and rgbFP, both out of use; the 4k format leaves them empty.
    out.extend_from_slice(&[if layout.format == Format::Unicode4k { 0 } else { 0xFF }; 256]);
    out.extend_from_slice(&[0x80, crypt_method(encryption), 0, 0]);
    if !ansi {
        layout.put_word(&mut out, counters.next_block);
        let full = crc(&out[8..524]);
        out.extend_from_slice(&full.to_le_bytes());
    }
    out.resize(if ansi { 512 } else { 564 }, 0);
    let partial = crc(&out[8..479]);
    out[4..8].copy_from_slice(&partial.to_le_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn keys_that_do_not_rise_are_named() {
        let mut space = Space::new(Cursor::new(Vec::new()), Layout::of(Format::Unicode)).unwrap();
        let (mut level, mut next_page) = (Level::leaves(PAGE_NBT), 4);
        level.add(&mut space, &mut next_page, 8, &[0; 32]).unwrap();
        for key in [8, 4] {
            let error = level.add(&mut space, &mut next_page, key, &[0; 32]).unwrap_err();
            assert!(matches!(error, WriteError::OutOfOrder { key: found, last: 8 } if found == key));
        }
    }
}
