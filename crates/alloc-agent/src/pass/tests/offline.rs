//! Passes without a cluster, and after a reboot.

use allocd_types::migration::Migration;

use super::*;

#[test]
fn what_is_not_bound_waits_and_what_is_bound_goes_on() {
    for target in TARGETS {
        let rig = web01(target, (14, 1));
        rig.cluster.go_away(true);
        let before = rig.shown();
        let reports = rig.settle();
        assert!(reports[0].away.is_some());
        assert_eq!(rig.shown(), before);

        rig.cluster.go_away(false);
        rig.settle();
        rig.cluster.go_away(true);
        rig.cluster.put(lease(18, "web02", 8));
        rig.ifconfig("epair7a down");
        rig.settle();
        assert_built(&rig);
        assert!(!rig.shown().contains("web02"));
    }
}

#[test]
fn after_a_reboot_every_known_jail_starts_without_a_cluster() {
    for target in TARGETS {
        let rig = web01(target, (14, 1));
        rig.settle();
        // A machine that boots has its files and nothing else.
        let booted = web01(target, (14, 1));
        booted.cluster.go_away(true);
        copy(rig.directory.path(), booted.directory.path());
        booted.settle();
        assert_built(&booted);
    }
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir_all(&to).unwrap();
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn a_damaged_cache_is_moved_aside_and_costs_no_jail() {
    for target in TARGETS {
        let rig = web01(target, (14, 1));
        rig.settle();
        let text = rig.files.read("/var/db/agent/cache.json").unwrap().unwrap();
        rig.files.write("/var/db/agent/cache.json", &text.replace("web01", "web02"), 0o600).unwrap();
        let before = rig.shown();
        rig.cluster.go_away(true);
        rig.settle();
        assert_eq!(rig.shown(), before);
        rig.cluster.go_away(false);
        rig.settle();
        assert_eq!(rig.shown(), before);
        assert_eq!(rig.fake.services().len(), 1);
        assert!(rig.files.names("/var/db/agent").unwrap().contains(&"cache.json.damaged".to_owned()));
    }
}

#[test]
fn a_lease_that_moves_away_is_taken_down_and_confirmed() {
    let rig = web01(TARGETS[0], (14, 1));
    rig.settle();
    rig.cluster.take_said();
    rig.cluster.change(LeaseId::new(17), |lease| {
        lease.migration = Some(Migration {
            id: allocd_types::id::MoveId::new(50),
            to: "h2".parse().unwrap(),
            index: None,
            begun_at: lease.granted_at,
        });
    });
    // Nobody hears of it with the cluster away, and then nothing is done.
    rig.cluster.go_away(true);
    let before = rig.shown();
    rig.settle();
    assert_eq!(rig.shown(), before);
    rig.cluster.go_away(false);
    rig.settle();
    assert_gone(&rig);
    assert_eq!(rig.cluster.take_said(), ["confirm leases/17"]);
}

#[test]
fn a_teardown_that_could_not_be_confirmed_is_confirmed_later() {
    let rig = web01(TARGETS[0], (14, 1));
    rig.settle();
    rig.cluster.change(LeaseId::new(17), |lease| lease.state = LeaseState::Releasing);
    rig.with_agent(|agent| {
        agent.hear(&mut Report::default()).unwrap();
        // What was heard is done without the cluster, and said when it is back.
        rig.cluster.go_away(true);
        agent.pass(rig.asked()).unwrap();
    });
    assert_gone(&rig);
    rig.cluster.go_away(false);
    rig.cluster.take_said();
    rig.settle();
    assert_eq!(rig.cluster.take_said(), ["confirm leases/17"]);
}

#[test]
fn the_cluster_hears_of_what_is_on_the_host_and_from_no_lease() {
    let rig = web01(TARGETS[0], (14, 1));
    rig.ifconfig("epair3 create");
    rig.settle();
    let registration = rig.cluster.registration().unwrap();
    assert_eq!(registration.seen.units.len(), 1);
    // The card, the bridge, and both ends of the stranger.
    assert_eq!(registration.seen.macs.len(), 4, "{:?}", registration.seen);
    assert_eq!(registration.release.unwrap().to_string(), "14.1-RELEASE");
}

#[test]
fn boot_writes_what_is_missing_and_starts_nothing() {
    for target in TARGETS {
        let rig = web01(target, (14, 1));
        let boot = Asked { extent: Extent::Boot, ..rig.asked() };
        rig.with_agent(|agent| agent.pass(boot).unwrap());
        assert!(rig.fake.jails().is_empty() && !rig.shown().contains("epair"), "{target}");
        assert_eq!(rig.shown().contains("web01"), target != TARGETS[2], "{target}: {}", rig.shown());
        // What was given back meanwhile does not start again from its file.
        rig.cluster.change(LeaseId::new(17), |lease| lease.state = LeaseState::Releasing);
        rig.with_agent(|agent| agent.pass(boot).unwrap());
        assert_gone(&rig);
        assert_eq!(rig.cluster.lease(LeaseId::new(17)), None);
    }
}

#[test]
fn two_agents_of_a_host_take_turns_and_each_is_heard() {
    let rig = web01(TARGETS[0], (14, 1));
    rig.with_agent(|daemon| {
        daemon.pass(rig.asked()).unwrap();
        assert_built(&rig);
        // Somebody starts another one, which registers and keeps something of its own.
        rig.cluster.put(lease(18, "web02", 8));
        std::fs::create_dir_all(rig.directory.path().join("usr/jails/web02/bin")).unwrap();
        rig.settle();
        // The first one goes by what the other has kept, and speaks for the host again.
        rig.cluster.change(LeaseId::new(18), |lease| lease.state = LeaseState::Releasing);
        rig.cluster.take_said();
        let first = daemon.pass(rig.asked()).unwrap();
        assert!(!first.problems.is_empty() && !rig.shown().contains("web02"), "{first:?}");
        daemon.pass(rig.asked()).unwrap();
        assert_eq!(rig.cluster.take_said(), ["confirm leases/18"]);
    });
}

#[test]
fn a_cluster_that_does_not_know_the_host_frees_nothing() {
    let rig = web01(TARGETS[0], (14, 1));
    rig.settle();
    let before = rig.shown();
    rig.cluster.refuse_host(true);
    let reports = rig.settle();
    assert!(reports[0].away.is_some());
    assert_eq!(rig.shown(), before);
}
