//! When the writer commits.

use std::time::{Duration, Instant};

/// The first batch of a busy time is committed after this long, so that first hits appear at once …
const FIRST_INTERVAL: Duration = Duration::from_millis(500);
/// … the next after so many times as long, since each begins the words of its part of the index anew …
const GROWTH: u32 = 4;
/// … and later ones after up to this long.
const MAX_INTERVAL: Duration = Duration::from_secs(8);
/// Where nothing more comes for so long, as when an import is paused, what is there is committed …
const QUIET: Duration = Duration::from_millis(250);
/// … unless the batch was begun less than this before: a source may be slow.
const QUIET_BATCH: Duration = Duration::from_secs(1);
/// A busy time has ended when nothing is left to commit and nothing comes for so long.
const REST: Duration = Duration::from_secs(1);

/// Since when the open batch is filled, and for how long.
pub struct Rhythm {
    since: Option<Instant>,
    interval: Duration,
}

impl Rhythm {
    /// Of a writer that has written nothing yet.
    pub fn new() -> Self {
        Self { since: None, interval: FIRST_INTERVAL }
    }

    /// Whether there is anything to commit.
    pub fn is_open(&self) -> bool {
        self.since.is_some()
    }

    /// Something is to be committed.
    pub fn begin(&mut self, now: Instant) {
        self.since.get_or_insert(now);
    }

    /// Nothing is left to commit.
    pub fn end(&mut self) {
        self.since = None;
    }

    /// Until when the writer, which is idle `now`, waits for more before it commits.
    pub fn deadline(&self, now: Instant) -> Option<Instant> {
        self.since.map(|since| (since + self.interval).min((since + QUIET_BATCH).max(now + QUIET)))
    }

    /// The writer has waited for so long.
    pub fn waited(&mut self, time: Duration) {
        if self.since.is_none() && time >= REST {
            self.interval = FIRST_INTERVAL;
        }
    }

    /// Whether the batch has been filled for long enough; the next one then is for longer.
    pub fn is_due(&mut self, now: Instant) -> bool {
        let due = self.since.is_some_and(|since| now.duration_since(since) >= self.interval);
        if due {
            self.interval = (self.interval * GROWTH).min(MAX_INTERVAL);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `steps`: milliseconds at which something happens, and what: `b` something comes, `e` it is committed, `w` so many milliseconds
    /// were waited, `d` the writer asks until when it may wait, `?` whether the batch is due. What the last two say is compared.
    fn check(steps: &str, expected: &str) {
        let start = Instant::now();
        let mut rhythm = Rhythm::new();
        let mut said = Vec::new();
        for step in steps.split(", ") {
            let (millis, what) = step.split_once(' ').unwrap();
            let now = start + Duration::from_millis(millis.parse().unwrap());
            match &what[..1] {
                "b" => rhythm.begin(now),
                "e" => rhythm.end(),
                "w" => rhythm.waited(Duration::from_millis(what[1..].parse().unwrap())),
                "d" => said.push(
                    rhythm
                        .deadline(now)
                        .map_or("never".into(), |then| (then - start).as_millis().to_string()),
                ),
                _ => said.push(if rhythm.is_due(now) { "due".into() } else { "not yet".into() }),
            }
        }
        assert_eq!(said.join(", "), expected, "{steps}");
    }

    #[test]
    fn first_hits_come_soon_and_later_batches_are_larger() {
        check("0 ?, 0 d", "not yet, never");
        check("0 b, 10 b, 499 ?, 500 ?", "not yet, due");
        check("0 b, 500 ?, 500 e, 500 b, 2499 ?, 2500 ?", "due, not yet, due");
        check(
            "0 b, 500 ?, 500 e, 500 b, 2500 ?, 2500 e, 2500 b, 10499 ?, 10500 ?, 10500 e, 10500 b, 18499 ?, 18500 ?",
            "due, due, not yet, due, not yet, due",
        );
    }

    #[test]
    fn a_busy_time_after_a_rest_begins_with_a_small_batch() {
        check("0 b, 500 ?, 500 e, 1500 w1000, 1500 b, 2000 ?", "due, due");
        check("0 b, 500 ?, 500 e, 1499 w999, 1499 b, 1999 ?", "due, not yet");
        // Who waits with a batch open does not rest.
        check("0 b, 500 ?, 500 e, 500 b, 1700 w1200, 1700 ?", "due, not yet");
    }

    #[test]
    fn what_is_there_is_committed_when_nothing_more_comes() {
        check("0 b, 0 d, 400 d", "500, 500");
        // The second batch could be filled for longer.
        check("0 b, 500 ?, 500 e, 600 b, 600 d, 1000 d, 1400 d, 2590 d", "due, 1600, 1600, 1650, 2600");
    }
}
