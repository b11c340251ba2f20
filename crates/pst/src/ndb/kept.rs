//! What the two B-trees of a file name, kept from the walk that checks them: whoever goes over all of it later need not read the
//! pages again. Of large files nothing is kept, so that memory has a bound; their trees are walked each time.

use super::ids::ByteIndex;
use super::layout::Layout;
use super::page::{BlockEntry, NodeEntry, Page, Tree};

/// Entries of both trees together, at most: 72 MB, which is the file of a million messages.
const MOST: usize = 3 << 20;

/// Entries in the order of a walk.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// Of pages whose keys rise.
    pub nodes: Vec<NodeEntry>,
    /// Of all pages.
    pub blocks: Vec<BlockEntry>,
    /// Where the pages lie, those above the leaves too.
    pub pages: Vec<ByteIndex>,
}

impl Kept {
    /// Room for what a file of `size` bytes can name: memory that is not written to costs nothing, and growing would copy it all.
    pub(crate) fn of_file(size: u64, layout: &Layout, tree: Tree) -> Self {
        let most = usize::try_from(size / layout.block_align as u64).unwrap_or(usize::MAX).min(MOST);
        match tree {
            Tree::Node => Self { nodes: Vec::with_capacity(most), ..Self::default() },
            Tree::Block => Self { blocks: Vec::with_capacity(most), ..Self::default() },
        }
    }

    fn len(&self) -> usize {
        self.nodes.len() + self.blocks.len() + self.pages.len()
    }

    /// What one tree names, and what the other does; `None` when it is more than is kept.
    pub(crate) fn joined(mut self, blocks: Self) -> Option<Self> {
        if self.len() + blocks.len() > MOST {
            return None;
        }
        self.blocks = blocks.blocks;
        self.pages.splice(..0, blocks.pages);
        Some(self)
    }

    /// Adds a page that a walk visits; `None` when it is more than is kept.
    pub(crate) fn with(mut self, page: &Page, layout: &Layout, tree: Tree) -> Option<Self> {
        if self.len() + page.count > MOST {
            return None;
        }
        self.pages.push(page.ib);
        match tree {
            _ if page.level > 0 => {}
            Tree::Block => self.blocks.extend((0..page.count).filter_map(|index| page.block(index, layout))),
            Tree::Node if !page.is_sorted(layout, tree) => {}
            Tree::Node => self.nodes.extend((0..page.count).filter_map(|index| page.node(index, layout))),
        }
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{MemorySource, Ndb, ReadAt, TreeChecks, sweep};
    use super::*;
    use crate::error::Anomalies;
    use crate::write::small::{Variant, write_many, write_small};
    use std::io;
    use std::sync::{Arc, Mutex, PoisonError};

    /// Remembers what it was told beforehand.
    struct Told(MemorySource, Mutex<Vec<(u64, u64)>>);

    impl ReadAt for Told {
        fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
            self.0.read_at(offset, buf)
        }

        fn size(&self) -> io::Result<u64> {
            self.0.size()
        }

        fn will_need(&self, offset: u64, length: u64) {
            self.1.lock().unwrap_or_else(PoisonError::into_inner).push((offset, offset + length));
        }
    }

    fn open(data: &[u8]) -> (Ndb, Arc<Told>) {
        let told = Arc::new(Told(MemorySource(data.to_vec()), Mutex::default()));
        (Ndb::open(told.clone(), TreeChecks::Full, &mut Anomalies::default()).unwrap(), told)
    }

    /// All that goes over whole trees.
    fn everything(ndb: &Ndb) -> (Vec<NodeEntry>, Vec<BlockEntry>, usize) {
        let (mut nodes, mut blocks, mut free) = (Vec::new(), Vec::new(), 0);
        ndb.nodes(&mut Anomalies::default(), &mut |node| nodes.push(node)).unwrap();
        ndb.blocks(&mut Anomalies::default(), &mut |block| blocks.push(block)).unwrap();
        sweep::free_space(ndb, &mut |_| free += 1).unwrap();
        (nodes, blocks, free)
    }

    fn check(data: &[u8], what: &str) -> Arc<Kept> {
        let (ndb, told) = open(data);
        let with = everything(&ndb);
        let kept = ndb.kept().unwrap();
        ndb.forget_kept();
        assert!(ndb.kept().is_none());
        assert!(with == everything(&ndb), "{what}");
        let told = told.1.lock().unwrap_or_else(PoisonError::into_inner);
        for &ib in kept.pages.iter().filter(|ib| ![ndb.header.nbt.ib, ndb.header.bbt.ib].contains(ib)) {
            assert!(told.iter().any(|&(from, to)| from <= ib.0 && ib.0 < to), "{what}: {ib:?}");
        }
        kept
    }

    #[test]
    fn what_is_kept_is_what_a_walk_gives_and_pages_are_announced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.pst");
        for variant in Variant::all() {
            write_small(&path, variant).unwrap();
            check(&std::fs::read(&path).unwrap(), &format!("{variant:?}"));
            write_many(&path, variant, 3000).unwrap();
            let mut data = std::fs::read(&path).unwrap();
            let kept = check(&data, &format!("{variant:?}, many"));
            assert!(kept.pages.len() > 20 && kept.nodes.len() > 3000 && kept.blocks.len() > 3000);
            // Pages of either tree that are damaged; roots are visited first.
            for place in [kept.pages.len() / 8, kept.pages.len() / 2, kept.pages.len() - 2] {
                let at = usize::try_from(kept.pages[place].0).unwrap();
                data[at..at + 64].fill(0xEE);
                check(&data, &format!("{variant:?}, without page {place}"));
            }
        }
    }
}
