//! Watches that outlive members: nothing is missed and nothing told twice.

use allocd_client::client::Client;
use allocd_types::answer::MoreOfRevision;
use allocd_types::change::Change;
use allocd_types::id::Revision;
use allocd_types::lease::Lease;
use tokio::task::JoinHandle;

use crate::cluster::Cluster;
use crate::wishes::{allocate_some, furnish};
use allocd_tests::until::within;

/// Watches from the beginning until so many leases have been granted, and returns them.
pub(crate) fn watch_grants(client: &Client, count: usize) -> JoinHandle<Vec<Lease>> {
    let mut watch = client.watch(Revision::new(1));
    tokio::spawn(async move {
        let mut granted = Vec::new();
        let mut last = Revision::default();
        let mut follows = false;
        while granted.len() < count {
            let told = watch.next().await.expect("the watch goes on");
            // A sign of life may come from a member that is not as far.
            let is_sign = told.changes.is_empty();
            let is_next = told.revision > last || (follows && told.revision == last);
            assert!(is_sign || is_next, "{} was told after {last}", told.revision);
            last = last.max(told.revision);
            follows = told.more == MoreOfRevision::Follows;
            for change in told.changes {
                if let Change::LeaseGranted(lease) = change {
                    granted.push(lease);
                }
            }
        }
        granted
    })
}

#[tokio::test]
async fn a_watch_goes_on_when_its_member_is_killed_and_tells_everything_once() {
    let mut cluster = Cluster::start("blue", 3);
    furnish(&cluster.client()).await;
    let leader = cluster.leader().await;
    let told = watch_grants(&cluster.client_from(leader), 60);
    let mut leases = allocate_some(&cluster.client(), "a", 20).await;
    cluster.kill([leader]);
    leases.extend(allocate_some(&cluster.client(), "b", 20).await);
    cluster.start_all();
    leases.extend(allocate_some(&cluster.client(), "c", 20).await);
    assert_eq!(within("all is told", told).await.unwrap(), leases);
}

#[tokio::test]
async fn a_watch_goes_on_when_all_members_are_killed_and_tells_everything_once() {
    let mut cluster = Cluster::start("blue", 3);
    furnish(&cluster.client()).await;
    let told = watch_grants(&cluster.client(), 40);
    let mut leases = allocate_some(&cluster.client(), "a", 20).await;
    cluster.kill(0..3);
    cluster.start_all();
    leases.extend(allocate_some(&cluster.client(), "b", 20).await);
    assert_eq!(within("all is told", told).await.unwrap(), leases);
}

#[tokio::test]
async fn a_watch_may_begin_before_the_member_was_started() {
    let mut cluster = Cluster::start("blue", 1);
    furnish(&cluster.client()).await;
    let leases = allocate_some(&cluster.client(), "a", 5).await;
    cluster.kill([0]);
    cluster.start_all();
    let told = watch_grants(&cluster.client(), 5);
    assert_eq!(within("all is told", told).await.unwrap(), leases);
}
