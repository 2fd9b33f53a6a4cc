//! What the tests ask for: one network, some hosts, and leases for their jails.

use std::collections::{BTreeMap, BTreeSet};

use allocd_client::client::Client;
use allocd_types::allocation::{AllocationSpec, ExistingLease, FamilyWish, Pins};
use allocd_types::effect::Effect;
use allocd_types::filter::LeaseFilter;
use allocd_types::holder::Holder;
use allocd_types::host::HostSpec;
use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::lease::Lease;
use allocd_types::name::{HostName, InterfaceLabel, InterfaceName, JailName, NetworkName, PoolName, VrfName};
use allocd_types::network::{NetworkSpec, SubnetSpec};
use allocd_types::time::Span;
use allocd_types::usage::Thresholds;

/// Makes the network `lan` and the host `h1`.
pub(crate) async fn furnish(client: &Client) {
    client.create_network(network(), Effect::Commit).await.expect("make the network");
    client.create_host(host("h1"), Effect::Commit).await.expect("make the host");
}

/// The network `lan`.
pub(crate) fn network() -> NetworkSpec {
    NetworkSpec {
        name: NetworkName::new("lan").expect("a network"),
        vrf: VrfName::unsaid(),
        bridge: InterfaceName::new("bridge0").expect("a bridge"),
        vlan: None,
        mtu: None,
        subnets: vec![SubnetSpec {
            prefix: "10.0.0.0/16".parse().expect("a prefix"),
            gateway: None,
            ranges: Vec::new(),
        }],
        mac_pool: PoolName::unsaid(),
        rename_prefix: None,
        resolvers: Vec::new(),
        quarantine: Span::from_seconds(60),
        free_suspects_after: None,
        thresholds: Thresholds::default(),
        labels: Labels::default(),
    }
}

pub(crate) fn host(name: &str) -> HostSpec {
    let name = HostName::new(name).expect("a host");
    HostSpec { name, bridges: BTreeMap::new(), labels: Labels::default() }
}

/// A lease for a jail on `h1`.
pub(crate) fn jail(name: &str) -> AllocationSpec {
    AllocationSpec {
        holder: Holder {
            host: HostName::new("h1").expect("a host"),
            jail: JailName::new(name).expect("a jail"),
            interface: InterfaceLabel::unsaid(),
        },
        network: NetworkName::new("lan").expect("a network"),
        kind: InterfaceKind::Epair,
        ipv4: FamilyWish::IfSubnets,
        ipv6: FamilyWish::IfSubnets,
        pins: Pins::none(),
        ttl: None,
        existing: ExistingLease::Return,
        labels: Labels::default(),
    }
}

/// Allocates for a jail.
pub(crate) async fn allocate(client: &Client, jail_name: &str) -> Lease {
    client.allocate_lease(jail(jail_name), Effect::Commit).await.expect("a lease").value.lease
}

/// Allocates for jails `{prefix}0`, `{prefix}1`, …
pub(crate) async fn allocate_some(client: &Client, prefix: &str, count: usize) -> Vec<Lease> {
    let mut leases = Vec::new();
    for number in 0..count {
        leases.push(allocate(client, &format!("{prefix}{number}")).await);
    }
    leases
}

/// All leases, in the order of their ids.
pub(crate) async fn all_leases(client: &Client) -> Vec<Lease> {
    client.all_leases(&LeaseFilter::default()).await.expect("the leases").value
}

/// No value is in two leases.
pub(crate) fn assert_unique(leases: &[Lease]) {
    let mut seen = BTreeSet::new();
    for lease in leases {
        for value in values(lease) {
            assert!(seen.insert(value.clone()), "{value} was handed out twice");
        }
    }
}

fn values(lease: &Lease) -> Vec<String> {
    let addresses = lease.addresses.iter().map(|address| format!("{address:?}"));
    addresses
        .chain([format!("{:?}", lease.macs), format!("{}/{:?}", lease.holder.host, lease.index)])
        .collect()
}
