//! What the self-check finds: every part of a state that is broken alone, one at a time.

use std::sync::Arc;

use allocd_types::exclusion::{ExcludedValues, ExclusionSpec};
use allocd_types::host::{HostRegistration, HostUuid, SeenOnHost};
use allocd_types::id::{Generation, LeaseId, Revision};
use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::mac::Macs;
use allocd_types::name::{ExclusionName, HostName, NetworkName, PoolName, ReservationName, VrfName};
use allocd_types::pool::{IndexScope, PoolSpec, PoolValues};
use allocd_types::reservation::ReservationSpec;
use allocd_types::time::{ClusterTime, Span};
use allocd_types::usage::Thresholds;

use super::scene::{Scene, for_seconds, wish};
use crate::command::Command;
use crate::event::SpaceRef;
use crate::record::LeaseRecord;
use crate::state::{Allocations, State};

fn lan() -> NetworkName {
    NetworkName::new("lan").unwrap()
}

fn h1() -> HostName {
    HostName::new("h1").unwrap()
}

fn subnet() -> SpaceRef {
    SpaceRef::Subnet(lan(), "192.168.48.0".parse().unwrap())
}

fn units() -> SpaceRef {
    SpaceRef::HostIndex(h1(), InterfaceKind::Epair)
}

fn own_macs() -> SpaceRef {
    SpaceRef::Mac(PoolName::unsaid())
}

fn exclusion(name: &str) -> ExclusionSpec {
    let (vrf, range) = (VrfName::unsaid(), "192.168.48.6".parse().unwrap());
    ExclusionSpec {
        name: ExclusionName::new(name).unwrap(),
        values: ExcludedValues::Addresses { vrf, range },
        reason: String::new(),
        labels: Labels::default(),
    }
}

fn reservation(name: &str) -> ReservationSpec {
    ReservationSpec {
        name: ReservationName::new(name).unwrap(),
        holder: "h2/mail".parse().unwrap(),
        network: lan(),
        kind: InterfaceKind::Epair,
        index: None,
        macs: Macs::pair("02:00:00:00:00:0a".parse().unwrap(), "02:00:00:00:00:0b".parse().unwrap()).unwrap(),
        addresses: vec!["192.168.48.5".parse().unwrap()],
        labels: Labels::default(),
    }
}

fn tap_units() -> PoolSpec {
    let (kind, scope) = (InterfaceKind::Tap, IndexScope::Cluster);
    PoolSpec {
        name: PoolName::new("taps").unwrap(),
        values: PoolValues::Index { kind, first: UnitIndex::FIRST, last: UnitIndex::LAST, scope },
        quarantine: Span::ZERO,
        thresholds: Thresholds::default(),
        labels: Labels::default(),
    }
}

/// A state with something of everything: leases 1 and 2, former lease 3 of `h1/gone`, a reservation, an exclusion, pools.
fn rich() -> State {
    let mut scene = Scene::small();
    scene.yes(Command::CreatePool(tap_units()));
    for name in ["h1", "h2"] {
        let last = &name[1..];
        let uuid = HostUuid::new(&format!("00000000-0000-0000-0000-00000000000{last}")).unwrap();
        scene.yes(Command::RegisterHost(HostRegistration {
            host: HostName::new(name).unwrap(),
            uuid,
            release: None,
            seen: SeenOnHost::default(),
        }));
    }
    scene.yes(Command::CreateReservation(reservation("for-mail")));
    scene.yes(Command::CreateExclusion(exclusion("printer")));
    scene.lease(wish("h1/a"));
    scene.lease(for_seconds("h2/b", 600));
    let gone = scene.lease(wish("h1/gone"));
    scene.release(&gone);
    scene.machine.state().clone()
}

fn change(all: &mut Allocations, id: u64, change: impl FnOnce(&mut LeaseRecord)) {
    let record = all.leases.get_mut(&LeaseId::new(id)).unwrap();
    change(Arc::make_mut(record));
}

type Break = (&'static str, fn(&mut Allocations));

const LEASES: [Break; 16] = [
    ("a lease without its unit", |all| change(all, 1, |lease| lease.index = None)),
    ("a lease with another's unit", |all| change(all, 1, |lease| lease.index = Some(UnitIndex::LAST))),
    ("a lease without its MACs", |all| change(all, 1, |lease| lease.macs = Macs::None)),
    ("two leases with one pair", |all| {
        let macs = all.leases[&LeaseId::new(2)].macs;
        change(all, 1, |lease| lease.macs = macs);
    }),
    ("a lease with an address of nowhere", |all| {
        change(all, 1, |lease| lease.addresses.push("10.9.9.9".parse().unwrap()));
    }),
    ("a lease without an address it holds", |all| change(all, 1, |lease| lease.addresses.truncate(1))),
    ("a lease of another holder", |all| change(all, 1, |lease| lease.holder = "h1/c".parse().unwrap())),
    ("a lease of another kind", |all| change(all, 1, |lease| lease.kind = InterfaceKind::Ngeth)),
    ("a lease on no network", |all| change(all, 1, |lease| lease.network = NetworkName::new("x").unwrap())),
    ("a lease with another id", |all| change(all, 1, |lease| lease.id = LeaseId::new(2))),
    ("a generation that is still to come", |all| {
        change(all, 1, |lease| {
            lease.generation = Generation { timeline: 1, revision: Revision::new(1000) };
        });
    }),
    ("a lifetime nobody waits for", |all| {
        change(all, 2, |lease| lease.lifetime.as_mut().unwrap().ends_at = ClusterTime::from_millis(1));
    }),
    ("a lease that is gone", |all| drop(all.leases.remove(&LeaseId::new(1)))),
    ("an id that comes again", |all| all.next_lease = LeaseId::new(2)),
    ("a count of leases", |all| all.network_mut(&lan()).unwrap().leases += 1),
    ("a deadline of nothing", |all| {
        all.lease_deadlines.insert((ClusterTime::from_millis(9), LeaseId::new(1)));
    }),
];

const LISTS: [Break; 20] = [
    ("a holder without a lease", |all| {
        let holders = &mut all.host_mut(&h1()).unwrap().holders;
        holders.insert(&"h1/x".parse().unwrap(), LeaseId::new(2));
    }),
    ("a lease without its holder", |all| all.host_mut(&h1()).unwrap().holders.clear()),
    ("a former holder of a lease that is not kept", |all| {
        let holders = &mut all.host_mut(&h1()).unwrap().former_holders;
        holders.insert(&"h1/x".parse().unwrap(), LeaseId::new(3));
    }),
    ("a former lease that values remember", |all| drop(all.former.remove(&LeaseId::new(3)))),
    ("a former lease that is remembered less often", |all| {
        all.former.get_mut(&LeaseId::new(3)).unwrap().remembered_by -= 1;
    }),
    ("a host without spaces", |all| all.host_mut(&h1()).unwrap().indices.clear()),
    ("a host that is gone", |all| drop(all.hosts.remove(&HostName::new("h2").unwrap()))),
    ("a machine's identity", |all| drop(all.host_uuids.remove(&all.hosts[&h1()].uuid.clone().unwrap()))),
    ("an identity that is not listed", |all| all.host_mut(&h1()).unwrap().uuid = None),
    ("a suspect that nobody had in use", |all| {
        all.host_mut(&h1()).unwrap().suspects.insert(LeaseId::new(1), ClusterTime::default());
    }),
    ("an end of no suspect", |all| {
        all.suspect_deadlines.insert((ClusterTime::from_millis(9), LeaseId::new(1)));
    }),
    ("a subnet that is not listed", |all| all.subnets.clear()),
    ("a network without its spaces", |all| all.network_mut(&lan()).unwrap().spaces.clear()),
    ("a block that is not listed", |all| all.mac_blocks.clear()),
    ("a block of no pool", |all| drop(all.mac_blocks.insert(0, (1, PoolName::unsaid())))),
    ("an index pool that is not listed", |all| all.index_pools.clear()),
    ("a pool that is gone", |all| drop(all.pools.remove(&PoolName::unsaid()))),
    ("a reservation that is not listed", |all| all.reserved_for.clear()),
    ("a reservation that is gone", |all| {
        drop(all.reservations.remove(&ReservationName::new("for-mail").unwrap()));
    }),
    ("an exclusion that is gone", |all| {
        drop(all.exclusions.remove(&ExclusionName::new("printer").unwrap()));
    }),
];

const SPACES: [Break; 12] = [
    ("a reservation that sets nothing aside", |all| {
        all.reservations.insert(ReservationName::new("x").unwrap(), Arc::new(reservation("x")));
    }),
    ("an exclusion that excludes nothing", |all| {
        let mut other = exclusion("other");
        other.values =
            ExcludedValues::Addresses { vrf: VrfName::unsaid(), range: "192.168.48.4".parse().unwrap() };
        all.exclusions.insert(other.name.clone(), Arc::new(other));
    }),
    ("a unit that is held by nobody's word", |all| {
        all.edit(&units(), |space| space.lease(9, LeaseId::new(1)));
    }),
    ("an address that went to another lease", |all| {
        all.edit(&subnet(), |space| space.lease(0xc0a8_3002, LeaseId::new(2)));
    }),
    ("an address that rests although it is leased", |all| {
        all.edit(&subnet(), |space| {
            let rests_until = ClusterTime::from_millis(5);
            space.free(0xc0a8_3002, crate::space::Memory { lease: LeaseId::new(1), rests_until });
            None
        });
    }),
    ("a value that is set aside by nobody", |all| {
        all.edit(&subnet(), |space| space.reserve(0xc0a8_3004, ReservationName::new("x").unwrap()));
    }),
    ("a value that is not set aside any more", |all| {
        all.edit(&subnet(), |space| {
            space.unreserve(0xc0a8_3005);
            None
        });
    }),
    ("an excluded value by no exclusion", |all| all.edit(&own_macs(), |space| space.exclude(1, 1))),
    ("a foreign MAC in a pool's block", |all| {
        let first = *all.mac_blocks.keys().next().unwrap();
        let name = ReservationName::new("for-mail").unwrap();
        all.edit(&SpaceRef::ForeignMac, |space| space.reserve(first.into(), name));
    }),
    ("other ranges than the subnet's", |all| {
        all.edit(&subnet(), |space| space.set_ranges(vec![(0xc0a8_3000, 0xc0a8_3006)]));
    }),
    ("other ranges than the pool's", |all| all.edit(&units(), |space| space.set_ranges(vec![(0, 1)]))),
    ("a rest that nobody waits for", |all| all.rest_deadlines.clear()),
];

#[test]
fn every_broken_invariant_is_found() {
    let sound = rich();
    assert_eq!(sound.check(), Vec::new());
    for (what, break_it) in LEASES.into_iter().chain(LISTS).chain(SPACES) {
        let mut state = sound.clone();
        break_it(&mut state.allocations);
        assert_ne!(state, sound, "{what}");
        assert_ne!(state.check(), Vec::new(), "{what} is not found");
    }
}
