//! With how many threads the index is filled.
//!
//! A few thousand items are read before the index has taken in half of them: their import ends when the index's last part is
//! written, which one thread would do while the other cores rest. Two threads end it sooner, by a tenth where there are two cores. What goes
//! on for longer keeps all cores busy anyway; there, more threads only make more and smaller parts, each with words of its own.

use std::time::{Duration, Instant};

/// Fewer items are in the index at once, and with more threads in more parts.
const MANY: usize = 1_000;
/// After so many items what comes is no short burst.
const ENOUGH: usize = 8_000;
/// So long nothing must have been committed for a burst to begin.
const REST: Duration = Duration::from_secs(5);

/// Threads that fill the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threads {
    /// For as long as it takes.
    pub steady: usize,
    /// For a burst of items.
    pub burst: usize,
}

impl Threads {
    /// For a machine of so many cores, of which `workers` may be taken.
    pub fn of(cores: usize, workers: usize) -> Self {
        let steady = cores.div_ceil(2).min(4);
        Self { steady, burst: cores.min(workers).min(4).max(steady) }
    }

    /// Whether a burst makes no difference.
    pub fn is_one(self) -> bool {
        self.steady == self.burst
    }
}

/// What the index is being filled with.
#[derive(Debug, Default)]
pub struct Pace {
    bursts: bool,
    /// Items since the burst began.
    taken: usize,
    /// Whether anything came since the last commit.
    is_open: bool,
    committed: Option<Instant>,
}

impl Pace {
    /// So many items are about to come. Gives whether a burst begins.
    pub fn expect(&mut self, items: usize, now: Instant) -> bool {
        if self.is_open || items < MANY || !self.rests(now) {
            return false;
        }
        self.taken = 0;
        !std::mem::replace(&mut self.bursts, true)
    }

    /// An item comes, or a source goes. Gives whether a burst ended before it.
    pub fn take(&mut self, now: Instant) -> bool {
        let ended =
            self.bursts && !self.is_open && (self.taken >= ENOUGH || self.taken > 0 && self.rests(now));
        if ended {
            self.bursts = false;
        }
        self.taken += 1;
        self.is_open = true;
        ended
    }

    /// All that came is committed, or void.
    pub fn commit(&mut self, now: Instant) {
        self.is_open = false;
        self.committed = Some(now);
    }

    /// The threads for now.
    pub fn threads(&self, threads: Threads) -> usize {
        if self.bursts { threads.burst } else { threads.steady }
    }

    fn rests(&self, now: Instant) -> bool {
        self.committed.is_none_or(|then| now.duration_since(then) >= REST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `steps`: seconds at which something happens, and what: `e` so many items are expected, `t` so many come, `c` a commit. After
    /// each comma the threads are looked at; where the writer is to be opened anew stands a `!`.
    fn check(steps: &str, expected: &str) {
        let start = Instant::now();
        let threads = Threads { steady: 1, burst: 2 };
        let mut pace = Pace::default();
        let mut seen = Vec::new();
        for step in steps.split(", ") {
            let (second, what) = step.split_once(' ').unwrap();
            let now = start + Duration::from_secs(second.parse().unwrap());
            let count = || what[1..].parse::<usize>().unwrap();
            let opened = match &what[..1] {
                "e" => pace.expect(count(), now),
                "t" => (0..count()).fold(false, |opened, _| pace.take(now) || opened),
                _ => {
                    pace.commit(now);
                    false
                }
            };
            seen.push(format!("{}{}", pace.threads(threads), if opened { "!" } else { "" }));
        }
        assert_eq!(seen.join(" "), expected, "{steps}");
    }

    #[test]
    fn a_burst_is_filled_in_by_more_threads_than_a_stream() {
        check("0 e10000, 0 t3000, 1 c, 1 t7000, 2 c", "2! 2 2 2 2");
        check("0 e100000, 0 t4000, 1 c, 1 t9000, 3 c, 3 t1, 11 c, 11 t50000", "2! 2 2 2 2 1! 1 1");
        check("0 e999, 0 t999, 1 c", "1 1 1");
        check("0 t3000, 1 c, 1 e9000", "1 1 1");
    }

    #[test]
    fn a_burst_is_over_after_a_rest_and_begins_anew_with_the_next() {
        check("0 e2000, 0 t2000, 1 c, 9 t1, 10 c, 11 e5000, 15 e5000", "2! 2 2 1! 1 1 2!");
        check("0 e2000, 0 t2000, 1 c, 9 e2000, 9 t2000, 10 c, 11 t1", "2! 2 2 2 2 2 2");
        check("0 e2000, 9 t2000", "2! 2");
    }

    #[test]
    fn nothing_is_opened_anew_while_something_is_open() {
        check("0 t1, 9 e5000, 10 c, 15 e5000, 15 t9000, 15 t9000, 16 c, 16 t1", "1 1 1 2! 2 2 2 1!");
    }

    #[test]
    fn threads_are_those_that_may_be_taken() {
        let of = |cores, workers| {
            let Threads { steady, burst } = Threads::of(cores, workers);
            (steady, burst)
        };
        assert_eq!(of(1, 1), (1, 1));
        assert_eq!((of(2, 2), of(2, 1), of(2, 16)), ((1, 2), (1, 1), (1, 2)));
        assert_eq!((of(4, 4), of(4, 1)), ((2, 4), (2, 2)));
        assert_eq!((of(16, 16), of(16, 2)), ((4, 4), (4, 4)));
    }
}
