//! A machine is told in records and made again from them: equal, and alike in all that follows.

use std::sync::Arc;

use allocd_types::allocation::{LeaseRef, MissingResource, ReleaseSpec, Teardown};
use allocd_types::host::{HostRegistration, HostUuid, SeenOnHost};
use allocd_types::id::{Incarnation, LeaseId, Revision};
use allocd_types::mac::Macs;
use allocd_types::name::{HostName, NetworkName};
use proptest::prelude::*;

use super::anything::command;
use super::scene::{Scene, for_seconds, host, lan, wish};
use crate::command::Command;
use crate::digest::digest_of;
use crate::machine::Machine;
use crate::record::LeaseRecord;
use crate::snapshot::{End, Head, MachineBuilder, SnapshotError, SnapshotRecord};

fn records(machine: &Machine) -> Vec<SnapshotRecord> {
    machine.records().collect()
}

fn restore(records: impl IntoIterator<Item = SnapshotRecord>) -> Result<Machine, SnapshotError> {
    let mut builder = MachineBuilder::new();
    for record in records {
        builder.add(record)?;
    }
    builder.build()
}

/// Checks that a machine from the records of another one is equal to it.
pub(super) fn round_trips(machine: &Machine) {
    let restored = restore(records(machine)).expect("the records of a sound machine fit");
    assert_eq!(restored, *machine);
    assert_eq!(restored.digest(), machine.digest());
}

/// Leases that live, that rest and that have rested, a reservation, an exclusion, a host with a machine.
fn eventful() -> Scene {
    let mut scene = Scene::small();
    scene.lease(for_seconds("h1/short", 10));
    let lease = scene.lease(wish("h1/gone"));
    scene.release(&lease);
    scene.pass(1_300);
    scene.yes(Command::Tick);
    let lease = scene.lease(wish("h2/rests"));
    scene.release(&lease);
    scene.lease(wish("h1/web"));
    scene
}

proptest! {
    #[test]
    fn a_machine_from_records_is_equal_and_goes_on_alike(
        before in prop::collection::vec((command(), 0_u64..400), 0..50),
        after in prop::collection::vec((command(), 0_u64..400), 0..20),
    ) {
        let mut scene = Scene::empty();
        scene.yes(Command::CreateNetwork(lan("lan", &[("10.0.0.0/29", Some("10.0.0.1")), ("fd00::/126", None)])));
        for name in ["h1", "h2"] {
            scene.yes(Command::CreateHost(host(name)));
        }
        for (command, seconds) in before {
            scene.pass(seconds);
            scene.say(command);
        }
        let restored = restore(records(&scene.machine)).unwrap();
        prop_assert_eq!(&restored, &scene.machine);
        prop_assert_eq!(restored.digest(), scene.machine.digest());
        let mut other = scene.with(restored);
        for (command, seconds) in after {
            scene.pass(seconds);
            other.pass(seconds);
            prop_assert_eq!(scene.say(command.clone()), other.say(command));
        }
        prop_assert_eq!(other.machine.digest(), scene.machine.digest());
    }

    #[test]
    fn records_that_are_missing_twice_or_elsewhere_are_an_error_or_a_sound_machine(
        changes in prop::collection::vec((0_usize..100, 0_usize..100, 0_u8..3), 1..4)
    ) {
        let mut records = records(&eventful().machine);
        let end = records.pop().unwrap();
        for (from, to, change) in changes {
            let (from, to) = (from % records.len(), to % records.len());
            match change {
                0 => drop(records.remove(from)),
                1 => records.insert(to, records[from].clone()),
                _ => records.swap(from, to),
            }
            if records.is_empty() {
                return Ok(());
            }
        }
        // Without the right end it is never taken; with it, the builder has to see for itself.
        if !matches!(end, SnapshotRecord::End(End { records: told }) if told == u64::try_from(records.len()).unwrap()) {
            prop_assert!(restore(records.iter().cloned().chain([end])).is_err());
        }
        let end = SnapshotRecord::End(End { records: u64::try_from(records.len()).unwrap() });
        if let Ok(machine) = restore(records.into_iter().chain([end])) {
            prop_assert_eq!(machine.state().check(), Vec::new());
        }
    }
}

#[test]
fn a_machine_without_its_request_memory_is_another_machine() {
    let mut scene = Scene::small();
    scene.say_as("grant", Command::Allocate(wish("h1/web")));
    let mut kept = records(&scene.machine);
    kept.retain(|record| !matches!(record, SnapshotRecord::Request(_)));
    assert!(matches!(restore(kept.clone()), Err(SnapshotError::Incomplete { .. })));
    kept.pop();
    let end = SnapshotRecord::End(End { records: u64::try_from(kept.len()).unwrap() });
    let forgetful = restore(kept.into_iter().chain([end])).unwrap();
    assert_eq!(forgetful.state(), scene.machine.state());
    assert_ne!(forgetful.digest(), scene.machine.digest());
    // What it comes to: it does again what was done.
    let repeat = || Command::Allocate(wish("h1/web"));
    let whole = restore(records(&scene.machine)).unwrap();
    let expected = scene.say_as("grant", repeat());
    assert_eq!(scene.with(whole.clone()).say_as("grant", repeat()), expected);
    let other = scene.with(forgetful).say_as("grant", Command::Allocate(wish("h1/other")));
    assert_ne!(scene.with(whole).say_as("grant", Command::Allocate(wish("h1/other"))), other);
}

#[test]
fn any_record_that_is_missing_is_noticed() {
    let all = records(&eventful().machine);
    for missing in 0..all.len() {
        let mut some = all.clone();
        some.remove(missing);
        assert!(restore(some).is_err(), "without {:?}", all[missing]);
    }
}

#[test]
fn numbers_at_the_end_of_their_range_are_refused() {
    let all = records(&eventful().machine);
    let (mut leases, mut values) = (0, 0);
    for at in 0..all.len() {
        let mut changed = all.clone();
        match &mut changed[at] {
            SnapshotRecord::Lease(lease) => {
                Arc::make_mut(lease).id = LeaseId::new(u64::MAX);
                leases += 1;
            }
            SnapshotRecord::Value(value) => {
                value.value.number = u128::MAX;
                values += 1;
            }
            SnapshotRecord::Decline(_) => continue,
            SnapshotRecord::Request(request) => request.number = u64::MAX,
            SnapshotRecord::Host(host) => host.incarnation = Incarnation::new(u64::MAX),
            SnapshotRecord::Head(_)
            | SnapshotRecord::Pool(_)
            | SnapshotRecord::Network(_)
            | SnapshotRecord::Exclusion(_)
            | SnapshotRecord::Reservation(_)
            | SnapshotRecord::FormerLease(_)
            | SnapshotRecord::End(_) => continue,
        }
        assert!(matches!(restore(changed), Err(SnapshotError::Misfit { .. })), "{:?}", all[at]);
    }
    assert!(leases > 0 && values > 0);
    let ends: [fn(&mut Head); 4] = [
        |head| head.revision = Revision::new(u64::MAX),
        |head| head.timeline = u32::MAX,
        |head| head.next_lease = LeaseId::new(u64::MAX),
        |head| head.next_request = u64::MAX,
    ];
    for end in ends {
        let mut changed = all.clone();
        let SnapshotRecord::Head(head) = &mut changed[0] else { panic!("{:?} is no head", changed[0]) };
        end(head);
        assert!(matches!(restore(changed), Err(SnapshotError::Misfit { kind: "head", .. })));
    }
}

/// Snapshots keep the digests of payloads over an update of allocd: a command must have the same one in every version.
#[test]
fn the_digest_of_a_payload_never_changes() {
    let lease = LeaseRef::Holder("h1/web".parse().unwrap());
    let (missing, teardown) = (MissingResource::Allow, Teardown::Awaited);
    let release = ReleaseSpec { lease, generation: None, missing, teardown };
    let uuid = HostUuid::new("4c4c4544-0050-3510-8052-b4c04f4a4e31").unwrap();
    let registration = HostRegistration {
        host: HostName::new("h1").unwrap(),
        uuid,
        release: None,
        seen: SeenOnHost::default(),
    };
    let network = lan("lan", &[("10.0.0.0/29", None)]);
    let known = [
        (Command::CreateNetwork(network), "5a28f80eb91407827bf9042f238590330936b4cf86d6e797e7a163de1817a2b4"),
        (
            Command::Allocate(wish("h1/web")),
            "0618fd4f3f952e8733aa6b1975f137b5cc17a1cafdc0714f9f8c3edb1a45bdf3",
        ),
        (Command::Release(release), "7d6e1c3baaf2a1fab80e2fd35396ae3f35be51240c6e2c14c6f0ffa4d8c04ef2"),
        (
            Command::RegisterHost(registration),
            "69634713743634e6fcc2e7d92e37ffd0a05dce81a27e70e934232c06157639e7",
        ),
    ];
    for (command, digest) in known {
        assert_eq!(digest_of(&command).to_string(), digest, "{command:?}");
    }
}

type Theft = (&'static str, fn(&mut LeaseRecord, &LeaseRecord));

/// What one lease may not have of another, or at all.
const THEFTS: [Theft; 8] = [
    ("a holder", |lease, other| lease.holder = other.holder.clone()),
    ("MACs", |lease, other| lease.macs = other.macs),
    ("addresses", |lease, other| lease.addresses.clone_from(&other.addresses)),
    ("a unit", |lease, other| {
        (lease.holder.host, lease.index) = (other.holder.host.clone(), other.index);
    }),
    ("an address of its own once more", |lease, _| lease.addresses.extend(lease.addresses.first().copied())),
    ("its own MAC at both ends, beside what", |lease, _| {
        let a = lease.macs.a().unwrap();
        lease.macs = Macs::Pair { a, b: a };
    }),
    ("a host that is not there", |lease, _| lease.holder.host = HostName::new("nowhere").unwrap()),
    ("a network that is not there", |lease, _| lease.network = NetworkName::new("nowhere").unwrap()),
];

#[test]
fn what_two_leases_may_not_share_is_refused() {
    let mut scene = Scene::small();
    for holder in ["h1/a", "h1/b", "h2/c"] {
        scene.lease(wish(holder));
    }
    let all = records(&scene.machine);
    let leases: Vec<usize> =
        (0..all.len()).filter(|at| matches!(all[*at], SnapshotRecord::Lease(_))).collect();
    assert_eq!(leases.len(), 3);
    for (what, steal) in THEFTS {
        for (one, other) in [(0, 1), (1, 0), (1, 2), (2, 0)] {
            let mut changed = all.clone();
            let SnapshotRecord::Lease(from) = all[leases[other]].clone() else {
                unreachable!("it is a lease")
            };
            let SnapshotRecord::Lease(lease) = &mut changed[leases[one]] else {
                unreachable!("it is a lease")
            };
            steal(Arc::make_mut(lease), &from);
            assert!(restore(changed).is_err(), "lease {one} has {what} of {other}");
        }
    }
}
