//! Power cuts at every point, and what is found again.

use std::collections::BTreeMap;

use allocd_state::command::Command;
use allocd_types::host::HostSpec;
use allocd_types::label::Labels;
use allocd_types::name::HostName;
use allocd_types::violation::Violations;

use super::cluster::Cluster;
use crate::cache::CACHED_ENTRIES_MAX;
use crate::config::MESSAGE_BYTES_MAX;
use crate::log::memory::MemoryLog;
use crate::replica::*;

#[test]
fn all_three_lose_power_at_once_and_come_back_equal() {
    let (mut cluster, leader) = Cluster::with_leader();
    cluster.create_hosts(leader, (0..30).map(|n| format!("h{n}")));
    cluster.ticks(2);
    let digest = cluster.digest(leader);
    for id in [1, 2, 3] {
        cluster.crash(id, 0);
    }
    for id in [1, 2, 3] {
        cluster.start(id);
    }
    cluster.elect();
    cluster.assert_equal();
    assert_eq!(cluster.digest(1), digest);
}

#[test]
fn a_member_that_was_flushed_has_its_state_before_anybody_speaks_to_it() {
    let (mut cluster, leader) = Cluster::with_leader();
    cluster.create_hosts(leader, (0..30).map(|n| format!("h{n}")));
    cluster.ticks(2);
    let follower = cluster.others(leader)[0];
    let digest = cluster.digest(follower);
    cluster.crash(follower, usize::MAX);
    cluster.start(follower);
    assert_eq!(cluster.digest(follower), digest);
}

#[test]
fn what_is_replayed_is_told_again() {
    let (mut cluster, leader) = Cluster::with_leader();
    cluster.create_hosts(leader, (0..30).map(|n| format!("h{n}")));
    cluster.ticks(2);
    cluster.crash(leader, usize::MAX);
    let log = cluster.disks.remove(&leader).unwrap();
    let config = Config::new(MemberId::new(leader), [1, 2, 3].map(MemberId::new).to_vec(), 0);
    let mut told = Vec::new();
    let mut tell = |effect| {
        if let Effect::Events { revision, events, .. } = effect {
            told.push((revision.get(), events.len()));
        }
    };
    let replica = Replica::start_telling(&config, log, &mut tell).unwrap();
    assert_eq!(
        told,
        (1..=replica.state().revision().get()).map(|revision| (revision, 1)).collect::<Vec<_>>()
    );
    assert_eq!(told.len(), 30);
}

#[test]
fn power_may_fail_at_any_point_and_leave_any_prefix() {
    // In each round another member loses power in the middle of things, and keeps another part of what it had not flushed.
    let mut cluster = Cluster::of(&[1, 2, 3], 11);
    let mut acknowledged = Vec::new();
    for round in 0..60_usize {
        let leader = cluster.elect();
        let (before, during) = (format!("before{round}"), format!("during{round}"));
        cluster.create_hosts(leader, [before.clone()]);
        acknowledged.push(before);
        let token = cluster.create_host(leader, &during, &during);
        // So many steps of the exchange take place.
        for _ in 0..round % 5 {
            for id in cluster.ids() {
                cluster.advance(id);
            }
            cluster.deliver();
        }
        let victim = [1, 2, 3][round % 3];
        cluster.crash(victim, round % 7);
        if cluster.is_applied(token) {
            acknowledged.push(during);
        }
        cluster.elect();
        cluster.start(victim);
        cluster.ticks(3);
    }
    let leader = cluster.elect();
    cluster.ticks(3);
    cluster.assert_equal();
    // Nothing that was acknowledged is missing from the state of a member that starts from its log alone.
    cluster.crash(leader, usize::MAX);
    cluster.start(leader);
    let hosts = super::hosts(cluster.running[&leader].state());
    for host in acknowledged {
        assert!(hosts.contains(&host), "{host} was acknowledged");
    }
}

#[test]
fn a_member_that_lacks_much_gets_it_in_messages_of_bounded_size() {
    let (mut cluster, leader) = Cluster::with_leader();
    let follower = cluster.others(leader)[0];
    cluster.crash(follower, usize::MAX);
    let labels = (0..30).map(|n| (format!("k{n}"), "x".repeat(250))).collect();
    let labels = Labels::check("labels", labels, &mut Violations::default());
    for n in 0..400 {
        let name = HostName::new(&format!("h{n}")).unwrap();
        let command =
            Command::CreateHost(HostSpec { name, bridges: BTreeMap::new(), labels: labels.clone() });
        cluster.apply(leader, &format!("create-{n}"), command);
    }
    cluster.start(follower);
    cluster.history.clear();
    cluster.ticks(30);
    cluster.assert_equal();
    let longest = cluster.history.iter().map(|(_, message)| message.len()).max().unwrap();
    // It took more than one, and what surrounds the entries is small.
    let bound = usize::try_from(MESSAGE_BYTES_MAX).unwrap() + 1_024;
    assert!(longest > bound / 2 && longest <= bound, "{longest} bytes");
}

#[test]
fn memory_does_not_grow_with_history() {
    let mut cluster = Cluster::of(&[1], 1);
    cluster.elect();
    cluster.fill_log(1, "fill-", CACHED_ENTRIES_MAX + 500);
    assert_eq!(cluster.member(1).node.store().cached_entries(), CACHED_ENTRIES_MAX);
    // After a restart nothing is cached, and everything is read from the log.
    let digest = cluster.digest(1);
    cluster.crash(1, usize::MAX);
    cluster.start(1);
    assert_eq!(cluster.digest(1), digest);
    assert_eq!(cluster.member(1).node.store().cached_entries(), 0);
}

#[test]
fn a_follower_far_behind_catches_up_from_the_log() {
    let (mut cluster, leader) = Cluster::with_leader();
    let follower = cluster.others(leader)[0];
    cluster.isolated.insert(follower);
    cluster.fill_log(leader, "fill-", CACHED_ENTRIES_MAX + 500);
    cluster.isolated.clear();
    cluster.ticks(20);
    cluster.assert_equal();
}

#[test]
fn a_log_begun_with_other_members_is_refused() {
    let mut cluster = Cluster::of(&[1, 2, 3], 1);
    cluster.crash(1, usize::MAX);
    let log = cluster.disks.remove(&1).unwrap();
    let voters = [1, 4, 5].map(MemberId::new).to_vec();
    let error = Replica::start(&Config::new(MemberId::new(1), voters, 0), log).map(drop).unwrap_err();
    assert!(matches!(error, StartError::OtherVoters { .. }), "{error}");
}

#[test]
fn an_entry_that_cannot_be_understood_stops_the_member() {
    let mut cluster = Cluster::of(&[1], 1);
    cluster.elect();
    let node = &mut cluster.member(1).node;
    node.propose(Vec::new(), vec![0xff, 0xff, 0xff]).unwrap();
    let fault = cluster.member(1).advance(&mut drop).unwrap_err();
    assert!(matches!(fault, Fault::Entry { index: 2, .. }), "{fault}");
    // And it stops again when it starts again: it does not skip what it cannot understand.
    cluster.crash(1, usize::MAX);
    let log: MemoryLog = cluster.disks.remove(&1).unwrap();
    let config = Config::new(MemberId::new(1), vec![MemberId::new(1)], 0);
    assert!(matches!(
        Replica::start(&config, log).map(drop),
        Err(StartError::Fault(Fault::Entry { index: 2, .. }))
    ));
}
