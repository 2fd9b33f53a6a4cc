//! Blocks of MAC addresses, of which pools are made.
//!
//! A pool may only hold addresses that no card, kernel or hypervisor generates by itself: unicast, locally administered
//! (IEEE 802c), and outside what others generate.

use std::fmt;
use std::str::FromStr;

use super::generator::RESERVED;
use super::{Mac, MacError};

/// Shortest prefix of a block, in bits: a pool is at most 2³² addresses.
pub const BLOCK_PREFIX_BITS_MIN: u8 = 16;
/// Longest prefix of a block, in bits: a block holds at least one aligned pair.
pub const BLOCK_PREFIX_BITS_MAX: u8 = 47;

/// A block of MAC addresses under one prefix, such as `12:34:56:00:00:00/24`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MacBlock {
    base: Mac,
    prefix_bits: u8,
}

impl MacBlock {
    /// Makes a block.
    ///
    /// # Errors
    /// [`MacError::MalformedBlock`] if the prefix is not 16 to 47 bits long, [`MacError::UnalignedBlock`] if bits below it are set.
    pub fn new(base: Mac, prefix_bits: u8) -> Result<Self, MacError> {
        let text = format!("{base}/{prefix_bits}");
        if !(BLOCK_PREFIX_BITS_MIN..=BLOCK_PREFIX_BITS_MAX).contains(&prefix_bits) {
            return Err(MacError::MalformedBlock { text });
        }
        let mask = (1_u64 << (48 - prefix_bits)) - 1;
        if base.bits() & mask != 0 {
            return Err(MacError::UnalignedBlock {
                block: text,
                base: Mac::from_bits(base.bits() & !mask),
                prefix_bits,
            });
        }
        Ok(Self { base, prefix_bits })
    }

    /// The block's first address.
    #[must_use]
    pub const fn first(self) -> Mac {
        self.base
    }

    /// The block's last address.
    #[must_use]
    pub const fn last(self) -> Mac {
        Mac::from_bits(self.base.bits() | ((1_u64 << (48 - self.prefix_bits)) - 1))
    }

    /// The length of the prefix, in bits.
    #[must_use]
    pub const fn prefix_bits(self) -> u8 {
        self.prefix_bits
    }

    /// True if the address lies in the block.
    #[must_use]
    pub fn contains(self, mac: Mac) -> bool {
        self.first() <= mac && mac <= self.last()
    }

    /// True if the blocks share an address.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.first() <= other.last() && other.first() <= self.last()
    }

    /// Checks that a pool may hand the block out.
    ///
    /// # Errors
    /// [`MacError`] says whose addresses these are.
    pub fn check_for_pool(self) -> Result<(), MacError> {
        self.base.check_usable()?;
        for (octets, generator) in RESERVED {
            let mut first = [0; 6];
            first[..octets.len()].copy_from_slice(octets);
            let bits = u8::try_from(octets.len() * 8).expect("a generator has at most six octets");
            let mask = (1_u64 << (48 - bits)) - 1;
            let (low, high) = (Mac::new(first), Mac::from_bits(Mac::new(first).bits() | mask));
            if self.first() <= high && low <= self.last() {
                return Err(MacError::Generated { mac: self.first().max(low), generator });
            }
        }
        if !self.base.is_local() {
            return Err(MacError::Universal { mac: self.base });
        }
        Ok(())
    }

    /// A remark about a block that may be used but might surprise, or nothing.
    ///
    /// FreeBSD's jib derives first octets that end in 2, 6, a or e from a hash of the jail's name; only the default low nibble
    /// 2 outside nic 0 and our own random choice keep clear of most of them.
    #[must_use]
    pub fn remark(self) -> Option<String> {
        let first = self.base.octets()[0];
        (matches!(first & 0x0f, 0x06 | 0x0a | 0x0e)).then(|| {
            format!("{self}: FreeBSD's jib script derives addresses that begin so, and IEEE 802c keeps low nibbles 6, a and e for others; 2 is free")
        })
    }
}

impl FromStr for MacBlock {
    type Err = MacError;

    fn from_str(text: &str) -> Result<Self, MacError> {
        let malformed = || MacError::MalformedBlock { text: text.chars().take(64).collect() };
        let (base, bits) = text.split_once('/').ok_or_else(malformed)?;
        Self::new(base.parse().map_err(|_| malformed())?, bits.parse().map_err(|_| malformed())?)
    }
}

impl fmt::Display for MacBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/{}", self.base, self.prefix_bits))
    }
}

impl fmt::Debug for MacBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mac(text: &str) -> Mac {
        text.parse().unwrap()
    }

    #[test]
    fn a_pool_keeps_clear_of_everybody_elses_generator() {
        for bad in [
            "02:00:00:00:00:00/24",
            "52:54:00:00:00:00/24",
            "fe:00:00:00:00:00/16",
            "58:9c:fc:00:00:00/24",
            "58:9c:00:00:00:00/16",
            "00:a0:98:00:00:00/24",
            "00:bd:00:00:00:00/16",
            "0a:00:27:00:00:00/24",
            "0a:00:00:00:00:00/16",
            "01:00:5e:00:00:00/24",
            "00:50:56:00:00:00/24",
            "00:00:00:00:00:00/24",
        ] {
            let block: MacBlock = bad.parse().unwrap();
            assert!(block.check_for_pool().is_err(), "{bad}");
        }
        for good in
            ["12:34:56:00:00:00/24", "0a:00:28:00:00:00/24", "f2:00:00:00:00:00/16", "12:34:56:78:9a:00/47"]
        {
            assert_eq!(good.parse::<MacBlock>().unwrap().check_for_pool(), Ok(()), "{good}");
        }
    }

    #[test]
    fn a_block_is_aligned_and_bounded() {
        assert!("12:34:56:00:00:01/24".parse::<MacBlock>().is_err());
        assert!("12:34:56:00:00:00/48".parse::<MacBlock>().is_err());
        assert!("12:34:56:00:00:00/8".parse::<MacBlock>().is_err());
        let block: MacBlock = "12:34:56:00:00:00/24".parse().unwrap();
        assert_eq!(block.last(), mac("12:34:56:ff:ff:ff"));
        assert!(block.contains(mac("12:34:56:01:02:03")) && !block.contains(mac("12:34:57:00:00:00")));
    }
}
