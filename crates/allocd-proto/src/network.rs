//! Networks and their subnets.

use allocd_types::address::{AddressRange, Prefix};
use allocd_types::label::Labels;
use allocd_types::limits::ADDRESS_QUARANTINE_SECONDS_DEFAULT;
use allocd_types::name::{InterfaceName, NetworkName, PoolName, VrfName};
use allocd_types::network::{NetworkSpec, RenamePrefix, SubnetSpec};
use allocd_types::time::Span;
use allocd_types::violation::Violations;

use crate::read::{Read, ip, list, narrow, optional_ip, path, text, text_or};
use crate::{span, usage, v1};

impl Read for v1::Network {
    type Word = NetworkSpec;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<NetworkSpec> {
        let before = wrong.len();
        let at = |inner: &str| path(field, inner);
        let name: Option<NetworkName> = text(&self.name, &at("name"), wrong);
        let vrf = text_or(&self.vrf, VrfName::unsaid(), &at("vrf"), wrong);
        let bridge: Option<InterfaceName> = text(&self.bridge, &at("bridge"), wrong);
        let vlan = self.vlan.and_then(|vlan| narrow(vlan, &at("vlan"), wrong));
        let mtu = self.mtu.and_then(|mtu| narrow(mtu, &at("mtu"), wrong));
        let subnets =
            list(self.subnets, &at("subnets"), wrong, |subnet, field, wrong| subnet.read(field, wrong));
        let mac_pool = text_or(&self.mac_pool, PoolName::unsaid(), &at("mac_pool"), wrong);
        let rename = (!self.rename_prefix.is_empty()).then(|| RenamePrefix::new(&self.rename_prefix));
        let rename_prefix = rename.and_then(|rename| wrong.keep(&at("rename_prefix"), rename));
        let resolvers =
            list(&self.resolvers, &at("resolvers"), wrong, |given, field, wrong| ip(given, field, wrong));
        let unsaid = ADDRESS_QUARANTINE_SECONDS_DEFAULT;
        let quarantine = span::quarantine(self.quarantine_ms, unsaid, &at("quarantine_ms"), wrong);
        let after = self.free_suspects_after_ms;
        let free_suspects_after = span::free_suspects_after(after, &at("free_suspects_after_ms"), wrong);
        let thresholds = usage::thresholds(self.thresholds, &at("thresholds"), wrong);
        let labels = Labels::check(&at("labels"), self.labels, wrong);
        // What no single field shows is checked even if some field is wrong: what could not be read is stood in for.
        let spec = NetworkSpec {
            name: name.unwrap_or_else(|| NetworkName::new("unread").expect("a good name")),
            vrf: vrf.unwrap_or_else(VrfName::unsaid),
            bridge: bridge.unwrap_or_else(|| InterfaceName::new("unread").expect("a good name")),
            vlan,
            mtu,
            subnets: subnets.unwrap_or_default(),
            mac_pool: mac_pool.unwrap_or_else(PoolName::unsaid),
            rename_prefix,
            resolvers: resolvers.unwrap_or_default(),
            quarantine: quarantine.unwrap_or_default(),
            free_suspects_after,
            thresholds: thresholds.unwrap_or_default(),
            labels,
        };
        spec.check(field, wrong);
        (wrong.len() == before).then_some(spec)
    }
}

impl Read for v1::Subnet {
    type Word = SubnetSpec;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<SubnetSpec> {
        let prefix: Option<Prefix> = text(&self.prefix, &path(field, "prefix"), wrong);
        let gateway = optional_ip(&self.gateway, &path(field, "gateway"), wrong);
        let ranges = list(&self.ranges, &path(field, "ranges"), wrong, |range, field, wrong| {
            text::<AddressRange>(range, field, wrong)
        });
        Some(SubnetSpec { prefix: prefix?, gateway: gateway?, ranges: ranges? })
    }
}

impl From<NetworkSpec> for v1::Network {
    fn from(spec: NetworkSpec) -> Self {
        Self {
            name: spec.name.to_string(),
            vrf: spec.vrf.to_string(),
            bridge: spec.bridge.to_string(),
            vlan: spec.vlan.map(u32::from),
            mtu: spec.mtu.map(u32::from),
            subnets: spec.subnets.into_iter().map(Into::into).collect(),
            mac_pool: spec.mac_pool.to_string(),
            rename_prefix: spec.rename_prefix.map(|prefix| prefix.as_str().to_owned()).unwrap_or_default(),
            resolvers: spec.resolvers.iter().map(ToString::to_string).collect(),
            quarantine_ms: Some(spec.quarantine.millis()),
            free_suspects_after_ms: spec.free_suspects_after.map(Span::millis),
            thresholds: Some(spec.thresholds.into()),
            labels: crate::label::map(&spec.labels),
        }
    }
}

impl From<SubnetSpec> for v1::Subnet {
    fn from(spec: SubnetSpec) -> Self {
        Self {
            prefix: spec.prefix.to_string(),
            gateway: spec.gateway.map(|gateway| gateway.to_string()).unwrap_or_default(),
            ranges: spec.ranges.iter().map(ToString::to_string).collect(),
        }
    }
}
