//! Made-up mailboxes of any size.

use crate::project::Project;
use crate::shell::{Context as _, Failure, command, run};
use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// Runs the generator with these arguments; `--help` among them tells which there are.
///
/// # Errors
/// When it does not build, or what it says.
pub fn generate(project: &Project, arguments: &[&str]) -> Result<(), Failure> {
    run(Command::new(program(project)?).args(arguments))
}

/// A mailbox by what it is to hold, under the folder of builds; written when it is not there yet, or older than the
/// generator.
///
/// # Errors
/// As [`generate`].
pub fn made(project: &Project, wanted: &Made<'_>) -> Result<PathBuf, Failure> {
    let program = program(project)?;
    let folder = project.target()?.join("made");
    fs::create_dir_all(&folder).context(folder.display())?;
    let Made { items, profile, changed } = wanted;
    let state = changed.map_or_else(String::new, |percent| format!("-changed-{percent}"));
    let path = folder.join(format!("{profile}-{items}{state}.pst"));
    let age = |path: &PathBuf| fs::metadata(path).and_then(|facts| facts.modified()).ok();
    if age(&path).is_some_and(|made| age(&program).is_some_and(|built| built < made)) {
        return Ok(path);
    }
    let mut generate = Command::new(program);
    generate.args(["--items", &items.to_string(), "--profile", profile]);
    if let Some(percent) = changed {
        generate.args(["--changed", percent]);
    }
    run(generate.args([OsStr::new("--output"), path.as_os_str()]))?;
    Ok(path)
}

/// What a mailbox is to hold; its seed is the generator's own.
pub struct Made<'a> {
    /// How many items.
    pub items: u64,
    /// The generator's profile.
    pub profile: &'a str,
    /// Percent of the items that differ, for a second state.
    pub changed: Option<&'static str>,
}

fn program(project: &Project) -> Result<PathBuf, Failure> {
    let build = ["build", "--release", "--locked", "--quiet", "--package", "mailscope-generate"];
    run(&mut command(&project.root, "cargo", build))?;
    project.binary("release", "mailscope-generate")
}
