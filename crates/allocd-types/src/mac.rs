//! MAC addresses, blocks of them, and who else on a network makes some up.
//!
//! A pool may only hold addresses that no card, kernel or hypervisor generates by itself: unicast, locally administered
//! (IEEE 802c), and outside the closed list of generators below.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

/// Shortest prefix of a block, in bits: a pool is at most 2³² addresses.
pub const BLOCK_PREFIX_BITS_MIN: u8 = 16;
/// Longest prefix of a block, in bits: a block holds at least one aligned pair.
pub const BLOCK_PREFIX_BITS_MAX: u8 = 47;

/// An Ethernet (EUI-48) address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mac([u8; 6]);

/// Why a text is no MAC address, or a MAC address cannot be used for what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MacError {
    /// Not six colon-separated pairs of hexadecimal digits.
    #[error("{text:?} is no MAC address: six pairs of hexadecimal digits with colons between")]
    Malformed {
        /// What was given.
        text: String,
    },
    /// A block's text or length is wrong.
    #[error(
        "{text:?} is no MAC block: a MAC address, a slash and a prefix of 16 to 47 bits, such as 12:34:56:00:00:00/24"
    )]
    MalformedBlock {
        /// What was given.
        text: String,
    },
    /// Bits below the block's prefix are set.
    #[error("{block} has bits set below its prefix; the block is {base}/{prefix_bits}")]
    UnalignedBlock {
        /// What was given.
        block: String,
        /// The block's first address.
        base: Mac,
        /// The prefix as given.
        prefix_bits: u8,
    },
    /// The group bit is set: ARP ignores such senders (`arp: … is multicast`).
    #[error("{mac} is a multicast address: no interface may use it")]
    Multicast {
        /// The address.
        mac: Mac,
    },
    /// All bits zero, which no interface may use.
    #[error("00:00:00:00:00:00 is no address that an interface may use")]
    Zero,
    /// The universally administered half belongs to makers of hardware.
    #[error(
        "{mac} is universally administered: a pool needs the second-lowest bit of the first octet set, such as 12:…"
    )]
    Universal {
        /// The address.
        mac: Mac,
    },
    /// Somebody else generates such addresses.
    #[error(
        "{mac} lies where {generator} generates addresses of its own; choose another block, such as 12:34:56:00:00:00/24"
    )]
    Generated {
        /// The address.
        mac: Mac,
        /// Who generates there.
        generator: &'static str,
    },
    /// Both ends of a cable would have one address.
    #[error("both ends would be {mac}")]
    SameEnds {
        /// The address.
        mac: Mac,
    },
}

impl Mac {
    /// Makes an address of its six octets.
    #[must_use]
    pub const fn new(octets: [u8; 6]) -> Self {
        Self(octets)
    }

    /// Makes an address of the lower 48 bits of a number; the others are ignored.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        let [_, _, a, b, c, d, e, f] = bits.to_be_bytes();
        Self([a, b, c, d, e, f])
    }

    /// The address as a number of 48 bits.
    #[must_use]
    pub const fn bits(self) -> u64 {
        let [a, b, c, d, e, f] = self.0;
        u64::from_be_bytes([0, 0, a, b, c, d, e, f])
    }

    /// The six octets, first on the wire first.
    #[must_use]
    pub const fn octets(self) -> [u8; 6] {
        self.0
    }

    /// True if the group bit is set.
    #[must_use]
    pub const fn is_multicast(self) -> bool {
        self.0[0] & 1 != 0
    }

    /// True if the address is locally administered (IEEE 802c).
    #[must_use]
    pub const fn is_local(self) -> bool {
        self.0[0] & 2 != 0
    }

    /// Checks that an interface may use the address at all; the kernel checks nothing.
    ///
    /// # Errors
    /// [`MacError::Multicast`] or [`MacError::Zero`].
    pub fn check_usable(self) -> Result<(), MacError> {
        if self.is_multicast() {
            return Err(MacError::Multicast { mac: self });
        }
        if self.bits() == 0 {
            return Err(MacError::Zero);
        }
        Ok(())
    }

    /// The link-local IPv6 address the kernel derives from it (modified EUI-64, RFC 4291 appendix A).
    #[must_use]
    pub fn link_local(self) -> Ipv6Addr {
        let [a, b, c, d, e, f] = self.0;
        Ipv6Addr::from([0xfe, 0x80, 0, 0, 0, 0, 0, 0, a ^ 2, b, c, 0xff, 0xfe, d, e, f])
    }
}

impl FromStr for Mac {
    type Err = MacError;

    fn from_str(text: &str) -> Result<Self, MacError> {
        let malformed = || MacError::Malformed { text: text.chars().take(64).collect() };
        let mut octets = [0; 6];
        let mut parts = text.split(':');
        for octet in &mut octets {
            let part = parts.next().ok_or_else(malformed)?;
            if part.is_empty() || part.len() > 2 || !part.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(malformed());
            }
            *octet = u8::from_str_radix(part, 16).map_err(|_| malformed())?;
        }
        if parts.next().is_some() {
            return Err(malformed());
        }
        Ok(Self(octets))
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        f.pad(&format!("{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}"))
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The MAC addresses that a lease holds: none, one, or those of both ends of a cable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Macs {
    /// The interface has none (`tun`, `address`).
    None,
    /// One interface (`tap`, `ngeth`).
    Single(Mac),
    /// The end on the host's bridge and the end in the jail (`epair`).
    Pair {
        /// The host's end.
        a: Mac,
        /// The jail's end.
        b: Mac,
    },
}

impl Macs {
    /// Makes a pair of two distinct usable addresses.
    ///
    /// # Errors
    /// [`MacError`] says which end no interface may use, or that both are the same.
    pub fn pair(a: Mac, b: Mac) -> Result<Self, MacError> {
        a.check_usable()?;
        b.check_usable()?;
        if a == b {
            return Err(MacError::SameEnds { mac: a });
        }
        Ok(Self::Pair { a, b })
    }

    /// The host's end, or the only one.
    #[must_use]
    pub const fn a(self) -> Option<Mac> {
        match self {
            Self::None => None,
            Self::Single(mac) | Self::Pair { a: mac, .. } => Some(mac),
        }
    }

    /// The jail's end of a cable.
    #[must_use]
    pub const fn b(self) -> Option<Mac> {
        match self {
            Self::None | Self::Single(_) => None,
            Self::Pair { b, .. } => Some(b),
        }
    }

    /// All of them.
    pub fn iter(self) -> impl Iterator<Item = Mac> {
        self.a().into_iter().chain(self.b())
    }
}

/// A block of MAC addresses under one prefix, such as `12:34:56:00:00:00/24`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MacBlock {
    base: Mac,
    prefix_bits: u8,
}

/// Who else generates MAC addresses: first octets, and their name. From FreeBSD's if_epair, if_bridge, if_tuntap and
/// ieee_oui.h, and the common hypervisors.
const GENERATORS: [(&[u8], &str); 7] = [
    (&[0x02], "FreeBSD's epair(4) up to release 14, if_bridge(4), iocage or docker"),
    (&[0x52], "QEMU"),
    (&[0xfe], "libvirt"),
    (&[0x58, 0x9c, 0xfc], "FreeBSD's ether_gen_addr(9) or bhyve"),
    (&[0x00, 0xa0, 0x98], "bhyve"),
    (&[0x00, 0xbd], "FreeBSD's tap(4) up to release 11"),
    (&[0x0a, 0x00, 0x27], "VirtualBox"),
];

impl MacBlock {
    /// Makes a block.
    ///
    /// # Errors
    /// [`MacError::MalformedBlock`] if the prefix is not 16 to 47 bits long, [`MacError::UnalignedBlock`] if bits below it are set.
    pub fn new(base: Mac, prefix_bits: u8) -> Result<Self, MacError> {
        let text = format!("{base}/{prefix_bits}");
        if !(BLOCK_PREFIX_BITS_MIN..=BLOCK_PREFIX_BITS_MAX).contains(&prefix_bits) {
            return Err(MacError::MalformedBlock { text });
        }
        let mask = (1_u64 << (48 - prefix_bits)) - 1;
        if base.bits() & mask != 0 {
            return Err(MacError::UnalignedBlock {
                block: text,
                base: Mac::from_bits(base.bits() & !mask),
                prefix_bits,
            });
        }
        Ok(Self { base, prefix_bits })
    }

    /// The block's first address.
    #[must_use]
    pub const fn first(self) -> Mac {
        self.base
    }

    /// The block's last address.
    #[must_use]
    pub const fn last(self) -> Mac {
        Mac::from_bits(self.base.bits() | ((1_u64 << (48 - self.prefix_bits)) - 1))
    }

    /// The length of the prefix, in bits.
    #[must_use]
    pub const fn prefix_bits(self) -> u8 {
        self.prefix_bits
    }

    /// True if the address lies in the block.
    #[must_use]
    pub fn contains(self, mac: Mac) -> bool {
        self.first() <= mac && mac <= self.last()
    }

    /// True if the blocks share an address.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.first() <= other.last() && other.first() <= self.last()
    }

    /// Checks that a pool may hand the block out.
    ///
    /// # Errors
    /// [`MacError`] says whose addresses these are.
    pub fn check_for_pool(self) -> Result<(), MacError> {
        self.base.check_usable()?;
        for (octets, generator) in GENERATORS {
            let mut first = [0; 6];
            first[..octets.len()].copy_from_slice(octets);
            let bits = u8::try_from(octets.len() * 8).expect("a generator has at most six octets");
            let mask = (1_u64 << (48 - bits)) - 1;
            let (low, high) = (Mac::new(first), Mac::from_bits(Mac::new(first).bits() | mask));
            if self.first() <= high && low <= self.last() {
                return Err(MacError::Generated { mac: self.first().max(low), generator });
            }
        }
        if !self.base.is_local() {
            return Err(MacError::Universal { mac: self.base });
        }
        Ok(())
    }

    /// A remark about a block that may be used but might surprise, or nothing.
    ///
    /// FreeBSD's jib derives first octets that end in 2, 6, a or e from a hash of the jail's name; only the default low nibble
    /// 2 outside nic 0 and our own random choice keep clear of most of them.
    #[must_use]
    pub fn remark(self) -> Option<String> {
        let first = self.base.octets()[0];
        (matches!(first & 0x0f, 0x06 | 0x0a | 0x0e)).then(|| {
            format!("{self}: FreeBSD's jib script derives addresses that begin so, and IEEE 802c keeps low nibbles 6, a and e for others; 2 is free")
        })
    }
}

impl FromStr for MacBlock {
    type Err = MacError;

    fn from_str(text: &str) -> Result<Self, MacError> {
        let malformed = || MacError::MalformedBlock { text: text.chars().take(64).collect() };
        let (base, bits) = text.split_once('/').ok_or_else(malformed)?;
        Self::new(base.parse().map_err(|_| malformed())?, bits.parse().map_err(|_| malformed())?)
    }
}

impl fmt::Display for MacBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/{}", self.base, self.prefix_bits))
    }
}

impl fmt::Debug for MacBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mac(text: &str) -> Mac {
        text.parse().unwrap()
    }

    #[test]
    fn text_and_number_round_trip() {
        for text in ["02:03:44:30:20:0a", "00:00:00:00:00:01", "fe:ff:ff:ff:ff:ff"] {
            assert_eq!(mac(text).to_string(), text);
            assert_eq!(Mac::from_bits(mac(text).bits()), mac(text));
        }
        assert_eq!(mac("2:3:44:30:20:A").to_string(), "02:03:44:30:20:0a");
        for bad in [
            "",
            "02",
            "02:03:44:30:20",
            "02:03:44:30:20:0a:0b",
            "02:03:44:30:20:zz",
            "02:03:44:30:20:+a",
            "02-03-44-30-20-0a",
        ] {
            assert!(bad.parse::<Mac>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_distinct_mac_gives_the_kernels_link_local_address() {
        assert_eq!(mac("12:34:56:78:9a:bc").link_local().to_string(), "fe80::1034:56ff:fe78:9abc");
    }

    #[test]
    fn a_pool_keeps_clear_of_everybody_elses_generator() {
        for bad in [
            "02:00:00:00:00:00/24",
            "52:54:00:00:00:00/24",
            "fe:00:00:00:00:00/16",
            "58:9c:fc:00:00:00/24",
            "58:9c:00:00:00:00/16",
            "00:a0:98:00:00:00/24",
            "00:bd:00:00:00:00/16",
            "0a:00:27:00:00:00/24",
            "0a:00:00:00:00:00/16",
            "01:00:5e:00:00:00/24",
            "00:50:56:00:00:00/24",
            "00:00:00:00:00:00/24",
        ] {
            let block: MacBlock = bad.parse().unwrap();
            assert!(block.check_for_pool().is_err(), "{bad}");
        }
        for good in
            ["12:34:56:00:00:00/24", "0a:00:28:00:00:00/24", "f2:00:00:00:00:00/16", "12:34:56:78:9a:00/47"]
        {
            assert_eq!(good.parse::<MacBlock>().unwrap().check_for_pool(), Ok(()), "{good}");
        }
    }

    #[test]
    fn a_block_is_aligned_and_bounded() {
        assert!("12:34:56:00:00:01/24".parse::<MacBlock>().is_err());
        assert!("12:34:56:00:00:00/48".parse::<MacBlock>().is_err());
        assert!("12:34:56:00:00:00/8".parse::<MacBlock>().is_err());
        let block: MacBlock = "12:34:56:00:00:00/24".parse().unwrap();
        assert_eq!(block.last(), mac("12:34:56:ff:ff:ff"));
        assert!(block.contains(mac("12:34:56:01:02:03")) && !block.contains(mac("12:34:57:00:00:00")));
    }
}
