//! A member whose disk is slow: as a follower it holds nobody up, and as a leader it answers or is replaced.
//!
//! The disk is slow by a library between the member and its syncs ([`crate::syncs`]).

use allocd_types::id::MemberId;

use crate::cluster::{Cluster, STEADY};
use crate::syncs::Syncs;
use crate::wishes::{all_leases, allocate_some, furnish};
use allocd_tests::until::within;

/// The member with the slow disk.
const SLOW: usize = 0;

/// A cluster that serves, of which one member has begun anew on a slow disk.
async fn with_slow_member(settings: &str, milliseconds: u32) -> Cluster {
    let mut cluster = Cluster::start_with("blue", 3, settings);
    furnish(&cluster.client()).await;
    cluster.equal_digests().await;
    cluster.kill([SLOW]);
    let command = Syncs::After(milliseconds).command(cluster.directory());
    cluster.start_by(SLOW, command);
    cluster.equal_digests().await;
    cluster
}

/// Hands the lead over, as often as it takes.
async fn lead(cluster: &Cluster, member: usize) {
    let id = MemberId::new(u64::try_from(member + 1).expect("a position fits"));
    while cluster.leader().await != member {
        // It may fail while the member is busy with its disk.
        let _ = cluster.client_from((SLOW + 1) % 3).transfer_leadership(id).await;
    }
}

#[tokio::test]
async fn a_slow_follower_does_not_hold_up_the_others() {
    let cluster = with_slow_member(STEADY, 500).await;
    lead(&cluster, 1).await;
    // One after the other: waiting for the slow disk each time would take longer than this test waits for anything.
    let client = cluster.client_from(1);
    let leases = within("all are granted", allocate_some(&client, "web", 200)).await;
    cluster.equal_digests().await;
    assert_eq!(all_leases(&cluster.client_of(SLOW)).await, leases);
}

#[tokio::test]
async fn a_slow_leader_that_keeps_the_lead_answers() {
    let cluster = with_slow_member(STEADY, 300).await;
    lead(&cluster, SLOW).await;
    let leases = within("all are granted", allocate_some(&cluster.client(), "web", 10)).await;
    cluster.equal_digests().await;
    assert_eq!(all_leases(&cluster.client()).await, leases);
}

#[tokio::test]
async fn a_leader_slower_than_an_election_is_replaced_or_answers() {
    let cluster = with_slow_member("", 1_500).await;
    within("it leads for a moment", lead(&cluster, SLOW)).await;
    let leases = within("all are granted", allocate_some(&cluster.client(), "web", 20)).await;
    cluster.equal_digests().await;
    assert_eq!(all_leases(&cluster.client_from(1)).await, leases);
}
