//! What an interface is told, one change after the other.

use super::machine::{NicId, World};
use crate::fake::errno::Errno;
use crate::fake::interface::Driver;
use crate::fake::kernel::{Change, Place};

/// Longest name (`IFNAMSIZ` in sys/net/if.h, less the byte behind it).
const NAME_BYTES_MAX: usize = 15;
/// What an MTU may be.
const MTU_RANGE: std::ops::RangeInclusive<u32> = 72..=65_535;

impl World {
    pub(super) fn change(
        &mut self,
        at: usize,
        place: Place,
        name: &str,
        change: &Change,
    ) -> Result<(), Errno> {
        if let Change::Reclaim(jid) = change {
            return self.machines[at].reclaim(place, name, *jid);
        }
        let id = self.machines[at].find(place, name).ok_or(Errno::NoDevice)?;
        match change {
            Change::Name(new) => self.rename(at, id, new),
            Change::MoveIn(jid) => self.machines[at].move_in(id, *jid),
            Change::Reclaim(jid) => self.machines[at].reclaim(place, name, *jid),
            Change::Up(is_up) => {
                self.set_up(at, id, *is_up);
                Ok(())
            }
            Change::AddInet(inet) => self.add_inet((at, id), *inet),
            Change::RemoveInet(address) => self.machines[at].remove_inet(id, *address),
            Change::AddInet6 { address, length, has_dad } => {
                self.add_inet6((at, id), *address, *length, *has_dad)
            }
            Change::RemoveInet6(address) => self.machines[at].remove_inet6(id, *address),
            Change::Inet6Disabled(is_disabled) => {
                self.set_inet6_disabled((at, id), *is_disabled);
                Ok(())
            }
            Change::AddMember(member) => self.machines[at].add_member_to(id, member),
            Change::RemoveMember(member) => self.machines[at].remove_member_from(id, member),
            Change::AutoLinkLocal(has) => {
                self.machines[at].nic_mut(id).view.has_auto_linklocal = *has;
                if *has {
                    self.make_linklocal((at, id));
                }
                Ok(())
            }
            Change::Description(_)
            | Change::Mac(_)
            | Change::Mtu(_)
            | Change::Options(..)
            | Change::JoinGroup(_)
            | Change::LeaveGroup(_) => self.describe(at, id, change),
        }
    }

    /// Changes that nothing follows from, but for a MAC that is announced.
    fn describe(&mut self, at: usize, id: NicId, change: &Change) -> Result<(), Errno> {
        let view = &mut self.machines[at].nic_mut(id).view;
        match change {
            Change::Description(text) => view.description.clone_from(text),
            // SIOCSIFLLADDR checks nothing, and a link-local address that is there stays as it is.
            Change::Mac(mac) => {
                if !view.driver.is_ethernet() {
                    return Err(Errno::Invalid);
                }
                view.mac = Some(*mac);
                self.announce((at, id));
            }
            Change::Mtu(mtu) if MTU_RANGE.contains(mtu) => view.mtu = *mtu,
            Change::Mtu(_) => return Err(Errno::Invalid),
            Change::Options(bits, true) => view.options |= bits,
            Change::Options(bits, false) => view.options &= !bits,
            Change::JoinGroup(group) if view.groups.contains(group) => return Err(Errno::Exists),
            Change::JoinGroup(group) => view.groups.push(group.clone()),
            Change::LeaveGroup(group) => view.groups.retain(|other| other != group),
            Change::Name(_)
            | Change::Up(_)
            | Change::AddInet(_)
            | Change::RemoveInet(_)
            | Change::AddInet6 { .. }
            | Change::RemoveInet6(_)
            | Change::Inet6Disabled(_)
            | Change::AutoLinkLocal(_)
            | Change::AddMember(_)
            | Change::RemoveMember(_)
            | Change::MoveIn(_)
            | Change::Reclaim(_) => unreachable!("other changes are made by their own functions"),
        }
        Ok(())
    }

    fn rename(&mut self, at: usize, id: NicId, new: &str) -> Result<(), Errno> {
        let machine = &mut self.machines[at];
        if new.is_empty() || new.len() > NAME_BYTES_MAX {
            return Err(Errno::Invalid);
        }
        let (place, old) = (machine.nic(id).place, machine.nic(id).view.name.clone());
        match machine.find(place, new) {
            Some(other) if other == id => return Ok(()),
            Some(_) => return Err(Errno::Exists),
            None => {}
        }
        machine.log(format!("{old}: changing name to '{new}'"));
        machine.nic_mut(id).view.name = new.to_owned();
        for route in machine.routes.values_mut().flatten().filter(|route| route.interface == old) {
            route.interface = new.to_owned();
        }
        Ok(())
    }

    /// Brings an interface up, where its addresses are tried and announced, or down.
    pub(super) fn set_up(&mut self, at: usize, id: NicId, is_up: bool) {
        let nic = self.machines[at].nic_mut(id);
        if nic.view.is_up == is_up {
            return;
        }
        nic.view.is_up = is_up;
        if is_up {
            if nic.view.driver == Driver::Loopback {
                self.machines[at].set_up_loopback(id);
            }
            self.start_inet6((at, id));
            self.announce((at, id));
        } else {
            nic.dad_ends_ms.clear();
            self.machines[at].drop_routes(id);
        }
    }
}

impl super::machine::Machine {
    fn add_member_to(&mut self, bridge: NicId, member: &str) -> Result<(), Errno> {
        if self.nic(bridge).view.driver != Driver::Bridge {
            return Err(Errno::Invalid);
        }
        self.add_member(bridge, member)
    }

    fn remove_member_from(&mut self, bridge: NicId, member: &str) -> Result<(), Errno> {
        let place = self.nic(bridge).place;
        let id = self.find(place, member).ok_or(Errno::NoEntry)?;
        if !self.nic(bridge).members.contains(&id) {
            return Err(Errno::NoEntry);
        }
        self.remove_member(bridge, id);
        Ok(())
    }
}
