//! Leases that end by themselves: how long they last is known, on disk, before they are used, and those in use are renewed.
//!
//! All of a host are renewed together, when the first of them is due: one round of questions, which the cluster takes into one entry
//! of its log. One that cannot be renewed is in use until its time is over, and then the watchdog takes it down.

use std::time::Duration;

use allocd_client::deadline::{HolderTime, renew_at};
use allocd_types::agent::LeaseAt;
use allocd_types::lease::{Lease, LeaseState};
use freebsd_host::{Runner, Sysctl};

use super::{Agent, PassError, Report};
use crate::cluster::{Cluster, Refusal};
use crate::lifetime::{Boot, Lifetimes};
use crate::want::Purpose;
use crate::watchdog;

/// How soon after an attempt that got no answer a renewal is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(2);

impl<R: Runner, C: Cluster> Agent<'_, R, C> {
    /// True if the watchdog runs.
    pub(super) fn is_watched(&self) -> Result<bool, PassError> {
        let lock = watchdog::lock_path(&self.config.state_dir.to_string_lossy());
        self.files.is_locked(&lock).map_err(PassError::Watchdog)
    }

    /// What is known of lifetimes, with what was told just now.
    pub(super) fn lifetimes(&self, told: &[Lease], sent_at: HolderTime, report: &mut Report) -> Lifetimes {
        let mut lifetimes = self.store.cache().lifetimes.clone();
        let has_any = !lifetimes.ends.is_empty() || told.iter().any(|lease| lease.remaining.is_some());
        if has_any && let Some(boot) = self.boot(report) {
            lifetimes.go_by(boot);
            told.iter().for_each(|lease| lifetimes.note(lease, sent_at));
        }
        lifetimes
    }

    /// Without word from the cluster: what was known of lifetimes before this boot is over.
    pub(super) fn keep_lifetimes(&mut self, report: &mut Report) -> Result<(), PassError> {
        let lifetimes = self.lifetimes(&[], HolderTime::default(), report);
        let now = self.clock.now();
        for lease in self.store.cache().leases.values().filter(|lease| is_in_use(lease)) {
            self.memory.renewals.entry(lease.id).or_insert(now);
        }
        self.schedule(&lifetimes, report);
        self.store.change(|cache| cache.lifetimes = lifetimes).map_err(PassError::Store)
    }

    /// Renews what is in use, if one of it is due.
    pub(super) fn renew(&mut self, leases: &mut [Lease], lifetimes: &mut Lifetimes, report: &mut Report) {
        let now = self.clock.now();
        let in_use: Vec<&Lease> = leases.iter().filter(|lease| is_in_use(lease)).collect();
        self.memory.renewals.retain(|lease, _| in_use.iter().any(|used| used.id == *lease));
        for lease in &in_use {
            // How much of its time has gone by an agent that has just started does not know.
            let at = if self.memory.has_renewed { renew_at(now, lease.remaining) } else { Some(now) };
            if let Some(at) = at {
                self.memory.renewals.entry(lease.id).or_insert(at);
            }
        }
        self.memory.has_renewed |= report.is_told();
        if report.is_told() && self.memory.renewals.values().any(|at| *at <= now) {
            let asked = in_use.iter().map(|lease| LeaseAt { lease: lease.id, generation: lease.generation });
            let asked: Vec<LeaseAt> = asked.collect();
            let answers = self.cluster.renew(&asked);
            for (at, answer) in asked.into_iter().zip(answers) {
                match answer {
                    Ok(renewed) => {
                        lifetimes.note(&renewed, now);
                        let next = renew_at(now, renewed.remaining);
                        self.memory.renewals.extend(next.map(|next| (renewed.id, next)));
                        leases.iter_mut().filter(|lease| lease.id == renewed.id).for_each(|lease| {
                            lease.clone_from(&renewed);
                        });
                    }
                    Err(Refusal::Away(why)) => report.refused(&Refusal::Away(why)),
                    Err(Refusal::No(problem)) => {
                        // What the cluster tells next says what has become of it.
                        self.memory.renewals.remove(&at.lease);
                        report
                            .problems
                            .push(format!("{} is not renewed: {problem}", at.lease.resource_name()));
                    }
                }
            }
        }
        self.schedule(lifetimes, report);
    }

    /// Has the next pass come when a renewal is due. One that was due is tried again soon, as long as it may help.
    fn schedule(&self, lifetimes: &Lifetimes, report: &mut Report) {
        let now = self.clock.now();
        let is_in_time = |lease| lifetimes.ends.get(lease).is_some_and(|end| now < end.at);
        let due = self.memory.renewals.iter().filter(|(lease, _)| is_in_time(*lease)).map(|(_, at)| *at);
        report.next = due.min().map(|at| at.0.saturating_sub(now.0).max(TRY_AGAIN));
    }

    fn boot(&self, report: &mut Report) -> Option<Boot> {
        match self.host.stack().sysctl(Sysctl::BOOT_TIME) {
            Ok(Some(boottime)) => Some(Boot::new(&boottime)),
            Ok(None) => {
                report
                    .unseen
                    .push("the machine has no kern.boottime, by which it counts lifetimes".to_owned());
                None
            }
            Err(error) => {
                report.unseen.push(error.to_string());
                None
            }
        }
    }
}

/// True of a lease that ends by itself and is this host's to use.
fn is_in_use(lease: &Lease) -> bool {
    let is_used = lease.state == LeaseState::Bound && Purpose::of(lease) == Purpose::Use;
    lease.remaining.is_some() && is_used && !lease.is_unconfirmed
}
