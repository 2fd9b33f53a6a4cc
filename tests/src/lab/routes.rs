//! Routes and neighbours, as Linux has them.

use std::net::IpAddr;

use freebsd_host::fake::{ArpEntry, Destination, Errno, Gateway, Place, Route};
use serde::Deserialize;

use super::interfaces::interfaces;
use super::ip::{ip, linux_name};
use super::state;

#[derive(Deserialize)]
struct Line {
    dst: String,
    gateway: Option<IpAddr>,
    dev: String,
}

#[derive(Deserialize)]
struct Neighbour {
    dst: IpAddr,
    dev: String,
    lladdr: Option<String>,
}

/// The routes with a gateway.
pub(super) fn routes(place: Place) -> Vec<Route> {
    let stack = state::look().stack(place);
    let mut all = Vec::new();
    for (family, default) in [("-4", Destination::DefaultInet), ("-6", Destination::DefaultInet6)] {
        let text = ip(stack, &["-json", family, "route", "show"]).unwrap_or_default();
        let lines: Vec<Line> = serde_json::from_str(&text).unwrap_or_default();
        all.extend(lines.into_iter().filter_map(|line| {
            let address = line.gateway?;
            let is_scoped = matches!(address, IpAddr::V6(v6) if v6.is_unicast_link_local());
            let gateway = Gateway { address, scope: is_scoped.then(|| line.dev.clone()) };
            let destination = parse(&line.dst, default)?;
            Some(Route { destination, gateway: Some(gateway), interface: line.dev })
        }));
    }
    all
}

fn parse(text: &str, default: Destination) -> Option<Destination> {
    if text == "default" {
        return Some(default);
    }
    let (address, length) = text.split_once('/').map_or((text, None), |(a, l)| (a, Some(l)));
    let address: IpAddr = address.parse().ok()?;
    let full = if address.is_ipv6() { 128 } else { 32 };
    Some(Destination::Prefix(address, length.map_or(Some(full), |length| length.parse().ok())?))
}

pub(super) fn add(place: Place, destination: Destination, gateway: &Gateway) -> Result<(), Errno> {
    let stack = state::look().stack(place);
    let (family, via) = (family(destination), gateway.address.to_string());
    let device: Vec<&str> = gateway.scope.iter().flat_map(|scope| ["dev", linux_name(scope)]).collect();
    let text = destination.to_string();
    ip(stack, &[&[family, "route", "add", &text, "via", &via], device.as_slice()].concat()).map(drop)
}

pub(super) fn delete(place: Place, destination: Destination) -> Result<(), Errno> {
    let stack = state::look().stack(place);
    ip(stack, &[family(destination), "route", "delete", &destination.to_string()]).map(drop)
}

fn family(destination: Destination) -> &'static str {
    if destination.is_inet6() { "-6" } else { "-4" }
}

/// What ARP knows: what was learnt, and the machine's own addresses.
pub(super) fn arp(place: Place) -> Vec<ArpEntry> {
    let stack = state::look().stack(place);
    let text = ip(stack, &["-json", "-4", "neighbour", "show"]).unwrap_or_default();
    let neighbours: Vec<Neighbour> = serde_json::from_str(&text).unwrap_or_default();
    let learnt = neighbours.into_iter().filter_map(|neighbour| {
        let IpAddr::V4(address) = neighbour.dst else { return None };
        let mac = neighbour.lladdr?.parse().ok()?;
        Some(ArpEntry { address, mac, interface: neighbour.dev, is_permanent: false })
    });
    let own = interfaces(place).into_iter().flat_map(|interface| {
        let entry = |address| {
            let interface_name = interface.name.clone();
            Some(ArpEntry { address, mac: interface.mac?, interface: interface_name, is_permanent: true })
        };
        interface.inet.iter().filter_map(|inet| entry(inet.address)).collect::<Vec<_>>()
    });
    let mut all: Vec<ArpEntry> = learnt.chain(own).collect();
    all.sort_by_key(|entry| entry.address);
    all
}
