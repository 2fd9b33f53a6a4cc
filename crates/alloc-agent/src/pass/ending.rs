//! How a pass ends: what is given up is confirmed, and the cluster hears what is there.

use std::collections::BTreeSet;

use allocd_types::agent::{LeaseAt, Reconciliation};
use allocd_types::id::LeaseId;
use freebsd_host::Runner;

use super::{Agent, PassError, Report, leases_on};
use crate::cache::Cache;
use crate::cluster::{Cluster, Refusal};
use crate::observe::{Looks, ObservedHost, Sight, observe};
use crate::want::{DesiredHost, Standing};

impl<R: Runner, C: Cluster> Agent<'_, R, C> {
    /// Looks for whatever carries a mark, and into no jail.
    pub(super) fn look_again(&self) -> Result<ObservedHost, PassError> {
        let (nothing, mut looks) = (DesiredHost::default(), Looks::from_outside());
        observe(self.host, self.release, self.files, &nothing, (&mut looks, 0)).map_err(PassError::Look)
    }

    /// Confirms what is given up, after a new look that shows nothing of it, and after it is forgotten here.
    pub(super) fn give_up(
        &mut self,
        seen: &ObservedHost,
        standing: Standing,
        report: &mut Report,
    ) -> Result<(), PassError> {
        let confirms: Vec<LeaseAt> =
            report.outcomes.iter().flat_map(|outcome| &outcome.confirms).copied().collect();
        let may_speak = report.is_told() && self.memory.is_registered && standing == Standing::Good;
        for at in confirms {
            // For what has ended by itself nobody waits.
            let has_ended = self.store.cache().ended.contains_key(&at.lease);
            if !may_speak && !has_ended {
                continue;
            }
            if !seen.is_whole() || is_there(seen, at.lease) {
                report.problems.push(format!("something of {} is still there", at.lease.resource_name()));
                continue;
            }
            let forget = |cache: &mut Cache| {
                cache.leases.remove(&at.lease);
                cache.ended.remove(&at.lease);
                cache.lifetimes.ends.remove(&at.lease);
            };
            self.store.change(forget).map_err(PassError::Store)?;
            if has_ended {
                report.confirmed.push(at.lease);
                // Its interface may have another lease by now.
                report.is_unfinished = true;
                continue;
            }
            match self.cluster.confirm(at) {
                Ok(()) => report.confirmed.push(at.lease),
                Err(refusal) => {
                    if let Refusal::No(problem) = &refusal {
                        self.speak_again_if_stale(problem);
                    }
                    report.refused(&refusal);
                }
            }
        }
        Ok(())
    }

    /// Tells the cluster of what is there, and hears what should not be.
    pub(super) fn reconcile(&mut self, seen: &ObservedHost, report: &mut Report) -> Result<(), PassError> {
        if !report.is_told() || !self.memory.is_registered {
            return Ok(());
        }
        let there = leases_on(seen);
        self.note_lost(&there)?;
        let Some(mut told) = self.tell_of(&there, report) else { return Ok(()) };
        if self.adopt_former(&told.adopt, report)? {
            report.is_unfinished = true;
            match self.tell_of(&there, report) {
                Some(again) => told = again,
                None => return Ok(()),
            }
        }
        self.note_found(&told.keep)?;
        let condemned: BTreeSet<LeaseId> = told.destroy.into_iter().collect();
        report.is_unfinished |= condemned != self.memory.condemned && !condemned.is_empty();
        self.memory.condemned = condemned;
        self.forget_former(seen)
    }

    fn tell_of(&mut self, there: &BTreeSet<LeaseId>, report: &mut Report) -> Option<Reconciliation> {
        match self.cluster.reconcile(there.iter().copied().collect()) {
            Ok(told) => Some(told),
            Err(refusal) => {
                // It may be heard yet: as long as this start of the agent is the newest one.
                self.memory.is_registered = false;
                report.refused(&refusal);
                None
            }
        }
    }
}

/// True if something of a lease is on the host.
pub(super) fn is_there(seen: &ObservedHost, lease: LeaseId) -> bool {
    !matches!(seen.marked(lease), Sight::None) || seen.files.values().any(|file| file.mentions(lease))
}
