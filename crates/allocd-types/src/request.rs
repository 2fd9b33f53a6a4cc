//! What is asked for besides a resource itself: deletions, registrations, batches, listings, and how fresh an answer has to be.

use crate::allocation::MissingResource;
use crate::filter::LeaseFilter;
use crate::grant::BatchMode;
use crate::page::PageSpec;

/// How fresh an answer has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// It shows everything that was answered before it was asked for.
    Linearizable,
    /// What the asked member knows.
    Stale,
}

/// A wish to delete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion<N> {
    /// What.
    pub name: N,
    /// Whether it may be gone already.
    pub missing: MissingResource,
}

/// A wish for several leases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch<T> {
    /// The wishes.
    pub items: Vec<T>,
    /// What becomes of the others when one is refused.
    pub mode: BatchMode,
}

/// A wish for a page of leases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseListing {
    /// Which page.
    pub page: PageSpec,
    /// Which leases.
    pub filter: LeaseFilter,
}
