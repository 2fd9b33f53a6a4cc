//! Stories about moving a lease: it is never on two hosts.

use allocd_types::agent::AgentRef;
use allocd_types::allocation::{LeaseRef, MissingResource, ReleaseSpec, Teardown};
use allocd_types::lease::{Lease, LeaseState};
use allocd_types::migration::{CancelMoveSpec, MoveSpec};
use allocd_types::rejection::Rejection;

use super::hosts::{bind, fence, name, register, report};
use super::scene::{Scene, granted, wish};
use crate::command::Command;
use crate::response::Response;

fn to(lease: &Lease, host: &str) -> Command {
    let (lease, generation) = (LeaseRef::Id(lease.id), Some(lease.generation));
    Command::MoveLease(MoveSpec { lease, generation, to: name(host) })
}

fn cancel(lease: &Lease) -> Command {
    Command::CancelMove(CancelMoveSpec { lease: LeaseRef::Id(lease.id), id: None })
}

/// A jail that runs on `h1`, and the agents of both hosts.
fn running() -> (Scene, AgentRef, AgentRef, Lease) {
    let mut scene = Scene::small();
    let (h1, h2) = (register(&mut scene, "h1"), register(&mut scene, "h2"));
    let lease = scene.lease(wish("h1/web"));
    let lease = bind(&mut scene, &h1, &lease);
    (scene, h1, h2, lease)
}

#[test]
fn a_lease_keeps_macs_and_addresses_and_moves_when_the_old_host_has_let_go() {
    let (mut scene, h1, h2, lease) = running();
    let other = scene.lease(wish("h2/db"));
    let moving = granted(scene.yes(to(&lease, "h2")));
    assert_eq!(moving.holder, lease.holder, "it is still where it was");
    assert!(moving.generation > lease.generation);
    let early = scene.no(Command::BindLease(report(&h2, &moving)));
    assert!(matches!(early, Rejection::OnOtherHost { .. }), "{early:?}");

    let moved = granted(scene.yes(Command::ConfirmTeardown(report(&h1, &moving))));
    assert_eq!((moved.id, moved.macs, &moved.addresses), (lease.id, lease.macs, &lease.addresses));
    assert_eq!(moved.holder.host, name("h2"));
    assert_ne!(moved.index, other.index);
    assert_eq!((moved.state, moved.migration.clone()), (LeaseState::Granted, None));
    assert_eq!(bind(&mut scene, &h2, &moved).state, LeaseState::Bound);
    // The unit that it had rests.
    let next = scene.lease(wish("h1/next"));
    assert_ne!(next.index, lease.index);
}

#[test]
fn what_runs_nowhere_moves_at_once() {
    let mut scene = Scene::small();
    let lease = scene.lease(wish("h1/web"));
    assert_eq!(granted(scene.yes(to(&lease, "h2"))).holder.host, name("h2"));
}

#[test]
fn asked_again_it_is_the_same_move_and_another_place_is_refused() {
    let (mut scene, _, _, lease) = running();
    scene.yes(Command::CreateHost(super::scene::host("h3")));
    let moving = granted(scene.yes(to(&lease, "h2")));
    let again = granted(scene.yes(to(&moving, "h2")));
    assert_eq!(again, moving);
    let elsewhere = scene.no(to(&moving, "h3"));
    assert!(matches!(elsewhere, Rejection::Moving { .. }), "{elsewhere:?}");
    let stays = granted(scene.yes(cancel(&moving)));
    let itself = scene.no(to(&stays, "h1"));
    assert!(matches!(itself, Rejection::MovesToItself { .. }), "{itself:?}");
}

#[test]
fn a_late_confirmation_of_a_cancelled_move_moves_nothing() {
    let (mut scene, h1, _, lease) = running();
    let first = granted(scene.yes(to(&lease, "h2")));
    let stays = granted(scene.yes(cancel(&first)));
    assert_eq!((stays.migration.clone(), stays.state), (None, LeaseState::Granted));
    let second = granted(scene.yes(to(&stays, "h2")));
    // Said of the first move, it comes when the second is under way.
    let late = scene.no(Command::ConfirmTeardown(report(&h1, &first)));
    assert!(matches!(late, Rejection::Fenced { .. }), "{late:?}");
    scene.yes(Command::ConfirmTeardown(report(&h1, &second)));
    let repeated = scene.no(Command::ConfirmTeardown(report(&h1, &second)));
    assert!(matches!(repeated, Rejection::OnOtherHost { .. }), "{repeated:?}");
}

#[test]
fn a_cancelled_move_leaves_the_values_in_use_and_the_host_binds_again() {
    let (mut scene, h1, _, lease) = running();
    let moving = granted(scene.yes(to(&lease, "h2")));
    let stays = granted(scene.yes(cancel(&moving)));
    // Whether the jail was taken down by then only its host knows: nothing is freed without it.
    let spec = ReleaseSpec {
        lease: LeaseRef::Id(lease.id),
        generation: None,
        missing: MissingResource::Refuse,
        teardown: Teardown::Awaited,
    };
    let mut released = scene.with(scene.machine.clone());
    let answer = released.yes(Command::Release(spec));
    assert_eq!(answer, Response::Released { lease: Some(lease.id), is_awaited: true });
    assert_eq!(bind(&mut scene, &h1, &stays).state, LeaseState::Bound);
    let nobody = scene.no(cancel(&stays));
    assert_eq!(nobody, Rejection::NotMoving { lease: lease.id });
}

#[test]
fn fencing_the_old_host_completes_the_move() {
    let (mut scene, _, h2, lease) = running();
    let moving = granted(scene.yes(to(&lease, "h2")));
    scene.yes(fence("h1"));
    scene.yes(Command::Tick);
    let moved = scene.machine.state().told(scene.machine.state().lease(moving.id).unwrap());
    assert_eq!(moved.holder.host, name("h2"));
    assert_eq!(bind(&mut scene, &h2, &moved).state, LeaseState::Bound);
}

#[test]
fn the_place_that_a_lease_moves_to_is_its_own() {
    let (mut scene, _, _, lease) = running();
    scene.yes(to(&lease, "h2"));
    let taken = scene.no(Command::Allocate(wish("h2/web")));
    assert!(matches!(taken, Rejection::HolderHasLease { .. }), "{taken:?}");
    let in_use = scene.no(Command::DeleteHost(name("h2"), MissingResource::Refuse));
    assert!(matches!(in_use, Rejection::InUse { .. }), "{in_use:?}");
}

#[test]
fn a_lease_that_moves_may_be_given_back() {
    let (mut scene, h1, _, lease) = running();
    scene.yes(to(&lease, "h2"));
    scene.release(&lease);
    let now = scene.machine.state().told(scene.machine.state().lease(lease.id).unwrap());
    assert_eq!((now.state, now.migration.clone()), (LeaseState::Releasing, None));
    scene.yes(Command::ConfirmTeardown(report(&h1, &now)));
    assert_eq!(scene.machine.state().lease_count(), 0);
    // Nothing holds the place on the other host any longer.
    scene.lease(wish("h2/web"));
}
