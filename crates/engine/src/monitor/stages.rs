//! Where an import spends its time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What a thread of an import does at a moment. Readers are as many as `--threads` says; the writer is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Readers: from the file to an item.
    Read,
    /// Readers: from an item to what is stored and indexed: compression, digests, terms.
    Prepare,
    /// Readers: the queue has no room, so the writer is what all wait for.
    QueueFull,
    /// The writer: the queue is empty, so the readers are what all wait for, or nothing is imported.
    QueueEmpty,
    /// The writer: rows into SQLite.
    Store,
    /// The writer: a document to tantivy's own threads; long when they are behind.
    Index,
    /// The writer: SQLite makes a batch durable.
    CommitStore,
    /// The writer: tantivy writes its segments and makes them durable.
    CommitIndex,
}

impl Stage {
    /// All of them, in the way of the data.
    pub const ALL: [Self; 8] = [
        Self::Read,
        Self::Prepare,
        Self::QueueFull,
        Self::QueueEmpty,
        Self::Store,
        Self::Index,
        Self::CommitStore,
        Self::CommitIndex,
    ];

    /// Its name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Prepare => "prepare",
            Self::QueueFull => "queue_full",
            Self::QueueEmpty => "queue_empty",
            Self::Store => "store",
            Self::Index => "index",
            Self::CommitStore => "commit_store",
            Self::CommitIndex => "commit_index",
        }
    }
}

/// Time spent in each stage by all threads together, since the library was opened.
#[derive(Debug, Default)]
pub struct Stages {
    nanos: [AtomicU64; Stage::ALL.len()],
}

impl Stages {
    /// Does the work of a stage and counts its time.
    pub fn time<T>(&self, stage: Stage, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let done = work();
        self.add(stage, started.elapsed());
        done
    }

    /// Counts time spent in a stage.
    pub fn add(&self, stage: Stage, spent: Duration) {
        let nanos = u64::try_from(spent.as_nanos()).unwrap_or(u64::MAX);
        if let Some(sum) = self.nanos.get(stage as usize) {
            sum.fetch_add(nanos, Ordering::Relaxed);
        }
    }

    /// Seconds spent in each stage so far.
    pub fn seconds(&self) -> [f64; Stage::ALL.len()] {
        self.nanos.each_ref().map(|nanos| nanos.load(Ordering::Relaxed) as f64 / 1e9)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stage_has_its_own_sum() {
        let stages = Stages::default();
        for (n, stage) in (1..).zip(Stage::ALL) {
            assert_eq!(stages.time(stage, || n), n);
            stages.add(stage, Duration::from_secs(n));
        }
        for (n, seconds) in (1..).zip(stages.seconds()) {
            let n = f64::from(n);
            assert!(seconds >= n && seconds < n + 1.0, "{seconds} for {n}");
        }
    }
}
