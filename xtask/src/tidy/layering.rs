//! Who may use whom.

use super::Finding;
use crate::shell::Failure;
use serde_json::Value;
use std::path::PathBuf;

/// Each of our packages, with those of ours that it may use. Tests may use whatever lies below them.
const LAYERS: &[(&str, &[&str])] = &[
    ("mailscope-pst", &[]),
    ("mailscope-generate", &["mailscope-pst"]),
    ("mailscope-extract", &["mailscope-pst"]),
    ("mailscope-engine", &["mailscope-extract", "mailscope-pst"]),
    ("mailscope-api", &["mailscope-engine"]),
    ("mailscope-cli", &["mailscope-api", "mailscope-engine"]),
    ("mailscope-desktop", &["mailscope-api", "mailscope-engine"]),
    ("mailscope-tests", &["mailscope-api", "mailscope-engine", "mailscope-pst"]),
    ("xtask", &[]),
];

/// Packages of others (by the beginning of their names), and who alone may use them.
const ONLY: &[(&str, &[&str])] = &[("tauri", &["mailscope-desktop"]), ("wry", &[]), ("tao", &[])];

/// Packages of others (by the beginning of their names), and who must not use them, in tests neither.
const NEVER: &[(&str, &[&str])] = &[
    ("serde", &["mailscope-pst", "mailscope-generate"]),
    (
        "rusqlite",
        &["mailscope-pst", "mailscope-extract", "mailscope-api", "mailscope-cli", "mailscope-desktop"],
    ),
    ("r2d2", &["mailscope-pst", "mailscope-extract", "mailscope-api", "mailscope-cli", "mailscope-desktop"]),
    (
        "tantivy",
        &["mailscope-pst", "mailscope-extract", "mailscope-api", "mailscope-cli", "mailscope-desktop"],
    ),
    ("rayon", &["mailscope-pst"]),
    ("tokio", &["mailscope-pst", "mailscope-extract", "mailscope-engine"]),
];

/// A package of the workspace, as far as the layering concerns it.
pub struct Package {
    name: String,
    dependencies: Vec<Dependency>,
    /// The first source files of its libraries and programs.
    pub roots: Vec<PathBuf>,
}

struct Dependency {
    name: String,
    for_tests: bool,
}

/// Reads the packages out of `cargo metadata`.
///
/// # Errors
/// When it has not the shape that cargo documents.
pub fn packages(metadata: &Value) -> Result<Vec<Package>, Failure> {
    let shape = || Failure::new("cargo metadata has not the documented shape");
    let text = |value: &Value| value.as_str().map(str::to_owned).ok_or_else(shape);
    let list = |value: &Value| value.as_array().cloned().ok_or_else(shape);
    let mut packages = Vec::new();
    for package in list(&metadata["packages"])? {
        let mut dependencies = Vec::new();
        for dependency in list(&package["dependencies"])? {
            let for_tests = dependency["kind"] == "dev";
            dependencies.push(Dependency { name: text(&dependency["name"])?, for_tests });
        }
        let mut roots = Vec::new();
        for target in list(&package["targets"])? {
            if list(&target["kind"])?.iter().any(|kind| kind == "lib" || kind == "bin") {
                roots.push(PathBuf::from(text(&target["src_path"])?));
            }
        }
        packages.push(Package { name: text(&package["name"])?, dependencies, roots });
    }
    Ok(packages)
}

/// Finds dependencies that cross a border.
pub fn check(packages: &[Package]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in packages {
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == package.name) else {
            findings.push(Finding::new(
                &package.name,
                "is in no layer; give it its place in xtask/src/tidy/layering.rs",
            ));
            continue;
        };
        for dependency in &package.dependencies {
            if let Some(what) = verdict(&package.name, allowed, dependency) {
                findings.push(Finding::new(&package.name, what));
            }
        }
    }
    findings
}

fn verdict(package: &str, allowed: &[&str], dependency: &Dependency) -> Option<String> {
    let name = dependency.name.as_str();
    let is_ours = LAYERS.iter().any(|(ours, _)| *ours == name);
    if is_ours && !allowed.contains(&name) && !(dependency.for_tests && below(package).contains(&name)) {
        return Some(format!("must not use {name}"));
    }
    let hit =
        |rule: &str| name == rule || name.strip_prefix(rule).is_some_and(|rest| rest.starts_with(['-', '_']));
    if let Some((rule, users)) = ONLY.iter().find(|(rule, _)| hit(rule))
        && !users.contains(&package)
    {
        return Some(format!("must not use {name}: {rule} is for {}", users.join(", ")));
    }
    let never = NEVER.iter().any(|(rule, packages)| hit(rule) && packages.contains(&package));
    never.then(|| format!("must not use {name}"))
}

/// All packages of ours below `package`, at any depth.
fn below(package: &str) -> Vec<&'static str> {
    let direct = LAYERS.iter().find(|(name, _)| *name == package).map_or(&[][..], |(_, uses)| uses);
    direct.iter().flat_map(|name| std::iter::once(*name).chain(below(name))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// One package `name` with dependencies "name" or "name dev", and whether it is in order.
    fn check_one(name: &str, dependencies: &[&str], expected: bool) {
        let dependencies: Vec<Value> = dependencies
            .iter()
            .map(|text| match text.split_once(' ') {
                Some((name, kind)) => json!({ "name": name, "kind": kind }),
                None => json!({ "name": text, "kind": null }),
            })
            .collect();
        let targets = json!([{ "kind": ["lib"], "src_path": "/x/src/lib.rs" }, { "kind": ["test"], "src_path": "/x/t.rs" }]);
        let metadata = json!({ "packages": [{ "name": name, "dependencies": dependencies.clone(), "targets": targets }] });
        let packages = packages(&metadata).unwrap();
        assert_eq!(packages[0].roots, [PathBuf::from("/x/src/lib.rs")]);
        let findings = check(&packages);
        assert_eq!(findings.is_empty(), expected, "{name} {dependencies:?}: {findings:?}");
    }

    #[test]
    fn borders_between_packages_are_kept() {
        check_one("mailscope-pst", &["encoding_rs", "tempfile dev"], true);
        check_one("mailscope-pst", &["mailscope-engine"], false);
        check_one("mailscope-pst", &["mailscope-engine dev"], false);
        check_one("mailscope-engine", &["mailscope-pst", "tantivy", "rusqlite", "serde"], true);
        check_one("mailscope-engine", &["mailscope-api"], false);
        check_one("mailscope-engine", &["mailscope-extract"], true);
        check_one("mailscope-extract", &["mailscope-pst", "zip", "cfb"], true);
        check_one("mailscope-extract", &["mailscope-engine"], false);
        check_one("mailscope-extract", &["rusqlite"], false);
        check_one("mailscope-api", &["mailscope-engine", "mailscope-pst dev"], true);
        check_one("mailscope-api", &["mailscope-pst"], false);
        check_one("mailscope-cli", &["mailscope-api", "mailscope-engine"], true);
        check_one("mailscope-cli", &["mailscope-pst"], false);
        check_one("mailscope-desktop", &["mailscope-api", "mailscope-cli"], false);
        check_one("mailscope-tests", &["mailscope-pst", "mailscope-engine"], true);
        check_one("xtask", &["serde_json"], true);
        check_one("xtask", &["mailscope-pst"], false);
        check_one("mailscope-generate", &["mailscope-pst", "clap"], true);
        check_one("mailscope-generate", &["mailscope-engine"], false);
        check_one("mailscope-engine", &["mailscope-generate dev"], false);
        check_one("mailscope-new", &[], false);
    }

    #[test]
    fn packages_of_others_stay_where_they_belong() {
        check_one("mailscope-desktop", &["tauri", "tauri-plugin-dialog", "tauri-build build"], true);
        check_one("mailscope-cli", &["tauri"], false);
        check_one("mailscope-api", &["tauri-utils dev"], false);
        check_one("mailscope-pst", &["serde"], false);
        check_one("mailscope-pst", &["serde_json dev"], false);
        check_one("mailscope-pst", &["rusqlite"], false);
        check_one("mailscope-pst", &["tantivy"], false);
        check_one("mailscope-api", &["serde", "serde_json"], true);
        check_one("mailscope-api", &["r2d2_sqlite"], false);
        check_one("mailscope-engine", &["serdeish", "tauritania"], true);
        check_one("mailscope-desktop", &["wry"], false);
    }

    #[test]
    fn a_foreign_shape_is_told() {
        assert!(packages(&json!({})).is_err());
        assert!(packages(&json!({ "packages": [{ "name": 1 }] })).is_err());
    }
}
