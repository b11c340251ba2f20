//! The import: files become jobs, jobs' items go through a bounded queue to the one writer.

mod compare;
mod extract;
mod file;
mod indexer;
mod job;
mod pace;
mod parts;
mod queue;
mod rank;
mod read;
mod rhythm;
mod shared;
mod watch;
mod writer;

pub use job::{Account, JobRecord, JobState, JobView};
pub use pace::Threads;
pub use queue::ByteQueue;
pub use rank::step_back;
pub use shared::{Access, MAX_ATTACHED, Message, Point, Shared, now, on_writer};
pub use watch::Watching;
pub use writer::Writer;

use crate::error::{Error, Result};
use crate::ids::JobId;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// What listeners are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// A job changed its state.
    Job(JobId),
    /// A batch became searchable.
    Committed {
        /// See [`Shared::generation`].
        generation: u64,
    },
}

/// How many files are read at once; their items share the same workers.
const FILES_AT_ONCE: usize = 2;
/// So many that are paused in the middle do not keep others from being read.
const PAUSED_BESIDE: usize = 8;
/// Ended jobs that are remembered.
const MAX_ENDED: usize = 1000;

/// Starts jobs and knows them all.
pub struct Importer {
    shared: Arc<Shared>,
    pool: Arc<rayon::ThreadPool>,
    cache_bytes: usize,
    jobs: Mutex<Jobs>,
    changed: Condvar,
}

#[derive(Default)]
struct Jobs {
    last_id: i64,
    all: Vec<Arc<JobRecord>>,
    waiting: VecDeque<Arc<JobRecord>>,
    running: usize,
    /// Imports that have ended.
    ends: u64,
    stopped: bool,
}

impl Jobs {
    /// Whether another file may be read now.
    fn has_room(&self) -> bool {
        self.running < FILES_AT_ONCE + self.paused().take(PAUSED_BESIDE).count()
    }

    /// Imports that have begun, and wait until somebody has them go on.
    fn paused(&self) -> impl Iterator<Item = &Arc<JobRecord>> {
        let waits = |job: &Arc<JobRecord>| self.waiting.iter().any(|waiting| waiting.id == job.id);
        self.all.iter().filter(move |job| job.is_paused() && !job.is_over() && !waits(job))
    }

    /// How many imports are at work or about to be, `but` for one: what follows imports waits for these. Those that are paused may stay so
    /// for days.
    fn active(&self, but: Option<JobId>) -> usize {
        let others = |job: &&Arc<JobRecord>| Some(job.id) != but;
        let waiting = self.waiting.iter().filter(|job| !job.is_paused()).count();
        let begun = self.running.saturating_sub(usize::from(but.is_some()));
        begun.saturating_sub(self.paused().filter(others).count()) + waiting
    }
}

impl Importer {
    /// An importer whose items are read on `pool`; each worker's reader may cache `cache_bytes`.
    pub fn new(shared: Arc<Shared>, pool: Arc<rayon::ThreadPool>, cache_bytes: usize) -> Arc<Self> {
        Arc::new(Self { shared, pool, cache_bytes, jobs: Mutex::default(), changed: Condvar::new() })
    }

    fn jobs(&self) -> MutexGuard<'_, Jobs> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues the import of one file, which is to wait in the middle if it is `paused`. The library remembers it until it has ended.
    ///
    /// # Errors
    /// [`Error::AlreadyImporting`] while the same file is queued or read.
    pub fn start(self: &Arc<Self>, path: &Path, paused: bool) -> Result<JobId> {
        let problem =
            |e| Error::Source { path: path.to_owned(), problem: crate::error::SourceProblem::from_io(e) };
        self.shared.may_write()?;
        let absolute = path.canonicalize().map_err(problem)?;
        let mut jobs = self.jobs();
        if jobs.stopped {
            return Err(Error::WriterGone);
        }
        if jobs.all.iter().any(|job| job.path == absolute && !job.is_over()) {
            return Err(Error::AlreadyImporting { path: path.to_owned() });
        }
        jobs.last_id += 1;
        let job = Arc::new(JobRecord::new(JobId(jobs.last_id), absolute));
        job.pause(paused);
        if jobs.all.len() >= MAX_ENDED
            && let Some(ended) = jobs.all.iter().position(|job| job.is_over())
        {
            jobs.all.remove(ended);
        }
        jobs.all.push(job.clone());
        jobs.waiting.push_back(job.clone());
        drop(jobs);
        self.remember(&job, true);
        self.start_waiting();
        Ok(job.id)
    }

    fn start_waiting(self: &Arc<Self>) {
        let mut jobs = self.jobs();
        while jobs.has_room()
            && let Some(job) = jobs.waiting.pop_front()
        {
            jobs.running += 1;
            let importer = self.clone();
            let name = format!("import-{}", job.id.0);
            let started = job.clone();
            let spawned = std::thread::Builder::new().name(name).spawn(move || importer.run(&started));
            if let Err(cause) = spawned {
                jobs.running -= 1;
                end(&job, Err(Error::io("starting a thread for", &job.path, cause)), None);
            }
        }
    }

    fn run(self: Arc<Self>, job: &Arc<JobRecord>) {
        job.change(|slow| slow.started = Some(Instant::now()));
        let result = if job.is_cancelled() {
            Err(Error::Cancelled)
        } else {
            // A fault in reading one file must not take the others, or the window, with it.
            let attempt = std::panic::AssertUnwindSafe(|| {
                file::import(job, &self.shared, &self.pool, self.cache_bytes)
            });
            std::panic::catch_unwind(attempt)
                .unwrap_or_else(|_| Err(Error::Internal("reading the file failed".into())))
        };
        // What all of them brought is told together, while the index takes in the last of it.
        if self.is_last(job) {
            self.relate();
        }
        let settled = on_writer(&self.shared, Writer::settle_index);
        let result = result.and(settled);
        // What ended by itself, or by the user, is not gone on with, though it was paused when all was read; what ends with the library is.
        if (result.is_err() || job.is_paused()) && !self.jobs().stopped {
            self.remember(job, false);
        }
        let account = job.view().source.and_then(|source| file::account(&self.shared, source).ok());
        end(job, result, account);
        (self.shared.notify)(Notice::Job(job.id));
        if self.leave_unless_last(job) {
            // Where another one ended meanwhile; else there is nothing left to do.
            self.relate();
            let mut jobs = self.jobs();
            jobs.running -= 1;
            jobs.ends += 1;
        }
        self.changed.notify_all();
        self.start_waiting();
    }

    fn relate(&self) {
        let started = Instant::now();
        let related = on_writer(&self.shared, Writer::relate);
        tracing::debug!(took = ?started.elapsed(), "what belongs together is told");
        if let Err(error) = related {
            tracing::warn!(%error, "what belongs together is found by the next start");
        }
    }

    /// As [`relate`](Self::relate), behind what the queue holds, for one who does not wait for it.
    fn relate_soon(&self) {
        let relate = |writer: &mut Writer| {
            if let Err(error) = writer.relate() {
                tracing::warn!(%error, "what belongs together is found by the next start");
                writer.undo(&error);
            }
        };
        // Refused only when the library is being closed.
        let _ = self.shared.queue.push(Message::Run(Box::new(relate)), 0);
    }

    /// Whether no other import is at work or about to be.
    fn is_last(&self, job: &JobRecord) -> bool {
        let jobs = self.jobs();
        jobs.active(Some(job.id)) == 0 && !jobs.stopped
    }

    /// Counts an import as ended if others are at work, or all is being stopped. Gives whether it is the last, which still counts.
    fn leave_unless_last(&self, job: &JobRecord) -> bool {
        let mut jobs = self.jobs();
        if jobs.active(Some(job.id)) == 0 && !jobs.stopped {
            return true;
        }
        jobs.running -= 1;
        jobs.ends += 1;
        false
    }

    /// Writes that a job is to be gone on with by the next start, or is no longer, with the next batch.
    fn remember(&self, job: &JobRecord, unfinished: bool) {
        let (path, paused) = (job.path.to_string_lossy().into_owned(), job.is_paused());
        let write = move |writer: &mut Writer| {
            let written = if unfinished {
                writer.store.put_unfinished(&path, paused)
            } else {
                writer.store.forget_unfinished(&path)
            };
            match written {
                Ok(()) => writer.commit_soon(),
                // The import itself will say what is wrong; this was for the next start alone.
                Err(error) => {
                    tracing::warn!(%error, "an unfinished import is not remembered");
                    // The batch that it was to go with is in doubt.
                    writer.undo(&error);
                }
            }
        };
        // Refused only when the library is being closed.
        let _ = self.shared.queue.push(Message::Run(Box::new(write)), 0);
    }

    /// Lets a job wait, or go on.
    ///
    /// # Errors
    /// [`Error::NoSuch`] when there is none of this id.
    pub fn pause(self: &Arc<Self>, id: JobId, paused: bool) -> Result<JobView> {
        let job = self.find(id)?;
        if !job.is_over() && job.is_paused() != paused {
            job.pause(paused);
            self.remember(&job, true);
            (self.shared.notify)(Notice::Job(job.id));
            // Under the lock, so that nobody who looks whether all is quiet misses it.
            let jobs = self.jobs();
            let quiet = jobs.active(None) == 0 && !jobs.stopped;
            self.changed.notify_all();
            drop(jobs);
            if paused && quiet {
                // Those that ended before left it to this one, which may now wait for days.
                self.relate_soon();
            }
            self.start_waiting();
        }
        Ok(job.view())
    }

    /// Asks a job to stop.
    ///
    /// # Errors
    /// [`Error::NoSuch`] when there is none of this id.
    pub fn cancel(&self, id: JobId) -> Result<JobView> {
        let job = self.find(id)?;
        job.cancel();
        Ok(job.view())
    }

    /// A job.
    ///
    /// # Errors
    /// [`Error::NoSuch`] when there is none of this id.
    pub fn job(&self, id: JobId) -> Result<JobView> {
        Ok(self.find(id)?.view())
    }

    fn find(&self, id: JobId) -> Result<Arc<JobRecord>> {
        self.jobs()
            .all
            .iter()
            .find(|job| job.id == id)
            .cloned()
            .ok_or(Error::NoSuch { what: "job", id: id.0 })
    }

    /// All jobs, oldest first.
    pub fn views(&self) -> Vec<JobView> {
        self.jobs().all.iter().map(|job| job.view()).collect()
    }

    /// Whether an import is at work or about to be.
    pub fn is_busy(&self) -> bool {
        self.jobs().active(None) > 0
    }

    /// How many imports have ended.
    pub fn ends(&self) -> u64 {
        self.jobs().ends
    }

    /// Waits until no import is at work or about to be, and others have ended than when `seen` had. Gives how many have; `None` once
    /// stopped.
    pub fn wait_quiet(&self, seen: Option<u64>) -> Option<u64> {
        let mut jobs = self.jobs();
        loop {
            if jobs.stopped {
                return None;
            }
            if jobs.active(None) == 0 && seen != Some(jobs.ends) {
                return Some(jobs.ends);
            }
            jobs = self.changed.wait(jobs).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits until no job waits or runs.
    pub fn wait_idle(&self) {
        let mut jobs = self.jobs();
        while jobs.running > 0 || !jobs.waiting.is_empty() {
            jobs = self.changed.wait(jobs).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Cancels everything, waits for it to stop at a clean point, and starts nothing any more.
    pub fn stop(&self) {
        let mut jobs = self.jobs();
        jobs.stopped = true;
        self.changed.notify_all();
        for job in jobs.all.iter().filter(|job| !job.is_over()) {
            job.cancel();
        }
        while jobs.running > 0 || !jobs.waiting.is_empty() {
            jobs = self.changed.wait(jobs).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn end(job: &JobRecord, result: Result<()>, account: Option<(Account, u64)>) {
    job.change(|slow| {
        slow.seconds = slow.started.map_or(0.0, |started| started.elapsed().as_secs_f64());
        if let Some((account, folders)) = account {
            slow.final_account = Some(account);
            slow.folders = folders;
        }
        // The writer may have ended the job with an error of its own.
        let (state, error) = match (result, slow.error.take()) {
            (_, Some(error)) => (JobState::Failed, Some(error)),
            (Ok(()), None) => (JobState::Done, None),
            (Err(Error::Cancelled), None) => (JobState::Cancelled, None),
            (Err(error), None) => (JobState::Failed, Some(Arc::new(error))),
        };
        slow.state = state;
        slow.error = error;
    });
}
