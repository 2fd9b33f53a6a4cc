//! Whole passes over a host in memory, to their end.

mod adoption;
mod conflict;
mod drift;
mod fault;
mod heartbeat;
mod leftover;
mod lifetime;
mod lost;
mod many;
mod offline;
mod recovery;
mod root;
mod stranger;
mod unfinished;

use allocd_types::lease::{Lease, LeaseState};

use super::*;
use crate::example::{RELEASES, Rig, lease};

/// The three ways to build a jail.
const TARGETS: [&str; 3] =
    ["[jails]\ntarget = \"jail.conf\"\n", "[jails]\ntarget = \"ezjail\"\n", "[jails]\ntarget = \"direct\"\n"];

fn web01(target: &str, release: (u8, u8)) -> Rig {
    Rig::new(release, target, vec![lease(17, "web01", 7)])
}

/// What a finished jail looks like, whatever it was built by.
fn assert_built(rig: &Rig) {
    let shown = rig.shown();
    for line in [
        "host: epair7a 12:34:56:00:07:0a up allocd:leases/17",
        "jail web01: epair7b 12:34:56:00:07:0b up 10.0.0.7/24 fd00::7/64 ",
        "jail web01: lo0  up 127.0.0.1/8 ::1/128 ",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}\nis not in\n{shown}");
    }
    assert!(shown.contains("member epair7a"), "{shown}");
    // Its services found the network there.
    let services = rig.fake.services();
    let (jail, interfaces) = services.last().expect("its services were started");
    let inner = interfaces.iter().find(|interface| interface.name == "epair7b").unwrap();
    assert_eq!((jail.as_str(), inner.inet.len()), ("web01", 1), "{inner:?}");
}

fn assert_gone(rig: &Rig) {
    let shown = rig.shown();
    for word in ["epair", "jail web01", "web01.conf", "ezjail/web01"] {
        assert!(!shown.contains(word), "{word} is in\n{shown}");
    }
}

fn failures(reports: &[Report]) -> Vec<String> {
    let outcomes = reports.iter().flat_map(|report| &report.outcomes);
    outcomes
        .filter_map(|outcome| outcome.failure.as_ref())
        .map(|failure| format!("{failure}: {}", failure.source))
        .collect()
}

#[test]
fn a_lease_becomes_a_jail_and_its_release_takes_everything_away() {
    for release in RELEASES {
        for target in TARGETS {
            let rig = web01(target, release);
            let before = rig.shown();
            let reports = rig.settle();
            assert_eq!(failures(&reports), [""; 0], "{release:?} {target}");
            assert_built(&rig);
            assert_eq!(rig.cluster.take_said(), ["bind leases/17"]);

            rig.cluster.change(LeaseId::new(17), |lease| lease.state = LeaseState::Releasing);
            let reports = rig.settle();
            assert_eq!(failures(&reports), [""; 0], "{release:?} {target}");
            assert_gone(&rig);
            assert_eq!(rig.cluster.take_said(), ["confirm leases/17"]);
            assert_eq!(rig.shown(), before, "{release:?} {target}");
        }
    }
}
