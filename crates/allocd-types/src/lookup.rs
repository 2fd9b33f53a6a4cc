//! By what a lease is looked up.

use std::fmt;
use std::net::IpAddr;

use crate::holder::Holder;
use crate::mac::Mac;
use crate::name::{HostName, InterfaceName, VrfName};

/// Whose lease is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LeaseQuery {
    /// That of a MAC address, of either end.
    Mac(Mac),
    /// That of an address in a VRF.
    Address(VrfName, IpAddr),
    /// That of a holder.
    Holder(Holder),
    /// That of an interface on a host, by the name of either end.
    Interface(HostName, InterfaceName),
}

impl fmt::Display for LeaseQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&match self {
            Self::Mac(mac) => mac.to_string(),
            Self::Address(_, address) => address.to_string(),
            Self::Holder(holder) => holder.to_string(),
            Self::Interface(host, ifname) => format!("{ifname} on {host}"),
        })
    }
}
