//! A long way between two places: a relay that hands on what it gets a while later, in both directions and in order.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

/// Most that is read at a time.
const PIECE_BYTES: usize = 64 * 1024;
/// Most pieces on their way.
const PIECES_MAX: usize = 1_024;

/// A relay that works for as long as this value lives.
pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    works: JoinHandle<()>,
}

impl Relay {
    /// A way to an address that takes so long.
    pub(crate) async fn to(target: SocketAddr, delay: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("listen");
        let address = listener.local_addr().expect("a listener has an address");
        let works = tokio::spawn(async move {
            loop {
                let (near, _) = listener.accept().await.expect("take a connection");
                tokio::spawn(connect(near, target, delay));
            }
        });
        Self { address, works }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.works.abort();
    }
}

/// Nobody there is told by a connection that ends.
async fn connect(near: TcpStream, target: SocketAddr, delay: Duration) {
    let Ok(far) = TcpStream::connect(target).await else { return };
    for end in [&near, &far] {
        end.set_nodelay(true).expect("send at once");
    }
    let (near_in, near_out) = near.into_split();
    let (far_in, far_out) = far.into_split();
    tokio::join!(carry(near_in, far_out, delay), carry(far_in, near_out, delay));
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, delay: Duration) {
    let (sender, mut pieces) = mpsc::channel::<(Instant, Vec<u8>)>(PIECES_MAX);
    let reads = async move {
        let mut piece = vec![0; PIECE_BYTES];
        // A broken connection ends as one that was closed.
        while let Ok(length @ 1..) = from.read(&mut piece).await {
            if sender.send((Instant::now() + delay, piece[..length].to_vec())).await.is_err() {
                break;
            }
        }
    };
    let writes = async move {
        while let Some((at, piece)) = pieces.recv().await {
            sleep_until(at).await;
            if to.write_all(&piece).await.is_err() {
                break;
            }
        }
    };
    tokio::join!(reads, writes);
}
