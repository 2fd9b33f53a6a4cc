//! Network interfaces as ifconfig(8) lists them.
//!
//! What is said here is what the kernel said when it was asked, and whoever is root in a vnet jail may have had a say in it: such
//! a root sets addresses, MACs, names and descriptions of the jail's interfaces, and an interface that comes back from a jail
//! keeps its description. Two interfaces of a listing may have one name, since nothing checks names when the kernel takes
//! interfaces back from a jail that is gone (vnet_if_return in sys/net/if.c).

mod address;
mod description;
mod flags;
mod names;
mod parse;

use std::net::IpAddr;

use allocd_types::mac::Mac;
use allocd_types::name::InterfaceName;

use crate::seen::Seen;

pub use address::{AddressState, InterfaceAddress};
pub use description::{Description, DescriptionError};
pub use flags::Flags;
pub use names::{parse_group, parse_names};
pub use parse::parse;

/// One interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its name.
    pub name: Seen<InterfaceName>,
    /// Its flags, such as `UP` and `RUNNING`.
    pub flags: Flags,
    /// Its metric, where the listing has it.
    pub metric: Option<u32>,
    /// The largest packet it takes, where the listing has it.
    pub mtu: Option<u32>,
    /// Its description, to the character.
    pub description: Option<String>,
    /// What it can do and is switched on, such as `TXCSUM`.
    pub options: Flags,
    /// Its MAC address.
    pub ether: Option<Mac>,
    /// The MAC address that it was made with; from release 11 on.
    pub hwaddr: Option<Mac>,
    /// Its addresses, in the order of the listing.
    pub addresses: Vec<InterfaceAddress>,
    /// What neighbour discovery does on it, such as `IFDISABLED`; none where IPv6 is not there.
    pub nd6: Flags,
    /// Its groups.
    pub groups: Vec<String>,
    /// The members of a bridge.
    pub members: Vec<Seen<InterfaceName>>,
    /// The ports of a lagg(4).
    pub lagg_ports: Vec<Seen<InterfaceName>>,
    /// The state of its link, such as `active` or `no carrier`.
    pub status: Option<String>,
    /// What a vlan(4) is on.
    pub vlan: Option<Vlan>,
}

/// What a vlan(4) is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vlan {
    /// Its tag.
    pub tag: u16,
    /// The interface that carries it; none if it has lost it.
    pub parent: Option<Seen<InterfaceName>>,
}

impl Interface {
    fn new(name: Seen<InterfaceName>) -> Self {
        Self {
            name,
            flags: Flags::default(),
            metric: None,
            mtu: None,
            description: None,
            options: Flags::default(),
            ether: None,
            hwaddr: None,
            addresses: Vec::new(),
            nd6: Flags::default(),
            groups: Vec::new(),
            members: Vec::new(),
            lagg_ports: Vec::new(),
            status: None,
            vlan: None,
        }
    }

    /// True if it is up.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.flags.has("UP")
    }

    /// True if the kernel has switched IPv6 off on it, as it does when it finds the hardware address twice.
    #[must_use]
    pub fn is_ipv6_disabled(&self) -> bool {
        self.nd6.has("IFDISABLED")
    }

    /// True if it is a member of the bridge.
    #[must_use]
    pub fn has_member(&self, member: &InterfaceName) -> bool {
        self.members.iter().any(|seen| seen == member)
    }

    /// Its address of this number, if it has it.
    #[must_use]
    pub fn address(&self, address: IpAddr) -> Option<&InterfaceAddress> {
        self.addresses.iter().find(|has| has.address.ip() == address)
    }
}

#[cfg(test)]
mod tests;
