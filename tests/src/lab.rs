//! The lab: FreeBSD's commands over a Linux kernel, so that what they arrange carries real frames.
//!
//! A host is a process with its own network, mounts and processes; a jail of it is a network namespace. epairs are veth pairs,
//! bridges are bridges, and duplicate addresses are detected by the kernel. The commands are those of freebsd-host's fake; here
//! is only the kernel below them, and what Linux does not know of FreeBSD's is kept in a file: units, indices, homes, jails.
//!
//! **This is not FreeBSD.** It has its names, its order of events and its messages, as far as they are written down; it has not
//! its scheduling, its bugs or its drivers.
//!
//! ```text
//!   wire (bridge) ── em0 ── host 1: /sbin/ifconfig ... = lab-freebsd ── bridge0 ── epair1a │ epair1b ── jail j1
//!               └── em0 ── host 2 ...
//! ```

mod ambush;
mod arp;
mod asking;
mod changes;
mod echo;
mod host;
mod inet6;
mod interfaces;
mod ip;
mod jails;
mod kernel;
mod link;
mod machine;
mod neighbours;
mod netlink;
mod pinging;
mod processes;
mod routes;
mod scene;
mod state;

pub use ambush::Prey;
pub use asking::{Asked, Asker};
pub use host::LabHost;
pub use machine::LabMachine;
pub use pinging::{Answers, Pinging};
pub use scene::{Boot, Scene};
