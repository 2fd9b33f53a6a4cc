//! The network: every message is lost, late, doubled or overtaken, and some ways are closed, in one direction or both.
//!
//! Members have their ids as addresses, clients have [`CLIENT`] and more: a partition may cut clients off as well.

use std::collections::BTreeSet;

use super::random::Random;

/// The first address that is a client's.
pub const CLIENT: u64 = 1_000;

/// How bad the network is, apart from partitions.
#[derive(Debug, Clone, Copy)]
pub struct Quality {
    /// How many of a thousand messages are lost.
    pub lost: u64,
    /// How many of a thousand arrive twice.
    pub doubled: u64,
    /// How many of a thousand take very long.
    pub late: u64,
    /// The longest usual delay, in milliseconds.
    pub delay_max: u64,
}

/// What every message is subject to once all is well.
pub const HEALTHY: Quality = Quality { lost: 0, doubled: 0, late: 0, delay_max: 5 };
/// The longest delay of what takes very long, in milliseconds.
pub const LATE_MAX: u64 = 4_000;

/// The network.
pub struct Network {
    quality: Quality,
    closed: BTreeSet<(u64, u64)>,
    random: Random,
}

impl Network {
    /// A network of a quality, all of it open.
    #[must_use]
    pub const fn new(quality: Quality, random: Random) -> Self {
        Self { quality, closed: BTreeSet::new(), random }
    }

    /// After how many milliseconds a message arrives: at none, one or two moments.
    pub fn send(&mut self, from: u64, to: u64) -> Vec<u64> {
        if self.closed.contains(&(from, to)) || self.random.in_a_thousand(self.quality.lost) {
            return Vec::new();
        }
        let copies = if self.random.in_a_thousand(self.quality.doubled) { 2 } else { 1 };
        (0..copies).map(|_| self.delay()).collect()
    }

    /// True if the way is open; what is under way when it closes is lost.
    #[must_use]
    pub fn is_open(&self, from: u64, to: u64) -> bool {
        !self.closed.contains(&(from, to))
    }

    /// Closes a way.
    pub fn close(&mut self, from: u64, to: u64) {
        self.closed.insert((from, to));
    }

    /// Opens all ways.
    pub fn open_all(&mut self) {
        self.closed.clear();
    }

    /// Makes the network as good as it gets.
    pub fn heal(&mut self) {
        self.open_all();
        self.quality = HEALTHY;
    }

    const fn delay(&mut self) -> u64 {
        if self.random.in_a_thousand(self.quality.late) {
            self.random.between(self.quality.delay_max, LATE_MAX)
        } else {
            self.random.between(1, self.quality.delay_max)
        }
    }
}
