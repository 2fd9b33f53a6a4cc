//! if_bridge(4): who may be a member, and what that does to it (bridge_ioctl_add in sys/net/if_bridge.c).

use allocd_types::mac::Mac;

use super::machine::{Machine, NicId};
use crate::fake::errno::Errno;
use crate::fake::interface::{Driver, Inet6};
use crate::fake::kernel::Place;

/// What a bridge takes from its members while an epair is among them: TXCSUM, TSO4, TSO6, LRO and TXCSUM_IPV6.
const OFFLOADS: u32 = 0x2 | 0x100 | 0x200 | 0x400 | 0x40_0000;

impl Machine {
    pub(super) fn add_member(&mut self, bridge: NicId, name: &str) -> Result<(), Errno> {
        let place = self.nic(bridge).place;
        let member = self.find(place, name).ok_or(Errno::NoEntry)?;
        let driver = self.nic(member).view.driver;
        if member == bridge || !driver.is_ethernet() || driver == Driver::Bridge {
            return Err(Errno::Invalid);
        }
        match self.bridge_of(member) {
            Some(other) if other == bridge => return Err(Errno::Exists),
            Some(_) => return Err(Errno::Busy),
            None => {}
        }
        if self.has_address(member) && self.refuses_member_addresses() {
            return Err(Errno::Invalid);
        }
        self.match_mtu(bridge, member)?;
        self.remove_member_inet6(bridge, member);
        let nic = self.nic_mut(member);
        nic.view.is_promiscuous = true;
        nic.view.options &= !OFFLOADS;
        self.nic_mut(bridge).members.insert(0, member);
        let name = name.to_owned();
        self.log(format!("{name}: promiscuous mode enabled"));
        Ok(())
    }

    pub(super) fn remove_member(&mut self, bridge: NicId, member: NicId) {
        self.nic_mut(bridge).members.retain(|id| *id != member);
        self.learnt.retain(|(at, _), by| *at != bridge || *by != member);
        self.nic_mut(member).view.is_promiscuous = false;
    }

    /// A bridge hears a MAC by a member. That it heard it by another one before is told from 14 on (log_mac_flap).
    pub(super) fn learn_mac(&mut self, member: NicId, mac: Mac) {
        let Some(bridge) = self.bridge_of(member).filter(|bridge| self.nic(*bridge).view.is_up) else {
            return;
        };
        let before = self.learnt.insert((bridge, mac), member).filter(|before| *before != member);
        if let Some(before) = before.filter(|_| self.release.major >= 14) {
            let name = |id: NicId| &self.nic(id).view.name;
            let line = format!(
                "{}: mac address {mac} vlan 1 moved from {} to {}",
                name(bridge),
                name(before),
                name(member)
            );
            self.log(line);
        }
    }

    /// To 12 the MTUs have to be equal; later the bridge's is forced on the member. The first member's becomes the bridge's.
    fn match_mtu(&mut self, bridge: NicId, member: NicId) -> Result<(), Errno> {
        let (ours, theirs) = (self.nic(bridge).view.mtu, self.nic(member).view.mtu);
        if ours == theirs {
            return Ok(());
        }
        if self.nic(bridge).members.is_empty() {
            self.nic_mut(bridge).view.mtu = theirs;
            return Ok(());
        }
        if self.release.major < 13 {
            let line = format!(
                "{}: invalid MTU: {theirs}({}) != {ours}",
                self.nic(bridge).view.name,
                self.nic(member).view.name
            );
            self.log(line);
            return Err(Errno::Invalid);
        }
        self.nic_mut(member).view.mtu = ours;
        Ok(())
    }

    /// Two interfaces of one link would have link-local addresses of different scopes.
    fn remove_member_inet6(&mut self, bridge: NicId, member: NicId) {
        let has_inet6 = |id: NicId| !self.nic(id).view.inet6.is_empty();
        if has_inet6(bridge) && has_inet6(member) {
            let name = self.nic(member).view.name.clone();
            self.nic_mut(member).view.inet6.clear();
            self.nic_mut(member).dad_ends_ms.clear();
            self.log(format!(
                "{}: IPv6 addresses on {name} have been removed before adding it as a member to prevent IPv6 address scope violation.",
                self.nic(bridge).view.name
            ));
        }
    }

    fn has_address(&self, id: NicId) -> bool {
        let view = &self.nic(id).view;
        let is_global = |inet6: &Inet6| !inet6.address.is_unicast_link_local();
        !view.inet.is_empty() || view.inet6.iter().any(is_global)
    }

    /// Members with addresses are refused from 15 on, unless somebody allows them.
    pub(super) fn refuses_member_addresses(&self) -> bool {
        self.sysctls_of(Place::Host)
            .get("net.link.bridge.member_ifaddrs")
            .is_some_and(|allowed| allowed == "0")
    }
}
