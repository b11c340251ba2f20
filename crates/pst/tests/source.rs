//! Where bytes come from: files, memory, anything that can be read and moved in. None of them is changed.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::fs;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use common::{Outcome, corpus, read_whole};
use mailscope_pst::write::small::{Variant, write_small};
use mailscope_pst::{Census, CensusOptions, MemorySource, PstFile, ReadAt, SeekSource};

/// All that a file gives.
fn everything(file: &PstFile) -> (Census, Vec<Outcome>) {
    let mut reader = file.reader();
    let census = reader.census_with(CensusOptions { recover: true }).unwrap();
    let outcomes = census.items.iter().map(|entry| read_whole(&mut reader, entry, u64::MAX)).collect();
    (census, outcomes)
}

/// Gives its bytes one at a time, is interrupted now and then, and stands anywhere.
struct Slow(Cursor<Vec<u8>>, usize);

impl Read for Slow {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.1 += 1;
        if self.1.is_multiple_of(7) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let length = buf.len().min(1 + self.1 % 700);
        self.0.read(&mut buf[..length])
    }
}

impl Seek for Slow {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn every_source_gives_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.pst");
    for variant in Variant::all() {
        write_small(&path, variant).unwrap();
        let want = everything(&PstFile::open(&path).unwrap());
        let data = fs::read(&path).unwrap();
        let slow = Slow(Cursor::new(data.clone()), 0);
        let sources: [Arc<dyn ReadAt>; 4] = [
            Arc::new(MemorySource(data.clone())),
            Arc::new(SeekSource::new(fs::File::open(&path).unwrap()).unwrap()),
            Arc::new(SeekSource::new(BufReader::new(Cursor::new(data))).unwrap()),
            Arc::new(SeekSource::new(slow).unwrap()),
        ];
        for source in sources {
            assert!(everything(&PstFile::from_source(source).unwrap()) == want, "{variant:?}");
        }
    }
}

/// Threads take turns at a source with one position, and each gets its own bytes.
#[test]
fn threads_share_one_position() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.pst");
    write_small(&path, Variant::default()).unwrap();
    let source = SeekSource::new(fs::File::open(&path).unwrap()).unwrap();
    let file = PstFile::from_source(Arc::new(source)).unwrap();
    let want = everything(&file);
    std::thread::scope(|scope| {
        for thread in (0..4).map(|_| scope.spawn(|| everything(&file))).collect::<Vec<_>>() {
            assert!(thread.join().unwrap() == want);
        }
    });
}

/// What the system says of a file. When it was last read is kept from being noted on Linux alone.
#[cfg(unix)]
fn facts(path: &Path) -> impl PartialEq + std::fmt::Debug + use<> {
    use std::os::unix::fs::MetadataExt as _;
    let facts = fs::metadata(path).unwrap();
    let changed = (facts.mtime(), facts.mtime_nsec(), facts.ctime(), facts.ctime_nsec());
    let accessed = cfg!(target_os = "linux").then(|| (facts.atime(), facts.atime_nsec()));
    (facts.len(), changed, accessed, facts.mode(), facts.ino(), facts.nlink())
}

#[cfg(not(unix))]
fn facts(path: &Path) -> impl PartialEq + std::fmt::Debug + use<> {
    let facts = fs::metadata(path).unwrap();
    (facts.len(), facts.modified().ok(), facts.created().ok(), facts.permissions().readonly())
}

/// Reading a file whole leaves its bytes and times as they were; also one that nobody may write to.
#[test]
fn files_are_left_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    for (number, variant) in Variant::all().enumerate() {
        let path = folder.path().join(format!("{number}.pst"));
        write_small(&path, variant).unwrap();
        paths.push(path);
    }
    for name in ["series-2.pst", "damaged-btree-backpointer.pst", "ansi-appointment.pst"] {
        if let Some(corpus) = corpus() {
            paths.push(folder.path().join(name));
            fs::copy(corpus.join(name), paths.last().unwrap()).unwrap();
        }
    }
    for path in paths {
        let bytes = fs::read(&path).unwrap();
        // Times of access older than those of change are renewed by reading wherever they are kept.
        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        let times = fs::FileTimes::new().set_accessed(long_ago);
        fs::File::options().write(true).open(&path).unwrap().set_times(times).unwrap();
        let mut locked = fs::metadata(&path).unwrap().permissions();
        locked.set_readonly(true);
        fs::set_permissions(&path, locked).unwrap();
        let before = facts(&path);
        assert!(!everything(&PstFile::open(&path).unwrap()).1.is_empty());
        assert_eq!(facts(&path), before, "{}", path.display());
        assert!(fs::read(&path).unwrap() == bytes, "{}", path.display());
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), if corpus().is_some() { 12 } else { 9 });
}

/// Addresses beyond all files, in the header ([MS-PST] 2.2.2.6: `BREFNBT` at 0xD8, `BREFBBT` at 0xE8), are damage of the file and no
/// fault of the disk: what can be found otherwise is read.
#[test]
fn addresses_beyond_all_files_are_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mail.pst");
    write_small(&path, Variant::default()).unwrap();
    let whole = fs::read(&path).unwrap();
    let expected =
        everything(&PstFile::from_source(Arc::new(MemorySource(whole.clone()))).unwrap()).0.items.len();
    for at in [0xE0, 0xF0] {
        for address in [u64::MAX, 1 << 63, i64::MAX as u64, (1 << 63) - 512, 1 << 40] {
            let mut bytes = whole.clone();
            bytes[at..at + 8].copy_from_slice(&address.to_le_bytes());
            fs::write(&path, &bytes).unwrap();
            let file =
                PstFile::open(&path).unwrap_or_else(|error| panic!("{address:#x} at {at:#x}: {error}"));
            let found = file.reader().census().unwrap().items.len();
            assert_eq!(found, expected, "{address:#x} at {at:#x}");
        }
    }
}
