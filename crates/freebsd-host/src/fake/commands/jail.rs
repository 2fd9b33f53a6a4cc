//! jail(8): jails from files and from command lines, started and stopped with all their hooks.
//!
//! The order is that of `startcommands` and `stopcommands` in jail.c. A failed start is taken back without its stop hooks, which
//! is why whoever writes hooks has to expect leftovers.

mod arguments;
mod hook;
mod invoke;
mod shared;
mod start;
mod stop;
mod story;

pub use invoke::jail;
