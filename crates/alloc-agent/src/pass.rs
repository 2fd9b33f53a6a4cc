//! One pass: from what the cluster tells and the host shows to a host that is as it is wanted.
//!
//! ```text
//! hear -> register -> bind, on disk -> see -> plan -> execute -> look again -> forget, on disk -> confirm -> reconcile
//! ```
//!
//! A lease is bound before the first step with its values, and given up only when a new look shows nothing of it. If the cluster
//! is away, what is bound goes on, and nothing else begins.

mod report;
mod seen_on_host;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use allocd_types::agent::LeaseAt;
use allocd_types::host::{HostRegistration, HostState, HostUuid, OsRelease};
use allocd_types::id::LeaseId;
use allocd_types::lease::LeaseState;
use allocd_types::name::JailName;
use freebsd_config::{Release, ReleaseError};
use freebsd_host::{CommandError, Host, Runner, Sysctl};

pub(crate) use report::Report;

use crate::cache::Store;
use crate::cluster::{Cluster, Refusal, Told};
use crate::config::Config;
use crate::execute::{Executor, Outcome};
use crate::files::{FileError, Files};
use crate::observe::{Looks, ObservedHost, Sight, observe};
use crate::plan::{self, Known, Plan};
use crate::want::{DesiredHost, Purpose, Standing};

/// The agent of a host.
#[derive(Debug)]
pub(crate) struct Agent<'a, R, C> {
    pub(crate) host: &'a Host<R>,
    pub(crate) release: Release,
    pub(crate) files: &'a Files,
    pub(crate) config: &'a Config,
    pub(crate) store: Store,
    pub(crate) cluster: C,
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
}

/// What is asked of one pass.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    /// Most destructive steps.
    pub(crate) destructive_max: usize,
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
        cluster: C,
    ) -> Self {
        Self { host, release, files, config, store, cluster, memory: Memory::default() }
    }

    /// Makes a pass.
    ///
    /// # Errors
    /// [`PassError`] if nothing could be done at all; what fails for one jail is in the report.
    pub(crate) fn pass(&mut self, asked: Asked) -> Result<Report, PassError> {
        let mut report = Report::default();
        let standing = self.hear(&mut report)?;
        let mut want = self.want(standing, report.is_told());
        let seen = self.see(&want)?;
        report.unseen.clone_from(&seen.failures);
        if standing == Standing::Fenced {
            want.condemned.extend(leases_on(&seen));
        }
        let plan = self.plan(&want, &seen, asked.destructive_max);
        report.tell(&plan);
        let is_settled = plan.jails.iter().all(|part| part.steps.is_empty());
        report.outcomes = self.execute(plan);
        self.give_up(standing, &mut report)?;
        if is_settled && seen.is_whole() {
            self.reconcile(&seen, standing, &mut report);
        }
        Ok(report)
    }

    /// What would be done now, without doing it or asking anybody.
    ///
    /// # Errors
    /// [`PassError::Look`] if the host cannot be looked at.
    pub(crate) fn preview(&mut self, leases: Option<Told>) -> Result<(Plan, ObservedHost), PassError> {
        let is_told = leases.is_some();
        let mut want = self.want(Standing::Good, is_told);
        if let Some(told) = leases {
            // What is not bound yet will be, before anything else.
            let bound = told.leases.into_iter().map(|lease| match (Purpose::of(&lease), lease.state) {
                (Purpose::Use, LeaseState::Granted) => {
                    allocd_types::lease::Lease { state: LeaseState::Bound, ..lease }
                }
                (Purpose::Use | Purpose::TearDown, _) => lease,
            });
            let bound: Vec<_> = bound.collect();
            want = DesiredHost::new(&bound, Standing::Good, &self.config.jails, self.release);
            want.is_told = true;
        }
        let seen = self.see(&want)?;
        let plan = self.plan(&want, &seen, self.config.policy.destructive_max);
        Ok((plan, seen))
    }

    /// Hears what the cluster tells, and takes up what it has granted. What it said is on disk afterwards.
    fn hear(&mut self, report: &mut Report) -> Result<Standing, PassError> {
        let told = match self.cluster.leases() {
            Ok(told) => told,
            Err(refusal) => {
                report.refused(&refusal);
                return Ok(Standing::Good);
            }
        };
        let standing = match told.state {
            HostState::Active | HostState::Draining => Standing::Good,
            HostState::Fenced => Standing::Fenced,
        };
        self.register(&told, report);
        let Told { revision, mut leases, .. } = told;
        if standing == Standing::Good && self.memory.is_registered {
            self.bind(&mut leases, report);
        }
        self.store
            .change(|cache| {
                cache.revision = revision;
                cache.leases = leases.into_iter().map(|lease| (lease.id, lease)).collect();
            })
            .map_err(PassError::Store)?;
        Ok(standing)
    }

    fn register(&mut self, told: &Told, report: &mut Report) {
        if self.memory.is_registered {
            return;
        }
        match self.registration(told) {
            Ok(None) => report
                .problems
                .push("the machine has no kern.hostuuid, by which the cluster knows it".to_owned()),
            Ok(Some(registration)) => match self.cluster.register(registration) {
                Ok(registered) => {
                    self.memory.is_registered = true;
                    let kept = self.store.change(|cache| cache.incarnation = registered.incarnation);
                    report.problems.extend(kept.err().map(|error| format!("{error}: {}", error.source)));
                }
                Err(refusal) => report.refused(&refusal),
            },
            Err(error) => report.unseen.push(error.to_string()),
        }
    }

    /// Who this host is and what is on it that is from no lease.
    fn registration(&self, told: &Told) -> Result<Option<HostRegistration>, CommandError> {
        let uuid = self.host.stack().sysctl(Sysctl::HOST_UUID)?;
        let Some(uuid) = uuid.and_then(|uuid| HostUuid::new(&uuid).ok()) else { return Ok(None) };
        let seen = seen_on_host::seen(&self.host.interfaces()?, &told.leases);
        let release = OsRelease::new(&self.host.kernel().release).ok();
        Ok(Some(HostRegistration { host: self.config.host.clone(), uuid, release, seen }))
    }

    /// Takes up every lease that is granted, as long as the cluster answers.
    fn bind(&mut self, leases: &mut [allocd_types::lease::Lease], report: &mut Report) {
        for lease in leases {
            let is_new = lease.state == LeaseState::Granted && Purpose::of(lease) == Purpose::Use;
            if !is_new || lease.is_unconfirmed {
                continue;
            }
            match self.cluster.bind(LeaseAt { lease: lease.id, generation: lease.generation }) {
                Ok(bound) => *lease = bound,
                Err(Refusal::Away(why)) => {
                    report.refused(&Refusal::Away(why));
                    return;
                }
                Err(Refusal::No(problem)) => {
                    report.problems.push(format!("{} is not taken up: {problem}", lease.id.resource_name()));
                }
            }
        }
    }

    fn want(&self, standing: Standing, is_told: bool) -> DesiredHost {
        let leases: Vec<_> = self.store.cache().leases.values().cloned().collect();
        let mut want = DesiredHost::new(&leases, standing, &self.config.jails, self.release);
        want.is_told = is_told;
        if is_told {
            want.condemned.clone_from(&self.memory.condemned);
        }
        want
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

    /// Confirms what is given up, after a new look that shows nothing of it, and after it is forgotten here.
    fn give_up(&mut self, standing: Standing, report: &mut Report) -> Result<(), PassError> {
        let confirms: Vec<LeaseAt> =
            report.outcomes.iter().flat_map(|outcome| &outcome.confirms).copied().collect();
        if confirms.is_empty() || !report.is_told() || standing == Standing::Fenced {
            return Ok(());
        }
        // Whatever carries a mark is looked for, and into no jail.
        let nothing = DesiredHost::default();
        let seen = observe(self.host, self.release, self.files, &nothing, (&mut Looks::default(), 0));
        let seen = seen.map_err(PassError::Look)?;
        for at in confirms {
            if !seen.is_whole() || is_there(&seen, at.lease) {
                report.problems.push(format!("something of {} is still there", at.lease.resource_name()));
                continue;
            }
            self.store.change(|cache| drop(cache.leases.remove(&at.lease))).map_err(PassError::Store)?;
            match self.cluster.confirm(at) {
                Ok(()) => report.confirmed.push(at.lease),
                Err(refusal) => report.refused(&refusal),
            }
        }
        Ok(())
    }

    /// Tells the cluster of what is there, and hears what should not be.
    fn reconcile(&mut self, seen: &ObservedHost, standing: Standing, report: &mut Report) {
        let may_speak = report.is_told() && (self.memory.is_registered || standing == Standing::Fenced);
        if !may_speak {
            return;
        }
        match self.cluster.reconcile(leases_on(seen).into_iter().collect()) {
            Ok(told) => {
                let condemned: BTreeSet<LeaseId> = told.destroy.into_iter().collect();
                report.is_unfinished |= condemned != self.memory.condemned && !condemned.is_empty();
                self.memory.condemned = condemned;
            }
            Err(refusal) => report.refused(&refusal),
        }
    }
}

/// Every lease of which something is on the host.
fn leases_on(seen: &ObservedHost) -> BTreeSet<LeaseId> {
    let files = seen.files.values().filter_map(|file| file.origin.as_ref());
    let rendered = files.flat_map(|origin| &origin.leases).map(|of| of.lease);
    seen.marks().chain(rendered).collect()
}

/// True if something of a lease is on the host.
fn is_there(seen: &ObservedHost, lease: LeaseId) -> bool {
    !matches!(seen.marked(lease), Sight::None) || seen.files.values().any(|file| file.mentions(lease))
}
