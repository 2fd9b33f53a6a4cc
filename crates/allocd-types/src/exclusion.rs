//! An exclusion: values that are never handed out, because something outside of allocd's sight uses them.

use std::fmt;

use crate::address::AddressRange;
use crate::index::UnitIndex;
use crate::kind::InterfaceKind;
use crate::label::Labels;
use crate::mac::Mac;
use crate::name::{ExclusionName, HostName, VrfName};

/// What the operator, an import or an agent excludes. A value that is leased stays leased; it is excluded once it is given back.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExclusionSpec {
    /// Its id.
    pub name: ExclusionName,
    /// The values.
    pub values: ExcludedValues,
    /// Why, in the operator's words.
    pub reason: String,
    /// Notes.
    pub labels: Labels,
}

/// Values that are never handed out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExcludedValues {
    /// Addresses of a VRF, inside a subnet or not.
    Addresses {
        /// The scope of the addresses.
        vrf: VrfName,
        /// The addresses.
        range: AddressRange,
    },
    /// MAC addresses, inside a pool or not.
    Macs {
        /// The first.
        first: Mac,
        /// The last.
        last: Mac,
    },
    /// Units of one kind on one host.
    Indices {
        /// The host; it exists.
        host: HostName,
        /// The kind.
        kind: InterfaceKind,
        /// The first unit.
        first: UnitIndex,
        /// The last unit.
        last: UnitIndex,
    },
}

impl fmt::Display for ExcludedValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&match self {
            Self::Addresses { range, .. } => range.to_string(),
            Self::Macs { first, last } if first == last => first.to_string(),
            Self::Macs { first, last } => format!("{first}-{last}"),
            Self::Indices { host, kind, first, last } if first == last => format!("{kind}{first} on {host}"),
            Self::Indices { host, kind, first, last } => format!("{kind}{first}-{last} on {host}"),
        })
    }
}
