//! From a proposal to its answer.

use allocd_types::id::{Caller, RequestId};
use allocd_types::time::Span;

use super::cluster::{Cluster, TICK_MILLIS, create_host};
use crate::proposals::{PROPOSALS_WAITING_MAX, Proposal};
use crate::replica::*;

fn proposal(token: u64, host: &str) -> Proposal {
    Proposal {
        token: Token(1_000_000 + token),
        request_id: RequestId::new(&format!("r{token}")).unwrap(),
        caller: Caller::new("script").unwrap(),
        expires_in: Span::from_seconds(30),
        command: create_host(host),
    }
}

#[test]
fn a_proposal_is_applied_on_all_and_answered_once() {
    let (mut cluster, leader) = Cluster::with_leader();
    let token = cluster.create_host(leader, "r1", "h1");
    cluster.settle();
    assert!(cluster.is_applied(token));
    cluster.ticks(2);
    cluster.assert_equal();
    for id in [1, 2, 3] {
        assert_eq!(cluster.times_created(id, "h1"), 1, "member {id}");
    }
}

#[test]
fn a_follower_refuses_and_names_the_leader() {
    let (mut cluster, leader) = Cluster::with_leader();
    let follower = cluster.others(leader)[0];
    let token = cluster.create_host(follower, "r1", "h1");
    cluster.settle();
    let expected = Unavailable::NotLeader { leader: Some(MemberId::new(leader)) };
    assert_eq!(cluster.unavailable(token), Some(expected));
}

#[test]
fn commands_of_one_loop_share_entries() {
    let (mut cluster, leader) = Cluster::with_leader();
    let before = cluster.status(leader).last;
    let flushes = cluster.member(leader).node.store().store().flushes();
    let batch = (0..200).map(|n| proposal(n, &format!("host{n}"))).collect();
    cluster.member(leader).propose(batch).unwrap();
    cluster.settle();
    let answered = (0..200).filter(|n| cluster.is_applied(Token(1_000_000 + n))).count();
    assert_eq!(answered, 200);
    let entries = cluster.status(leader).last - before;
    assert!(entries < 20, "{entries} entries for 200 commands");
    assert_eq!(cluster.member(leader).node.store().store().flushes(), flushes + 1);
    // Each entry fits into one value of a store.
    let log = cluster.member(leader).node.store().store();
    let records = log.read(before + 1, before + entries + 1, u64::MAX).unwrap();
    assert!(records.iter().all(|record| record.bytes.len() <= 2_032), "an entry is larger than a value");
}

#[test]
fn a_request_repeated_after_a_change_of_leader_is_answered_from_memory() {
    let (mut cluster, old) = Cluster::with_leader();
    // The command is committed, but the leader is cut off before it can answer.
    let first = cluster.create_host(old, "r1", "h1");
    cluster.advance(old);
    cluster.deliver();
    for id in cluster.others(old) {
        cluster.advance(id);
    }
    cluster.isolated.insert(old);
    let new = cluster.elect();
    assert!(!cluster.is_applied(first));
    // The client asks again, with the same id, at the new leader: it is answered, and nothing happens twice.
    let again = cluster.create_host(new, "r1", "h1");
    cluster.settle();
    assert!(cluster.is_applied(again));
    assert_eq!(cluster.times_created(new, "h1"), 1);
    cluster.isolated.clear();
    cluster.ticks(5);
    cluster.assert_equal();
}

#[test]
fn too_many_are_refused_as_busy() {
    let (mut cluster, leader) = Cluster::with_leader();
    for other in cluster.others(leader) {
        cluster.isolated.insert(other);
    }
    let limit = u64::try_from(PROPOSALS_WAITING_MAX).unwrap();
    let batch = (0..limit + 100).map(|n| proposal(n, "h")).collect();
    cluster.member(leader).propose(batch).unwrap();
    cluster.advance(leader);
    let tokens = (0..limit + 100).map(|n| Token(1_000_000 + n));
    let busy = tokens.filter(|&token| cluster.unavailable(token) == Some(Unavailable::Busy)).count();
    // Whoever was not refused waits still.
    assert_eq!(cluster.status(leader).proposals_waiting, PROPOSALS_WAITING_MAX + 100 - busy);
    assert!((100..1_000).contains(&busy), "{busy} were refused");
    assert_eq!(cluster.answers.get(&Token(1_000_000)), None);
}

#[test]
fn cluster_time_advances_by_ticks_under_a_leader_and_stands_still_without() {
    let (mut cluster, leader) = Cluster::with_leader();
    let inherited = cluster.running[&leader].cluster_time();
    cluster.ticks(10);
    let later = cluster.running[&leader].cluster_time();
    assert_eq!(inherited.until(later).millis(), 10 * TICK_MILLIS);
    cluster.create_hosts(leader, ["h1".to_owned()]);
    let applied = cluster.running[&leader].state().now();
    assert_eq!(applied, later);
    // Nobody can lead for an hour; the next leader goes on from where time stood.
    for id in [1, 2, 3] {
        cluster.isolated.insert(id);
    }
    cluster.ticks(36_000);
    cluster.isolated.clear();
    let next = cluster.elect();
    let inherited = cluster.running[&next].cluster_time();
    assert!(applied.until(inherited).millis() <= 50 * TICK_MILLIS, "{inherited:?} after {applied:?}");
}
