//! One call of a client: attempts at one member after the other, all with one request id, until an answer or the deadline.

use allocd_client::deadline::HolderTime;
use allocd_types::id::{Caller, RequestId};
use allocd_types::time::Span;

use super::message::{Ask, Outcome, Reply, Request};
use super::random::Random;

/// How long a call may take in all, in milliseconds.
const CALL_MILLIS: u64 = 15_000;
/// How long an attempt may take before another member is asked, in milliseconds.
const ATTEMPT_MILLIS: u64 = 1_500;
/// How long a patient client waits for its last attempts, in milliseconds: each attempt lasts twice as long as the one before.
const ATTEMPT_MILLIS_MAX: u64 = 6_000;
/// How long a client in a hurry waits for its only attempt, in milliseconds.
const HASTE_MILLIS: u64 = 400;
/// The longest pause before another attempt, in milliseconds.
const PAUSE_MAX: u64 = 250;

/// A call that waits for its answer.
#[derive(Debug, Clone)]
pub struct Call {
    /// Its number in the history.
    pub operation: u64,
    /// What is wanted.
    pub ask: Ask,
    /// When the present attempt was sent, by the client's clock.
    pub sent_at: HolderTime,
    attempt: u32,
    /// How long the next attempt may take, and how much longer than the one before.
    attempt_millis: u64,
    growth: u64,
    ends_at: u64,
    /// When to send another attempt.
    repeats_at: u64,
}

/// How a call goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Send an attempt now.
    Send,
    /// Wait until then.
    Wait(u64),
    /// Give up.
    GiveUp,
}

impl Call {
    /// A call that begins now.
    #[must_use]
    pub const fn new(operation: u64, ask: Ask, real: u64, now: HolderTime) -> Self {
        let (attempt_millis, growth) = (ATTEMPT_MILLIS, 1);
        let (ends_at, repeats_at) = (real + CALL_MILLIS, real);
        Self { operation, ask, sent_at: now, attempt: 0, attempt_millis, growth, ends_at, repeats_at }
    }

    /// The same of a client that waits longer each time, for a cluster may be slow.
    #[must_use]
    pub fn patient(operation: u64, ask: Ask, real: u64, now: HolderTime) -> Self {
        Self { growth: 2, ..Self::new(operation, ask, real, now) }
    }

    /// The same of a client in a hurry: it asks once. Whether that is heard later, it does not know.
    #[must_use]
    pub fn hasty(operation: u64, ask: Ask, real: u64, now: HolderTime) -> Self {
        let ends_at = real + HASTE_MILLIS;
        Self { ends_at, ..Self::new(operation, ask, real, now) }
    }

    /// What to do now.
    #[must_use]
    pub const fn next(&self, real: u64) -> Next {
        if real >= self.ends_at {
            Next::GiveUp
        } else if real >= self.repeats_at {
            Next::Send
        } else if self.repeats_at < self.ends_at {
            Next::Wait(self.repeats_at)
        } else {
            Next::Wait(self.ends_at)
        }
    }

    /// The next attempt.
    pub fn attempt(&mut self, seat: usize, real: u64, now: HolderTime) -> Request {
        self.attempt += 1;
        self.sent_at = now;
        self.repeats_at = real + self.attempt_millis;
        self.attempt_millis = (self.attempt_millis * self.growth).min(ATTEMPT_MILLIS_MAX);
        let request_id = RequestId::new(&format!("r{}", self.operation)).expect("short and printable");
        Request {
            seat,
            operation: self.operation,
            attempt: self.attempt,
            request_id,
            caller: Caller::new(&format!("client{seat}")).expect("short and printable"),
            expires_in: Span::from_millis(self.ends_at.saturating_sub(real)),
            ask: self.ask.clone(),
        }
    }

    /// True if this is the answer the call waits for. One without content makes it ask again soon.
    pub const fn is_answered_by(&mut self, reply: &Reply, real: u64, random: &mut Random) -> bool {
        if reply.operation != self.operation || reply.attempt != self.attempt {
            return false;
        }
        match reply.outcome {
            Outcome::Applied { .. } | Outcome::Read { .. } | Outcome::ReadHost { .. } => true,
            Outcome::Unavailable { .. } => {
                self.repeats_at = real + random.between(PAUSE_MAX / 10, PAUSE_MAX);
                false
            }
        }
    }
}
