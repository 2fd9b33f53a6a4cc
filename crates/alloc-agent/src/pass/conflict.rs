//! What somebody else on the wire has as well is declined: the cluster gives the lease another value in its place, which the next pass
//! takes up and puts on the interface.
//!
//! One that the cluster leaves with the lease, because a bound of its own is reached, is told again no sooner than it says.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use allocd_types::allocation::LeaseRef;
use allocd_types::decline::{DeclineSpec, Evidence, EvidenceSource, Kept, LeasePart};
use allocd_types::id::{Generation, LeaseId};
use allocd_types::lease::Lease;
use allocd_types::name::{InterfaceName, JailName};
use freebsd_host::Runner;

use super::{Agent, Report};
use crate::cluster::{Cluster, Refusal};
use crate::plan::Finding;
use crate::want::{Purpose, Standing};

/// How long nothing more is said of a value that is kept, where the cluster does not know when another may be had.
const ASK_AGAIN: Duration = Duration::from_secs(3_600);

/// A value that somebody else on the wire has, of a lease as it is.
pub(super) type Conflict = (LeaseId, Generation, IpAddr);

impl<R: Runner, C: Cluster> Agent<'_, R, C> {
    /// Declines what was found to be in use by somebody else.
    pub(super) fn decline(&mut self, standing: Standing, report: &mut Report) {
        let may_speak = report.is_told() && self.memory.is_registered && standing == Standing::Good;
        if !self.config.policy.declines || !may_speak {
            return;
        }
        for (conflict, spec) in self.conflicts(report) {
            let is_known = |until: &Instant| Instant::now() < *until;
            if self.memory.kept.get(&conflict).is_some_and(is_known) {
                continue;
            }
            let (lease, _, address) = conflict;
            match self.cluster.decline(spec) {
                Ok(declined) => match declined.kept {
                    None => {
                        report.declined.push((lease, address));
                        report.is_unfinished = true;
                    }
                    Some(Kept { why, retry_after }) => {
                        let wait = retry_after.map_or(ASK_AGAIN, |span| Duration::from_millis(span.millis()));
                        self.memory.kept.insert(conflict, Instant::now() + wait);
                        let name = lease.resource_name();
                        report.problems.push(format!(
                            "{address} of {name} is somebody else's too, and {name} keeps it: {why}"
                        ));
                    }
                },
                Err(refusal) => {
                    if let Refusal::No(problem) = &refusal {
                        self.speak_again_if_stale(problem);
                    }
                    report.refused(&refusal);
                }
            }
        }
    }

    /// What the pass found, of leases that are in use.
    fn conflicts(&self, report: &Report) -> Vec<(Conflict, DeclineSpec)> {
        let mut all = Vec::new();
        for (jail, finding) in &report.findings {
            let Finding::Duplicate { lease, name, address } = finding else { continue };
            let lease = self.store.cache().leases.get(lease);
            let lease = lease.filter(|lease| Purpose::of(lease) == Purpose::Use && !lease.is_unconfirmed);
            if let Some(lease) = lease {
                let conflict = (lease.id, lease.generation, *address);
                all.push((conflict, spec(lease, (jail, name), *address)));
            }
        }
        all
    }
}

/// A link-local address is made of the MAC, so that somebody who has the one has the other.
fn spec(lease: &Lease, (jail, name): (&JailName, &InterfaceName), address: IpAddr) -> DeclineSpec {
    let is_of_mac = lease.macs.iter().any(|mac| IpAddr::V6(mac.link_local()) == address);
    let part = if is_of_mac { LeasePart::Macs } else { LeasePart::Address(address) };
    let text = format!("{address} is duplicated on {name} in {jail}");
    let evidence = Evidence::new(EvidenceSource::Dad, &text, None);
    DeclineSpec { lease: LeaseRef::Id(lease.id), generation: lease.generation, part, evidence }
}
