//! The interfaces of a network stack, as the Linux kernel tells of them (rtnetlink(7)).
//!
//! FreeBSD's lo0 is lo here; no other name is translated.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;

use allocd_types::mac::Mac;
use freebsd_host::fake::{Inet, Inet6, Inet6State};

use super::ip::{linux_name, namespace};
use super::netlink::{Netlink, attribute, attributes, within};

const RTM_GETLINK: u16 = 18;
const RTM_GETADDR: u16 = 22;
/// A `struct ifinfomsg` and a `struct ifaddrmsg` that ask for everything.
const EVERY_LINK: [u8; 16] = [0; 16];
const EVERY_ADDRESS: [u8; 8] = [0; 8];

const IFLA_ADDRESS: u16 = 1;
const IFLA_IFNAME: u16 = 3;
const IFLA_MTU: u16 = 4;
const IFLA_MASTER: u16 = 10;
const IFLA_IFALIAS: u16 = 20;
const IFF_UP: u32 = 0x1;
const IFF_RUNNING: u32 = 0x40;

const IFA_ADDRESS: u16 = 1;
const IFA_LOCAL: u16 = 2;
const IFA_FLAGS: u16 = 8;
const IFA_F_DADFAILED: u32 = 0x08;
const IFA_F_TENTATIVE: u32 = 0x40;

/// An interface.
#[derive(Debug, Clone, Default)]
pub(super) struct Link {
    index: u32,
    ifname: String,
    flags: u32,
    pub(super) mtu: u32,
    /// The number of the bridge that it is a member of.
    master: Option<u32>,
    mac: Option<Mac>,
    alias: String,
    addresses: Vec<Address>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Address {
    link: u32,
    local: IpAddr,
    length: u8,
    flags: u32,
}

/// All interfaces of a stack; none if there is no such stack.
pub(super) fn links(stack: u32) -> Vec<Link> {
    let all = |kernel: &Netlink| kernel.list(RTM_GETLINK, &EVERY_LINK);
    ask(stack, all).unwrap_or_default()
}

/// One interface of a stack, by FreeBSD's name for it; a host has hundreds.
pub(super) fn link(stack: u32, name: &str) -> Option<Link> {
    let name = format!("{}\0", linux_name(name));
    let what = [&EVERY_LINK[..], &attribute(IFLA_IFNAME, name.as_bytes())].concat();
    let one = |kernel: &Netlink| Ok(kernel.get(RTM_GETLINK, &what)?.into_iter().collect());
    ask(stack, one).unwrap_or_default().pop()
}

/// Asks the kernel of a stack for interfaces, and for the addresses that they have.
fn ask(stack: u32, which: impl FnOnce(&Netlink) -> io::Result<Vec<Vec<u8>>> + Send) -> io::Result<Vec<Link>> {
    let asked = || {
        let kernel = Netlink::here()?;
        Ok((which(&kernel)?, kernel.list(RTM_GETADDR, &EVERY_ADDRESS)?))
    };
    let (links, addresses) = match stack {
        0 => asked()?,
        stack => within(&PathBuf::from("/run/netns").join(namespace(stack)), asked)?,
    };
    let addresses: Vec<Address> = addresses.iter().filter_map(|body| Address::read(body)).collect();
    let mut links: Vec<Link> = links.iter().filter_map(|body| Link::read(body)).collect();
    for link in &mut links {
        link.addresses = addresses.iter().filter(|address| address.link == link.index).copied().collect();
    }
    Ok(links)
}

impl Link {
    fn read(body: &[u8]) -> Option<Self> {
        let (head, rest) = body.split_at_checked(EVERY_LINK.len())?;
        let mut link = Self { index: number(&head[4..])?, flags: number(&head[8..])?, ..Self::default() };
        for (kind, value) in attributes(rest) {
            match kind {
                IFLA_ADDRESS => link.mac = <[u8; 6]>::try_from(value).ok().map(Mac::new),
                IFLA_IFNAME => link.ifname = text(value),
                IFLA_MTU => link.mtu = number(value)?,
                IFLA_MASTER => link.master = number(value),
                IFLA_IFALIAS => link.alias = text(value),
                _ => {}
            }
        }
        Some(link)
    }

    /// What FreeBSD calls it.
    pub(super) fn name(&self) -> &str {
        if self.ifname == "lo" { "lo0" } else { &self.ifname }
    }

    /// Its MAC, if it has one.
    pub(super) const fn mac(&self) -> Option<Mac> {
        self.mac
    }

    pub(super) const fn is_up(&self) -> bool {
        self.flags & IFF_UP != 0
    }

    pub(super) const fn has_carrier(&self) -> bool {
        !self.is_up() || self.flags & IFF_RUNNING != 0
    }

    /// True if it is a member of a bridge.
    pub(super) const fn is_member(&self) -> bool {
        self.master.is_some()
    }

    /// True if it is a member of this bridge.
    pub(super) fn is_member_of(&self, bridge: &Self) -> bool {
        self.master == Some(bridge.index)
    }

    pub(super) fn description(&self) -> String {
        self.alias.clone()
    }

    pub(super) fn inet(&self) -> Vec<Inet> {
        let v4 = |address: &Address| match address.local {
            IpAddr::V4(v4) => Some(Inet { address: v4, length: address.length }),
            IpAddr::V6(_) => None,
        };
        // What an interface of the name lo has by itself, FreeBSD's has not.
        let is_own = |inet: &Inet| inet.address != Ipv4Addr::LOCALHOST || self.is_up();
        self.addresses.iter().filter_map(v4).filter(is_own).collect()
    }

    pub(super) fn inet6(&self) -> Vec<Inet6> {
        let v6 = |address: &Address| match address.local {
            IpAddr::V6(v6) => Some(Inet6 { address: v6, length: address.length, state: address.state() }),
            IpAddr::V4(_) => None,
        };
        let mut all: Vec<Inet6> = self.addresses.iter().filter_map(v6).collect();
        // Linux gives its loopback no link-local address.
        if self.ifname == "lo" && self.is_up() {
            let address = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1);
            all.push(Inet6 { address, length: 64, state: Inet6State::Ready });
        }
        all
    }
}

impl Address {
    fn read(body: &[u8]) -> Option<Self> {
        let (head, rest) = body.split_at_checked(EVERY_ADDRESS.len())?;
        let attributes = attributes(rest);
        let value = |wanted| attributes.iter().find(|(kind, _)| *kind == wanted).map(|(_, value)| *value);
        // Of a cable between two addresses the one is local, and the other is that of the far end.
        let local = ip(value(IFA_LOCAL).or_else(|| value(IFA_ADDRESS))?)?;
        let flags = value(IFA_FLAGS).and_then(number).unwrap_or_default();
        Some(Self { link: number(&head[4..])?, local, length: head[1], flags })
    }

    const fn state(&self) -> Inet6State {
        if self.flags & IFA_F_DADFAILED != 0 {
            Inet6State::Duplicated
        } else if self.flags & IFA_F_TENTATIVE != 0 {
            Inet6State::Tentative
        } else {
            Inet6State::Ready
        }
    }
}

fn number(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().map(|bytes| u32::from_ne_bytes(*bytes))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned()
}

fn ip(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok().map(IpAddr::from),
        16 => <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interface_is_read_as_the_kernel_describes_it() {
        let mut head = EVERY_LINK;
        head[4..8].copy_from_slice(&7_u32.to_ne_bytes());
        head[8..12].copy_from_slice(&IFF_UP.to_ne_bytes());
        let body = [
            &head[..],
            &attribute(IFLA_IFNAME, b"epair7a\0"),
            &attribute(IFLA_MTU, &1500_u32.to_ne_bytes()),
            &attribute(IFLA_MASTER, &3_u32.to_ne_bytes()),
            &attribute(IFLA_IFALIAS, b"allocd:leases/17\0"),
            &attribute(IFLA_ADDRESS, &[0x12, 0x34, 0x56, 0, 7, 0x0a]),
        ]
        .concat();
        let link = Link::read(&body).unwrap();
        assert_eq!(
            (link.name(), link.mtu, link.description().as_str()),
            ("epair7a", 1500, "allocd:leases/17")
        );
        assert_eq!(link.mac(), Some("12:34:56:00:07:0a".parse().unwrap()));
        assert!(link.is_up() && !link.has_carrier());
        assert!(link.is_member_of(&Link { index: 3, ..Link::default() }));
        assert!(!link.is_member_of(&Link { index: 4, ..Link::default() }));
    }

    #[test]
    fn an_address_that_somebody_else_has_says_so() {
        let address = |flags: u32| {
            let local: Ipv6Addr = "fd00::7".parse().unwrap();
            let head = [10, 64, 0, 0, 7, 0, 0, 0];
            let flags = attribute(IFA_FLAGS, &flags.to_ne_bytes());
            Address::read(&[&head[..], &attribute(IFA_ADDRESS, &local.octets()), &flags].concat()).unwrap()
        };
        assert_eq!(address(0).local, "fd00::7".parse::<IpAddr>().unwrap());
        assert_eq!(address(0).length, 64);
        let states =
            [0, IFA_F_TENTATIVE, IFA_F_TENTATIVE | IFA_F_DADFAILED].map(|flags| address(flags).state());
        assert_eq!(states, [Inet6State::Ready, Inet6State::Tentative, Inet6State::Duplicated]);
    }
}
