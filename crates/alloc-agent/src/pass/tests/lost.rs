//! Jails that somebody has removed by hand: nothing of them is built again before the cluster has said yes.

use std::fs;
use std::path::PathBuf;

use freebsd_host::{Invocation, Program};

use super::*;

/// A jail that was built, and of which nothing is left: its root, its file and its interface went with it.
fn removed() -> Rig {
    let rig = web01(TARGETS[0], (14, 1));
    rig.settle();
    remove(&rig);
    rig.settle();
    assert!(rig.cluster.lease(LeaseId::new(17)).unwrap().suspicion.is_some(), "{}", rig.shown());
    rig.cluster.take_said();
    rig
}

/// Stops the jail by its file, and removes file and root.
fn remove(rig: &Rig) {
    let file = "/etc/jail.conf.d/web01.conf";
    let stop = Invocation::new(Program::JAIL, ["-f", file, "-r", "web01"]);
    let run = rig.fake.run(&stop).unwrap();
    assert!(run.exit.is_success(), "{}", run.stderr);
    fs::remove_file(rig.directory.path().join(&file[1..])).unwrap();
    fs::rename(root(rig), aside(rig)).unwrap();
}

fn root(rig: &Rig) -> PathBuf {
    rig.directory.path().join("usr/jails/web01")
}

fn aside(rig: &Rig) -> PathBuf {
    rig.directory.path().join("usr/jails/web01.aside")
}

fn put_back(rig: &Rig) {
    fs::rename(aside(rig), root(rig)).unwrap();
}

#[test]
fn what_cannot_be_built_stays_lost_and_is_not_taken_up() {
    let rig = removed();
    for _ in 0..3 {
        rig.settle();
    }
    assert_eq!(rig.cluster.take_said(), [""; 0]);
    assert!(rig.cluster.lease(LeaseId::new(17)).unwrap().suspicion.is_some());
}

#[test]
fn what_was_lost_waits_for_the_cluster_and_is_taken_up_before_it_is_built() {
    let rig = removed();
    put_back(&rig);
    rig.cluster.go_away(true);
    let reports = rig.settle();
    assert!(reports[0].problems.iter().any(|problem| problem.contains("waits for the cluster")));
    assert!(!rig.shown().contains("web01.conf"), "{}", rig.shown());

    rig.cluster.go_away(false);
    rig.settle();
    assert_eq!(rig.cluster.take_said(), ["bind leases/17"]);
    assert_built(&rig);
    // It is in use like any other from then on.
    rig.cluster.go_away(true);
    rig.ifconfig("epair7a down");
    rig.settle();
    assert_built(&rig);
}

#[test]
fn what_was_lost_and_freed_since_is_not_built() {
    let rig = removed();
    put_back(&rig);
    rig.cluster.forget(LeaseId::new(17));
    rig.settle();
    assert!(!rig.shown().contains("web01.conf"), "{}", rig.shown());
}

#[test]
fn an_inventory_without_an_answer_is_void_before_anything_is_taken_up() {
    let rig = web01(TARGETS[0], (14, 1));
    rig.settle();
    remove(&rig);
    rig.cluster.take_said();
    rig.cluster.lose_inventories(true);
    rig.with_agent(|agent| {
        agent.pass(rig.asked()).unwrap();
        let before = rig.cluster.incarnation();
        // The cluster tells of no suspect, and may hear of one yet.
        assert_eq!(rig.cluster.lease(LeaseId::new(17)).unwrap().suspicion, None);
        put_back(&rig);
        rig.cluster.lose_inventories(false);
        agent.pass(rig.asked()).unwrap();
        assert!(rig.cluster.incarnation() > before, "the old start's word does not count any more");
        assert_eq!(rig.cluster.take_said(), ["bind leases/17"]);
    });
}
