//! A cluster that begins with a backup: one member, behind a snapshot, in a timeline of its own; others join it.

use allocd_types::cluster::MemberChange;

use super::cluster::Cluster;
use super::{OFTEN, hosts, names};
use crate::codec::Level;
use crate::log::LogStore as _;
use crate::log::memory::MemoryLog;
use crate::replica::*;
use crate::restore::begin_with;

/// A cluster of member 1 that begins with what another cluster has.
fn restored(from: &Cluster, id: u64) -> Cluster {
    let machine = from.running[&id].machine().restored();
    let mut log = MemoryLog::new();
    begin_with(&mut log, MemberId::new(1), (Level::NEWEST, machine)).unwrap();
    let mut cluster = Cluster::with_limits(&[1], 7, OFTEN);
    cluster.crash(1, 0);
    cluster.disks.insert(1, log);
    cluster.start(1);
    cluster
}

#[test]
fn it_begins_with_what_the_backup_has_and_goes_on() {
    let (mut old, leader) = Cluster::with_leader();
    old.create_hosts(leader, names("old", 10));
    let mut cluster = restored(&old, leader);
    assert_eq!(hosts(cluster.running[&1].state()).len(), 10, "before anybody leads");
    cluster.elect();
    cluster.create_hosts(1, names("new", 50));
    let digest = cluster.digest(1);
    cluster.crash(1, 0);
    cluster.start(1);
    cluster.elect();
    assert_eq!(cluster.digest(1), digest);
    let state = cluster.running[&1].state();
    assert_eq!(hosts(state).len(), 60);
    assert_eq!(state.recovery_status().timeline, 2);
    assert!(state.recovery_status().is_open());
}

#[test]
fn others_join_it_and_get_the_state() {
    let (mut old, leader) = Cluster::with_leader();
    old.create_hosts(leader, names("old", 10));
    let mut cluster = restored(&old, leader);
    cluster.elect();
    for id in [2, 3] {
        let address = format!("10.0.0.{id}:7421");
        let member = Some(MemberId::new(id));
        cluster.change(1, &MemberChange::Add { member, address }).unwrap();
        cluster.join(id, 1);
        cluster.ticks(20);
        cluster.change(1, &MemberChange::Promote(MemberId::new(id))).unwrap();
    }
    cluster.create_hosts(1, names("new", 5));
    cluster.ticks(10);
    cluster.assert_equal();
    assert_eq!(cluster.running[&3].state().recovery_status(), cluster.running[&1].state().recovery_status());
}

#[test]
#[should_panic(expected = "only an empty log can begin")]
fn a_log_that_is_somebodys_is_left_alone() {
    let (mut old, leader) = Cluster::with_leader();
    let machine = old.running[&leader].machine();
    old.crash(leader, 0);
    let mut log = old.disks.remove(&leader).unwrap();
    assert!(log.configuration().is_some());
    let _ = begin_with(&mut log, MemberId::new(leader), (Level::NEWEST, machine));
}
