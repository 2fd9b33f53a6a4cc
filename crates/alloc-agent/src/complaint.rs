//! What is wrong with a command line, as it is on the command line, without what the environment adds.

use std::ffi::OsString;

use clap::CommandFactory as _;

use crate::cli::Cli;
use crate::failure::Failure;

/// Tells what is wrong with these arguments.
pub(crate) fn complain(first: clap::Error, arguments: &[OsString]) -> Failure {
    // A usage line would show what the environment says as if it had to be on the command line.
    match Cli::command().try_get_matches_from(arguments) {
        Err(without) if without.kind() == first.kind() => Failure::Usage(without),
        Ok(_) | Err(_) => Failure::Usage(first),
    }
}
