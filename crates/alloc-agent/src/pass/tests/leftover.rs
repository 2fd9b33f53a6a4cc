//! What carries our mark and is nobody's, what a dying jail holds, and how much may be destroyed unasked.

use super::*;

fn findings(reports: &[Report]) -> Vec<String> {
    reports.iter().flat_map(|report| &report.findings).map(|(_, finding)| finding.to_string()).collect()
}

#[test]
fn what_the_cluster_does_not_know_goes_only_when_it_has_said_so() {
    for target in &TARGETS[..2] {
        let rig = web01(target, (14, 1));
        rig.settle();
        rig.cluster.forget(LeaseId::new(17));
        // With the cluster away nothing is missed at all.
        rig.cluster.go_away(true);
        let before = rig.shown();
        rig.settle();
        assert_eq!(rig.shown(), before);
        // The first pass tells of it, hears what the cluster thinks, and the next one takes it away.
        rig.cluster.go_away(false);
        let reports = rig.settle();
        assert!(findings(&reports)[0].contains("which the cluster does not tell of"), "{reports:?}");
        assert_gone(&rig);
    }
}

#[test]
fn an_interface_with_a_mark_that_is_not_told_is_left_alone_by_an_agent_without_a_cluster() {
    let rig = web01(TARGETS[0], (14, 1));
    rig.settle();
    rig.ifconfig("epair9 create");
    rig.ifconfig("epair9a description allocd:leases/99");
    rig.cluster.go_away(true);
    let before = rig.shown();
    rig.settle();
    assert_eq!(rig.shown(), before);
}

#[test]
fn more_is_not_destroyed_than_may_be_unasked() {
    let leases: Vec<_> =
        (1..=4).map(|id| lease(id, &format!("web0{id}"), u16::try_from(id).unwrap())).collect();
    let rig = Rig::new((14, 1), "", leases);
    rig.settle();
    for id in 1..=4 {
        rig.cluster.forget(LeaseId::new(id));
    }
    let before = rig.fake.jails().len();
    // Each needs three steps that destroy something: one jail a pass is let through.
    let told = rig.with_agent(|agent| {
        agent.pass(rig.asked()).unwrap();
        findings(&[agent.pass(rig.asked()).unwrap()])
    });
    assert_eq!(rig.fake.jails().len(), before - 1, "{told:?}");
    let held = told.iter().filter(|finding| finding.starts_with("held back: 12 steps")).count();
    assert_eq!(held, 3, "{told:?}");
    // Whoever looks at it and says so lets it pass.
    rig.with_agent(|agent| {
        agent.pass(Asked { destructive_max: 100, ..rig.asked() }).unwrap();
        agent.pass(Asked { destructive_max: 100, ..rig.asked() }).unwrap();
    });
    assert!(rig.fake.jails().is_empty());
}

#[test]
fn a_dying_jail_gives_up_its_cable_and_is_told() {
    for target in TARGETS {
        let rig = web01(target, (14, 1));
        rig.settle();
        rig.fake.hold_jail("web01");
        rig.cluster.change(LeaseId::new(17), |lease| lease.state = LeaseState::Releasing);
        rig.cluster.take_said();
        rig.settle();
        assert!(!rig.shown().contains("epair7"), "{target}: {}", rig.shown());
        assert_eq!(rig.cluster.take_said(), ["confirm leases/17"], "{target}");
    }
}

#[test]
fn a_failed_start_leaves_nothing_that_the_next_one_trips_over() {
    for target in TARGETS {
        let rig = web01(target, (14, 1));
        // The jail's gateway cannot be set as long as another program is in its place.
        rig.fake.add_program("/sbin/route", |_, _| freebsd_host::Output::failure(1, "route: no\n"));
        let report = rig.with_agent(|agent| agent.pass(rig.asked()).unwrap());
        assert_eq!(failures(&[report]).len(), 1, "{target}");
        rig.fake.add_program("/sbin/route", |_, _| freebsd_host::Output::success(""));
        rig.settle();
        assert_built(&rig);
    }
}

#[test]
fn a_fenced_host_that_comes_back_takes_everything_down_first() {
    for target in TARGETS {
        let rig = web01(target, (14, 1));
        rig.settle();
        rig.cluster.take_said();
        rig.cluster.fence();
        rig.settle();
        assert_gone(&rig);
        assert!(!rig.cluster.is_fenced(), "it has said that nothing is left");
        assert_eq!(rig.cluster.take_said(), [""; 0]);
    }
}

#[test]
fn what_was_heard_of_a_fence_holds_without_a_cluster() {
    for target in TARGETS {
        let rig = web01(target, (14, 1));
        rig.settle();
        rig.cluster.fence();
        rig.with_agent(|agent| agent.hear(&mut Report::default()).unwrap());
        // Its values may be others' by now: another start of the agent takes them down and begins nothing.
        rig.cluster.go_away(true);
        rig.settle();
        assert_gone(&rig);
        rig.settle();
        assert_gone(&rig);
    }
}

#[test]
fn an_unconfirmed_lease_is_neither_built_nor_taken_down() {
    let rig = web01(TARGETS[0], (14, 1));
    rig.cluster.change(LeaseId::new(17), |lease| lease.is_unconfirmed = true);
    let before = rig.shown();
    rig.settle();
    assert_eq!(rig.shown(), before);
    rig.cluster.change(LeaseId::new(17), |lease| lease.is_unconfirmed = false);
    rig.settle();
    assert_built(&rig);
    rig.cluster.change(LeaseId::new(17), |lease| {
        lease.is_unconfirmed = true;
        lease.state = LeaseState::Releasing;
    });
    rig.ifconfig("epair7a ether 02:00:00:00:00:0a");
    let before = rig.shown();
    rig.settle();
    assert_eq!(rig.shown(), before);
}
