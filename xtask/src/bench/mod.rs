//! Measurements beside other programs, kept under `benches/results`.

mod cache;
mod disk;
mod import;
mod measure;
mod pst;
mod search;
mod sections;
mod table;
mod ui;

pub use cache::cache;
pub use import::import;
pub use pst::pst;
pub use search::search;
pub use ui::ui;

use crate::project::Project;
use crate::shell::{Context as _, Failure, command, say};
use measure::{Measured, measure};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};
use table::Tool;

/// Ended well, with losses that the summary names.
pub const WITH_LOSSES: i32 = 3;

/// A program that is measured: how it is called on a file, with a folder that it may fill.
pub struct Program {
    /// As a reader of the table knows it.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// What it is given.
    pub arguments: fn(&Path, &Path) -> Vec<OsString>,
    /// Whether it leaves files behind when it has worked.
    pub writes: bool,
}

impl Program {
    /// `readpst -e`, with as many helpers as it takes by itself.
    pub fn readpst() -> Self {
        Self {
            name: "readpst -e".into(),
            path: "readpst".into(),
            arguments: |file, out| words(&["-q".as_ref(), "-e".as_ref(), "-o".as_ref(), out, file]),
            writes: true,
        }
    }

    /// `pffexport`, the items alone.
    pub fn pffexport() -> Self {
        Self {
            name: "pffexport".into(),
            path: "pffexport".into(),
            arguments: |file, out| words(&["-q".as_ref(), "-t".as_ref(), &out.join("mail"), file]),
            writes: true,
        }
    }

    /// The example that indexes the same text with tantivy and nothing else.
    fn tantivy(path: &Path) -> Self {
        Self {
            name: "tantivy alone".into(),
            path: path.to_owned(),
            arguments: |file, out| words(&[file, out]),
            writes: true,
        }
    }

    /// Runs it once over `file` with an empty folder.
    ///
    /// # Errors
    /// When it cannot be started, or the folder not be emptied.
    pub fn run(&self, file: &Path, scratch: &Path) -> Result<(Measured, bool), Failure> {
        empty(scratch)?;
        let arguments = (self.arguments)(file, &scratch.join("out"));
        let measured = measure(Command::new(&self.path).args(arguments)).context(&self.name)?;
        let ended = measured.success || measured.code == Some(WITH_LOSSES);
        let worked = if self.writes { wrote_anything(scratch)? } else { ended };
        Ok((measured, worked))
    }

    /// A tool of the table that has not run yet.
    pub fn tool(&self) -> Tool {
        Tool::new(&self.name)
    }
}

/// A copy of a program in `folder`, so that a build meanwhile does not change what is measured.
///
/// # Errors
/// When it cannot be copied.
pub fn kept(project: &Project, folder: &Path, name: &str) -> Result<PathBuf, Failure> {
    let copies = project.target()?.join("measured");
    fs::create_dir_all(&copies).context(copies.display())?;
    let copy = copies.join(name).with_extension(std::env::consts::EXE_EXTENSION);
    let program = folder.join(name).with_extension(std::env::consts::EXE_EXTENSION);
    fs::copy(&program, &copy).context(program.display())?;
    Ok(copy)
}

/// Arguments of a program.
pub fn words(words: &[&Path]) -> Vec<OsString> {
    words.iter().map(|word| word.as_os_str().to_owned()).collect()
}

/// The last line that a program of ours prints: one JSON object.
///
/// # Errors
/// When it failed, or printed something else.
pub fn summary(program: &str, measured: &Measured) -> Result<serde_json::Value, Failure> {
    if !measured.success && measured.code != Some(WITH_LOSSES) {
        return Err(Failure::new(format!("{program} failed:\n{}{}", measured.stdout, measured.stderr)));
    }
    let last = measured.stdout.lines().last().unwrap_or_default();
    serde_json::from_str(last).context(format_args!("the summary of {program} ({last:?})"))
}

fn wrote_anything(scratch: &Path) -> Result<bool, Failure> {
    fn holds_a_file(folder: &Path) -> io::Result<bool> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if !entry.file_type()?.is_dir() || holds_a_file(&entry.path())? {
                return Ok(true);
            }
        }
        Ok(false)
    }
    holds_a_file(scratch).context(scratch.display())
}

/// Leaves the folder with nothing but an empty folder `out` in it.
fn empty(scratch: &Path) -> Result<(), Failure> {
    match fs::remove_dir_all(scratch) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(error).context(scratch.display());
        }
        _ => {}
    }
    fs::create_dir_all(scratch.join("out")).context(scratch.display())
}

/// The name and the size of a file.
fn name_and_size(file: &Path) -> Result<(String, u64), Failure> {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok((name, fs::metadata(file).context(file.display())?.len()))
}

/// Writes a page of results and shows it.
fn keep(project: &Project, results: &str, text: &str) -> Result<(), Failure> {
    let path = project.root.join(results);
    fs::create_dir_all(path.parent().unwrap_or(&project.root)).context(results)?;
    fs::write(&path, text).context(results)?;
    say(text);
    say(format_args!("written to {results}"));
    Ok(())
}

/// When, on what and with which programs was measured, in a paragraph; how busy the machine was with other things.
fn circumstances(project: &Project) -> String {
    let date = command(&project.root, "date", ["-u", "+%Y-%m-%d %H:%M UTC"]).output();
    let date = date.map(|out| String::from_utf8_lossy(&out.stdout).trim().to_owned()).unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("unknown").to_owned();
    // The nineteenth field; the second one, a name in brackets, may hold spaces.
    let state = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let niceness = state.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(16)).unwrap_or("0");
    let priority = match niceness {
        "0" => String::new(),
        other => format!(" The measured programs ran with a niceness of {other}."),
    };
    format!(
        "Measured {date} on {}. Load of the machine at the start: {load}; what else it did falls on neighbouring runs \
         alike, so the ratios say more than the times.{priority} Files were in the system's cache.",
        machine(project)
    )
}

/// What the figures were measured on.
fn machine(project: &Project) -> String {
    let first = |path: &str, key: &str| {
        let text = fs::read_to_string(path).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(key)).map(str::to_owned);
        line.and_then(|line| line.split_once(':').map(|(_, value)| value.trim().to_owned()))
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let processor = first("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let memory = first("/proc/meminfo", "MemTotal").unwrap_or_else(|| "unknown".to_owned());
    let version = |program: &str, flag: &str| {
        let output = command(&project.root, program, [flag]).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.lines().find(|line| !line.trim().is_empty()).map(|line| line.trim().to_owned())
    };
    let tools = [version("readpst", "-V"), version("pffexport", "-V")];
    let tools: Vec<String> = tools.into_iter().flatten().collect();
    format!("{cores} × {processor}, memory {memory}, {}; {}", std::env::consts::OS, tools.join(", "))
}
