//! ip(8): the Linux kernel told what to do, in a network stack of the host.
//!
//! FreeBSD's lo0 is lo here; no other name is translated.

use std::process::Command;

use freebsd_host::fake::Errno;

const IP: &str = "/usr/sbin/ip";

/// The name of a jail's network namespace on its host.
pub(super) fn namespace(stack: u32) -> String {
    format!("j{stack}")
}

/// What Linux calls an interface.
pub(super) fn linux_name(name: &str) -> &str {
    if name == "lo0" { "lo" } else { name }
}

/// Has ip(8) do something in a stack; what it prints.
pub(super) fn ip(stack: u32, arguments: &[&str]) -> Result<String, Errno> {
    let mut command = Command::new(IP);
    if stack != 0 {
        command.args(["-n", &namespace(stack)]);
    }
    let output = command.args(arguments).output().expect("start ip(8)");
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(errno(&String::from_utf8_lossy(&output.stderr)))
}

/// Linux's message as FreeBSD's number.
fn errno(text: &str) -> Errno {
    let known = [
        ("File exists", Errno::Exists),
        ("already assigned", Errno::Exists),
        ("Cannot assign requested address", Errno::NoAddress),
        ("Network is unreachable", Errno::NoNetwork),
        ("No route to host", Errno::NoNetwork),
        ("invalid gateway", Errno::NoNetwork),
        ("No such process", Errno::NoProcess),
        ("busy", Errno::Busy),
        ("Cannot find device", Errno::NoDevice),
        ("No such device", Errno::NoDevice),
        ("Operation not permitted", Errno::NotPermitted),
    ];
    known.into_iter().find(|(part, _)| text.contains(part)).map_or(Errno::Invalid, |(_, errno)| errno)
}
