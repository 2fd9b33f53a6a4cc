//! Routes and ARP entries, as far as a jail has them.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use allocd_types::mac::Mac;

/// Where a route leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// Everywhere, by IPv4.
    DefaultInet,
    /// Everywhere, by IPv6.
    DefaultInet6,
    /// A prefix: its first address and its length in bits.
    Prefix(IpAddr, u8),
}

/// The next router: an address, and the interface of a link-local one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gateway {
    /// The address.
    pub address: IpAddr,
    /// The interface that a link-local address needs.
    pub scope: Option<String>,
}

/// A route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Where it leads to.
    pub destination: Destination,
    /// By way of what; none for what is on the link itself.
    pub gateway: Option<Gateway>,
    /// The interface that packets leave by.
    pub interface: String,
}

/// What ARP has learnt, or was told, about an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArpEntry {
    /// The address.
    pub address: Ipv4Addr,
    /// Who has it.
    pub mac: Mac,
    /// On which interface.
    pub interface: String,
    /// True for an address of the machine itself.
    pub is_permanent: bool,
}

impl Destination {
    /// True if it is about IPv6.
    #[must_use]
    pub const fn is_inet6(self) -> bool {
        matches!(self, Self::DefaultInet6 | Self::Prefix(IpAddr::V6(_), _))
    }

    /// True if an address lies in it.
    #[must_use]
    pub fn holds(self, address: IpAddr) -> bool {
        match (self, address) {
            (Self::DefaultInet, IpAddr::V4(_)) | (Self::DefaultInet6, IpAddr::V6(_)) => true,
            (Self::Prefix(first, length), _) => is_in_prefix(address, first, length),
            (Self::DefaultInet, IpAddr::V6(_)) | (Self::DefaultInet6, IpAddr::V4(_)) => false,
        }
    }
}

/// True if an address lies in the prefix of so many bits that another one lies in.
pub(super) fn is_in_prefix(address: IpAddr, other: IpAddr, length: u8) -> bool {
    match (address, other) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            let shift = u32::from(32_u8.saturating_sub(length));
            a.to_bits().checked_shr(shift) == b.to_bits().checked_shr(shift)
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => {
            let shift = u32::from(128_u8.saturating_sub(length));
            a.to_bits().checked_shr(shift) == b.to_bits().checked_shr(shift)
        }
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}

impl fmt::Display for Destination {
    /// As route(8) says it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DefaultInet | Self::DefaultInet6 => f.write_str("default"),
            Self::Prefix(first, length) => write!(f, "{first}/{length}"),
        }
    }
}

impl fmt::Display for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.scope {
            Some(scope) => write!(f, "{}%{scope}", self.address),
            None => write!(f, "{}", self.address),
        }
    }
}
