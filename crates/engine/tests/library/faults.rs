//! Disks that fail and sticks that are pulled while a file is read.

use super::Bench;
use mailscope_engine::source::pst::PstSource;
use mailscope_engine::{Error, JobState, Library, LibraryOptions, SourceProblem};
use mailscope_pst::{FileSource, ReadAt};
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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
    let open = move |path: &std::path::Path, opening| {
        let file = FileSource::open(path).map_err(SourceProblem::from_io)?;
        let source = Arc::new(Failing { file, left: AtomicU64::new(reads), broken: broken.clone() });
        Ok(Box::new(PstSource::from_source(source, path, opening)?) as Box<_>)
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

/// Pages of the library's database that are overwritten, one at a time: it is refused, or `verify` says what is damaged.
#[test]
fn a_database_that_is_damaged() {
    const PAGE: usize = 4096;
    let mut bench = Bench::new();
    let path = bench.numbered("mail.pst", 300);
    bench.import_well(&path);
    bench.close();
    let database = bench.path("library/library.sqlite");
    let whole = std::fs::read(&database).unwrap();
    let pages = whole.len() / PAGE;
    let mut told = 0;
    for page in (1..pages).step_by(pages.div_ceil(12)) {
        let mut data = whole.clone();
        data[page * PAGE..(page + 1) * PAGE].fill(0xA5);
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
