//! A job: the import of one file, seen from outside.

use crate::error::Error;
use crate::ids::{JobId, SourceId};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often a paused job looks whether it may go on.
const PAUSE: Duration = Duration::from_millis(50);

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// Waits for its turn.
    Queued,
    /// Learns what there is to read.
    Planning,
    /// Reads and stores items.
    Reading,
    /// Waits until the user lets it go on.
    Paused,
    /// Ended well.
    Done,
    /// Stopped by the user.
    Cancelled,
    /// Ended with an error.
    Failed,
}

impl JobState {
    /// Whether nothing more will happen.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Cancelled | Self::Failed)
    }
}

/// The account of items. When an import has ended, `expected = items + failed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub struct Account {
    pub expected: u64,
    pub items: u64,
    pub failed: u64,
    pub recovered: u64,
    /// Of those that were read: no more than a row of their folder's table is left of them.
    pub partial: u64,
    pub hidden: u64,
    pub attachments: u64,
    pub embedded: u64,
}

impl Account {
    /// Adds another account to this.
    pub fn add(&mut self, other: &Account) {
        self.expected += other.expected;
        self.items += other.items;
        self.failed += other.failed;
        self.recovered += other.recovered;
        self.partial += other.partial;
        self.hidden += other.hidden;
        self.attachments += other.attachments;
        self.embedded += other.embedded;
    }
}

/// A job at one moment.
#[derive(Debug, Clone)]
pub struct JobView {
    /// Its id.
    pub id: JobId,
    /// The file.
    pub path: PathBuf,
    /// Its source, once known.
    pub source: Option<SourceId>,
    /// Where it stands.
    pub state: JobState,
    /// Items to read in this run; 0 until known.
    pub planned: u64,
    /// Items read and committed in this run, those that failed included.
    pub processed: u64,
    /// The account so far.
    pub account: Account,
    /// Items added.
    pub new: u64,
    /// Items that changed.
    pub updated: u64,
    /// Items no longer in the file.
    pub removed: u64,
    /// Items not read again.
    pub unchanged: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Size of the file.
    pub size: u64,
    /// "Unicode", …; empty until known.
    pub format: String,
    /// "permute", …; empty until known.
    pub encryption: String,
    /// Oddities found.
    pub anomalies: u64,
    /// Folders.
    pub folders: u64,
    /// Seconds of running.
    pub seconds: f64,
    /// Whether the library held this file before.
    pub known_before: bool,
    /// The source of the same mailbox that is there beside this one.
    pub same_as: Option<SourceId>,
    /// Bytes at the end of the file that its header names and that are not there.
    pub missing: u64,
    /// Why it failed.
    pub error: Option<Arc<Error>>,
}

/// A job as its threads see it. Counters hold what is committed.
pub struct JobRecord {
    /// Its id.
    pub id: JobId,
    /// The file, absolute.
    pub path: PathBuf,
    cancel: AtomicBool,
    paused: AtomicBool,
    slow: Mutex<Slow>,
    pub(super) planned: AtomicU64,
    pub(super) processed: AtomicU64,
    pub(super) items: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) recovered: AtomicU64,
    pub(super) attachments: AtomicU64,
    pub(super) embedded: AtomicU64,
    pub(super) new: AtomicU64,
    pub(super) updated: AtomicU64,
    pub(super) bytes: AtomicU64,
    pub(super) anomalies: AtomicU64,
    pub(super) partial: AtomicU64,
}

/// What changes seldom.
pub(super) struct Slow {
    pub state: JobState,
    pub source: Option<SourceId>,
    pub started: Option<Instant>,
    pub seconds: f64,
    pub expected: u64,
    pub hidden: u64,
    pub unchanged: u64,
    pub removed: u64,
    pub size: u64,
    pub format: String,
    pub encryption: String,
    pub folders: u64,
    pub known_before: bool,
    pub same_as: Option<SourceId>,
    /// Bytes at the end of the file that its header names and that are not there.
    pub missing: u64,
    pub error: Option<Arc<Error>>,
    pub final_account: Option<Account>,
}

impl JobRecord {
    pub(super) fn new(id: JobId, path: PathBuf) -> Self {
        Self {
            id,
            path,
            cancel: AtomicBool::new(false),
            paused: AtomicBool::new(false),
            slow: Mutex::new(Slow {
                state: JobState::Queued,
                source: None,
                started: None,
                seconds: 0.0,
                expected: 0,
                hidden: 0,
                unchanged: 0,
                removed: 0,
                size: 0,
                format: String::new(),
                encryption: String::new(),
                folders: 0,
                known_before: false,
                same_as: None,
                missing: 0,
                error: None,
                final_account: None,
            }),
            planned: AtomicU64::new(0),
            processed: AtomicU64::new(0),
            items: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            recovered: AtomicU64::new(0),
            attachments: AtomicU64::new(0),
            embedded: AtomicU64::new(0),
            new: AtomicU64::new(0),
            updated: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            anomalies: AtomicU64::new(0),
            partial: AtomicU64::new(0),
        }
    }

    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Slow) -> T) -> T {
        change(&mut self.slow.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Asks the job to stop.
    pub fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }

    /// Lets the job wait, or go on.
    pub fn pause(&self, paused: bool) {
        self.paused.store(paused, Ordering::Relaxed);
    }

    /// Whether it is to wait.
    pub fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Relaxed)
    }

    /// Returns when the job may go on, or is to stop.
    pub(super) fn wait_while_paused(&self) {
        while self.is_paused() && !self.is_cancelled() {
            std::thread::sleep(PAUSE);
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.change(|slow| slow.state.is_final())
    }

    /// Its state now.
    pub fn view(&self) -> JobView {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        self.change(|slow| JobView {
            id: self.id,
            path: self.path.clone(),
            source: slow.source,
            state: if slow.state.is_final() || !self.is_paused() { slow.state } else { JobState::Paused },
            same_as: slow.same_as,
            missing: slow.missing,
            planned: read(&self.planned),
            processed: read(&self.processed),
            account: slow.final_account.unwrap_or(Account {
                expected: slow.expected,
                items: read(&self.items) + slow.unchanged,
                failed: read(&self.failed),
                recovered: read(&self.recovered),
                partial: read(&self.partial),
                hidden: slow.hidden,
                attachments: read(&self.attachments),
                embedded: read(&self.embedded),
            }),
            new: read(&self.new),
            updated: read(&self.updated),
            removed: slow.removed,
            unchanged: slow.unchanged,
            bytes: read(&self.bytes),
            size: slow.size,
            format: slow.format.clone(),
            encryption: slow.encryption.clone(),
            anomalies: read(&self.anomalies),
            folders: slow.folders,
            seconds: match slow.started {
                Some(started) if !slow.state.is_final() => started.elapsed().as_secs_f64(),
                _ => slow.seconds,
            },
            known_before: slow.known_before,
            error: slow.error.clone(),
        })
    }
}
