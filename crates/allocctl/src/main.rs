//! The command line of allocd, for people: parse, call, render.
//!
//! ```text
//!   cli ─► settings ─► session ─► command ─► allocd-client
//!                                    │
//!                                    └─► view ─► output ─► stdout        failure ─► stderr, exit code
//! ```
//!
//! Data goes to stdout and everything else to stderr, so that a pipe gets what it asked for and nothing else.

mod cli;
mod command;
mod complaint;
mod environment;
mod failure;
mod input;
mod left_over;
mod output;
mod progress;
mod session;
mod settings;
mod view;

use std::process::ExitCode;

fn main() -> ExitCode {
    let outcome = cli::parse().and_then(|cli| {
        // One thread is enough for one call, and starts faster.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map_err(failure::Failure::Runtime)?.block_on(command::run(cli))
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
