//! All that checks judge by: what was seen, what the agent's configuration wants, and which leases the host has.

use std::collections::BTreeMap;

use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::lease::Lease;
use allocd_types::name::InterfaceName;
use freebsd_config::{MARK_PREFIX, Release};
use freebsd_host::interface::Interface;

use super::facts::HostFacts;
use super::files::FileFacts;
use super::wanted::Wanted;

/// Drivers whose interfaces are made for jails and virtual machines.
const MADE_FOR_GUESTS: [&str; 5] = ["epair", "tap", "tun", "ngeth", "vmnet"];

/// All that checks judge by.
#[derive(Debug)]
pub(crate) struct Situation {
    /// What the host's programs show.
    pub(crate) host: HostFacts,
    /// What its files say.
    pub(crate) files: FileFacts,
    /// What is wanted of it.
    pub(crate) wanted: Wanted,
    /// Its leases, or why they are not known.
    pub(crate) leases: Result<Vec<Lease>, String>,
}

/// A bridge as it is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WantedBridge {
    /// Its name.
    pub(super) name: InterfaceName,
    /// Its MTU, if leases say one.
    pub(super) mtu: Option<u16>,
}

impl Situation {
    /// The bridges that matter: those of the leases; if there are none, all bridges of the host.
    pub(super) fn bridges(&self) -> Vec<WantedBridge> {
        let mut wanted: BTreeMap<&InterfaceName, Option<u16>> = BTreeMap::new();
        for lease in self.leases() {
            let mtu = wanted.entry(&lease.bridge).or_default();
            *mtu = mtu.or(lease.mtu);
        }
        if wanted.is_empty() {
            let there = self.host.bridges.get().into_iter().flatten();
            wanted.extend(there.filter_map(|seen| Some((seen.name()?, None))));
        }
        wanted.into_iter().map(|(name, mtu)| WantedBridge { name: name.clone(), mtu }).collect()
    }

    /// True if the host is known to be of an earlier release. What only later ones have is not checked then.
    pub(super) fn is_before(&self, first: Release) -> bool {
        self.host.release.get().is_some_and(|release| *release < first)
    }

    /// The leases, as far as they are known.
    pub(super) fn leases(&self) -> &[Lease] {
        self.leases.as_deref().unwrap_or_default()
    }

    /// The host's interfaces, as far as they are known.
    pub(super) fn interfaces(&self) -> &[Interface] {
        self.host.interfaces.get().map(Vec::as_slice).unwrap_or_default()
    }

    /// True if the host is known to have no interface of this name; where none could be listed, nothing is known.
    pub(super) fn is_missing(&self, name: &InterfaceName) -> bool {
        let interfaces = self.host.interfaces.get();
        interfaces.is_some_and(|all| !all.iter().any(|interface| interface.name == *name))
    }

    /// The members of a bridge.
    pub(super) fn members(&self, bridge: &InterfaceName) -> impl Iterator<Item = &Interface> {
        let bridge = self.interfaces().iter().find(move |interface| interface.name == *bridge);
        let is_member = move |interface: &&Interface| {
            bridge.is_some_and(|bridge| bridge.members.contains(&interface.name))
        };
        self.interfaces().iter().filter(is_member)
    }

    /// What joins the bridges to the wire: the members that were not made for jails or guests.
    pub(super) fn uplinks(&self, bridge: &InterfaceName) -> impl Iterator<Item = &Interface> {
        self.members(bridge).filter(|interface| !self.is_made_for_guests(interface))
    }

    /// True if an interface was made for a jail or a virtual machine. Before release 11 a listing has no groups, and the name or
    /// the group's own listing has to tell.
    pub(super) fn is_made_for_guests(&self, interface: &Interface) -> bool {
        let is_named = |driver: &&str| {
            let rest = interface.name.as_str().strip_prefix(driver);
            rest.is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
        };
        let is_of = |driver: &&str| interface.groups.iter().any(|group| group == driver);
        MADE_FOR_GUESTS.iter().any(|driver| is_of(driver) || is_named(driver))
            || self.host.epairs.get().is_some_and(|epairs| epairs.contains(&interface.name))
            || interface.description.as_deref().is_some_and(|text| text.starts_with(MARK_PREFIX))
    }

    /// An interface with all that carries it: the ports of a lagg(4), and what a vlan(4) is on.
    pub(super) fn carriers<'a>(&'a self, interface: &'a Interface) -> Vec<&'a Interface> {
        let mut carriers = vec![interface];
        let mut at = 0;
        while let Some(carrier) = carriers.get(at) {
            let parent = carrier.vlan.iter().filter_map(|vlan| vlan.parent.as_ref());
            let below: Vec<_> = carrier.lagg_ports.iter().chain(parent).collect();
            let below = self.interfaces().iter().filter(|found| below.contains(&&found.name));
            let new: Vec<_> =
                below.filter(|found| !carriers.iter().any(|known| known.name == found.name)).collect();
            carriers.extend(new);
            at += 1;
        }
        carriers
    }

    /// The lease of an interface on the host: by its unit, which a driver's own name shows.
    pub(super) fn lease_of(&self, kind: InterfaceKind, unit: UnitIndex) -> Option<&Lease> {
        self.leases().iter().find(|lease| lease.kind == kind && lease.index == Some(unit))
    }
}

/// The unit in an epair's own name, `epair7a`, and whether it is the outer end.
pub(super) fn epair_unit(name: &str) -> Option<(UnitIndex, bool)> {
    let rest = name.strip_prefix("epair")?;
    let (digits, is_outer) = match (rest.strip_suffix('a'), rest.strip_suffix('b')) {
        (Some(digits), _) => (digits, true),
        (None, Some(digits)) => (digits, false),
        (None, None) => return None,
    };
    Some((digits.parse().ok()?, is_outer))
}
