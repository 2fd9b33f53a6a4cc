//! The deterministic simulator: a whole cluster and its clients in one thread and one value, with the network, the disks, the
//! clocks and the power in the hand of one seed.
//!
//! ```text
//!  schedule ──► world ◄──► network, clock           one queue of happenings in real time, one after the other
//!                │  ▲
//!   member: door, replica, disk, transfers          the real allocd-replica and allocd-state; faults sit around it
//!   client: seats, calls                            the real deadline rules of allocd-client
//!   operator: chores, orders                        members that come and go; restores from backup are to be chores as well
//!                │
//!                ▼
//!           observation ──► check/*                 what was seen, judged by files that know nothing of the product's ways
//! ```
//!
//! What must hold: a seed decides everything, so nothing here asks a clock, starts a thread or goes through a hashed map.

pub mod call;
pub mod check;
pub mod client;
pub mod clock;
pub mod counts;
pub mod disk;
pub mod fault;
pub mod machine;
pub mod member;
pub mod message;
pub mod network;
pub mod observation;
pub mod operator;
pub mod order;
pub mod random;
mod restore;
pub mod run;
pub mod schedule;
pub mod trace;
pub mod transfer;
pub mod values;
pub mod wish;

mod members;
mod power;
mod snapshot;
mod trouble;
mod witness;
mod world;
