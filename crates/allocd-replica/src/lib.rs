//! One Raft member as a synchronous value: ticks, messages, proposals and reads go in, effects come out.
//!
//! ```text
//!             tick, step, propose, read                    Effect: Send, Events, State, Answer, Read, Role
//!                        |                                                     ^
//!                        v                                                     |
//!   inbox --> raft's RawNode --> ready: log, flush, apply --> allocd-state's Machine
//!                                  |            ^
//!                                  v            |
//!                                LogStore     codec (allocd.storage.v1)
//! ```
//!
//! [`Replica`] owns all three and knows no clock, thread, file or socket: time is told to it, a [`log::LogStore`] is given
//! to it, and its randomness is a seed. So a whole cluster can be driven by hand in a test, and again, exactly the same.
//!
//! What must hold: nothing that depends on an entry leaves this member before the flush that covers it (`ready.rs` keeps
//! the order), and what cannot be understood stops the replica rather than let it diverge ([`Fault`]).

mod apply;
mod cache;
mod change;
pub mod codec;
mod config;
mod effects;
mod election;
mod fault;
mod founding;
mod handover;
mod inbox;
mod levels;
pub mod log;
mod logger;
mod membership;
mod outbox;
mod proposals;
mod random;
mod reads;
mod ready;
mod removal;
mod replica;
mod restore;
mod snapshots;
mod storage;
mod time;

pub use change::{ChangeRefused, LAG_MAX, MEMBERS_MAX, Progress, VOTERS_MAX};
pub use codec::{
    Backup, BackupDecoder, BackupError, BackupHead, CodecError, Level, LevelOf, Snapshot, SnapshotCodecError,
    SnapshotDecoder,
};
pub use config::{
    Config, ConfigError, ELECTION_TICKS_DEFAULT, HEARTBEAT_TICKS_DEFAULT, SnapshotLimits, VOTERS_ALLOWED,
};
pub use effects::{Answer, Author, Effect, Role, Standing, Status, Token, Unavailable};
pub use fault::{Fault, StartError};
pub use inbox::Refusal;
pub use levels::UpgradePending;
pub use membership::Membership;
pub use proposals::{COMMAND_BYTES_MAX, ENTRY_BYTES_MAX, PROPOSALS_WAITING_MAX, Proposal};
pub use reads::{READ_DEADLINE_TICKS, READ_RETRY_TICKS, READS_WAITING_MAX};
pub use replica::Replica;
pub use restore::begin_with;
pub use snapshots::{Delivery, SnapshotJob};
pub use time::Monotonic;
