//! The leases of one host, to be found by their holders.
//!
//! A lease's record tells its holder, so names are not kept here again: there is a number made of them, and behind it the lease.
//! Numbers lie in the map's nodes, where comparing names would fetch each from elsewhere, and copying a node copies no counts of
//! references. Two holders may have one number, so whoever looks compares the records. Names that are chosen to have the same
//! number make the lookups on their own host slower, and nothing else.

use allocd_types::holder::Holder;
use allocd_types::id::LeaseId;
use imbl::OrdSet;

use crate::entropy::mix;

/// The leases of one host by their holders' numbers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Holders(OrdSet<(u64, LeaseId)>);

impl Holders {
    /// How many leases there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The leases, in no order that means anything.
    pub(crate) fn leases(&self) -> impl Iterator<Item = LeaseId> + '_ {
        self.0.iter().map(|(_, lease)| *lease)
    }

    /// The leases that a holder may have: its own is among them.
    pub(crate) fn candidates(&self, holder: &Holder) -> impl Iterator<Item = LeaseId> + '_ {
        let number = number_of(holder);
        let first = (number, LeaseId::default());
        let all = (!self.0.is_empty()).then(|| self.0.range(first..));
        all.into_iter().flatten().take_while(move |(other, _)| *other == number).map(|(_, lease)| *lease)
    }

    /// True if the lease is there as one of the holder.
    pub(crate) fn contains(&self, holder: &Holder, lease: LeaseId) -> bool {
        self.0.contains(&(number_of(holder), lease))
    }

    /// Puts a lease of a holder in.
    pub(crate) fn insert(&mut self, holder: &Holder, lease: LeaseId) {
        self.0.insert((number_of(holder), lease));
    }

    /// Takes a lease of a holder out.
    pub(crate) fn remove(&mut self, holder: &Holder, lease: LeaseId) {
        let entry = (number_of(holder), lease);
        // To remove what is not there would copy what a version holds.
        if self.0.contains(&entry) {
            self.0.remove(&entry);
        }
    }

    /// Takes all out.
    #[cfg(test)]
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

/// A number made of a holder's jail and interface, the same on every member.
fn number_of(holder: &Holder) -> u64 {
    let (jail, interface) = (holder.jail.as_str(), holder.interface.as_str());
    let words = |text: &str| -> u64 {
        text.as_bytes().chunks(size_of::<u64>()).fold(
            mix(text.len().try_into().unwrap_or(u64::MAX)),
            |number, part| {
                let mut word = [0; size_of::<u64>()];
                word[..part.len()].copy_from_slice(part);
                mix(number ^ u64::from_le_bytes(word))
            },
        )
    };
    mix(words(jail).rotate_left(1) ^ words(interface))
}
