//! A reservation: values set aside for a named holder.

use std::net::IpAddr;

use crate::holder::Holder;
use crate::index::UnitIndex;
use crate::kind::InterfaceKind;
use crate::label::Labels;
use crate::mac::Macs;
use crate::name::{NetworkName, ReservationName};

/// What the operator sets aside. A foreign MAC, one outside every pool, may be reserved too.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReservationSpec {
    /// Its id.
    pub name: ReservationName,
    /// For whom; the host exists, the jail need not.
    pub holder: Holder,
    /// On which network.
    pub network: NetworkName,
    /// For which kind of interface.
    pub kind: InterfaceKind,
    /// The unit, if one is set aside.
    pub index: Option<UnitIndex>,
    /// The MACs, if any are.
    pub macs: Macs,
    /// The addresses, if any are.
    pub addresses: Vec<IpAddr>,
    /// Notes.
    pub labels: Labels,
}
