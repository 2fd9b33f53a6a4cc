//! Snapshots as the world sees them: pieces of them in the network, and members that begin anew from one.

use allocd_replica::Delivery;
use allocd_state::state::State;

use super::observation::Seen;
use super::transfer::Moved;
use super::world::{Happening, World};

impl World {
    /// A member is where a snapshot begins: what it applies and tells follows on that.
    pub(super) fn begin_anew(&mut self, id: u64, state: &State) {
        let real = self.real;
        let index = self.member(id).control.borrow().snapshot_at;
        self.member(id).applied = index;
        let revision = state.revision().get();
        self.trace.note(real, format_args!("member {id} is at {index}, revision {revision}, by a snapshot"));
        self.checkers.see(real, Seen::Installed { member: id, revision });
        self.checkers.see(real, Seen::State { member: id, state });
        let Some(replica) = self.members[&id].replica() else { return };
        if replica.status().applied == index {
            self.checkers.see(real, Seen::Digest { member: id, index, digest: replica.digest() });
        }
    }

    /// Gives the network what a member has for others' snapshots. A connection loses or delays its packets but doubles none.
    pub(super) fn carry(&mut self, id: u64, moved: Moved) {
        let real = self.real;
        self.counts.snapshots_taken += moved.taken;
        for (to, delivery) in moved.reported {
            self.trace.note(real, format_args!("member {id} reports its snapshot to {to} as {delivery:?}"));
            self.counts.snapshots_failed += u64::from(delivery == Delivery::Failed);
        }
        for (to, index, digest) in moved.sent {
            self.trace.note(real, format_args!("member {id} sends a snapshot of {index} to {to}"));
            self.checkers.see(real, Seen::Digest { member: id, index, digest });
        }
        for mut packet in moved.packets {
            if self.is_troubled && self.random.in_a_thousand(self.profile.snapshots.damaged) {
                packet.damage(&mut self.random);
            }
            if let Some(delay) = self.network.send(packet.from, packet.to).first() {
                self.happen_in(*delay, Happening::Packet(Box::new(packet)));
            }
        }
    }
}
