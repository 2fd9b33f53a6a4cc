//! One echo request, and whether its answer comes.
//!
//! Linux's own kind of socket for that is used (icmp(7)): the kernel numbers the request, and hands out the answers to it alone.

use std::net::{IpAddr, SocketAddr, SocketAddrV6, UdpSocket};
use std::time::{Duration, Instant};

use rustix::net::{AddressFamily, SocketType, ipproto, netdevice, socket};

/// How long one answer is waited for: an address has to be resolved first.
const WAIT: Duration = Duration::from_secs(1);
/// Requests before it is given up.
const TRIES: u8 = 2;

/// True if an address answers.
pub(super) fn is_answered(to: IpAddr, scope: Option<&str>) -> bool {
    (0..TRIES).any(|try_number| ask(to, scope, try_number).is_ok_and(|is_answered| is_answered))
}

fn ask(to: IpAddr, scope: Option<&str>, number: u8) -> std::io::Result<bool> {
    let (family, protocol, request) = match to {
        IpAddr::V4(_) => (AddressFamily::INET, ipproto::ICMP, 8),
        IpAddr::V6(_) => (AddressFamily::INET6, ipproto::ICMPV6, 128),
    };
    let socket = socket(family, SocketType::DGRAM, Some(protocol))?;
    let target = match to {
        IpAddr::V4(v4) => SocketAddr::new(v4.into(), 0),
        IpAddr::V6(v6) => {
            let scope = scope.map(|name| netdevice::name_to_index(&socket, name)).transpose()?.unwrap_or(0);
            SocketAddrV6::new(v6, 0, 0, scope).into()
        }
    };
    // Datagrams of any kind are sent and received alike.
    let socket = UdpSocket::from(socket);
    let deadline = Instant::now() + WAIT;
    socket.send_to(&[request, 0, 0, 0, 0, 0, 0, number], target)?;
    let mut answer = [0; 64];
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(false);
        }
        socket.set_read_timeout(Some(left))?;
        let (_, from) = socket.recv_from(&mut answer)?;
        // A late answer to the try before counts too.
        if from.ip() == to {
            return Ok(true);
        }
    }
}
