//! How a host is looked at, and into which jails.

use std::collections::{BTreeMap, BTreeSet};

use allocd_types::id::LeaseId;
use allocd_types::name::JailName;
use freebsd_config::{Release, ezjail, jail_conf};
use freebsd_host::jail::Jail;
use freebsd_host::{CommandError, Host, Runner};

use super::rc_conf::{FILES, JAIL_CONF, SeenRcConf};
use super::seen_starts::see_starts;
use super::{Inside, ObservedHost, OuterEnd, Outside, SeenFile, Sight};
use crate::files::{FileError, Files};
use crate::want::{Build, DesiredHost, DesiredJail, Torn};

/// Where ezjail's configurations are.
const EZJAIL_DIRECTORY: &str = "/usr/local/etc/ezjail";
/// Where rc.d/jail finds a jail's file, besides in /etc itself.
const JAIL_CONF_DIRECTORY: &str = "/etc/jail.conf.d";

/// What is remembered from one pass to the next about the insides of jails.
#[derive(Debug, Default)]
pub(crate) struct Looks {
    /// How a jail looked from outside when it was last looked into.
    last: BTreeMap<JailName, Outside>,
    /// The jail that was last looked into in turn.
    turn: Option<JailName>,
    /// True if no jail is looked into at all.
    is_from_outside: bool,
}

impl Looks {
    /// Looks into no jail, which takes two commands whatever there is.
    pub(crate) fn from_outside() -> Self {
        Self { is_from_outside: true, ..Self::default() }
    }

    /// Something was done to a jail: the next pass looks into it.
    pub(crate) fn forget(&mut self, jail: &JailName) {
        self.last.remove(jail);
    }

    /// The jails to look into: those that look different from outside, and some of the others in turn.
    fn choose(&mut self, outside: BTreeMap<JailName, Outside>, in_turn: usize) -> BTreeSet<JailName> {
        if self.is_from_outside {
            return BTreeSet::new();
        }
        let (changed, same): (Vec<_>, Vec<_>) =
            outside.iter().partition(|(jail, outside)| self.last.get(*jail) != Some(*outside));
        let after = |jail: &JailName| self.turn.as_ref().is_none_or(|turn| jail > turn);
        let same: Vec<&JailName> = same.into_iter().map(|(jail, _)| jail).collect();
        let behind = same.iter().filter(|jail| after(jail));
        let before = same.iter().filter(|jail| !after(jail));
        let turn: Vec<JailName> = behind.chain(before).take(in_turn).map(|jail| (*jail).clone()).collect();
        let chosen = changed.into_iter().map(|(jail, _)| jail.clone()).chain(turn.iter().cloned()).collect();
        self.turn = turn.last().cloned().or(self.turn.take());
        self.last = outside;
        chosen
    }
}

/// Looks at the host.
///
/// # Errors
/// [`CommandError`] if its interfaces or jails cannot be listed, without which nothing can be said.
pub(crate) fn observe<R: Runner>(
    host: &Host<R>,
    release: Release,
    files: &Files,
    want: &DesiredHost,
    (looks, in_turn): (&mut Looks, usize),
) -> Result<ObservedHost, CommandError> {
    let mut seen = ObservedHost::new(release, host.interfaces()?, host.jails()?);
    let outside = want.jails.iter().filter_map(|(jail, desired)| {
        Some((jail.clone(), seen_from_outside(&seen, seen.alive(jail)?, desired)?))
    });
    let outside = outside.collect();
    for jail in looks.choose(outside, in_turn) {
        let inside = match host.interfaces_in(&jail) {
            Ok(interfaces) => Inside::Seen(interfaces),
            Err(error) => {
                looks.forget(&jail);
                seen.failures.push(format!("the interfaces in jail {jail}: {error}"));
                Inside::Failed
            }
        };
        seen.inside.insert(jail, inside);
    }
    let read = see_files(&mut seen, files, want)
        .and_then(|()| see_rc_conf(&mut seen, files))
        .and_then(|()| see_starts(&mut seen, host, files));
    if let Err(error) = read {
        seen.failures.push(format!("{error}: {}", error.source));
    }
    Ok(seen)
}

/// How a jail with interfaces of ours looks from outside; none of one that has none.
fn seen_from_outside(seen: &ObservedHost, jail: &Jail, desired: &DesiredJail) -> Option<Outside> {
    let leases = leases_with_links(desired);
    if leases.is_empty() || jail.has_vnet == Some(false) {
        return None;
    }
    let ends = leases.into_iter().filter_map(|lease| match seen.marked(lease) {
        Sight::One(interface) => Some(OuterEnd::new(interface)),
        Sight::None | Sight::Several => None,
    });
    Some(Outside { jid: jail.jid, ends: ends.collect() })
}

fn leases_with_links(desired: &DesiredJail) -> Vec<LeaseId> {
    let built = match &desired.build {
        Build::Jail(wanted) => wanted.steps.links.as_slice(),
        Build::Nothing | Build::Later | Build::Refused(_) => &[],
    };
    let torn = desired.torn.iter().filter_map(Torn::link);
    built.iter().chain(torn).map(|link| link.lease).collect()
}

/// Reads the files that are ours, and those where one of ours belongs.
fn see_files(seen: &mut ObservedHost, files: &Files, want: &DesiredHost) -> Result<(), FileError> {
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for (jail, desired) in &want.jails {
        wanted.extend([jail_conf::target_path(jail, seen.release), ezjail::target_path(jail)]);
        if let Build::Jail(jail) = &desired.build {
            let path = jail.settings.profile.path();
            seen.roots.insert(path.to_owned(), files.has_something_in(path));
        }
    }
    let mut paths = BTreeSet::new();
    for name in files.names("/etc")? {
        if name.starts_with("jail.") && name.ends_with(".conf") && name != "jail.conf" {
            paths.insert(format!("/etc/{name}"));
        }
    }
    for name in files.names(JAIL_CONF_DIRECTORY)? {
        if name.ends_with(".conf") {
            paths.insert(format!("{JAIL_CONF_DIRECTORY}/{name}"));
        }
    }
    paths.extend(files.names(EZJAIL_DIRECTORY)?.into_iter().map(|name| format!("{EZJAIL_DIRECTORY}/{name}")));
    for path in paths {
        let Some(text) = files.read(&path)? else { continue };
        let file = SeenFile::new(text);
        if file.origin.is_some() || wanted.contains(&path) || path.starts_with("/etc/jail.") {
            seen.files.insert(path, file);
        }
    }
    Ok(())
}

fn see_rc_conf(seen: &mut ObservedHost, files: &Files) -> Result<(), FileError> {
    let mut texts = Vec::new();
    for file in FILES {
        texts.push(files.read(file)?.unwrap_or_default());
    }
    let jail_conf = files.read(JAIL_CONF)?.unwrap_or_default();
    seen.rc_conf = SeenRcConf::read(&texts, &jail_conf);
    Ok(())
}

#[cfg(test)]
mod tests {
    use freebsd_host::jail::Jid;

    use super::*;

    fn outside(jails: &[(&str, u32)]) -> BTreeMap<JailName, Outside> {
        let outside = |jid| Outside { jid: Jid(jid), ends: Vec::new() };
        jails.iter().map(|(name, jid)| (JailName::new(name).unwrap(), outside(*jid))).collect()
    }

    fn chosen(looks: &mut Looks, jails: &[(&str, u32)], in_turn: usize) -> Vec<String> {
        looks.choose(outside(jails), in_turn).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_jail_is_looked_into_when_it_changed_and_then_in_turn() {
        let mut looks = Looks::default();
        let jails = [("a", 1), ("b", 2), ("c", 3)];
        assert_eq!(chosen(&mut looks, &jails, 1), ["a", "b", "c"]);
        let mut turns = Vec::new();
        for _ in 0..4 {
            turns.extend(chosen(&mut looks, &jails, 1));
        }
        assert_eq!(turns, ["a", "b", "c", "a"]);
        // A jail that was started anew is looked into whose turn it is not.
        assert_eq!(chosen(&mut looks, &[("a", 1), ("b", 2), ("c", 9)], 1), ["b", "c"]);
        looks.forget(&JailName::new("a").unwrap());
        assert_eq!(chosen(&mut looks, &[("a", 1), ("b", 2), ("c", 9)], 0), ["a"]);
        assert_eq!(chosen(&mut looks, &[("a", 1), ("b", 2), ("c", 9)], 0), [""; 0]);
    }
}
