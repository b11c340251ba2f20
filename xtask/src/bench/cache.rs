//! Answers that are kept in memory: what a kept one saves, how often there is one, and what it costs to keep them right.

use super::table::{Target, targets};
use super::{circumstances, keep, kept};
use crate::generate::{Made, made};
use crate::project::Project;
use crate::shell::{Context as _, Failure, command, headline, output, run};
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

const RESULTS: &str = "benches/results/cache.md";
/// Items of the library by default: few, so that what is found anew is found fast.
const ITEMS: u64 = 20_000;

/// Measures the answers that a service keeps over a library of made-up mail (`--items N`); prints the figures and writes them to
/// `benches/results/cache.md`.
///
/// # Errors
/// When something does not build, or the measurement fails.
pub fn cache(project: &Project, arguments: &[&str]) -> Result<(), Failure> {
    let items = match arguments {
        [] => ITEMS,
        ["--items", items] => items.parse().context(items)?,
        other => return Err(Failure::new(format!("`bench cache` knows no {}", other.join(" ")))),
    };
    // With what the measurements of search build: apart, each would build the engine for itself.
    let packages =
        ["--package", "mailscope-cli", "--package", "mailscope-engine", "--package", "mailscope-api"];
    let programs = ["--bin", "mailscope", "--example", "search_speed", "--example", "kept"];
    let build = [&["build", "--release", "--locked"], &packages[..], &programs].concat();
    run(&mut command(&project.root, "cargo", build))?;
    let program = kept(project, &project.target()?.join("release").join("examples"), "kept")?;
    let file = made(project, &Made { items, profile: "mail", changed: None })?;
    let circumstances = circumstances(project);
    headline(format_args!("a library of {items} items"));
    let library = project.target()?.join("bench-cache");
    if library.exists() {
        fs::remove_dir_all(&library).context(library.display())?;
    }
    let text = output(Command::new(&program).arg(&file).arg(&library))?;
    fs::remove_dir_all(&library).context(library.display())?;
    let line = text.lines().rfind(|line| line.starts_with('{')).unwrap_or_default();
    let found: Value = serde_json::from_str(line).context("what the measurement printed")?;
    keep(project, RESULTS, &page(&found, &circumstances))
}

fn page(found: &Value, circumstances: &str) -> String {
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    let mut rows = String::from(
        "| Asked for | Questions | Found anew | Given | Times faster |\n|---|---|---|---|---|\n",
    );
    let mut least = f64::INFINITY;
    for (kind, told) in found["hits"].as_object().into_iter().flatten() {
        let (miss, hit, ratio) = (number(&told["miss"]), number(&told["hit"]), number(&told["ratio"]));
        let _ = writeln!(rows, "| {kind} | {} | {miss:.3} ms | {hit:.4} ms | {ratio:.0} |", told["asked"]);
        least = least.min(ratio);
    }
    let mut kinds = String::from("| Kind | Given, of 100 | With flags in between |\n|---|---|---|\n");
    let (session, review) = (&found["session"], &found["session_with_review"]);
    for (kind, percent) in session["by_kind"].as_object().into_iter().flatten() {
        let flagged = number(&review["by_kind"][kind]);
        let _ = writeln!(kinds, "| {kind} | {:.0} | {flagged:.0} |", number(percent));
    }
    let _ = writeln!(
        kinds,
        "| all {} questions (with flags {}) | {:.1} | {:.1} |",
        session["asked"],
        review["asked"],
        number(&session["percent"]),
        number(&review["percent"])
    );
    let through = &found["looking_through"];
    let sum = |key: &str| [session, review, through].iter().map(|one| number(&one[key])).sum::<f64>();
    let together = sum("hits") * 100.0 / sum("asked").max(1.0);
    let (void, waits) = (&found["invalidation"], &found["pool"]["waits"]);
    let (workers, late) = (&found["workers"], &found["time_outs"]);
    let at_most = |what: &str, measured: &Value, limit: f64| Target {
        what: what.into(),
        measured: measured.as_f64(),
        limit,
        at_least: false,
    };
    let at_least = |what: &str, measured: Option<f64>, limit: f64| Target {
        what: what.into(),
        measured,
        limit,
        at_least: true,
    };
    let aims = [
        at_least(
            "a kept answer is given so many times faster than it is found, of all kinds the least",
            Some(least),
            10.0,
        ),
        at_least("answers given of 100 in a replayed session, all three together", Some(together), 60.0),
        at_most("to forget all answers by hand, ms, slowest of 5", &void["by_hand"], 10.0),
        at_most(
            "the sample that takes them out after a change, ms, slowest of 5",
            &void["sample_after_change"],
            10.0,
        ),
        at_most("to find the last ten pages again, ms", &found["warming"]["took"], 100.0),
        at_most("to get a connection, 8 callers at once, p99, ms", &waits["p99"], 50.0),
        at_most("the same, the longest wait, ms", &waits["max"], 50.0),
        at_least(
            "all items read by two workers, so many times faster than by one",
            workers["times"].as_f64(),
            1.7,
        ),
        at_most(
            "giving up on a library that is in use, later than promised, ms, slowest of 5",
            &late["library"],
            50.0,
        ),
        at_most("giving up on an answer, later than promised, ms, slowest of 5", &late["answer"], 50.0),
    ];
    format!(
        "# Answers kept in memory\n\nWritten by `cargo xtask bench cache`. {circumstances}\n\nA library of {} made-up messages, within \
         one process, as the window calls it but for JSON. \"Found anew\" is the first time after all was forgotten, \"given\" one of the \
         20 times after it; medians over the questions.\n\n{rows}\n## A session\n\nTwelve searches typed letter by letter, each scrolled by a page; of \
         each, five messages opened one after the other and three of them again; insights and people of every second one, and insights \
         again; then the search before, two of its messages, and all mail. While one message is read, the next two are made ready; while a list is looked at, its first message and its next page are. \"With flags\": one \
         message of every second search is flagged, which ends the answers that show it.\n\n{kinds}\nWhoever looks through what three searches find (twenty-five messages of \
         each one after the other, some once more, each tenth flagged) is given {:.1} of 100 answers ({} questions). All three together: {together:.1}.\n\n## Keeping them right\n\n{} answers of {:.1} MB are \
         void after a change with one number; taking them out holds up callers, freeing them does not. {} waits for a connection: p50 {:.3} ms, p95 {:.3} ms.\n\n## Aims\n\n{}",
        found["items"],
        number(&through["percent"]),
        through["asked"],
        void["answers"],
        number(&void["bytes"]) / 1_048_576.0,
        waits["count"],
        number(&waits["p50"]),
        number(&waits["p95"]),
        targets(&aims)
    )
}
