//! Who else makes up MAC addresses, and by which pattern.
//!
//! The patterns overlap, and an address says nothing of its maker for certain: one that looks like several is all of them. From
//! FreeBSD's if_epair.c, if_bridge.c, if_tuntap.c, if_ethersubr.c and ieee_oui.h, from jib, bastille and iocage, and from
//! the common hypervisors.

use std::fmt;

use super::Mac;

/// First octets that no pool may hold, and who generates there.
pub(super) const RESERVED: [(&[u8], &str); 7] = [
    (&[0x02], "FreeBSD's epair(4) up to release 14, if_bridge(4), iocage or docker"),
    (&[0x52], "QEMU"),
    (&[0xfe], "libvirt"),
    (&[0x58, 0x9c, 0xfc], "FreeBSD's ether_gen_addr(9) or bhyve"),
    (&[0x00, 0xa0, 0x98], "bhyve"),
    (&[0x00, 0xbd], "FreeBSD's tap(4) up to release 11"),
    (&[0x0a, 0x00, 0x27], "VirtualBox"),
];

/// Somebody who makes up MAC addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Generator {
    /// Not the address of an interface at all: a group of them.
    Multicast,
    /// The address that hosts with VRRP or CARP share.
    Vrrp,
    /// epair(4) up to FreeBSD 11: two octets of nothing, and the interface's index.
    EpairByIndex,
    /// epair(4) of FreeBSD 12 to 14: a hash of hostid and a counter.
    EpairByHash,
    /// ether_gen_addr(9), by a hash of hostuuid and name: epair(4) from FreeBSD 15 on, tap(4), vxlan(4) and ng_eiface(4) from 12 on,
    /// newer if_bridge(4).
    EtherGenAddr,
    /// Something else with an address of FreeBSD's own block.
    FreeBsdBlock,
    /// if_bridge(4) up to FreeBSD 12: the hostid and the unit.
    Bridge,
    /// tap(4) up to FreeBSD 11.
    Tap,
    /// bhyve, for its guests.
    Bhyve,
    /// FreeBSD's jib script: three octets are those of the uplink.
    Jib,
    /// bastille.
    Bastille,
    /// iocage, with its default prefix.
    Iocage,
    /// QEMU, for its guests.
    Qemu,
    /// libvirt, for the host's side of a guest's cable.
    Libvirt,
    /// VirtualBox.
    VirtualBox,
    /// docker.
    Docker,
    /// VMware.
    VmWare,
    /// Xen.
    Xen,
    /// Hyper-V.
    HyperV,
}

/// The patterns, the more telling ones first: a generator, the bits that it sets, and which bits these are.
const PATTERNS: [(Generator, u64, u64); 23] = [
    (Generator::Vrrp, 0x0000_5e00_0100, 0xffff_ffff_ff00),
    (Generator::Vrrp, 0x0000_5e00_0200, 0xffff_ffff_ff00),
    (Generator::EtherGenAddr, 0x589c_fc10_0000, 0xffff_ffff_0000),
    (Generator::EtherGenAddr, 0x589c_fc00_0000, 0xffff_ffff_0000),
    (Generator::Bhyve, 0x589c_fc00_0000, 0xffff_fff0_0000),
    (Generator::Bastille, 0x589c_fc00_000a, 0xffff_ff00_000f),
    (Generator::Bastille, 0x589c_fc00_000b, 0xffff_ff00_000f),
    (Generator::FreeBsdBlock, 0x589c_fc00_0000, 0xffff_ff00_0000),
    (Generator::Iocage, 0x02ff_6000_0000, 0xffff_ff00_0000),
    (Generator::Bhyve, 0x00a0_9800_0000, 0xffff_ff00_0000),
    (Generator::Qemu, 0x5254_0000_0000, 0xffff_ff00_0000),
    (Generator::VirtualBox, 0x0800_2700_0000, 0xffff_ff00_0000),
    (Generator::VirtualBox, 0x0a00_2700_0000, 0xffff_ff00_0000),
    (Generator::VmWare, 0x0050_5600_0000, 0xffff_ff00_0000),
    (Generator::Xen, 0x0016_3e00_0000, 0xffff_ff00_0000),
    (Generator::HyperV, 0x0015_5d00_0000, 0xffff_ff00_0000),
    (Generator::EpairByIndex, 0x0200_0000_000a, 0xff00_00ff_00fe),
    (Generator::Docker, 0x0242_0000_0000, 0xffff_0000_0000),
    (Generator::Tap, 0x00bd_0000_0000, 0xffff_0000_0000),
    (Generator::EpairByHash, 0x0200_0000_000a, 0xff00_0000_00fe),
    // The last octet is the unit, and few hosts have 64 bridges.
    (Generator::Bridge, 0x0200_0000_0000, 0xff00_0000_00c0),
    (Generator::Libvirt, 0xfe00_0000_0000, 0xff00_0000_0000),
    (Generator::Multicast, 0x0100_0000_0000, 0x0100_0000_0000),
];
/// The octets of an uplink that jib copies.
const JIB_COPIED: u64 = 0xff_ffff;

impl Generator {
    /// Everybody whose pattern an address has, the more telling patterns first; nobody for an address that looks assigned.
    ///
    /// `uplinks` are the addresses of the hosts' network cards: jib copies three octets of one, and nothing else tells its
    /// addresses from those of a pool.
    #[must_use]
    pub fn of(mac: Mac, uplinks: &[Mac]) -> Vec<Self> {
        let mut found = Vec::new();
        if is_of_jib(mac, uplinks) {
            found.push(Self::Jib);
        }
        let matching = PATTERNS.iter().filter(|(_, bits, mask)| mac.bits() & mask == *bits);
        for (generator, _, _) in matching {
            if !found.contains(generator) {
                found.push(*generator);
            }
        }
        found
    }

    /// What made the address, in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Multicast => "multicast",
            Self::Vrrp => "VRRP or CARP",
            Self::EpairByIndex => "epair(4) up to FreeBSD 11",
            Self::EpairByHash => "epair(4) of FreeBSD 12 to 14",
            Self::EtherGenAddr => "ether_gen_addr(9), as epair(4) from FreeBSD 15 on",
            Self::FreeBsdBlock => "FreeBSD",
            Self::Bridge => "if_bridge(4) up to FreeBSD 12",
            Self::Tap => "tap(4) up to FreeBSD 11",
            Self::Bhyve => "bhyve",
            Self::Jib => "jib",
            Self::Bastille => "bastille",
            Self::Iocage => "iocage",
            Self::Qemu => "QEMU",
            Self::Libvirt => "libvirt",
            Self::VirtualBox => "VirtualBox",
            Self::Docker => "docker",
            Self::VmWare => "VMware",
            Self::Xen => "Xen",
            Self::HyperV => "Hyper-V",
        }
    }
}

impl fmt::Display for Generator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// jib sets the first octet's low half to 2 or e, to a or 6 beside an uplink that has these itself.
fn is_of_jib(mac: Mac, uplinks: &[Mac]) -> bool {
    let [first, ..] = mac.octets();
    matches!(first & 0x0f, 0x2 | 0x6 | 0xa | 0xe)
        && uplinks
            .iter()
            .any(|uplink| *uplink != mac && uplink.bits() & JIB_COPIED == mac.bits() & JIB_COPIED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::MacBlock;

    fn of(text: &str) -> Vec<Generator> {
        Generator::of(text.parse().unwrap(), &[])
    }

    /// Who is taken for the most likely one.
    fn first(text: &str) -> Option<Generator> {
        of(text).first().copied()
    }

    #[test]
    fn an_address_as_it_is_seen_in_the_field_names_its_maker() {
        for (text, generator) in [
            ("02:ff:50:00:11:0b", Generator::EpairByIndex),
            ("02:ff:e0:00:09:0a", Generator::EpairByIndex),
            ("02:6d:91:7c:e4:0a", Generator::EpairByHash),
            ("58:9c:fc:10:ff:c8", Generator::EtherGenAddr),
            ("58:9c:fc:00:39:10", Generator::EtherGenAddr),
            ("58:9c:fc:05:12:34", Generator::Bhyve),
            ("58:9c:fc:7e:12:3a", Generator::Bastille),
            ("58:9c:fc:20:00:01", Generator::FreeBsdBlock),
            ("02:05:16:ba:17:00", Generator::Bridge),
            ("00:bd:12:34:56:00", Generator::Tap),
            ("00:a0:98:01:02:03", Generator::Bhyve),
            ("02:ff:60:12:34:56", Generator::Iocage),
            ("52:54:00:12:34:56", Generator::Qemu),
            ("08:00:27:12:34:56", Generator::VirtualBox),
            ("0a:00:27:00:00:01", Generator::VirtualBox),
            ("02:42:ac:11:00:82", Generator::Docker),
            ("fe:54:00:12:34:56", Generator::Libvirt),
            ("00:50:56:12:34:56", Generator::VmWare),
            ("00:16:3e:12:34:56", Generator::Xen),
            ("00:15:5d:12:34:56", Generator::HyperV),
            ("00:00:5e:00:01:07", Generator::Vrrp),
            ("00:00:5e:00:02:07", Generator::Vrrp),
            ("33:33:00:00:00:01", Generator::Multicast),
            ("01:00:5e:00:00:01", Generator::Multicast),
            // The hash that forgot the group bit, and made jails that nobody could reach.
            ("75:aa:51:36:0a:71", Generator::Multicast),
        ] {
            assert_eq!(first(text), Some(generator), "{text}");
        }
    }

    #[test]
    fn what_a_card_or_a_pool_has_is_nobodys_pattern() {
        for text in ["12:34:56:00:00:0a", "f2:00:00:00:00:01", "00:1b:21:3a:4f:90", "3c:ec:ef:00:00:0b"] {
            assert_eq!(of(text), [], "{text}");
        }
    }

    #[test]
    fn an_address_that_several_could_have_made_names_them_all() {
        assert_eq!(
            of("58:9c:fc:00:39:1a"),
            [Generator::EtherGenAddr, Generator::Bhyve, Generator::Bastille, Generator::FreeBsdBlock]
        );
        assert_eq!(
            of("02:ff:60:00:09:0b"),
            [Generator::Iocage, Generator::EpairByIndex, Generator::EpairByHash, Generator::Bridge]
        );
    }

    #[test]
    fn jib_is_known_by_the_uplink_that_it_copies() {
        let uplinks = ["00:1b:21:3a:4f:90".parse().unwrap()];
        let of = |text: &str| Generator::of(text.parse().unwrap(), &uplinks);
        assert_eq!(of("02:12:34:3a:4f:90"), [Generator::Jib]);
        assert_eq!(of("1e:12:34:3a:4f:90"), [Generator::Jib]);
        // Another card of the same batch, the uplink itself, and an address of a pool.
        for text in ["00:1b:22:3a:4f:90", "00:1b:21:3a:4f:90", "12:34:56:3a:4f:91"] {
            assert_eq!(of(text), [], "{text}");
        }
    }

    #[test]
    fn no_pool_may_hold_what_somebody_generates() {
        for (generator, bits, _) in PATTERNS {
            let base = Mac::from_bits(bits & !0xff);
            let block = MacBlock::new(base, 40).unwrap();
            assert!(block.check_for_pool().is_err(), "{generator} makes {base}");
        }
    }
}
