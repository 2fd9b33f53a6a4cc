//! IPv6 in memory: link-local addresses, duplicate address detection and its messages (sys/netinet6/in6.c, in6_ifattach.c,
//! nd6_nbr.c).
//!
//! The link-local address is made of the MAC when the interface comes up for the first time, and not again when the MAC
//! changes. Detection takes a second; who has the address already, or tries it too, makes it fail.

use std::net::Ipv6Addr;

use super::link::Station;
use super::machine::{Machine, Nic, NicId, World};
use crate::fake::errno::Errno;
use crate::fake::interface::{Driver, Inet6, Inet6State};
use crate::fake::release::Release;
use crate::fake::route::is_in_prefix;

/// How long one probe is waited for (RetransTimer, RFC 4861).
const PROBE_MS: u64 = 1000;
/// Prefix of an address that an interface makes itself.
const LINKLOCAL_BITS: u8 = 64;
const LOCALHOST_BITS: u8 = 128;

impl World {
    /// Gives an interface an address, which brings it up.
    pub(super) fn add_inet6(
        &mut self,
        station: Station,
        address: Ipv6Addr,
        length: u8,
        has_dad: bool,
    ) -> Result<(), Errno> {
        let (at, id) = station;
        let machine = &mut self.machines[at];
        let place = machine.nic(id).place;
        let is_scoped = address.is_unicast_link_local();
        let has = |nic: &Nic| nic.view.inet6.iter().any(|held| held.address == address);
        let others = machine.nics.iter().filter(|(other, nic)| **other != id && nic.place == place);
        if !is_scoped && others.into_iter().any(|(_, nic)| has(nic)) {
            return Err(Errno::Exists);
        }
        let needs_dad = has_dad && machine.dad_count(place) > 0;
        let nic = machine.nic_mut(id);
        let state = if needs_dad { Inet6State::Tentative } else { Inet6State::Ready };
        match nic.view.inet6.iter_mut().find(|held| held.address == address) {
            // It is there: only its prefix changes.
            Some(held) => held.length = length,
            None => nic.view.inet6.push(Inet6 { address, length, state }),
        }
        if nic.view.is_up {
            self.start_dad(station);
        } else {
            self.set_up(at, id, true);
        }
        Ok(())
    }

    /// An interface has come up, or IPv6 was switched on again: its link-local address is made, detection begins.
    pub(super) fn start_inet6(&mut self, station: Station) {
        self.make_linklocal(station);
        self.start_dad(station);
    }

    /// Makes the link-local address if the interface is to have one and has none.
    pub(super) fn make_linklocal(&mut self, station: Station) {
        let machine = &mut self.machines[station.0];
        let place = machine.nic(station.1).place;
        let is_wanted =
            machine.sysctls_of(place).get("net.inet6.ip6.auto_linklocal").is_none_or(|is| is != "0");
        let has_dad = machine.dad_count(place) > 0;
        let nic = machine.nic_mut(station.1);
        let view = &mut nic.view;
        let has_one = view.inet6.iter().any(|held| held.address.is_unicast_link_local());
        let Some(mac) = view.mac else { return };
        if view.is_up && view.has_auto_linklocal && is_wanted && !view.is_inet6_disabled && !has_one {
            let state = if has_dad { Inet6State::Tentative } else { Inet6State::Ready };
            view.inet6.push(Inet6 { address: mac.link_local(), length: LINKLOCAL_BITS, state });
            self.start_dad(station);
        }
    }

    /// Switches IPv6 off on an interface, or on again.
    pub(super) fn set_inet6_disabled(&mut self, station: Station, is_disabled: bool) {
        let machine = &mut self.machines[station.0];
        let nic = machine.nic_mut(station.1);
        if nic.view.is_inet6_disabled == is_disabled {
            return;
        }
        if is_disabled {
            nic.view.is_inet6_disabled = true;
            nic.dad_ends_ms.clear();
            for held in &mut nic.view.inet6 {
                if held.state == Inet6State::Ready {
                    held.state = Inet6State::Tentative;
                }
            }
            return;
        }
        let is_refused = nic
            .view
            .inet6
            .iter()
            .any(|held| held.address.is_unicast_link_local() && held.state == Inet6State::Duplicated);
        if is_refused {
            machine.log("Cannot enable an interface with a link-local address marked duplicate.".to_owned());
            return;
        }
        nic.view.is_inet6_disabled = false;
        if nic.view.is_up {
            self.start_inet6(station);
        }
    }

    /// Begins detection for what is tentative.
    fn start_dad(&mut self, station: Station) {
        let now_ms = self.now_ms;
        let machine = &mut self.machines[station.0];
        let end_ms = now_ms + PROBE_MS * machine.dad_count(machine.nic(station.1).place);
        let nic = machine.nic_mut(station.1);
        if !nic.view.is_up || nic.view.is_inet6_disabled {
            return;
        }
        for held in nic.view.inet6.iter().filter(|held| held.state == Inet6State::Tentative) {
            nic.dad_ends_ms.entry(held.address).or_insert(end_ms);
        }
    }

    /// When detection ends next, anywhere.
    pub(super) fn next_dad_end(&self) -> Option<u64> {
        let nics = self.machines.iter().flat_map(|machine| machine.nics.values());
        nics.flat_map(|nic| nic.dad_ends_ms.values()).min().copied()
    }

    /// Ends the detections whose time is over; those that end together see each other.
    pub(super) fn end_dad(&mut self) {
        let mut ended = Vec::new();
        for (at, machine) in self.machines.iter().enumerate() {
            for (id, nic) in &machine.nics {
                let over = nic.dad_ends_ms.iter().filter(|(_, end_ms)| **end_ms <= self.now_ms);
                for (address, _) in over {
                    ended.push(((at, *id), *address, self.other_owner((at, *id), *address)));
                }
            }
        }
        for (station, address, other) in ended {
            let machine = &mut self.machines[station.0];
            machine.nic_mut(station.1).dad_ends_ms.remove(&address);
            match other {
                None => machine.set_state(station.1, address, Inet6State::Ready),
                Some(is_ready) => machine.fail_dad(station.1, address, is_ready),
            }
        }
    }

    /// Whether somebody else on the link has an address, and if so whether its owner uses it already.
    fn other_owner(&self, station: Station, address: Ipv6Addr) -> Option<bool> {
        let hearers = self.hearers(station);
        let states = hearers.into_iter().filter_map(|(at, id)| {
            let view = &self.machines[at].nic(id).view;
            let held = view.inet6.iter().find(|held| held.address == address)?;
            match held.state {
                Inet6State::Ready if !view.is_inet6_disabled => Some(true),
                Inet6State::Tentative if !view.is_inet6_disabled => Some(false),
                Inet6State::Ready | Inet6State::Tentative | Inet6State::Duplicated => None,
            }
        });
        states.max()
    }
}

impl Nic {
    /// True if it answers for an address.
    pub(super) fn uses_inet6(&self, address: Ipv6Addr) -> bool {
        let is_it = |held: &Inet6| held.address == address && held.state == Inet6State::Ready;
        !self.view.is_inet6_disabled && self.view.inet6.iter().any(is_it)
    }

    /// A usable address of its own in the prefix of another.
    pub(super) fn source_inet6(&self, to: Ipv6Addr) -> Option<Ipv6Addr> {
        let fits = |held: &&Inet6| {
            held.state == Inet6State::Ready && is_in_prefix(to.into(), held.address.into(), held.length)
        };
        let held = self.view.inet6.iter().find(fits).filter(|_| !self.view.is_inet6_disabled)?;
        Some(held.address)
    }
}

impl Machine {
    pub(super) fn remove_inet6(&mut self, id: NicId, address: Ipv6Addr) -> Result<(), Errno> {
        let nic = self.nic_mut(id);
        let before = nic.view.inet6.len();
        nic.view.inet6.retain(|held| held.address != address);
        nic.dad_ends_ms.remove(&address);
        if nic.view.inet6.len() == before {
            return Err(Errno::NoAddress);
        }
        self.drop_stale_routes();
        Ok(())
    }

    /// A loopback that is up has its two IPv6 addresses; the IPv4 one somebody has to set.
    pub(super) fn set_up_loopback(&mut self, id: NicId) {
        let view = &mut self.nic_mut(id).view;
        if view.driver == Driver::Loopback && view.inet6.is_empty() {
            for (address, length) in [
                (Ipv6Addr::LOCALHOST, LOCALHOST_BITS),
                (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1), LINKLOCAL_BITS),
            ] {
                view.inet6.push(Inet6 { address, length, state: Inet6State::Ready });
            }
        }
    }

    fn set_state(&mut self, id: NicId, address: Ipv6Addr, state: Inet6State) {
        let held = self.nic_mut(id).view.inet6.iter_mut().find(|held| held.address == address);
        held.expect("detection runs for addresses that are there").state = state;
    }

    /// What nd6_dad_duplicated() does and logs: an owner answers with an advertisement, a rival's probe is heard.
    fn fail_dad(&mut self, id: NicId, address: Ipv6Addr, is_answered: bool) {
        self.set_state(id, address, Inet6State::Duplicated);
        let view = &self.nic(id).view;
        let (name, mac) = (view.name.clone(), view.mac);
        let shown = embedded_scope(address, view.index);
        let (heard, answers) = if is_answered { (0, 1) } else { (1, 0) };
        // From 10.4 on probes that came back are counted too.
        let counts = if self.release < Release::new(10, 4) {
            format!("NS in/out={heard}/1, NA in={answers}")
        } else {
            format!("NS in/out/loopback={heard}/1/0, NA in={answers}")
        };
        self.log(format!("{name}: DAD detected duplicate IPv6 address {shown}: {counts}"));
        self.log(format!("{name}: DAD complete for {shown} - duplicate found"));
        self.log(format!("{name}: manual intervention required"));
        if mac.is_some_and(|mac| mac.link_local() == address) {
            let line = format!("{name}: possible hardware address duplication detected, disable IPv6");
            self.log(line);
            self.nic_mut(id).view.is_inet6_disabled = true;
        }
    }
}

/// A link-local address as the kernel keeps it: with the interface's index in its second group.
fn embedded_scope(address: Ipv6Addr, index: u32) -> Ipv6Addr {
    if !address.is_unicast_link_local() {
        return address;
    }
    let mut groups = address.segments();
    groups[1] = u16::try_from(index).unwrap_or_default();
    Ipv6Addr::from(groups)
}
