//! What is asked of a host: its release, its bridges with their uplinks, and which further kinds of work its jails do.

use std::collections::BTreeMap;
use std::net::IpAddr;

use allocd_types::address::Prefix;
use allocd_types::name::{InterfaceName, JailName};
use allocd_types::network::{MTU_MAX, MTU_MIN, VLAN_MAX};
use allocd_types::violation::Violations;

use super::wiring::{self, Wiring};
use crate::interfaces::EVERY_JAIL;
use crate::release::Release;

/// What a host is set up for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupOptions {
    /// Its release.
    pub release: Release,
    /// Its bridges.
    pub bridges: Vec<SetupBridge>,
    /// The jails that rc.d/jail starts at boot. With none, its list is left to whoever keeps it.
    pub jails: Vec<JailName>,
    /// Where ezjail keeps jails, if it is used.
    pub ezjail: Option<EzjailStorage>,
    /// Whether virtual machines use tap(4) on the host.
    pub with_tap: bool,
    /// Whether a kernel of one's own gets netgraph(4).
    pub with_netgraph: bool,
    /// Whether jails may read the kernel's memory: dangerous, and of no use but for netstat(1) of old jails.
    pub with_kmem: bool,
}

/// One bridge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupBridge {
    /// Its name.
    pub name: InterfaceName,
    /// What joins it to the wire, if anything does.
    pub uplink: Option<Uplink>,
    /// The VLAN that the uplink carries it in, if any.
    pub vlan: Option<u16>,
    /// Its MTU, if it is not the driver's default.
    pub mtu: Option<u16>,
    /// The host's own addresses on it.
    pub addresses: Vec<BridgeAddress>,
}

/// An address of the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BridgeAddress {
    /// The address.
    pub address: IpAddr,
    /// The subnet that it is in.
    pub subnet: Prefix,
}

/// What joins a bridge to the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Uplink {
    /// One network card.
    Card(InterfaceName),
    /// Several as one.
    Lagg(Lagg),
}

/// Several network cards as one, lagg(4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lagg {
    /// Its name, `lagg` and a number.
    pub name: InterfaceName,
    /// How the cards share the work.
    pub protocol: LaggProtocol,
    /// The cards.
    pub ports: Vec<InterfaceName>,
}

/// How the ports of a lagg(4) share the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LaggProtocol {
    /// One works, the others wait.
    Failover,
    /// IEEE 802.1AX, which the switch has to speak, too.
    Lacp,
    /// By a hash of each frame's addresses.
    LoadBalance,
}

/// Where ezjail keeps its jails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EzjailStorage {
    /// In directories below /usr/jails.
    Directory,
    /// In file systems of ZFS below this one, mounted at /usr/jails.
    Zfs {
        /// The file system, such as `zroot/ezjail`.
        dataset: String,
    },
}

impl Uplink {
    /// The interface that carries the bridge's frames, or the VLANs of it.
    #[must_use]
    pub fn name(&self) -> &InterfaceName {
        match self {
            Self::Card(name) => name,
            Self::Lagg(lagg) => &lagg.name,
        }
    }

    /// The network cards themselves.
    #[must_use]
    pub fn cards(&self) -> &[InterfaceName] {
        match self {
            Self::Card(name) => std::slice::from_ref(name),
            Self::Lagg(lagg) => &lagg.ports,
        }
    }
}

impl LaggProtocol {
    /// The protocol's name for ifconfig(8).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failover => "failover",
            Self::Lacp => "lacp",
            Self::LoadBalance => "loadbalance",
        }
    }
}

impl SetupOptions {
    /// Checks what no single option shows.
    pub(super) fn check(&self) -> Result<(), Violations> {
        let mut violations = Violations::default();
        if self.bridges.is_empty() {
            violations.add("bridges", "a host needs a bridge to plug its jails into");
        }
        for (at, bridge) in self.bridges.iter().enumerate() {
            bridge.check(&format!("bridges[{at}]"), &mut violations);
        }
        self.check_uplinks(&mut violations);
        self.check_names(&mut violations);
        if self.jails.iter().any(|jail| jail.as_str() == EVERY_JAIL) {
            violations.add("jails", format!("rc.d/jail takes {EVERY_JAIL} for every jail"));
        }
        if let Some(storage) = &self.ezjail {
            storage.check(self.release, &mut violations);
        }
        violations.finish(Some(()))
    }

    /// That an interface is in one bridge at most, and what two bridges say of one uplink is the same.
    fn check_uplinks(&self, violations: &mut Violations) {
        let mut uplinks: BTreeMap<&InterfaceName, &Uplink> = BTreeMap::new();
        for (at, bridge) in self.bridges.iter().enumerate() {
            let Some(uplink) = &bridge.uplink else { continue };
            let field = format!("bridges[{at}].uplink");
            if *uplinks.entry(uplink.name()).or_insert(uplink) != uplink {
                violations.add(&field, format!("{} is described in two ways", uplink.name()));
            }
            let others = || self.bridges[..at].iter();
            if others().any(|other| other.uplink.as_ref() == Some(uplink) && other.vlan == bridge.vlan) {
                violations.add(&field, format!("{} is the uplink of another bridge already", uplink.name()));
            }
            let is_elsewhere = |other: &&SetupBridge| {
                bridge.vlan.is_some()
                    && other.vlan == bridge.vlan
                    && other.uplink.as_ref().is_some_and(|other| other.name() != uplink.name())
            };
            if let (Some(vlan), Some(_)) = (bridge.vlan, others().find(is_elsewhere)) {
                let name = wiring::vlan_name(vlan);
                violations
                    .add(&format!("bridges[{at}].vlan"), format!("{name} is on another uplink already"));
            }
        }
        for small in Wiring::new(self).uplinks.iter().filter(|carrier| carrier.is_too_small()) {
            let name = small.uplink.name();
            violations.add("bridges", format!("a VLAN on {name} has a larger MTU than {name} itself"));
        }
    }

    /// That no two interfaces have one name.
    fn check_names(&self, violations: &mut Violations) {
        let wiring = Wiring::new(self);
        let mut names: Vec<String> = self.bridges.iter().map(|bridge| bridge.name.to_string()).collect();
        for carrier in &wiring.uplinks {
            names.push(carrier.uplink.name().to_string());
            if let Uplink::Lagg(lagg) = carrier.uplink {
                names.extend(lagg.ports.iter().map(ToString::to_string));
            }
            names.extend(carrier.vlans.iter().map(|vlan| vlan.name.clone()));
        }
        names.sort();
        for pair in names.windows(2).filter(|pair| pair[0] == pair[1]) {
            violations.add("bridges", format!("{} is the name of two interfaces", pair[0]));
        }
    }
}

impl SetupBridge {
    fn check(&self, field: &str, violations: &mut Violations) {
        if let Some(vlan) = self.vlan {
            if vlan == 0 || vlan > VLAN_MAX {
                violations.add(&format!("{field}.vlan"), format!("{vlan} is no VLAN id: 1 to {VLAN_MAX}"));
            }
            if self.uplink.is_none() {
                violations.add(&format!("{field}.vlan"), "without an uplink nothing carries a VLAN");
            }
        }
        if let Some(mtu) = self.mtu.filter(|mtu| !(MTU_MIN..=MTU_MAX).contains(mtu)) {
            violations.add(&format!("{field}.mtu"), format!("{mtu} is no MTU: {MTU_MIN} to {MTU_MAX}"));
        }
        for BridgeAddress { address, subnet } in &self.addresses {
            if !subnet.contains(*address) {
                violations.add(&format!("{field}.addresses"), format!("{address} is not in {subnet}"));
            }
        }
        if let Some(Uplink::Lagg(lagg)) = &self.uplink {
            if wiring::unit_of("lagg", &lagg.name).is_none() {
                violations.add(&format!("{field}.uplink"), format!("{}: lagg and a number", lagg.name));
            }
            if lagg.ports.is_empty() {
                violations.add(&format!("{field}.uplink"), format!("{} has no ports", lagg.name));
            }
        }
    }
}

impl EzjailStorage {
    fn check(&self, release: Release, violations: &mut Violations) {
        if release < Release::FIRST_FOR_EZJAIL {
            let oldest = Release::FIRST_FOR_EZJAIL;
            violations.add("ezjail", format!("FreeBSD {release} cannot: it takes {oldest} or later"));
        }
        let Self::Zfs { dataset } = self else { return };
        // zfs(8): what a component may have, without the blank.
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte);
        let is_component = |part: &str| !part.is_empty() && part.bytes().all(is_plain);
        if !dataset.starts_with(|first: char| first.is_ascii_alphabetic())
            || !dataset.split('/').all(is_component)
        {
            violations.add("ezjail", format!("{dataset:?} is no file system of ZFS, such as zroot/ezjail"));
        }
    }
}
