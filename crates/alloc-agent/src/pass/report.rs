//! What a pass came to.

use std::time::Duration;

use allocd_types::decline::LeasePart;
use allocd_types::id::LeaseId;
use allocd_types::name::JailName;

use crate::cluster::Refusal;
use crate::execute::Outcome;
use crate::plan::{Finding, Plan};

/// What a pass came to.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Why the cluster was not to be asked.
    pub(crate) away: Option<String>,
    /// What could not be listed.
    pub(crate) unseen: Vec<String>,
    /// What differs or stands in the way, jail by jail.
    pub(crate) findings: Vec<(JailName, Finding)>,
    /// What was done.
    pub(crate) outcomes: Vec<Outcome>,
    /// What somebody else on the wire has as well, and was exchanged.
    pub(crate) declined: Vec<(LeaseId, LeasePart)>,
    /// What was given up.
    pub(crate) confirmed: Vec<LeaseId>,
    /// The files that were to be written, where only these were.
    pub(crate) written: Vec<String>,
    /// What else went wrong.
    pub(crate) problems: Vec<String>,
    /// Why the cluster did not hear what the pass came to.
    pub(crate) unheard: Option<String>,
    /// True if another pass has something to do at once.
    pub(crate) is_unfinished: bool,
    /// In how much time another pass has something to do, if that is known.
    pub(crate) next: Option<Duration>,
}

impl Report {
    /// True if the cluster told in this pass what is wanted.
    pub(crate) fn is_told(&self) -> bool {
        self.away.is_none()
    }

    /// Notes what the plan found.
    pub(crate) fn tell(&mut self, plan: &Plan) {
        for part in &plan.jails {
            self.findings.extend(part.findings.iter().map(|finding| (part.jail.clone(), finding.clone())));
        }
    }

    /// Notes that the cluster did not say yes.
    pub(crate) fn refused(&mut self, refusal: &Refusal) {
        match refusal {
            Refusal::Away(_) => self.away = Some(refusal.to_string()),
            Refusal::No(_) => self.problems.push(refusal.to_string()),
        }
    }

    /// How many steps were done.
    pub(crate) fn done(&self) -> usize {
        self.outcomes.iter().map(|outcome| outcome.done).sum()
    }

    /// True if nothing failed.
    pub(crate) fn is_good(&self) -> bool {
        let has_failed = self.outcomes.iter().any(|outcome| outcome.failure.is_some());
        self.unseen.is_empty() && self.problems.is_empty() && !has_failed
    }
}
