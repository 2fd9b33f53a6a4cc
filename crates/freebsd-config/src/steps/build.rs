//! The steps for whoever runs them one by one, and looks in between at what there is: the same sequence, taken apart.

use allocd_types::address::Family;
use allocd_types::id::LeaseId;
use allocd_types::kind::InterfaceKind;
use allocd_types::lease::LeasedAddress;
use allocd_types::mac::Mac;
use allocd_types::name::InterfaceName;

use super::{HostStep, JailStep, Quotes, START, host, ipv6, jail, stop};
use crate::interfaces::{Interface, JailInterfaces, Link};
use crate::profile::{RenderProfile, TapPlace};
use crate::release::ReleaseFamily;

/// All that is done for a jail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildSteps {
    /// Its interfaces, in order.
    pub links: Vec<LinkSteps>,
    /// In the jail, before its services start.
    pub before_services: Vec<JailStep>,
    /// Starts its services.
    pub start: JailStep,
    /// In the jail, after they started.
    pub after_services: Vec<JailStep>,
    /// Stops its services.
    pub stop: JailStep,
}

/// What one interface is like, and how it comes to be so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkSteps {
    /// The lease that it is for.
    pub lease: LeaseId,
    /// Its kind.
    pub kind: InterfaceKind,
    /// What ifconfig(8) makes it as, and what it is called then, of a cable the host's end first; nothing if something else
    /// makes it.
    pub made: Vec<Named>,
    /// What is done on the host, in order.
    pub create: Vec<HostStep>,
    /// The bridge that it is on.
    pub bridge: Option<InterfaceName>,
    /// What moves into the jail.
    pub moved: Option<InterfaceName>,
    /// The MAC of what moves.
    pub moved_mac: Option<Mac>,
    /// The addresses that it gets in the jail.
    pub addresses: Vec<LeasedAddress>,
    /// What is done in the jail for this interface alone.
    pub configure: Vec<JailStep>,
}

/// An interface's name as ifconfig(8) makes it, and the one it has then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// As it is made.
    pub made: InterfaceName,
    /// As it is called.
    pub name: InterfaceName,
}

impl BuildSteps {
    /// The steps for the interfaces of a jail.
    #[must_use]
    pub fn new(interfaces: &JailInterfaces, profile: &RenderProfile, family: ReleaseFamily) -> Self {
        let interfaces = &interfaces.with_taps(profile.tap);
        let script = ipv6::persist(interfaces, Quotes::Written);
        let persist = JailStep::Run { script, what: "keep IPv6 in the jail's rc.conf.local" };
        let ipv6 = interfaces.interfaces.iter().flat_map(ipv6::configure);
        let mut before: Vec<JailStep> = jail::loopback(interfaces).into_iter().collect();
        before.extend(interfaces.interfaces.iter().flat_map(jail::addresses));
        before.extend(jail::default_route(interfaces, Family::V4));
        let mut after = Vec::new();
        if profile.may_write_jail_root {
            before.push(persist);
            before.extend(ipv6);
        } else {
            after.extend(ipv6);
            after.extend(jail::default_route(interfaces, Family::V6));
        }
        let run = |script: &str, what| JailStep::Run { script: script.to_owned(), what };
        Self {
            links: interfaces.interfaces.iter().map(LinkSteps::new).collect(),
            before_services: before,
            start: run(START, "start its services"),
            after_services: after,
            stop: run(stop(family), "stop its services"),
        }
    }
}

impl LinkSteps {
    fn new(interface: &Interface) -> Self {
        let (kind, made, moved_mac) = match &interface.link {
            Link::Cable { unit, a, b, mac_b, .. } => {
                let [made_a, made_b] = host::made_ends(*unit);
                let ends = vec![Named::new(made_a, a), Named::new(made_b, b)];
                (InterfaceKind::Epair, ends, Some(*mac_b))
            }
            Link::Tap { unit, name, mac, .. } => {
                let made = host::made(InterfaceKind::Tap, *unit);
                (InterfaceKind::Tap, vec![Named::new(made, name)], Some(*mac))
            }
            Link::Tun { unit, name } => {
                let made = host::made(InterfaceKind::Tun, *unit);
                (InterfaceKind::Tun, vec![Named::new(made, name)], None)
            }
            Link::Ngeth { mac, .. } => (InterfaceKind::Ngeth, Vec::new(), Some(*mac)),
        };
        let is_on_bridge = match interface.link {
            Link::Cable { .. } | Link::Tap { place: TapPlace::Host, .. } => true,
            Link::Tap { place: TapPlace::Jail, .. } | Link::Tun { .. } | Link::Ngeth { .. } => false,
        };
        let addresses = |family| interface.addresses_of(family).cloned();
        Self {
            lease: interface.lease,
            kind,
            made,
            create: host::create(interface),
            bridge: is_on_bridge.then(|| interface.bridge.clone()),
            moved: interface.is_in_jail().then(|| interface.inner_name().clone()),
            moved_mac: moved_mac.filter(|_| interface.is_in_jail()),
            addresses: addresses(Family::V4).chain(addresses(Family::V6)).collect(),
            configure: jail::addresses(interface).into_iter().chain(ipv6::configure(interface)).collect(),
        }
    }

    /// The host's end as it is made and as it is called; nothing if something else makes it.
    #[must_use]
    pub fn outer(&self) -> Option<&Named> {
        self.made.first()
    }
}

impl Named {
    fn new(made: InterfaceName, name: &InterfaceName) -> Self {
        Self { made, name: name.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;
    use crate::profile::{ProfileLayers, ProfileValues};

    fn steps(may_write_jail_root: bool) -> BuildSteps {
        let interfaces = JailInterfaces::new(example::full()).unwrap();
        let values =
            ProfileValues { may_write_jail_root: Some(may_write_jail_root), ..ProfileValues::default() };
        let layers = ProfileLayers { jail: values, ..ProfileLayers::default() };
        BuildSteps::new(&interfaces, &layers.resolve(interfaces.jail()).unwrap(), ReleaseFamily::From13)
    }

    #[test]
    fn the_steps_are_those_of_the_files() {
        let interfaces = JailInterfaces::new(example::full()).unwrap();
        let profile = ProfileLayers::default().resolve(interfaces.jail()).unwrap();
        let file = super::super::Steps::new(&interfaces, &profile, Quotes::Written);
        let ours = steps(true);
        let create: Vec<String> =
            ours.links.iter().flat_map(|link| super::super::made_at_once(&link.create)).collect();
        assert_eq!(create, file.create);
        let before: Vec<String> = ours.before_services.iter().map(ToString::to_string).collect();
        assert_eq!(before, file.before_rc(&profile));
        let late: Vec<String> = steps(false).after_services.iter().map(ToString::to_string).collect();
        assert_eq!(late, file.ipv6_at_once());
    }

    #[test]
    fn a_link_tells_its_ends_its_bridge_and_what_moves() {
        let links = steps(true).links;
        let shown: Vec<_> = links
            .iter()
            .map(|link| {
                let outer = link.outer().map(|named| format!("{} {}", named.made, named.name));
                let text = |name: &Option<InterfaceName>| name.as_ref().map(ToString::to_string);
                (outer.unwrap(), text(&link.bridge), text(&link.moved), link.addresses.len())
            })
            .collect();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            shown,
            [
                ("epair7a jail7a".to_owned(), some("vswitch0"), some("jail7b"), 4),
                ("epair8a epair8a".to_owned(), some("bridge301"), some("epair8b"), 1),
                ("tun0 tun0".to_owned(), None, some("tun0"), 0),
            ]
        );
    }
}
