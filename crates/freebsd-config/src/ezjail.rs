//! ezjail's configuration of a jail, which rc.d/jail turns into a jail.conf(5) when the jail starts.
//!
//! A value passes through two readers: ezjail sources the file as sh(1) does, and rc.d/jail pastes each value between double
//! quotes without escaping anything. So no value here has a double quote, dollar, backquote or backslash; that is asserted.
//! `jail_NAME_ip` stays unset where the jail has interfaces of its own, for rc.d/jail gives a network stack only then, and hooks
//! are numbered without a gap, for it stops at the first one.
//!
//! The article moves the interface in poststart hooks, after /etc/rc has run. Here `vnet_interface` moves it before, and
//! exec_start sets it up and only then runs /etc/rc.

#[cfg(test)]
mod tests;

use allocd_types::address::Family;
use allocd_types::name::{InterfaceName, JailName};

use crate::interfaces::{JailInterfaces, RenderError};
use crate::origin;
use crate::profile::RenderProfile;
use crate::release::Release;
use crate::start_mark;
use crate::steps::{self, Quotes, Steps};

/// What rcorder(8) and ezjail-admin read at the head of the file.
const RCORDER_HEADER: &str = "# PROVIDE: standard_ezjail\n# REQUIRE:\n# BEFORE:\n";
/// What a value between double quotes must not hold: sh(1) or jail(8) would expand or end it.
const EXPANDED: &str = "\"$`\\\n";

/// Where the file belongs.
#[must_use]
pub fn target_path(jail: &JailName) -> String {
    // ezjail-admin maps everything but letters and digits to an underscore, and a jail's name has nothing else left.
    format!("/usr/local/etc/ezjail/{jail}")
}

/// Renders the file of a jail.
///
/// # Errors
/// [`RenderError::Temporary`] if a lease ends by itself, [`RenderError::ReleaseTooOld`] if the release's rc.d/jail cannot do
/// what the jail needs.
pub fn render(
    interfaces: &JailInterfaces,
    profile: &RenderProfile,
    release: Release,
) -> Result<String, RenderError> {
    interfaces.check_permanent()?;
    check_release("ezjail", release, Release::FIRST_FOR_EZJAIL)?;
    let steps = Steps::new(interfaces, profile, Quotes::Translated);
    if steps.moved.len() > 1 {
        check_release("an ezjail with several interfaces", release, Release::FIRST_WITH_INTERFACE_LISTS)?;
    }
    let mut text = Exports::new(interfaces, profile, release);
    text.set("hostname", &profile.hostname);
    text.set("rootdir", &profile.path);
    if interfaces.interfaces.is_empty() {
        let addresses =
            [Family::V4, Family::V6].into_iter().flat_map(|family| interfaces.shared_addresses(family));
        text.set("ip", &addresses.collect::<Vec<_>>().join(","));
    } else if !steps.moved.is_empty() {
        let moved: Vec<&str> = steps.moved.iter().map(InterfaceName::as_str).collect();
        text.set("vnet_interface", &moved.join(" "));
    }
    text.set("devfs_enable", if profile.mount_devfs { "YES" } else { "NO" });
    text.set("devfs_ruleset", &profile.devfs_ruleset.to_string());
    let allow: Vec<String> = profile.allow.iter().map(|name| format!("allow.{name}=1")).collect();
    text.set("parameters", &allow.join(" "));
    let (begin, end) = (start_mark::make(interfaces.jail()), start_mark::remove(interfaces.jail()));
    text.hooks("exec_prestart", steps.clear.iter().chain(&steps.create).chain([&begin]).map(String::as_str));
    let start: Vec<&str> = steps.before_rc(profile).into_iter().chain([steps::START]).collect();
    if profile.may_write_jail_root || !steps.has_ipv6() {
        text.comment("The network first, then /etc/rc, so that services find it there.");
    } else {
        text.comment("IPv6 comes late, after the services: no hook may write into the jail's root.");
    }
    text.set("exec_start", &start.join(" && "));
    text.hooks("exec_afterstart", steps.after_rc(profile));
    text.comment("The start has ended: the file that its last hook before had made goes.");
    text.hooks("exec_poststart", [end.as_str()]);
    text.set("exec_stop", steps::stop(release.family()));
    text.hooks("exec_poststop", steps.destroy.iter().chain([&end]).map(String::as_str));
    Ok(text.finish())
}

fn check_release(target: &'static str, release: Release, oldest: Release) -> Result<(), RenderError> {
    if release < oldest { Err(RenderError::ReleaseTooOld { target, release, oldest }) } else { Ok(()) }
}

/// A file in the making.
struct Exports<'a> {
    jail: &'a JailName,
    text: String,
}

impl<'a> Exports<'a> {
    fn new(interfaces: &'a JailInterfaces, profile: &RenderProfile, release: Release) -> Self {
        let mut new = Self { jail: interfaces.jail(), text: RCORDER_HEADER.to_owned() };
        new.text.push('\n');
        let path = target_path(interfaces.jail());
        new.comment(&format!("{path} on {}, for FreeBSD {release}.", interfaces.host()));
        new.comment(&origin::mark_line(interfaces));
        origin::lease_lines(interfaces, profile).iter().for_each(|line| new.comment(line));
        new.text.push('\n');
        new
    }

    fn comment(&mut self, text: &str) {
        self.text.push_str(&format!("# {text}\n"));
    }

    fn set(&mut self, key: &str, value: &str) {
        assert!(!value.contains(|c| EXPANDED.contains(c)), "no value of ours is expanded by a shell");
        self.text.push_str(&format!("export jail_{}_{key}=\"{value}\"\n", self.jail));
    }

    fn hooks<'b>(&mut self, key: &str, commands: impl IntoIterator<Item = &'b str>) {
        for (number, command) in commands.into_iter().enumerate() {
            self.set(&format!("{key}{number}"), command);
        }
    }

    fn finish(self) -> String {
        assert!(crate::plain::is_plain_text(&self.text), "a rendered file is printable ASCII");
        self.text
    }
}
