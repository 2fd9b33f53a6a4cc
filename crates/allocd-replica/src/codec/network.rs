//! Networks and their subnets.

use allocd_proto::storage::v1;
use allocd_types::address::Prefix;
use allocd_types::name::{InterfaceName, NetworkName, PoolName, VrfName};
use allocd_types::network::{NetworkSpec, RenamePrefix, SubnetSpec};
use allocd_types::time::Span;

use super::value::load_optional;
use super::{CodecError, Stored, load_all, load_required, store_all, valid};

impl Stored for NetworkSpec {
    type Message = v1::Network;

    fn store(&self) -> v1::Network {
        v1::Network {
            name: self.name.as_str().to_owned(),
            vrf: self.vrf.as_str().to_owned(),
            bridge: self.bridge.as_str().to_owned(),
            vlan: self.vlan.map(u32::from),
            mtu: self.mtu.map(u32::from),
            subnets: store_all(&self.subnets),
            mac_pool: self.mac_pool.as_str().to_owned(),
            rename_prefix: self.rename_prefix.as_ref().map(|prefix| prefix.as_str().to_owned()),
            resolvers: store_all(&self.resolvers),
            quarantine_ms: self.quarantine.millis(),
            free_suspects_after_ms: self.free_suspects_after.map(Span::millis),
            thresholds: Some(self.thresholds.store()),
            labels: self.labels.store(),
        }
    }

    fn load(message: v1::Network) -> Result<Self, CodecError> {
        let rename_prefix = message.rename_prefix.map(|prefix| RenamePrefix::new(&prefix)).transpose();
        Ok(Self {
            name: valid("network", NetworkName::new(&message.name))?,
            vrf: valid("VRF", VrfName::new(&message.vrf))?,
            bridge: valid("bridge", InterfaceName::new(&message.bridge))?,
            vlan: valid("VLAN", message.vlan.map(u16::try_from).transpose())?,
            mtu: valid("MTU", message.mtu.map(u16::try_from).transpose())?,
            subnets: load_all(message.subnets)?,
            mac_pool: valid("MAC pool", PoolName::new(&message.mac_pool))?,
            rename_prefix: valid("prefix of interface names", rename_prefix)?,
            resolvers: load_all(message.resolvers)?,
            quarantine: Span::from_millis(message.quarantine_ms),
            free_suspects_after: message.free_suspects_after_ms.map(Span::from_millis),
            thresholds: load_required("thresholds", message.thresholds)?,
            labels: Stored::load(message.labels)?,
        })
    }
}

impl Stored for SubnetSpec {
    type Message = v1::Subnet;

    fn store(&self) -> v1::Subnet {
        v1::Subnet {
            address: self.prefix.first().store(),
            prefix_length: self.prefix.length().into(),
            gateway: self.gateway.as_ref().map(Stored::store),
            ranges: store_all(&self.ranges),
        }
    }

    fn load(message: v1::Subnet) -> Result<Self, CodecError> {
        let length = valid("prefix", u8::try_from(message.prefix_length))?;
        Ok(Self {
            prefix: valid("prefix", Prefix::new(Stored::load(message.address)?, length))?,
            gateway: load_optional(message.gateway)?,
            ranges: load_all(message.ranges)?,
        })
    }
}
