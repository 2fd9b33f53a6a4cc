//! Where a frame goes: through cables and bridges, over the wire, to every interface that hears it.

use std::collections::BTreeSet;

use super::machine::{NicId, World};
use crate::fake::interface::Driver;

/// An interface in the world: the machine, and its interface.
pub(super) type Station = (usize, NicId);

impl World {
    /// The interfaces that hear a frame which an interface sends to all, without itself.
    pub(super) fn hearers(&self, sender: Station) -> BTreeSet<Station> {
        let mut heard = BTreeSet::new();
        let nic = self.machines[sender.0].nic(sender.1);
        if nic.view.is_up {
            // A bridge sends by all its members; another interface by itself, and so its own bridge does not hear it.
            let senders =
                if nic.view.driver == Driver::Bridge { nic.members.clone() } else { vec![sender.1] };
            let mut seen = BTreeSet::from([sender]);
            for id in senders {
                self.send((sender.0, id), &mut seen, &mut heard);
            }
        }
        heard.remove(&sender);
        heard
    }

    /// A frame leaves by an interface.
    fn send(&self, from: Station, seen: &mut BTreeSet<Station>, heard: &mut BTreeSet<Station>) {
        let nic = self.machines[from.0].nic(from.1);
        if !nic.view.is_up {
            return;
        }
        seen.insert(from);
        if let Some(peer) = nic.peer {
            self.arrive((from.0, peer), seen, heard);
        }
        let Some(segment) = nic.segment else { return };
        for (at, machine) in self.machines.iter().enumerate() {
            let on_wire = machine.nics.iter().filter(|(_, other)| other.segment == Some(segment));
            for id in on_wire.map(|(id, _)| *id).filter(|id| (at, *id) != from) {
                self.arrive((at, id), seen, heard);
            }
        }
    }

    /// A frame arrives at an interface, and goes on to the other members of its bridge.
    fn arrive(&self, at: Station, seen: &mut BTreeSet<Station>, heard: &mut BTreeSet<Station>) {
        let machine = &self.machines[at.0];
        if !machine.nic(at.1).view.is_up || !seen.insert(at) {
            return;
        }
        heard.insert(at);
        let Some(bridge) = machine.bridge_of(at.1) else { return };
        if !machine.nic(bridge).view.is_up || !seen.insert((at.0, bridge)) {
            return;
        }
        heard.insert((at.0, bridge));
        for member in machine.nic(bridge).members.iter().filter(|member| **member != at.1) {
            self.send((at.0, *member), seen, heard);
        }
    }
}
