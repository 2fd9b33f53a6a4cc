//! A batch of all or nothing that is refused leaves nothing behind.

use allocd_types::allocation::{AllocationSpec, LeaseRef, MissingResource, ReleaseSpec, Teardown};
use allocd_types::exclusion::{ExcludedValues, ExclusionSpec};
use allocd_types::grant::BatchMode;
use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::mac::Macs;
use allocd_types::name::{ExclusionName, NetworkName, ReservationName, VrfName};
use allocd_types::rejection::Rejection;
use allocd_types::reservation::ReservationSpec;
use proptest::prelude::*;

use super::scene::{Scene, for_seconds, pinned, v4, wish};
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

/// An address, and MACs of no pool, for one holder.
fn set_aside() -> ReservationSpec {
    ReservationSpec {
        name: ReservationName::new("aside").unwrap(),
        holder: "h1/j1_".parse().unwrap(),
        network: NetworkName::new("lan").unwrap(),
        kind: InterfaceKind::Epair,
        index: None,
        macs: Macs::pair("02:03:44:30:20:0a".parse().unwrap(), "02:03:44:30:20:0b".parse().unwrap()).unwrap(),
        addresses: vec!["192.168.48.4".parse().unwrap()],
        labels: Labels::default(),
    }
}

fn excluded() -> ExclusionSpec {
    let (vrf, range) = (VrfName::unsaid(), "192.168.48.6".parse().unwrap());
    ExclusionSpec {
        name: ExclusionName::new("out").unwrap(),
        values: ExcludedValues::Addresses { vrf, range },
        reason: String::new(),
        labels: Labels::default(),
    }
}

#[derive(Debug, Clone)]
enum Step {
    Allocate(AllocationSpec),
    Release(AllocationSpec),
    Wait(u64),
    Exclude(bool),
    Batch(Vec<AllocationSpec>),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let spec = || {
        let holder = (1..=2, 0..6).prop_map(|(host, jail)| format!("h{host}/j{jail}_"));
        (holder, 0..10_u32, 10_u32..900).prop_map(|(holder, what, seconds)| match what {
            0..3 => for_seconds(&holder, seconds),
            // Among them are the one that is excluded and the one that is set aside.
            3..5 => pinned(&holder, &format!("192.168.48.{}", 2 + seconds % 5)),
            5 => AllocationSpec { kind: InterfaceKind::Tap, ..wish(&holder) },
            _ => wish(&holder),
        })
    };
    let step = prop_oneof![
        3 => spec().prop_map(Step::Allocate),
        3 => spec().prop_map(Step::Release),
        2 => (1_u64..1_500).prop_map(Step::Wait),
        1 => any::<bool>().prop_map(Step::Exclude),
        3 => prop::collection::vec(spec(), 1..6).prop_map(Step::Batch),
    ];
    prop::collection::vec(step, 0..60)
}

proptest! {
    #[test]
    fn a_refused_batch_changes_nothing(steps in steps()) {
        let mut scene = Scene::small();
        scene.yes(Command::CreateReservation(set_aside()));
        for step in steps {
            match step {
                Step::Allocate(spec) => {
                    scene.say(Command::Allocate(spec));
                }
                Step::Release(AllocationSpec { holder, .. }) => {
                    let (lease, missing) = (LeaseRef::Holder(holder), MissingResource::Refuse);
                    scene.say(Command::Release(ReleaseSpec { lease, generation: None, missing, teardown: Teardown::Awaited }));
                }
                Step::Wait(seconds) => {
                    scene.pass(seconds);
                    scene.yes(Command::Tick);
                }
                Step::Exclude(is_excluded) => {
                    scene.say(if is_excluded {
                        Command::CreateExclusion(excluded())
                    } else {
                        Command::DeleteExclusion(excluded().name, MissingResource::Refuse)
                    });
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
