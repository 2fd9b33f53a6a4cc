//! FreeBSD's commands without FreeBSD: front ends that take its arguments and print its texts, over any [`Kernel`].
//!
//! ifconfig(8), jail(8) and their like read arguments, ask the kernel and print. So they are written once, in [`commands`], and
//! what they ask is a trait. [`FakeHost`] puts a kernel in memory below them: a whole machine as a value, deterministic and with
//! a clock of its own, whose commands can be made to fail and before or after any of which its caller can be killed. Another
//! kernel may do the same things with real frames.
//!
//! Only what jails and their interfaces need is here. What the commands print is FreeBSD's text of the machine's release, as far
//! as it is known; a question that they cannot answer is an error and never a guess.

pub mod commands;

mod cloner;
mod errno;
mod faults;
mod host;
mod interface;
mod jail;
mod kernel;
mod machine;
mod memory;
mod network;
mod rc;
mod release;
mod route;
mod shell;
mod stock_mac;
#[cfg(test)]
mod tests;
mod userland;

pub use cloner::{cloners, names_of, parse_cloner, take_unit};
pub use errno::Errno;
pub use faults::{Fault, Killed, until_killed};
pub use host::{FakeHost, Record};
pub use interface::{Driver, Inet, Inet6, Inet6State, Interface, Member};
pub use jail::{Jail, JailDefinition, JailSpec};
pub use kernel::{Change, Kernel, Place};
pub use memory::{LOADABLE, PER_VNET, WRITABLE, stock_sysctls};
pub use network::{FakeNetwork, MachineOptions, stock_devfs_rules};
pub use release::Release;
pub use route::{ArpEntry, Destination, Gateway, Route};
pub use stock_mac::{CHOICE_OF_MACS, Digest, EpairRule, GeneratedRule, Identity, Moment, StockMacs};
pub use userland::Userland;
