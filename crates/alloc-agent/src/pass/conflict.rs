//! What somebody else on the wire has as well is declined: the cluster gives the lease another value in its place, which the next pass
//! takes up and puts on the interface.
//!
//! One that the cluster leaves with the lease, because a bound of its own is reached, is told again no sooner than it says; and
//! nothing of the host is, if the bound is the host's.

use std::net::IpAddr;

use allocd_types::allocation::LeaseRef;
use allocd_types::decline::{DeclineSpec, Evidence, EvidenceSource, LeasePart};
use allocd_types::id::LeaseId;
use freebsd_host::Runner;

use super::listening::now_ms;
use super::{Agent, Report};
use crate::cluster::{Cluster, Refusal};
use crate::conflict::{Answer, Case, Matter};
use crate::plan::Finding;
use crate::want::Standing;

impl<R: Runner, C: Cluster> Agent<'_, R, C> {
    /// Declines what was found to be in use by somebody else, and keeps what has come of it.
    pub(super) fn decline(&mut self, standing: Standing, report: &mut Report) {
        self.note_duplicates(report);
        let may_speak = report.is_told() && self.memory.is_registered && standing == Standing::Good;
        for (lease, part, case) in self.memory.conflicts.unsaid() {
            if !self.config.policy.declines {
                self.memory.conflicts.answer(lease, part, Answer::policy(now_ms()));
            } else if let Some(hold) = self.memory.conflicts.hold() {
                self.leave(lease, part, hold, report);
            } else if may_speak && report.is_told() {
                self.decline_one(lease, part, case, report);
            }
        }
        self.keep(report);
    }

    fn decline_one(&mut self, lease: LeaseId, part: LeasePart, case: Case, report: &mut Report) {
        let Case { generation, evidence, .. } = case;
        let spec = DeclineSpec { lease: LeaseRef::Id(lease), generation, part, evidence };
        match self.cluster.decline(spec) {
            Ok(declined) => match declined.kept {
                None => {
                    self.memory.conflicts.settle(lease, part);
                    self.look_into(lease);
                    report.declined.push((lease, part));
                    report.is_unfinished = true;
                }
                Some(kept) => self.leave(lease, part, Answer::kept(kept, now_ms()), report),
            },
            Err(refusal) => {
                if let Refusal::No(problem) = &refusal {
                    self.speak_again_if_stale(problem);
                    self.memory.conflicts.answer(lease, part, Answer::refused(now_ms()));
                }
                report.refused(&refusal);
            }
        }
    }

    /// Leaves a value with its lease for the time of an answer.
    fn leave(&mut self, lease: LeaseId, part: LeasePart, answer: Answer, report: &mut Report) {
        self.memory.conflicts.answer(lease, part, answer);
        let (name, why) = (lease.resource_name(), answer.why);
        report.problems.push(format!("{name} keeps its {part}, which somebody else has too{why}"));
    }

    /// Notes what interfaces show, of leases as they are. Of a loop the flags of an interface are no proof.
    fn note_duplicates(&mut self, report: &Report) {
        for (jail, finding) in &report.findings {
            let Finding::Duplicate { lease, name, address } = finding else { continue };
            let conflicts = &mut self.memory.conflicts;
            let lease = self.store.cache().leases.get(lease);
            let lease = lease.filter(|lease| conflicts.is_watched(lease));
            if let Some(lease) = lease.filter(|lease| conflicts.case(lease.id, Matter::Loop).is_none()) {
                // A link-local address is made of the MAC, so that somebody who has the one has the other.
                let is_of_mac = lease.macs.iter().any(|mac| IpAddr::V6(mac.link_local()) == *address);
                let part = if is_of_mac { LeasePart::Macs } else { LeasePart::Address(*address) };
                let shown = || {
                    let text = format!("{address} is duplicated on {name} in {jail}");
                    Evidence::new(EvidenceSource::Dad, &text, None)
                };
                let said = conflicts.case(lease.id, Matter::Suspected(*address));
                let evidence = said.map_or_else(shown, |case| case.evidence.clone());
                let (key, generation) = ((lease.id, Matter::Taken(part)), lease.generation);
                conflicts.note(key, generation, evidence, now_ms());
            }
        }
    }
}
