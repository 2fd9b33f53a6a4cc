//! A machine from a backup: it hands nothing out and frees nothing before somebody has vouched for every host.

use allocd_types::allocation::{AllocationSpec, LeaseRef, MissingResource, Pins, ReleaseSpec, Teardown};
use allocd_types::lease::Lease;
use allocd_types::name::{HostName, NetworkName, PoolName};
use allocd_types::recovery::{OtherHosts, RecoveryConfirmation, RecoveryStatus, SkipTo};
use allocd_types::rejection::Rejection;
use allocd_types::time::Span;

use super::scene::{Scene, for_seconds, granted, host, lan, pinned, renewal, v4, wish};
use crate::command::Command;
use crate::evolve::evolve;
use crate::response::Response;
use crate::snapshot::MachineBuilder;

/// The scene as a backup of it is restored.
pub(super) fn restored(scene: &Scene) -> Scene {
    scene.with(scene.machine.clone().restored())
}

pub(super) fn confirm(hosts: &[&str], others: OtherHosts) -> Command {
    let hosts = hosts.iter().map(|name| HostName::new(name).unwrap()).collect();
    Command::ConfirmRecovery(RecoveryConfirmation { hosts, others })
}

pub(super) fn status(response: Response) -> RecoveryStatus {
    let Response::Recovery(status) = response else { panic!("{response:?} is no status") };
    status
}

/// What the holder of a lease names when it has it already.
pub(super) fn adoption(lease: &Lease) -> AllocationSpec {
    let addresses = lease.addresses.iter().map(|leased| leased.address).collect();
    let pins = Pins { index: lease.index, macs: lease.macs, addresses };
    AllocationSpec { pins, ..wish(&lease.holder.to_string()) }
}

fn is_recovering(rejection: &Rejection) -> bool {
    matches!(rejection, Rejection::Recovering { .. })
}

#[test]
fn nothing_is_granted_prolonged_freed_or_told_before_somebody_vouches() {
    let mut before = Scene::small();
    let short = before.lease(for_seconds("h1/short", 60));
    let kept = before.lease(wish("h1/kept"));
    let mut scene = restored(&before);
    assert!(is_recovering(&scene.no(Command::Allocate(wish("h2/new")))));
    assert!(
        is_recovering(&scene.no(Command::Allocate(pinned("h2/new", "192.168.48.6")))),
        "its MACs are chosen"
    );
    assert!(is_recovering(&scene.no(Command::Allocate(wish("h1/kept")))), "it may be gone since");
    assert!(is_recovering(&scene.no(renewal(&short))));
    let spec = ReleaseSpec {
        lease: LeaseRef::Id(kept.id),
        generation: None,
        missing: MissingResource::Allow,
        teardown: Teardown::Awaited,
    };
    assert!(is_recovering(&scene.no(Command::Release(spec))));
    let network = NetworkName::new("lan").unwrap();
    assert!(is_recovering(&scene.no(Command::DeleteNetwork(network, MissingResource::Refuse))));
    // A lifetime that may have been prolonged does not end, and nobody may rely on it.
    scene.pass(3_600);
    scene.yes(Command::Tick);
    let state = scene.machine.state();
    assert_eq!(state.lease_count(), 2);
    let told = state.told(state.lease(short.id).unwrap());
    assert_eq!((told.remaining, told.is_unconfirmed), (Some(Span::ZERO), true));
    assert_eq!(state.next_deadline(), None);
}

#[test]
fn a_holder_that_names_all_it_has_is_taken_over() {
    let mut before = Scene::small();
    let backup = restored(&before);
    // After the backup a jail got a lease.
    let lost = before.lease(wish("h1/lost"));
    let mut scene = backup;
    let adopted = scene.lease(adoption(&lost));
    assert_eq!((adopted.macs, adopted.index), (lost.macs, lost.index));
    assert_eq!((adopted.generation.timeline, adopted.is_unconfirmed), (2, false));
    assert!(adopted.id > lost.id, "a number never means two leases");
    // Asked again, it is told; it is of this timeline.
    assert_eq!(scene.lease(adoption(&lost)), adopted);
    // What a backup has as resting may have been handed out since.
    let mut before = Scene::small();
    let first = before.lease(wish("h1/first"));
    before.release(&first);
    let mut scene = restored(&before);
    let second = AllocationSpec { holder: "h2/second".parse().unwrap(), ..adoption(&first) };
    assert_eq!(v4(&scene.lease(second)), v4(&first));
}

#[test]
fn recovery_ends_when_every_host_is_vouched_for_and_what_was_freed_has_rested() {
    let mut before = Scene::small();
    let short = before.lease(for_seconds("h1/short", 60));
    let mut scene = restored(&before);
    let unconfirmed = scene.no(confirm(&["h1"], OtherHosts::None));
    assert_eq!(unconfirmed, Rejection::Recovering { hosts: 1, rests_for: Span::from_seconds(1_200) });
    let told = status(scene.yes(confirm(&["H1"], OtherHosts::Unsaid)));
    assert_eq!(told.open.unwrap().hosts.len(), 1, "a rejected word counts for nothing, and case for nothing");
    let early = scene.no(confirm(&["h2"], OtherHosts::None));
    assert_eq!(early, Rejection::Recovering { hosts: 0, rests_for: Span::from_seconds(1_200) });
    assert!(matches!(scene.no(confirm(&["h9"], OtherHosts::Unsaid)), Rejection::NotFound(_)));
    scene.pass(1_200);
    assert_eq!(
        status(scene.yes(confirm(&["h2"], OtherHosts::None))),
        RecoveryStatus { timeline: 2, open: None }
    );
    // A lifetime of before begins anew, for it may have been prolonged until the last moment.
    let state = scene.machine.state();
    assert_eq!(state.told(state.lease(short.id).unwrap()).remaining, Some(Span::from_seconds(60)));
    assert_eq!(granted(scene.yes(Command::Allocate(for_seconds("h1/short", 60)))).id, short.id);
    scene.lease(wish("h2/new"));
    scene.pass(61);
    scene.yes(Command::Tick);
    assert_eq!(scene.machine.state().lease(short.id), None);
    // Said again, it is a fact.
    assert!(!status(scene.yes(confirm(&["h1"], OtherHosts::None))).is_open());
}

#[test]
fn what_was_skipped_is_not_handed_out_and_all_beyond_is() {
    let mut before = Scene::small();
    let backup = restored(&before);
    let lost = before.lease(wish("h1/lost"));
    let mut scene = backup;
    let network = || NetworkName::new("lan").unwrap();
    let skip = |last: &str| SkipTo::Addresses { network: network(), last: last.parse().unwrap() };
    scene.yes(Command::SkipTo(skip("192.168.48.3")));
    assert!(is_recovering(&scene.no(Command::Allocate(wish("h1/new")))), "MACs, units and IPv6 are closed");
    scene.yes(Command::SkipTo(skip("fd00:48::ff")));
    scene.yes(Command::SkipTo(SkipTo::Macs { pool: PoolName::unsaid() }));
    let h1 = HostName::new("h1").unwrap();
    let index = SkipTo::Indices { host: h1, kind: lost.kind, last: "9".parse().unwrap() };
    let told = status(scene.yes(Command::SkipTo(index.clone())));
    assert_eq!(told.open.unwrap().open_pools.len(), 4);
    let new = scene.lease(wish("h1/new"));
    assert_eq!((v4(&new).as_str(), new.index.map(|index| index.get())), ("192.168.48.4", Some(10)));
    assert_eq!(new.addresses[1].address.to_string(), "fd00:48::100");
    let first_octets =
        |lease: &Lease| lease.macs.a().unwrap().to_string().split(':').take(3).collect::<String>();
    assert_ne!(first_octets(&new), first_octets(&lost), "from a block that was drawn anew");
    assert!(is_recovering(&scene.no(Command::Allocate(wish("h2/new")))), "that host's units are closed");
    // Asked again, nothing more is drawn, and what lives below can still be taken over.
    let before_again = scene.machine.state().digest();
    scene.yes(Command::SkipTo(index));
    scene.yes(Command::SkipTo(SkipTo::Macs { pool: PoolName::unsaid() }));
    assert_eq!(scene.machine.state().digest(), before_again);
    assert_eq!(v4(&scene.lease(adoption(&lost))), v4(&lost));
    let nowhere = scene.no(Command::SkipTo(skip("10.0.0.1")));
    assert!(matches!(nowhere, Rejection::OutsidePool { .. }), "{nowhere:?}");
}

#[test]
fn a_network_that_is_made_in_recovery_hands_out_its_addresses() {
    let mut before = Scene::small();
    before.lease(wish("h1/old"));
    let mut scene = restored(&before);
    let mut fresh = lan("fresh", &[("10.9.0.0/24", None)]);
    fresh.mac_pool = PoolName::new("fresh").unwrap();
    let pool = allocd_types::pool::PoolSpec {
        name: fresh.mac_pool.clone(),
        values: allocd_types::pool::PoolValues::Mac { blocks: Vec::new() },
        quarantine: Span::from_seconds(300),
        thresholds: Default::default(),
        labels: Default::default(),
    };
    scene.yes(Command::CreatePool(pool));
    scene.yes(Command::CreateNetwork(fresh));
    scene.yes(Command::CreateHost(host("h3")));
    let h3 = HostName::new("h3").unwrap();
    let kind = allocd_types::kind::InterfaceKind::Epair;
    scene.yes(Command::SkipTo(SkipTo::Indices { host: h3, kind, last: "0".parse().unwrap() }));
    let on_fresh = AllocationSpec { network: NetworkName::new("fresh").unwrap(), ..wish("h3/new") };
    assert_eq!(v4(&scene.lease(on_fresh)), "10.9.0.1");
    // The host is new to this timeline, so nobody has to vouch for it; once it is gone, nothing of it is left.
    assert!(
        scene
            .machine
            .state()
            .recovery_status()
            .open
            .unwrap()
            .hosts
            .iter()
            .all(|host| host.name.as_str() != "h3")
    );
}

#[test]
fn a_skip_needs_a_recovery() {
    let mut scene = Scene::small();
    let macs = Command::SkipTo(SkipTo::Macs { pool: PoolName::unsaid() });
    assert_eq!(scene.no(macs), Rejection::NotRecovering);
    let told = status(scene.yes(confirm(&[], OtherHosts::None)));
    assert_eq!(told, RecoveryStatus { timeline: 1, open: None });
}

#[test]
fn a_machine_in_recovery_survives_its_records_and_its_events() {
    let mut before = Scene::small();
    before.lease(for_seconds("h1/short", 60));
    let mut scene = restored(&before);
    let mut replayed = scene.machine.state().clone();
    scene.yes(confirm(&["h1"], OtherHosts::Unsaid));
    scene.yes(Command::SkipTo(SkipTo::Macs { pool: PoolName::unsaid() }));
    let mut builder = MachineBuilder::new();
    scene.machine.records().for_each(|record| builder.add(record).unwrap());
    assert_eq!(builder.build().unwrap(), scene.machine);
    scene.pass(1_200);
    scene.yes(confirm(&["h2"], OtherHosts::None));
    for event in &scene.events {
        evolve(&mut replayed, event);
    }
    assert_eq!(replayed.digest(), scene.machine.state().digest());
    // A second loss begins a third timeline.
    assert_eq!(restored(&scene).machine.state().recovery_status().timeline, 3);
}

#[test]
fn a_request_of_the_former_timeline_is_asked_anew() {
    let mut before = Scene::small();
    before.say_as("grant", Command::Allocate(wish("h1/a")));
    let mut scene = restored(&before);
    let repeated = scene.say_as("grant", Command::Allocate(wish("h1/a"))).outcome.unwrap_err();
    assert!(is_recovering(&repeated), "{repeated:?}");
}
