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
        mac_beside: match macs {
            Macs::Single(mac) => Some(mac.beside()),
            Macs::None | Macs::Pair { .. } => None,
        },
        addresses: Vec::new(),
        bridge: InterfaceName::new("vswitch0").unwrap(),
        vlan: None,
        mtu: None,
        resolvers: Vec::new(),
        state: LeaseState::Granted,
        is_delivered: false,
        migration: None,
        suspicion: None,
        generation: Generation { timeline: 1, revision: Revision::new(42) },
        remaining: None,
        is_unconfirmed: false,
        granted_at: WallTime::default(),
        labels: Labels::default(),
    }
}

/// The article's jail: test01 on epair1, 192.168.0.101/24, by way of 192.168.0.1, on vswitch0; the MACs are those of its comments.
pub(crate) fn article() -> Lease {
    let mac = |text: &str| text.parse().unwrap();
    Lease {
        macs: Macs::pair(mac("02:03:44:30:20:0a"), mac("02:03:44:30:20:0b")).unwrap(),
        addresses: vec![address("192.168.0.101", "192.168.0.0/24", Some("192.168.0.1"))],
        ..lease("freebert.example/test01", InterfaceKind::Epair, 1)
    }
}

/// A jail with all that a lease can have: two renamed cables with IPv4 and IPv6, large frames, a link-local router, and a tun(4).
pub(crate) fn full() -> Vec<Lease> {
    let name = |text: &str| Some(InterfaceName::new(text).unwrap());
    let front = Lease {
        ifname_a: name("jail7a"),
        ifname_b: name("jail7b"),
        mtu: Some(9000),
        vlan: Some(300),
        resolvers: vec!["192.168.48.2".parse().unwrap(), "fd00:48::2".parse().unwrap()],
        addresses: vec![
            address("192.168.50.10", "192.168.48.0/22", Some("192.168.48.1")),
            address("192.168.50.11", "192.168.48.0/22", Some("192.168.48.1")),
            address("fd00:48::10", "fd00:48::/64", Some("fe80::1")),
            address("fd00:49::10", "fd00:49::/64", Some("fd00:49::1")),
        ],
        ..lease("h1.example/web01", InterfaceKind::Epair, 7)
    };
    let mac = |last: u8| Mac::new([0x12, 0x34, 0x56, 0x00, 0x00, last]);
    let back = Lease {
        id: LeaseId::new(18),
        network: NetworkName::new("back").unwrap(),
        bridge: InterfaceName::new("bridge301").unwrap(),
        macs: Macs::pair(mac(0x10), mac(0x11)).unwrap(),
        addresses: vec![address("fd00:50::10", "fd00:50::/64", None)],
        ..lease("h1.example/web01/net1", InterfaceKind::Epair, 8)
    };
    let tunnel = Lease {
        id: LeaseId::new(19),
        addresses: vec![address("10.9.0.5", "10.9.0.0/24", None)],
        ..lease("h1.example/web01/vpn0", InterfaceKind::Tun, 0)
    };
    vec![tunnel, back, front]
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

/// Compares a text with the one that is kept under tests/golden.
pub(crate) fn golden(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../tests/golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}
