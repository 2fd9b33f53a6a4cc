//! A jail: as the kernel tells of it, as it is asked for, and as a file defines it.

use super::release::Release;

/// A jail that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jail {
    /// Its number.
    pub jid: u32,
    /// Its name.
    pub name: String,
    /// Its root directory on the host.
    pub path: String,
    /// What it calls itself.
    pub hostname: String,
    /// True if it has a network stack of its own.
    pub is_vnet: bool,
    /// Number of the devfs rules in force in it.
    pub devfs_ruleset: u16,
    /// True if it is removed and something still holds it, such as an open connection.
    pub is_dying: bool,
}

/// A jail as jail_set(2) is asked to create it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JailSpec {
    /// Its name; its number if it has none.
    pub name: Option<String>,
    /// Its root directory.
    pub path: String,
    /// What it calls itself.
    pub hostname: String,
    /// True if it gets a network stack of its own.
    pub is_vnet: bool,
    /// Number of the devfs rules to be in force in it.
    pub devfs_ruleset: u16,
}

/// A jail's parameters, as a file or a command line has them after every `=` and `+=`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JailDefinition {
    /// Its name.
    pub name: String,
    /// Each parameter with its values; none for a flag.
    pub parameters: Vec<(String, Vec<String>)>,
}

impl JailDefinition {
    /// The values of a parameter that are not empty; an empty one is skipped when a jail is started or stopped.
    #[must_use]
    pub fn values(&self, name: &str) -> Vec<&str> {
        let found = self.parameters.iter().filter(|(parameter, _)| parameter == name);
        found.flat_map(|(_, values)| values).map(String::as_str).filter(|value| !value.is_empty()).collect()
    }

    /// The last value of a parameter.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values(name).last().copied()
    }

    /// True if a flag is set, and not to a value that says no.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        let found = self.parameters.iter().any(|(parameter, _)| parameter == name);
        found && !matches!(self.value(name), Some("false" | "0" | "inherit" | "disable"))
    }

    /// The first parameter that jail(8) of this release does not know, which makes it refuse the jail.
    #[must_use]
    pub fn unknown_parameter(&self, release: Release) -> Option<&str> {
        let is_unknown = |name: &str| match name {
            // stable/12 had it in May 2018, and no release of 11.
            "exec.created" => release.major < 12,
            "exec.prepare" | "exec.release" => release < Release::new(12, 2),
            "mount.procfs" | "mount.fdescfs" => release.major < 10,
            ".include" => release.major < 14,
            _ => !is_known(name),
        };
        self.parameters.iter().map(|(name, _)| name.as_str()).find(|name| is_unknown(name))
    }
}

/// Parameters of every release since 9.3, as far as jails with a network stack need them.
fn is_known(name: &str) -> bool {
    const KNOWN: &[&str] = &[
        "name",
        "jid",
        "path",
        "vnet",
        "vnet.interface",
        "persist",
        "children.max",
        "devfs_ruleset",
        "command",
        "exec.prestart",
        "exec.start",
        "exec.poststart",
        "exec.prestop",
        "exec.stop",
        "exec.poststop",
        "exec.clean",
        "exec.timeout",
        "exec.consolelog",
        "exec.jail_user",
        "exec.system_user",
        "exec.fib",
        "stop.timeout",
        "mount",
        "mount.fstab",
        "mount.devfs",
        "interface",
        "ip4",
        "ip4.addr",
        "ip6",
        "ip6.addr",
        "ip_hostname",
        "securelevel",
        "enforce_statfs",
        "depend",
        "cpuset.id",
        "sysvmsg",
        "sysvsem",
        "sysvshm",
    ];
    KNOWN.contains(&name) || name.starts_with("allow.") || name.starts_with("host.")
}
