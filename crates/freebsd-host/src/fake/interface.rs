//! A network interface as the kernel tells of it.

use std::net::{Ipv4Addr, Ipv6Addr};

use allocd_types::mac::Mac;

/// What makes an interface, and so what it can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Driver {
    /// The loopback of a network stack.
    Loopback,
    /// A card.
    Card,
    /// One end of an epair(4).
    Epair,
    /// An if_bridge(4).
    Bridge,
    /// A tap(4).
    Tap,
    /// A tun(4).
    Tun,
    /// An ng_eiface(4).
    Ngeth,
}

/// One interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// What it is called now.
    pub name: String,
    /// Its number in its network stack: what `scopeid` shows.
    pub index: u32,
    /// What made it.
    pub driver: Driver,
    /// Its MAC, if it has one.
    pub mac: Option<Mac>,
    /// The MAC the driver gave it.
    pub stock_mac: Option<Mac>,
    /// What somebody wrote about it; empty if nobody did.
    pub description: String,
    /// Longest packet, in bytes.
    pub mtu: u32,
    /// True if it is up.
    pub is_up: bool,
    /// True if it hands on frames for others, as a member of a bridge does.
    pub is_promiscuous: bool,
    /// True if the other end is there.
    pub has_carrier: bool,
    /// Capabilities that are switched on, as `IFCAP_` bits (sys/net/if.h).
    pub options: u32,
    /// IPv4 addresses, in the order they were given.
    pub inet: Vec<Inet>,
    /// IPv6 addresses, in the order they were given.
    pub inet6: Vec<Inet6>,
    /// True if IPv6 is switched off on it (`IFDISABLED`).
    pub is_inet6_disabled: bool,
    /// True if it makes its link-local address itself.
    pub has_auto_linklocal: bool,
    /// Its groups, apart from `all`.
    pub groups: Vec<String>,
    /// Of a bridge, its members.
    pub members: Vec<Member>,
}

/// An IPv4 address of an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inet {
    /// The address.
    pub address: Ipv4Addr,
    /// Length of its prefix, in bits.
    pub length: u8,
}

/// An IPv6 address of an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inet6 {
    /// The address, without a scope.
    pub address: Ipv6Addr,
    /// Length of its prefix, in bits.
    pub length: u8,
    /// Whether it may be used.
    pub state: Inet6State,
}

/// How far duplicate address detection has come with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inet6State {
    /// Nobody has answered yet.
    Tentative,
    /// It may be used.
    Ready,
    /// Somebody else has it.
    Duplicated,
}

/// A member of a bridge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The interface's name.
    pub name: String,
    /// The interface's index: what `port` shows.
    pub port: u32,
}

impl Driver {
    /// How the kernel calls it, and its group.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Loopback => "lo",
            Self::Card => "em",
            Self::Epair => "epair",
            Self::Bridge => "bridge",
            Self::Tap => "tap",
            Self::Tun => "tun",
            Self::Ngeth => "ngeth",
        }
    }

    /// True if it carries Ethernet frames.
    #[must_use]
    pub const fn is_ethernet(self) -> bool {
        match self {
            Self::Card | Self::Epair | Self::Bridge | Self::Tap | Self::Ngeth => true,
            Self::Loopback | Self::Tun => false,
        }
    }
}
