//! After a restore: the cluster hears what the leases are that live here, from what it told before.
//!
//! It says itself of which it wants to hear, since whether what it does not tell was lost with the backup or ended is not for an
//! agent to know. Until then nothing is done with them: what runs goes on, and what does not run does not begin.

use allocd_types::id::LeaseId;
use allocd_types::lease::Lease;
use freebsd_host::Runner;

use super::ending::is_there;
use super::{Agent, PassError, Report};
use crate::cache::Cache;
use crate::cluster::{Cluster, Refusal};
use crate::observe::ObservedHost;

impl<R: Runner, C: Cluster> Agent<'_, R, C> {
    /// Says what the leases are that the cluster has asked for; true if it takes any over.
    pub(super) fn adopt_former(&mut self, asked: &[LeaseId], report: &mut Report) -> Result<bool, PassError> {
        let mut living = Vec::new();
        for id in asked {
            let told = self.store.cache().leases.get(id);
            match newest(told, self.known(*id)) {
                Some(lease) => living.push(lease.clone()),
                None => report.problems.push(format!(
                    "{} is here since before the cluster was restored, and neither knows what it is: look at the jail, and give it a lease by hand (docs/backup.md)",
                    id.resource_name()
                )),
            }
        }
        let answers = if living.is_empty() { Vec::new() } else { self.cluster.adopt(&living) };
        let mut adopted = Vec::new();
        for (lease, answer) in living.into_iter().zip(answers) {
            match answer {
                Ok(lease) => adopted.push(lease),
                Err(Refusal::Away(why)) => report.refused(&Refusal::Away(why)),
                Err(Refusal::No(problem)) => {
                    self.speak_again_if_stale(&problem);
                    report.problems.push(format!(
                        "{} of jail {} is not taken over: {problem}",
                        lease.id.resource_name(),
                        lease.holder.jail
                    ));
                }
            }
        }
        let is_any = !adopted.is_empty();
        let keep = |cache: &mut Cache| {
            for lease in adopted {
                cache.former.remove(&lease.id);
                cache.leases.insert(lease.id, lease);
            }
        };
        self.store.change(keep).map_err(PassError::Store)?;
        Ok(is_any)
    }

    /// Forgets the leases of before of which nothing is left.
    pub(super) fn forget_former(&mut self, seen: &ObservedHost) -> Result<(), PassError> {
        let forget = |cache: &mut Cache| cache.former.retain(|lease, _| is_there(seen, *lease));
        self.store.change(forget).map_err(PassError::Store)
    }

    /// What was told of a lease the last time that it was in use here for certain.
    fn known(&self, id: LeaseId) -> Option<&Lease> {
        let cache = self.store.cache();
        let is_certain = |lease: &&Lease| is_remembered(lease);
        cache.former.get(&id).or_else(|| cache.leases.get(&id).filter(is_certain))
    }
}

/// True of a lease that may have to be remembered: in use here for certain. One that ends by itself ends.
pub(super) const fn is_remembered(lease: &Lease) -> bool {
    lease.is_delivered && !lease.is_unconfirmed && lease.remaining.is_none()
}

/// What the cluster tells of a lease, or what it told before, whichever is later.
fn newest<'a>(told: Option<&'a Lease>, known: Option<&'a Lease>) -> Option<&'a Lease> {
    match (told, known) {
        (Some(told), Some(known)) if told.generation < known.generation => Some(known),
        (Some(told), _) => Some(told),
        (None, known) => known,
    }
}
