//! A batch of all or nothing that is refused leaves nothing behind.

use allocd_types::allocation::{AllocationSpec, LeaseRef, MissingResource, ReleaseSpec};
use allocd_types::grant::BatchMode;
use allocd_types::rejection::Rejection;
use proptest::prelude::*;

use super::scene::{Scene, for_seconds, v4, wish};
use crate::command::Command;

/// So many addresses has the small scene's network.
const ADDRESSES: usize = 5;

fn refused(wishes: impl IntoIterator<Item = AllocationSpec>) -> Command {
    let nowhere = wish("nowhere/a");
    Command::BatchAllocate(wishes.into_iter().chain([nowhere]).collect(), BatchMode::AllOrNothing)
}

#[test]
fn what_was_remembered_is_remembered_again() {
    let mut scene = Scene::small();
    let before: Vec<_> = (0..ADDRESSES).map(|at| scene.lease(wish(&format!("h1/j{at}_")))).collect();
    before.iter().for_each(|lease| scene.release(lease));
    scene.pass(1201);
    scene.yes(Command::Tick);
    let state = scene.machine.state().clone();
    // The wishes take every value that has rested, and so forget who had it.
    let others = (0..ADDRESSES).map(|at| wish(&format!("h1/other{at}_")));
    let rejection = scene.no(refused(others));
    assert!(matches!(rejection, Rejection::InBatch { position: 5, .. }), "{rejection:?}");
    assert_eq!(scene.machine.state(), &state);
    for lease in before.iter().rev() {
        let again = scene.lease(wish(&lease.holder.to_string()));
        assert_eq!((v4(&again), again.macs, again.index), (v4(lease), lease.macs, lease.index));
    }
}

#[derive(Debug, Clone)]
enum Step {
    Allocate(AllocationSpec),
    Release(AllocationSpec),
    Wait(u64),
    Batch(Vec<AllocationSpec>),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let spec = || {
        (1..=2, 0..6, prop::option::weighted(0.3, 10_u32..900)).prop_map(|(host, jail, seconds)| {
            let holder = format!("h{host}/j{jail}_");
            seconds.map_or_else(|| wish(&holder), |seconds| for_seconds(&holder, seconds))
        })
    };
    let step = prop_oneof![
        3 => spec().prop_map(Step::Allocate),
        3 => spec().prop_map(Step::Release),
        2 => (1_u64..1_500).prop_map(Step::Wait),
        3 => prop::collection::vec(spec(), 1..6).prop_map(Step::Batch),
    ];
    prop::collection::vec(step, 0..60)
}

proptest! {
    #[test]
    fn a_refused_batch_changes_nothing(steps in steps()) {
        let mut scene = Scene::small();
        for step in steps {
            match step {
                Step::Allocate(spec) => {
                    scene.say(Command::Allocate(spec));
                }
                Step::Release(AllocationSpec { holder, .. }) => {
                    let (lease, missing) = (LeaseRef::Holder(holder), MissingResource::Refuse);
                    scene.say(Command::Release(ReleaseSpec { lease, generation: None, missing }));
                }
                Step::Wait(seconds) => {
                    scene.pass(seconds);
                    scene.yes(Command::Tick);
                }
                Step::Batch(specs) => {
                    let before = scene.machine.state().clone();
                    scene.no(refused(specs));
                    prop_assert_eq!(scene.machine.state(), &before);
                }
            }
        }
    }
}
