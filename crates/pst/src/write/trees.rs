//! The two B-trees, the density list and the header, written when all blocks are in place
//! ([MS-PST] 2.2.2.5 to 2.2.2.7).

use std::io::{Seek, Write};

use super::{
    blocks::{BlockStore, NodeBody},
    error::{Result, narrow},
    layout::{Format, PAGE_BBT, PAGE_DENSITY_LIST, PAGE_NBT},
    space::SpaceTotals,
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
struct PageRef {
    bid: u64,
    ib: u64,
}

/// Gives out page ids, which count apart from those of blocks.
struct Trees<'a, W> {
    store: &'a mut BlockStore<W>,
    next_page: u64,
}

/// Each block is used once; the count that the file keeps is one higher.
const REFERENCES: u16 = 2;

/// Writes both trees, the density list and the header, and gives the destination back.
pub(crate) fn close<W: Write + Seek>(
    mut store: BlockStore<W>,
    mut nodes: Vec<NodeEntry>,
    encryption: Encryption,
    unique: u32,
) -> Result<W> {
    nodes.sort_by_key(|node| node.nid);
    let layout = store.layout;
    let mut trees = Trees { store: &mut store, next_page: 4 };
    let node_leaves = nodes.iter().map(|node| {
        let mut entry = Vec::with_capacity(32);
        for value in [u64::from(node.nid.0), node.body.data.0, node.body.sub.0] {
            layout.put_word(&mut entry, value);
        }
        layout.put_word(&mut entry, u64::from(node.parent.0));
        (u64::from(node.nid.0), entry)
    });
    let node_root = trees.tree(PAGE_NBT, node_leaves)?;
    let mut blocks = std::mem::take(&mut trees.store.entries);
    blocks.sort_by_key(|block| block.bid);
    let block_leaves = blocks.iter().map(|block| {
        let mut entry = Vec::with_capacity(24);
        layout.put_word(&mut entry, block.bid.0);
        layout.put_word(&mut entry, block.ib);
        entry.extend_from_slice(&block.stored.to_le_bytes());
        if layout.format == Format::Unicode4k {
            entry.extend_from_slice(&block.inflated.to_le_bytes());
        }
        entry.extend_from_slice(&REFERENCES.to_le_bytes());
        entry.resize(layout.tree_entry(PAGE_BBT, true), 0);
        (block.bid.0, entry)
    });
    let block_root = trees.tree(PAGE_BBT, block_leaves)?;
    let list_id = trees.next_page;
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

    let counters = Counters { next_page, next_block: store.next_block, last: last_ids(&nodes), unique };
    let header = header(&store, &totals, [node_root, block_root], encryption, &counters);
    store.space.write_front(0, &header)?;
    store.space.into_inner()
}

impl<W: Write + Seek> Trees<'_, W> {
    /// Writes a tree from its sorted leaves up; returns its root.
    fn tree(&mut self, kind: u8, leaves: impl Iterator<Item = (u64, Vec<u8>)>) -> Result<PageRef> {
        let mut level = 0;
        let mut upper = self.level(kind, level, leaves)?;
        while upper.len() > 1 {
            level += 1;
            let layout = self.store.layout;
            let entries: Vec<_> = upper
                .iter()
                .map(|(key, page)| {
                    let mut entry = Vec::with_capacity(24);
                    for value in [*key, page.bid, page.ib] {
                        layout.put_word(&mut entry, value);
                    }
                    (*key, entry)
                })
                .collect();
            upper = self.level(kind, level, entries.into_iter())?;
        }
        Ok(upper.first().map(|(_, page)| *page).unwrap_or_default())
    }

    fn level(
        &mut self,
        kind: u8,
        level: u8,
        entries: impl Iterator<Item = (u64, Vec<u8>)>,
    ) -> Result<Vec<(u64, PageRef)>> {
        let layout = self.store.layout;
        let size = layout.tree_entry(kind, level == 0);
        let most = layout.tree_entries / size;
        let mut pages = Vec::new();
        let mut entries = entries.peekable();
        while let Some(&(first, _)) = entries.peek() {
            let mut body = Vec::with_capacity(layout.page);
            let mut count = 0;
            for (_, entry) in entries.by_ref().take(most) {
                body.extend_from_slice(&entry);
                count += 1;
            }
            layout.put_tree_counts(&mut body, count, size, level);
            let bid = self.next_page;
            self.next_page += 1;
            let ib = self
                .store
                .space
                .place(layout.page, layout.page, |ib| layout.signed_page(kind, ib, bid, body))?;
            pages.push((first, PageRef { bid, ib }));
        }
        Ok(pages)
    }
}

/// `rgnid`: the last index given out for each type of node.
fn last_ids(nodes: &[NodeEntry]) -> [u32; 32] {
    let mut last = [0x400; 32];
    for (kind, start) in
        [(NidType::SearchFolder, 0x4000), (NidType::NormalMessage, 0x1_0000), (NidType::AssocMessage, 0x8000)]
    {
        last[usize::from(kind.raw())] = start;
    }
    for node in nodes {
        let slot = &mut last[usize::from(node.nid.kind().raw())];
        *slot = (*slot).max(node.nid.index());
    }
    last
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
fn header<W>(
    store: &BlockStore<W>,
    totals: &SpaceTotals,
    roots: [PageRef; 2],
    encryption: Encryption,
    counters: &Counters,
) -> Vec<u8> {
    let layout = store.layout;
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
