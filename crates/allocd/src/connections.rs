//! Taking connections: as many as may be, until the member stops, and whatever the system says meanwhile.
//!
//! Files are what a process runs out of first, and the log needs some too: without a bound on connections, a crowd of clients
//! could keep a member from writing down its vote.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::{Stream, stream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Interval, MissedTickBehavior, interval};
use tonic::transport::server::{Connected, TcpConnectInfo};

use crate::phase::{Phase, Phases};

/// How often the system is asked again while it gives no connection: most likely the process has no file left for one.
const ASK_AGAIN_EVERY: Duration = Duration::from_millis(500);

/// The connections that clients and peers make, so many at a time; further ones are closed at once. When the member stops the
/// listener closes, so that they go elsewhere.
pub(crate) fn connections(
    listener: TcpListener,
    connections_max: usize,
    phases: Phases,
) -> impl Stream<Item = io::Result<Connection>> {
    let mut pauses = interval(ASK_AGAIN_EVERY);
    pauses.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let entrance =
        Entrance { listener, places: Arc::new(Semaphore::new(connections_max)), pauses, is_full: false };
    stream::unfold((entrance, phases), |(mut entrance, mut phases)| async move {
        let connection = tokio::select! {
            connection = entrance.next() => connection,
            () = phases.reached(Phase::Stops) => return None,
        };
        Some((Ok(connection), (entrance, phases)))
    })
}

/// Where connections come in.
struct Entrance {
    listener: TcpListener,
    places: Arc<Semaphore>,
    pauses: Interval,
    /// Whether a connection was closed for want of a place since one was taken, so that it is told once.
    is_full: bool,
}

impl Entrance {
    async fn next(&mut self) -> Connection {
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    if let Some(connection) = self.place(stream) {
                        return connection;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot take a connection; those that are open are served");
                    self.pauses.tick().await;
                }
            }
        }
    }

    fn place(&mut self, stream: TcpStream) -> Option<Connection> {
        let place = Arc::clone(&self.places).try_acquire_owned().ok();
        let was_full = std::mem::replace(&mut self.is_full, place.is_none());
        if self.is_full && !was_full {
            tracing::warn!(
                "closes further connections: as many are open as connections_max in the configuration allows"
            );
        }
        // Without it an answer waits some 40 ms for an ACK. A connection that broke says so soon enough.
        let _ = stream.set_nodelay(true);
        place.map(|place| Connection { stream, _place: place })
    }
}

/// A connection, and the place that it takes.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    _place: OwnedSemaphorePermit,
}

impl Connected for Connection {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.stream.connect_info()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
