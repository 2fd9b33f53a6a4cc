//! Stories about values that are in use by somebody else.

use allocd_types::allocation::LeaseRef;
use allocd_types::decline::{DeclineSpec, Declined, Evidence, EvidenceSource, Kept, KeptWhy, LeasePart};
use allocd_types::id::Generation;
use allocd_types::lease::Lease;
use allocd_types::limits::{DECLINE_QUARANTINE_SECONDS, DECLINES_PER_HOST_MAX};
use allocd_types::mac::{Mac, Macs};
use allocd_types::name::VrfName;
use allocd_types::rejection::Rejection;
use allocd_types::time::Span;
use allocd_types::value::{Value, ValueState};

use super::hosts::{bind, fence, name, register};
use super::scene::{Scene, lan, v4, wish};
use crate::command::Command;
use crate::response::Response;

pub(super) fn spec(lease: &Lease, part: LeasePart) -> DeclineSpec {
    let line = "arp: 12:00:00:00:00:01 is using my IP address 192.168.48.2 on epair0b!";
    let offender = Some(Mac::from_bits(0x1200_0000_0001));
    let evidence = Evidence::new(EvidenceSource::Arp, line, offender);
    DeclineSpec { lease: LeaseRef::Id(lease.id), generation: lease.generation, part, evidence }
}

fn decline(scene: &mut Scene, lease: &Lease, part: LeasePart) -> Declined {
    let answer = scene.yes(Command::DeclineLease(spec(lease, part)));
    let Response::Declined(declined) = answer else { panic!("{answer:?} tells of no decline") };
    declined
}

fn first_address(lease: &Lease) -> LeasePart {
    LeasePart::Address(lease.addresses[0].address)
}

fn address(lease: &Lease) -> Value {
    Value::Address(VrfName::unsaid(), lease.addresses[0].address)
}

/// A network with room for conflicts.
fn wide() -> Scene {
    let mut scene = Scene::empty();
    scene.yes(Command::CreateNetwork(lan("lan", &[("10.0.0.0/16", None)])));
    for host in ["h1", "h2"] {
        scene.yes(Command::CreateHost(super::scene::host(host)));
    }
    scene
}

#[test]
fn only_the_value_in_conflict_is_exchanged_and_rests_for_a_day() {
    let mut scene = wide();
    let agent = register(&mut scene, "h1");
    let lease = scene.lease(wish("h1/web"));
    let lease = bind(&mut scene, &agent, &lease);
    let Declined { lease: new, kept } = decline(&mut scene, &lease, first_address(&lease));
    assert_eq!(kept, None);
    assert_eq!((new.id, new.macs, new.index), (lease.id, lease.macs, lease.index));
    assert_ne!(v4(&new), v4(&lease));
    assert!(new.generation > lease.generation);
    // Its host may be using it still: until that has bound the lease anew, the value is nobody else's, whatever anybody says.
    assert_eq!(scene.machine.state().explain(&address(&lease)).state, ValueState::Leased);
    let held = scene.no(Command::ClearDecline(address(&lease)));
    assert!(matches!(held, Rejection::Taken { .. }), "{held:?}");
    let new = bind(&mut scene, &agent, &new);
    let rests = scene.machine.state().explain(&address(&lease));
    assert_eq!(rests.state, ValueState::Quarantined);
    assert_eq!(rests.rests_for, Some(Span::from_seconds(DECLINE_QUARANTINE_SECONDS)));
    // Its holder does not get it back by asking for it.
    scene.release(&new);
    let now = scene.machine.state().told(scene.machine.state().lease(new.id).unwrap());
    scene.yes(Command::ConfirmTeardown(super::hosts::report(&agent, &now)));
    assert_eq!(v4(&scene.lease(wish("h1/web"))), v4(&new));
    // A day later it is like any other.
    scene.pass(u64::from(DECLINE_QUARANTINE_SECONDS));
    scene.yes(Command::Tick);
    assert_eq!(scene.machine.state().explain(&address(&lease)).state, ValueState::Free);
}

#[test]
fn a_declined_mac_takes_its_pair_along() {
    let mut scene = wide();
    let lease = scene.lease(wish("h1/web"));
    let Declined { lease: new, .. } = decline(&mut scene, &lease, LeasePart::Macs);
    let (Macs::Pair { a, b }, Macs::Pair { a: new_a, b: new_b }) = (lease.macs, new.macs) else {
        panic!("a cable has a pair")
    };
    assert!(![a, b].contains(&new_a) && ![a, b].contains(&new_b));
    for mac in [a, b] {
        assert_eq!(scene.machine.state().explain(&Value::Mac(mac)).state, ValueState::Quarantined);
    }
}

#[test]
fn a_value_that_is_declined_again_rests_twice_as_long() {
    let mut scene = Scene::empty();
    // Two addresses: what was declined is soon handed out again.
    scene.yes(Command::CreateNetwork(lan("lan", &[("10.0.0.0/31", None)])));
    scene.yes(Command::CreateHost(super::scene::host("h1")));
    let mut lease = scene.lease(wish("h1/web"));
    let first = address(&lease);
    for days in [1_u32, 2, 4] {
        let declined = decline(&mut scene, &lease, first_address(&lease));
        assert_eq!(declined.kept, None);
        let rests_for = scene.machine.state().explain(&first).rests_for;
        assert_eq!(rests_for, Some(Span::from_seconds(days * DECLINE_QUARANTINE_SECONDS)));
        scene.pass(u64::from(days * DECLINE_QUARANTINE_SECONDS));
        scene.yes(Command::Tick);
        // Back to the first one, for the next time.
        lease = decline(&mut scene, &declined.lease, first_address(&declined.lease)).lease;
        assert_eq!(address(&lease), first);
        scene.pass(64 * u64::from(DECLINE_QUARANTINE_SECONDS));
        scene.yes(Command::Tick);
    }
    // What was granted since is no reason to keep what was told of it.
    scene.yes(Command::ClearDecline(first));
    assert_eq!(
        scene.machine.state().declines().filter(|decline| decline.value == address(&lease)).count(),
        0
    );
}

#[test]
fn a_host_that_reports_too_much_gets_nothing_new_and_is_told_when_to_try_again() {
    let mut scene = wide();
    let mut lease = scene.lease(wish("h1/web"));
    for _ in 0..DECLINES_PER_HOST_MAX {
        let declined = decline(&mut scene, &lease, first_address(&lease));
        assert_eq!(declined.kept, None);
        lease = declined.lease;
        scene.pass(60);
    }
    let Declined { lease: same, kept } = decline(&mut scene, &lease, first_address(&lease));
    assert_eq!((same.generation, v4(&same)), (lease.generation, v4(&lease)));
    let in_50_minutes = Some(Span::from_seconds(3_600 - 600));
    assert_eq!(kept, Some(Kept { why: KeptWhy::HostRate, retry_after: in_50_minutes }));
    // What was seen is kept for people, and other hosts are heard.
    let noted = scene.machine.state().declines().find(|noted| noted.value == address(&lease));
    assert_eq!(noted.unwrap().rests_until, None);
    let other = scene.lease(wish("h2/web"));
    assert_eq!(decline(&mut scene, &other, first_address(&other)).kept, None);
    scene.pass(3_000);
    assert_eq!(decline(&mut scene, &lease, first_address(&lease)).kept, None);
}

#[test]
fn no_more_than_a_share_of_a_pool_rests_for_conflicts() {
    let mut scene = Scene::small();
    let one = scene.lease(wish("h1/web"));
    assert_eq!(decline(&mut scene, &one, first_address(&one)).kept, None);
    let two = scene.lease(wish("h2/web"));
    let kept = decline(&mut scene, &two, first_address(&two)).kept.unwrap();
    assert_eq!(kept.why, KeptWhy::PoolShare);
    // Cleared by somebody who has looked, it rests like any other, and there is room for the next.
    scene.yes(Command::ClearDecline(address(&one)));
    let state = scene.machine.state().explain(&address(&one));
    assert_eq!((state.state, state.rests_for), (ValueState::Quarantined, Some(Span::from_seconds(1_200))));
    assert_eq!(decline(&mut scene, &two, first_address(&two)).kept, None);
    let gone = scene.no(Command::ClearDecline(address(&one)));
    assert_eq!(gone, Rejection::NotDeclined { value: address(&one) });
    scene.pass(1_200);
    scene.yes(Command::Tick);
    assert_eq!(scene.machine.state().explain(&address(&one)).state, ValueState::Free);
}

#[test]
fn a_pool_without_another_value_keeps_the_evidence_and_the_lease() {
    let mut scene = Scene::empty();
    scene.yes(Command::CreateNetwork(lan("lan", &[("10.0.0.1/32", None)])));
    scene.yes(Command::CreateHost(super::scene::host("h1")));
    let lease = scene.lease(wish("h1/web"));
    let kept = decline(&mut scene, &lease, first_address(&lease)).kept;
    assert_eq!(kept, Some(Kept { why: KeptWhy::Exhausted, retry_after: None }));
    assert_eq!(scene.machine.state().declines().count(), 1);
}

#[test]
fn only_who_knows_the_lease_as_it_is_may_decline_and_only_what_it_has() {
    let mut scene = wide();
    let lease = scene.lease(wish("h1/web"));
    let stale = Generation {
        timeline: 1,
        ..Generation { timeline: 1, revision: allocd_types::id::Revision::new(1) }
    };
    let no =
        scene.no(Command::DeclineLease(DeclineSpec { generation: stale, ..spec(&lease, LeasePart::Macs) }));
    assert!(matches!(no, Rejection::Fenced { .. }), "{no:?}");
    let other = LeasePart::Address("10.9.9.9".parse().unwrap());
    let no = scene.no(Command::DeclineLease(spec(&lease, other)));
    assert_eq!(no, Rejection::NotOfLease { lease: lease.id, part: other });
    scene.yes(fence("h1"));
    let no = scene.no(Command::DeclineLease(spec(&lease, LeasePart::Index)));
    assert_eq!(no, Rejection::HostFenced { host: name("h1") });
}
