//! The leases of one host, to be found by their holders.

use allocd_types::holder::Holder;
use allocd_types::id::LeaseId;

use crate::name_index::{NameIndex, number_of};

/// The leases of one host by their holders' jails and interfaces; a lease's record tells its holder.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Holders(NameIndex<LeaseId>);

impl Holders {
    /// How many leases there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The leases, in no order that means anything.
    pub(crate) fn leases(&self) -> impl Iterator<Item = LeaseId> + '_ {
        self.0.all()
    }

    /// The leases that a holder may have: its own is among them.
    pub(crate) fn candidates(&self, holder: &Holder) -> impl Iterator<Item = LeaseId> + '_ {
        self.0.candidates(Self::number(holder))
    }

    /// True if the lease is there as one of the holder.
    pub(crate) fn contains(&self, holder: &Holder, lease: LeaseId) -> bool {
        self.0.contains(Self::number(holder), lease)
    }

    /// Puts a lease of a holder in.
    pub(crate) fn insert(&mut self, holder: &Holder, lease: LeaseId) {
        self.insert_numbered(Self::number(holder), lease);
    }

    /// Puts a lease of the holder with that number in.
    pub(crate) fn insert_numbered(&mut self, number: u64, lease: LeaseId) {
        self.0.insert(number, lease);
    }

    /// The number that the leases of a holder are kept under.
    pub(crate) fn number(holder: &Holder) -> u64 {
        number_of(holder.jail.as_str(), holder.interface.as_str())
    }

    /// Takes a lease of a holder out.
    pub(crate) fn remove(&mut self, holder: &Holder, lease: LeaseId) {
        self.0.remove(Self::number(holder), lease);
    }

    /// Takes all out.
    #[cfg(test)]
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
