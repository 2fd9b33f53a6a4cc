//! What a command that went wrong says to whoever has to mend it: the arguments, how it ended, and what it wrote.

use crate::invocation::Invocation;
use crate::listing::ListingError;
use crate::output::{Exit, STDOUT_BYTES_MAX};
use crate::runner::RunError;

/// Most characters of stderr that a sentence quotes; the field has all of it.
const STDERR_SHOWN_CHARS_MAX: usize = 1_000;

/// A command that did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// It did not run to its end.
    #[error("cannot run `{invocation}`")]
    NotRun {
        /// The command.
        invocation: Box<Invocation>,
        /// Why not.
        source: RunError,
    },
    /// It ran and failed.
    #[error("`{invocation}` failed with {exit}{}", shown(.stderr))]
    Failed {
        /// The command.
        invocation: Box<Invocation>,
        /// How it ended.
        exit: Exit,
        /// What it wrote to stderr.
        stderr: String,
    },
    /// It wrote more than is read, and part of a listing is none.
    #[error("`{invocation}` wrote more than {STDOUT_BYTES_MAX} bytes")]
    TooLong {
        /// The command.
        invocation: Box<Invocation>,
    },
    /// It succeeded, and what it wrote is not what it was asked for.
    #[error("cannot read what `{invocation}` wrote")]
    Unreadable {
        /// The command.
        invocation: Box<Invocation>,
        /// Why not.
        source: ListingError,
    },
    /// It says that it succeeded, and it did not.
    #[error("`{invocation}` succeeded, but {found}")]
    Unmet {
        /// The command.
        invocation: Box<Invocation>,
        /// What was found instead, as the rest of a sentence.
        found: &'static str,
    },
}

impl CommandError {
    /// The command.
    #[must_use]
    pub fn invocation(&self) -> &Invocation {
        match self {
            Self::NotRun { invocation, .. }
            | Self::Failed { invocation, .. }
            | Self::TooLong { invocation }
            | Self::Unreadable { invocation, .. }
            | Self::Unmet { invocation, .. } => invocation,
        }
    }

    /// How it ended, if it failed by itself.
    #[must_use]
    pub const fn exit(&self) -> Option<Exit> {
        match self {
            Self::Failed { exit, .. } => Some(*exit),
            Self::NotRun { .. } | Self::TooLong { .. } | Self::Unreadable { .. } | Self::Unmet { .. } => None,
        }
    }

    /// What it wrote to stderr before it failed or was killed.
    #[must_use]
    pub fn stderr(&self) -> &str {
        match self {
            Self::Failed { stderr, .. } | Self::NotRun { source: RunError::TimedOut { stderr, .. }, .. } => {
                stderr
            }
            Self::NotRun { .. } | Self::TooLong { .. } | Self::Unreadable { .. } | Self::Unmet { .. } => "",
        }
    }
}

/// What was written to stderr, on one line behind a colon.
fn shown(stderr: &str) -> String {
    let lines: Vec<&str> = stderr.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let line = lines.join("; ");
    let mut shown = String::new();
    for (at, c) in line.chars().enumerate() {
        match at {
            0 => shown.push_str(": "),
            STDERR_SHOWN_CHARS_MAX => {
                shown.push_str("...");
                break;
            }
            _ => {}
        }
        if c.is_control() { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::TIME_LIMIT_DEFAULT;
    use crate::program::Program;

    fn create() -> Box<Invocation> {
        Box::new(Invocation::new(Program::IFCONFIG, ["epair5", "create"]))
    }

    fn failed(stderr: &str) -> String {
        let (exit, stderr) = (Exit::Code(1), stderr.to_owned());
        CommandError::Failed { invocation: create(), exit, stderr }.to_string()
    }

    #[test]
    fn an_error_gives_command_exit_and_stderr_for_a_report() {
        let stderr = "no\n".to_owned();
        let error = CommandError::Failed { invocation: create(), exit: Exit::Signal(9), stderr };
        assert_eq!(error.invocation(), &*create());
        assert_eq!((error.exit(), error.stderr()), (Some(Exit::Signal(9)), "no\n"));
        let (program, time_limit) = (Program::IFCONFIG, TIME_LIMIT_DEFAULT);
        let source = RunError::TimedOut { program, time_limit, stderr: "hangs\n".to_owned() };
        let error = CommandError::NotRun { invocation: create(), source };
        assert_eq!((error.exit(), error.stderr()), (None, "hangs\n"));
    }

    #[test]
    fn a_failure_names_command_exit_code_and_stderr() {
        assert_eq!(
            failed("ifconfig: SIOCIFCREATE2: File exists\n"),
            "`/sbin/ifconfig epair5 create` failed with exit code 1: ifconfig: SIOCIFCREATE2: File exists"
        );
        assert_eq!(failed(""), "`/sbin/ifconfig epair5 create` failed with exit code 1");
    }

    #[test]
    fn what_a_jail_writes_cannot_steer_a_terminal_or_fill_a_log() {
        assert!(failed("one\n\n\ttwo\u{1b}[2J\n").ends_with("code 1: one; two\\u{1b}[2J"));
        let long = failed(&"x".repeat(5_000));
        assert!(long.ends_with("x...") && long.len() < 1_100);
    }
}
