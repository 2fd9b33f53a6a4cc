//! What the commands ask of a kernel, and tell it.
//!
//! Every question names the place it is asked in: the host, or a jail. A jail without a network stack of its own sees the
//! host's; which of the two holds is the kernel's business.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use allocd_types::mac::Mac;

use super::errno::Errno;
use super::interface::{Inet, Interface};
use super::jail::{Jail, JailSpec};
use super::release::Release;
use super::route::{ArpEntry, Destination, Gateway, Route};

/// Where a process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// On the host.
    Host,
    /// In the jail of this number.
    Jail(u32),
}

/// What an interface can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// To be called so.
    Name(String),
    /// To carry this text.
    Description(String),
    /// To have this MAC; the kernel takes any.
    Mac(Mac),
    /// To carry packets of up to so many bytes.
    Mtu(u32),
    /// To be up or down.
    Up(bool),
    /// To switch these capabilities on or off, as `IFCAP_` bits.
    Options(u32, bool),
    /// To have an IPv4 address.
    AddInet(Inet),
    /// To have an IPv4 address no more.
    RemoveInet(Ipv4Addr),
    /// To have an IPv6 address of so long a prefix, with or without detection of duplicates.
    AddInet6 {
        /// The address.
        address: Ipv6Addr,
        /// Length of its prefix, in bits.
        length: u8,
        /// True if duplicates are looked for.
        has_dad: bool,
    },
    /// To have an IPv6 address no more.
    RemoveInet6(Ipv6Addr),
    /// To switch IPv6 off, or not.
    Inet6Disabled(bool),
    /// To make its link-local address itself, or not.
    AutoLinkLocal(bool),
    /// To be in a group.
    JoinGroup(String),
    /// To be in a group no more.
    LeaveGroup(String),
    /// Of a bridge: to have this member.
    AddMember(String),
    /// Of a bridge: to have this member no more.
    RemoveMember(String),
    /// To go into the network stack of a jail.
    MoveIn(u32),
    /// To come back from a jail; the name is looked up there.
    Reclaim(u32),
}

/// A kernel with its network stacks and jails.
pub trait Kernel {
    /// What it is a kernel of.
    fn release(&self) -> Release;

    /// The interfaces of a network stack, by index.
    fn interfaces(&self, place: Place) -> Vec<Interface>;

    /// What `ifconfig -C` lists: the kinds of interface that can be created.
    fn cloners(&self) -> Vec<&'static str>;

    /// Creates an interface of a kind (`epair`), or of a kind with a unit (`epair5`); the name of what there is then.
    ///
    /// # Errors
    /// The kernel's.
    fn create(&mut self, place: Place, name: &str) -> Result<String, Errno>;

    /// Destroys a created interface, of an epair both ends.
    ///
    /// # Errors
    /// The kernel's.
    fn destroy(&mut self, place: Place, name: &str) -> Result<(), Errno>;

    /// Changes an interface.
    ///
    /// # Errors
    /// The kernel's.
    fn change(&mut self, place: Place, name: &str, change: &Change) -> Result<(), Errno>;

    /// All jails, those that are dying too, by number.
    fn jails(&self) -> Vec<Jail>;

    /// Creates a jail; its number.
    ///
    /// # Errors
    /// The kernel's.
    fn create_jail(&mut self, spec: &JailSpec) -> Result<u32, Errno>;

    /// Removes a jail with all its processes. What holds it makes it dying.
    ///
    /// # Errors
    /// The kernel's.
    fn remove_jail(&mut self, jid: u32) -> Result<(), Errno>;

    /// All variables of sysctl(8), by name.
    fn sysctls(&self, place: Place) -> BTreeMap<String, String>;

    /// Sets a variable that is there.
    ///
    /// # Errors
    /// The kernel's.
    fn set_sysctl(&mut self, place: Place, name: &str, value: &str) -> Result<(), Errno>;

    /// Modules in the kernel, by name without `.ko`.
    fn modules(&self) -> Vec<String>;

    /// Loads a module.
    ///
    /// # Errors
    /// [`Errno::Exists`] if it is there, [`Errno::NoEntry`] if there is no such module.
    fn load_module(&mut self, name: &str) -> Result<(), Errno>;

    /// The rules of devfs(8) by number of their set, each as `devfs rule show` prints it.
    fn devfs_rulesets(&self) -> BTreeMap<u16, Vec<String>>;

    /// Where devfs(5) is mounted for jails.
    fn mounts(&self) -> Vec<String>;

    /// Mounts devfs(5) at a path.
    ///
    /// # Errors
    /// The kernel's.
    fn mount_devfs(&mut self, path: &str) -> Result<(), Errno>;

    /// Unmounts what is mounted at a path last.
    ///
    /// # Errors
    /// [`Errno::Invalid`] if nothing is.
    fn unmount(&mut self, path: &str) -> Result<(), Errno>;

    /// Routes that somebody set.
    fn routes(&self, place: Place) -> Vec<Route>;

    /// Adds a route; the interface follows from the gateway.
    ///
    /// # Errors
    /// The kernel's.
    fn add_route(&mut self, place: Place, destination: Destination, gateway: &Gateway) -> Result<(), Errno>;

    /// Deletes a route.
    ///
    /// # Errors
    /// The kernel's.
    fn delete_route(&mut self, place: Place, destination: Destination) -> Result<(), Errno>;

    /// True if an echo request to an address is answered; a link-local one has its interface beside it.
    fn is_answered(&mut self, place: Place, to: IpAddr, scope: Option<&str>) -> bool;

    /// What ARP knows.
    fn arp(&self, place: Place) -> Vec<ArpEntry>;

    /// The lines of the kernel's message buffer, oldest first.
    fn messages(&self) -> Vec<String>;

    /// An interface by its name.
    fn interface(&self, place: Place, name: &str) -> Option<Interface> {
        self.interfaces(place).into_iter().find(|interface| interface.name == name)
    }

    /// A jail that lives, by its name or number.
    fn jail(&self, name: &str) -> Option<Jail> {
        let living = self.jails().into_iter().filter(|jail| !jail.is_dying);
        living.into_iter().find(|jail| jail.name == name || name.parse() == Ok(jail.jid))
    }
}
