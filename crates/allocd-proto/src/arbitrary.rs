//! Any word of the vocabulary, for property tests. Every strategy gives valid words only.

pub(crate) mod agent;
mod host;
mod lease_ref;
pub(crate) mod recovery;

pub(crate) use agent::migration;
pub(crate) use host::{host, host_spec, host_uuid};
pub(crate) use lease_ref::lease_ref;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use allocd_types::address::{AddressRange, Family, NotAHost, Prefix};
use allocd_types::allocation::{AllocationSpec, ExistingLease, FamilyWish, Pins};
use allocd_types::exclusion::{ExcludedValues, ExclusionSpec};
use allocd_types::holder::Holder;
use allocd_types::id::{Digest, Generation, LeaseId, RequestId, Revision};
use allocd_types::index::UnitIndex;
use allocd_types::kind::{InterfaceKind, MacNeed};
use allocd_types::label::Labels;
use allocd_types::lease::{Lease, LeaseState, LeasedAddress, Suspicion};
use allocd_types::mac::{Mac, MacBlock, Macs};
use allocd_types::name::{HostName, InterfaceName, JailName, NetworkName, PoolName};
use allocd_types::network::{NetworkSpec, RenamePrefix, SubnetSpec};
use allocd_types::pool::{IndexScope, PoolRef, PoolSpec, PoolValues};
use allocd_types::problem::Problem;
use allocd_types::reason::Reason;
use allocd_types::reservation::ReservationSpec;
use allocd_types::time::{Span, WallTime};
use allocd_types::usage::{Counts, Thresholds, Usage, UsageLevel};
use allocd_types::value::{Value, ValueReport, ValueState};
use allocd_types::violation::{Violation, Violations};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// Names of resources.
pub(crate) fn id<T: std::str::FromStr<Err: std::fmt::Debug> + std::fmt::Debug>() -> impl Strategy<Value = T> {
    "[a-z]([a-z0-9-]{0,20}[a-z0-9])?".prop_map(|text| text.parse().unwrap())
}

pub(crate) fn host_name() -> impl Strategy<Value = HostName> {
    "[a-zA-Z]([a-z0-9-]{0,8}[a-z0-9])?(\\.[a-z]{1,8}){0,2}".prop_map(|text| HostName::new(&text).unwrap())
}

pub(crate) fn interface_name() -> impl Strategy<Value = InterfaceName> {
    "[a-z][a-zA-Z0-9_]{0,14}".prop_map(|text| InterfaceName::new(&text).unwrap())
}

pub(crate) fn jail_name() -> impl Strategy<Value = JailName> {
    "[a-zA-Z_][a-zA-Z0-9_]{0,20}".prop_map(|text| JailName::new(&text).unwrap())
}

pub(crate) fn holder() -> impl Strategy<Value = Holder> {
    (host_name(), jail_name(), "[a-z][a-z0-9]{0,14}").prop_map(|(host, jail, interface)| Holder {
        host,
        jail,
        interface: interface.parse().unwrap(),
    })
}

pub(crate) fn request_id() -> impl Strategy<Value = RequestId> {
    "[!-~]{1,64}".prop_map(|text| RequestId::new(&text).unwrap())
}

pub(crate) fn kind() -> impl Strategy<Value = InterfaceKind> {
    select(InterfaceKind::ALL.to_vec())
}

fn indexed_kind() -> impl Strategy<Value = InterfaceKind> {
    kind().prop_filter("a kind with an index", |kind| kind.has_index())
}

pub(crate) fn unit() -> impl Strategy<Value = UnitIndex> {
    (0_u32..=0x7fff).prop_map(|unit| UnitIndex::new(unit).unwrap())
}

fn units() -> impl Strategy<Value = (UnitIndex, UnitIndex)> {
    (unit(), unit()).prop_map(|(one, other)| (one.min(other), one.max(other)))
}

pub(crate) fn mac() -> impl Strategy<Value = Mac> {
    (1_u64..1 << 48).prop_map(|bits| Mac::from_bits(bits & !(1 << 40) | 1))
}

pub(crate) fn macs_of(kind: InterfaceKind) -> BoxedStrategy<Macs> {
    let given = match kind.mac_need() {
        MacNeed::None => return Just(Macs::None).boxed(),
        MacNeed::Single => mac().prop_map(Macs::Single).boxed(),
        MacNeed::Pair => (mac(), mac()).prop_filter_map("two ends", |(a, b)| Macs::pair(a, b).ok()).boxed(),
    };
    prop_oneof![Just(Macs::None), given].boxed()
}

pub(crate) fn ip() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        any::<u32>().prop_map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits))),
        any::<u128>().prop_map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits))),
    ]
}

pub(crate) fn prefix() -> impl Strategy<Value = Prefix> {
    (ip(), 0_u8..=128).prop_map(|(address, length)| {
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let length = length % (bits + 1);
        let host_bits = u32::from(bits - length);
        let mask = u128::MAX.checked_shl(host_bits).unwrap_or(0);
        let first = Family::of(address).address(allocd_types::address::address_bits(address) & mask);
        Prefix::new(first, length).unwrap()
    })
}

fn range() -> impl Strategy<Value = AddressRange> {
    (ip(), ip()).prop_map(|(one, other)| {
        AddressRange::new(one.min(other), one.max(other)).unwrap_or(AddressRange::single(one))
    })
}

pub(crate) fn labels() -> impl Strategy<Value = Labels> {
    btree_map("[a-z][a-z0-9._-]{0,20}", "[^\\p{Cc}]{0,40}", 0..4).prop_map(|map| {
        let mut wrong = Violations::default();
        let labels = Labels::check("labels", map, &mut wrong);
        assert!(wrong.is_empty(), "{wrong}");
        labels
    })
}

pub(crate) fn ttl() -> impl Strategy<Value = Span> {
    (10_000_u64..=315_360_000_000).prop_map(Span::from_millis)
}

fn quarantine() -> impl Strategy<Value = Span> {
    (0_u64..=2_592_000_000).prop_map(Span::from_millis)
}

fn free_suspects_after() -> impl Strategy<Value = Span> {
    (3_600_000_u64..=31_536_000_000).prop_map(Span::from_millis)
}

fn thresholds() -> impl Strategy<Value = Thresholds> {
    (0_u8..=100, 0_u8..=100).prop_map(|(one, other)| Thresholds {
        warning_percent: one.min(other),
        critical_percent: one.max(other),
    })
}

prop_compose! {
    fn subnet()(third in any::<u8>(), with_gateway: bool, with_range: bool) -> SubnetSpec {
        let host = |last| IpAddr::from([10, 0, third, last]);
        SubnetSpec {
            prefix: Prefix::new(host(0), 24).unwrap(),
            gateway: with_gateway.then(|| host(1)),
            ranges: with_range.then(|| AddressRange::new(host(9), host(99)).unwrap()).into_iter().collect(),
        }
    }
}

prop_compose! {
    pub(crate) fn network()(
        (name, vrf, mac_pool) in (id::<NetworkName>(), id(), id()),
        bridge in interface_name(),
        (vlan, mtu) in (option::of(1_u16..=4094), option::of(68_u16..=16384)),
        subnets in vec(subnet(), 0..3),
        rename_prefix in option::of(select(vec!["jail", "net", "x"])),
        resolvers in vec(ip(), 0..3),
        (quarantine, free_suspects_after) in (quarantine(), option::of(free_suspects_after())),
        (thresholds, labels) in (thresholds(), labels()),
    ) -> NetworkSpec {
        let mut distinct: Vec<SubnetSpec> = Vec::new();
        for subnet in subnets {
            if distinct.iter().all(|other| other.prefix != subnet.prefix) {
                distinct.push(subnet);
            }
        }
        let rename_prefix = rename_prefix.map(|prefix| RenamePrefix::new(prefix).unwrap());
        NetworkSpec {
            name, vrf, bridge, vlan, mtu, subnets: distinct, mac_pool, rename_prefix, resolvers, quarantine,
            free_suspects_after, thresholds, labels,
        }
    }
}

fn pool_values() -> impl Strategy<Value = PoolValues> {
    let blocks = btree_map(any::<u8>(), Just(()), 0..4).prop_map(|blocks| {
        let block = |third| MacBlock::new(Mac::new([0x12, 0x34, third, 0, 0, 0]), 24).unwrap();
        PoolValues::Mac { blocks: blocks.into_keys().map(block).collect() }
    });
    let scope = select(vec![IndexScope::Host, IndexScope::Cluster]);
    let indices = (indexed_kind(), units(), scope)
        .prop_map(|(kind, (first, last), scope)| PoolValues::Index { kind, first, last, scope });
    prop_oneof![blocks, indices]
}

prop_compose! {
    pub(crate) fn pool()(
        name in id::<PoolName>(),
        values in pool_values(),
        (quarantine, thresholds, labels) in (quarantine(), thresholds(), labels()),
    ) -> PoolSpec {
        PoolSpec { name, values, quarantine, thresholds, labels }
    }
}

pub(crate) fn pool_ref() -> impl Strategy<Value = PoolRef> {
    let family = select(vec![Family::V4, Family::V6]);
    prop_oneof![
        id().prop_map(PoolRef::Mac),
        (host_name(), kind()).prop_map(|(host, kind)| PoolRef::HostIndex(host, kind)),
        kind().prop_map(PoolRef::ClusterIndex),
        (id(), prefix()).prop_map(|(network, prefix)| PoolRef::Subnet(network, prefix)),
        (id(), family).prop_map(|(network, family)| PoolRef::Family(network, family)),
    ]
}

prop_compose! {
    pub(crate) fn usage()(
        pool in pool_ref(),
        // A fifth of all numbers each, so that the total is one too.
        counts in proptest::array::uniform5(0..=u128::MAX / 5),
        level in select(vec![UsageLevel::Normal, UsageLevel::Warning, UsageLevel::Critical]),
        next_free_in in option::of(any::<u64>().prop_map(Span::from_millis)),
    ) -> Usage {
        let [free, leased, reserved, quarantined, excluded] = counts;
        let counts = Counts { free, leased, reserved, quarantined, excluded };
        Usage { pool, counts, level, next_free_in }
    }
}

pub(crate) fn reservation() -> impl Strategy<Value = ReservationSpec> {
    (kind(), holder()).prop_flat_map(|(kind, holder)| {
        // One address at least: a reservation sets something aside.
        let words = (id(), id(), option::of(unit()), macs_of(kind), vec(ip(), 1..3), labels());
        words.prop_map(move |(name, network, index, macs, addresses, labels)| ReservationSpec {
            name,
            holder: holder.clone(),
            network,
            kind,
            index,
            macs,
            addresses,
            labels,
        })
    })
}

pub(crate) fn exclusion() -> impl Strategy<Value = ExclusionSpec> {
    let macs = (mac(), mac())
        .prop_map(|(one, other)| ExcludedValues::Macs { first: one.min(other), last: one.max(other) });
    let indices = (host_name(), indexed_kind(), units())
        .prop_map(|(host, kind, (first, last))| ExcludedValues::Indices { host, kind, first, last });
    let addresses = (id(), range()).prop_map(|(vrf, range)| ExcludedValues::Addresses { vrf, range });
    (id(), prop_oneof![addresses, macs, indices], "[^\\p{Cc}]{0,30}", labels())
        .prop_map(|(name, values, reason, labels)| ExclusionSpec { name, values, reason, labels })
}

pub(crate) fn generation() -> impl Strategy<Value = Generation> {
    any::<(u32, u64)>()
        .prop_map(|(timeline, revision)| Generation { timeline, revision: Revision::new(revision) })
}

pub(crate) fn lease_id() -> impl Strategy<Value = LeaseId> {
    any::<u64>().prop_map(LeaseId::new)
}

prop_compose! {
    fn leased_address()(
        subnet in prefix(), offset: u128, gateway in option::of(ip()), vrf in id(),
    ) -> LeasedAddress {
        let first = allocd_types::address::address_bits(subnet.first());
        let last = allocd_types::address::address_bits(subnet.last());
        let bits = first + (last - first).checked_add(1).map_or(offset, |size| offset % size);
        LeasedAddress { address: subnet.family().address(bits), subnet, gateway, vrf }
    }
}

fn suspicion() -> impl Strategy<Value = Suspicion> {
    (any::<u64>(), option::of(any::<u64>())).prop_map(|(lost_for, ends_in)| Suspicion {
        lost_for: Span::from_millis(lost_for),
        ends_in: ends_in.map(Span::from_millis),
    })
}

pub(crate) fn lease() -> impl Strategy<Value = Lease> {
    let named = (lease_id(), holder(), id(), labels());
    let linked = kind().prop_flat_map(|kind| (Just(kind), macs_of(kind), option::of(unit())));
    let on_host = (option::of(interface_name()), option::of(interface_name()), interface_name());
    let on_wire =
        (vec(leased_address(), 0..3), option::of(any::<u16>()), option::of(any::<u16>()), vec(ip(), 0..3));
    let lives = (generation(), option::of(any::<u64>()), any::<u64>(), any::<[bool; 3]>());
    let stands = (select(LeaseState::ALL.to_vec()), option::of(migration()), option::of(suspicion()));
    let all = (named, linked, on_host, on_wire, lives, stands);
    all.prop_map(|(named, linked, on_host, on_wire, lives, stands)| Lease {
        id: named.0,
        holder: named.1,
        network: named.2,
        kind: linked.0,
        index: linked.2,
        ifname_a: on_host.0,
        ifname_b: on_host.1,
        macs: linked.1,
        mac_beside: linked.1.a().filter(|_| lives.3[2]).map(Mac::beside),
        addresses: on_wire.0,
        bridge: on_host.2,
        vlan: on_wire.1,
        mtu: on_wire.2,
        resolvers: on_wire.3,
        state: stands.0,
        is_delivered: lives.3[1],
        migration: stands.1,
        suspicion: stands.2,
        generation: lives.0,
        remaining: lives.1.map(Span::from_millis),
        is_unconfirmed: lives.3[0],
        granted_at: WallTime::from_unix_millis(lives.2),
        labels: named.3,
    })
}

pub(crate) fn allocation() -> impl Strategy<Value = AllocationSpec> {
    let wish = || select(vec![FamilyWish::IfSubnets, FamilyWish::Required, FamilyWish::Unwanted]);
    let existing = select(vec![ExistingLease::Return, ExistingLease::Refuse]);
    let named = (holder(), id(), option::of(ttl()), labels());
    let linked =
        kind().prop_flat_map(|kind| (Just(kind), macs_of(kind), option::of(unit()), vec(ip(), 0..3)));
    (named, linked, wish(), wish(), existing).prop_map(|(named, linked, ipv4, ipv6, existing)| {
        AllocationSpec {
            holder: named.0,
            network: named.1,
            kind: linked.0,
            ipv4,
            ipv6,
            pins: Pins { index: linked.2, macs: linked.1, addresses: linked.3 },
            ttl: named.2,
            existing,
            labels: named.3,
        }
    })
}

pub(crate) fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        (host_name(), kind(), unit()).prop_map(|(host, kind, index)| Value::Index(host, kind, index)),
        mac().prop_map(Value::Mac),
        (id(), ip()).prop_map(|(vrf, address)| Value::Address(vrf, address)),
    ]
}

pub(crate) fn not_a_host() -> impl Strategy<Value = NotAHost> {
    select(vec![NotAHost::Network, NotAHost::Broadcast, NotAHost::SubnetRouterAnycast, NotAHost::Gateway])
}

prop_compose! {
    pub(crate) fn value_report()(
        value in value(),
        state in select(vec![
            ValueState::Free, ValueState::Leased, ValueState::Reserved, ValueState::Quarantined,
            ValueState::Excluded, ValueState::Foreign,
        ]),
        (pool, lease) in (option::of(pool_ref()), option::of(lease())),
        (last_lease, last_holder) in (option::of(lease_id()), option::of(holder())),
        rests_for in option::of(any::<u64>().prop_map(Span::from_millis)),
        (reservations, exclusions) in (vec(reservation(), 0..2), vec(exclusion(), 0..2)),
        never_a_host in option::of(not_a_host()),
    ) -> ValueReport {
        ValueReport {
            value, state, pool, lease, last_lease, last_holder, rests_for, reservations, exclusions, never_a_host,
        }
    }
}

pub(crate) fn digest() -> impl Strategy<Value = Digest> {
    any::<[u8; 32]>().prop_map(Digest)
}

prop_compose! {
    pub(crate) fn problem()(
        reason in select(Reason::ALL.to_vec()),
        message in "[^\\p{Cc}]{1,40}",
        hint in option::of("[^\\p{Cc}]{1,40}"),
        resource in option::of(("[a-z]{1,12}", ".{0,20}")),
        metadata in btree_map("[a-z_]{1,12}", "\\PC{0,20}", 0..3),
        violations in vec(("[a-z.\\[\\]0-9]{1,20}", "\\PC{1,40}"), 0..4),
        retry_after in option::of(0_u64..1 << 48),
    ) -> Problem {
        let violation = |(field, description)| Violation { field, description };
        let metadata: BTreeMap<String, String> = metadata;
        Problem {
            reason, message, hint, resource, metadata,
            violations: violations.into_iter().map(violation).collect::<Vec<_>>().into(),
            retry_after: retry_after.map(Span::from_millis),
        }
    }
}
