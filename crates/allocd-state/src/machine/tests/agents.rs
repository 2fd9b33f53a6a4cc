//! Agents, operators and pipelines at once, over few hosts and jails: whoever says what in whatever order, a value that a host may
//! be using is never given to anybody else, and the self-check holds after every command.

use std::collections::BTreeMap;

use allocd_types::agent::{AgentRef, AgentReport, Inventory, LeaseAt};
use allocd_types::allocation::{LeaseRef, MissingResource, ReleaseSpec, Teardown};
use allocd_types::decline::{DeclineSpec, LeasePart};
use allocd_types::id::{Generation, Incarnation, LeaseId, Revision};
use allocd_types::lease::LeaseState;
use allocd_types::migration::{CancelMoveSpec, MoveSpec};
use allocd_types::value::Value;
use proptest::prelude::*;
use proptest::sample::select;

use super::hosts::{name, register};
use super::scene::{Scene, for_seconds, wish};
use super::suspects::keep_suspects_for;
use crate::command::Command;
use crate::evolve::evolve;
use crate::record::LeaseRecord;
use crate::state::State;

const HOSTS: [&str; 3] = ["h1", "h2", "h3"];

/// Something that is said; which lease it is about is told by its place among those there are.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Allocate(&'static str, u8, bool),
    Register(&'static str),
    Bind(usize, Known),
    Confirm(usize, Known),
    Release(usize, Teardown),
    Move(usize, &'static str),
    Cancel(usize),
    Reconcile(&'static str, u8),
    Keep(Option<u32>),
    Decline(usize, Known, LeasePart),
    Clear(usize),
    Drain(&'static str),
    Activate(&'static str),
    Fence(&'static str),
    Tick,
    Pass(u64),
}

/// What the speaker knows of the lease.
#[derive(Debug, Clone, Copy)]
pub(super) enum Known {
    Current,
    Stale,
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let host = || select(HOSTS.to_vec());
    let known = || select(vec![Known::Current, Known::Current, Known::Current, Known::Stale]);
    let teardown = select(vec![Teardown::Awaited, Teardown::Awaited, Teardown::Awaited, Teardown::Stated]);
    let part = select(vec![
        LeasePart::Index,
        LeasePart::Macs,
        LeasePart::Address("192.168.48.2".parse().unwrap()),
        LeasePart::Address("192.168.48.3".parse().unwrap()),
        LeasePart::Address("fd00:48::1".parse().unwrap()),
    ]);
    prop_oneof![
        6 => (host(), 0_u8..3, any::<bool>()).prop_map(|(host, jail, ends)| Step::Allocate(host, jail, ends)),
        2 => host().prop_map(Step::Register),
        6 => (0_usize..8, known()).prop_map(|(at, known)| Step::Bind(at, known)),
        5 => (0_usize..8, known()).prop_map(|(at, known)| Step::Confirm(at, known)),
        4 => (0_usize..8, teardown).prop_map(|(at, teardown)| Step::Release(at, teardown)),
        6 => (0_usize..8, host()).prop_map(|(at, host)| Step::Move(at, host)),
        2 => (0_usize..8).prop_map(Step::Cancel),
        3 => (host(), any::<u8>()).prop_map(|(host, seen)| Step::Reconcile(host, seen)),
        2 => prop::option::of(0_u32..900).prop_map(Step::Keep),
        3 => (0_usize..8, known(), part).prop_map(|(at, known, part)| Step::Decline(at, known, part)),
        1 => (0_usize..3).prop_map(Step::Clear),
        1 => host().prop_map(Step::Drain),
        2 => host().prop_map(Step::Activate),
        1 => host().prop_map(Step::Fence),
        3 => Just(Step::Tick),
        2 => (0_u64..700).prop_map(Step::Pass),
    ]
}

/// What a host may be using, told from the commands alone: a lease's values on it, from its bind until its own word, an operator's,
/// or the end of its lifetime.
#[derive(Default)]
pub(super) struct InUse(pub(super) BTreeMap<LeaseId, LeaseRecord>);

impl InUse {
    /// Nobody else has any of the values.
    pub(super) fn check(&self, state: &State) {
        for used in self.0.values() {
            let addresses = used
                .addresses
                .iter()
                .map(|address| Value::Address(allocd_types::name::VrfName::unsaid(), *address));
            let macs = used.macs.iter().map(Value::Mac);
            let index = used.index.map(|index| Value::Index(used.holder.host.clone(), used.kind, index));
            for value in addresses.chain(macs).chain(index) {
                let lease =
                    state.explain(&value).lease.unwrap_or_else(|| panic!("{value} of {used:?} is free"));
                assert_eq!(lease.id, used.id, "{value} is in use by {used:?}");
                assert_eq!(lease.holder, used.holder, "{value} has gone elsewhere");
            }
        }
    }
}

fn nth(state: &State, at: usize) -> Option<LeaseRecord> {
    let count = state.lease_count();
    state.leases().nth(at.checked_rem(count)?).map(|record| (**record).clone())
}

fn report(scene: &Scene, record: &LeaseRecord, known: Known) -> AgentReport {
    let state = scene.machine.state();
    let host = record.holder.host.clone();
    let incarnation = state.host(&host).map_or(Incarnation::default(), |host| host.incarnation);
    let generation = match known {
        Known::Current => record.generation,
        Known::Stale => Generation { timeline: 1, revision: Revision::new(1) },
    };
    AgentReport { agent: AgentRef { host, incarnation }, lease: LeaseAt { lease: record.id, generation } }
}

fn command(scene: &Scene, step: &Step) -> Option<Command> {
    let state = scene.machine.state();
    Some(match step {
        Step::Allocate(host, jail, ends) => {
            let holder = format!("{host}/j{jail}_");
            Command::Allocate(if *ends { for_seconds(&holder, 300) } else { wish(&holder) })
        }
        Step::Bind(at, known) => Command::BindLease(report(scene, &nth(state, *at)?, *known)),
        Step::Confirm(at, known) => Command::ConfirmTeardown(report(scene, &nth(state, *at)?, *known)),
        Step::Release(at, teardown) => Command::Release(ReleaseSpec {
            lease: LeaseRef::Id(nth(state, *at)?.id),
            generation: None,
            missing: MissingResource::Allow,
            teardown: *teardown,
        }),
        Step::Move(at, host) => {
            let lease = LeaseRef::Id(nth(state, *at)?.id);
            Command::MoveLease(MoveSpec { lease, generation: None, to: name(host) })
        }
        Step::Cancel(at) => {
            Command::CancelMove(CancelMoveSpec { lease: LeaseRef::Id(nth(state, *at)?.id), id: None })
        }
        Step::Reconcile(host, seen) => {
            let incarnation = state.host(&name(host)).map_or(Incarnation::default(), |host| host.incarnation);
            let agent = AgentRef { host: name(host), incarnation };
            let leases = (1_u64..9).filter(|id| seen >> (id - 1) & 1 == 1).map(LeaseId::new).collect();
            Command::ReconcileHost(Inventory { agent, leases })
        }
        Step::Keep(seconds) => keep_suspects_for(scene, *seconds),
        Step::Decline(at, known, part) => {
            let record = nth(state, *at)?;
            let generation = report(scene, &record, *known).lease.generation;
            let spec = super::declines::spec(&state.told(&record), *part);
            Command::DeclineLease(DeclineSpec { generation, ..spec })
        }
        Step::Clear(at) => Command::ClearDecline(state.declines().nth(*at)?.value.clone()),
        Step::Drain(host) => Command::DrainHost(name(host)),
        Step::Activate(host) => Command::ActivateHost(name(host)),
        Step::Fence(host) => super::hosts::fence(host),
        Step::Tick => Command::Tick,
        Step::Register(_) | Step::Pass(_) => return None,
    })
}

/// What a step that was said yes to makes of what is in use.
fn follow(used: &mut InUse, before: &State, step: &Step, after: &State) {
    match step {
        Step::Bind(at, _) => {
            let record = nth(before, *at).and_then(|record| after.lease(record.id).cloned());
            if let Some(record) = record.filter(|record| record.state == LeaseState::Bound) {
                used.0.insert(record.id, (*record).clone());
            }
        }
        Step::Confirm(at, _) => drop(nth(before, *at).and_then(|record| used.0.remove(&record.id))),
        Step::Release(at, Teardown::Stated) => {
            drop(nth(before, *at).and_then(|record| used.0.remove(&record.id)));
        }
        // What was declined is not used on: the host is told at once, and takes it down.
        Step::Decline(at, ..) => {
            let record = nth(before, *at).and_then(|record| after.lease(record.id).cloned());
            if let Some(record) = record.filter(|record| used.0.contains_key(&record.id)) {
                used.0.insert(record.id, (*record).clone());
            }
        }
        // By its own word the host has nothing left of a suspect, and takes it up anew before it has.
        Step::Reconcile(host, _) => {
            used.0.retain(|id, record| record.holder.host != name(host) || !is_suspect(after, *id));
        }
        Step::Fence(host) => used.0.retain(|_, record| record.holder.host != name(host)),
        Step::Tick => {
            used.0.retain(|_, record| record.lifetime.is_none_or(|lifetime| lifetime.ends_at > after.now()));
        }
        Step::Release(_, Teardown::Awaited)
        | Step::Allocate(..)
        | Step::Register(_)
        | Step::Move(..)
        | Step::Cancel(_)
        | Step::Keep(_)
        | Step::Clear(_)
        | Step::Drain(_)
        | Step::Activate(_)
        | Step::Pass(_) => {}
    }
}

/// Does a step, and follows what is in use.
pub(super) fn play(scene: &mut Scene, used: &mut InUse, step: &Step) {
    if let Step::Register(host) = step {
        register(scene, host);
    }
    if let Step::Pass(seconds) = step {
        scene.pass(*seconds);
    }
    let Some(command) = command(scene, step) else { return };
    let before = scene.machine.state().clone();
    if scene.say(command).outcome.is_ok() {
        follow(used, &before, step, scene.machine.state());
    }
}

fn is_suspect(state: &State, id: LeaseId) -> bool {
    state.lease(id).is_some_and(|record| state.told(record).suspicion.is_some())
}

proptest! {
    #[test]
    fn what_a_host_may_be_using_is_nobody_elses(steps in prop::collection::vec(step(), 0..80)) {
        let mut scene = Scene::small();
        scene.yes(Command::CreateHost(super::scene::host("h3")));
        let mut used = InUse::default();
        for step in &steps {
            play(&mut scene, &mut used, step);
            used.check(scene.machine.state());
        }
        // The events alone are all of it, and a snapshot is too.
        let mut replayed = State::default();
        scene.events.iter().for_each(|event| evolve(&mut replayed, event));
        prop_assert_eq!(replayed.digest(), scene.machine.state().digest());
        super::snapshots::round_trips(&scene.machine);
    }
}
