//! Which lease a message of the kernel is about, and how much it proves.
//!
//! | message | counts as |
//! |---|---|
//! | ARP: somebody uses my address | proof; if the MAC is that of another lease of this host, that jail's doing |
//! | DAD: duplicate, and hardware duplicate | a reason to look at the interface, whose flags are the proof |
//! | DAD: looped back | a loop |
//! | a MAC moves on a bridge | a hint; of several at once, a loop |
//! | ARP: an address has moved away from its MAC | a hint |
//!
//! The kernel names an interface and no jail. So a name and an address have to fit one lease, and no other.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use allocd_types::decline::{Evidence, EvidenceSource, LeasePart};
use allocd_types::id::LeaseId;
use allocd_types::lease::Lease;
use allocd_types::mac::Mac;
use allocd_types::name::InterfaceName;
use freebsd_host::Seen;
use freebsd_host::message::KernelMessage;

use super::case::Matter;

/// From how many MACs on that move on one bridge between two looks it is a loop: one station that has another's MAC moves one,
/// and a loop all that send.
const LOOP_MACS_MIN: usize = 3;

/// What was heard of a lease.
pub(super) type Heard = (LeaseId, Matter, Evidence);

/// Judges lines of the kernel by a host's leases.
pub(super) fn judge(lines: &[String], leases: &[&Lease]) -> Vec<Heard> {
    let messages: Vec<(&str, KernelMessage)> =
        lines.iter().filter_map(|line| Some((line.as_str(), KernelMessage::read(line)?))).collect();
    let court = Court { leases, loops: loops(&messages) };
    messages.iter().filter_map(|(line, message)| court.judge(line, message)).collect()
}

struct Court<'a> {
    leases: &'a [&'a Lease],
    /// The bridges behind which there is a loop.
    loops: BTreeSet<&'a str>,
}

/// The bridges that more MACs move on than one station would move.
fn loops<'a>(messages: &'a [(&str, KernelMessage)]) -> BTreeSet<&'a str> {
    let mut moved: BTreeMap<&str, BTreeSet<Mac>> = BTreeMap::new();
    for (_, message) in messages {
        if let KernelMessage::BridgeMacFlap { bridge, mac, .. } = message {
            moved.entry(bridge.as_str()).or_default().insert(*mac);
        }
    }
    moved.retain(|_, macs| macs.len() >= LOOP_MACS_MIN);
    moved.into_keys().collect()
}

impl Court<'_> {
    fn judge(&self, line: &str, message: &KernelMessage) -> Option<Heard> {
        let heard = |lease: &Lease, matter, source, offender| {
            Some((lease.id, matter, Evidence::new(source, line, offender)))
        };
        match message {
            KernelMessage::ArpUsesMyAddress { mac, address, interface } => {
                let lease =
                    self.only(|lease| has_address(lease, *address) && has_interface(lease, interface))?;
                let matter = match self.owner(*mac) {
                    // A frame of its own, from before its MAC was exchanged or by way of a loop.
                    Some(owner) if owner.id == lease.id => return None,
                    Some(owner) => Matter::NextDoor(*address, owner.id),
                    None => Matter::Taken(LeasePart::Address((*address).into())),
                };
                heard(lease, matter, EvidenceSource::Arp, Some(*mac))
            }
            KernelMessage::DadDuplicate { interface, address } => {
                let lease = self.of_inet6(interface, *address)?;
                heard(lease, Matter::Suspected((*address).into()), EvidenceSource::Dad, None)
            }
            KernelMessage::DadLoop { interface, address } => {
                heard(self.of_inet6(interface, *address)?, Matter::Loop, EvidenceSource::Dad, None)
            }
            KernelMessage::HardwareDuplicate { interface } => {
                let lease = self.only(|lease| is_inner(lease, interface))?;
                let address = inner_mac(lease)?.link_local();
                heard(lease, Matter::Suspected(address.into()), EvidenceSource::Dad, None)
            }
            KernelMessage::BridgeMacFlap { bridge, mac, .. } => {
                let is_loop = self.loops.contains(bridge.as_str());
                let matter = if is_loop { Matter::Loop } else { Matter::Elsewhere };
                heard(self.owner(*mac)?, matter, EvidenceSource::MacFlap, None)
            }
            KernelMessage::ArpMoved { address, from, to, .. } => {
                let lease = self.owner(*from).filter(|lease| has_address(lease, *address))?;
                let is_own = lease.macs.iter().any(|mac| mac == *to);
                if is_own { None } else { heard(lease, Matter::Elsewhere, EvidenceSource::Arp, Some(*to)) }
            }
            KernelMessage::ArpPermanent { .. }
            | KernelMessage::ArpWrongInterface { .. }
            | KernelMessage::ArpMulticast { .. } => None,
        }
    }

    /// The only lease for which something holds.
    fn only(&self, holds: impl Fn(&Lease) -> bool) -> Option<&Lease> {
        let mut found = self.leases.iter().filter(|lease| holds(lease));
        let first = found.next()?;
        found.next().is_none().then_some(*first)
    }

    fn owner(&self, mac: Mac) -> Option<&Lease> {
        self.only(|lease| lease.macs.iter().any(|own| own == mac))
    }

    /// A link-local address is made of a MAC, which says whose it is whatever the interface is called.
    fn of_inet6(&self, interface: &Seen<InterfaceName>, address: std::net::Ipv6Addr) -> Option<&Lease> {
        let is_made_of = |lease: &Lease| lease.macs.iter().any(|mac| mac.link_local() == address);
        let is_leased = |lease: &Lease| lease.addresses.iter().any(|leased| leased.address == address);
        self.only(is_made_of)
            .or_else(|| self.only(|lease| is_leased(lease) && has_interface(lease, interface)))
    }
}

fn has_address(lease: &Lease, address: Ipv4Addr) -> bool {
    lease.addresses.iter().any(|leased| leased.address == IpAddr::V4(address))
}

/// True if an interface is the lease's, or the lease has none and its addresses are on whatever the host has.
fn has_interface(lease: &Lease, interface: &Seen<InterfaceName>) -> bool {
    is_inner(lease, interface) || (lease.ifname_a.is_none() && lease.ifname_b.is_none())
}

/// True of the interface that is in the jail: of a cable, the second.
fn is_inner(lease: &Lease, interface: &Seen<InterfaceName>) -> bool {
    lease.ifname_b.as_ref().or(lease.ifname_a.as_ref()).is_some_and(|name| *interface == *name)
}

fn inner_mac(lease: &Lease) -> Option<Mac> {
    lease.macs.b().or_else(|| lease.macs.a())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::lease;

    /// What a host with web01 (epair7) and web02 (epair8) makes of lines.
    fn judged(text: &str) -> Vec<String> {
        let (one, two) = (lease(17, "web01", 7), lease(18, "web02", 8));
        let lines: Vec<String> = text.lines().map(|line| line.trim().to_owned()).collect();
        let heard = judge(&lines, &[&one, &two]);
        heard
            .into_iter()
            .map(|(lease, matter, evidence)| {
                let offender = evidence.offender.map(|mac| format!(" {mac}")).unwrap_or_default();
                format!("{} {matter:?}{offender}", lease.get())
            })
            .collect()
    }

    #[test]
    fn arp_is_believed_of_the_address_and_interface_of_a_lease() {
        let line = "arp: 02:00:00:00:00:99 is using my IP address 10.0.0.7 on epair7b!";
        assert_eq!(judged(line), ["17 Taken(Address(10.0.0.7)) 02:00:00:00:00:99"]);
        for other in [
            "arp: 02:00:00:00:00:99 is using my IP address 10.0.0.7 on epair8b!",
            "arp: 02:00:00:00:00:99 is using my IP address 10.0.0.7 on epair7a!",
            "arp: 02:00:00:00:00:99 is using my IP address 10.0.0.9 on epair7b!",
            // Its own outer end.
            "arp: 12:34:56:00:07:0a is using my IP address 10.0.0.7 on epair7b!",
        ] {
            assert_eq!(judged(other), [""; 0], "{other}");
        }
    }

    #[test]
    fn an_address_that_another_jail_of_the_host_uses_is_that_jails_doing() {
        let line = "arp: 12:34:56:00:08:0b is using my IP address 10.0.0.7 on epair7b!";
        assert_eq!(judged(line), ["17 NextDoor(10.0.0.7, LeaseId(18)) 12:34:56:00:08:0b"]);
    }

    #[test]
    fn duplicate_detection_is_a_reason_to_look() {
        let lines = "epair7b: DAD detected duplicate IPv6 address fd00::7: NS in/out/loopback=0/1/0, NA in=1
            epair7b: DAD complete for fe80:2::1034:56ff:fe00:70b - duplicate found
            epair8b: possible hardware address duplication detected, disable IPv6
            epair8b: DAD complete for fd00::7 - duplicate found";
        assert_eq!(
            judged(lines),
            [
                "17 Suspected(fd00::7)",
                "17 Suspected(fe80::1034:56ff:fe00:70b)",
                "18 Suspected(fe80::1034:56ff:fe00:80b)"
            ]
        );
    }

    #[test]
    fn a_link_local_address_says_whose_it_is_whatever_the_interface_is_called() {
        let line = "net0: DAD complete for fe80:5::1034:56ff:fe00:80b - duplicate found";
        assert_eq!(judged(line), ["18 Suspected(fe80::1034:56ff:fe00:80b)"]);
    }

    #[test]
    fn one_mac_that_moves_is_a_hint_and_many_are_a_loop() {
        let one = "vswitch0: mac address 12:34:56:00:07:0b vlan 1 moved from epair7a to em0
            vswitch0: mac address 12:34:56:00:07:0b vlan 1 moved from em0 to epair7a";
        assert_eq!(judged(one), ["17 Elsewhere", "17 Elsewhere"]);
        let many = format!(
            "{one}\nvswitch0: mac address 12:34:56:00:08:0b vlan 1 moved from epair8a to em0
            vswitch0: mac address 00:25:90:00:00:01 vlan 1 moved from em0 to epair8a"
        );
        assert_eq!(judged(&many), ["17 Loop", "17 Loop", "18 Loop"]);
        let elsewhere = many.replace("vswitch0: mac address 00", "lan: mac address 00");
        assert_eq!(judged(&elsewhere)[2], "18 Elsewhere", "each bridge for itself");
    }

    #[test]
    fn a_question_that_comes_back_is_a_loop() {
        let line = "epair7b: a looped back NS message is detected during DAD for fd00::7.  Another DAD probes are being sent.";
        assert_eq!(judged(line), ["17 Loop"]);
    }

    #[test]
    fn what_others_see_of_an_address_is_a_hint() {
        let line = "arp: 10.0.0.7 moved from 12:34:56:00:07:0b to 02:00:00:00:00:99 on vswitch0";
        assert_eq!(judged(line), ["17 Elsewhere 02:00:00:00:00:99"]);
        let back = "arp: 10.0.0.7 moved from 02:00:00:00:00:99 to 12:34:56:00:07:0b on vswitch0";
        assert_eq!(judged(back), [""; 0]);
    }

    #[test]
    fn of_two_leases_that_fit_none_is_meant() {
        let (one, mut two) = (lease(17, "web01", 7), lease(18, "web02", 8));
        two.ifname_b.clone_from(&one.ifname_b);
        two.addresses.clone_from(&one.addresses);
        let line = "arp: 02:00:00:00:00:99 is using my IP address 10.0.0.7 on epair7b!".to_owned();
        assert_eq!(judge(std::slice::from_ref(&line), &[&one, &two]), []);
        assert_eq!(judge(&[line], &[&one]).len(), 1);
    }
}
