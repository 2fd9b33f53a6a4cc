//! What an interface is told, one change after the other.

use super::machine::{Machine, NicId, World};
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
            // It is in the jail, and looked up there.
            return self.machines[at].reclaim(place, name, *jid);
        }
        let id = self.machines[at].find(place, name).ok_or(Errno::NoDevice)?;
        self.apply(at, id, change)
    }

    fn apply(&mut self, at: usize, id: NicId, change: &Change) -> Result<(), Errno> {
        let machine = &mut self.machines[at];
        let view = &mut machine.nic_mut(id).view;
        match change {
            Change::Name(new) => return machine.rename(id, new),
            Change::Description(text) => view.description.clone_from(text),
            Change::Mac(mac) => {
                // SIOCSIFLLADDR checks nothing, and a link-local address that is there stays as it is.
                if !view.driver.is_ethernet() {
                    return Err(Errno::Invalid);
                }
                view.mac = Some(*mac);
                self.announce((at, id));
            }
            Change::Mtu(mtu) if MTU_RANGE.contains(mtu) => view.mtu = *mtu,
            Change::Mtu(_) => return Err(Errno::Invalid),
            Change::Up(is_up) => self.set_up(at, id, *is_up),
            Change::Options(bits, true) => view.options |= bits,
            Change::Options(bits, false) => view.options &= !bits,
            Change::AddInet(inet) => return self.add_inet((at, id), *inet),
            Change::RemoveInet(address) => return machine.remove_inet(id, *address),
            Change::AddInet6 { address, length, has_dad } => {
                return self.add_inet6((at, id), *address, *length, *has_dad);
            }
            Change::RemoveInet6(address) => return machine.remove_inet6(id, *address),
            Change::Inet6Disabled(is_disabled) => self.set_inet6_disabled((at, id), *is_disabled),
            Change::AutoLinkLocal(has) => {
                view.has_auto_linklocal = *has;
                self.make_linklocal((at, id));
            }
            Change::JoinGroup(group) if view.groups.contains(group) => return Err(Errno::Exists),
            Change::JoinGroup(group) => view.groups.push(group.clone()),
            Change::LeaveGroup(group) => view.groups.retain(|other| other != group),
            Change::AddMember(member) => return machine.add_member_to(id, member),
            Change::RemoveMember(member) => return machine.remove_member_from(id, member),
            Change::MoveIn(jid) => return machine.move_in(id, *jid),
            Change::Reclaim(_) => unreachable!("it is looked up in the jail"),
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

impl Machine {
    fn rename(&mut self, id: NicId, new: &str) -> Result<(), Errno> {
        if new.is_empty() || new.len() > NAME_BYTES_MAX {
            return Err(Errno::Invalid);
        }
        let (place, old) = (self.nic(id).place, self.nic(id).view.name.clone());
        match self.find(place, new) {
            Some(other) if other == id => return Ok(()),
            Some(_) => return Err(Errno::Exists),
            None => {}
        }
        self.log(format!("{old}: changing name to '{new}'"));
        self.nic_mut(id).view.name = new.to_owned();
        let routes = self.routes.get_mut(&place).into_iter().flatten();
        for route in routes.filter(|route| route.interface == old) {
            route.interface = new.to_owned();
        }
        Ok(())
    }

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
