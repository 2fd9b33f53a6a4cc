//! route(8): `add`, `delete` and `get`, for default routes and prefixes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::ending::{Printed, ended, output, refuse};
use crate::fake::errno::Errno;
use crate::fake::interface::Interface;
use crate::fake::kernel::{Kernel, Place};
use crate::fake::release::Release;
use crate::fake::route::{Destination, Gateway, Route, is_in_prefix};
use crate::output::Output;

/// What the arguments say.
struct Request<'a> {
    verb: &'a str,
    is_quiet: bool,
    destination: Destination,
    gateway: Option<Gateway>,
}

/// Adds, deletes or looks up a route.
pub fn route(kernel: &mut dyn Kernel, place: Place, arguments: &[String]) -> Output {
    let request = match parse(arguments) {
        Ok(request) => request,
        Err(failed) => return failed,
    };
    match (request.verb, &request.gateway) {
        ("add", Some(gateway)) => {
            let added = kernel.add_route(place, request.destination, gateway);
            changed(kernel.release(), &request, added)
        }
        ("delete" | "del", _) => {
            let deleted = kernel.delete_route(place, request.destination);
            changed(kernel.release(), &request, deleted)
        }
        ("get" | "show", _) => output(get(kernel, place, &request)),
        _ => usage(),
    }
}

fn usage() -> Output {
    Output::failure(64, "usage: route [-46dnqtv] command [[modifiers] args]\n")
}

fn parse(arguments: &[String]) -> Result<Request<'_>, Output> {
    let mut is_quiet = false;
    let mut is_inet6 = false;
    let mut words = Vec::new();
    for argument in arguments {
        match argument.as_str() {
            "-q" => is_quiet = true,
            "-inet" | "-4" => is_inet6 = false,
            "-inet6" | "-6" => is_inet6 = true,
            "-n" | "-nq" | "-net" | "-host" => {}
            "-qn" => is_quiet = true,
            word if word.starts_with('-') => return Err(usage()),
            word => words.push(word),
        }
    }
    let [verb, destination, gateway @ ..] = words.as_slice() else { return Err(usage()) };
    let bad = |text: &str| refuse("route", &format!("bad address: {text}"));
    let Some(destination) = parse_destination(destination, is_inet6) else { return bad(destination) };
    let gateway = match gateway.first() {
        None => None,
        Some(text) => match parse_gateway(text, destination.is_inet6()) {
            Some(gateway) => Some(gateway),
            None => return bad(text),
        },
    };
    Ok(Request { verb, is_quiet, destination, gateway })
}

fn parse_destination(text: &str, is_inet6: bool) -> Option<Destination> {
    if text == "default" {
        return Some(if is_inet6 { Destination::DefaultInet6 } else { Destination::DefaultInet });
    }
    let (address, length) = text.split_once('/').map_or((text, None), |(a, l)| (a, Some(l)));
    let address: IpAddr = address.parse().ok()?;
    let full = if address.is_ipv6() { 128 } else { 32 };
    let length = length.map_or(Some(full), |length| length.parse().ok().filter(|length| *length <= full))?;
    Some(match (address, length) {
        (IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0) => Destination::DefaultInet,
        (IpAddr::V6(Ipv6Addr::UNSPECIFIED), 0) => Destination::DefaultInet6,
        (address, length) => Destination::Prefix(address, length),
    })
}

fn parse_gateway(text: &str, is_inet6: bool) -> Option<Gateway> {
    let (text, scope) = text.split_once('%').map_or((text, None), |(text, scope)| (text, Some(scope)));
    let address: IpAddr = text.parse().ok()?;
    (address.is_ipv6() == is_inet6).then(|| Gateway { address, scope: scope.map(str::to_owned) })
}

/// What is printed of a change: a line on stdout, and where it failed one on stderr too.
fn changed(release: Release, request: &Request<'_>, result: Result<(), Errno>) -> Output {
    let verb = if request.verb == "del" { "delete" } else { request.verb };
    let kind = match request.destination {
        Destination::Prefix(_, 32) | Destination::Prefix(IpAddr::V6(_), 128) => "host",
        Destination::DefaultInet | Destination::DefaultInet6 | Destination::Prefix(..) => "net",
    };
    let via = request.gateway.as_ref().map(|gateway| format!(": gateway {gateway}")).unwrap_or_default();
    let line = format!("{verb} {kind} {}{via}", request.destination);
    let Err(error) = result else {
        return Output::success(if request.is_quiet { String::new() } else { format!("{line}\n") });
    };
    let reason = if error == Errno::Exists {
        "route already in table".to_owned()
    } else if error == Errno::NoProcess {
        "not in table".to_owned()
    } else {
        error.to_string()
    };
    // It is looked up by another call from 13 on.
    let stderr = if error == Errno::NoProcess && release.major >= 13 {
        "route: route has not been found\n".to_owned()
    } else {
        format!("route: writing to routing socket: {error}\n")
    };
    let stdout = if request.is_quiet { String::new() } else { format!("{line} fib 0: {reason}\n") };
    ended(1, stdout, stderr)
}

fn get(kernel: &dyn Kernel, place: Place, request: &Request<'_>) -> Printed {
    let found = lookup(&kernel.routes(place), &kernel.interfaces(place), request.destination);
    let Some(route) = found else {
        let message = if kernel.release().major >= 13 {
            "route has not been found".to_owned()
        } else {
            format!("writing to routing socket: {}", Errno::NoProcess)
        };
        return refuse("route", &message);
    };
    let asked = match request.destination {
        Destination::Prefix(address, _) => address.to_string(),
        other @ (Destination::DefaultInet | Destination::DefaultInet6) => other.to_string(),
    };
    let mut text = format!("   route to: {asked}\ndestination: {}\n", route.destination);
    if matches!(route.destination, Destination::DefaultInet | Destination::DefaultInet6) {
        text.push_str("       mask: default\n");
    }
    let flags = if let Some(gateway) = &route.gateway {
        text.push_str(&format!("    gateway: {gateway}\n"));
        "<UP,GATEWAY,DONE,STATIC>"
    } else {
        "<UP,DONE,PINNED>"
    };
    text.push_str(&format!("        fib: 0\n  interface: {}\n      flags: {flags}\n", route.interface));
    text.push_str(" recvpipe  sendpipe  ssthresh  rtt,msec    mtu        weight    expire\n");
    text.push_str("       0         0         0         0      1500         1         0 \n");
    Ok(text)
}

/// The most specific of the routes that were set and those of the interfaces' prefixes.
fn lookup(routes: &[Route], interfaces: &[Interface], to: Destination) -> Option<Route> {
    let Destination::Prefix(address, _) = to else {
        return routes.iter().find(|route| route.destination == to).cloned();
    };
    let on_link = interfaces.iter().filter(|interface| interface.is_up).find_map(|interface| {
        let inet = interface.inet.iter().map(|inet| (IpAddr::V4(inet.address), inet.length));
        let inet6 = interface.inet6.iter().map(|inet6| (IpAddr::V6(inet6.address), inet6.length));
        let (own, length) = inet.chain(inet6).find(|(own, length)| is_in_prefix(address, *own, *length))?;
        let destination = Destination::Prefix(own, length);
        Some(Route { destination, gateway: None, interface: interface.name.clone() })
    });
    let length = |route: &Route| match route.destination {
        Destination::Prefix(_, length) => length,
        Destination::DefaultInet | Destination::DefaultInet6 => 0,
    };
    let set = routes.iter().filter(|route| route.destination.holds(address)).cloned();
    on_link.into_iter().chain(set).max_by_key(length)
}
