//! The one codec between a [`Problem`] and a gRPC status.
//!
//! A status carries the canonical code of the reason's kind, the message, and as details `google.rpc.ErrorInfo` with the reason
//! in the domain `allocd`, beside what the kind calls for: BadRequest with all violations, ResourceInfo, QuotaFailure,
//! PreconditionFailure, RetryInfo, and the hint as LocalizedMessage. Codes and details are chosen here and nowhere else.
//!
//! Decoding takes whatever arrives: a proxy's bare UNAVAILABLE, a newer member's unknown reason, broken details.

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Duration;

use allocd_types::problem::Problem;
use allocd_types::reason::{Reason, ReasonKind};
use allocd_types::time::Span;
use allocd_types::violation::{Violation, Violations};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

/// The `domain` of every `google.rpc.ErrorInfo` of ours.
pub const ERROR_DOMAIN: &str = "allocd";
/// The language of hints.
const HINT_LOCALE: &str = "en";
/// The name under which a decoded problem keeps the code of a status that is not ours.
const FOREIGN_CODE: &str = "grpc_code";
/// The name under which a decoded problem keeps a reason that this program does not know.
const FOREIGN_REASON: &str = "reason";
/// The name under which a problem keeps how many violations did not fit.
const OMITTED: &str = "violations_omitted";
/// Most bytes of violations in one status. A status travels in trailers, and gRPC's other implementations refuse more than
/// 8 KiB of those; the bytes grow by a third on the way (base64).
const VIOLATIONS_BYTES_MAX: usize = 4 * 1024;
/// Most bytes of a message, for the same reason.
const MESSAGE_BYTES_MAX: usize = 1024;

/// The status that says a problem.
#[must_use]
pub fn status(problem: &Problem) -> Status {
    let reason = problem.reason.as_str();
    let mut metadata: HashMap<String, String> =
        problem.metadata.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    let fields = fields(&problem.violations);
    if fields.len() < problem.violations.len() {
        metadata.insert(OMITTED.to_owned(), (problem.violations.len() - fields.len()).to_string());
    }
    let message = bounded(&problem.message);
    let mut details = ErrorDetails::with_error_info(reason, ERROR_DOMAIN, metadata);
    let (sort, name) = problem.resource.clone().unwrap_or_default();
    if problem.resource.is_some() {
        details.set_resource_info(&sort, &name, "", "");
    }
    match problem.reason.kind() {
        ReasonKind::ResourceExhausted => {
            details.add_quota_failure_violation(&name, &*message);
        }
        ReasonKind::FailedPrecondition => {
            details.add_precondition_failure_violation(reason, &name, &*message);
        }
        ReasonKind::InvalidArgument
        | ReasonKind::NotFound
        | ReasonKind::AlreadyExists
        | ReasonKind::OutOfRange
        | ReasonKind::DeadlineExceeded
        | ReasonKind::Unavailable
        | ReasonKind::Internal => {}
    }
    if !fields.is_empty() {
        details.set_bad_request(fields);
    }
    if let Some(span) = problem.retry_after {
        details.set_retry_info(Some(Duration::from_millis(span.millis())));
    }
    if let Some(hint) = &problem.hint {
        details.set_localized_message(HINT_LOCALE, hint);
    }
    Status::with_error_details(code(problem.reason.kind()), message, details)
}

/// The violations that fit.
fn fields(violations: &Violations) -> Vec<FieldViolation> {
    let mut left = VIOLATIONS_BYTES_MAX;
    let fits = |violation: &&Violation| {
        let bytes = violation.field.len() + violation.description.len();
        left = left.saturating_sub(bytes);
        left > 0
    };
    let field = |violation: &Violation| FieldViolation::new(&violation.field, &violation.description);
    violations.iter().take_while(fits).map(field).collect()
}

/// The message, cut at a character if it is too long.
fn bounded(message: &str) -> Cow<'_, str> {
    if message.len() <= MESSAGE_BYTES_MAX {
        return Cow::Borrowed(message);
    }
    let end = message.floor_char_boundary(MESSAGE_BYTES_MAX);
    Cow::Owned(format!("{} …", &message[..end]))
}

/// The status that says what is wrong with a request.
#[must_use]
pub fn refusal(violations: Violations) -> Status {
    status(&Problem::from(violations))
}

/// The problem that a status says.
#[must_use]
pub fn problem(status: &Status) -> Problem {
    let details = status.get_error_details();
    let ours = details.error_info().filter(|info| info.domain == ERROR_DOMAIN);
    let known = ours.and_then(|info| Reason::from_text(&info.reason));
    let mut problem = Problem::new(known.unwrap_or_else(|| foreign(status.code())), status.message());
    if let Some(info) = ours {
        problem.metadata.extend(info.metadata.clone());
    }
    if known.is_none() {
        problem = problem.with(FOREIGN_CODE, format!("{:?}", status.code()));
        if let Some(info) = details.error_info() {
            problem = problem.with(FOREIGN_REASON, &info.reason);
        }
        if problem.message.is_empty() {
            problem.message = status.code().description().to_lowercase();
        }
    }
    problem.hint = details.localized_message().map(|hint| hint.message.clone());
    problem.resource =
        details.resource_info().map(|info| (info.resource_type.clone(), info.resource_name.clone()));
    if let Some(bad) = details.bad_request() {
        let fields = bad.field_violations.iter().map(|violation| Violation {
            field: violation.field.clone(),
            description: violation.description.clone(),
        });
        problem.violations = fields.collect::<Vec<_>>().into();
    }
    let delay = details.retry_info().and_then(|info| info.retry_delay);
    problem.retry_after =
        delay.map(|delay| Span::from_millis(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX)));
    problem
}

/// The canonical code of a kind.
#[must_use]
pub const fn code(kind: ReasonKind) -> Code {
    match kind {
        ReasonKind::InvalidArgument => Code::InvalidArgument,
        ReasonKind::NotFound => Code::NotFound,
        ReasonKind::AlreadyExists => Code::AlreadyExists,
        ReasonKind::FailedPrecondition => Code::FailedPrecondition,
        ReasonKind::ResourceExhausted => Code::ResourceExhausted,
        ReasonKind::OutOfRange => Code::OutOfRange,
        ReasonKind::DeadlineExceeded => Code::DeadlineExceeded,
        ReasonKind::Unavailable => Code::Unavailable,
        ReasonKind::Internal => Code::Internal,
    }
}

/// What a code means that came without a reason of ours. Only what says so by its code alone is worth another attempt.
const fn foreign(code: Code) -> Reason {
    match code {
        Code::Unavailable => Reason::Unreachable,
        Code::DeadlineExceeded | Code::Cancelled => Reason::NoAnswer,
        Code::InvalidArgument => Reason::InvalidFields,
        Code::Ok
        | Code::Unknown
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::ResourceExhausted
        | Code::FailedPrecondition
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unimplemented
        | Code::Internal
        | Code::DataLoss
        | Code::Unauthenticated => Reason::Internal,
    }
}

#[cfg(test)]
mod tests;
