//! The agent is killed at every command of a start and of a stop, and every command fails once: the next passes end right, and
//! nothing is left over.

use freebsd_host::Output;
use freebsd_host::fake::{Fault, until_killed};

use super::*;
use crate::example::full;

/// Releases where the commands differ: before and after ifconfig(8) enters jails by itself.
const RELEASES: [(u8, u8); 2] = [(10, 4), (14, 1)];

/// Brings a jail up, or up and then down, with this fault at a command after the host was made ready; false if no command came
/// that far.
fn with_fault(target: &str, release: (u8, u8), is_release: bool, at: usize, fault: &Fault) -> (Rig, bool) {
    let rig = web01(target, release);
    if is_release {
        rig.settle();
        rig.cluster.change(LeaseId::new(17), |lease| lease.state = LeaseState::Releasing);
    }
    let place = rig.fake.command_count() + at;
    rig.fake.fault_at(place, fault.clone());
    // Whoever is killed is killed whole; the next agent starts on what is left.
    let _ = until_killed(|| rig.settle());
    let is_hit = rig.fake.command_count() > place;
    (rig, is_hit)
}

fn each_fault(is_release: bool, fault: &Fault, check: impl Fn(&Rig, &str)) {
    for release in RELEASES {
        for target in TARGETS {
            let mut hits = 0;
            for at in 0.. {
                let (rig, is_hit) = with_fault(target, release, is_release, at, fault);
                if !is_hit {
                    break;
                }
                hits += 1;
                rig.settle();
                check(&rig, &format!("{release:?} {target} {fault:?} at command {at}"));
                assert!(at < 500, "commands end");
            }
            assert!(hits > 5, "{release:?} {target}: {hits}");
        }
    }
}

fn built(rig: &Rig, context: &str) {
    println!("{context}");
    assert_built(rig);
    assert_eq!(rig.fake.interfaces(None).len(), 4, "{}", rig.shown());
    assert_eq!(rig.fake.jails().len(), 1, "{}", rig.shown());
}

fn gone(rig: &Rig, context: &str) {
    println!("{context}");
    assert_gone(rig);
    assert_eq!(rig.cluster.lease(LeaseId::new(17)), None, "it was confirmed");
}

#[test]
fn a_kill_before_any_command_of_a_start_leaves_nothing_behind() {
    each_fault(false, &Fault::KillBefore, built);
}

#[test]
fn a_kill_after_any_command_of_a_start_leaves_nothing_behind() {
    each_fault(false, &Fault::KillAfter, built);
}

#[test]
fn a_kill_before_any_command_of_a_stop_leaves_nothing_behind() {
    each_fault(true, &Fault::KillBefore, gone);
}

#[test]
fn a_kill_after_any_command_of_a_stop_leaves_nothing_behind() {
    each_fault(true, &Fault::KillAfter, gone);
}

#[test]
fn any_command_of_a_start_may_fail_once() {
    let failure = Output::failure(1, "out of luck\n");
    each_fault(false, &Fault::Fail(failure.clone()), built);
    each_fault(false, &Fault::FailAfterwards(failure), built);
}

#[test]
fn any_command_of_a_stop_may_fail_once() {
    let failure = Output::failure(1, "out of luck\n");
    each_fault(true, &Fault::Fail(failure.clone()), gone);
    each_fault(true, &Fault::FailAfterwards(failure), gone);
}

/// A jail with every kind of interface, each of which is somewhere else while it is being built.
#[test]
fn a_kill_after_any_command_leaves_nothing_of_any_kind_behind() {
    let config = "[jails]\ntarget = \"direct\"\ntap = \"jail\"\n";
    for is_release in [false, true] {
        for at in 0.. {
            let rig = Rig::new((14, 1), config, full());
            if is_release {
                rig.settle();
                give_back(&rig);
            }
            let place = rig.fake.command_count() + at;
            rig.fake.fault_at(place, Fault::KillAfter);
            let _ = until_killed(|| rig.settle());
            if rig.fake.command_count() <= place {
                assert!(at > 20, "{at}");
                break;
            }
            rig.settle();
            if !is_release {
                let inside = rig.fake.interfaces(Some("web01"));
                let names: Vec<&str> = inside.iter().map(|interface| interface.name.as_str()).collect();
                assert_eq!(names, ["lo0", "jail7b", "tap3", "tun3"], "at command {at}: {}", rig.shown());
                give_back(&rig);
                rig.settle();
            }
            let left = rig.shown();
            for word in ["jail", "tap", "tun", "epair"] {
                assert!(!left.contains(word), "{word} at command {at}: {left}");
            }
            assert_eq!(rig.cluster.lease(LeaseId::new(19)), None);
        }
    }
}

fn give_back(rig: &Rig) {
    for lease in full() {
        rig.cluster.change(lease.id, |lease| lease.state = LeaseState::Releasing);
    }
}

#[test]
fn a_command_that_fails_is_told_with_its_code_and_what_it_wrote() {
    let rig = web01(TARGETS[2], (14, 1));
    let count = rig.fake.command_count();
    // The release, the look, registering, and then the first command of the build.
    let create = (0..40).find(|at| {
        let rig = web01(TARGETS[2], (14, 1));
        rig.settle();
        rig.fake.records()[count + at].invocation.to_string() == "/sbin/ifconfig epair7 create"
    });
    rig.fake.fault_at(count + create.unwrap(), Fault::Fail(Output::failure(1, "ifconfig: no\n")));
    let report = rig.with_agent(|agent| agent.pass(rig.asked()).unwrap());
    assert_eq!(
        failures(&[report]),
        [
            "this could not be brought about: epair7 is made: `/sbin/ifconfig epair7 create` failed with exit code 1: ifconfig: no"
        ]
    );
}
