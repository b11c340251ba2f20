//! How long something took, many times over.

use serde::Serialize;
use std::time::{Duration, Instant};

/// Times in milliseconds.
#[derive(Debug, Serialize)]
pub struct Spread {
    count: usize,
    p50: f64,
    p95: f64,
    p99: f64,
    max: f64,
}

impl Spread {
    /// Of these times; the value at a quantile is the least one that so many do not exceed.
    pub fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |quantile: f64| {
            let place = (times.len() as f64 * quantile).ceil() as usize;
            millis(times.get(place.clamp(1, times.len().max(1)) - 1).copied().unwrap_or_default())
        };
        Self { count: times.len(), p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1.0) }
    }
}

/// In milliseconds.
pub fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// When to stop measuring: after so many rounds over all queries, or when so long has passed and each was asked twice.
pub struct Patience {
    /// Rounds.
    pub rounds: usize,
    /// Time.
    pub time: Duration,
}

impl Patience {
    /// Times `work` on each of `0..count`, again and again.
    ///
    /// # Errors
    /// Those of `work`.
    pub fn measure<E>(
        &self,
        count: usize,
        mut work: impl FnMut(usize) -> Result<(), E>,
    ) -> Result<Vec<Duration>, E> {
        let (started, mut times) = (Instant::now(), Vec::new());
        for round in 0..self.rounds {
            for number in 0..count {
                if round >= 2 && started.elapsed() > self.time {
                    return Ok(times);
                }
                let start = Instant::now();
                work(number)?;
                times.push(start.elapsed());
            }
        }
        Ok(times)
    }
}
