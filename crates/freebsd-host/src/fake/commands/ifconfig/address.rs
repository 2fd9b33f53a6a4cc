//! The address that a command line is about, put together word by word.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use allocd_types::mac::Mac;

use crate::fake::commands::ending::refuse;
use crate::fake::interface::Inet;
use crate::fake::kernel::Change;
use crate::fake::release::Release;
use crate::output::Output;

/// Which kind of address is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AddressFamily {
    Inet,
    Inet6,
    Link,
}

/// From this release on an IPv4 address needs its mask (UPDATING, 20240617).
const FIRST_WITH_MANDATORY_MASK: Release = Release::new(15, 0);

/// What the words have said so far.
#[derive(Debug)]
pub(super) struct Address {
    pub(super) family: AddressFamily,
    /// The address as it was written.
    pub(super) text: Option<String>,
    /// From `netmask` or `prefixlen`.
    pub(super) length: Option<u8>,
    /// True for `alias`.
    pub(super) is_alias: bool,
    /// True for `-alias`.
    pub(super) is_removed: bool,
    /// True for `no_dad`.
    pub(super) is_without_dad: bool,
}

/// What is to be done about an address, with the name of the call that does it.
pub(super) type Call = (&'static str, Change);

impl Address {
    pub(super) const fn new() -> Self {
        Self {
            family: AddressFamily::Inet,
            text: None,
            length: None,
            is_alias: false,
            is_removed: false,
            is_without_dad: false,
        }
    }

    /// Takes a word that is nothing else; a second one can be no address.
    pub(super) fn take(&mut self, word: &str) -> Result<(), Output> {
        if self.text.is_none() {
            self.text = Some(word.to_owned());
            return Ok(());
        }
        match self.family {
            AddressFamily::Link => refuse("ifconfig", "can't set link-level netmask or broadcast"),
            AddressFamily::Inet | AddressFamily::Inet6 => refuse("ifconfig", &format!("{word}: bad value")),
        }
    }

    /// The calls that are left to do when all words are read; `first` is the interface's first IPv4 address.
    pub(super) fn calls(&self, release: Release, first: Option<Ipv4Addr>) -> Result<Vec<Call>, Output> {
        let Some(text) = &self.text else { return Ok(Vec::new()) };
        match self.family {
            AddressFamily::Link => Ok(vec![("SIOCSIFLLADDR", Change::Mac(parse_mac(text)?))]),
            AddressFamily::Inet => self.inet(text, release, first),
            AddressFamily::Inet6 => {
                let (address, length) = self.parse::<Ipv6Addr>(text, 128)?;
                if self.is_removed {
                    return Ok(vec![("SIOCDIFADDR", Change::RemoveInet6(address))]);
                }
                let length = length.unwrap_or(64);
                let has_dad = !self.is_without_dad;
                Ok(vec![("SIOCAIFADDR", Change::AddInet6 { address, length, has_dad })])
            }
        }
    }

    fn inet(&self, text: &str, release: Release, first: Option<Ipv4Addr>) -> Result<Vec<Call>, Output> {
        let (address, length) = self.parse::<Ipv4Addr>(text, 32)?;
        if self.is_removed {
            return Ok(vec![("SIOCDIFADDR", Change::RemoveInet(address))]);
        }
        let length = match length {
            Some(length) => length,
            None if release >= FIRST_WITH_MANDATORY_MASK => {
                return refuse(
                    "ifconfig",
                    "ERROR: setting interface address without mask is no longer supported.",
                );
            }
            None => classful_length(address),
        };
        // Without `alias` the first address makes room.
        let replaced = first.filter(|_| !self.is_alias).map(|old| ("SIOCDIFADDR", Change::RemoveInet(old)));
        let add = ("SIOCAIFADDR", Change::AddInet(Inet { address, length }));
        Ok(replaced.into_iter().chain([add]).collect())
    }

    fn parse<A: std::str::FromStr + Into<IpAddr>>(
        &self,
        text: &str,
        length_max: u8,
    ) -> Result<(A, Option<u8>), Output> {
        let (address, length) = text.split_once('/').map_or((text, None), |(a, length)| (a, Some(length)));
        // A scope is the interface itself.
        let address = address.split('%').next().unwrap_or(address);
        let Ok(address) = address.parse::<A>() else {
            return refuse("ifconfig", &format!("{text}: bad value"));
        };
        let length = match length.map(str::parse) {
            None => self.length,
            Some(Ok(length)) if length <= length_max => Some(length),
            Some(Ok(_) | Err(_)) => return refuse("ifconfig", &format!("{text}: bad value")),
        };
        Ok((address, length))
    }
}

/// A netmask in either of its forms.
pub(super) fn parse_netmask(text: &str) -> Result<u8, Output> {
    let bits = match text.strip_prefix("0x") {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => text.parse::<Ipv4Addr>().ok().map(Ipv4Addr::to_bits),
    };
    match bits.map(|bits| (bits, bits.leading_ones())) {
        Some((bits, ones)) if bits.count_ones() == ones => Ok(u8::try_from(ones).unwrap_or(32)),
        Some(_) | None => refuse("ifconfig", &format!("{text}: bad value")),
    }
}

fn parse_mac(text: &str) -> Result<Mac, Output> {
    // link_addr(3) takes octets of one digit, too.
    let octets: Option<Vec<u8>> =
        text.split([':', '-', '.']).map(|octet| u8::from_str_radix(octet, 16).ok()).collect();
    match octets.and_then(|octets| <[u8; 6]>::try_from(octets).ok()) {
        Some(octets) => Ok(Mac::new(octets)),
        None => refuse("ifconfig", "malformed link-level address"),
    }
}

/// The mask that an address once said by itself.
const fn classful_length(address: Ipv4Addr) -> u8 {
    match address.octets()[0] {
        0..=127 => 8,
        128..=191 => 16,
        192.. => 24,
    }
}
