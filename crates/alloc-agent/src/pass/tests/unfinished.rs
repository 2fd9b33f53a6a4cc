//! A jail(8) that was killed in the middle of a start: the jail runs, and the file that tells of the start is there.

use freebsd_config::start_mark;
use freebsd_host::Output;

use super::*;
use crate::plan::Finding;

fn mark(jail: &str) -> String {
    start_mark::path(&JailName::new(jail).unwrap())
}

/// A jail of each name that runs, whose start by jail(8) did not come to its end.
fn half_started(target: &str, release: (u8, u8), leases: Vec<Lease>) -> Rig {
    let jails: Vec<String> = leases.iter().map(|lease| lease.holder.jail.to_string()).collect();
    let rig = Rig::new(release, target, leases);
    rig.settle();
    for jail in jails {
        rig.files.write(&mark(&jail), "", 0o644).unwrap();
    }
    rig
}

fn web01_half_started(target: &str) -> Rig {
    half_started(target, (14, 1), vec![lease(17, "web01", 7)])
}

fn has_mark(rig: &Rig) -> bool {
    rig.files.read(&mark("web01")).unwrap().is_some()
}

fn pass(rig: &Rig) -> Report {
    rig.with_agent(|agent| agent.pass(rig.asked()).unwrap())
}

fn findings(report: &Report) -> Vec<String> {
    report.findings.iter().map(|(jail, finding)| format!("{jail}: {finding}")).collect()
}

#[test]
fn it_is_taken_back_and_the_jail_started_with_its_services() {
    for release in RELEASES {
        for target in &TARGETS[..2] {
            let rig = half_started(target, release, vec![lease(17, "web01", 7)]);
            let before = rig.fake.services().len();
            let reports = rig.settle();
            assert_eq!(failures(&reports), [""; 0], "{release:?} {target}");
            let told = "web01: a start of it did not end: /var/run/allocd.web01.starting is there, and no jail(8) runs";
            assert_eq!(findings(&reports[0]), [told], "{release:?} {target}");
            assert_built(&rig);
            assert_eq!(rig.fake.services().len(), before + 1, "{release:?} {target}");
            assert!(!has_mark(&rig));
        }
    }
}

#[test]
fn a_jail_that_is_built_step_by_step_now_is_taken_back_as_well() {
    let mut rig = web01_half_started(TARGETS[0]);
    let jails = Rig::new((14, 1), TARGETS[2], vec![]).config.jails;
    rig.config.jails = jails;
    let before = rig.fake.services().len();
    assert_eq!(failures(&rig.settle()), [""; 0]);
    assert_built(&rig);
    assert_eq!(rig.fake.services().len(), before + 1);
    assert!(!has_mark(&rig));
}

#[test]
fn while_a_jail_8_may_be_at_it_nothing_is_done_and_it_is_told() {
    // It runs, or nobody can say.
    for code in [0, 3] {
        let rig = web01_half_started(TARGETS[0]);
        rig.ifconfig("epair7a down");
        rig.fake.add_program_on_host("/bin/pgrep", move |_| Output::failure(code, ""));
        let report = pass(&rig);
        assert_eq!(report.done(), 0);
        let told = "web01: a start of it is under way or did not end: /var/run/allocd.web01.starting is there, \
                    and a jail(8) may run";
        assert_eq!(findings(&report), [told], "{code}");
        assert!(report.findings.iter().all(|(_, finding)| finding.is_drift()));
    }
}

#[test]
fn a_start_that_ends_while_it_is_looked_for_has_ended() {
    let rig = web01_half_started(TARGETS[0]);
    let files = rig.files.clone();
    rig.fake.add_program_on_host("/bin/pgrep", move |_| {
        files.remove(&mark("web01")).unwrap();
        Output::failure(1, "")
    });
    assert_eq!(findings(&pass(&rig)), [""; 0]);
}

#[test]
fn a_jail_that_was_started_from_a_file_without_these_hooks_runs_on() {
    let rig = web01(TARGETS[0], (14, 1));
    rig.settle();
    let path = "/etc/jail.conf.d/web01.conf";
    let text = rig.files.read(path).unwrap().unwrap();
    let older: String =
        text.lines().filter(|line| !line.contains("starting")).map(|line| format!("{line}\n")).collect();
    rig.files.write(path, &older, 0o644).unwrap();
    let before = rig.fake.services().len();
    let reports = rig.settle();
    assert_eq!(findings(&reports[0]), [format!("web01: {path} is not as the leases have it")]);
    assert_eq!(rig.fake.services().len(), before);
}

#[test]
fn an_agent_that_may_not_only_tells_and_says_what_to_do() {
    for (target, policy) in [(TARGETS[0], "[policy]\nrepair = false\n"), ("[jails]\nstart = false\n", "")] {
        let mut rig = web01_half_started(TARGETS[0]);
        rig.config = Rig::new((14, 1), &format!("{policy}{target}"), vec![]).config;
        let report = pass(&rig);
        assert_eq!(report.done(), 0);
        let [(_, finding)] = report.findings.as_slice() else { panic!("{:?}", report.findings) };
        assert!(matches!(finding, Finding::HalfStarted { is_taken_back: false, .. }), "{finding}");
        assert!(finding.hint().unwrap().contains("start it again"));
    }
}

#[test]
fn a_jail_that_could_not_be_started_again_is_not_stopped() {
    let rig = web01_half_started(TARGETS[0]);
    std::fs::remove_dir_all(rig.directory.path().join("usr/jails/web01")).unwrap();
    let report = pass(&rig);
    assert_eq!(report.done(), 0);
    assert!(report.findings.iter().any(|(_, finding)| matches!(finding, Finding::NoRoot { .. })));
    assert!(rig.shown().contains("jail web01: epair7b"));
}

#[test]
fn more_than_may_be_destroyed_unasked_is_held_back() {
    let leases = (0..5).map(|at| lease(17 + u64::from(at), &format!("web0{at}"), 7 + at)).collect();
    let rig = half_started(TARGETS[0], (14, 1), leases);
    let report = pass(&rig);
    let held = report.findings.iter().filter(|(_, finding)| matches!(finding, Finding::HeldBack { .. }));
    // One destructive step for each jail: that it is stopped.
    assert_eq!(held.count(), 2);
    assert_eq!(report.outcomes.iter().filter(|outcome| outcome.done > 0).count(), 3);
}

#[test]
fn a_lease_that_is_given_back_meanwhile_leaves_nothing_of_the_start() {
    let rig = web01_half_started(TARGETS[0]);
    // Its hooks do not run any more.
    rig.files.remove("/etc/jail.conf.d/web01.conf").unwrap();
    rig.cluster.change(LeaseId::new(17), |lease| lease.state = LeaseState::Releasing);
    rig.settle();
    assert_gone(&rig);
    assert!(!has_mark(&rig));
}
