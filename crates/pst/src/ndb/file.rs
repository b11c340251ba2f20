//! Opening a file by its two B-trees ([MS-PST] 2.2.2.7.7), and all that they name.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::header::{BlockRef, HEADER_SIZE, Header, roots};
use super::ids::{ByteIndex, NodeId};
use super::kept::Kept;
use super::layout::Layout;
use super::page::{BlockEntry, NodeEntry, Page, Tree};
use super::past::Past;
use super::probe;
use super::salvage::{self, Salvage};
use super::source::{ReadAt, read_full};
use super::walk::Lost;
use crate::error::{Anomalies, Consequence, Fault, OpenError, Place, ReadError};

/// The node database of an open file. Immutable; readers borrow it.
pub(crate) struct Ndb {
    pub source: Arc<dyn ReadAt>,
    pub size: u64,
    pub header: Header,
    pub layout: &'static Layout,
    /// Entries of broken tree pages, found elsewhere.
    pub salvage: Salvage,
    /// Nodes of `salvage` that were found by the scan: whether they are still in use cannot be known. Sorted.
    pub scanned: Vec<NodeId>,
    /// Whether a page of the node B-tree is broken, so that objects may be without a node.
    pub lost_nodes: bool,
    /// Pages that the system could not read when the trees were checked. Others that it cannot read later are faults of the system and
    /// end a walk: nothing is left out that was there before.
    pub(super) refused: Vec<ByteIndex>,
    /// What both trees name, unless they are large, were not walked when the file was opened, or are not needed any more.
    kept: Mutex<Option<Arc<Kept>>>,
    /// What pages out of use hold; found once, when first asked for.
    past: OnceLock<Past>,
}

/// Whether the B-trees are checked whole when a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TreeChecks {
    /// Every page of both trees is visited; what a broken page held is looked for in the rest of the file.
    #[default]
    Full,
    /// Only the two root pages are looked at. Opening is at once, but damage is met only later, as items that
    /// cannot be read.
    Roots,
}

impl Ndb {
    pub(crate) fn open(
        source: Arc<dyn ReadAt>,
        checks: TreeChecks,
        anomalies: &mut Anomalies,
    ) -> Result<Self, OpenError> {
        let size = source.size()?;
        let mut head = [0u8; HEADER_SIZE];
        let read = read_full(source.as_ref(), 0, &mut head)?;
        let head = &head[..read];
        let mut header = match Header::parse(head, size, anomalies) {
            Ok(header) => header,
            Err(error) => probe::header(source.as_ref(), head, size, error, anomalies)?,
        };
        if let Some((format, version)) = probe::other_format(source.as_ref(), head, header.format)? {
            let fault = Fault::Field { field: "wVer", value: header.version.into() };
            anomalies.push(fault, Place::Header, Consequence::Repaired);
            (header.format, header.version) = (format, version);
            if let Some([nbt, bbt]) = roots(head, format) {
                (header.nbt, header.bbt) = (nbt, bbt);
            }
        }
        let layout = Layout::of(header.format);
        let mut ndb = Self {
            source,
            size,
            header,
            layout,
            salvage: Salvage::default(),
            scanned: Vec::new(),
            lost_nodes: false,
            refused: Vec::new(),
            kept: Mutex::default(),
            past: OnceLock::new(),
        };
        match checks {
            TreeChecks::Full => ndb.check_trees(anomalies).map_err(|error| match error {
                OpenError::Unreadable(_) if ndb.header.crypt_method > 2 => {
                    OpenError::UnsupportedEncryption(ndb.header.crypt_method)
                }
                error => error,
            })?,
            TreeChecks::Roots => {
                for tree in [Tree::Node, Tree::Block] {
                    ndb.page(tree, ndb.root(tree), Some(anomalies)).map_err(OpenError::Unreadable)?;
                }
            }
        }
        probe::settle_encryption(&mut ndb, anomalies)?;
        Ok(ndb)
    }

    /// A file without trees, whose blocks are known otherwise; `blocks` is sorted.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn for_fuzzing(source: Arc<dyn ReadAt>, header: Header, blocks: Vec<BlockEntry>) -> Self {
        let layout = Layout::of(header.format);
        let size = source.size().unwrap_or(0);
        let salvage = Salvage { nodes: Vec::new(), blocks };
        Self {
            source,
            size,
            header,
            layout,
            salvage,
            scanned: Vec::new(),
            lost_nodes: false,
            refused: Vec::new(),
            kept: Mutex::default(),
            past: OnceLock::new(),
        }
    }

    fn check_trees(&mut self, anomalies: &mut Anomalies) -> Result<(), OpenError> {
        let [nodes, blocks] = self.walk_both()?;
        let (mut lost, mut unsorted) = (blocks.lost, blocks.unsorted);
        let mut found = [nodes.entries, blocks.entries];
        anomalies.append(blocks.anomalies);
        lost.extend(nodes.lost);
        unsorted.merge(nodes.unsorted);
        anomalies.append(nodes.anomalies);
        self.salvage = unsorted;
        let kept = nodes.kept.zip(blocks.kept).and_then(|(nodes, blocks)| nodes.joined(blocks));
        self.kept = Mutex::new(kept.map(Arc::new));
        self.lost_nodes = lost.iter().any(|lost| lost.tree == Tree::Node);
        let refused = lost.iter().filter(|lost| matches!(lost.reason, ReadError::Io { .. }));
        self.refused = refused
            .filter_map(|lost| match lost.place {
                Place::Page(ib) => Some(ib),
                _ => None,
            })
            .collect();
        if !lost.is_empty() {
            let gained = salvage::scan(self, &lost)?;
            for (lost, salvaged) in lost.iter().zip(&gained.per_range) {
                anomalies.push(
                    Fault::TreePage { reason: lost.reason.clone(), salvaged: *salvaged },
                    lost.place,
                    if *salvaged > 0 { Consequence::Repaired } else { Consequence::Lost },
                );
            }
            found[0] += gained.entries.nodes.len() as u64;
            found[1] += gained.entries.blocks.len() as u64;
            self.scanned = gained.entries.nodes.iter().map(|entry| entry.nid).collect();
            self.scanned.sort_unstable();
            self.salvage.merge(gained.entries);
        }
        self.salvage.sort();
        if found.contains(&0) {
            return Err(match lost.into_iter().next() {
                _ if self.size < self.header.file_eof => {
                    OpenError::Truncated { size: self.size, stated: self.header.file_eof }
                }
                Some(Lost { reason: ReadError::Io { kind, message, .. }, .. }) => {
                    OpenError::Io { kind, message }
                }
                Some(lost) => OpenError::Unreadable(lost.reason),
                None => {
                    OpenError::Unreadable(ReadError::CutShort { what: "node B-tree", place: Place::File })
                }
            });
        }
        Ok(())
    }

    /// What both trees name, where it is kept.
    pub(crate) fn kept(&self) -> Option<Arc<Kept>> {
        // What the lock guards is whole even after a fault.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps it no longer: whoever goes over whole trees reads their pages again.
    pub(crate) fn forget_kept(&self) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// What pages out of use hold; reads the whole file the first time.
    pub(crate) fn find_past(&self) -> Result<&Past, OpenError> {
        let found = match self.past.get() {
            Some(_) => Past::default(),
            None => Past::find(self)?,
        };
        Ok(self.past.get_or_init(|| found))
    }

    /// What pages out of use hold, if that was ever asked for.
    pub(crate) fn past(&self) -> Option<&Past> {
        self.past.get()
    }

    pub(crate) fn root(&self, tree: Tree) -> BlockRef {
        match tree {
            Tree::Node => self.header.nbt,
            Tree::Block => self.header.bbt,
        }
    }

    /// Reads exactly the bytes from `offset` on, or as many of `want` as the file has, but at least `least`.
    pub(crate) fn read(
        &self,
        offset: u64,
        want: usize,
        least: usize,
        place: Place,
    ) -> Result<Vec<u8>, ReadError> {
        let beyond = || ReadError::BeyondEnd { place, length: least as u64, size: self.size };
        let available = self.size.checked_sub(offset).ok_or_else(beyond)?;
        let want = want.min(usize::try_from(available).unwrap_or(usize::MAX));
        if want < least {
            return Err(beyond());
        }
        let mut data = vec![0u8; want];
        let read = read_full(self.source.as_ref(), offset, &mut data).map_err(|error| ReadError::Io {
            offset: ByteIndex(offset),
            kind: error.kind(),
            message: error.to_string(),
        })?;
        data.truncate(read);
        if read < least { Err(beyond()) } else { Ok(data) }
    }

    /// Reads one page of `tree`.
    pub(crate) fn page(
        &self,
        tree: Tree,
        at: BlockRef,
        anomalies: Option<&mut Anomalies>,
    ) -> Result<Page, ReadError> {
        let size = self.layout.page;
        let data = self.read(at.ib.0, size, size, Place::Page(at.ib))?;
        Page::parse(data.into(), self.layout, tree, at, anomalies)
    }

    /// All entries of the node B-tree, in order of ids.
    pub(crate) fn nodes(
        &self,
        anomalies: &mut Anomalies,
        visit: &mut dyn FnMut(NodeEntry),
    ) -> Result<(), OpenError> {
        let mut more = self.salvage.nodes.iter().copied().peekable();
        let mut before = None;
        let mut emit = |entry: NodeEntry, visit: &mut dyn FnMut(NodeEntry)| {
            if before != Some(entry.nid) {
                before = Some(entry.nid);
                visit(entry);
            }
        };
        self.tree_nodes(anomalies, &mut |entry| {
            while let Some(other) = more.next_if(|other| other.nid < entry.nid) {
                emit(other, visit);
            }
            emit(entry, visit);
        })?;
        for other in more {
            emit(other, visit);
        }
        Ok(())
    }

    /// The entries of the node B-tree but for those of pages that are not in order: all of these are among the salvaged ones.
    fn tree_nodes(
        &self,
        anomalies: &mut Anomalies,
        visit: &mut dyn FnMut(NodeEntry),
    ) -> Result<(), OpenError> {
        if let Some(kept) = self.kept() {
            kept.nodes.iter().copied().for_each(visit);
            return Ok(());
        }
        self.walk(Tree::Node, anomalies, &mut |page| {
            if page.is_sorted(self.layout, Tree::Node) {
                (0..page.count).filter_map(|index| page.node(index, self.layout)).for_each(&mut *visit);
            }
        })?;
        Ok(())
    }

    /// All entries of the block B-tree; those of salvaged pages come last.
    pub(crate) fn blocks(
        &self,
        anomalies: &mut Anomalies,
        visit: &mut dyn FnMut(BlockEntry),
    ) -> Result<(), OpenError> {
        match self.kept() {
            Some(kept) => kept.blocks.iter().copied().for_each(&mut *visit),
            None => {
                self.walk(Tree::Block, anomalies, &mut |page| {
                    (0..page.count).filter_map(|index| page.block(index, self.layout)).for_each(&mut *visit);
                })?;
            }
        }
        self.salvage.blocks.iter().copied().for_each(visit);
        Ok(())
    }
}
