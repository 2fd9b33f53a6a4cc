//! How much may be destroyed in one pass that nobody asked to have destroyed.
//!
//! A mistake in what is wanted, or in what is seen, shows in many jails at once. A jail is held back whole: half of its steps
//! would leave it worse than none.

use super::{Finding, JailPlan, Planned};

/// Takes the steps from those jails that would destroy more than is left to be destroyed.
pub(super) fn hold_back(jails: &mut [JailPlan], destructive_max: usize) {
    let mut left = destructive_max;
    let total: usize = jails.iter().map(count).sum();
    for part in jails {
        let destructive = count(part);
        match left.checked_sub(destructive) {
            Some(rest) => left = rest,
            None => {
                part.steps.clear();
                part.confirms.clear();
                part.findings.push(Finding::HeldBack { destructive: total, destructive_max });
            }
        }
    }
}

fn count(part: &JailPlan) -> usize {
    part.steps.iter().filter(|planned| Planned::counts(planned)).count()
}
