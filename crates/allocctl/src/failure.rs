//! What can go wrong, what it means to a script, and how it is told to a person.
//!
//! Every failure ends here: one sentence that says what happened and to what, all wrong fields if there are several, and on a
//! line of its own what to do next. The exit code says which kind of failure it was; one code has one meaning.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use allocd_client::error::ClientError;
use allocd_types::id::RequestId;
use allocd_types::problem::Problem;
use allocd_types::reason::{Reason, ReasonKind};
use allocd_types::violation::Violations;

/// The table of exit codes, for the help and the manual.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  the answer is no: refused by the cluster, or findings of a check or an import
  2  the command line, a file or a value cannot be understood
  3  what was asked for is not there
  4  no answer: the cluster cannot be reached or has no leader; try again
  5  something is broken in allocd or on this machine";

const REFUSED: u8 = 1;
const USAGE: u8 = 2;
const MISSING: u8 = 3;
const NO_ANSWER: u8 = 4;
const BROKEN: u8 = 5;

/// Why the command did not do what was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Whoever read our output has read enough; no error.
    ClosedPipe,
    /// The command line is wrong, or help was asked for.
    Usage(clap::Error),
    /// The cluster said no, or gave no answer.
    Call(Box<ClientError>, Asked),
    /// Something given cannot be understood.
    Input { message: String, hint: Option<String> },
    /// What was asked for is not there.
    Missing { message: String, hint: String },
    /// The answer is no, and its findings have been told.
    Findings { message: String, hint: String },
    /// A file cannot be read or written.
    File { attempt: &'static str, path: PathBuf, source: io::Error },
    /// Stdout cannot be written.
    Output(io::Error),
    /// The program cannot start its runtime.
    Runtime(io::Error),
}

/// What was asked of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// To tell something.
    Question,
    /// To change something, under this id.
    Change(RequestId),
}

/// Most bytes of what is said about a command line: a value of a megabyte is not told back.
const USAGE_BYTES_MAX: usize = 2_000;

impl Failure {
    /// Says what was asked, if it was the cluster that failed.
    pub(crate) fn asked(self, asked: Asked) -> Self {
        match self {
            Self::Call(error, _) => Self::Call(error, asked),
            other @ (Self::ClosedPipe
            | Self::Usage(_)
            | Self::Input { .. }
            | Self::Missing { .. }
            | Self::Findings { .. }
            | Self::File { .. }
            | Self::Output(_)
            | Self::Runtime(_)) => other,
        }
    }

    /// Something given cannot be understood.
    pub(crate) fn input(message: impl ToString) -> Self {
        Self::Input { message: message.to_string(), hint: None }
    }

    /// Tells it on stderr; the exit code is for whoever called.
    pub(crate) fn report(self) -> ExitCode {
        let code = self.exit_code();
        match self {
            Self::ClosedPipe => {}
            Self::Usage(error) => tell_usage(&error),
            Self::Call(..)
            | Self::Input { .. }
            | Self::Missing { .. }
            | Self::Findings { .. }
            | Self::File { .. }
            | Self::Output(_)
            | Self::Runtime(_) => {
                let _ = io::stderr().write_all(self.text().as_bytes());
            }
        }
        ExitCode::from(code)
    }

    fn exit_code(&self) -> u8 {
        match self {
            Self::ClosedPipe => 0,
            // Help and version are asked for; they are no failure.
            Self::Usage(error) => u8::try_from(error.exit_code()).unwrap_or(USAGE),
            Self::Call(error, _) => exit_code_of(error.problem.reason),
            Self::Input { .. } => USAGE,
            Self::Missing { .. } => MISSING,
            Self::Findings { .. } => REFUSED,
            Self::File { .. } | Self::Output(_) | Self::Runtime(_) => BROKEN,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::ClosedPipe | Self::Usage(_) => String::new(),
            Self::Call(error, asked) => call_text(error, asked),
            Self::Input { message, hint } => lines(message, hint.as_deref()),
            Self::Missing { message, hint } | Self::Findings { message, hint } => lines(message, Some(hint)),
            Self::File { attempt, path, source } => {
                lines(&format!("cannot {attempt} {}: {source}", path.display()), None)
            }
            Self::Output(source) => lines(&format!("cannot write to stdout: {source}"), None),
            Self::Runtime(source) => lines(&format!("cannot start: {source}"), None),
        }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Self::Call(Box::new(error), Asked::Question)
    }
}

impl From<Violations> for Failure {
    fn from(wrong: Violations) -> Self {
        let problem = Box::new(Problem::from(wrong));
        Self::Call(Box::new(ClientError { problem, endpoint: None, attempts: 0 }), Asked::Question)
    }
}

/// What a reason means to a script.
fn exit_code_of(reason: Reason) -> u8 {
    match reason.kind() {
        ReasonKind::InvalidArgument => USAGE,
        ReasonKind::NotFound => MISSING,
        ReasonKind::AlreadyExists
        | ReasonKind::FailedPrecondition
        | ReasonKind::ResourceExhausted
        | ReasonKind::OutOfRange => REFUSED,
        ReasonKind::DeadlineExceeded | ReasonKind::Unavailable => NO_ANSWER,
        ReasonKind::Internal => BROKEN,
    }
}

fn lines(message: &str, hint: Option<&str>) -> String {
    let mut text = format!("error: {message}\n");
    if let Some(hint) = hint {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "hint: {hint}");
    }
    text
}

/// Help goes to stdout whole, a complaint to stderr and not beyond its bound.
fn tell_usage(error: &clap::Error) {
    let text = error.to_string();
    if !error.use_stderr() || text.len() <= USAGE_BYTES_MAX {
        // There is nobody left to tell if the stream is gone.
        let _ = error.print();
        return;
    }
    let start: String = text.chars().take(USAGE_BYTES_MAX / 4).collect();
    let _ = writeln!(io::stderr().lock(), "{start}...\n\nFor more information, try '--help'.");
}

fn call_text(error: &ClientError, asked: &Asked) -> String {
    let problem = &error.problem;
    let mut text = String::new();
    if problem.violations.is_empty() {
        let _ = writeln!(text, "error: {problem}");
    } else {
        let count = problem.violations.len();
        let fields = if count == 1 { "field is" } else { "fields are" };
        let _ = writeln!(text, "error: {count} {fields} wrong");
        for wrong in problem.violations.iter() {
            let _ = writeln!(text, "  {}: {}", wrong.field, wrong.description);
        }
    }
    let is_open = exit_code_of(problem.reason) == NO_ANSWER && problem.reason != Reason::Unreachable;
    match (asked, &problem.hint) {
        (Asked::Change(request_id), _) if is_open => {
            let again = format!("ask again with --request-id {request_id}");
            let _ = writeln!(text, "hint: {again}: it is done once, whether it has happened already or not");
        }
        (Asked::Question, _) if is_open => text.push_str("hint: try again\n"),
        (_, Some(hint)) => {
            let _ = writeln!(text, "hint: {hint}");
        }
        (_, None) => {}
    }
    if problem.reason == Reason::Compacted {
        text.push_str("hint: `allocctl check -o json` tells the current revision\n");
    }
    if let Some(span) = problem.retry_after.filter(|span| span.millis() >= 1_000) {
        let _ = writeln!(text, "hint: it may work in {span}");
    }
    if let Some(endpoint) = error.endpoint.as_ref().filter(|_| exit_code_of(problem.reason) == NO_ANSWER) {
        let times = if error.attempts == 1 { "once" } else { "times" };
        let asked = if error.attempts == 1 { String::new() } else { format!("{} ", error.attempts) };
        let _ = writeln!(
            text,
            "hint: members were asked {asked}{times}, {endpoint} last; other members: --endpoints"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(problem: Problem) -> Failure {
        let error = ClientError { problem: Box::new(problem), endpoint: None, attempts: 1 };
        Failure::Call(Box::new(error), Asked::Question)
    }

    #[test]
    fn a_change_without_an_answer_says_how_to_ask_again() {
        let failure =
            call(Problem::new(Reason::NoLeader, "no member leads").hint("with the same request id"));
        let text = failure.asked(Asked::Change(RequestId::new("7e0a").unwrap())).text();
        assert!(text.contains("\nhint: ask again with --request-id 7e0a: it is done once"), "{text}");
        assert!(!text.contains("same request id"), "{text}");
    }

    #[test]
    fn every_reason_has_an_exit_code_of_the_table() {
        for reason in Reason::ALL {
            let code = exit_code_of(*reason);
            assert!(EXIT_CODES.contains(&format!("\n  {code}  ")), "{reason}: {code}");
        }
    }

    #[test]
    fn every_wrong_field_has_a_line_of_its_own() {
        let mut wrong = Violations::default();
        wrong.add("network.vlan", "4095 is no VLAN id: 1 to 4094");
        wrong.add("network.mtu", "10 is no MTU: 68 to 16384");
        let failure = Failure::from(wrong);
        assert_eq!(failure.exit_code(), USAGE);
        assert_eq!(
            failure.text(),
            "error: 2 fields are wrong\n  network.vlan: 4095 is no VLAN id: 1 to 4094\n  network.mtu: 10 is no MTU: 68 to 16384\n"
        );
    }

    #[test]
    fn a_hint_has_a_line_of_its_own() {
        let failure = call(
            Problem::new(Reason::NetworkNotFound, "there is no network lan").hint("see which there are"),
        );
        assert_eq!(failure.exit_code(), MISSING);
        assert_eq!(failure.text(), "error: there is no network lan\nhint: see which there are\n");
    }
}
