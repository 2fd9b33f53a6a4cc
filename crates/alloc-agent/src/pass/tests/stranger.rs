//! Whatever is on a host without a mark of ours is there afterwards as it was before.

use std::time::Duration;

use freebsd_host::fake::Interface;
use freebsd_host::{Invocation, Program, Runner as _};
use proptest::prelude::*;

use super::*;

/// What a stranger may do on the host before the agent comes, some of it in the agent's way.
const COMMANDS: [&str; 14] = [
    "epair3 create",
    "epair3a description web-server",
    "epair3a up",
    "epair7 create",
    "epair7b name cable7",
    "epair8 create",
    "epair8a name epair7a",
    "tap7 create",
    "bridge7 create",
    "bridge7 addm epair3a",
    "epair3b vnet other",
    "epair7b vnet other",
    "epair3a ether 12:34:56:00:07:0a",
    "epair8b description allocd:leases/17",
];

/// What is there and carries no mark, without what a bridge of everybody has for members, and what a bridge does to a card.
fn unmarked(rig: &Rig) -> Vec<(Option<String>, Interface)> {
    let places = rig.fake.jails().into_iter().filter(|jail| jail.name != "web01").map(|jail| Some(jail.name));
    let mut all = Vec::new();
    for place in [None].into_iter().chain(places) {
        for mut interface in rig.fake.interfaces(place.as_deref()) {
            let is_ours = interface.description.starts_with("allocd:") && !interface.name.ends_with('b');
            let is_inner = interface.mac.is_some_and(|mac| mac.to_string() == "12:34:56:00:07:0b");
            interface.members.retain(|member| member.name != "epair7a");
            if interface.name == "vswitch0" {
                interface.members.clear();
            }
            interface.options = 0;
            if !is_ours && !is_inner {
                all.push((place.clone(), interface));
            }
        }
    }
    all.sort_by(|one, other| (&one.0, &one.1.name).cmp(&(&other.0, &other.1.name)));
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_unmarked_is_ever_touched(
        target in prop::sample::select(TARGETS.to_vec()),
        commands in prop::collection::vec(prop::sample::select(COMMANDS.to_vec()), 0..10),
        has_file in any::<bool>(),
    ) {
        let rig = web01(target, (14, 1));
        let jail = ["-c", "name=other", "path=/usr/jails/other", "vnet=new", "persist"];
        rig.fake.run(&Invocation::new(Program::JAIL, jail)).unwrap();
        for command in &commands {
            // Some cannot be done after others, and that is fine.
            rig.fake.run(&Invocation::new(Program::IFCONFIG, command.split(' '))).unwrap();
        }
        let file = "web01 { path = \"/usr/jails/web01\"; }\n";
        if has_file {
            rig.files.write("/etc/jail.web01.conf", file, 0o644).unwrap();
        }
        // Addresses that are being tried are not the agent's doing.
        rig.fake.advance(Duration::from_secs(5));
        let before = unmarked(&rig);
        rig.settle();
        prop_assert_eq!(&unmarked(&rig), &before, "{:?} after the build", commands);
        rig.cluster.change(LeaseId::new(17), |lease| lease.state = LeaseState::Releasing);
        rig.settle();
        prop_assert_eq!(&unmarked(&rig), &before, "{:?} after the teardown", commands);
        if has_file {
            let text = rig.files.read("/etc/jail.web01.conf").unwrap();
            prop_assert_eq!(text.as_deref(), Some(file));
        }
    }
}
