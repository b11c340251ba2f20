//! Disks that fail and sticks that are pulled while a file is read.

use super::Bench;
use mailscope_engine::source::pst::PstSource;
use mailscope_engine::{Error, JobState, Library, LibraryOptions, SourceProblem};
use mailscope_pst::{FileSource, ReadAt};
use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// A file on a failing disk.
struct Failing {
    file: FileSource,
    /// Reads that still succeed.
    left: AtomicU64,
    /// What can never be read.
    broken: Range<u64>,
}

impl ReadAt for Failing {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let end = offset + buf.len() as u64;
        let left = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if left.is_err() || (offset < self.broken.end && self.broken.start < end) {
            return Err(io::Error::other("the device does not answer"));
        }
        self.file.read_at(offset, buf)
    }

    fn size(&self) -> io::Result<u64> {
        self.file.size()
    }
}

fn failing(bench: &Bench, reads: u64, broken: Range<u64>) -> LibraryOptions {
    let open = move |path: &std::path::Path, opening, stop| {
        let file = FileSource::open(path).map_err(SourceProblem::from_io)?;
        let source = Arc::new(Failing { file, left: AtomicU64::new(reads), broken: broken.clone() });
        Ok(Box::new(PstSource::from_source(source, path, opening, stop)?) as Box<_>)
    };
    LibraryOptions { open: Box::new(open), ..bench.options() }
}

/// Imports while only so many reads succeed, then in peace; both must come to what an undisturbed import comes to.
fn check(reads: u64) -> JobState {
    let mut bench = Bench::new();
    let path = bench.numbered("mail.pst", 400);
    bench.open_with(failing(&bench, reads, 0..0));
    let broken = bench.import(&path);
    match broken.state {
        JobState::Done => assert_eq!((broken.account.items, broken.account.failed), (400, 0)),
        JobState::Failed => {
            let error = broken.error.unwrap();
            assert!(matches!(*error, Error::Source { .. }), "{reads}: {error}");
        }
        other => panic!("{reads}: {other:?}"),
    }
    assert_eq!(bench.library().verify(false).unwrap().problems, [], "{reads}");
    let kept = bench.find("").total;
    bench.open();
    let whole = bench.import_well(&path);
    assert_eq!((whole.account.items, whole.account.failed), (400, 0), "{reads}");
    assert_eq!(whole.new + whole.unchanged, 400, "{reads}");
    assert!(whole.unchanged >= kept || kept == 400, "{reads}: what was kept is not read again");
    assert_eq!(bench.find("").total, 400, "{reads}");
    broken.state
}

#[test]
fn a_stick_that_is_pulled_ends_the_import_and_nothing_is_taken_for_damage() {
    let states: Vec<JobState> = [0, 1, 3, 8, 15, 25, 40, 80, 1_000_000].map(check).into();
    assert!(states.contains(&JobState::Failed), "no read failed");
    assert_eq!(states.last(), Some(&JobState::Done));
}

#[test]
fn a_bad_sector_costs_the_items_in_it_until_it_can_be_read() {
    let mut bench = Bench::new();
    let path = bench.numbered("mail.pst", 400);
    let size = std::fs::metadata(&path).unwrap().len();
    let mut failed = 0;
    for sector in (1..50).map(|n| size * n / 50) {
        bench.open_with(failing(&bench, u64::MAX, sector..sector + 512));
        let job = bench.import(&path);
        assert_eq!(job.state, JobState::Done, "sector at {sector}: {:?}", job.error);
        assert_eq!(job.account.expected, job.account.items + job.account.failed);
        let missed = 400 - job.account.items;
        assert!(
            missed < 40 && (missed == 0 || job.account.failed + job.anomalies > 0),
            "sector at {sector}: {missed}"
        );
        failed += missed;
        bench.open();
        let whole = bench.import_well(&path);
        assert_eq!((whole.account.items, whole.account.failed), (400, 0), "sector at {sector}");
        for source in bench.library().sources().unwrap() {
            bench.library().remove(source.id).unwrap();
        }
    }
    assert!(failed >= 6, "lost {failed} items");
}

/// A page of the trees that cannot be read this time says nothing of the items that it names.
#[test]
fn what_a_bad_sector_hides_is_not_gone() {
    let mut bench = Bench::new();
    let path = bench.numbered("mail.pst", 400);
    bench.import_well(&path);
    let size = std::fs::metadata(&path).unwrap().len();
    let mut refused = 0;
    for sector in (1..50).map(|n| size * n / 50) {
        // Another state, so that it is looked through.
        let times = std::fs::FileTimes::new().set_modified(std::time::SystemTime::now());
        std::fs::File::options().write(true).open(&path).unwrap().set_times(times).unwrap();
        bench.open_with(failing(&bench, u64::MAX, sector..sector + 512));
        let job = bench.import(&path);
        if job.state == JobState::Failed {
            refused += 1;
            assert!(matches!(*job.error.unwrap(), Error::Source { problem: SourceProblem::Io(_), .. }));
        } else {
            assert_eq!((job.unchanged, job.removed), (400, 0), "sector at {sector}");
        }
        assert_eq!(bench.find("").hits.iter().filter(|hit| hit.row.gone).count(), 0, "sector at {sector}");
    }
    assert!(refused > 0, "no page of the trees was hit");
}

/// A file that waits at one of its reads until it may go on.
struct Waiting {
    file: FileSource,
    reads: Arc<AtomicU64>,
    at: u64,
    reached: Sender<()>,
    go: Mutex<Receiver<()>>,
}

impl ReadAt for Waiting {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        if self.reads.fetch_add(1, Ordering::Relaxed) == self.at {
            self.reached.send(()).unwrap();
            let _ = self.go.lock().unwrap().recv();
        }
        self.file.read_at(offset, buf)
    }

    fn size(&self) -> io::Result<u64> {
        self.file.size()
    }
}

/// Opening and planning may take minutes; whoever cancels then does not wait for their end.
#[test]
fn an_import_that_is_cancelled_stops_at_its_next_read() {
    let mut planning = 0;
    for (at, is_damaged) in (0..40).step_by(3).zip([false, true].into_iter().cycle()) {
        let mut bench = Bench::new();
        let path = bench.numbered("mail.pst", 400);
        if is_damaged {
            // The first page of a tree: the whole file is looked through for what it held.
            let mut data = std::fs::read(&path).unwrap();
            let page = data.chunks(512).position(|page| page[496..498] == [0x81, 0x81]).unwrap();
            data[page * 512..page * 512 + 100].fill(0xAA);
            std::fs::write(&path, data).unwrap();
        }
        let (reached, at_read) = channel();
        let (let_go, go) = channel();
        let go = Mutex::new(Some(go));
        let reads = Arc::new(AtomicU64::new(0));
        let counted = reads.clone();
        let open = move |path: &std::path::Path, opening, stop| {
            let file = FileSource::open(path).map_err(SourceProblem::from_io)?;
            let go = Mutex::new(go.lock().unwrap().take().unwrap());
            let source = Waiting { file, reads: counted.clone(), at, reached: reached.clone(), go };
            Ok(Box::new(PstSource::from_source(Arc::new(source), path, opening, stop)?) as Box<_>)
        };
        bench.open_with(LibraryOptions { open: Box::new(open), ..bench.options() });
        let id = bench.library().import(std::slice::from_ref(&path)).remove(0).1.unwrap();
        at_read.recv().unwrap();
        let state = bench.library().job(id).unwrap().state;
        bench.library().cancel(id).unwrap();
        let before = reads.load(Ordering::Relaxed);
        let_go.send(()).unwrap();
        bench.library().wait_idle();
        let job = bench.library().job(id).unwrap();
        assert_eq!(job.state, JobState::Cancelled, "read {at}: {:?}", job.error);
        if state != JobState::Reading {
            planning += 1;
            // Another thread may have been about to read.
            let after = reads.load(Ordering::Relaxed) - before;
            assert!(after <= 1, "read {at}, {state:?}: {after} reads after it was cancelled");
        }
        assert_eq!(bench.library().verify(false).unwrap().problems, [], "read {at}");
        bench.open();
        assert!(bench.library().resume_unfinished().unwrap().is_empty());
        bench.import_well(&path);
        assert_eq!(bench.find("").total, 400, "read {at}");
    }
    assert!(planning >= 6, "{planning} were cancelled before items were read");
}

/// Pages of the library's database that are overwritten, one at a time: it is refused, or `verify` says what is damaged.
#[test]
fn a_database_that_is_damaged() {
    let mut bench = Bench::new();
    let path = bench.numbered("mail.pst", 300);
    bench.import_well(&path);
    bench.close();
    let database = bench.path("library/library.sqlite");
    let whole = std::fs::read(&database).unwrap();
    // The head of the file says it, see SQLite's file format, 1.3.2.
    let size = usize::from(u16::from_be_bytes([whole[16], whole[17]]));
    let pages = whole.len() / size;
    let mut told = 0;
    for page in (1..pages).step_by(pages.div_ceil(12)) {
        let mut data = whole.clone();
        data[page * size..(page + 1) * size].fill(0xA5);
        std::fs::write(&database, &data).unwrap();
        match Library::open(bench.options()).and_then(|library| library.verify(true)) {
            Ok(found) => {
                let is_told = found.problems.iter().any(|problem| problem.sentence.starts_with("SQLite: "));
                assert!(is_told, "page {page}: {found:?}");
                told += 1;
            }
            Err(Error::LibraryUnusable { .. }) => {}
            Err(error) => assert!(error.is_corrupt(), "page {page}: {error}"),
        }
    }
    assert!(told > 0);
    std::fs::write(&database, &whole).unwrap();
    bench.open();
    assert_eq!(bench.library().verify(false).unwrap().problems, []);
}
