//! Kills at named points and at random moments, and disks that fill: the next start goes on, and the library equals that of an
//! undisturbed import.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used)]

use mailscope_engine::{JobState, Library, LibraryOptions, Point};
use mailscope_pst::write::sample::write_sample;
use mailscope_pst::write::small::{Variant, write_many};
use mailscope_tests::{mailscope, program};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Kills at random moments in the ordinary run; `MAILSCOPE_KILLS` asks for more.
const KILLS: u64 = 180;
/// At each named point an import is killed when it comes there for the first, second, … time, as far as it does.
const TIMES: [u64; 8] = [1, 2, 3, 4, 6, 9, 70, 1400];
/// Kills of one library, after which its import may end in peace.
const KILLS_PER_LIBRARY: u64 = 12;
/// The longest life of an import that is killed, in milliseconds: about what an undisturbed one takes.
const LONGEST_MS: u64 = 250;

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
    for fold in ["duplicates", "conversations"] {
        let found =
            mailscope(library, ["search", "--limit", "5000", &format!("--fold={fold}"), "--", "-zzzz"])
                .unwrap();
        let mut sizes: Vec<u64> =
            found.json_lines().unwrap().iter().filter_map(|row| row["stands_for"].as_u64()).collect();
        sizes.sort_unstable();
        told.push(format!("{fold}: {sizes:?}"));
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
    let mut child = Command::new(program("mailscope").unwrap())
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

/// Files to import, and what an undisturbed library tells of them.
struct Known {
    place: tempfile::TempDir,
    files: [PathBuf; 2],
    expected: Vec<String>,
}

impl Known {
    fn new(many: usize) -> Self {
        let place = tempfile::tempdir().unwrap();
        let files = [place.path().join("many.pst"), place.path().join("sample.pst")];
        write_many(&files[0], Variant::default(), many).unwrap();
        write_sample(&files[1]).unwrap();
        let mut known = Self { place, files, expected: Vec::new() };
        let undisturbed = known.place.path().join("undisturbed");
        assert_eq!(known.import(&undisturbed), Some(0));
        known.expected = told(&undisturbed);
        known
    }

    fn import(&self, library: &Path) -> Option<i32> {
        let command = ["import", "--attachments-text"].map(std::ffi::OsStr::new);
        let arguments = command.into_iter().chain(self.files.iter().map(|f| f.as_os_str()));
        mailscope(library, arguments).unwrap().code
    }

    /// Imports in peace, and expects what an undisturbed library tells.
    fn check_end(&self, library: &Path, when: &str) {
        assert_eq!(self.import(library), Some(0), "{when}");
        check_stores(library, when);
        let found = told(library);
        let different = self.expected.iter().zip(&found).find(|(expected, found)| expected != found);
        assert!(different.is_none() && found.len() == self.expected.len(), "{when}: {different:?}");
    }
}

#[test]
fn imports_killed_at_random_moments_go_on_and_come_to_the_same() {
    let known = Known::new(1500);
    let wanted: u64 = std::env::var("MAILSCOPE_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(KILLS);
    let (mut kills, mut libraries, mut random) = (0, 0, 0x2545_f491_4f6c_dd1d_u64);
    while kills < wanted {
        let library = known.place.path().join(format!("library-{libraries}"));
        libraries += 1;
        let mut was_there = false;
        for _ in 0..KILLS_PER_LIBRARY {
            // xorshift64: the same moments in every run, as far as the machine allows.
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let life = Duration::from_millis(random % LONGEST_MS);
            if import_and_kill(&library, &known.files, life) {
                break;
            }
            kills += 1;
            let when = format!("after kill {kills}, {life:?} into library {libraries}");
            // A slow machine may not have come to make the library; once made, it stays.
            let is_there = library.join("library.sqlite").exists();
            assert!(is_there || !was_there, "{when}: the library is gone");
            was_there = is_there;
            if is_there {
                check_stores(&library, &when);
            } else {
                assert_eq!(mailscope(&library, ["verify"]).unwrap().code, Some(1), "{when}: no library");
            }
        }
        known.check_end(&library, &format!("library {libraries}, after {kills} kills in all"));
        std::fs::remove_dir_all(&library).unwrap();
    }
    eprintln!("{kills} kills of {libraries} imports");
}

#[test]
fn imports_killed_between_any_two_steps_go_on_and_come_to_the_same() {
    let known = Known::new(1500);
    let importer = program("importer").unwrap();
    let mut kills = 0;
    for point in Point::ALL {
        let before = kills;
        for nth in TIMES {
            let library = known.place.path().join(format!("{point:?}-{nth}"));
            let status = Command::new(&importer)
                .arg(&library)
                .arg(format!("{point:?}"))
                .arg(nth.to_string())
                .args(&known.files)
                .stderr(Stdio::null())
                .status()
                .unwrap();
            if status.success() {
                // The import does not come there so often.
                break;
            }
            assert_eq!(status.code(), None, "{point:?}, {nth}: the importer could not work");
            kills += 1;
            check_stores(&library, &format!("{point:?}, {nth}"));
            known.check_end(&library, &format!("{point:?}, {nth}"));
            std::fs::remove_dir_all(&library).unwrap();
        }
        assert!(kills > before, "no import ever comes to {point:?}");
    }
    eprintln!("{kills} kills at {} points", Point::ALL.len());
}

/// What waits when its process is killed still waits at the next start, for as long as nobody has it go on, and then comes to the same.
#[test]
fn imports_killed_while_they_wait_still_wait_and_come_to_the_same() {
    let known = Known::new(1500);
    let importer = program("importer").unwrap();
    let mut kills = 0;
    for (point, nth) in
        [("Planned", 1), ("Begun", 1), ("ItemStored", 1), ("ItemStored", 700), ("StoreCommitted", 3)]
    {
        let when = format!("paused at {point} {nth}");
        let folder = known.place.path().join(format!("paused-{point}-{nth}"));
        let status = Command::new(&importer)
            .arg(&folder)
            .arg(format!("pause:{point}"))
            .arg(nth.to_string())
            .args(&known.files)
            .stderr(Stdio::null())
            .status()
            .unwrap();
        if status.success() {
            // A fast machine was through before.
            known.check_end(&folder, &when);
            continue;
        }
        assert_eq!(status.code(), None, "{when}: the importer could not work");
        kills += 1;
        check_stores(&folder, &when);
        for start in 1..=2 {
            let library = Library::open(LibraryOptions::new(folder.clone())).unwrap();
            let waiting = library.resume_unfinished().unwrap();
            assert!(!waiting.is_empty(), "{when}: start {start} knows of nothing");
            let states = || library.jobs().into_iter().map(|job| job.state).collect::<Vec<_>>();
            std::thread::sleep(Duration::from_millis(200));
            assert!(
                states().iter().all(|state| *state == JobState::Paused),
                "{when}: {start} {:?}",
                states()
            );
            if start == 2 {
                for job in waiting {
                    library.resume(job).unwrap();
                }
                library.wait_idle();
                assert!(states().iter().all(|state| *state == JobState::Done), "{when}: {:?}", states());
            }
        }
        check_stores(&folder, &when);
        known.check_end(&folder, &when);
        let library = Library::open(LibraryOptions::new(folder)).unwrap();
        assert_eq!(library.resume_unfinished().unwrap(), [], "{when}");
    }
    assert!(kills > 2, "no import ever waited");
}

#[test]
fn a_disk_that_fills_costs_nothing_that_was_committed() {
    let known = Known::new(1500);
    let program = program("mailscope").unwrap();
    let disk = known.place.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    // In a namespace of its own a process may mount a small disk, which nobody else sees, and which goes with it.
    let script = r#"
        mount -t tmpfs -o size="$1" none "$2" || exit 77
        "$3" --json --library "$2/library" import "$4" "$5" > "$2.full" 2>&1
        echo "full: $?"
        mount -o remount,size=256m "$2" || exit 77
        "$3" --json --library "$2/library" verify > "$2.verify" 2>&1
        echo "verify: $?"
        cp -r "$2/library" "$2.kept"
    "#;
    let mut full = 0;
    for size in ["300k", "700k", "1m", "1500k", "2m", "2500k", "3m"] {
        let ran = Command::new("unshare")
            .args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", size])
            .arg(&disk)
            .arg(&program)
            .args(&known.files)
            .output();
        let Some(ran) = ran.ok().filter(|ran| ran.status.success()) else {
            eprintln!(
                "SKIPPED a_disk_that_fills_costs_nothing_that_was_committed: no small disk can be mounted here"
            );
            return;
        };
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        let told_full = std::fs::read_to_string(disk.with_extension("full")).unwrap();
        let kept = disk.with_extension("kept");
        if said.contains("full: 1") || said.contains("full: 3") {
            full += 1;
            assert!(told_full.contains("no_space"), "{size}: {told_full}");
        } else {
            assert!(said.contains("full: 0"), "{size}: {said} {told_full}");
        }
        if kept.join("library.sqlite").exists() {
            let verify = std::fs::read_to_string(disk.with_extension("verify")).unwrap();
            assert!(said.contains("verify: 0"), "{size}: {said} {verify}");
        }
        known.check_end(&kept, size);
        std::fs::remove_dir_all(&kept).unwrap();
    }
    assert!(full >= 3, "the disk was full only {full} times");
}
