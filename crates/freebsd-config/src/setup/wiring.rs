//! Which interfaces rc.d/netif has to make, under which names, and which of them is in which bridge.
//!
//! ```text
//! bge0, or lagg0 over bge0 and bge1          in the bridge itself ...
//!   +-- vlan300 (vlans_bge0)                 ... or each of its VLANs in a bridge of its own
//! bridge0 -> vswitch0                        a bridge's name is its driver's, or it is renamed from the first free unit
//! ```

use std::collections::BTreeSet;

use allocd_types::index::UnitIndex;
use allocd_types::name::InterfaceName;

use super::options::{SetupBridge, SetupOptions, Uplink};

/// What Ethernet drivers begin with (`ETHERMTU` in sys/net/ethernet.h).
const MTU_DEFAULT: u16 = 1_500;

/// The interfaces of a host.
pub(super) struct Wiring<'a> {
    /// The bridges, in the order in which they were given.
    pub(super) bridges: Vec<WiredBridge<'a>>,
    /// The uplinks, each once.
    pub(super) uplinks: Vec<WiredUplink<'a>>,
}

/// A bridge with what is in it.
pub(super) struct WiredBridge<'a> {
    /// What the driver calls it.
    pub(super) made: String,
    pub(super) bridge: &'a SetupBridge,
    /// The interface that joins it to the wire.
    pub(super) member: Option<String>,
}

/// An uplink with all that it carries.
pub(super) struct WiredUplink<'a> {
    pub(super) uplink: &'a Uplink,
    /// True if it is in a bridge itself.
    pub(super) is_member: bool,
    /// The MTU of the bridge that it is in.
    pub(super) own_mtu: Option<u16>,
    pub(super) vlans: Vec<Vlan>,
}

/// A VLAN's interface.
pub(super) struct Vlan {
    pub(super) name: String,
    pub(super) id: u16,
    pub(super) mtu: Option<u16>,
}

impl<'a> Wiring<'a> {
    pub(super) fn new(options: &'a SetupOptions) -> Self {
        let mut units = taken_units(&options.bridges);
        let mut wiring = Self { bridges: Vec::new(), uplinks: Vec::new() };
        for bridge in &options.bridges {
            let made = match unit_of("bridge", &bridge.name) {
                Some(_) => bridge.name.to_string(),
                None => format!("bridge{}", take_unit(&mut units)),
            };
            let member = bridge.uplink.as_ref().map(|uplink| match bridge.vlan {
                Some(vlan) => vlan_name(vlan),
                None => uplink.name().to_string(),
            });
            wiring.bridges.push(WiredBridge { made, bridge, member });
            if let Some(uplink) = &bridge.uplink {
                wiring.carry(uplink, bridge);
            }
        }
        wiring
    }

    /// Notes what an uplink does for a bridge.
    fn carry(&mut self, uplink: &'a Uplink, bridge: &SetupBridge) {
        let known = self.uplinks.iter().position(|known| known.uplink.name() == uplink.name());
        let at = known.unwrap_or(self.uplinks.len());
        if known.is_none() {
            let new = WiredUplink { uplink, is_member: false, own_mtu: None, vlans: Vec::new() };
            self.uplinks.push(new);
        }
        let carrier = &mut self.uplinks[at];
        match bridge.vlan {
            Some(id) => carrier.vlans.push(Vlan { name: vlan_name(id), id, mtu: bridge.mtu }),
            None => (carrier.is_member, carrier.own_mtu) = (true, bridge.mtu),
        }
    }
}

impl WiredUplink<'_> {
    /// The MTU that everything on it fits into; none if the driver's default is right for all of it.
    pub(super) fn mtu(&self) -> Option<u16> {
        let own = self.is_member.then_some(self.own_mtu);
        let said: Vec<Option<u16>> = self.vlans.iter().map(|vlan| vlan.mtu).chain(own).collect();
        let is_said = said.iter().any(Option::is_some);
        said.into_iter().map(|mtu| mtu.unwrap_or(MTU_DEFAULT)).max().filter(|_| is_said)
    }

    /// The MTU of a VLAN on it, which would have the uplink's unless it is told otherwise.
    pub(super) fn vlan_mtu(&self, vlan: &Vlan) -> Option<u16> {
        vlan.mtu.or(self.mtu().map(|_| MTU_DEFAULT))
    }

    /// True if it is in a bridge itself, and cannot be as large as something on it.
    pub(super) fn is_too_small(&self) -> bool {
        self.is_member && self.mtu().is_some_and(|mtu| mtu > self.own_mtu.unwrap_or(MTU_DEFAULT))
    }
}

/// The name of a VLAN's interface; one with a dot in it could not be configured by rc.conf(5) everywhere.
pub(super) fn vlan_name(vlan: u16) -> String {
    format!("vlan{vlan}")
}

/// The unit in a driver's own name, such as 0 in `bridge0`; none if the name is not one that the driver gives.
pub(super) fn unit_of(driver: &str, name: &InterfaceName) -> Option<UnitIndex> {
    let digits = name.as_str().strip_prefix(driver)?;
    digits.parse().ok().filter(|unit: &UnitIndex| unit.to_string() == digits)
}

/// The units that bridges with the driver's names have.
fn taken_units(bridges: &[SetupBridge]) -> BTreeSet<u16> {
    bridges.iter().filter_map(|bridge| unit_of("bridge", &bridge.name)).map(UnitIndex::get).collect()
}

fn take_unit(units: &mut BTreeSet<u16>) -> u16 {
    let unit = (0..=u16::MAX).find(|unit| !units.contains(unit)).expect("a host has few bridges");
    units.insert(unit);
    unit
}
