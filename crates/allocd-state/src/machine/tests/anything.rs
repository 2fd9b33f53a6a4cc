//! Every command a client can build, over values so few that everything meets everything: nothing panics, no invariant
//! breaks, every pool stays partitioned, and the events alone rebuild the allocation state.

use std::collections::BTreeMap;

use allocd_types::allocation::{
    AllocationSpec, ExistingLease, FamilyWish, LeaseRef, MissingResource, Pins, ReleaseSpec, RenewalSpec,
    Teardown,
};
use allocd_types::exclusion::{ExcludedValues, ExclusionSpec};
use allocd_types::grant::BatchMode;
use allocd_types::host::{HostRegistration, HostSpec, HostUuid, SeenOnHost};
use allocd_types::id::{Generation, LeaseId, Revision};
use allocd_types::import::{BadLines, ImportFragment, ImportLine, ImportSpec};
use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::mac::{Mac, MacBlock, Macs};
use allocd_types::name::{HostName, InterfaceName, JailName, NetworkName, PoolName, VrfName};
use allocd_types::network::{NetworkSpec, SubnetSpec};
use allocd_types::pool::{IndexScope, PoolSpec, PoolValues};
use allocd_types::reservation::ReservationSpec;
use allocd_types::time::Span;
use allocd_types::usage::Thresholds;
use allocd_types::violation::Violations;
use proptest::prelude::*;
use proptest::sample::select;

use super::scene::{Scene, lan};
use crate::command::Command;
use crate::evolve::evolve;
use crate::interval::length;
use crate::state::State;

/// Prefixes with their gateways: ordinary ones, those without special addresses, huge ones, and some that overlap.
const SUBNETS: [(&str, Option<&str>, &str); 13] = [
    ("10.0.0.0/29", Some("10.0.0.1"), "10.0.0.0-10.0.0.3"),
    ("10.0.0.0/29", Some("10.0.0.2"), "10.0.0.5-10.0.0.7"),
    ("10.0.0.4/30", None, "10.0.0.4"),
    ("10.0.0.8/31", Some("10.0.0.8"), "10.0.0.8-10.0.0.9"),
    ("10.0.0.10/32", None, "10.0.0.10"),
    ("128.0.0.0/1", None, "255.255.255.255"),
    ("10.0.0.0/8", None, "10.0.0.3-10.0.0.200"),
    ("fd00::/64", Some("fe80::1"), "fd00::-fd00::2"),
    ("fd00::/127", Some("fd00::1"), "fd00::-fd00::1"),
    ("fd00::2/128", None, "fd00::2"),
    ("8000::/1", None, "ffff::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("fd00::/126", None, "fd00::1-fd00::3"),
    ("2001:db8::/32", None, "2001:db8::-2001:db8::1"),
];

fn address() -> impl Strategy<Value = std::net::IpAddr> {
    let v4 = (0_u32..12).prop_map(|last| std::net::IpAddr::V4((0x0a00_0000 + last).into()));
    let v6 = (0_u128..5).prop_map(|last| std::net::IpAddr::V6(((0xfd00_u128 << 112) + last).into()));
    let odd = select(vec![
        "255.255.255.255",
        "255.255.255.254",
        "8000::",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ]);
    prop_oneof![6 => v4, 3 => v6, 1 => odd.prop_map(|text| text.parse().unwrap())]
}

fn network_name() -> impl Strategy<Value = NetworkName> {
    select(vec!["lan", "wan"]).prop_map(|name| NetworkName::new(name).unwrap())
}

fn pool_name() -> impl Strategy<Value = PoolName> {
    select(vec!["default", "p", "q"]).prop_map(|name| PoolName::new(name).unwrap())
}

fn vrf() -> impl Strategy<Value = VrfName> {
    select(vec!["default", "default", "lab"]).prop_map(|name| VrfName::new(name).unwrap())
}

/// Hosts, some twice in another case.
fn host_name() -> impl Strategy<Value = HostName> {
    select(vec!["h1", "H1", "h2", "h3.Example"]).prop_map(|name| HostName::new(name).unwrap())
}

fn jail_name() -> impl Strategy<Value = JailName> {
    select(vec!["a", "b", "c", "foo_bar"]).prop_map(|name| JailName::new(name).unwrap())
}

fn bridge() -> impl Strategy<Value = InterfaceName> {
    select(vec!["bridge300", "bridge300", "br1"]).prop_map(|name| InterfaceName::new(name).unwrap())
}

fn holder() -> impl Strategy<Value = allocd_types::holder::Holder> {
    (host_name(), jail_name(), select(vec!["net0", "net1"])).prop_map(|(host, jail, interface)| {
        let interface = interface.parse().unwrap();
        allocd_types::holder::Holder { host, jail, interface }
    })
}

fn kind() -> impl Strategy<Value = InterfaceKind> {
    let epair = InterfaceKind::Epair;
    select([InterfaceKind::ALL.as_slice(), &[epair, epair, epair]].concat())
}

fn unit() -> impl Strategy<Value = UnitIndex> {
    select(vec![0, 0, 1, 2, 3, 32_767]).prop_map(|unit| UnitIndex::new(unit).unwrap())
}

fn mac() -> impl Strategy<Value = Mac> {
    prop_oneof![
        4 => (0_u64..10).prop_map(|low| Mac::from_bits(0x1200_0000_0000 + low)),
        1 => (0_u64..3).prop_map(|low| Mac::from_bits(0x0203_4430_2000 + low)),
        1 => Just(Mac::from_bits(0xffff_ffff_ffff)),
    ]
}

fn macs() -> impl Strategy<Value = Macs> {
    let single =
        || mac().prop_filter_map("usable", |mac| mac.check_usable().is_ok().then_some(Macs::Single(mac)));
    let pair = (mac(), mac()).prop_filter_map("usable", |(a, b)| Macs::pair(a, b).ok());
    prop_oneof![2 => pair, 1 => single()]
}

fn missing() -> impl Strategy<Value = MissingResource> {
    select(vec![MissingResource::Allow, MissingResource::Refuse])
}

fn network() -> impl Strategy<Value = NetworkSpec> {
    let subnet = (select(SUBNETS.to_vec()), any::<bool>(), any::<bool>());
    let subnets = prop::collection::vec(subnet, 0..4);
    let keeps = prop::option::of((0_u32..900).prop_map(Span::from_seconds));
    (network_name(), vrf(), bridge(), subnets, pool_name(), 0_u32..3, keeps).prop_filter_map(
        "a network that passes its check",
        |(name, vrf, bridge, subnets, mac_pool, quarantine, free_suspects_after)| {
            let subnets = subnets.into_iter().map(|((prefix, gateway, range), routed, ranged)| SubnetSpec {
                prefix: prefix.parse().unwrap(),
                gateway: gateway.filter(|_| routed).map(|gateway| gateway.parse().unwrap()),
                ranges: ranged.then(|| range.parse().unwrap()).into_iter().collect(),
            });
            let (subnets, quarantine) = (subnets.collect(), Span::from_seconds(quarantine * 600));
            let spec = NetworkSpec { name, vrf, bridge, subnets, mac_pool, quarantine, ..lan("lan", &[]) };
            let spec = NetworkSpec { free_suspects_after, ..spec };
            let mut violations = Violations::default();
            spec.check("network", &mut violations);
            violations.is_empty().then_some(spec)
        },
    )
}

fn pool() -> impl Strategy<Value = PoolSpec> {
    let block = (0_u64..5, 45_u8..48).prop_filter_map("aligned", |(low, bits)| {
        MacBlock::new(Mac::from_bits(0x1200_0000_0000 + low * 2), bits).ok()
    });
    let scope = select(vec![IndexScope::Host, IndexScope::Cluster]);
    let values = prop_oneof![
        prop::collection::vec(block, 0..3).prop_map(|blocks| PoolValues::Mac { blocks }),
        (kind(), unit(), unit(), scope).prop_map(|(kind, first, last, scope)| PoolValues::Index {
            kind,
            first,
            last,
            scope
        }),
    ];
    (pool_name(), values, 0_u32..3).prop_filter_map(
        "a pool that passes its check",
        |(name, values, quarantine)| {
            let (quarantine, thresholds) = (Span::from_seconds(quarantine * 300), Thresholds::default());
            let spec = PoolSpec { name, values, quarantine, thresholds, labels: Labels::default() };
            let mut violations = Violations::default();
            spec.check("pool", &mut violations);
            violations.is_empty().then_some(spec)
        },
    )
}

fn host() -> impl Strategy<Value = HostSpec> {
    let bridges = prop::collection::btree_map(network_name(), bridge(), 0..2);
    (host_name(), bridges).prop_map(|(name, bridges)| HostSpec { name, bridges, labels: Labels::default() })
}

fn uuid() -> impl Strategy<Value = HostUuid> {
    (1_u8..4).prop_map(|last| HostUuid::new(&format!("00000000-0000-0000-0000-00000000000{last}")).unwrap())
}

fn pins() -> impl Strategy<Value = Pins> {
    let few = prop::collection::vec(address(), 0..3);
    let index = prop::option::weighted(0.3, unit());
    (index, prop::option::weighted(0.3, macs()), few, any::<bool>()).prop_map(
        |(index, macs, addresses, some)| {
            let addresses = if some { addresses } else { Vec::new() };
            Pins { index, macs: macs.unwrap_or(Macs::None), addresses }
        },
    )
}

fn allocation() -> impl Strategy<Value = AllocationSpec> {
    let wish = || {
        select(vec![FamilyWish::IfSubnets, FamilyWish::IfSubnets, FamilyWish::Required, FamilyWish::Unwanted])
    };
    let ttl = prop::option::weighted(0.3, (10_u32..900).prop_map(Span::from_seconds));
    let existing = select(vec![ExistingLease::Return, ExistingLease::Return, ExistingLease::Refuse]);
    (holder(), network_name(), kind(), wish(), wish(), pins(), ttl, existing).prop_map(
        |(holder, network, kind, ipv4, ipv6, pins, ttl, existing)| AllocationSpec {
            holder,
            network,
            kind,
            ipv4,
            ipv6,
            pins,
            ttl,
            existing,
            labels: Labels::default(),
        },
    )
}

fn reservation() -> impl Strategy<Value = ReservationSpec> {
    (0_u8..3, holder(), network_name(), kind(), pins()).prop_map(|(at, holder, network, kind, pins)| {
        ReservationSpec {
            name: format!("r{at}").parse().unwrap(),
            holder,
            network,
            kind,
            index: pins.index,
            macs: pins.macs,
            addresses: pins.addresses,
            labels: Labels::default(),
        }
    })
}

fn exclusion() -> impl Strategy<Value = ExclusionSpec> {
    let addresses = (vrf(), address(), address()).prop_filter_map("in order", |(vrf, first, last)| {
        let range = allocd_types::address::AddressRange::new(first, last).ok()?;
        Some(ExcludedValues::Addresses { vrf, range })
    });
    let everything = select(vec!["0.0.0.0-255.255.255.255", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]);
    let everything = everything.prop_map(|range| ExcludedValues::Addresses {
        vrf: VrfName::unsaid(),
        range: range.parse().unwrap(),
    });
    let macs = (mac(), mac())
        .prop_map(|(one, other)| ExcludedValues::Macs { first: one.min(other), last: one.max(other) });
    let indices = (host_name(), kind(), unit(), unit()).prop_map(|(host, kind, one, other)| {
        ExcludedValues::Indices { host, kind, first: one.min(other), last: one.max(other) }
    });
    let values = prop_oneof![4 => addresses, 1 => everything, 3 => macs, 3 => indices];
    (0_u8..4, values).prop_map(|(at, values)| ExclusionSpec {
        name: format!("x{at}").parse().unwrap(),
        values,
        reason: String::new(),
        labels: Labels::default(),
    })
}

fn import() -> impl Strategy<Value = ImportSpec> {
    let line = (host_name(), bridge(), jail_name(), address(), unit());
    let line = line.prop_map(|(host, bridge, jail, address, index)| ImportLine {
        number: 0,
        host,
        bridge,
        original_jail: jail.to_string(),
        jail,
        version: "20140606".to_owned(),
        address,
        index,
    });
    let fragment = (
        prop::option::of(host_name()),
        prop::option::of(bridge()),
        prop::option::of(address()),
        prop::option::of(unit()),
    );
    let fragment = fragment.prop_map(|(host, bridge, address, index)| ImportFragment {
        number: 0,
        host,
        bridge,
        address,
        index,
    });
    let bad = select(vec![BadLines::Refuse, BadLines::Skip, BadLines::Skip]);
    let (lines, fragments) = (prop::collection::vec(line, 0..4), prop::collection::vec(fragment, 0..2));
    (lines, fragments, prop::option::of(network_name()), bad).prop_map(
        |(mut lines, mut fragments, network, bad_lines)| {
            for (line, number) in lines.iter_mut().zip(1..) {
                line.number = number;
            }
            for (fragment, number) in fragments.iter_mut().zip(100..) {
                fragment.number = number;
            }
            ImportSpec { lines, fragments, network, bad_lines }
        },
    )
}

fn lease_ref() -> impl Strategy<Value = LeaseRef> {
    prop_oneof![
        4 => holder().prop_map(LeaseRef::Holder),
        1 => (1_u64..20).prop_map(|id| LeaseRef::Id(LeaseId::new(id))),
    ]
}

fn generation() -> impl Strategy<Value = Option<Generation>> {
    prop::option::weighted(
        0.2,
        (1_u64..20).prop_map(|revision| Generation { timeline: 1, revision: Revision::new(revision) }),
    )
}

fn deletion() -> impl Strategy<Value = Command> {
    prop_oneof![
        (network_name(), missing()).prop_map(|(name, missing)| Command::DeleteNetwork(name, missing)),
        (pool_name(), missing()).prop_map(|(name, missing)| Command::DeletePool(name, missing)),
        (host_name(), missing()).prop_map(|(name, missing)| Command::DeleteHost(name, missing)),
        (0_u8..3, missing()).prop_map(|(at, missing)| {
            Command::DeleteReservation(format!("r{at}").parse().unwrap(), missing)
        }),
        (0_u8..4, missing())
            .prop_map(|(at, missing)| Command::DeleteExclusion(format!("x{at}").parse().unwrap(), missing)),
    ]
}

pub(super) fn command() -> impl Strategy<Value = Command> {
    let mode = select(vec![BatchMode::AllOrNothing, BatchMode::PartialOk]);
    let ttl = prop::option::of((10_u32..900).prop_map(Span::from_seconds));
    prop_oneof![
        3 => Just(Command::Tick),
        2 => network().prop_map(Command::CreateNetwork),
        2 => network().prop_map(Command::UpdateNetwork),
        2 => pool().prop_map(Command::CreatePool),
        2 => pool().prop_map(Command::UpdatePool),
        2 => host().prop_map(Command::CreateHost),
        1 => (host_name(), uuid()).prop_map(|(host, uuid)| Command::RegisterHost(HostRegistration { host, uuid, release: None, seen: SeenOnHost::default() })),
        3 => reservation().prop_map(Command::CreateReservation),
        3 => exclusion().prop_map(Command::CreateExclusion),
        4 => deletion(),
        9 => allocation().prop_map(Command::Allocate),
        2 => (prop::collection::vec(allocation(), 0..4), mode).prop_map(|(all, mode)| Command::BatchAllocate(all, mode)),
        1 => (lease_ref(), generation(), ttl)
            .prop_map(|(lease, generation, ttl)| Command::Renew(RenewalSpec { lease, generation, ttl })),
        4 => (lease_ref(), generation(), missing())
            .prop_map(|(lease, generation, missing)| Command::Release(ReleaseSpec { lease, generation, missing, teardown: Teardown::Awaited })),
        2 => import().prop_map(Command::Import),
    ]
}

/// No value has two holders, told from the leases alone; MACs are unique in the cluster, addresses in their VRF.
fn no_value_is_held_twice(state: &State) {
    let mut held = BTreeMap::new();
    for record in state.leases() {
        let lease = state.told(record);
        let addresses = lease.addresses.iter().map(|held| format!("{} in {}", held.address, held.vrf));
        assert_eq!(lease.addresses.len(), record.addresses.len(), "{lease:?} lost an address");
        let unit = lease.index.map(|index| format!("{}{index} on {:?}", lease.kind, lease.holder.host));
        let values = addresses.chain(lease.macs.iter().map(|mac| mac.to_string())).chain(unit);
        for value in values {
            let value = value.to_lowercase();
            assert_eq!(held.insert(value.clone(), lease.id), None, "{value} is held twice");
        }
    }
}

/// Free, leased, reserved, quarantined and excluded values are all values of the pool.
fn every_pool_is_partitioned(state: &State) {
    for reference in state.allocations.space_refs() {
        let space = state.space(&reference).unwrap();
        let size = space.ranges().iter().map(|(first, last)| length(*first, *last)).sum::<u128>();
        assert_eq!(space.counts().total(), size, "{reference:?}");
    }
    for usage in state.usages() {
        assert!(usage.counts.total() > 0 || usage.counts.free == 0, "{usage:?}");
    }
}

proptest! {
    #[test]
    fn no_command_panics_or_breaks_an_invariant(
        steps in prop::collection::vec((command(), 0_u64..400), 0..60)
    ) {
        let mut scene = Scene::empty();
        scene.yes(Command::CreateNetwork(lan("lan", &[("10.0.0.0/29", Some("10.0.0.1")), ("fd00::/126", None)])));
        for name in ["h1", "h2"] {
            scene.yes(Command::CreateHost(super::scene::host(name)));
        }
        for (command, seconds) in steps {
            scene.pass(seconds);
            let before = scene.machine.state().clone();
            // The scene runs the self-check after each command.
            let applied = scene.say(command);
            let state = scene.machine.state();
            if applied.events.is_empty() {
                prop_assert_eq!(before.digest(), state.digest());
            }
            no_value_is_held_twice(state);
            every_pool_is_partitioned(state);
        }
        let mut replayed = State::default();
        for event in &scene.events {
            evolve(&mut replayed, event);
        }
        prop_assert_eq!(replayed.digest(), scene.machine.state().digest());
    }
}
