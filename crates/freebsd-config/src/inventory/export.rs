//! Writes leases as an inventory, and names those that the format cannot carry.
//!
//! A line has one IPv4 address, one epair and nothing else: MAC addresses, IPv6 and prefix lengths are not in it. A lease is left
//! out only when a line would say something false or could not be read back.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use allocd_types::holder::Holder;
use allocd_types::id::LeaseId;
use allocd_types::import::{INVENTORY_JAIL_LABEL, INVENTORY_VERSION_LABEL};
use allocd_types::kind::InterfaceKind;
use allocd_types::lease::Lease;
use allocd_types::name::InterfaceLabel;

use super::line::safe_jail_name;

/// The first line of every inventory: its columns.
const HEADER: &str = "# hostname:bridge:jail_name:version:jail_ip:epair_no\n";

/// An inventory, and what is not in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventoryText {
    /// The file.
    pub text: String,
    /// The leases that are not in it, or not whole, in the order they were given.
    pub remarks: Vec<Remark>,
}

/// A lease that is not in the inventory, or not whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The lease.
    pub lease: LeaseId,
    /// Whose it is.
    pub holder: Holder,
    /// Why.
    pub reason: RemarkReason,
}

/// Why a lease is not in the inventory, or not whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemarkReason {
    /// The format knows epairs only; left out.
    NotEpair(InterfaceKind),
    /// The format has no line without an IPv4 address; left out.
    NoIpv4,
    /// The format has one line for each jail, that of its first interface; left out.
    FurtherInterface,
    /// The version label holds a colon or a character that a line cannot carry; left out.
    Version(String),
    /// The line has the first IPv4 address; these are not in it.
    FurtherAddresses(Vec<Ipv4Addr>),
}

/// Writes leases as an inventory, one line each, in the order they are given.
#[must_use]
pub fn render(leases: &[Lease]) -> InventoryText {
    let mut out = InventoryText { text: HEADER.to_owned(), remarks: Vec::new() };
    for lease in leases {
        let remark = |reason| Remark { lease: lease.id, holder: lease.holder.clone(), reason };
        match line(lease) {
            Ok((line, further)) => {
                out.text.push_str(&line);
                if !further.is_empty() {
                    out.remarks.push(remark(RemarkReason::FurtherAddresses(further)));
                }
            }
            Err(reason) => out.remarks.push(remark(reason)),
        }
    }
    out
}

fn line(lease: &Lease) -> Result<(String, Vec<Ipv4Addr>), RemarkReason> {
    let Some(index) = lease.index.filter(|_| lease.kind == InterfaceKind::Epair) else {
        return Err(RemarkReason::NotEpair(lease.kind));
    };
    if lease.holder.interface != InterfaceLabel::unsaid() {
        return Err(RemarkReason::FurtherInterface);
    }
    let mut ipv4 = lease.addresses.iter().filter_map(|leased| match leased.address {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    });
    let address = ipv4.next().ok_or(RemarkReason::NoIpv4)?;
    let version = lease.labels.get(INVENTORY_VERSION_LABEL).unwrap_or_default();
    if version.contains(|c: char| c == ':' || c.is_control()) {
        return Err(RemarkReason::Version(version.to_owned()));
    }
    // A label is only a note: the original name counts as long as it still leads to the jail's real one.
    let original = lease.labels.get(INVENTORY_JAIL_LABEL);
    let jail = lease.holder.jail.as_str();
    let jail = original.filter(|original| safe_jail_name(original) == jail).unwrap_or(jail);
    let (host, bridge) = (&lease.holder.host, &lease.bridge);
    Ok((format!("{host}:{bridge}:{jail}:{version}:{address}:{index}\n"), ipv4.collect()))
}

impl fmt::Display for RemarkReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotEpair(kind) => write!(f, "an inventory has epairs only, and this is a lease for {kind}"),
            Self::NoIpv4 => f.write_str("an inventory needs an IPv4 address, and the lease has none"),
            Self::FurtherInterface => {
                f.write_str("an inventory has one line for each jail, that of its interface net0")
            }
            Self::Version(version) => {
                write!(f, "the version {version:?} holds what an inventory's column cannot carry")
            }
            Self::FurtherAddresses(addresses) => {
                let texts: Vec<String> = addresses.iter().map(Ipv4Addr::to_string).collect();
                write!(f, "an inventory has one address for each jail; not in it: {}", texts.join(", "))
            }
        }
    }
}
