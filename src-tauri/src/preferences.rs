//! What the program remembers of a person between starts: libraries, files, wishes, and where the window stood. One small file
//! of JSON in the platform's place for settings.
//!
//! Invariants: what cannot be read counts as never written; a file is replaced whole or not at all; nothing of a library lies here.

use mailscope_api::Preferences;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use std::{fs, io};

/// Libraries that are remembered.
const MAX_LIBRARIES: usize = 30;
/// Files that are remembered.
const MAX_RECENT: usize = 12;
/// A larger file is not ours.
const MAX_BYTES: u64 = 1024 * 1024;

/// What is remembered.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    /// Libraries, the one that was opened last first.
    pub libraries: Vec<Place>,
    /// Files that were imported, the last one first.
    pub recent: Vec<Place>,
    /// How the program is to work.
    pub wishes: Option<Preferences>,
    /// Whether what happens is written down.
    pub log: bool,
    /// Where the window stood.
    pub window: Option<Frame>,
}

/// A path and when it was last used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// The path.
    pub path: PathBuf,
    /// Milliseconds since 1970.
    pub at: i64,
}

/// Where a window stood, in logical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Frame {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    pub maximized: bool,
}

/// The file, and what it says.
pub struct Memory {
    file: PathBuf,
    kept: Mutex<Kept>,
}

impl Memory {
    /// What was remembered in the platform's place for settings.
    pub fn open() -> Self {
        Self::at(folder().join("desktop.json"))
    }

    fn at(file: PathBuf) -> Self {
        let kept = Mutex::new(read(&file));
        Self { file, kept }
    }

    /// What is remembered now.
    pub fn kept(&self) -> Kept {
        self.lock().clone()
    }

    /// Changes what is remembered. What another window wrote meanwhile is kept. That it cannot be written is no reason to stop.
    pub fn change(&self, change: impl FnOnce(&mut Kept)) {
        let mut kept = self.lock();
        let mut now = read(&self.file);
        if now == Kept::default() {
            now = kept.clone();
        }
        change(&mut now);
        now.libraries.truncate(MAX_LIBRARIES);
        now.recent.truncate(MAX_RECENT);
        if let Err(error) = write(&self.file, &now) {
            crate::failure::say(&format!("Mailscope could not remember its settings: {error}."));
        }
        *kept = now;
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts `path` first among `places`.
pub fn put_first(places: &mut Vec<Place>, path: &Path) {
    places.retain(|place| place.path != path);
    places.insert(0, Place { path: path.to_owned(), at: now() });
}

/// Milliseconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn home() -> Option<PathBuf> {
    variable("HOME").or_else(|| variable("USERPROFILE"))
}

/// The folder for what lasts as long as the program runs: of this person alone, and where there is such a place, of this login.
pub fn run_folder() -> PathBuf {
    let of_login = if cfg!(target_os = "linux") { variable("XDG_RUNTIME_DIR") } else { None };
    of_login.map_or_else(folder, |login| login.join("mailscope"))
}

/// The folder for what the program writes down about itself.
pub fn log_folder() -> PathBuf {
    let logs = if cfg!(windows) {
        variable("LOCALAPPDATA").map(|local| local.join("mailscope"))
    } else if cfg!(target_os = "macos") {
        home().map(|home| home.join("Library/Logs/Mailscope"))
    } else {
        variable("XDG_STATE_HOME")
            .or_else(|| home().map(|home| home.join(".local/state")))
            .map(|state| state.join("mailscope"))
    };
    logs.unwrap_or_else(folder)
}

fn folder() -> PathBuf {
    let settings = if cfg!(windows) {
        variable("APPDATA")
    } else if cfg!(target_os = "macos") {
        home().map(|home| home.join("Library/Application Support"))
    } else {
        variable("XDG_CONFIG_HOME").or_else(|| home().map(|home| home.join(".config")))
    };
    settings.unwrap_or_else(std::env::temp_dir).join("mailscope")
}

fn read(file: &Path) -> Kept {
    let fits = fs::metadata(file).is_ok_and(|facts| facts.len() <= MAX_BYTES);
    let text = if fits { fs::read_to_string(file).unwrap_or_default() } else { String::new() };
    serde_json::from_str(&text).unwrap_or_default()
}

fn write(file: &Path, kept: &Kept) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    // Of this process alone: two windows may write at once.
    let part = file.with_extension(format!("{}.part", std::process::id()));
    fs::write(&part, serde_json::to_vec_pretty(kept)?)?;
    fs::rename(&part, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("mailscope-preferences-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder.join(name)
    }

    #[test]
    fn what_is_changed_is_there_at_the_next_start() {
        let file = file("kept.json");
        let memory = Memory::at(file.clone());
        memory.change(|kept| {
            for path in ["/a", "/b", "/a"] {
                put_first(&mut kept.libraries, Path::new(path));
            }
            kept.wishes = Some(Preferences { memory_mb: Some(256), ..Preferences::default() });
        });
        let kept = Memory::at(file).kept();
        let paths: Vec<_> = kept.libraries.iter().map(|place| place.path.clone()).collect();
        assert_eq!(paths, [PathBuf::from("/a"), PathBuf::from("/b")]);
        assert_eq!(kept.wishes.and_then(|wishes| wishes.memory_mb), Some(256));
    }

    #[test]
    fn what_cannot_be_read_counts_as_never_written() {
        let check = |name: &str, text: &str, libraries: usize| {
            let file = file(name);
            fs::write(&file, text).unwrap();
            assert_eq!(Memory::at(file).kept().libraries.len(), libraries, "{text}");
        };
        check("empty.json", "", 0);
        check("torn.json", "{\"libraries\":[{\"path\"", 0);
        check("other.json", "[1,2]", 0);
        check("later.json", "{\"libraries\":[{\"path\":\"/a\",\"at\":1,\"new\":2}],\"more\":true}", 1);
        assert_eq!(Memory::at(file("none.json")).kept(), Kept::default());
    }

    #[test]
    fn two_windows_do_not_forget_for_each_other() {
        let file = file("two.json");
        let (one, other) = (Memory::at(file.clone()), Memory::at(file));
        one.change(|kept| put_first(&mut kept.libraries, Path::new("/one")));
        other.change(|kept| put_first(&mut kept.recent, Path::new("/file")));
        one.change(|kept| kept.window = None);
        assert_eq!((one.kept().libraries.len(), one.kept().recent.len()), (1, 1));
    }
}
