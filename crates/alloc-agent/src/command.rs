//! What each verb does.

pub(crate) mod adopt;
mod boot;
mod check_config;
mod plan;
pub(crate) mod render;
pub(crate) mod run;
pub(crate) mod status;
mod watchdog;

use crate::cli::{Cli, Verb};
use crate::doctor;
use crate::failure::Failure;
use crate::setup;

/// Does what the command line says.
pub(crate) fn run(cli: Cli) -> Result<(), Failure> {
    let options = &cli.options;
    match &cli.verb {
        Verb::Run(asked) => run::run(options, asked),
        Verb::Boot => boot::run(options),
        Verb::Watchdog => watchdog::run(options),
        Verb::Plan { output } => plan::run(options, *output),
        Verb::Render(render) => render::run(options, render),
        Verb::Status(status) => status::run(options, status),
        Verb::Adopt(adopt) => adopt::run(options, adopt),
        Verb::CheckConfig => check_config::run(options),
        Verb::Doctor(asked) => doctor::run(options, asked),
        Verb::Setup(asked) => setup::run(asked),
    }
}
