//! Leases that were in use here and of which nothing is left.
//!
//! The cluster may free what a host says it has lost. So before an inventory leaves, it is on disk which leases it does without,
//! and of those nothing is built before the cluster has been told that they are in use again and has said yes. An inventory
//! without an answer may be heard later, after that: then the agent speaks as another start of itself, and the old one's word does
//! not count any more.

use std::collections::BTreeSet;

use allocd_types::agent::LeaseAt;
use allocd_types::id::LeaseId;
use allocd_types::lease::{Lease, LeaseState};
use allocd_types::name::JailName;
use freebsd_host::Runner;

use super::{Agent, PassError, Report};
use crate::cluster::{Cluster, Refusal};
use crate::plan::Plan;
use crate::want::{Purpose, Standing};

impl<R: Runner, C: Cluster> Agent<'_, R, C> {
    /// What an inventory may have said counts, whether the cluster has heard it yet or not.
    pub(super) fn recall_lost(&self, told: &mut [Lease]) {
        let cache = self.store.cache();
        for lease in told.iter_mut().filter(|lease| is_in_use(lease)) {
            let kept = cache.leases.get(&lease.id).and_then(|kept| kept.suspicion);
            lease.suspicion = lease.suspicion.or(kept);
        }
    }

    /// Notes which leases an inventory will do without.
    pub(super) fn note_lost(&mut self, there: &BTreeSet<LeaseId>) -> Result<(), PassError> {
        self.change_leases(|lease| {
            if is_in_use(lease) && !there.contains(&lease.id) {
                lease.suspicion.get_or_insert_default();
            }
        })
    }

    /// The cluster has heard that these are there.
    pub(super) fn note_found(&mut self, kept: &[LeaseId]) -> Result<(), PassError> {
        self.change_leases(|lease| lease.suspicion = lease.suspicion.filter(|_| !kept.contains(&lease.id)))
    }

    /// Takes up anew what was lost and is to be built again. A jail of which that cannot be said now is left as it is.
    pub(super) fn take_up_lost(
        &mut self,
        mut plan: Plan,
        standing: Standing,
        report: &mut Report,
    ) -> Result<Plan, PassError> {
        if standing == Standing::Fenced {
            return Ok(plan);
        }
        let lost: Vec<Lease> =
            self.store.cache().leases.values().filter(|lease| lease.suspicion.is_some()).cloned().collect();
        let mut waiting: BTreeSet<JailName> = BTreeSet::new();
        for lease in lost.into_iter().filter(|lease| Purpose::of(lease) == Purpose::Use) {
            let jail = &lease.holder.jail;
            let is_built =
                |plan: &Plan| plan.jails.iter().any(|part| part.jail == *jail && !part.steps.is_empty());
            if is_built(&plan) && !waiting.contains(jail) && !self.take_up(&lease, report)? {
                waiting.insert(jail.clone());
            }
        }
        plan.jails.retain(|part| !waiting.contains(&part.jail));
        Ok(plan)
    }

    /// True once the cluster knows that the lease is in use.
    fn take_up(&mut self, lease: &Lease, report: &mut Report) -> Result<bool, PassError> {
        let name = lease.id.resource_name();
        if !report.is_told() || !self.memory.is_registered {
            report.problems.push(format!("{name} was lost, and waits for the cluster"));
            return Ok(false);
        }
        match self.cluster.bind(LeaseAt { lease: lease.id, generation: lease.generation }) {
            Ok(bound) => {
                self.change_leases(|kept| {
                    if kept.id == bound.id {
                        *kept = bound.clone();
                    }
                })?;
                Ok(true)
            }
            Err(refusal) => {
                if let Refusal::No(problem) = &refusal {
                    self.speak_again_if_stale(problem);
                }
                report.problems.push(format!("{name} was lost, and is not taken up again: {refusal}"));
                Ok(false)
            }
        }
    }

    fn change_leases(&mut self, change: impl FnMut(&mut Lease)) -> Result<(), PassError> {
        self.store.change(|cache| cache.leases.values_mut().for_each(change)).map_err(PassError::Store)
    }
}

/// True of a lease that was taken up here and is not to be given up.
fn is_in_use(lease: &Lease) -> bool {
    lease.state == LeaseState::Bound && Purpose::of(lease) == Purpose::Use
}
