//! A whole import, timed beside the tools that merely export.

use super::table::{LEGEND, Row, render};
use super::{Program, circumstances, keep, kept, name_and_size, summary, words};
use crate::generate::{Made, made};
use crate::packages;
use crate::project::Project;
use crate::run::sample;
use crate::shell::{Context as _, Failure, command, headline, run, say};
use std::fs;
use std::path::{Path, PathBuf};

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
    let circumstances = circumstances(project);
    let cli = kept(project, &project.target()?.join("release"), "mailscope")?;
    let scratch = project.target()?.join("bench");
    let programs = [
        Program {
            name: "mailscope import".into(),
            path: cli.clone(),
            arguments: |file, out| {
                words(&["--json".as_ref(), "--library".as_ref(), out, "import".as_ref(), file])
            },
            writes: true,
        },
        Program::readpst(),
        Program::pffexport(),
    ];
    let mut rows = Vec::new();
    for file in choose(project, &cli, files)? {
        headline(file.display());
        rows.push(compare(&programs, &file, &scratch)?);
    }
    let text = format!(
        "# Import, beside tools that export\n\nWritten by `cargo xtask bench import`. {circumstances}\n\n\
         `mailscope import` reads the whole file into a fresh library, stored and searchable at the end; `readpst -e` and \
         `pffexport` (items only) write files. {LEGEND}\n\n{}",
        render(&rows)
    );
    keep(project, RESULTS, &text)
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

fn compare(programs: &[Program], file: &Path, scratch: &Path) -> Result<Row, Failure> {
    let (name, bytes) = name_and_size(file)?;
    let mut row = Row { name, bytes, items: 0, tools: programs.iter().map(Program::tool).collect() };
    for round in 1..=ROUNDS {
        for (number, (program, tool)) in programs.iter().zip(&mut row.tools).enumerate() {
            let (measured, worked) = program.run(file, scratch)?;
            if number == 0 {
                row.items = summary(&program.name, &measured)?["items"].as_u64().unwrap_or(0);
            }
            let outcome = if worked { "" } else { "did not work" };
            say(format_args!("round {round}: {:18} {:>9.3} s  {outcome}", program.name, measured.seconds));
            tool.runs.push(measured.into_run(worked));
        }
    }
    super::empty(scratch)?;
    Ok(row)
}
