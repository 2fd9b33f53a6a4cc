//! What the cluster hears of a pass: that this agent is there, and what the pass came to, in numbers.
//!
//! Nothing depends on it. That it does not arrive is told in the log and fails no pass.

use std::collections::BTreeSet;

use allocd_types::contact::PassCounts;
use allocd_types::lease::{Lease, LeaseState};
use allocd_types::name::JailName;
use freebsd_host::Runner;

use super::{Agent, Report};
use crate::cluster::{Cluster, Refusal};
use crate::observe::ObservedHost;
use crate::plan::Finding;
use crate::want::Purpose;

impl<R: Runner, C: Cluster> Agent<'_, R, C> {
    /// Tells what the pass came to, if the cluster is there.
    pub(super) fn beat(&mut self, seen: &ObservedHost, report: &mut Report) {
        if !report.is_told() || !self.memory.is_registered {
            return;
        }
        let pass = counts(self.store.cache().leases.values(), seen, report);
        if let Err(refusal) = self.cluster.heartbeat(pass) {
            if let Refusal::No(problem) = &refusal {
                self.speak_again_if_stale(problem);
            }
            report.unheard = Some(refusal.to_string());
        }
    }
}

fn counts<'a>(leases: impl Iterator<Item = &'a Lease>, seen: &ObservedHost, report: &Report) -> PassCounts {
    let used: Vec<&Lease> = leases.filter(|lease| Purpose::of(lease) == Purpose::Use).collect();
    let jails: BTreeSet<&JailName> = used.iter().map(|lease| &lease.holder.jail).collect();
    let running = seen.jails().iter().filter(|jail| !jail.is_dying);
    let running: BTreeSet<&JailName> = running.filter_map(|jail| jail.name.name()).collect();
    let in_service = used
        .iter()
        .filter(|lease| lease.state == LeaseState::Bound && running.contains(&lease.holder.jail))
        .count();
    let findings = || report.findings.iter().map(|(_, finding)| finding);
    let failed = report.outcomes.iter().filter(|outcome| outcome.failure.is_some()).count();
    PassCounts {
        jails: number(jails.len()),
        in_service: number(in_service),
        drifts: number(findings().filter(|finding| finding.is_drift()).count()),
        failures: number(failed + report.unseen.len() + report.problems.len()),
        held_back: number(findings().filter(|finding| matches!(finding, Finding::HeldBack { .. })).count()),
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
