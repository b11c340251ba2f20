//! Libraries to which nothing may be written: all of them can be asked, none can be changed, and what cannot be told is said.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used)]

use mailscope_engine::{Library, LibraryOptions};
use mailscope_pst::write::small::{Variant, write_many};
use mailscope_tests::{Outcome, mailscope, program};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Has a command run where `$1` is a medium that is read-only, in a namespace of its own, which goes with it.
const READ_ONLY: &str = r#"
    mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" || exit 77
    shift
    exec "$@"
"#;

/// A library of two files, and what lies beside it.
struct Bench {
    place: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let bench = Self { place: tempfile::tempdir().unwrap() };
        for (name, many) in [("one.pst", 30), ("two.pst", 12)] {
            write_many(bench.path(name), Variant::default(), many).unwrap();
        }
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    fn import(&self, library: &str, file: &str) {
        let done = mailscope(&self.path(library), ["import".as_ref(), self.path(file).as_os_str()]).unwrap();
        assert_eq!(done.code, Some(0), "{}", done.stderr);
    }

    /// Copies a folder as it is now.
    fn copy(&self, from: &str, to: &str) {
        let copied = Command::new("cp").arg("-r").args([self.path(from), self.path(to)]).status().unwrap();
        assert!(copied.success());
    }

    /// Runs the program beside the library as on a read-only medium; `None` where there can be none.
    fn ask(&self, library: &str, arguments: &[&str]) -> Option<Outcome> {
        let library = self.path(library);
        let before = listed(&library);
        let ran = Command::new("unshare")
            .args(["--user", "--map-root-user", "--mount", "sh", "-c", READ_ONLY, "sh"])
            .arg(&library)
            .arg(program("mailscope").unwrap())
            .args(["--json", "--library"])
            .arg(&library)
            .args(arguments)
            .output()
            .ok()
            .filter(|ran| ran.status.code() != Some(77))?;
        assert_eq!(listed(&library), before, "{arguments:?}: something was written");
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Some(Outcome { code: ran.status.code(), stdout: text(ran.stdout), stderr: text(ran.stderr) })
    }
}

/// Names of all files below a folder, with their sizes.
fn listed(folder: &Path) -> Vec<(PathBuf, u64)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        match entry.file_type().unwrap().is_dir() {
            true => found.append(&mut listed(&entry.path())),
            false => found.push((entry.path(), entry.metadata().unwrap().len())),
        }
    }
    found.sort();
    found
}

fn skip(test: &str) {
    eprintln!("SKIPPED {test}: no read-only medium can be mounted here");
}

#[test]
fn a_library_on_a_read_only_medium_is_asked_and_not_changed() {
    let bench = Bench::new();
    // A name that has a meaning in the addresses of databases.
    let library = "case #1, 50% ?";
    bench.import(library, "one.pst");
    let Some(found) = bench.ask(library, &["search", "--limit", "3", "message"]) else {
        return skip("a_library_on_a_read_only_medium_is_asked_and_not_changed");
    };
    assert_eq!(
        (found.code, found.summary().unwrap()["total"].as_u64()),
        (Some(0), Some(30)),
        "{}",
        found.stderr
    );
    assert_eq!(found.stderr, "");
    let id = found.json_lines().unwrap()[0]["id"].to_string();
    let export = bench.path("export.csv");
    for (arguments, expected) in [
        (vec!["show", &id], Some(0)),
        (vec!["thread", &id], Some(0)),
        (vec!["stats"], Some(0)),
        (vec!["people"], Some(0)),
        (vec!["sources"], Some(0)),
        (vec!["monitor"], Some(0)),
        (vec!["audit"], Some(0)),
        (vec!["export", "--format", "csv", "-o", export.to_str().unwrap(), "message"], Some(0)),
    ] {
        let asked = bench.ask(library, &arguments).unwrap();
        assert_eq!(asked.code, expected, "{arguments:?}: {} {}", asked.stdout, asked.stderr);
    }
    let two = bench.path("two.pst");
    for arguments in [vec!["import", two.to_str().unwrap()], vec!["flag", "message"], vec!["verify"]] {
        let refused = bench.ask(library, &arguments).unwrap();
        assert_ne!(refused.code, Some(0), "{arguments:?}");
        let said = format!("{}{}", refused.stdout, refused.stderr);
        assert!(said.contains("permission_denied") && said.contains("Nothing may be written"), "{said}");
    }
}

/// Whoever may read the folder can search it.
#[cfg(unix)]
#[test]
fn no_file_of_a_library_is_kept_from_those_who_may_read_the_others() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::new();
    for file in ["one.pst", "two.pst"] {
        bench.import("library", file);
        let readers = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o444;
        let usual = readers(&bench.path("library/library.sqlite"));
        for (path, _) in listed(&bench.path("library")) {
            // tantivy's locks hold nothing.
            if !path.ends_with(".tantivy-meta.lock") && !path.ends_with(".tantivy-writer.lock") {
                assert_eq!(readers(&path), usual, "{}", path.display());
            }
        }
    }
}

#[test]
fn what_was_taken_in_last_is_found_or_missed_aloud() {
    let bench = Bench::new();
    {
        let library = Library::open(LibraryOptions::new(bench.path("open"))).unwrap();
        for file in ["one.pst", "two.pst"] {
            library.import(&[bench.path(file)]);
            library.wait_idle();
            bench.copy("open", file.strip_suffix(".pst").unwrap());
        }
    }
    let log = bench.path("two/library.sqlite-wal").metadata().unwrap().len();
    assert!(log > 0, "nothing waits in the log");
    // Written to the log alone: SQLite needs the file beside it.
    let Some(found) = bench.ask("two", &["search", "message"]) else {
        return skip("what_was_taken_in_last_is_found_or_missed_aloud");
    };
    assert_eq!(found.summary().unwrap()["total"], 42, "{}", found.stderr);
    // An index that was not finished.
    std::fs::remove_dir_all(bench.path("two/index")).unwrap();
    bench.copy("one/index", "two/index");
    let found = bench.ask("two", &["search", "message"]).unwrap();
    assert_eq!(found.summary().unwrap()["total"], 30);
    assert!(found.stderr.contains("searches miss what was taken in last"), "{}", found.stderr);
    std::fs::remove_file(bench.path("two/library.sqlite-shm")).unwrap();
    let refused = bench.ask("two", &["search", "message"]).unwrap();
    assert_ne!(refused.code, Some(0), "{}", refused.stdout);
    let said = format!("{}{}", refused.stdout, refused.stderr);
    assert!(said.contains("library_unusable") && said.contains("not in its database yet"), "{said}");
}
