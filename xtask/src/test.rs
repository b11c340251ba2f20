//! Every check that a change must pass.

use crate::project::Project;
use crate::shell::{Context as _, Failure, command, exists, headline, run, say, time};
use crate::{codegen, packages, tidy};
use std::time::{Duration, Instant};

type Check = fn(&Project) -> Result<(), Failure>;

struct Step {
    name: &'static str,
    about: &'static str,
    check: Check,
    /// The others cannot work without it.
    setup: bool,
}

const fn setup(name: &'static str, about: &'static str, check: Check) -> Step {
    Step { name, about, check, setup: true }
}

const fn step(name: &'static str, about: &'static str, check: Check) -> Step {
    Step { name, about, check, setup: false }
}

/// In this order, so that what takes seconds fails first, and so that the window is built once, with its pages.
const STEPS: &[Step] = &[
    setup("packages", "system packages and Node.js", |project| {
        packages::ensure(
            &project.root,
            &[packages::BUILD, packages::WINDOW_TESTS, packages::COMPARISON].concat(),
        )?;
        packages::ensure_node(&project.root)
    }),
    setup("npm", "packages of the user interface, as locked", |project| packages::ensure_npm(&project.ui())),
    step("fmt", "Rust formatting", |project| cargo(project, &["fmt", "--all", "--check"])),
    step("tidy", "layout and layering", tidy::tidy),
    step("ui-check", "types, lints and formatting of the user interface", |project| {
        npm(project, &["run", "check"])
    }),
    step("ui-test", "tests of the user interface", |project| npm(project, &["test"])),
    step("ui-build", "pages of the window", |project| npm(project, &["run", "build"])),
    step("clippy", "Rust lints, warnings are errors", |project| {
        cargo(project, &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])
    }),
    step("build", "everything that the next steps run", build),
    step("codegen", "the TypeScript twin of the API and the list of licences are up to date", |project| {
        // Does nothing after the step `build`; makes this step alone look at what is in the checkout.
        build(project)?;
        codegen::check(project)
    }),
    step("test", "Rust tests", |project| cargo(project, &["test", "--workspace", "--locked"])),
    step("e2e", "tests in the real window", end_to_end),
];

/// Names the steps.
///
/// # Errors
/// None.
pub fn list() -> Result<(), Failure> {
    for step in STEPS {
        say(format_args!("{:10} {}", step.name, step.about));
    }
    Ok(())
}

/// Runs the steps of these names, or all; a failed step does not keep the others from running, unless it is a set-up.
///
/// # Errors
/// When a name is unknown, or the names of the steps that failed.
pub fn test(project: &Project, names: &[&str]) -> Result<(), Failure> {
    if let Some(name) = names.iter().find(|name| STEPS.iter().all(|step| step.name != **name)) {
        return Err(Failure::new(format!("there is no step `{name}`; see `cargo xtask test --list`")));
    }
    let chosen = STEPS.iter().filter(|step| names.is_empty() || names.contains(&step.name));
    let outcomes = run_steps(chosen, &mut |line| headline(line), |step| (step.check)(project));
    headline("summary");
    say(summary(&outcomes));
    verdict(&outcomes)
}

type Outcome = (&'static str, Duration, Result<(), Failure>);

fn run_steps<'a>(
    steps: impl Iterator<Item = &'a Step>,
    tell: &mut dyn FnMut(&str),
    mut check: impl FnMut(&Step) -> Result<(), Failure>,
) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for step in steps {
        tell(&format!("{}: {}", step.name, step.about));
        let start = Instant::now();
        let outcome = check(step);
        let took = start.elapsed();
        tell(&match &outcome {
            Ok(()) => format!("{}: ok in {}", step.name, time(took)),
            Err(failure) => format!("{}: FAILED in {}: {failure}", step.name, time(took)),
        });
        let stop = step.setup && outcome.is_err();
        outcomes.push((step.name, took, outcome));
        if stop {
            break;
        }
    }
    outcomes
}

fn summary(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    for (name, took, outcome) in outcomes {
        let word = if outcome.is_ok() { "ok" } else { "FAILED" };
        text += &format!("{name:10} {word:8} {:>12}\n", time(*took));
    }
    text + &format!("{:10} {:8} {:>12}", "total", "", time(outcomes.iter().map(|(_, took, _)| *took).sum()))
}

fn verdict(outcomes: &[Outcome]) -> Result<(), Failure> {
    let failed: Vec<&str> =
        outcomes.iter().filter(|(.., outcome)| outcome.is_err()).map(|(name, ..)| *name).collect();
    if failed.is_empty() { Ok(()) } else { Err(Failure::new(format!("failed: {}", failed.join(", ")))) }
}

fn cargo(project: &Project, arguments: &[&str]) -> Result<(), Failure> {
    run(&mut command(&project.root, "cargo", arguments))
}

fn npm(project: &Project, arguments: &[&str]) -> Result<(), Failure> {
    run(&mut command(&project.ui(), "npm", arguments))
}

/// Exactly what `cargo test` needs, so that neither it nor the steps after it build a package a second time with other features.
fn build(project: &Project) -> Result<(), Failure> {
    cargo(project, &["build", "--workspace", "--all-targets", "--locked"])
}

fn end_to_end(project: &Project) -> Result<(), Failure> {
    if !cfg!(target_os = "linux") || !exists("xvfb-run") || !exists("WebKitWebDriver") {
        return Err(Failure::new(
            "the tests in the real window need Linux with xvfb-run, WebKitWebDriver and xdotool; see the step `packages`",
        ));
    }
    // As in the step `codegen`.
    build(project)?;
    let folder = project.root.join("tests/e2e");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .context(folder.display())?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    files.sort();
    if files.is_empty() {
        return Err(Failure::new(format!("no test in {}", folder.display())));
    }
    let arguments = [
        "-a",
        "-s",
        "-screen 0 1360x900x24",
        "node",
        "--test",
        "--test-concurrency=1",
        "--test-reporter=spec",
    ];
    let mut tests = command(&project.root, "xvfb-run", arguments);
    tests.args(files);
    tests.env("MAILSCOPE_PROGRAMS", project.target()?.join("debug"));
    if let Some(corpus) = project.corpus() {
        tests.env("MAILSCOPE_CORPUS", corpus);
    }
    // The display is virtual whatever the caller's is.
    tests.env_remove("WAYLAND_DISPLAY");
    run(&mut tests)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Check = |_| Ok(());

    fn check(failing: &[&str], ran: &[&str], succeeds: bool) {
        let steps = [setup("a", "", NOTHING), step("b", "", NOTHING), step("c", "", NOTHING)];
        let outcomes = run_steps(steps.iter(), &mut |_| (), |step| {
            if failing.contains(&step.name) { Err(Failure::new("no")) } else { Ok(()) }
        });
        assert_eq!(outcomes.iter().map(|(name, ..)| *name).collect::<Vec<_>>(), ran, "{failing:?}");
        assert_eq!(verdict(&outcomes).is_ok(), succeeds, "{failing:?}");
        assert_eq!(summary(&outcomes).matches("FAILED").count(), failing.len(), "{failing:?}");
    }

    #[test]
    fn only_a_failed_setup_stops_the_rest() {
        check(&[], &["a", "b", "c"], true);
        check(&["b"], &["a", "b", "c"], false);
        check(&["c"], &["a", "b", "c"], false);
        check(&["a"], &["a"], false);
    }

    #[test]
    fn names_of_steps_are_unique() {
        let mut names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), STEPS.len());
    }
}
