//! The self-check: finds every broken invariant of a state, whatever brought it about.
//!
//! It trusts no index and no counter: everything that is kept twice for speed is derived again from the leases, reservations,
//! exclusions and specifications and compared.

mod host;
mod lease;
mod list;
mod rest;
mod space;

use crate::state::State;

/// One broken invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// What it is about: a lease, a pool, a host.
    pub subject: String,
    /// What is wrong, as a sentence without a final stop.
    pub message: String,
}

impl Flaw {
    fn new(subject: impl ToString, message: impl ToString) -> Self {
        Self { subject: subject.to_string(), message: message.to_string() }
    }
}

impl State {
    /// Every broken invariant; none in a sound state. Takes time in the order of everything there is.
    #[must_use]
    pub fn check(&self) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        lease::check(self, &mut flaws);
        self.check_beside_leases(flaws)
    }

    /// The same, for a state whose builder has put each value and holder of a lease in, and none of two leases.
    pub(crate) fn check_restored(&self) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        lease::check_restored(self, &mut flaws);
        self.check_beside_leases(flaws)
    }

    fn check_beside_leases(&self, mut flaws: Vec<Flaw>) -> Vec<Flaw> {
        host::check(self, &mut flaws);
        space::check(self, &mut flaws);
        list::check(self, &mut flaws);
        rest::check(self, &mut flaws);
        flaws
    }
}
