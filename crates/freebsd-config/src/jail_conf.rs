//! jail.conf(5): one self-contained file for each jail, and a reader that gives such a file's parameters back.
//!
//! rc.d/jail hands jail(8) exactly one file for a jail, so nothing of /etc/jail.conf holds for it: everything the jail needs is
//! in the file. Only parameters that every release of the family has are used, for jail(8) refuses a file with any other; what
//! each is for is said in the file itself, because that is where people meet it.

mod lexer;
mod parse;
#[cfg(test)]
mod tests;
mod text;

use allocd_types::address::Family;
use allocd_types::name::{InterfaceName, JailName};

use crate::interfaces::{JailInterfaces, RenderError};
use crate::origin;
use crate::profile::RenderProfile;
use crate::release::{Release, ReleaseFamily};
use crate::start_mark;
use crate::steps::{self, Quotes, Steps};
use text::Text;

pub use parse::{JailBlock, JailConf, Operator, Parameter, ParseError, parse};

/// Where the file belongs: /etc/jail.conf.d is searched from FreeBSD 13 on.
#[must_use]
pub fn target_path(jail: &JailName, release: Release) -> String {
    match release.family() {
        ReleaseFamily::From9To10 | ReleaseFamily::From11To12 => format!("/etc/jail.{jail}.conf"),
        ReleaseFamily::From13 => format!("/etc/jail.conf.d/{jail}.conf"),
    }
}

/// Renders the file of a jail.
///
/// # Errors
/// [`RenderError::Temporary`] if a lease ends by itself.
pub fn render(
    interfaces: &JailInterfaces,
    profile: &RenderProfile,
    release: Release,
) -> Result<String, RenderError> {
    interfaces.check_permanent()?;
    let steps = Steps::new(interfaces, profile, Quotes::Written);
    let mut text = Text::default();
    header(&mut text, interfaces, profile, release);
    text.open(interfaces.jail().as_str());
    render_jail(&mut text, profile);
    if interfaces.interfaces.is_empty() {
        render_shared(&mut text, interfaces, release, &steps);
    } else {
        render_host(&mut text, interfaces.jail(), &steps);
        render_start(&mut text, profile, release, &steps);
        render_end(&mut text, interfaces.jail(), &steps);
    }
    text.close();
    Ok(text.finish())
}

fn header(text: &mut Text, interfaces: &JailInterfaces, profile: &RenderProfile, release: Release) {
    let path = target_path(interfaces.jail(), release);
    text.comment(&format!("{path} on {}, for FreeBSD {}.", interfaces.host(), release.family()));
    text.comment(&origin::mark_line(interfaces));
    origin::lease_lines(interfaces, profile).iter().for_each(|line| text.comment(line));
}

fn render_jail(text: &mut Text, profile: &RenderProfile) {
    text.set("path", &profile.path);
    text.set("host.hostname", &profile.hostname);
    if profile.exec_clean {
        text.flag("exec.clean");
    }
    if profile.mount_devfs {
        text.flag("mount.devfs");
        text.set("devfs_ruleset", &profile.devfs_ruleset.to_string());
    }
    for name in &profile.allow {
        text.flag(&format!("allow.{name}"));
    }
}

/// The jail's own network stack, and what the host does before.
fn render_host(text: &mut Text, jail: &JailName, steps: &Steps) {
    text.blank();
    text.flag("vnet");
    text.list("vnet.interface", steps.moved.iter().map(InterfaceName::as_str));
    text.blank();
    text.comment("On the host, before the jail exists. A failed start is taken back without exec.poststop, so what one left");
    text.comment(
        "behind goes first, if it carries this lease's mark. The MACs are set before anything is up.",
    );
    text.comment("The last one makes a file that is there until the services have started: whoever finds it beside a jail, and");
    text.comment("no jail(8), knows that the start did not end.");
    let begin = start_mark::make(jail);
    text.list("exec.prestart", steps.clear.iter().chain(&steps.create).chain([&begin]).map(String::as_str));
}

/// The jail's side: the network first, then /etc/rc with all services; and the way back.
fn render_start(text: &mut Text, profile: &RenderProfile, release: Release, steps: &Steps) {
    text.blank();
    text.comment("In the jail: the network first, then /etc/rc, so that services find it there.");
    if profile.may_write_jail_root {
        text.comment("rc.d/netif keeps IPv6 only where rc.conf says it: our lines in /etc/rc.conf.local follow the leases.");
    } else if steps.has_ipv6() {
        text.comment("IPv6 comes late, after the services: no hook may write into the jail's root, and without its lines");
        text.comment("in rc.conf.local /etc/rc switches off what was set before.");
    }
    let before = steps.before_rc(profile);
    let after = steps.after_rc(profile);
    text.list("exec.start", before.into_iter().chain([steps::START]).chain(after));
    text.set("exec.stop", steps::stop(release.family()));
}

/// The host's side again: the start has ended, or the jail is gone.
fn render_end(text: &mut Text, jail: &JailName, steps: &Steps) {
    let end = start_mark::remove(jail);
    text.blank();
    text.comment("On the host: the start has ended.");
    text.set("exec.poststart", &end);
    text.blank();
    text.comment("On the host, after the jail is gone.");
    text.list("exec.poststop", steps.destroy.iter().chain([&end]).map(String::as_str));
}

/// A jail that shares the host's network stack: jail(8) puts its addresses on the bridges and takes them off again.
fn render_shared(text: &mut Text, interfaces: &JailInterfaces, release: Release, steps: &Steps) {
    text.blank();
    text.comment("No interface of its own: its addresses are on the host's bridges while it runs.");
    for (parameter, family) in [("ip4.addr", Family::V4), ("ip6.addr", Family::V6)] {
        let addresses: Vec<String> = interfaces.shared_addresses(family).collect();
        text.list(parameter, addresses.iter().map(String::as_str));
    }
    let begin = start_mark::make(interfaces.jail());
    text.list("exec.prestart", steps.create.iter().chain([&begin]).map(String::as_str));
    text.set("exec.start", steps::START);
    text.set("exec.stop", steps::stop(release.family()));
    render_end(text, interfaces.jail(), steps);
}
