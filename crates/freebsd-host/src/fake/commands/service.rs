//! service(8), for `service jail onestart NAME` and `onestop`: rc.d/jail finds the jail's file and hands it to jail(8).
//!
//! `service ezjail` sources a jail's configuration and calls rc.d/jail, which makes a file of it under /var/run; whoever reads
//! files for the fake has to do the same.

use super::jail::jail;
use crate::fake::kernel::Place;
use crate::fake::release::Release;
use crate::fake::userland::Userland;
use crate::output::{Exit, Output};

/// The first release whose rc.d/jail looks into /etc/jail.conf.d.
const FIRST_WITH_DIRECTORY: Release = Release::new(13, 0);

/// Starts or stops jails by name; whether that worked is in the text, and hardly in the code.
pub fn service(userland: &mut dyn Userland, place: Place, arguments: &[String]) -> Output {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [script @ ("jail" | "ezjail"), "onestart" | "start", names @ ..] => {
            each(userland, place, names, (script, "Starting", "-c"))
        }
        [script @ ("jail" | "ezjail"), "onestop" | "stop", names @ ..] => {
            each(userland, place, names, (script, "Stopping", "-r"))
        }
        ["devfs", "restart" | "onerestart"] => Output::success(""),
        [script, ..] => Output::failure(
            1,
            format!(
                "{script} does not exist in /etc/rc.d or the local startup\ndirectories (/usr/local/etc/rc.d), or is not executable\n"
            ),
        ),
        [] => Output::failure(1, "usage: service [-j <jail name or id>] -e\n"),
    }
}

fn each(
    userland: &mut dyn Userland,
    place: Place,
    names: &[&str],
    (script, what, option): (&str, &str, &str),
) -> Output {
    let mut text = format!("{what} jails:");
    for name in names {
        let file =
            if script == "jail" { file_of(userland, name) } else { format!("/var/run/jail.{name}.conf") };
        let arguments = ["-f", &file, option, name].map(str::to_owned);
        let ran = jail(userland, place, &arguments);
        if ran.exit == Exit::Code(0) {
            text.push_str(&format!(" {name}"));
        } else {
            text.push_str(&format!(" cannot {} jail  \"{name}\":\n{}", verb(option), ran.stderr));
        }
    }
    Output::success(format!("{text}.\n"))
}

fn verb(option: &str) -> &'static str {
    if option == "-c" { "start" } else { "stop" }
}

/// Where rc.d/jail finds a jail's parameters: the first file that is there.
fn file_of(userland: &mut dyn Userland, jail: &str) -> String {
    let own = format!("/etc/jail.{jail}.conf");
    let in_directory = format!("/etc/jail.conf.d/{jail}.conf");
    let has_directory = userland.kernel().release() >= FIRST_WITH_DIRECTORY;
    let mut is_there = |path: &str| !matches!(userland.read_jail_conf(path), Ok(None));
    if is_there(&own) {
        own
    } else if has_directory && is_there(&in_directory) {
        in_directory
    } else {
        "/etc/jail.conf".to_owned()
    }
}
