//! The host's side: an interface is made, marked and put on its bridge, and destroyed only where the mark still is.

use allocd_types::kind::InterfaceKind;
use allocd_types::name::InterfaceName;

use super::mark;
use crate::interfaces::{Interface, Link};
use crate::profile::TapPlace;

/// Longest wait for an interface to come back from a jail that is going, in seconds.
const RETURN_SECONDS: &str = "1 2 3 4 5 6 7 8 9 10";

/// Removes what a failed start of the same lease left behind, under either of its names.
pub(super) fn clear(interface: &Interface) -> Vec<String> {
    let Some((made, name)) = outer_names(&interface.link) else {
        return Vec::new();
    };
    let mut names = vec![name.as_str()];
    if made != name.as_str() {
        names.push(&made);
    }
    names.into_iter().map(|name| destroy_marked(name, interface)).collect()
}

/// Makes the interface: not up before it has its MAC, and on the bridge last.
pub(super) fn create(interface: &Interface) -> Vec<String> {
    let mark = mark(interface.lease);
    let mtu = |name: &InterfaceName| interface.mtu.map(|mtu| format!("/sbin/ifconfig {name} mtu {mtu}"));
    let ether = |name: &InterfaceName, mac| format!("/sbin/ifconfig {name} ether {mac}");
    let mut commands = Vec::new();
    match &interface.link {
        Link::Cable { unit, a, b, mac_a, mac_b } => {
            let epair = InterfaceKind::Epair.as_str();
            commands.push(format!("/sbin/ifconfig {epair}{unit} create"));
            commands.push(format!("/sbin/ifconfig {epair}{unit}a description {mark}"));
            for (made, name) in [(format!("{epair}{unit}a"), a), (format!("{epair}{unit}b"), b)] {
                commands.extend(rename(&made, name));
            }
            commands.extend([ether(a, mac_a), ether(b, mac_b)]);
            commands.extend(mtu(a).into_iter().chain(mtu(b)));
            commands.extend(plug_in(a, interface));
        }
        Link::Tap { unit, name, mac, place } => {
            let made = format!("{}{unit}", InterfaceKind::Tap);
            commands.push(format!("/sbin/ifconfig {made} create"));
            commands.push(format!("/sbin/ifconfig {made} description {mark}"));
            commands.extend(rename(&made, name));
            commands.push(ether(name, mac));
            commands.extend(mtu(name));
            match place {
                TapPlace::Host => commands.extend(plug_in(name, interface)),
                TapPlace::Jail => {}
            }
        }
        Link::Tun { unit, name } => {
            let made = format!("{}{unit}", InterfaceKind::Tun);
            commands.push(format!("/sbin/ifconfig {made} create"));
            commands.push(format!("/sbin/ifconfig {made} description {mark}"));
            commands.extend(rename(&made, name));
            commands.extend(mtu(name));
        }
        Link::Ngeth { name, mac } => {
            commands.push(ether(name, mac));
            commands.extend(mtu(name));
        }
    }
    commands
}

/// Destroys what was made; both ends of a cable go together, wherever the inner one is.
pub(super) fn destroy(interface: &Interface) -> Vec<String> {
    let Some((_, name)) = outer_names(&interface.link) else {
        return Vec::new();
    };
    let destroy = destroy_marked(name.as_str(), interface);
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
fn plug_in(name: &InterfaceName, interface: &Interface) -> [String; 2] {
    [format!("/sbin/ifconfig {name} up"), format!("/sbin/ifconfig {} addm {name}", interface.bridge)]
}

/// The outer interface's name as ifconfig(8) makes it, and as it is then called; none if something else makes it.
fn outer_names(link: &Link) -> Option<(String, &InterfaceName)> {
    match link {
        Link::Cable { unit, a, .. } => Some((format!("{}{unit}a", InterfaceKind::Epair), a)),
        Link::Tap { unit, name, .. } => Some((format!("{}{unit}", InterfaceKind::Tap), name)),
        Link::Tun { unit, name } => Some((format!("{}{unit}", InterfaceKind::Tun), name)),
        Link::Ngeth { .. } => None,
    }
}

fn rename(made: &str, name: &InterfaceName) -> Option<String> {
    (made != name.as_str()).then(|| format!("/sbin/ifconfig {made} name {name}"))
}

/// ifconfig(8) prints the description on a line of its own behind a tab; the whole line has to be the mark, or lease 17 would
/// destroy what lease 170 uses.
fn destroy_marked(name: &str, interface: &Interface) -> String {
    let mark = mark(interface.lease);
    format!(
        "if /sbin/ifconfig {name} 2>/dev/null | /usr/bin/grep -qx '.description: {mark}'; \
         then /sbin/ifconfig {name} destroy; fi"
    )
}
