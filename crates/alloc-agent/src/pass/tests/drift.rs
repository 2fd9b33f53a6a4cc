//! What is changed behind the agent's back on a jail that runs, and how it is put right.

use allocd_types::kind::InterfaceKind;
use allocd_types::mac::{Mac, Macs};
use allocd_types::name::InterfaceName;
use freebsd_host::{Invocation, Program, Runner as _};

use super::*;
use crate::plan::Finding;

/// A finished jail to which an operator, or root in the jail, then does these things.
fn drifted(target: &str, release: (u8, u8), commands: &[&str]) -> (Rig, Vec<Report>) {
    let rig = web01(target, release);
    rig.settle();
    commands.iter().for_each(|command| rig.ifconfig(command));
    let reports = rig.settle();
    (rig, reports)
}

fn findings(reports: &[Report]) -> Vec<String> {
    reports.iter().flat_map(|report| &report.findings).map(|(_, finding)| finding.to_string()).collect()
}

#[test]
fn what_differs_is_told_and_put_right_without_a_restart() {
    for target in TARGETS {
        for (commands, told) in [
            (
                &["epair7a ether 02:00:00:00:00:0a"][..],
                "epair7a has the MAC 02:00:00:00:00:0a of epair(4) up to FreeBSD 11 instead of 12:34:56:00:07:0a",
            ),
            (&["vswitch0 deletem epair7a"][..], "epair7a is not on vswitch0"),
            (&["epair7a down"][..], "epair7a is down"),
            (&["-j web01 epair7b down"][..], "epair7b in the jail is down"),
            (&["-j web01 epair7b inet 10.0.0.7 -alias"][..], "epair7b in the jail has not 10.0.0.7"),
            (&["-j web01 epair7b inet6 fd00::7 -alias"][..], "epair7b in the jail has not fd00::7"),
            (
                &["-j web01 epair7b inet 10.0.0.99/32 alias"][..],
                "epair7b in the jail has 10.0.0.99, which no lease gives it",
            ),
            (&["epair7a destroy"][..], "epair7b is gone"),
            (&["epair7b -vnet web01"][..], "epair7b is gone"),
            (
                &["bridge9 create", "vswitch0 deletem epair7a", "bridge9 addm epair7a"][..],
                "epair7a is not on vswitch0",
            ),
        ] {
            let (rig, reports) = drifted(target, (14, 1), commands);
            let found = findings(&reports);
            assert!(found.contains(&told.to_owned()), "{target} {commands:?}: {found:?}");
            assert_built(&rig);
            assert!(!rig.shown().contains("10.0.0.99"), "{}", rig.shown());
            assert_eq!(rig.fake.services().len(), 1, "{target} {commands:?}: it was started again");
            assert_eq!(findings(&rig.settle()), [""; 0], "{target} {commands:?}");
        }
    }
}

#[test]
fn a_mac_that_root_in_the_jail_changed_is_put_right_with_its_link_local_address() {
    for release in RELEASES {
        let rig = web01(TARGETS[0], release);
        rig.settle();
        let inside = ["web01", "/sbin/ifconfig", "epair7b", "ether", "02:00:00:00:00:0b"];
        let invocation = Invocation::new(Program::JEXEC, inside);
        assert!(rig.fake.run(&invocation).unwrap().exit.is_success());
        let found = findings(&rig.settle());
        assert!(found[0].starts_with("epair7b in the jail has the MAC 02:00:00:00:00:0b"), "{found:?}");
        assert_built(&rig);
        let inner = rig.fake.interfaces(Some("web01"));
        let inner = inner.iter().find(|interface| interface.name == "epair7b").unwrap();
        let link_local = inner.mac.unwrap().link_local();
        let mut own = inner.inet6.iter().map(|inet| inet.address).filter(|it| it.is_unicast_link_local());
        assert!(own.all(|address| address == link_local), "{release:?} {:?}", inner.inet6);
    }
}

#[test]
fn an_agent_that_may_not_repair_only_tells() {
    let rig = web01("[policy]\nrepair = false\n", (14, 1));
    rig.settle();
    rig.ifconfig("epair7a ether 02:00:00:00:00:0a");
    let before = rig.shown();
    let reports = rig.settle();
    assert_eq!(findings(&reports).len(), 1, "{reports:?}");
    assert_eq!(rig.shown(), before);
}

#[test]
fn a_stranger_with_our_name_is_told_and_left_alone() {
    for target in TARGETS {
        let rig = web01(target, (14, 1));
        rig.ifconfig("epair7 create");
        let before = rig.shown();
        let reports = rig.settle();
        let expected = Finding::ForeignInterface {
            lease: LeaseId::new(17),
            name: InterfaceName::new("epair7a").unwrap(),
        };
        assert_eq!(findings(&reports), [expected.to_string()], "{target}");
        assert_eq!(rig.shown(), before, "{target}");
    }
}

#[test]
fn a_file_that_is_not_ours_is_left_alone() {
    for (target, path) in
        [(TARGETS[0], "/etc/jail.conf.d/web01.conf"), (TARGETS[1], "/usr/local/etc/ezjail/web01")]
    {
        let rig = web01(target, (14, 1));
        rig.files.write(path, "web01 { path = \"/usr/jails/web01\"; }\n", 0o644).unwrap();
        let before = rig.shown();
        assert_eq!(findings(&rig.settle()), [format!("{path} is not ours")]);
        assert_eq!(rig.shown(), before);
        assert!(rig.files.read(path).unwrap().unwrap().starts_with("web01 {"));
    }
}

#[test]
fn a_jail_that_was_not_built_here_is_left_alone() {
    for target in TARGETS {
        let rig = web01(target, (14, 1));
        let jail = ["-c", "name=web01", "path=/usr/jails/web01", "vnet=new", "persist"];
        let invocation = Invocation::new(Program::JAIL, jail);
        assert!(rig.fake.run(&invocation).unwrap().exit.is_success());
        let before = rig.shown();
        assert_eq!(findings(&rig.settle()), [Finding::ForeignJail.to_string()], "{target}");
        assert_eq!(rig.shown(), before, "{target}");
    }
}

#[test]
fn a_lease_that_changed_changes_the_jail_while_it_runs() {
    for target in TARGETS {
        let rig = web01(target, (14, 1));
        rig.settle();
        // Somebody else on the wire had its address, and it got another one.
        rig.cluster.change(LeaseId::new(17), |lease| {
            lease.state = LeaseState::Granted;
            lease.addresses[0].address = "10.0.0.8".parse().unwrap();
        });
        rig.settle();
        let shown = rig.shown();
        assert!(shown.contains("10.0.0.8/24") && !shown.contains("10.0.0.7"), "{target}: {shown}");
        if target != TARGETS[2] {
            let path = if target == TARGETS[0] {
                "/etc/jail.conf.d/web01.conf"
            } else {
                "/usr/local/etc/ezjail/web01"
            };
            let text = rig.files.read(path).unwrap().unwrap();
            assert!(text.contains("10.0.0.8") && !text.contains("10.0.0.7"), "{text}");
        }
    }
}

#[test]
fn one_of_two_interfaces_is_given_up_while_the_jail_runs() {
    for target in TARGETS {
        let mut second = lease(18, "web01", 8);
        second.holder = "h1/web01/net1".parse().unwrap();
        let rig = Rig::new((14, 1), target, vec![lease(17, "web01", 7), second]);
        rig.settle();
        assert!(rig.shown().contains("jail web01: epair8b"));
        rig.cluster.change(LeaseId::new(18), |lease| lease.state = LeaseState::Releasing);
        rig.cluster.take_said();
        rig.settle();
        assert!(!rig.shown().contains("epair8"), "{target}: {}", rig.shown());
        assert_built(&rig);
        assert_eq!(rig.cluster.take_said(), ["confirm leases/18"]);
        assert_eq!(rig.fake.services().len(), 1);
    }
}

#[test]
fn a_mark_that_a_jail_has_written_is_not_believed() {
    for target in TARGETS {
        let rig = Rig::new((14, 1), target, vec![lease(17, "web01", 7), lease(18, "web02", 8)]);
        rig.cluster.change(LeaseId::new(18), |lease| lease.is_unconfirmed = true);
        rig.settle();
        // Root in web01 calls its end otherwise, writes web02's mark on it, and it comes back to the host.
        rig.ifconfig("-j web01 epair7b name loot0");
        rig.ifconfig("-j web01 loot0 description allocd:leases/18");
        rig.ifconfig("loot0 -vnet web01");
        rig.cluster.change(LeaseId::new(18), |lease| lease.is_unconfirmed = false);
        let told = findings(&rig.settle());
        let expected = "loot0 carries the mark of leases/18, and has not its name".to_owned();
        assert!(told.contains(&expected), "{target}: {told:?}");
        // It went with its outer end, and both jails have what is theirs.
        rig.settle();
        let shown = rig.shown();
        assert!(!shown.contains("loot0"), "{target}: {shown}");
        for line in ["jail web01: epair7b 12:34:56:00:07:0b up", "jail web02: epair8b 12:34:56:00:08:0b up"] {
            assert!(shown.contains(line), "{target}: {shown}");
        }
    }
}

#[test]
fn a_guests_tap_has_the_mac_beside_the_leases_and_keeps_no_other() {
    let mac: Mac = "12:34:56:00:00:0c".parse().unwrap();
    let tap = |mac_beside| Lease {
        kind: InterfaceKind::Tap,
        macs: Macs::Single(mac),
        mac_beside,
        ifname_a: InterfaceName::new("tap7").ok(),
        ifname_b: None,
        ..lease(17, "web01", 7)
    };
    let ether = |rig: &Rig| {
        let interfaces = rig.fake.interfaces(None);
        interfaces.iter().find(|interface| interface.name == "tap7").unwrap().mac.unwrap()
    };
    for target in TARGETS {
        let rig = Rig::new((14, 1), target, vec![tap(Some(mac.beside()))]);
        rig.settle();
        assert_eq!(ether(&rig), mac.beside(), "{target}");
        // As it was before the guest had the lease's.
        rig.ifconfig("tap7 ether 12:34:56:00:00:0c");
        let told = findings(&rig.settle());
        let wrong = "tap7 has the MAC 12:34:56:00:00:0c instead of 12:34:56:00:00:0d";
        assert!(told.iter().any(|told| told == wrong), "{told:?}");
        assert_eq!(ether(&rig), mac.beside(), "{target}");
        // With a foreign one no other is held, and the kernel's stays.
        let rig = Rig::new((14, 1), target, vec![tap(None)]);
        rig.settle();
        let found = ether(&rig);
        assert_ne!(found, mac, "{target}");
        assert_eq!(findings(&rig.settle()), [""; 0]);
        assert_eq!(ether(&rig), found);
    }
}
