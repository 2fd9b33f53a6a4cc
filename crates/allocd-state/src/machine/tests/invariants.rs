//! Whatever is asked in whatever order: no invariant breaks, equal entries give equal machines, and the events alone rebuild
//! the allocation state.

use std::collections::BTreeSet;

use allocd_types::allocation::{LeaseRef, MissingResource, ReleaseSpec, Teardown};
use allocd_types::exclusion::{ExcludedValues, ExclusionSpec};
use allocd_types::grant::BatchMode;
use allocd_types::holder::Holder;
use allocd_types::label::Labels;
use allocd_types::name::{ExclusionName, VrfName};
use proptest::prelude::*;

use super::scene::{Scene, for_seconds, pinned, wish};
use crate::command::Command;
use crate::evolve::evolve;
use crate::state::State;

#[derive(Debug, Clone)]
enum Step {
    Say(Command),
    Pass(u64),
}

fn release(holder: &str) -> Step {
    let lease = LeaseRef::Holder(holder.parse::<Holder>().unwrap());
    Step::Say(Command::Release(ReleaseSpec {
        lease,
        generation: None,
        missing: MissingResource::Allow,
        teardown: Teardown::Awaited,
    }))
}

fn exclude(at: u8, address: &str) -> Step {
    Step::Say(Command::CreateExclusion(ExclusionSpec {
        name: ExclusionName::new(&format!("x{at}")).unwrap(),
        values: ExcludedValues::Addresses { vrf: VrfName::unsaid(), range: address.parse().unwrap() },
        reason: String::new(),
        labels: Labels::default(),
    }))
}

fn lift(at: u8) -> Step {
    Step::Say(Command::DeleteExclusion(
        ExclusionName::new(&format!("x{at}")).unwrap(),
        MissingResource::Allow,
    ))
}

fn batch(holders: &[String]) -> Step {
    Step::Say(Command::BatchAllocate(
        holders.iter().map(|holder| wish(holder)).collect(),
        BatchMode::PartialOk,
    ))
}

fn holder() -> impl Strategy<Value = String> {
    (1_u8..3, 0_u8..6).prop_map(|(host, jail)| format!("h{host}/j{jail}_"))
}

fn step() -> impl Strategy<Value = Step> {
    let address = || (0_u8..8).prop_map(|last| format!("192.168.48.{last}"));
    prop_oneof![
        5 => holder().prop_map(|holder| Step::Say(Command::Allocate(wish(&holder)))),
        2 => (holder(), address()).prop_map(|(holder, address)| Step::Say(Command::Allocate(pinned(&holder, &address)))),
        2 => (holder(), 10_u32..900).prop_map(|(holder, ttl)| Step::Say(Command::Allocate(for_seconds(&holder, ttl)))),
        1 => prop::collection::vec(holder(), 1..4).prop_map(|holders| batch(&holders)),
        4 => holder().prop_map(|holder| release(&holder)),
        1 => (0_u8..3, address()).prop_map(|(at, address)| exclude(at, &address)),
        1 => (0_u8..3).prop_map(lift),
        3 => Just(Step::Say(Command::Tick)),
        3 => (1_u64..1500).prop_map(Step::Pass),
    ]
}

fn play(steps: &[Step]) -> Scene {
    let mut scene = Scene::small();
    for step in steps {
        match step {
            // The scene runs the self-check after each command.
            Step::Say(command) => drop(scene.say(command.clone())),
            Step::Pass(seconds) => scene.pass(*seconds),
        }
        let mut seen = BTreeSet::new();
        for record in scene.machine.state().leases() {
            for address in &record.addresses {
                assert!(seen.insert(address.to_string()), "{address} is held twice");
            }
            for mac in record.macs.iter() {
                assert!(seen.insert(mac.to_string()), "{mac} is held twice");
            }
        }
    }
    scene
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn nothing_breaks_and_events_rebuild_the_state(steps in prop::collection::vec(step(), 0..80)) {
        let (one, other) = (play(&steps), play(&steps));
        prop_assert_eq!(one.machine.digest(), other.machine.digest());
        let mut replayed = State::default();
        for event in &one.events {
            evolve(&mut replayed, event);
        }
        prop_assert_eq!(replayed.digest(), one.machine.state().digest());
    }
}
