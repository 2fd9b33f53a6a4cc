//! Interfaces between network stacks (if_vmove in sys/net/if.c): the MAC stays, addresses and groups are lost, it is down.

use super::machine::{Machine, NicId};
use crate::fake::errno::Errno;
use crate::fake::interface::Driver;
use crate::fake::kernel::Place;

impl Machine {
    /// Moves an interface into a jail.
    pub(super) fn move_in(&mut self, id: NicId, jid: u32) -> Result<(), Errno> {
        let jail = self.jails.get(&jid).filter(|jail| !jail.is_dying).ok_or(Errno::NoDevice)?;
        let target = self.vnet(Place::Jail(jail.jid));
        let nic = self.nic(id);
        // Moving into one's own network stack, or to where the name is taken.
        if target == nic.place || self.find(target, &nic.view.name).is_some() {
            return Err(Errno::Exists);
        }
        self.put(id, target);
        Ok(())
    }

    /// Takes an interface back from a jail, by the name it has there.
    pub(super) fn reclaim(&mut self, place: Place, name: &str, jid: u32) -> Result<(), Errno> {
        let jail = self.jails.get(&jid).filter(|jail| !jail.is_dying).ok_or(Errno::NoDevice)?;
        let source = self.vnet(Place::Jail(jail.jid));
        let target = self.vnet(place);
        let id = self.find(source, name).ok_or(Errno::NoDevice)?;
        if source == target || self.find(target, name).is_some() {
            return Err(Errno::Exists);
        }
        self.put(id, target);
        Ok(())
    }

    /// The end of a network stack: what was made in it goes, what was lent to it comes back, whatever it is called.
    pub(super) fn end_vnet(&mut self, place: Place) {
        let lent: Vec<NicId> = self.nics_of(place, |home| home != place);
        for id in lent {
            let home = self.nic(id).home;
            self.put(id, home);
        }
        for id in self.nics_of(place, |home| home == place) {
            // The other end of a pair may have gone with the one before.
            if let Some(nic) = self.nics.get(&id) {
                for id in [Some(id), nic.peer].into_iter().flatten() {
                    self.detach(id);
                }
            }
        }
        self.routes.remove(&place);
        self.arp.remove(&place);
        self.sysctls.retain(|(at, _), _| *at != place);
    }

    fn nics_of(&self, place: Place, is_home: impl Fn(Place) -> bool) -> Vec<NicId> {
        let found = self.nics.iter().filter(|(_, nic)| nic.place == place && is_home(nic.home));
        found.map(|(id, _)| *id).collect()
    }

    fn put(&mut self, id: NicId, target: Place) {
        if let Some(bridge) = self.bridge_of(id) {
            self.remove_member(bridge, id);
        }
        self.drop_routes(id);
        let index = self.free_index(target);
        let nic = self.nic_mut(id);
        nic.place = target;
        nic.dad_ends_ms.clear();
        let view = &mut nic.view;
        view.index = index;
        view.is_up = false;
        view.is_inet6_disabled = false;
        view.has_auto_linklocal = view.driver != Driver::Bridge;
        view.inet.clear();
        view.inet6.clear();
        // The cloner's group is joined again, others are not.
        let cloner = view.driver.as_str();
        view.groups.retain(|group| group == cloner);
    }
}
