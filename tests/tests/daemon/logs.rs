//! The log: who asked for what by which id, and at which revision it was done.

use allocd_types::effect::Effect;
use allocd_types::id::RequestId;
use serde_json::Value;

use crate::cluster::Cluster;
use crate::wishes::{furnish, host, jail};

const REQUEST: &str = "from-the-pipeline-17";

/// Has one thing done by a known request id, and says at which revision.
async fn mutate(cluster: &Cluster) -> u64 {
    furnish(&cluster.client()).await;
    let client = cluster.client().repeating(RequestId::new(REQUEST).expect("a request id"));
    client.allocate_lease(jail("web"), Effect::Commit).await.expect("a lease").revision.get()
}

#[tokio::test]
async fn a_json_line_carries_request_id_caller_and_revision_of_a_mutation() {
    let mut cluster = Cluster::start_with("blue", 1, "[log]\nformat = \"json\"\n");
    let revision = mutate(&cluster).await;
    cluster.client().create_host(host("h1"), Effect::Commit).await.unwrap();
    let log = cluster.process(0).log();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let line = lines.iter().find(|line| line["request_id"] == REQUEST).expect("the mutation is in the log");
    assert_eq!(line["rpc"], "AllocateLease");
    assert_eq!(line["caller"], "tests");
    assert_eq!(line["revision"], revision);
}

#[tokio::test]
async fn a_text_line_carries_request_id_caller_and_revision_of_a_mutation() {
    let mut cluster = Cluster::start("blue", 1);
    let revision = mutate(&cluster).await;
    let log = cluster.process(0).log();
    let line = log.lines().find(|line| line.contains(REQUEST)).expect("the mutation is in the log");
    for part in
        ["AllocateLease", &format!("request_id={REQUEST}"), "caller=tests", &format!("revision={revision}")]
    {
        assert!(line.contains(part), "{part} is not in {line}");
    }
}

#[tokio::test]
async fn a_refused_mutation_is_in_the_log_with_its_reason() {
    let mut cluster = Cluster::start_with("blue", 1, "[log]\nformat = \"json\"\n");
    let client = cluster.client();
    let unfurnished = client.repeating(RequestId::new("too-early").unwrap());
    unfurnished.allocate_lease(jail("web"), Effect::Commit).await.unwrap_err();
    let mut wrong = crate::wishes::network();
    wrong.vlan = Some(5_000);
    client.create_network(wrong, Effect::Commit).await.unwrap_err();
    let log = cluster.process(0).log();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let has = |reason: &str, rpc: &str| {
        lines.iter().any(|line| line["reason"] == reason && line["rpc"] == rpc && line["caller"] == "tests")
    };
    assert!(has("NETWORK_NOT_FOUND", "AllocateLease") || has("HOST_NOT_FOUND", "AllocateLease"), "{log}");
    assert!(has("INVALID_FIELDS", "CreateNetwork"), "{log}");
}
