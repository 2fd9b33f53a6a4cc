//! What lives on hosts after a restore, and what the backup knows of it: whoever lives with a value keeps it.

use allocd_types::agent::{Adoption, AgentRef, Inventory, Reconciliation};
use allocd_types::allocation::Teardown;
use allocd_types::decline::LeasePart;
use allocd_types::host::HostState;
use allocd_types::id::LeaseId;
use allocd_types::lease::{Lease, LeaseState};
use allocd_types::migration::MoveSpec;
use allocd_types::recovery::OtherHosts;
use allocd_types::rejection::Rejection;
use allocd_types::value::ValueState;
use proptest::prelude::*;

use super::agents::{InUse, play, step};
use super::hosts::{bind, fence, name, reconcile, register, release, report, state_of};
use super::recovery::{confirm, restored, status};
use super::scene::{Scene, granted, host, pinned, v4, wish};
use crate::command::Command;
use crate::event::{Event, FreedCause};
use crate::evolve::evolve;
use crate::record::LeaseRecord;
use crate::snapshot::MachineBuilder;

/// What an agent says of a lease that lives on its host.
fn adoption(agent: &AgentRef, lease: &Lease) -> Command {
    Command::AdoptLease(Adoption::of(agent.clone(), lease))
}

fn adopt(scene: &mut Scene, agent: &AgentRef, lease: &Lease) -> Lease {
    granted(scene.yes(adoption(agent, lease)))
}

/// The hosts that nobody has vouched for.
fn unconfirmed(scene: &Scene) -> Vec<String> {
    let open = scene.machine.state().recovery_status().open.unwrap();
    open.hosts.into_iter().map(|host| host.name.to_string()).collect()
}

#[test]
fn what_the_backup_does_not_know_keeps_its_number_and_its_values() {
    let mut before = Scene::small();
    let backup = restored(&before);
    let agent = register(&mut before, "h1");
    let lost = before.lease(wish("h1/lost"));
    let lost = bind(&mut before, &agent, &lost);

    let mut scene = backup;
    let agent = register(&mut scene, "h1");
    let told = reconcile(&mut scene, &agent, &[lost.id]);
    assert_eq!(told, Reconciliation { adopt: vec![lost.id], ..Reconciliation::default() });
    assert_eq!(unconfirmed(&scene), ["h1", "h2"], "its word is not complete");
    let adopted = adopt(&mut scene, &agent, &lost);
    assert_eq!((adopted.id, adopted.state), (lost.id, LeaseState::Bound));
    assert_eq!((adopted.macs, adopted.index, &adopted.addresses), (lost.macs, lost.index, &lost.addresses));
    assert_eq!((adopted.generation.timeline, adopted.is_unconfirmed), (2, false));
    assert_eq!(adopt(&mut scene, &agent, &lost), adopted, "said again, it is a fact");

    let told = reconcile(&mut scene, &agent, &[lost.id]);
    assert_eq!(told, Reconciliation { keep: vec![lost.id], ..Reconciliation::default() });
    assert_eq!(unconfirmed(&scene), ["h2"], "the host has vouched for itself");
    // It is a lease like any other; once gone, it does not come back.
    scene.yes(release(&adopted, Teardown::Awaited));
    scene.yes(Command::ConfirmTeardown(report(&agent, &adopted)));
    assert!(matches!(scene.no(adoption(&agent, &lost)), Rejection::NotFound(_)));
    assert_eq!(reconcile(&mut scene, &agent, &[lost.id]).destroy, [lost.id]);
    // Nobody gets a number of before.
    scene.pass(1_200);
    scene.yes(Command::Tick);
    scene.yes(confirm(&["h2"], OtherHosts::None));
    assert!(scene.lease(wish("h1/new")).id > lost.id);
    assert_eq!(scene.no(adoption(&agent, &lost)), Rejection::NotRecovering);
}

#[test]
fn what_the_backup_has_as_it_lives_is_vouched_for_as_it_is() {
    let mut before = Scene::small();
    let agent = register(&mut before, "h1");
    let fresh = before.lease(wish("h1/fresh"));
    let leaving = before.lease(wish("h1/leaving"));
    bind(&mut before, &agent, &leaving);
    before.yes(release(&leaving, Teardown::Awaited));
    let mut scene = restored(&before);
    // After the backup the first was taken up; of the second everything is there still.
    let agent = register(&mut scene, "h1");
    assert_eq!(reconcile(&mut scene, &agent, &[fresh.id, leaving.id]).adopt, [fresh.id, leaving.id]);
    assert_eq!(adopt(&mut scene, &agent, &fresh).state, LeaseState::Bound);
    let leaving = adopt(&mut scene, &agent, &leaving);
    assert_eq!(leaving.state, LeaseState::Releasing);
    let told = reconcile(&mut scene, &agent, &[fresh.id, leaving.id]);
    assert_eq!((told.keep, told.destroy, told.adopt), (vec![fresh.id], vec![leaving.id], vec![]));
    scene.yes(Command::ConfirmTeardown(report(&agent, &leaving)));
    assert_eq!(state_of(&scene, &v4(&leaving)), ValueState::Quarantined);
}

#[test]
fn the_host_that_had_it_later_has_it() {
    let mut before = Scene::small();
    let h1 = register(&mut before, "h1");
    let first = before.lease(wish("h1/web"));
    bind(&mut before, &h1, &first);
    let backup = before.with(before.machine.clone().restored());
    // After the backup h1 was declared off, and the jail went to h2.
    before.yes(fence("h1"));
    before.yes(Command::MoveLease(MoveSpec {
        lease: allocd_types::allocation::LeaseRef::Id(first.id),
        generation: None,
        to: name("h2"),
    }));
    let h2 = register(&mut before, "h2");
    let moved = before.machine.state().told(before.machine.state().lease(first.id).unwrap());
    let moved = bind(&mut before, &h2, &moved);
    assert_eq!(moved.holder.host, name("h2"));

    let both = [(true, "h1 speaks first"), (false, "h2 speaks first")];
    for (is_h1_first, who) in both {
        let mut scene = backup.with(backup.machine.clone());
        let (h1, h2) = (register(&mut scene, "h1"), register(&mut scene, "h2"));
        if is_h1_first {
            adopt(&mut scene, &h1, &first);
        }
        let adopted = adopt(&mut scene, &h2, &moved);
        assert_eq!((adopted.holder, adopted.index), (moved.holder.clone(), moved.index), "{who}");
        assert!(matches!(scene.no(adoption(&h1, &first)), Rejection::Fenced { .. }), "{who}");
        assert_eq!(reconcile(&mut scene, &h1, &[first.id]).destroy, [first.id], "{who}");
    }
}

#[test]
fn what_another_lease_lives_with_waits_for_the_host_that_the_backup_has_it_on() {
    let mut before = Scene::small();
    let h1 = register(&mut before, "h1");
    let old = before.lease(wish("h1/old"));
    let old = bind(&mut before, &h1, &old);
    let backup = restored(&before);
    before.yes(release(&old, Teardown::Awaited));
    before.yes(Command::ConfirmTeardown(report(&h1, &old)));
    before.pass(1_200);
    before.yes(Command::Tick);
    let h2 = register(&mut before, "h2");
    let new = before.lease(pinned("h2/new", &v4(&old)));
    let new = bind(&mut before, &h2, &new);

    let mut scene = backup;
    let (h1, h2) = (register(&mut scene, "h1"), register(&mut scene, "h2"));
    let taken = scene.no(adoption(&h2, &new));
    assert!(matches!(taken, Rejection::Taken { lease, .. } if lease == old.id), "{taken:?}");
    // The operator's word for a host is not its agent's.
    scene.yes(confirm(&["h1"], OtherHosts::Unsaid));
    assert!(matches!(scene.no(adoption(&h2, &new)), Rejection::Taken { .. }));
    assert_eq!(reconcile(&mut scene, &h1, &[]), Reconciliation::default());
    assert_eq!(v4(&adopt(&mut scene, &h2, &new)), v4(&old));
    assert_eq!(scene.machine.state().lease(old.id), None);
    let is_superseded = |event: &Event| matches!(event, Event::LeaseFreed { lease, cause: FreedCause::Superseded, .. } if lease.id == old.id);
    assert!(scene.events.iter().any(is_superseded));
    // What is gone may be asked for no more.
    assert_eq!(reconcile(&mut scene, &h1, &[]), Reconciliation::default());
    let mut builder = MachineBuilder::new();
    scene.machine.records().for_each(|record| builder.add(record).unwrap());
    assert_eq!(builder.build().unwrap(), scene.machine, "a snapshot has all of it");
}

#[test]
fn a_value_that_was_exchanged_since_is_what_lives() {
    let mut before = Scene::small();
    let agent = register(&mut before, "h1");
    let old = before.lease(wish("h1/web"));
    let old = bind(&mut before, &agent, &old);
    let backup = restored(&before);
    let part = LeasePart::Address(old.addresses[0].address);
    before.yes(Command::DeclineLease(super::declines::spec(&old, part)));
    let new = before.machine.state().told(before.machine.state().lease(old.id).unwrap());
    let new = bind(&mut before, &agent, &new);
    assert_ne!(v4(&new), v4(&old));

    let mut scene = backup;
    let agent = register(&mut scene, "h1");
    assert_eq!(v4(&adopt(&mut scene, &agent, &new)), v4(&new));
    assert_eq!(state_of(&scene, &v4(&old)), ValueState::Quarantined);
    let stale = scene.no(adoption(&agent, &old));
    assert!(matches!(stale, Rejection::Fenced { .. }), "{stale:?}");
}

#[test]
fn a_host_that_was_declared_off_adopts_nothing() {
    let mut before = Scene::small();
    let agent = register(&mut before, "h1");
    let lease = before.lease(wish("h1/web"));
    let lease = bind(&mut before, &agent, &lease);
    let mut scene = restored(&before);
    let agent = register(&mut scene, "h1");
    scene.yes(fence("h1"));
    assert_eq!(scene.no(adoption(&agent, &lease)), Rejection::HostFenced { host: name("h1") });
    assert_eq!(reconcile(&mut scene, &agent, &[lease.id]).destroy, [lease.id]);
    let older = AgentRef { incarnation: Default::default(), ..agent };
    assert!(matches!(scene.no(adoption(&older, &lease)), Rejection::StaleIncarnation { .. }));
}

#[test]
fn what_a_host_had_and_nobody_knows_of_rests_from_when_the_host_is_off() {
    let mut before = Scene::small();
    let mut scene = restored(&before);
    let agent = register(&mut before, "h1");
    let lost = before.lease(wish("h1/lost"));
    bind(&mut before, &agent, &lost);
    scene.yes(confirm(&["h2"], OtherHosts::Unsaid));
    scene.pass(5_000);
    scene.yes(fence("h1"));
    let early = scene.no(confirm(&[], OtherHosts::None));
    assert!(matches!(early, Rejection::Recovering { hosts: 0, .. }), "{early:?}");
    scene.pass(1_200);
    assert!(!status(scene.yes(confirm(&[], OtherHosts::None))).is_open());
}

#[test]
fn who_was_an_agent_before_a_restore_is_none_until_it_says_so() {
    let mut before = Scene::small();
    let older = register(&mut before, "h1");
    let mut scene = restored(&before);
    let in_lost_hours = register(&mut before, "h1");
    assert!(matches!(scene.no(inventory(&older)), Rejection::StaleIncarnation { .. }));
    let newer = register(&mut scene, "h1");
    assert!(newer.incarnation > in_lost_hours.incarnation, "one number never means two starts");
    assert!(matches!(scene.no(inventory(&in_lost_hours)), Rejection::StaleIncarnation { .. }));
    // Nor of a host whose first agent came in the lost hours.
    let first = register(&mut before, "h2");
    assert!(register(&mut scene, "h2").incarnation > first.incarnation);
}

fn inventory(agent: &AgentRef) -> Command {
    Command::ReconcileHost(Inventory { agent: agent.clone(), leases: Vec::new() })
}

/// What an agent says of what it uses: what it is told of it, unless that is older than what it knows.
fn claim(scene: &Scene, agent: &AgentRef, used: &LeaseRecord) -> Command {
    let state = scene.machine.state();
    let known = state
        .lease(used.id)
        .filter(|record| record.holder.host == agent.host && record.generation >= used.generation);
    adoption(agent, &state.told(known.map_or(used, |record| &**record)))
}

/// Every host tells what is on it and what that is. A host that is to come back from a fence has torn everything down.
fn tell_everything(scene: &mut Scene, used: &mut InUse) {
    for host in ["h1", "h2", "h3"] {
        let agent = register(scene, host);
        let there = |used: &InUse| -> Vec<LeaseId> {
            used.0
                .values()
                .filter(|record| record.holder.host == agent.host)
                .map(|record| record.id)
                .collect()
        };
        let told = reconcile(scene, &agent, &there(used));
        let state = scene.machine.state();
        if state.host(&agent.host).is_some_and(|host| host.state == HostState::Fenced) {
            assert_eq!(told.destroy, there(used), "everything, before its word counts");
            used.0.retain(|_, record| record.holder.host != agent.host);
        }
        // Nothing that lives is torn down because of the restore.
        for lease in told.destroy.iter().filter(|lease| used.0.contains_key(lease)) {
            assert!(state.lease(*lease).is_some_and(|record| record.is_awaited()), "{lease:?}: {told:?}");
        }
        for lease in &told.adopt {
            let command = claim(scene, &agent, &used.0[lease]);
            scene.say(command);
        }
        reconcile(scene, &agent, &there(used));
    }
}

proptest! {
    #[test]
    fn whoever_lives_with_a_value_has_it_after_a_restore(
        steps in prop::collection::vec(step(), 0..60),
        lost in prop::collection::vec(step(), 0..40),
    ) {
        let mut before = Scene::small();
        before.yes(Command::CreateHost(host("h3")));
        let mut used = InUse::default();
        steps.iter().for_each(|step| play(&mut before, &mut used, step));
        let mut scene = restored(&before);
        lost.iter().for_each(|step| play(&mut before, &mut used, step));
        // What ends by itself has ended before anybody may have it.
        used.0.retain(|_, record| record.lifetime.is_none());
        let start = scene.machine.state().clone();
        // One host may have to speak before another is believed.
        (0..3).for_each(|_| tell_everything(&mut scene, &mut used));
        used.check(scene.machine.state());
        prop_assert_eq!(unconfirmed(&scene), Vec::<String>::new());
        scene.pass(1_200);
        let told = status(scene.yes(confirm(&[], OtherHosts::None)));
        prop_assert!(!told.is_open());
        scene.yes(Command::Tick);
        used.check(scene.machine.state());
        let mut replayed = start;
        scene.events.iter().for_each(|event| evolve(&mut replayed, event));
        prop_assert_eq!(replayed.digest(), scene.machine.state().digest());
        super::snapshots::round_trips(&scene.machine);
    }
}
