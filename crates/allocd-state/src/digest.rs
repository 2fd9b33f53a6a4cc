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
    let mut hasher = StableHasher { sha256: Sha256::new(), buffer: [0; BUFFER_BYTES], filled: 0 };
    value.hash(&mut hasher);
    Digest(hasher.finalize())
}

/// What is gathered before SHA-256 takes it: `Hash` writes a few bytes at a time.
const BUFFER_BYTES: usize = 256;

/// Feeds what `Hash` writes to SHA-256, alike on every platform.
struct StableHasher {
    sha256: Sha256,
    buffer: [u8; BUFFER_BYTES],
    filled: usize,
}

impl StableHasher {
    fn finalize(mut self) -> [u8; 32] {
        self.sha256.update(&self.buffer[..self.filled]);
        self.sha256.finalize().into()
    }
}

impl Hasher for StableHasher {
    fn write(&mut self, bytes: &[u8]) {
        if self.filled + bytes.len() > BUFFER_BYTES {
            self.sha256.update(&self.buffer[..self.filled]);
            self.filled = 0;
        }
        match self.buffer.get_mut(self.filled..self.filled + bytes.len()) {
            Some(room) => {
                room.copy_from_slice(bytes);
                self.filled += bytes.len();
            }
            // It is longer than the buffer, which is empty.
            None => self.sha256.update(bytes),
        }
    }

    fn finish(&self) -> u64 {
        let Self { sha256, buffer, filled } = self;
        let bytes = Self { sha256: sha256.clone(), buffer: *buffer, filled: *filled }.finalize();
        u64::from_le_bytes(*bytes.first_chunk().expect("a SHA-256 has more than eight bytes"))
    }

    fn write_u8(&mut self, number: u8) {
        self.write(&[number]);
    }

    fn write_u16(&mut self, number: u16) {
        self.write(&number.to_le_bytes());
    }

    fn write_u32(&mut self, number: u32) {
        self.write(&number.to_le_bytes());
    }

    fn write_u64(&mut self, number: u64) {
        self.write(&number.to_le_bytes());
    }

    fn write_u128(&mut self, number: u128) {
        self.write(&number.to_le_bytes());
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(u64::try_from(number).expect("no platform's sizes exceed 64 bits"));
    }

    fn write_isize(&mut self, number: isize) {
        let number = i64::try_from(number).expect("no platform's sizes exceed 64 bits");
        self.write(&number.to_le_bytes());
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

    #[test]
    fn how_much_is_written_at_a_time_makes_no_difference() {
        struct Parts<'a>(&'a [u8], usize);
        impl Hash for Parts<'_> {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.0.chunks(self.1).for_each(|part| state.write(part));
            }
        }
        let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(3 * BUFFER_BYTES + 7).collect();
        let whole = Digest(Sha256::digest(&bytes).into());
        for size in [1, 7, BUFFER_BYTES - 1, BUFFER_BYTES, BUFFER_BYTES + 1, bytes.len()] {
            assert_eq!(digest_of(&Parts(&bytes, size)), whole, "{size}");
        }
    }
}
