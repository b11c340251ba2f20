//! Imports that wait, those that an earlier start did not end, and files that are watched.

use super::Library;
use crate::error::{Error, Result, SourceProblem};
use crate::ids::{JobId, SourceId};
use crate::ingest::{Access, JobView, Watching, on_writer};
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

impl Library {
    /// Lets a job wait after the items that are being read, also over the end of the program.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn pause(&self, id: JobId) -> Result<JobView> {
        self.importer.pause(id, true)
    }

    /// Lets a job that waits go on.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn resume(&self, id: JobId) -> Result<JobView> {
        self.importer.pause(id, false)
    }

    /// For each source that is the same mailbox as an older one, that one.
    ///
    /// # Errors
    /// SQLite's.
    pub fn twins(&self) -> Result<Vec<(SourceId, SourceId)>> {
        self.shared.store.twins()
    }

    /// Watches a file or folder from now on, or no longer: when it changes and rests, it is taken in again. The library remembers it.
    ///
    /// # Errors
    /// [`Error::Source`] when nothing is there; [`Error::Watch`] when the system cannot watch it; SQLite's.
    pub fn watch(&self, path: &Path, watched: bool) -> Result<()> {
        let problem = |cause| Error::Source { path: path.to_owned(), problem: SourceProblem::from_io(cause) };
        // What is away can still be forgotten.
        let known = path.canonicalize();
        let path = if watched { known.map_err(problem)? } else { known.unwrap_or_else(|_| path.to_owned()) };
        if watched {
            self.watching(|watching| watching.add(&path))??;
        } else {
            self.watching(|watching| watching.remove(&path))?;
        }
        let shown = path.to_string_lossy().into_owned();
        on_writer(&self.shared, move |writer| {
            writer.store.put_watched(&shown, watched)?;
            writer.commit()
        })
    }

    /// Files and folders that are watched.
    ///
    /// # Errors
    /// SQLite's.
    pub fn watched(&self) -> Result<Vec<PathBuf>> {
        self.shared.store.watched()
    }

    /// Takes in what is watched, and watches it from now on. For hosts that stay open. What is away is left for another start.
    ///
    /// # Errors
    /// SQLite's; [`Error::Watch`] when the system cannot watch files at all.
    pub fn resume_watching(&self) -> Result<()> {
        if self.access() != Access::Writes {
            return Ok(());
        }
        let paths = self.shared.store.watched()?;
        for path in &paths {
            if let Err(error) = self.watching(|watching| watching.add(path))? {
                tracing::info!(%error, "a file is not watched");
            }
        }
        for (path, outcome) in self.import(&paths) {
            if let Err(error) = outcome {
                tracing::info!(%error, path = %path.display(), "a watched file is not imported");
            }
        }
        Ok(())
    }

    fn watching<T>(&self, with: impl FnOnce(&Watching) -> T) -> Result<T> {
        let mut watching = self.watching.lock().unwrap_or_else(PoisonError::into_inner);
        match &*watching {
            Some(watching) => Ok(with(watching)),
            None => Ok(with(watching.insert(Watching::start(&self.importer)?))),
        }
    }

    /// Goes on with the imports that had not ended when the library was last closed, or its process ended; those that were paused
    /// are so again. A file that is away is left for another start. Gives the jobs.
    ///
    /// # Errors
    /// SQLite's.
    pub fn resume_unfinished(&self) -> Result<Vec<JobId>> {
        if self.access() != Access::Writes {
            return Ok(Vec::new());
        }
        let mut jobs = Vec::new();
        for (path, paused) in self.shared.store.unfinished()? {
            match self.importer.start(&path, paused) {
                Ok(id) => jobs.push(id),
                Err(Error::AlreadyImporting { .. }) => {}
                Err(error) => tracing::info!(%error, path = %path.display(), "an import is not gone on with"),
            }
        }
        Ok(jobs)
    }
}
