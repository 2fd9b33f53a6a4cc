//! `alloc-agent run`: passes until told to stop.
//!
//! ```text
//! watch | timer | SIGHUP ──wake──► passes, a thread of its own: commands block, and so does the cluster
//! SIGTERM, SIGINT ───────stop────► the pass that is under way comes to its end
//! ```
//!
//! A wake-up says nothing but that it is time to look. There is room for one: what comes while a pass runs is one more pass.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;

use allocd_client::client::Client;
use allocd_types::change::Change;
use allocd_types::id::Revision;
use allocd_types::name::HostName;
use clap::Args;
use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::cli::Options;
use crate::cluster::client;
use crate::config::Config;
use crate::failure::Failure;
use crate::pass::{Asked, Extent};
use crate::surroundings::Surroundings;
use crate::{logging, report};

/// The thread of the passes.
const THREAD: &str = "passes";

/// Runs the agent.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Let the first pass take this many steps that destroy something without having been asked for by the cluster.
    #[arg(long, value_name = "N")]
    allow_destructive: Option<usize>,
    /// Make one pass and end.
    #[arg(long)]
    once: bool,
}

/// Makes passes until told to stop.
pub(crate) fn run(options: &Options, asked: &Run) -> Result<(), Failure> {
    let surroundings = Surroundings::new(options)?;
    let config = &surroundings.config;
    let filter = logging::filter(&config.log_filter).map_err(Failure::Findings)?;
    logging::start(config.log_format, filter);
    let first = asked.allow_destructive.unwrap_or(config.policy.destructive_max);
    if asked.once {
        let made = surroundings.agent()?.pass(Asked { destructive_max: first, extent: Extent::Whole })?;
        report::log(&made);
        let unmet = || Failure::Findings("not everything could be done".to_owned());
        return if made.is_good() { Ok(()) } else { Err(unmet()) };
    }
    let (wake, woken) = sync_channel(1);
    let around = &surroundings;
    thread::scope(|scope| {
        let passes = thread::Builder::new().name(THREAD.to_owned());
        let passes = passes.spawn_scoped(scope, move || self::passes(around, first, &woken));
        let passes = passes.map_err(broken)?;
        let woke = wake_until_stopped(config, &wake);
        // Without anybody to wake them they end.
        drop(wake);
        let passed = passes.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        woke.and(passed)
    })
}

/// A pass, and one more at each wake-up.
fn passes(surroundings: &Surroundings, first: usize, woken: &Receiver<()>) -> Result<(), Failure> {
    let mut agent = surroundings.agent()?;
    let mut destructive_max = first;
    loop {
        let made = agent.pass(Asked { destructive_max, extent: Extent::Whole });
        destructive_max = surroundings.config.policy.destructive_max;
        let (is_unfinished, next) = match made {
            Ok(made) => {
                report::log(&made);
                (made.is_unfinished, made.next)
            }
            // The next pass may be able to.
            Err(error) => {
                tracing::error!("{}", Failure::from(error).line());
                (false, None)
            }
        };
        if is_unfinished {
            continue;
        }
        let woke = match next {
            None => woken.recv().map_err(RecvTimeoutError::from),
            Some(time) => woken.recv_timeout(time),
        };
        match woke {
            Ok(()) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}

/// Wakes the passes until a signal says to stop.
fn wake_until_stopped(config: &Config, wake: &SyncSender<()>) -> Result<(), Failure> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(broken)?;
    let client = client(config).map_err(|error| Failure::Broken(Box::new(error)))?;
    runtime.block_on(async {
        let mut hangup = listen(SignalKind::hangup())?;
        let mut terminate = listen(SignalKind::terminate())?;
        let mut interrupt = listen(SignalKind::interrupt())?;
        // The first pass needs nobody to wake it.
        let mut timer = interval_at(Instant::now() + config.interval, config.interval);
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_watching = true;
        let watching = watch(&client, &config.host, wake);
        tokio::pin!(watching);
        loop {
            tokio::select! {
                _ = terminate.recv() => return Ok(()),
                _ = interrupt.recv() => return Ok(()),
                _ = hangup.recv() => {}
                _ = timer.tick() => {
                    if !is_watching {
                        watching.set(watch(&client, &config.host, wake));
                        is_watching = true;
                    }
                }
                () = &mut watching, if is_watching => is_watching = false,
            }
            if let Err(TrySendError::Disconnected(())) = wake.try_send(()) {
                return Ok(());
            }
        }
    })
}

/// Wakes at every change that is about this host, until nobody answers any more; the timer begins it anew.
async fn watch(client: &Client, host: &HostName, wake: &SyncSender<()>) {
    let mut watch = client.watch(Revision::default());
    loop {
        match watch.next().await {
            Ok(told) if told.changes.iter().any(|change| is_about(change, host)) => {
                // One that is waiting to be taken is as good.
                let _ = wake.try_send(());
            }
            Ok(_) => {}
            Err(error) => return tracing::debug!(%error, "the watch is broken"),
        }
    }
}

/// True of a change after which a host may have something to do.
fn is_about(change: &Change, host: &HostName) -> bool {
    match change {
        Change::LeaseGranted(lease)
        | Change::LeaseReleasing(lease)
        | Change::LeaseMoveBegun(lease)
        | Change::LeaseMoveCancelled(lease)
        | Change::LeaseDeclined { lease, .. }
        | Change::LeaseReleased(lease)
        | Change::LeaseExpired(lease)
        | Change::SuspectFreed(lease)
        | Change::LeaseSuspected(lease) => lease.holder.host == *host,
        Change::LeaseMoved { from, lease } => from == host || lease.holder.host == *host,
        Change::HostStateChanged(changed) | Change::HostReturned(changed) => changed.spec.name == *host,
        Change::NetworkUpdated(_) | Change::RecoveryChanged(_) => true,
        // What the agent itself has said, or what is no lease's.
        Change::LeaseRenewed(_)
        | Change::LeaseBound(_)
        | Change::LeaseAdopted(_)
        | Change::LeaseFound(_)
        | Change::DeclineNoted(_)
        | Change::DeclineCleared(_)
        | Change::ValueRested(_)
        | Change::NetworkCreated(_)
        | Change::NetworkDeleted(_)
        | Change::PoolCreated(_)
        | Change::PoolUpdated(_)
        | Change::PoolDeleted(_)
        | Change::HostCreated(_)
        | Change::HostRegistered(_)
        | Change::HostDeleted(_)
        | Change::ReservationCreated(_)
        | Change::ReservationDeleted(_)
        | Change::ExclusionCreated(_)
        | Change::ExclusionDeleted(_) => false,
    }
}

fn listen(kind: SignalKind) -> Result<Signal, Failure> {
    signal(kind).map_err(broken)
}

fn broken(error: io::Error) -> Failure {
    Failure::Broken(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::lease;

    #[test]
    fn only_what_is_about_the_host_wakes_it() {
        let (h1, h2) = (HostName::new("h1").unwrap(), HostName::new("h2").unwrap());
        let granted = Change::LeaseGranted(lease(17, "web01", 7));
        assert!(is_about(&granted, &h1) && !is_about(&granted, &h2));
        let moved = Change::LeaseMoved { from: h2.clone(), lease: lease(17, "web01", 7) };
        assert!(is_about(&moved, &h1) && is_about(&moved, &h2));
        // What the agent said itself would wake it once more after every pass.
        assert!(!is_about(&Change::LeaseBound(lease(17, "web01", 7)), &h1));
    }
}
