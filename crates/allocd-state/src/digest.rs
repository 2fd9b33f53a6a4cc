//! Digests: of the allocation state, of the request memory, of a request's payload.
//!
//! Everything that is digested derives `Hash`, so that a new field cannot be forgotten; the hasher below turns what `Hash`
//! writes into bytes that are the same on every platform (sizes as 64 bits, little endian) and feeds them to SHA-256.
//! Digests are compared between members of one version; nothing is stored by them.

use std::hash::{Hash, Hasher};

use allocd_types::id::Digest;
use sha2::{Digest as _, Sha256};

/// The SHA-256 of a value's contents.
#[must_use]
pub fn digest_of(value: &impl Hash) -> Digest {
    let mut hasher = StableHasher(Sha256::new());
    value.hash(&mut hasher);
    Digest(hasher.0.finalize().into())
}

/// Feeds what `Hash` writes to SHA-256, alike on every platform.
struct StableHasher(Sha256);

impl Hasher for StableHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let bytes: [u8; 32] = self.0.clone().finalize().into();
        u64::from_le_bytes(*bytes.first_chunk().expect("a SHA-256 has more than eight bytes"))
    }

    fn write_u16(&mut self, number: u16) {
        self.0.update(number.to_le_bytes());
    }

    fn write_u32(&mut self, number: u32) {
        self.0.update(number.to_le_bytes());
    }

    fn write_u64(&mut self, number: u64) {
        self.0.update(number.to_le_bytes());
    }

    fn write_u128(&mut self, number: u128) {
        self.0.update(number.to_le_bytes());
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(u64::try_from(number).expect("no platform's sizes exceed 64 bits"));
    }

    fn write_isize(&mut self, number: isize) {
        let number = i64::try_from(number).expect("no platform's sizes exceed 64 bits");
        self.0.update(number.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_has_another_digest() {
        assert_eq!(digest_of(&("a", 1_u32)), digest_of(&("a", 1_u32)));
        assert_ne!(digest_of(&("a", 1_u32)), digest_of(&("a", 2_u32)));
        assert_ne!(digest_of(&["ab", "c"]), digest_of(&["a", "bc"]));
    }
}
