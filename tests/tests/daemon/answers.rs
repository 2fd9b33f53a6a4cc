//! Whoever is asked: every member answers every call, reads what was written elsewhere, and says all that is wrong.

use allocd_types::allocation::{LeaseRef, MissingResource, ReleaseSpec, Teardown};
use allocd_types::effect::Effect;
use allocd_types::filter::LeaseFilter;
use allocd_types::lookup::LeaseQuery;
use allocd_types::reason::Reason;
use allocd_types::request::Freshness;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use crate::calls::{allocate_once, allocation, connect};
use crate::cluster::{Cluster, STEADY};
use crate::wishes::{all_leases, allocate, furnish, host, jail, network};
use allocd_tests::until::until;

#[tokio::test]
async fn every_member_answers_every_kind_of_call() {
    let cluster = Cluster::start("blue", 3);
    furnish(&cluster.client()).await;
    for at in 0..3 {
        let client = cluster.client_of(at);
        client.create_host(host(&format!("extra{at}")), Effect::Commit).await.unwrap();
        let lease = allocate(&client, &format!("web{at}")).await;
        let found = client.get_lease(LeaseRef::Id(lease.id)).await.unwrap();
        assert_eq!(found.value, lease);
        let found = client.lookup_lease(LeaseQuery::Holder(lease.holder.clone())).await.unwrap();
        assert_eq!(found.value, lease);
        assert_eq!(client.export(&LeaseFilter::default()).await.unwrap().value, std::slice::from_ref(&lease));
        assert!(client.check().await.unwrap().value.findings.is_empty());
        assert_eq!(client.cluster_status().await.unwrap().value.members.len(), 3);
        let release = ReleaseSpec {
            lease: LeaseRef::Id(lease.id),
            generation: None,
            missing: MissingResource::Refuse,
            teardown: Teardown::Awaited,
        };
        client.release_lease(release, Effect::Commit).await.unwrap();
    }
}

#[tokio::test]
async fn a_follower_hands_a_call_on_once() {
    let mut cluster = Cluster::start_with("blue", 3, STEADY);
    furnish(&cluster.client()).await;
    let leader = cluster.leader().await;
    let follower = (leader + 1) % 3;
    let channel = connect(cluster.address(follower)).await;
    allocate_once(channel.clone(), allocation("web")).await.unwrap();
    let is_told = |log: &str| log.contains("AllocateLease");
    assert!(is_told(&cluster.process(leader).log()) && !is_told(&cluster.process(follower).log()));
    // What comes from a member that thought this one leads goes no further.
    let mut handed_on = allocation("web");
    handed_on.metadata_mut().insert("allocd-forwarded", "1".parse().unwrap());
    let problem = allocate_once(channel, handed_on).await.unwrap_err();
    assert_eq!(problem.reason, Reason::LeaderChanged);
}

#[tokio::test]
async fn health_says_serving_and_reflection_lists_the_services() {
    let cluster = Cluster::start("blue", 3);
    for at in 0..3 {
        until("health says SERVING", async || {
            let channel = tonic::transport::Endpoint::from_shared(format!("http://{}", cluster.address(at)));
            let channel = channel.unwrap().connect().await.ok()?;
            let request = HealthCheckRequest { service: String::new() };
            let answer = HealthClient::new(channel).check(request).await.ok()?.into_inner();
            (answer.status() == ServingStatus::Serving).then_some(())
        })
        .await;
    }
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let channel = connect(cluster.address(0)).await;
    let asked =
        ServerReflectionClient::new(channel).server_reflection_info(tokio_stream::once(request)).await;
    let answer = asked.unwrap().into_inner().message().await.unwrap().unwrap();
    let Some(MessageResponse::ListServicesResponse(listed)) = answer.message_response else {
        panic!("no list of services: {answer:?}")
    };
    let names: Vec<String> = listed.service.into_iter().map(|service| service.name).collect();
    for service in ["Network", "Pool", "Reservation", "Host", "Lease", "Admin"] {
        assert!(names.contains(&format!("allocd.v1.{service}Service")), "{service} is not in {names:?}");
    }
}

#[tokio::test]
async fn a_linearizable_read_sees_what_another_member_was_told() {
    let cluster = Cluster::start("blue", 3);
    furnish(&cluster.client()).await;
    for number in 0..30 {
        let lease = allocate(&cluster.client_of(number % 3), &format!("web{number}")).await;
        let other = cluster.client_of((number + 1) % 3);
        assert_eq!(other.get_lease(LeaseRef::Id(lease.id)).await.unwrap().value, lease);
    }
}

#[tokio::test]
async fn a_stale_read_needs_no_leader_and_catches_up_with_one() {
    let mut cluster = Cluster::start("blue", 3);
    furnish(&cluster.client()).await;
    let lease = allocate(&cluster.client(), "web").await;
    let stale = cluster.client_of(0).reading(Freshness::Stale);
    until("the write has reached the member", async || {
        stale.get_lease(LeaseRef::Id(lease.id)).await.ok().map(|answer| assert_eq!(answer.value, lease))
    })
    .await;
    cluster.kill([1, 2]);
    assert_eq!(all_leases(&stale).await, [lease]);
}

#[tokio::test]
async fn all_wrong_fields_are_told_at_once() {
    let cluster = Cluster::start("blue", 3);
    let client = cluster.client();
    let mut wrong = network();
    (wrong.vlan, wrong.mtu) = (Some(5_000), Some(1));
    let error = client.create_network(wrong, Effect::Commit).await.unwrap_err();
    assert_eq!(error.problem.reason, Reason::InvalidFields);
    let fields: Vec<&str> = error.problem.violations.iter().map(|wrong| wrong.field.as_str()).collect();
    assert_eq!(fields, ["network.vlan", "network.mtu"]);
    // Nothing was made of it.
    assert!(client.allocate_lease(jail("web"), Effect::Commit).await.is_err());
}
