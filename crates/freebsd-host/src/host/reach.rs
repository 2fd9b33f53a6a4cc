//! How a stack reaches others: routes, neighbours, probes, and the values that say how it does so.

use std::net::{IpAddr, Ipv4Addr};

use allocd_types::address::Family;
use allocd_types::name::InterfaceName;

use super::Stack;
use crate::arp::{self, ArpEntry};
use crate::command::{self, bring_about};
use crate::error::CommandError;
use crate::program::Program;
use crate::route::{self, Route};
use crate::runner::Runner;
use crate::sysctl::Sysctl;

/// What ping(8) ends with when it has sent and nobody answered.
const PING_NO_ANSWER: i32 = 2;

impl<R: Runner> Stack<'_, R> {
    /// Sets the default route of the gateway's family; a link-local gateway is reached by the interface. Afterwards it leads
    /// there.
    ///
    /// # Errors
    /// [`CommandError`] if it does not, as when it leads elsewhere already.
    pub fn add_default_route(&self, gateway: IpAddr, interface: &InterfaceName) -> Result<(), CommandError> {
        let family = Family::of(gateway);
        let router = match gateway {
            IpAddr::V6(v6) if v6.is_unicast_link_local() => format!("{v6}%{interface}"),
            IpAddr::V4(_) | IpAddr::V6(_) => gateway.to_string(),
        };
        let add = self.tool(Program::ROUTE, &["-q", "add", family_option(family), "default", &router]);
        bring_about(self.runner(), add, || {
            Ok(self.default_route(family)?.is_some_and(|route| route.gateway == Some(gateway)))
        })
    }

    /// Where the default route of a family leads; none if there is none.
    ///
    /// # Errors
    /// [`CommandError`] if the command cannot be run or read.
    pub fn default_route(&self, family: Family) -> Result<Option<Route>, CommandError> {
        let get = self.tool(Program::ROUTE, &["-n", "get", family_option(family), "default"]);
        command::read_if(self.runner(), get, route::parse)
    }

    /// The neighbours that the stack knows.
    ///
    /// # Errors
    /// [`CommandError`] if the command fails or cannot be read.
    pub fn neighbours(&self) -> Result<Vec<ArpEntry>, CommandError> {
        command::read(self.runner(), self.tool(Program::ARP, &["-an"]), arp::parse)
    }

    /// Whether somebody answers at an address within a second. Afterwards the neighbours tell who has it, even if it does not
    /// answer to this.
    ///
    /// # Errors
    /// [`CommandError`] if nothing could be sent.
    pub fn answers(&self, address: Ipv4Addr) -> Result<bool, CommandError> {
        let ping = self.tool(Program::PING, &["-n", "-q", "-c", "1", "-t", "1", &address.to_string()]);
        command::ask(self.runner(), ping, PING_NO_ANSWER)
    }

    /// A value of the kernel, as text; none if the kernel has none of that name.
    ///
    /// # Errors
    /// [`CommandError`] if the command cannot be run.
    pub fn sysctl(&self, name: Sysctl) -> Result<Option<String>, CommandError> {
        let get = self.tool(Program::SYSCTL, &["-n", name.as_str()]);
        command::read_if(self.runner(), get, |text| Ok(text.trim_end().to_owned()))
    }
}

const fn family_option(family: Family) -> &'static str {
    match family {
        Family::V4 => "-inet",
        Family::V6 => "-inet6",
    }
}
