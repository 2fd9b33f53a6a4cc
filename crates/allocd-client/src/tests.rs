//! Calls and watches over real connections, against members that follow a script.

use std::time::Duration;

use allocd_proto::{status, v1};
use allocd_types::allocation::{AllocationSpec, ExistingLease, FamilyWish, Pins};
use allocd_types::answer::MoreOfRevision;
use allocd_types::change::Change;
use allocd_types::effect::Effect;
use allocd_types::filter::LeaseFilter;
use allocd_types::grant::Novelty;
use allocd_types::id::{Caller, RequestId, Revision};
use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::problem::Problem;
use allocd_types::reason::Reason;
use allocd_types::request::Freshness;
use tokio::net::TcpListener;

use crate::client::{CALLER_METADATA, Client};
use crate::config::{ClientConfig, ConfigError};
use crate::endpoint::Endpoint;
use crate::fake::{FakeMember, Line, Message};

/// A client that waits long in all and shortly in between.
fn client(endpoints: Vec<Endpoint>) -> Client {
    Client::new(impatient(endpoints)).unwrap()
}

fn impatient(endpoints: Vec<Endpoint>) -> ClientConfig {
    ClientConfig {
        caller: Some(Caller::new("tests").unwrap()),
        pause_first: Duration::from_millis(1),
        pause_max: Duration::from_millis(2),
        ..ClientConfig::new(endpoints)
    }
}

fn wish() -> AllocationSpec {
    AllocationSpec {
        holder: "h1.example/web01".parse().unwrap(),
        network: "lan".parse().unwrap(),
        kind: InterfaceKind::Tun,
        ipv4: FamilyWish::IfSubnets,
        ipv6: FamilyWish::IfSubnets,
        pins: Pins::none(),
        ttl: None,
        existing: ExistingLease::Return,
        labels: Labels::default(),
    }
}

fn lease(number: u64) -> v1::Lease {
    v1::Lease {
        name: format!("leases/{number}"),
        holder: Some(wish().holder.into()),
        network: "lan".to_owned(),
        kind: v1::InterfaceKind::Tun.into(),
        bridge: "bridge300".to_owned(),
        state: v1::LeaseState::Granted.into(),
        generation: Some(v1::Generation { timeline: 1, revision: number }),
        granted_at: Some(Default::default()),
        ..v1::Lease::default()
    }
}

fn grant(number: u64) -> Line {
    let lease = Some(lease(number));
    let response = v1::AllocateLeaseResponse { lease, existing: false, revision: number, cluster_time_ms: 0 };
    Line::Grant(Box::new(response))
}

fn refuse(reason: Reason) -> Line {
    Line::Refuse(status::status(&Problem::new(reason, "not now")))
}

fn request_ids(member: &FakeMember) -> Vec<String> {
    let id = |asked: crate::fake::Asked| match asked.message {
        Message::Allocate(request) => request.request_id,
        Message::List(_) | Message::Watch(_) => panic!("only allocations were sent"),
    };
    member.asked().into_iter().map(id).collect()
}

/// An address at which nobody listens.
async fn nobody() -> Endpoint {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().to_string().parse().unwrap()
}

#[tokio::test]
async fn one_request_id_goes_over_all_attempts_and_members() {
    // One member has no leader, the next is stopping, then the first has found its leader.
    let first = FakeMember::start([refuse(Reason::NoLeader), grant(7)]).await;
    let second = FakeMember::start([refuse(Reason::ShuttingDown)]).await;
    let client = client(vec![first.endpoint.clone(), second.endpoint.clone()]);

    let granted = client.allocate_lease(wish(), Effect::Commit).await.unwrap();
    assert_eq!(granted.value.lease.id.get(), 7);
    assert_eq!((granted.value.novelty, granted.revision), (Novelty::New, Revision::new(7)));

    let ids = [request_ids(&first), request_ids(&second)].concat();
    assert_eq!(ids.len(), 3);
    assert!(!ids[0].is_empty() && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[tokio::test]
async fn each_call_has_a_request_id_of_its_own_unless_it_is_given() {
    let member = FakeMember::start([grant(1), grant(2), grant(2)]).await;
    let client = client(vec![member.endpoint.clone()]);
    for _ in 0..2 {
        client.allocate_lease(wish(), Effect::Commit).await.unwrap();
    }
    let known = RequestId::new("from-yesterday").unwrap();
    client.repeating(known).allocate_lease(wish(), Effect::Commit).await.unwrap();

    let ids = request_ids(&member);
    assert_ne!(ids[0], ids[1]);
    assert_eq!(ids[2], "from-yesterday");
}

#[tokio::test]
async fn a_refusal_is_told_as_it_is_and_not_repeated() {
    let said = Problem::new(Reason::PoolExhausted, "MAC pool default: no value left")
        .hint("release leases")
        .about("pool", "default");
    let member = FakeMember::start([Line::Refuse(status::status(&said)), grant(1)]).await;
    let error =
        client(vec![member.endpoint.clone()]).allocate_lease(wish(), Effect::Commit).await.unwrap_err();
    assert_eq!((*error.problem, error.attempts, error.endpoint), (said, 1, Some(member.endpoint.clone())));
    assert_eq!(member.asked().len(), 1);
}

#[tokio::test]
async fn a_silent_member_is_passed_over_with_the_same_request_id() {
    let silent = FakeMember::start([Line::Silence]).await;
    let other = FakeMember::start([grant(3)]).await;
    let endpoints = vec![silent.endpoint.clone(), other.endpoint.clone()];
    let config = ClientConfig { attempt: Duration::from_secs(1), ..impatient(endpoints) };
    Client::new(config).unwrap().allocate_lease(wish(), Effect::Commit).await.unwrap();
    assert_eq!(request_ids(&silent), request_ids(&other));
}

#[tokio::test]
async fn the_member_that_answered_is_asked_first_from_then_on() {
    let dead = nobody().await;
    let alive = FakeMember::start([grant(1), grant(2)]).await;
    let client = client(vec![dead, alive.endpoint.clone()]);
    client.allocate_lease(wish(), Effect::Commit).await.unwrap();
    // A clone shares what was learnt: this call does not go to the dead one first, or it would need a second attempt.
    let shared = client.clone();
    let asked = shared.shared.members.current();
    assert_eq!(*asked.endpoint, alive.endpoint);
    client.allocate_lease(wish(), Effect::Commit).await.unwrap();
    assert_eq!(alive.asked().len(), 2);
}

#[tokio::test]
async fn a_connection_that_breaks_in_the_middle_is_no_reason_to_give_up() {
    // This one takes a connection and drops it, as a process does that is killed.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let broken = listener.local_addr().unwrap().to_string().parse().unwrap();
    let breaking = tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut preface = [0; 24];
            let _ = tokio::io::AsyncReadExt::read_exact(&mut socket, &mut preface).await;
        }
    });
    let alive = FakeMember::start([grant(1)]).await;
    let client = client(vec![broken, alive.endpoint.clone()]);
    client.allocate_lease(wish(), Effect::Commit).await.unwrap();
    breaking.abort();
}

#[tokio::test]
async fn nobody_there_is_said_with_the_last_endpoint() {
    let endpoints = vec![nobody().await, nobody().await];
    // Pauses and deadline leave room for three attempts, however slowly the first is refused.
    let config = ClientConfig {
        deadline: Duration::from_secs(1),
        pause_first: Duration::from_millis(300),
        pause_max: Duration::from_millis(300),
        ..impatient(endpoints.clone())
    };
    let error = Client::new(config).unwrap().allocate_lease(wish(), Effect::Commit).await.unwrap_err();
    assert_eq!(error.problem.reason, Reason::Unreachable);
    assert!(error.attempts > 1);
    assert!(endpoints.contains(&error.endpoint.unwrap()));
    assert!(error.problem.message.contains("refused"), "{}", error.problem.message);
}

#[tokio::test]
async fn silence_to_the_end_leaves_open_what_happened() {
    let member = FakeMember::start([Line::Silence]).await;
    let endpoints = vec![member.endpoint.clone()];
    let config = ClientConfig { deadline: Duration::from_millis(100), ..impatient(endpoints) };
    let error = Client::new(config).unwrap().allocate_lease(wish(), Effect::Commit).await.unwrap_err();
    assert_eq!(error.problem.reason, Reason::NoAnswer);
}

#[tokio::test]
async fn a_request_says_who_asks_how_long_and_how_fresh() {
    let member = FakeMember::start([
        grant(1),
        Line::Page(v1::ListLeasesResponse::default()),
        Line::Page(v1::ListLeasesResponse::default()),
    ])
    .await;
    let client = client(vec![member.endpoint.clone()]);
    client.allocate_lease(wish(), Effect::ValidateOnly).await.unwrap();
    client.all_leases(&LeaseFilter::default()).await.unwrap();
    client.reading(Freshness::Stale).all_leases(&LeaseFilter::default()).await.unwrap();

    let asked = member.asked();
    assert!(asked.iter().all(|asked| asked.metadata.get(CALLER_METADATA).unwrap() == "tests"));
    assert!(asked[0].metadata.get("grpc-timeout").is_some());
    assert!(matches!(&asked[0].message, Message::Allocate(request) if request.validate_only));
    let stale = |message: &Message| matches!(message, Message::List(request) if request.allow_stale);
    assert_eq!((stale(&asked[1].message), stale(&asked[2].message)), (false, true));
}

#[tokio::test]
async fn a_whole_list_is_read_page_by_page() {
    let page = |numbers: &[u64], next: &str| {
        Line::Page(v1::ListLeasesResponse {
            leases: numbers.iter().copied().map(lease).collect(),
            next_page_token: next.to_owned(),
            revision: 9,
            cluster_time_ms: 5,
        })
    };
    let lines = [page(&[1, 2], "p2"), page(&[3], "")];
    let member = FakeMember::start(lines).await;
    let all = client(vec![member.endpoint.clone()])
        .all_leases(&LeaseFilter { kind: Some(InterfaceKind::Tun), ..LeaseFilter::default() })
        .await
        .unwrap();
    assert_eq!(all.value.iter().map(|lease| lease.id.get()).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!((all.revision.get(), all.now.millis()), (9, 5));

    let sent = |asked: crate::fake::Asked| match asked.message {
        Message::List(request) => (request.page_token, request.filter),
        Message::Allocate(_) | Message::Watch(_) => panic!("only lists were asked for"),
    };
    let sent: Vec<_> = member.asked().into_iter().map(sent).collect();
    assert_eq!(sent.iter().map(|(token, _)| token.as_str()).collect::<Vec<_>>(), ["", "p2"]);
    assert!(sent.iter().all(|(_, filter)| filter == "kind=\"tun\""));
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_an_error_that_names_its_fields() {
    let mut broken = lease(1);
    broken.network = "NOT A NAME".to_owned();
    let response = v1::AllocateLeaseResponse { lease: Some(broken), ..Default::default() };
    let member = FakeMember::start([Line::Grant(Box::new(response))]).await;
    let error =
        client(vec![member.endpoint.clone()]).allocate_lease(wish(), Effect::Commit).await.unwrap_err();
    assert_eq!(error.problem.reason, Reason::Internal);
    assert!(error.problem.message.contains("lease.network"), "{}", error.problem.message);
}

fn told(revision: u64, hosts: &[&str], continued: bool) -> Result<v1::WatchLeasesResponse, tonic::Status> {
    let changes = hosts.iter().map(|host| Change::HostDeleted(host.parse().unwrap()).into()).collect();
    Ok(v1::WatchLeasesResponse { revision, changes, continued, cluster_time_ms: 0 })
}

fn watched_from(member: &FakeMember) -> Vec<u64> {
    let from = |asked: crate::fake::Asked| match asked.message {
        Message::Watch(request) => request.from_revision,
        Message::Allocate(_) | Message::List(_) => panic!("only watches were asked for"),
    };
    member.asked().into_iter().map(from).collect()
}

#[tokio::test]
async fn a_watch_goes_on_at_another_member_without_gap_or_repetition() {
    // The first member ends after a whole revision and a part of the next.
    let first = FakeMember::start([Line::Stream(vec![told(4, &["a"], false), told(6, &["b"], true)])]).await;
    // The second tells revision 6 anew, cut otherwise, and breaks off with an error.
    let stopping = Err(status::status(&Problem::new(Reason::ShuttingDown, "stopping")));
    let lines = vec![told(6, &["b", "c"], false), stopping];
    let second = FakeMember::start([Line::Stream(lines), Line::Stream(vec![told(8, &["d"], false)])]).await;
    let client = client(vec![first.endpoint.clone(), second.endpoint.clone()]);

    let mut watch = client.watch(Revision::new(3));
    let mut hosts = Vec::new();
    while hosts.len() < 4 {
        for change in watch.next().await.unwrap().changes {
            let Change::HostDeleted(host) = change else {
                panic!("only hosts were deleted, not {change:?}");
            };
            hosts.push(host.to_string());
        }
    }
    assert_eq!(hosts, ["a", "b", "c", "d"]);
    assert_eq!(watched_from(&first)[0], 3);
    // The second is asked for the cut-off revision; then whoever is asked is asked for the one after it.
    assert_eq!(watched_from(&second), [6, 7]);
    assert_eq!(watch.resumes_at(), Revision::new(9));
}

#[tokio::test]
async fn a_watch_learns_from_signs_of_life_where_it_is() {
    let member = FakeMember::start([
        Line::Stream(vec![told(41, &[], false)]),
        Line::Stream(vec![told(42, &["a"], false)]),
    ])
    .await;
    let mut watch = client(vec![member.endpoint.clone()]).watch(Revision::new(0));
    let alive = watch.next().await.unwrap();
    assert_eq!((alive.revision.get(), alive.changes.len(), alive.more), (41, 0, MoreOfRevision::Complete));
    assert_eq!(watch.next().await.unwrap().revision.get(), 42);
    assert_eq!(watched_from(&member), [0, 42]);
}

#[tokio::test]
async fn a_watch_of_what_is_no_longer_kept_is_refused() {
    let member = FakeMember::start([refuse(Reason::Compacted)]).await;
    let mut watch = client(vec![member.endpoint.clone()]).watch(Revision::new(1));
    assert_eq!(watch.next().await.unwrap_err().problem.reason, Reason::Compacted);
    assert_eq!(member.asked().len(), 1);
}

#[tokio::test]
async fn a_configuration_that_cannot_work_is_refused() {
    assert_eq!(Client::new(ClientConfig::new(Vec::new())).unwrap_err(), ConfigError::NoEndpoint);
    let config = ClientConfig { deadline: Duration::from_secs(600), ..impatient(vec![nobody().await]) };
    assert!(matches!(Client::new(config).unwrap_err(), ConfigError::DeadlineTooLong { .. }));
}

#[tokio::test]
async fn many_tasks_share_one_client() {
    let member = FakeMember::start((1..=8).map(grant)).await;
    let client = client(vec![member.endpoint.clone()]);
    let ask = |_| {
        let client = client.clone();
        tokio::spawn(async move { client.allocate_lease(wish(), Effect::Commit).await })
    };
    let tasks: Vec<_> = (0..8).map(ask).collect();
    let mut leases = Vec::new();
    for task in tasks {
        leases.push(task.await.unwrap().unwrap().value.lease.id.get());
    }
    leases.sort_unstable();
    assert_eq!(leases, (1..=8).collect::<Vec<_>>());

    // The other shapes of a call may be handed to a task as well: this does not compile otherwise.
    fn may_be_spawned<T: Send>(_: T) {}
    may_be_spawned(client.all_leases(&LeaseFilter::default()));
    may_be_spawned(client.export(&LeaseFilter::default()));
    may_be_spawned(client.check());
    may_be_spawned(client.watch(Revision::new(1)).next());
}
