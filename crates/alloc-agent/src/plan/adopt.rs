//! Taking over what somebody else has made: an interface, or a running jail, that is just as a lease has it.
//!
//! It is compared as if it were ours; only if nothing differs it gets the mark. Whatever differs is for people to put right, since
//! nothing unmarked is changed.

use allocd_types::name::JailName;

use super::link::{Outer, SeenLink};
use super::{Finding, JailPlan, Why, drift, start};
use crate::cache::Progress;
use crate::observe::ObservedHost;
use crate::step::Step;
use crate::want::WantedJail;

/// Plans the taking over of a jail; it has no steps if anything differs.
pub(crate) fn adopt(jail: &JailName, wanted: &WantedJail, seen: &ObservedHost) -> JailPlan {
    let mut part = JailPlan::new(jail);
    let links: Vec<SeenLink<'_>> =
        wanted.steps.links.iter().map(|link| SeenLink::as_if_ours(link, seen, jail)).collect();
    part.findings.extend(links.iter().filter_map(SeenLink::obstacle));
    part.findings.extend(drift::differences(&links));
    let expected = wanted.settings.profile.path();
    if let Some(running) = seen.alive(jail).filter(|running| running.path != expected) {
        let (path, expected) = (running.path.clone(), expected.to_owned());
        part.findings.push(Finding::OtherRoot { path, expected });
    }
    if !part.findings.is_empty() {
        return part;
    }
    for link in &links {
        if let (Outer::Ours(interface), Some(outer)) = (link.outer, link.link.outer())
            && interface.description.as_deref() != Some(&freebsd_config::mark(link.link.lease))
        {
            part.add(Why::Asked, Step::Claim { name: outer.name.clone(), lease: link.link.lease });
        }
    }
    part.add(Why::Asked, start::note(wanted, Progress::Built));
    part
}
