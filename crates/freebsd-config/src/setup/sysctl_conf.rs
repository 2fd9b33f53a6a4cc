//! The host's sysctl.conf(5): what if_bridge(4) and tap(4) do by default and jails do not want.

use super::fragment::Fragment;
use super::options::SetupOptions;
use super::{SetupFile, Syntax};
use crate::release::Release;

pub(super) fn file(options: &SetupOptions) -> SetupFile {
    let mut text = Fragment::new(&["The host's part for jails on a bridge."]);
    text.part(&[
        "A packet filter of the host sees a jail's frame up to three times, on both members and on the bridge, under rules that",
        "were written for the host, and frames that are not IP are dropped. Whoever filters jails there leaves these out.",
    ]);
    text.line("net.link.bridge.pfil_onlyip=0");
    text.line("net.link.bridge.pfil_member=0");
    text.line("net.link.bridge.pfil_bridge=0");
    if options.release >= Release::FIRST_WITH_FLAP_LOG {
        text.part(&[
            "A MAC address that moves between members is a duplicate or a loop: the kernel's word for it is what alloc-agent reads.",
        ]);
        text.line("net.link.bridge.log_mac_flap=1");
    }
    if options.release >= Release::FIRST_WITHOUT_MEMBER_ADDRESSES {
        text.part(&["net.link.bridge.member_ifaddrs stays 0: addresses are on the bridge, and FreeBSD 16 knows no other way."]);
    }
    if options.with_tap {
        text.part(&[
            "Who may open a tap's device need not be root, and opening it brings the interface up (tap(4)).",
        ]);
        text.line("net.link.tap.user_open=1");
        text.line("net.link.tap.up_on_open=1");
    }
    text.part(&[
        "net.inet6.ip6.dad_count is left alone: 0 would switch off the search for duplicate addresses.",
    ]);
    text.part(&[
        "security.jail.allow_raw_sockets and security.jail.param.allow.raw_sockets are not set: the one is a default for jails",
        "without a configuration, the other cannot be set at all, and a jail with its own network stack has raw sockets anyway.",
    ]);
    SetupFile {
        path: "/etc/sysctl.conf".to_owned(),
        purpose: "what bridges and taps do by default and jails do not want",
        contents: text.finish(),
        is_fragment: true,
        syntax: Syntax::Sysctls,
    }
}
