//! SIGKILL: of all members, of the leader under load, of one that comes back without its data.

use std::collections::BTreeSet;
use std::fs;

use allocd_types::reason::Reason;
use serde_json::Value;

use crate::calls::{allocate_once, allocation, connect};
use crate::cluster::Cluster;
use crate::wishes::{all_leases, allocate, allocate_some, assert_unique, furnish};
use allocd_tests::until::within;

#[tokio::test]
async fn all_members_killed_at_once_come_back_equal_with_the_same_leases() {
    let mut cluster = Cluster::start("blue", 3);
    furnish(&cluster.client()).await;
    let leases = allocate_some(&cluster.client(), "web", 20).await;
    let digest = cluster.equal_digests().await;
    cluster.kill(0..3);
    cluster.start_all();
    assert_eq!(cluster.equal_digests().await, digest);
    assert_eq!(all_leases(&cluster.client()).await, leases);
    // And they go on.
    allocate(&cluster.client(), "more").await;
}

#[tokio::test]
async fn a_cluster_of_one_serves_and_survives_a_kill() {
    let mut cluster = Cluster::start("blue", 1);
    furnish(&cluster.client()).await;
    let leases = allocate_some(&cluster.client(), "web", 10).await;
    cluster.kill([0]);
    cluster.start_all();
    assert_eq!(all_leases(&cluster.client()).await, leases);
}

#[tokio::test]
async fn five_members_serve_while_two_are_dead() {
    let mut cluster = Cluster::start("blue", 5);
    furnish(&cluster.client()).await;
    let leader = cluster.leader().await;
    cluster.kill([leader, (leader + 1) % 5]);
    let leases = allocate_some(&cluster.client(), "web", 10).await;
    cluster.start_all();
    cluster.equal_digests().await;
    assert_eq!(all_leases(&cluster.client()).await, leases);
}

#[tokio::test]
async fn every_client_gets_its_lease_once_by_one_request_id_while_leaders_are_killed() {
    let mut cluster = Cluster::start_with("blue", 3, "[log]\nformat = \"json\"\n");
    furnish(&cluster.client()).await;
    let clients: Vec<_> = (0..8)
        .map(|number| {
            let client = cluster.client_from(number % 3);
            tokio::spawn(async move { allocate_some(&client, &format!("web{number}x"), 25).await })
        })
        .collect();
    for _ in 0..2 {
        let leader = cluster.leader().await;
        cluster.kill([leader]);
        cluster.leader().await;
        cluster.start_all();
        cluster.equal_digests().await;
    }
    let mut leases = Vec::new();
    for client in clients {
        leases.extend(within("a client is done", client).await.unwrap());
    }
    assert_eq!(leases.len(), 200);
    assert_unique(&leases);
    leases.sort_by_key(|lease| lease.id);
    assert_eq!(all_leases(&cluster.client()).await, leases);
    cluster.equal_digests().await;
    // However often a call was made, whoever did it knew it by the same id.
    assert_eq!(allocated_ids(&mut cluster).len(), 200);
}

/// The request ids by which leases were allocated, as the members' logs have them.
fn allocated_ids(cluster: &mut Cluster) -> BTreeSet<String> {
    let logs = (0..cluster.members()).map(|at| cluster.process(at).log()).collect::<String>();
    let lines = logs.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let allocated = lines.filter(|line| line["rpc"] == "AllocateLease" && line["message"] == "done");
    allocated.filter_map(|line| line["request_id"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn a_member_that_comes_back_without_its_data_stops_and_says_how_to_rejoin() {
    let mut cluster = Cluster::start("blue", 3);
    furnish(&cluster.client()).await;
    let leader = cluster.leader().await;
    cluster.equal_digests().await;
    let follower = (leader + 1) % 3;
    cluster.kill([follower]);
    fs::remove_dir_all(cluster.data(follower)).unwrap();
    cluster.start_one(follower);
    let mut ended = cluster.take(follower);
    assert_eq!(ended.ended().await.code(), Some(1));
    let log = ended.log();
    let errors: Vec<&str> = log.lines().filter(|line| line.starts_with("error: ")).collect();
    assert!(matches!(errors.as_slice(), [error] if error.contains("rejoin as a new member")), "{log}");
}

#[tokio::test]
async fn a_leader_that_hangs_is_replaced_and_a_call_handed_to_it_ends() {
    let mut cluster = Cluster::start("blue", 3);
    furnish(&cluster.client()).await;
    let leader = cluster.leader().await;
    let follower = (leader + 1) % 3;
    let channel = connect(cluster.address(follower)).await;
    // Its kernel still answers, and its connections stay open: only silence tells.
    cluster.process(leader).signal("STOP");
    // The follower takes it for the leader still, unless it has been quick. The call has no deadline of its own.
    let handed_on = allocate_once(channel, allocation("other"));
    if let Err(problem) = within("the call ends", handed_on).await {
        assert!(matches!(problem.reason, Reason::LeaderChanged | Reason::NoLeader), "{problem}");
    }
    allocate(&cluster.client_of(follower), "web").await;
    cluster.process(leader).signal("CONT");
    cluster.equal_digests().await;
}
