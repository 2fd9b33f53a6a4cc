//! A member's durable log, hard state, snapshots and identity.
//!
//! ```text
//! <data directory>/
//!   lock        held while a process uses the directory
//!   identity    whose data this is, and a lower bound of what it must contain; outside the log on purpose
//!   segments/   the journal: records, hard state, configuration and base, in the order in which they were written
//!   snapshots/  sled: the current snapshot in chunks, and the pointer to it
//! ```
//!
//! [`DiskLog`] keeps the contract of `allocd_replica::log` (decision 0007). A flush is one sync of one file, and sled has no
//! part in it. The parts agree after any power cut by the order in which they become durable:
//!
//! ```text
//! flush                    journal ─► identity, if term or vote changed or the watermark lags
//! an own snapshot          journal ─► chunks ─► pointer ─► base (with the next flush) ─► old segments go
//! a peer's snapshot        journal ─► chunks ─► pointer that says "replaces" ─► the journal says the same
//! ```
//!
//! So when a directory is opened: an identity file never claims what the journal does not hold; a base has a snapshot that
//! contains it; a snapshot's entry is in the log, or the snapshot replaces a log that does not know yet, which is then told.
//! Anything else is damage. What must hold: whatever is refused, the data stays as it was found, so that the operator can
//! still decide.

mod damage;
mod disk_log;
mod identity;
mod journal;
mod lock;
mod open;
mod snapshots;
mod sync;

pub use damage::Damage;
pub use disk_log::DiskLog;
#[cfg(feature = "fuzz")]
pub use journal::fuzz;
pub use open::{OpenError, Owner};
