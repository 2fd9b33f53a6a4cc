//! What a caller sees, story by story.

use allocd_types::allocation::{
    AllocationSpec, ExistingLease, LeaseRef, MissingResource, Pins, ReleaseSpec, Teardown,
};
use allocd_types::exclusion::{ExcludedValues, ExclusionSpec};
use allocd_types::grant::{BatchMode, Novelty};
use allocd_types::id::{Caller, RequestId};
use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::mac::{Mac, Macs};
use allocd_types::name::{ExclusionName, HostName, InterfaceName, NetworkName, ReservationName, VrfName};
use allocd_types::problem::Problem;
use allocd_types::rejection::Rejection;
use allocd_types::reservation::ReservationSpec;
use allocd_types::time::{ClusterTime, Span};

use super::scene::{Scene, for_seconds, granted, host, lan, pinned, renewal, v4, wish};
use crate::command::{Command, Entry, Request};
use crate::response::Response;

#[test]
fn one_lease_is_a_whole_bundle() {
    let mut scene = Scene::small();
    let lease = scene.lease(wish("h1/web01"));
    // The lowest unit, the lowest address beside network and gateway, and an aligned pair from the cluster's own prefix.
    assert_eq!(lease.index, Some(UnitIndex::FIRST));
    assert_eq!(lease.ifname_b.unwrap().as_str(), "epair0b");
    let addresses: Vec<String> = lease.addresses.iter().map(|held| held.address.to_string()).collect();
    assert_eq!(addresses, ["192.168.48.2", "fd00:48::1"]);
    let Macs::Pair { a, b } = lease.macs else { panic!("an epair has two MACs") };
    assert_eq!((a.bits() & 1, a.bits() + 1), (0, b.bits()));
    assert_eq!(a.octets()[0] & 0x0f, 2);
}

#[test]
fn an_index_is_per_host_and_an_address_is_not() {
    let mut scene = Scene::small();
    let (one, other) = (scene.lease(wish("h1/a")), scene.lease(wish("h2/a")));
    assert_eq!(one.index, other.index);
    assert_ne!(v4(&one), v4(&other));
    assert_ne!(one.macs, other.macs);
}

#[test]
fn asking_again_gives_the_same_lease_and_changes_nothing() {
    let mut scene = Scene::small();
    let first = scene.lease(wish("h1/web01"));
    let again = scene.say(Command::Allocate(wish("h1/web01")));
    assert_eq!(again.events, []);
    let Ok(Response::Lease(answer)) = again.outcome else { panic!("a lease") };
    assert_eq!((answer.lease, answer.novelty), (first, Novelty::Existing));
    // Something else for the same holder is refused with the difference, and create_only refuses in any case.
    let rejection = scene.no(Command::Allocate(pinned("h1/web01", "192.168.48.5")));
    let Rejection::HolderHasLease { differences, .. } = rejection else { panic!("{rejection:?}") };
    assert_eq!(differences[0].field, "addresses");
    let only_new = AllocationSpec { existing: ExistingLease::Refuse, ..wish("h1/web01") };
    assert!(matches!(scene.no(Command::Allocate(only_new)), Rejection::HolderHasLease { .. }));
}

#[test]
fn a_repeated_request_is_answered_from_the_lease_as_it_is_now() {
    let mut scene = Scene::small();
    let lease = granted(scene.say_as("same", Command::Allocate(wish("h1/web01"))).outcome.unwrap());
    let again = scene.say_as("same", Command::Allocate(wish("h1/web01")));
    assert_eq!(granted(again.outcome.unwrap()), lease);
    // The same id for something else is refused.
    let reused = scene.say_as("same", Command::Allocate(wish("h1/web02"))).outcome.unwrap_err();
    assert!(matches!(reused, Rejection::RequestIdReused { .. }));
    // Once the lease is gone, and even when the holder has a new one, the old answer is never given.
    scene.release(&lease);
    scene.lease(wish("h1/web01"));
    let late = scene.say_as("same", Command::Allocate(wish("h1/web01"))).outcome.unwrap_err();
    assert!(matches!(late, Rejection::Superseded { .. }));
}

#[test]
fn a_request_that_comes_after_its_deadline_does_nothing() {
    let mut scene = Scene::small();
    scene.pass(1);
    let applied = scene.apply(Request {
        request_id: RequestId::new("late").unwrap(),
        caller: Caller::new("test").unwrap(),
        expires_at: ClusterTime::from_millis(500),
        command: Command::Allocate(wish("h1/web01")),
    });
    assert!(matches!(applied.outcome, Err(Rejection::Expired { .. })));
    assert_eq!(scene.machine.state().lease_count(), 0);
}

#[test]
fn an_exhausted_pool_says_its_counts_and_when_the_next_comes_free() {
    let mut scene = Scene::small();
    let leases: Vec<_> = (0..5).map(|at| scene.lease(wish(&format!("h1/j{at}_")))).collect();
    scene.release(&leases[3]);
    let rejection = scene.no(Command::Allocate(wish("h2/more")));
    let expected = "IPv4 addresses of network lan: no value left (4 leased, 0 reserved, 1 quarantined, 3 excluded, \
                    0 free; the next comes free in 1200s)";
    assert_eq!(Problem::from(&rejection).message, expected);
    // All or nothing: no lease was made of it.
    assert_eq!(scene.machine.state().lease_count(), 4);
}

#[test]
fn what_rests_but_does_not_come_free_is_not_waited_for() {
    let mut scene = Scene::small();
    let leases: Vec<_> = (0..5).map(|at| scene.lease(wish(&format!("h1/j{at}_")))).collect();
    scene.release(&leases[0]);
    scene.pass(100);
    scene.release(&leases[1]);
    scene.yes(Command::CreateExclusion(ExclusionSpec {
        name: ExclusionName::new("first").unwrap(),
        values: ExcludedValues::Addresses { vrf: VrfName::unsaid(), range: v4(&leases[0]).parse().unwrap() },
        reason: String::new(),
        labels: Labels::default(),
    }));
    let Rejection::Exhausted { next_free_in, .. } = scene.no(Command::Allocate(wish("h2/more"))) else {
        panic!("the pool is full")
    };
    assert_eq!(next_free_in, Some(Span::from_seconds(1200)));
}

#[test]
fn a_lease_is_found_by_what_its_interface_is_called_on_its_host() {
    let mut scene = Scene::small();
    let (first, _) = (scene.lease(wish("h1/a")), scene.lease(wish("h2/a")));
    let tap = scene.lease(AllocationSpec { kind: InterfaceKind::Tap, ..wish("h1/b") });
    let state = scene.machine.state();
    let find = |host: &str, ifname: &str| {
        let (host, ifname) = (HostName::new(host).unwrap(), InterfaceName::new(ifname).unwrap());
        state.lease_by_ifname(&host, &ifname).map(|record| record.id)
    };
    assert_eq!((find("H1", "epair0a"), find("h1", "epair0b")), (Some(first.id), Some(first.id)));
    assert_eq!(find("h1", "tap0"), Some(tap.id));
    for none in ["epair0", "epair1a", "epair00a", "tap0a", "tun0", "lo0", "bridge", "b"] {
        assert_eq!(find("h1", none), None, "{none}");
    }
}

#[test]
fn a_lease_tells_the_mac_beside_its_own_if_it_holds_that_too() {
    let mut scene = Scene::small();
    let tap = |holder: &str| AllocationSpec { kind: InterfaceKind::Tap, ..wish(holder) };
    let pooled = scene.lease(tap("h1/a"));
    let beside = pooled.macs.a().unwrap().beside();
    assert_eq!(pooled.mac_beside, Some(beside));
    // Nobody else gets it, though he asks for it.
    let pinned = |holder: &str, mac| {
        let pins = Pins { macs: Macs::Single(mac), ..Pins::none() };
        AllocationSpec { pins, ..tap(holder) }
    };
    let rejection = scene.no(Command::Allocate(pinned("h1/b", beside)));
    assert!(matches!(rejection, Rejection::Taken { .. }), "{rejection:?}");
    // One from outside the pools is held alone: the one beside it may be another's.
    let foreign: Mac = "02:00:00:00:00:0c".parse().unwrap();
    for (holder, mac) in [("h1/c", foreign), ("h1/d", foreign.beside())] {
        scene.yes(Command::CreateReservation(ReservationSpec {
            name: ReservationName::new(&holder.replace('/', "-")).unwrap(),
            holder: holder.parse().unwrap(),
            network: NetworkName::new("lan").unwrap(),
            kind: InterfaceKind::Tap,
            index: None,
            macs: Macs::Single(mac),
            addresses: Vec::new(),
            labels: Labels::default(),
        }));
        let lease = scene.lease(tap(holder));
        assert_eq!((lease.macs, lease.mac_beside), (Macs::Single(mac), None));
    }
    // Both MACs of a cable are its own.
    assert_eq!(scene.lease(wish("h1/e")).mac_beside, None);
}

#[test]
fn a_freed_value_rests_and_only_its_holder_gets_it_back_before() {
    let mut scene = Scene::small();
    let lease = scene.lease(wish("h1/web01"));
    scene.release(&lease);
    // Pinned by somebody else it is refused with its deadline.
    let rejection = scene.no(Command::Allocate(pinned("h2/other", &v4(&lease))));
    assert!(matches!(rejection, Rejection::Resting { .. }), "{rejection:?}");
    // Somebody else gets another; the old holder gets everything back, in a new generation.
    assert_ne!(v4(&scene.lease(wish("h1/web02"))), v4(&lease));
    let again = scene.lease(wish("h1/web01"));
    assert_eq!((v4(&again), again.macs, again.index), (v4(&lease), lease.macs, lease.index));
    assert!(again.generation > lease.generation);
}

#[test]
fn a_rested_value_is_used_again_only_when_never_used_ones_are_gone() {
    let mut scene = Scene::small();
    let first = scene.lease(wish("h1/a"));
    scene.release(&first);
    scene.pass(1201);
    scene.yes(Command::Tick);
    // .2 has rested; .3 to .6 were never used and come first.
    let later: Vec<String> = (0..4).map(|at| v4(&scene.lease(wish(&format!("h2/j{at}_"))))).collect();
    assert_eq!(later, ["192.168.48.3", "192.168.48.4", "192.168.48.5", "192.168.48.6"]);
    assert_eq!(v4(&scene.lease(wish("h2/last"))), v4(&first));
}

#[test]
fn a_renewal_earlier_in_the_log_beats_expiry() {
    let mut scene = Scene::small();
    let (kept, lost) = (scene.lease(for_seconds("h1/kept", 60)), scene.lease(for_seconds("h1/lost", 60)));
    scene.pass(61);
    // Both are due, but the renewal is before the tick in the log.
    scene.yes(renewal(&kept));
    scene.yes(Command::Tick);
    assert!(scene.machine.state().lease(kept.id).is_some());
    assert!(scene.machine.state().lease(lost.id).is_none());
    assert!(matches!(scene.no(renewal(&lost)), Rejection::NotFound(_)));
}

#[test]
fn an_entry_stamped_earlier_turns_no_clock_back() {
    let mut scene = Scene::small();
    scene.pass(30);
    scene.yes(Command::Tick);
    let before = scene.machine.state().now();
    scene.machine.apply(&Entry {
        index: 99,
        stamped_at: ClusterTime::default(),
        labelled_at: Default::default(),
        entropy: 0,
        commands: Vec::new(),
    });
    assert_eq!(scene.machine.state().now(), before);
}

#[test]
fn a_stale_generation_is_fenced() {
    let mut scene = Scene::small();
    let old = scene.lease(wish("h1/a"));
    scene.release(&old);
    scene.lease(wish("h1/a"));
    let (lease, generation) = (LeaseRef::Holder(old.holder.clone()), Some(old.generation));
    let spec =
        ReleaseSpec { lease, generation, missing: MissingResource::Allow, teardown: Teardown::Awaited };
    assert!(matches!(scene.no(Command::Release(spec)), Rejection::Fenced { .. }));
    // Releasing twice is fine if the asker says so.
    let spec = ReleaseSpec {
        lease: LeaseRef::Id(old.id),
        generation: None,
        missing: MissingResource::Allow,
        teardown: Teardown::Awaited,
    };
    assert_eq!(scene.yes(Command::Release(spec)), Response::Released { lease: None, is_awaited: false });
}

#[test]
fn a_reserved_value_waits_for_its_holder() {
    let mut scene = Scene::small();
    let reservation = ReservationSpec {
        name: ReservationName::new("for-mail").unwrap(),
        holder: "h1/mail".parse().unwrap(),
        network: NetworkName::new("lan").unwrap(),
        kind: InterfaceKind::Epair,
        index: Some("7".parse().unwrap()),
        // MACs of no pool may be reserved.
        macs: Macs::pair("02:03:44:30:20:0a".parse().unwrap(), "02:03:44:30:20:0b".parse().unwrap()).unwrap(),
        addresses: vec!["192.168.48.2".parse().unwrap()],
        labels: Labels::default(),
    };
    scene.yes(Command::CreateReservation(reservation.clone()));
    assert_eq!(v4(&scene.lease(wish("h1/other"))), "192.168.48.3");
    let rejection = scene.no(Command::Allocate(pinned("h1/thief", "192.168.48.2")));
    assert!(matches!(rejection, Rejection::Reserved { .. }), "{rejection:?}");
    let mail = scene.lease(wish("h1/mail"));
    assert_eq!((v4(&mail), mail.macs), ("192.168.48.2".to_owned(), reservation.macs));
    assert_eq!(mail.index.map(UnitIndex::get), Some(7));
}

#[test]
fn an_excluded_value_is_refused_by_name_and_never_chosen() {
    let mut scene = Scene::small();
    let range = "192.168.48.2-192.168.48.4".parse().unwrap();
    scene.yes(Command::CreateExclusion(ExclusionSpec {
        name: ExclusionName::new("printers").unwrap(),
        values: ExcludedValues::Addresses { vrf: VrfName::unsaid(), range },
        reason: "printers".to_owned(),
        labels: Labels::default(),
    }));
    assert_eq!(v4(&scene.lease(wish("h1/a"))), "192.168.48.5");
    let rejection = scene.no(Command::Allocate(pinned("h1/b", "192.168.48.3")));
    assert!(
        matches!(rejection, Rejection::Excluded { ref exclusion, .. } if exclusion.as_str() == "printers")
    );
    let rejection = scene.no(Command::Allocate(pinned("h1/b", "192.168.48.1")));
    assert_eq!(Problem::from(&rejection).message, "192.168.48.1 is the subnet's gateway");
    scene.yes(Command::DeleteExclusion(ExclusionName::new("printers").unwrap(), MissingResource::Refuse));
    assert_eq!(v4(&scene.lease(wish("h1/c"))), "192.168.48.2");
}

#[test]
fn overlap_is_refused_inside_a_vrf_and_allowed_between_them() {
    let mut scene = Scene::small();
    let mut other = lan("other", &[("192.168.48.4/30", None)]);
    assert!(matches!(scene.no(Command::CreateNetwork(other.clone())), Rejection::SubnetOverlap { .. }));
    other.vrf = VrfName::new("lab").unwrap();
    scene.yes(Command::CreateNetwork(other));
}

#[test]
fn all_subnets_are_searched_before_a_family_is_exhausted() {
    let mut scene = Scene::empty();
    let subnets = [("10.0.0.0/30", None), ("10.0.1.0/31", None), ("10.0.2.0/32", None)];
    scene.yes(Command::CreateNetwork(lan("lan", &subnets)));
    scene.yes(Command::CreateHost(host("h1")));
    let got: Vec<String> = (0..5).map(|at| v4(&scene.lease(wish(&format!("h1/j{at}_"))))).collect();
    assert_eq!(got, ["10.0.0.1", "10.0.0.2", "10.0.1.0", "10.0.1.1", "10.0.2.0"]);
    assert!(matches!(scene.no(Command::Allocate(wish("h1/more"))), Rejection::Exhausted { .. }));
}

#[test]
fn a_batch_is_all_or_nothing_unless_parts_are_fine() {
    let mut scene = Scene::small();
    let wishes = vec![wish("h1/a"), wish("nowhere/b"), wish("h1/c")];
    let rejection = scene.no(Command::BatchAllocate(wishes.clone(), BatchMode::AllOrNothing));
    assert!(matches!(rejection, Rejection::InBatch { position: 1, .. }), "{rejection:?}");
    assert_eq!(scene.machine.state().lease_count(), 0);
    let response = scene.yes(Command::BatchAllocate(wishes, BatchMode::PartialOk));
    let Response::Batch(results) = response else { panic!("{response:?}") };
    assert_eq!(results.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
}

#[test]
fn what_is_in_use_or_rests_is_not_deleted() {
    let mut scene = Scene::small();
    let lease = scene.lease(wish("h1/a"));
    let network = || Command::DeleteNetwork(NetworkName::new("lan").unwrap(), MissingResource::Refuse);
    let of_host = || Command::DeleteHost(HostName::new("H1").unwrap(), MissingResource::Refuse);
    assert!(matches!(scene.no(network()), Rejection::InUse { by, .. } if by == "leases"));
    assert!(matches!(scene.no(of_host()), Rejection::InUse { by, .. } if by == "leases"));
    scene.release(&lease);
    assert!(matches!(scene.no(network()), Rejection::InUse { by, .. } if by == "resting addresses"));
    assert!(matches!(scene.no(of_host()), Rejection::InUse { by, .. } if by == "resting indices"));
    scene.pass(1201);
    scene.yes(Command::Tick);
    scene.yes(network());
    scene.yes(of_host());
}
