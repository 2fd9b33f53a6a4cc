//! A member's durable log, hard state and identity, on sled.
//!
//! ```text
//! <data directory>/
//!   lock        held while a process uses the directory
//!   identity    whose data this is, and a lower bound of what it must contain; outside sled on purpose
//!   log/        sled: one record a key, and the current snapshot in chunks
//! ```
//!
//! [`SledLog`] keeps the contract of `allocd_replica::log` and the rules that sled's edges make necessary (decision 0003).
//! What must hold: whatever is refused on opening, the data stays as it was found, so that the operator can still decide.

mod garbage;
mod identity;
mod layout;
mod load;
mod lock;
mod open;
mod sled_log;
mod snapshot;
mod sync;

pub use open::{OpenError, Owner};
pub use sled_log::SledLog;
