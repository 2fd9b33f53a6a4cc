//! What the kernel says of interfaces that come and go on all hosts, in its own order.
//!
//! One socket of netlink(7) hears of every network namespace to which a cable leads from where it is, so what is told of two
//! hosts stands in one row.

use serde::Deserialize;

use super::monitor::Monitor;
use crate::lab::Scene;
use crate::lab_scenarios::site::Site;

/// What ip(8) prints of the wire's end of a host's cable.
#[derive(Deserialize)]
struct Port {
    /// The number of the namespace in which the other end is.
    link_netnsid: u32,
}

/// The kernel is being listened to.
pub(super) struct Links<'a> {
    site: &'a Site,
    monitor: Monitor<'a>,
}

/// Something about an interface was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    /// The number of the namespace.
    namespace: u32,
    text: String,
}

impl<'a> Links<'a> {
    /// Begins to listen; when this returns, nothing is missed any more.
    pub(super) async fn listen(site: &'a Site) -> Self {
        let monitor = Monitor::listen(site, "links", "ip -oneline monitor link all-nsid").await;
        Self { site, monitor }
    }

    /// Everything that was told from the beginning up to now.
    pub(super) async fn told(&self) -> Vec<Told> {
        self.monitor.told().await.lines().filter_map(Told::parse).collect()
    }

    /// The number of a host's namespace.
    pub(super) fn namespace(&self, at: usize) -> u32 {
        let port = Scene::port(at);
        let text = self.site.on_wire(&format!("ip -json -details link show dev {port}"));
        let ports: Vec<Port> = serde_json::from_str(&text).expect("ip(8) prints JSON");
        ports.first().expect("every host has a cable").link_netnsid
    }
}

impl Told {
    fn parse(line: &str) -> Option<Self> {
        let (namespace, text) = line.strip_prefix("[nsid ")?.split_once(']')?;
        Some(Self { namespace: namespace.parse().ok()?, text: text.to_owned() })
    }

    fn is_gone(&self) -> bool {
        self.text.trim_start().starts_with("Deleted ")
    }

    fn has_one_of(&self, macs: &[String]) -> bool {
        macs.iter().any(|mac| self.text.contains(&format!("link/ether {mac} ")))
    }
}

/// True if interfaces with these MACs were last told of on the one host as gone, and only after that on the other at all.
pub(super) fn is_handed_over(told: &[Told], macs: &[String], from: u32, to: u32) -> bool {
    let of = |namespace: u32| {
        let is_it = move |(_, told): &(usize, &Told)| told.namespace == namespace && told.has_one_of(macs);
        told.iter().enumerate().filter(is_it)
    };
    match (of(from).next_back(), of(to).next()) {
        (Some((last, gone)), Some((first, came))) => gone.is_gone() && !came.is_gone() && last < first,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(lines: &[&str]) -> Vec<Told> {
        lines.iter().map(|line| Told::parse(line).unwrap()).collect()
    }

    #[test]
    fn an_end_that_comes_before_the_other_is_gone_is_seen() {
        let macs = ["12:34:56:00:00:0a".to_owned()];
        let there = "[nsid 0]5: epair0a@if6: <UP> mtu 1500 \\    link/ether 12:34:56:00:00:0a brd ff:ff";
        let gone =
            "[nsid 0]Deleted 5: epair0a@if6: <UP> mtu 1500 \\    link/ether 12:34:56:00:00:0a brd ff:ff";
        let other = "[nsid 1]7: epair3a@if8: <UP> mtu 1500 \\    link/ether 12:34:56:00:00:0a brd ff:ff";
        let stock = "[nsid 1]7: epair3a@if8: <UP> mtu 1500 \\    link/ether 02:34:56:00:00:0a brd ff:ff";
        let judged = |lines: &[&str]| is_handed_over(&told(lines), &macs, 0, 1);
        assert!(judged(&[there, stock, gone, other]));
        assert!(!judged(&[there, other, gone]));
        assert!(!judged(&[there, gone, other, there]));
        assert!(!judged(&[there, gone]));
    }
}
