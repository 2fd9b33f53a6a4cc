//! Snapshots on their way, part by part: to a member's own disk, or to a peer.

use std::collections::VecDeque;

use prost::bytes::Bytes;

use super::cluster::Cluster;
use crate::codec::{Level, Snapshot, SnapshotDecoder};
use crate::replica::*;
use crate::snapshots::{Delivery, SnapshotJob};

/// A snapshot on its way to a disk.
pub(super) struct Storing {
    pub(super) id: u64,
    job: SnapshotJob,
    parts: VecDeque<Bytes>,
}

impl Storing {
    pub(super) const fn new(id: u64, job: SnapshotJob, parts: VecDeque<Bytes>) -> Self {
        Self { id, job, parts }
    }
}

/// A snapshot on its way to a peer.
pub(super) struct Sending {
    pub(super) from: u64,
    pub(super) to: u64,
    /// What the sender calls it by.
    pub(super) sent_as: SnapshotJob,
    message: Bytes,
    level: Level,
    pub(super) parts: VecDeque<Bytes>,
    /// What the receiver calls it by, once it has begun.
    job: Option<SnapshotJob>,
    decoder: Option<SnapshotDecoder>,
    pub(super) is_broken: bool,
}

impl Sending {
    pub(super) fn new(
        from: u64,
        (to, sent_as): (u64, SnapshotJob),
        message: Bytes,
        snapshot: &Snapshot,
        part_bytes: usize,
    ) -> Self {
        let (level, parts) = (snapshot.level, snapshot.parts(part_bytes).collect());
        Self { from, to, sent_as, message, level, parts, job: None, decoder: None, is_broken: false }
    }
}

impl Cluster {
    /// Moves each snapshot on by a part.
    pub(super) fn move_snapshots(&mut self) {
        for at in (0..self.storing.len()).rev() {
            self.store_one(at);
        }
        for at in (0..self.sending.len()).rev() {
            self.send_one(at);
        }
    }

    /// Hands the next part of a snapshot to its disk, or finishes it.
    pub(super) fn store_one(&mut self, at: usize) {
        let Storing { id, job, mut parts } = self.storing.swap_remove(at);
        match parts.pop_front() {
            Some(part) => {
                if self.member(id).add_snapshot_part(job, &part).unwrap() {
                    self.storing.push(Storing { id, job, parts });
                }
            }
            None => drop(self.member(id).finish_snapshot(job).unwrap()),
        }
    }

    /// Hands the next part of a snapshot to its peer; at its end, or if it cannot be, the sender is told.
    pub(super) fn send_one(&mut self, at: usize) {
        let mut sending = self.sending.swap_remove(at);
        let is_cut_off = |id: &u64| self.isolated.contains(id) || !self.running.contains_key(id);
        let is_broken = sending.is_broken || is_cut_off(&sending.from) || is_cut_off(&sending.to);
        let delivery = if is_broken { Some(Delivery::Failed) } else { self.receive(&mut sending) };
        match delivery {
            None => self.sending.push(sending),
            Some(delivery) => {
                let to = MemberId::new(sending.to);
                if let Some(sender) = self.running.get_mut(&sending.from) {
                    sender.report_snapshot(to, sending.sent_as, delivery);
                }
            }
        }
    }

    pub(super) fn receive(&mut self, sending: &mut Sending) -> Option<Delivery> {
        let receiver = self.running.get_mut(&sending.to).expect("it runs");
        let Some(job) = sending.job else {
            sending.decoder = Some(SnapshotDecoder::understanding(receiver.status().understands));
            let begun = match receiver.begin_install(&sending.message, sending.level) {
                Ok(begun) => begun,
                Err(fault) => {
                    self.stop(sending.to, fault);
                    return Some(Delivery::Failed);
                }
            };
            sending.job = begun.ok();
            return sending.job.is_none().then_some(Delivery::Arrived);
        };
        let decoder = sending.decoder.as_mut().expect("not finished");
        if let Some(part) = sending.parts.pop_front() {
            decoder.read(&part).unwrap();
            let is_wanted = receiver.add_snapshot_part(job, &part).unwrap();
            return (!is_wanted).then_some(Delivery::Failed);
        }
        let snapshot = sending.decoder.take().expect("not finished").finish().unwrap();
        let taken = receiver.install(job, snapshot).unwrap();
        Some(if taken.is_ok() { Delivery::Arrived } else { Delivery::Failed })
    }
}
