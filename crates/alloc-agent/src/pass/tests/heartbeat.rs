//! What the cluster hears of a pass.

use allocd_types::contact::PassCounts;
use freebsd_host::Output;
use freebsd_host::fake::Fault;

use super::*;

#[test]
fn the_cluster_hears_what_each_pass_came_to() {
    let rig = web01(TARGETS[0], (14, 1));
    rig.settle();
    let settled = PassCounts { jails: 1, in_service: 1, ..PassCounts::default() };
    assert_eq!(rig.cluster.heartbeat(), Some(settled));

    rig.ifconfig("epair7a down");
    rig.with_agent(|agent| {
        agent.pass(rig.asked()).unwrap();
        let drifted = PassCounts { drifts: 1, ..settled };
        assert_eq!(rig.cluster.heartbeat(), Some(drifted), "it was put right by the pass that found it");
        agent.pass(rig.asked()).unwrap();
        assert_eq!(rig.cluster.heartbeat(), Some(settled));
    });
}

#[test]
fn a_lease_whose_jail_does_not_run_is_not_in_service() {
    let rig = web01(TARGETS[0], (14, 1));
    std::fs::remove_dir_all(rig.directory.path().join("usr/jails/web01")).unwrap();
    rig.settle();
    let heard = rig.cluster.heartbeat().unwrap();
    assert_eq!((heard.jails, heard.in_service), (1, 0), "{heard:?}");
}

#[test]
fn what_fails_is_counted() {
    let mut failed = 0;
    for at in 0..40 {
        let rig = web01(TARGETS[0], (14, 1));
        rig.fake.fault_at(rig.fake.command_count() + at, Fault::Fail(Output::failure(1, "out of luck\n")));
        rig.with_agent(|agent| {
            let Ok(report) = agent.pass(rig.asked()) else { return };
            if !failures(std::slice::from_ref(&report)).is_empty() {
                failed += 1;
                assert!(rig.cluster.heartbeat().unwrap().failures >= 1, "command {at}: {report:#?}");
            }
        });
    }
    assert!(failed > 0, "no command of the pass was one of a step");
}

#[test]
fn what_is_not_heard_fails_no_pass() {
    let rig = web01(TARGETS[0], (14, 1));
    rig.cluster.refuse_heartbeats();
    let reports = rig.settle();
    assert!(reports.iter().all(|report| report.is_good() && report.unheard.is_some()), "{reports:?}");
    assert_built(&rig);
    assert_eq!(rig.cluster.heartbeat(), None);
}
