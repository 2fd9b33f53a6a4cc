//! What each verb does.

mod check_config;

use crate::cli::{Cli, Verb};
use crate::failure::Failure;

/// Does what the command line says.
pub(crate) fn run(cli: Cli) -> Result<(), Failure> {
    match cli.verb {
        Verb::CheckConfig => check_config::run(&cli.options),
    }
}
