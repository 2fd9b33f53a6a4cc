//! Leases that end by themselves, from their start to their end.

use std::time::Duration;

use allocd_types::time::Span;

use super::*;
use crate::plan::Finding;
use crate::want::Wait;
use crate::watchdog::{Watchdog, lock_path};

const TTL: Span = Span::from_seconds(100);

fn ends(lease: Lease) -> Lease {
    Lease { remaining: Some(TTL), ..lease }
}

fn rig(target: &str) -> Rig {
    let rig = Rig::new((14, 1), target, vec![ends(lease(17, "web01", 7))]);
    rig.cluster.renew_for(TTL);
    rig
}

/// As if the watchdog ran.
fn watched(rig: &Rig) -> std::fs::File {
    rig.files.lock(&lock_path(rig.config.state_dir.to_str().unwrap())).unwrap()
}

fn waits(report: &Report) -> Vec<Wait> {
    let waits = report.findings.iter().filter_map(|(_, finding)| {
        let Finding::Waiting(waiting) = finding else { return None };
        Some(waiting.why)
    });
    waits.collect()
}

/// What the watchdog does when it looks once.
fn watch(rig: &Rig) {
    let host = Host::look(&rig.fake).unwrap();
    Watchdog::new(&host, &rig.files, &rig.clock, "/var/db/agent").look();
}

#[test]
fn nobody_uses_one_without_a_watchdog() {
    let rig = rig(TARGETS[0]);
    let before = rig.shown();
    assert_eq!(waits(rig.settle().last().unwrap()), [Wait::Unwatched]);
    assert_eq!(rig.shown(), before);
    let _watching = watched(&rig);
    rig.settle();
    assert_built(&rig);
}

#[test]
fn its_jail_never_has_a_file_that_starts_by_itself() {
    for target in TARGETS {
        let rig = rig(target);
        let _watching = watched(&rig);
        rig.settle();
        assert_built(&rig);
        assert!(!rig.shown().contains("file "), "{}", rig.shown());
        rig.cluster.change(LeaseId::new(17), |lease| lease.state = LeaseState::Releasing);
        rig.settle();
        assert_gone(&rig);
        assert!(rig.with_agent(|agent| !agent.store.cache().has_lifetimes()));
    }
}

#[test]
fn all_are_renewed_in_one_round_after_a_third_of_their_time() {
    let rig = rig(TARGETS[0]);
    rig.cluster.put(ends(lease(18, "web02", 8)));
    rig.cluster.put(lease(19, "web03", 9));
    for jail in ["web02", "web03"] {
        std::fs::create_dir_all(rig.directory.path().join(format!("usr/jails/{jail}/bin"))).unwrap();
    }
    let _watching = watched(&rig);
    rig.with_agent(|agent| {
        let first = agent.pass(rig.asked()).unwrap();
        assert_eq!(first.next, Some(Duration::from_secs(33)));
        rig.cluster.take_said();
        rig.clock.pass(Duration::from_secs(32));
        agent.pass(rig.asked()).unwrap();
        assert_eq!(rig.cluster.take_said(), [""; 0]);
        rig.clock.pass(Duration::from_secs(1));
        let renewed = agent.pass(rig.asked()).unwrap();
        assert_eq!(rig.cluster.take_said(), ["renew 2"]);
        assert_eq!(renewed.next, Some(Duration::from_secs(33)));
    });
}

#[test]
fn away_from_its_cluster_it_is_used_until_its_time_is_over_and_then_left_down() {
    let rig = rig(TARGETS[2]);
    let _watching = watched(&rig);
    rig.settle();
    rig.cluster.go_away(true);
    rig.with_agent(|agent| {
        rig.clock.pass(Duration::from_secs(50));
        rig.ifconfig("epair7a down");
        let away = agent.pass(rig.asked()).unwrap();
        assert_eq!(away.next, Some(Duration::from_secs(2)), "a renewal is due");
        assert_built(&rig);
        rig.clock.pass(Duration::from_secs(44));
        watch(&rig);
        let over = agent.pass(rig.asked()).unwrap();
        assert_eq!((waits(&over), over.done(), over.next), (vec![Wait::Over], 0, None));
        assert!(rig.shown().contains("host: epair7a 12:34:56:00:07:0a down"), "{}", rig.shown());
    });
    // The cluster has kept it, as it does for some time.
    rig.cluster.go_away(false);
    rig.settle();
    assert_built(&rig);
}

#[test]
fn one_that_has_ended_is_taken_down_with_its_jail_and_confirmed_to_nobody() {
    for target in TARGETS {
        let rig = rig(target);
        let before = rig.shown();
        let _watching = watched(&rig);
        rig.settle();
        rig.cluster.take_said();
        rig.clock.pass(Duration::from_secs(100));
        rig.cluster.forget(LeaseId::new(17));
        assert_eq!(failures(&rig.settle()), [""; 0]);
        assert_eq!(rig.shown(), before);
        assert_eq!(rig.cluster.take_said(), [""; 0]);
        assert!(rig.with_agent(|agent| !agent.store.cache().has_lifetimes()));
    }
}

#[test]
fn a_new_lease_of_the_same_interface_waits_for_the_old_one() {
    let rig = rig(TARGETS[2]);
    let _watching = watched(&rig);
    rig.settle();
    rig.clock.pass(Duration::from_secs(100));
    rig.cluster.forget(LeaseId::new(17));
    rig.cluster.put(ends(lease(18, "web01", 7)));
    let reports = rig.settle();
    assert_eq!(failures(&reports), [""; 0]);
    assert!(reports.iter().any(|report| waits(report) == [Wait::Predecessor]));
    assert!(rig.shown().contains("host: epair7a 12:34:56:00:07:0a up allocd:leases/18"), "{}", rig.shown());
}

#[test]
fn after_a_reboot_it_waits_for_the_cluster() {
    let rig = rig(TARGETS[2]);
    let _watching = watched(&rig);
    rig.settle();
    let text = rig.files.read("/var/db/agent/cache.json").unwrap().unwrap();

    let booted = self::rig(TARGETS[2]);
    booted.fake.boot_sysctl("kern.boottime", "{ sec = 1416990000, usec = 0 } Wed Nov 26 08:20:00 2014");
    booted.files.write("/var/db/agent/cache.json", &text, 0o600).unwrap();
    let _watching = watched(&booted);
    booted.cluster.go_away(true);
    let before = booted.shown();
    assert_eq!(waits(booted.settle().last().unwrap()), [Wait::Over]);
    assert_eq!(booted.shown(), before);
}

#[test]
fn only_what_has_an_end_on_the_host_may_end_by_itself() {
    let mut leases = crate::example::full();
    leases[2].remaining = Some(TTL);
    let rig = Rig::new((14, 1), "", leases);
    rig.cluster.renew_for(TTL);
    let _watching = watched(&rig);
    let before = rig.shown();
    let last = rig.settle().pop().unwrap();
    let refused = last.findings.iter().map(|(_, finding)| finding.to_string()).collect::<Vec<_>>().join("");
    assert!(refused.contains("leases/19 ends by itself"), "{refused}");
    assert_eq!(rig.shown(), before);
}
