//! Contact with the hosts' agents: what they say after each pass, and what is known of it.
//!
//! It is no part of the cluster's state: an entry in the log for each word of each host would be most of the log. The leader
//! remembers it, and a new leader begins with nothing. So there is a difference between a host that is silent and one of which
//! nobody can say so yet, and nothing is ever freed by either.

use crate::agent::AgentRef;
use crate::host::Host;
use crate::id::Incarnation;
use crate::limits::HEARTBEAT_INTERVAL_SECONDS_MAX;
use crate::time::Span;

/// What an agent says after a pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heartbeat {
    /// Who speaks.
    pub agent: AgentRef,
    /// Within what time it means to speak again.
    pub interval: HeartbeatInterval,
    /// What the pass came to.
    pub pass: PassCounts,
}

/// Within what time an agent means to speak again: more than nothing, and [`HEARTBEAT_INTERVAL_SECONDS_MAX`] at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeartbeatInterval(Span);

/// The span is no interval of heartbeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{span} is no interval of heartbeats: more than 0s, {HEARTBEAT_INTERVAL_SECONDS_MAX}s at most")]
pub struct HeartbeatIntervalError {
    /// What was given.
    pub span: Span,
}

impl HeartbeatInterval {
    /// Checks a span and makes the interval.
    ///
    /// # Errors
    /// [`HeartbeatIntervalError`] if it is nothing or too long.
    pub fn new(span: Span) -> Result<Self, HeartbeatIntervalError> {
        if span == Span::ZERO || span > Span::from_seconds(HEARTBEAT_INTERVAL_SECONDS_MAX) {
            return Err(HeartbeatIntervalError { span });
        }
        Ok(Self(span))
    }

    /// The interval as a span.
    #[must_use]
    pub const fn span(self) -> Span {
        self.0
    }
}

/// What a pass of an agent came to, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PassCounts {
    /// Jails that have leases to use on the host.
    pub jails: u32,
    /// Leases that are taken up and whose jail runs.
    pub in_service: u32,
    /// Ways in which jails differed from their leases when the pass looked.
    pub drifts: u32,
    /// What could not be done, said or seen.
    pub failures: u32,
    /// Jails that were left alone because too much of them would have been destroyed unasked.
    pub held_back: u32,
}

/// A host, and what is known of its agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownHost {
    /// The host as the cluster's state has it.
    pub host: Host,
    /// What the member that answers knows of its agent.
    pub contact: Contact,
}

/// What a member knows of a host's agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contact {
    /// Whether the agent speaks.
    pub state: ContactState,
    /// For how long nothing was heard: since its last word, or, if there was none, since the member leads.
    pub silent_for: Span,
    /// Its last word, if the member that leads has heard one.
    pub last: Option<LastPass>,
}

/// The last pass that an agent told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastPass {
    /// Which start of the agent told of it.
    pub incarnation: Incarnation,
    /// What it came to.
    pub pass: PassCounts,
}

/// Whether a host's agent speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContactState {
    /// No agent of the host ever registered.
    NoAgent,
    /// Nobody can say yet: the member that answers does not lead, or leads for less time than an agent may be silent.
    Unknown,
    /// It spoke within its time.
    Heard,
    /// It missed several times to speak.
    Silent,
}

impl ContactState {
    /// All states.
    pub const ALL: [Self; 4] = [Self::NoAgent, Self::Unknown, Self::Heard, Self::Silent];

    /// The state as a word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoAgent => "no-agent",
            Self::Unknown => "unknown",
            Self::Heard => "heard",
            Self::Silent => "silent",
        }
    }
}

impl Contact {
    /// What somebody knows who has heard nothing and cannot have.
    pub const UNKNOWN: Self = Self { state: ContactState::Unknown, silent_for: Span::ZERO, last: None };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_something_and_bounded() {
        let longest = Span::from_seconds(HEARTBEAT_INTERVAL_SECONDS_MAX);
        assert_eq!(HeartbeatInterval::new(longest).unwrap().span(), longest);
        for bad in [Span::ZERO, Span::from_millis(longest.millis() + 1)] {
            assert_eq!(HeartbeatInterval::new(bad), Err(HeartbeatIntervalError { span: bad }));
        }
    }
}
