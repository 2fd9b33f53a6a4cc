//! Asking about one thing, and following everything.

use std::process::Stdio;

use allocd_tests::dev::Dev;
use allocd_tests::until::{until, within};
use serde_json::Value;

use crate::ctl::{Ctl, bare};

#[tokio::test]
async fn why_knows_a_value_by_every_name_it_has() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    ctl.furnish();
    ctl.ok("networks create named --bridge bridge7 --rename-prefix jail --subnet 10.7.0.0/24");
    ctl.ok("leases allocate h1.example/web01 --network lan");
    ctl.ok("leases allocate h1.example/web02 --network named --index 70");
    let lease: Value = serde_json::from_str(&ctl.ok("leases get leases/1 -o json")).unwrap();
    let macs = ["mac_a", "mac_b"].map(|end| lease[end].as_str().unwrap().to_owned());
    for subject in [
        &macs[0],
        &macs[1],
        "192.168.48.2",
        "fd00:48::1",
        "web01",
        "h1.example/web01",
        "h1.example/web01/net0",
        "h1.example/epair0a",
        "H1.EXAMPLE/epair0b",
    ] {
        let told = ctl.ok(&format!("why {subject}"));
        for line in [
            "lease         leases/1\n",
            "holder        h1.example/web01/net0\n",
            &format!("macs          {},{}\n", macs[0], macs[1]),
        ] {
            assert!(told.contains(line), "{subject}: {line:?} is not in {told}");
        }
    }
    // An interface whose name its network gave it.
    assert!(ctl.ok("why h1.example/jail70b").contains("holder        h1.example/web02/net0\n"));
    // A value that nobody holds has an answer too.
    assert!(ctl.ok("why 192.168.48.99").contains("state         free\n"));
    assert!(ctl.ok("why 58:9c:fc:10:00:01").contains("state         in no pool\n"));
    assert_eq!(ctl.run("why h1.example/em0").code, 3);
}

#[tokio::test]
async fn a_watch_tells_every_change_in_order_and_ends_when_interrupted() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    ctl.furnish();
    ctl.ok("leases allocate h1.example/web01 --network lan");
    ctl.ok("leases release h1.example/web01");
    let told = ctl.ok("watch --from 1 --limit 5");
    let words: Vec<&str> = told.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
    assert_eq!(words, ["created", "created", "created", "granted", "released"], "{told}");
    let changes: Vec<Value> = ctl
        .ok("watch --from 4 --limit 2 -o jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(changes[0]["change"], "lease_granted");
    assert_eq!(changes[0]["subject"]["holder"]["jail"], "web01");
    assert_eq!(
        (&changes[1]["revision"], &changes[1]["change"]),
        (&Value::from(5), &Value::from("lease_released"))
    );

    let mut child = tokio::process::Command::from({
        let mut command = bare();
        command.env("ALLOCCTL_ENDPOINTS", dev.endpoints()).args(["watch", "--from", "5", "-o", "name"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    })
    .kill_on_drop(true)
    .spawn()
    .unwrap();
    let mut stdout = tokio::io::BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    within("a change is told", tokio::io::AsyncBufReadExt::read_line(&mut stdout, &mut line)).await.unwrap();
    assert_eq!(line, "leases/1\n");
    let id = child.id().unwrap().to_string();
    assert!(std::process::Command::new("kill").args(["-s", "INT", &id]).status().unwrap().success());
    let status = until("the watch ends", async || child.try_wait().unwrap()).await;
    assert_eq!(status.code(), Some(0));
}

#[tokio::test]
async fn the_clusters_status_names_every_member() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    ctl.furnish();
    let status: Value = serde_json::from_str(&ctl.ok("cluster status -o json")).unwrap();
    assert_eq!(status["members"].as_array().unwrap().len(), 3);
    assert!(status["members"].as_array().unwrap().iter().all(|member| member["status"]["revision"].is_u64()));
    let told = ctl.ok("cluster");
    assert!(told.starts_with("cluster dev: member ") && told.contains("leader"), "{told}");
}
