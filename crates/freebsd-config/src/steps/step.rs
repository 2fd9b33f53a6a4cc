//! One thing that is done for an interface, as data: who runs commands by itself takes it apart, and a file has its text.

use std::fmt;
use std::net::IpAddr;

use allocd_types::id::LeaseId;
use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::mac::Mac;
use allocd_types::name::InterfaceName;

use super::mark;

/// What is done on the host before the jail exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostStep {
    /// Makes an interface of a kind that ifconfig(8) clones; of a cable, both ends.
    Create {
        /// Its kind.
        kind: InterfaceKind,
        /// Its unit.
        unit: UnitIndex,
    },
    /// Writes the lease's mark into the description.
    Mark {
        /// The interface.
        name: InterfaceName,
        /// The lease.
        lease: LeaseId,
    },
    /// Gives it another name.
    Rename {
        /// What it is called.
        from: InterfaceName,
        /// What it is called then.
        to: InterfaceName,
    },
    /// Sets its MAC.
    SetMac {
        /// The interface.
        name: InterfaceName,
        /// The MAC.
        mac: Mac,
    },
    /// Sets the largest packet that it takes.
    SetMtu {
        /// The interface.
        name: InterfaceName,
        /// The size, in bytes.
        mtu: u16,
    },
    /// Brings it up.
    BringUp {
        /// The interface.
        name: InterfaceName,
    },
    /// Puts it on its bridge.
    AddMember {
        /// The bridge.
        bridge: InterfaceName,
        /// The interface.
        member: InterfaceName,
    },
}

/// What is done in the jail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JailStep {
    /// Gives lo0 its address and brings it up.
    Loopback,
    /// Gives an interface an address.
    AddAddress {
        /// The interface.
        name: InterfaceName,
        /// The address.
        address: IpAddr,
        /// The length of its prefix on this interface.
        length: u8,
        /// True for the first address of its family on this interface.
        is_first: bool,
    },
    /// Brings an interface up that gets no address.
    BringUp {
        /// The interface.
        name: InterfaceName,
    },
    /// Sets the default route of the gateway's family.
    AddRoute {
        /// The gateway.
        gateway: IpAddr,
        /// How it is reached.
        interface: InterfaceName,
    },
    /// Switches IPv6 on on an interface.
    EnableIpv6 {
        /// The interface.
        name: InterfaceName,
    },
    /// Runs a script of sh(1).
    Run {
        /// The script.
        script: String,
        /// What it is for, as a short phrase.
        what: &'static str,
    },
}

/// As a command.
impl fmt::Display for HostStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("/sbin/ifconfig ")?;
        match self {
            Self::Create { kind, unit } => write!(f, "{kind}{unit} create"),
            Self::Mark { name, lease } => write!(f, "{name} description {}", mark(*lease)),
            Self::Rename { from, to } => write!(f, "{from} name {to}"),
            Self::SetMac { name, mac } => write!(f, "{name} ether {mac}"),
            Self::SetMtu { name, mtu } => write!(f, "{name} mtu {mtu}"),
            Self::BringUp { name } => write!(f, "{name} up"),
            Self::AddMember { bridge, member } => write!(f, "{bridge} addm {member}"),
        }
    }
}

/// As a command for the jail.
impl fmt::Display for JailStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loopback => f.write_str("/sbin/ifconfig lo0 inet 127.0.0.1/8 up"),
            Self::AddAddress { name, address: IpAddr::V4(address), length, is_first } => {
                let last = if *is_first { "up" } else { "alias" };
                write!(f, "/sbin/ifconfig {name} inet {address}/{length} {last}")
            }
            Self::AddAddress { name, address: IpAddr::V6(address), length, is_first } => {
                let last = if *is_first { "" } else { " alias" };
                write!(f, "/sbin/ifconfig {name} inet6 {address} prefixlen {length}{last}")
            }
            Self::BringUp { name } => write!(f, "/sbin/ifconfig {name} up"),
            Self::AddRoute { gateway: IpAddr::V4(gateway), .. } => {
                write!(f, "/sbin/route -q add -inet default {gateway}")
            }
            // A link-local router is reached by an interface, and that is the jail's.
            Self::AddRoute { gateway: IpAddr::V6(gateway), interface } if gateway.is_unicast_link_local() => {
                write!(f, "/sbin/route -q add -inet6 default {gateway}%{interface}")
            }
            Self::AddRoute { gateway: IpAddr::V6(gateway), .. } => {
                write!(f, "/sbin/route -q add -inet6 default {gateway}")
            }
            Self::EnableIpv6 { name } => write!(f, "/sbin/ifconfig {name} inet6 -ifdisabled auto_linklocal"),
            Self::Run { script, .. } => f.write_str(script),
        }
    }
}
