//! The lock that says whose library it is, and what may be done with it.

use crate::error::{Error, Result};
use crate::ingest::Access;
use crate::patience::patiently;
use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

/// The lock's file within the folder of a library.
const NAME: &str = "lock";

/// How this process has a library.
pub(super) struct Hold {
    pub(super) access: Access,
    /// Nothing beside another process, which has it, and where there is none that could be held.
    _lock: Option<Lock>,
}

impl Hold {
    /// Takes the library in `folder`: to be written, or with `beside` and `read_only` to be read alone, where it can only be read and
    /// there `is_one`. `written` are the files and folders that are written to, as far as they are there.
    ///
    /// # Errors
    /// [`Error::LibraryInUse`], [`Error::LibraryReadOnly`], [`Error::Io`].
    pub(super) fn take(wish: &Wish<'_>) -> Result<Self> {
        let busy = |error: &Error| matches!(error, Error::LibraryInUse { .. });
        let writable = || {
            let lock = Lock::take(wish.folder)?;
            wish.written.iter().try_for_each(|path| may_be_written(path))?;
            Ok(lock)
        };
        match patiently(wish.patience, busy, writable).map_err(|error| error.with_library(wish.folder)) {
            Ok(lock) => Ok(Self { access: Access::Writes, _lock: Some(lock) }),
            Err(Error::LibraryInUse { .. }) if wish.beside => {
                Ok(Self { access: Access::Beside, _lock: None })
            }
            Err(Error::LibraryReadOnly { .. }) if wish.read_only => match Lock::share(wish.folder) {
                Ok(lock) => Ok(Self { access: Access::ReadOnly, _lock: lock }),
                Err(Error::LibraryInUse { .. }) if wish.beside => {
                    Ok(Self { access: Access::Beside, _lock: None })
                }
                Err(error) => Err(error.with_library(wish.folder)),
            },
            Err(error) => Err(error),
        }
    }
}

/// How a library is to be taken.
pub(super) struct Wish<'a> {
    /// Its folder.
    pub(super) folder: &'a Path,
    /// What is written in it.
    pub(super) written: &'a [&'a Path],
    /// How long to wait for another process.
    pub(super) patience: Duration,
    /// Whether it may be read while another process has it.
    pub(super) beside: bool,
    /// Whether it may be read where nothing may be written.
    pub(super) read_only: bool,
}

/// Whether a file or folder that is there may be written to.
fn may_be_written(path: &Path) -> Result<()> {
    let refused = |cause: io::Error| match cause.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(Error::io("opening for writing", path, cause)),
    };
    #[cfg(target_os = "linux")]
    let answer = rustix::fs::access(path, rustix::fs::Access::WRITE_OK).map_err(io::Error::from);
    // Elsewhere a folder says it only when something is made in it.
    #[cfg(not(target_os = "linux"))]
    let answer = match path.is_dir() {
        true => tempfile::tempfile_in(path).map(drop),
        false => File::options().write(true).open(path).map(drop),
    };
    answer.or_else(refused)
}

/// That the library is this process's to write, until dropped.
///
/// Given back by name, not by closing the file: a program that is being started (one that reads attached files) holds a copy of every
/// open file until it has begun, and with it the lock.
pub(super) struct Lock(File);

impl Lock {
    /// Takes it.
    ///
    /// # Errors
    /// [`Error::LibraryInUse`] where somebody has it; [`Error::Io`].
    pub(super) fn take(folder: &Path) -> Result<Self> {
        let path = folder.join(NAME);
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .read(true)
            .open(&path)
            .map_err(|e| Error::io("opening", &path, e))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(Error::LibraryInUse { path: folder.to_owned() }),
            Err(TryLockError::Error(cause)) => Err(Error::io("locking", &path, cause)),
        }
    }

    /// Keeps everybody from writing, others who read alone excepted; without a right to write. `None` where there is nothing to lock:
    /// a copy without the file, a medium without locks.
    ///
    /// # Errors
    /// [`Error::LibraryInUse`] where somebody writes; [`Error::Io`].
    fn share(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(NAME);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(Error::io("opening", &path, cause)),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Err(Error::LibraryInUse { path: folder.to_owned() }),
            Err(TryLockError::Error(cause)) => {
                tracing::debug!(%cause, "a library that cannot be locked");
                Ok(None)
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Where that fails, closing the file gives it back.
        if let Err(error) = self.0.unlock() {
            tracing::warn!(%error, "the library's lock");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = Lock::take(folder.path()).unwrap();
        assert!(matches!(Lock::take(folder.path()), Err(Error::LibraryInUse { .. })));
        drop(first);
        Lock::take(folder.path()).unwrap();
    }

    #[test]
    fn who_reads_alone_keeps_others_from_writing() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Lock::share(folder.path()).unwrap().is_none(), "there is nothing to lock");
        drop(Lock::take(folder.path()).unwrap());
        let readers = [Lock::share(folder.path()).unwrap(), Lock::share(folder.path()).unwrap()];
        assert!(readers.iter().all(Option::is_some));
        assert!(matches!(Lock::take(folder.path()), Err(Error::LibraryInUse { .. })));
        drop(readers);
        let _writer = Lock::take(folder.path()).unwrap();
        assert!(matches!(Lock::share(folder.path()), Err(Error::LibraryInUse { .. })));
    }

    #[test]
    fn a_program_that_is_being_started_does_not_keep_it() {
        let folder = tempfile::tempdir().unwrap();
        let lock = Lock::take(folder.path()).unwrap();
        let inherited = lock.0.try_clone().unwrap();
        drop(lock);
        Lock::take(folder.path()).unwrap();
        drop(inherited);
    }
}
