//! Messages of peers, as they reach a member: the first byte says what the member is, then each frame is a message, a snapshot,
//! or a tick.
//!
//! A peer may say anything. What is refused must leave no trace, and what is taken must not bring the member down otherwise than
//! by a fault that says why. At the end its power is cut: what peers made it write has to let it start again, in the same state.

use allocd_proto::storage::v1;
use allocd_replica::log::memory::MemoryLog;
use allocd_replica::{
    Config, Effect, Fault, Level, Monotonic, Replica, Role, Snapshot, SnapshotLimits, StartError,
};
use allocd_state::machine::Machine;
use allocd_types::id::MemberId;
use allocd_types::time::WallTime;
use prost::Message as _;
use raft_proto::eraftpb::{Entry, Message, MessageType};

use crate::frames::Frames;

const MEMBER: u64 = 1;
const PEER: u64 = 2;
/// Most frames of one input: what more would show, fewer show sooner.
const FRAMES_MAX: usize = 32;
/// More ticks than an election takes.
const TICKS_MAX: usize = 60;
/// Snapshots often, and little of the log kept.
const LIMITS: SnapshotLimits = SnapshotLimits { entries: 3, bytes: u64::MAX, entries_kept: 1 };

/// What a frame is.
const MESSAGE: u8 = 0;
const SNAPSHOT: u8 = 1;
const TICK: u8 = 2;

pub(crate) fn run(data: &[u8]) {
    let Some((&scene, rest)) = data.split_first() else { return };
    let mut member = Member::start();
    match scene {
        0 => {}
        1 => member.follow(),
        2 => member.lead(),
        _ => return,
    }
    for (kind, bytes) in Frames::of(rest).take(FRAMES_MAX) {
        let outcome = match kind {
            MESSAGE => member.replica.step(bytes).map(drop),
            SNAPSHOT => member.install(bytes),
            TICK => member.tick(),
            _ => continue,
        };
        if let Err(fault) = outcome.and_then(|()| member.advance().map(drop)) {
            assert!(is_told(&fault), "a peer made a member stop: {fault:?}");
            break;
        }
    }
    member.restart();
}

/// Faults that a peer may bring about: it says that it counts on what is lost, or has something committed that is not understood.
fn is_told(fault: &Fault) -> bool {
    match fault {
        Fault::LostEntries { .. }
        | Fault::NewerEntry { .. }
        | Fault::NewerSnapshot { .. }
        | Fault::Entry { .. }
        | Fault::Snapshot(_) => true,
        Fault::Log(error) => matches!(error, allocd_replica::log::LogError::Corrupted { .. }),
        Fault::Raft { attempt, .. } => *attempt == "apply a change of members",
    }
}

fn config() -> Config {
    let voters = [MEMBER, PEER, 3].map(MemberId::new).to_vec();
    Config { snapshots: LIMITS, ..Config::new(MemberId::new(MEMBER), voters, 7) }
}

struct Member {
    replica: Replica<MemoryLog>,
    millis: u64,
}

impl Member {
    fn start() -> Self {
        let replica = Replica::start(&config(), MemoryLog::new()).expect("an empty log is a start");
        Self { replica, millis: 0 }
    }

    fn tick(&mut self) -> Result<(), Fault> {
        self.millis += 100;
        self.replica.observe_time(Monotonic(self.millis), WallTime::from_unix_millis(self.millis));
        self.replica.tick()
    }

    /// Does all that follows, and keeps own snapshots. Gives back what was sent.
    fn advance(&mut self) -> Result<Vec<Message>, Fault> {
        let mut effects = Vec::new();
        self.replica.advance(&mut |effect| effects.push(effect))?;
        let mut sent = Vec::new();
        for effect in effects {
            match effect {
                Effect::Send { message, .. } => {
                    sent.push(Message::decode(message).expect("what is sent is a message"));
                }
                Effect::StoreSnapshot { job, snapshot } => {
                    for part in snapshot.parts(1_000) {
                        self.replica.add_snapshot_part(job, &part)?;
                    }
                    self.replica.finish_snapshot(job)?;
                }
                Effect::SendSnapshot { .. }
                | Effect::Events { .. }
                | Effect::State(_)
                | Effect::Answer { .. }
                | Effect::Read { .. }
                | Effect::Installed(_)
                | Effect::Changed { .. }
                | Effect::Members(_)
                | Effect::Role(_) => {}
            }
        }
        Ok(sent)
    }

    /// Takes a message that is meant well.
    fn hear(&mut self, kind: MessageType, message: Message) {
        let message = Message { msg_type: kind.into(), from: PEER, to: MEMBER, ..message };
        let taken = self.replica.step(&message.encode_to_vec()).expect("no fault");
        assert_eq!(taken, Ok(()));
    }

    /// Gets a log from a leader, part of it committed.
    fn follow(&mut self) {
        let tick = v1::Entry { format: 1, ..v1::Entry::default() };
        let entry = |index| Entry { index, term: 2, data: tick.encode_to_vec().into(), ..Entry::default() };
        let entries = (1..=6).map(entry).collect();
        self.hear(MessageType::MsgAppend, Message { term: 2, entries, commit: 4, ..Message::default() });
        self.advance().expect("no fault");
        assert_eq!((self.replica.status().committed, self.replica.status().last), (4, 6));
    }

    /// Is elected, and commits an entry.
    fn lead(&mut self) {
        for _ in 0..TICKS_MAX {
            self.tick().expect("no fault");
            let mut sent = self.advance().expect("no fault");
            while let Some(message) = sent.pop() {
                let last = message.entries.last().map_or(message.index, |entry| entry.index);
                let answers = [
                    (MessageType::MsgRequestPreVote, MessageType::MsgRequestPreVoteResponse, 0),
                    (MessageType::MsgRequestVote, MessageType::MsgRequestVoteResponse, 0),
                    (MessageType::MsgAppend, MessageType::MsgAppendResponse, last),
                ];
                let answer = answers.into_iter().find(|(asked, ..)| *asked == message.msg_type());
                if let Some((_, kind, index)) = answer.filter(|_| message.to == PEER) {
                    self.hear(kind, Message { term: message.term, index, ..Message::default() });
                    sent.extend(self.advance().expect("no fault"));
                }
            }
            if self.replica.status().standing.role == Role::Leader && self.replica.status().committed > 0 {
                return;
            }
        }
        panic!("it was not elected");
    }

    /// A snapshot that a peer announces so, of an empty machine.
    fn install(&mut self, announcement: &[u8]) -> Result<(), Fault> {
        let Ok(job) = self.replica.begin_install(announcement, Level::FIRST)? else { return Ok(()) };
        let announced = Message::decode(announcement).expect("it was taken");
        let metadata = announced.snapshot.and_then(|snapshot| snapshot.metadata).expect("it was taken");
        let (index, term) = (metadata.index, metadata.term);
        let snapshot = Snapshot { index, term, level: Level::FIRST, machine: Machine::new() };
        for part in snapshot.parts(1_000) {
            self.replica.add_snapshot_part(job, &part)?;
        }
        self.replica.install(job, snapshot).map(drop)
    }

    /// Loses its power after all was flushed, and comes back.
    fn restart(self) {
        let (applied, digest) = (self.replica.status().applied, self.replica.digest());
        match Replica::start(&config(), self.replica.into_log().after_power_cut(usize::MAX)) {
            Ok(again) if again.status().applied == applied => assert_eq!(again.digest(), digest),
            Ok(again) => assert!(again.status().applied > applied, "what was applied is applied again"),
            Err(StartError::Fault(fault)) if is_told(&fault) => {}
            Err(error) => panic!("what peers made it write keeps a member from starting: {error:?}"),
        }
    }
}
