//! The programs, as a user runs them.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// What a run of a program came to.
#[derive(Debug)]
pub struct Outcome {
    /// Exit status; `None` when it was killed.
    pub code: Option<i32>,
    /// What it printed, as it came.
    pub stdout: String,
    /// What it complained, as it came.
    pub stderr: String,
}

impl Outcome {
    /// Each line that it printed as JSON.
    ///
    /// # Errors
    /// When a line is not JSON.
    pub fn json_lines(&self) -> serde_json::Result<Vec<serde_json::Value>> {
        self.stdout.lines().map(serde_json::from_str).collect()
    }

    /// The last line that it printed, as JSON: the summary of a command with `--json`.
    ///
    /// # Errors
    /// When it is not JSON, or nothing was printed.
    pub fn summary(&self) -> serde_json::Result<serde_json::Value> {
        serde_json::from_str(self.stdout.lines().last().unwrap_or_default())
    }
}

/// Runs `mailscope --json --library LIBRARY ARGUMENTS…` to its end.
///
/// # Errors
/// When it cannot be built or started, or prints what is not UTF-8.
pub fn mailscope<A: AsRef<OsStr>>(
    library: &Path,
    arguments: impl IntoIterator<Item = A>,
) -> io::Result<Outcome> {
    let mut command = Command::new(program("mailscope")?);
    let output = command.arg("--json").arg("--library").arg(library).args(arguments).output()?;
    let text = |bytes| String::from_utf8(bytes).map_err(io::Error::other);
    Ok(Outcome { code: output.status.code(), stdout: text(output.stdout)?, stderr: text(output.stderr)? })
}

/// Our program `name`, built as the running test is. Brings it up to date first, once in a process.
///
/// # Errors
/// When it cannot be built.
pub fn program(name: &str) -> io::Result<PathBuf> {
    static BUILT: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    // Tests run from `target/PROFILE/deps`.
    let test = std::env::current_exe()?;
    let folder = test.parent().and_then(Path::parent).ok_or_else(|| io::Error::other("no target folder"))?;
    let program = folder.join(name).with_extension(std::env::consts::EXE_EXTENSION);
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    if !built.contains(&program) {
        let mut build = Command::new(env!("CARGO"));
        // Everything, as `cargo xtask test` builds it: of a package alone cargo would choose other features for what it depends on,
        // and build all of that anew, back and forth.
        build.current_dir(env!("CARGO_MANIFEST_DIR")).args([
            "build",
            "--quiet",
            "--workspace",
            "--all-targets",
        ]);
        if folder.ends_with("release") {
            build.arg("--release");
        }
        let status = build.status()?;
        if !status.success() || !program.exists() {
            return Err(io::Error::other(format!("{name} could not be built ({status})")));
        }
        built.insert(program.clone());
    }
    Ok(program)
}
