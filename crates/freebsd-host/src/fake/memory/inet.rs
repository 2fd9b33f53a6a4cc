//! IPv4 in memory: addresses, what ARP notices about them, and who answers (sys/netinet/in.c, if_ether.c).

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use allocd_types::mac::Mac;

use super::link::Station;
use super::machine::{Machine, NicId, World};
use crate::fake::errno::Errno;
use crate::fake::interface::Inet;
use crate::fake::kernel::Place;
use crate::fake::route::{ArpEntry, is_in_prefix};

impl World {
    /// Gives an interface an address, which brings it up (ether_ioctl, SIOCSIFADDR).
    pub(super) fn add_inet(&mut self, station: Station, inet: Inet) -> Result<(), Errno> {
        let (at, id) = station;
        let machine = &mut self.machines[at];
        let place = machine.nic(id).place;
        let has = |nic: &super::machine::Nic| nic.view.inet.iter().any(|held| held.address == inet.address);
        if machine.nics.iter().any(|(other, nic)| *other != id && nic.place == place && has(nic)) {
            return Err(Errno::Exists);
        }
        if machine.bridge_of(id).is_some() && machine.refuses_member_addresses() {
            return Err(Errno::Invalid);
        }
        let view = &mut machine.nic_mut(id).view;
        view.inet.retain(|held| held.address != inet.address);
        view.inet.push(inet);
        let was_up = view.is_up;
        self.set_up(at, id, true);
        if was_up {
            self.announce(station);
        }
        Ok(())
    }

    /// Tells everybody on the link the addresses of an interface. Who has one of them too complains, and answers; who knew
    /// another owner notices.
    pub(super) fn announce(&mut self, station: Station) {
        let view = self.machines[station.0].nic(station.1).view.clone();
        let Some(mac) = view.mac.filter(|_| view.is_up) else { return };
        let hearers = self.hearers(station);
        self.pass_bridges(mac, &hearers);
        for address in view.inet.iter().map(|inet| inet.address) {
            for hearer in &hearers {
                let machine = &mut self.machines[hearer.0];
                let theirs = machine.nic(hearer.1).view.clone();
                // What comes from one's own MAC is taken for one's own.
                let Some(their_mac) = theirs.mac.filter(|theirs| *theirs != mac) else { continue };
                if theirs.inet.iter().any(|inet| inet.address == address) {
                    machine.complain(mac, address, &theirs.name);
                    self.machines[station.0].complain(their_mac, address, &view.name);
                } else {
                    machine.notice(hearer.1, address, mac);
                }
            }
        }
    }

    /// True if an echo request from a place to an address comes back.
    pub(super) fn is_answered(&mut self, at: usize, place: Place, to: IpAddr, scope: Option<&str>) -> bool {
        let machine = &self.machines[at];
        let place = machine.vnet(place);
        let own = machine.nics.values().any(|nic| nic.place == place && nic.view.is_up && nic.uses(to));
        if own {
            return true;
        }
        let Some((id, from)) = machine.source(place, to, scope) else { return false };
        let Some(mac) = machine.nic(id).view.mac else { return false };
        let hearers = self.hearers((at, id));
        self.pass_bridges(mac, &hearers);
        let owners: Vec<Station> =
            hearers.iter().copied().filter(|hearer| self.machines[hearer.0].nic(hearer.1).uses(to)).collect();
        let &[owner] = owners.as_slice() else { return false };
        let Some(their_mac) = self.machines[owner.0].nic(owner.1).view.mac else { return false };
        self.pass_bridges(their_mac, &self.hearers(owner));
        // A MAC that two have belongs, for the bridges between, to whoever spoke last.
        let has_mac =
            |station: &&Station, mac: Mac| self.machines[station.0].nic(station.1).view.mac == Some(mac);
        let is_shared = hearers
            .iter()
            .any(|hearer| has_mac(&hearer, mac) || (*hearer != owner && has_mac(&hearer, their_mac)));
        if is_shared || !self.machines[owner.0].nic(owner.1).is_on_link(from) {
            return false;
        }
        if let (IpAddr::V4(to), IpAddr::V4(from)) = (to, from) {
            self.machines[at].notice(id, to, their_mac);
            self.machines[at].learn(id, to, their_mac);
            self.machines[owner.0].learn(owner.1, from, mac);
        }
        true
    }
}

impl World {
    /// The bridges on a frame's way learn who sent it.
    fn pass_bridges(&mut self, mac: Mac, hearers: &BTreeSet<Station>) {
        for (at, id) in hearers {
            self.machines[*at].learn_mac(*id, mac);
        }
    }
}

impl super::machine::Nic {
    /// True if it answers for an address.
    fn uses(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(v4) => self.view.inet.iter().any(|inet| inet.address == v4),
            IpAddr::V6(v6) => self.uses_inet6(v6),
        }
    }

    /// True if an address lies in one of its prefixes.
    pub(super) fn is_on_link(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(_) => {
                self.view.inet.iter().any(|inet| is_in_prefix(address, inet.address.into(), inet.length))
            }
            IpAddr::V6(_) => {
                self.view.inet6.iter().any(|inet6| is_in_prefix(address, inet6.address.into(), inet6.length))
            }
        }
    }

    /// An address of its own to speak to another one from.
    fn source(&self, to: IpAddr) -> Option<IpAddr> {
        match to {
            IpAddr::V4(_) => {
                let fits = |inet: &&Inet| is_in_prefix(to, inet.address.into(), inet.length);
                self.view.inet.iter().find(fits).map(|inet| inet.address.into())
            }
            IpAddr::V6(v6) => self.source_inet6(v6).map(IpAddr::V6),
        }
    }
}

impl Machine {
    pub(super) fn remove_inet(&mut self, id: NicId, address: Ipv4Addr) -> Result<(), Errno> {
        let view = &mut self.nic_mut(id).view;
        let before = view.inet.len();
        view.inet.retain(|held| held.address != address);
        if view.inet.len() == before {
            return Err(Errno::NoAddress);
        }
        self.drop_stale_routes();
        Ok(())
    }

    /// The interface of a network stack, and its address, that speaks to an address on a link.
    fn source(&self, place: Place, to: IpAddr, scope: Option<&str>) -> Option<(NicId, IpAddr)> {
        let usable = self.nics.iter().filter(|(_, nic)| {
            nic.place == place && nic.view.is_up && scope.is_none_or(|scope| nic.view.name == scope)
        });
        usable.into_iter().find_map(|(id, nic)| Some((*id, nic.source(to)?)))
    }

    /// All that ARP knows: one's own addresses, and what was learnt.
    pub(super) fn arp_of(&self, place: Place) -> Vec<ArpEntry> {
        let place = self.vnet(place);
        let mut all: Vec<ArpEntry> = self.arp.get(&place).cloned().unwrap_or_default();
        for nic in self.nics.values().filter(|nic| nic.place == place) {
            let Some(mac) = nic.view.mac else { continue };
            let interface = &nic.view.name;
            let own = |inet: &Inet| ArpEntry {
                address: inet.address,
                mac,
                interface: interface.clone(),
                is_permanent: true,
            };
            all.extend(nic.view.inet.iter().map(own));
        }
        all.sort_by_key(|entry| entry.address);
        all
    }

    fn learn(&mut self, id: NicId, address: Ipv4Addr, mac: Mac) {
        let (place, interface) = (self.nic(id).place, self.nic(id).view.name.clone());
        let entries = self.arp.entry(place).or_default();
        entries.retain(|entry| entry.address != address);
        entries.push(ArpEntry { address, mac, interface, is_permanent: false });
    }

    /// Notices another owner of an address that is known.
    fn notice(&mut self, id: NicId, address: Ipv4Addr, mac: Mac) {
        let place = self.nic(id).place;
        let Some(entry) =
            self.arp.entry(place).or_default().iter_mut().find(|entry| entry.address == address)
        else {
            return;
        };
        if entry.mac != mac {
            let line = format!("arp: {address} moved from {} to {mac} on {}", entry.mac, entry.interface);
            entry.mac = mac;
            self.log(line);
        }
    }

    fn complain(&mut self, mac: Mac, address: Ipv4Addr, interface: &str) {
        self.log(format!("arp: {mac} is using my IP address {address} on {interface}!"));
    }
}
