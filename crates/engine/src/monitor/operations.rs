//! What is asked of a library, by name: how often, how long it took, how often it failed, and whether it takes longer than it should.

use super::latency::{Latency, Recorded};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// "Lately" reaches back for one to two of these.
const SPAN: Duration = Duration::from_secs(60);
/// An operation is slow when lately at least so many of its runs took too long, …
const SLOW_RUNS: u64 = 3;
/// … and they are more than one in so many: 95 of 100 are to be in time.
const SLOW_SHARE: u64 = 20;

/// An operation: its name, and how long it is to take at most, if that can be said.
pub type Named = (&'static str, Option<Duration>);

/// All operations of a service.
pub struct Operations {
    opened: Instant,
    all: Vec<Operation>,
}

struct Operation {
    name: &'static str,
    target: Option<Duration>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    all: Recorded,
    errors: u64,
    running: u32,
    /// The span that is being filled, and the one before it.
    spans: [Span; 2],
    since: Option<Instant>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Span {
    runs: u64,
    slow: u64,
}

/// How an operation did since the service was opened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OperationView {
    /// Its name.
    pub name: &'static str,
    /// How long it took, those included that failed.
    pub latency: Latency,
    /// How often it failed.
    pub errors: u64,
    /// How often it runs at this moment.
    pub running: u32,
    /// Runs a second, lately.
    pub per_second: f64,
    /// How long it is to take at most, in milliseconds.
    pub target: Option<f64>,
    /// Runs lately, and how many of them took longer than that.
    pub lately: (u64, u64),
}

impl OperationView {
    /// Whether lately it took longer than it should, too often to be chance.
    pub fn is_slow(&self) -> bool {
        let (runs, slow) = self.lately;
        slow >= SLOW_RUNS && slow.saturating_mul(SLOW_SHARE) > runs
    }
}

/// A run of an operation. It has failed unless [`Running::ended`] says otherwise.
#[must_use]
pub struct Running<'a> {
    operation: Option<&'a Operation>,
    started: Instant,
    failed: bool,
}

impl Operations {
    /// Operations of these names.
    pub fn new(named: impl IntoIterator<Item = Named>) -> Self {
        let operation = |(name, target)| Operation { name, target, state: Mutex::default() };
        Self { opened: Instant::now(), all: named.into_iter().map(operation).collect() }
    }

    /// Begins a run. One of an unknown name is not counted.
    pub fn begin(&self, name: &str) -> Running<'_> {
        let operation = self.all.iter().find(|operation| operation.name == name);
        if let Some(operation) = operation {
            operation.lock().running += 1;
        }
        Running { operation, started: Instant::now(), failed: true }
    }

    /// Those that ran, in the order of their names' list.
    pub fn views(&self) -> Vec<OperationView> {
        let now = Instant::now();
        let open = now.duration_since(self.opened);
        self.all.iter().filter_map(|operation| operation.view(now, open)).collect()
    }

    /// How long ago the service was opened.
    pub fn uptime(&self) -> Duration {
        self.opened.elapsed()
    }
}

impl Operation {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn view(&self, now: Instant, open: Duration) -> Option<OperationView> {
        let mut state = self.lock();
        state.turn(now);
        let latency = state.all.latency();
        if latency.count == 0 && state.running == 0 {
            return None;
        }
        let [current, before] = state.spans;
        let runs = current.runs + before.runs;
        let filled = state.since.map_or(Duration::ZERO, |since| now.duration_since(since));
        let span = (SPAN + filled).min(open).as_secs_f64().max(1.0);
        Some(OperationView {
            name: self.name,
            latency,
            errors: state.errors,
            running: state.running,
            per_second: runs as f64 / span,
            target: self.target.map(|target| target.as_secs_f64() * 1000.0),
            lately: (runs, current.slow + before.slow),
        })
    }
}

impl State {
    /// Begins a new span where the current one is full.
    fn turn(&mut self, now: Instant) {
        let since = *self.since.get_or_insert(now);
        let passed = now.saturating_duration_since(since);
        if passed >= 2 * SPAN {
            self.spans = [Span::default(); 2];
        } else if passed >= SPAN {
            self.spans = [Span::default(), self.spans[0]];
        } else {
            return;
        }
        self.since = Some(now);
    }
}

impl Running<'_> {
    /// Tells how it ended.
    pub fn ended(mut self, well: bool) {
        self.failed = !well;
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let Some(operation) = self.operation else { return };
        let took = self.started.elapsed();
        let mut state = operation.lock();
        state.turn(Instant::now());
        state.running = state.running.saturating_sub(1);
        state.errors += u64::from(self.failed);
        state.all.record(took);
        let slow = operation.target.is_some_and(|target| took > target);
        state.spans[0].runs += 1;
        state.spans[0].slow += u64::from(slow);
    }
}

#[cfg(test)]
mod tests {
    // Helpers of tests fail as tests do.
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn views(operations: &Operations) -> Vec<(&'static str, u64, u64, u32)> {
        let views = operations.views();
        views.iter().map(|view| (view.name, view.latency.count, view.errors, view.running)).collect()
    }

    #[test]
    fn runs_and_failures_are_counted_by_name() {
        let operations = Operations::new([("a", None), ("b", None), ("c", None)]);
        assert_eq!(views(&operations), []);
        operations.begin("a").ended(true);
        operations.begin("a").ended(false);
        drop(operations.begin("b"));
        operations.begin("unknown").ended(true);
        assert_eq!(views(&operations), [("a", 2, 1, 0), ("b", 1, 1, 0)]);
        let running = operations.begin("c");
        assert_eq!(views(&operations)[2], ("c", 0, 0, 1), "it is seen while it runs");
        running.ended(true);
        assert_eq!(views(&operations)[2], ("c", 1, 0, 0));
    }

    #[test]
    fn a_fault_within_a_run_counts_as_a_failure() {
        let operations = Operations::new([("a", None)]);
        let work = std::panic::AssertUnwindSafe(|| {
            let running = operations.begin("a");
            let none: Option<u8> = None;
            assert!(none.is_some(), "a fault");
            running.ended(true);
        });
        std::panic::catch_unwind(work).unwrap_err();
        assert_eq!(views(&operations), [("a", 1, 1, 0)]);
    }

    #[test]
    fn slow_is_what_exceeds_its_target_lately_and_not_by_chance() {
        let check = |runs: u64, slow: u64, expected: bool| {
            let view = OperationView {
                name: "a",
                latency: Latency::default(),
                errors: 0,
                running: 0,
                per_second: 0.0,
                target: Some(1.0),
                lately: (runs, slow),
            };
            assert_eq!(view.is_slow(), expected, "{slow} of {runs}");
        };
        check(0, 0, false);
        check(2, 2, false);
        check(3, 3, true);
        check(59, 3, true);
        check(60, 3, false);
        check(1000, 50, false);
        check(1000, 51, true);

        let operations = Operations::new([("all", Some(Duration::ZERO)), ("none", Some(SPAN))]);
        for name in ["all", "none"] {
            (0..5).for_each(|_| operations.begin(name).ended(true));
        }
        let lately: Vec<_> = operations.views().iter().map(|view| view.lately).collect();
        assert_eq!(lately, [(5, 5), (5, 0)]);
    }

    #[test]
    fn what_is_long_past_is_not_lately() {
        let start = Instant::now();
        let mut state =
            State { spans: [Span { runs: 5, slow: 5 }, Span { runs: 7, slow: 0 }], ..State::default() };
        let runs = |state: &State| [state.spans[0].runs, state.spans[1].runs];
        state.turn(start);
        state.turn(start + SPAN / 2);
        assert_eq!(runs(&state), [5, 7]);
        state.turn(start + SPAN);
        assert_eq!(runs(&state), [0, 5]);
        state.turn(start + 3 * SPAN);
        assert_eq!(runs(&state), [0, 0]);
    }
}
