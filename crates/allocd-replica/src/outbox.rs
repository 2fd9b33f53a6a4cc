//! What leaves for peers: raft's messages, with its appends put right and cut to size.
//!
//! raft 0.7 batches by adding entries to an append that waits to be sent. It looks neither at how large that becomes, so a peer
//! that lags would get all it lacks in one message that no transport takes, nor, if the append is empty, at whether they
//! continue it, on which the receiver would panic.

use allocd_types::id::MemberId;
use prost::Message as _;
use raft_proto::eraftpb::{Message, MessageType};

use crate::config::MESSAGE_BYTES_MAX;
use crate::effects::Effect;
use crate::log::LogStore;
use crate::replica::Replica;

impl<S: LogStore> Replica<S> {
    pub(crate) fn send(&mut self, messages: Vec<Message>, perform: &mut dyn FnMut(Effect)) {
        for mut message in messages {
            if message.get_msg_type() == MessageType::MsgSnapshot {
                perform(self.snapshot_for_peer(message));
                continue;
            }
            let to = MemberId::new(message.to);
            let mut send =
                |message: &Message| perform(Effect::Send { to, message: message.encode_to_vec().into() });
            if message.get_msg_type() != MessageType::MsgAppend {
                send(&message);
                continue;
            }
            self.mend_batch(&mut message);
            cut(message).iter().for_each(&mut send);
        }
    }

    /// Puts right where the entries of an append follow on.
    fn mend_batch(&self, message: &mut Message) {
        let Some(first) = message.entries.first().map(|entry| entry.index) else { return };
        if message.index + 1 != first
            && let Ok(log_term) = self.node.raft.raft_log.term(first - 1)
        {
            (message.index, message.log_term) = (first - 1, log_term);
        }
    }
}

/// The same append in as many messages as it takes; each follows on the one before, and no entry is cut.
fn cut(mut message: Message) -> Vec<Message> {
    let entries = std::mem::take(&mut message.entries);
    let mut part = message.clone();
    let (mut parts, mut bytes) = (Vec::new(), 0);
    for entry in entries {
        let size = u64::try_from(entry.encoded_len()).expect("a length fits");
        if bytes + size > MESSAGE_BYTES_MAX
            && let Some(last) = part.entries.last()
        {
            let next = Message { index: last.index, log_term: last.term, ..message.clone() };
            parts.push(std::mem::replace(&mut part, next));
            bytes = 0;
        }
        bytes += size;
        part.entries.push(entry);
    }
    parts.push(part);
    parts
}
