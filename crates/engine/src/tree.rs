//! The account of a file without a library: every item is read, nothing is kept.

use crate::error::{Error, Result};
use crate::source::{self, Facts, Opening, Stop};
use rayon::prelude::*;
use std::path::Path;

/// Bytes that a worker's reader may cache.
const CACHE: usize = 16 * 1024 * 1024;
/// Items that a worker takes at a time.
const CHUNK: usize = 16;

/// A folder of a file. `expected = found + failed`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TreeFolder {
    /// Names from the top, joined by "/".
    pub path: String,
    /// 0 for top folders.
    pub depth: u32,
    /// Items that the file names.
    pub expected: u64,
    /// Those of them that can be read.
    pub found: u64,
    /// Those of `found` and `recovered` of which no more than a row of the folder's table is left; an oddity says why.
    pub partial: u64,
    /// Items beyond what the file names that can be read.
    pub recovered: u64,
    /// Items that the file names and that cannot be read.
    pub failed: u64,
    /// Hidden items.
    pub hidden: u64,
}

/// A file's folders and what was odd.
#[derive(Debug, Clone)]
pub struct Tree {
    /// The file as a whole.
    pub facts: Facts,
    /// Folders, parents before children.
    pub folders: Vec<TreeFolder>,
    /// Why items could not be read, with the path of their folder.
    pub failures: Vec<(String, u64, String)>,
    /// Oddities of the file and its folders.
    pub anomalies: Vec<String>,
}

/// Reads every item of the file at `path` and counts; `seen` is told of each.
///
/// # Errors
/// When the file cannot be opened at all.
pub fn tree(path: &Path, seen: &(dyn Fn(usize, usize) + Sync)) -> Result<Tree> {
    let failed = |problem| Error::Source { path: path.to_owned(), problem };
    let opened = source::open(path, Opening::Whole, Stop::never()).map_err(failed)?;
    let plan = opened.plan(true).map_err(failed)?;
    let total = plan.entries.len();
    let done = std::sync::atomic::AtomicUsize::new(0);
    let results: Vec<Result<Option<String>, String>> = plan
        .entries
        .par_chunks(CHUNK)
        .map_init(
            || opened.reader(CACHE),
            |reader, chunk| {
                let read = |entry: &source::Entry| {
                    let item = reader.read(entry)?;
                    Ok(item.partial.then(|| item.anomalies.join("; ")))
                };
                let results: Vec<_> = chunk.iter().map(read).collect();
                seen(done.fetch_add(chunk.len(), std::sync::atomic::Ordering::Relaxed) + chunk.len(), total);
                results
            },
        )
        .flatten_iter()
        .collect();

    let mut folders: Vec<TreeFolder> = plan
        .folders
        .iter()
        .map(|f| TreeFolder {
            path: f.path.clone(),
            depth: f.depth,
            hidden: f.hidden,
            ..TreeFolder::default()
        })
        .collect();
    let (mut failures, mut partial) = (Vec::new(), Vec::new());
    for (entry, result) in plan.entries.iter().zip(results) {
        let Some(folder) = folders.get_mut(entry.folder as usize) else { continue };
        match (entry.recovered.is_some(), result.is_ok()) {
            (false, read) => {
                folder.expected += 1;
                *(if read { &mut folder.found } else { &mut folder.failed }) += 1;
            }
            (true, true) => folder.recovered += 1,
            (true, false) => {}
        }
        match result {
            Ok(None) => {}
            Ok(Some(reason)) => {
                folder.partial += 1;
                partial.push(format!("{}: {reason}", folder.path));
            }
            Err(reason) => failures.push((folder.path.clone(), entry.key, reason)),
        }
    }
    let facts = opened.facts().clone();
    let of_plan = plan.anomalies.into_iter().map(|a| a.reason);
    let anomalies = facts.anomalies.iter().cloned().chain(of_plan).chain(partial).collect();
    Ok(Tree { facts, folders, failures, anomalies })
}
