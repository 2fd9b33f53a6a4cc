//! Snapshots: taken while commits go on, sent to those who are too far behind, and begun from after a restart.

use super::cluster::Cluster;
use super::{OFTEN, names};
use crate::config::SnapshotLimits;
use crate::log::LogStore as _;
use crate::replica::*;
use crate::snapshots::Delivery;

fn cluster() -> (Cluster, u64) {
    let mut cluster = Cluster::with_limits(&[1, 2, 3], 1, OFTEN);
    let leader = cluster.elect();
    (cluster, leader)
}

fn log_length(cluster: &Cluster, id: u64) -> u64 {
    let log = cluster.running[&id].node.store().store();
    log.last_index() - log.base().index
}

#[test]
fn the_log_stays_short_however_much_is_committed() {
    let mut cluster = Cluster::with_limits(&[1], 1, SnapshotLimits { entries: 5_000, ..OFTEN });
    cluster.part_bytes = 1_024 * 1_024;
    cluster.elect();
    for round in 0..50 {
        cluster.fill_log(1, &format!("round{round}-"), 1_000);
        assert!(log_length(&cluster, 1) <= 5_100, "{} entries are kept", log_length(&cluster, 1));
    }
    assert!(cluster.status(1).applied > 50_000);
    let digest = cluster.digest(1);
    cluster.crash(1, usize::MAX);
    cluster.start(1);
    assert_eq!(cluster.digest(1), digest, "a restart is the snapshot and the rest of the log");
}

#[test]
fn a_snapshot_is_due_by_bytes_as_well() {
    let limits = SnapshotLimits { entries: u64::MAX, bytes: 2_000, entries_kept: 0 };
    let mut cluster = Cluster::with_limits(&[1], 1, limits);
    cluster.elect();
    cluster.create_hosts(1, names("h", 100));
    assert!(log_length(&cluster, 1) < 50, "{} entries are kept", log_length(&cluster, 1));
}

#[test]
fn a_follower_that_was_away_beyond_the_log_catches_up_while_the_leader_goes_on() {
    let (mut cluster, leader) = cluster();
    let follower = cluster.others(leader)[0];
    cluster.isolated.insert(follower);
    cluster.create_hosts(leader, names("away", 100));
    cluster.isolated.clear();
    cluster.create_hosts(leader, names("back", 30));
    cluster.ticks(20);
    cluster.assert_equal();
    assert_eq!(cluster.installed.get(&follower), Some(&1), "it was told to read anew, once");
    // What it has now survives.
    let digest = cluster.digest(follower);
    cluster.crash(follower, 0);
    cluster.start(follower);
    cluster.ticks(5);
    assert_eq!(cluster.digest(follower), digest);
    cluster.assert_equal();
}

#[test]
fn a_member_that_comes_for_the_first_time_gets_everything() {
    let mut cluster = Cluster::with_limits(&[1, 2, 3], 1, OFTEN);
    cluster.crash(3, 0);
    let leader = cluster.elect();
    cluster.create_hosts(leader, names("h", 60));
    cluster.start(3);
    cluster.ticks(20);
    cluster.assert_equal();
}

#[test]
fn the_leader_may_change_while_a_snapshot_is_sent() {
    let (mut cluster, leader) = cluster();
    let [follower, other] = cluster.others(leader)[..] else { panic!("a cluster of three") };
    cluster.isolated.insert(follower);
    cluster.create_hosts(leader, names("h", 100));
    cluster.isolated.clear();
    while cluster.sending.is_empty() {
        step(&mut cluster);
    }
    cluster.send_one(0);
    cluster.send_one(0);
    cluster.member(leader).transfer_leadership(MemberId::new(other)).unwrap();
    cluster.settle();
    let new = cluster.elect();
    assert_ne!(new, leader);
    cluster.create_hosts(new, names("later", 30));
    cluster.ticks(30);
    cluster.assert_equal();
}

#[test]
fn what_is_said_late_of_a_former_snapshot_does_not_end_the_one_under_way() {
    let (mut cluster, leader) = cluster();
    let follower = cluster.others(leader)[0];
    cluster.isolated.insert(follower);
    cluster.create_hosts(leader, names("first", 50));
    cluster.isolated.clear();
    while cluster.sending.is_empty() {
        step(&mut cluster);
    }
    let mut first = cluster.sending.remove(0);
    while !first.parts.is_empty() {
        assert_eq!(cluster.receive(&mut first), None);
    }
    // The log has gone on beyond what the follower gets: once it has it, it gets another one.
    cluster.isolated.insert(follower);
    cluster.create_hosts(leader, names("second", 50));
    cluster.isolated.clear();
    assert_eq!(cluster.receive(&mut first), Some(Delivery::Arrived));
    while cluster.sending.is_empty() {
        step(&mut cluster);
    }
    cluster.send_one(0);
    // Only now the leader hears of the first.
    cluster.member(leader).report_snapshot(MemberId::new(follower), first.sent_as, Delivery::Arrived);
    for _ in 0..5 {
        step(&mut cluster);
        assert_eq!(cluster.sending.len(), 1, "the second is under way, and no third is sent");
    }
    cluster.ticks(20);
    cluster.assert_equal();
    assert_eq!(cluster.installed.get(&follower), Some(&2));
}

/// One tick and one exchange, without waiting for all to come to rest.
fn step(cluster: &mut Cluster) {
    for id in cluster.ids() {
        cluster.tick_one(id);
        cluster.advance(id);
    }
    cluster.deliver();
    for id in cluster.ids() {
        cluster.advance(id);
    }
}

#[test]
fn power_may_fail_at_any_part_of_taking_sending_and_installing() {
    for parts in 0..25 {
        for victim in [1, 2, 3] {
            let (mut cluster, leader) = cluster();
            let follower = cluster.others(leader)[0];
            cluster.isolated.insert(follower);
            cluster.create_hosts(leader, names("h", 50));
            cluster.isolated.clear();
            while cluster.sending.is_empty() {
                step(&mut cluster);
            }
            for _ in 0..parts {
                cluster.move_snapshots();
            }
            cluster.crash(victim, parts % 4);
            step(&mut cluster);
            cluster.start(victim);
            let leader = cluster.elect();
            cluster.create_hosts(leader, names("later", 10));
            cluster.ticks(30);
            cluster.assert_equal();
        }
    }
}

#[test]
fn a_snapshot_of_what_is_known_is_dropped() {
    let (mut cluster, leader) = cluster();
    let follower = cluster.others(leader)[0];
    cluster.create_hosts(leader, names("h", 10));
    cluster.ticks(2);
    let announced = cluster.running[&leader].node.store().announcement();
    let message = raft_proto::eraftpb::Message {
        msg_type: raft_proto::eraftpb::MessageType::MsgSnapshot.into(),
        from: leader,
        to: follower,
        term: cluster.status(leader).standing.term,
        snapshot: announced,
        ..Default::default()
    };
    let bytes = prost::Message::encode_to_vec(&message);
    assert_eq!(
        cluster.member(follower).begin_install(&bytes, Level::FIRST).unwrap(),
        Err(Refusal::Superseded)
    );
    assert_eq!(cluster.member(follower).step(&bytes).unwrap(), Err(Refusal::Snapshot));
}
