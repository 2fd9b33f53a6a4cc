//! Snapshots under way: what a daemon does beside its replica. Own ones go to the disk part by part, at a pace of their own; a
//! peer gets one as a stream of frames, and answers when it has come to its end.
//!
//! ```text
//!  Effect::StoreSnapshot ─► parts ─► add_snapshot_part … ─► finish_snapshot, or abandon_snapshot
//!  Effect::SendSnapshot  ─► frames ═══ network ═══► begin_install, add_snapshot_part …, install
//!        report_snapshot ◄─ answer ═══ network ═══◄─┘
//! ```
//!
//! Frames may be late and overtake each other, and are put in order again, as a connection does it; a lost one is never sent
//! again, and both ends give the stream up when their time is over. So the replica is told in bounded time, whatever happens.
//! All of this goes with the member's process: a crash takes it.

use std::collections::{BTreeMap, VecDeque};

use allocd_replica::{
    Delivery, Fault as Stop, Level, Refusal, Replica, Snapshot, SnapshotDecoder, SnapshotJob,
};
use allocd_types::id::{Digest, MemberId};
use prost::bytes::Bytes;

use super::disk::Disk;
use super::fault::snapshot::SnapshotFault;
use super::random::Random;
use super::schedule::Snapshots;

/// After what time a sender gives a stream up, in milliseconds of its own.
const SEND_MILLIS_MAX: u64 = 5_000;
/// After what time without the next frame a receiver gives a stream up, in milliseconds of its own.
const SILENCE_MILLIS_MAX: u64 = 2_000;

/// What a stream is called by: no two of a run have the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stream {
    /// Who sends.
    from: u64,
    /// In which of its starts.
    start: u64,
    /// Which one of these.
    number: u64,
}

/// What the network carries for a stream, in one of its directions.
#[derive(Debug, Clone)]
pub struct Packet {
    /// Where it comes from.
    pub from: u64,
    /// Where it goes.
    pub to: u64,
    stream: Stream,
    content: Content,
}

#[derive(Debug, Clone)]
enum Content {
    /// A frame, and its place among the stream's frames.
    Frame(u64, Frame),
    /// What became of the stream.
    Answer(Delivery),
}

#[derive(Debug, Clone)]
enum Frame {
    /// The message that announces the snapshot, and the level that it is of.
    Announcement(Bytes, Level),
    /// A part of it.
    Part(Bytes),
    /// All parts were sent.
    End,
}

impl Packet {
    /// Flips a bit of what it carries, if that is a part. Announcements are trusted to come as they were sent.
    pub fn damage(&mut self, random: &mut Random) {
        let Content::Frame(_, Frame::Part(part)) = &mut self.content else { return };
        let mut bytes = part.to_vec();
        let last = u64::try_from(bytes.len() - 1).expect("a length fits");
        let at = usize::try_from(random.between(0, last)).expect("below a length");
        bytes[at] ^= 1 << random.between(0, 7);
        *part = bytes.into();
    }
}

/// What came of moving snapshots on.
#[derive(Debug, Default)]
pub struct Moved {
    /// For the network.
    pub packets: Vec<Packet>,
    /// Own snapshots that have become current.
    pub taken: u64,
    /// What was sent: to whom, as of which index, and the digest as the sender has it.
    pub sent: Vec<(u64, u64, Digest)>,
    /// What the replica was told of what it had sent, by peer.
    pub reported: Vec<(u64, Delivery)>,
}

/// One start's snapshots under way.
pub struct Transfers {
    member: u64,
    start: u64,
    ways: Snapshots,
    fault: SnapshotFault,
    random: Random,
    streams: u64,
    storing: Option<Storing>,
    sending: BTreeMap<Stream, Sending>,
    receiving: BTreeMap<Stream, Receiving>,
}

/// An own one on its way to the disk.
struct Storing {
    job: SnapshotJob,
    parts: VecDeque<Bytes>,
    is_given_up: bool,
    next_at: u64,
}

/// One on its way to a peer.
struct Sending {
    to: MemberId,
    job: SnapshotJob,
    frames: VecDeque<Frame>,
    sent: u64,
    next_at: u64,
    ends_at: u64,
}

/// One that arrives.
#[derive(Default)]
struct Receiving {
    job: Option<SnapshotJob>,
    decoder: SnapshotDecoder,
    /// Frames that came before their turn.
    early: BTreeMap<u64, Frame>,
    next: u64,
    ends_at: u64,
}

impl Transfers {
    /// What a member has under way when it starts: nothing.
    #[must_use]
    pub const fn new(member: u64, start: u64, ways: Snapshots, fault: SnapshotFault, random: Random) -> Self {
        Self {
            member,
            start,
            ways,
            fault,
            random,
            streams: 0,
            storing: None,
            sending: BTreeMap::new(),
            receiving: BTreeMap::new(),
        }
    }

    /// Begins to store an own snapshot. One before it that was not finished is no longer wanted.
    pub fn store(&mut self, job: SnapshotJob, snapshot: &Snapshot, now: u64) {
        let mut parts: VecDeque<Bytes> = snapshot.parts(self.ways.part_bytes).collect();
        let is_given_up = self.random.in_a_thousand(self.ways.given_up);
        if is_given_up {
            parts.truncate(parts.len() / 2);
        }
        self.storing = Some(Storing { job, parts, is_given_up, next_at: now + self.pause() });
    }

    /// Begins to send a snapshot.
    pub fn send(
        &mut self,
        (to, job): (MemberId, SnapshotJob),
        message: Bytes,
        snapshot: Snapshot,
        now: u64,
        moved: &mut Moved,
    ) {
        moved.sent.push((to.get(), snapshot.index, snapshot.machine.digest()));
        let carried = self.fault.carried(snapshot);
        let parts = carried.parts(self.ways.part_bytes).map(Frame::Part);
        let frames = [Frame::Announcement(message, carried.level)]
            .into_iter()
            .chain(parts)
            .chain([Frame::End])
            .collect();
        self.streams += 1;
        let stream = Stream { from: self.member, start: self.start, number: self.streams };
        let ends_at = now + SEND_MILLIS_MAX;
        self.sending.insert(stream, Sending { to, job, frames, sent: 0, next_at: now, ends_at });
    }

    /// Moves everything on whose time has come.
    ///
    /// # Errors
    /// Why the replica stops, if it does.
    pub fn advance(&mut self, replica: &mut Replica<Disk>, now: u64, moved: &mut Moved) -> Result<(), Stop> {
        self.advance_storing(replica, now, moved)?;
        self.advance_sending(replica, now, moved);
        self.receiving.retain(|_, receiving| {
            let is_over = now >= receiving.ends_at;
            if is_over && let Some(job) = receiving.job {
                replica.abandon_snapshot(job);
            }
            !is_over
        });
        Ok(())
    }

    /// Takes what came by the network.
    ///
    /// # Errors
    /// Why the replica stops, if it does.
    pub fn take(
        &mut self,
        packet: Packet,
        replica: &mut Replica<Disk>,
        now: u64,
        moved: &mut Moved,
    ) -> Result<(), Stop> {
        let Packet { from, to, stream, content } = packet;
        match content {
            Content::Answer(delivery) => {
                if let Some(sending) = self.sending.remove(&stream) {
                    sending.report(replica, delivery, moved);
                }
            }
            Content::Frame(number, frame) => {
                // What comes of a stream that was given up waits for a beginning that does not come, until its time is over.
                let receiving = self.receiving.entry(stream).or_default();
                receiving.ends_at = now + SILENCE_MILLIS_MAX;
                receiving.early.insert(number, frame);
                if let Some(delivery) = receiving.go_on(replica)? {
                    self.receiving.remove(&stream);
                    moved.packets.push(Packet {
                        from: to,
                        to: from,
                        stream,
                        content: Content::Answer(delivery),
                    });
                }
            }
        }
        Ok(())
    }

    /// When something has to be moved on, if anything is under way.
    #[must_use]
    pub fn next_at(&self) -> Option<u64> {
        let storing = self.storing.iter().map(|storing| storing.next_at);
        let sending = self.sending.values().map(Sending::due_at);
        let receiving = self.receiving.values().map(|receiving| receiving.ends_at);
        storing.chain(sending).chain(receiving).min()
    }

    fn advance_storing(
        &mut self,
        replica: &mut Replica<Disk>,
        now: u64,
        moved: &mut Moved,
    ) -> Result<(), Stop> {
        let pause = self.pause();
        let Some(storing) = self.storing.as_mut().filter(|storing| now >= storing.next_at) else {
            return Ok(());
        };
        storing.next_at = now + pause;
        let (job, is_given_up) = (storing.job, storing.is_given_up);
        if let Some(part) = storing.parts.pop_front() {
            if !replica.add_snapshot_part(job, &part)? {
                self.storing = None;
            }
            return Ok(());
        }
        self.storing = None;
        if is_given_up {
            replica.abandon_snapshot(job);
        } else {
            moved.taken += u64::from(replica.finish_snapshot(job)?);
        }
        Ok(())
    }

    fn advance_sending(&mut self, replica: &mut Replica<Disk>, now: u64, moved: &mut Moved) {
        let pause = self.pause();
        let from = self.member;
        self.sending.retain(|&stream, sending| {
            if now >= sending.ends_at {
                sending.report(replica, Delivery::Failed, moved);
                return false;
            }
            if now >= sending.next_at
                && let Some(frame) = sending.frames.pop_front()
            {
                let content = Content::Frame(sending.sent, frame);
                moved.packets.push(Packet { from, to: sending.to.get(), stream, content });
                (sending.sent, sending.next_at) = (sending.sent + 1, now + pause);
            }
            true
        });
    }

    const fn pause(&mut self) -> u64 {
        self.random.between(1, self.ways.pause_max)
    }
}

impl Sending {
    fn due_at(&self) -> u64 {
        if self.frames.is_empty() { self.ends_at } else { self.next_at.min(self.ends_at) }
    }

    fn report(&self, replica: &mut Replica<Disk>, delivery: Delivery, moved: &mut Moved) {
        moved.reported.push((self.to.get(), delivery));
        replica.report_snapshot(self.to, self.job, delivery);
    }
}

impl Receiving {
    /// Takes the frames whose turn it is. Says what became of the snapshot, once that is known.
    fn go_on(&mut self, replica: &mut Replica<Disk>) -> Result<Option<Delivery>, Stop> {
        while let Some(frame) = self.early.remove(&self.next) {
            self.next += 1;
            let outcome = self.frame(frame, replica)?;
            if outcome.is_some() {
                return Ok(outcome);
            }
        }
        Ok(None)
    }

    fn frame(&mut self, frame: Frame, replica: &mut Replica<Disk>) -> Result<Option<Delivery>, Stop> {
        let job = match (frame, self.job) {
            (Frame::Announcement(message, level), _) => {
                return Ok(match replica.begin_install(&message, level)? {
                    Ok(job) => {
                        self.job = Some(job);
                        None
                    }
                    // What is not needed counts as there.
                    Err(Refusal::Superseded) => Some(Delivery::Arrived),
                    // It comes from a former member, or does not know this one yet.
                    Err(Refusal::Stranger { .. } | Refusal::Inconsistent { .. }) => Some(Delivery::Failed),
                    Err(refusal) => panic!("a peer's snapshot is refused: {refusal}"),
                });
            }
            (Frame::Part(part), Some(job)) => {
                if self.decoder.read(&part).is_ok() {
                    let is_wanted = replica.add_snapshot_part(job, &part)?;
                    return Ok((!is_wanted).then_some(Delivery::Failed));
                }
                job
            }
            (Frame::End, Some(job)) => {
                if let Ok(snapshot) = std::mem::take(&mut self.decoder).finish() {
                    let taken = replica.install(job, snapshot)?;
                    return Ok(Some(if taken.is_ok() { Delivery::Arrived } else { Delivery::Failed }));
                }
                job
            }
            (Frame::Part(_) | Frame::End, None) => unreachable!("the announcement is the first frame"),
        };
        // It is damaged.
        replica.abandon_snapshot(job);
        Ok(Some(Delivery::Failed))
    }
}
