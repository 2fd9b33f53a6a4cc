//! A network of the tests' own: every member and the clients in a network namespace each, with one in the middle that routes
//! between them and loses what it is told to.
//!
//! ```text
//!   member 0 ── veth ──┐
//!   member 1 ── veth ──┤ router ├── veth ── clients (this process's thread)
//!   member 2 ── veth ──┘
//! ```
//!
//! What is lost is lost in the router, without a word to anybody and in one direction only, as by a broken cable. Making all
//! that takes root; what a test that was killed has left is removed by the next one.

use std::fs::File;
use std::os::fd::AsFd as _;
use std::path::Path;
use std::process::{Command, Output};

use allocd_tests::program::allocd;
use allocd_tests::skipped::skipped;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

/// How the names of all namespaces begin; the process that made them follows.
const PREFIX: &str = "allocd-tests-";
/// The clients' place in the network.
pub(crate) const CLIENTS: usize = 9;

/// The network, as long as this value lives.
pub(crate) struct Network {
    places: Vec<usize>,
}

impl Network {
    /// Lays out a network for so many members and the clients, or says why it cannot.
    pub(crate) fn lay_out(members: usize) -> Option<Self> {
        remove_left_over();
        let mut network = Self { places: Vec::new() };
        match network.build(members) {
            Ok(()) => Some(network),
            Err(why) => {
                skipped("make network namespaces", &why);
                None
            }
        }
    }

    fn build(&mut self, members: usize) -> Result<(), String> {
        let router = &router();
        ip(&["netns", "add", router])?;
        exec(router, &["sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"])?;
        ip(&["-n", router, "link", "set", "lo", "up"])?;
        for place in (0..members).chain([CLIENTS]) {
            self.places.push(place);
            let (there, link) = (&namespace(place), &format!("v{place}"));
            ip(&["netns", "add", there])?;
            ip(&["-n", router, "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", there])?;
            ip(&["-n", router, "address", "add", &format!("10.77.{place}.1/24"), "dev", link])?;
            ip(&["-n", router, "link", "set", link, "up"])?;
            ip(&["-n", there, "address", "add", &format!("{}/24", address(place)), "dev", "eth0"])?;
            ip(&["-n", there, "link", "set", "lo", "up"])?;
            ip(&["-n", there, "link", "set", "eth0", "up"])?;
            ip(&["-n", there, "route", "add", "default", "via", &format!("10.77.{place}.1")])?;
        }
        Ok(())
    }

    /// A command that becomes allocd in a member's place.
    pub(crate) fn command(&self, place: usize) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &namespace(place)]).arg(allocd());
        command
    }

    /// Brings the calling thread, and all that it starts, to the clients' place.
    pub(crate) fn enter(&self) {
        let path = Path::new("/run/netns").join(namespace(CLIENTS));
        let file = File::open(&path).expect("open a namespace");
        move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network)).expect("enter a namespace");
    }

    /// Loses all that is sent from one place to another, from now on.
    pub(crate) fn lose(&self, from: usize, to: usize) {
        self.rule("add", from, to);
    }

    /// Loses nothing between two places, in this direction, any more.
    pub(crate) fn deliver(&self, from: usize, to: usize) {
        self.rule("del", from, to);
    }

    fn rule(&self, verb: &str, from: usize, to: usize) {
        assert!(self.places.contains(&from) && self.places.contains(&to), "there is such a place");
        let (from, to) = (address(from), address(to));
        ip(&["-n", &router(), "rule", verb, "from", &from, "to", &to, "blackhole"])
            .expect("change the network");
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // The links go with the router's namespace.
        let places = self.places.iter().map(|place| namespace(*place));
        for namespace in places.chain([router()]) {
            let _ = ip(&["netns", "delete", &namespace]);
        }
    }
}

/// Where a place is reached.
pub(crate) fn address(place: usize) -> String {
    format!("10.77.{place}.2")
}

fn router() -> String {
    format!("{PREFIX}{}-router", std::process::id())
}

fn namespace(place: usize) -> String {
    format!("{PREFIX}{}-{place}", std::process::id())
}

/// Removes what a process has left that did not come to its end.
fn remove_left_over() {
    let listed = ip(&["netns", "list"]).unwrap_or_default();
    for name in listed.lines().filter_map(|line| line.split_whitespace().next()) {
        let process = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next());
        if process.is_some_and(|process| !Path::new("/proc").join(process).exists()) {
            let _ = ip(&["netns", "delete", name]);
        }
    }
}

fn exec(namespace: &str, command: &[&str]) -> Result<String, String> {
    ip(&[&["netns", "exec", namespace], command].concat())
}

/// Has ip(8) do something; what it says.
fn ip(arguments: &[&str]) -> Result<String, String> {
    let Output { status, stdout, stderr } =
        Command::new("ip").args(arguments).output().map_err(|error| format!("ip: {error}"))?;
    if status.success() {
        return Ok(String::from_utf8_lossy(&stdout).into_owned());
    }
    Err(format!("ip {}: {}", arguments.join(" "), String::from_utf8_lossy(&stderr).trim()))
}
