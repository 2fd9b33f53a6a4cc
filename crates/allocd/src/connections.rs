//! Taking connections: until the member stops, and whatever the system says meanwhile.

use std::io;
use std::time::Duration;

use futures::{Stream, stream};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::phase::{Phase, Phases};

/// How often the system is asked again while it gives no connection: most likely the process has no file left for one.
const ASK_AGAIN_EVERY: Duration = Duration::from_millis(500);

/// The connections that clients and peers make. When the member stops the listener closes, so that they go elsewhere at once.
pub(crate) fn connections(
    listener: TcpListener,
    phases: Phases,
) -> impl Stream<Item = io::Result<TcpStream>> {
    let mut pauses = interval(ASK_AGAIN_EVERY);
    pauses.set_missed_tick_behavior(MissedTickBehavior::Delay);
    stream::unfold((listener, pauses, phases), |(listener, mut pauses, mut phases)| async move {
        let connection = tokio::select! {
            connection = next(&listener, &mut pauses) => connection,
            () = phases.reached(Phase::Stops) => return None,
        };
        Some((Ok(connection), (listener, pauses, phases)))
    })
}

async fn next(listener: &TcpListener, pauses: &mut Interval) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((connection, _)) => {
                // Without it an answer waits some 40 ms for an ACK. A connection that broke meanwhile says so soon enough.
                let _ = connection.set_nodelay(true);
                return connection;
            }
            Err(error) => {
                tracing::warn!(%error, "cannot take a connection; those that are open are served");
                pauses.tick().await;
            }
        }
    }
}
