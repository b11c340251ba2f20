//! The two B-trees of a file ([MS-PST] 2.2.2.7.7): walking them whole, and opening a file by them.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::header::{BlockRef, HEADER_SIZE, Header, roots};
use super::ids::{ByteIndex, NodeId};
use super::kept::Kept;
use super::layout::Layout;
use super::page::{BlockEntry, NodeEntry, Page, Tree};
use super::past::Past;
use super::probe;
use super::salvage::{self, Salvage};
use super::source::{ReadAt, announce, read_full};
use crate::bytes::Bytes;
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
    refused: Vec<ByteIndex>,
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

/// A range of keys whose page could not be read.
#[derive(Debug, Clone)]
pub(crate) struct Lost {
    pub tree: Tree,
    pub low: u64,
    pub high: u64,
    pub place: Place,
    pub reason: ReadError,
}

/// What the first walk through a tree came to.
#[derive(Default)]
struct Walked {
    /// Entries of its leaves.
    entries: u64,
    /// Entries of leaves whose keys do not rise.
    unsorted: Salvage,
    lost: Vec<Lost>,
    kept: Option<Kept>,
    anomalies: Anomalies,
}

/// Bytes of a file whose trees are gone through at once.
const LARGE: u64 = if cfg!(test) { 1 << 20 } else { 64 << 20 };

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

    /// Goes through both trees for the first time; at once where that takes long, for a disk brings more when it is asked for more.
    fn walk_both(&self) -> Result<[Walked; 2], OpenError> {
        let (nodes, blocks) = if self.size < LARGE {
            // Leaves of the block B-tree lie closer to each other: what is read along with them holds most of the others.
            let blocks = self.walk_first(Tree::Block);
            (if blocks.is_ok() { self.walk_first(Tree::Node) } else { Ok(Walked::default()) }, blocks)
        } else {
            std::thread::scope(|scope| {
                let nodes = scope.spawn(|| self.walk_first(Tree::Node));
                let blocks = self.walk_first(Tree::Block);
                (nodes.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), blocks)
            })
        };
        let blocks = blocks?;
        Ok([nodes?, blocks])
    }

    fn walk_first(&self, tree: Tree) -> Result<Walked, OpenError> {
        let layout = self.layout;
        let mut walked = Walked::default();
        let mut kept = Some(Kept::of_file(self.size, layout, tree));
        walked.lost = self.walk_pages(tree, &mut walked.anomalies, true, &mut |page| {
            kept = kept.take().and_then(|kept| kept.with(page, layout, tree));
            if page.level > 0 {
                return;
            }
            walked.entries += page.count as u64;
            if !page.is_sorted(layout, tree) {
                walked.unsorted.add_page(page, layout, tree);
            }
        })?;
        walked.kept = kept;
        Ok(walked)
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

    /// Visits every leaf of `tree` in order of keys. Returns the ranges whose pages cannot be read; only a
    /// failure of the operating system ends the walk.
    pub(crate) fn walk(
        &self,
        tree: Tree,
        anomalies: &mut Anomalies,
        leaf: &mut dyn FnMut(&Page),
    ) -> Result<Vec<Lost>, OpenError> {
        self.walk_all(tree, anomalies, &mut |page| {
            if page.level == 0 {
                leaf(page);
            }
        })
    }

    /// As [`Self::walk`], and visits the pages above the leaves too, each before those below it.
    pub(crate) fn walk_all(
        &self,
        tree: Tree,
        anomalies: &mut Anomalies,
        visit: &mut dyn FnMut(&Page),
    ) -> Result<Vec<Lost>, OpenError> {
        self.walk_pages(tree, anomalies, false, visit)
    }

    /// The walk itself. The first one tells the source beforehand which pages come, and passes over some that the system cannot
    /// read, as with a bad sector; a disk that is gone reads nothing more.
    fn walk_pages(
        &self,
        tree: Tree,
        anomalies: &mut Anomalies,
        is_first: bool,
        visit: &mut dyn FnMut(&Page),
    ) -> Result<Vec<Lost>, OpenError> {
        struct Step {
            at: BlockRef,
            level: Option<u8>,
            low: u64,
            high: u64,
        }
        let layout = self.layout;
        let mut window = Window::default();
        let mut lost = Vec::new();
        let mut refused_in_a_row = 0;
        // More pages than the file has room for can only come from a tree that refers to itself.
        let mut pages_left = self.size / layout.page as u64 + 1;
        let mut steps = vec![Step { at: self.root(tree), level: None, low: 0, high: u64::MAX }];
        while let Some(Step { at, level, low, high }) = steps.pop() {
            let place = Place::Page(at.ib);
            let page = window.page(self, at.ib, place).and_then(|data| {
                let page = Page::parse(data, layout, tree, at, Some(&mut *anomalies))?;
                if pages_left == 0 {
                    return Err(ReadError::TooDeep { what: "B-tree", place });
                }
                pages_left -= 1;
                match level {
                    Some(level) if page.level != level => {
                        Err(ReadError::Malformed { field: "cLevel", value: page.level.into(), place })
                    }
                    _ => Ok(page),
                }
            });
            let may_be_passed_over =
                if is_first { refused_in_a_row < PATIENCE } else { self.refused.contains(&at.ib) };
            let page = match page {
                Ok(page) => page,
                Err(ReadError::Io { kind, message, .. }) if !may_be_passed_over => {
                    return Err(OpenError::Io { kind, message });
                }
                Err(reason) => {
                    refused_in_a_row += usize::from(matches!(reason, ReadError::Io { .. }));
                    lost.push(Lost { tree, low, high, place, reason });
                    continue;
                }
            };
            refused_in_a_row = 0;
            let first = page.key(0, layout, tree);
            let last = page.count.checked_sub(1).and_then(|index| page.key(index, layout, tree));
            if let (1.., Some(first), Some(last)) = (page.count, first, last)
                && (last < low || first >= high)
            {
                let reason = ReadError::Malformed { field: "btkey", value: first, place };
                lost.push(Lost { tree, low, high, place, reason });
                continue;
            }
            visit(&page);
            if is_first && page.count == 0 && level.is_some() {
                // Only a root may hold nothing: what this page named, nothing names now.
                anomalies.push(Fault::Field { field: "cEnt", value: 0 }, place, Consequence::Lost);
            }
            if page.level == 0 {
                continue;
            }
            // Leaves are announced with the page two levels above them, or with the root.
            if is_first && (page.level > 1 || level.is_none()) {
                self.announce(tree, &page);
            }
            for index in (0..page.count).rev() {
                let Some(branch) = page.branch(index, layout, tree) else { continue };
                let next = if index + 1 < page.count { page.key(index + 1, layout, tree) } else { None };
                // The first child also holds what lies between the parent's key and its own.
                let from = if index == 0 { low } else { branch.key };
                steps.push(Step {
                    at: branch.child,
                    level: Some(page.level - 1),
                    low: from,
                    high: next.unwrap_or(high),
                });
            }
        }
        Ok(lost)
    }

    /// Tells the source that the pages below `page` are read next, and the leaves below those.
    fn announce(&self, tree: Tree, page: &Page) {
        let layout = self.layout;
        let below = |page: &Page| -> Vec<BlockRef> {
            (0..page.count)
                .filter_map(|index| page.branch(index, layout, tree))
                .map(|branch| branch.child)
                .collect()
        };
        let branches = below(page);
        self.will_need(&branches);
        if page.level == 2 {
            // What cannot be read of them is told when it is their turn.
            let pages = branches.into_iter().filter_map(|at| self.page(tree, at, None).ok());
            let leaves: Vec<BlockRef> =
                pages.filter(|page| page.level == 1).flat_map(|page| below(&page)).collect();
            self.will_need(&leaves);
        }
    }

    fn will_need(&self, pages: &[BlockRef]) {
        let size = self.layout.page as u64;
        let mut places: Vec<u64> = pages.iter().map(|page| page.ib.0).filter(|&ib| ib < self.size).collect();
        places.sort_unstable();
        announce(self.source.as_ref(), places.into_iter().map(|ib| ib..ib.saturating_add(size)));
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

/// Pages of one tree often lie side by side: reading more than one then saves most of the calls. Where they lie apart,
/// reading more only costs; so the window grows while the next page was at most [`NEAR`] pages away, and shrinks while it
/// was not.
struct Window {
    start: u64,
    span: u64,
    data: Option<Bytes>,
    /// Where the page lies that was asked for last.
    last: u64,
}

/// So many pages one after the other that the system does not read are no bad sector.
const PATIENCE: usize = 8;
/// The largest window, in bytes; a multiple of every page size.
const WIDEST: u64 = 32 * 1024;
/// Pages between which less is to be had than another call costs.
const NEAR: u64 = 8;

impl Default for Window {
    fn default() -> Self {
        Self { start: 0, span: 0, data: None, last: u64::MAX }
    }
}

impl Window {
    fn page(&mut self, ndb: &Ndb, ib: ByteIndex, place: Place) -> Result<Bytes, ReadError> {
        let size = ndb.layout.page;
        let near = ib.0.abs_diff(self.last) <= NEAR * size as u64;
        self.last = ib.0;
        let within = |window: &Self| {
            let at = usize::try_from(ib.0.checked_sub(window.start)?).ok()?;
            window.data.as_ref()?.slice(at, at.checked_add(size)?)
        };
        if let Some(page) = within(self) {
            return Ok(page);
        }
        self.span = if near { (self.span * 4).min(WIDEST) } else { self.span / 4 }.max(size as u64);
        self.start = ib.0 - ib.0 % self.span;
        let least = usize::try_from(ib.0 - self.start).unwrap_or(usize::MAX).saturating_add(size);
        let want = least.max(self.span as usize);
        self.data = None;
        let data = match ndb.read(self.start, want, least, place) {
            // What cannot be read, or is not there, may lie beside the page; if not, the page is what the error is to tell of.
            Err(_) if want > size => {
                self.start = ib.0;
                ndb.read(ib.0, size, size, place)?
            }
            read => read?,
        };
        self.data = Some(data.into());
        within(self).ok_or(ReadError::CutShort { what: "page", place })
    }
}
