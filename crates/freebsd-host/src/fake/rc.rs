//! /etc/rc of a jail, as far as its network goes: loopback, rc.d/netif and rc.d/routing, and then services that see what is
//! there.
//!
//! netif switches IPv6 off on every interface without `ifconfig_IF_ipv6`, whatever was set on it, and on again on those that
//! have it (ifconfig_up in network.subr).

use std::collections::BTreeMap;

use super::interface::Driver;
use super::kernel::{Kernel, Place};
use super::machine::FakeMachine;
use super::userland::Userland;
use crate::output::Output;

/// The files that rc(8) reads, the later over the earlier.
const FILES: &[&str] = &["/etc/rc.conf", "/etc/rc.conf.local"];

/// Runs /etc/rc in a place.
pub(super) fn start(machine: &mut FakeMachine<'_>, place: Place) -> Output {
    let variables = read(machine, place);
    let mut commands = vec!["lo0 inet 127.0.0.1/8 up".to_owned()];
    let interfaces = machine.kernel.interfaces(place);
    for interface in interfaces.iter().filter(|interface| interface.driver != Driver::Loopback) {
        let name = &interface.name;
        if let Some(inet) = variables.get(&format!("ifconfig_{name}")) {
            commands.push(format!("{name} {inet} up"));
        }
        match variables.get(&format!("ifconfig_{name}_ipv6")) {
            None => commands.push(format!("{name} inet6 ifdisabled")),
            Some(inet6) => {
                commands.push(format!("{name} inet6 -ifdisabled"));
                commands.push(format!("{name} {inet6}"));
            }
        }
        let aliases = (0..).map_while(|at| variables.get(&format!("ifconfig_{name}_alias{at}")));
        commands.extend(aliases.map(|alias| format!("{name} {alias} alias")));
    }
    for command in &commands {
        execute(machine, place, "/sbin/ifconfig", command);
    }
    for (variable, family) in [("defaultrouter", "-inet"), ("ipv6_defaultrouter", "-inet6")] {
        if let Some(router) = variables.get(variable) {
            execute(machine, place, "/sbin/route", &format!("-q add {family} default {router}"));
        }
    }
    serve(machine, place);
    Output::success("")
}

/// What a step of netif or routing says is seen on the console, and the next one is done all the same.
fn execute(machine: &mut FakeMachine<'_>, place: Place, program: &str, arguments: &str) {
    let arguments: Vec<String> = arguments.split_whitespace().map(str::to_owned).collect();
    machine.execute(place, program, &arguments);
}

/// Services start, and what they find is written down.
fn serve(machine: &mut FakeMachine<'_>, place: Place) {
    let Place::Jail(jid) = place else { return };
    if let Some(jail) = machine.kernel.jails().into_iter().find(|jail| jail.jid == jid) {
        let interfaces = machine.kernel.interfaces(place);
        machine.usage.services.push((jail.name, interfaces));
    }
}

/// The variables of the configuration: `NAME="VALUE"`, and a comment behind it or none.
fn read(machine: &FakeMachine<'_>, place: Place) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    for file in FILES {
        let path = machine.path(place, file);
        let text = machine.usage.files.get(&path).map(String::as_str).unwrap_or_default();
        for line in text.lines() {
            if let Some((name, rest)) = line.split_once("=\"")
                && let Some((value, _)) = rest.split_once('"')
            {
                variables.insert(name.to_owned(), value.to_owned());
            }
        }
    }
    variables
}
