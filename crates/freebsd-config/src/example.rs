//! Leases for this crate's tests: of any kind, and those that an inventory's lines become.

use std::net::IpAddr;

use allocd_types::address::Prefix;
use allocd_types::holder::Holder;
use allocd_types::id::{Generation, LeaseId, Revision};
use allocd_types::import::{INVENTORY_JAIL_LABEL, INVENTORY_VERSION_LABEL, ImportLine};
use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::lease::{Lease, LeaseState, LeasedAddress};
use allocd_types::mac::{Mac, Macs};
use allocd_types::name::{InterfaceName, NetworkName, VrfName};
use allocd_types::time::WallTime;

/// An address with its subnet, and its gateway if there is one.
pub(crate) fn address(text: &str, subnet: &str, gateway: Option<&str>) -> LeasedAddress {
    LeasedAddress {
        address: text.parse().unwrap(),
        subnet: subnet.parse().unwrap(),
        gateway: gateway.map(|gateway| gateway.parse().unwrap()),
        vrf: VrfName::unsaid(),
    }
}

/// A lease of the given kind and unit, with the kernel's names and fitting MACs.
pub(crate) fn lease(holder: &str, kind: InterfaceKind, unit: u32) -> Lease {
    let index = kind.has_index().then(|| UnitIndex::new(unit).unwrap());
    let (a, b) = index.map_or((None, None), |index| kind.end_names(kind.as_str(), index));
    let name = |text: Option<String>| text.map(|text| InterfaceName::new(&text).unwrap());
    let mac = |last: u8| Mac::new([0x12, 0x34, 0x56, 0x00, 0x00, last]);
    let macs = match kind {
        InterfaceKind::Epair => Macs::pair(mac(0x0a), mac(0x0b)).unwrap(),
        InterfaceKind::Tap | InterfaceKind::Ngeth => Macs::Single(mac(0x0c)),
        InterfaceKind::Tun | InterfaceKind::Address => Macs::None,
    };
    Lease {
        id: LeaseId::new(17),
        holder: holder.parse().unwrap(),
        network: NetworkName::new("lan").unwrap(),
        kind,
        index,
        ifname_a: name(a),
        ifname_b: name(b),
        macs,
        addresses: Vec::new(),
        bridge: InterfaceName::new("vswitch0").unwrap(),
        vlan: None,
        mtu: None,
        resolvers: Vec::new(),
        state: LeaseState::Granted,
        generation: Generation { timeline: 1, revision: Revision::new(42) },
        remaining: None,
        granted_at: WallTime::default(),
        labels: Labels::default(),
    }
}

/// The lease that an inventory's line becomes.
pub(crate) fn imported(line: &ImportLine, subnet: Prefix, gateway: Option<IpAddr>) -> Lease {
    let holder = Holder {
        host: line.host.clone(),
        jail: line.jail.clone(),
        interface: allocd_types::name::InterfaceLabel::unsaid(),
    };
    let leased = LeasedAddress { address: line.address, subnet, gateway, vrf: VrfName::unsaid() };
    Lease {
        bridge: line.bridge.clone(),
        addresses: vec![leased],
        labels: Labels::default()
            .with(INVENTORY_VERSION_LABEL, &line.version)
            .with(INVENTORY_JAIL_LABEL, &line.original_jail),
        ..lease(&holder.to_string(), InterfaceKind::Epair, u32::from(line.index.get()))
    }
}
