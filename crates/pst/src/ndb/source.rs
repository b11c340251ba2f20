//! Where the bytes of a file come from: positional reads, so that many threads share one source.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Bytes that can be read at any place by many threads at once.
pub trait ReadAt: Send + Sync {
    /// Reads into `buf` from byte `offset` on. Returns how many bytes were read, which may be fewer than asked;
    /// zero means the end.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize>;

    /// The number of bytes there are now.
    fn size(&self) -> io::Result<u64>;

    /// Told that `length` bytes from `offset` on are read soon, in no particular order: many such places lie apart, and a disk
    /// that is asked for all at once brings them much sooner than one by one. Nothing has to come of it.
    fn will_need(&self, offset: u64, length: u64) {
        let _ = (offset, length);
    }

    /// The first place from `offset` on where anything may have been written: what lies before it is known to be zeros, which
    /// need not be read. Whoever does not know gives `offset` itself.
    fn next_written(&self, offset: u64) -> u64 {
        offset
    }
}

/// Between two places that are read soon, less than this is read along: a disk has brought it before it has found the second place.
const NEAR: u64 = 64 * 1024;

/// Of what is announced, so much is looked at together whether the system has it in memory.
#[cfg(target_os = "linux")]
const PROBED: usize = 1 << 20;
/// The system has no less of a file in memory than a page of its own.
#[cfg(target_os = "linux")]
const LEAST_KEPT: u64 = 4 << 10;
/// So much of it is announced to the system at once. Of more it passes over what is beyond its own reading ahead, which is no less
/// than this by default.
#[cfg(target_os = "linux")]
const ADVISED: usize = 128 << 10;
/// No more than this is announced at once, whatever is asked.
#[cfg(target_os = "linux")]
const MOST_ADVISED: u64 = 64 << 20;

/// Announces the bytes of these ranges, which rise, to their source ([`ReadAt::will_need`]); those near each other as one.
pub fn announce(source: &dyn ReadAt, ranges: impl IntoIterator<Item = Range<u64>>) {
    let mut open: Option<Range<u64>> = None;
    for range in ranges {
        match &mut open {
            Some(open) if open.start <= range.start && range.start <= open.end.saturating_add(NEAR) => {
                open.end = open.end.max(range.end);
            }
            _ => {
                if let Some(done) = open.replace(range) {
                    source.will_need(done.start, done.end - done.start);
                }
            }
        }
    }
    if let Some(last) = open {
        source.will_need(last.start, last.end - last.start);
    }
}

/// A file on disk, opened for reading only. It is not mapped into memory, so that a file that shrinks or a
/// stick that is pulled gives an error.
#[derive(Debug)]
pub struct FileSource(File);

impl FileSource {
    /// Opens the file at `path`; a directory is refused.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let file = Self::open_file(path.as_ref())?;
        if file.metadata()?.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "this is a folder, not a file"));
        }
        Ok(Self(file))
    }

    /// Opens a file for reading. Where the system allows it (on Linux, to the owner of the file), reading then leaves
    /// even the time of its last access as it was.
    pub fn open_file(path: &Path) -> io::Result<File> {
        #[cfg(all(target_os = "linux", not(any(target_arch = "sparc64", target_arch = "sparc"))))]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            /// `O_NOATIME` of `fcntl.h`
            const NO_ACCESS_TIME: i32 = 0o1_000_000;
            let quiet = File::options().read(true).custom_flags(NO_ACCESS_TIME).open(path);
            if quiet.is_ok() {
                return quiet;
            }
        }
        File::open(path)
    }
}

impl ReadAt for FileSource {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        if i64::try_from(offset.saturating_add(buf.len() as u64)).is_err() {
            // Systems count in signed numbers and would call this a fault of the disk. No file is so large.
            return Ok(0);
        }
        #[cfg(unix)]
        return std::os::unix::fs::FileExt::read_at(&self.0, buf, offset);
        #[cfg(windows)]
        return std::os::windows::fs::FileExt::seek_read(&self.0, buf, offset);
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    #[cfg(target_os = "linux")]
    fn will_need(&self, offset: u64, length: u64) {
        use rustix::fs::{Advice, fadvise};
        use rustix::io::{ReadWriteFlags, preadv2};
        use std::num::NonZeroU64;
        let is_at_hand = |offset: u64| {
            let mut byte = [0];
            let mut into = [io::IoSliceMut::new(&mut byte)];
            preadv2(&self.0, &mut into, offset, ReadWriteFlags::NOWAIT).is_ok_and(|read| read > 0)
        };
        let end = offset.saturating_add(length.min(MOST_ADVISED));
        for from in (offset..end).step_by(PROBED) {
            let to = end.min(from.saturating_add(PROBED as u64));
            // Where these are at hand, so is what lies between as a rule; to look for all of it costs more than to read it.
            let middle = Some(from.midpoint(to)).filter(|_| to - from > LEAST_KEPT);
            if std::iter::once(from).chain(middle).all(is_at_hand) {
                continue;
            }
            for from in (from..to).step_by(ADVISED) {
                let Some(length) = NonZeroU64::new((to - from).min(ADVISED as u64)) else { continue };
                // It is advice: what a file system makes of it is its own affair.
                let _ = fadvise(&self.0, from, Some(length), Advice::WillNeed);
            }
        }
    }

    #[cfg(target_os = "linux")]
    fn next_written(&self, offset: u64) -> u64 {
        // This moves the position of the file, which no read here goes by.
        match rustix::fs::seek(&self.0, rustix::fs::SeekFrom::Data(offset)) {
            Ok(place) => place.max(offset),
            // Nothing was written from there to the end.
            Err(rustix::io::Errno::NXIO) => self.size().unwrap_or(offset).max(offset),
            Err(_) => offset,
        }
    }
}

/// A file that is held in memory.
#[derive(Debug, Clone, Default)]
pub struct MemorySource(pub Vec<u8>);

impl ReadAt for MemorySource {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|at| self.0.get(at..)).unwrap_or_default();
        let count = rest.len().min(buf.len());
        buf[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.0.len() as u64)
    }
}

/// Anything that can be read and moved in: an archive's member, a decrypted volume, bytes of another program.
///
/// It has one position, so readers of several threads take turns here and only here; a [`FileSource`] needs no turns.
/// Its size is looked up once. Give it as it is: reads are of pages and blocks, or of more at once, and a buffer around
/// it would only read twice.
#[derive(Debug)]
pub struct SeekSource<R> {
    inner: Mutex<R>,
    size: u64,
}

impl<R: Read + Seek> SeekSource<R> {
    /// A source of the bytes of `inner`, from its beginning to its end, wherever it stands.
    ///
    /// # Errors
    /// What `inner` gives when asked for its end.
    pub fn new(mut inner: R) -> io::Result<Self> {
        let size = inner.seek(SeekFrom::End(0))?;
        Ok(Self { inner: Mutex::new(inner), size })
    }

    /// Gives the bytes' owner back.
    pub fn into_inner(self) -> R {
        self.inner.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R: Read + Seek + Send> ReadAt for SeekSource<R> {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        // Whoever panicked left no more behind than a position, which is set anew.
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.seek(SeekFrom::Start(offset))?;
        inner.read(buf)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.size)
    }
}

/// Fills `buf` from `offset` on, as far as the source goes. Returns how many bytes were read.
pub(crate) fn read_full(source: &dyn ReadAt, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
    let mut done = 0;
    while done < buf.len() {
        let Some(at) = offset.checked_add(done as u64) else { break };
        match source.read_at(at, &mut buf[done..]) {
            Ok(0) => break,
            Ok(count) => done += count.min(buf.len() - done),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Remembers what it was told.
    #[derive(Default)]
    struct Told(Mutex<Vec<(u64, u64)>>);

    impl ReadAt for Told {
        fn read_at(&self, _: u64, _: &mut [u8]) -> io::Result<usize> {
            Ok(0)
        }

        fn size(&self) -> io::Result<u64> {
            Ok(0)
        }

        fn will_need(&self, offset: u64, length: u64) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push((offset, length));
        }
    }

    fn check(ranges: &[(u64, u64)], expected: &[(u64, u64)]) {
        let told = Told::default();
        announce(&told, ranges.iter().map(|(from, to)| *from..*to));
        assert_eq!(told.0.into_inner().unwrap_or_default(), expected, "{ranges:?}");
    }

    #[test]
    fn places_near_each_other_are_announced_as_one() {
        check(&[], &[]);
        check(&[(5, 9)], &[(5, 4)]);
        check(&[(0, 10), (10, 20), (12, 14), (30, 40)], &[(0, 40)]);
        check(&[(0, 1), (NEAR + 1, NEAR + 2)], &[(0, NEAR + 2)]);
        check(&[(0, 1), (NEAR + 2, NEAR + 3)], &[(0, 1), (NEAR + 2, 1)]);
        // Out of order they are announced all the same.
        check(&[(9 * NEAR, 10 * NEAR), (0, 1)], &[(9 * NEAR, NEAR), (0, 1)]);
        check(&[(0, u64::MAX), (7, u64::MAX)], &[(0, u64::MAX)]);
    }

    /// Where the file system knows of no holes, all counts as written.
    #[test]
    fn places_that_were_written() {
        use std::io::{Seek as _, Write as _};
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"begin").unwrap();
        file.seek(SeekFrom::Start(1 << 30)).unwrap();
        file.write_all(b"end").unwrap();
        file.as_file().set_len(2 << 30).unwrap();
        let source = FileSource::open(file.path()).unwrap();
        for (offset, most) in
            [(0, 0), (4, 4), (1 << 20, 1 << 30), (1 << 30, 1 << 30), ((1 << 30) + (1 << 20), 2 << 30)]
        {
            let found = source.next_written(offset);
            assert!((offset..=most).contains(&found), "{offset}: {found}");
        }
        assert_eq!(source.next_written(3 << 30), 3 << 30);
        let mut bytes = [0; 5];
        assert_eq!(source.read_at(0, &mut bytes).unwrap(), 5);
        assert_eq!(&bytes, b"begin");
    }
}
