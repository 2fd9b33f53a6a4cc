//! Changes of members: what is applied of them is written down, and is not applied again after a restart; what would hold up the
//! cluster or lose what it counts on is refused.

use allocd_types::cluster::{MemberChange, MemberVote};

use super::cluster::Cluster;
use super::{OFTEN, names};
use crate::change::{ChangeRefused, MEMBERS_MAX};
use crate::config::SnapshotLimits;
use crate::membership::Membership;
use crate::replica::*;

fn add(id: u64) -> MemberChange {
    MemberChange::Add { member: Some(MemberId::new(id)), address: format!("10.0.0.{id}:7421") }
}

fn promote(id: u64) -> MemberChange {
    MemberChange::Promote(MemberId::new(id))
}

fn remove(id: u64) -> MemberChange {
    MemberChange::Remove(MemberId::new(id))
}

fn votes(membership: &Membership) -> Vec<(u64, MemberVote)> {
    membership.members().into_iter().map(|(member, vote)| (member.get(), vote)).collect()
}

/// Adds a member, starts it, waits for it, and lets it vote.
fn grow(cluster: &mut Cluster, leader: u64, id: u64) {
    cluster.change(leader, &add(id)).unwrap();
    cluster.join(id, leader);
    cluster.ticks(20);
    cluster.change(leader, &promote(id)).unwrap();
}

#[test]
fn a_change_of_members_is_applied_once_and_survives() {
    let (mut cluster, leader) = Cluster::with_leader();
    let changed = cluster.change(leader, &add(4)).unwrap();
    assert_eq!(changed.address(MemberId::new(4)), Some("10.0.0.4:7421"));
    for id in [1, 2, 3] {
        assert_eq!(*cluster.member(id).membership(), changed, "member {id}");
    }
    // The log is replayed from its beginning, the change in it too; the configuration stays as it is.
    cluster.crash(leader, usize::MAX);
    cluster.start(leader);
    assert_eq!(*cluster.member(leader).membership(), changed);
    cluster.elect();
    cluster.assert_equal();
}

#[test]
fn one_grows_to_three_and_five_and_back_while_it_is_written_to() {
    for limits in [SnapshotLimits::NEVER, OFTEN] {
        let mut cluster = Cluster::with_limits(&[1], 1, limits);
        let mut leader = cluster.elect();
        cluster.create_hosts(leader, names("one", 60));
        for id in 2..=5 {
            grow(&mut cluster, leader, id);
            cluster.create_hosts(leader, names(&format!("with{id}-"), 10));
        }
        cluster.ticks(20);
        cluster.assert_equal();
        assert_eq!(cluster.member(leader).membership().voters(), 5);
        // The newest leads, and the oldest go.
        cluster.member(leader).transfer_leadership(MemberId::new(5)).unwrap();
        cluster.settle();
        leader = cluster.elect();
        assert_eq!(leader, 5);
        for id in 1..=4 {
            cluster.change(leader, &remove(id)).unwrap();
            cluster.take_away(id);
            cluster.create_hosts(leader, names(&format!("without{id}-"), 10));
        }
        assert_eq!(votes(cluster.member(leader).membership()), [(5, MemberVote::Voter)]);
        cluster.crash(5, 0);
        cluster.start(5);
        assert_eq!(cluster.elect(), 5);
        assert_eq!(super::hosts(cluster.member(5).state()).len(), 60 + 80);
    }
}

#[test]
fn a_dead_member_is_replaced() {
    let (mut cluster, leader) = Cluster::with_leader();
    let [dead, other] = cluster.others(leader)[..] else { panic!("a cluster of three") };
    cluster.create_hosts(leader, names("h", 20));
    cluster.crash(dead, 0);
    cluster.ticks(15);
    assert!(matches!(cluster.change(leader, &remove(other)), Err(ChangeRefused::NoMajority { .. })));
    cluster.change(leader, &remove(dead)).unwrap();
    grow(&mut cluster, leader, 4);
    // The dead one counts for nothing any more: any one of the three may fail.
    cluster.crash(other, 0);
    cluster.create_hosts(leader, names("later", 5));
    cluster.start(other);
    cluster.ticks(20);
    let digest = cluster.digest(leader);
    assert_eq!([cluster.digest(other), cluster.digest(4)], [digest, digest]);
}

#[test]
fn who_is_left_alone_leads_after_a_power_cut() {
    let (mut cluster, leader) = Cluster::with_leader();
    for id in cluster.others(leader) {
        cluster.change(leader, &remove(id)).unwrap();
        // It knows that it was removed, and nobody can ask it for a vote any more.
        assert!(cluster.removed.contains(&id));
        cluster.take_away(id);
    }
    cluster.crash(leader, 0);
    cluster.start(leader);
    assert_eq!(cluster.elect(), leader);
}

#[test]
fn a_leader_that_is_to_be_removed_leaves_nobody_behind_who_needs_it() {
    let (mut cluster, first) = Cluster::with_leader();
    let [other, gone] = cluster.others(first)[..] else { panic!("a cluster of three") };
    cluster.change(first, &remove(gone)).unwrap();
    cluster.take_away(gone);
    // Of two voters one is to be removed. It has the entry, and what it says of that is lost with the leader's power.
    cluster.member(first).change_members(Token(900), &remove(other)).unwrap();
    cluster.advance(first);
    cluster.deliver();
    cluster.advance(other);
    cluster.crash(first, usize::MAX);
    cluster.start(first);
    // So it is elected, and commits what makes it a voter no more. It stops if it is removed; nobody else hears of it.
    for _ in 0..100 {
        cluster.tick_one(other);
        for id in [other, first] {
            cluster.advance(id);
        }
        if cluster.member(other).membership().voters() == 1 {
            break;
        }
        cluster.deliver();
    }
    assert_eq!(cluster.member(other).membership().voters(), 1);
    cluster.wire.clear();
    if cluster.removed.contains(&other) {
        cluster.take_away(other);
    }
    assert_eq!(cluster.elect(), first);
    cluster.change(first, &remove(other)).unwrap();
    assert_eq!(votes(cluster.member(first).membership()), [(first, MemberVote::Voter)]);
}

#[test]
fn a_removed_member_finds_out_from_its_log() {
    let (mut cluster, leader) = Cluster::with_leader();
    let gone = cluster.others(leader)[0];
    cluster.change(leader, &remove(gone)).unwrap();
    assert!(cluster.removed.contains(&gone));
}

#[test]
fn a_leader_that_is_newer_than_all_a_member_has_heard_of_is_followed() {
    let (mut cluster, leader) = Cluster::with_leader();
    let away = cluster.others(leader)[0];
    cluster.isolated.insert(away);
    grow(&mut cluster, leader, 4);
    cluster.member(leader).transfer_leadership(MemberId::new(4)).unwrap();
    cluster.settle();
    assert_eq!(cluster.elect(), 4);
    cluster.isolated.clear();
    assert_eq!(cluster.elect(), 4);
    cluster.create_hosts(4, names("h", 5));
    cluster.ticks(20);
    cluster.assert_equal();
}

#[test]
fn what_cannot_be_or_would_harm_is_refused_with_its_reason() {
    let (mut cluster, leader) = Cluster::with_leader();
    let follower = cluster.others(leader)[0];
    let refused = |outcome: Result<Membership, ChangeRefused>| outcome.unwrap_err();
    let not_leader = Unavailable::NotLeader { leader: Some(MemberId::new(leader)) };
    assert_eq!(refused(cluster.change(follower, &add(4))), not_leader.into());
    let (id, next) = (MemberId::new(3), MemberId::new(4));
    assert_eq!(refused(cluster.change(leader, &add(3))), ChangeRefused::IdUsed { id, next });
    assert_eq!(refused(cluster.change(leader, &remove(9))), ChangeRefused::Unknown(MemberId::new(9)));
    assert_eq!(refused(cluster.change(leader, &promote(9))), ChangeRefused::Unknown(MemberId::new(9)));
    assert_eq!(refused(cluster.change(leader, &remove(leader))), ChangeRefused::Leads(MemberId::new(leader)));
    // One that was added and never started is not let vote, whatever it is called.
    let anything = MemberChange::Add { member: None, address: "10.0.0.4:7421".to_owned() };
    assert_eq!(cluster.change(leader, &anything).unwrap().highest(), next);
    assert!(matches!(refused(cluster.change(leader, &promote(4))), ChangeRefused::NotReady { .. }));
    let taken = MemberChange::Add { member: Some(MemberId::new(5)), address: "10.0.0.4:7421".to_owned() };
    assert!(matches!(refused(cluster.change(leader, &taken)), ChangeRefused::AddressTaken { .. }));
    // What is so already is a success, for whoever repeats a request.
    assert_eq!(cluster.change(leader, &add(4)).unwrap().highest(), next);
    cluster.change(leader, &remove(4)).unwrap();
    assert_eq!(votes(&cluster.change(leader, &remove(4)).unwrap()).len(), 3);
    for id in 5..=8 {
        cluster.change(leader, &add(id)).unwrap();
    }
    let there = MEMBERS_MAX;
    let full = ChangeRefused::TooMany { what: "members", there, most: MEMBERS_MAX };
    assert_eq!(refused(cluster.change(leader, &add(9))), full);
    let unready = cluster.member(leader).transfer_leadership(MemberId::new(5)).unwrap_err();
    assert!(matches!(unready, ChangeRefused::NotReady { .. }), "{unready}");
}

#[test]
fn one_change_at_a_time_and_whoever_waits_is_told_when_the_lead_is_lost() {
    let (mut cluster, leader) = Cluster::with_leader();
    cluster.isolated.insert(leader);
    cluster.member(leader).change_members(Token(901), &add(4)).unwrap();
    cluster.member(leader).change_members(Token(902), &add(5)).unwrap();
    cluster.settle();
    assert_eq!(cluster.changes.remove(&Token(902)), Some(Err(ChangeRefused::Pending)));
    let new = cluster.elect();
    cluster.isolated.clear();
    cluster.ticks(20);
    let unknown = cluster.changes.remove(&Token(901)).unwrap().unwrap_err();
    assert!(matches!(unknown, ChangeRefused::Unavailable(Unavailable::OutcomeUnknown { .. })), "{unknown}");
    assert_eq!(votes(cluster.member(new).membership()).len(), 3);
    cluster.change(new, &add(4)).unwrap();
}

#[test]
fn only_one_that_was_added_and_has_never_voted_joins() {
    let (mut cluster, leader) = Cluster::with_leader();
    let join = |id, membership: &Membership| {
        let joins = Some(membership.clone());
        let config = Config { joins, ..Config::new(MemberId::new(id), vec![MemberId::new(id)], 1) };
        Replica::start(&config, crate::log::memory::MemoryLog::new()).err()
    };
    let before = cluster.member(leader).membership().clone();
    assert!(matches!(join(4, &before), Some(StartError::NotAdded { .. })));
    assert!(matches!(join(3, &before), Some(StartError::HasVoted { .. })));
    let added = cluster.change(leader, &add(4)).unwrap();
    assert!(join(4, &added).is_none());
    let removed = cluster.change(leader, &remove(4)).unwrap();
    assert!(matches!(join(4, &removed), Some(StartError::Removed { .. })));
}

#[test]
fn the_leader_knows_how_its_peers_follow() {
    let (mut cluster, leader) = Cluster::with_leader();
    let away = cluster.others(leader)[0];
    cluster.crash(away, 0);
    cluster.create_hosts(leader, names("h", 10));
    cluster.ticks(30);
    let last = cluster.status(leader).last;
    let progress = cluster.member(leader).progress();
    for peer in progress {
        let is_away = peer.member == MemberId::new(away);
        assert_eq!(peer.matched == last, !is_away, "{peer:?}");
        assert_eq!(peer.silent_ticks.is_some_and(|ticks| ticks < 3), !is_away, "{peer:?}");
    }
    let follower = cluster.others(leader).into_iter().find(|&id| id != away).unwrap();
    assert!(cluster.member(follower).progress().is_empty());
}
