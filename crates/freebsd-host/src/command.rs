//! How a verb runs its command, and when it has done what it says.
//!
//! A command's exit code says whether it succeeded. If it failed, the verb looks whether what it was to bring about is there all
//! the same: another pass may have done it, or somebody by hand. Words on stderr decide nothing; they differ between releases.

use crate::error::CommandError;
use crate::invocation::Invocation;
use crate::listing::ListingError;
use crate::output::{Exit, Output};
use crate::runner::Runner;

/// What the base system's programs end with if they fail.
pub(crate) const FAILED: i32 = 1;

/// Runs a command and wants success.
pub(crate) fn succeed<R: Runner>(runner: &R, invocation: Invocation) -> Result<Output, CommandError> {
    let output = run(runner, &invocation)?;
    if output.exit.is_success() { Ok(output) } else { Err(failed(invocation, output)) }
}

/// Runs a command and reads what it wrote.
pub(crate) fn read<R: Runner, T>(
    runner: &R,
    invocation: Invocation,
    parse: impl FnOnce(&str) -> Result<T, ListingError>,
) -> Result<T, CommandError> {
    let output = succeed(runner, invocation.clone())?;
    if output.is_stdout_cut {
        return Err(CommandError::TooLong { invocation: Box::new(invocation) });
    }
    let unreadable = |source| CommandError::Unreadable { invocation: Box::new(invocation), source };
    parse(&output.stdout).map_err(unreadable)
}

/// Runs a command and reads what it wrote; none if it fails, which is how it says that what was asked for is not there.
pub(crate) fn read_if<R: Runner, T>(
    runner: &R,
    invocation: Invocation,
    parse: impl FnOnce(&str) -> Result<T, ListingError>,
) -> Result<Option<T>, CommandError> {
    match read(runner, invocation, parse) {
        Ok(read) => Ok(Some(read)),
        Err(CommandError::Failed { exit: Exit::Code(FAILED), .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Runs a command that answers with its exit code: yes with 0, no with the given one.
pub(crate) fn ask<R: Runner>(runner: &R, invocation: Invocation, no: i32) -> Result<bool, CommandError> {
    let output = run(runner, &invocation)?;
    match output.exit {
        Exit::Code(0) => Ok(true),
        Exit::Code(code) if code == no => Ok(false),
        Exit::Code(_) | Exit::Signal(_) => Err(failed(invocation, output)),
    }
}

/// Runs a command that brings something about; if it fails, that it is there all the same is as good.
pub(crate) fn bring_about<R: Runner>(
    runner: &R,
    invocation: Invocation,
    is_there: impl FnOnce() -> Result<bool, CommandError>,
) -> Result<(), CommandError> {
    let output = run(runner, &invocation)?;
    // What cannot be looked at is not there; the first error is the one that counts.
    if output.exit.is_success() || is_there().unwrap_or(false) {
        Ok(())
    } else {
        Err(failed(invocation, output))
    }
}

/// Runs a command whose exit code does not say enough, and looks whether it has brought about what it should.
pub(crate) fn bring_about_and_look<R: Runner>(
    runner: &R,
    invocation: Invocation,
    found: &'static str,
    is_there: impl FnOnce() -> Result<bool, CommandError>,
) -> Result<(), CommandError> {
    let output = run(runner, &invocation)?;
    match (is_there()?, output.exit.is_success()) {
        (true, _) => Ok(()),
        (false, true) => Err(CommandError::Unmet { invocation: Box::new(invocation), found }),
        (false, false) => Err(failed(invocation, output)),
    }
}

fn run<R: Runner>(runner: &R, invocation: &Invocation) -> Result<Output, CommandError> {
    let not_run = |source| CommandError::NotRun { invocation: Box::new(invocation.clone()), source };
    runner.run(invocation).map_err(not_run)
}

fn failed(invocation: Invocation, output: Output) -> CommandError {
    let (invocation, Output { exit, stderr, .. }) = (Box::new(invocation), output);
    CommandError::Failed { invocation, exit, stderr }
}
