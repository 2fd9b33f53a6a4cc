//! Who leads, and what becomes of those who no longer do.

use super::cluster::Cluster;
use crate::replica::*;

#[test]
fn one_of_three_is_elected_and_the_others_know() {
    let (cluster, leader) = Cluster::with_leader();
    for id in [1, 2, 3] {
        let standing = cluster.status(id).standing;
        assert_eq!(standing.leader, Some(MemberId::new(leader)));
        assert_eq!(standing.role == Role::Leader, id == leader);
    }
}

#[test]
fn a_single_member_leads_itself_and_five_find_one() {
    assert_eq!(Cluster::of(&[7], 3).elect(), 7);
    Cluster::of(&[1, 2, 3, 4, 5], 3).elect();
}

#[test]
fn a_new_leader_takes_over_with_all_that_was_acknowledged() {
    let (mut cluster, first) = Cluster::with_leader();
    cluster.create_hosts(first, (0..20).map(|n| format!("h{n}")));
    // The leader's power fails, and with it goes all that it did not flush.
    cluster.crash(first, 0);
    let second = cluster.elect();
    assert_ne!(second, first);
    for n in 0..20 {
        assert_eq!(cluster.times_created(second, &format!("h{n}")), 1);
    }
    // Work goes on with two of three, and the third catches up when it is back.
    cluster.create_hosts(second, ["after".to_owned()]);
    cluster.start(first);
    cluster.ticks(3);
    cluster.assert_equal();
}

#[test]
fn a_leader_cut_off_steps_down_and_says_so_to_those_who_wait() {
    let (mut cluster, old) = Cluster::with_leader();
    cluster.isolated.insert(old);
    // It does not know yet: it takes a proposal that it can never commit.
    let token = cluster.create_host(old, "lost", "lost");
    cluster.settle();
    assert_eq!(cluster.answers.get(&token), None);
    // The others elect a new leader; the old one notices that no majority answers any more.
    let new = cluster.elect();
    cluster.ticks(20);
    assert_ne!(cluster.status(old).standing.role, Role::Leader);
    assert_eq!(cluster.unavailable(token), Some(Unavailable::OutcomeUnknown { leader: None }));
    // From now on it refuses at once.
    let token = cluster.create_host(old, "later", "later");
    cluster.settle();
    assert_eq!(cluster.unavailable(token), Some(Unavailable::NotLeader { leader: None }));
    // Back in the cluster, it gives up its own tail for the new leader's.
    cluster.create_hosts(new, ["kept".to_owned()]);
    cluster.isolated.clear();
    cluster.ticks(5);
    cluster.assert_equal();
    assert_eq!(cluster.times_created(old, "lost"), 0);
    assert_eq!(cluster.times_created(old, "kept"), 1);
}

#[test]
fn an_isolated_follower_does_not_disturb_when_it_comes_back() {
    let (mut cluster, leader) = Cluster::with_leader();
    let follower = cluster.others(leader)[0];
    cluster.isolated.insert(follower);
    cluster.ticks(100);
    let term = cluster.status(leader).standing.term;
    cluster.isolated.clear();
    cluster.ticks(30);
    assert_eq!(cluster.leader(), Some(leader));
    assert_eq!(cluster.status(follower).standing.term, term);
}

#[test]
fn leadership_is_handed_over_on_request() {
    let (mut cluster, leader) = Cluster::with_leader();
    let heir = cluster.others(leader)[0];
    cluster.member(leader).transfer_leadership(MemberId::new(heir)).unwrap();
    cluster.settle();
    assert_eq!(cluster.leader(), Some(heir));
}

#[test]
fn a_member_that_wants_to_stop_hands_over_to_one_that_is_there() {
    let (mut cluster, leader) = Cluster::with_leader();
    let [gone, heir] = cluster.others(leader)[..] else { panic!("a cluster of three") };
    cluster.create_hosts(leader, ["h1".to_owned()]);
    cluster.isolated.insert(gone);
    // Two times the check of the quorum, so that the silence has been noticed.
    cluster.ticks(30);
    cluster.member(leader).hand_over_leadership();
    assert!(cluster.member(leader).is_handing_over());
    cluster.settle();
    assert_eq!(cluster.leader(), Some(heir));
    assert!(!cluster.member(leader).is_handing_over());
}

#[test]
fn a_member_alone_has_nobody_to_hand_over_to() {
    let mut cluster = Cluster::of(&[1], 7);
    let leader = cluster.elect();
    cluster.member(leader).hand_over_leadership();
    assert!(!cluster.member(leader).is_handing_over());
    assert_eq!(cluster.leader(), Some(leader));
}

#[test]
fn one_seed_is_one_history() {
    let history = |seed| {
        let mut cluster = Cluster::of(&[1, 2, 3], seed);
        let leader = cluster.elect();
        cluster.create_hosts(leader, (0..5).map(|n| format!("h{n}")));
        cluster.crash(leader, 0);
        cluster.elect();
        cluster.start(leader);
        cluster.ticks(30);
        cluster.history
    };
    let first = history(5);
    assert_eq!(first, history(5));
    assert_ne!(first, history(6));
}

#[test]
fn a_message_that_is_no_message_is_dropped_with_a_reason() {
    let (mut cluster, leader) = Cluster::with_leader();
    assert_eq!(cluster.member(leader).step(&[0xff]).unwrap(), Err(Refusal::Malformed));
}

#[test]
fn an_answer_of_a_member_that_nobody_has_heard_of_is_dropped() {
    let (mut cluster, leader) = Cluster::with_leader();
    // A program is pointed at the wrong cluster, or is not yet known here: it has no part in what is answered.
    let answer = raft_proto::eraftpb::Message {
        msg_type: raft_proto::eraftpb::MessageType::MsgHeartbeatResponse.into(),
        from: 34,
        to: leader,
        term: cluster.status(leader).standing.term,
        ..Default::default()
    };
    let bytes = prost::Message::encode_to_vec(&answer);
    let stranger = Refusal::Stranger { from: MemberId::new(34) };
    assert_eq!(cluster.member(leader).step(&bytes).unwrap(), Err(stranger));
    assert_eq!(cluster.elect(), leader);
}

#[test]
fn a_member_that_lost_what_it_acknowledged_stops_and_says_how_to_rejoin() {
    let (mut cluster, leader) = Cluster::with_leader();
    cluster.create_hosts(leader, (0..5).map(|n| format!("h{n}")));
    // Its disk is swapped for an empty one, and its store does not notice.
    let follower = cluster.others(leader)[0];
    cluster.crash(follower, 0);
    cluster.disks.insert(follower, crate::log::memory::MemoryLog::new());
    cluster.start(follower);
    cluster.tick_one(leader);
    let mut messages = Vec::new();
    let mut keep = |effect| {
        if let Effect::Send { to, message } = effect {
            messages.push((to.get(), message));
        }
    };
    cluster.member(leader).advance(&mut keep).unwrap();
    let mut faults = messages
        .iter()
        .filter(|(to, _)| *to == follower)
        .filter_map(|(_, message)| cluster.running.get_mut(&follower).unwrap().step(message).err());
    let fault = faults.next().expect("the leader's heartbeat tells");
    assert!(matches!(fault, Fault::LostEntries { last: 0, .. }), "{fault}");
    assert!(fault.to_string().contains("rejoin as a new member with a new id"));
}
