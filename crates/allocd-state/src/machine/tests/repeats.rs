//! What a repeated request is answered, and how long one is remembered.

use allocd_types::allocation::{AllocationSpec, LeaseRef, MissingResource, ReleaseSpec, Teardown};
use allocd_types::exclusion::{ExcludedValues, ExclusionSpec};
use allocd_types::grant::BatchMode;
use allocd_types::id::{Caller, RequestId};
use allocd_types::import::BadLines;
use allocd_types::label::Labels;
use allocd_types::limits::{BATCH_SIZE_MAX, OUTCOMES_REMEMBERED_PER_CALLER_MAX, REQUESTS_REMEMBERED_SECONDS};
use allocd_types::name::{ExclusionName, VrfName};
use allocd_types::rejection::Rejection;
use allocd_types::time::ClusterTime;

use super::imports::bad_inventory;
use super::scene::{Scene, for_seconds, granted, wish};
use crate::command::{Command, Request};
use crate::memory::RequestMemory;
use crate::response::Response;

#[test]
fn a_repeated_import_is_answered_with_the_same_findings() {
    let mut scene = Scene::small();
    let first = scene.say_as("import", bad_inventory(BadLines::Refuse)).outcome.unwrap();
    let again = scene.say_as("import", bad_inventory(BadLines::Refuse)).outcome.unwrap();
    assert_eq!(first, again);
    let first = scene.say_as("skip", bad_inventory(BadLines::Skip)).outcome.unwrap();
    let again = scene.say_as("skip", bad_inventory(BadLines::Skip));
    assert_eq!((Ok(first), Vec::new()), (again.outcome, again.events));
}

#[test]
fn a_repeated_exclusion_counts_the_leases_that_are_left() {
    let mut scene = Scene::small();
    let lease = scene.lease(wish("h1/a"));
    let exclude = || {
        let (vrf, range) = (VrfName::unsaid(), "192.168.48.0-192.168.48.7".parse().unwrap());
        Command::CreateExclusion(ExclusionSpec {
            name: ExclusionName::new("all").unwrap(),
            values: ExcludedValues::Addresses { vrf, range },
            reason: String::new(),
            labels: Labels::default(),
        })
    };
    let leased = |response| {
        let Response::Exclusion { leased, .. } = response else { panic!("{response:?}") };
        leased
    };
    assert_eq!(leased(scene.say_as("x", exclude()).outcome.unwrap()), 1);
    scene.release(&lease);
    assert_eq!(leased(scene.say_as("x", exclude()).outcome.unwrap()), 0);
}

#[test]
fn no_client_can_answer_a_tick_before_it_falls() {
    let mut scene = Scene::small();
    scene.lease(for_seconds("h1/a", 10));
    // A client that calls itself and its request as the leader calls its own.
    scene.say_as("tick-1-9", Command::Allocate(wish("h1/b")));
    scene.pass(11);
    scene.say_as("tick-1-9", Command::Tick);
    assert_eq!(scene.machine.state().lease_count(), 1);
}

#[test]
fn a_request_is_forgotten_when_it_is_old_and_not_before() {
    let mut scene = Scene::small();
    let lease = granted(scene.say_as("old", Command::Allocate(wish("h1/a"))).outcome.unwrap());
    scene.pass(u64::from(REQUESTS_REMEMBERED_SECONDS));
    scene.lease(wish("h1/b"));
    let reused = scene.say_as("old", Command::Allocate(wish("h1/c"))).outcome;
    assert!(matches!(reused, Err(Rejection::RequestIdReused { .. })));
    scene.pass(1);
    scene.lease(wish("h1/b"));
    // Nobody remembers it; the holder still has its lease.
    let again = scene.say_as("old", Command::Allocate(wish("h1/a"))).outcome.unwrap();
    assert_eq!(granted(again), lease);
}

#[test]
fn batches_are_remembered_by_their_outcomes() {
    let mut memory = RequestMemory::default();
    let refused: Vec<AllocationSpec> = (0..BATCH_SIZE_MAX).map(|_| wish("nowhere/a")).collect();
    let mut scene = Scene::small();
    let outcome = scene.say(Command::BatchAllocate(refused, BatchMode::PartialOk)).outcome;
    let request = |at: usize, caller: &str| Request {
        request_id: RequestId::new(&format!("r{at}")).unwrap(),
        caller: Caller::new(caller).unwrap(),
        expires_at: ClusterTime::default(),
        command: Command::Release(ReleaseSpec {
            lease: LeaseRef::Holder("h1/a".parse().unwrap()),
            generation: None,
            missing: MissingResource::Allow,
            teardown: Teardown::Awaited,
        }),
    };
    let batches_max = OUTCOMES_REMEMBERED_PER_CALLER_MAX / BATCH_SIZE_MAX;
    memory.remember(ClusterTime::default(), &request(0, "quiet"), &Ok(Response::Done));
    for at in 0..=batches_max {
        memory.remember(ClusterTime::default(), &request(at, "busy"), &outcome);
    }
    // The busy caller's first is gone, the quiet one's is not.
    assert_eq!(memory.len(), batches_max + 1);
    let state = scene.machine.state();
    assert_eq!(memory.recall(state, &request(0, "busy")), None);
    assert_eq!(memory.recall(state, &request(1, "busy")), Some(outcome));
    assert_eq!(memory.recall(state, &request(0, "quiet")), Some(Ok(Response::Done)));
}
