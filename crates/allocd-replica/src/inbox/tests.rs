//! One message that is taken, and every way to spoil it.

use raft_proto::eraftpb::{Entry, Snapshot, SnapshotMetadata};

use super::*;

/// Member 1 of 1, 2, 3: in term 5, with entries 1 to 10, all of term 4, committed to 8.
fn verdict(message: &Message) -> Verdict {
    let membership = Membership::founding([1, 2, 3]);
    let receiver = Receiver {
        member: MemberId::new(1),
        term: 5,
        committed: 8,
        last: 10,
        is_member: &|id| (1..=3).contains(&id),
        membership: &membership,
        term_of: &|index| (1..=10).contains(&index).then_some(4),
    };
    check(&message.encode_to_vec(), receiver)
}

fn refusal(message: &Message) -> Refusal {
    match verdict(message) {
        Verdict::Refuse(refusal) => refusal,
        other @ (Verdict::Take(_) | Verdict::LostEntries { .. }) => panic!("{other:?}"),
    }
}

fn message(kind: MessageType) -> Message {
    Message { msg_type: kind.into(), to: 1, from: 2, term: 5, ..Message::default() }
}

fn append(entries: &[(u64, u64)]) -> Message {
    let entry = |&(index, term): &(u64, u64)| Entry { index, term, ..Entry::default() };
    let index = entries.first().map_or(0, |first| first.0 - 1);
    let log_term = u64::from(index > 0) * 4;
    Message {
        index,
        log_term,
        entries: entries.iter().map(entry).collect(),
        ..message(MessageType::MsgAppend)
    }
}

fn reason(message: &Message) -> &'static str {
    let Refusal::Inconsistent { reason, .. } = refusal(message) else { panic!("refused for another reason") };
    reason
}

#[test]
fn an_honest_message_is_taken_as_it_is() {
    for honest in [
        append(&[(11, 5), (12, 5)]),
        append(&[(8, 4), (9, 5)]),
        Message { term: 3, log_term: 3, ..append(&[(7, 3)]) },
        Message { commit: 10, ..message(MessageType::MsgHeartbeat) },
        Message { index: 10, ..message(MessageType::MsgAppendResponse) },
        Message { term: 0, entries: vec![Entry::default()], ..message(MessageType::MsgReadIndex) },
    ] {
        assert_eq!(verdict(&honest), Verdict::Take(Box::new(honest)));
    }
}

#[test]
fn noise_is_refused() {
    let membership = Membership::founding([1, 2, 3]);
    let receiver = Receiver {
        member: MemberId::new(1),
        term: 0,
        committed: 0,
        last: 0,
        is_member: &|_| true,
        membership: &membership,
        term_of: &|_| None,
    };
    assert_eq!(check(&[0xff, 0xff, 0xff], receiver), Verdict::Refuse(Refusal::Malformed));
}

#[test]
fn numbers_outside_an_enum_are_refused() {
    let unknown_type = Message { msg_type: 99, ..message(MessageType::MsgAppend) };
    assert_eq!(refusal(&unknown_type), Refusal::Malformed);
    let mut unknown_entry = append(&[(11, 5)]);
    unknown_entry.entries[0].entry_type = 99;
    assert_eq!(refusal(&unknown_entry), Refusal::Malformed);
}

#[test]
fn only_peers_speak_and_only_to_this_member() {
    let other = Message { to: 3, ..message(MessageType::MsgHeartbeat) };
    assert_eq!(refusal(&other), Refusal::Misaddressed { to: MemberId::new(3) });
    for from in [0, 1, 9] {
        let stranger = Message { from, ..message(MessageType::MsgHeartbeat) };
        assert_eq!(refusal(&stranger), Refusal::Stranger { from: MemberId::new(from) });
    }
}

#[test]
fn local_messages_and_proposals_are_refused() {
    for kind in [
        MessageType::MsgHup,
        MessageType::MsgBeat,
        MessageType::MsgUnreachable,
        MessageType::MsgSnapStatus,
        MessageType::MsgCheckQuorum,
        MessageType::MsgPropose,
    ] {
        assert_eq!(refusal(&message(kind)), Refusal::NotForPeers { kind: kind.as_str_name() });
    }
    assert_eq!(refusal(&message(MessageType::MsgSnapshot)), Refusal::Snapshot);
}

#[test]
fn a_message_that_would_make_raft_panic_is_refused() {
    assert_eq!(reason(&Message { term: 0, ..append(&[(11, 5)]) }), "it has no term");
    assert_eq!(reason(&message(MessageType::MsgReadIndex)), "a read has one context");
    assert_eq!(reason(&append(&[(11, 5), (13, 5)])), "its entries leave a gap");
    let falling = "the terms of its entries do not rise towards its own";
    assert_eq!(reason(&append(&[(11, 5), (12, 4)])), falling);
    assert_eq!(reason(&append(&[(11, 6)])), falling);
    assert_eq!(reason(&append(&[(1, 0)])), falling);
    let termless = "the entry that it follows has no term";
    assert_eq!(reason(&Message { log_term: 0, ..append(&[(11, 5)]) }), termless);
    assert_eq!(reason(&Message { log_term: 4, ..append(&[]) }), termless);
    assert_eq!(reason(&append(&[(7, 5)])), "it replaces a committed entry");
    let ahead = Message { index: 11, ..message(MessageType::MsgAppendResponse) };
    assert_eq!(reason(&ahead), "it acknowledges entries that were never sent");
}

#[test]
fn a_snapshot_of_a_cluster_that_began_with_others_is_refused() {
    let own = Membership::founding([1, 2, 3]);
    let announced = |other: &Membership| {
        let metadata = SnapshotMetadata { conf_state: Some(other.conf_state().clone()), index: 9, term: 4 };
        let snapshot = Snapshot { data: other.encode().into(), metadata: Some(metadata) };
        let message = Message { snapshot: Some(snapshot), ..message(MessageType::MsgSnapshot) };
        let receiver = Receiver {
            member: MemberId::new(1),
            term: 5,
            committed: 8,
            last: 10,
            is_member: &|_| true,
            membership: &own,
            term_of: &|_| None,
        };
        check_snapshot(&message.encode_to_vec(), receiver).map(|_| ())
    };
    assert_eq!(announced(&own), Ok(()));
    let kind = MessageType::MsgSnapshot.as_str_name();
    let reason = "its cluster began with other members";
    assert_eq!(announced(&Membership::founding([1, 3, 6])), Err(Refusal::Inconsistent { kind, reason }));
}

#[test]
fn a_heartbeat_past_the_end_of_the_log_tells_of_lost_entries() {
    let heartbeat = |term| Message { term, commit: 11, ..message(MessageType::MsgHeartbeat) };
    assert_eq!(verdict(&heartbeat(5)), Verdict::LostEntries { commit: 11, last: 10 });
    // A former leader's word does not count: raft ignores it too.
    assert_eq!(verdict(&heartbeat(4)), Verdict::Take(Box::new(heartbeat(4))));
}
