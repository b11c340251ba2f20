//! What the process does, in numbers.

mod latency;
mod operations;
mod stages;

pub use latency::{Latencies, Latency};
pub use operations::{Named, OperationView, Operations, Running};
pub use stages::{Stage, Stages};

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// Rates are taken over at least this long, so that they do not jump with every sample.
const RATE_SPAN: Duration = Duration::from_millis(900);
/// How far back samples are kept.
const HISTORY: Duration = Duration::from_secs(120);

/// One moment.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Sample {
    /// Milliseconds since 1970 UTC.
    pub at: i64,
    /// Items read per second.
    pub items_per_second: f64,
    /// Bytes read from sources per second.
    pub bytes_per_second: f64,
    /// Resident bytes of this process.
    pub memory: u64,
    /// 1.0 is one core busy.
    pub processor: f64,
    /// Cores.
    pub cores: u32,
    /// Latency of searches since the library was opened.
    pub search: Latency,
    /// Answers given from memory since the library was opened, and those that had to be found.
    pub cached: (u64, u64),
    /// Threads busy in each [`Stage`] since the sample before.
    pub stages: [f64; Stage::ALL.len()],
}

/// What only grows, since the library was opened.
#[derive(Debug, Clone, Copy, Default)]
pub struct Totals {
    /// Items read.
    pub items: u64,
    /// Bytes read from sources.
    pub bytes: u64,
    /// Seconds spent in each [`Stage`].
    pub stages: [f64; Stage::ALL.len()],
    /// Answers given from memory, and those that had to be found.
    pub cached: (u64, u64),
}

/// Takes samples and remembers them.
pub struct Monitor {
    state: Mutex<State>,
    latency: Latencies,
}

struct State {
    system: Option<System>,
    pid: Option<Pid>,
    /// When samples were taken, with the totals then; the oldest is the last that is [`RATE_SPAN`] old.
    totals: VecDeque<(Instant, Totals)>,
    history: VecDeque<(Instant, Sample)>,
}

impl Default for Monitor {
    fn default() -> Self {
        // A machine whose counters cannot be read shows zeros; nothing else depends on them.
        let system = System::new().map_err(|error| tracing::warn!(%error, "no system counters")).ok();
        let state = State {
            system,
            pid: sysinfo::get_current_pid().ok(),
            totals: VecDeque::new(),
            history: VecDeque::new(),
        };
        Self { state: Mutex::new(state), latency: Latencies::default() }
    }
}

impl Monitor {
    /// Records how long a search took.
    pub fn searched(&self, took: Duration) {
        self.latency.record(took);
    }

    /// Latency of searches so far.
    pub fn latency(&self) -> Latency {
        self.latency.latency()
    }

    /// Takes a sample.
    pub fn sample(&self, totals: Totals) -> Sample {
        let search = self.latency();
        let mut guard = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *guard;
        let now = Instant::now();
        let (memory, processor) = state.process();
        while state.totals.get(1).is_some_and(|(then, ..)| now.duration_since(*then) >= RATE_SPAN) {
            state.totals.pop_front();
        }
        let (then, before) = state.totals.front().copied().unwrap_or((now, totals));
        let seconds = now.duration_since(then).as_secs_f64().max(1e-3);
        let mut stages = totals.stages;
        stages.iter_mut().zip(before.stages).for_each(|(now, then)| *now = (*now - then).max(0.0) / seconds);
        state.totals.push_back((now, totals));
        let sample = Sample {
            at: crate::ingest::now(),
            items_per_second: rate(totals.items, before.items, seconds),
            bytes_per_second: rate(totals.bytes, before.bytes, seconds),
            memory,
            processor,
            cores: std::thread::available_parallelism()
                .map_or(1, |n| u32::try_from(n.get()).unwrap_or(u32::MAX)),
            search,
            cached: totals.cached,
            stages,
        };
        state.history.push_back((now, sample));
        while state.history.front().is_some_and(|(then, _)| now.duration_since(*then) > HISTORY) {
            state.history.pop_front();
        }
        sample
    }

    /// Samples of the last two minutes, oldest first.
    pub fn history(&self) -> Vec<Sample> {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .history
            .iter()
            .map(|(_, sample)| *sample)
            .collect()
    }
}

/// What the process took so far.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Process {
    /// Resident bytes now.
    pub memory: u64,
    /// The most resident bytes so far, where the system tells.
    pub peak: Option<u64>,
    /// Seconds of processor time.
    pub processor_seconds: f64,
}

impl Monitor {
    /// What the process took so far.
    pub fn process(&self) -> Process {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (memory, _) = state.process();
        let seconds = state
            .pid
            .and_then(|pid| state.system.as_ref()?.process(pid))
            .map_or(0.0, |process| process.accumulated_cpu_time() as f64 / 1000.0);
        Process { memory, peak: peak_memory(), processor_seconds: seconds }
    }
}

impl State {
    /// Resident bytes, and cores busy since the last look.
    fn process(&mut self) -> (u64, f64) {
        let (Some(system), Some(pid)) = (self.system.as_mut(), self.pid) else { return (0, 0.0) };
        let wanted = ProcessRefreshKind::nothing().with_memory().with_cpu();
        let _ = system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), false, wanted);
        system
            .process(pid)
            .map_or((0, 0.0), |process| (process.memory(), f64::from(process.cpu_usage()) / 100.0))
    }
}

fn rate(now: u64, then: u64, seconds: f64) -> f64 {
    now.saturating_sub(then) as f64 / seconds
}

/// The most resident memory that this process ever had, in bytes; `None` where the system does not tell.
pub fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    kib.checked_mul(1024)
}
