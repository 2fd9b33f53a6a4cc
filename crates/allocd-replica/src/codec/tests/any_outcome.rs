//! Any value of each type that is remembered of a request. Strategies are boxed: together they are too large for a test's stack.

use allocd_state::memory::RememberedRequest;
use allocd_state::memory::outcome::{Imported, Outcome};
use allocd_types::address::NotAHost;
use allocd_types::id::*;
use allocd_types::import::{ImportFinding, ImportFlaw};
use allocd_types::name::*;
use allocd_types::pool::PoolRef;
use allocd_types::rejection::{Difference, Rejection, Subject};
use allocd_types::time::ClusterTime;
use allocd_types::usage::Counts;
use allocd_types::value::Value;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use super::any::*;
use super::any_agent::{host_state, kept, part, reconciliation};

pub(super) fn remembered() -> BoxedStrategy<RememberedRequest> {
    let ids = (any::<u64>(), any::<u64>(), "[!-~]{1,128}", request_id(), any::<[u8; 32]>());
    (ids, outcome())
        .prop_map(|((number, answered_at, caller, request_id, payload), outcome)| RememberedRequest {
            number,
            answered_at: ClusterTime::from_millis(answered_at),
            caller: Caller::new(&caller).unwrap(),
            request_id,
            payload: Digest(payload),
            outcome,
        })
        .boxed()
}

fn outcome() -> BoxedStrategy<Outcome> {
    let item = prop_oneof![
        (lease(), generation()).prop_map(Ok),
        rejection().prop_map(|rejection| Err(Box::new(rejection)))
    ];
    prop_oneof![
        Just(Outcome::Done),
        Just(Outcome::Recovery),
        subject().prop_map(Outcome::Resource),
        name(ExclusionName::new).prop_map(Outcome::Excluded),
        (lease(), generation()).prop_map(|(lease, generation)| Outcome::Lease(lease, generation)),
        vec(item, 0..3).prop_map(Outcome::Batch),
        of(lease()).prop_map(Outcome::Released),
        reconciliation().prop_map(|found| Outcome::Reconciled(Box::new(found))),
        (lease(), generation(), of(kept()))
            .prop_map(|(lease, generation, kept)| Outcome::Declined(lease, generation, kept)),
        imported().prop_map(|imported| Outcome::Imported(Box::new(imported))),
        rejection().prop_map(|rejection| Outcome::Rejected(Box::new(rejection))),
        (any::<u32>(), rejection()).prop_map(|(position, rejection)| {
            let rejection = Box::new(rejection);
            Outcome::Rejected(Box::new(Rejection::InBatch { position, rejection }))
        }),
    ]
    .boxed()
}

fn imported() -> BoxedStrategy<Imported> {
    let findings =
        vec((any::<u32>(), flaw()).prop_map(|(number, flaw)| ImportFinding { number, flaw }), 0..4);
    let exclusions = vec((any::<u32>(), name(ExclusionName::new)), 0..3);
    (any::<[u32; 3]>(), findings, exclusions)
        .prop_map(|([leases, unchanged, hosts_created], findings, exclusions)| Imported {
            leases,
            unchanged,
            hosts_created,
            findings,
            exclusions,
        })
        .boxed()
}

fn flaw() -> BoxedStrategy<ImportFlaw> {
    let bridge = || name(InterfaceName::new);
    prop_oneof![
        (address(), any::<u32>()).prop_map(|(address, line)| ImportFlaw::AddressTwice { address, line }),
        (unit(), host_name(), any::<u32>()).prop_map(|(index, host, line)| ImportFlaw::IndexTwice {
            index,
            host,
            line
        }),
        ("\\PC{0,9}", host_name(), any::<u32>()).prop_map(|(jail, host, line)| ImportFlaw::JailTwice {
            jail,
            host,
            line
        }),
        ("\\PC{0,9}", "\\PC{0,9}", any::<u32>(), jail_name())
            .prop_map(|(jail, other, line, name)| ImportFlaw::JailsMeet { jail, other, line, name }),
        (address(), bridge()).prop_map(|(address, bridge)| ImportFlaw::NoSubnet { address, bridge }),
        (address(), not_a_host()).prop_map(|(address, why)| ImportFlaw::NotAHost { address, why }),
        bridge().prop_map(|bridge| ImportFlaw::NoNetwork { bridge }),
        (bridge(), vec(name(NetworkName::new), 0..3))
            .prop_map(|(bridge, networks)| ImportFlaw::AmbiguousBridge { bridge, networks }),
        "\\PC{0,20}".prop_map(|message| ImportFlaw::Refused { message }),
    ]
    .boxed()
}

fn rejection() -> BoxedStrategy<Rejection> {
    let difference = ("[a-z]{1,9}", "\\PC{0,9}", "\\PC{0,9}").prop_map(|(field, has, wanted)| Difference {
        field: field.into(),
        has,
        wanted,
    });
    let resources =
        prop_oneof![
            subject().prop_map(Rejection::NotFound),
            subject().prop_map(Rejection::Exists),
            (holder(), lease(), vec(difference, 0..3)).prop_map(|(holder, lease, differences)| {
                Rejection::HolderHasLease { holder, lease, differences }
            }),
            (name(NetworkName::new), family())
                .prop_map(|(network, family)| Rejection::NoSubnet { network, family }),
            (prefix(), prefix(), name(NetworkName::new), name(VrfName::new)).prop_map(
                |(prefix, other, network, vrf)| Rejection::SubnetOverlap { prefix, other, network, vrf }
            ),
            (mac_block(), mac_block(), name(PoolName::new))
                .prop_map(|(block, other, pool)| Rejection::BlockOverlap { block, other, pool }),
            name(PoolName::new).prop_map(|pool| Rejection::NoMacPool { pool }),
            (subject(), any::<u64>(), "[a-z ]{1,20}").prop_map(|(subject, users, by)| Rejection::InUse {
                subject,
                users,
                by: by.into()
            }),
            (pool_ref(), counts(), of(span()))
                .prop_map(|(pool, counts, next_free_in)| Rejection::Exhausted { pool, counts, next_free_in }),
            (host_name(), any::<u32>())
                .prop_map(|(host, leases_max)| Rejection::LeasesPerHost { host, leases_max }),
            (any::<u64>(), span()).prop_map(|(hosts, rests_for)| Rejection::Recovering { hosts, rests_for }),
            Just(Rejection::NotRecovering),
        ];
    let values = prop_oneof![
        (value(), lease(), holder()).prop_map(|(value, lease, holder)| Rejection::Taken {
            value,
            lease,
            holder
        }),
        (value(), span()).prop_map(|(value, rests_for)| Rejection::Resting { value, rests_for }),
        (value(), name(ReservationName::new), holder())
            .prop_map(|(value, reservation, holder)| Rejection::Reserved { value, reservation, holder }),
        (value(), name(ExclusionName::new))
            .prop_map(|(value, exclusion)| Rejection::Excluded { value, exclusion }),
        (address(), not_a_host()).prop_map(|(address, why)| Rejection::NotAHost { address, why }),
        (value(), name(NetworkName::new))
            .prop_map(|(value, network)| Rejection::OutsidePool { value, network }),
        (value(), kind()).prop_map(|(value, kind)| Rejection::NotOfKind { value, kind }),
    ]
    .boxed();
    let incarnation = || any::<u64>().prop_map(Incarnation::new);
    let askers = prop_oneof![
        (lease(), generation(), generation()).prop_map(|(lease, given, current)| Rejection::Fenced {
            lease,
            given,
            current
        }),
        (host_name(), incarnation(), incarnation())
            .prop_map(|(host, given, current)| Rejection::StaleIncarnation { host, given, current }),
        (host_name(), host_name()).prop_map(|(host, other)| Rejection::HostUuidInUse { host, other }),
        request_id().prop_map(|request_id| Rejection::RequestIdReused { request_id }),
        (lease(), generation()).prop_map(|(lease, generation)| Rejection::Superseded { lease, generation }),
        lease().prop_map(|lease| Rejection::Permanent { lease }),
        request_id().prop_map(|request_id| Rejection::Expired { request_id }),
    ]
    .boxed();
    prop_oneof![resources, values, askers, of_agents()].boxed()
}

fn of_agents() -> BoxedStrategy<Rejection> {
    prop_oneof![
        (host_name(), host_state()).prop_map(|(host, state)| Rejection::HostNotActive { host, state }),
        host_name().prop_map(|host| Rejection::HostFenced { host }),
        host_name().prop_map(|host| Rejection::HostNotReturned { host }),
        (lease(), host_name(), holder()).prop_map(|(lease, host, holder)| Rejection::OnOtherHost {
            lease,
            host,
            holder
        }),
        (lease(), holder()).prop_map(|(lease, holder)| Rejection::Releasing { lease, holder }),
        lease().prop_map(|lease| Rejection::NothingToConfirm { lease }),
        (lease(), host_name(), any::<u64>()).prop_map(|(lease, to, id)| Rejection::Moving {
            lease,
            to,
            id: MoveId::new(id)
        }),
        lease().prop_map(|lease| Rejection::NotMoving { lease }),
        (lease(), host_name()).prop_map(|(lease, host)| Rejection::MovesToItself { lease, host }),
        (lease(), part()).prop_map(|(lease, part)| Rejection::NotOfLease { lease, part }),
        value().prop_map(|value| Rejection::NotDeclined { value }),
    ]
    .boxed()
}

fn subject() -> BoxedStrategy<Subject> {
    prop_oneof![
        name(NetworkName::new).prop_map(Subject::Network),
        name(PoolName::new).prop_map(Subject::Pool),
        host_name().prop_map(Subject::Host),
        lease_ref().prop_map(Subject::Lease),
        name(ReservationName::new).prop_map(Subject::Reservation),
        name(ExclusionName::new).prop_map(Subject::Exclusion),
    ]
    .boxed()
}

pub(super) fn value() -> BoxedStrategy<Value> {
    prop_oneof![
        (host_name(), kind(), unit()).prop_map(|(host, kind, unit)| Value::Index(host, kind, unit)),
        mac().prop_map(Value::Mac),
        (name(VrfName::new), address()).prop_map(|(vrf, address)| Value::Address(vrf, address)),
    ]
    .boxed()
}

fn pool_ref() -> BoxedStrategy<PoolRef> {
    prop_oneof![
        name(PoolName::new).prop_map(PoolRef::Mac),
        (host_name(), kind()).prop_map(|(host, kind)| PoolRef::HostIndex(host, kind)),
        kind().prop_map(PoolRef::ClusterIndex),
        (name(NetworkName::new), prefix()).prop_map(|(network, prefix)| PoolRef::Subnet(network, prefix)),
        (name(NetworkName::new), family()).prop_map(|(network, family)| PoolRef::Family(network, family)),
    ]
    .boxed()
}

fn counts() -> BoxedStrategy<Counts> {
    any::<[u128; 5]>()
        .prop_map(|[free, leased, reserved, quarantined, excluded]| Counts {
            free,
            leased,
            reserved,
            quarantined,
            excluded,
        })
        .boxed()
}

fn not_a_host() -> BoxedStrategy<NotAHost> {
    let all = [NotAHost::Network, NotAHost::Broadcast, NotAHost::SubnetRouterAnycast, NotAHost::Gateway];
    select(all.to_vec()).boxed()
}

fn lease() -> BoxedStrategy<LeaseId> {
    any::<u64>().prop_map(LeaseId::new).boxed()
}

fn request_id() -> BoxedStrategy<RequestId> {
    "[!-~]{1,64}".prop_map(|id| RequestId::new(&id).unwrap()).boxed()
}
