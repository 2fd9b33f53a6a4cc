//! The simulator's one source of chance: a seed decides a whole run, so everything that is drawn is drawn from here.
//!
//! The generator is SplitMix64 (Steele, Lea, Flood 2014). A part that draws at its own pace gets a generator of its own by
//! [`Random::fork`], so that a further draw in one part does not change what another one draws.

/// A seeded generator.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The generator of a seed.
    #[must_use]
    pub const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// Another generator, decided by this one.
    #[must_use]
    pub const fn fork(&mut self) -> Self {
        Self(self.draw() ^ 0x5851_f42d_4c95_7f2d)
    }

    /// Any number.
    pub const fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number from `low` up to and with `high`. The bias of the remainder does not matter here.
    pub const fn between(&mut self, low: u64, high: u64) -> u64 {
        assert!(low <= high, "a range has its ends in order");
        low + self.draw() % (high - low + 1)
    }

    /// True in so many of a thousand cases.
    pub const fn in_a_thousand(&mut self, cases: u64) -> bool {
        self.draw() % 1_000 < cases
    }

    /// One of them; there has to be one.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let count = u64::try_from(from.len()).expect("a length fits");
        let at = self.between(0, count.checked_sub(1).expect("there is something to pick"));
        &from[usize::try_from(at).expect("below a length")]
    }
}
