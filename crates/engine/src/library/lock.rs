//! The lock that says whose library it is.

use crate::error::{Error, Result};
use std::fs::{File, TryLockError};
use std::path::Path;

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
        let path = folder.join("lock");
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
    fn a_program_that_is_being_started_does_not_keep_it() {
        let folder = tempfile::tempdir().unwrap();
        let lock = Lock::take(folder.path()).unwrap();
        let inherited = lock.0.try_clone().unwrap();
        drop(lock);
        Lock::take(folder.path()).unwrap();
        drop(inherited);
    }
}
