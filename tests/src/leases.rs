//! Leases as the cluster would grant them, rendered into the files that hosts start jails from.

use allocd_types::holder::Holder;
use allocd_types::id::{Generation, LeaseId, Revision};
use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::lease::{Lease, LeaseState, LeasedAddress};
use allocd_types::mac::{Mac, Macs};
use allocd_types::name::{InterfaceName, NetworkName, VrfName};
use allocd_types::time::WallTime;
use freebsd_config::{JailInterfaces, ProfileLayers, jail_conf};

/// The lease of a jail's cable, number so and so on the network: its MACs, unit and addresses follow from that.
///
/// # Panics
/// If the holder is none.
#[must_use]
pub fn lease(holder: &str, number: u8) -> Lease {
    let holder: Holder = holder.parse().expect("a test's lease is in order");
    let mac = |last: u8| Mac::new([0x12, 0x34, 0x56, 0, number, last]);
    let address = |text: String, subnet: &str| LeasedAddress {
        address: text.parse().expect("a test's lease is in order"),
        subnet: subnet.parse().expect("a test's lease is in order"),
        gateway: None,
        vrf: VrfName::unsaid(),
    };
    let name = |end: &str| {
        Some(InterfaceName::new(&format!("epair{number}{end}")).expect("a test's lease is in order"))
    };
    Lease {
        id: LeaseId::new(number.into()),
        holder,
        network: NetworkName::new("lan").expect("a test's lease is in order"),
        kind: InterfaceKind::Epair,
        index: Some(UnitIndex::new(number.into()).expect("a test's lease is in order")),
        ifname_a: name("a"),
        ifname_b: name("b"),
        macs: Macs::pair(mac(0x0a), mac(0x0b)).expect("a test's lease is in order"),
        mac_beside: None,
        addresses: vec![
            address(format!("192.168.0.{number}"), "192.168.0.0/24"),
            address(format!("fd00::{number}"), "fd00::/64"),
        ],
        bridge: InterfaceName::new("bridge0").expect("a test's lease is in order"),
        vlan: None,
        mtu: None,
        resolvers: Vec::new(),
        state: LeaseState::Granted,
        is_delivered: false,
        migration: None,
        suspicion: None,
        generation: Generation { timeline: 1, revision: Revision::new(1) },
        remaining: None,
        is_unconfirmed: false,
        granted_at: WallTime::default(),
        labels: Labels::default(),
    }
}

/// Where the file of a lease's jail belongs, and the file.
///
/// # Panics
/// If the release is none.
#[must_use]
pub fn rendered(lease: Lease, release: &str) -> (String, String) {
    let release = release.parse().expect("a test's lease is in order");
    let interfaces = JailInterfaces::new(vec![lease]).expect("a test's lease is in order");
    let profile = ProfileLayers::default().resolve(interfaces.jail()).expect("a test's lease is in order");
    let text = jail_conf::render(&interfaces, &profile, release).expect("a test's lease is in order");
    (jail_conf::target_path(interfaces.jail(), release), text)
}
