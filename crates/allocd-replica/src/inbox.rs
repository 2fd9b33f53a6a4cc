//! What a peer's message must be before raft sees it.
//!
//! raft trusts its messages: an unknown number in an enum, a term of 0, a commit past the log's end or an entry in conflict
//! with a committed one make it panic or, worse, believe. A peer of another version, a mixed-up address or a damaged frame
//! must not be able to do that. What is refused here is dropped; raft's own retries make up for it if it was honest.

use allocd_types::id::MemberId;
use prost::Message as _;
use raft_proto::eraftpb::{EntryType, Message, MessageType};

use crate::log::{Position, SnapshotMark};
use crate::membership::Membership;

/// Why a message was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not a message, or one of a newer format.
    #[error("it is no message of raft, or one of a newer version")]
    Malformed,
    /// Sent to somebody else.
    #[error("it is for member {to}")]
    Misaddressed {
        /// For whom it is.
        to: MemberId,
    },
    /// Not from a peer.
    #[error("its sender, {from}, is no peer")]
    Stranger {
        /// Who sent it.
        from: MemberId,
    },
    /// Of a type that never travels between members.
    #[error("{kind} does not travel between members")]
    NotForPeers {
        /// The type's name.
        kind: &'static str,
    },
    /// Its parts contradict each other or this member's log.
    #[error("{kind} is not consistent: {reason}")]
    Inconsistent {
        /// The type's name.
        kind: &'static str,
        /// What contradicts what.
        reason: &'static str,
    },
    /// A snapshot, which has a call of its own.
    #[error("it announces a snapshot, which comes by a call of its own")]
    Snapshot,
    /// A snapshot of what is known already, or that another one has taken the place of.
    #[error("the snapshot is not needed, or no longer")]
    Superseded,
}

/// What the checks have to know about the member that got the message.
#[derive(Clone, Copy)]
pub(crate) struct Receiver<'a> {
    pub(crate) member: MemberId,
    pub(crate) term: u64,
    pub(crate) committed: u64,
    pub(crate) last: u64,
    /// Whether a member is in the configuration, or may be in a later one.
    pub(crate) is_member: &'a dyn Fn(u64) -> bool,
    /// The members as this one knows them.
    pub(crate) membership: &'a Membership,
    /// The term of an entry of the log; nothing of what was compacted.
    pub(crate) term_of: &'a dyn Fn(u64) -> Option<u64>,
}

/// What to do with a message.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    Take(Box<Message>),
    Refuse(Refusal),
    /// The leader counts on entries that this member does not have any more.
    LostEntries {
        commit: u64,
        last: u64,
    },
}

pub(crate) fn check(bytes: &[u8], receiver: Receiver<'_>) -> Verdict {
    let Ok(message) = Message::decode(bytes) else { return Verdict::Refuse(Refusal::Malformed) };
    let Ok(kind) = MessageType::try_from(message.msg_type) else {
        return Verdict::Refuse(Refusal::Malformed);
    };
    let checked = check_envelope(&message, receiver)
        .and_then(|()| check_kind(&message, kind))
        .and_then(|()| check_entries(&message, kind))
        .and_then(|()| check_against_log(&message, kind, receiver));
    if let Err(refusal) = checked {
        return Verdict::Refuse(refusal);
    }
    // A leader of our term or a later one speaks of what we acknowledged to it: that must still be here.
    if kind == MessageType::MsgHeartbeat && message.term >= receiver.term && message.commit > receiver.last {
        return Verdict::LostEntries { commit: message.commit, last: receiver.last };
    }
    Verdict::Take(Box::new(message))
}

/// Checks the message that announces a snapshot, and reads what the snapshot is of.
pub(crate) fn check_snapshot(
    bytes: &[u8],
    receiver: Receiver<'_>,
) -> Result<(Message, SnapshotMark), Refusal> {
    let message = Message::decode(bytes).map_err(|_| Refusal::Malformed)?;
    let kind = MessageType::MsgSnapshot.as_str_name();
    if MessageType::try_from(message.msg_type) != Ok(MessageType::MsgSnapshot) {
        return Err(Refusal::NotForPeers { kind });
    }
    check_envelope(&message, receiver)?;
    let inconsistent = |reason| Refusal::Inconsistent { kind, reason };
    let snapshot = message.snapshot.as_ref().ok_or(Refusal::Malformed)?;
    let metadata = snapshot.metadata.as_ref().ok_or(Refusal::Malformed)?;
    let voters = metadata.conf_state.as_ref().ok_or(Refusal::Malformed)?;
    let membership = Membership::decode(&snapshot.data).ok_or(Refusal::Malformed)?;
    if message.term == 0 || metadata.term == 0 || metadata.term > message.term {
        return Err(inconsistent("its terms do not rise"));
    }
    if membership.index() > metadata.index || membership.conf_state() != voters {
        return Err(inconsistent("its configuration is of another entry"));
    }
    if membership.vote(receiver.member).is_none() {
        return Err(inconsistent("this member is not in its configuration"));
    }
    // Members that never changed are those that the cluster began with, and everybody knows those.
    let is_begun_alike =
        receiver.membership.index() == 0 && receiver.membership.members() == membership.members();
    if membership.index() == 0 && !is_begun_alike {
        return Err(inconsistent("its cluster began with other members"));
    }
    if metadata.index <= receiver.committed || message.term < receiver.term {
        return Err(Refusal::Superseded);
    }
    let at = Position { index: metadata.index, term: metadata.term };
    Ok((message, SnapshotMark { at, configuration: membership.configuration() }))
}

fn check_envelope(message: &Message, receiver: Receiver<'_>) -> Result<(), Refusal> {
    if message.to != receiver.member.get() {
        return Err(Refusal::Misaddressed { to: MemberId::new(message.to) });
    }
    if message.from == receiver.member.get() || !(receiver.is_member)(message.from) {
        return Err(Refusal::Stranger { from: MemberId::new(message.from) });
    }
    Ok(())
}

fn check_kind(message: &Message, kind: MessageType) -> Result<(), Refusal> {
    let name = kind.as_str_name();
    match kind {
        MessageType::MsgHup
        | MessageType::MsgBeat
        | MessageType::MsgUnreachable
        | MessageType::MsgSnapStatus
        | MessageType::MsgCheckQuorum
        // Proposals go to the leader by the daemon's own call, which keeps the request id and the deadline.
        | MessageType::MsgPropose => Err(Refusal::NotForPeers { kind: name }),
        MessageType::MsgSnapshot => Err(Refusal::Snapshot),
        MessageType::MsgReadIndex | MessageType::MsgReadIndexResp if message.entries.len() != 1 => {
            Err(Refusal::Inconsistent { kind: name, reason: "a read has one context" })
        }
        // raft takes a term of 0 for its own voice. Only a forwarded read has none.
        MessageType::MsgReadIndex => Ok(()),
        MessageType::MsgAppend
        | MessageType::MsgAppendResponse
        | MessageType::MsgRequestVote
        | MessageType::MsgRequestVoteResponse
        | MessageType::MsgHeartbeat
        | MessageType::MsgHeartbeatResponse
        | MessageType::MsgTransferLeader
        | MessageType::MsgTimeoutNow
        | MessageType::MsgReadIndexResp
        | MessageType::MsgRequestPreVote
        | MessageType::MsgRequestPreVoteResponse => {
            let reason = "it has no term";
            if message.term == 0 { Err(Refusal::Inconsistent { kind: name, reason }) } else { Ok(()) }
        }
    }
}

fn check_entries(message: &Message, kind: MessageType) -> Result<(), Refusal> {
    if message.entries.iter().any(|entry| EntryType::try_from(entry.entry_type).is_err()) {
        return Err(Refusal::Malformed);
    }
    if kind != MessageType::MsgAppend {
        return Ok(());
    }
    let inconsistent = |reason| Err(Refusal::Inconsistent { kind: kind.as_str_name(), reason });
    // raft takes a term of 0 for that of any entry that it does not have, and would append behind a gap.
    if (message.index == 0) != (message.log_term == 0) {
        return inconsistent("the entry that it follows has no term");
    }
    let (mut index, mut term) = (message.index, message.log_term);
    for entry in &message.entries {
        if index.checked_add(1) != Some(entry.index) {
            return inconsistent("its entries leave a gap");
        }
        if entry.term == 0 || entry.term < term || entry.term > message.term {
            return inconsistent("the terms of its entries do not rise towards its own");
        }
        (index, term) = (entry.index, entry.term);
    }
    Ok(())
}

fn check_against_log(message: &Message, kind: MessageType, receiver: Receiver<'_>) -> Result<(), Refusal> {
    let inconsistent = |reason| Err(Refusal::Inconsistent { kind: kind.as_str_name(), reason });
    let acknowledges = kind == MessageType::MsgAppendResponse && !message.reject;
    if acknowledges && message.term == receiver.term && message.index > receiver.last {
        return inconsistent("it acknowledges entries that were never sent");
    }
    // A former leader's append is raft's to answer: the answer tells it to step down.
    if kind != MessageType::MsgAppend || message.term < receiver.term {
        return Ok(());
    }
    let committed = message.entries.iter().take_while(|entry| entry.index <= receiver.committed);
    for entry in committed {
        if (receiver.term_of)(entry.index).is_some_and(|term| term != entry.term) {
            return inconsistent("it replaces a committed entry");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
