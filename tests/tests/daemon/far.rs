//! Members that are far from each other: a tenth of a second each way, by relays between them. No root is needed for that.

use std::time::Duration;

use allocd_tests::sim::random::Random;

use crate::cluster::Cluster;
use crate::relay::Relay;
use crate::scene::Scene;

/// Members of the cluster.
const MEMBERS: usize = 3;
/// How long everything takes from one member to another.
const DELAY: Duration = Duration::from_millis(100);
/// How many clients there are.
const CROWD: usize = 16;
/// Operations that show that clients get on.
const GET_ON: u64 = 100;

#[tokio::test]
async fn members_a_tenth_of_a_second_apart_serve_and_replace_their_leader() {
    let cluster = Cluster::prepare("blue", MEMBERS, "");
    let mut relays = Vec::new();
    for from in 0..MEMBERS {
        let mut addresses = Vec::new();
        for to in 0..MEMBERS {
            let relay = Relay::to(cluster.address(to), DELAY).await;
            addresses.push(relay.address);
            relays.push(relay);
        }
        cluster.reach_by(from, &addresses);
    }
    let mut cluster = cluster;
    cluster.start_all();
    let mut scene = Scene::begin(cluster, CROWD, &mut Random::seeded(1)).await;
    scene.crowd.go_on(GET_ON).await;
    let leader = scene.cluster.leader().await;
    scene.cluster.kill([leader]);
    scene.crowd.go_on(GET_ON).await;
    scene.cluster.start_one(leader);
    scene.crowd.go_on(GET_ON).await;
    scene.end(&[0, 1, 2]).await;
}
