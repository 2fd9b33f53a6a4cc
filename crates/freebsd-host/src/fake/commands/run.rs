//! From a path to the command that lies there.

use super::{
    arp, devfs, dmesg, ifconfig, jail, jexec, jls, kldload, kldstat, mount, pgrep, ping, route, service,
    sysctl, umount, uname,
};
use crate::fake::kernel::Place;
use crate::fake::userland::Userland;
use crate::output::Output;

/// Where each command lies.
pub const COMMANDS: &[&str] = &[
    "/bin/pgrep",
    "/sbin/devfs",
    "/sbin/dmesg",
    "/sbin/ifconfig",
    "/sbin/kldload",
    "/sbin/kldstat",
    "/sbin/mount",
    "/sbin/ping",
    "/sbin/ping6",
    "/sbin/route",
    "/sbin/sysctl",
    "/sbin/umount",
    "/usr/bin/uname",
    "/usr/sbin/arp",
    "/usr/sbin/jail",
    "/usr/sbin/jexec",
    "/usr/sbin/jls",
    "/usr/sbin/service",
];

/// Runs the command that a path or a name without a directory names; none if there is no such command.
pub fn run(userland: &mut dyn Userland, place: Place, program: &str, arguments: &[String]) -> Option<Output> {
    let is_named = |path: &&&str| **path == program || path.rsplit('/').next() == Some(program);
    let path = COMMANDS.iter().find(is_named)?;
    let output = match path.rsplit('/').next()? {
        "arp" => arp(userland.kernel(), place, arguments),
        "devfs" => devfs(userland.kernel(), arguments),
        "dmesg" => dmesg(userland.kernel()),
        "ifconfig" => ifconfig::ifconfig(userland.kernel(), place, arguments),
        "jail" => jail::jail(userland, place, arguments),
        "jexec" => jexec(userland, place, arguments),
        "jls" => jls(userland.kernel(), place, arguments),
        "kldload" => kldload(userland.kernel(), place, arguments),
        "kldstat" => kldstat(userland.kernel(), arguments),
        "mount" => mount(userland.kernel(), arguments),
        "pgrep" => pgrep(userland, arguments),
        "ping" | "ping6" => ping(userland.kernel(), place, arguments),
        "route" => route(userland.kernel(), place, arguments),
        "service" => service(userland, place, arguments),
        "sysctl" => sysctl(userland.kernel(), place, arguments),
        "umount" => umount(userland.kernel(), arguments),
        "uname" => uname(userland.kernel(), arguments),
        _ => return None,
    };
    Some(output)
}
