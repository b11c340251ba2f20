//! What a person feels of the window: how soon it is there, how fast it answers, how smoothly it scrolls, what it takes.

use super::{circumstances, keep, kept, sections};
use crate::generate::{Made, made};
use crate::packages;
use crate::project::Project;
use crate::shell::{Context as _, Failure, command, headline, output, run, say};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const RESULTS: &str = "benches/results/ui.md";
/// What is said before the sections on each size.
const HEAD: &str = "# The window\n\nWritten by `cargo xtask bench ui`: each size when it was last measured.\n\n\
    A release build over a library of made-up items, in a virtual display without a graphics card (so every frame is drawn by the \
    processor), held by a driver that keeps time too. What is attached was read before. Memory is the proportional share (PSS) of each process: the program itself, and \
    those in which the system's web view shows the page.\n\n";
/// Items of the library by default.
const ITEMS: u64 = 100_000;

/// Measures the window of a release build over a library of made-up mail (`--items N`), or over one that is there (`--library DIR`);
/// prints the figures and puts them into `benches/results/ui.md`, where those of other sizes stay.
///
/// # Errors
/// When something does not build, or the window does not do what is measured.
pub fn ui(project: &Project, arguments: &[&str]) -> Result<(), Failure> {
    let (items, given) = match arguments {
        [] => (ITEMS, None),
        ["--items", items] => (items.parse().context(items)?, None),
        ["--library", library] => (0, Some(PathBuf::from(library))),
        other => return Err(Failure::new(format!("`bench ui` knows no {}", other.join(" ")))),
    };
    packages::ensure(&project.root, &[packages::BUILD, packages::WINDOW_TESTS].concat())?;
    packages::ensure_npm(&project.ui())?;
    let pages = output(&mut command(&project.ui(), "npm", ["run", "build"]))?;
    let build =
        ["build", "--release", "--locked", "--package", "mailscope-cli", "--package", "mailscope-desktop"];
    run(&mut command(&project.root, "cargo", build))?;
    let circumstances = circumstances(project);
    let release = project.target()?.join("release");
    let cli = kept(project, &release, "mailscope")?;
    let desktop = kept(project, &release, "mailscope-desktop")?;

    let library = match given {
        Some(library) => library,
        None => imported(project, &cli, items)?,
    };

    headline("the window");
    let screen = ["-a", "-s", "-screen 0 1920x1080x24", "node", "tests/e2e/bench.mjs"];
    let mut window = command(&project.root, "xvfb-run", screen);
    window.arg(&library).env_remove("WAYLAND_DISPLAY");
    window.env("MAILSCOPE_PROGRAMS", desktop.parent().unwrap_or(&release));
    let text = output(&mut window)?;
    say(text.trim());
    let line = text.lines().rfind(|line| line.starts_with('{')).unwrap_or_default();
    let found: Value = serde_json::from_str(line).context("what the window's measurement printed")?;
    let script = first_paint(&pages).unwrap_or_else(|| "unknown".to_owned());
    let items = found["items"]
        .as_u64()
        .ok_or_else(|| Failure::new("the window does not say how many items there are"))?;
    let before = fs::read_to_string(project.root.join(RESULTS)).unwrap_or_default();
    keep(
        project,
        RESULTS,
        &sections::page(HEAD, &before, items, &section(&found, items, &script, &circumstances)),
    )
}

/// A library of so many made-up items, made anew.
fn imported(project: &Project, cli: &Path, items: u64) -> Result<PathBuf, Failure> {
    headline(format_args!("a library of {items} items"));
    let file = made(project, &Made { items, profile: "mail", changed: None })?;
    let library = project.target()?.join(format!("bench-ui-{items}"));
    if library.exists() {
        fs::remove_dir_all(&library).context(library.display())?;
    }
    run(Command::new(cli).arg("--library").arg(&library).arg("import").arg(&file))?;
    Ok(library)
}

/// What the build of the pages says of the script that the first paint needs, such as "66.7 KB".
fn first_paint(build: &str) -> Option<String> {
    let line = build.lines().find(|line| line.contains("for the first paint"))?;
    let (size, _) = line.trim().split_once("  of ")?;
    Some(size.trim().to_owned())
}

fn section(found: &Value, items: u64, script: &str, circumstances: &str) -> String {
    let span = |key: &str| {
        let value = |part: &str| found[key][part].as_f64().unwrap_or_default();
        let runs = found[key]["runs"].as_u64().unwrap_or_default();
        (value("p50"), value("p95"), value("max"), runs)
    };
    let mut rows = format!("| script at first paint, compressed | {script} | under 100 KB |\n");
    let (p50, _, max, runs) = span("start");
    rows += &format!(
        "| from the start of the program to rows on the screen | {p50:.0} ms (slowest of {runs}: {max:.0}) | under 1 s |\n"
    );
    let steps = [
        ("page", "until the web view begins with the page"),
        ("script", "until its script runs"),
        ("answered", "until the library has answered"),
        ("shown", "until the rows are laid out"),
    ];
    for (key, step) in steps {
        rows += &format!("| – {step} | {:.0} ms | |\n", found["steps"][key].as_f64().unwrap_or_default());
    }
    let (p50, p95, max, runs) = span("typing");
    rows += &format!(
        "| from a key to the painted answer, {runs} keys | p50 {p50:.0} ms, p95 {p95:.0} ms, most {max:.0} ms | p95 under 50 ms |\n"
    );
    let (p50, p95, max, _) = span("typedFirst");
    rows += &format!(
        "| – of the same keys the first time, when what they need may have to come from the disk | p50 {p50:.0} ms, p95 {p95:.0} ms, most {max:.0} ms | |\n"
    );
    let (p50, p95, max, runs) = span("nothing");
    rows += &format!(
        "| – of keys that find nothing, which is shown 300 ms later on purpose, {runs} keys | p50 {p50:.0} ms, p95 {p95:.0} ms, most {max:.0} ms | |\n"
    );
    let (p50, p95, max, runs) = span("scrolling");
    let (late, empty) = (&found["scrolling"]["late"], &found["scrolling"]["empty"]);
    rows += &format!(
        "| frames while scrolling, {runs} of them | p50 {p50:.1} ms, p95 {p95:.1} ms, most {max:.0} ms; {late} over 25 ms, {empty} without rows | every frame |\n"
    );
    for (key, when) in
        [("memoryAtStart", "after the start"), ("memoryAfter", "after searches, insights and reading")]
    {
        rows += &format!("| memory of all processes {when} | {} | |\n", memory(&found[key]));
    }
    format!("{}\n{circumstances}\n\n| What | Measured | Aim |\n|---|---|---|\n{rows}", sections::title(items))
}

fn memory(of: &Value) -> String {
    let mega = |bytes: f64| format!("{:.0} MB", bytes / 1_048_576.0);
    let Some(processes) = of.as_object() else { return "unknown".to_owned() };
    let parts: Vec<String> = processes
        .iter()
        .map(|(name, bytes)| format!("{name} {}", mega(bytes.as_f64().unwrap_or_default())))
        .collect();
    let sum = processes.values().filter_map(Value::as_f64).sum();
    format!("{} ({})", mega(sum), parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_size_of_the_script_is_read() {
        let check =
            |text, expected: Option<&str>| assert_eq!(first_paint(text).as_deref(), expected, "{text:?}");
        check("   1.4 KB  on demand    a.js\n  66.7 KB  of 100.0 KB for the first paint\n", Some("66.7 KB"));
        check("built", None);
    }

    #[test]
    fn figures_become_a_table() {
        let span = json!({ "p50": 1.04, "p95": 2.0, "max": 3.0, "runs": 4 });
        let scrolling = json!({ "p50": 16.66, "p95": 17.0, "max": 40.0, "runs": 300, "late": 1, "empty": 0 });
        let memory = json!({ "mailscope-desktop": 104_857_600, "WebKitWebProcess": 52_428_800 });
        let steps = json!({ "page": 310.4, "script": 400, "answered": 450, "shown": 600 });
        let found = json!({ "items": 7, "steps": steps, "start": span, "typedFirst": span, "typing": span, "nothing": span, "scrolling": scrolling, "memoryAtStart": memory });
        let text = section(&found, 7, "66.7 KB", "Measured now.");
        for part in [
            "66.7 KB",
            "begins with the page | 310 ms |",
            "p50 16.7 ms",
            "1 over 25 ms",
            "150 MB (WebKitWebProcess 50 MB, mailscope-desktop 100 MB)",
            "## 7 items\n",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
