//! IP prefixes and ranges: the arithmetic of subnets that allocation and rendering share.
//!
//! An address is `std::net::IpAddr`; prefix arithmetic is ipnetwork's. What is ours: a prefix has no host bits, a range stays
//! in one family, and which addresses of a prefix no host may have.

use std::cmp::Ordering;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnetwork::IpNetwork;

/// One of the two families of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    /// The family of an address.
    #[must_use]
    pub const fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::V4,
            IpAddr::V6(_) => Self::V6,
        }
    }

    /// The address of this family with the given number; for IPv4 the lower 32 bits count.
    #[must_use]
    pub fn address(self, bits: u128) -> IpAddr {
        match self {
            Self::V4 => {
                let low = bits & u128::from(u32::MAX);
                IpAddr::V4(Ipv4Addr::from_bits(u32::try_from(low).expect("32 bits fit")))
            }
            Self::V6 => IpAddr::V6(Ipv6Addr::from_bits(bits)),
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        })
    }
}

/// The number of an address within its family.
#[must_use]
pub fn address_bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

/// Why a text is no prefix or range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not an address, a slash and a prefix length.
    #[error("{text:?} is no prefix: an address, a slash and a length, such as 192.168.48.0/22")]
    MalformedPrefix {
        /// What was given.
        text: String,
    },
    /// Bits below the prefix are set.
    #[error("{text} has host bits set; the prefix is {prefix}")]
    HostBits {
        /// What was given.
        text: String,
        /// The same without them.
        prefix: String,
    },
    /// Not two addresses with a hyphen between.
    #[error(
        "{text:?} is no range: one address, or two with a hyphen between, such as 192.168.48.10-192.168.48.99"
    )]
    MalformedRange {
        /// What was given.
        text: String,
    },
    /// The range's ends are of different families, or the last comes before the first.
    #[error("a range cannot go from {first} to {last}")]
    ReversedRange {
        /// The first address.
        first: IpAddr,
        /// The last address.
        last: IpAddr,
    },
}

/// A prefix of addresses without host bits, such as `192.168.48.0/22`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Prefix(IpNetwork);

impl Prefix {
    /// Makes a prefix.
    ///
    /// # Errors
    /// [`AddressError`] if the length is beyond the family's, or host bits are set.
    pub fn new(address: IpAddr, length: u8) -> Result<Self, AddressError> {
        let text = format!("{address}/{length}");
        let Ok(net) = IpNetwork::new(address, length) else {
            return Err(AddressError::MalformedPrefix { text });
        };
        if net.network() != address {
            return Err(AddressError::HostBits { text, prefix: format!("{}/{length}", net.network()) });
        }
        Ok(Self(net))
    }

    /// The first address.
    #[must_use]
    pub fn first(self) -> IpAddr {
        self.0.network()
    }

    /// The last address.
    #[must_use]
    pub fn last(self) -> IpAddr {
        self.0.broadcast()
    }

    /// The length, in bits.
    #[must_use]
    pub fn length(self) -> u8 {
        self.0.prefix()
    }

    /// The family.
    #[must_use]
    pub fn family(self) -> Family {
        Family::of(self.first())
    }

    /// True if the address lies in the prefix.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        self.0.contains(address)
    }

    /// True if the prefixes share an address.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.contains(other.first()) || other.contains(self.first())
    }

    /// The whole prefix as a range.
    #[must_use]
    pub fn range(self) -> AddressRange {
        AddressRange { first: self.first(), last: self.last() }
    }

    /// The IPv4 network and broadcast addresses (not of a /31 or /32: RFC 3021), or the IPv6 subnet-router anycast address
    /// (RFC 4291 section 2.6.1; not of a /127 or /128: RFC 6164): no host may have them.
    pub fn never_a_host(self) -> impl Iterator<Item = (IpAddr, NotAHost)> {
        let (first, last) = match self.family() {
            Family::V4 if self.length() < 31 => {
                (Some((self.first(), NotAHost::Network)), Some((self.last(), NotAHost::Broadcast)))
            }
            Family::V6 if self.length() < 127 => (Some((self.first(), NotAHost::SubnetRouterAnycast)), None),
            Family::V4 | Family::V6 => (None, None),
        };
        first.into_iter().chain(last)
    }
}

/// Why an address of a subnet can belong to no host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NotAHost {
    /// The IPv4 network address.
    Network,
    /// The IPv4 broadcast address.
    Broadcast,
    /// The IPv6 subnet-router anycast address.
    SubnetRouterAnycast,
    /// The subnet's gateway.
    Gateway,
}

impl fmt::Display for NotAHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Network => "the subnet's network address",
            Self::Broadcast => "the subnet's broadcast address",
            Self::SubnetRouterAnycast => "the subnet's router anycast address",
            Self::Gateway => "the subnet's gateway",
        })
    }
}

impl Ord for Prefix {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.first(), self.length()).cmp(&(other.first(), other.length()))
    }
}

impl PartialOrd for Prefix {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl FromStr for Prefix {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let malformed = || AddressError::MalformedPrefix { text: text.chars().take(64).collect() };
        let (address, length) = text.split_once('/').ok_or_else(malformed)?;
        Self::new(address.parse().map_err(|_| malformed())?, length.parse().map_err(|_| malformed())?)
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/{}", self.first(), self.length()))
    }
}

impl fmt::Debug for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// All addresses from a first to a last one, both included.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressRange {
    first: IpAddr,
    last: IpAddr,
}

impl AddressRange {
    /// Makes a range.
    ///
    /// # Errors
    /// [`AddressError::ReversedRange`] if the last address comes before the first or is of another family.
    pub fn new(first: IpAddr, last: IpAddr) -> Result<Self, AddressError> {
        if Family::of(first) != Family::of(last) || last < first {
            return Err(AddressError::ReversedRange { first, last });
        }
        Ok(Self { first, last })
    }

    /// The range of one address.
    #[must_use]
    pub const fn single(address: IpAddr) -> Self {
        Self { first: address, last: address }
    }

    /// The first address.
    #[must_use]
    pub const fn first(self) -> IpAddr {
        self.first
    }

    /// The last address.
    #[must_use]
    pub const fn last(self) -> IpAddr {
        self.last
    }

    /// The family of all of them.
    #[must_use]
    pub const fn family(self) -> Family {
        Family::of(self.first)
    }

    /// True if the address lies in the range.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        Family::of(address) == self.family() && self.first <= address && address <= self.last
    }

    /// True if the ranges share an address.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.family() == other.family() && self.first <= other.last && other.first <= self.last
    }
}

impl FromStr for AddressRange {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let malformed = || AddressError::MalformedRange { text: text.chars().take(96).collect() };
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        Self::new(
            first.trim().parse().map_err(|_| malformed())?,
            last.trim().parse().map_err(|_| malformed())?,
        )
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            f.pad(&self.first.to_string())
        } else {
            f.pad(&format!("{}-{}", self.first, self.last))
        }
    }
}

impl fmt::Debug for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_has_no_host_bits() {
        assert_eq!("192.168.48.0/22".parse::<Prefix>().unwrap().last().to_string(), "192.168.51.255");
        let error = "192.168.48.1/22".parse::<Prefix>().unwrap_err().to_string();
        assert_eq!(error, "192.168.48.1/22 has host bits set; the prefix is 192.168.48.0/22");
        for bad in ["", "192.168.48.0", "192.168.48.0/33", "fd00::/129", "x/8", "1.2.3.4/+8 "] {
            assert!(bad.parse::<Prefix>().is_err(), "{bad}");
        }
    }

    #[test]
    fn small_prefixes_have_no_special_addresses() {
        let count = |text: &str| text.parse::<Prefix>().unwrap().never_a_host().count();
        assert_eq!(count("192.168.48.0/22"), 2);
        assert_eq!(count("192.168.48.0/31"), 0);
        assert_eq!(count("192.168.48.0/32"), 0);
        assert_eq!(count("fd00::/64"), 1);
        assert_eq!(count("fd00::/127"), 0);
        assert_eq!(count("fd00::/128"), 0);
    }

    #[test]
    fn overlap_is_seen_both_ways_and_never_between_families() {
        let prefix = |text: &str| text.parse::<Prefix>().unwrap();
        assert!(prefix("10.0.0.0/8").overlaps(prefix("10.1.0.0/16")));
        assert!(prefix("10.1.0.0/16").overlaps(prefix("10.0.0.0/8")));
        assert!(!prefix("10.1.0.0/16").overlaps(prefix("10.2.0.0/16")));
        assert!(!prefix("0.0.0.0/0").overlaps(prefix("::/0")));
    }

    #[test]
    fn a_range_stays_in_its_family_and_order() {
        assert!("10.0.0.9-10.0.0.1".parse::<AddressRange>().is_err());
        assert!("10.0.0.9-fd00::1".parse::<AddressRange>().is_err());
        assert_eq!("10.0.0.9".parse::<AddressRange>().unwrap().to_string(), "10.0.0.9");
        assert!("10.0.0.1-10.0.0.9".parse::<AddressRange>().unwrap().contains("10.0.0.9".parse().unwrap()));
    }

    #[test]
    fn bits_and_address_round_trip() {
        for text in ["192.168.48.1", "fd00::5"] {
            let address: IpAddr = text.parse().unwrap();
            assert_eq!(Family::of(address).address(address_bits(address)), address);
        }
    }
}
