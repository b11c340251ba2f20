//! Reading files whole, beside pffexport, readpst and the crate `outlook-pst`.

use super::measure::Run;
use super::table::{LEGEND, Row, Target, Tool, processor, render, targets, wall};
use super::{Program, circumstances, keep, kept, name_and_size, summary, words};
use crate::compare::mail_in;
use crate::generate::{Made, made};
use crate::packages;
use crate::project::Project;
use crate::shell::{Context as _, Failure, command, headline, run, say};
use serde_json::Value;
use std::path::Path;

const RESULTS: &str = "benches/results/pst.md";
/// Rounds over small files; the programs take turns.
const ROUNDS: usize = 5;
/// Rounds over the large file, and how many of them the slow programs take part in.
const LARGE_ROUNDS: usize = 5;
const SLOW_ROUNDS: usize = 1;
/// About 1 GB.
const LARGE: u64 = 100_000;
/// About 100 MB and 5 GB, for the memory.
const MEMORY: [u64; 2] = [10_000, 500_000];

/// Reads the folder of test mail, and made-up mailboxes of 0.1, 1 and 5 GB, with every program; prints the comparison and
/// writes it to `benches/results/pst.md`. `--large ITEMS` takes another size for the large one.
///
/// # Errors
/// When something does not build or cannot be started.
pub fn pst(project: &Project, arguments: &[&str]) -> Result<(), Failure> {
    let large = match arguments {
        [] => LARGE,
        ["--large", items] => items.parse().context(items)?,
        _ => return Err(Failure::new("usage: bench pst [--large ITEMS]")),
    };
    packages::ensure(&project.root, packages::COMPARISON)?;
    let examples = [
        "build",
        "--release",
        "--locked",
        "--package",
        "mailscope-pst",
        "--example",
        "read_all",
        "--example",
    ];
    run(command(&project.root, "cargo", examples).arg("outlook_pst_all"))?;
    let circumstances = circumstances(project);
    let scratch = project.target()?.join("bench");
    let programs = programs(project)?;
    let mut rows = Vec::new();

    if let Some(corpus) = project.corpus() {
        headline("the folder of test mail");
        rows.push(folder(&programs, &corpus, &scratch)?);
        for name in ["enron.pst", "ost-4k-calendar.ost"] {
            headline(name);
            rows.push(one(&programs, &corpus.join(name), &scratch, ROUNDS, ROUNDS)?);
        }
    } else {
        say("There is no folder of test mail (MAILSCOPE_CORPUS); only made-up mail is read.");
    }
    headline("made-up mail");
    let file = made(project, &Made { items: large, profile: "mail", changed: None })?;
    let whole = one(&programs, &file, &scratch, LARGE_ROUNDS, SLOW_ROUNDS)?;
    let mut aims = aims(&whole);
    rows.push(whole);
    let mut peaks = Vec::new();
    for items in MEMORY {
        headline(format_args!("memory at {items} items"));
        let file = made(project, &Made { items, profile: "mail", changed: None })?;
        let row = one(&programs[..2], &file, &scratch, 1, 1)?;
        peaks.push(row.tools.iter().map(|tool| tool.peak().map(|peak| peak as f64)).collect::<Vec<_>>());
        rows.push(row);
    }
    for (threads, (small, large)) in (1..).zip(peaks[0].iter().zip(&peaks[1])) {
        aims.push(Target {
            what: format!("Peak memory, {threads} thread(s): of about 5 GB to that of 100 MB"),
            measured: small.and_then(|small| Some((*large)? / small)),
            limit: 1.2,
            at_least: false,
        });
    }
    let text = format!(
        "# Reading files whole\n\nWritten by `cargo xtask bench pst`. {circumstances}\n\n\
         Ours is `read_all FILE --threads N` (an example of `crates/pst`): every item with all properties, recipients, \
         bodies and all bytes of attachments, each taken into a checksum. `pffexport -q -t OUT FILE` and `readpst -q -e \
         -o OUT FILE` write what they read; `outlook_pst_all FILE` reads with the crate `outlook-pst`. The mailboxes \
         `mail-N.pst` come from `cargo xtask generate --items N`.\n\n{LEGEND} Programs that took part in fewer rounds are \
         compared in those.\n\n{}\n## Aims\n\nOf the made-up mailbox of {large} items.\n\n{}",
        render(&rows),
        targets(&aims)
    );
    keep(project, RESULTS, &text)
}

fn programs(project: &Project) -> Result<Vec<Program>, Failure> {
    let examples = project.target()?.join("release/examples");
    let [read_all, outlook_pst] = ["read_all", "outlook_pst_all"].map(|name| kept(project, &examples, name));
    let read_all = read_all?;
    let ours = |threads: &str, arguments| Program {
        name: format!("ours, {threads} thread(s)"),
        path: read_all.clone(),
        arguments,
        writes: false,
    };
    Ok(vec![
        ours("1", |file, _| words(&[file, "--threads".as_ref(), "1".as_ref()])),
        ours("2", |file, _| words(&[file, "--threads".as_ref(), "2".as_ref()])),
        Program {
            name: "outlook-pst".into(),
            path: outlook_pst?,
            arguments: |file, _| words(&[file]),
            writes: false,
        },
        Program::readpst(),
        Program::pffexport(),
    ])
}

/// Whether a program takes minutes where others take seconds.
fn is_slow(program: &Program) -> bool {
    program.writes
}

fn one(
    programs: &[Program],
    file: &Path,
    scratch: &Path,
    rounds: usize,
    slow_rounds: usize,
) -> Result<Row, Failure> {
    let (name, bytes) = name_and_size(file)?;
    let mut row = Row { name, bytes, items: 0, tools: programs.iter().map(Program::tool).collect() };
    for round in 0..rounds {
        for (program, tool) in programs.iter().zip(&mut row.tools) {
            if is_slow(program) && round >= slow_rounds {
                continue;
            }
            let (measured, worked) = program.run(file, scratch)?;
            say(format_args!("round {}: {:20} {:>9.3} s", round + 1, program.name, measured.seconds));
            if !program.writes && worked {
                let said = summary(&program.name, &measured)?;
                tool.read = read(&said);
                row.items = row.items.max(said["items"].as_u64().unwrap_or(0));
            }
            tool.runs.push(measured.into_run(worked));
        }
    }
    super::empty(scratch)?;
    Ok(row)
}

/// Every file of a folder, one after the other, taken together: what a program cannot read counts with the time that it
/// took to say so.
fn folder(programs: &[Program], folder: &Path, scratch: &Path) -> Result<Row, Failure> {
    let files = mail_in(folder)?;
    let mut row = Row {
        name: format!("all {} files of test mail", files.len()),
        bytes: 0,
        items: 0,
        tools: programs.iter().map(Program::tool).collect(),
    };
    for file in &files {
        row.bytes += name_and_size(file)?.1;
    }
    for round in 0..ROUNDS {
        for (program, tool) in programs.iter().zip(&mut row.tools) {
            let mut sum = Run { seconds: 0.0, processor: Some(0.0), peak: None, worked: true };
            let (mut opened, mut items) = (0, 0);
            for file in &files {
                let (measured, worked) = program.run(file, scratch)?;
                if worked {
                    opened += 1;
                    if !program.writes {
                        items += summary(&program.name, &measured)?["items"].as_u64().unwrap_or(0);
                    }
                }
                let run = measured.into_run(worked);
                sum.seconds += run.seconds;
                sum.processor = sum.processor.zip(run.processor).map(|(sum, more)| sum + more);
                sum.peak = sum.peak.max(run.peak);
            }
            say(format_args!("round {}: {:20} {:>9.3} s", round + 1, program.name, sum.seconds));
            row.items = row.items.max(items);
            let unread = files.len() - opened;
            tool.read = if unread > 0 { format!("nothing of {unread} files") } else { String::new() };
            tool.runs.push(sum);
        }
    }
    Ok(row)
}

/// What a reader says it read.
fn read(said: &Value) -> String {
    let number = |field: &str| said[field].as_u64().unwrap_or(0);
    format!(
        "{} items, {} hidden, {} attachments, {} properties{}",
        number("items"),
        number("hidden"),
        number("attachments"),
        number("properties"),
        if number("failed") > 0 { format!(", {} failures", number("failed")) } else { String::new() }
    )
}

fn aims(row: &Row) -> Vec<Target> {
    let find = |name: &str| row.tools.iter().find(|tool| tool.name.starts_with(name));
    let (ours, two) = (find("ours, 1"), find("ours, 2"));
    let inverse =
        |other: Option<&Tool>, part: fn(&Run) -> Option<f64>| Some(1.0 / other?.ratio(ours?, part)?);
    vec![
        Target {
            what: "Processor time, one thread: of pffexport's".into(),
            measured: inverse(find("pffexport"), processor),
            limit: 1.0 / 3.0,
            at_least: false,
        },
        Target {
            what: "Wall time, one thread: of readpst's".into(),
            measured: inverse(find("readpst"), wall),
            limit: 1.0,
            at_least: false,
        },
        Target {
            what: "Speed of two threads to that of one".into(),
            measured: inverse(two, wall),
            limit: 1.7,
            at_least: true,
        },
    ]
}
