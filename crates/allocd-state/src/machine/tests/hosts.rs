//! Stories about hosts and their agents: whose word frees a value.

use allocd_types::agent::{AgentRef, AgentReport, Inventory, LeaseAt, Reconciliation};
use allocd_types::allocation::{LeaseRef, MissingResource, ReleaseSpec, Teardown};
use allocd_types::host::{FenceSpec, Host, HostRegistration, HostState, HostUuid, SeenOnHost};
use allocd_types::id::{Incarnation, LeaseId};
use allocd_types::lease::{Lease, LeaseState};
use allocd_types::name::HostName;
use allocd_types::rejection::Rejection;
use allocd_types::value::{Value, ValueState};

use super::scene::{Scene, granted, pinned, v4, wish};
use crate::command::Command;
use crate::event::{Event, FreedCause};
use crate::response::Response;

pub(super) fn name(host: &str) -> HostName {
    HostName::new(host).unwrap()
}

/// Says that a host is off.
pub(super) fn fence(host: &str) -> Command {
    Command::FenceHost(FenceSpec { host: name(host), incarnation: None })
}

/// Starts the agent of a host.
pub(super) fn register(scene: &mut Scene, host: &str) -> AgentRef {
    let uuid =
        HostUuid::new(&format!("00000000-0000-0000-0000-0000000000{}", &host.replace('h', "0"))).unwrap();
    let registration =
        HostRegistration { host: name(host), uuid, release: None, seen: SeenOnHost::default() };
    let Response::Host(Host { incarnation, .. }) = scene.yes(Command::RegisterHost(registration)) else {
        panic!("a registration is answered with the host")
    };
    AgentRef { host: name(host), incarnation }
}

pub(super) fn report(agent: &AgentRef, lease: &Lease) -> AgentReport {
    let (agent, generation) = (agent.clone(), lease.generation);
    AgentReport { agent, lease: LeaseAt { lease: lease.id, generation } }
}

pub(super) fn bind(scene: &mut Scene, agent: &AgentRef, lease: &Lease) -> Lease {
    granted(scene.yes(Command::BindLease(report(agent, lease))))
}

pub(super) fn release(lease: &Lease, teardown: Teardown) -> Command {
    let (lease, missing) = (LeaseRef::Id(lease.id), MissingResource::Refuse);
    Command::Release(ReleaseSpec { lease, generation: None, missing, teardown })
}

pub(super) fn reconcile(scene: &mut Scene, agent: &AgentRef, leases: &[LeaseId]) -> Reconciliation {
    let inventory = Inventory { agent: agent.clone(), leases: leases.to_vec() };
    let answer = scene.yes(Command::ReconcileHost(inventory));
    let Response::Reconciled(found) = answer else { panic!("{answer:?} is not what a host should do") };
    found
}

pub(super) fn state_of(scene: &Scene, address: &str) -> ValueState {
    let vrf = allocd_types::name::VrfName::unsaid();
    scene.machine.state().explain(&Value::Address(vrf, address.parse().unwrap())).state
}

#[test]
fn what_a_host_has_taken_up_is_freed_when_it_says_so() {
    let mut scene = Scene::small();
    let agent = register(&mut scene, "h1");
    let lease = scene.lease(wish("h1/web"));
    let bound = bind(&mut scene, &agent, &lease);
    assert_eq!((bound.state, bound.generation), (LeaseState::Bound, lease.generation));

    // Given back, its values are still its own: the jail may be running.
    let answer = scene.yes(release(&lease, Teardown::Awaited));
    assert_eq!(answer, Response::Released { lease: Some(lease.id), is_awaited: true });
    assert_eq!(state_of(&scene, &v4(&lease)), ValueState::Leased);
    let asked_again = scene.no(Command::Allocate(wish("h1/web")));
    assert_eq!(asked_again, Rejection::Releasing { lease: lease.id, holder: lease.holder.clone() });
    assert!(matches!(scene.no(Command::BindLease(report(&agent, &lease))), Rejection::Releasing { .. }));

    // Its host's word frees them, and they rest.
    scene.yes(Command::ConfirmTeardown(report(&agent, &lease)));
    assert_eq!(state_of(&scene, &v4(&lease)), ValueState::Quarantined);
    // Said again, it is as it was.
    let again = scene.yes(Command::ConfirmTeardown(report(&agent, &lease)));
    assert_eq!(again, Response::Released { lease: None, is_awaited: false });
}

#[test]
fn what_nobody_has_taken_up_is_freed_at_once() {
    let mut scene = Scene::small();
    register(&mut scene, "h1");
    let lease = scene.lease(wish("h1/web"));
    let answer = scene.yes(release(&lease, Teardown::Awaited));
    assert_eq!(answer, Response::Released { lease: Some(lease.id), is_awaited: false });
    assert_eq!(state_of(&scene, &v4(&lease)), ValueState::Quarantined);
}

#[test]
fn an_operator_may_state_that_the_jail_is_off() {
    let mut scene = Scene::small();
    let agent = register(&mut scene, "h1");
    let lease = scene.lease(wish("h1/web"));
    bind(&mut scene, &agent, &lease);
    scene.yes(release(&lease, Teardown::Awaited));
    scene.yes(release(&lease, Teardown::Stated));
    let last = scene.events.last();
    assert!(matches!(last, Some(Event::LeaseFreed { cause: FreedCause::Stated, .. })), "{last:?}");
}

#[test]
fn only_the_newest_agent_of_the_leases_own_host_is_heard() {
    let mut scene = Scene::small();
    let older = register(&mut scene, "h1");
    let newer = register(&mut scene, "h1");
    let other = register(&mut scene, "h2");
    let lease = scene.lease(wish("h1/web"));
    let stale = scene.no(Command::BindLease(report(&older, &lease)));
    assert!(matches!(stale, Rejection::StaleIncarnation { .. }), "{stale:?}");
    let foreign = scene.no(Command::BindLease(report(&other, &lease)));
    assert!(matches!(foreign, Rejection::OnOtherHost { .. }), "{foreign:?}");
    bind(&mut scene, &newer, &lease);
    let nothing = scene.no(Command::ConfirmTeardown(report(&newer, &lease)));
    assert_eq!(nothing, Rejection::NothingToConfirm { lease: lease.id });
}

#[test]
fn a_draining_host_keeps_what_it_has_and_gets_no_more() {
    let mut scene = Scene::small();
    let lease = scene.lease(wish("h1/web"));
    scene.yes(Command::DrainHost(name("h1")));
    let no = scene.no(Command::Allocate(wish("h1/db")));
    assert_eq!(no, Rejection::HostNotActive { host: name("h1"), state: HostState::Draining });
    // Who has a lease is told of it as before.
    assert_eq!(scene.lease(wish("h1/web")).id, lease.id);
    scene.yes(Command::ActivateHost(name("h1")));
    scene.lease(wish("h1/db"));
}

#[test]
fn fencing_lets_what_waits_for_the_host_go_and_its_word_counts_no_more() {
    let mut scene = Scene::small();
    let agent = register(&mut scene, "h1");
    let waiting = scene.lease(wish("h1/web"));
    bind(&mut scene, &agent, &waiting);
    let kept = scene.lease(wish("h1/db"));
    bind(&mut scene, &agent, &kept);
    scene.yes(release(&waiting, Teardown::Awaited));
    scene.yes(fence("h1"));
    assert_eq!(scene.machine.state().next_deadline(), Some(scene.machine.state().now()));
    scene.yes(Command::Tick);
    assert_eq!(state_of(&scene, &v4(&waiting)), ValueState::Quarantined);
    assert_eq!(state_of(&scene, &v4(&kept)), ValueState::Leased);
    let no = scene.no(Command::BindLease(report(&agent, &kept)));
    assert_eq!(no, Rejection::HostFenced { host: name("h1") });
    // What it still has can be given back without its word.
    let answer = scene.yes(release(&kept, Teardown::Awaited));
    assert_eq!(answer, Response::Released { lease: Some(kept.id), is_awaited: false });
}

#[test]
fn a_statement_of_a_host_that_has_come_back_since_is_of_the_past() {
    let mut scene = Scene::small();
    let AgentRef { host, incarnation } = register(&mut scene, "h1");
    register(&mut scene, "h1");
    let late = FenceSpec { host: host.clone(), incarnation: Some(incarnation) };
    let no = scene.no(Command::FenceHost(late));
    assert_eq!(no, Rejection::StaleIncarnation { host, given: incarnation, current: incarnation.next() });
}

#[test]
fn a_value_of_a_fenced_host_does_not_go_back_at_once() {
    let mut scene = Scene::small();
    let agent = register(&mut scene, "h1");
    let lease = scene.lease(wish("h1/web"));
    bind(&mut scene, &agent, &lease);
    scene.yes(fence("h1"));
    scene.yes(release(&lease, Teardown::Awaited));
    assert_eq!(reconcile(&mut scene, &agent, &[]), Reconciliation::default());
    let no = scene.no(Command::Allocate(pinned("h1/web", &v4(&lease))));
    assert!(matches!(no, Rejection::Resting { .. }), "{no:?}");
    assert_ne!(v4(&scene.lease(wish("h1/web"))), v4(&lease));
}

#[test]
fn a_fenced_host_tears_down_before_it_is_one_again() {
    let mut scene = Scene::small();
    let agent = register(&mut scene, "h1");
    let lease = scene.lease(wish("h1/web"));
    bind(&mut scene, &agent, &lease);
    scene.yes(fence("h1"));
    assert_eq!(scene.no(Command::ActivateHost(name("h1"))), Rejection::HostNotReturned { host: name("h1") });
    let agent = register(&mut scene, "h1");
    let found = reconcile(&mut scene, &agent, &[lease.id]);
    assert_eq!(found.destroy, [lease.id]);
    // Nothing is left: it gets what it still has anew.
    let found = reconcile(&mut scene, &agent, &[]);
    assert_eq!(found, Reconciliation { create: vec![lease.id], ..Reconciliation::default() });
    let host = scene.machine.state().host(&name("h1")).unwrap();
    assert_eq!((host.state, host.incarnation), (HostState::Active, Incarnation::new(2)));
    assert_eq!(bind(&mut scene, &agent, &lease).state, LeaseState::Bound);
}

#[test]
fn only_what_was_in_use_is_suspected_and_a_second_look_clears_it() {
    let mut scene = Scene::small();
    let agent = register(&mut scene, "h1");
    let lost = scene.lease(wish("h1/web"));
    bind(&mut scene, &agent, &lost);
    let new = scene.lease(wish("h1/db"));
    let strange = LeaseId::new(4711);
    let found = reconcile(&mut scene, &agent, &[strange]);
    let expected = Reconciliation {
        create: vec![new.id, lost.id],
        destroy: vec![strange],
        suspect: vec![lost.id],
        ..Reconciliation::default()
    };
    assert_eq!(found, expected);
    assert_eq!(scene.machine.state().host(&name("h1")).unwrap().suspects, 1);
    assert_eq!(state_of(&scene, &v4(&lost)), ValueState::Leased, "silence frees nothing");
    let found = reconcile(&mut scene, &agent, &[lost.id]);
    assert_eq!((found.keep, found.suspect), (vec![lost.id], Vec::new()));
    assert_eq!(scene.machine.state().host(&name("h1")).unwrap().suspects, 0);
}
