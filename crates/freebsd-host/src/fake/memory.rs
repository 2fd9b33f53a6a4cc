//! A kernel in memory: every machine of a network as plain data, with one clock for all of them.
//!
//! What one machine does can be seen on another, as a duplicate address or a line in its log, so all machines are one value,
//! [`World`]. A frame goes from interface to interface as it would through cables, bridges and the wire. Nothing happens by
//! itself: time passes when a command runs or a test says so.

mod bridge;
mod change;
mod create;
mod inet;
mod inet6;
mod jails;
mod kernel;
mod link;
mod machine;
mod modules;
mod routes;
mod sysctls;
mod vnet;

pub(super) use kernel::MemoryKernel;
pub(super) use machine::{Machine, World};
pub use modules::LOADABLE;
pub use sysctls::{PER_VNET, WRITABLE, stock_sysctls};
