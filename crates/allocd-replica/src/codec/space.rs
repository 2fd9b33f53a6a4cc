//! Where values live: numbers, single values, spaces, pools and how full they are.

use allocd_proto::storage::v1;
use allocd_proto::storage::v1::pool_reference::Pool;
use allocd_proto::storage::v1::space_reference::Space;
use allocd_proto::storage::v1::value::Kind;
use allocd_state::event::SpaceRef;
use allocd_types::address::{Family, NotAHost, Prefix};
use allocd_types::kind::InterfaceKind;
use allocd_types::mac::Mac;
use allocd_types::name::HostName;
use allocd_types::pool::PoolRef;
use allocd_types::usage::Counts;
use allocd_types::value::Value;

use super::{CodecError, Stored, load_required, valid};

impl Stored for u128 {
    type Message = v1::Number;

    fn store(&self) -> v1::Number {
        let half = |number: u128| u64::try_from(number & u128::from(u64::MAX)).expect("64 bits fit");
        v1::Number { high: half(*self >> 64), low: half(*self) }
    }

    fn load(message: v1::Number) -> Result<Self, CodecError> {
        Ok(Self::from(message.high) << 64 | Self::from(message.low))
    }
}

impl Stored for Family {
    type Message = i32;

    fn store(&self) -> i32 {
        let family = match self {
            Self::V4 => v1::Family::V4,
            Self::V6 => v1::Family::V6,
        };
        family.into()
    }

    fn load(number: i32) -> Result<Self, CodecError> {
        match v1::Family::try_from(number) {
            Ok(v1::Family::V4) => Ok(Self::V4),
            Ok(v1::Family::V6) => Ok(Self::V6),
            Ok(v1::Family::Unspecified) | Err(_) => Err(CodecError::Unknown { field: "family of addresses" }),
        }
    }
}

impl Stored for Prefix {
    type Message = v1::Prefix;

    fn store(&self) -> v1::Prefix {
        v1::Prefix { address: self.first().store(), length: self.length().into() }
    }

    fn load(message: v1::Prefix) -> Result<Self, CodecError> {
        let length = valid("prefix", u8::try_from(message.length))?;
        valid("prefix", Self::new(Stored::load(message.address)?, length))
    }
}

/// The units of a kind on a host.
impl Stored for (HostName, InterfaceKind) {
    type Message = v1::HostUnits;

    fn store(&self) -> v1::HostUnits {
        store_units(&self.0, self.1)
    }

    fn load(message: v1::HostUnits) -> Result<Self, CodecError> {
        Ok((Stored::load(message.host)?, Stored::load(message.kind)?))
    }
}

fn store_units(host: &HostName, kind: InterfaceKind) -> v1::HostUnits {
    v1::HostUnits { host: host.store(), kind: kind.store() }
}

impl Stored for Value {
    type Message = v1::Value;

    fn store(&self) -> v1::Value {
        let kind = match self {
            Self::Index(host, kind, index) => {
                Kind::Unit(v1::UnitOnHost { units: Some(store_units(host, *kind)), index: index.store() })
            }
            Self::Mac(mac) => Kind::Mac(mac.store()),
            Self::Address(vrf, address) => {
                Kind::Address(v1::AddressInVrf { vrf: vrf.store(), address: address.store() })
            }
        };
        v1::Value { kind: Some(kind) }
    }

    fn load(message: v1::Value) -> Result<Self, CodecError> {
        match message.kind.ok_or(CodecError::Unknown { field: "value" })? {
            Kind::Unit(v1::UnitOnHost { units, index }) => {
                let (host, kind) = load_required("units", units)?;
                Ok(Self::Index(host, kind, Stored::load(index)?))
            }
            Kind::Mac(mac) => Ok(Self::Mac(Mac::load(mac)?)),
            Kind::Address(v1::AddressInVrf { vrf, address }) => {
                Ok(Self::Address(Stored::load(vrf)?, Stored::load(address)?))
            }
        }
    }
}

impl Stored for NotAHost {
    type Message = i32;

    fn store(&self) -> i32 {
        let reason = match self {
            Self::Network => v1::NotAHostReason::Network,
            Self::Broadcast => v1::NotAHostReason::Broadcast,
            Self::SubnetRouterAnycast => v1::NotAHostReason::SubnetRouterAnycast,
            Self::Gateway => v1::NotAHostReason::Gateway,
        };
        reason.into()
    }

    fn load(number: i32) -> Result<Self, CodecError> {
        match v1::NotAHostReason::try_from(number) {
            Ok(v1::NotAHostReason::Network) => Ok(Self::Network),
            Ok(v1::NotAHostReason::Broadcast) => Ok(Self::Broadcast),
            Ok(v1::NotAHostReason::SubnetRouterAnycast) => Ok(Self::SubnetRouterAnycast),
            Ok(v1::NotAHostReason::Gateway) => Ok(Self::Gateway),
            Ok(v1::NotAHostReason::Unspecified) | Err(_) => {
                Err(CodecError::Unknown { field: "reason why an address belongs to no host" })
            }
        }
    }
}

impl Stored for SpaceRef {
    type Message = v1::SpaceReference;

    fn store(&self) -> v1::SpaceReference {
        let space = match self {
            Self::Mac(pool) => Space::Mac(pool.store()),
            Self::ForeignMac => Space::ForeignMac(v1::Nothing {}),
            Self::HostIndex(host, kind) => Space::HostIndex(store_units(host, *kind)),
            Self::ClusterIndex(kind) => Space::ClusterIndex(kind.store()),
            Self::Subnet(network, first) => {
                Space::Subnet(v1::SubnetReference { network: network.store(), first: first.store() })
            }
        };
        v1::SpaceReference { space: Some(space) }
    }

    fn load(message: v1::SpaceReference) -> Result<Self, CodecError> {
        match message.space.ok_or(CodecError::Unknown { field: "space" })? {
            Space::Mac(pool) => Ok(Self::Mac(Stored::load(pool)?)),
            Space::ForeignMac(v1::Nothing {}) => Ok(Self::ForeignMac),
            Space::HostIndex(units) => {
                let (host, kind) = Stored::load(units)?;
                Ok(Self::HostIndex(host, kind))
            }
            Space::ClusterIndex(kind) => Ok(Self::ClusterIndex(Stored::load(kind)?)),
            Space::Subnet(v1::SubnetReference { network, first }) => {
                Ok(Self::Subnet(Stored::load(network)?, Stored::load(first)?))
            }
        }
    }
}

impl Stored for PoolRef {
    type Message = v1::PoolReference;

    fn store(&self) -> v1::PoolReference {
        let pool = match self {
            Self::Mac(pool) => Pool::Mac(pool.store()),
            Self::HostIndex(host, kind) => Pool::HostIndex(store_units(host, *kind)),
            Self::ClusterIndex(kind) => Pool::ClusterIndex(kind.store()),
            Self::Subnet(network, prefix) => {
                Pool::Subnet(v1::SubnetPool { network: network.store(), prefix: Some(prefix.store()) })
            }
            Self::Family(network, family) => {
                Pool::Family(v1::FamilyPool { network: network.store(), family: family.store() })
            }
        };
        v1::PoolReference { pool: Some(pool) }
    }

    fn load(message: v1::PoolReference) -> Result<Self, CodecError> {
        match message.pool.ok_or(CodecError::Unknown { field: "pool" })? {
            Pool::Mac(pool) => Ok(Self::Mac(Stored::load(pool)?)),
            Pool::HostIndex(units) => {
                let (host, kind) = Stored::load(units)?;
                Ok(Self::HostIndex(host, kind))
            }
            Pool::ClusterIndex(kind) => Ok(Self::ClusterIndex(Stored::load(kind)?)),
            Pool::Subnet(v1::SubnetPool { network, prefix }) => {
                Ok(Self::Subnet(Stored::load(network)?, load_required("prefix", prefix)?))
            }
            Pool::Family(v1::FamilyPool { network, family }) => {
                Ok(Self::Family(Stored::load(network)?, Stored::load(family)?))
            }
        }
    }
}

impl Stored for Counts {
    type Message = v1::Counts;

    fn store(&self) -> v1::Counts {
        v1::Counts {
            free: Some(self.free.store()),
            leased: Some(self.leased.store()),
            reserved: Some(self.reserved.store()),
            quarantined: Some(self.quarantined.store()),
            excluded: Some(self.excluded.store()),
        }
    }

    fn load(message: v1::Counts) -> Result<Self, CodecError> {
        Ok(Self {
            free: load_required("count", message.free)?,
            leased: load_required("count", message.leased)?,
            reserved: load_required("count", message.reserved)?,
            quarantined: load_required("count", message.quarantined)?,
            excluded: load_required("count", message.excluded)?,
        })
    }
}
