//! What an agent sees on its host that is not from a lease is excluded from every pool, for as long as the agent sees it.

use std::collections::BTreeMap;

use allocd_types::exclusion::{ExcludedValues, ExclusionSpec};
use allocd_types::host::HostRegistration;
use allocd_types::label::Labels;
use allocd_types::name::{ExclusionName, HostName};

use crate::digest::digest_of;
use crate::event::Event;
use crate::state::State;

/// The label of exclusions that an agent has asked for; its value is the host.
const SEEN_LABEL: &str = "seen.host";

/// What brings the exclusions of a host after what its agent sees.
pub(super) fn events(state: &State, registration: &HostRegistration) -> Vec<Event> {
    let mut wanted = wanted(registration);
    let is_its = |spec: &ExclusionSpec| is_seen_on(spec, &registration.host);
    let mut events = Vec::new();
    for spec in state.allocations.exclusions.values().filter(|spec| is_its(spec)) {
        if wanted.remove(&spec.name).is_none() {
            events.push(Event::ExclusionDeleted(spec.name.clone()));
        }
    }
    // An operator may have one of that name, for whatever reason.
    let missing = wanted.into_values().filter(|spec| state.exclusion(&spec.name).is_none());
    events.extend(missing.map(Event::ExclusionCreated));
    events
}

/// True if the agent of this host has asked for the exclusion.
pub(super) fn is_seen_on(spec: &ExclusionSpec, host: &HostName) -> bool {
    spec.labels.get(SEEN_LABEL).is_some_and(|seen| seen.eq_ignore_ascii_case(host.as_str()))
}

fn wanted(registration: &HostRegistration) -> BTreeMap<ExclusionName, ExclusionSpec> {
    let HostRegistration { host, seen, .. } = registration;
    let macs = seen.macs.iter().map(|mac| ExcludedValues::Macs { first: *mac, last: *mac });
    let units = seen.units.iter().map(|(kind, unit)| ExcludedValues::Indices {
        host: host.clone(),
        kind: *kind,
        first: *unit,
        last: *unit,
    });
    let spec = |values: ExcludedValues| {
        let digest: String = digest_of(&(host, &values)).to_string().chars().take(16).collect();
        let name = ExclusionName::new(&format!("seen-{digest}")).expect("letters, digits and a hyphen");
        let labels = Labels::default().with(SEEN_LABEL, host.as_str());
        let reason = format!("an interface on {host} has it");
        (name.clone(), ExclusionSpec { name, values, reason, labels })
    };
    macs.chain(units).map(spec).collect()
}
