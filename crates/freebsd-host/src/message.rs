//! What the kernel says when an address is on the wire twice.
//!
//! It says so in words only, in its message buffer (dmesg(8)) and, by way of syslogd(8), in /var/log/messages; an interface is
//! named and a jail is not, since all vnets write to one buffer. The formats are those of sys/netinet6/nd6_nbr.c,
//! sys/netinet/if_ether.c and sys/net/if_bridge.c from 9.3 to 15; a line with anything else in it is none of ours.
//!
//! Whoever can write into the log can make such a line, and whoever is on the wire can make the kernel write one. It is evidence
//! to look at, and nothing to act upon by itself.

mod line;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use allocd_types::mac::Mac;
use allocd_types::name::{INTERFACE_NAME_BYTES_MAX, InterfaceName};

use crate::seen::Seen;

/// A message about an address that is on the wire twice, or that looks so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KernelMessage {
    /// Duplicate address detection found another host with the address, which it says in two lines. The MAC of that host is not
    /// told.
    DadDuplicate {
        /// Where.
        interface: Seen<InterfaceName>,
        /// The address, without its scope.
        address: Ipv6Addr,
    },
    /// Duplicate address detection got its own question back. The segment has a loop; nobody else has the address.
    DadLoop {
        /// Where.
        interface: Seen<InterfaceName>,
        /// The address, without its scope.
        address: Ipv6Addr,
    },
    /// The duplicate is the address that is made of the MAC, so the MAC is there twice; the kernel switched IPv6 off.
    HardwareDuplicate {
        /// Where.
        interface: Seen<InterfaceName>,
    },
    /// Another host says that an address of ours is its own.
    ArpUsesMyAddress {
        /// The other host's.
        mac: Mac,
        /// Ours.
        address: Ipv4Addr,
        /// Where.
        interface: Seen<InterfaceName>,
    },
    /// A third host's address has another MAC than before: it has moved, or two have it.
    ArpMoved {
        /// The address.
        address: Ipv4Addr,
        /// Its MAC before.
        from: Mac,
        /// Its MAC now.
        to: Mac,
        /// Where.
        interface: Seen<InterfaceName>,
    },
    /// A host says that an address with a fixed MAC is its own.
    ArpPermanent {
        /// The host's.
        mac: Mac,
        /// The address.
        address: Ipv4Addr,
        /// Where.
        interface: Seen<InterfaceName>,
    },
    /// An address that is on one interface answered on another.
    ArpWrongInterface {
        /// The address.
        address: Ipv4Addr,
        /// Where it is.
        on: Seen<InterfaceName>,
        /// The MAC that answered.
        mac: Mac,
        /// Where it answered.
        interface: Seen<InterfaceName>,
    },
    /// A host's MAC is a multicast address, so ARP does not hear it.
    ArpMulticast {
        /// The MAC.
        mac: Mac,
    },
    /// A bridge saw one MAC behind two members; from 14 on. Two have it, or its host has moved.
    BridgeMacFlap {
        /// The bridge.
        bridge: Seen<InterfaceName>,
        /// The MAC.
        mac: Mac,
        /// Its VLAN.
        vlan: u16,
        /// The member that it was behind before.
        from: Seen<InterfaceName>,
        /// The member that it is behind now.
        to: Seen<InterfaceName>,
    },
}

impl KernelMessage {
    /// Reads one line of dmesg(8) or of /var/log/messages; none if it is about something else.
    #[must_use]
    pub fn read(line: &str) -> Option<Self> {
        let text = line::message(line);
        match text.strip_prefix("arp: ") {
            Some(text) => arp(text),
            None => of_interface(text),
        }
    }

    /// The address that is there twice.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        match self {
            Self::DadDuplicate { address, .. } | Self::DadLoop { address, .. } => Some(IpAddr::V6(*address)),
            Self::ArpUsesMyAddress { address, .. }
            | Self::ArpMoved { address, .. }
            | Self::ArpPermanent { address, .. }
            | Self::ArpWrongInterface { address, .. } => Some(IpAddr::V4(*address)),
            Self::HardwareDuplicate { .. } | Self::ArpMulticast { .. } | Self::BridgeMacFlap { .. } => None,
        }
    }
}

/// What is behind `arp: `.
fn arp(text: &str) -> Option<KernelMessage> {
    if let Some((mac, rest)) = text.split_once(" is using my IP address ") {
        let (address, interface) = rest.strip_suffix('!')?.split_once(" on ")?;
        let (mac, address) = (mac.parse().ok()?, address.parse().ok()?);
        return Some(KernelMessage::ArpUsesMyAddress { mac, address, interface: Seen::new(interface) });
    }
    if let Some((address, rest)) = text.split_once(" moved from ") {
        let (from, rest) = rest.split_once(" to ")?;
        let (to, interface) = rest.split_once(" on ")?;
        let (address, from, to) = (address.parse().ok()?, from.parse().ok()?, to.parse().ok()?);
        return Some(KernelMessage::ArpMoved { address, from, to, interface: Seen::new(interface) });
    }
    if let Some((mac, rest)) = text.split_once(" attempts to modify permanent entry for ") {
        let (address, interface) = rest.split_once(" on ")?;
        let (mac, address) = (mac.parse().ok()?, address.parse().ok()?);
        return Some(KernelMessage::ArpPermanent { mac, address, interface: Seen::new(interface) });
    }
    if let Some((place, rest)) = text.split_once(" but got reply from ") {
        let (address, on) = place.split_once(" is on ")?;
        let (mac, interface) = rest.split_once(" on ")?;
        let (address, on) = (address.parse().ok()?, Seen::new(on));
        let (mac, interface) = (mac.parse().ok()?, Seen::new(interface));
        return Some(KernelMessage::ArpWrongInterface { address, on, mac, interface });
    }
    let mac = text.strip_suffix(" is multicast")?.parse().ok()?;
    Some(KernelMessage::ArpMulticast { mac })
}

/// What begins with the name of an interface and a colon; the name may have a colon of its own.
fn of_interface(text: &str) -> Option<KernelMessage> {
    let (name, text) = text.split_once(": ").filter(|(name, _)| is_name(name))?;
    let interface = Seen::new(name);
    if text == "possible hardware address duplication detected, disable IPv6" {
        return Some(KernelMessage::HardwareDuplicate { interface });
    }
    if let Some(rest) = text.strip_prefix("mac address ") {
        let (mac, rest) = rest.split_once(" vlan ")?;
        let (vlan, rest) = rest.split_once(" moved from ")?;
        let (from, to) = rest.split_once(" to ")?;
        let (mac, vlan) = (mac.parse().ok()?, vlan.parse().ok()?);
        let (from, to) = (Seen::new(from), Seen::new(to));
        return Some(KernelMessage::BridgeMacFlap { bridge: interface, mac, vlan, from, to });
    }
    if let Some(rest) = text.strip_prefix("DAD detected duplicate IPv6 address ") {
        // Up to 10.3 `NS in/out=0/1, NA in=1`, and since then `NS in/out/loopback=0/1/0, NA in=1`: what was counted.
        let (address, _) = rest.split_once(": NS in/out")?;
        return Some(KernelMessage::DadDuplicate { interface, address: without_scope(address)? });
    }
    if let Some(address) = text.strip_prefix("DAD complete for ") {
        let address = without_scope(address.strip_suffix(" - duplicate found")?)?;
        return Some(KernelMessage::DadDuplicate { interface, address });
    }
    let looped = ["a looped back NS message", "DAD completed while a looped back NS message"];
    let rest = looped.into_iter().find_map(|beginning| text.strip_prefix(beginning))?;
    let rest = rest.strip_prefix(" is detected during DAD for ")?;
    let (address, _) = rest.split_once('.')?;
    Some(KernelMessage::DadLoop { interface, address: without_scope(address)? })
}

/// Whether a text can be the name of an interface: what a program wrote after its own header cannot, it is too long.
fn is_name(text: &str) -> bool {
    (1..=INTERFACE_NAME_BYTES_MAX).contains(&text.chars().count())
}

/// Reads an address as the kernel writes it: it keeps the number of the interface in the second group of a link-local address,
/// so `fe80:2::1` is fe80::1 on interface 2 (sys/netinet6/scope6.c).
fn without_scope(text: &str) -> Option<Ipv6Addr> {
    let address: Ipv6Addr = text.parse().ok()?;
    let [first, second, rest @ ..] = address.segments();
    if !address.is_unicast_link_local() || second == 0 {
        return Some(address);
    }
    let [c, d, e, f, g, h] = rest;
    Some(Ipv6Addr::new(first, 0, c, d, e, f, g, h))
}

#[cfg(test)]
mod tests;
