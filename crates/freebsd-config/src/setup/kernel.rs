//! The kernel's configuration, config(5), for the releases whose GENERIC has no VIMAGE.

use super::fragment::Fragment;
use super::options::SetupOptions;
use super::{SetupFile, Syntax};
use crate::release::Release;

pub(super) fn file(options: &SetupOptions) -> SetupFile {
    let release = options.release;
    let mut text = Fragment::new(&[
        "A kernel for jails with network stacks of their own. On a machine other than amd64, its directory is another one.",
        "make -C /usr/src buildkernel KERNCONF=VIMAGE && make -C /usr/src installkernel KERNCONF=VIMAGE",
    ]);
    text.line("include GENERIC");
    text.line("ident VIMAGE");
    text.part(&["A network stack for each jail; the bridge that jails are plugged into; the cable to it."]);
    text.line("options VIMAGE");
    text.line("device if_bridge");
    text.line("device epair");
    if options.with_tap {
        text.part(&["The interface by which a virtual machine is on the bridge."]);
        text.line("device tap");
    }
    if options.with_netgraph {
        text.part(&["For jails on netgraph(4) instead of a bridge and cables."]);
        for option in ["NETGRAPH", "NETGRAPH_ETHER", "NETGRAPH_BRIDGE", "NETGRAPH_EIFACE", "NETGRAPH_SOCKET"]
        {
            text.line(&format!("options {option}"));
        }
    }
    if release < Release::FIRST_WITH_SCTP_BESIDE_VIMAGE {
        text.part(&["SCTP, which GENERIC has, does not work together with VIMAGE before FreeBSD 10."]);
        text.line("nooptions SCTP");
    }
    if release < Release::FIRST_WITH_PF_BESIDE_VIMAGE {
        text.part(&[
            "No `device pf`, and no pf.ko either: before FreeBSD 11 the kernel panics as soon as a jail gets its network stack",
            "(pf_altq_ifnet_event, pfi_attach_ifnet_event). ipfw(4) works.",
        ]);
    }
    SetupFile {
        path: "/usr/src/sys/amd64/conf/VIMAGE".to_owned(),
        purpose: "a kernel with VIMAGE, which GENERIC has from FreeBSD 12 on",
        contents: text.finish(),
        is_fragment: false,
        syntax: Syntax::Lines,
    }
}
