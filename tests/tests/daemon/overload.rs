//! More than a member can take: it refuses, and nothing hangs or breaks.

use std::net::TcpStream;

use allocd_types::reason::Reason;

use crate::calls::{allocate_once, allocation, connect};
use crate::cluster::Cluster;
use crate::wishes::{all_leases, allocate, allocate_some, assert_unique, furnish};
use allocd_tests::process::Process;
use allocd_tests::until::{until, within};

#[tokio::test]
async fn a_full_queue_refuses_and_nothing_hangs() {
    let cluster = Cluster::start_with("blue", 1, "queue_calls_max = 1\n");
    furnish(&cluster.client()).await;
    let channel = connect(cluster.address(0)).await;
    let calls: Vec<_> = (0..100)
        .map(|number| tokio::spawn(allocate_once(channel.clone(), allocation(&format!("web{number}")))))
        .collect();
    let (mut granted, mut refused) = (0, 0);
    for call in calls {
        match within("a call ends", call).await.unwrap() {
            Ok(_) => granted += 1,
            Err(problem) => {
                assert_eq!(problem.reason, Reason::Overloaded, "{problem}");
                assert!(problem.retry_after.is_some() && problem.hint.is_some());
                refused += 1;
            }
        }
    }
    assert!(granted > 0 && refused > 0, "{granted} granted, {refused} refused");
    assert_eq!(all_leases(&cluster.client()).await.len(), granted);
}

#[tokio::test]
async fn clients_that_try_again_get_through_a_narrow_queue() {
    let cluster = Cluster::start_with("blue", 3, "queue_calls_max = 1\n");
    furnish(&cluster.client()).await;
    let clients: Vec<_> = (0..8)
        .map(|number| {
            let client = cluster.client_from(number % 3);
            tokio::spawn(async move { allocate_some(&client, &format!("web{number}x"), 5).await })
        })
        .collect();
    let mut leases = Vec::new();
    for client in clients {
        leases.extend(within("a client is done", client).await.unwrap());
    }
    assert_eq!(leases.len(), 40);
    assert_unique(&leases);
}

#[tokio::test]
async fn more_connections_than_there_are_files_do_not_end_a_member() {
    let mut cluster = Cluster::prepare("blue", 1, "");
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "ulimit -n 64; exec \"$0\" serve --config \"$1\""]);
    command.arg(allocd_tests::program::allocd()).arg(cluster.config(0));
    let process = Process::of(&mut command, &cluster.directory().join("log"));
    furnish(&cluster.client()).await;
    let crowd: Vec<TcpStream> = (0..100).map(|_| TcpStream::connect(cluster.address(0)).unwrap()).collect();
    until("the member notices", async || process.log().contains("cannot take a connection").then_some(()))
        .await;
    drop(crowd);
    allocate(&cluster.client(), "web").await;
    cluster.adopt(0, process);
    assert!(cluster.take(0).stop().await.success());
}

#[tokio::test]
async fn more_connections_than_allowed_are_closed_and_those_that_are_open_are_served() {
    let mut cluster = Cluster::start_with("blue", 1, "connections_max = 8\n");
    let client = cluster.client();
    furnish(&client).await;
    let crowd: Vec<TcpStream> = (0..20).map(|_| TcpStream::connect(cluster.address(0)).unwrap()).collect();
    let process = cluster.process(0);
    until("the member says so", async || process.log().contains("closes further connections").then_some(()))
        .await;
    allocate(&client, "web").await;
    drop(crowd);
    allocate(&cluster.client(), "more").await;
}
