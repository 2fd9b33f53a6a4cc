//! Any value of each type that agents say: reports, inventories, moves and declines. Strategies are boxed: together they are too
//! large for a test's stack.

use allocd_state::command::Command;
use allocd_types::agent::{Adoption, AgentRef, AgentReport, Inventory, LeaseAt, Reconciliation};
use allocd_types::decline::{Decline, DeclineSpec, Evidence, EvidenceSource, Kept, KeptWhy, LeasePart};
use allocd_types::host::{FenceSpec, HostRegistration, HostState, HostUuid, OsRelease, SeenOnHost};
use allocd_types::id::{Incarnation, LeaseId, MoveId};
use allocd_types::migration::{CancelMoveSpec, Migration, MoveSpec};
use allocd_types::name::NetworkName;
use allocd_types::time::{ClusterTime, WallTime};
use proptest::collection::{btree_set, vec};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use super::any::{
    address, generation, holder, host_name, kind, labels, lease_ref, mac, name, pins, span, unit,
};
use super::any_outcome::value;

pub(super) fn command() -> BoxedStrategy<Command> {
    prop_oneof![
        registration().prop_map(Command::RegisterHost),
        host_name().prop_map(Command::ActivateHost),
        host_name().prop_map(Command::DrainHost),
        (host_name(), of(any::<u64>())).prop_map(|(host, incarnation)| {
            Command::FenceHost(FenceSpec { host, incarnation: incarnation.map(Incarnation::new) })
        }),
        (agent(), leases()).prop_map(|(agent, leases)| Command::ReconcileHost(Inventory { agent, leases })),
        report().prop_map(Command::BindLease),
        report().prop_map(Command::ConfirmTeardown),
        adoption().prop_map(Command::AdoptLease),
        (lease_ref(), of(generation()), host_name())
            .prop_map(|(lease, generation, to)| Command::MoveLease(MoveSpec { lease, generation, to })),
        (lease_ref(), of(any::<u64>())).prop_map(|(lease, id)| {
            Command::CancelMove(CancelMoveSpec { lease, id: id.map(MoveId::new) })
        }),
        (lease_ref(), generation(), part(), evidence()).prop_map(|(lease, generation, part, evidence)| {
            Command::DeclineLease(DeclineSpec { lease, generation, part, evidence })
        }),
        value().prop_map(Command::ClearDecline),
    ]
    .boxed()
}

pub(super) fn uuid() -> BoxedStrategy<HostUuid> {
    "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{11}1"
        .prop_map(|uuid| HostUuid::new(&uuid).unwrap())
        .boxed()
}

pub(super) fn release() -> BoxedStrategy<Option<OsRelease>> {
    of("[a-zA-Z0-9._-]{1,64}").prop_map(|release| release.map(|text| OsRelease::new(&text).unwrap())).boxed()
}

pub(super) fn host_state() -> BoxedStrategy<HostState> {
    select(HostState::ALL.to_vec()).boxed()
}

pub(super) fn leases() -> BoxedStrategy<Vec<LeaseId>> {
    vec(any::<u64>().prop_map(LeaseId::new), 0..4).boxed()
}

pub(super) fn suspects() -> impl Strategy<Value = Vec<(LeaseId, ClusterTime)>> {
    let one = any::<(u64, u64)>();
    vec(one.prop_map(|(lease, since)| (LeaseId::new(lease), ClusterTime::from_millis(since))), 0..4)
}

fn registration() -> BoxedStrategy<HostRegistration> {
    let seen = (btree_set(mac(), 0..3), btree_set((kind(), unit()), 0..3));
    (host_name(), uuid(), release(), seen)
        .prop_map(|(host, uuid, release, (macs, units))| HostRegistration {
            host,
            uuid,
            release,
            seen: SeenOnHost { macs, units },
        })
        .boxed()
}

fn agent() -> BoxedStrategy<AgentRef> {
    (host_name(), any::<u64>())
        .prop_map(|(host, incarnation)| AgentRef { host, incarnation: Incarnation::new(incarnation) })
        .boxed()
}

fn report() -> BoxedStrategy<AgentReport> {
    (agent(), any::<u64>(), generation())
        .prop_map(|(agent, lease, generation)| AgentReport {
            agent,
            lease: LeaseAt { lease: LeaseId::new(lease), generation },
        })
        .boxed()
}

fn adoption() -> BoxedStrategy<Adoption> {
    (report(), holder(), name(NetworkName::new), kind(), pins(), labels())
        .prop_map(|(report, holder, network, kind, values, labels)| Adoption {
            agent: report.agent,
            lease: report.lease,
            jail: holder.jail,
            interface: holder.interface,
            network,
            kind,
            values,
            labels,
        })
        .boxed()
}

pub(super) fn part() -> BoxedStrategy<LeasePart> {
    prop_oneof![Just(LeasePart::Index), Just(LeasePart::Macs), address().prop_map(LeasePart::Address)].boxed()
}

fn evidence() -> BoxedStrategy<Evidence> {
    (select(EvidenceSource::ALL.to_vec()), "\\PC{0,60}", of(mac()))
        .prop_map(|(source, text, offender)| Evidence::new(source, &text, offender))
        .boxed()
}

pub(super) fn decline() -> BoxedStrategy<Decline> {
    let times = (any::<u64>(), any::<u64>(), of(any::<u64>()));
    (value(), any::<u64>(), holder(), evidence(), times, any::<u32>())
        .prop_map(|(value, lease, holder, evidence, (declined_at, at, rests_until), count)| Decline {
            value,
            lease: LeaseId::new(lease),
            holder,
            evidence,
            declined_at: WallTime::from_unix_millis(declined_at),
            at: ClusterTime::from_millis(at),
            count,
            rests_until: rests_until.map(ClusterTime::from_millis),
        })
        .boxed()
}

pub(super) fn kept() -> BoxedStrategy<Kept> {
    let why = select(vec![KeptWhy::HostRate, KeptWhy::PoolShare, KeptWhy::Exhausted]);
    (why, of(span())).prop_map(|(why, retry_after)| Kept { why, retry_after }).boxed()
}

pub(super) fn migration() -> BoxedStrategy<Migration> {
    (any::<u64>(), host_name(), of(unit()), any::<u64>())
        .prop_map(|(id, to, index, begun_at)| Migration {
            id: MoveId::new(id),
            to,
            index,
            begun_at: WallTime::from_unix_millis(begun_at),
        })
        .boxed()
}

pub(super) fn reconciliation() -> BoxedStrategy<Reconciliation> {
    let all = (leases(), leases(), leases(), leases(), leases());
    all.prop_map(|(keep, create, destroy, suspect, adopt)| Reconciliation {
        keep,
        create,
        destroy,
        suspect,
        adopt,
    })
    .boxed()
}
