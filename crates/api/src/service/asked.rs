//! How another process learns how this one does: it asks by a file in the folder of the library and is answered by another.
//!
//! Nothing is written unless somebody asks, nothing listens, and what is said stays where the library is.

use crate::types::{ApiError, Snapshot};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// Folder of questions and answers within that of the library.
const FOLDER: &str = "monitor";
/// How a question's name ends; an answer has the same name with …
const QUESTION: &str = "ask";
/// … this end, …
const ANSWER: &str = "json";
/// … and while it is being written, this one.
const PART: &str = "part";
/// Questions that are answered at once; the others wait for the next look.
const AT_ONCE: usize = 4;
/// Whoever asked is gone after this.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is looked whether there is an answer.
const LOOK: Duration = Duration::from_millis(25);
/// No answer is larger.
const MAX_ANSWER: u64 = 4 * 1024 * 1024;

/// Answers those who asked how the library's process does. What goes wrong is the asker's loss alone.
pub fn answer(library: &Path, snapshot: impl Fn() -> Result<Snapshot, ApiError>) {
    let folder = library.join(FOLDER);
    let Ok(entries) = fs::read_dir(&folder) else { return };
    let mut answered = 0;
    for entry in entries.flatten() {
        let path = entry.path();
        let old = entry
            .metadata()
            .and_then(|facts| facts.modified())
            .is_ok_and(|modified| SystemTime::now().duration_since(modified).is_ok_and(|age| age > PATIENCE));
        if old {
            let _ = fs::remove_file(&path);
        } else if answered < AT_ONCE && path.extension().is_some_and(|end| end == QUESTION) {
            answered += 1;
            let _ = fs::remove_file(&path);
            if let Ok(snapshot) = snapshot() {
                let _ = put(&path, &snapshot);
            }
        }
    }
    // Refused while somebody asks.
    let _ = fs::remove_dir(&folder);
}

fn put(question: &Path, snapshot: &Snapshot) -> std::io::Result<()> {
    let part = question.with_extension(PART);
    let mut file = fs::File::options().write(true).create_new(true).open(&part)?;
    file.write_all(&serde_json::to_vec(snapshot)?)?;
    drop(file);
    // Seen whole or not at all.
    fs::rename(&part, question.with_extension(ANSWER))
}

/// Asks the process that has the library in this folder open how it does; `None` where none answers within `patience`.
pub fn ask(library: &Path, patience: Duration) -> Option<Snapshot> {
    let folder = library.join(FOLDER);
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let question = folder.join(format!("{}-{}.{QUESTION}", std::process::id(), since.as_nanos()));
    let asked = Asked(question.clone());
    // Whoever answers takes the folder away when it is empty, perhaps just now.
    let placed = (0..3).any(|_| {
        let _ = fs::create_dir_all(&folder);
        fs::File::options().write(true).create_new(true).open(&question).is_ok()
    });
    let (started, answer) = (Instant::now(), question.with_extension(ANSWER));
    while placed && started.elapsed() < patience {
        if fs::metadata(&answer).is_ok_and(|facts| facts.is_file() && facts.len() <= MAX_ANSWER) {
            let found = fs::read(&answer).ok().and_then(|text| serde_json::from_slice(&text).ok());
            drop(asked);
            return found;
        }
        std::thread::sleep(LOOK);
    }
    None
}

/// Leaves nothing behind.
struct Asked(PathBuf);

impl Drop for Asked {
    fn drop(&mut self) {
        for end in [QUESTION, PART, ANSWER] {
            let _ = fs::remove_file(self.0.with_extension(end));
        }
        if let Some(folder) = self.0.parent() {
            let _ = fs::remove_dir(folder);
        }
    }
}
