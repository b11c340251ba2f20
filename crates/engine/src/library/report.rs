//! The account of a source, for the file of a case.

use super::Library;
use crate::error::{Error, Result, SourceProblem};
use crate::ids::SourceId;
use crate::ingest::Access;
use crate::report::{self, Report};
use crate::source;
use crate::store::Digests;
use sha2::{Digest as _, Sha256};
use std::io::Read as _;
use std::path::Path;

/// Read at a time to digest a file, in bytes.
const CHUNK: usize = 1024 * 1024;

impl Library {
    /// Everything that is known of what became of a source: its file with digests, the account of each folder, every failure and
    /// every oddity. Reads the whole file the first time, and again only when it changed; `progress` is told of bytes done and in all.
    ///
    /// # Errors
    /// [`Error::NoSuch`]. A file that cannot be read has no digests; the report then says why.
    pub fn report(&self, id: SourceId, progress: &dyn Fn(u64, u64)) -> Result<Report> {
        let row = self.source(id)?;
        let digests = match self.digests(id, &row.path, progress) {
            Ok(digests) => Ok(digests),
            Err(Error::Source { problem, .. }) => Err(problem.to_string()),
            Err(other) => return Err(other),
        };
        let (failures, anomalies) = self.shared.store.losses(id, u32::MAX)?;
        Ok(Report {
            folders: self.shared.store.folders(Some(id))?,
            texts: self.shared.store.text_counts()?.remove(&id).unwrap_or_default(),
            unread: self.shared.store.unread_attachments(id, u32::MAX)?,
            copies: self.shared.store.source_copies(id)?,
            made_at: crate::ingest::now(),
            source: row,
            digests,
            failures,
            anomalies,
        })
    }

    /// Writes [`Self::report`] as a page for people (`.html`) or as a table (`.csv`), by the ending of `to`.
    ///
    /// # Errors
    /// [`Error::NoSuch`], [`Error::WouldOverwriteSource`], [`Error::NoSpace`], [`Error::Io`].
    pub fn write_report(&self, id: SourceId, to: &Path, progress: &dyn Fn(u64, u64)) -> Result<Report> {
        let target = to.canonicalize().unwrap_or_else(|_| to.to_owned());
        if self.sources()?.iter().any(|source| source.path == target) {
            return Err(Error::WouldOverwriteSource { path: to.to_owned() });
        }
        let report = self.report(id, progress)?;
        let csv = to.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
        let text = if csv { report::csv(&report) } else { report::html(&report) };
        std::fs::write(to, text).map_err(|cause| Error::io("writing", to, cause))?;
        Ok(report)
    }

    fn digests(&self, id: SourceId, path: &Path, progress: &dyn Fn(u64, u64)) -> Result<Digests> {
        let failed = |cause| Error::Source { path: path.to_owned(), problem: SourceProblem::from_io(cause) };
        let before = source::glance(path).map(|glance| glance.state).unwrap_or_default();
        if !before.is_empty()
            && let Some(known) = self.shared.store.digests(id, &before)?
        {
            return Ok(known);
        }
        let mut file = source::open_bytes(path).map_err(failed)?;
        let size = file.metadata().map_err(failed)?.len();
        let (mut blake3, mut sha256) = (blake3::Hasher::new(), Sha256::new());
        let (mut chunk, mut done) = (vec![0; CHUNK], 0);
        loop {
            let read = match file.read(&mut chunk) {
                Ok(0) => break,
                Ok(read) => chunk.get(..read).unwrap_or_default(),
                Err(cause) if cause.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(cause) => return Err(failed(cause)),
            };
            blake3.update(read);
            sha256.update(read);
            done += read.len() as u64;
            progress(done, size);
        }
        let digests =
            Digests { blake3: blake3.finalize().as_bytes().to_vec(), sha256: sha256.finalize().to_vec() };
        let after = source::glance(path).map(|glance| glance.state).unwrap_or_default();
        // Digests of a file that changed meanwhile are of no state of it; and beside who writes, nothing is kept.
        if !after.is_empty() && after == before && self.access() == Access::Writes {
            let (state, kept) = (before, digests.clone());
            crate::ingest::on_writer(&self.shared, move |writer| {
                writer.store.put_digests(id, &state, &kept.blake3, &kept.sha256)?;
                writer.commit()
            })?;
        }
        Ok(digests)
    }
}
