//! The only place that starts processes: ifconfig(8), jail(8), jexec(8), jls(8) and the like, and what they say.
//!
//! An [`Invocation`] is a program and its arguments, a [`Runner`] runs one, and an [`Output`] is how it ended and what it wrote.
//! No shell stands between: arguments are handed on as they are, so a value is data whatever it holds.

pub mod arp;
pub mod dataset;
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
pub use invocation::{Invocation, TIME_LIMIT_DEFAULT, TIME_LIMIT_JAIL};
pub use listing::ListingError;
pub use output::{Exit, Output, STDERR_BYTES_MAX, STDOUT_BYTES_MAX};
pub use path::{HostPath, PathError};
pub use program::{Program, ProgramError};
pub use runner::{RunError, Runner};
pub use seen::Seen;
pub use sysctl::Sysctl;
pub use system::SystemRunner;
