//! A jail's start, and how a failed one is taken back.

use super::story::Story;
use super::{hook, shared};
use crate::fake::jail::{JailDefinition, JailSpec};
use crate::fake::kernel::Place;
use crate::fake::userland::Userland;

/// What a start has done that is taken back if it fails.
#[derive(Debug, Default)]
struct Done {
    /// The shared addresses are there.
    has_addresses: bool,
    /// Where devfs is mounted.
    devfs: Option<String>,
    /// The jail is there.
    jid: Option<u32>,
    /// Interfaces that are in it.
    moved: Vec<String>,
}

/// Starts a jail; its number, or none if that failed.
pub(super) fn start(
    userland: &mut dyn Userland,
    definition: &JailDefinition,
    story: &mut Story,
) -> Option<u32> {
    let mut done = Done::default();
    let is_started = go_on(userland, definition, &mut done, story);
    if !is_started {
        take_back(userland, definition, &done, story);
    }
    done.jid.filter(|_| is_started)
}

/// The steps in their order (`startcommands` in jail.c); false at the first that fails.
fn go_on(
    userland: &mut dyn Userland,
    definition: &JailDefinition,
    done: &mut Done,
    story: &mut Story,
) -> bool {
    let name = &definition.name;
    let run = |userland: &mut dyn Userland, place: Place, parameter: &str, story: &mut Story| {
        hook::run_all(userland, place, name, &definition.values(parameter), story)
    };
    if !run(userland, Place::Host, "exec.prepare", story) {
        return false;
    }
    done.has_addresses = true;
    let addresses = shared::commands(definition, "alias");
    if !addresses.iter().all(|command| hook::run(userland, Place::Host, name, command, story)) {
        return false;
    }
    if let Some(path) = devfs_path(definition) {
        if let Err(error) = userland.kernel().mount_devfs(&path) {
            story.complain(&format!("{name}: /sbin/mount -t devfs . {path}: failed: {error}"));
            return false;
        }
        done.devfs = Some(path);
    }
    if !run(userland, Place::Host, "exec.prestart", story) {
        return false;
    }
    let jid = match userland.kernel().create_jail(&spec(definition)) {
        Ok(jid) => jid,
        Err(error) => {
            story.complain(&format!("{name}: jail_set: {error}"));
            return false;
        }
    };
    done.jid = Some(jid);
    let inside = Place::Jail(jid);
    if !run(userland, Place::Host, "exec.created", story) {
        return false;
    }
    for interface in definition.values("vnet.interface").iter().flat_map(|list| list.split_whitespace()) {
        let command = format!("/sbin/ifconfig {interface} vnet {jid}");
        if !hook::run(userland, Place::Host, name, &command, story) {
            return false;
        }
        done.moved.push(interface.to_owned());
    }
    let command = definition.values("command").join(" ");
    run(userland, inside, "exec.start", story)
        && (command.is_empty() || hook::run(userland, inside, name, &command, story))
        && run(userland, Place::Host, "exec.poststart", story)
}

/// Where a jail's devfs is mounted, if it has one.
pub(super) fn devfs_path(definition: &JailDefinition) -> Option<String> {
    let path = definition.value("path").filter(|_| definition.is_set("mount.devfs"))?;
    Some(format!("{}/dev", path.trim_end_matches('/')))
}

pub(super) fn unmount(userland: &mut dyn Userland, jail: &str, path: &str, story: &mut Story) {
    if let Err(error) = userland.kernel().unmount(path) {
        story.complain(&format!("{jail}: /sbin/umount {path}: failed: {error}"));
    }
}

fn spec(definition: &JailDefinition) -> JailSpec {
    let value = |name: &str| definition.value(name).map(str::to_owned);
    // Without a ruleset a jail's devfs has the one that jails have.
    let devfs_ruleset = value("devfs_ruleset").and_then(|number| number.parse().ok()).unwrap_or(4);
    JailSpec {
        name: Some(definition.name.clone()).filter(|name| !name.is_empty()),
        path: value("path").unwrap_or_else(|| "/".to_owned()),
        hostname: value("host.hostname").unwrap_or_default(),
        is_vnet: definition.is_set("vnet"),
        devfs_ruleset,
    }
}

/// Takes back what is no hook, last first; hooks for the stop do not run.
fn take_back(userland: &mut dyn Userland, definition: &JailDefinition, done: &Done, story: &mut Story) {
    let name = &definition.name;
    if let Some(jid) = done.jid {
        for interface in done.moved.iter().rev() {
            let command = format!("/sbin/ifconfig {interface} -vnet {jid}");
            hook::run(userland, Place::Host, name, &command, story);
        }
        if let Err(error) = userland.kernel().remove_jail(jid) {
            story.complain(&format!("{name}: jail_remove: {error}"));
        }
    }
    if let Some(path) = &done.devfs {
        unmount(userland, name, path, story);
    }
    if done.has_addresses {
        for command in shared::commands(definition, "-alias") {
            hook::run(userland, Place::Host, name, &command, story);
        }
    }
}
