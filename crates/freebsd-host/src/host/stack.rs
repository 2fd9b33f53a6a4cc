//! One network stack: how its programs are reached, and what ifconfig(8) lists in it.
//!
//! In a jail of a host with release 14 or later the host's ifconfig(8) is used, which enters the jail by itself; before, and for
//! every other program, it is the jail's, by way of jexec(8).

use allocd_types::name::{InterfaceName, JailName};

use super::Host;
use crate::command;
use crate::error::CommandError;
use crate::interface::{Interface, parse, parse_group, parse_names};
use crate::invocation::Invocation;
use crate::listing::ListingError;
use crate::program::Program;
use crate::runner::Runner;
use crate::seen::Seen;

/// How addresses are to be written, where ifconfig(8) can be told.
const FORMATS: &str = "inet:cidr,inet6:cidr,ether:colon";

/// A network stack.
#[derive(Debug)]
pub struct Stack<'a, R> {
    pub(super) host: &'a Host<R>,
    jail: Option<&'a JailName>,
}

impl<'a, R: Runner> Stack<'a, R> {
    pub(super) const fn new(host: &'a Host<R>, jail: Option<&'a JailName>) -> Self {
        Self { host, jail }
    }

    /// Lists all interfaces.
    ///
    /// # Errors
    /// [`CommandError`] if the command fails or cannot be read.
    pub fn interfaces(&self) -> Result<Vec<Interface>, CommandError> {
        command::read(self.runner(), self.listing("-a"), parse)
    }

    /// Looks at one interface; none if it is not there.
    ///
    /// # Errors
    /// [`CommandError`] if the command fails and the interface is there, or cannot be read.
    pub fn interface(&self, name: &InterfaceName) -> Result<Option<Interface>, CommandError> {
        let read = command::read(self.runner(), self.listing(name.as_str()), |text| {
            let found = parse(text)?.into_iter().find(|interface| interface.name == *name);
            found.ok_or_else(|| ListingError::new("a listing of one interface", text))
        });
        match read {
            Ok(interface) => Ok(Some(interface)),
            Err(error) => {
                if self.has(name)? {
                    Err(error)
                } else {
                    Ok(None)
                }
            }
        }
    }

    /// Lists the names of all interfaces.
    ///
    /// # Errors
    /// [`CommandError`] if the command fails.
    pub fn names(&self) -> Result<Vec<Seen<InterfaceName>>, CommandError> {
        command::read(self.runner(), self.ifconfig(&["-l"]), |text| Ok(parse_names(text)))
    }

    /// Whether an interface of this name is there.
    ///
    /// # Errors
    /// [`CommandError`] if the command fails.
    pub fn has(&self, name: &InterfaceName) -> Result<bool, CommandError> {
        Ok(self.names()?.iter().any(|seen| seen == name))
    }

    /// Lists the interfaces of a group, such as `epair`; an interface stays in its group when it is renamed.
    ///
    /// # Errors
    /// [`CommandError`] if the command fails.
    pub fn group(&self, group: &'static str) -> Result<Vec<Seen<InterfaceName>>, CommandError> {
        command::read(self.runner(), self.ifconfig(&["-g", group]), |text| Ok(parse_group(text)))
    }

    /// Lists what ifconfig(8) can create, such as `epair`.
    ///
    /// # Errors
    /// [`CommandError`] if the command fails.
    pub fn cloners(&self) -> Result<Vec<Seen<InterfaceName>>, CommandError> {
        command::read(self.runner(), self.ifconfig(&["-C"]), |text| Ok(parse_names(text)))
    }

    pub(super) fn runner(&self) -> &R {
        &self.host.runner
    }

    /// ifconfig(8) for this stack.
    pub(super) fn ifconfig(&self, arguments: &[&str]) -> Invocation {
        match self.jail {
            Some(jail) if self.host.kernel.has_ifconfig_in_jails() => {
                Invocation::new(Program::IFCONFIG, [&["-j", jail.as_str()], arguments].concat())
            }
            Some(_) | None => self.tool(Program::IFCONFIG, arguments),
        }
    }

    /// A program for this stack; in a jail, the jail's.
    pub(super) fn tool(&self, program: Program, arguments: &[&str]) -> Invocation {
        match self.jail {
            Some(jail) => {
                Invocation::new(Program::JEXEC, [&[jail.as_str(), program.path()], arguments].concat())
            }
            None => Invocation::new(program, arguments.iter().copied()),
        }
    }

    /// ifconfig(8) listing one interface, or all of them for `-a`. A jail's own may be older than the host.
    fn listing(&self, what: &str) -> Invocation {
        let kernel = &self.host.kernel;
        if kernel.has_formats() && (self.jail.is_none() || kernel.has_ifconfig_in_jails()) {
            self.ifconfig(&["-f", FORMATS, what])
        } else {
            self.ifconfig(&[what])
        }
    }
}
