//! The transport's ceiling: a service on a thread of its own that answers with what it is asked.

use std::net::{Ipv4Addr, TcpListener};
use std::thread::{self, JoinHandle};

use anyhow::{Context as _, Result};
use tokio::runtime;
use tokio::sync::oneshot;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Channel, Server};
use tonic::{Request, Response, Status};

use super::load::Work;
use super::wire::bench::v1::echo_service_client::EchoServiceClient;
use super::wire::bench::v1::echo_service_server::{EchoService, EchoServiceServer};
use super::wire::bench::v1::{EchoRequest, EchoResponse};

/// About as many bytes as a request for a lease has.
const PAYLOAD_BYTES: usize = 64;

/// The server; it ends when this is dropped.
pub(super) struct Echo {
    pub(super) address: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Result<()>>>,
}

impl Echo {
    pub(super) fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("cannot bind to loopback")?;
        listener.set_nonblocking(true).context("cannot wait for connections")?;
        let address = listener.local_addr().context("a bound socket has an address")?.to_string();
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let serve = async move {
            let incoming = TcpListenerStream::new(tokio::net::TcpListener::from_std(listener)?);
            let server = Server::builder().add_service(EchoServiceServer::new(Parrot));
            tokio::select! {
                served = server.serve_with_incoming(incoming) => served.context("the echo's server ended"),
                // Connections are cut off: whoever has one may be waiting for this thread. A sender that is gone says the same.
                _ = stopped => Ok(()),
            }
        };
        let thread = thread::Builder::new().name("echo".to_owned()).spawn(move || runtime.block_on(serve))?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        drop(self.stop.take());
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(Err(error))) => eprintln!("warning: {error:#}"),
            Some(Err(_)) => eprintln!("warning: the echo's server panicked"),
            Some(Ok(Ok(()))) | None => {}
        }
    }
}

struct Parrot;

#[tonic::async_trait]
impl EchoService for Parrot {
    async fn echo(&self, request: Request<EchoRequest>) -> Result<Response<EchoResponse>, Status> {
        Ok(Response::new(EchoResponse { payload: request.into_inner().payload }))
    }
}

/// Says something, and hears it.
pub(super) struct Say {
    client: EchoServiceClient<Channel>,
}

impl Say {
    pub(super) fn new(channel: Channel) -> Self {
        Self { client: EchoServiceClient::new(channel) }
    }
}

impl Work for Say {
    async fn call(&mut self) -> Result<u32, Status> {
        self.client.echo(EchoRequest { payload: vec![0; PAYLOAD_BYTES] }).await.map(|_| 0)
    }
}
