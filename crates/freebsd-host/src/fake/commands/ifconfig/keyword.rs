//! Words of the command line that say something by themselves.

use super::capability;
use crate::fake::kernel::Change;

/// Words with an argument that change nothing here.
const IGNORED_WITH_ARGUMENT: &[&str] = &[
    "metric",
    "broadcast",
    "media",
    "mediaopt",
    "private",
    "-private",
    "stp",
    "-stp",
    "edge",
    "-edge",
    "discover",
    "-discover",
    "learn",
    "-learn",
    "maxaddr",
    "timeout",
    "priority",
    "fib",
    "vhid",
    "pltime",
    "vltime",
];
/// Words without one that change nothing here.
const IGNORED: &[&str] = &[
    "prefer_source",
    "-prefer_source",
    "accept_rtadv",
    "-accept_rtadv",
    "no_prefer_iface",
    "-no_prefer_iface",
    "link0",
    "-link0",
    "monitor",
    "-monitor",
    "promisc",
    "-promisc",
    "arp",
    "-arp",
    "anycast",
    "-autoconf",
    "no_radr",
    "-no_radr",
];

/// What a word by itself does, with the name of the call.
pub(super) fn change(word: &str) -> Option<(&'static str, Change)> {
    Some(match word {
        "up" => ("SIOCSIFFLAGS", Change::Up(true)),
        "down" => ("SIOCSIFFLAGS", Change::Up(false)),
        "ifdisabled" => ("SIOCSIFINFO_IN6", Change::Inet6Disabled(true)),
        "-ifdisabled" => ("SIOCSIFINFO_IN6", Change::Inet6Disabled(false)),
        "auto_linklocal" => ("SIOCSIFINFO_IN6", Change::AutoLinkLocal(true)),
        "-auto_linklocal" => ("SIOCSIFINFO_IN6", Change::AutoLinkLocal(false)),
        "-description" | "-descr" => ("SIOCSIFDESCR", Change::Description(String::new())),
        word => {
            let (name, is_on) = word.strip_prefix('-').map_or((word, true), |name| (name, false));
            ("SIOCSIFCAP", Change::Options(capability::bits_of(name)?, is_on))
        }
    })
}

/// True if a word takes an argument and neither matters.
pub(super) fn is_ignored_with_argument(word: &str) -> bool {
    IGNORED_WITH_ARGUMENT.contains(&word)
}

/// True if a word does not matter.
pub(super) fn is_ignored(word: &str) -> bool {
    IGNORED.contains(&word)
}
