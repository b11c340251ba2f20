//! The folder of the index, as its writer reads it, and as those do who may not write there.
//!
//! A merge goes through the postings and positions of each part from beginning to end. Were they mapped, as they are for searches, all
//! their pages would be memory of this process until the merge is over. The writer reads them through a small window instead: of what it
//! merges, only the tables of words and the columns are mapped.

use super::durable::{self, Waiting};
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tantivy::Directory;
use tantivy::HasLen;
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    DirectoryLock, FileHandle, Lock, MmapDirectory, OwnedBytes, WatchCallback, WatchHandle, WritePtr,
};

/// Endings of the files that are read through a window: nine tenths of a part.
const READ: [&str; 2] = ["idx", "pos"];
/// Bytes that are read at least, and the border on which a reading begins.
const LEAST: usize = 4 * 1024;
/// Bytes that are read ahead at most.
const MOST: usize = 256 * 1024;

/// tantivy's directory of mapped files, but for postings and positions; what is written waits for the commit to be brought to the disk.
#[derive(Debug, Clone)]
pub struct Windowed {
    folder: PathBuf,
    mapped: MmapDirectory,
    waiting: Waiting,
}

impl Windowed {
    /// The index in `folder`.
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn open(folder: &Path) -> tantivy::Result<Self> {
        Ok(Self {
            folder: folder.to_owned(),
            mapped: MmapDirectory::open(folder)?,
            waiting: Waiting::default(),
        })
    }
}

impl Directory for Windowed {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        if !path.extension().is_some_and(|ending| READ.iter().any(|read| ending == *read)) {
            return self.mapped.get_file_handle(path);
        }
        let failed = |e| OpenReadError::wrap_io_error(e, path.to_owned());
        let file = File::open(self.folder.join(path)).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => OpenReadError::FileDoesNotExist(path.to_owned()),
            _ => failed(e),
        })?;
        let len = file.metadata().map_err(failed)?.len();
        let len = usize::try_from(len).map_err(|_| failed(io::ErrorKind::FileTooLarge.into()))?;
        Ok(Arc::new(Window {
            len,
            seen: Mutex::new(Seen { file, start: 0, bytes: Arc::default(), ahead: LEAST }),
        }))
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.waiting.forget(path);
        self.mapped.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.mapped.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        match self.waiting.create(&self.folder, path) {
            Ok(file) => Ok(BufWriter::new(file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(OpenWriteError::FileAlreadyExists(path.to_owned()))
            }
            Err(error) => Err(OpenWriteError::wrap_io_error(error, path.to_owned())),
        }
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.mapped.atomic_read(path)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        if path == Path::new(durable::LIST) {
            durable::write_list(&self.folder, data)?;
        } else {
            self.mapped.atomic_write(path, data)?;
        }
        open_file_to_readers(path, &self.folder);
        Ok(())
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.waiting.sync()?;
        self.mapped.sync_directory()
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        self.mapped.acquire_lock(lock)
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.mapped.watch(callback)
    }
}

/// Lets a file of the index be read by all who may read the folder's other files: tantivy makes some that only their owner may read, and
/// a library that others may read could not be searched by them.
fn as_readable(path: &Path, folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        const READ: u32 = 0o444;
        // Made by us, as the system makes files for this person.
        let Some(usual) = super::marker(folder).metadata().ok().map(|facts| facts.permissions().mode())
        else {
            return Ok(());
        };
        let mode = path.metadata()?.permissions().mode();
        if mode & READ != usual & READ {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode | usual & READ))?;
        }
    }
    #[cfg(not(unix))]
    let _ = (path, folder);
    Ok(())
}

/// Lets others read what tantivy keeps to its owner in `folder`, as far as they may read the rest.
pub fn open_to_readers(folder: &Path) {
    for name in ["meta.json", durable::LIST] {
        open_file_to_readers(Path::new(name), folder);
    }
}

fn open_file_to_readers(name: &Path, folder: &Path) {
    // Where it cannot be, on a share or a stick without owners, they cannot search; whoever owns it can.
    if let Err(error) = as_readable(&folder.join(name), folder) {
        tracing::debug!(%error, name = %name.display(), "a file of the index stays its owner's");
    }
}

/// tantivy's directory of mapped files, to be read also where nothing may be written: tantivy locks an index by a file that it makes,
/// even for reading.
#[derive(Debug, Clone)]
pub struct Guest(MmapDirectory);

impl Guest {
    /// The index in `folder`.
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn open(folder: &Path) -> tantivy::Result<Self> {
        Ok(Self(MmapDirectory::open(folder)?))
    }
}

impl Directory for Guest {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.0.get_file_handle(path)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        Err(DeleteError::IoError { io_error: Arc::new(refused()), filepath: path.to_owned() })
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.0.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        Err(OpenWriteError::wrap_io_error(refused(), path.to_owned()))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.0.atomic_read(path)
    }

    fn atomic_write(&self, _: &Path, _: &[u8]) -> io::Result<()> {
        Err(refused())
    }

    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        match self.0.acquire_lock(lock) {
            Err(LockError::IoError(cause)) if is_refusal(&cause) => Ok(DirectoryLock::from(Box::new(()))),
            answer => answer,
        }
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.0.watch(callback)
    }
}

fn refused() -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, "the index was opened to be read")
}

fn is_refusal(cause: &io::Error) -> bool {
    matches!(cause.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

/// A file of which a stretch is in memory.
#[derive(Debug)]
struct Window {
    /// Bytes of the file.
    len: usize,
    seen: Mutex<Seen>,
}

/// The stretch.
#[derive(Debug)]
struct Seen {
    file: File,
    /// Where it begins.
    start: usize,
    bytes: Arc<[u8]>,
    /// How much was read ahead last: the more, the longer one reading followed on another.
    ahead: usize,
}

impl Seen {
    /// Has `wanted`, which lies within the `len` bytes of the file, in memory.
    fn come_to(&mut self, wanted: &Range<usize>, len: usize) -> io::Result<()> {
        let end = self.start + self.bytes.len();
        if self.start <= wanted.start && wanted.end <= end {
            return Ok(());
        }
        let follows = self.start <= wanted.start && wanted.start <= end;
        self.ahead = if follows { self.ahead.saturating_mul(2).min(MOST) } else { LEAST };
        let start = wanted.start - wanted.start % LEAST;
        let end = wanted.end.max(start.saturating_add(self.ahead)).min(len);
        // Nothing holds until all of it is read.
        let mut bytes = std::mem::take(&mut self.bytes);
        self.start = start;
        if bytes.len() != end - start || Arc::get_mut(&mut bytes).is_none() {
            bytes = std::iter::repeat_n(0, end - start).collect();
        }
        if let Some(room) = Arc::get_mut(&mut bytes) {
            self.file.seek(SeekFrom::Start(start as u64))?;
            self.file.read_exact(room)?;
        }
        self.bytes = bytes;
        Ok(())
    }
}

impl HasLen for Window {
    fn len(&self) -> usize {
        self.len
    }
}

impl FileHandle for Window {
    fn read_bytes(&self, wanted: Range<usize>) -> io::Result<OwnedBytes> {
        if wanted.start > wanted.end || wanted.end > self.len {
            let reason = format!("bytes {wanted:?} of a file of the index that has {}", self.len);
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, reason));
        }
        if wanted.is_empty() {
            return Ok(OwnedBytes::empty());
        }
        // What a reader that failed left is nothing, or whole.
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.come_to(&wanted, self.len)?;
        let (from, to) = (wanted.start - seen.start, wanted.end - seen.start);
        Ok(OwnedBytes::new(Arc::clone(&seen.bytes)).slice(from..to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    /// Reads ranges of a file of `len` bytes one after another, and expects its bytes.
    fn check(len: usize, ranges: &[Range<usize>]) {
        let folder = tempfile::tempdir().unwrap();
        let bytes: Vec<u8> = (0..len).map(|n| (n * 31 % 251) as u8).collect();
        File::create(folder.path().join("a.pos")).unwrap().write_all(&bytes).unwrap();
        let handle = Windowed::open(folder.path()).unwrap().get_file_handle(Path::new("a.pos")).unwrap();
        assert_eq!(handle.len(), len);
        let read: Vec<OwnedBytes> =
            ranges.iter().map(|range| handle.read_bytes(range.clone()).unwrap()).collect();
        // What was read stays, whatever is read behind it.
        for (range, read) in ranges.iter().zip(read) {
            assert_eq!(read.as_slice(), &bytes[range.clone()], "{range:?} of {len}");
        }
        let beyond = handle.read_bytes(len..len + 1).unwrap_err();
        assert_eq!(beyond.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn any_stretch_of_a_file_is_read() {
        check(0, &[0..0, 0..0]);
        check(10, &[6..10, 2..6, 0..2, 0..10, 10..10]);
        check(1_000_000, &[999_990..1_000_000, 0..1_000_000, 5..5, 4095..4097, 4096..8192, 8191..8193]);
        let steps: Vec<Range<usize>> = (0..2_999).map(|n| n * 1000..n * 1000 + 999 + n % 2).collect();
        check(3_000_000, &steps);
        let back: Vec<Range<usize>> = steps.into_iter().rev().collect();
        check(3_000_000, &back);
    }

    #[test]
    fn what_tantivy_writes_is_on_the_disk_when_it_is_committed() {
        use tantivy::schema::{Schema, TEXT};
        let folder = tempfile::tempdir().unwrap();
        let mut schema = Schema::builder();
        let text = schema.add_text_field("text", TEXT);
        let directory = Windowed::open(folder.path()).unwrap();
        let waiting = directory.waiting.clone();
        let index = tantivy::Index::create(directory, schema.build(), tantivy::IndexSettings::default());
        let mut writer = index.unwrap().writer_with_num_threads(1, 15_000_000).unwrap();
        assert_eq!(waiting.count(), 0);
        for word in ["one", "two"] {
            writer.add_document(tantivy::doc!(text => word)).unwrap();
            let prepared = writer.prepare_commit().unwrap();
            assert!(waiting.count() > 3, "{word}: its files are written");
            prepared.commit().unwrap();
            assert_eq!(waiting.count(), 0, "{word}: and durable with the record that names them");
        }
        writer.add_document(tantivy::doc!(text => "three")).unwrap();
        writer.prepare_commit().unwrap();
        waiting.break_for_tests();
        assert!(writer.commit().is_err(), "no record names what may not be there");
        let meta = std::fs::read_to_string(folder.path().join("meta.json")).unwrap();
        assert_eq!(meta.matches("segment_id").count(), 2, "{meta}");
    }

    #[test]
    fn only_postings_and_positions_are_not_mapped() {
        let folder = tempfile::tempdir().unwrap();
        for (name, windowed) in [("a.idx", true), ("a.pos", true), ("a.term", false), ("a.fast", false)] {
            File::create(folder.path().join(name)).unwrap().write_all(b"words").unwrap();
            let handle = Windowed::open(folder.path()).unwrap().get_file_handle(Path::new(name)).unwrap();
            assert_eq!(format!("{handle:?}").starts_with("Window"), windowed, "{name}");
        }
        let missing = Windowed::open(folder.path()).unwrap().get_file_handle(Path::new("b.idx")).unwrap_err();
        assert!(matches!(missing, OpenReadError::FileDoesNotExist(_)), "{missing:?}");
    }
}
