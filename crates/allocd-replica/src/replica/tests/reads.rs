//! Reads that see all that was answered before they were asked.

use super::cluster::Cluster;
use crate::reads::{READ_DEADLINE_TICKS, READ_RETRY_TICKS};
use crate::replica::*;

fn revision_read(cluster: &Cluster, token: Token) -> u64 {
    cluster.reads[&token].as_ref().expect("the read was answered").revision().get()
}

#[test]
fn every_member_reads_what_was_answered_before() {
    let (mut cluster, leader) = Cluster::with_leader();
    for round in 0..10 {
        cluster.create_hosts(leader, [format!("h{round}")]);
        let written = cluster.running[&leader].state().revision().get();
        let tokens: Vec<Token> = [1, 2, 3].map(|id| cluster.read(id)).to_vec();
        cluster.settle();
        for token in tokens {
            assert!(revision_read(&cluster, token) >= written, "round {round}");
        }
    }
}

#[test]
fn a_lagging_follower_answers_only_after_it_has_caught_up() {
    let (mut cluster, leader) = Cluster::with_leader();
    let follower = cluster.others(leader)[0];
    // The follower misses a command.
    cluster.isolated.insert(follower);
    cluster.create_hosts(leader, ["h1".to_owned()]);
    let written = cluster.running[&leader].state().revision().get();
    // Its read cannot be confirmed while it is cut off, and is not answered from its old state.
    let token = cluster.read(follower);
    cluster.settle();
    assert!(!cluster.reads.contains_key(&token));
    cluster.isolated.clear();
    cluster.ticks(READ_RETRY_TICKS + 2);
    assert_eq!(revision_read(&cluster, token), written);
}

#[test]
fn a_former_leader_that_does_not_know_answers_no_read() {
    let (mut cluster, old) = Cluster::with_leader();
    cluster.isolated.insert(old);
    let new = cluster.elect();
    cluster.create_hosts(new, ["h1".to_owned()]);
    let token = cluster.read(old);
    for _ in 0..=READ_DEADLINE_TICKS {
        cluster.tick();
    }
    assert!(matches!(cluster.reads[&token], Err(Unavailable::Unconfirmed { .. })));
    assert_eq!(cluster.status(old).reads_waiting, 0);
}

#[test]
fn a_read_asked_before_there_is_a_leader_is_answered_once_there_is_one() {
    let mut cluster = Cluster::of(&[1, 2, 3], 2);
    let token = cluster.read(2);
    cluster.elect();
    cluster.ticks(READ_RETRY_TICKS + 1);
    assert!(cluster.reads[&token].is_ok());
}

#[test]
fn a_single_member_reads_at_once() {
    let mut cluster = Cluster::of(&[1], 2);
    cluster.elect();
    let token = cluster.read(1);
    cluster.settle();
    assert!(cluster.reads[&token].is_ok());
}
