//! The agent on each jail server: turns the leases of its host into running VNET jails.
//!
//! ```text
//! watch | timer | boot | SIGHUP ──wake──► pass
//!
//!   want     leases of this host: from the cluster, else from the cache
//!   see      one listing of each kind, and the files
//!   plan     pure: what differs, step by step, and why
//!   execute  jail by jail; the first failure stops that jail and no other
//!   report   bound before the first step, torn down after the last
//! ```
//!
//! What wakes it carries no data. Nothing that does not carry a lease's mark is ever touched.

mod cache;
mod cli;
mod clock;
mod cluster;
mod command;
mod complaint;
mod config;
mod conflict;
mod doctor;
mod environment;
#[cfg(test)]
mod example;
mod execute;
mod failure;
mod files;
mod lifetime;
mod logging;
mod observe;
mod pass;
mod plan;
mod report;
mod sealed;
mod setup;
mod step;
mod surroundings;
mod view;
mod want;
mod watchdog;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::parse().and_then(command::run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
