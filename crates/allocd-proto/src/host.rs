//! Hosts: what is asked about one, and what is told.

use std::collections::BTreeMap;

use allocd_types::host::{Host, HostSpec, HostUuid, OsRelease};
use allocd_types::id::Incarnation;
use allocd_types::label::Labels;
use allocd_types::name::{HostName, InterfaceName, NetworkName};
use allocd_types::violation::Violations;

use crate::enumeration::said;
use crate::read::{Read, path, text};
use crate::{label, v1};

/// Reads what an operator says of a host; what only the cluster says is passed over (AIP-203, output only).
pub(crate) fn spec(host: Option<v1::Host>, field: &str, wrong: &mut Violations) -> Option<HostSpec> {
    let Some(host) = host else {
        wrong.add(field, "is missing");
        return None;
    };
    let name: Option<HostName> = text(&host.name, &path(field, "name"), wrong);
    let bridges = bridges(&host.bridges, &path(field, "bridges"), wrong);
    let labels = Labels::check(&path(field, "labels"), host.labels, wrong);
    Some(HostSpec { name: name?, bridges: bridges?, labels })
}

fn bridges(
    given: &BTreeMap<String, String>,
    field: &str,
    wrong: &mut Violations,
) -> Option<BTreeMap<NetworkName, InterfaceName>> {
    let read: Vec<_> = given
        .iter()
        .map(|(network, bridge)| {
            let shown: String = network.chars().take(64).collect();
            let field = format!("{field}[{shown}]");
            let network = text::<NetworkName>(network, &field, wrong);
            let bridge = text::<InterfaceName>(bridge, &field, wrong);
            network.zip(bridge)
        })
        .collect();
    read.into_iter().collect()
}

impl Read for v1::Host {
    type Word = Host;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<Host> {
        let state = said::<v1::HostState>(self.state, &path(field, "state"), wrong);
        let incarnation = Incarnation::new(self.incarnation);
        let uuid = (!self.uuid.is_empty()).then(|| HostUuid::new(&self.uuid));
        let uuid = uuid.map(|uuid| wrong.keep(&path(field, "uuid"), uuid));
        let release = (!self.release.is_empty()).then(|| OsRelease::new(&self.release));
        let release = release.map(|release| wrong.keep(&path(field, "release"), release));
        let (leases, awaited, suspects) = (self.leases, self.awaited, self.suspects);
        let spec = spec(Some(self), field, wrong);
        let uuid = match uuid {
            Some(read) => Some(read?),
            None => None,
        };
        let release = match release {
            Some(read) => Some(read?),
            None => None,
        };
        Some(Host { spec: spec?, state: state?, incarnation, uuid, release, leases, awaited, suspects })
    }
}

impl From<HostSpec> for v1::Host {
    fn from(spec: HostSpec) -> Self {
        let text =
            |(network, bridge): (NetworkName, InterfaceName)| (network.to_string(), bridge.to_string());
        Self {
            name: spec.name.to_string(),
            bridges: spec.bridges.into_iter().map(text).collect(),
            labels: label::map(&spec.labels),
            ..Self::default()
        }
    }
}

impl From<Host> for v1::Host {
    fn from(host: Host) -> Self {
        Self {
            state: v1::HostState::from(host.state).into(),
            incarnation: host.incarnation.get(),
            uuid: host.uuid.map(|uuid| uuid.to_string()).unwrap_or_default(),
            release: host.release.map(|release| release.to_string()).unwrap_or_default(),
            leases: host.leases,
            awaited: host.awaited,
            suspects: host.suspects,
            // Only where hosts are read and listed.
            contact: None,
            ..host.spec.into()
        }
    }
}
