//! The host's devfs.rules(5): what a jail sees of /dev beyond the usual, and who may open a tap on the host.
//!
//! The number is 20 because 5 and what follows are the system's own from FreeBSD 13 on. Everything is hidden first: a rule set
//! that forgets to would show the jail every disk of the host.

use super::fragment::Fragment;
use super::options::SetupOptions;
use super::{SetupFile, Syntax};
use crate::release::Release;

/// The rule set for jails that `setup` makes; a jail gets it by its profile's `devfs_ruleset`.
pub const JAIL_RULESET: u16 = 20;
/// The name of the rule set for the host's own /dev, `devfs_system_ruleset` in rc.conf(5).
pub const HOST_RULESET: &str = "devfsrules_allocd_host";
/// The number of that rule set.
const HOST_RULESET_NUMBER: u16 = 21;

pub(super) fn file(options: &SetupOptions) -> SetupFile {
    let mut text = Fragment::new(&["The host's part for jails. `service devfs restart` loads it."]);
    text.part(&["For jails: nothing but what a rule names."]);
    text.line(&format!("[devfsrules_jail_vimage={JAIL_RULESET}]"));
    for include in ["hide_all", "unhide_basic", "unhide_login"] {
        text.line(&format!("add include $devfsrules_{include}"));
    }
    text.comment(&["tcpdump(1) and dhclient(8)"]);
    text.line("add path 'bpf*' unhide");
    text.comment(&["OpenVPN: the interface itself is moved in by the jail's file."]);
    text.line("add path 'tun*' unhide");
    if options.with_kmem {
        text.comment(&[
            "WARNING: whoever is root in a jail with these two reads the memory of the host's kernel, and with it that of every",
            "jail: keys, passwords, everything. They are there for netstat(1) and SNMP agents of old jails only.",
        ]);
        if options.release >= Release::FIRST_WITHOUT_KMEM_IN_NETSTAT {
            text.comment(&[
                "From FreeBSD 11 on netstat(1) does without them: remove both lines unless a jail is older.",
            ]);
        }
        text.line("add path mem unhide");
        text.line("add path kmem unhide");
    } else {
        text.comment(&["mem and kmem stay hidden: they would show a jail the memory of the host's kernel."]);
    }
    if options.with_tap {
        text.part(&[
            "For the host itself, by devfs_system_ruleset in rc.conf. If there is a rule set of that sort already, the line goes there.",
        ]);
        text.line(&format!("[{HOST_RULESET}={HOST_RULESET_NUMBER}]"));
        text.line("add path 'tap*' mode 0660 group operator");
    }
    SetupFile {
        path: "/etc/devfs.rules".to_owned(),
        purpose: "what jails see of /dev",
        contents: text.finish(),
        is_fragment: true,
        syntax: Syntax::Rules,
    }
}
