//! A whole import, timed beside the tools that merely export, beside tantivy alone, and again when little has changed.

use super::measure::{Measured, measure};
use super::table::{LEGEND, Row, Target, Tool, mega, render, targets, wall};
use super::{Program, WITH_LOSSES, circumstances, disk, keep, kept, name_and_size, summary, words};
use crate::generate::{Made, made};
use crate::packages;
use crate::project::Project;
use crate::shell::{Context as _, Failure, command, exists, headline, run, say};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How often each tool reads each file; they take turns, so that what else the machine does falls on all alike.
const ROUNDS: usize = 3;
const RESULTS: &str = "benches/results/import.md";
/// Read where the folder of test mail is there.
const REAL: &[&str] = &["enron.pst", "ost-4k-calendar.ost"];
/// tantivy alone, with every core to itself: no import that fills such an index can be faster.
const ALL_CORES: &str = "tantivy, all cores";
/// Above so many items a size is timed once.
const LARGE: u64 = 500_000;
/// Below so many items it is timed three times in each round.
const SMALL: u64 = 50_000;
/// The size at which the programs are compared.
const COMPARED: u64 = 30_000;
/// The sizes at which ours is timed.
const SIZES: &[u64] = &[10_000, 100_000, 200_000];
/// Bytes of the default budget.
const BUDGET: f64 = 512.0 * 1_048_576.0;

/// Times the import of made-up and test mail, or of the files that are named; prints the comparison and writes it to
/// `benches/results/import.md`. `--compared N` sets the size at which programs are compared, `--sizes N,N…` those at
/// which ours is timed by itself, `--profile NAME` what is in the made-up mail: text, bodies of some 250 words each, unless
/// it is named.
///
/// # Errors
/// When something does not build, a file is missing, or Mailscope cannot import a file.
pub fn import(project: &Project, arguments: &[&str]) -> Result<(), Failure> {
    let (mut compared, mut sizes, mut files) = (COMPARED, SIZES.to_vec(), Vec::new());
    let mut profile = "text";
    let mut rest = arguments.iter();
    while let Some(&argument) = rest.next() {
        match (argument, argument.starts_with("--").then(|| rest.next()).flatten()) {
            ("--profile", Some(name)) => profile = name,
            ("--compared", Some(items)) => compared = items.parse().context(items)?,
            ("--sizes", Some(list)) => {
                sizes = list.split(',').map(str::parse).collect::<Result<_, _>>().context(list)?;
            }
            (file, None) => files.push(fs::canonicalize(file).context(file)?),
            (other, Some(_)) => return Err(Failure::new(format!("there is no option {other}"))),
        }
    }
    packages::ensure(&project.root, packages::COMPARISON)?;
    if let Err(failure) = packages::ensure(&project.root, packages::SEARCHING) {
        say(format_args!("{failure}; the comparison goes without"));
    }
    // In one go: apart, each would build the engine for itself.
    let which = ["--package", "mailscope-cli", "--package", "mailscope-engine"];
    let what = ["--bin", "mailscope", "--example", "tantivy_alone"];
    let build = [&["build", "--release", "--locked"], &which[..], &what].concat();
    run(&mut command(&project.root, "cargo", build))?;
    let circumstances = circumstances(project);
    let release = project.target()?.join("release");
    let cli = kept(project, &release, "mailscope")?;
    let tantivy = kept(project, &release.join("examples"), "tantivy_alone")?;
    let scratch = project.target()?.join("bench");

    let mut chosen = files;
    if chosen.is_empty() {
        chosen.push(made(project, &Made { items: compared, profile, changed: None })?);
        chosen.extend(project.corpus().iter().flat_map(|corpus| REAL.iter().map(|name| corpus.join(name))));
    }
    let mut rows = Vec::new();
    for file in &chosen {
        headline(file.display());
        rows.push(compare(&programs(&cli, &tantivy), file, &scratch)?);
    }
    let mut aims = rows.first().map(against).unwrap_or_default();

    let beside = Program::tantivy(&tantivy);
    let mut runs: Vec<Size> = sizes.iter().map(|&items| Size::new(items, &beside)).collect();
    // All sizes in each round: what the machine does in an hour then falls on all of them.
    for round in 0..ROUNDS {
        for size in runs.iter_mut().filter(|size| size.items <= LARGE || round == ROUNDS / 2) {
            headline(format_args!("round {}: {} items", round + 1, size.items));
            // What takes a second or two, any hiccup of the machine shows in.
            for _ in 0..if size.items < SMALL { 3 } else { 1 } {
                size.run(project, (&cli, &beside), profile, &scratch)?;
            }
        }
    }
    // What it comes to for the largest file counts.
    if let (Some(aim), Some(size)) = (aims.first_mut(), runs.last()) {
        aim.measured = size.of_tantivy().or(aim.measured);
    }
    aims.extend(alone(&runs));
    let text = format!(
        "# Import, beside other programs\n\nWritten by `cargo xtask bench import`. {circumstances}\n\n\
         `mailscope import` reads the whole file into a fresh library, stored and searchable at the end. `tantivy alone` \
         indexes the same text, read beforehand, with the threads and the memory of an import; its time is that of the \
         indexing; with `{ALL_CORES}` it has a thread for each core, so that what it takes is the least that any import can \
         take which fills such an index. `readpst -e` and `pffexport` (items only) write files; `readpst, notmuch` then indexes them. {LEGEND}\n\n\
         {}\n## By size, and again\n\nIn each of {ROUNDS} rounds, through all sizes (in one of them, where \
         more than {LARGE} items; three times in each, where less than {SMALL}): the first import, the same file once more, the file when one percent of its items is new, \
         changed, moved or gone, the first file again, with nothing of the library in the system's cache, and tantivy alone. Times are \
         medians, ratios medians of those of the rounds.\n\n{}\n## Where the time goes\n\nWhat an item takes in each stage of \
         a first import, in microseconds, as the import counts them itself. Read and prepare are done by several workers at \
         once; index is the hand-over to tantivy, which works on a thread of its own; full and empty are how long workers and \
         writer waited at the queue between them.\n\n{}\n## Aims\n\n{}",
        render(&rows),
        sizes_table(&runs),
        stages_table(&runs),
        targets(&aims)
    );
    keep(project, RESULTS, &text)
}

fn programs(cli: &Path, tantivy: &Path) -> Vec<Program> {
    let mut programs = vec![
        Program {
            name: "mailscope import".into(),
            path: cli.to_owned(),
            arguments: |file, out| {
                words(&["--json".as_ref(), "--library".as_ref(), out, "import".as_ref(), file])
            },
            writes: true,
        },
        Program::tantivy(tantivy),
        Program {
            name: ALL_CORES.into(),
            arguments: |file, out| {
                let cores = std::thread::available_parallelism().map_or(1, usize::from);
                words(&[file, out, cores.to_string().as_ref()])
            },
            ..Program::tantivy(tantivy)
        },
        Program::readpst(),
        Program::pffexport(),
    ];
    if exists("notmuch") {
        programs.push(Program {
            name: "readpst, notmuch".into(),
            path: "sh".into(),
            arguments: |file, out| {
                const SCRIPT: &str = "set -e; mkdir \"$2/mail\"; readpst -q -e -o \"$2/mail\" \"$1\"; \
                    printf '[database]\\npath=%s\\n[user]\\nprimary_email=a@example.org\\n' \"$2/mail\" > \"$2/config\"; \
                    NOTMUCH_CONFIG=\"$2/config\" notmuch new --quiet --no-hooks";
                words(&["-c".as_ref(), SCRIPT.as_ref(), "sh".as_ref(), file, out])
            },
            // Its own end tells whether both worked; files alone do not.
            writes: false,
        });
    }
    programs
}

fn compare(programs: &[Program], file: &Path, scratch: &Path) -> Result<Row, Failure> {
    let (name, bytes) = name_and_size(file)?;
    let mut row = Row { name, bytes, items: 0, tools: programs.iter().map(Program::tool).collect() };
    for round in 1..=ROUNDS {
        for (program, tool) in programs.iter().zip(&mut row.tools) {
            let (mut measured, worked) = program.run(file, scratch)?;
            if program.name.starts_with("mailscope") {
                row.items = summary(&program.name, &measured)?["items"].as_u64().unwrap_or(0);
            } else if program.name.starts_with("tantivy") {
                // Without the reading; the processor's time and the memory would count it.
                measured.seconds = indexing(program, &measured)?;
                (measured.processor, measured.peak) = (None, None);
            }
            let outcome = if worked { "" } else { "did not work" };
            say(format_args!("round {round}: {:18} {:>9.3} s  {outcome}", program.name, measured.seconds));
            tool.runs.push(measured.into_run(worked));
        }
    }
    super::empty(scratch)?;
    Ok(row)
}

/// How much of the library the system has in its cache when an import begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cache {
    Warm,
    Empty,
}

/// One size: in each round the first import, three more into the same library, and tantivy alone.
struct Size {
    items: u64,
    first: Tool,
    unchanged: Tool,
    changed: Tool,
    /// As much changed, with nothing of the library in the system's cache.
    cold: Tool,
    tantivy: Tool,
    /// What the last import says it took in.
    new: u64,
    updated: u64,
    removed: u64,
    /// Microseconds of an item in each stage of the last first import, as the import itself counts them.
    stages: Vec<(String, f64)>,
}

/// The time that tantivy alone took to index, without the reading.
fn indexing(tantivy: &Program, measured: &Measured) -> Result<f64, Failure> {
    Ok(summary(&tantivy.name, measured)?["seconds"].as_f64().unwrap_or(measured.seconds))
}

/// The same file under another name, without a copy where the file system can.
fn put(file: &Path, place: &PathBuf) -> Result<(), Failure> {
    if fs::hard_link(file, place).is_err() {
        fs::copy(file, place).context(place.display())?;
    }
    Ok(())
}

impl Size {
    fn new(items: u64, tantivy: &Program) -> Self {
        let tool = |name: &str| Tool { name: name.to_owned(), runs: Vec::new(), read: String::new() };
        Self {
            items,
            first: tool("first"),
            unchanged: tool("unchanged"),
            changed: tool("changed"),
            cold: tool("changed, library from the disk"),
            tantivy: tool(&tantivy.name),
            new: 0,
            updated: 0,
            removed: 0,
            stages: Vec::new(),
        }
    }

    /// One round: the first import, three more, and tantivy alone.
    fn run(
        &mut self,
        project: &Project,
        (cli, tantivy): (&Path, &Program),
        profile: &str,
        scratch: &Path,
    ) -> Result<(), Failure> {
        let items = self.items;
        let first = made(project, &Made { items, profile, changed: None })?;
        let changed = made(project, &Made { items, profile, changed: Some("1") })?;
        let place = scratch.join("box.pst");
        let library = scratch.join("out");
        super::empty(scratch)?;
        let import = |file: &Path, of_library: Cache| -> Result<Measured, Failure> {
            if place.exists() {
                fs::remove_file(&place).context(place.display())?;
            }
            put(file, &place)?;
            disk::rest();
            match of_library {
                Cache::Warm => disk::warm(&[&library, &place])?,
                Cache::Empty => {
                    disk::warm(&[&place])?;
                    disk::forget(&library)?;
                }
            }
            let mut command = Command::new(cli);
            command.arg("--json").arg("--library").arg(&library).arg("import").arg(&place);
            let measured = measure(&mut command).context("mailscope import")?;
            say(format_args!("{items} items: {:>9.3} s", measured.seconds));
            Ok(measured)
        };
        let ended = |measured: Measured| {
            let worked = measured.success || measured.code == Some(WITH_LOSSES);
            measured.into_run(worked)
        };
        let once = import(&first, Cache::Warm)?;
        let said = summary("mailscope import", &once)?;
        self.stages = said["stages"].as_object().map_or_else(Vec::new, |stages| {
            let of_item = |seconds: &serde_json::Value| 1e6 * seconds.as_f64().unwrap_or(0.0) / items as f64;
            stages.iter().map(|(stage, seconds)| (stage.clone(), of_item(seconds))).collect()
        });
        self.first.runs.push(ended(once));
        let once_more = import(&first, Cache::Warm)?;
        summary("mailscope import", &once_more)?;
        self.unchanged.runs.push(ended(once_more));
        let later = import(&changed, Cache::Warm)?;
        let said = summary("mailscope import", &later)?;
        let number = |field: &str| said[field].as_u64().unwrap_or(0);
        (self.new, self.updated, self.removed) = (number("new"), number("updated"), number("removed"));
        self.changed.runs.push(ended(later));
        // The same change, taken back.
        let back = import(&first, Cache::Empty)?;
        summary("mailscope import", &back)?;
        self.cold.runs.push(ended(back));
        fs::remove_file(&place).context(place.display())?;
        disk::rest();
        let (mut alone, worked) = tantivy.run(&first, scratch)?;
        alone.seconds = indexing(tantivy, &alone)?;
        say(format_args!("tantivy alone: {:>9.3} s", alone.seconds));
        self.tantivy.runs.push(alone.into_run(worked));
        super::empty(scratch)
    }

    /// The time of a run, in times of a first import.
    fn of_first(&self, run: &Tool) -> Option<f64> {
        run.ratio(&self.first, wall)
    }

    /// The time of a first import, in times of tantivy alone.
    fn of_tantivy(&self) -> Option<f64> {
        self.first.ratio(&self.tantivy, wall)
    }

    fn rate(&self) -> Option<f64> {
        Some(self.items as f64 / self.first.seconds()?)
    }
}

fn sizes_table(runs: &[Size]) -> String {
    let mut text = String::from(
        "| Items | First import | Processor | Items per second | Peak memory | Unchanged | Of the first | 1 % changed | Of \
         the first | Taken in then | Library from the disk | Of the first | First import, of tantivy alone \
         |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for size in runs {
        let seconds = |run: &Tool| run.seconds().map(|seconds| format!("{seconds:.3} s")).unwrap_or_default();
        let percent =
            |run: &Tool| size.of_first(run).map(|of| format!("{:.2} %", 100.0 * of)).unwrap_or_default();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:.0} | {} | {} | {} | {} | {} | {} new, {} updated, {} gone | {} | {} | {} |",
            size.items,
            seconds(&size.first),
            size.first.processor().map(|seconds| format!("{seconds:.2} s")).unwrap_or_default(),
            size.rate().unwrap_or_default(),
            size.first.peak().map(|peak| format!("{:.0} MB", mega(peak))).unwrap_or_default(),
            seconds(&size.unchanged),
            percent(&size.unchanged),
            seconds(&size.changed),
            percent(&size.changed),
            size.new,
            size.updated,
            size.removed,
            seconds(&size.cold),
            percent(&size.cold),
            size.of_tantivy().map(|times| format!("{times:.2}")).unwrap_or_default()
        );
    }
    text
}

fn stages_table(runs: &[Size]) -> String {
    let Some(first) = runs.first() else { return String::new() };
    let mut text = String::from("| Items |");
    first.stages.iter().for_each(|(stage, _)| _ = write!(text, " {stage} |"));
    text.push_str("\n|---|");
    first.stages.iter().for_each(|_| text.push_str("---|"));
    for size in runs {
        let _ = write!(text, "\n| {} |", size.items);
        size.stages.iter().for_each(|(_, micros)| _ = write!(text, " {micros:.1} |"));
    }
    text.push('\n');
    text
}

fn at_most(what: &str, measured: Option<f64>, limit: f64) -> Target {
    Target { what: what.to_owned(), measured, limit, at_least: false }
}

/// The time of an import, in times of the program with this name.
fn times(row: &Row, name: &str) -> Option<f64> {
    let other: &Tool = row.tools.iter().find(|tool| tool.name == name)?;
    Some(1.0 / other.ratio(row.tools.first()?, wall)?)
}

fn of_tantivy(row: &Row) -> Option<f64> {
    times(row, "tantivy alone")
}

/// Aims of the comparison with other programs.
fn against(row: &Row) -> Vec<Target> {
    let of = |name: &str| times(row, name);
    vec![
        at_most("Time of an import: of tantivy's alone", of_tantivy(row), 1.25),
        at_most("of pffexport's", of("pffexport"), 1.0),
        at_most("of readpst's", of("readpst -e"), 1.0),
        at_most("of readpst and notmuch", of("readpst, notmuch"), 0.1),
    ]
}

/// Aims of ours by itself.
fn alone(runs: &[Size]) -> Vec<Target> {
    let rates: Vec<f64> = runs.iter().filter_map(Size::rate).collect();
    let least = rates.iter().copied().min_by(f64::total_cmp);
    let most = rates.iter().copied().max_by(f64::total_cmp);
    let peak = runs.iter().filter_map(|size| size.first.peak()).max();
    let last = runs.last();
    vec![
        at_most(
            "Rate at one size to that at another",
            most.zip(least).map(|(most, least)| most / least),
            1.15,
        ),
        at_most("Peak memory: of the budget", peak.map(|peak| peak as f64 / BUDGET), 1.0),
        at_most(
            "Opening again, unchanged: of the first import",
            last.and_then(|size| size.of_first(&size.unchanged)),
            0.01,
        ),
        at_most(
            "Opening again, 1 % changed: of the first import",
            last.and_then(|size| size.of_first(&size.changed)),
            0.03,
        ),
        Target { what: "Items per second".into(), measured: least, limit: 10_000.0, at_least: true },
    ]
}
