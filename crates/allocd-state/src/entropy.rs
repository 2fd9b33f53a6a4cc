//! Randomness that every member draws alike: SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
//!
//! The seed comes with the log's entry; a generator that is written out here cannot change with a library's release, and a
//! member of another version must draw the same.

/// A stream of numbers from one seed.
#[derive(Debug, Clone)]
pub struct Entropy(u64);

impl Entropy {
    /// Makes the stream of one command: from its entry's seed and its position in it.
    #[must_use]
    pub const fn new(seed: u64, position: u64) -> Self {
        Self(mix(seed ^ mix(position.wrapping_add(0x9e37_79b9_7f4a_7c15))))
    }

    /// Draws the next number.
    pub const fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }
}

/// Mixes the bits of a number: each of them moves half of the result.
pub(crate) const fn mix(seed: u64) -> u64 {
    let mut z = seed;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_the_stream_and_positions_differ() {
        let draw = |seed, position| Entropy::new(seed, position).draw();
        assert_eq!(draw(1, 0), draw(1, 0));
        assert_ne!(draw(1, 0), draw(1, 1));
        assert_ne!(draw(1, 0), draw(2, 0));
    }

    #[test]
    fn the_generator_is_the_published_one() {
        // The first outputs of SplitMix64 from state 0, as published with the reference code.
        let mut stream = Entropy(0);
        assert_eq!([stream.draw(), stream.draw()], [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4]);
    }
}
