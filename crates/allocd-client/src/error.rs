//! Why a call failed, in words, and where.

use std::error::Error;

use allocd_proto::status;
use allocd_types::problem::Problem;
use allocd_types::reason::{Reason, ReasonKind};
use allocd_types::violation::Violations;
use tonic::{Code, Status};

use crate::endpoint::Endpoint;

/// A call that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct ClientError {
    /// What the cluster said, or what kept it from saying anything.
    pub problem: Box<Problem>,
    /// The member that was asked last.
    pub endpoint: Option<Endpoint>,
    /// How many times a member was asked.
    pub attempts: u32,
}

/// What tonic's generated code says when a channel cannot be used; it makes no difference to a connection that failed.
const NOT_READY: &str = "Service was not ready";

/// The problem that a status says, whether a member wrote it or our own end of a broken connection.
pub(crate) fn problem_of(status: &Status) -> Problem {
    // Only a status that was made on this side of the wire has a source; those a member sent are bytes.
    match status.source() {
        Some(source) if status.code() == Code::Unavailable => unreachable(&innermost(source)),
        Some(source) => no_answer(&format!("the connection broke: {}", innermost(source))),
        None if status.code() == Code::Unavailable && status.details().is_empty() => {
            unreachable(status.message())
        }
        None if status.message().starts_with(NOT_READY) => unreachable(status.message()),
        None => status::problem(status),
    }
}

/// The problem that no member could be reached.
fn unreachable(why: &str) -> Problem {
    Problem::new(Reason::Unreachable, format!("no member could be reached: {why}"))
        .hint("see that allocd runs there and that the endpoints are right")
}

/// The problem that it is not known what happened.
pub(crate) fn no_answer(why: &str) -> Problem {
    Problem::new(Reason::NoAnswer, format!("no answer came: {why}"))
        .hint("look whether it happened before you ask for it again")
}

/// The problem that an answer makes no sense.
pub(crate) fn unreadable(wrong: Violations) -> Problem {
    let mut problem = Problem::new(Reason::Internal, format!("the member's answer cannot be read: {wrong}"))
        .hint("see that client and members are of compatible versions");
    problem.violations = wrong;
    problem
}

/// True if the same request may be sent again: the request id makes a repetition harmless, and there is hope.
pub(crate) fn is_worth_another_attempt(problem: &Problem) -> bool {
    match problem.reason.kind() {
        ReasonKind::Unavailable => true,
        ReasonKind::DeadlineExceeded => problem.reason == Reason::NoAnswer,
        ReasonKind::InvalidArgument
        | ReasonKind::NotFound
        | ReasonKind::AlreadyExists
        | ReasonKind::FailedPrecondition
        | ReasonKind::ResourceExhausted
        | ReasonKind::OutOfRange
        | ReasonKind::Internal => false,
    }
}

/// The last error of a chain, which is the one that says something (`connection refused`).
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_safe_and_hopeful_is_repeated() {
        for reason in Reason::ALL {
            let worth = is_worth_another_attempt(&Problem::new(*reason, ""));
            let expected = matches!(
                reason,
                Reason::NoLeader
                    | Reason::LeaderChanged
                    | Reason::Overloaded
                    | Reason::MemberChangePending
                    | Reason::WatcherTooSlow
                    | Reason::ShuttingDown
                    | Reason::Unreachable
                    | Reason::NoAnswer
            );
            assert_eq!(worth, expected, "{reason}");
        }
    }
}
