//! What agents say and are told, moves and declines.

use allocd_types::agent::{Adoption, AgentRef, AgentReport, Inventory, LeaseAt, Reconciliation};
use allocd_types::answer::{Confirmed, Released};
use allocd_types::contact::{
    Contact, ContactState, Heartbeat, HeartbeatInterval, KnownHost, LastPass, PassCounts,
};
use allocd_types::decline::{
    Decline, DeclineSpec, Declined, Evidence, EvidenceSource, Kept, KeptWhy, LeasePart,
};
use allocd_types::host::{FenceSpec, HostRegistration, OsRelease, SeenOnHost};
use allocd_types::id::{Incarnation, LeaseId, MoveId};
use allocd_types::migration::{CancelMoveSpec, Migration, MoveSpec};
use allocd_types::time::{ClusterTime, Span, WallTime};
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

prop_compose! {
    pub(crate) fn migration()(
        id: u64, to in host_name(), index in option::of(unit()), begun_at: u64,
    ) -> Migration {
        Migration { id: MoveId::new(id), to, index, begun_at: WallTime::from_unix_millis(begun_at) }
    }
}

prop_compose! {
    pub(crate) fn registration()(
        host in host_name(),
        uuid in host_uuid(),
        release in option::of("[A-Za-z0-9][A-Za-z0-9._-]{0,20}"),
        macs in btree_set(mac(), 0..3),
        units in btree_set((indexed_kind(), unit()), 0..3),
    ) -> HostRegistration {
        let release = release.map(|release| OsRelease::new(&release).unwrap());
        HostRegistration { host, uuid, release, seen: SeenOnHost { macs, units } }
    }
}

pub(crate) fn fence() -> impl Strategy<Value = FenceSpec> {
    (host_name(), option::of(any::<u64>()))
        .prop_map(|(host, incarnation)| FenceSpec { host, incarnation: incarnation.map(Incarnation::new) })
}

fn agent() -> impl Strategy<Value = AgentRef> {
    (host_name(), any::<u64>())
        .prop_map(|(host, incarnation)| AgentRef { host, incarnation: Incarnation::new(incarnation) })
}

pub(crate) fn report() -> impl Strategy<Value = AgentReport> {
    (agent(), lease_id(), generation())
        .prop_map(|(agent, lease, generation)| AgentReport { agent, lease: LeaseAt { lease, generation } })
}

pub(crate) fn adoption() -> impl Strategy<Value = Adoption> {
    let linked = kind().prop_flat_map(|kind| {
        let index = if kind.has_index() { unit().prop_map(Some).boxed() } else { Just(None).boxed() };
        let macs = macs_of(kind).prop_filter("all that it has", move |macs| {
            *macs != Macs::None || kind.mac_need() == MacNeed::None
        });
        (Just(kind), index, macs)
    });
    (report(), holder(), id(), linked, vec(ip(), 0..3), labels()).prop_map(
        |(report, holder, network, (kind, index, macs), addresses, labels)| Adoption {
            agent: report.agent,
            lease: report.lease,
            jail: holder.jail,
            interface: holder.interface,
            network,
            kind,
            values: Pins { index, macs, addresses },
            labels,
        },
    )
}

pub(crate) fn pass_counts() -> impl Strategy<Value = PassCounts> {
    any::<[u32; 5]>().prop_map(|[jails, in_service, drifts, failures, held_back]| PassCounts {
        jails,
        in_service,
        drifts,
        failures,
        held_back,
    })
}

pub(crate) fn heartbeat() -> impl Strategy<Value = Heartbeat> {
    (agent(), 1..=3_600_000_u64, pass_counts()).prop_map(|(agent, interval, pass)| Heartbeat {
        agent,
        interval: HeartbeatInterval::new(Span::from_millis(interval)).unwrap(),
        pass,
    })
}

pub(crate) fn known_host() -> impl Strategy<Value = KnownHost> {
    let last = (any::<u64>(), pass_counts())
        .prop_map(|(incarnation, pass)| LastPass { incarnation: Incarnation::new(incarnation), pass });
    (host(), select(ContactState::ALL.to_vec()), any::<u64>(), option::of(last)).prop_map(
        |(host, state, silent, last)| KnownHost {
            host,
            contact: Contact { state, silent_for: Span::from_millis(silent), last },
        },
    )
}

pub(crate) fn inventory() -> impl Strategy<Value = Inventory> {
    (agent(), leases()).prop_map(|(agent, leases)| Inventory { agent, leases })
}

fn leases() -> impl Strategy<Value = Vec<LeaseId>> {
    vec(lease_id(), 0..4)
}

pub(crate) fn reconciliation() -> impl Strategy<Value = Reconciliation> {
    let all = (leases(), leases(), leases(), leases(), leases());
    all.prop_map(|(keep, create, destroy, suspect, adopt)| Reconciliation {
        keep,
        create,
        destroy,
        suspect,
        adopt,
    })
}

pub(crate) fn move_spec() -> impl Strategy<Value = MoveSpec> {
    (lease_ref(), option::of(generation()), host_name()).prop_map(|(lease, generation, to)| MoveSpec {
        lease,
        generation,
        to,
    })
}

pub(crate) fn cancel() -> impl Strategy<Value = CancelMoveSpec> {
    (lease_ref(), option::of(any::<u64>()))
        .prop_map(|(lease, id)| CancelMoveSpec { lease, id: id.map(MoveId::new) })
}

fn evidence() -> impl Strategy<Value = Evidence> {
    (select(EvidenceSource::ALL.to_vec()), "\\PC{0,60}", option::of(mac()))
        .prop_map(|(source, text, offender)| Evidence::new(source, &text, offender))
}

pub(crate) fn decline_spec() -> impl Strategy<Value = DeclineSpec> {
    let part = prop_oneof![Just(LeasePart::Index), Just(LeasePart::Macs), ip().prop_map(LeasePart::Address)];
    (lease_ref(), generation(), part, evidence())
        .prop_map(|(lease, generation, part, evidence)| DeclineSpec { lease, generation, part, evidence })
}

prop_compose! {
    pub(crate) fn decline()(
        (value, lease, holder) in (value(), lease_id(), holder()),
        evidence in evidence(),
        (declined_at, at, count) in any::<(u64, u64, u32)>(),
        rests_until in option::of(any::<u64>()),
    ) -> Decline {
        Decline {
            value, lease, holder, evidence, count,
            declined_at: WallTime::from_unix_millis(declined_at),
            at: ClusterTime::from_millis(at),
            rests_until: rests_until.map(ClusterTime::from_millis),
        }
    }
}

pub(crate) fn declined() -> impl Strategy<Value = Declined> {
    let why = select(vec![KeptWhy::HostRate, KeptWhy::PoolShare, KeptWhy::Exhausted]);
    let kept = (why, option::of(any::<u64>().prop_map(Span::from_millis)))
        .prop_map(|(why, retry_after)| Kept { why, retry_after });
    (lease(), option::of(kept)).prop_map(|(lease, kept)| Declined { lease, kept })
}

pub(crate) fn released() -> impl Strategy<Value = Released> {
    (option::of(lease_id()), any::<bool>()).prop_map(|(lease, is_awaited)| Released { lease, is_awaited })
}

pub(crate) fn confirmed() -> impl Strategy<Value = Confirmed> {
    prop_oneof![
        option::of(lease_id()).prop_map(Confirmed::Ended),
        lease().prop_map(|lease| Confirmed::Moved(Box::new(lease))),
    ]
}
