//! How a pass begins: what the cluster tells is heard, this host's agent made known, and what was granted taken up.

use allocd_types::agent::LeaseAt;
use allocd_types::host::{HostRegistration, HostUuid, OsRelease};
use allocd_types::lease::{Lease, LeaseState};
use allocd_types::problem::Problem;
use allocd_types::reason::Reason;
use freebsd_host::{CommandError, Runner, Sysctl};

use super::recovery::is_remembered;
use super::{Agent, PassError, Report, seen_on_host, standing};
use crate::cluster::{Cluster, Refusal, Told};
use crate::want::{Purpose, Standing};

impl<R: Runner, C: Cluster> Agent<'_, R, C> {
    /// Hears what the cluster tells, and takes up what it has granted. What it said is on disk afterwards.
    pub(super) fn hear(&mut self, report: &mut Report) -> Result<Standing, PassError> {
        let sent_at = self.clock.now();
        let told = match self.cluster.leases() {
            Ok(told) => told,
            Err(refusal) => {
                // A no to this question tells as little as no answer.
                report.away = Some(refusal.to_string());
                self.keep_lifetimes(report)?;
                return Ok(self.kept_standing());
            }
        };
        let standing = standing(told.state);
        self.register(&told, report);
        let Told { revision, mut leases, .. } = told;
        self.recall_lost(&mut leases);
        if standing == Standing::Good && self.memory.is_registered {
            self.bind(&mut leases, report);
        }
        let mut lifetimes = self.lifetimes(&leases, sent_at, report);
        if standing == Standing::Good {
            self.renew(&mut leases, &mut lifetimes, report);
        }
        self.store
            .change(|cache| {
                cache.revision = revision;
                cache.is_fenced = standing == Standing::Fenced;
                let leases = leases.into_iter().map(|lease| (lease.id, lease)).collect();
                let before = std::mem::replace(&mut cache.leases, leases);
                let ends = before.iter().filter(|(_, lease)| lease.remaining.is_some());
                cache.ended.extend(ends.map(|(id, lease)| (*id, lease.clone())));
                cache.ended.retain(|lease, _| !cache.leases.contains_key(lease));
                cache.lifetimes = lifetimes;
                cache.former.extend(before.into_iter().filter(|(_, lease)| is_remembered(lease)));
                cache
                    .former
                    .retain(|lease, _| cache.leases.get(lease).is_none_or(|told| told.is_unconfirmed));
            })
            .map_err(PassError::Store)?;
        Ok(standing)
    }

    /// Another agent of this host has registered since, such as one that adopted a jail: the next pass does so anew.
    pub(super) fn speak_again_if_stale(&mut self, problem: &Problem) {
        if problem.reason == Reason::StaleIncarnation {
            self.memory.is_registered = false;
        }
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
    fn bind(&mut self, leases: &mut [Lease], report: &mut Report) {
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
                    self.speak_again_if_stale(&problem);
                    report.problems.push(format!("{} is not taken up: {problem}", lease.id.resource_name()));
                }
            }
        }
    }
}
