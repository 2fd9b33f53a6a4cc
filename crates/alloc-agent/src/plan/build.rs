//! A jail that is to be there: its file and its entry in rc.conf, and its start if it does not run.

use std::collections::BTreeSet;

use allocd_types::name::JailName;
use freebsd_config::start_mark;

use super::file::{FilePlan, files_of, keep_file};
use super::link::{Outer, SeenLink};
use super::start::{Start, note, stop_half_started, take_back};
use super::{Context, Finding, JailPlan, Why, drift};
use crate::cache::Progress;
use crate::config::{Root, Target};
use crate::observe::ObservedHost;
use crate::want::WantedJail;

/// Plans a jail that is to be there; false if something stands in the way, and then nothing is done to it.
pub(super) fn jail(
    part: &mut JailPlan,
    wanted: &WantedJail,
    context: Context<'_>,
    starting: &mut BTreeSet<JailName>,
) -> bool {
    let (seen, known, policy) = context;
    let name = part.jail.clone();
    let progress = known.built.get(&name).map(|built| built.progress);
    let is_building = progress == Some(Progress::Building);
    let may_be_unmarked = progress.is_some_and(Progress::may_be_unmarked);
    let links: Vec<SeenLink<'_>> =
        wanted.steps.links.iter().map(|link| SeenLink::new(link, seen, &name, may_be_unmarked)).collect();
    let file = wanted.file.as_ref().map(|file| FilePlan::new(file, wanted, &name, seen, is_building));
    if seen.is_dying(&name) {
        part.findings.push(Finding::Dying);
    }
    let obstacles = obstacles(&name, wanted, (seen, progress), &links, file.as_ref());
    if !obstacles.is_empty() {
        part.findings.extend(obstacles);
        return false;
    }
    let is_running = seen.alive(&name).is_some();
    let has_begun = is_running && seen.starts.has_begun(&name);
    if has_begun && seen.starts.may_be_at_work() {
        part.findings.push(Finding::StartUnderWay { mark: start_mark::path(&name) });
        keep_file(part, file, context, &wanted.settings);
        return true;
    }
    let takes_back = if has_begun {
        take_back_half_started(part, wanted, &links, context)
    } else {
        is_running && is_building && take_back_half_built(part, wanted, &links, seen)
    };
    if is_running && !takes_back {
        keep_file(part, file, context, &wanted.settings);
        drift::repair(part, wanted, &links, (policy, progress));
        if progress != Some(Progress::Built) {
            part.add(Why::Missing, note(wanted, Progress::Built));
        }
        return true;
    }
    if wanted.settings.is_started && !is_root_ready(part, wanted, seen) {
        return false;
    }
    let start = Start { wanted, links: &links, progress, is_anew: takes_back };
    if wanted.settings.target == Target::Direct {
        start.directly(part, seen);
        return true;
    }
    if wanted.settings.is_started {
        // Somebody else may be starting it: rc.d/jail at boot, or a jail(8) of an agent that was killed.
        let is_there = |link: &SeenLink<'_>| matches!(link.outer, Outer::Ours(_) | Outer::Unmarked(_));
        let is_leftover = !takes_back && links.iter().any(is_there);
        if is_leftover && !known.starting.contains(&name) {
            starting.insert(name.clone());
            part.findings.push(Finding::Starting);
            keep_file(part, file, context, &wanted.settings);
            return true;
        }
        if is_leftover {
            starting.insert(name.clone());
        }
        if !takes_back {
            part.findings.push(Finding::NotRunning);
        }
        start.note_building(part);
        start.make_root(part, seen);
    }
    keep_file(part, file, context, &wanted.settings);
    if wanted.settings.is_started {
        start.by_file(part);
    }
    true
}

/// Takes back a start step by step that did not end, where the agent starts the jail so; true if it does.
fn take_back_half_built(
    part: &mut JailPlan,
    wanted: &WantedJail,
    links: &[SeenLink<'_>],
    seen: &ObservedHost,
) -> bool {
    let takes_back = wanted.settings.target == Target::Direct && wanted.settings.is_started;
    if takes_back {
        part.findings.push(Finding::HalfBuilt);
        take_back(part, wanted, links, seen);
    }
    takes_back
}

/// Takes back a start by jail(8) that did not end, if the agent may; true if it does. It was not the agent's own start
/// perhaps, and somebody may use what there is of it, so it is put right like drift: counted, and only where that is allowed.
fn take_back_half_started(
    part: &mut JailPlan,
    wanted: &WantedJail,
    links: &[SeenLink<'_>],
    (seen, _, policy): Context<'_>,
) -> bool {
    // What cannot be started again is not stopped.
    let is_taken_back = policy.repairs && wanted.settings.is_started && is_root_ready(part, wanted, seen);
    let mark = start_mark::path(&part.jail);
    part.findings.push(Finding::HalfStarted { mark, is_taken_back });
    if is_taken_back {
        stop_half_started(part, wanted, links, seen);
    }
    is_taken_back
}

/// Everything that stands in the way of a jail.
fn obstacles(
    jail: &JailName,
    wanted: &WantedJail,
    (seen, progress): (&ObservedHost, Option<Progress>),
    links: &[SeenLink<'_>],
    file: Option<&FilePlan<'_>>,
) -> Vec<Finding> {
    let mut found: Vec<Finding> = links.iter().filter_map(SeenLink::obstacle).collect();
    found.extend(file.and_then(FilePlan::obstacle));
    let has_mark =
        links.iter().any(|link| matches!(link.outer, Outer::Ours(_) | Outer::Outdated(_) | Outer::Moved));
    let has_file = files_of(seen, jail).next().is_some();
    let is_others_to_start = wanted.settings.target == Target::Direct && !wanted.settings.is_started;
    let is_ours = progress.is_some() || has_file || has_mark || is_others_to_start;
    if seen.alive(jail).is_some() && !is_ours {
        found.push(Finding::ForeignJail);
    }
    // A single interface is in a jail that is dying until that is gone, and its unit is taken as long.
    if seen.is_dying(jail) {
        let held = links.iter().filter(|link| link.link.made.len() == 1 && link.link.moved.is_some());
        let gone = held.filter(|link| matches!(link.outer, Outer::Absent));
        found.extend(gone.filter_map(|link| Some(Finding::Gone { name: link.link.moved.clone()? })));
    }
    found
}

/// True if the jail's root is there or will be made.
fn is_root_ready(part: &mut JailPlan, wanted: &WantedJail, seen: &ObservedHost) -> bool {
    let path = wanted.settings.profile.path();
    let is_there = seen.roots.get(path).copied().unwrap_or(false);
    if !is_there && wanted.settings.root == Root::None {
        part.findings.push(Finding::NoRoot { path: path.to_owned() });
        return false;
    }
    true
}
