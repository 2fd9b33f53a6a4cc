//! The typed verbs of this crate over the fake: what they ask, the fake understands, and what it prints, they read.

use std::net::IpAddr;
use std::time::Duration;

use allocd_types::name::{InterfaceName, JailName};

use crate::fake::{FakeHost, Release};
use crate::host::{Cloned, Creation, NewJail};
use crate::interface::Description;
use crate::{Host, HostPath};

/// One release of each family, and those where something changed.
const RELEASES: [(u8, u8); 7] = [(9, 3), (10, 4), (11, 4), (12, 4), (13, 2), (14, 1), (15, 0)];

fn name(text: &str) -> InterfaceName {
    InterfaceName::new(text).unwrap()
}

fn web01(host: &Host<&FakeHost>) -> JailName {
    let jail = NewJail {
        name: JailName::new("web01").unwrap(),
        path: HostPath::new("/usr/jails/web01").unwrap(),
        hostname: "web01.example".to_owned(),
        devfs_ruleset: Some(4),
        allow: vec!["raw_sockets".to_owned()],
    };
    host.create_jail(&jail).unwrap();
    // A verb may be said again.
    host.create_jail(&jail).unwrap();
    jail.name
}

#[test]
fn a_jail_is_built_and_taken_down_on_every_release() {
    for (major, minor) in RELEASES {
        let fake = FakeHost::alone(Release::new(major, minor));
        let host = Host::look(&fake).unwrap();
        assert_eq!(host.kernel().release_date / 100_000, u32::from(major));
        let jail = web01(&host);
        let stack = host.stack();
        let (bridge, a, b) = (name("bridge0"), name("epair5a"), name("epair5b"));
        let unit = |number| allocd_types::index::UnitIndex::new(number).unwrap();
        stack.create(Cloned::Bridge(unit(0))).unwrap();
        assert_eq!(stack.create(Cloned::Epair(unit(5))).unwrap(), Creation::Made);
        assert_eq!(stack.create(Cloned::Epair(unit(5))).unwrap(), Creation::WasThere);
        stack.describe(&a, &Description::new("allocd:leases/17").unwrap()).unwrap();
        stack.set_ether(&a, "12:34:56:00:00:0a".parse().unwrap()).unwrap();
        stack.set_ether(&b, "12:34:56:00:00:0b".parse().unwrap()).unwrap();
        stack.bring_up(&a).unwrap();
        for _ in 0..2 {
            stack.add_member(&bridge, &a).unwrap();
        }
        for _ in 0..2 {
            stack.move_into(&jail, &b).unwrap();
        }
        let inside = host.stack_of(&jail);
        let (v4, v6) = ("192.168.0.101/24", "fd00::101/64");
        inside.add_address(&b, v4.parse().unwrap()).unwrap();
        inside.add_address(&b, v6.parse().unwrap()).unwrap();
        inside.enable_ipv6(&b).unwrap();
        fake.advance(Duration::from_secs(2));
        let gateway: IpAddr = "192.168.0.1".parse().unwrap();
        inside.add_default_route(gateway, &b).unwrap();
        inside.add_default_route(gateway, &b).unwrap();

        let seen = host.interfaces_in(&jail).unwrap();
        let seen = seen.iter().find(|interface| interface.name == b).unwrap();
        assert_eq!(seen.ether, Some("12:34:56:00:00:0b".parse().unwrap()));
        for address in [v4, v6] {
            assert!(
                seen.addresses.iter().any(|has| has.address == address.parse().unwrap()),
                "{major}: {seen:?}"
            );
        }
        let outer = stack.interface(&a).unwrap().unwrap();
        assert_eq!(outer.description.as_deref(), Some("allocd:leases/17"));
        assert!(stack.interface(&bridge).unwrap().unwrap().has_member(&a));
        let jails = host.jails().unwrap();
        assert_eq!((jails.len(), jails[0].has_vnet, jails[0].is_dying), (1, Some(true), false));

        inside.remove_address(&b, "192.168.0.101".parse().unwrap()).unwrap();
        stack.take_out(&jail, &b).unwrap();
        host.remove_jail(&jail).unwrap();
        stack.destroy(&a).unwrap();
        stack.destroy(&a).unwrap();
        assert!(host.jails().unwrap().is_empty() && !stack.has(&b).unwrap());
    }
}

#[test]
fn every_message_of_a_duplicate_is_read() {
    for (major, minor) in RELEASES {
        let network = crate::fake::FakeNetwork::new();
        let boot =
            |name: &str| network.boot(&crate::fake::MachineOptions::new(name, Release::new(major, minor)));
        let (one, two) = (boot("one"), boot("two"));
        let address = |host: &Host<&FakeHost>, text: &str| {
            host.stack().add_address(&name("em0"), text.parse().unwrap()).unwrap();
        };
        let (first, second) = (Host::look(&one).unwrap(), Host::look(&two).unwrap());
        for text in ["192.168.0.1/24", "fd00::1/64"] {
            address(&first, text);
        }
        network.advance(Duration::from_secs(2));
        for text in ["192.168.0.1/24", "fd00::1/64"] {
            address(&second, text);
        }
        network.advance(Duration::from_secs(2));
        let read = second.kernel_messages().unwrap();
        assert!(read.len() >= 2, "{major}: {read:?} of {:?}", two.messages());
        assert!(second.stack().answers("192.168.0.1".parse().unwrap()).unwrap());
    }
}
