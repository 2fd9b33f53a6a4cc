//! One member, put together: its log, its replica, its connections, its services, and its end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use allocd_proto::FILE_DESCRIPTOR_SET;
use allocd_proto::peer::v1::peer_service_server::PeerServiceServer;
use allocd_proto::v1::admin_service_server::AdminServiceServer;
use allocd_proto::v1::host_service_server::HostServiceServer;
use allocd_proto::v1::lease_service_server::LeaseServiceServer;
use allocd_proto::v1::network_service_server::NetworkServiceServer;
use allocd_proto::v1::pool_service_server::PoolServiceServer;
use allocd_proto::v1::reservation_service_server::ReservationServiceServer;
use allocd_replica::log::LogStore as _;
use allocd_replica::{Effect, Fault, Replica, Standing};
use allocd_store::{DiskLog, Owner};
use allocd_types::id::Revision;
use anyhow::{Context as _, Result, bail};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::timeout;
use tonic::transport::Server;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use crate::config::Config;
use crate::connections::connections;
use crate::contacts::Contacts;
use crate::door::Door;
use crate::forward::ForwardLayer;
use crate::inbox::Inbox;
use crate::join;
use crate::peers::Peers;
use crate::perform::{Outlets, Untold};
use crate::phase::{Phase, Phases};
use crate::post::{PART_BYTES_MAX, Post};
use crate::replica_task::{End, spawn};
use crate::service::{Admin, Hosts, Leases, Networks, PeerDoor, Pools, Reservations};
use crate::view::View;
use crate::watch_hub::{Kept, WatchHub};

/// Most bytes of one request.
const REQUEST_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How long connections may take to end once the replica has: clients that do not answer are cut off then.
const CONNECTIONS_END_MAX: Duration = Duration::from_secs(2);
/// How often an open connection is asked whether it lives, so that a client that lost its power is noticed.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(20);
/// How long that answer may take.
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(10);

/// A member that runs.
pub(crate) struct Member {
    view: Arc<View>,
    inbox: Inbox,
    end: oneshot::Receiver<Result<End, Fault>>,
    server: JoinSet<Result<()>>,
    /// What to say if it was removed.
    removed: String,
    phase: watch::Sender<Phase>,
}

impl Member {
    /// Starts a member on its data directory. Everything that can be refused is refused before it serves.
    pub(crate) async fn start(config: &Config, listener: TcpListener) -> Result<Self> {
        let (replica, hub) = replay(config).await?;
        let state = replica.state();
        tracing::info!(
            member = config.member.get(),
            cluster = %config.cluster,
            listen = %listener.local_addr().context("the listener has no address")?,
            revision = state.revision().get(),
            leases = state.lease_count(),
            "starts"
        );
        let (standing, _) = watch::channel(replica.status().standing);
        let view = Arc::new(View::new(state, standing));
        let peers = Peers::new(config, replica.membership());
        let (inbox, inputs) = Inbox::new(config.queue_calls_max);
        let who = (config.cluster.clone(), config.member);
        let post = Post::new(Handle::current(), who, peers.clone(), inbox.clone());
        let outlets = Outlets { view: Arc::clone(&view), post, hub: Arc::clone(&hub) };
        let end = spawn(replica, outlets, inputs, config.heartbeat).context("cannot start a thread")?;
        let (phase, phases) = Phases::new();
        let door = Door { inbox: inbox.clone(), view: Arc::clone(&view) };
        let mut server = JoinSet::new();
        server.spawn(serve(config.clone(), door, hub, peers, listener, phases));
        let removed = format!(
            "member {} was removed from cluster {}; nobody needs {} any more",
            config.member,
            config.cluster,
            config.data_dir.display()
        );
        Ok(Self { view, inbox, end, server, removed, phase })
    }

    /// Comes true once some member leads.
    pub(crate) fn led(&self) -> impl Future<Output = ()> + use<> {
        let mut standing = self.view.standing.subscribe();
        async move {
            // A member that has ended says so elsewhere.
            let _ = standing.wait_for(|standing| standing.leader.is_some()).await;
        }
    }

    /// Runs until it is told to stop or has to. What is under way by then is finished, within bounds.
    pub(crate) async fn run(mut self, told_to_stop: impl Future<Output = ()>) -> Result<()> {
        tokio::pin!(told_to_stop);
        tokio::select! {
            () = &mut told_to_stop => {}
            ended = &mut self.end => return self.outcome(ended),
            ended = self.server.join_next() => return served(ended),
        }
        tracing::info!("stops: takes no new connections and finishes what is under way");
        self.phase.send_replace(Phase::Stops);
        let inbox = self.inbox.clone();
        tokio::task::spawn_blocking(move || inbox.stop());
        let ended = (&mut self.end).await;
        self.phase.send_replace(Phase::Stopped);
        let rest = async { while self.server.join_next().await.is_some() {} };
        if timeout(CONNECTIONS_END_MAX, rest).await.is_err() {
            tracing::info!("some connections did not end by themselves and are cut off");
        }
        self.outcome(ended)
    }

    /// How the replica's task ended: it does so only if it was told to, or has to.
    fn outcome(&self, ended: Result<Result<End, Fault>, oneshot::error::RecvError>) -> Result<()> {
        let end = ended.context("the replica panicked; the log says where")?;
        match end.context("the member had to stop")? {
            End::Stopped => Ok(()),
            End::Removed { by: None } => bail!("{}", self.removed),
            End::Removed { by: Some(peer) } => bail!("{} (member {peer} says so)", self.removed),
        }
    }
}

/// Opens the data directory and replays the log. The hub gets what of that a watcher may still ask for.
async fn replay(config: &Config) -> Result<(Replica<DiskLog>, Arc<WatchHub>)> {
    let owner = Owner { cluster: config.cluster.clone(), member: config.member };
    let log = DiskLog::open(&config.data_dir, &owner)?;
    let is_new = log.configuration().is_none();
    let joins = if config.joins && is_new { Some(join::ask(config).await?) } else { None };
    let voters = config.members.iter().map(|member| member.id).collect();
    let settings = allocd_replica::Config {
        election_ticks: config.election_ticks,
        snapshots: config.snapshots,
        joins,
        ..allocd_replica::Config::new(config.member, voters, rand::random())
    };
    let mut history = Kept::new();
    let mut keep = |effect| {
        if let Effect::Events { revision, by, events } = effect {
            history.push(events.len(), Untold { revision, by, events });
        }
    };
    let replica = Replica::start_telling(&settings, log, &mut keep)
        .with_context(|| format!("cannot start on data directory {}", config.data_dir.display()))?;
    let state = replica.state();
    let mut history = history.into_told().peekable();
    let last = history.peek().map_or(state.revision(), |first| Revision::new(first.revision.get() - 1));
    let hub = WatchHub::new(last);
    for untold in history {
        hub.publish(untold.told(state));
    }
    Ok((replica, Arc::new(hub)))
}

/// How the server ended, although nobody told it to.
fn served(ended: Option<Result<Result<()>, JoinError>>) -> Result<()> {
    ended.context("there was no server")?.context("a task panicked")??;
    bail!("the server ended for no reason it knows")
}

/// Binds the listener, or says who might have the port.
pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}; is another allocd or program on that port? choose another with `listen`"))
}

async fn serve(
    config: Config,
    door: Door,
    hub: Arc<WatchHub>,
    peers: Peers,
    listener: TcpListener,
    phases: Phases,
) -> Result<()> {
    let (reporter, health) = tonic_health::server::health_reporter();
    let reporting = tokio::spawn(report(reporter, door.view.standing.subscribe(), phases.clone()));
    let contacts = Arc::new(Contacts::new(door.view.standing.subscribe()));
    let following = Arc::clone(&contacts);
    let following = tokio::spawn(async move { following.follow().await });
    let peer = PeerDoor {
        door: door.clone(),
        cluster: config.cluster.clone(),
        member: config.member,
        heartbeat: config.heartbeat,
        data_dir: config.data_dir.clone().into(),
        peers: peers.clone(),
        phases: phases.clone(),
    };
    let incoming = connections(listener, config.connections_max, phases.clone());
    let reflection =
        |set| tonic_reflection::server::Builder::configure().register_encoded_file_descriptor_set(set);
    let served = Server::builder()
        .http2_keepalive_interval(Some(KEEP_ALIVE_INTERVAL))
        .http2_keepalive_timeout(Some(KEEP_ALIVE_TIMEOUT))
        .layer(ForwardLayer { view: Arc::clone(&door.view), peers })
        .add_service(health)
        .add_service(reflection(FILE_DESCRIPTOR_SET).build_v1()?)
        .add_service(reflection(FILE_DESCRIPTOR_SET).build_v1alpha()?)
        .add_service(PeerServiceServer::new(peer.clone()).max_decoding_message_size(PART_BYTES_MAX))
        .add_service(NetworkServiceServer::new(Networks(door.clone())))
        .add_service(PoolServiceServer::new(Pools(door.clone())))
        .add_service(ReservationServiceServer::new(Reservations(door.clone())))
        .add_service(HostServiceServer::new(Hosts { door: door.clone(), contacts: Arc::clone(&contacts) }))
        .add_service(
            LeaseServiceServer::new(Leases {
                door: door.clone(),
                hub: Arc::clone(&hub),
                phases: phases.clone(),
            })
            .max_decoding_message_size(REQUEST_BYTES_MAX),
        )
        .add_service(
            AdminServiceServer::new(Admin { door, member: peer, hub })
                .max_decoding_message_size(REQUEST_BYTES_MAX),
        )
        .serve_with_incoming_shutdown(incoming, async move {
            phases.clone().reached(Phase::Stops).await;
        })
        .await;
    reporting.abort();
    following.abort();
    served.context("the server ended")
}

/// Reports health: a member serves while it knows a leader, until it stops.
async fn report(reporter: HealthReporter, mut standing: watch::Receiver<Standing>, mut phases: Phases) {
    loop {
        let is_led = standing.borrow_and_update().leader.is_some();
        let status = if is_led { ServingStatus::Serving } else { ServingStatus::NotServing };
        reporter.set_service_status("", status).await;
        let goes_on = tokio::select! {
            changed = standing.changed() => changed.is_ok(),
            () = phases.reached(Phase::Stops) => false,
        };
        if !goes_on {
            return reporter.set_service_status("", ServingStatus::NotServing).await;
        }
    }
}
