//! The host's side: an interface is made, marked and put on its bridge, and destroyed only where the mark still is.

use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::mac::Mac;
use allocd_types::name::InterfaceName;

use super::{HostStep, mark};
use crate::interfaces::{Interface, Link};
use crate::profile::TapPlace;

/// Longest wait for an interface to come back from a jail that is going, in seconds.
const RETURN_SECONDS: &str = "1 2 3 4 5 6 7 8 9 10";

/// Removes what a failed start of the same lease left behind, under either of its names.
pub(super) fn clear(interface: &Interface) -> Vec<String> {
    let Some((made, name)) = outer_names(&interface.link) else {
        return Vec::new();
    };
    let mut names = vec![name];
    if made != *name {
        names.push(&made);
    }
    names.into_iter().map(|name| destroy_marked(name, interface)).collect()
}

/// Makes the interface: not up before it has its MAC, and on the bridge last.
pub(super) fn create(interface: &Interface) -> Vec<HostStep> {
    let lease = interface.lease;
    let ether = |name: &InterfaceName, mac: &Mac| HostStep::SetMac { name: name.clone(), mac: *mac };
    let mtu = |name: &InterfaceName| interface.mtu.map(|mtu| HostStep::SetMtu { name: name.clone(), mtu });
    let made_and_marked = |kind: InterfaceKind, unit: &UnitIndex, made: &InterfaceName| {
        [HostStep::Create { kind, unit: *unit }, HostStep::Mark { name: made.clone(), lease }]
    };
    let mut steps = Vec::new();
    match &interface.link {
        Link::Cable { unit, a, b, mac_a, mac_b } => {
            let [made_a, made_b] = made_ends(*unit);
            steps.extend(made_and_marked(InterfaceKind::Epair, unit, &made_a));
            steps.extend(rename(&made_a, a).into_iter().chain(rename(&made_b, b)));
            steps.extend([ether(a, mac_a), ether(b, mac_b)]);
            steps.extend(mtu(a).into_iter().chain(mtu(b)));
            steps.extend(plug_in(a, interface));
        }
        Link::Tap { unit, name, mac, beside, place } => {
            let made = made(InterfaceKind::Tap, *unit);
            steps.extend(made_and_marked(InterfaceKind::Tap, unit, &made));
            steps.extend(rename(&made, name));
            steps.extend(tap_mac(*mac, *beside, *place).map(|mac| ether(name, &mac)));
            steps.extend(mtu(name));
            match place {
                TapPlace::Host => steps.extend(plug_in(name, interface)),
                TapPlace::Jail => {}
            }
        }
        Link::Tun { unit, name } => {
            let made = made(InterfaceKind::Tun, *unit);
            steps.extend(made_and_marked(InterfaceKind::Tun, unit, &made));
            steps.extend(rename(&made, name));
            steps.extend(mtu(name));
        }
        Link::Ngeth { name, mac } => {
            steps.push(ether(name, mac));
            steps.extend(mtu(name));
        }
    }
    steps
}

/// The MAC that a tap is given; none if it keeps the kernel's.
///
/// In the jail it is the jail's own interface. On the bridge it is the host's end of a cable to a guest, and the guest has the
/// lease's: if the tap had it too, the bridge would take the guest's frames for the host's own (bridge_input in
/// sys/net/if_bridge.c).
fn tap_mac(mac: Mac, beside: Option<Mac>, place: TapPlace) -> Option<Mac> {
    match place {
        TapPlace::Jail => Some(mac),
        TapPlace::Host => beside,
    }
}

/// Destroys what was made; both ends of a cable go together, wherever the inner one is.
pub(super) fn destroy(interface: &Interface) -> Vec<String> {
    let Some((_, name)) = outer_names(&interface.link) else {
        return Vec::new();
    };
    let destroy = destroy_marked(name, interface);
    match interface.link {
        Link::Cable { .. } | Link::Tap { place: TapPlace::Host, .. } => vec![destroy],
        // A single interface is back on the host only when the jail's network stack is really gone, which an open connection
        // holds up (vnet_if_return in sys/net/if.c).
        Link::Tap { place: TapPlace::Jail, .. } | Link::Tun { .. } | Link::Ngeth { .. } => {
            let wait = format!(
                "for i in {RETURN_SECONDS}; do /sbin/ifconfig {name} >/dev/null 2>&1 && break; /bin/sleep 1; done"
            );
            vec![wait, destroy]
        }
    }
}

/// Brings an interface up and puts it on its bridge.
fn plug_in(name: &InterfaceName, interface: &Interface) -> [HostStep; 2] {
    let (bridge, member) = (interface.bridge.clone(), name.clone());
    [HostStep::BringUp { name: name.clone() }, HostStep::AddMember { bridge, member }]
}

/// The outer interface's name as ifconfig(8) makes it, and as it is then called; none if something else makes it.
pub(super) fn outer_names(link: &Link) -> Option<(InterfaceName, &InterfaceName)> {
    match link {
        Link::Cable { unit, a, .. } => {
            let [made, _] = made_ends(*unit);
            Some((made, a))
        }
        Link::Tap { unit, name, .. } => Some((made(InterfaceKind::Tap, *unit), name)),
        Link::Tun { unit, name } => Some((made(InterfaceKind::Tun, *unit), name)),
        Link::Ngeth { .. } => None,
    }
}

/// What the kernel calls both ends of a cable.
pub(super) fn made_ends(unit: UnitIndex) -> [InterfaceName; 2] {
    ["a", "b"].map(|end| named(&format!("{}{unit}{end}", InterfaceKind::Epair)))
}

pub(super) fn made(kind: InterfaceKind, unit: UnitIndex) -> InterfaceName {
    named(&format!("{kind}{unit}"))
}

fn named(text: &str) -> InterfaceName {
    InterfaceName::new(text).expect("a kind's word and a unit are a name")
}

fn rename(made: &InterfaceName, name: &InterfaceName) -> Option<HostStep> {
    (made != name).then(|| HostStep::Rename { from: made.clone(), to: name.clone() })
}

/// ifconfig(8) prints the description on a line of its own behind a tab; the whole line has to be the mark, or lease 17 would
/// destroy what lease 170 uses.
fn destroy_marked(name: &InterfaceName, interface: &Interface) -> String {
    let mark = mark(interface.lease);
    format!(
        "if /sbin/ifconfig {name} 2>/dev/null | /usr/bin/grep -qx '.description: {mark}'; \
         then /sbin/ifconfig {name} destroy; fi"
    )
}
