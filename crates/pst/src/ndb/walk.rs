//! Walking the two B-trees of a file ([MS-PST] 2.2.2.7.7) whole.

use super::file::Ndb;
use super::header::BlockRef;
use super::ids::ByteIndex;
use super::kept::Kept;
use super::page::{Page, Tree};
use super::salvage::Salvage;
use super::source::announce;
use crate::bytes::Bytes;
use crate::error::{Anomalies, Consequence, Fault, OpenError, Place, ReadError};

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
pub(super) struct Walked {
    /// Entries of its leaves.
    pub entries: u64,
    /// Entries of leaves whose keys do not rise.
    pub unsorted: Salvage,
    pub lost: Vec<Lost>,
    pub kept: Option<Kept>,
    pub anomalies: Anomalies,
}

/// Bytes of a file whose trees are gone through at once.
pub(super) const LARGE: u64 = if cfg!(test) { 1 << 20 } else { 64 << 20 };

impl Ndb {
    /// Goes through both trees for the first time; at once where that takes long, for a disk brings more when it is asked for more.
    pub(super) fn walk_both(&self) -> Result<[Walked; 2], OpenError> {
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
