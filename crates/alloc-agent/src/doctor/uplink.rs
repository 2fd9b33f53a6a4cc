//! Uplinks, which join bridges to the wire: there, up, without the offloads that a bridge cannot bear, and laggs of old releases.

use allocd_types::name::InterfaceName;
use freebsd_config::Release;
use freebsd_host::interface::Interface;

use super::finding::{Finding, Outcome, list};
use super::situation::Situation;

/// Offloads that a bridge takes away, or that damage what it passes on.
const OFFLOADS: [&str; 5] = ["TSO4", "TSO6", "LRO", "TXCSUM", "TXCSUM_IPV6"];

pub(super) fn findings(situation: &Situation) -> Vec<Finding> {
    let bridges = situation.bridges();
    let bridges = bridges.iter().filter(|bridge| !situation.is_missing(&bridge.name));
    bridges.flat_map(|bridge| [state(situation, &bridge.name), offloads(situation, &bridge.name)]).collect()
}

fn state(situation: &Situation, name: &InterfaceName) -> Finding {
    situation.host.interfaces.judge("uplink.state", |_| {
        let uplinks: Vec<&Interface> = situation.uplinks(name).collect();
        let names = |uplinks: &[&Interface]| {
            uplinks.iter().map(|uplink| uplink.name.to_string()).collect::<Vec<_>>().join(", ")
        };
        if uplinks.is_empty() {
            return Outcome::warn(
                format!("{name} has no member that joins it to a wire: its jails reach this host and each other only"),
                format!("ifconfig {name} addm CARD, and `addm CARD` in ifconfig_{name} of /etc/rc.conf"),
            );
        }
        let carriers = uplinks.iter().flat_map(|uplink| situation.carriers(uplink));
        let down: Vec<&Interface> = carriers.filter(|carrier| !carrier.is_up()).collect();
        if !down.is_empty() {
            let down = names(&down);
            return Outcome::fail(
                format!("{down}, by which {name} is joined to the wire, is down: nothing passes"),
                "ifconfig it up, and put `up` into its line of /etc/rc.conf",
            );
        }
        Outcome::ok(format!("{} joins {name} to the wire and is up", names(&uplinks)))
    })
}

fn offloads(situation: &Situation, bridge: &InterfaceName) -> Finding {
    let facts = situation.host.interfaces.and(&situation.host.release);
    facts.judge("uplink.offloads", |(_, release)| {
        let uplinks = situation.uplinks(bridge);
        let carriers: Vec<&Interface> = uplinks.flat_map(|uplink| situation.carriers(uplink)).collect();
        let on: Vec<String> = carriers.iter().filter_map(|carrier| offloads_of(carrier)).collect();
        let is_lagg = carriers.iter().any(|carrier| !carrier.lagg_ports.is_empty());
        let cannot_take_away = is_lagg && **release < Release::FIRST_WITH_LAGG_OFFLOADS;
        let remedy =
            "ifconfig each -tso -lro -txcsum -rxcsum, and the same in /etc/rc.conf, as `alloc-agent setup` shows";
        match (on.is_empty(), cannot_take_away) {
            (true, false) => {
                Outcome::ok(format!("what joins {bridge} to the wire leaves segments and checksums to the host"))
            }
            (true, true) => Outcome::ok(format!(
                "{bridge} is on a lagg, which cannot switch offloads off before FreeBSD 12, and its ports have none on"
            )),
            (false, false) => Outcome::warn(
                format!("offloads are on: {}: the link goes down and up when the first jail joins the bridge", list(&on)),
                remedy,
            ),
            (false, true) => Outcome::fail(
                format!(
                    "offloads are on: {}: before FreeBSD 12 a lagg cannot switch them off, and frames are lost or damaged",
                    list(&on)
                ),
                remedy,
            ),
        }
    })
}

/// An interface with the offloads that are on, if any is.
fn offloads_of(interface: &Interface) -> Option<String> {
    let on: Vec<&str> = OFFLOADS.into_iter().filter(|offload| interface.options.has(offload)).collect();
    (!on.is_empty()).then(|| format!("{} ({})", interface.name, on.join(", ")))
}

#[cfg(test)]
mod tests;
