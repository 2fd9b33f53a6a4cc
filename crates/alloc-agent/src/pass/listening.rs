//! The kernel's messages about conflicts are heard: once in a pass that has nothing to do, and once more in one that has done
//! something, for what it has started may have been answered at once.
//!
//! A lease that was bound in this pass counts from the first of these on.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use allocd_types::id::LeaseId;
use freebsd_host::Runner;

use super::{Agent, Report};
use crate::cluster::Cluster;
use crate::conflict::{Conflicts, Heard, Matter};
use crate::files::FileError;
use crate::plan::Finding;
use crate::want::Standing;

impl<R: Runner, C: Cluster> Agent<'_, R, C> {
    /// Reads what is known of conflicts, whoever of this host's agents has kept it.
    pub(super) fn recall(&mut self, report: &mut Report) {
        let read = Conflicts::read(self.files, &self.config.state_dir.to_string_lossy());
        let (conflicts, wrong) = read.unwrap_or_else(|error| (Conflicts::default(), Some(told(&error))));
        report.problems.extend(
            wrong.map(|why| format!("what is known of conflicts is damaged, and is begun anew: {why}")),
        );
        self.memory.conflicts = conflicts.clone();
        self.memory.kept_conflicts = conflicts;
        self.memory.conflicts.forget(&self.store.cache().leases, now_ms());
    }

    /// Keeps what is known of conflicts, if it has changed.
    pub(super) fn keep(&mut self, report: &mut Report) {
        if self.memory.conflicts == self.memory.kept_conflicts {
            return;
        }
        let directory = self.config.state_dir.to_string_lossy();
        match self.memory.conflicts.write(self.files, &directory) {
            Ok(()) => self.memory.kept_conflicts = self.memory.conflicts.clone(),
            Err(error) => report.problems.push(told(&error)),
        }
    }

    /// Hears what the kernel has said since it was last heard. What that is about is looked into.
    pub(super) fn listen(&mut self, standing: Standing, report: &mut Report) {
        let lines = match self.host.kernel_lines() {
            Ok(lines) => lines,
            Err(error) => return report.unseen.push(format!("the kernel's messages: {error}")),
        };
        let leases = match standing {
            Standing::Good => self.store.cache().leases.clone(),
            // Nothing here is in use by right.
            Standing::Fenced => BTreeMap::new(),
        };
        for Heard { lease, matter, is_news } in self.memory.conflicts.hear(&lines, &leases, now_ms()) {
            match matter {
                Matter::Suspected(_) => {
                    self.look_into(lease);
                    // What the kernel says again and again is looked at as often as anything else.
                    report.is_unfinished |= is_news;
                }
                // A look finds the address there that no lease gives it.
                Matter::NextDoor(_, other) => self.look_into(other),
                Matter::Taken(_) | Matter::Elsewhere | Matter::Loop => {}
            }
            if is_news {
                self.tell(lease, matter, report);
            }
        }
    }

    /// The next look goes into a lease's jail.
    pub(super) fn look_into(&mut self, lease: LeaseId) {
        if let Some(lease) = self.store.cache().leases.get(&lease) {
            self.memory.looks.forget(&lease.holder.jail);
        }
    }

    /// Reports a conflict as it is.
    pub(super) fn tell(&self, lease: LeaseId, matter: Matter, report: &mut Report) {
        let lease = self.store.cache().leases.get(&lease);
        let case = lease.and_then(|lease| self.memory.conflicts.case(lease.id, matter));
        if let (Some(lease), Some(case)) = (lease, case) {
            let finding = (lease.holder.jail.clone(), Finding::OnWire(matter.told(case)));
            report.findings.push(finding);
        }
    }
}

/// The wall clock. An answer's time is longer than a pass, and has to outlive the agent.
pub(super) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn told(error: &FileError) -> String {
    format!("{error}: {}", error.source)
}
