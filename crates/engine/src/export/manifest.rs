//! The record of an export: one line of JSON for each item, with its files and their digests. A second run reads it and goes on.

use super::encode::Digests;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::io::{BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// A line longer than this is none of ours.
const MAX_LINE: u64 = 16 * 1024 * 1024;

/// What was written of an item.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its id in the library.
    pub id: i64,
    /// Source, place in it and state: what tells it from every other item, in any library.
    pub item: String,
    /// Its files, or its part of a file.
    pub files: Vec<Written>,
    /// What could not be written, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub losses: Vec<String>,
}

/// A file, or a part of one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// Path below the folder of the export, with "/".
    pub file: String,
    /// Where the part begins.
    #[serde(default)]
    pub offset: u64,
    /// Bytes.
    pub bytes: u64,
    /// Of these bytes.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sha256: String,
    /// Of these bytes.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub blake3: String,
}

impl Written {
    /// A file or a part of one with its digests.
    pub fn new(file: String, offset: u64, digests: Digests) -> Self {
        Self { file, offset, bytes: digests.bytes, sha256: digests.sha256, blake3: digests.blake3 }
    }
}

/// The record, open for adding to it.
pub struct Manifest {
    path: PathBuf,
    out: BufWriter<File>,
    known: HashMap<String, Entry>,
    ends: HashMap<String, u64>,
    is_new: bool,
}

impl Manifest {
    /// Opens or begins the record at `path`. A last line that was broken off is cut.
    ///
    /// # Errors
    /// [`Error::BeingExported`] while another export has it; when it cannot be read or written.
    pub fn open(path: &Path) -> Result<Self> {
        let failed = |doing| move |e| Error::io(doing, path, e);
        let is_new = !path.exists();
        let mut file = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)
            .map_err(failed("opening"))?;
        // Two exports would write into each other's files. Where a file system knows no locks, that is left to people.
        if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
            let folder = path.parent().unwrap_or(path);
            return Err(Error::BeingExported { path: folder.to_owned() });
        }
        let (mut known, mut ends) = (HashMap::new(), HashMap::new());
        let mut whole = 0;
        let mut reader = BufReader::new(&mut file);
        loop {
            let mut line = Vec::new();
            let length =
                reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line).map_err(failed("reading"))?;
            if !line.ends_with(b"\n") {
                break;
            }
            let Ok(entry) = serde_json::from_slice::<Entry>(&line) else { break };
            whole += length as u64;
            for written in &entry.files {
                let end = ends.entry(written.file.clone()).or_insert(0);
                *end = (*end).max(written.offset + written.bytes);
            }
            known.insert(entry.item.clone(), entry);
        }
        file.set_len(whole).map_err(failed("writing"))?;
        file.seek(SeekFrom::End(0)).map_err(failed("writing"))?;
        Ok(Self { path: path.to_owned(), out: BufWriter::new(file), known, ends, is_new })
    }

    /// What is recorded of an item.
    pub fn known(&self, item: &str) -> Option<&Entry> {
        self.known.get(item)
    }

    /// Whether no export had written its record here.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Takes the record away again.
    pub fn discard(&mut self) {
        // That it stays there, empty, where this fails costs nothing but a look at it.
        let _ = std::fs::remove_file(&self.path);
    }

    /// Forgets what `keep` says no of, such as parts of files that are not there any more.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn retain(&mut self, keep: impl Fn(&Entry) -> bool) -> Result<()> {
        if self.known.values().all(&keep) {
            return Ok(());
        }
        let mut kept: Vec<Entry> =
            std::mem::take(&mut self.known).into_values().filter(|entry| keep(entry)).collect();
        // In the order in which they were written, as far as that can be told.
        let place = |entry: &Entry| entry.files.first().map(|written| (written.file.clone(), written.offset));
        kept.sort_by_cached_key(|entry| (place(entry), entry.id));
        self.clear()?;
        for entry in kept {
            self.add(&entry)?;
            for written in &entry.files {
                let end = self.ends.entry(written.file.clone()).or_insert(0);
                *end = (*end).max(written.offset + written.bytes);
            }
            self.known.insert(entry.item.clone(), entry);
        }
        self.flush()
    }

    /// Everything that is recorded.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.known.values()
    }

    /// How much of each file the record vouches for.
    pub fn ends(&self) -> HashMap<String, u64> {
        self.ends.clone()
    }

    /// Adds an item. It is on disk with the next [`Manifest::flush`].
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&mut self, entry: &Entry) -> Result<()> {
        let line = serde_json::to_string(entry).map_err(|e| Error::Internal(e.to_string()))?;
        writeln!(self.out, "{line}").map_err(|e| Error::io("writing", &self.path, e))
    }

    /// Forgets all that is recorded.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn clear(&mut self) -> Result<()> {
        self.known.clear();
        self.ends.clear();
        let failed = |e| Error::io("writing", &self.path, e);
        let mut file = self.out.get_ref().try_clone().map_err(failed)?;
        file.set_len(0).map_err(failed)?;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        // What still waits to be written goes too, and not to the file.
        let _ = std::mem::replace(&mut self.out, BufWriter::new(file)).into_parts();
        Ok(())
    }

    /// Brings to disk what was added.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn flush(&mut self) -> Result<()> {
        self.out.flush().map_err(|e| Error::io("writing", &self.path, e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_on_after_a_broken_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("manifest.jsonl");
        let entry = |item: &str, offset| Entry {
            id: 1,
            item: item.into(),
            files: vec![Written { file: "a.mbox".into(), offset, bytes: 10, ..Written::default() }],
            losses: Vec::new(),
        };
        let mut manifest = Manifest::open(&path).unwrap();
        manifest.add(&entry("x", 0)).unwrap();
        manifest.add(&entry("y", 10)).unwrap();
        manifest.flush().unwrap();
        drop(manifest);
        let mut file = File::options().append(true).open(&path).unwrap();
        file.write_all(b"{\"id\":3,\"item\":\"z\",\"fi").unwrap();
        let mut manifest = Manifest::open(&path).unwrap();
        assert_eq!(manifest.known("y"), Some(&entry("y", 10)));
        assert_eq!((manifest.known("z"), manifest.ends()["a.mbox"]), (None, 20));
        manifest.add(&entry("z", 20)).unwrap();
        manifest.flush().unwrap();
        assert!(matches!(Manifest::open(&path), Err(Error::BeingExported { .. })));
        drop(manifest);
        let manifest = Manifest::open(&path).unwrap();
        assert_eq!(manifest.ends()["a.mbox"], 30);
    }
}
