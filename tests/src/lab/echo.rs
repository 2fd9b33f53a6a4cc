//! One echo request, and whether its answer comes.
//!
//! Linux's own kind of socket for that is used (icmp(7)): the kernel numbers the request, and hands out the answers to it alone.

use std::io;
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

fn ask(to: IpAddr, scope: Option<&str>, number: u8) -> io::Result<bool> {
    let (socket, target) = open(to, scope)?;
    let deadline = Instant::now() + WAIT;
    socket.send_to(&request(to, number.into()), target)?;
    while let Some((from, _)) = answer(&socket, deadline)? {
        // A late answer to the try before counts too.
        if from == to {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A socket for echo requests to an address, and where they are sent.
pub(super) fn open(to: IpAddr, scope: Option<&str>) -> io::Result<(UdpSocket, SocketAddr)> {
    let (family, protocol) = match to {
        IpAddr::V4(_) => (AddressFamily::INET, ipproto::ICMP),
        IpAddr::V6(_) => (AddressFamily::INET6, ipproto::ICMPV6),
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
    Ok((UdpSocket::from(socket), target))
}

/// An echo request with this number.
pub(super) fn request(to: IpAddr, number: u16) -> [u8; 8] {
    let kind = if to.is_ipv4() { 8 } else { 128 };
    let [high, low] = number.to_be_bytes();
    [kind, 0, 0, 0, 0, 0, high, low]
}

/// The next answer: from whom it is, and its number; none if the deadline comes first.
pub(super) fn answer(socket: &UdpSocket, deadline: Instant) -> io::Result<Option<(IpAddr, u16)>> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Ok(None);
    }
    socket.set_read_timeout(Some(left))?;
    let mut answer = [0; 64];
    match socket.recv_from(&mut answer) {
        Ok((_, from)) => Ok(Some((from.ip(), u16::from_be_bytes([answer[6], answer[7]])))),
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => Ok(None),
        Err(error) => Err(error),
    }
}
