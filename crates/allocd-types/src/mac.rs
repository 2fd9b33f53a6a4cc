//! MAC addresses, what a lease holds of them, blocks of them, and who else on a network makes some up.

mod block;
mod generator;

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

pub use block::{BLOCK_PREFIX_BITS_MAX, BLOCK_PREFIX_BITS_MIN, MacBlock};
pub use generator::Generator;

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

    /// The other address of the aligned pair that it is in.
    #[must_use]
    pub const fn beside(self) -> Self {
        Self::from_bits(self.bits() ^ 1)
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
    fn the_addresses_of_a_pair_are_beside_each_other() {
        let (even, odd) = (mac("12:34:56:00:00:0c"), mac("12:34:56:00:00:0d"));
        assert_eq!((even.beside(), odd.beside()), (odd, even));
    }

    #[test]
    fn a_distinct_mac_gives_the_kernels_link_local_address() {
        assert_eq!(mac("12:34:56:78:9a:bc").link_local().to_string(), "fe80::1034:56ff:fe78:9abc");
    }
}
