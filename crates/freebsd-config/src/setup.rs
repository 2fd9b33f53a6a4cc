//! What a jail server needs in its own files before the first jail: kernel, rc.conf(5), sysctl.conf(5), devfs.rules(5), ezjail.
//!
//! Each file comes with the reason for every line, because people merge it into what they have; [`diff()`] says what is missing
//! there. Nothing here is for one jail: what a jail needs is in its own file, and still works when nobody looks after this.
//!
//! Three lines that are often copied are left out on purpose. `security.jail.allow_raw_sockets` and
//! `security.jail.param.allow.raw_sockets` are a default for jails without a configuration and a read-only description
//! (jail(8)), and a jail with its own network stack needs neither. `jail_parameters="vnet=new"` would give a network stack to
//! every jail of the host.

mod devfs_rules;
mod diff;
mod ezjail_conf;
mod fragment;
mod kernel;
mod options;
mod rc;
mod sysctl_conf;
#[cfg(test)]
mod tests;
mod wiring;

use allocd_types::violation::Violations;

pub use devfs_rules::{HOST_RULESET, JAIL_RULESET};
pub use diff::{Difference, Finding, diff};
pub use options::{BridgeAddress, EzjailStorage, Lagg, LaggProtocol, SetupBridge, SetupOptions, Uplink};

/// A file of the host, or the part of it that jails need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupFile {
    /// Where it belongs.
    pub path: String,
    /// What it is for, in one sentence.
    pub purpose: &'static str,
    /// What is in it.
    pub contents: String,
    /// True if it belongs into a file that has other things, too; false if it is the whole file.
    pub is_fragment: bool,
    /// How it is read.
    pub syntax: Syntax,
}

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Syntax {
    /// Assignments for sh(1).
    Variables,
    /// `name=value`, as sysctl(8) reads it.
    Sysctls,
    /// Sections of rules, as devfs.rules(5) has them.
    Rules,
    /// Lines that count each for itself, as config(5) reads them.
    Lines,
}

/// Renders all files that a host needs, in the order in which to deal with them.
///
/// # Errors
/// Every option that does not go with the others, by field.
pub fn render(options: &SetupOptions) -> Result<Vec<SetupFile>, Violations> {
    options.check()?;
    let kernel =
        (options.release < crate::Release::FIRST_WITH_VIMAGE_IN_GENERIC).then(|| kernel::file(options));
    let always = [rc::file(options), sysctl_conf::file(options), devfs_rules::file(options)];
    let ezjail = options.ezjail.as_ref().map(ezjail_conf::file);
    Ok(kernel.into_iter().chain(always).chain(ezjail).collect())
}
