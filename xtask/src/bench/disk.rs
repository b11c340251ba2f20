//! What the system has in its cache before something is timed.

use crate::shell::{Context as _, Failure};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Has the system hold a file, or all files of a folder, so that it is not the disk that is timed; most of it, where memory is short.
pub fn warm(path: &Path) -> Result<(), Failure> {
    if path.is_dir() {
        return each_of(path, warm);
    }
    let mut from = fs::File::open(path).context(path.display())?;
    std::io::copy(&mut from, &mut std::io::sink()).context(path.display())?;
    Ok(())
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

fn each_of(folder: &Path, of: impl Fn(&Path) -> Result<(), Failure>) -> Result<(), Failure> {
    for entry in fs::read_dir(folder).context(folder.display())? {
        of(&entry.context(folder.display())?.path())?;
    }
    Ok(())
}
