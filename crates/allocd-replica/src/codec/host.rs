//! Hosts.

use allocd_proto::storage::v1;
use allocd_types::host::{FenceSpec, HostRegistration, HostSpec, HostUuid, OsRelease, SeenOnHost};
use allocd_types::id::Incarnation;
use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::name::{HostName, InterfaceName, NetworkName};

use super::{CodecError, Stored, valid};

impl Stored for HostSpec {
    type Message = v1::Host;

    fn store(&self) -> v1::Host {
        let bridge = |(network, bridge): (&NetworkName, &InterfaceName)| {
            (network.as_str().to_owned(), bridge.as_str().to_owned())
        };
        v1::Host {
            name: self.name.as_str().to_owned(),
            bridges: self.bridges.iter().map(bridge).collect(),
            labels: self.labels.store(),
        }
    }

    fn load(message: v1::Host) -> Result<Self, CodecError> {
        let bridge = |(network, bridge): (String, String)| {
            let network = valid("network of a bridge", NetworkName::new(&network))?;
            Ok((network, valid("bridge", InterfaceName::new(&bridge))?))
        };
        Ok(Self {
            name: valid("host", HostName::new(&message.name))?,
            bridges: message.bridges.into_iter().map(bridge).collect::<Result<_, CodecError>>()?,
            labels: Stored::load(message.labels)?,
        })
    }
}

impl Stored for HostRegistration {
    type Message = v1::HostRegistration;

    fn store(&self) -> v1::HostRegistration {
        let Self { host, uuid, release, seen: SeenOnHost { macs, units } } = self;
        let unit = |(kind, index): &(InterfaceKind, UnitIndex)| v1::SeenUnit {
            kind: kind.store(),
            index: index.store(),
        };
        v1::HostRegistration {
            host: host.store(),
            uuid: uuid.as_str().to_owned(),
            release: release.as_ref().map(|release| release.as_str().to_owned()),
            seen_macs: macs.iter().map(Stored::store).collect(),
            seen_units: units.iter().map(unit).collect(),
        }
    }

    fn load(message: v1::HostRegistration) -> Result<Self, CodecError> {
        let unit = |unit: v1::SeenUnit| Ok((Stored::load(unit.kind)?, Stored::load(unit.index)?));
        Ok(Self {
            host: Stored::load(message.host)?,
            uuid: valid("hostuuid", HostUuid::new(&message.uuid))?,
            release: load_release(message.release)?,
            seen: SeenOnHost {
                macs: message.seen_macs.into_iter().map(Stored::load).collect::<Result<_, CodecError>>()?,
                units: message.seen_units.into_iter().map(unit).collect::<Result<_, CodecError>>()?,
            },
        })
    }
}

impl Stored for FenceSpec {
    type Message = v1::Fence;

    fn store(&self) -> v1::Fence {
        v1::Fence { host: self.host.store(), incarnation: self.incarnation.map(Incarnation::get) }
    }

    fn load(message: v1::Fence) -> Result<Self, CodecError> {
        let incarnation = message.incarnation.map(Incarnation::new);
        Ok(Self { host: Stored::load(message.host)?, incarnation })
    }
}

/// Loads what a host runs.
pub(super) fn load_release(release: Option<String>) -> Result<Option<OsRelease>, CodecError> {
    valid("release", release.map(|release| OsRelease::new(&release)).transpose())
}
