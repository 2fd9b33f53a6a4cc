//! How programs talk to a cluster: endpoints, retries with one request id, resumable watches, decoded problems.
//!
//! A [`client::Client`] knows several members and asks one; when that one is away or has no leader, it asks the next, with the
//! same request id, until the call's deadline. Words go in and words come out; messages and statuses stay inside.
//!
//! ```text
//! method ─► message with request id ─► attempt at the current member ─► answer
//!                                        │ UNAVAILABLE, or no answer
//!                                        └► next member, short pause, same id ─► …until the deadline ─► ClientError
//! ```
//!
//! What must hold: one call has one request id over all its attempts, and only what is safe to repeat is repeated.

pub mod backup;
pub mod client;
pub mod config;
pub mod deadline;
pub mod endpoint;
pub mod error;
pub mod watch;

mod admin;
mod call;
mod host;
mod lease;
mod listing;
mod members;
mod methods;
mod network;
mod pool;
mod reservation;
mod retry;

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;
