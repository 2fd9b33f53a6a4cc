//! An address on loopback for a program that a chore starts: chosen by the system, and kept from everybody else.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context as _, Result};
use tokio::net::TcpSocket;

/// An address on loopback that nobody else gets while this lives.
pub(crate) struct Address {
    text: String,
    /// Bound and not listening: Linux gives the port to nobody who does not ask for it by its number, and lets a listener
    /// share it. Elsewhere it is only free right now.
    _kept: Option<TcpSocket>,
}

impl Address {
    pub(crate) fn new() -> Result<Self> {
        let socket = TcpSocket::new_v4().context("cannot make a socket")?;
        socket.set_reuseaddr(true).context("cannot share an address")?;
        socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).context("cannot bind to loopback")?;
        let text = socket.local_addr().context("a bound socket has an address")?.to_string();
        Ok(Self { text, _kept: cfg!(target_os = "linux").then_some(socket) })
    }

    /// The address and its port, such as `127.0.0.1:7421`.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}
