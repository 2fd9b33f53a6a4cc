//! Any value of each type that a command is made of.

use std::net::IpAddr;

use allocd_state::command::{Command, Entry, Request};
use allocd_types::address::{AddressRange, Family, Prefix};
use allocd_types::allocation::*;
use allocd_types::exclusion::{ExcludedValues, ExclusionSpec};
use allocd_types::grant::BatchMode;
use allocd_types::holder::Holder;
use allocd_types::host::HostSpec;
use allocd_types::id::*;
use allocd_types::import::{BadLines, ImportFragment, ImportLine, ImportSpec};
use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::mac::{Mac, MacBlock, Macs};
use allocd_types::name::*;
use allocd_types::network::{NetworkSpec, RenamePrefix, SubnetSpec};
use allocd_types::pool::{IndexScope, PoolSpec, PoolValues};
use allocd_types::recovery::{OtherHosts, RecoveryConfirmation, SkipTo};
use allocd_types::reservation::ReservationSpec;
use allocd_types::time::{ClusterTime, Span, WallTime};
use allocd_types::usage::Thresholds;
use allocd_types::violation::Violations;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use super::any_agent;

pub(super) fn entry() -> impl Strategy<Value = Entry> {
    let stamp = (any::<u64>(), any::<u64>(), any::<u64>(), any::<u64>());
    (stamp, vec(request(), 0..3)).prop_map(|((index, stamped_at, labelled_at, entropy), commands)| Entry {
        index,
        stamped_at: ClusterTime::from_millis(stamped_at),
        labelled_at: WallTime::from_unix_millis(labelled_at),
        entropy,
        commands,
    })
}

pub(super) fn request() -> impl Strategy<Value = Request> {
    ("[!-~]{1,64}", "[!-~]{1,128}", any::<u64>(), command()).prop_map(|(id, caller, expires_at, command)| {
        Request {
            request_id: RequestId::new(&id).unwrap(),
            caller: Caller::new(&caller).unwrap(),
            expires_at: ClusterTime::from_millis(expires_at),
            command,
        }
    })
}

pub(super) fn command() -> impl Strategy<Value = Command> {
    let deletions = prop_oneof![
        (name(NetworkName::new), missing()).prop_map(|(name, missing)| Command::DeleteNetwork(name, missing)),
        (name(PoolName::new), missing()).prop_map(|(name, missing)| Command::DeletePool(name, missing)),
        (host_name(), missing()).prop_map(|(name, missing)| Command::DeleteHost(name, missing)),
        (name(ReservationName::new), missing())
            .prop_map(|(name, missing)| Command::DeleteReservation(name, missing)),
        (name(ExclusionName::new), missing())
            .prop_map(|(name, missing)| Command::DeleteExclusion(name, missing)),
    ];
    let resources = prop_oneof![
        network().prop_map(Command::CreateNetwork),
        network().prop_map(Command::UpdateNetwork),
        pool().prop_map(Command::CreatePool),
        pool().prop_map(Command::UpdatePool),
        host().prop_map(Command::CreateHost),
        reservation().prop_map(Command::CreateReservation),
        exclusion().prop_map(Command::CreateExclusion),
    ];
    let modes = vec![BatchMode::AllOrNothing, BatchMode::PartialOk];
    let leases = prop_oneof![
        allocation().prop_map(Command::Allocate),
        (vec(allocation(), 0..3), select(modes))
            .prop_map(|(specs, mode)| Command::BatchAllocate(specs, mode)),
        (lease_ref(), of(generation()), of(span()))
            .prop_map(|(lease, generation, ttl)| Command::Renew(RenewalSpec { lease, generation, ttl })),
        (lease_ref(), of(generation()), missing(), any::<bool>()).prop_map(
            |(lease, generation, missing, stated)| {
                let teardown = if stated { Teardown::Stated } else { Teardown::Awaited };
                Command::Release(ReleaseSpec { lease, generation, missing, teardown })
            }
        ),
        import().prop_map(Command::Import),
    ];
    let recovery = prop_oneof![
        (btree_set(host_name(), 0..3), any::<bool>()).prop_map(|(hosts, none)| {
            let others = if none { OtherHosts::None } else { OtherHosts::Unsaid };
            Command::ConfirmRecovery(RecoveryConfirmation { hosts, others })
        }),
        skip().prop_map(Command::SkipTo),
    ];
    prop_oneof![Just(Command::Tick), deletions, resources, leases, recovery, any_agent::command()]
}

fn skip() -> impl Strategy<Value = SkipTo> {
    prop_oneof![
        (name(NetworkName::new), address()).prop_map(|(network, last)| SkipTo::Addresses { network, last }),
        (host_name(), kind(), unit()).prop_map(|(host, kind, last)| SkipTo::Indices { host, kind, last }),
        name(PoolName::new).prop_map(|pool| SkipTo::Macs { pool }),
    ]
}

pub(super) fn name<T: std::fmt::Debug>(make: fn(&str) -> Result<T, NameError>) -> impl Strategy<Value = T> {
    "[a-z][a-z0-9]{0,14}".prop_map(move |text| make(&text).unwrap())
}

pub(super) fn host_name() -> impl Strategy<Value = HostName> {
    "[A-Za-z0-9]{1,20}(\\.[a-z0-9]{1,10}){0,2}".prop_map(|text| HostName::new(&text).unwrap())
}

pub(super) fn jail_name() -> impl Strategy<Value = JailName> {
    "[A-Za-z_][A-Za-z0-9_]{0,20}".prop_map(|text| JailName::new(&text).unwrap())
}

pub(super) fn missing() -> impl Strategy<Value = MissingResource> {
    select(vec![MissingResource::Allow, MissingResource::Refuse])
}

pub(super) fn span() -> impl Strategy<Value = Span> {
    any::<u64>().prop_map(Span::from_millis)
}

pub(super) fn labels() -> impl Strategy<Value = Labels> {
    btree_map("[a-z][a-z0-9._-]{0,8}", "\\PC{0,20}", 0..3)
        .prop_map(|map| Labels::check("labels", map, &mut Violations::default()))
}

pub(super) fn kind() -> impl Strategy<Value = InterfaceKind> {
    select(InterfaceKind::ALL.to_vec())
}

pub(super) fn unit() -> impl Strategy<Value = UnitIndex> {
    (0..=32_767_u32).prop_map(|unit| UnitIndex::new(unit).unwrap())
}

pub(super) fn mac() -> impl Strategy<Value = Mac> {
    any::<[u8; 6]>().prop_map(Mac::new)
}

pub(super) fn macs() -> impl Strategy<Value = Macs> {
    prop_oneof![
        Just(Macs::None),
        mac().prop_map(Macs::Single),
        (mac(), mac()).prop_map(|(a, b)| Macs::Pair { a, b }),
    ]
}

pub(super) fn family() -> impl Strategy<Value = Family> {
    select(vec![Family::V4, Family::V6])
}

pub(super) fn address() -> impl Strategy<Value = IpAddr> {
    (family(), any::<u128>()).prop_map(|(family, bits)| family.address(bits))
}

pub(super) fn range() -> impl Strategy<Value = AddressRange> {
    (family(), any::<u128>(), any::<u128>()).prop_map(|(family, one, other)| {
        let (one, other) = (family.address(one), family.address(other));
        AddressRange::new(one.min(other), one.max(other)).unwrap()
    })
}

pub(super) fn prefix() -> impl Strategy<Value = Prefix> {
    (address(), 0..=128_u8).prop_map(|(address, length)| {
        let network = match address {
            IpAddr::V4(v4) => ipv4_prefix(v4.to_bits(), length % 33),
            IpAddr::V6(v6) => ipv6_prefix(v6.to_bits(), length),
        };
        Prefix::new(network.0, network.1).unwrap()
    })
}

pub(super) fn ipv4_prefix(bits: u32, length: u8) -> (IpAddr, u8) {
    let mask = u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
    (Family::V4.address(u128::from(bits & mask)), length)
}

pub(super) fn ipv6_prefix(bits: u128, length: u8) -> (IpAddr, u8) {
    let mask = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
    (Family::V6.address(bits & mask), length)
}

pub(super) fn thresholds() -> impl Strategy<Value = Thresholds> {
    (any::<u8>(), any::<u8>())
        .prop_map(|(warning_percent, critical_percent)| Thresholds { warning_percent, critical_percent })
}

pub(super) fn holder() -> impl Strategy<Value = Holder> {
    (host_name(), jail_name(), name(InterfaceLabel::new)).prop_map(|(host, jail, interface)| Holder {
        host,
        jail,
        interface,
    })
}

pub(super) fn subnet() -> impl Strategy<Value = SubnetSpec> {
    (prefix(), of(address()), vec(range(), 0..3)).prop_map(|(prefix, gateway, ranges)| SubnetSpec {
        prefix,
        gateway,
        ranges,
    })
}

pub(super) fn network() -> impl Strategy<Value = NetworkSpec> {
    let names = (name(NetworkName::new), name(VrfName::new), name(InterfaceName::new), name(PoolName::new));
    let link =
        (of(any::<u16>()), of(any::<u16>()), of("[a-z]{1,3}x".prop_map(|text| RenamePrefix::new(&text))));
    let rest = (vec(subnet(), 0..3), vec(address(), 0..3), span(), of(span()), thresholds(), labels());
    (names, link, rest).prop_map(|((name, vrf, bridge, mac_pool), (vlan, mtu, rename_prefix), rest)| {
        let (subnets, resolvers, quarantine, free_suspects_after, thresholds, labels) = rest;
        let rename_prefix = rename_prefix.and_then(Result::ok);
        NetworkSpec {
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
        }
    })
}

pub(super) fn mac_block() -> impl Strategy<Value = MacBlock> {
    (any::<u64>(), 16..=47_u8).prop_map(|(bits, length)| {
        let mask = (1_u64 << (48 - length)) - 1;
        MacBlock::new(Mac::from_bits(bits & 0xffff_ffff_ffff & !mask), length).unwrap()
    })
}

pub(super) fn pool() -> impl Strategy<Value = PoolSpec> {
    let scopes = vec![IndexScope::Host, IndexScope::Cluster];
    let values =
        prop_oneof![
            vec(mac_block(), 0..3).prop_map(|blocks| PoolValues::Mac { blocks }),
            (kind(), unit(), unit(), select(scopes))
                .prop_map(|(kind, first, last, scope)| PoolValues::Index { kind, first, last, scope }),
        ];
    (name(PoolName::new), values, span(), thresholds(), labels()).prop_map(
        |(name, values, quarantine, thresholds, labels)| PoolSpec {
            name,
            values,
            quarantine,
            thresholds,
            labels,
        },
    )
}

pub(super) fn host() -> impl Strategy<Value = HostSpec> {
    (host_name(), btree_map(name(NetworkName::new), name(InterfaceName::new), 0..3), labels())
        .prop_map(|(name, bridges, labels)| HostSpec { name, bridges, labels })
}

pub(super) fn reservation() -> impl Strategy<Value = ReservationSpec> {
    let names = (name(ReservationName::new), holder(), name(NetworkName::new), kind());
    let values = (of(unit()), macs(), vec(address(), 0..3), labels());
    (names, values).prop_map(|((name, holder, network, kind), (index, macs, addresses, labels))| {
        ReservationSpec { name, holder, network, kind, index, macs, addresses, labels }
    })
}

pub(super) fn exclusion() -> impl Strategy<Value = ExclusionSpec> {
    let values =
        prop_oneof![
            (name(VrfName::new), range()).prop_map(|(vrf, range)| ExcludedValues::Addresses { vrf, range }),
            (mac(), mac()).prop_map(|(first, last)| ExcludedValues::Macs { first, last }),
            (host_name(), kind(), unit(), unit())
                .prop_map(|(host, kind, first, last)| ExcludedValues::Indices { host, kind, first, last }),
        ];
    (name(ExclusionName::new), values, "\\PC{0,30}", labels())
        .prop_map(|(name, values, reason, labels)| ExclusionSpec { name, values, reason, labels })
}

pub(super) fn allocation() -> impl Strategy<Value = AllocationSpec> {
    let wish = || select(vec![FamilyWish::IfSubnets, FamilyWish::Required, FamilyWish::Unwanted]);
    let existing = select(vec![ExistingLease::Return, ExistingLease::Refuse]);
    let what = (holder(), name(NetworkName::new), kind(), wish(), wish());
    (what, pins(), of(span()), existing, labels()).prop_map(
        |((holder, network, kind, ipv4, ipv6), pins, ttl, existing, labels)| AllocationSpec {
            holder,
            network,
            kind,
            ipv4,
            ipv6,
            pins,
            ttl,
            existing,
            labels,
        },
    )
}

pub(super) fn pins() -> impl Strategy<Value = Pins> {
    (of(unit()), macs(), vec(address(), 0..3)).prop_map(|(index, macs, addresses)| Pins {
        index,
        macs,
        addresses,
    })
}

pub(super) fn lease_ref() -> impl Strategy<Value = LeaseRef> {
    prop_oneof![
        any::<u64>().prop_map(|id| LeaseRef::Id(LeaseId::new(id))),
        holder().prop_map(LeaseRef::Holder),
    ]
}

pub(super) fn generation() -> impl Strategy<Value = Generation> {
    (any::<u32>(), any::<u64>())
        .prop_map(|(timeline, revision)| Generation { timeline, revision: Revision::new(revision) })
}

pub(super) fn import() -> impl Strategy<Value = ImportSpec> {
    let place = (any::<u32>(), host_name(), name(InterfaceName::new), jail_name());
    let line = (place, "\\PC{0,20}", "\\PC{0,10}", address(), unit()).prop_map(
        |((number, host, bridge, jail), original_jail, version, address, index)| ImportLine {
            number,
            host,
            bridge,
            jail,
            original_jail,
            version,
            address,
            index,
        },
    );
    let fragment =
        (any::<u32>(), of(host_name()), of(name(InterfaceName::new)), of(address()), of(unit())).prop_map(
            |(number, host, bridge, address, index)| ImportFragment { number, host, bridge, address, index },
        );
    let bad_lines = select(vec![BadLines::Refuse, BadLines::Skip]);
    (vec(line, 0..4), vec(fragment, 0..4), of(name(NetworkName::new)), bad_lines).prop_map(
        |(lines, fragments, network, bad_lines)| ImportSpec { lines, fragments, network, bad_lines },
    )
}
