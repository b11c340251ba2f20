//! What the system has in its cache before something is timed.

use crate::shell::{Context as _, Failure};
use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// A pass over files that goes as fast as this, in bytes a second, came out of memory.
const FAST: f64 = 2.0e9;
/// So often files are read to get them there: some systems drop what nobody touched for half a minute, and a large file takes longer.
const PASSES: usize = 4;

/// Has the system hold files, or all files of folders, so that it is not the disk that is timed; most of them, where memory is short.
pub fn warm(paths: &[&Path]) -> Result<(), Failure> {
    for _ in 0..PASSES {
        let started = Instant::now();
        let mut bytes = 0;
        for path in paths.iter().filter(|path| path.exists()) {
            bytes += read(path)?;
        }
        if bytes as f64 / started.elapsed().as_secs_f64() > FAST {
            break;
        }
    }
    Ok(())
}

/// Reads a file, or all files of a folder; gives how many bytes they have.
fn read(path: &Path) -> Result<u64, Failure> {
    if path.is_dir() {
        let mut bytes = 0;
        each_of(path, |path| read(path).map(|read| bytes += read))?;
        return Ok(bytes);
    }
    let mut from = fs::File::open(path).context(path.display())?;
    let (mut buffer, mut bytes) = (vec![0; 1 << 20], 0);
    loop {
        match from.read(&mut buffer).context(path.display())? {
            0 => return Ok(bytes),
            read => bytes += read as u64,
        }
    }
}

/// Has the system drop what it has cached of a file, or of all files of a folder.
pub fn forget(path: &Path) -> Result<(), Failure> {
    if path.is_dir() {
        return each_of(path, forget);
    }
    let of = format!("of={}", path.display());
    let arguments = [of.as_str(), "oflag=nocache", "conv=notrunc,fdatasync", "count=0", "status=none"];
    // Where `dd` cannot do this the figures are those of a new process alone.
    let _ = Command::new("dd").arg("if=/dev/null").args(arguments).status();
    Ok(())
}

/// Has the system write what is left of runs before, so that none pays for another; where there is no program for it, they do.
pub fn rest() {
    let _ = Command::new("sync").status();
}

fn each_of(folder: &Path, mut of: impl FnMut(&Path) -> Result<(), Failure>) -> Result<(), Failure> {
    for entry in fs::read_dir(folder).context(folder.display())? {
        of(&entry.context(folder.display())?.path())?;
    }
    Ok(())
}
