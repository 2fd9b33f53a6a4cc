//! Where a rendered text comes from: which leases, at which generation, and what of them the text itself cannot say.

use std::fmt::Write as _;

use allocd_types::kind::InterfaceKind;
use allocd_types::lease::Lease;

use crate::interfaces::JailInterfaces;

/// One line for each lease, and those remarks that people need.
pub(crate) fn lines(interfaces: &JailInterfaces) -> Vec<String> {
    interfaces.leases().iter().flat_map(lease_lines).collect()
}

fn lease_lines(lease: &Lease) -> Vec<String> {
    let Lease { id, generation, kind, network, .. } = lease;
    let name = id.resource_name();
    let mut first = format!("{name}, generation {generation}: {kind} {} ", lease.holder.interface);
    let bridge = &lease.bridge;
    let _ = write!(first, "on network {network} (bridge {bridge}");
    if let Some(vlan) = lease.vlan {
        let _ = write!(first, ", VLAN {vlan} on its uplink");
    }
    first.push_str(").");
    let mut lines = vec![first];
    match kind {
        InterfaceKind::Tun if !lease.addresses.is_empty() => {
            let addresses: Vec<String> = lease
                .addresses
                .iter()
                .map(|leased| format!("{}/{}", leased.address, leased.subnet.length()))
                .collect();
            lines.push(format!("The program that opens it sets its addresses: {}.", addresses.join(", ")));
        }
        InterfaceKind::Ngeth => {
            lines.push(
                "It has to exist before the jail starts: ngctl(8) makes it, not ifconfig(8).".to_owned(),
            );
        }
        InterfaceKind::Tun | InterfaceKind::Epair | InterfaceKind::Tap | InterfaceKind::Address => {}
    }
    if !lease.resolvers.is_empty() {
        let resolvers: Vec<String> = lease.resolvers.iter().map(ToString::to_string).collect();
        lines.push(format!("Resolvers of its network: {}.", resolvers.join(", ")));
    }
    lines
}
