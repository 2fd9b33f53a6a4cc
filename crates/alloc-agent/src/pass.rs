//! One pass: from what the cluster tells and the host shows to a host that is as it is wanted.
//!
//! ```text
//! hear -> register -> bind, renew, on disk -> listen -> see -> probe -> plan -> bind what was lost -> execute
//!      -> decline -> look again -> forget, on disk -> confirm -> reconcile, adopt -> tell
//! ```
//!
//! A lease is bound before the first step with its values, and given up only when a new look shows nothing of it. If the cluster
//! is away, what is bound goes on, and nothing else begins.

mod adoption;
mod conflict;
mod ending;
mod hearing;
mod heartbeat;
mod lifetime;
mod listening;
mod lost;
mod preview;
mod probe;
mod recovery;
mod report;
mod seen_on_host;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use allocd_client::deadline::HolderTime;
use allocd_types::host::HostState;
use allocd_types::id::LeaseId;
use allocd_types::name::JailName;
use freebsd_config::{Release, ReleaseError};
use freebsd_host::{CommandError, Host, Runner};

pub(crate) use adoption::Adoption;
pub(crate) use preview::{LookInto, as_told};
pub(crate) use report::Report;

use crate::cache::Store;
use crate::clock::Clock;
use crate::cluster::Cluster;
use crate::config::Config;
use crate::conflict::Conflicts;
use crate::execute::{Executor, Outcome};
use crate::files::{FileError, Files};
use crate::observe::{Looks, ObservedHost, observe};
use crate::plan::{self, Known, Plan};
use crate::want::{DesiredHost, Standing, Times};

/// The agent of a host.
#[derive(Debug)]
pub(crate) struct Agent<'a, R, C> {
    pub(crate) host: &'a Host<R>,
    pub(crate) release: Release,
    pub(crate) files: &'a Files,
    pub(crate) config: &'a Config,
    pub(crate) store: Store,
    pub(crate) cluster: C,
    clock: &'a dyn Clock,
    memory: Memory,
}

/// What an agent remembers from one pass to the next, and no longer.
#[derive(Debug, Default)]
struct Memory {
    looks: Looks,
    starting: BTreeSet<JailName>,
    /// Leases that the cluster says are nobody's here.
    condemned: BTreeSet<LeaseId>,
    is_registered: bool,
    /// When each lease that ends by itself is to be renewed.
    renewals: BTreeMap<LeaseId, HolderTime>,
    /// True if this agent has renewed what it found in use.
    has_renewed: bool,
    /// What is known of conflicts, and how it is on disk.
    conflicts: Conflicts,
    kept_conflicts: Conflicts,
}

/// Why a pass could not be made at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PassError {
    /// The host could not be looked at.
    #[error("the host cannot be looked at, and nothing was done")]
    Look(#[source] CommandError),
    /// What the agent knows could not be kept, and then nothing may begin.
    #[error("what is known cannot be kept, and nothing was done")]
    Store(#[source] FileError),
    /// Leases that end by themselves have to be watched over.
    #[error("it cannot be said whether the watchdog runs, and nothing was done")]
    Watchdog(#[source] FileError),
}

/// What is asked of one pass.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    /// Most destructive steps.
    pub(crate) destructive_max: usize,
    /// How far it goes.
    pub(crate) extent: Extent,
}

/// How far a pass goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Until everything is as it is wanted.
    Whole,
    /// Files only, before rc.d/jail reads them: no jail is started, and none is built directly.
    Boot,
}

/// The release that a host's files are rendered for.
///
/// # Errors
/// [`ReleaseError`] if it is too old.
pub(crate) fn release_of<R: Runner>(host: &Host<R>) -> Result<Release, ReleaseError> {
    host.kernel().release.parse()
}

impl<'a, R: Runner, C: Cluster> Agent<'a, R, C> {
    /// An agent that has just started.
    pub(crate) fn new(
        (host, release): (&'a Host<R>, Release),
        files: &'a Files,
        config: &'a Config,
        store: Store,
        (cluster, clock): (C, &'a dyn Clock),
    ) -> Self {
        Self { host, release, files, config, store, cluster, clock, memory: Memory::default() }
    }

    /// Makes a pass.
    ///
    /// # Errors
    /// [`PassError`] if nothing could be done at all; what fails for one jail is in the report.
    pub(crate) fn pass(&mut self, asked: Asked) -> Result<Report, PassError> {
        let _alone = self.store.begin().map_err(PassError::Store)?;
        let mut report = Report::default();
        let standing = self.hear(&mut report)?;
        self.recall(&mut report);
        let mut want = self.want(standing, report.is_told())?;
        let mut new = Vec::new();
        match asked.extent {
            Extent::Whole => {
                new = self.new_addresses();
                self.listen(standing, &mut report);
            }
            Extent::Boot => want.leave_starts_to_rc(),
        }
        let seen = self.see(&want)?;
        self.probe(new, &mut want, &seen, &mut report);
        self.keep(&mut report);
        report.unseen.extend_from_slice(&seen.failures);
        if standing == Standing::Fenced {
            want.condemned.extend(leases_on(&seen));
        }
        let plan = self.plan(&want, &seen, asked.destructive_max);
        report.tell(&plan);
        let plan = self.take_up_lost(plan, standing, &mut report)?;
        let is_settled = plan.jails.iter().all(|part| part.steps.is_empty());
        report.outcomes = self.execute(plan);
        // What is told of the host is as it is then.
        let seen = if is_settled {
            seen
        } else {
            self.listen(standing, &mut report);
            self.look_again()?
        };
        self.decline(standing, &mut report);
        self.give_up(&seen, standing, &mut report)?;
        // What is built later is not lost.
        if seen.is_whole() && asked.extent == Extent::Whole {
            self.reconcile(&seen, &mut report)?;
        }
        self.beat(&seen, &mut report);
        Ok(report)
    }

    /// Whether the host's word counted when the cluster last told.
    fn kept_standing(&self) -> Standing {
        if self.store.cache().is_fenced { Standing::Fenced } else { Standing::Good }
    }

    fn want(&self, standing: Standing, is_told: bool) -> Result<DesiredHost, PassError> {
        let cache = self.store.cache();
        let leases: Vec<_> = cache.leases.values().cloned().collect();
        let times = Times {
            now: self.clock.now(),
            lifetimes: &cache.lifetimes,
            ended: &cache.ended,
            is_watched: !cache.has_lifetimes() || self.is_watched()?,
        };
        let mut want = DesiredHost::new(&leases, standing, times, (&self.config.jails, self.release));
        want.is_told = is_told;
        if is_told {
            want.condemned.clone_from(&self.memory.condemned);
        }
        Ok(want)
    }

    fn see(&mut self, want: &DesiredHost) -> Result<ObservedHost, PassError> {
        let turn = (&mut self.memory.looks, self.config.policy.inside_per_pass);
        observe(self.host, self.release, self.files, want, turn).map_err(PassError::Look)
    }

    fn plan(&self, want: &DesiredHost, seen: &ObservedHost, destructive_max: usize) -> Plan {
        let known = Known { built: &self.store.cache().built, starting: &self.memory.starting };
        let policy = crate::config::Policy { destructive_max, ..self.config.policy };
        plan::plan(want, seen, known, policy)
    }

    fn execute(&mut self, plan: Plan) -> Vec<Outcome> {
        self.memory.starting.clone_from(&plan.starting);
        for part in plan.jails.iter().filter(|part| !part.steps.is_empty()) {
            self.memory.looks.forget(&part.jail);
        }
        let mut executor = Executor { host: self.host, files: self.files, store: &mut self.store };
        executor.execute(plan)
    }
}

/// Whether the host's word counts.
fn standing(state: HostState) -> Standing {
    match state {
        HostState::Active | HostState::Draining => Standing::Good,
        HostState::Fenced => Standing::Fenced,
    }
}

/// Every lease of which something is on the host.
fn leases_on(seen: &ObservedHost) -> BTreeSet<LeaseId> {
    let files = seen.files.values().filter_map(|file| file.origin.as_ref());
    let rendered = files.flat_map(|origin| &origin.leases).map(|of| of.lease);
    seen.marks().chain(rendered).collect()
}
