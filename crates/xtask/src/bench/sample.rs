//! What one window of load came to, and the middle of several.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use hdrhistogram::Histogram;
use tonic::Status;

/// The longest latency that is told apart from longer ones.
const LATENCY_MAX: Duration = Duration::from_secs(60);
/// How many digits of a latency are kept.
const DIGITS: u8 = 3;

/// What one window, or one series of calls, came to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    pub(super) per_second: f64,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
    pub(super) failures: u32,
    pub(super) conflicts: u32,
}

/// What workers note while they work.
#[derive(Debug, Default)]
pub(super) struct Tally {
    latencies: Vec<Duration>,
    failures: u32,
    conflicts: u32,
    first_failure: Option<Status>,
}

impl Tally {
    /// Notes one call: how often it met a conflict before it was done, or why it failed.
    pub(super) fn note(&mut self, outcome: Result<u32, Status>, latency: Duration) {
        match outcome {
            Ok(conflicts) => {
                self.latencies.push(latency);
                self.conflicts += conflicts;
            }
            Err(status) => {
                self.failures += 1;
                self.first_failure.get_or_insert(status);
            }
        }
    }

    /// Adds what another worker noted.
    pub(super) fn add(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        self.failures += other.failures;
        self.conflicts += other.conflicts;
        self.first_failure = self.first_failure.take().or(other.first_failure);
    }

    /// Sums up. A window in which nothing succeeded is an error.
    pub(super) fn sum_up(self, measured: Duration) -> Result<Sample> {
        let mut histogram = Histogram::<u64>::new_with_bounds(1, micros(LATENCY_MAX), DIGITS)
            .context("a histogram of these bounds")?;
        for latency in &self.latencies {
            histogram.saturating_record(micros(*latency));
        }
        if self.latencies.is_empty() {
            match self.first_failure {
                Some(status) => bail!("all {} calls failed: {status}", self.failures),
                None => bail!("no call ended within {measured:?}: the machine is too slow for this window"),
            }
        }
        let at = |quantile| Duration::from_micros(histogram.value_at_quantile(quantile)).as_secs_f64() * 1e3;
        Ok(Sample {
            per_second: number(self.latencies.len()) / measured.as_secs_f64(),
            p50_ms: at(0.5),
            p99_ms: at(0.99),
            failures: self.failures,
            conflicts: self.conflicts,
        })
    }
}

/// The middle of several values; of an even number, the mean of the two in the middle.
pub(super) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = *sorted.get((sorted.len() - 1) / 2)?;
    Some(f64::midpoint(lower, upper))
}

/// A count as a number to reckon with.
pub(super) fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_between_the_two_middles() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn failures_are_counted_and_are_no_throughput() {
        let mut tally = Tally::default();
        tally.note(Ok(2), Duration::from_millis(1));
        tally.note(Err(Status::unavailable("gone")), Duration::from_millis(9));
        let sample = tally.sum_up(Duration::from_secs(1)).unwrap();
        assert!((sample.per_second - 1.0).abs() < 1e-9);
        assert_eq!((sample.failures, sample.conflicts), (1, 2));
    }

    #[test]
    fn a_window_of_failures_only_says_why() {
        let mut tally = Tally::default();
        tally.note(Err(Status::unavailable("gone")), Duration::from_millis(9));
        let error = tally.sum_up(Duration::from_secs(1)).unwrap_err().to_string();
        assert!(error.contains("all 1 calls failed") && error.contains("gone"), "{error}");
    }
}
