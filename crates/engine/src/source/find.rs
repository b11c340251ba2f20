//! Outlook files below a folder.

use crate::error::SourceProblem;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Folders nested deeper than this are not entered.
const MAX_DEPTH: usize = 64;
/// A shorter file cannot hold the header of an Outlook file.
const MIN_SIZE: u64 = 512;
/// First bytes of every PST and OST ([MS-PST] 2.2.2.6, dwMagic).
const MAGIC: [u8; 4] = *b"!BDN";

/// The files that `path` stands for: itself if it is a file; otherwise every file below it that is named or begins like an
/// Outlook data file, in the order of their names. Links to folders are not followed.
///
/// # Errors
/// When the path cannot be read, or is a folder with no such file below it.
pub fn find_sources(path: &Path) -> Result<Vec<PathBuf>, SourceProblem> {
    let facts = std::fs::metadata(path).map_err(SourceProblem::from_io)?;
    if !facts.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    // The top must be readable; a folder below that is not costs only itself.
    std::fs::read_dir(path).map_err(SourceProblem::from_io)?;
    walk(path, 0, &mut HashSet::new(), &mut found);
    if found.is_empty() { Err(SourceProblem::NoOutlookFiles) } else { Ok(found) }
}

fn walk(folder: &Path, depth: usize, seen: &mut HashSet<PathBuf>, found: &mut Vec<PathBuf>) {
    let Ok(canonical) = folder.canonicalize() else { return };
    if depth > MAX_DEPTH || !seen.insert(canonical) {
        return;
    }
    let Ok(entries) = std::fs::read_dir(folder) else {
        tracing::warn!(folder = %folder.display(), "folder cannot be read");
        return;
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let Ok(kind) = std::fs::symlink_metadata(&path) else { continue };
        if kind.is_dir() {
            walk(&path, depth + 1, seen, found);
        } else if path.is_file() && looks_like_outlook(&path) {
            found.push(path);
        }
    }
}

fn looks_like_outlook(path: &Path) -> bool {
    let named = path
        .extension()
        .and_then(|e| e.to_str())
        .is_some_and(|e| e.eq_ignore_ascii_case("pst") || e.eq_ignore_ascii_case("ost"));
    named || begins_with_magic(path)
}

fn begins_with_magic(path: &Path) -> bool {
    use std::io::Read;
    // Files of the system itself (/proc) state no size, and reading some of them waits.
    if std::fs::metadata(path).map_or(0, |facts| facts.len()) < MIN_SIZE {
        return false;
    }
    let mut head = [0; 4];
    super::open_bytes(path).and_then(|mut f| f.read_exact(&mut head)).is_ok() && head == MAGIC
}
