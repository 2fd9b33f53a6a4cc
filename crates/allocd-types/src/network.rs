//! A network: one layer-2 segment with everything an interface on it needs to know.

use std::hash::{Hash, Hasher};
use std::net::IpAddr;

use crate::address::{AddressRange, Prefix};
use crate::label::Labels;
use crate::limits::{RANGES_PER_SUBNET_MAX, RESOLVERS_MAX, SUBNETS_PER_NETWORK_MAX};
use crate::name::{InterfaceName, NameError, NetworkName, PoolName, VrfName};
use crate::time::Span;
use crate::usage::Thresholds;
use crate::violation::Violations;

/// Smallest MTU: what IPv4 needs (RFC 791).
pub const MTU_MIN: u16 = 68;
/// Largest MTU that if_bridge(4) members are set to in practice.
pub const MTU_MAX: u16 = 16_384;
/// Last VLAN id (IEEE 802.1Q).
pub const VLAN_MAX: u16 = 4_094;
/// Longest prefix of renamed interfaces, in bytes: five digits and an end's letter still fit IFNAMSIZ.
pub const RENAME_PREFIX_BYTES_MAX: usize = 9;

/// What the operator says of a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkSpec {
    /// Its id.
    pub name: NetworkName,
    /// The scope in which its addresses are unique.
    pub vrf: VrfName,
    /// The bridge's name on every host that does not say otherwise.
    pub bridge: InterfaceName,
    /// The VLAN the uplink carries it in, if any; a note for people and renderers.
    pub vlan: Option<u16>,
    /// The MTU of both ends, if it is not the driver's default.
    pub mtu: Option<u16>,
    /// The subnets, searched in this order.
    pub subnets: Vec<SubnetSpec>,
    /// Where its MACs come from.
    pub mac_pool: PoolName,
    /// How its epairs are named: the kernel's way, or with this prefix.
    pub rename_prefix: Option<RenamePrefix>,
    /// Resolvers to tell jails.
    pub resolvers: Vec<IpAddr>,
    /// How long its addresses rest before they are handed out again.
    pub quarantine: Span,
    /// How long a lease of it is suspect before it ends by itself; none, unless an operator said so: no suspect does.
    pub free_suspects_after: Option<Span>,
    /// When its usage is worth a word.
    pub thresholds: Thresholds,
    /// Notes.
    pub labels: Labels,
}

/// One subnet of a network.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SubnetSpec {
    /// The prefix; no two prefixes of a VRF overlap.
    pub prefix: Prefix,
    /// The default router, if there is one. An IPv6 gateway may be a link-local address.
    pub gateway: Option<IpAddr>,
    /// What may be handed out, in this order; nothing said means the whole prefix.
    pub ranges: Vec<AddressRange>,
}

impl SubnetSpec {
    /// The ranges to hand out from: those that were said, or the whole prefix.
    pub fn pool_ranges(&self) -> impl Iterator<Item = AddressRange> + '_ {
        let whole = self.ranges.is_empty().then(|| self.prefix.range());
        self.ranges.iter().copied().chain(whole)
    }
}

/// A request's payload is remembered by its digest, over updates of allocd too: what came later counts only where it is said.
impl Hash for NetworkSpec {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let Self {
            name,
            vrf,
            bridge,
            vlan,
            mtu,
            subnets,
            mac_pool,
            rename_prefix,
            resolvers,
            quarantine,
            free_suspects_after,
            thresholds,
            labels,
        } = self;
        (name, vrf, bridge, vlan, mtu, subnets, mac_pool).hash(hasher);
        (rename_prefix, resolvers, quarantine, thresholds, labels).hash(hasher);
        if let Some(span) = free_suspects_after {
            span.hash(hasher);
        }
    }
}

impl NetworkSpec {
    /// Checks what no single field shows: that gateways and ranges fit their prefixes and nothing overlaps.
    pub fn check(&self, field: &str, violations: &mut Violations) {
        if let Some(vlan) = self.vlan.filter(|vlan| *vlan == 0 || *vlan > VLAN_MAX) {
            violations.add(&format!("{field}.vlan"), format!("{vlan} is no VLAN id: 1 to {VLAN_MAX}"));
        }
        if let Some(mtu) = self.mtu.filter(|mtu| !(MTU_MIN..=MTU_MAX).contains(mtu)) {
            violations.add(&format!("{field}.mtu"), format!("{mtu} is no MTU: {MTU_MIN} to {MTU_MAX}"));
        }
        if self.subnets.len() > SUBNETS_PER_NETWORK_MAX {
            violations
                .add(&format!("{field}.subnets"), format!("{SUBNETS_PER_NETWORK_MAX} subnets are allowed"));
        }
        if self.resolvers.len() > RESOLVERS_MAX {
            violations.add(&format!("{field}.resolvers"), format!("{RESOLVERS_MAX} resolvers are allowed"));
        }
        for (at, subnet) in self.subnets.iter().enumerate() {
            let field = format!("{field}.subnets[{at}]");
            if let Some(other) = self.subnets[..at].iter().find(|other| other.prefix.overlaps(subnet.prefix))
            {
                violations
                    .add(&format!("{field}.prefix"), format!("{} overlaps {}", subnet.prefix, other.prefix));
            }
            subnet.check(&field, violations);
        }
    }
}

impl SubnetSpec {
    fn check(&self, field: &str, violations: &mut Violations) {
        if self.prefix.length() == 0 {
            let text = format!("{} is every address there is, and no subnet", self.prefix);
            violations.add(&format!("{field}.prefix"), text);
        }
        if let Some(gateway) = self.gateway.filter(|gateway| !self.reaches(*gateway)) {
            let text = format!("{gateway} is not in {} and no IPv6 link-local address", self.prefix);
            violations.add(&format!("{field}.gateway"), text);
        }
        if let Some((_, why)) = self.prefix.never_a_host().find(|(address, _)| Some(*address) == self.gateway)
        {
            violations.add(&format!("{field}.gateway"), format!("the gateway is {why}"));
        }
        if self.ranges.len() > RANGES_PER_SUBNET_MAX {
            violations.add(&format!("{field}.ranges"), format!("{RANGES_PER_SUBNET_MAX} ranges are allowed"));
        }
        for (at, range) in self.ranges.iter().enumerate() {
            if !self.prefix.contains(range.first()) || !self.prefix.contains(range.last()) {
                violations
                    .add(&format!("{field}.ranges[{at}]"), format!("{range} is not inside {}", self.prefix));
            }
            if let Some(other) = self.ranges[..at].iter().find(|other| other.overlaps(*range)) {
                violations.add(&format!("{field}.ranges[{at}]"), format!("{range} overlaps {other}"));
            }
        }
    }

    fn reaches(&self, gateway: IpAddr) -> bool {
        let is_link_local = matches!(gateway, IpAddr::V6(v6) if v6.is_unicast_link_local());
        self.prefix.contains(gateway) || (is_link_local && matches!(self.prefix.first(), IpAddr::V6(_)))
    }
}

/// A prefix for the names of epairs, such as `jail`: the ends of index 7 are then `jail7a` and `jail7b`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RenamePrefix(InterfaceName);

/// Prefixes the kernel's drivers and rc use for names of their own.
const DRIVER_PREFIXES: [&str; 18] = [
    "bridge", "em", "enc", "epair", "gif", "gre", "igb", "ipfw", "ix", "lagg", "lo", "ngeth", "pflog", "re",
    "tap", "tun", "vlan", "wg",
];

impl RenamePrefix {
    /// Checks a text and makes the prefix.
    ///
    /// # Errors
    /// [`NameError`] if it is no interface name, too long, ends in a digit or is a driver's own.
    pub fn new(text: &str) -> Result<Self, NameError> {
        let name = InterfaceName::new(text)?;
        let what = "the prefix of interface names";
        if text.len() > RENAME_PREFIX_BYTES_MAX {
            return Err(NameError::TooLong { what, bytes: text.len(), bytes_max: RENAME_PREFIX_BYTES_MAX });
        }
        if text.ends_with(|last: char| last.is_ascii_digit()) || DRIVER_PREFIXES.contains(&text) {
            let rule = "a prefix that ends in no digit and is no driver's own";
            return Err(NameError::Malformed { what, text: text.to_owned(), rule });
        }
        Ok(Self(name))
    }

    /// The prefix as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(subnets: Vec<SubnetSpec>) -> NetworkSpec {
        NetworkSpec {
            name: NetworkName::new("lan").unwrap(),
            vrf: VrfName::unsaid(),
            bridge: InterfaceName::new("bridge300").unwrap(),
            vlan: None,
            mtu: None,
            subnets,
            mac_pool: PoolName::unsaid(),
            rename_prefix: None,
            resolvers: Vec::new(),
            quarantine: Span::ZERO,
            free_suspects_after: None,
            thresholds: Thresholds::default(),
            labels: Labels::default(),
        }
    }

    fn subnet(prefix: &str, gateway: Option<&str>, ranges: &[&str]) -> SubnetSpec {
        SubnetSpec {
            prefix: prefix.parse().unwrap(),
            gateway: gateway.map(|gateway| gateway.parse().unwrap()),
            ranges: ranges.iter().map(|range| range.parse().unwrap()).collect(),
        }
    }

    fn fields(network: &NetworkSpec) -> Vec<String> {
        let mut violations = Violations::default();
        network.check("network", &mut violations);
        violations.iter().map(|violation| violation.field.clone()).collect()
    }

    #[test]
    fn a_sound_network_has_no_violations() {
        let lan = network(vec![
            subnet(
                "192.168.48.0/22",
                Some("192.168.48.1"),
                &["192.168.48.10-192.168.49.255", "192.168.50.0-192.168.51.200"],
            ),
            subnet("fd00:48::/64", Some("fe80::1"), &[]),
        ]);
        assert!(fields(&lan).is_empty());
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let mut lan = network(vec![
            subnet(
                "10.0.0.0/24",
                Some("10.0.1.1"),
                &["10.0.0.5-10.0.0.9", "10.0.0.9-10.0.0.20", "10.0.1.0-10.0.1.9"],
            ),
            subnet("10.0.0.128/25", Some("10.0.0.255"), &[]),
        ]);
        (lan.vlan, lan.mtu) = (Some(4095), Some(10));
        assert_eq!(
            fields(&lan),
            [
                "network.vlan",
                "network.mtu",
                "network.subnets[0].gateway",
                "network.subnets[0].ranges[1]",
                "network.subnets[0].ranges[2]",
                "network.subnets[1].prefix",
                "network.subnets[1].gateway",
            ]
        );
    }

    #[test]
    fn a_rename_prefix_cannot_be_taken_for_a_drivers() {
        assert!(RenamePrefix::new("jail").is_ok());
        for bad in ["epair", "tap", "net0", "abcdefghij", "a.b", ""] {
            assert!(RenamePrefix::new(bad).is_err(), "{bad}");
        }
    }
}
