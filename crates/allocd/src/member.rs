//! One member, put together: its log, its replica thread, its connections, its services, and its end.

use std::net::SocketAddr;
use std::sync::Arc;

use allocd_proto::FILE_DESCRIPTOR_SET;
use allocd_proto::peer::v1::peer_service_server::PeerServiceServer;
use allocd_proto::v1::admin_service_server::AdminServiceServer;
use allocd_proto::v1::host_service_server::HostServiceServer;
use allocd_proto::v1::lease_service_server::LeaseServiceServer;
use allocd_proto::v1::network_service_server::NetworkServiceServer;
use allocd_proto::v1::pool_service_server::PoolServiceServer;
use allocd_proto::v1::reservation_service_server::ReservationServiceServer;
use allocd_replica::{Fault, Replica, Role, Standing};
use allocd_store::{Owner, SledLog};
use anyhow::{Context as _, Result};
use arc_swap::ArcSwap;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

use crate::config::Config;
use crate::door::Door;
use crate::forward::ForwardLayer;
use crate::peers::{PEER_BYTES_MAX, Peers};
use crate::replica_thread::{Inbox, Input, Outlets, View, spawn};
use crate::service::{Admin, Hosts, Leases, Networks, PeerDoor, Pools, Reservations};
use crate::watch_hub::WatchHub;

/// Most bytes of one request.
const REQUEST_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A member that runs.
pub(crate) struct Member {
    view: Arc<View>,
    inbox: Inbox,
    end: oneshot::Receiver<Result<(), Fault>>,
    tasks: JoinSet<Result<()>>,
    stop: watch::Sender<bool>,
}

impl Member {
    /// Starts a member on its data directory. Everything that can be refused is refused before it serves.
    pub(crate) fn start(config: &Config, listener: TcpListener) -> Result<Self> {
        let owner = Owner { cluster: config.cluster.clone(), member: config.member };
        let log = SledLog::open(&config.data_dir, &owner)?;
        let voters = config.members.iter().map(|member| member.id).collect();
        let settings = allocd_replica::Config {
            election_ticks: config.election_ticks,
            ..allocd_replica::Config::new(config.member, voters, rand::random())
        };
        let replica = Replica::start(&settings, log)
            .with_context(|| format!("cannot start on data directory {}", config.data_dir.display()))?;
        let state = Arc::clone(replica.state());
        tracing::info!(
            member = config.member.get(),
            revision = state.revision().get(),
            leases = state.lease_count(),
            "starts"
        );
        let hub = Arc::new(WatchHub::new(state.revision()));
        let (standing, _) = watch::channel(Standing { role: Role::Follower, term: 0, leader: None });
        let view = Arc::new(View { state: ArcSwap::new(state), standing });
        let peers = Peers::new(config).context("a member's address is none")?;
        let (queues, deliveries) = peers.queues();
        let outlets = Outlets { view: Arc::clone(&view), peers: queues, hub: Arc::clone(&hub) };
        let (inbox, end) = spawn(replica, outlets, config.heartbeat, config.queue_calls_max)
            .context("cannot start a thread")?;
        let (stop, stopping) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for delivery in deliveries {
            let run = delivery.run(config.cluster.clone(), config.member, inbox.clone());
            tasks.spawn(async move {
                run.await;
                Ok(())
            });
        }
        let door = Door { inbox: inbox.clone(), view: Arc::clone(&view) };
        tasks.spawn(serve(config.clone(), door, hub, peers, listener, stopping));
        Ok(Self { view, inbox, end, tasks, stop })
    }

    /// Waits until some member leads.
    pub(crate) async fn until_led(&self) {
        let mut standing = self.view.standing.subscribe();
        // The sender lives as long as the view does.
        let _ = standing.wait_for(|standing| standing.leader.is_some()).await;
    }

    /// Runs until it is told to stop or has to. What is queued by then is finished.
    pub(crate) async fn run(mut self, told_to_stop: impl Future<Output = ()>) -> Result<()> {
        tokio::pin!(told_to_stop);
        tokio::select! {
            () = &mut told_to_stop => {}
            ended = &mut self.end => return fault(ended),
            Some(ended) = self.tasks.join_next() => return ended.context("a task panicked")?.context("the server ended"),
        }
        tracing::info!("stops: no new calls, what is queued is finished");
        self.stop.send_replace(true);
        // The inbox is in order: whatever was queued before is proposed and flushed before the end.
        while self.inbox.offer(Input::Stop).is_err() && !self.end_is_here() {
            tokio::task::yield_now().await;
        }
        fault((&mut self.end).await)
    }

    fn end_is_here(&mut self) -> bool {
        !matches!(self.end.try_recv(), Err(oneshot::error::TryRecvError::Empty))
    }
}

fn fault(ended: Result<Result<(), Fault>, oneshot::error::RecvError>) -> Result<()> {
    match ended {
        Ok(Ok(())) | Err(_) => Ok(()),
        Ok(Err(fault)) => Err(anyhow::Error::new(fault).context("the member had to stop")),
    }
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
    mut stopping: watch::Receiver<bool>,
) -> Result<()> {
    let (reporter, health) = tonic_health::server::health_reporter();
    let mut standing = door.view.standing.subscribe();
    let watching = tokio::spawn(async move {
        loop {
            let is_led = standing.borrow_and_update().leader.is_some();
            let status = if is_led {
                tonic_health::ServingStatus::Serving
            } else {
                tonic_health::ServingStatus::NotServing
            };
            reporter.set_service_status("", status).await;
            if standing.changed().await.is_err() {
                return;
            }
        }
    });
    let peer = PeerDoor {
        door: door.clone(),
        cluster: config.cluster.clone(),
        member: config.member,
        members: config.members.clone().into(),
        peers: peers.clone(),
    };
    let reflection =
        |set| tonic_reflection::server::Builder::configure().register_encoded_file_descriptor_set(set);
    // The builder's own setting reaches only listeners that it binds itself; without it an answer waits 40 ms for an ACK.
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let served = Server::builder()
        .layer(ForwardLayer { view: Arc::clone(&door.view), peers })
        .add_service(health)
        .add_service(reflection(FILE_DESCRIPTOR_SET).build_v1()?)
        .add_service(reflection(FILE_DESCRIPTOR_SET).build_v1alpha()?)
        .add_service(PeerServiceServer::new(peer.clone()).max_decoding_message_size(PEER_BYTES_MAX))
        .add_service(NetworkServiceServer::new(Networks(door.clone())))
        .add_service(PoolServiceServer::new(Pools(door.clone())))
        .add_service(ReservationServiceServer::new(Reservations(door.clone())))
        .add_service(HostServiceServer::new(Hosts(door.clone())))
        .add_service(
            LeaseServiceServer::new(Leases { door: door.clone(), hub })
                .max_decoding_message_size(REQUEST_BYTES_MAX),
        )
        .add_service(
            AdminServiceServer::new(Admin { door, member: peer })
                .max_decoding_message_size(REQUEST_BYTES_MAX),
        )
        .serve_with_incoming_shutdown(incoming, async move {
            // The sender lives as long as the member.
            let _ = stopping.wait_for(|stop| *stop).await;
        })
        .await;
    watching.abort();
    served.context("the server ended")
}
