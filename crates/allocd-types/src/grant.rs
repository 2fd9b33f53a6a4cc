//! What an allocation gives: a lease, and whether it is new; and what becomes of a batch when one of it is refused.

use crate::lease::Lease;

/// A lease that was granted, now or before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// The lease.
    pub lease: Lease,
    /// Whether it is new.
    pub novelty: Novelty,
}

/// Whether a granted lease is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Novelty {
    /// Granted by this request.
    New,
    /// The holder had it before.
    Existing,
}

/// What becomes of a batch when one of it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BatchMode {
    /// Nothing of it is done.
    AllOrNothing,
    /// The others are done.
    PartialOk,
}
