//! The only place that starts processes: ifconfig(8), jail(8), jexec(8), jls(8) and the like, and what they say.
//!
//! ```text
//! Host, Stack          typed verbs: one command each, and what is there afterwards
//!    |       ^
//! Invocation  |        readers: pure, text of every release in, values out (interface, jail, message, arp, ...)
//!    |       |
//!    Runner -> Output  SystemRunner runs it on this machine
//! ```
//!
//! No shell stands between: arguments are handed on as they are, so a value is data whatever it holds. What a host says is
//! believed no further than it is its own word: a reader never panics, a listing that cannot be read is never an empty one, and
//! what comes out of a jail is the jail's word.

pub mod arp;
pub mod dataset;
#[cfg(any(test, feature = "fake"))]
pub mod fake;
pub mod host;
pub mod interface;
pub mod jail;
pub mod message;
pub mod module;
pub mod mount;
pub mod route;
pub mod ruleset;

mod command;
mod error;
mod invocation;
mod listing;
mod output;
mod path;
mod program;
mod runner;
mod seen;
mod sysctl;
mod system;

pub use error::CommandError;
pub use host::Host;
pub use invocation::{Invocation, TIME_LIMIT_DEFAULT, TIME_LIMIT_JAIL};
pub use listing::ListingError;
pub use output::{Exit, Output, STDERR_BYTES_MAX, STDOUT_BYTES_MAX};
pub use path::{HostPath, PathError};
pub use program::{Program, ProgramError};
pub use runner::{RunError, Runner};
pub use seen::Seen;
pub use sysctl::Sysctl;
pub use system::SystemRunner;
