//! Jails that run already, and are taken over only if they are as their leases have them.

use freebsd_host::{Invocation, Program, Runner as _};

use super::*;
use crate::view::plan_text;

/// A jail that an operator has made by hand, just as its lease has it.
fn by_hand(target: &str) -> Rig {
    let rig = web01(target, (14, 1));
    for command in [
        "epair7 create",
        "epair7a ether 12:34:56:00:07:0a",
        "epair7b ether 12:34:56:00:07:0b",
        "epair7a up",
        "vswitch0 addm epair7a",
    ] {
        rig.ifconfig(command);
    }
    let jail = ["-c", "name=web01", "path=/usr/jails/web01", "vnet=new", "persist"];
    assert!(rig.fake.run(&Invocation::new(Program::JAIL, jail)).unwrap().exit.is_success());
    for command in [
        "epair7b vnet web01",
        "-j web01 epair7b inet 10.0.0.7/24 up",
        "-j web01 epair7b inet6 fd00::7/64",
        "-j web01 lo0 inet 127.0.0.1/8 up",
    ] {
        rig.ifconfig(command);
    }
    rig
}

fn adopt(rig: &Rig) -> String {
    rig.with_agent(|agent| match agent.adopt(&JailName::new("web01").unwrap()).unwrap() {
        (Adoption::Compared(plan), _) => plan_text(&plan),
        (Adoption::NotWanted(why), _) => why,
    })
}

#[test]
fn what_is_as_its_lease_has_it_gets_the_mark_and_is_ours() {
    for target in TARGETS {
        let rig = by_hand(target);
        // Before, it is left alone.
        assert_eq!(rig.settle()[0].done(), 0);
        assert_eq!(
            adopt(&rig),
            "web01\n    1. epair7a carries the mark allocd:leases/17 (asked for)\n    2. it is written down that the jail is built (asked for)\n"
        );
        rig.ifconfig("epair7a down");
        rig.settle();
        let shown = rig.shown();
        assert!(shown.contains("host: epair7a 12:34:56:00:07:0a up allocd:leases/17"), "{target}: {shown}");
        rig.cluster.change(LeaseId::new(17), |lease| lease.state = LeaseState::Releasing);
        rig.settle();
        assert_gone(&rig);
    }
}

#[test]
fn what_differs_is_told_and_not_taken_over() {
    for (command, told) in [
        ("epair7a ether 02:00:00:00:00:0a", "epair7a has the MAC 02:00:00:00:00:0a"),
        ("-j web01 epair7b inet 10.0.0.7 -alias", "epair7b in the jail has not 10.0.0.7"),
        ("vswitch0 deletem epair7a", "epair7a is not on vswitch0"),
        ("epair7a destroy", "epair7b is gone"),
    ] {
        let rig = by_hand(TARGETS[2]);
        rig.ifconfig(command);
        let before = rig.shown();
        let text = adopt(&rig);
        assert!(text.contains(told) && !text.contains("1. "), "{text}");
        assert_eq!(rig.shown(), before);
    }
}

#[test]
fn a_jail_without_a_lease_is_not_taken_over() {
    let rig = Rig::new((14, 1), "", Vec::new());
    assert_eq!(adopt(&rig), "it has no lease on this host");
}
