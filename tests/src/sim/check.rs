//! The checkers: each judges one promise from what is seen, by means of its own.
//!
//! A new one gets a file of its own and a line in [`Checkers::all`]. Promises about snapshots are judged by the same ones, and
//! those about restores will be: none of them knows how a member came by its state. Those about changes of members have two more.

mod durable;
mod equal;
mod history;
mod holders;
mod leaders;
mod lifetime;
mod list;
mod living;
mod majorities;
mod members;
mod model;
mod once;
mod one_log;
mod pools;
mod quarantine;
mod replay;

pub use list::{Checker, Checkers, Violation};
