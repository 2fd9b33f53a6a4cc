//! Values that somebody else on the wire has.

use allocd_types::decline::{EvidenceSource, Kept, KeptWhy};
use allocd_types::time::Span;
use freebsd_host::{Invocation, Program};

use super::*;
use crate::plan::Finding;

/// The MAC of the station that is nobody's jail.
const ROGUE: &str = "02:00:00:00:00:99";

/// A station on the bridge that is nobody's jail.
fn rogue(rig: &Rig) {
    rig.ifconfig("epair99 create");
    rig.ifconfig(&format!("epair99b ether {ROGUE}"));
    let jail = ["-c", "name=rogue", "path=/", "vnet", "persist", "vnet.interface=epair99b"];
    assert!(rig.fake.run(&Invocation::new(Program::JAIL, jail)).unwrap().exit.is_success());
    for command in ["vswitch0 addm epair99a", "epair99a up", "-j rogue epair99b up"] {
        rig.ifconfig(command);
    }
}

/// One that uses an address, and was there first.
fn rogue_with(rig: &Rig, address: &str) {
    rogue(rig);
    match address.parse().unwrap() {
        std::net::IpAddr::V4(_) => rig.ifconfig(&format!("-j rogue epair99b inet {address}/24")),
        std::net::IpAddr::V6(_) => rig.ifconfig(&format!("-j rogue epair99b inet6 {address}/64 no_dad")),
    }
}

/// What the kernel says when somebody uses the address of web01.
fn says(rig: &Rig) {
    rig.fake.log(&format!("arp: {ROGUE} is using my IP address 10.0.0.7 on epair7b!"));
}

fn duplicates(reports: &[Report]) -> usize {
    let findings = reports.iter().flat_map(|report| &report.findings);
    findings.filter(|(_, finding)| matches!(finding, Finding::Duplicate { .. })).count()
}

fn told(reports: &[Report]) -> Vec<String> {
    let findings = reports.iter().flat_map(|report| &report.findings);
    let on_wire = findings.filter(|(_, finding)| matches!(finding, Finding::OnWire(_)));
    on_wire.map(|(jail, finding)| format!("{jail}: {finding}")).collect()
}

fn declines(rig: &Rig) -> Vec<String> {
    rig.cluster.take_said().into_iter().filter(|said| said.starts_with("decline")).collect()
}

/// A host with web01 as it is in service.
fn settled() -> Rig {
    let rig = web01(TARGETS[0], (14, 1));
    rig.settle();
    rig.cluster.take_said();
    rig
}

fn keep(rig: &Rig, why: KeptWhy, seconds: u32) {
    rig.cluster.keep(Some(Kept { why, retry_after: Some(Span::from_seconds(seconds)) }));
}

#[test]
fn an_address_that_somebody_else_has_is_declined_and_the_next_one_used() {
    for target in TARGETS {
        let rig = web01(target, (14, 1));
        rogue_with(&rig, "fd00::7");
        let reports = rig.settle();
        assert!(duplicates(&reports) > 0, "{target}: {reports:#?}");
        assert_eq!(
            rig.cluster.take_said(),
            ["bind leases/17", "decline leases/17 fd00::7", "bind leases/17"],
            "{target}"
        );
        let evidence = rig.cluster.evidence().unwrap();
        assert!(evidence.text.starts_with("epair7b: DAD "), "{}", evidence.text);
        assert!(rig.shown().contains("fd00::17/64"), "{target}: {}", rig.shown());
        assert_eq!(duplicates(&rig.settle()), 0, "{target}");
        assert_eq!(rig.fake.services().len(), 1, "{target}: without a restart");
    }
}

#[test]
fn an_ipv4_address_that_somebody_else_has_is_declined_and_the_next_one_used() {
    for release in RELEASES {
        for target in TARGETS {
            let rig = web01(target, release);
            rig.settle();
            rig.cluster.take_said();
            // Somebody says so once, and the kernel with the address hears it.
            says(&rig);
            let reports = rig.settle();
            assert_eq!(
                rig.cluster.take_said(),
                ["decline leases/17 10.0.0.7", "bind leases/17"],
                "{release:?} {target}"
            );
            let evidence = rig.cluster.evidence().unwrap();
            assert_eq!(evidence.source, EvidenceSource::Arp);
            assert_eq!(evidence.offender, Some(ROGUE.parse().unwrap()));
            assert_eq!(told(&reports).len(), 1, "{reports:#?}");
            let shown = rig.shown();
            assert!(shown.contains(" 10.0.0.23/24") && !shown.contains(" 10.0.0.7/24"), "{target}: {shown}");
            assert_eq!(rig.fake.services().len(), 1, "{target}: without a restart");
        }
    }
}

#[test]
fn what_a_start_is_answered_with_is_heard_in_the_same_pass() {
    let rig = web01(TARGETS[0], (14, 1));
    rogue_with(&rig, "10.0.0.7");
    rig.with_agent(|agent| {
        // The first one that listens has nothing to compare with.
        let first = agent.pass(rig.asked()).unwrap();
        assert_eq!(first.declined.len(), 1, "{first:#?}");
        agent.pass(rig.asked()).unwrap();
    });
    assert!(rig.shown().contains("jail web01: epair7b 12:34:56:00:07:0b up 10.0.0.23/24"), "{}", rig.shown());
}

#[test]
fn what_the_kernel_said_before_the_lease_was_bound_as_it_is_declines_nothing() {
    let rig = web01(TARGETS[0], (14, 1));
    says(&rig);
    rig.settle();
    assert_eq!(declines(&rig), [""; 0], "it is from before the lease");
    // Bound anew, at another generation and with the same address.
    rig.cluster.change(LeaseId::new(17), |lease| lease.state = LeaseState::Granted);
    says(&rig);
    rig.settle();
    assert_eq!(declines(&rig), [""; 0], "it is from before it was bound as it is now");
    says(&rig);
    rig.settle();
    assert_eq!(declines(&rig), ["decline leases/17 10.0.0.7"]);
}

#[test]
fn what_was_said_with_no_agent_there_counts_once() {
    let rig = settled();
    says(&rig);
    // Each of these is an agent that has just started.
    rig.settle();
    rig.settle();
    assert_eq!(declines(&rig), ["decline leases/17 10.0.0.7"]);
}

#[test]
fn what_was_heard_without_the_cluster_is_told_when_it_is_back() {
    let rig = settled();
    rig.cluster.go_away(true);
    says(&rig);
    rig.settle();
    rig.cluster.go_away(false);
    rig.settle();
    assert_eq!(declines(&rig), ["decline leases/17 10.0.0.7"]);
}

#[test]
fn messages_that_cannot_be_read_keep_nothing_else_from_being_done() {
    let rig = web01(TARGETS[0], (14, 1));
    rig.fake.fault_on("/sbin/dmesg", freebsd_host::fake::Fault::Fail(freebsd_host::Output::failure(1, "no")));
    let reports = rig.settle();
    assert!(reports[0].unseen[0].starts_with("the kernel's messages: "), "{:?}", reports[0].unseen);
    assert_built(&rig);
}

#[test]
fn a_mac_that_somebody_else_has_is_known_by_its_link_local_address() {
    let rig = web01(TARGETS[0], (14, 1));
    let mac = rig.cluster.lease(LeaseId::new(17)).unwrap().macs.b().unwrap();
    rogue_with(&rig, &mac.link_local().to_string());
    rig.settle();
    let said = rig.cluster.take_said();
    assert!(said.contains(&"decline leases/17 MAC addresses".to_owned()), "{said:?}");
    assert_ne!(rig.cluster.lease(LeaseId::new(17)).unwrap().macs.b().unwrap(), mac);
    assert_eq!(duplicates(&rig.settle()), 0, "{}", rig.shown());
}

#[test]
fn duplicate_detection_says_into_which_jail_to_look() {
    let mut rig = Rig::new((14, 1), TARGETS[0], vec![lease(17, "web01", 7), lease(18, "web02", 8)]);
    rig.config.policy.inside_per_pass = 0;
    rig.with_agent(|agent| {
        for _ in 0..3 {
            agent.pass(rig.asked()).unwrap();
        }
        let looked_into = |agent: &mut Agent<'_, _, _>| {
            let before = rig.fake.command_count();
            agent.pass(rig.asked()).unwrap();
            let records = rig.fake.records();
            let lines = records[before..].iter().map(|record| record.invocation.to_string());
            lines.filter(|line| line.contains(" -j ")).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(looked_into(agent), "");
        rig.fake.log("net0: DAD complete for fe80:9::1034:56ff:fe00:80b - duplicate found");
        let looked = looked_into(agent);
        assert!(looked.contains(" -j web02 ") && !looked.contains("web01"), "{looked}");
        assert_eq!(declines(&rig), [""; 0], "the interface says otherwise");
    });
}

#[test]
fn a_mac_that_moves_is_told_and_not_declined() {
    let rig = settled();
    rig.fake.log("vswitch0: mac address 12:34:56:00:07:0b vlan 1 moved from epair7a to em0");
    let told = told(&rig.settle());
    let [told] = &told[..] else { panic!("{told:?}") };
    assert!(
        told.starts_with("web01: one of its values was seen elsewhere (vswitch0: mac address "),
        "{told}"
    );
    assert_eq!(declines(&rig), [""; 0]);
}

#[test]
fn in_a_loop_the_flags_of_an_interface_prove_nothing() {
    let rig = settled();
    // The address is there twice, and the kernel has told of a loop.
    rogue_with(&rig, "fd00::7");
    rig.ifconfig("-j web01 epair7b inet6 fd00::7 -alias");
    rig.fake.log("epair7b: a looped back NS message is detected during DAD for fd00::7.  Another DAD probes are being sent.");
    rig.settle();
    rig.fake.advance(std::time::Duration::from_secs(2));
    let reports = rig.settle();
    assert!(duplicates(&reports) > 0, "{reports:#?}");
    assert_eq!(declines(&rig), [""; 0]);
}

#[test]
fn an_address_that_root_in_another_jail_took_is_put_right_there() {
    let rig = Rig::new((14, 1), TARGETS[0], vec![lease(17, "web01", 7), lease(18, "web02", 8)]);
    rig.settle();
    rig.cluster.take_said();
    rig.ifconfig("-j web02 epair8b inet 10.0.0.7/24 alias");
    let told = told(&rig.settle());
    assert!(
        told.iter().any(|told| told.starts_with("web01: the jail of leases/18 uses 10.0.0.7 (arp: ")),
        "{told:?}"
    );
    assert_eq!(declines(&rig), [""; 0]);
    assert_eq!(rig.shown().matches(" 10.0.0.7/24").count(), 1, "{}", rig.shown());
}

#[test]
fn what_the_cluster_cannot_exchange_is_told_once() {
    let rig = web01(TARGETS[0], (14, 1));
    rig.cluster.keep(Some(Kept { why: KeptWhy::Exhausted, retry_after: None }));
    rogue_with(&rig, "fd00::7");
    rig.with_agent(|agent| {
        for _ in 0..6 {
            agent.pass(rig.asked()).unwrap();
        }
    });
    // Nor by the next agent.
    rig.settle();
    assert_eq!(declines(&rig).len(), 1);
}

#[test]
fn a_mac_that_the_cluster_keeps_leads_to_no_repairs() {
    let rig = web01(TARGETS[0], (14, 1));
    let mac = rig.cluster.lease(LeaseId::new(17)).unwrap().macs.b().unwrap();
    keep(&rig, KeptWhy::PoolShare, 3_600);
    rogue_with(&rig, &mac.link_local().to_string());
    let reports = rig.settle();
    assert!(reports.iter().any(|report| !report.problems.is_empty()), "{reports:#?}");
    let again = rig.settle();
    assert_eq!((again.len(), again[0].done()), (1, 0), "{again:#?}");
    assert_eq!(declines(&rig).len(), 1);
}

#[test]
fn a_storm_asks_for_no_more_than_the_cluster_gives() {
    let count: u16 = 30;
    let leases = (1..=count).map(|unit| lease(u64::from(unit), &format!("web{unit:02}"), unit));
    let rig = Rig::new((14, 1), TARGETS[0], leases.collect());
    rig.settle();
    rig.cluster.take_said();
    keep(&rig, KeptWhy::HostRate, 3_600);
    let storm = || {
        for unit in 1..=count {
            rig.fake.log(&format!("arp: {ROGUE} is using my IP address 10.0.0.{unit} on epair{unit}b!"));
        }
    };
    storm();
    let before = rig.shown();
    let reports = rig.settle();
    assert_eq!(declines(&rig), ["decline leases/1 10.0.0.1"], "the bound is the host's");
    let problems = &reports[0].problems;
    assert_eq!(problems.len(), usize::from(count), "each is told: {problems:?}");
    // It goes on, and the next agent asks as little.
    storm();
    assert!(rig.settle()[0].problems.is_empty());
    assert_eq!((declines(&rig).len(), rig.shown()), (0, before));
}

#[test]
fn what_was_kept_is_told_again_when_its_time_is_over_and_the_kernel_says_so_again() {
    let rig = settled();
    keep(&rig, KeptWhy::HostRate, 0);
    says(&rig);
    rig.settle();
    rig.cluster.keep(None);
    rig.settle();
    assert_eq!(declines(&rig).len(), 1, "it may be over");
    says(&rig);
    rig.settle();
    assert_eq!(declines(&rig).len(), 1);
    assert!(rig.shown().contains("10.0.0.23/24"), "{}", rig.shown());
}

#[test]
fn a_policy_of_looking_on_declines_nothing() {
    let mut rig = web01(TARGETS[0], (14, 1));
    rig.config.policy.declines = false;
    rogue_with(&rig, "fd00::7");
    assert!(duplicates(&rig.settle()) > 0);
    says(&rig);
    assert_eq!(told(&rig.settle()).len(), 1);
    assert_eq!(rig.cluster.take_said(), ["bind leases/17"]);
}

#[test]
fn an_address_is_asked_for_before_its_first_use_where_the_host_has_one_beside_it() {
    for target in TARGETS {
        let rig = web01(target, (14, 1));
        rig.ifconfig("vswitch0 inet 10.0.0.250/24");
        rogue_with(&rig, "10.0.0.7");
        rig.settle();
        assert_eq!(
            rig.cluster.take_said(),
            ["bind leases/17", "decline leases/17 10.0.0.7", "bind leases/17"],
            "{target}"
        );
        let evidence = rig.cluster.evidence().unwrap();
        assert_eq!(
            (evidence.source, evidence.offender),
            (EvidenceSource::Probe, Some(ROGUE.parse().unwrap()))
        );
        let records = rig.fake.records();
        let used = records.iter().map(|record| record.invocation.to_string());
        let used: Vec<String> =
            used.filter(|line| line.contains("10.0.0.7/24") && !line.contains("rogue")).collect();
        assert_eq!(used, [""; 0], "{target}: it was never used");
        assert!(
            rig.shown().contains("jail web01: epair7b 12:34:56:00:07:0b up 10.0.0.23/24"),
            "{}",
            rig.shown()
        );
    }
}

#[test]
fn what_nobody_has_is_asked_for_once() {
    let mut rig = web01(TARGETS[0], (14, 1));
    rig.ifconfig("vswitch0 inet 10.0.0.250/24");
    let pings = |rig: &Rig| {
        let records = rig.fake.records();
        records.iter().filter(|record| record.invocation.program == Program::PING).count()
    };
    rig.config.policy.probes = false;
    rig.with_agent(|agent| agent.pass(rig.asked()).map(drop)).unwrap();
    assert_eq!(pings(&rig), 0, "as the configuration says");
    rig.config.policy.probes = true;
    rig.settle();
    assert_eq!(pings(&rig), 0, "it is in use");
    rig.cluster.put(lease(18, "web02", 8));
    std::fs::create_dir_all(rig.directory.path().join("usr/jails/web02/bin")).unwrap();
    rig.settle();
    assert_eq!(pings(&rig), 1);
    // Its jail answers by another MAC now, and with an address that it had before.
    rig.cluster.change(LeaseId::new(18), |lease| {
        lease.macs = crate::example::lease(18, "web02", 9).macs;
        lease.state = LeaseState::Granted;
    });
    rig.settle();
    assert_eq!((pings(&rig), declines(&rig)), (1, Vec::new()));
}

#[test]
fn an_address_that_the_cluster_keeps_is_used_all_the_same() {
    let rig = web01(TARGETS[0], (14, 1));
    rig.ifconfig("vswitch0 inet 10.0.0.250/24");
    rogue_with(&rig, "10.0.0.7");
    keep(&rig, KeptWhy::PoolShare, 3_600);
    rig.settle();
    assert_built(&rig);
    assert_eq!(declines(&rig).len(), 1);
}
