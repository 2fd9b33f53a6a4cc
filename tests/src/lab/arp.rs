//! What FreeBSD's kernel says of ARP and Linux's does not: somebody else uses an address of a jail.
//!
//! In each jail's network stack a process of the lab hears the ARP frames that arrive, as they come from the wire, and writes the
//! line that FreeBSD's kernel would (in_arpinput in sys/netinet/if_ether.c) into the host's messages. It ends with the jail. The
//! host's own stack has none.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::Ipv4Addr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use allocd_types::mac::Mac;
use freebsd_host::fake::Errno;
use rustix::net::{AddressFamily, RecvFlags, SocketType, eth, recv, socket};

use super::ip::namespace;
use super::link::{Link, links};
use super::state;

/// How the program is told to do this.
pub(super) const HEAR: &str = "hear-arp";
/// net.link.ether.inet.max_log_per_second is 1.
const BETWEEN_LINES: Duration = Duration::from_secs(1);
/// For how long the stack's addresses are taken to be what they were: each jail hears each question of all the others.
const ADDRESSES_LAST: Duration = Duration::from_millis(50);
/// The addresses of this process's network stack, among others.
const ROUTES: &str = "/proc/self/net/fib_trie";

/// What an ARP frame says of its sender.
#[derive(Debug, PartialEq, Eq)]
struct Sender {
    mac: Mac,
    address: Ipv4Addr,
}

/// Has a jail's stack be heard from now on.
pub(super) fn start(jid: u32) -> Result<(), Errno> {
    let program = std::env::current_exe().map_err(|_| Errno::NoEntry)?;
    let mut process = Command::new("/usr/bin/nsenter")
        .arg(format!("--net=/run/netns/{}", namespace(jid)))
        .arg(program)
        .arg(HEAR)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|_| Errno::NoEntry)?;
    let mut line = String::new();
    let read = process.stdout.take().map(|stdout| BufReader::new(stdout).read_line(&mut line));
    if matches!(read, Some(Ok(1..))) { Ok(()) } else { Err(Errno::NotPermitted) }
}

/// Hears what arrives at the stack that this process is in, until it is killed.
pub(super) fn hear() {
    let socket = socket(AddressFamily::PACKET, SocketType::DGRAM, Some(eth::ARP)).expect("hear ARP");
    writeln!(std::io::stdout(), "ready").expect("say so");
    let (mut frame, mut own, mut said) = ([0; 64], Own::default(), None::<Instant>);
    loop {
        let Ok((_, length)) = recv(&socket, &mut frame[..], RecvFlags::empty()) else { continue };
        let Some(sender) = frame.get(..length).and_then(sender) else { continue };
        let may_say = said.is_none_or(|at| at.elapsed() >= BETWEEN_LINES);
        if let Some(line) = (may_say && own.has(sender.address)).then(|| line(&sender)).flatten() {
            state::change(|state| state.messages.push(line));
            said = Some(Instant::now());
        }
    }
}

/// The sender of an ARP frame for Ethernet and IPv4, of which the frame's own header is taken off (RFC 826).
fn sender(frame: &[u8]) -> Option<Sender> {
    let [0, 1, 8, 0, 6, 4, _, _, a, b, c, d, e, f, i, j, k, l, ..] = *frame else { return None };
    Some(Sender { mac: Mac::new([a, b, c, d, e, f]), address: Ipv4Addr::new(i, j, k, l) })
}

/// What the kernel says if an interface here has the address, and another MAC.
fn line(sender: &Sender) -> Option<String> {
    let links = links(0);
    let has = |link: &&Link| link.inet().iter().any(|inet| inet.address == sender.address);
    let link = links.iter().find(has).filter(|link| link.mac().is_some_and(|own| own != sender.mac))?;
    Some(format!("arp: {} is using my IP address {} on {}!", sender.mac, sender.address, link.name()))
}

/// The addresses of the stack.
#[derive(Default)]
struct Own {
    addresses: Vec<Ipv4Addr>,
    read_at: Option<Instant>,
}

impl Own {
    fn has(&mut self, address: Ipv4Addr) -> bool {
        if self.read_at.is_none_or(|at| at.elapsed() >= ADDRESSES_LAST) {
            self.addresses = addresses(&fs::read_to_string(ROUTES).unwrap_or_default());
            self.read_at = Some(Instant::now());
        }
        self.addresses.contains(&address)
    }
}

/// The addresses in Linux's table of routes, each on the line before the one that calls it local.
fn addresses(table: &str) -> Vec<Ipv4Addr> {
    let lines: Vec<&str> = table.lines().map(str::trim).collect();
    let is_local = |pair: &&[&str]| pair[1].ends_with("host LOCAL");
    let address = |pair: &[&str]| pair[0].rsplit(' ').next()?.parse().ok();
    lines.windows(2).filter(is_local).filter_map(address).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_names_its_sender() {
        let frame =
            [0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 0x99, 192, 168, 0, 1, 0, 0, 0, 0, 0, 0, 192, 168, 0, 77];
        let expected =
            Sender { mac: "02:00:00:00:00:99".parse().unwrap(), address: Ipv4Addr::new(192, 168, 0, 1) };
        assert_eq!(sender(&frame), Some(expected));
        assert_eq!(sender(&frame[..17]), None);
        assert_eq!(sender(&[0; 28]), None);
    }

    #[test]
    fn the_local_addresses_of_a_table_are_the_stacks_own() {
        let table = "Local:\n  +-- 0.0.0.0/0 2 0 2\n     +-- 127.0.0.0/8 2 0 2\n           |-- 127.0.0.1\n              /32 host LOCAL\n\
                     \x20       |-- 192.168.0.0\n           /24 link UNICAST\n        |-- 192.168.0.1\n           /32 host LOCAL\n";
        assert_eq!(addresses(table), [Ipv4Addr::LOCALHOST, Ipv4Addr::new(192, 168, 0, 1)]);
    }
}
