//! What hosts with agents have left over: it is told, and given back by a report or by a policy.

use allocd_tests::dev::Dev;
use allocd_tests::until::until;

use crate::agent::Agent;
use crate::ctl::Ctl;

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
