//! Kills at random moments: the next start goes on, and the library equals that of an undisturbed import.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used)]

use mailscope_pst::write::sample::write_sample;
use mailscope_pst::write::small::{Variant, write_many};
use mailscope_tests::{mailscope, program};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Kills of the ordinary run; `MAILSCOPE_KILLS` asks for more.
const KILLS: u64 = 60;
/// Kills of one library, after which its import may end in peace.
const KILLS_PER_LIBRARY: u64 = 12;
/// The longest life of an import that is killed, in milliseconds: about what an undisturbed one takes.
const LONGEST_MS: u64 = 700;

/// Everything that a search and the accounts tell of a library, whatever the ids.
fn told(library: &Path) -> Vec<String> {
    let mut told = Vec::new();
    for query in ["", "message", "choir", "has:attachment", "kind:contact OR kind:task", "in:inbox"] {
        let query = if query.is_empty() { "-zzzz" } else { query };
        let found =
            mailscope(library, ["search", "--limit", "5000", "--sort", "oldest", "--", query]).unwrap();
        let mut lines = found.json_lines().unwrap();
        let summary = lines.pop().unwrap();
        told.push(format!("{query}: {}", summary["total"]));
        let mut rows: Vec<String> = lines
            .iter_mut()
            .map(|row| {
                row.as_object_mut().unwrap().remove("id");
                row.to_string()
            })
            .collect();
        rows.sort();
        told.append(&mut rows);
    }
    // Two files at once: which of them comes first is chance.
    let mut sources: Vec<String> = mailscope(library, ["sources"])
        .unwrap()
        .json_lines()
        .unwrap()
        .iter()
        .map(|line| format!("{} {} {} {}", line["name"], line["counts"], line["complete"], line["gone"]))
        .collect();
    sources.sort();
    told.append(&mut sources);
    told
}

/// Both stores agree, sums included, whatever happened before.
fn check_stores(library: &Path, when: &str) {
    let verified = mailscope(library, ["verify"]).unwrap();
    assert_eq!(verified.code, Some(0), "{when}: {} {}", verified.stdout, verified.stderr);
}

/// Starts an import and kills it after `life`; tells whether it had ended by itself.
fn import_and_kill(library: &Path, files: &[PathBuf], life: Duration) -> bool {
    let mut child = Command::new(program("mailscope-cli", "mailscope").unwrap())
        .args(["--json", "--library"])
        .arg(library)
        .arg("import")
        .args(files)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(life);
    let ended = child.try_wait().unwrap().is_some();
    // On a process that has ended this does nothing.
    let _ = child.kill();
    child.wait().unwrap();
    ended
}

#[test]
fn killed_imports_go_on_and_come_to_the_same() {
    let place = tempfile::tempdir().unwrap();
    let files = [place.path().join("many.pst"), place.path().join("sample.pst")];
    write_many(&files[0], Variant::default(), 1500).unwrap();
    write_sample(&files[1]).unwrap();
    let paths: Vec<&std::ffi::OsStr> =
        std::iter::once("import".as_ref()).chain(files.iter().map(|f| f.as_os_str())).collect();
    let undisturbed = place.path().join("undisturbed");
    assert_eq!(mailscope(&undisturbed, &paths).unwrap().code, Some(0));
    let expected = told(&undisturbed);

    let wanted: u64 = std::env::var("MAILSCOPE_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(KILLS);
    let (mut kills, mut libraries, mut random) = (0, 0, 0x2545_f491_4f6c_dd1d_u64);
    while kills < wanted {
        let library = place.path().join(format!("library-{libraries}"));
        libraries += 1;
        for _ in 0..KILLS_PER_LIBRARY {
            // xorshift64: the same moments in every run, as far as the machine allows.
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let life = Duration::from_millis(random % LONGEST_MS);
            if import_and_kill(&library, &files, life) {
                break;
            }
            kills += 1;
            check_stores(&library, &format!("after kill {kills}, {life:?} into library {libraries}"));
        }
        assert_eq!(mailscope(&library, &paths).unwrap().code, Some(0));
        check_stores(&library, "at the end");
        let found = told(&library);
        let different = expected.iter().zip(&found).find(|(expected, found)| expected != found);
        assert!(
            different.is_none() && found.len() == expected.len(),
            "library {libraries}, after {kills} kills in all: {different:?}"
        );
    }
    eprintln!("{kills} kills of {libraries} imports");
}
