//! Two clusters that are pointed at each other by mistake.

use crate::cluster::{Cluster, STEADY};
use crate::wishes::{all_leases, allocate, allocate_some, furnish};
use allocd_tests::until::until;

#[tokio::test]
async fn members_of_two_clusters_never_mix() {
    let blue = Cluster::start_with("blue", 3, STEADY);
    furnish(&blue.client()).await;
    let leases = allocate_some(&blue.client(), "web", 3).await;
    let digest = blue.equal_digests().await;
    let before = blue.client().cluster_status().await.unwrap().value;

    // A member of red that looks for its peers where blue's members are.
    let mut red = Cluster::prepare("red", 3, "");
    red.point_at(0, &blue);
    red.start_one(0);
    let refused = async || {
        let status = red.client_of(0).cluster_status().await.ok()?.value;
        let said = status.members.iter().filter_map(|member| member.answer.as_ref().err());
        let refused = said.filter(|said| said.contains("of cluster blue, not red")).count();
        assert_eq!(status.leader, None);
        (refused == 2).then_some(())
    };
    until("blue's members refuse it", refused).await;
    let red_process = red.process(0);
    until("its log says why", async || red_process.log().contains("of cluster blue, not red").then_some(()))
        .await;

    let after = blue.client().cluster_status().await.unwrap().value;
    assert_eq!(after.leader, before.leader);
    assert_eq!(blue.equal_digests().await, digest);
    assert_eq!(all_leases(&blue.client()).await, leases);
    allocate(&blue.client(), "more").await;
}
