//! What an import carries, and what is found wrong with it, line by line.
//!
//! The text format is freebsd-config's business; here are its lines once they are read. A line that could not be read whole
//! still carries what could: with `--skip-bad` its values become exclusions, for what runs must not be handed out.

use std::fmt;
use std::net::IpAddr;

use crate::address::NotAHost;
use crate::exclusion::ExclusionSpec;
use crate::index::UnitIndex;
use crate::name::{HostName, InterfaceName, JailName, NetworkName};

/// The label under which an imported lease keeps the inventory's version column.
pub const INVENTORY_VERSION_LABEL: &str = "inventory.version";
/// The label under which an imported lease keeps the jail's name as it was written.
pub const INVENTORY_JAIL_LABEL: &str = "inventory.jail";

/// One import: all or nothing, unless bad lines are to be skipped.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ImportSpec {
    /// The lines that name a whole lease, in the order of the file.
    pub lines: Vec<ImportLine>,
    /// What could be read of the others.
    pub fragments: Vec<ImportFragment>,
    /// The network of every line, if the bridges alone do not tell.
    pub network: Option<NetworkName>,
    /// What to do about bad lines.
    pub bad_lines: BadLines,
}

/// What to do about bad lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BadLines {
    /// Write nothing unless every line is good.
    Refuse,
    /// Import the good ones and exclude the values of the others.
    Skip,
}

/// One line that names a whole lease.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ImportLine {
    /// Its number in the file, from 1.
    pub number: u32,
    /// The jail server.
    pub host: HostName,
    /// The bridge there.
    pub bridge: InterfaceName,
    /// The jail, with `.` and `-` turned into `_`.
    pub jail: JailName,
    /// The jail's name as it was written.
    pub original_jail: String,
    /// The inventory's version column: an opaque label.
    pub version: String,
    /// The address, without a prefix length: the subnet knows it.
    pub address: IpAddr,
    /// The epair's unit.
    pub index: UnitIndex,
}

/// What could be read of a bad line.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ImportFragment {
    /// Its number in the file, from 1.
    pub number: u32,
    /// The jail server, if that column is a name.
    pub host: Option<HostName>,
    /// The bridge, if that column is a name.
    pub bridge: Option<InterfaceName>,
    /// The address, if there is a valid one.
    pub address: Option<IpAddr>,
    /// The epair's unit, if there is a valid one.
    pub index: Option<UnitIndex>,
}

/// Something wrong with one line.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ImportFinding {
    /// The line's number in the file, from 1.
    pub number: u32,
    /// What is wrong.
    pub flaw: ImportFlaw,
}

/// What is wrong with a line that could be read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ImportFlaw {
    /// The address is on an earlier line.
    AddressTwice {
        /// The address.
        address: IpAddr,
        /// The earlier line.
        line: u32,
    },
    /// The unit is on an earlier line of the host.
    IndexTwice {
        /// The unit.
        index: UnitIndex,
        /// The host.
        host: HostName,
        /// The earlier line.
        line: u32,
    },
    /// The jail is on an earlier line of the host.
    JailTwice {
        /// The jail's name as it was written.
        jail: String,
        /// The host.
        host: HostName,
        /// The earlier line.
        line: u32,
    },
    /// Another jail of the host becomes the same name.
    JailsMeet {
        /// The jail's name as it was written.
        jail: String,
        /// The other's as it was written.
        other: String,
        /// The earlier line.
        line: u32,
        /// What both become.
        name: JailName,
    },
    /// The address is in no subnet of the network.
    NoSubnet {
        /// The address.
        address: IpAddr,
        /// The bridge of the line.
        bridge: InterfaceName,
    },
    /// The address can belong to no host.
    NotAHost {
        /// The address.
        address: IpAddr,
        /// Why.
        why: NotAHost,
    },
    /// No network has the bridge.
    NoNetwork {
        /// The bridge.
        bridge: InterfaceName,
    },
    /// Several networks have the bridge.
    AmbiguousBridge {
        /// The bridge.
        bridge: InterfaceName,
        /// The networks.
        networks: Vec<NetworkName>,
    },
    /// The cluster says no: the value is taken, resting, reserved or excluded, or a pool is empty.
    Refused {
        /// What the cluster says.
        message: String,
    },
}

impl fmt::Display for ImportFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AddressTwice { address, line } => write!(f, "address {address} is already on line {line}"),
            Self::IndexTwice { index, host, line } => {
                write!(f, "epair {index} on {host} is already on line {line}")
            }
            Self::JailTwice { jail, host, line } => {
                write!(f, "jail {jail} on {host} is already on line {line}")
            }
            Self::JailsMeet { jail, other, line, name } => {
                write!(
                    f,
                    "{jail} and {other} (line {line}) become the same jail name, {name}, for rc.d and ezjail"
                )
            }
            Self::NoSubnet { address, bridge } => {
                write!(f, "{address} is in no subnet of the network on {bridge}")
            }
            Self::NotAHost { address, why } => write!(f, "{address} is {why}"),
            Self::NoNetwork { bridge } => write!(f, "no network is on {bridge}"),
            Self::AmbiguousBridge { bridge, networks } => {
                let names: Vec<&str> = networks.iter().map(NetworkName::as_str).collect();
                write!(
                    f,
                    "{bridge} is the bridge of several networks ({}): say which with --network",
                    names.join(", ")
                )
            }
            Self::Refused { message } => f.write_str(message),
        }
    }
}

/// What an import did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportReport {
    /// How many leases were written.
    pub leases: u32,
    /// How many lines were there already, with the same values.
    pub unchanged: u32,
    /// How many hosts were created.
    pub hosts_created: u32,
    /// What is wrong, in the order of the lines.
    pub findings: Vec<ImportFinding>,
    /// What was excluded, with the line each came from.
    pub exclusions: Vec<(u32, ExclusionSpec)>,
}
