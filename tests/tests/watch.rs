//! Watching on the command line: what is remembered, and what becomes of a file that comes into a watched folder.

#![cfg(unix)]
// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used, clippy::panic)]

use mailscope_tests::{Outcome, mailscope, program};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

/// A program that is still running after so long will not say any more what is waited for.
const PATIENCE: Duration = Duration::from_secs(120);

/// `mailscope watch run`, ended at the latest when nobody has patience any more.
struct Watching {
    child: u32,
    lines: Lines<BufReader<ChildStdout>>,
    ended: std::thread::JoinHandle<Option<i32>>,
    _alive: Sender<()>,
}

impl Watching {
    fn start(library: &Path) -> Self {
        let mut command = Command::new(program("mailscope").unwrap());
        command.arg("--json").arg("--library").arg(library).args(["watch", "run"]);
        let mut child: Child = command.stdout(Stdio::piped()).spawn().unwrap();
        let (id, out) = (child.id(), child.stdout.take().unwrap());
        let (alive, over) = channel::<()>();
        let ended = std::thread::spawn(move || {
            if over.recv_timeout(PATIENCE).is_err_and(|e| e == std::sync::mpsc::RecvTimeoutError::Timeout) {
                let _ = child.kill();
            }
            child.wait().unwrap().code()
        });
        Self { child: id, lines: BufReader::new(out).lines(), ended, _alive: alive }
    }

    /// The next file that it took in.
    fn next(&mut self) -> Value {
        let line = self.lines.next().unwrap_or_else(|| panic!("the program ended")).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// Tells it to end, as a system does that shuts down; gives its exit status.
    fn end(self) -> Option<i32> {
        let told = Command::new("kill").args(["-TERM", &self.child.to_string()]).status().unwrap();
        assert!(told.success());
        drop(self._alive);
        self.ended.join().unwrap()
    }
}

#[test]
fn files_of_a_watched_folder_are_taken_in_as_they_come() {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("library");
    let run = |arguments: &[&str]| -> Outcome { mailscope(&library, arguments).unwrap() };
    let mail = folder.path().join("mail");
    std::fs::create_dir(&mail).unwrap();
    let shown = mail.canonicalize().unwrap().to_string_lossy().into_owned();
    let one = mail.join("one.pst");
    assert_eq!(run(&["sample", &one.to_string_lossy()]).code, Some(0));

    let refused = run(&["watch", "run"]);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains("Nothing is watched"), "{}", refused.stderr);
    let added = run(&["watch", "add", &mail.to_string_lossy()]);
    assert_eq!(added.code, Some(0), "{}", added.stderr);
    assert_eq!(added.summary().unwrap()["paths"], serde_json::json!([shown]));

    let mut watching = Watching::start(&library);
    let first = watching.next();
    assert!(first["path"].as_str().unwrap().ends_with("one.pst"), "{first}");
    let items = first["items"].as_u64().unwrap();
    assert!(items > 50, "{first}");
    std::fs::copy(&one, mail.join("two.pst")).unwrap();
    let second = watching.next();
    assert!(second["path"].as_str().unwrap().ends_with("two.pst"), "{second}");
    assert_eq!(second["items"].as_u64(), Some(items));
    assert_eq!(watching.end(), Some(0));

    assert_eq!(run(&["sources"]).summary().unwrap()["sources"], 2);
    assert_eq!(run(&["watch", "list"]).summary().unwrap()["paths"], serde_json::json!([shown]));
    let removed = run(&["watch", "remove", &shown]);
    assert_eq!(removed.summary().unwrap()["paths"], serde_json::json!([]));
    let again = run(&["watch", "remove", &shown]);
    assert_eq!(again.code, Some(1));
    assert!(again.stderr.contains("is not watched"), "{}", again.stderr);
    assert_eq!(run(&["watch", "add", &folder.path().join("none").to_string_lossy()]).code, Some(1));
}
