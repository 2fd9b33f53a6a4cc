//! What carries our mark and is of no lease that the cluster tells of.
//!
//! That a lease is not told means nothing by itself: a cluster that was restored may not know of it yet. So it is reported, and
//! goes only when the cluster has said that it is nobody's.

use std::collections::{BTreeMap, BTreeSet};

use allocd_types::id::LeaseId;
use allocd_types::name::JailName;

use super::start::way_of;
use super::{Finding, JailPlan, Known, Plan, Why, file};
use crate::observe::{ObservedHost, Sight};
use crate::step::Step;
use crate::want::{Build, DesiredHost};

/// Where marks without a jail of their own are told.
const NO_JAIL: &str = "_";

/// Adds what is left over to the plan.
pub(super) fn plan(plan: &mut Plan, want: &DesiredHost, seen: &ObservedHost, known: Known<'_>) {
    let told = told(want);
    let mut claimed: BTreeSet<LeaseId> = BTreeSet::new();
    for jail in jails_with_files(want, seen) {
        let mut part = JailPlan::new(&jail);
        let leases = files(&mut part, want, seen);
        claimed.extend(leases);
        forget(&mut part, known);
        plan.jails.push(part);
    }
    let strangers: Vec<LeaseId> =
        seen.marks().filter(|lease| !told.contains(lease) && !claimed.contains(lease)).collect();
    if !strangers.is_empty() {
        let mut part = JailPlan::new(&JailName::new(NO_JAIL).expect("it is a name"));
        strangers.into_iter().for_each(|lease| interface(&mut part, lease, want, seen));
        plan.jails.push(part);
    }
    for jail in known.built.keys().filter(|jail| !want.jails.contains_key(*jail)) {
        let has_file = file::files_of(seen, jail).next().is_some();
        if !has_file && seen.alive(jail).is_none() && want.is_told {
            let mut part = JailPlan::new(jail);
            part.add(Why::Leftover, Step::Forget);
            plan.jails.push(part);
        }
    }
    plan.jails.sort_by(|one, other| one.jail.cmp(&other.jail));
}

/// Every lease that is told.
fn told(want: &DesiredHost) -> BTreeSet<LeaseId> {
    let mut told = BTreeSet::new();
    for desired in want.jails.values() {
        told.extend(desired.torn.iter().map(|torn| torn.lease));
        told.extend(desired.waiting.iter().map(|waiting| waiting.lease));
        match &desired.build {
            Build::Jail(wanted) => told.extend(wanted.leases.iter().copied()),
            Build::Refused(_) | Build::Later | Build::Nothing => {}
        }
    }
    told.extend(want.refused.iter().copied());
    told
}

/// The jails that have files of ours and no lease.
fn jails_with_files(want: &DesiredHost, seen: &ObservedHost) -> BTreeSet<JailName> {
    let origins = seen.files.values().filter_map(|file| file.origin.as_ref());
    origins.map(|origin| origin.jail.clone()).filter(|jail| !want.jails.contains_key(jail)).collect()
}

/// Takes a jail's files away with all that was made from them; the leases that they are of.
fn files(part: &mut JailPlan, want: &DesiredHost, seen: &ObservedHost) -> BTreeSet<LeaseId> {
    let mut leases: BTreeMap<LeaseId, String> = BTreeMap::new();
    let paths: Vec<String> = file::files_of(seen, &part.jail).cloned().collect();
    for path in &paths {
        let origin = seen.files.get(path).and_then(|file| file.origin.as_ref());
        leases.extend(origin.iter().flat_map(|origin| &origin.leases).map(|of| (of.lease, path.clone())));
    }
    let unknown = leases.iter().filter(|(lease, _)| !want.condemned.contains(lease));
    let unknown: Vec<Finding> =
        unknown.map(|(lease, path)| Finding::Unknown { lease: *lease, what: path.clone() }).collect();
    if !unknown.is_empty() {
        part.findings.extend(unknown);
        return leases.into_keys().collect();
    }
    if let Some(path) = paths.first().filter(|_| seen.alive(&part.jail).is_some()) {
        part.add(Why::Leftover, Step::Stop(way_of(path)));
    }
    for lease in leases.keys() {
        interface(part, *lease, want, seen);
    }
    if seen.starts.has_begun(&part.jail) {
        part.add(Why::Leftover, Step::ForgetStart);
    }
    for path in paths {
        part.add(Why::Leftover, Step::RemoveFile { path });
    }
    if seen.rc_conf.jail_list.iter().any(|word| word == part.jail.as_str()) {
        file::unlist(part, seen, Why::Leftover);
    }
    leases.into_keys().collect()
}

/// Destroys the interface with a lease's mark.
fn interface(part: &mut JailPlan, lease: LeaseId, want: &DesiredHost, seen: &ObservedHost) {
    match seen.marked(lease) {
        Sight::None => {}
        Sight::Several => {
            part.findings.push(Finding::Ambiguous { lease, what: "its mark".to_owned() });
        }
        Sight::One(interface) => match interface.name.name() {
            Some(name) if want.condemned.contains(&lease) => {
                part.add(Why::Leftover, Step::Destroy { name: name.clone(), lease });
            }
            Some(_) | None => {
                part.findings.push(Finding::Unknown { lease, what: interface.name.to_string() });
            }
        },
    }
}

fn forget(part: &mut JailPlan, known: Known<'_>) {
    if known.built.contains_key(&part.jail) && !part.steps.is_empty() {
        part.add(Why::Leftover, Step::Forget);
    }
}
