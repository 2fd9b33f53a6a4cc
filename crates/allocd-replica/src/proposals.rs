//! From commands to entries, and from applied entries back to those who asked.
//!
//! On the leader, the commands of one loop are stamped together and coalesced: as many to an entry as fit into
//! [`ENTRY_BYTES_MAX`], so that a store needs one value for it and a majority one flush. A larger command has an entry of its
//! own. Who waits is kept by index and term. An answer is given when the entry of that term is applied there; when the
//! leadership ends, all who still wait are told that the outcome is unknown: their entries may yet be committed by the next
//! leader, and the request id makes asking again safe.

use std::collections::BTreeMap;

use allocd_state::command::{Command, Request};
use allocd_types::id::{Caller, RequestId};
use allocd_types::time::{ClusterTime, Span};

use crate::codec::{self, Level, Stamp, StoredRequest};
use crate::effects::{Answer, Effect, Token, Unavailable};
use crate::fault::Fault;
use crate::log::LogStore;
use crate::replica::Replica;

/// Most bytes of commands that are put together into one entry: with what surrounds them they stay below the 2 KiB that a
/// store holds in one piece.
pub const ENTRY_BYTES_MAX: usize = 1_900;
/// Most bytes of one command.
pub const COMMAND_BYTES_MAX: usize = 1_024 * 1_024;
/// Most proposals that wait for their commit; further ones are refused as busy.
pub const PROPOSALS_WAITING_MAX: usize = 65_536;

/// Who the cluster itself is, where a caller has to be named.
const LEADER_CALLER: &str = "allocd";

/// A command to be proposed.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// What the caller calls it by.
    pub token: Token,
    /// The id that the client keeps over its retries.
    pub request_id: RequestId,
    /// Who asks.
    pub caller: Caller,
    /// How long from now the client will wait; later it is refused.
    pub expires_in: Span,
    /// What is asked.
    pub command: Command,
}

/// Who waits for which entry.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    /// The term in which they were proposed: a leader has one.
    term: u64,
    by_index: BTreeMap<u64, Vec<Token>>,
    count: usize,
    /// The entry with the leader's own tick in it, if one is on its way.
    tick: Option<u64>,
}

impl Waiting {
    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    pub(crate) const fn has_tick(&self) -> bool {
        self.tick.is_some()
    }

    fn insert(&mut self, index: u64, tokens: Vec<Token>) {
        self.count += tokens.len();
        self.by_index.insert(index, tokens);
    }

    /// Begins a term: what still waits from an earlier one is abandoned.
    pub(crate) fn begin(&mut self, term: u64) -> Vec<Token> {
        if self.term == term {
            return Vec::new();
        }
        self.term = term;
        self.abandon()
    }

    /// Ends the leadership: nobody who waits will get an answer from here.
    pub(crate) fn abandon(&mut self) -> Vec<Token> {
        self.count = 0;
        self.tick = None;
        std::mem::take(&mut self.by_index).into_values().flatten().collect()
    }

    /// Those who wait for the entry that was applied at an index.
    pub(crate) fn take(&mut self, index: u64, term: u64) -> Applicants {
        if self.tick.is_some_and(|tick| tick <= index) {
            self.tick = None;
        }
        let tokens = self.by_index.remove(&index).unwrap_or_default();
        self.count -= tokens.len();
        if term == self.term { Applicants::Answered(tokens) } else { Applicants::Displaced(tokens) }
    }
}

/// Those who waited for an index, by what was applied there.
pub(crate) enum Applicants {
    /// Their own entry.
    Answered(Vec<Token>),
    /// Another leader's.
    Displaced(Vec<Token>),
}

/// Commands that go into one entry, with those who wait for them.
#[derive(Debug, Default)]
struct Bundle {
    tokens: Vec<Token>,
    requests: Vec<StoredRequest>,
    bytes: usize,
    /// The lowest level that suffices for all of them.
    level: Level,
}

impl<S: LogStore> Replica<S> {
    /// Proposes commands, as many to an entry as fit. Each is answered by an [`Effect::Answer`], now or later.
    ///
    /// # Errors
    /// [`Fault`] if the replica has to stop.
    pub fn propose(&mut self, proposals: Vec<Proposal>) -> Result<(), Fault> {
        if !self.is_leader() {
            let answer = Answer::Unavailable(Unavailable::NotLeader { leader: self.leader() });
            self.answer_all(proposals.iter().map(|proposal| proposal.token), &answer);
            return Ok(());
        }
        let now = self.cluster_time();
        let mut bundle = Bundle::default();
        for proposal in proposals {
            let token = proposal.token;
            let level = self.levels.of(&proposal.command);
            if let Err(pending) = self.check_level(level) {
                self.queue(Effect::Answer { token, answer: Answer::UpgradePending(pending) });
                continue;
            }
            let request = codec::store_request(&stamp_request(proposal, now));
            let bytes = codec::size_in_entry(&request);
            if bytes > COMMAND_BYTES_MAX {
                let answer = Answer::TooLarge { bytes, bytes_max: COMMAND_BYTES_MAX };
                self.queue(Effect::Answer { token, answer });
                continue;
            }
            if bundle.bytes + bytes > ENTRY_BYTES_MAX && !bundle.requests.is_empty() {
                self.propose_bundle(std::mem::take(&mut bundle), now)?;
            }
            bundle.bytes += bytes;
            bundle.tokens.push(token);
            bundle.requests.push(request);
            bundle.level = bundle.level.max(level);
        }
        if bundle.requests.is_empty() { Ok(()) } else { self.propose_bundle(bundle, now) }
    }

    /// Proposes that what is due may fall, unless that is on its way already.
    ///
    /// A new leader waits until it has applied an entry of its own term: before, its state may lack what would show that
    /// nothing is due.
    pub(crate) fn propose_tick_if_due(&mut self) -> Result<(), Fault> {
        if !self.is_leader() || self.waiting.has_tick() || !self.node.raft.apply_to_current_term() {
            return Ok(());
        }
        let now = self.cluster_time();
        if self.machine.state().next_deadline().is_none_or(|deadline| deadline > now) {
            return Ok(());
        }
        let request_id = format!("tick-{}-{}", self.node.raft.term, self.last_index() + 1);
        let request = Request {
            request_id: RequestId::new(&request_id).expect("a tick's id is short and printable"),
            caller: Caller::new(LEADER_CALLER).expect("the leader's name is short and printable"),
            expires_at: ClusterTime::from_millis(u64::MAX),
            command: Command::Tick,
        };
        let request = codec::store_request(&request);
        self.propose_bundle(Bundle { requests: vec![request], ..Bundle::default() }, now)?;
        // Refused as busy, it is proposed at a later tick.
        if self.waiting.by_index.contains_key(&self.last_index()) {
            self.waiting.tick = Some(self.last_index());
        }
        Ok(())
    }

    fn propose_bundle(&mut self, bundle: Bundle, now: ClusterTime) -> Result<(), Fault> {
        let Bundle { tokens, requests, level, bytes: _ } = bundle;
        if self.waiting.count() + tokens.len() > PROPOSALS_WAITING_MAX {
            self.answer_all(tokens, &Answer::Unavailable(Unavailable::Busy));
            return Ok(());
        }
        let stamp = Stamp { stamped_at: now, labelled_at: self.wall_time, entropy: self.entropy.next() };
        match self.node.propose(Vec::new(), codec::encode_entry(level, stamp, requests)) {
            Ok(()) => {
                let displaced = self.waiting.begin(self.node.raft.term);
                self.waiting.insert(self.last_index(), tokens);
                let answer = Answer::Unavailable(Unavailable::OutcomeUnknown { leader: self.leader() });
                self.answer_all(displaced, &answer);
                Ok(())
            }
            Err(raft::Error::ProposalDropped) => {
                self.answer_all(tokens, &Answer::Unavailable(Unavailable::Busy));
                Ok(())
            }
            Err(error) => Err(Fault::raft("propose an entry")(error)),
        }
    }

    pub(crate) fn answer_all(&mut self, tokens: impl IntoIterator<Item = Token>, answer: &Answer) {
        for token in tokens {
            self.queue(Effect::Answer { token, answer: answer.clone() });
        }
    }
}

fn stamp_request(proposal: Proposal, now: ClusterTime) -> Request {
    let Proposal { token: _, request_id, caller, expires_in, command } = proposal;
    Request { request_id, caller, expires_at: now.after(expires_in), command }
}
