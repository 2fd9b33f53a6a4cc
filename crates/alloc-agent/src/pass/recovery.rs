//! After a restore: the cluster hears what the leases are that live here, from what it told before.
//!
//! It says itself of which it wants to hear, since whether what it does not tell was lost with the backup or ended is not for an
//! agent to know. Until then nothing is done with them: what runs goes on, and what does not run does not begin.

use allocd_types::id::LeaseId;
use allocd_types::lease::Lease;
use freebsd_host::Runner;

use super::ending::is_there;
use super::{Agent, Report};
use crate::cluster::{Cluster, Refusal};
use crate::observe::ObservedHost;

impl<R: Runner, C: Cluster> Agent<'_, R, C> {
    /// Says what the leases are that the cluster has asked for; those that it takes over are among those told then.
    pub(super) fn adopt_former(&mut self, leases: &mut Vec<Lease>, report: &mut Report) {
        let mut living = Vec::new();
        for id in std::mem::take(&mut self.memory.to_adopt) {
            let told = leases.iter().find(|lease| lease.id == id);
            match newest(told, self.known(id)) {
                Some(lease) => living.push(lease.clone()),
                None => report.problems.push(format!(
                    "{} is here since before the cluster was restored, and neither knows what it is: look at the jail, and give it a lease by hand (docs/backup.md)",
                    id.resource_name()
                )),
            }
        }
        if living.is_empty() {
            return;
        }
        let answers = self.cluster.adopt(&living);
        for (lease, answer) in living.into_iter().zip(answers) {
            match answer {
                Ok(adopted) => {
                    leases.retain(|told| told.id != adopted.id);
                    leases.push(adopted);
                }
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
    }

    /// Forgets the leases of before of which nothing is left.
    pub(super) fn forget_former(&mut self, seen: &ObservedHost, report: &mut Report) {
        let kept = self.store.change(|cache| cache.former.retain(|lease, _| is_there(seen, *lease)));
        report.problems.extend(kept.err().map(|error| format!("{error}: {}", error.source)));
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
