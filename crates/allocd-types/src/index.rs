//! Unit numbers of cloned interfaces: the `7` of `epair7a`.

use std::fmt;
use std::str::FromStr;

/// The kernel's last unit (`IF_MAXUNIT` in sys/net/if.h).
pub const UNIT_MAX: u16 = 0x7fff;

/// A unit number the kernel accepts: 0 to 32767.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitIndex(u16);

/// Why a number or text is no unit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// Not a number of decimal digits without a sign.
    #[error("{text} is no unit number")]
    Malformed {
        /// What was given.
        text: String,
    },
    /// Beyond what the kernel clones.
    #[error("{text} is above the kernel's last unit, 32767")]
    AboveLast {
        /// What was given.
        text: String,
    },
}

impl UnitIndex {
    /// The first unit.
    pub const FIRST: Self = Self(0);
    /// The kernel's last unit.
    pub const LAST: Self = Self(UNIT_MAX);

    /// Makes a unit number.
    ///
    /// # Errors
    /// [`UnitError::AboveLast`] if the kernel has no such unit.
    pub fn new(unit: u32) -> Result<Self, UnitError> {
        match u16::try_from(unit) {
            Ok(unit) if unit <= UNIT_MAX => Ok(Self(unit)),
            Ok(_) | Err(_) => Err(UnitError::AboveLast { text: unit.to_string() }),
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl FromStr for UnitIndex {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let shown = || text.chars().take(32).collect::<String>();
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(UnitError::Malformed { text: shown() });
        }
        let unit = text.parse::<u32>().map_err(|_| UnitError::AboveLast { text: shown() })?;
        Self::new(unit)
    }
}

impl fmt::Display for UnitIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for UnitIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_units_and_no_others() {
        assert_eq!("32767".parse::<UnitIndex>(), Ok(UnitIndex::LAST));
        assert_eq!(
            "32768".parse::<UnitIndex>().unwrap_err().to_string(),
            "32768 is above the kernel's last unit, 32767"
        );
        assert_eq!("-1".parse::<UnitIndex>().unwrap_err().to_string(), "-1 is no unit number");
        assert!("99999999999999999999".parse::<UnitIndex>().is_err());
        assert!("".parse::<UnitIndex>().is_err());
        assert!("+1".parse::<UnitIndex>().is_err());
    }
}
