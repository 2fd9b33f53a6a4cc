//! `alloc-agent watchdog`: takes interfaces down at the end of their leases, until it is killed.

use std::thread;
use std::time::Duration;

use crate::cli::Options;
use crate::clock::MachineClock;
use crate::failure::Failure;
use crate::logging;
use crate::surroundings::Surroundings;
use crate::watchdog::{Said, Watchdog, lock_path};

/// The time between two looks: a fifth of what the end of a lease's use is early by.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// Watches.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let surroundings = Surroundings::new(options)?;
    let config = &surroundings.config;
    let filter = logging::filter(&config.log_filter).map_err(Failure::Findings)?;
    logging::start(config.log_format, filter);
    let state_dir = config.state_dir.to_string_lossy();
    let lock = surroundings.files.lock(&lock_path(&state_dir));
    // Whoever wants to know whether somebody watches looks at the lock; it ends with this process.
    let _watching = lock.map_err(|error| Failure::Broken(Box::new(error)))?;
    tracing::info!("watching over leases that end by themselves");
    let mut watchdog = Watchdog::new(&surroundings.host, &surroundings.files, &MachineClock, &state_dir);
    loop {
        watchdog.look().iter().for_each(log);
        thread::sleep(BETWEEN_LOOKS);
    }
}

fn log(said: &Said) {
    match said {
        Said::Down { name, lease } => {
            tracing::warn!(lease = lease.resource_name(), "{name} is down: its lease is over");
        }
        Said::Destroyed { name, lease } => {
            tracing::warn!(lease = lease.resource_name(), "{name} is destroyed: its lease is over");
        }
        Said::StillUp { name, lease, why } => {
            tracing::error!(lease = lease.resource_name(), "{name} is up and its lease is over: {why}");
        }
        Said::Unreadable(why) => tracing::error!("{why}; what was known before holds"),
        Said::Unseen(error) => tracing::error!("{error}"),
    }
}
