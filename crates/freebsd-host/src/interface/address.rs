//! The addresses of an interface: lines that begin with `inet` or `inet6`.
//!
//! Both forms of each are read, the plain one of every release and the one that `-f inet:cidr,inet6:cidr` asks for from 11 on:
//!
//! ```text
//! inet 192.168.0.101 netmask 0xffffff00 broadcast 192.168.0.255      inet 192.168.0.101/24 broadcast 192.168.0.255
//! inet 10.9.0.5 --> 10.9.0.6 netmask 0xffffffff                      inet 10.9.0.5 --> 10.9.0.6/32
//! inet6 fe80::1%epair1b prefixlen 64 duplicated scopeid 0x2          inet6 fe80::1%epair1b/64 duplicated scopeid 0x2
//! ```

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnetwork::IpNetwork;

/// An address of an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterfaceAddress {
    /// The address with the length of its prefix; a link-local one without its scope.
    pub address: IpNetwork,
    /// The other end of a point-to-point interface.
    pub peer: Option<IpAddr>,
    /// What the kernel says of an IPv6 address.
    pub states: Vec<AddressState>,
}

/// What the kernel says of an IPv6 address (sbin/ifconfig/af_inet6.c).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddressState {
    /// Several hosts may have it.
    Anycast,
    /// It is not known yet whether another host has it; nothing can be bound to it.
    Tentative,
    /// Another host has it; nothing can be bound to it.
    Duplicated,
    /// Its router is not there.
    Detached,
    /// It is not used for new connections.
    Deprecated,
    /// A router's advertisement made it.
    Autoconf,
    /// It hides who the host is (RFC 8981).
    Temporary,
    /// It is the first choice as a source.
    PreferSource,
}

impl AddressState {
    const WORDS: [(&'static str, Self); 8] = [
        ("anycast", Self::Anycast),
        ("tentative", Self::Tentative),
        ("duplicated", Self::Duplicated),
        ("detached", Self::Detached),
        ("deprecated", Self::Deprecated),
        ("autoconf", Self::Autoconf),
        ("temporary", Self::Temporary),
        ("prefer_source", Self::PreferSource),
    ];

    fn of(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, state)| *state)
    }
}

impl InterfaceAddress {
    /// True if the kernel says so of it.
    #[must_use]
    pub fn is(&self, state: AddressState) -> bool {
        self.states.contains(&state)
    }

    /// Reads what stands behind `inet`.
    pub(super) fn read_ipv4(text: &str) -> Option<Self> {
        let line = Line::read(text)?;
        let address: Ipv4Addr = line.address.parse().ok()?;
        let peer = line.peer.and_then(|peer| peer.parse().ok());
        let length = line.length.or_else(|| line.netmask.and_then(mask_length))?;
        let address = IpNetwork::new(address.into(), length).ok()?;
        Some(Self { address, peer: peer.map(IpAddr::V4), states: Vec::new() })
    }

    /// Reads what stands behind `inet6`.
    pub(super) fn read_ipv6(text: &str) -> Option<Self> {
        let line = Line::read(text)?;
        let address: Ipv6Addr = line.address.parse().ok()?;
        let peer = line.peer.and_then(|peer| peer.parse().ok());
        let address = IpNetwork::new(address.into(), line.length?).ok()?;
        Some(Self { address, peer: peer.map(IpAddr::V6), states: line.states })
    }
}

/// The parts of such a line, whichever form it has.
struct Line<'a> {
    address: &'a str,
    peer: Option<&'a str>,
    length: Option<u8>,
    netmask: Option<&'a str>,
    states: Vec<AddressState>,
}

impl<'a> Line<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let mut words = text.split_ascii_whitespace();
        let (address, length) = split(words.next()?);
        let mut line = Self { address, peer: None, length, netmask: None, states: Vec::new() };
        while let Some(word) = words.next() {
            match word {
                "-->" => {
                    let (peer, length) = split(words.next()?);
                    line.peer = Some(peer);
                    line.length = line.length.or(length);
                }
                "prefixlen" => line.length = words.next()?.parse().ok(),
                "netmask" => line.netmask = words.next(),
                word => line.states.extend(AddressState::of(word)),
            }
        }
        Some(line)
    }
}

/// An address without its scope, and the length behind it. The scope is an interface's name, which may hold a slash.
fn split(word: &str) -> (&str, Option<u8>) {
    let (before, length) = match word.rsplit_once('/') {
        Some((before, length)) => (before, length.parse().ok()),
        None => (word, None),
    };
    let address = if length.is_some() { before } else { word };
    (address.split_once('%').map_or(address, |(address, _)| address), length)
}

/// The length of a netmask, `0xffffff00` or `255.255.255.0`; of one with holes, which nobody can route by, up to the first.
fn mask_length(netmask: &str) -> Option<u8> {
    let bits = match netmask.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => netmask.parse::<Ipv4Addr>().ok()?.to_bits(),
    };
    u8::try_from(bits.leading_ones()).ok()
}
