//! The leases of one page's numbers.
//!
//! A page of few numbers in many has one lease, and that lies in the map's node itself: to copy the node then touches nothing
//! else. More than one lie behind an `Arc`, in the order of the numbers, with room for what is there.
//!
//! What must hold: each number of leases is kept in one way, so that equal pages are kept alike.

use std::sync::Arc;

use allocd_types::id::LeaseId;

use crate::pages::bits;

/// For how many more leases a page that is full gets room.
const ROOM: usize = 4;

/// The leases of one page's numbers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Leases {
    /// None of the numbers has one.
    None,
    /// One number has one.
    One(u8, LeaseId),
    /// Several numbers have one.
    Many(Arc<Many>),
}

/// The leases of two numbers or more.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Many {
    /// Which numbers have one, the lowest as the lowest bit.
    mask: u64,
    /// The leases, in the order of the numbers.
    leases: Vec<LeaseId>,
}

impl Leases {
    /// Which numbers have a lease, the lowest as the lowest bit.
    pub(super) fn mask(&self) -> u64 {
        match self {
            Self::None => 0,
            Self::One(bit, _) => 1 << bit,
            Self::Many(many) => many.mask,
        }
    }

    /// The lease of a number.
    pub(super) fn get(&self, bit: u32) -> Option<LeaseId> {
        match self {
            Self::One(at, lease) if u32::from(*at) == bit => Some(*lease),
            Self::Many(many) if many.has(bit) => many.leases.get(many.rank(bit)).copied(),
            Self::None | Self::One(..) | Self::Many(_) => None,
        }
    }

    /// Gives a number a lease. True if it had none.
    pub(super) fn insert(&mut self, bit: u32, lease: LeaseId) -> bool {
        let one = |bit| Self::One(u8::try_from(bit).expect("a page has 64 numbers"), lease);
        match self {
            Self::None => *self = one(bit),
            Self::One(at, _) if u32::from(*at) == bit => {
                *self = one(bit);
                return false;
            }
            Self::One(at, before) => {
                let mut many = Many { mask: 1 << *at, leases: vec![*before] };
                many.insert(bit, lease);
                *self = Self::Many(Arc::new(many));
            }
            Self::Many(many) => return Arc::make_mut(many).insert(bit, lease),
        }
        true
    }

    /// Takes a number's lease out. True if it had one.
    pub(super) fn remove(&mut self, bit: u32) -> bool {
        if self.mask() >> bit & 1 == 0 {
            return false;
        }
        match self {
            Self::None | Self::One(..) => *self = Self::None,
            Self::Many(many) => {
                let many = Arc::make_mut(many);
                many.leases.remove(many.rank(bit));
                many.mask &= !(1 << bit);
                if let [lease] = many.leases[..] {
                    let at = many.mask.trailing_zeros();
                    *self = Self::One(u8::try_from(at).expect("a page has 64 numbers"), lease);
                }
            }
        }
        true
    }

    /// The numbers that have a lease, with their leases.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, LeaseId)> + '_ {
        let leases = match self {
            Self::None => &[],
            Self::One(_, lease) => std::slice::from_ref(lease),
            Self::Many(many) => &many.leases,
        };
        bits(self.mask()).zip(leases.iter().copied())
    }
}

impl Many {
    const fn has(&self, bit: u32) -> bool {
        self.mask >> bit & 1 == 1
    }

    /// Where the lease of a number is, or would be.
    fn rank(&self, bit: u32) -> usize {
        let below = self.mask & !(u64::MAX << bit);
        usize::try_from(below.count_ones()).expect("a page has 64 numbers")
    }

    /// True if the number had none.
    fn insert(&mut self, bit: u32, lease: LeaseId) -> bool {
        let rank = self.rank(bit);
        if self.has(bit) {
            self.leases[rank] = lease;
            return false;
        }
        if self.leases.len() == self.leases.capacity() {
            self.leases.reserve_exact(ROOM.max(self.leases.len() / ROOM));
        }
        self.leases.insert(rank, lease);
        self.mask |= 1 << bit;
        true
    }
}
