//! When to ask again, and when to give up: pure, with the time as a parameter.
//!
//! Pauses double from the first to the longest, each drawn from its upper half, so that clients which lost the same leader do
//! not come back in step. The deadline bounds everything: no pause begins that would end after it.

use std::time::Duration;

use allocd_types::problem::Problem;
use allocd_types::reason::Reason;
use tokio::time::Instant;

use crate::endpoint::Endpoint;
use crate::error::{ClientError, is_worth_another_attempt};

/// The pauses between attempts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pauses {
    /// The first.
    pub(crate) first: Duration,
    /// The longest.
    pub(crate) max: Duration,
}

/// The attempts of one call.
#[derive(Debug)]
pub(crate) struct Attempts {
    ends_at: Instant,
    pause: Duration,
    pause_max: Duration,
    count: u32,
    /// Set once an attempt may have been done without an answer: then no later refusal may sound as if nothing happened.
    unclear: Option<Problem>,
    /// The last thing that a member itself said: it says more than that another one cannot be reached.
    told: Option<Problem>,
    /// How the last attempt ended, and where.
    last: Option<(Problem, Endpoint)>,
}

impl Attempts {
    pub(crate) fn until(ends_at: Instant, pauses: Pauses) -> Self {
        Self {
            ends_at,
            pause: pauses.first,
            pause_max: pauses.max,
            count: 0,
            unclear: None,
            told: None,
            last: None,
        }
    }

    /// Begins an attempt and says how much of the call's time is left, or gives up: a pause may have lasted longer than it
    /// should, and an attempt without time would only blur what is known.
    pub(crate) fn begin(&mut self, now: Instant) -> Result<Duration, ClientError> {
        let left = self.ends_at.saturating_duration_since(now);
        if left.is_zero()
            && let Some((problem, endpoint)) = self.last.take()
        {
            return Err(self.give_up(problem, &endpoint));
        }
        self.count += 1;
        Ok(left)
    }

    /// Says how long to pause before the next attempt, or gives up. `random` is any number.
    pub(crate) fn failed(
        &mut self,
        problem: Problem,
        endpoint: &Endpoint,
        now: Instant,
        random: u64,
    ) -> Result<Duration, ClientError> {
        if !is_worth_another_attempt(&problem) {
            return Err(self.error(problem, endpoint));
        }
        if problem.reason == Reason::NoAnswer {
            self.unclear = Some(problem.clone());
        } else if problem.reason != Reason::Unreachable {
            self.told = Some(problem.clone());
        }
        let asked = problem.retry_after.map_or(Duration::ZERO, |span| Duration::from_millis(span.millis()));
        let pause = jittered(self.pause, random).max(asked);
        self.pause = (self.pause * 2).min(self.pause_max);
        if pause >= self.ends_at.saturating_duration_since(now) {
            return Err(self.give_up(problem, endpoint));
        }
        self.last = Some((problem, endpoint.clone()));
        Ok(pause)
    }

    fn give_up(&mut self, problem: Problem, endpoint: &Endpoint) -> ClientError {
        let problem = self.unclear.take().or_else(|| self.told.take()).unwrap_or(problem);
        self.error(problem, endpoint)
    }

    fn error(&self, problem: Problem, endpoint: &Endpoint) -> ClientError {
        ClientError { problem: Box::new(problem), endpoint: Some(endpoint.clone()), attempts: self.count }
    }
}

/// A pause between half of this one and all of it.
fn jittered(pause: Duration, random: u64) -> Duration {
    let half = pause / 2;
    let micros = u64::try_from(half.as_micros()).unwrap_or(u64::MAX);
    half + Duration::from_micros(random % micros.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use allocd_types::time::Span;

    use super::*;

    const PAUSES: Pauses = Pauses { first: Duration::from_millis(20), max: Duration::from_millis(250) };

    fn endpoint() -> Endpoint {
        "127.0.0.1:7421".parse().unwrap()
    }

    fn no_leader() -> Problem {
        Problem::new(Reason::NoLeader, "no member leads")
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_are_spread() {
        let now = Instant::now();
        let mut attempts = Attempts::until(now + Duration::from_secs(60), PAUSES);
        for full in [20, 40, 80, 160, 250, 250] {
            let full = Duration::from_millis(full);
            let shortest = jittered(full, 0);
            let pause = attempts.failed(no_leader(), &endpoint(), now, u64::MAX).unwrap();
            assert_eq!(shortest, full / 2);
            assert!(pause >= shortest && pause <= full, "{pause:?} of {full:?}");
        }
    }

    #[test]
    fn the_deadline_bounds_the_retries() {
        let now = Instant::now();
        let mut attempts = Attempts::until(now + Duration::from_millis(30), PAUSES);
        assert_eq!(attempts.begin(now).unwrap(), Duration::from_millis(30));
        assert!(attempts.failed(no_leader(), &endpoint(), now, 0).is_ok());
        attempts.begin(now + Duration::from_millis(15)).unwrap();
        let error =
            attempts.failed(no_leader(), &endpoint(), now + Duration::from_millis(15), 0).unwrap_err();
        assert_eq!((error.problem.reason, error.attempts), (Reason::NoLeader, 2));
    }

    #[test]
    fn no_attempt_begins_without_time_for_it() {
        let now = Instant::now();
        let mut attempts = Attempts::until(now + Duration::from_millis(30), PAUSES);
        attempts.begin(now).unwrap();
        let away = Problem::new(Reason::Unreachable, "nobody is there");
        assert!(attempts.failed(away, &endpoint(), now, 0).is_ok());
        let error = attempts.begin(now + Duration::from_millis(31)).unwrap_err();
        assert_eq!((error.problem.reason, error.attempts), (Reason::Unreachable, 1));
    }

    #[test]
    fn a_refusal_is_final_at_once() {
        let now = Instant::now();
        let mut attempts = Attempts::until(now + Duration::from_secs(60), PAUSES);
        attempts.begin(now).unwrap();
        let refusal = Problem::new(Reason::PoolExhausted, "no value left");
        let error = attempts.failed(refusal.clone(), &endpoint(), now, 0).unwrap_err();
        assert_eq!((*error.problem, error.attempts), (refusal, 1));
    }

    #[test]
    fn what_may_have_happened_is_not_reported_as_not_reached() {
        let now = Instant::now();
        let mut attempts = Attempts::until(now + Duration::from_millis(25), PAUSES);
        let silent = Problem::new(Reason::NoAnswer, "no answer came");
        assert!(attempts.failed(silent, &endpoint(), now, 0).is_ok());
        let error =
            attempts.failed(no_leader(), &endpoint(), now + Duration::from_millis(20), 0).unwrap_err();
        assert_eq!(error.problem.reason, Reason::NoAnswer);
    }

    #[test]
    fn a_member_may_ask_for_a_longer_pause() {
        let now = Instant::now();
        let mut attempts = Attempts::until(now + Duration::from_secs(60), PAUSES);
        let busy = Problem::new(Reason::Overloaded, "queue full").retry_after(Span::from_millis(900));
        assert_eq!(attempts.failed(busy, &endpoint(), now, 0).unwrap(), Duration::from_millis(900));
    }
}
