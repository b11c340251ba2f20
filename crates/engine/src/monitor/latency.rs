//! How long things take: histograms, so that percentiles are true ones.

use hdrhistogram::Histogram;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What takes longer is counted as this, in microseconds: an hour.
const MAX_US: u64 = 3_600_000_000;
/// Digits that are kept of each.
const DIGITS: u8 = 3;

/// Latencies in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[allow(missing_docs)]
pub struct Latency {
    pub count: u64,
    pub p50: f64,
    pub p95: f64,
    pub p99: f64,
    pub max: f64,
    /// All of them together.
    pub sum: f64,
}

/// Latencies as they come. Small until something is recorded.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    histogram: Option<Histogram<u32>>,
    sum: Duration,
}

impl Recorded {
    pub(super) fn record(&mut self, took: Duration) {
        self.sum += took;
        if self.histogram.is_none() {
            // Refused for a number of digits that there is not.
            self.histogram = Histogram::new(DIGITS).ok();
        }
        if let Some(histogram) = &mut self.histogram {
            // It grows to hold it; refused only where a count would overflow.
            let _ = histogram.record(micros(took));
        }
    }

    pub(super) fn latency(&self) -> Latency {
        let Some(histogram) = self.histogram.as_ref().filter(|histogram| !histogram.is_empty()) else {
            return Latency::default();
        };
        let at = |quantile| millis(histogram.value_at_quantile(quantile));
        Latency {
            count: histogram.len(),
            p50: at(0.50),
            p95: at(0.95),
            p99: at(0.99),
            max: millis(histogram.max()),
            sum: self.sum.as_secs_f64() * 1000.0,
        }
    }
}

/// Latencies that several threads record.
#[derive(Debug, Default)]
pub struct Latencies(Mutex<Recorded>);

impl Latencies {
    /// Records how long something took.
    pub fn record(&self, took: Duration) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).record(took);
    }

    /// All so far.
    pub fn latency(&self) -> Latency {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).latency()
    }
}

fn micros(took: Duration) -> u64 {
    u64::try_from(took.as_micros()).unwrap_or(u64::MAX).clamp(1, MAX_US)
}

fn millis(micros: u64) -> f64 {
    micros as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_what_was_recorded() {
        let latencies = Latencies::default();
        assert_eq!(latencies.latency(), Latency::default());
        for ms in 1..=100 {
            latencies.record(Duration::from_millis(ms));
        }
        let found = latencies.latency();
        assert_eq!(found.count, 100);
        assert!((found.sum - 5050.0).abs() < 1e-6, "{found:?}");
        for (is, wanted) in [(found.p50, 50.0), (found.p95, 95.0), (found.p99, 99.0), (found.max, 100.0)] {
            assert!((is / wanted - 1.0).abs() < 0.002, "{is} for {wanted}");
        }
        latencies.record(Duration::from_secs(1_000_000));
        assert!((latencies.latency().max / 3_600_000.0 - 1.0).abs() < 0.002, "an hour at most");
        latencies.record(Duration::ZERO);
        assert_eq!(latencies.latency().count, 102);
    }
}
