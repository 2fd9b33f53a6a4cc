//! Jails: those that die and hold names, whether the others start at boot, and settings that do nothing or too much.

use allocd_types::name::JailName;
use freebsd_config::rc_conf::{ListVariable, is_yes};

use super::fact::Fact;
use super::files::{Directory, DirectoryState};
use super::finding::{Finding, Outcome, list};
use super::jail_conf;
use super::situation::Situation;

/// What sysctl.conf(5) was once told about jails, by what it begins with: descriptions and defaults of another time (jail(8)).
const OBSOLETE_SYSCTLS: [&str; 2] = ["security.jail.param.", "security.jail.allow_raw_sockets"];

pub(super) fn findings(situation: &Situation) -> Vec<Finding> {
    let mut findings = vec![dying(situation)];
    if situation.wanted.has_jail_conf {
        findings.push(enabled(situation));
        findings.push(listed(situation));
        findings.push(globals(situation));
    }
    if situation.wanted.has_ezjail {
        findings.push(ezjail_enabled(situation));
    }
    findings.push(parameters(situation));
    findings.push(sysctls(situation));
    findings.extend(situation.files.directories.iter().map(writable));
    findings
}

fn dying(situation: &Situation) -> Finding {
    situation.host.jails.judge("jails.dying", |jails| {
        let dying: Vec<_> = jails.iter().filter(|jail| jail.is_dying).collect();
        if dying.is_empty() {
            return Outcome::ok("no jail is dying");
        }
        if let Err(reason) = &situation.leases {
            let dying = list(&dying.iter().map(|jail| jail.name.to_string()).collect::<Vec<_>>());
            return Outcome::skipped(format!("dying: {dying}; whether leases are for them is not known: {reason}"));
        }
        let is_leased = |name: &JailName| situation.leases().iter().any(|lease| lease.holder.jail == *name);
        let held: Vec<String> = dying
            .iter()
            .filter(|jail| jail.name.name().is_some_and(is_leased))
            .map(|jail| format!("{} (jid {})", jail.name, jail.jid))
            .collect();
        if held.is_empty() {
            return Outcome::ok("no jail that has leases is dying");
        }
        Outcome::warn(
            format!("{} cannot be told anything and has its interfaces still: connections or mounts hold it", list(&held)),
            "wait until connections have timed out, or look for what is mounted below its root; do not reuse its interfaces",
        )
    })
}

fn enabled(situation: &Situation) -> Finding {
    situation.files.rc_conf.get("jail_enable").judge("jails.enabled", |value| match value.as_deref() {
        Some(value) if is_yes(value) => Outcome::ok("rc.d/jail starts jails at boot"),
        Some(_) | None => {
            Outcome::warn("rc.d/jail starts no jail at boot", "jail_enable=\"YES\" in /etc/rc.conf")
        }
    })
}

fn listed(situation: &Situation) -> Finding {
    situation.files.rc_conf.get(ListVariable::JailList.as_str()).judge("jails.listed", |value| {
        if let Err(reason) = &situation.leases {
            return Outcome::skipped(format!("which jails have leases is not known: {reason}"));
        }
        let value = value.as_deref().unwrap_or_default();
        let listed: Vec<&str> = value.split_ascii_whitespace().collect();
        let wanted = situation.wanted.listed.iter().map(JailName::as_str);
        let missing: Vec<&str> = wanted.filter(|jail| !listed.contains(jail)).collect();
        if missing.is_empty() {
            return Outcome::ok("every jail that is to start at boot is in jail_list");
        }
        let missing = list(&missing);
        let meaning = if listed.is_empty() {
            format!("jail_list is empty, which means the jails of /etc/jail.conf only: {missing} will not start at boot")
        } else {
            format!("{missing} will not start at boot: not in jail_list")
        };
        Outcome::warn(meaning, "let the agent keep jail_list (policy.rc_conf), or add them to it in /etc/rc.conf")
    })
}

fn ezjail_enabled(situation: &Situation) -> Finding {
    situation.files.rc_conf.get("ezjail_enable").judge("jails.ezjail", |value| match value.as_deref() {
        Some(value) if is_yes(value) => Outcome::ok("ezjail starts its jails at boot"),
        Some(_) | None => {
            Outcome::warn("ezjail starts no jail at boot", "ezjail_enable=\"YES\" in /etc/rc.conf")
        }
    })
}

fn globals(situation: &Situation) -> Finding {
    situation.files.jail_conf.judge("jails.globals", |text| {
        let globals = match jail_conf::globals(text.as_deref().unwrap_or_default()) {
            Ok(globals) => globals,
            Err(reason) => return Outcome::skipped(reason),
        };
        if globals.is_empty() {
            return Outcome::ok("/etc/jail.conf says nothing for all jails");
        }
        Outcome::warn(
            format!("/etc/jail.conf says for all jails: {}; rc.d/jail does not read it for a jail with a file of its own", list(&globals)),
            "say what jails with leases need in the agent's configuration",
        )
    })
}

fn parameters(situation: &Situation) -> Finding {
    situation.files.rc_conf.get("jail_parameters").judge("jails.parameters", |value| {
        let value = value.as_deref().unwrap_or_default();
        if value.split_ascii_whitespace().any(|word| word == "vnet=new" || word == "vnet") {
            Outcome::warn(
                format!("jail_parameters=\"{}\" gives every jail of rc.conf and ezjail a network stack, wanted or not", value.escape_debug()),
                "take vnet out of it: rendered files say it for the jails that need it",
            )
        } else {
            Outcome::ok("jail_parameters gives no jail a network stack that its own file does not")
        }
    })
}

fn sysctls(situation: &Situation) -> Finding {
    situation.files.sysctl_conf.judge("jails.sysctls", |text| {
        let lines = text.as_deref().unwrap_or_default().lines();
        let names =
            lines.filter_map(|line| line.split('#').next()?.split_once('=')).map(|(name, _)| name.trim());
        let obsolete: Vec<&str> =
            names.filter(|name| OBSOLETE_SYSCTLS.iter().any(|begin| name.starts_with(begin))).collect();
        if obsolete.is_empty() {
            return Outcome::ok("/etc/sysctl.conf has no setting for jails that does nothing");
        }
        Outcome::warn(
            format!(
                "/etc/sysctl.conf sets what a jail with a file of its own does not look at: {}",
                list(&obsolete)
            ),
            "remove the lines; a jail with its own network stack has raw sockets anyway",
        )
    })
}

fn writable(directory: &Fact<Directory>) -> Finding {
    directory.judge("jails.directory", |Directory { path, state }| match state {
        DirectoryState::Writable => Outcome::ok(format!("the agent can write jails' files into {path}")),
        DirectoryState::Missing => Outcome::warn(
            format!("{path}, where jails' files belong, is not there: the agent makes it, but what reads it may be missing"),
            format!("install what reads it, or mkdir -p {path}"),
        ),
        DirectoryState::NotDirectory => Outcome::fail(
            format!("{path}, where jails' files belong, is no directory"),
            "move what is there out of the way, and make a directory",
        ),
        DirectoryState::ReadOnly => Outcome::fail(
            format!("nothing can be written into {path}, where jails' files belong"),
            "run the agent as root, and mount the file system for writing",
        ),
    })
}

#[cfg(test)]
mod tests;
