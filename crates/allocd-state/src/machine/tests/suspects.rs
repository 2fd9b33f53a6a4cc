//! Stories about suspects: they end by themselves only where an operator has said so, and only by their hosts' own words.

use allocd_types::agent::AgentRef;
use allocd_types::allocation::{AllocationSpec, LeaseRef, Teardown};
use allocd_types::lease::{Lease, Suspicion};
use allocd_types::limits::DEADLINES_PER_TICK_MAX;
use allocd_types::migration::MoveSpec;
use allocd_types::name::NetworkName;
use allocd_types::network::NetworkSpec;
use allocd_types::recovery::{OtherHosts, RecoveryConfirmation};
use allocd_types::rejection::Rejection;
use allocd_types::time::{ClusterTime, Span};
use allocd_types::value::ValueState;

use super::hosts::{bind, fence, name, reconcile, register, release, report, state_of};
use super::recovery::adoption;
use super::scene::{Scene, for_seconds, lan, v4, wish};
use crate::command::Command;
use crate::event::{Event, FreedCause};

/// Has `lan` keep suspects for so long, or until somebody frees them.
pub(super) fn keep_suspects_for(scene: &Scene, seconds: Option<u32>) -> Command {
    let spec = scene.machine.state().network(&NetworkName::new("lan").unwrap()).unwrap();
    let free_suspects_after = seconds.map(Span::from_seconds);
    Command::UpdateNetwork(NetworkSpec { free_suspects_after, ..(**spec).clone() })
}

/// A network that keeps suspects for ten minutes, and a jail that its host has lost.
fn lost() -> (Scene, AgentRef, Lease) {
    let mut scene = Scene::small();
    scene.yes(keep_suspects_for(&scene, Some(600)));
    let agent = register(&mut scene, "h1");
    let lease = scene.lease(wish("h1/web"));
    let lease = bind(&mut scene, &agent, &lease);
    reconcile(&mut scene, &agent, &[]);
    (scene, agent, lease)
}

fn on(network: &str, holder: &str) -> AllocationSpec {
    AllocationSpec { network: NetworkName::new(network).unwrap(), ..wish(holder) }
}

/// Why the lease ended in this tick, if it did.
fn ticked(scene: &mut Scene, lease: &Lease) -> Option<FreedCause> {
    ends(&scene.say(Command::Tick).events, lease).first().copied()
}

/// Why the lease ended, each time that it did.
fn ends(events: &[Event], lease: &Lease) -> Vec<FreedCause> {
    let end = |event: &Event| {
        let Event::LeaseFreed { lease: freed, cause, .. } = event else { return None };
        (freed.id == lease.id).then_some(*cause)
    };
    events.iter().filter_map(end).collect()
}

fn told(scene: &Scene, lease: &Lease) -> Option<Suspicion> {
    let state = scene.machine.state();
    state.told(state.lease(lease.id).expect("it is there")).suspicion
}

fn seconds(lost_for: u32, ends_in: Option<u32>) -> Option<Suspicion> {
    let span = Span::from_seconds;
    Some(Suspicion { lost_for: span(lost_for), ends_in: ends_in.map(span) })
}

#[test]
fn a_suspect_ends_when_its_network_has_kept_it_for_long_enough() {
    let (mut scene, agent, lease) = lost();
    assert_eq!(scene.machine.state().next_deadline(), Some(ClusterTime::from_millis(600_000)));
    scene.pass(599);
    assert_eq!(ticked(&mut scene, &lease), None);
    assert_eq!(told(&scene, &lease), seconds(599, Some(1)));
    scene.pass(1);
    assert_eq!(ticked(&mut scene, &lease), Some(FreedCause::Suspect));

    // Its values rest like any others, and are its holder's for as long as nobody needs them.
    assert_eq!(state_of(&scene, &v4(&lease)), ValueState::Quarantined);
    let late = scene.no(Command::BindLease(report(&agent, &lease)));
    assert!(matches!(late, Rejection::NotFound(_)), "{late:?}");
    let again = scene.lease(wish("h1/web"));
    assert_eq!((again.addresses, again.macs), (lease.addresses, lease.macs));
    assert_ne!(again.id, lease.id);
}

#[test]
fn unless_somebody_says_so_no_suspect_ends_by_itself() {
    let (mut scene, _, lease) = lost();
    scene.yes(keep_suspects_for(&scene, None));
    assert_eq!(scene.machine.state().next_deadline(), None);
    scene.pass(1_000_000);
    assert_eq!(ticked(&mut scene, &lease), None);
    assert_eq!(told(&scene, &lease), seconds(1_000_000, None));
}

#[test]
fn what_was_found_again_earlier_in_the_log_is_not_freed() {
    let (mut scene, agent, lease) = lost();
    scene.pass(600);
    reconcile(&mut scene, &agent, &[lease.id]);
    assert_eq!(ticked(&mut scene, &lease), None);
    // It is lost again, and all its time is before it; taken up again, it is found as well.
    reconcile(&mut scene, &agent, &[]);
    scene.pass(599);
    assert_eq!(ticked(&mut scene, &lease), None);
    scene.pass(1);
    bind(&mut scene, &agent, &lease);
    assert_eq!(ticked(&mut scene, &lease), None);
    assert_eq!(told(&scene, &lease), None);
}

#[test]
fn a_lease_that_is_given_back_or_moves_waits_for_its_hosts_confirmation() {
    let (mut scene, agent, lease) = lost();
    let other = scene.lease(wish("h1/db"));
    bind(&mut scene, &agent, &other);
    reconcile(&mut scene, &agent, &[]);
    scene.yes(release(&lease, Teardown::Awaited));
    let (of, generation) = (LeaseRef::Id(other.id), Some(other.generation));
    scene.yes(Command::MoveLease(MoveSpec { lease: of, generation, to: name("h2") }));
    scene.pass(100_000);
    assert_eq!((ticked(&mut scene, &lease), ticked(&mut scene, &other)), (None, None));
}

#[test]
fn a_suspect_whose_lifetime_has_ended_has_ended_once() {
    let (mut scene, agent, _) = lost();
    let short = scene.lease(for_seconds("h1/short", 600));
    bind(&mut scene, &agent, &short);
    reconcile(&mut scene, &agent, &[]);
    scene.pass(600);
    let events = scene.say(Command::Tick).events;
    assert_eq!(ends(&events, &short), [FreedCause::Expired]);
}

#[test]
fn who_switches_the_policy_on_has_all_of_its_time_to_look() {
    let (mut scene, _, lease) = lost();
    scene.yes(keep_suspects_for(&scene, None));
    scene.pass(10_000);
    scene.yes(keep_suspects_for(&scene, Some(700)));
    assert_eq!(told(&scene, &lease), seconds(0, Some(700)));
    scene.pass(699);
    assert_eq!(ticked(&mut scene, &lease), None);
    // Whoever changes the time alone changes the end alone.
    scene.yes(keep_suspects_for(&scene, Some(900)));
    assert_eq!(told(&scene, &lease), seconds(699, Some(201)));
    scene.yes(keep_suspects_for(&scene, Some(650)));
    assert_eq!(ticked(&mut scene, &lease), Some(FreedCause::Suspect));
}

#[test]
fn each_network_keeps_its_own_suspects() {
    let (mut scene, agent, lease) = lost();
    let other = NetworkSpec { free_suspects_after: Some(Span::from_seconds(60)), ..lan("other", &[]) };
    scene.yes(Command::CreateNetwork(other.clone()));
    let wished = scene.lease(on("other", "h1/other"));
    bind(&mut scene, &agent, &wished);
    reconcile(&mut scene, &agent, &[]);
    scene.pass(60);
    assert_eq!(ticked(&mut scene, &wished), Some(FreedCause::Suspect));
    // What is said of one network from now on is nothing to the other's.
    scene.yes(Command::UpdateNetwork(NetworkSpec { free_suspects_after: None, ..other }));
    assert_eq!(told(&scene, &lease), seconds(60, Some(540)));
}

#[test]
fn a_suspect_of_a_host_that_was_declared_off_ends_too() {
    let (mut scene, _, lease) = lost();
    scene.yes(fence("h1"));
    scene.pass(600);
    assert_eq!(ticked(&mut scene, &lease), Some(FreedCause::Suspect));
}

#[test]
fn a_host_that_loses_everything_loses_it_in_portions() {
    let mut scene = Scene::small();
    let six = lan("six", &[("fd00:6::/64", None)]);
    let free_suspects_after = Some(Span::from_seconds(600));
    scene.yes(Command::CreateNetwork(NetworkSpec { free_suspects_after, ..six }));
    let agent = register(&mut scene, "h1");
    let jails = (0..=DEADLINES_PER_TICK_MAX).map(|jail| on("six", &format!("h1/j{jail}_")));
    scene.yes_to_all(jails.map(Command::Allocate));
    let state = scene.machine.state();
    let leases: Vec<Lease> = state.leases().map(|record| state.told(record)).collect();
    scene.yes_to_all(leases.iter().map(|lease| Command::BindLease(report(&agent, lease))));
    reconcile(&mut scene, &agent, &[]);
    scene.pass(600);
    assert_eq!(scene.say(Command::Tick).events.len(), DEADLINES_PER_TICK_MAX);
    assert_eq!(scene.machine.state().next_deadline(), Some(ClusterTime::from_millis(600_000)));
    assert_eq!(scene.say(Command::Tick).events.len(), 1);
}

#[test]
fn recovery_forgets_who_was_suspect_and_frees_none() {
    let (mut before, _, lease) = lost();
    let mut scene = before.with(before.machine.clone().restored());
    assert_eq!(told(&scene, &lease), None, "its host may have found it since the backup");
    // What was granted after the backup is taken over, and lost while recovery goes on.
    let new = before.lease(wish("h1/new"));
    let new = scene.lease(adoption(&new));
    let agent = register(&mut scene, "h1");
    bind(&mut scene, &agent, &new);
    reconcile(&mut scene, &agent, &[]);
    scene.pass(1_200);
    assert_eq!(scene.machine.state().next_deadline(), None);
    assert_eq!(ticked(&mut scene, &new), None);
    assert_eq!(told(&scene, &new), seconds(1_200, None));
    super::snapshots::round_trips(&scene.machine);
    // It counts once recovery has ended; of the other one its host has yet to say that it has lost it.
    let hosts = ["h1", "h2"].map(name).into();
    scene.yes(Command::ConfirmRecovery(RecoveryConfirmation { hosts, others: OtherHosts::None }));
    assert_eq!(ticked(&mut scene, &new), Some(FreedCause::Suspect));
    assert_eq!(told(&scene, &lease), None);
}

#[test]
fn a_suspect_survives_in_records() {
    let (mut scene, _, lease) = lost();
    super::snapshots::round_trips(&scene.machine);
    scene.yes(keep_suspects_for(&scene, None));
    super::snapshots::round_trips(&scene.machine);
    assert_eq!(told(&scene, &lease), seconds(0, None));
}
