//! A jail that asks many addresses for an echo, from one socket of its network stack for each family.
//!
//! Each question for an address that is not known yet goes to everybody on the wire, so only a few are under way at a time, and the
//! next wait for their answers. One that is not answered in time is asked again, a few times.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};
use std::ops::AddAssign;
use std::path::Path;
use std::time::{Duration, Instant};

use super::echo::{answer, open, request};
use super::neighbours::forget;
use super::netlink::{Netlink, within};

/// Requests under way at a time.
const AT_A_TIME: usize = 4;
/// How long answers to them are waited for.
const WAIT: Duration = Duration::from_secs(1);
/// Requests to an address before it is given up.
const TRIES: usize = 3;

/// Who asks.
#[derive(Debug)]
pub struct Asker {
    v4: UdpSocket,
    v6: UdpSocket,
    kernel: Netlink,
}

/// What has come of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Asked {
    /// Requests that were sent.
    pub requests: usize,
    /// Addresses that did not answer.
    pub lost: usize,
}

impl Asker {
    /// Opens the sockets in the network stack that a file stands for.
    ///
    /// # Errors
    /// Says why that cannot be.
    pub fn new(network: &Path) -> io::Result<Self> {
        // What a socket belongs to is settled when it is made; the thread that made it is free to go.
        within(network, || {
            let (v4, _) = open(Ipv4Addr::UNSPECIFIED.into(), None)?;
            let (v6, _) = open(Ipv6Addr::UNSPECIFIED.into(), None)?;
            Ok(Self { v4, v6, kernel: Netlink::here()? })
        })
    }

    /// Asks addresses of one family or both.
    ///
    /// # Errors
    /// Says why answers cannot be received.
    pub fn ask(&self, addresses: &[IpAddr]) -> io::Result<Asked> {
        let (v4, v6): (Vec<_>, Vec<_>) = addresses.iter().partition(|address| address.is_ipv4());
        let mut asked = ask(&self.v4, &v4)?;
        asked += ask(&self.v6, &v6)?;
        Ok(asked)
    }

    /// Forgets where those are who answered, and those who asked.
    ///
    /// # Errors
    /// Says why that cannot be.
    pub fn forget(&self) -> io::Result<()> {
        forget(&self.kernel)
    }
}

impl AddAssign for Asked {
    fn add_assign(&mut self, more: Self) {
        self.requests += more.requests;
        self.lost += more.lost;
    }
}

fn ask(socket: &UdpSocket, addresses: &[IpAddr]) -> io::Result<Asked> {
    let mut left: Vec<(u16, IpAddr)> = (1..).zip(addresses.iter().copied()).collect();
    let mut requests = 0;
    for _ in 0..TRIES {
        requests += left.len();
        let mut missing = Vec::new();
        for some in left.chunks(AT_A_TIME) {
            missing.extend(ask_at_a_time(socket, some)?);
        }
        left = missing;
    }
    Ok(Asked { requests, lost: left.len() })
}

/// Sends a few requests; those that were not answered.
fn ask_at_a_time(socket: &UdpSocket, asked: &[(u16, IpAddr)]) -> io::Result<Vec<(u16, IpAddr)>> {
    for (number, address) in asked {
        // One that cannot even be sent, because nobody says where to, is one that is lost.
        let _ = socket.send_to(&request(*address, *number), (*address, 0));
    }
    let deadline = Instant::now() + WAIT;
    let mut left = asked.to_vec();
    while !left.is_empty() {
        let Some((from, number)) = answer(socket, deadline)? else { break };
        left.retain(|asked| *asked != (number, from));
    }
    Ok(left)
}
