//! What is on a host and from no lease: its cards, its bridges, and what somebody made by hand.
//!
//! The cluster keeps these values out of its pools. An interface that has the MAC or unit of a lease is left out, marked or not:
//! it is what `alloc-agent adopt` takes over.

use std::collections::BTreeSet;

use allocd_types::host::SeenOnHost;
use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::lease::Lease;
use allocd_types::mac::Mac;
use freebsd_host::interface::Interface;

use crate::observe::mark_of;

/// Most values that are told: what a host has of its own is far less.
const VALUES_MAX: usize = 256;

/// What is from none of these leases.
pub(super) fn seen(interfaces: &[Interface], leases: &[Lease]) -> SeenOnHost {
    let leased: BTreeSet<Mac> = leases.iter().flat_map(Lease::held_macs).collect();
    let units: BTreeSet<(InterfaceKind, UnitIndex)> =
        leases.iter().filter_map(|lease| Some((lease.kind, lease.index?))).collect();
    let mut seen = SeenOnHost::default();
    for interface in interfaces.iter().filter(|interface| mark_of(interface).is_none()) {
        let unit = unit_of(interface.name.as_str());
        if unit.is_some_and(|unit| units.contains(&unit)) || seen.len() + 2 > VALUES_MAX {
            continue;
        }
        let mac = interface.ether.filter(|mac| !leased.contains(mac) && mac.check_usable().is_ok());
        seen.macs.extend(mac);
        seen.units.extend(unit);
    }
    seen
}

/// The kind and unit of an interface, by its name.
fn unit_of(name: &str) -> Option<(InterfaceKind, UnitIndex)> {
    let kinds = InterfaceKind::ALL.into_iter().filter(|kind| kind.has_index());
    kinds.into_iter().find_map(|kind| {
        let rest = name.strip_prefix(kind.as_str())?;
        let unit = match kind {
            InterfaceKind::Epair => rest.strip_suffix(['a', 'b'])?,
            InterfaceKind::Tap | InterfaceKind::Tun | InterfaceKind::Ngeth | InterfaceKind::Address => rest,
        };
        Some((kind, unit.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_read_from_the_kernels_names() {
        let unit = |number| UnitIndex::new(number).unwrap();
        assert_eq!(unit_of("epair7a"), Some((InterfaceKind::Epair, unit(7))));
        assert_eq!(unit_of("epair7b"), Some((InterfaceKind::Epair, unit(7))));
        assert_eq!(unit_of("tap12"), Some((InterfaceKind::Tap, unit(12))));
        for other in ["epair7", "tap", "em0", "jail7a", "tapir", "bridge0"] {
            assert_eq!(unit_of(other), None, "{other}");
        }
    }
}
