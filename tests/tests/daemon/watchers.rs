//! A thousand watchers at once, and some that do not read.
//!
//! A watch is a stream, and a connection carries as many as a client likes: the watchers share some connections, so that a
//! member needs far fewer files than it has watchers. One that does not read has a connection of its own, as a process that hangs
//! has: what it does not take fills the window of its connection, and of no other.

use std::process::Command;

use allocd_client::client::Client;
use allocd_proto::v1;
use allocd_proto::v1::lease_service_client::LeaseServiceClient;
use allocd_tests::program::allocd;
use allocd_tests::until::within;
use allocd_types::allocation::AllocationSpec;
use allocd_types::effect::Effect;
use allocd_types::grant::BatchMode;
use allocd_types::id::Revision;
use allocd_types::kind::InterfaceKind;
use allocd_types::network::{NetworkSpec, SubnetSpec};
use allocd_types::problem::Problem;
use allocd_types::reason::Reason;
use allocd_types::request::Batch;
use tonic::Streaming;
use tonic::transport::Endpoint;

use crate::cluster::Cluster;
use crate::watches::watch_grants;
use crate::wishes::{allocate_some, furnish, host, jail, network};

/// How many watch at once.
const WATCHERS: usize = 1_000;
/// How many connections they share at each member.
const CONNECTIONS: usize = 10;
/// More changes than a member keeps for its watchers, and than are on their way to one that does not read.
const CHANGES: usize = 68_000;
/// What may be on its way to one that does not read.
const WINDOW_BYTES: u32 = 65_535;
/// How many are made at a time.
const BATCH: usize = 1_000;
/// How many watchers do not read.
const STUCK: usize = 5;
/// How many read meanwhile.
const READING: usize = 1;

/// A command that becomes an allocd with fewer files than there are watchers.
fn with_few_files() -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 256; exec \"$0\" \"$@\""]).arg(allocd());
    command
}

#[tokio::test]
async fn a_thousand_watchers_are_told_everything_in_order_while_leaders_change() {
    let mut cluster = Cluster::prepare("blue", 3, "");
    (0..3).for_each(|at| cluster.start_by(at, with_few_files()));
    furnish(&cluster.client()).await;
    let clients: Vec<Client> = (0..CONNECTIONS).map(|number| cluster.client_from(number % 3)).collect();
    let told: Vec<_> = (0..WATCHERS).map(|number| watch_grants(&clients[number % CONNECTIONS], 60)).collect();
    let mut leases = allocate_some(&cluster.client(), "a", 20).await;
    let leader = cluster.leader().await;
    cluster.kill([leader]);
    leases.extend(allocate_some(&cluster.client(), "b", 20).await);
    cluster.start_by(leader, with_few_files());
    cluster.equal_digests().await;
    // Whoever watched has to begin anew at a member that has read its log.
    cluster.kill(0..3);
    (0..3).for_each(|at| cluster.start_by(at, with_few_files()));
    leases.extend(allocate_some(&cluster.client(), "c", 20).await);
    for told in told {
        assert_eq!(within("all is told", told).await.unwrap(), leases);
    }
}

/// Begins a watch on a connection of its own, and reads no more than its first message.
async fn stuck(cluster: &Cluster) -> Streaming<v1::WatchLeasesResponse> {
    let endpoint = Endpoint::from_shared(format!("http://{}", cluster.address(0))).expect("an endpoint");
    let endpoint = endpoint.initial_stream_window_size(WINDOW_BYTES);
    let channel = endpoint.connect().await.expect("connect to a member");
    let request = v1::WatchLeasesRequest { from_revision: 1 };
    let mut stream =
        LeaseServiceClient::new(channel).watch_leases(request).await.expect("a watch").into_inner();
    stream.message().await.expect("a watch begins").expect("with a message");
    stream
}

/// What a stuck one finds when it reads at last: what was under way, and then that it was too slow.
async fn cut_off(mut stream: Streaming<v1::WatchLeasesResponse>, last: Revision) -> Problem {
    loop {
        match within("a stuck watch ends", stream.message()).await {
            Ok(Some(told)) => assert!(told.revision < last.get(), "it was told everything"),
            Ok(None) => panic!("the watch ended without a word"),
            Err(status) => return allocd_proto::status::problem(&status),
        }
    }
}

/// Makes so many leases, by batches.
async fn allocate_many(client: &Client, count: usize) {
    let wide = NetworkSpec {
        name: "wide".parse().expect("a network"),
        subnets: vec![SubnetSpec {
            prefix: "10.128.0.0/9".parse().expect("a prefix"),
            gateway: None,
            ranges: Vec::new(),
        }],
        ..network()
    };
    client.create_network(wide.clone(), Effect::Commit).await.expect("make a network");
    for start in (0..count).step_by(BATCH) {
        let name = format!("many{}", start / BATCH);
        client.create_host(host(&name), Effect::Commit).await.expect("make a host");
        let wish = |number| {
            let mut wish: AllocationSpec = jail(&format!("j{number}"));
            wish.holder.host = name.parse().expect("a host");
            (wish.kind, wish.network) = (InterfaceKind::Address, wide.name.clone());
            wish
        };
        let items = (0..BATCH).map(wish).collect();
        let batch = Batch { items, mode: BatchMode::AllOrNothing };
        client.batch_allocate_leases(batch, Effect::Commit).await.expect("leases");
    }
}

#[tokio::test]
async fn watchers_that_do_not_read_are_cut_off_and_harm_nobody() {
    let mut cluster = Cluster::start("blue", 1);
    let client = cluster.client();
    furnish(&client).await;
    let mut stuck_ones = Vec::new();
    for _ in 0..STUCK {
        stuck_ones.push(stuck(&cluster).await);
    }
    let told: Vec<_> = (0..READING).map(|_| watch_grants(&cluster.client(), CHANGES)).collect();
    allocate_many(&client, CHANGES).await;
    for told in told {
        assert_eq!(within("all is told", told).await.unwrap().len(), CHANGES);
    }
    let last = client.check().await.expect("a check").revision;
    for stream in stuck_ones {
        let problem = cut_off(stream, last).await;
        assert_eq!(problem.reason, Reason::WatcherTooSlow, "{problem}");
    }
    // Whoever begins where they were is told that this is too long ago, also by a member that has read its log anew.
    for _ in 0..2 {
        let error = client.watch(Revision::new(1)).next().await.expect_err("it is too old");
        assert_eq!(error.problem.reason, Reason::Compacted, "{error}");
        cluster.kill([0]);
        cluster.start_one(0);
    }
}
