//! When files of the index come to be durable: all at once, before the record that names them, and not each by itself as it is made.
//!
//! tantivy has every file of a part on the disk before it makes the next, and before each of them its list of files, which only tells
//! what may be thrown away. A part has seven; that is fourteen waits for the disk, while nothing is indexed. A commit sees to it that the
//! directory is on the disk before it writes `meta.json`: there the files are brought to the disk together.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tantivy::directory::{AntiCallToken, TerminatingWrite};

/// tantivy's list of the files that it may throw away.
pub const LIST: &str = ".managed.json";
/// A list that is being written.
const NEW_LIST: &str = ".managed.json.new";
/// So many files at most wait to be brought to the disk, each of them open.
const MOST_WAITING: usize = 64;
/// So many are brought there at once: a disk writes down one or several in the same time.
const AT_ONCE: usize = 8;
/// Digits of the name of a part.
const DIGITS: usize = 32;

/// Files that were written and may not be on the disk yet.
#[derive(Debug, Clone, Default)]
pub struct Waiting(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    files: Mutex<Files>,
    /// Held while files are brought to the disk: who comes second must not go on before they are there.
    syncing: Mutex<()>,
}

#[derive(Debug, Default)]
struct Files {
    waiting: Vec<(PathBuf, File)>,
    /// What was not brought there is lost, whatever the system says the next time.
    failed: Option<(io::ErrorKind, String)>,
}

impl Waiting {
    /// A new file in `folder`.
    ///
    /// # Errors
    /// When it cannot be made, or is there already.
    pub fn create(&self, folder: &Path, name: &Path) -> io::Result<Box<dyn TerminatingWrite + Send + Sync>> {
        let file = File::options().write(true).create_new(true).open(folder.join(name))?;
        Ok(Box::new(Written { file: Some(file), name: name.to_owned(), waiting: self.clone() }))
    }

    /// Files that wait.
    #[cfg(test)]
    pub fn count(&self) -> usize {
        self.files().waiting.len()
    }

    /// As if a file could not be brought to the disk.
    #[cfg(test)]
    pub fn break_for_tests(&self) {
        self.files().failed = Some((io::ErrorKind::StorageFull, "the disk is full".into()));
    }

    fn files(&self) -> MutexGuard<'_, Files> {
        self.0.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, name: PathBuf, file: File) -> io::Result<()> {
        let count = {
            let mut files = self.files();
            files.waiting.push((name, file));
            files.waiting.len()
        };
        if count < MOST_WAITING { Ok(()) } else { self.sync() }
    }

    /// A file need not be brought to the disk any more.
    pub fn forget(&self, name: &Path) {
        self.files().waiting.retain(|(waiting, _)| waiting != name);
    }

    /// Brings all to the disk.
    ///
    /// # Errors
    /// When any is not there, and from then on each time.
    pub fn sync(&self) -> io::Result<()> {
        let _one_at_a_time = self.0.syncing.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = std::mem::take(&mut self.files().waiting);
        for some in waiting.chunks(AT_ONCE) {
            let result = sync_all(some);
            if let Err(error) = result {
                self.files().failed.get_or_insert((error.kind(), error.to_string()));
            }
        }
        match &self.files().failed {
            Some((kind, reason)) => Err(io::Error::new(*kind, reason.clone())),
            None => Ok(()),
        }
    }
}

/// Brings files to the disk at once.
fn sync_all(files: &[(PathBuf, File)]) -> io::Result<()> {
    let Some(((_, here), beside)) = files.split_first() else { return Ok(()) };
    std::thread::scope(|scope| {
        let started: Vec<_> = beside
            .iter()
            .map(|(_, file)| (file, std::thread::Builder::new().spawn_scoped(scope, || file.sync_data())))
            .collect();
        let mut result = here.sync_data();
        for (file, thread) in started {
            // Where the system has no thread to spare, one after the other.
            let synced = thread.ok().and_then(|thread| thread.join().ok());
            result = result.and(synced.unwrap_or_else(|| file.sync_data()));
        }
        result
    })
}

/// A file that is being written.
struct Written {
    file: Option<File>,
    name: PathBuf,
    waiting: Waiting,
}

impl Written {
    fn file(&mut self) -> io::Result<&mut File> {
        self.file.as_mut().ok_or_else(|| io::Error::other("the file was ended"))
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl TerminatingWrite for Written {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        match self.file.take() {
            Some(file) => self.waiting.add(std::mem::take(&mut self.name), file),
            None => Ok(()),
        }
    }
}

/// Writes tantivy's list without waiting for the disk: [`mend_list`] puts right what a power cut leaves of it.
///
/// # Errors
/// When it cannot be written; the one before is there still.
pub fn write_list(folder: &Path, data: &[u8]) -> io::Result<()> {
    let new = folder.join(NEW_LIST);
    std::fs::write(&new, data)?;
    std::fs::rename(new, folder.join(LIST))
}

/// Puts into tantivy's list what lies in the folder: what it does not name would stay there forever, and a list that was cut off would
/// keep the index from being opened.
///
/// # Errors
/// When folder or list cannot be read or written.
pub fn mend_list(folder: &Path) -> io::Result<()> {
    let path = folder.join(LIST);
    let listed: Option<BTreeSet<String>> = match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).ok(),
        // There is no index yet.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let is_whole = listed.is_some();
    let mut names = listed.unwrap_or_else(|| BTreeSet::from(["meta.json".to_owned()]));
    let before = names.len();
    for entry in std::fs::read_dir(folder)? {
        names.extend(entry?.file_name().into_string().ok().filter(|name| is_of_part(name)));
    }
    if is_whole && names.len() == before {
        return Ok(());
    }
    tracing::warn!(files = names.len() - before, is_whole, "tantivy's list of files is put right");
    write_list(folder, &serde_json::to_vec(&names)?)
}

/// Whether a file is of a part of the index, by its name.
fn is_of_part(name: &str) -> bool {
    name.split_once('.').is_some_and(|(part, ending)| {
        part.len() == DIGITS && part.bytes().all(|byte| byte.is_ascii_hexdigit()) && !ending.is_empty()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(waiting: &Waiting, folder: &Path, name: &str) {
        let mut file = waiting.create(folder, Path::new(name)).unwrap();
        file.write_all(name.as_bytes()).unwrap();
        assert!(waiting.create(folder, Path::new(name)).is_err(), "it is there already");
        file.terminate().unwrap();
        assert_eq!(std::fs::read_to_string(folder.join(name)).unwrap(), name, "what was ended can be read");
    }

    #[test]
    fn files_wait_until_they_are_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let waiting = Waiting::default();
        let count = || waiting.count();
        for number in 0..20 {
            put(&waiting, folder.path(), &format!("{number}.idx"));
            assert_eq!(count(), number + 1);
        }
        waiting.forget(Path::new("3.idx"));
        waiting.forget(Path::new("30.idx"));
        assert_eq!(count(), 19);
        waiting.sync().unwrap();
        assert_eq!(count(), 0);
        waiting.sync().unwrap();
        for number in 0..MOST_WAITING {
            put(&waiting, folder.path(), &format!("{number}.pos"));
        }
        assert_eq!(count(), 0, "no more than so many are open");
        // One that nobody ended is nobody's.
        drop(waiting.create(folder.path(), Path::new("a.idx")).unwrap());
        assert_eq!(count(), 0);
    }

    /// Once a file did not come to the disk, no record may name it, even where the system forgets that it failed.
    #[test]
    #[cfg(unix)]
    fn what_failed_once_fails_again() {
        use std::os::fd::OwnedFd;
        for bad in [0, 5, 19] {
            let folder = tempfile::tempdir().unwrap();
            let waiting = Waiting::default();
            for number in 0..20 {
                if number == bad {
                    // Nothing can be brought from a socket to a disk.
                    let (socket, _) = std::os::unix::net::UnixStream::pair().unwrap();
                    waiting.add("socket".into(), File::from(OwnedFd::from(socket))).unwrap();
                }
                put(&waiting, folder.path(), &format!("{number}.idx"));
            }
            for _ in 0..3 {
                let error = waiting.sync().unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{error}");
            }
        }
    }

    #[test]
    fn lists_are_put_right() {
        let part = "0123456789abcdef0123456789abcdef";
        let other = "f123456789abcdef0123456789abcdef";
        let there = [
            format!("{part}.idx"),
            format!("{part}.12.del"),
            format!("{other}.pos"),
            "meta.json".into(),
            ".tantivy-writer.lock".into(),
            "columns".into(),
            format!("{part}0.idx"),
            format!("{part}."),
        ];
        let check = |list: Option<&str>, expected: Option<&[&str]>| {
            let folder = tempfile::tempdir().unwrap();
            there.iter().for_each(|name| std::fs::write(folder.path().join(name), name).unwrap());
            let path = folder.path().join(LIST);
            list.inspect(|list| std::fs::write(&path, list).unwrap());
            mend_list(folder.path()).unwrap();
            let bytes = std::fs::read(&path).ok();
            let after: Option<Vec<String>> = bytes.map(|bytes| serde_json::from_slice(&bytes).unwrap());
            let expected =
                expected.map(|names| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
            assert_eq!(after, expected, "{list:?}");
            assert!(!folder.path().join(NEW_LIST).exists());
        };
        let files = [&there[1], &there[0], &there[2]].map(String::as_str);
        let whole = [&files[..], &["meta.json"]].concat();
        check(None, None);
        check(Some(""), Some(&whole));
        check(Some("[\"meta.js"), Some(&whole));
        check(Some("[\"meta.json\"]"), Some(&whole));
        // What is listed stays, as it was, though it is gone.
        let gone = [files[2], "gone.idx", files[1], "meta.json", files[0]];
        check(Some(&serde_json::to_string(&gone).unwrap()), Some(&gone));
    }
}
