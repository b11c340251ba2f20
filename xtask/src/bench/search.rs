//! How fast a library answers, beside SQLite's FTS5 and notmuch over the same mail.

use super::table::{Target, targets};
use super::{WITH_LOSSES, circumstances, disk, keep, kept, measure::measure, sections};
use crate::generate::{Made, made};
use crate::packages;
use crate::project::Project;
use crate::shell::{Context as _, Failure, command, headline, output, run, say};
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const RESULTS: &str = "benches/results/search.md";
/// Items of the library by default.
const ITEMS: u64 = 100_000;
/// Beyond so many items notmuch takes hours to index them.
const MOST_FOR_NOTMUCH: u64 = 200_000;
/// Queries of each kind that are asked cold, each of a process of its own.
const COLD: usize = 5;
/// Rounds over the queries of a kind that notmuch answers.
const ROUNDS: usize = 3;
/// What answers fewer than one item in so many is selective; …
const SELECTIVE: u64 = 1000;
/// … what answers more than one in so many is not at all.
const UNSELECTIVE: u64 = 4;

/// Measures a library of made-up mail (`--items N`), whose files are made in the folder of builds or in `--folder DIR` and kept for the
/// next time; prints the figures and puts them into `benches/results/search.md`, where those of other sizes stay.
///
/// # Errors
/// When something does not build, or does not do what is measured.
pub fn search(project: &Project, arguments: &[&str]) -> Result<(), Failure> {
    let (mut items, mut folder) = (ITEMS, project.target()?.join("made"));
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match (*argument, rest.next()) {
            ("--items", Some(number)) => items = number.parse().context(number)?,
            ("--folder", Some(path)) => folder = PathBuf::from(path),
            (other, _) => return Err(Failure::new(format!("`bench search` knows no {other}, or not so"))),
        }
    }
    // In one go: apart, each would build the engine for itself.
    let packages = ["--package", "mailscope-cli", "--package", "mailscope-engine"];
    let programs = ["--bin", "mailscope", "--example", "search_speed"];
    let build = [&["build", "--release", "--locked"], &packages[..], &programs].concat();
    run(&mut command(&project.root, "cargo", build))?;
    let release = project.target()?.join("release");
    let place = Place {
        cli: kept(project, &release, "mailscope")?,
        speed: kept(project, &release.join("examples"), "search_speed")?,
        items,
        folder,
    };
    fs::create_dir_all(&place.folder).context(place.folder.display())?;
    let library = place.library(project)?;
    let fts5 = place.fts5(&library)?;
    let notmuch = place.notmuch(project, &library)?;
    let plan = place.file("plan", "json");
    place.speed("plan", &[&library, &plan])?;

    let circumstances = circumstances(project);
    headline("cold");
    let mut kinds = place.cold(&library, &plan)?;
    headline("warm");
    for line in place.speed("run", &[&library, &plan, &fts5])?.lines() {
        let found: Value = serde_json::from_str(line).context("what the measurement printed")?;
        match kinds.iter_mut().find(|kind| found["kind"] == kind.name.as_str()) {
            Some(kind) => kind.warm = found,
            None => return Err(Failure::new(format!("{} is not in the plan", found["kind"]))),
        }
    }
    if let Some(config) = &notmuch {
        headline("notmuch");
        for kind in &mut kinds {
            kind.notmuch = asked_of_notmuch(config, &kind.queries)?;
        }
    }
    let checks: Vec<Value> = place
        .speed("checks", &[&library, &plan])?
        .lines()
        .map(|line| serde_json::from_str(line).context("what a check printed"))
        .collect::<Result<_, _>>()?;
    let section = section(items, &kinds, &checks, &circumstances);
    let before = fs::read_to_string(project.root.join(RESULTS)).unwrap_or_default();
    keep(project, RESULTS, &sections::page(HEAD, &before, items, &section))
}

/// What is measured, and where.
struct Place {
    cli: PathBuf,
    speed: PathBuf,
    items: u64,
    folder: PathBuf,
}

/// One kind of query: what is asked, and what was measured.
#[derive(Debug, Default)]
struct Kind {
    name: String,
    /// The page of results, for notmuch.
    queries: Vec<String>,
    /// Milliseconds of first questions.
    cold: Vec<f64>,
    warm: Value,
    /// Milliseconds.
    notmuch: Vec<f64>,
}

impl Place {
    fn file(&self, what: &str, extension: &str) -> PathBuf {
        self.folder.join(format!("search-{what}-{}.{extension}", self.items))
    }

    fn speed(&self, what: &str, arguments: &[&PathBuf]) -> Result<String, Failure> {
        output(Command::new(&self.speed).arg(what).args(arguments))
    }

    /// A library of the mail, imported if it is not there yet, or of an earlier schema.
    fn library(&self, project: &Project) -> Result<PathBuf, Failure> {
        let library = self.folder.join(format!("library-mail-{}", self.items));
        let holds = |library: &Path| -> Option<u64> {
            let mut ask = Command::new(&self.cli);
            ask.args(["--json", "--library"]).arg(library).args(["search", "", "--limit", "1"]);
            let text = output(&mut ask).ok()?;
            serde_json::from_str::<Value>(text.lines().last()?).ok()?["total"].as_u64()
        };
        if library.join("library.sqlite").exists() && holds(&library) == Some(self.items) {
            say(format_args!("the library is there: {}", library.display()));
            return Ok(library);
        }
        headline(format_args!("a library of {} items", self.items));
        if library.exists() {
            fs::remove_dir_all(&library).context(library.display())?;
        }
        let file = made(project, &Made { items: self.items, profile: "mail", changed: None })?;
        let mut import = Command::new(&self.cli);
        let measured = measure(import.arg("--library").arg(&library).arg("import").arg(&file))
            .context("mailscope import")?;
        if !measured.success && measured.code != Some(WITH_LOSSES) {
            return Err(Failure::new(format!("the import failed:\n{}{}", measured.stdout, measured.stderr)));
        }
        Ok(library)
    }

    /// A database of FTS5 with the texts of the library.
    fn fts5(&self, library: &Path) -> Result<PathBuf, Failure> {
        let database = self.file("fts5", "sqlite");
        if newer(&database, &library.join("library.sqlite")) {
            return Ok(database);
        }
        headline("the same texts in SQLite's FTS5");
        let part = database.with_extension("part");
        // What an earlier run left; there may be nothing.
        let _ = fs::remove_file(&part);
        self.speed("fts5", &[&library.to_owned(), &part])?;
        fs::rename(&part, &database).context(database.display())?;
        Ok(database)
    }

    /// The configuration of a notmuch that holds the mail as files; nothing where there is no notmuch, or too much mail for it.
    fn notmuch(&self, project: &Project, library: &Path) -> Result<Option<PathBuf>, Failure> {
        if self.items > MOST_FOR_NOTMUCH {
            say("notmuch is left out: it would take hours to index so much");
            return Ok(None);
        }
        if let Err(failure) = packages::ensure(&project.root, packages::SEARCHING) {
            say(format_args!("{failure}; the comparison goes without notmuch"));
            return Ok(None);
        }
        let (mail, config) = (self.folder.join(format!("eml-{}", self.items)), self.file("notmuch", "conf"));
        if newer(&config, &library.join("library.sqlite")) {
            return Ok(Some(config));
        }
        headline("the same mail as files, in notmuch");
        if mail.exists() {
            fs::remove_dir_all(&mail).context(mail.display())?;
        }
        let mut export = Command::new(&self.cli);
        export.arg("--library").arg(library).args(["export", "", "--format", "eml", "-o"]).arg(&mail);
        let exported = measure(&mut export).context("mailscope export")?;
        if !exported.success && exported.code != Some(WITH_LOSSES) {
            return Err(Failure::new(format!("the export failed:\n{}", exported.stderr)));
        }
        let part = config.with_extension("part");
        let text = format!("[database]\npath={}\n[user]\nprimary_email=a@example.org\n", mail.display());
        fs::write(&part, text).context(part.display())?;
        run(Command::new("notmuch").env("NOTMUCH_CONFIG", &part).args(["new", "--quiet", "--no-hooks"]))?;
        fs::rename(&part, &config).context(config.display())?;
        Ok(Some(config))
    }

    /// Asks some queries of each kind, each of a new process, when nothing of the library is in the system's cache.
    fn cold(&self, library: &Path, plan: &Path) -> Result<Vec<Kind>, Failure> {
        let text = fs::read_to_string(plan).context(plan.display())?;
        let plan_value: Value = serde_json::from_str(&text).context(plan.display())?;
        let mut kinds = Vec::new();
        for kind in plan_value["kinds"].as_array().into_iter().flatten() {
            let name = kind["name"].as_str().unwrap_or_default().to_owned();
            let queries = kind["queries"].as_array().cloned().unwrap_or_default();
            let mut cold = Vec::new();
            for number in 0..queries.len().min(COLD) {
                disk::forget(library)?;
                let mut ask = Command::new(&self.speed);
                ask.arg("one").args([library, plan]).arg(&name).arg(number.to_string());
                let found: Value =
                    serde_json::from_str(&output(&mut ask)?).context("what one query printed")?;
                cold.extend(found["took"].as_f64());
            }
            say(format_args!("{name}: {:.1} ms", quantile(&cold, 0.5).unwrap_or_default()));
            let first_page = kind["ask"]["page"] == "newest";
            let queries = queries.iter().filter(|_| first_page);
            let queries = queries.filter_map(|query| query["notmuch"].as_str().map(str::to_owned)).collect();
            kinds.push(Kind { name, queries, cold, ..Kind::default() });
        }
        Ok(kinds)
    }
}

/// Whether `made` is there and younger than what it was made of.
fn newer(made: &Path, of: &Path) -> bool {
    let age = |path: &Path| fs::metadata(path).and_then(|facts| facts.modified()).ok();
    age(made).is_some_and(|made| age(of).is_some_and(|of| of < made))
}

/// The times of whole processes: a count, and the ids of a page.
fn asked_of_notmuch(config: &Path, queries: &[String]) -> Result<Vec<f64>, Failure> {
    const PAGE: &[&str] = &["search", "--output=messages", "--limit=50", "--sort=newest-first"];
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        for query in queries {
            let ask = |arguments: &[&str]| {
                let mut notmuch = Command::new("notmuch");
                notmuch.env("NOTMUCH_CONFIG", config).args(arguments).arg(query);
                measure(&mut notmuch).map(|measured| measured.seconds * 1000.0).context("notmuch")
            };
            times.push(ask(&["count"])? + ask(PAGE)?);
        }
    }
    Ok(times)
}

/// The least of the values that so many do not exceed.
fn quantile(values: &[f64], part: f64) -> Option<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let place = (values.len() as f64 * part).ceil() as usize;
    values.get(place.max(1) - 1).copied()
}

/// What is said before the sections on each size.
const HEAD: &str =
    "# Answers\n\nWritten by `cargo xtask bench search`: each size when it was last measured.\n\n";

/// What the small questions may take at most, by their quantile, in milliseconds; in the order in which they are asked.
const SMALL: [(&str, f64); 6] =
    [("p95", 5.0), ("max", 50.0), ("p95", 100.0), ("p95", 5.0), ("p95", 50.0), ("p95", 1.0)];

fn section(items: u64, kinds: &[Kind], checks: &[Value], circumstances: &str) -> String {
    let mut text = format!(
        "{}\n{circumstances}\n\nA first page is 50 rows with their total, marks and snippets, latest first if nothing else is said; times \
         are milliseconds within the process, nothing kept from one question to the next. Warm: each of up to 12 queries asked again \
         and again, by one caller and by eight at once. Cold: a new process, with nothing of the library in the system's cache; \
         median of up to {COLD} queries. FTS5 has the same texts, its rows in the order of their dates and an index of beginnings; it \
         counts and reads a page with snippets. notmuch counts and gives the ids of a page; its times are those of two processes.\n\n\
         | Question | Answers | p50 | p95 | p99 | 8 callers: p50 | p95 | p99 | Cold | FTS5: p50 | p95 | notmuch: p50 | p95 |\n\
         |---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
        sections::title(items)
    );
    for kind in kinds {
        let warm = &kind.warm;
        let time = |value: Option<f64>| value.map(|value| format!("{value:.2}")).unwrap_or_default();
        let of = |part: &str, what: &str| time(warm[part][what].as_f64());
        let fts5 = |what: &str| time(warm["fts5"]["alone"][what].as_f64());
        let (least, most) = (warm["least"].as_u64().unwrap_or(0), warm["most"].as_u64().unwrap_or(0));
        let answers = if least == most { most.to_string() } else { format!("{least} to {most}") };
        let _ = writeln!(
            text,
            "| {} | {answers} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            kind.name,
            of("alone", "p50"),
            of("alone", "p95"),
            of("alone", "p99"),
            of("together", "p50"),
            of("together", "p95"),
            of("together", "p99"),
            time(quantile(&kind.cold, 0.5)),
            fts5("p50"),
            fts5("p95"),
            time(quantile(&kind.notmuch, 0.5)),
            time(quantile(&kind.notmuch, 0.95)),
        );
    }
    let _ =
        write!(text, "\nAims, for one caller, warm, in milliseconds (they are set for a million items):\n\n");
    let mut aims = aims(items, kinds);
    for (check, (quantile, limit)) in checks.iter().zip(SMALL) {
        let what = format!("{quantile}: {}", check["what"].as_str().unwrap_or_default());
        aims.push(Target { what, measured: check["times"][quantile].as_f64(), limit, at_least: false });
    }
    text + &targets(&aims)
}

/// What each kind of question may take at most.
fn aims(items: u64, kinds: &[Kind]) -> Vec<Target> {
    let measured = |name: &str, what: &str| {
        kinds.iter().find(|kind| kind.name == name).and_then(|kind| kind.warm["alone"][what].as_f64())
    };
    let mut aims: Vec<Target> = kinds
        .iter()
        .map(|kind| {
            let most = kind.warm["most"].as_u64().unwrap_or(items);
            let limit = match kind.warm["ask"].as_str() {
                Some("complete") => 10.0,
                Some("insights" | "people" | "replies") => 150.0,
                _ if most <= items / SELECTIVE => 10.0,
                _ if most <= items / UNSELECTIVE => 50.0,
                _ => 150.0,
            };
            let what = format!("p95: {}", kind.name);
            Target { what, measured: measured(&kind.name, "p95"), limit, at_least: false }
        })
        .collect();
    for name in ["all mail", "the commonest word", "all mail by size", "all mail by sender"] {
        let first = measured(&format!("{name}, first page"), "p50");
        for how in ["cursor", "offset"] {
            let deep = measured(&format!("{name}, page 1,000 by {how}"), "p50");
            if let (Some(first), Some(deep)) = (first, deep) {
                let what = format!("page 1,000 by {how}, of the first ({name})");
                aims.push(Target { what, measured: Some(deep / first), limit: 2.0, at_least: false });
            }
        }
    }
    aims
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn quantiles() {
        let check =
            |values: &[f64], part, expected| assert_eq!(quantile(values, part), expected, "{values:?}");
        check(&[], 0.5, None);
        check(&[3.0, 1.0, 2.0], 0.5, Some(2.0));
        check(&[3.0, 1.0, 2.0], 0.95, Some(3.0));
        check(&[1.0], 0.0, Some(1.0));
    }

    #[test]
    fn aims_follow_from_what_answers() {
        let kind = |name: &str, ask: Value, most: u64, p95: f64| Kind {
            name: name.into(),
            warm: json!({ "ask": ask, "least": 1, "most": most, "alone": { "p50": p95 / 2.0, "p95": p95 } }),
            ..Kind::default()
        };
        let page = json!({ "page": "newest" });
        let kinds = [
            kind("rare", page.clone(), 10, 11.0),
            kind("some", page.clone(), 11, 11.0),
            kind("many", page.clone(), 9000, 90.0),
            kind("insights", json!("insights"), 1, 151.0),
            kind("completion", json!("complete"), 9, 9.0),
            kind("all mail, first page", page.clone(), 9999, 4.0),
            kind("all mail, page 1,000 by cursor", page, 9999, 9.0),
        ];
        let aims = aims(10_000, &kinds);
        let found: Vec<(f64, Option<f64>)> = aims.iter().map(|aim| (aim.limit, aim.measured)).collect();
        let expected = [10.0, 50.0, 150.0, 150.0, 10.0, 150.0, 150.0, 2.0];
        assert_eq!(found.iter().map(|found| found.0).collect::<Vec<_>>(), expected);
        assert_eq!(found[7].1, Some(2.25));
        let check = json!({ "what": "a row", "times": { "p95": 0.25 } });
        let text = section(10_000, &kinds, &[check], "Measured now.");
        for part in [
            "## 10000 items\n",
            "| rare | 1 to 10 | 5.50 | 11.00 |",
            "| p95: rare | ≤ 10.000 | 11.000 | **missed** |",
            "| p95: a row | ≤ 5.000 | 0.250 | reached |",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
