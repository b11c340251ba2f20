//! The text of attached files: a stage that works behind the imports, so that mail is searchable first and its attachments follow.
//!
//! Every attachment waits until its bytes were looked at once; then it is read, holds nothing to read, or failed with a reason. The
//! text belongs to the content: what was sent a hundred times is read once. Where the stage is stopped or killed, what is not yet
//! committed waits still, and the next start goes on.

mod pass;
mod spool;

pub use mailscope_extract::Limits;
pub use mailscope_extract::process::{Program, serve_if_asked};

use crate::error::{Error, Result};
use crate::ids::SourceId;
use crate::ingest::{Importer, Shared};
use mailscope_extract::process::Extractor;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// The account of attachments' text; every attachment is one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TextCounts {
    /// Not yet looked at.
    pub waiting: u64,
    /// Their text is searchable.
    pub read: u64,
    /// They hold no text that can be read, or it belongs to the item's own (embedded messages).
    pub nothing: u64,
    /// Their text could not be read.
    pub failed: u64,
}

impl TextCounts {
    /// Adds another account to this.
    pub fn add(&mut self, other: &Self) {
        self.waiting += other.waiting;
        self.read += other.read;
        self.nothing += other.nothing;
        self.failed += other.failed;
    }
}

/// Where the stage stands.
#[derive(Debug, Clone, Default)]
pub struct TextStatus {
    /// Whether attachments are read at all.
    pub enabled: bool,
    /// Whether some are being read now.
    pub working: bool,
    /// The name of the file that is being read.
    pub current: Option<String>,
    /// Why none can be read; the next import or start tries again.
    pub problem: Option<String>,
    /// The account by source.
    pub sources: HashMap<SourceId, TextCounts>,
}

impl TextStatus {
    /// The account of the whole library.
    pub fn counts(&self) -> TextCounts {
        let mut sum = TextCounts::default();
        self.sources.values().for_each(|counts| sum.add(counts));
        sum
    }
}

/// Which program reads attachments, and what each may cost.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The program that is started as a child.
    pub program: Program,
    /// What a file may cost.
    pub limits: Limits,
}

impl Reading {
    /// By the running program, whose `main` must begin with [`serve_if_asked`], within the default limits.
    ///
    /// # Errors
    /// When the system does not know where the program lies.
    pub fn by_this_program() -> std::io::Result<Self> {
        Ok(Self { program: Program::this()?, limits: Limits::default() })
    }
}

/// The stage, on a thread of its own.
pub struct Stage {
    shared: Arc<StageShared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct StageShared {
    stop: Arc<AtomicBool>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    working: bool,
    current: Option<String>,
    problem: Option<String>,
    /// Up to which import everything was looked at.
    done: Option<u64>,
    over: bool,
    /// Somebody waits for it.
    wanted: bool,
}

impl StageShared {
    /// Waits so long, unless it ends or somebody waits for it.
    fn rest(&self, time: Duration) {
        let wait = |state: &mut State| !state.wanted && !self.is_stopped();
        // What the lock guards is whole even after a fault.
        let _ = self.changed.wait_timeout_while(self.state(), time, wait);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.notify_all();
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

impl Stage {
    /// Starts the stage of a library; each of its readers may cache `cache_bytes`.
    ///
    /// # Errors
    /// When no thread can be had.
    pub fn start(
        library: Arc<Shared>,
        importer: Arc<Importer>,
        reading: Reading,
        cache_bytes: usize,
    ) -> Result<Self> {
        let shared =
            Arc::new(StageShared { stop: Arc::default(), state: Mutex::default(), changed: Condvar::new() });
        let folder = library.folder.clone();
        let extractor = Extractor::new(reading.program, reading.limits, shared.stop.clone());
        let worker =
            pass::Worker { library, importer, stage: shared.clone(), extractor, cache_bytes, open: None };
        let thread = std::thread::Builder::new()
            .name("attachments".into())
            .spawn(move || worker.run())
            .map_err(|e| Error::io("starting a thread for", &folder, e))?;
        Ok(Self { shared, thread: Mutex::new(Some(thread)) })
    }

    /// Fills in what the stage knows of itself.
    pub fn tell(&self, status: &mut TextStatus) {
        let state = self.shared.state();
        status.enabled = true;
        status.working = state.working;
        status.current.clone_from(&state.current);
        status.problem.clone_from(&state.problem);
    }

    /// Waits until all was looked at that the imports up to number `ends` brought, as far as it can be.
    pub fn wait(&self, ends: u64) {
        let mut state = self.shared.state();
        state.wanted = true;
        self.shared.changed.notify_all();
        while !state.over && state.done.is_none_or(|done| done < ends) {
            state = self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Ends it at once; the file that is being read waits for the next start.
    pub fn stop(&self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        // Under the lock, so that it is not missed between a look and the wait behind it.
        self.shared.change(|_| ());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the reading of attachments ended with a fault");
        }
    }
}
