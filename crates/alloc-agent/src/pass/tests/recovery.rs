//! The cluster begins anew from a backup while jails run.

use super::*;

const TWO: [(u64, &str, u16); 2] = [(17, "web01", 7), (18, "web02", 8)];

/// Two jails in service.
fn two(target: &str) -> Rig {
    let rig = Rig::new(RELEASES[0], target, TWO.map(|(id, jail, index)| lease(id, jail, index)).to_vec());
    rig.settle();
    rig.cluster.take_said();
    rig
}

#[test]
fn jails_run_on_whatever_the_backup_knows_and_the_cluster_hears_what_they_are() {
    for target in TARGETS {
        let rig = two(target);
        let before = rig.shown();
        // The backup has the first as it was granted, and nothing of the second.
        rig.cluster.restore([lease(17, "web01", 7)]);
        let reports = rig.settle();
        assert_eq!(failures(&reports), [""; 0], "{target}");
        assert_eq!(rig.cluster.take_said(), ["adopt leases/17 1.42", "adopt leases/18 1.42"], "{target}");
        assert_eq!(rig.shown(), before, "nothing was touched: {target}");
        let told = rig.cluster.lease(LeaseId::new(18)).unwrap();
        assert_eq!((told.holder.jail.as_str(), told.is_unconfirmed), ("web02", false));
        assert_eq!(rig.settle().iter().map(Report::done).sum::<usize>(), 0, "{target}");
    }
}

#[test]
fn an_agent_that_makes_one_pass_at_a_time_is_enough() {
    let rig = two(TARGETS[0]);
    rig.cluster.restore([]);
    for _ in 0..2 {
        rig.with_agent(|agent| agent.pass(rig.asked())).unwrap();
    }
    assert!(rig.cluster.lease(LeaseId::new(17)).is_some_and(|lease| !lease.is_unconfirmed));
}

#[test]
fn what_is_not_taken_over_is_told_and_the_next_pass_has_its_time() {
    let rig = two(TARGETS[0]);
    rig.files.write("/var/db/agent/cache.json", "", 0o600).unwrap();
    rig.cluster.restore([]);
    let reports = rig.settle();
    let last = reports.last().unwrap();
    assert!(last.problems.iter().any(|problem| problem.contains("give it a lease by hand")), "{last:?}");
    assert!(!last.is_unfinished, "nobody asks for the same at once, again and again");
    assert!(rig.shown().contains("allocd:leases/17"), "it is left alone");
}

#[test]
fn a_restart_of_the_agent_in_between_forgets_nothing() {
    let rig = two(TARGETS[0]);
    rig.cluster.restore([]);
    // Before anything is asked, the cluster tells of nothing at all; then the agent starts again.
    rig.with_agent(|agent| agent.pass(rig.asked())).unwrap();
    rig.settle();
    assert_eq!(rig.cluster.take_said(), ["adopt leases/17 1.42", "adopt leases/18 1.42"]);
}

#[test]
fn what_the_backup_has_later_is_taken_from_it() {
    let rig = two(TARGETS[0]);
    let mut later = lease(17, "web01", 7);
    later.generation.revision = later.generation.revision.next();
    rig.cluster.restore([later]);
    rig.settle();
    assert_eq!(rig.cluster.take_said(), ["adopt leases/17 1.43", "adopt leases/18 1.42"]);
}
