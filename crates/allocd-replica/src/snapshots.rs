//! Taking snapshots, sending them and installing them.
//!
//! ```text
//!  own:      due ─► Effect::StoreSnapshot ─► add_snapshot_part … ─► finish_snapshot ─► current, then the log is compacted
//!  sent:     raft's MsgSnapshot ─► Effect::SendSnapshot ─► (the caller streams parts) ─► report_snapshot
//!  arriving: begin_install ─► add_snapshot_part … ─► install ─► raft's Ready ─► current, Effect::Installed
//! ```
//!
//! The caller encodes and decodes, away from the replica; the replica only writes parts beside its log, so commits go
//! on. One snapshot is written at a time, and one that arrives goes before an own one. Nothing is current before it is whole.

use std::collections::BTreeMap;

use allocd_types::id::MemberId;
use prost::Message as _;
use raft::SnapshotStatus;
use raft_proto::eraftpb::Message;

use crate::codec::{Level, Snapshot, SnapshotDecoder};
use crate::config::SnapshotLimits;
use crate::effects::Effect;
use crate::fault::Fault;
use crate::inbox::{self, Refusal};
use crate::log::{LogStore, Position, SNAPSHOT_CHUNK_BYTES_MAX, SnapshotMark};
use crate::membership::Membership;
use crate::replica::Replica;
use crate::storage::StoredLog;

/// Most keys that are removed from the disk between two looks at the network.
const REMOVALS_MAX: usize = 512;

/// What a snapshot that is being written or sent is called by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotJob(u64);

/// What became of a snapshot that was sent to a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// The peer has it, or needs it no longer.
    Arrived,
    /// It did not arrive.
    Failed,
}

/// What the replica knows of its snapshots.
#[derive(Debug)]
pub(crate) struct Snapshots {
    limits: SnapshotLimits,
    /// The entry that the last one was taken of, or tried to be.
    last: u64,
    /// Bytes of entries that were applied since.
    bytes: u64,
    jobs: u64,
    writing: Option<Writing>,
    /// The last one that was sent to each peer and not reported on. Of those before it raft has to hear nothing any more.
    sent: BTreeMap<u64, SnapshotJob>,
    /// One that is whole and waits for raft to take it.
    arrived: Option<(SnapshotMark, Snapshot)>,
}

/// One that is being written.
#[derive(Debug)]
struct Writing {
    job: SnapshotJob,
    mark: SnapshotMark,
    /// The message that announced it, if it arrives from a peer.
    message: Option<Message>,
}

impl Snapshots {
    pub(crate) const fn new(limits: SnapshotLimits, last: u64) -> Self {
        Self { limits, last, bytes: 0, jobs: 0, writing: None, sent: BTreeMap::new(), arrived: None }
    }

    pub(crate) const fn count(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
    }

    const fn is_due(&self, applied: u64) -> bool {
        let entries = applied.saturating_sub(self.last);
        self.writing.is_none()
            && entries > 0
            && (entries >= self.limits.entries || self.bytes >= self.limits.bytes)
    }

    fn begin(&mut self, mark: SnapshotMark, message: Option<Message>) -> SnapshotJob {
        let job = self.next_job();
        self.writing = Some(Writing { job, mark, message });
        job
    }

    const fn next_job(&mut self) -> SnapshotJob {
        self.jobs += 1;
        SnapshotJob(self.jobs)
    }

    fn is_writing(&self, job: SnapshotJob) -> bool {
        self.writing.as_ref().is_some_and(|writing| writing.job == job)
    }
}

/// The last snapshot, if there is one.
pub(crate) fn restore<S: LogStore>(
    log: &StoredLog<S>,
    understands: Level,
) -> Result<Option<Snapshot>, Fault> {
    let Some(stored) = log.store().snapshot() else { return Ok(None) };
    let mut decoder = SnapshotDecoder::understanding(understands);
    for chunk in 0..stored.chunks {
        decoder.read(&log.store().read_snapshot(chunk)?).map_err(Fault::snapshot)?;
    }
    let snapshot = decoder.finish().map_err(Fault::snapshot)?;
    let at = stored.mark.at;
    assert_eq!(
        (snapshot.index, snapshot.term),
        (at.index, at.term),
        "a snapshot is of the entry it is kept for"
    );
    Ok(Some(snapshot))
}

impl<S: LogStore> Replica<S> {
    /// Writes the next part, of any size, of a snapshot. False if that snapshot is no longer wanted.
    ///
    /// # Errors
    /// [`Fault`] if the replica has to stop.
    pub fn add_snapshot_part(&mut self, job: SnapshotJob, part: &[u8]) -> Result<bool, Fault> {
        if !self.snapshots.is_writing(job) {
            return Ok(false);
        }
        let store = self.node.mut_store().store_mut();
        for chunk in part.chunks(SNAPSHOT_CHUNK_BYTES_MAX) {
            store.write_snapshot(chunk)?;
        }
        Ok(true)
    }

    /// Makes an own snapshot, all of whose parts were written, the current one, and lets the log begin behind it. False if that
    /// snapshot is no longer wanted.
    ///
    /// # Errors
    /// [`Fault`] if the replica has to stop.
    pub fn finish_snapshot(&mut self, job: SnapshotJob) -> Result<bool, Fault> {
        let own = self.snapshots.writing.take_if(|writing| writing.job == job && writing.message.is_none());
        let Some(Writing { mark, .. }) = own else { return Ok(false) };
        let behind = mark.at.index.saturating_sub(self.snapshots.limits.entries_kept);
        let store = self.node.mut_store().store_mut();
        store.finish_snapshot(mark)?;
        store.compact(behind)?;
        Ok(true)
    }

    /// Gives up a snapshot that is being written. An own one is tried again when the next is due.
    pub fn abandon_snapshot(&mut self, job: SnapshotJob) {
        self.snapshots.writing.take_if(|writing| writing.job == job);
    }

    /// Takes the message that announces a peer's snapshot of a level, or drops it and says why. Its parts are to follow.
    ///
    /// # Errors
    /// [`Fault`] if the replica has to stop: also if it needs the snapshot and does not understand its level, for there is no
    /// other way on.
    pub fn begin_install(
        &mut self,
        message: &[u8],
        level: Level,
    ) -> Result<Result<SnapshotJob, Refusal>, Fault> {
        if self.snapshots.arrived.is_some() {
            // Its parts are what the log is about to be replaced by.
            return Ok(Err(Refusal::Superseded));
        }
        let checked = self.with_receiver(|receiver| inbox::check_snapshot(message, receiver));
        let (message, mark) = match checked {
            Ok(checked) => checked,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let understood = self.levels.understands;
        if level > understood {
            return Err(Fault::NewerSnapshot { found: level, understood });
        }
        self.node.mut_store().store_mut().begin_snapshot()?;
        Ok(Ok(self.snapshots.begin(mark, Some(message))))
    }

    /// Takes a peer's snapshot in, once all its parts were written and it was read whole, or drops it and says why. What came of
    /// it is seen after the next [`Replica::advance`].
    ///
    /// # Errors
    /// [`Fault`] if the replica has to stop.
    pub fn install(&mut self, job: SnapshotJob, snapshot: Snapshot) -> Result<Result<(), Refusal>, Fault> {
        let Some(Writing { mark, message, .. }) =
            self.snapshots.writing.take_if(|writing| writing.job == job)
        else {
            return Ok(Err(Refusal::Superseded));
        };
        let Some(message) = message else { return Ok(Err(Refusal::Superseded)) };
        let is_it = (snapshot.index, snapshot.term) == (mark.at.index, mark.at.term);
        // The log may have caught up meanwhile.
        if !is_it || mark.at.index <= self.node.raft.raft_log.committed {
            return Ok(Err(Refusal::Superseded));
        }
        self.snapshots.arrived = Some((mark, snapshot));
        self.node.step(message).map_err(Fault::raft("take a peer's snapshot"))?;
        self.set_election_timeout();
        self.node.store().take_failure()?;
        if self.node.snap().is_none() {
            // raft has no use for it: it is of a former term, or the log contains its entry.
            self.snapshots.arrived = None;
        }
        Ok(Ok(()))
    }

    /// Notes what became of a snapshot that was to be sent. raft sends that peer nothing else until then.
    ///
    /// raft does not know one snapshot from another. It may have sent a further one meanwhile, and what is said of the former
    /// one would end that: yet another would be sent, the peer would drop the one it is taking in, and so on without an end.
    pub fn report_snapshot(&mut self, to: MemberId, job: SnapshotJob, delivery: Delivery) {
        if self.snapshots.sent.get(&to.get()) != Some(&job) {
            return;
        }
        self.snapshots.sent.remove(&to.get());
        let status = match delivery {
            Delivery::Arrived => SnapshotStatus::Finish,
            Delivery::Failed => SnapshotStatus::Failure,
        };
        self.node.report_snapshot(to.get(), status);
    }

    /// The machine as it is now, and the message that announces it to a peer.
    pub(crate) fn snapshot_for_peer(&mut self, mut message: Message) -> Effect {
        // The machine may be further than when raft thought of sending it.
        let at = self.node.store().applied();
        message.snapshot = self.node.store().announcement();
        let snapshot = self.snapshot_of(at);
        let job = self.snapshots.next_job();
        self.snapshots.sent.insert(message.to, job);
        let to = MemberId::new(message.to);
        Effect::SendSnapshot {
            to,
            understood: self.level_told(to).unwrap_or_default(),
            job,
            message: message.encode_to_vec().into(),
            snapshot,
        }
    }

    /// Lets the arrived snapshot that raft has taken become the log, the machine and the configuration.
    pub(crate) fn replace_all(&mut self, index: u64, perform: &mut dyn FnMut(Effect)) -> Result<(), Fault> {
        let (mark, snapshot) =
            self.snapshots.arrived.take().expect("raft has no snapshot but the one that arrived");
        assert_eq!(mark.at.index, index, "raft has no snapshot but the one that arrived");
        let members = Membership::decode(&mark.configuration.bytes).expect("it was checked as it came");
        let at = mark.at;
        self.node.mut_store().replace_by_snapshot(mark)?;
        self.node.mut_store().note_applied(at);
        self.machine = snapshot.machine;
        self.levels.use_level(snapshot.level);
        self.applied = index;
        self.membership = members;
        (self.snapshots.last, self.snapshots.bytes) = (index, 0);
        self.shared = None;
        perform(Effect::Installed(self.share_state()));
        perform(Effect::Members(self.membership.clone()));
        Ok(())
    }

    /// Begins an own snapshot if one is due, and removes some of what the last one made unnecessary.
    pub(crate) fn keep_log_short(&mut self, perform: &mut dyn FnMut(Effect)) -> Result<(), Fault> {
        if self.snapshots.is_due(self.applied) {
            let mark = self.node.store().mark()?;
            let at = mark.at;
            self.node.mut_store().store_mut().begin_snapshot()?;
            let job = self.snapshots.begin(mark, None);
            (self.snapshots.last, self.snapshots.bytes) = (at.index, 0);
            let snapshot = self.snapshot_of(at);
            perform(Effect::StoreSnapshot { job, snapshot });
        }
        self.node.mut_store().store_mut().tidy(REMOVALS_MAX)?;
        Ok(())
    }

    /// The machine as it is now, which is as of this entry.
    fn snapshot_of(&self, at: Position) -> Snapshot {
        let (level, machine) = (self.levels.in_use, self.machine.clone());
        Snapshot { index: at.index, term: at.term, level, machine }
    }
}
