//! What people say about hosts with agents: drained, declared off, leases that move or are given back, values that others use.

use allocd_client::client::Client;
use allocd_client::config::ClientConfig;
use allocd_client::error::ClientError;
use allocd_tests::dev::Dev;
use allocd_tests::until::until;
use allocd_types::agent::{AgentRef, AgentReport, Inventory, LeaseAt};
use allocd_types::allocation::LeaseRef;
use allocd_types::contact::{Heartbeat, HeartbeatInterval, PassCounts};
use allocd_types::decline::{DeclineSpec, Evidence, EvidenceSource, LeasePart};
use allocd_types::effect::Effect;
use allocd_types::filter::LeaseFilter;
use allocd_types::host::{HostRegistration, HostUuid, SeenOnHost};
use allocd_types::id::LeaseId;
use allocd_types::lease::Lease;
use allocd_types::name::HostName;
use allocd_types::reason::Reason;
use allocd_types::time::Span;

use crate::ctl::Ctl;

/// The agent of h1.example, as far as the cluster hears of it.
struct Agent {
    client: Client,
    agent: AgentRef,
}

impl Agent {
    /// The agent of h1, which has taken up the lease of web01, beside a host that has none.
    async fn with_web01_in_use(dev: &Dev, ctl: &Ctl<'_>) -> Self {
        ctl.furnish();
        ctl.ok("hosts create h2.example");
        ctl.ok("leases allocate h1.example/web01 --network lan");
        let agent = Self::start(dev).await;
        agent.bind().await;
        agent
    }

    async fn start(dev: &Dev) -> Self {
        let endpoints = dev.endpoints().split(',').map(|endpoint| endpoint.parse().unwrap()).collect();
        let client = Client::new(ClientConfig::new(endpoints)).unwrap();
        let host = HostName::new("h1.example").unwrap();
        let uuid = HostUuid::new("4c4c4544-0050-3510-8052-b4c04f4a4e32").unwrap();
        let registration =
            HostRegistration { host: host.clone(), uuid, release: None, seen: SeenOnHost::default() };
        let registered = client.register_host(registration, Effect::Commit).await.unwrap().value;
        Self { client, agent: AgentRef { host, incarnation: registered.incarnation } }
    }

    /// The only lease of the host.
    async fn lease(&self) -> Lease {
        let filter = LeaseFilter { host: Some(self.agent.host.clone()), ..LeaseFilter::default() };
        self.client.all_leases(&filter).await.unwrap().value.remove(0)
    }

    async fn report(&self) -> AgentReport {
        let lease = self.lease().await;
        let lease = LeaseAt { lease: lease.id, generation: lease.generation };
        AgentReport { agent: self.agent.clone(), lease }
    }

    async fn bind(&self) {
        self.client.bind_lease(self.report().await, Effect::Commit).await.unwrap();
    }

    async fn confirm(&self) {
        self.client.confirm_teardown(self.report().await, Effect::Commit).await.unwrap();
    }

    async fn reconcile(&self, leases: Vec<LeaseId>) {
        let inventory = Inventory { agent: self.agent.clone(), leases };
        self.client.reconcile_host(inventory, Effect::Commit).await.unwrap();
    }

    async fn heartbeat(&self, drifts: u32) -> Result<(), ClientError> {
        self.speak(drifts, Span::from_seconds(3_600)).await
    }

    /// Tells of a pass, and is silent at once, for it means to speak again in no time.
    async fn fall_silent(&self) {
        self.speak(0, Span::from_millis(1)).await.unwrap();
    }

    async fn speak(&self, drifts: u32, again_in: Span) -> Result<(), ClientError> {
        let pass = PassCounts { jails: 1, in_service: 1, drifts, ..PassCounts::default() };
        let interval = HeartbeatInterval::new(again_in).unwrap();
        let heartbeat = Heartbeat { agent: self.agent.clone(), interval, pass };
        self.client.heartbeat_host(heartbeat).await.map(drop)
    }

    /// Somebody else answers for the lease's first address.
    async fn decline(&self) {
        let lease = self.lease().await;
        let line = "arp: 12:00:00:00:00:01 is using my IP address 192.168.48.2 on epair0b!";
        let spec = DeclineSpec {
            lease: LeaseRef::Id(lease.id),
            generation: lease.generation,
            part: LeasePart::Address(lease.addresses[0].address),
            evidence: Evidence::new(EvidenceSource::Arp, line, None),
        };
        self.client.decline_lease(spec, Effect::Commit).await.unwrap();
    }
}

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

#[tokio::test]
async fn what_is_left_over_is_released_by_a_report_if_it_is_still_as_it_says() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    ctl.furnish();
    ctl.ok("hosts create h2.example");
    for jail in ["h1.example/web01", "h1.example/web02", "h1.example/web03", "h2.example/db01"] {
        ctl.ok(&format!("leases allocate {jail} --network lan"));
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("report.json");
    let path = path.to_str().unwrap();
    let read =
        || -> serde_json::Value { serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap() };
    ctl.ok(&format!("check --report {path}"));
    assert_eq!(read()["leases"].as_array().unwrap().len(), 0, "a host without an agent is not silent");

    ctl.ok("hosts fence h1.example --host-is-off");
    ctl.ok(&format!("check --report {path}"));
    let left = read();
    let holders: Vec<&str> =
        left["leases"].as_array().unwrap().iter().map(|lease| lease["holder"].as_str().unwrap()).collect();
    assert_eq!(holders.len(), 3, "{left}");
    assert!(holders.iter().all(|holder| holder.starts_with("h1.example/")), "{left}");

    // One is gone by other means, and one has moved away and come back.
    ctl.ok("leases release h1.example/web01");
    ctl.ok("leases move h1.example/web02 --to h2.example");
    let line = format!("release --from-report {path}");
    let unasked = ctl.run(&line);
    assert!(unasked.code != 0 && unasked.stderr.contains("--yes"), "{unasked}");
    let dry = ctl.run(&format!("{line} --dry-run"));
    assert!(dry.stdout.contains("would release"), "{dry}");
    ctl.ok("leases get h1.example/web03");

    let done = ctl.run(&format!("{line} --yes -o json"));
    assert!(done.code != 0 && done.stderr.contains("2 of 3 leases were left alone"), "{done}");
    let told: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    let released: Vec<&serde_json::Value> =
        told.as_array().unwrap().iter().map(|outcome| &outcome["released"]).collect();
    assert_eq!(released, [false, false, true], "{told}");
    assert_eq!(ctl.run("leases get h1.example/web03").code, 3);
    ctl.ok("leases get h2.example/web02");
    ctl.ok("leases get h2.example/db01");

    // A report of another cluster is none of this one.
    let other = std::fs::read_to_string(path).unwrap().replace(left["cluster_id"].as_str().unwrap(), "other");
    std::fs::write(path, other).unwrap();
    let refused = ctl.run(&format!("{line} --yes"));
    assert!(refused.code != 0 && refused.stderr.contains("cluster other"), "{refused}");
}

#[tokio::test]
async fn what_a_host_lost_and_has_again_is_not_released_by_an_old_report() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    let agent = Agent::with_web01_in_use(&dev, &ctl).await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("report.json");
    let path = path.to_str().unwrap();
    let line = format!("release --from-report {path} --yes");

    agent.reconcile(Vec::new()).await;
    ctl.ok(&format!("check --report {path}"));
    let lease = agent.lease().await.id;
    agent.reconcile(vec![lease]).await;
    let found = ctl.run(&line);
    assert!(found.code != 0 && found.stdout.contains("left alone"), "{found}");

    // Lost again, it waits for its host's word, as everything does that may be in use.
    agent.reconcile(Vec::new()).await;
    let released = ctl.ok(&line);
    assert!(released.contains("once its host has confirmed"), "{released}");
    let there = ctl.ok("leases get h1.example/web01");
    assert!(there.contains("releasing"), "{there}");
}

#[tokio::test]
async fn a_suspect_is_shown_with_what_is_left_of_it_where_its_network_frees_suspects() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    let agent = Agent::with_web01_in_use(&dev, &ctl).await;
    agent.reconcile(Vec::new()).await;
    let shown = ctl.ok("leases get h1.example/web01");
    assert!(shown.contains("suspect for ") && !shown.contains("ends in "), "{shown}");

    ctl.ok("networks update lan --free-suspects-after 7d");
    let shown = ctl.ok("leases get h1.example/web01");
    assert!(shown.contains("ends in 604"), "{shown}");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("report.json");
    ctl.ok(&format!("check --report {}", path.display()));
    let report: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let left = &report["leases"][0];
    assert_eq!(left["why"], "suspect");
    assert!(
        left["ends_in_ms"].as_u64().unwrap() + left["lost_for_ms"].as_u64().unwrap() <= 604_800_000,
        "{left}"
    );
    let audit = ctl.ok("audit");
    assert!(audit.contains("frees suspects after 604800s"), "{audit}");

    ctl.ok("networks update lan --free-suspects-after none");
    let shown = ctl.ok("leases get h1.example/web01");
    assert!(!shown.contains("ends in "), "{shown}");
}

#[tokio::test]
async fn what_a_silent_host_has_is_left_over_until_the_host_speaks_again() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    let agent = Agent::with_web01_in_use(&dev, &ctl).await;
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let left_over = |path: &str| {
        ctl.ok(&format!("check --report {path}"));
        let report: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        report["leases"].as_array().unwrap().clone()
    };
    let (old, new) = (path("old.json"), path("new.json"));
    let line = format!("release --from-report {old} --yes");

    agent.heartbeat(0).await.unwrap();
    assert_eq!(left_over(&old), [serde_json::Value::Null; 0], "a host that speaks is not silent");
    agent.fall_silent().await;
    let left = until("its host is silent", async || left_over(&old).pop()).await;
    assert_eq!([&left["holder"], &left["why"]], ["h1.example/web01/net0", "host-silent"]);

    // It has spoken since the report was made.
    agent.heartbeat(0).await.unwrap();
    let spoke = ctl.run(&line);
    assert!(spoke.code != 0 && spoke.stdout.contains("the reason is"), "{spoke}");
    assert!(ctl.ok("leases get h1.example/web01").contains("bound"));

    // Silence is nobody's word that the jail is gone.
    agent.fall_silent().await;
    until("its host is silent again", async || left_over(&new).pop()).await;
    let released = ctl.ok(&line);
    assert!(released.contains("once its host has confirmed"), "{released}");
    assert!(ctl.ok("leases get h1.example/web01").contains("releasing"));
}
