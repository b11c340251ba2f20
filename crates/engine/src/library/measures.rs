//! The library in numbers, and its kept answers.

use super::Library;
use crate::cache::ShelfView;
use crate::error::Result;
use crate::index::IndexView;
use crate::monitor::Process;
use crate::store::{PoolView, StoreView};
use std::path::Path;
use std::time::{Duration, Instant};

/// Folders below the library are looked into so deep.
const MAX_DEPTH: usize = 8;

/// What a library is made of and how its parts do.
#[derive(Debug, Clone)]
pub struct Measures {
    /// This process.
    pub process: Process,
    /// Connections for reading.
    pub pool: PoolView,
    /// The database.
    pub store: StoreView,
    /// The index.
    pub index: IndexView,
    /// The files.
    pub disk: DiskView,
    /// Answers kept in memory, by kind.
    pub cache: Vec<ShelfView>,
}

/// What the library takes on its disk, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DiskView {
    /// The database.
    pub database: u64,
    /// Its log of what is not yet within it.
    pub log: u64,
    /// The index.
    pub index: u64,
    /// Everything else below the library's folder.
    pub other: u64,
    /// What is free on the disk; `None` where the system does not tell.
    pub free: Option<u64>,
}

impl Library {
    /// What the library is made of. Looks at each of its files; takes milliseconds.
    ///
    /// # Errors
    /// SQLite's.
    pub fn measures(&self) -> Result<Measures> {
        Ok(Measures {
            process: self.monitor.process(),
            pool: self.shared.store.pool(),
            store: self.shared.store.measure()?,
            index: self.shared.index.measure()?,
            disk: disk(&self.folder),
            cache: self.cache.views(),
        })
    }

    /// Seconds that imports spent in each [`crate::monitor::Stage`] since the library was opened, all threads together.
    pub fn stages(&self) -> [f64; crate::monitor::Stage::ALL.len()] {
        self.shared.stages.seconds()
    }

    /// How the answers that are kept in memory serve, by kind.
    pub fn cache(&self) -> Vec<ShelfView> {
        self.cache.views()
    }

    /// Forgets all answers that are kept in memory. Gives how many, and their bytes.
    pub fn forget_answers(&self) -> (u64, u64) {
        self.cache.clear()
    }

    /// Whether searches that were asked lately would have to be answered anew.
    pub fn is_cold(&self) -> bool {
        self.cache.is_on() && self.cache.recent().iter().any(|request| !self.cache.has_page(request))
    }

    /// Finds the page of results behind one that was given, of `total` results in all. Gives whether it had to be found.
    pub fn prepare_page_behind(&self, request: &crate::search::Request, total: u64) -> bool {
        let offset = request.offset.saturating_add(request.limit);
        // Whoever goes on by cursor does not ask by offset.
        if !self.cache.is_on() || request.after.is_some() || request.limit == 0 || offset as u64 >= total {
            return false;
        }
        let next = crate::search::Request { offset, ..request.clone() };
        !self.cache.has_page(&next) && self.cache.warm(&next, || self.find(&next)).is_ok()
    }

    /// Answers searches before they are asked: those of `first`, and those asked lately, the last one first. Begins no further one
    /// after `time`. Gives how many were answered; those at hand already are not counted.
    pub fn warm(&self, first: &[crate::search::Request], time: Duration) -> usize {
        if !self.cache.is_on() {
            return 0;
        }
        let started = Instant::now();
        let lately = self.cache.recent();
        let mut warmed = 0;
        for request in first.iter().chain(&lately) {
            if started.elapsed() >= time {
                break;
            }
            if !self.cache.has_page(request) {
                // What is wrong with it is told to whoever asks.
                warmed += usize::from(self.cache.warm(request, || self.find(request)).is_ok());
            }
        }
        warmed
    }
}

fn disk(folder: &Path) -> DiskView {
    let size = |name: &str| std::fs::metadata(folder.join(name)).map_or(0, |facts| facts.len());
    let database = size("library.sqlite");
    let log = size("library.sqlite-wal").saturating_add(size("library.sqlite-shm"));
    let index = below(&folder.join("index"), 0);
    let all = below(folder, 0);
    DiskView {
        database,
        log,
        index,
        other: all.saturating_sub(database.saturating_add(log).saturating_add(index)),
        free: free(folder),
    }
}

/// Bytes of the files below a folder. Files come and go meanwhile; those that are gone count nothing.
fn below(folder: &Path, depth: usize) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let mut sum: u64 = 0;
    for entry in entries.flatten() {
        // Links are not followed.
        let Ok(facts) = entry.metadata() else { continue };
        let bytes = if !facts.is_dir() {
            facts.len()
        } else if depth < MAX_DEPTH {
            below(&entry.path(), depth + 1)
        } else {
            0
        };
        sum = sum.saturating_add(bytes);
    }
    sum
}

/// Bytes that are free on the disk of a folder, where the system says it.
#[cfg(target_os = "linux")]
pub(crate) fn free(folder: &Path) -> Option<u64> {
    let facts = rustix::fs::statvfs(folder).ok()?;
    Some(facts.f_bavail.saturating_mul(facts.f_frsize))
}

#[cfg(not(target_os = "linux"))]
/// Bytes that are free on the disk of a folder, where the system says it.
pub(crate) fn free(folder: &Path) -> Option<u64> {
    use sysinfo::{DiskRefreshKind, Disks};
    let folder = folder.canonicalize().ok()?;
    let disks = Disks::new_with_refreshed_list_specifics(DiskRefreshKind::nothing().with_storage()).ok()?;
    let holding = disks.iter().filter(|disk| folder.starts_with(disk.mount_point()));
    let nearest = holding.max_by_key(|disk| disk.mount_point().components().count())?;
    Some(nearest.available_space())
}
