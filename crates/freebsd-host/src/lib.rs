//! The only place that starts processes: ifconfig(8), jail(8), jexec(8), jls(8) and the like, and what they say.
//!
//! An [`Invocation`] is a program and its arguments, a [`Runner`] runs one, and an [`Output`] is how it ended and what it wrote.
//! No shell stands between: arguments are handed on as they are, so a value is data whatever it holds.

pub mod interface;
pub mod message;

mod error;
mod invocation;
mod listing;
mod output;
mod program;
mod runner;
mod seen;
mod system;

pub use error::CommandError;
pub use invocation::{Invocation, TIME_LIMIT_DEFAULT, TIME_LIMIT_JAIL};
pub use listing::ListingError;
pub use output::{Exit, Output, STDERR_BYTES_MAX, STDOUT_BYTES_MAX};
pub use program::{Program, ProgramError};
pub use runner::{RunError, Runner};
pub use seen::Seen;
pub use system::SystemRunner;
