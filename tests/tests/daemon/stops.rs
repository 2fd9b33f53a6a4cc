//! SIGTERM: what was begun is finished, whoever is connected, and what was acknowledged is there again.

use allocd_types::id::Revision;
use tokio::net::TcpStream;

use crate::cluster::{Cluster, STEADY};
use crate::wishes::{all_leases, allocate, allocate_some, assert_unique, furnish};
use allocd_tests::until::within;

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_stop_and_a_start() {
    let mut cluster = Cluster::start("blue", 3);
    furnish(&cluster.client()).await;
    let leases = allocate_some(&cluster.client(), "web", 20).await;
    let digest = cluster.equal_digests().await;
    for at in 0..3 {
        let ended = cluster.take(at).stop().await;
        assert_eq!(ended.code(), Some(0));
    }
    cluster.start_all();
    assert_eq!(cluster.equal_digests().await, digest);
    assert_eq!(all_leases(&cluster.client()).await, leases);
}

#[tokio::test]
async fn an_open_watch_and_an_idle_connection_do_not_hold_up_a_stop() {
    let mut cluster = Cluster::start("blue", 1);
    furnish(&cluster.client()).await;
    let mut watch = cluster.client().watch(Revision::default());
    within("the watch begins", watch.next()).await.unwrap();
    // One connection that has asked something once, and one that never says a word.
    let idle = cluster.client();
    all_leases(&idle).await;
    let _silent = TcpStream::connect(cluster.address(0)).await.unwrap();
    let ended = cluster.take(0).stop().await;
    assert_eq!(ended.code(), Some(0));
}

#[tokio::test]
async fn members_that_stop_one_after_the_other_lose_no_call() {
    let mut cluster = Cluster::start("blue", 3);
    furnish(&cluster.client()).await;
    let clients: Vec<_> = (0..4)
        .map(|number| {
            let client = cluster.client_from(number % 3);
            tokio::spawn(async move { allocate_some(&client, &format!("web{number}x"), 50).await })
        })
        .collect();
    for at in 0..3 {
        cluster.leader().await;
        assert!(cluster.take(at).stop().await.success());
        cluster.start_one(at);
    }
    let mut leases = Vec::new();
    for client in clients {
        leases.extend(within("a client is done", client).await.unwrap());
    }
    assert_eq!(leases.len(), 200);
    assert_unique(&leases);
    assert_eq!(all_leases(&cluster.client()).await.len(), 200);
}

#[tokio::test]
async fn a_leader_that_stops_hands_the_lead_over_first() {
    let mut cluster = Cluster::start_with("blue", 3, STEADY);
    furnish(&cluster.client()).await;
    let leader = cluster.leader().await;
    let other = cluster.client_of((leader + 1) % 3);
    let ended = cluster.take(leader);
    let log = ended.log();
    assert!(!log.contains("hands the lead over"), "{log}");
    ended.signal("TERM");
    allocate(&other, "web").await;
    let mut ended = ended;
    assert!(ended.ended().await.success());
    assert!(ended.log().contains("hands the lead over"), "{}", ended.log());
}
