//! Hosts: as a change leaves them, and as they are known, with contact and drift.

use std::collections::BTreeMap;

use allocd_types::contact::{Contact, ContactState, KnownHost, PassCounts};
use allocd_types::host::Host;
use serde::Serialize;

use super::{
    Column, Resource, joined, labels_cell, labels_json, number, or_dash, or_empty, text, wide, wide_number,
};

/// `allocd.v1.Host`.
#[derive(Serialize)]
pub(crate) struct HostJson {
    name: String,
    bridges: BTreeMap<String, String>,
    labels: BTreeMap<String, String>,
    state: String,
    incarnation: u64,
    uuid: String,
    leases: u32,
    release: String,
    awaited: u32,
    suspects: u32,
    contact: Option<ContactJson>,
}

/// `allocd.v1.HostContact`.
#[derive(Serialize)]
struct ContactJson {
    state: &'static str,
    silent_ms: u64,
    incarnation: u64,
    pass: Option<PassJson>,
}

/// `allocd.v1.PassCounts`.
#[derive(Serialize)]
struct PassJson {
    jails: u32,
    in_service: u32,
    drifts: u32,
    failures: u32,
    held_back: u32,
}

impl Resource for Host {
    type Json = HostJson;

    const PLURAL: &'static str = "hosts";
    const COLUMNS: &'static [Column] = &[
        text("NAME"),
        text("STATE"),
        number("LEASES"),
        number("AWAITED"),
        number("SUSPECTS"),
        text("RELEASE"),
        number("INCARNATION"),
        text("BRIDGES"),
        wide("HOSTUUID"),
        wide("LABELS"),
    ];

    fn json(&self) -> HostJson {
        host_json(self, None)
    }

    fn name(&self) -> String {
        self.spec.name.to_string()
    }

    fn cells(&self) -> Vec<String> {
        vec![
            self.name(),
            self.state.to_string(),
            self.leases.to_string(),
            self.awaited.to_string(),
            self.suspects.to_string(),
            or_dash(self.release.as_ref()),
            self.incarnation.to_string(),
            bridges_cell(self),
            or_dash(self.uuid.as_ref()),
            labels_cell(&self.spec.labels),
        ]
    }
}

impl Resource for KnownHost {
    type Json = HostJson;

    const PLURAL: &'static str = Host::PLURAL;
    const COLUMNS: &'static [Column] = &[
        text("NAME"),
        text("STATE"),
        text("CONTACT"),
        number("LEASES"),
        number("AWAITED"),
        number("SUSPECTS"),
        number("DRIFT"),
        number("FAILED"),
        text("RELEASE"),
        number("INCARNATION"),
        text("BRIDGES"),
        wide_number("JAILS"),
        wide_number("IN SERVICE"),
        wide_number("HELD BACK"),
        wide("HOSTUUID"),
        wide("LABELS"),
    ];

    fn json(&self) -> HostJson {
        host_json(&self.host, Some(contact_json(&self.contact)))
    }

    fn name(&self) -> String {
        self.host.name()
    }

    fn cells(&self) -> Vec<String> {
        let Self { host, contact } = self;
        let count =
            |count: fn(&PassCounts) -> u32| or_dash(contact.last.map(|last| count(&last.pass)).as_ref());
        vec![
            self.name(),
            host.state.to_string(),
            contact_cell(contact),
            host.leases.to_string(),
            host.awaited.to_string(),
            host.suspects.to_string(),
            count(|pass| pass.drifts),
            count(|pass| pass.failures),
            or_dash(host.release.as_ref()),
            host.incarnation.to_string(),
            bridges_cell(host),
            count(|pass| pass.jails),
            count(|pass| pass.in_service),
            count(|pass| pass.held_back),
            or_dash(host.uuid.as_ref()),
            labels_cell(&host.spec.labels),
        ]
    }
}

fn host_json(host: &Host, contact: Option<ContactJson>) -> HostJson {
    let bridges = host.spec.bridges.iter();
    HostJson {
        name: host.name(),
        bridges: bridges.map(|(network, bridge)| (network.to_string(), bridge.to_string())).collect(),
        labels: labels_json(&host.spec.labels),
        state: host.state.to_string(),
        incarnation: host.incarnation.get(),
        uuid: or_empty(host.uuid.as_ref()),
        leases: host.leases,
        release: or_empty(host.release.as_ref()),
        awaited: host.awaited,
        suspects: host.suspects,
        contact,
    }
}

fn contact_json(contact: &Contact) -> ContactJson {
    let pass = |PassCounts { jails, in_service, drifts, failures, held_back }| PassJson {
        jails,
        in_service,
        drifts,
        failures,
        held_back,
    };
    ContactJson {
        state: contact.state.as_str(),
        silent_ms: contact.silent_for.millis(),
        incarnation: contact.last.map_or(0, |last| last.incarnation.get()),
        pass: contact.last.map(|last| pass(last.pass)),
    }
}

/// Whether a host's agent speaks and since when it did not; a `>` where it may be longer than is known.
pub(crate) fn contact_cell(contact: &Contact) -> String {
    let least = if contact.last.is_none() { ">" } else { "" };
    // Tenths of seconds would only look as if they mattered.
    let seconds = contact.silent_for.millis() / 1000;
    match contact.state {
        ContactState::NoAgent => "-".to_owned(),
        ContactState::Unknown => "unknown".to_owned(),
        ContactState::Heard => format!("{seconds}s ago"),
        ContactState::Silent => format!("silent {least}{seconds}s"),
    }
}

fn bridges_cell(host: &Host) -> String {
    joined(host.spec.bridges.iter().map(|(network, bridge)| format!("{network}={bridge}")))
}
