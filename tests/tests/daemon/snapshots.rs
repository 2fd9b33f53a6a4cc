//! Snapshots in real processes: a member that was away for longer than the log reaches back, and what all of them restart from.

use allocd_client::client::Client;

use crate::cluster::{Cluster, STEADY};
use crate::wishes::{all_leases, allocate, allocate_some, furnish};

/// Snapshots often, and little of the log kept.
const OFTEN: &str = "[snapshots]\nentries = 100\nentries_kept = 5\n";

fn settings() -> String {
    format!("{STEADY}{OFTEN}")
}

/// So many entries that change nothing: a holder asks for the lease it has.
async fn fill_log(client: &Client, entries: usize) {
    for _ in 0..entries {
        allocate(client, "web0").await;
    }
}

#[tokio::test]
async fn a_member_that_was_away_beyond_the_log_gets_a_snapshot_while_the_others_go_on() {
    let mut cluster = Cluster::start_with("blue", 3, &settings());
    furnish(&cluster.client()).await;
    let away = (cluster.leader().await + 1) % 3;
    cluster.kill([away]);
    allocate_some(&cluster.client(), "web", 30).await;
    fill_log(&cluster.client(), 250).await;
    let leader = cluster.leader().await;
    cluster.until_logged(leader, "took a snapshot", 2).await;
    cluster.start_one(away);
    allocate_some(&cluster.client(), "more", 20).await;
    let digest = cluster.equal_digests().await;
    cluster.until_logged(away, "installed a peer's snapshot", 1).await;
    cluster.until_logged(leader, "sent a snapshot", 1).await;
    // What came by the snapshot is as durable as what came by the log.
    let leases = all_leases(&cluster.client()).await;
    cluster.kill(0..3);
    cluster.start_all();
    assert_eq!(cluster.equal_digests().await, digest);
    assert_eq!(all_leases(&cluster.client()).await, leases);
}

#[tokio::test]
async fn a_member_that_comes_late_for_the_first_time_gets_a_snapshot() {
    let mut cluster = Cluster::prepare("blue", 3, &settings());
    cluster.start_one(0);
    cluster.start_one(1);
    furnish(&cluster.client()).await;
    allocate_some(&cluster.client(), "web", 10).await;
    fill_log(&cluster.client(), 250).await;
    let leader = cluster.leader().await;
    cluster.until_logged(leader, "took a snapshot", 2).await;
    cluster.start_one(2);
    cluster.equal_digests().await;
    cluster.until_logged(2, "installed a peer's snapshot", 1).await;
}

#[tokio::test]
async fn a_member_starts_from_its_snapshot_and_the_rest_of_its_log() {
    let mut cluster = Cluster::start_with("blue", 1, &settings());
    furnish(&cluster.client()).await;
    let leases = allocate_some(&cluster.client(), "web", 20).await;
    fill_log(&cluster.client(), 300).await;
    cluster.until_logged(0, "took a snapshot", 3).await;
    fill_log(&cluster.client(), 10).await;
    let digest = cluster.equal_digests().await;
    cluster.kill([0]);
    cluster.start_all();
    assert_eq!(cluster.equal_digests().await, digest);
    assert_eq!(all_leases(&cluster.client()).await, leases);
}
