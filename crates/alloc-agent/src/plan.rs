//! What has to be done so that the host is as it is wanted: pure, from what is wanted and what was seen.
//!
//! ```text
//! wanted jail   not running  leftovers of a start that did not end -> root, file, rc.conf -> start
//!               running      what differs on it, interface by interface
//! given up      services, inner ends out, jail, outer ends, file, rc.conf, what is written down -> confirm
//! marked, and nobody's         only if the cluster says so
//! ```
//!
//! Each step has its reason. What destroys something nobody asked for is counted, and jails that need too much of it are held
//! back whole. What stands in the way, or differs and is not put right, is a finding.

mod adopt;
mod build;
mod drift;
mod file;
mod finding;
mod leftover;
mod limit;
mod link;
mod start;
mod tear_down;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use allocd_types::agent::LeaseAt;
use allocd_types::name::JailName;

pub(crate) use adopt::adopt;
pub(crate) use finding::Finding;

use crate::cache::Built;
use crate::config::Policy;
use crate::observe::{ObservedHost, Sight};
use crate::step::Step;
use crate::want::{Build, DesiredHost, DesiredJail, Wait, Waiting};

/// What has to be done.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    /// For each jail of which there is something to say, in the order of their names.
    pub(crate) jails: Vec<JailPlan>,
    /// Jails that look as if a start of them were under way.
    pub(crate) starting: BTreeSet<JailName>,
}

/// What has to be done for one jail.
#[derive(Debug, Clone)]
pub(crate) struct JailPlan {
    pub(crate) jail: JailName,
    pub(crate) findings: Vec<Finding>,
    pub(crate) steps: Vec<Planned>,
    /// What is given up when the steps are done.
    pub(crate) confirms: Vec<LeaseAt>,
}

/// A step and its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) step: Step,
    pub(crate) why: Why,
}

/// Why something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// It is to be there and is not.
    Missing,
    /// It is there and differs.
    Drift,
    /// It was left behind.
    Leftover,
    /// It is part of a start of our own that did not end, and goes as jail(8) takes a failed start back.
    Unfinished,
    /// The cluster wants it back.
    Asked,
}

/// What a plan goes by besides what is wanted and seen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known<'a> {
    /// The jails that are written down as being or having been built.
    pub(crate) built: &'a BTreeMap<JailName, Built>,
    /// The jails that looked in the last pass as if a start of them were under way.
    pub(crate) starting: &'a BTreeSet<JailName>,
}

/// Plans.
pub(crate) fn plan(want: &DesiredHost, seen: &ObservedHost, known: Known<'_>, policy: Policy) -> Plan {
    let mut plan = Plan::default();
    for (jail, desired) in &want.jails {
        let mut part = JailPlan::new(jail);
        plan_jail(&mut part, desired, (seen, known, policy), &mut plan.starting);
        plan.jails.push(part);
    }
    leftover::plan(&mut plan, want, seen, known);
    limit::hold_back(&mut plan.jails, policy.destructive_max);
    plan.jails.retain(|part| !part.is_empty());
    plan
}

/// What one jail's plan is made from.
type Context<'a> = (&'a ObservedHost, Known<'a>, Policy);

fn plan_jail(
    part: &mut JailPlan,
    desired: &DesiredJail,
    context: Context<'_>,
    starting: &mut BTreeSet<JailName>,
) {
    let (seen, _, _) = context;
    part.findings.extend(desired.waiting.iter().copied().map(Finding::Waiting));
    // What may be somebody else's by now, or what runs with values that are not bound yet, is left exactly as it is.
    if desired.waiting.iter().any(|waiting| is_untouchable(*waiting, seen)) {
        return;
    }
    match &desired.build {
        Build::Refused(why) => part.findings.push(Finding::Refused(why.clone())),
        Build::Later => {}
        Build::Nothing if desired.torn.is_empty() => {}
        Build::Nothing => tear_down::jail(part, &desired.torn, context),
        Build::Jail(wanted) => {
            if build::jail(part, wanted, context, starting) {
                tear_down::links(part, &desired.torn, context);
            }
        }
    }
}

/// True if a lease that cannot be used now has left something on the host.
fn is_untouchable(waiting: Waiting, seen: &ObservedHost) -> bool {
    match waiting.why {
        Wait::Unconfirmed | Wait::Unwatched | Wait::Over => true,
        Wait::Predecessor => false,
        Wait::Unbound => {
            !matches!(seen.marked(waiting.lease), Sight::None)
                || seen.files.values().any(|file| file.mentions(waiting.lease))
        }
    }
}

impl Plan {
    /// Adds something that is known of a jail and comes from no look at it.
    pub(crate) fn tell(&mut self, jail: &JailName, finding: Finding) {
        let at = match self.jails.binary_search_by(|part| part.jail.cmp(jail)) {
            Ok(at) => at,
            Err(at) => {
                self.jails.insert(at, JailPlan::new(jail));
                at
            }
        };
        self.jails[at].findings.push(finding);
    }
}

impl JailPlan {
    fn new(jail: &JailName) -> Self {
        Self { jail: jail.clone(), findings: Vec::new(), steps: Vec::new(), confirms: Vec::new() }
    }

    fn add(&mut self, why: Why, step: Step) {
        self.steps.push(Planned { step, why });
    }

    fn is_empty(&self) -> bool {
        self.findings.is_empty() && self.steps.is_empty() && self.confirms.is_empty()
    }
}

impl Planned {
    /// True if it destroys something that nobody asked for.
    pub(crate) fn counts(&self) -> bool {
        let is_expected = match self.why {
            Why::Asked | Why::Unfinished => true,
            Why::Missing | Why::Drift | Why::Leftover => false,
        };
        self.step.is_destructive() && !is_expected
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Missing => "missing",
            Self::Drift => "drift",
            Self::Leftover => "leftover",
            Self::Unfinished => "unfinished",
            Self::Asked => "asked for",
        })
    }
}
