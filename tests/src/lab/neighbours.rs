//! The neighbours that a network stack has found, and how it forgets them.
//!
//! Linux keeps those of all stacks in one table with one limit for the machine (gc_thresh3 in arp(7)), which is too small for a
//! hundred jails that all know each other. What the kernel lists as there is sent back to it as what is to go.

use std::io;

use super::netlink::Netlink;

const RTM_DELNEIGH: u16 = 29;
const RTM_GETNEIGH: u16 = 30;
/// A `struct ndmsg` that asks for the neighbours of every interface and family.
const EVERY: [u8; 12] = [0; 12];

/// Forgets all neighbours of a stack.
pub(super) fn forget(kernel: &Netlink) -> io::Result<()> {
    kernel.delete(RTM_DELNEIGH, &kernel.list(RTM_GETNEIGH, &EVERY)?)
}
