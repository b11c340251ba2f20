//! Takes an attachment's bytes on their way out of the source.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// More than this goes to a file without a name.
const IN_MEMORY: usize = 4 << 20;
/// So much is looked at to see whether the rest is worth reading.
const HEAD: usize = 4096;

/// Why no more was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// What it begins with is of a kind without text; which.
    WithoutText(&'static str),
    /// It is larger than this many bytes.
    TooLarge(u64),
    /// The stage was asked to stop.
    Stopped,
    /// The disk that holds the library took no more.
    Disk(io::ErrorKind),
}

/// Keeps bytes, with their digest, up to a bound.
pub struct Spool<'s> {
    kept: tempfile::SpooledTempFile,
    digest: blake3::Hasher,
    head: Vec<u8>,
    looked: bool,
    taken: u64,
    most: u64,
    stop: &'s AtomicBool,
    /// Why no more was taken.
    pub refused: Option<Refused>,
}

impl<'s> Spool<'s> {
    /// For at most `most` bytes; what does not fit in memory lies in `folder`, and is gone with the process.
    pub fn new(folder: &Path, most: u64, stop: &'s AtomicBool) -> Self {
        Self {
            kept: tempfile::spooled_tempfile_in(IN_MEMORY, folder),
            digest: blake3::Hasher::new(),
            head: Vec::new(),
            looked: false,
            taken: 0,
            most,
            stop,
            refused: None,
        }
    }

    /// Whether what came so far is of a kind without text. Call it at the end, too: the file may be shorter than its head.
    pub fn look(&mut self) {
        if !std::mem::replace(&mut self.looked, true) && self.refused.is_none() {
            self.refused = mailscope_extract::without_text(&self.head).map(Refused::WithoutText);
        }
    }

    /// Bytes taken.
    pub fn len(&self) -> u64 {
        self.taken
    }

    /// The digest of all bytes.
    pub fn hash(&self) -> [u8; 32] {
        *self.digest.finalize().as_bytes()
    }

    fn refuse(&mut self, why: Refused) -> io::Error {
        self.refused.get_or_insert(why);
        io::Error::other("no more is taken")
    }
}

impl Write for Spool<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(self.refuse(Refused::Stopped));
        }
        if !self.looked {
            let room = HEAD - self.head.len();
            self.head.extend_from_slice(&bytes[..bytes.len().min(room)]);
            if self.head.len() == HEAD {
                self.look();
            }
        }
        self.taken += bytes.len() as u64;
        if self.taken > self.most {
            return Err(self.refuse(Refused::TooLarge(self.most)));
        }
        if self.refused.is_some() {
            return Err(io::Error::other("no more is taken"));
        }
        self.digest.update(bytes);
        if let Err(error) = self.kept.write_all(bytes) {
            return Err(self.refuse(Refused::Disk(error.kind())));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Spool<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.kept.read(buffer)
    }
}

impl Seek for Spool<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.kept.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], step: usize, refused: Option<Refused>) {
        let folder = tempfile::tempdir().unwrap();
        let stop = AtomicBool::new(false);
        let mut spool = Spool::new(folder.path(), 6 << 20, &stop);
        let written = bytes.chunks(step).try_for_each(|chunk| spool.write_all(chunk));
        spool.look();
        assert_eq!(spool.refused, refused);
        if refused.is_none() {
            written.unwrap();
            assert_eq!(spool.len(), bytes.len() as u64);
            assert_eq!(spool.hash(), *blake3::hash(bytes).as_bytes());
            let mut again = Vec::new();
            spool.seek(SeekFrom::Start(0)).unwrap();
            spool.read_to_end(&mut again).unwrap();
            assert!(again == bytes);
        }
    }

    #[test]
    fn bytes_are_kept_or_refused() {
        for step in [1000, 4096, 100_000] {
            check(b"", step, None);
            check(b"words", step, None);
            check(&b"words ".repeat(1_000_000), step, None);
            check(&b"words ".repeat(1_100_000), step, Some(Refused::TooLarge(6 << 20)));
            check(b"\x89PNG\r\n\x1a\n", step, Some(Refused::WithoutText("PNG picture")));
            check(&b"\x89PNG\r\n\x1a\n".repeat(100_000), step, Some(Refused::WithoutText("PNG picture")));
        }
    }

    #[test]
    fn a_stop_is_heard() {
        let stop = AtomicBool::new(true);
        let mut spool = Spool::new(Path::new("."), 100, &stop);
        assert!(spool.write_all(b"words").is_err());
        assert_eq!(spool.refused, Some(Refused::Stopped));
    }
}
