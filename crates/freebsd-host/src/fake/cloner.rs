//! What `ifconfig NAME create` asks for: a kind of interface, and a unit (sys/net/if_clone.c).

use super::errno::Errno;
use super::interface::Driver;

/// The last unit (`IF_MAXUNIT` in sys/net/if.h).
const UNIT_MAX: u32 = 0x7fff;
/// The kinds that can be created, with the module that each comes with.
const CLONERS: &[(Driver, &str)] = &[
    (Driver::Bridge, "if_bridge"),
    (Driver::Epair, "if_epair"),
    (Driver::Loopback, "kernel"),
    (Driver::Tap, "kernel"),
    (Driver::Tun, "kernel"),
];

/// The kinds whose modules are there.
#[must_use]
pub fn cloners(is_loaded: impl Fn(&str) -> bool) -> Vec<&'static str> {
    let loaded = CLONERS.iter().filter(|(_, module)| is_loaded(module));
    loaded.map(|(driver, _)| driver.as_str()).collect()
}

/// The kind that a name asks for, and the unit if it says one.
///
/// # Errors
/// [`Errno::Invalid`] if there is no such kind or the number is none, [`Errno::NoSpace`] if there is no such unit.
pub fn parse_cloner(name: &str, is_loaded: impl Fn(&str) -> bool) -> Result<(Driver, Option<u32>), Errno> {
    let letters = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &name[letters.len()..];
    let known = CLONERS.iter().find(|(driver, module)| driver.as_str() == letters && is_loaded(module));
    let (driver, _) = known.ok_or(Errno::Invalid)?;
    if digits.is_empty() {
        return Ok((*driver, None));
    }
    // ifc_name2unit takes no leading zero, and nothing behind the number.
    if digits.len() > 1 && digits.starts_with('0') {
        return Err(Errno::Invalid);
    }
    match digits.parse() {
        Ok(unit) if unit <= UNIT_MAX => Ok((*driver, Some(unit))),
        Ok(_) | Err(_) => Err(Errno::NoSpace),
    }
}

/// The unit asked for if it is free, or the first that is.
///
/// # Errors
/// [`Errno::Exists`] if the unit is taken, [`Errno::NoSpace`] if all are.
pub fn take_unit(asked: Option<u32>, is_free: impl Fn(u32) -> bool) -> Result<u32, Errno> {
    match asked {
        Some(unit) if is_free(unit) => Ok(unit),
        Some(_) => Err(Errno::Exists),
        None => (0..=UNIT_MAX).find(|unit| is_free(*unit)).ok_or(Errno::NoSpace),
    }
}

/// The names of the interfaces that a unit of a kind has: two of an epair.
#[must_use]
pub fn names_of(driver: Driver, unit: u32) -> Vec<String> {
    let ends: &[&str] = if driver == Driver::Epair { &["a", "b"] } else { &[""] };
    ends.iter().map(|end| format!("{}{unit}{end}", driver.as_str())).collect()
}
