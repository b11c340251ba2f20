//! A whole import, timed beside the tools that merely export.

mod measure;
mod table;

use crate::generate::{Made, made};
use crate::packages;
use crate::project::Project;
use crate::run::sample;
use crate::shell::{Context as _, Failure, command, headline, run, say};
use measure::Measured;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};
use table::{Row, Tool};

/// How often each tool reads each file; they take turns, so that what else the machine does falls on all alike.
const ROUNDS: usize = 5;
const RESULTS: &str = "benches/results/import.md";
/// Read by default where the folder of test mail is there.
const REAL: &[&str] = &["enron.pst", "ost-4k-calendar.ost"];
/// Messages of the mailbox that is made for the comparison: so many that starting up does not count.
const MADE: Made = Made { items: 10_000, profile: "mail", changed: None };

/// Times the import of `files`, prints the comparison and writes it to `benches/results/import.md`.
///
/// # Errors
/// When something does not build, a file is missing, or Mailscope cannot import a file.
pub fn import(project: &Project, files: &[&str]) -> Result<(), Failure> {
    packages::ensure(&project.root, packages::COMPARISON)?;
    run(&mut command(
        &project.root,
        "cargo",
        ["build", "--release", "--locked", "--package", "mailscope-cli"],
    ))?;
    let cli = project.binary("release", "mailscope")?;
    let scratch = project.target()?.join("bench");
    let mut rows = Vec::new();
    for file in choose(project, &cli, files)? {
        headline(file.display());
        rows.push(compare(&cli, &file, &scratch)?);
    }
    let text = table::render(&rows, &machine(project), ROUNDS);
    let results = project.root.join(RESULTS);
    fs::create_dir_all(results.parent().unwrap_or(&project.root)).context(RESULTS)?;
    fs::write(&results, &text).context(RESULTS)?;
    say(text);
    say(format_args!("written to {RESULTS}"));
    Ok(())
}

fn choose(project: &Project, cli: &Path, files: &[&str]) -> Result<Vec<PathBuf>, Failure> {
    if !files.is_empty() {
        return files.iter().map(|file| fs::canonicalize(file).context(file)).collect();
    }
    let mut chosen = vec![made(project, &MADE)?];
    match project.corpus() {
        Some(corpus) => chosen.extend(REAL.iter().map(|name| corpus.join(name))),
        None => {
            say("There is no folder of test mail (MAILSCOPE_CORPUS), so the sample mailbox stands for it.");
            chosen.push(sample(project, cli)?);
        }
    }
    Ok(chosen)
}

fn compare(cli: &Path, file: &Path, scratch: &Path) -> Result<Row, Failure> {
    let mut tools: Vec<Tool> = ["mailscope import", "readpst -e", "pffexport"].map(Tool::new).into();
    let mut summary = serde_json::Value::Null;
    for round in 1..=ROUNDS {
        for tool in &mut tools {
            empty(scratch)?;
            let mut command = command_of(tool.name, cli, file, scratch);
            let measured = measure::measure(&mut command).context(tool.name)?;
            if tool.name.starts_with("mailscope") {
                summary = summary_of(&measured)?;
            }
            say(format_args!(
                "round {round}: {:18} {:>9.3} s  {}",
                tool.name,
                measured.seconds,
                outcome(&measured, scratch)?
            ));
            let wrote = wrote_anything(scratch)?;
            tool.runs.push(measured.into_run(wrote));
        }
    }
    empty(scratch)?;
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let bytes = fs::metadata(file).context(file.display())?.len();
    Ok(Row { name, bytes, items: summary["items"].as_u64().unwrap_or(0), tools })
}

fn command_of(tool: &str, cli: &Path, file: &Path, scratch: &Path) -> Command {
    let output = scratch.join("out");
    match tool {
        "readpst -e" => {
            let mut command = Command::new("readpst");
            command.arg("-q").arg("-e").arg("-o").arg(output).arg(file);
            command
        }
        "pffexport" => {
            let mut command = Command::new("pffexport");
            command.arg("-q").arg("-t").arg(output.join("mail")).arg(file);
            command
        }
        _ => {
            let mut command = Command::new(cli);
            command.arg("--json").arg("--library").arg(output).arg("import").arg(file);
            command
        }
    }
}

/// The last line that Mailscope prints.
fn summary_of(measured: &Measured) -> Result<serde_json::Value, Failure> {
    /// Ended well, with losses that the summary names.
    const WITH_LOSSES: i32 = 3;

    if !measured.success && measured.code != Some(WITH_LOSSES) {
        return Err(Failure::new(format!(
            "mailscope import failed:\n{}{}",
            measured.stdout, measured.stderr
        )));
    }
    let last = measured.stdout.lines().last().unwrap_or_default();
    serde_json::from_str(last).context(format_args!("the summary of mailscope import ({last:?})"))
}

fn outcome(measured: &Measured, scratch: &Path) -> Result<&'static str, Failure> {
    Ok(match (measured.success, wrote_anything(scratch)?) {
        (_, false) => "wrote nothing",
        (true, true) => "",
        (false, true) => "ended without success",
    })
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
