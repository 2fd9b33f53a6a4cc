//! What people say about hosts with agents: drained, declared off, leases that move or are given back, values that others use.

use allocd_tests::dev::Dev;
use allocd_types::reason::Reason;

use crate::agent::Agent;
use crate::ctl::Ctl;

#[tokio::test]
async fn what_a_host_has_in_use_moves_and_ends_by_its_word_only() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    let agent = Agent::with_web01_in_use(&dev, &ctl).await;

    let moving = ctl.ok("leases move h1.example/web01 --to h2.example");
    assert!(moving.contains("moving to h2.example"), "{moving}");
    ctl.ok("leases move h1.example/web01 --cancel");
    ctl.ok("leases move h1.example/web01 --to h2.example");
    assert_eq!(ctl.run("leases get h2.example/web01").code, 3, "it is where it was");
    agent.confirm().await;
    assert_eq!(ctl.run("leases get h1.example/web01").code, 3);
    let there = ctl.ok("leases get h2.example/web01");
    assert!(there.contains("granted"), "{there}");

    // Nobody has taken it up there: it goes and comes at once.
    ctl.ok("leases move h2.example/web01 --to h1.example");
    agent.bind().await;
    ctl.ok("leases release h1.example/web01");
    let left = ctl.ok("leases get h1.example/web01");
    assert!(left.contains("releasing"), "{left}");
    let again = ctl.run("leases allocate h1.example/web01 --network lan");
    assert!(again.code != 0 && again.stderr.contains("hint:"), "{again}");
    agent.confirm().await;
    assert_eq!(ctl.run("leases get h1.example/web01").code, 3);

    // Whoever knows that nothing is left may say so in the host's place.
    ctl.ok("leases allocate h1.example/web02 --network lan");
    agent.bind().await;
    ctl.ok("leases release h1.example/web02 --force");
    assert_eq!(ctl.run("leases get h1.example/web02").code, 3);
    ctl.ok("check");
}

#[tokio::test]
async fn a_drained_host_gets_nothing_new_and_one_declared_off_keeps_nobody_waiting() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    let _agent = Agent::with_web01_in_use(&dev, &ctl).await;

    ctl.ok("hosts drain h1.example");
    let refused = ctl.run("leases allocate h1.example/web02 --network lan");
    assert!(refused.code != 0 && refused.stderr.contains("hint:"), "{refused}");
    assert!(ctl.ok("hosts").lines().any(|line| line.contains("h1.example") && line.contains("draining")));
    ctl.ok("hosts activate h1.example");
    ctl.ok("leases allocate h1.example/web02 --network lan");
    ctl.ok("leases release h1.example/web02");

    // Nobody is declared off by a slip of the hand.
    assert_eq!(ctl.run("hosts fence h1.example").code, 2);
    ctl.ok("hosts fence h1.example --host-is-off");
    assert!(ctl.ok("hosts").lines().any(|line| line.contains("h1.example") && line.contains("fenced")));
    ctl.ok("leases move h1.example/web01 --to h2.example");
    assert!(ctl.ok("leases get h2.example/web01").contains("granted"));
    let back = ctl.run("hosts activate h1.example");
    assert!(
        back.code != 0 && back.stderr.contains("hint:"),
        "its agent has to say that nothing is left: {back}"
    );
    ctl.ok("check");
}

#[tokio::test]
async fn a_declined_address_is_exchanged_and_told_with_its_evidence() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    let agent = Agent::with_web01_in_use(&dev, &ctl).await;
    agent.decline().await;

    let lease = ctl.ok("leases get h1.example/web01");
    assert!(lease.contains("192.168.48.3") && !lease.contains("192.168.48.2,"), "{lease}");
    let declines = ctl.ok("declines");
    assert!(declines.contains("192.168.48.2") && declines.contains("h1.example/web01"), "{declines}");
    let told = ctl.ok("declines -o json");
    assert!(told.contains("is using my IP address"), "{told}");
    // Until its host has bound the lease anew, it may be using the address still.
    let early = ctl.run("declines clear 192.168.48.2");
    assert!(early.code != 0 && early.stderr.contains("hint:"), "{early}");
    agent.bind().await;
    ctl.ok("declines clear 192.168.48.2");
    assert!(!ctl.ok("declines").contains("192.168.48.2"));
    ctl.ok("check");
}

#[tokio::test]
async fn hosts_are_shown_with_contact_and_drift_and_nothing_is_written_by_it() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    ctl.furnish();
    let row = || ctl.ok("hosts get h1.example -o json");
    let seen = |field: &str| {
        let host: serde_json::Value = serde_json::from_str(&row()).unwrap();
        host["contact"][field].clone()
    };
    assert_eq!(seen("state"), "no-agent");
    let agent = Agent::start(&dev).await;
    assert_eq!(seen("state"), "unknown", "nobody has heard of it yet");
    assert!(seen("pass").is_null());

    let before = ctl.ok("check -o json");
    agent.heartbeat(2).await.unwrap();
    assert_eq!((seen("state"), seen("incarnation")), ("heard".into(), 1.into()));
    assert_eq!(seen("pass")["drifts"], 2);
    agent.heartbeat(0).await.unwrap();
    assert_eq!(seen("pass")["drifts"], 0, "the last word counts");
    let revision =
        |check: &str| serde_json::from_str::<serde_json::Value>(check).unwrap()["revision"].clone();
    assert_eq!(revision(&before), revision(&ctl.ok("check -o json")));

    let table = ctl.ok("hosts");
    assert!(table.contains("CONTACT") && table.contains("s ago") && table.contains("DRIFT"), "{table}");
    let changed = ctl.ok("hosts drain h1.example -o json");
    assert!(changed.contains("\"contact\": null"), "a change does not tell of it: {changed}");

    // Whose word does not count any more is not heard, and a host that is declared off is.
    let newer = Agent::start(&dev).await;
    let refused = agent.heartbeat(9).await.unwrap_err();
    assert_eq!(refused.problem.reason, Reason::StaleIncarnation);
    ctl.ok("hosts fence h1.example --host-is-off");
    newer.heartbeat(3).await.unwrap();
    assert_eq!(ctl.ok("hosts show h1.example -o name"), "h1.example\n");
    assert_eq!((seen("incarnation"), seen("pass")["drifts"].clone()), (2.into(), 3.into()));
}

#[tokio::test]
async fn every_change_tells_who_made_it_and_what_it_was_before() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    let agent = Agent::with_web01_in_use(&dev, &ctl).await;
    agent.decline().await;
    agent.bind().await;
    ctl.ok("declines clear 192.168.48.2");
    ctl.ok("leases move h1.example/web01 --to h2.example");
    ctl.ok("leases move h1.example/web01 --cancel");
    agent.bind().await;
    ctl.ok("leases release h1.example/web01 --force");
    ctl.ok("hosts drain h1.example --caller night-shift");
    ctl.ok("hosts fence h1.example --host-is-off");

    let records = |line: &str| -> Vec<serde_json::Value> {
        serde_json::from_str(&ctl.ok(format!("audit -o json {line}").trim())).unwrap()
    };
    let told = |records: &[serde_json::Value], field: &str| -> Vec<String> {
        records.iter().map(|record| record[field].as_str().unwrap().to_owned()).collect()
    };
    let of_lease = records("--resource leases/1");
    let requests = [
        "AllocateLease",
        "BindLease",
        "DeclineLease",
        "BindLease",
        "MoveLease",
        "CancelMove",
        "BindLease",
        "ReleaseLease",
    ];
    assert_eq!(told(&of_lease, "request"), requests);
    assert_eq!(of_lease[0]["before"], "", "it was not there");
    assert_eq!(of_lease[7]["after"], "", "it is not there any more");
    let (before, after) = (told(&of_lease, "before"), told(&of_lease, "after"));
    assert!(before[4].starts_with("bound on h1.example") && after[4].contains("moving to h2.example"));
    assert!(before[2].contains("192.168.48.2") && after[2].contains("192.168.48.3"), "{after:?}");
    for at in 1..of_lease.len() {
        assert_eq!(before[at], after[at - 1], "what it was is what was made of it before");
    }
    assert_eq!(told(&records("--resource h1.example/web01"), "request"), requests, "so its jail is told of");

    let of_host = records("--resource hosts/h1.example");
    assert_eq!(told(&of_host, "request"), ["CreateHost", "RegisterHost", "DrainHost", "FenceHost"]);
    assert!(of_host[3]["before"].as_str().unwrap().starts_with("draining"), "{of_host:?}");
    assert!(of_host[3]["after"].as_str().unwrap().starts_with("fenced"), "{of_host:?}");
    assert_eq!(told(&records("--who night-shift"), "request"), ["DrainHost"]);
    assert_eq!(told(&records("--resource values/192.168.48.2"), "request"), ["ClearDecline"]);

    assert_eq!(records("--since 1h").len(), records("").len());
    assert_eq!(records("--since 2099-01-01T00:00:00Z").len(), 0);
    assert_eq!(ctl.run("audit --since yesterday").code, 2);
}
