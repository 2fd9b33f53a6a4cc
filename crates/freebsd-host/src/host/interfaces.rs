//! What is done to interfaces: made and unmade, named and marked, addressed, bridged, moved between stacks.

use std::net::IpAddr;

use allocd_types::index::UnitIndex;
use allocd_types::mac::Mac;
use allocd_types::name::{InterfaceName, JailName};
use ipnetwork::IpNetwork;

use super::Stack;
use crate::command::bring_about;
use crate::error::CommandError;
use crate::interface::{Description, Interface};
use crate::runner::Runner;

/// An interface that ifconfig(8) creates, with its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cloned {
    /// Both ends of an epair(4).
    Epair(UnitIndex),
    /// A tap(4).
    Tap(UnitIndex),
    /// A tun(4).
    Tun(UnitIndex),
    /// An if_bridge(4).
    Bridge(UnitIndex),
}

/// What creating an interface came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Creation {
    /// It was made.
    Made,
    /// One of its name was there already; whose it is has to be seen from its description.
    WasThere,
}

impl Cloned {
    /// What ifconfig(8) is asked for; the ends of an epair(4) come together.
    fn asked(self) -> String {
        match self {
            Self::Epair(unit) => format!("epair{}", unit.get()),
            Self::Tap(unit) => format!("tap{}", unit.get()),
            Self::Tun(unit) => format!("tun{}", unit.get()),
            Self::Bridge(unit) => format!("bridge{}", unit.get()),
        }
    }

    /// The name that it is made with; of an epair(4), that of the end that stays on the host.
    #[must_use]
    pub fn name(self) -> InterfaceName {
        let name = match self {
            Self::Epair(_) => format!("{}a", self.asked()),
            Self::Tap(_) | Self::Tun(_) | Self::Bridge(_) => self.asked(),
        };
        InterfaceName::new(&name).expect("a kind's word and a unit are a name")
    }
}

impl<R: Runner> Stack<'_, R> {
    /// Makes an interface. Afterwards it is there, down, with a MAC that the kernel made up.
    ///
    /// A unit stays taken while its interface is renamed or in a jail, and then this fails although no interface of that name is
    /// to be seen.
    ///
    /// # Errors
    /// [`CommandError`] if it is not there afterwards.
    pub fn create(&self, cloned: Cloned) -> Result<Creation, CommandError> {
        let mut creation = Creation::Made;
        let create = self.ifconfig(&[cloned.asked().as_str(), "create"]);
        bring_about(self.runner(), create, || {
            creation = Creation::WasThere;
            self.has(&cloned.name())
        })?;
        Ok(creation)
    }

    /// Destroys an interface, of an epair(4) both ends, wherever the other one is. Afterwards it is not there.
    ///
    /// # Errors
    /// [`CommandError`] if it is there afterwards.
    pub fn destroy(&self, name: &InterfaceName) -> Result<(), CommandError> {
        let destroy = self.ifconfig(&[name.as_str(), "destroy"]);
        bring_about(self.runner(), destroy, || Ok(!self.has(name)?))
    }

    /// Renames an interface. Afterwards one of the new name is there, and none of the old.
    ///
    /// # Errors
    /// [`CommandError`] if that is not so.
    pub fn rename(&self, from: &InterfaceName, to: &InterfaceName) -> Result<(), CommandError> {
        let rename = self.ifconfig(&[from.as_str(), "name", to.as_str()]);
        bring_about(self.runner(), rename, || Ok(self.has(to)? && !self.has(from)?))
    }

    /// Describes an interface. Afterwards it has the description.
    ///
    /// # Errors
    /// [`CommandError`] if it has not.
    pub fn describe(&self, name: &InterfaceName, description: &Description) -> Result<(), CommandError> {
        self.set(name, &["description", description.as_str()], |interface| {
            interface.description.as_deref() == Some(description.as_str())
        })
    }

    /// Sets an interface's MAC. Afterwards it has it; the kernel takes any, usable or not.
    ///
    /// A link-local address that is there already is not made anew, so this comes before the interface is up for the first time.
    ///
    /// # Errors
    /// [`CommandError`] if it has not.
    pub fn set_ether(&self, name: &InterfaceName, mac: Mac) -> Result<(), CommandError> {
        self.set(name, &["ether", &mac.to_string()], |interface| interface.ether == Some(mac))
    }

    /// Sets the largest packet that an interface takes. Afterwards it is that.
    ///
    /// # Errors
    /// [`CommandError`] if it is not.
    pub fn set_mtu(&self, name: &InterfaceName, mtu: u16) -> Result<(), CommandError> {
        self.set(name, &["mtu", &mtu.to_string()], |interface| interface.mtu == Some(mtu.into()))
    }

    /// Brings an interface up. Afterwards it is.
    ///
    /// # Errors
    /// [`CommandError`] if it is not.
    pub fn bring_up(&self, name: &InterfaceName) -> Result<(), CommandError> {
        self.set(name, &["up"], Interface::is_up)
    }

    /// Takes an interface down. Afterwards it is, or it is not there.
    ///
    /// # Errors
    /// [`CommandError`] if it is up.
    pub fn take_down(&self, name: &InterfaceName) -> Result<(), CommandError> {
        self.unset(name, &["down"], |interface| !interface.is_up())
    }

    /// Adds an address. Afterwards the interface has it, with the length of its prefix.
    ///
    /// A further IPv4 address of a subnet has to be given the length 32, for the first one has the subnet's route.
    ///
    /// # Errors
    /// [`CommandError`] if it has not.
    pub fn add_address(&self, name: &InterfaceName, address: IpNetwork) -> Result<(), CommandError> {
        self.set(name, &[family(address.ip()), &address.to_string(), "alias"], |interface| {
            interface.addresses.iter().any(|has| has.address == address)
        })
    }

    /// Removes an address. Afterwards the interface has it no more, or is not there.
    ///
    /// # Errors
    /// [`CommandError`] if it has it.
    pub fn remove_address(&self, name: &InterfaceName, address: IpAddr) -> Result<(), CommandError> {
        self.unset(name, &[family(address), &address.to_string(), "-alias"], |interface| {
            interface.address(address).is_none()
        })
    }

    /// Switches IPv6 on, which rc(8) and the kernel may have switched off. Afterwards it is on.
    ///
    /// # Errors
    /// [`CommandError`] if it is off.
    pub fn enable_ipv6(&self, name: &InterfaceName) -> Result<(), CommandError> {
        self.set(name, &["inet6", "-ifdisabled", "auto_linklocal"], |interface| {
            !interface.is_ipv6_disabled() && interface.nd6.has("AUTO_LINKLOCAL")
        })
    }

    /// Makes an interface a member of a bridge. Afterwards it is.
    ///
    /// # Errors
    /// [`CommandError`] if it is not, as when it is one of another bridge, or has another MTU.
    pub fn add_member(&self, bridge: &InterfaceName, member: &InterfaceName) -> Result<(), CommandError> {
        self.set(bridge, &["addm", member.as_str()], |interface| interface.has_member(member))
    }

    /// Takes an interface out of a bridge. Afterwards it is no member, or the bridge is not there.
    ///
    /// # Errors
    /// [`CommandError`] if it is a member.
    pub fn remove_member(&self, bridge: &InterfaceName, member: &InterfaceName) -> Result<(), CommandError> {
        self.unset(bridge, &["deletem", member.as_str()], |interface| !interface.has_member(member))
    }

    /// Moves an interface of this stack into a vnet jail. Afterwards it is there and not here, down, with its MAC and without
    /// its addresses.
    ///
    /// # Errors
    /// [`CommandError`] if it is not, as when the jail is dying or has one of that name.
    pub fn move_into(&self, jail: &JailName, name: &InterfaceName) -> Result<(), CommandError> {
        let move_into = self.ifconfig(&[name.as_str(), "vnet", jail.as_str()]);
        bring_about(self.runner(), move_into, || Ok(!self.has(name)? && self.host.stack_of(jail).has(name)?))
    }

    /// Takes an interface back out of a vnet jail. Afterwards it is here.
    ///
    /// # Errors
    /// [`CommandError`] if it is not.
    pub fn take_out(&self, jail: &JailName, name: &InterfaceName) -> Result<(), CommandError> {
        let take_out = self.ifconfig(&[name.as_str(), "-vnet", jail.as_str()]);
        bring_about(self.runner(), take_out, || self.has(name))
    }

    /// Sets something of an interface that has to be there.
    fn set(
        &self,
        name: &InterfaceName,
        arguments: &[&str],
        is_set: impl FnOnce(&Interface) -> bool,
    ) -> Result<(), CommandError> {
        let set = self.ifconfig(&[&[name.as_str()], arguments].concat());
        bring_about(self.runner(), set, || {
            Ok(self.interface(name)?.is_some_and(|interface| is_set(&interface)))
        })
    }

    /// Unsets something of an interface; one that is not there has it not.
    fn unset(
        &self,
        name: &InterfaceName,
        arguments: &[&str],
        is_unset: impl FnOnce(&Interface) -> bool,
    ) -> Result<(), CommandError> {
        let unset = self.ifconfig(&[&[name.as_str()], arguments].concat());
        bring_about(self.runner(), unset, || {
            Ok(self.interface(name)?.is_none_or(|interface| is_unset(&interface)))
        })
    }
}

const fn family(address: IpAddr) -> &'static str {
    match address {
        IpAddr::V4(_) => "inet",
        IpAddr::V6(_) => "inet6",
    }
}
