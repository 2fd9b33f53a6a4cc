//! Values that somebody else on the wire has.

use super::*;
use crate::plan::Finding;

/// A station on the bridge that is nobody's jail, and was there first.
fn rogue(rig: &Rig, address: &str) {
    for command in ["epair99 create", "vswitch0 addm epair99a", "epair99a up", "epair99b up"] {
        rig.ifconfig(command);
    }
    rig.ifconfig(&format!("epair99b inet6 {address}/64 no_dad"));
}

fn duplicates(reports: &[Report]) -> usize {
    let findings = reports.iter().flat_map(|report| &report.findings);
    findings.filter(|(_, finding)| matches!(finding, Finding::Duplicate { .. })).count()
}

#[test]
fn an_address_that_somebody_else_has_is_declined_and_the_next_one_used() {
    for target in TARGETS {
        let rig = web01(target, (14, 1));
        rogue(&rig, "fd00::7");
        let reports = rig.settle();
        assert!(duplicates(&reports) > 0, "{target}: {reports:#?}");
        assert_eq!(
            rig.cluster.take_said(),
            ["bind leases/17", "decline leases/17 fd00::7", "bind leases/17"],
            "{target}"
        );
        assert!(rig.shown().contains("fd00::17/64"), "{target}: {}", rig.shown());
        assert_eq!(duplicates(&rig.settle()), 0, "{target}");
        assert_eq!(rig.fake.services().len(), 1, "{target}: without a restart");
    }
}

#[test]
fn a_mac_that_somebody_else_has_is_known_by_its_link_local_address() {
    let rig = web01(TARGETS[0], (14, 1));
    let mac = rig.cluster.lease(LeaseId::new(17)).unwrap().macs.b().unwrap();
    rogue(&rig, &mac.link_local().to_string());
    rig.settle();
    let said = rig.cluster.take_said();
    assert!(said.contains(&"decline leases/17 MAC addresses".to_owned()), "{said:?}");
    assert_ne!(rig.cluster.lease(LeaseId::new(17)).unwrap().macs.b().unwrap(), mac);
    assert_eq!(duplicates(&rig.settle()), 0, "{}", rig.shown());
}

#[test]
fn what_the_cluster_cannot_exchange_is_told_once() {
    let rig = web01(TARGETS[0], (14, 1));
    rig.cluster.exhaust();
    rogue(&rig, "fd00::7");
    let declines = rig.with_agent(|agent| {
        for _ in 0..6 {
            agent.pass(rig.asked()).unwrap();
        }
        rig.cluster.take_said().into_iter().filter(|said| said.starts_with("decline")).count()
    });
    assert_eq!(declines, 1);
}

#[test]
fn a_policy_of_looking_on_declines_nothing() {
    let mut rig = web01(TARGETS[0], (14, 1));
    rig.config.policy.declines = false;
    rogue(&rig, "fd00::7");
    assert!(duplicates(&rig.settle()) > 0);
    assert_eq!(rig.cluster.take_said(), ["bind leases/17"]);
}
