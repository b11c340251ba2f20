//! What the window's about page says that Mailscope is made with, by licence.

use crate::packages;
use crate::project::Project;
use crate::shell::{Context as _, Failure, command, output, say};
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

const TARGET: &str = "ui/src/app/licences.json";
/// The package that people get: what it is linked from is named.
const PROGRAM: &str = "mailscope-desktop";

/// Names of packages, by licence.
type Licences = BTreeMap<String, BTreeSet<String>>;

/// Writes the list anew, for all systems: what only another one needs is fetched where it is not there.
///
/// # Errors
/// What cargo or npm say, or when the file cannot be written.
pub fn write(project: &Project) -> Result<(), Failure> {
    packages::ensure_npm(&project.ui())?;
    let mut all = linked(&metadata(project, &[])?)?;
    add(&mut all, npm(project)?);
    project.make(TARGET, &written(&all))
}

/// Checks, with what the build for this system has fetched, that the list names all that is in the program here, and nothing that
/// the project no longer knows.
///
/// # Errors
/// The first packages that are missing, or too many.
pub fn check(project: &Project) -> Result<(), Failure> {
    let version = output(&mut command(&project.root, "rustc", ["-vV"]))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
    let mut here = linked(&metadata(project, &["--offline", "--filter-platform", host])?)?;
    let npm = npm(project)?;
    let lock = fs::read_to_string(project.root.join("Cargo.lock")).context("Cargo.lock")?;
    let mut known = locked(&lock);
    known.extend(npm.values().flatten().cloned());
    add(&mut here, npm);
    let text = fs::read_to_string(project.root.join(TARGET)).context(TARGET)?;
    let told = read(&text).context(TARGET)?;
    match difference(&told, &here, &known) {
        None => {
            say(format_args!("{TARGET} is up to date"));
            Ok(())
        }
        Some(fault) => Err(Failure::new(format!("{TARGET} {fault}; run `cargo xtask codegen`"))),
    }
}

fn metadata(project: &Project, more: &[&str]) -> Result<Value, Failure> {
    let arguments = [&["metadata", "--format-version=1", "--locked"], more].concat();
    let text = output(&mut command(&project.root, "cargo", arguments))?;
    serde_json::from_str(&text).context("cargo metadata")
}

/// The crates of others that the program is linked from, not those that only build or test it.
fn linked(metadata: &Value) -> Result<Licences, Failure> {
    let list = |value: &'_ Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let packages: BTreeMap<String, Value> =
        list(&metadata["packages"]).into_iter().map(|one| (text(&one["id"]), one)).collect();
    let nodes: BTreeMap<String, Value> =
        list(&metadata["resolve"]["nodes"]).into_iter().map(|one| (text(&one["id"]), one)).collect();
    let program = packages.iter().find(|(_, one)| one["name"] == PROGRAM);
    let program = program.ok_or_else(|| Failure::new(format!("cargo metadata knows no {PROGRAM}")))?;
    let mut wanted = vec![program.0.clone()];
    let mut seen = BTreeSet::new();
    let mut found = Licences::new();
    while let Some(id) = wanted.pop() {
        if !seen.insert(id.clone()) {
            continue;
        }
        if let Some(one) = packages.get(&id).filter(|one| !one["source"].is_null()) {
            let licence = one["license"].as_str().unwrap_or("other").replace('/', " OR ");
            let licence = licence.split_whitespace().collect::<Vec<_>>().join(" ");
            found.entry(licence).or_default().insert(text(&one["name"]));
        }
        for one in nodes.get(&id).map(|node| list(&node["deps"])).unwrap_or_default() {
            // A kind of null is that of what the program itself uses.
            if list(&one["dep_kinds"]).iter().any(|kind| kind["kind"].is_null()) {
                wanted.push(text(&one["pkg"]));
            }
        }
    }
    Ok(found)
}

/// What the pages of the window are built with and from.
fn npm(project: &Project) -> Result<Licences, Failure> {
    let read = |path: &str| -> Result<Value, Failure> {
        let text = fs::read_to_string(project.ui().join(path)).context(path)?;
        serde_json::from_str(&text).context(path)
    };
    let package = read("package.json")?;
    let mut names: Vec<String> = vec!["svelte".to_owned()];
    names.extend(package["dependencies"].as_object().into_iter().flat_map(|all| all.keys().cloned()));
    let mut found = Licences::new();
    for name in names {
        let one = read(&format!("node_modules/{name}/package.json"))?;
        found.entry(one["license"].as_str().unwrap_or("other").to_owned()).or_default().insert(name);
    }
    Ok(found)
}

fn add(all: &mut Licences, more: Licences) {
    for (licence, names) in more {
        all.entry(licence).or_default().extend(names);
    }
}

/// The list as JSON: the licence of most packages first.
fn written(all: &Licences) -> String {
    let mut sorted: Vec<_> = all.iter().collect();
    sorted.sort_by_key(|(licence, names)| (Reverse(names.len()), *licence));
    let lines: Vec<String> = sorted
        .into_iter()
        .map(|(licence, names)| {
            let names: Vec<String> = names.iter().map(|name| format!("    {}", json!(name))).collect();
            format!("  {}: [\n{}\n  ]", json!(licence), names.join(",\n"))
        })
        .collect();
    format!("{{\n{}\n}}\n", lines.join(",\n"))
}

fn read(text: &str) -> Result<Licences, Failure> {
    serde_json::from_str::<Value>(text).context("it is no JSON").and_then(|value| {
        let all = value.as_object().ok_or_else(|| Failure::new("it is no list by licence"))?;
        let names = |list: &Value| {
            list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        Ok(all.iter().map(|(licence, list)| (licence.clone(), names(list))).collect())
    })
}

/// The names of all packages in a lock file of cargo.
fn locked(lock: &str) -> BTreeSet<String> {
    let name = |line: &str| line.strip_prefix("name = \"")?.strip_suffix('"').map(str::to_owned);
    lock.lines().filter_map(name).collect()
}

/// What is wrong with the list `told`, where the program holds `here` on this system and the project knows the packages `known`.
fn difference(told: &Licences, here: &Licences, known: &BTreeSet<String>) -> Option<String> {
    let missing = here.iter().find_map(|(licence, names)| {
        let listed = told.get(licence);
        let name = names.iter().find(|name| listed.is_none_or(|listed| !listed.contains(*name)))?;
        Some(format!("lacks {name} ({licence})"))
    });
    let over = || told.values().flatten().find(|name| !known.contains(*name));
    missing.or_else(|| over().map(|name| format!("names {name}, which is no longer used")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn licences(list: &[(&str, &[&str])]) -> Licences {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        list.iter().map(|(licence, list)| ((*licence).to_owned(), names(list))).collect()
    }

    #[test]
    fn what_is_linked_is_named_and_nothing_else() {
        let package = |id: &str, name: &str, source: Value, license: Value| json!({ "id": id, "name": name, "source": source, "license": license });
        let node = |id: &str, deps: &[(&str, Value)]| {
            let deps: Vec<Value> =
                deps.iter().map(|(id, kind)| json!({ "pkg": id, "dep_kinds": [{ "kind": kind }] })).collect();
            json!({ "id": id, "deps": deps })
        };
        let registry = || json!("registry");
        let metadata = json!({
            "packages": [
                package("0", PROGRAM, Value::Null, json!("MIT")),
                package("1", "own", Value::Null, json!("MIT")),
                package("2", "used", registry(), json!("MIT/Apache-2.0")),
                package("3", "builds", registry(), json!("MIT")),
                package("4", "deep", registry(), Value::Null),
                package("5", "stranger", registry(), json!("MIT")),
            ],
            "resolve": { "nodes": [
                node("0", &[("1", Value::Null), ("3", json!("build"))]),
                node("1", &[("2", Value::Null)]),
                node("2", &[("4", Value::Null), ("1", json!("dev"))]),
                node("5", &[]),
            ] },
        });
        assert_eq!(
            linked(&metadata).unwrap(),
            licences(&[("MIT OR Apache-2.0", &["used"]), ("other", &["deep"])])
        );
        assert!(linked(&json!({})).is_err());
    }

    #[test]
    fn the_list_is_written_and_read() {
        let all = licences(&[("A", &["x"]), ("B", &["y", "z"]), ("C \"quoted\"", &["w"])]);
        let text = written(&all);
        assert_eq!(read(&text).unwrap(), all);
        assert!(text.starts_with("{\n  \"B\": [\n    \"y\",\n    \"z\"\n  ],\n  \"A\": ["), "{text}");
        assert!(read("[]").is_err());
        assert!(read("{").is_err());
    }

    #[test]
    fn a_stale_list_is_told() {
        let check = |told: &[(&str, &[&str])], here: &[(&str, &[&str])], expected: Option<&str>| {
            let known = locked("[[package]]\nname = \"a\"\nversion = \"1\"\n\nname = \"b\"\n");
            assert_eq!(difference(&licences(told), &licences(here), &known).as_deref(), expected);
        };
        check(&[("M", &["a"])], &[("M", &["a"])], None);
        // Of other systems.
        check(&[("M", &["a", "b"])], &[("M", &["a"])], None);
        check(&[("M", &["b"])], &[("M", &["a"])], Some("lacks a (M)"));
        check(&[("M", &["a"])], &[("Z", &["a"])], Some("lacks a (Z)"));
        check(&[("M", &["a", "c"])], &[("M", &["a"])], Some("names c, which is no longer used"));
    }
}
