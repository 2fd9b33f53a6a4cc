//! What is given up: in the order in which nothing is left behind and no kernel panics.
//!
//! ```text
//! services end -> inner ends out, while the jail lives -> jail -> outer ends -> file, rc.conf, what is written down -> confirm
//! ```
//!
//! The inner end comes out first because an interface in a jail that is going races with the end of its network stack (FreeBSD
//! problem reports 238326 and 250870). What a jail that is dying holds cannot be told anything and is waited for.

use allocd_types::agent::LeaseAt;

use super::file::files_of;
use super::link::SeenLink;
use super::start::{destroy, unmount, way_of};
use super::{Context, Finding, JailPlan, Why, file};
use crate::config::Target;
use crate::step::{Place, Step};
use crate::want::Torn;

/// Gives up all of a jail.
pub(super) fn jail(part: &mut JailPlan, torn: &[Torn], context: Context<'_>) {
    let (seen, known, policy) = context;
    let name = part.jail.clone();
    let built = known.built.get(&name);
    let files: Vec<String> = files_of(seen, &name).cloned().collect();
    let was = torn.iter().find_map(|torn| torn.was.as_ref());
    let is_alive = seen.alive(&name).is_some();
    let is_ours = built.is_some() || !files.is_empty();
    if is_alive && !is_ours {
        part.findings.push(Finding::ForeignJail);
    }
    let is_direct = built.is_some_and(|built| built.target == Target::Direct);
    let removes = is_alive && is_ours;
    if removes && let Some((_, steps)) = was.filter(|(_, steps)| !steps.links.is_empty()) {
        part.add(Why::Asked, Step::StopServices(steps.stop.clone()));
    }
    let links: Vec<SeenLink<'_>> = links_of(torn, context, part);
    take_out(part, &links, is_alive);
    if removes {
        match files.first() {
            Some(path) => {
                part.add(Why::Asked, Step::Stop(way_of(path)));
            }
            None => part.add(Why::Asked, Step::RemoveJail),
        }
    }
    if let Some((settings, _)) = was.filter(|_| is_direct)
        && let Some(unmount) = unmount(settings)
    {
        part.add(Why::Asked, unmount);
    }
    links.iter().for_each(|link| destroy_torn(part, link, context, is_alive));
    if seen.starts.has_begun(&name) {
        part.add(Why::Asked, Step::ForgetStart);
    }
    for path in files {
        part.add(Why::Asked, Step::RemoveFile { path });
    }
    if policy.keeps_rc_conf && seen.rc_conf.jail_list.iter().any(|word| word == name.as_str()) {
        file::unlist(part, seen, Why::Asked);
    }
    if built.is_some() {
        part.add(Why::Asked, Step::Forget);
    }
    confirm(part, torn, &links, context);
}

/// Gives up some interfaces of a jail that stays.
pub(super) fn links(part: &mut JailPlan, torn: &[Torn], context: Context<'_>) {
    let is_alive = context.0.alive(&part.jail).is_some();
    let links = links_of(torn, context, part);
    take_out(part, &links, is_alive);
    links.iter().for_each(|link| destroy_torn(part, link, context, is_alive));
    confirm(part, torn, &links, context);
}

/// The interfaces, as they are seen.
fn links_of<'a>(torn: &'a [Torn], context: Context<'a>, part: &JailPlan) -> Vec<SeenLink<'a>> {
    let (seen, known, _) = context;
    let may_be_unmarked = known.built.get(&part.jail).is_some_and(|built| built.progress.may_be_unmarked());
    let links = torn.iter().filter_map(Torn::link);
    links.map(|link| SeenLink::new(link, seen, &part.jail, may_be_unmarked)).collect()
}

fn take_out(part: &mut JailPlan, links: &[SeenLink<'_>], is_alive: bool) {
    for link in links.iter().filter(|_| is_alive) {
        let is_known_out = matches!(link.moved(), Some((_, Place::Host))) || link.is_lost();
        if let Some(name) = link.link.moved.as_ref().filter(|_| !is_known_out) {
            part.add(Why::Asked, Step::TakeOut { name: name.clone() });
        }
    }
}

fn destroy_torn(part: &mut JailPlan, link: &SeenLink<'_>, context: Context<'_>, is_alive: bool) {
    let (seen, _, _) = context;
    if let Some(obstacle) = link.foreign() {
        part.findings.push(obstacle);
        return;
    }
    let before = part.steps.len();
    destroy(part, link, seen, Why::Asked);
    // One that nobody saw may have come out of the jail only now.
    if part.steps.len() == before
        && is_alive
        && let (Some(outer), Some(name)) = (link.link.outer(), &link.link.moved)
        && outer.name == *name
        && !link.is_lost()
    {
        part.add(Why::Asked, Step::Destroy { name: name.clone(), lease: link.link.lease });
    }
}

/// What is given up at the end: not what a dying jail may hold, and not what cannot be told from something else.
fn confirm(part: &mut JailPlan, torn: &[Torn], links: &[SeenLink<'_>], context: Context<'_>) {
    let is_dying = context.0.is_dying(&part.jail);
    if is_dying {
        part.findings.push(Finding::Dying);
    }
    for torn in torn {
        let link = links.iter().find(|link| link.link.lease == torn.lease);
        let is_single = link.is_some_and(|link| link.link.made.len() < 2 && link.link.moved.is_some());
        let may_be_there = (is_dying && is_single) || link.is_some_and(SeenLink::is_ambiguous);
        if !may_be_there {
            part.confirms.push(LeaseAt { lease: torn.lease, generation: torn.generation });
        }
    }
}
