//! The library as its hosts use it, on files that the project makes itself.
// Helpers of tests fail by panicking; clippy exempts only the test functions themselves.
#![allow(clippy::unwrap_used, clippy::panic)]

mod attachments;
mod deleted;
mod details;
mod export;
mod export_again;
mod faults;
mod import;
mod insights;
mod jobs;
mod known;
mod opening;
mod partial;
mod refusals;
mod resume;
mod review;
mod search;
mod show;
mod together;
mod versions;
mod zones;

use mailscope_engine::search::{Page, Request};
use mailscope_engine::{Account, JobState, JobView, Library, LibraryOptions};
use mailscope_pst::write::small::{Variant, write_small};
use mailscope_pst::write::{NewMessage, Options, PstWriter};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A library and files in a folder of their own.
struct Bench {
    folder: TempDir,
    library: Option<Library>,
}

impl Bench {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let mut bench = Self { folder, library: None };
        bench.open();
        bench
    }

    /// Opens the library, as a new process would.
    fn open(&mut self) {
        self.open_with(self.options());
    }

    fn open_with(&mut self, options: LibraryOptions) {
        self.library = None;
        self.library = Some(Library::open(options).unwrap());
    }

    fn options(&self) -> LibraryOptions {
        LibraryOptions { threads: 2, ..LibraryOptions::new(self.folder.path().join("library")) }
    }

    fn close(&mut self) {
        self.library = None;
    }

    /// Takes the index away. A merge that ran when the library was closed may write a last file meanwhile.
    fn remove_index(&self) {
        let folder = self.path("library/index");
        while let Err(error) = std::fs::remove_dir_all(&folder) {
            assert_eq!(error.kind(), std::io::ErrorKind::DirectoryNotEmpty, "{error}");
            std::thread::yield_now();
        }
    }

    fn library(&self) -> &Library {
        self.library.as_ref().unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of known items.
    fn small(&self, name: &str, variant: Variant) -> PathBuf {
        let path = self.path(name);
        write_small(&path, variant).unwrap();
        path
    }

    /// Writes a file of `count` messages with the subjects "Message 0", "Message 1", …
    fn numbered(&self, name: &str, count: usize) -> PathBuf {
        let path = self.path(name);
        write_numbered(&path, count);
        path
    }

    /// Imports and waits.
    fn import(&self, path: &Path) -> JobView {
        let mut started = self.library().import(&[path.to_owned()]);
        assert_eq!(started.len(), 1, "one file");
        let id = started.remove(0).1.unwrap();
        self.library().wait_idle();
        self.library().job(id).unwrap()
    }

    /// Imports, waits, and expects it to end well with sums that agree.
    fn import_well(&self, path: &Path) -> JobView {
        let job = self.import(path);
        assert_eq!(job.state, JobState::Done, "{:?}", job.error);
        assert_eq!(job.account.expected, job.account.items + job.account.failed);
        job
    }

    fn find(&self, query: &str) -> Page {
        let request = Request { query: query.into(), limit: 500, ..Request::default() };
        self.library().search(&request).unwrap()
    }

    fn subjects(&self, query: &str) -> Vec<String> {
        let mut subjects: Vec<String> =
            self.find(query).hits.into_iter().map(|hit| hit.row.subject).collect();
        subjects.sort();
        subjects
    }

    /// The accounts of all folders, added up.
    fn account(&self) -> Account {
        let mut sum = Account::default();
        for folder in self.library().folders(None).unwrap() {
            let account = folder.account();
            assert_eq!(account.expected, account.items + account.failed, "{}", folder.path);
            sum.add(&account);
        }
        sum
    }
}

fn write_numbered(path: &Path, count: usize) {
    let mut writer = PstWriter::create(path, Options::default()).unwrap();
    let inbox = writer.add_folder(writer.top(), "Inbox").unwrap();
    for n in 0..count {
        let message = NewMessage {
            subject: format!("Message {n}"),
            text: Some(format!("Body of number{n}, one of several words.")),
            ..NewMessage::default()
        };
        writer.add_message(inbox, &message).unwrap();
    }
    writer.finish().unwrap();
}
