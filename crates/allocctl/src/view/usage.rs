//! How full pools are.

use allocd_types::usage::{Counts, Usage};
use serde::Serialize;

use super::pool::PoolRefJson;
use super::{Column, Resource, number, or_dash, text};

/// `allocd.v1.Usage`, with its counts as numbers.
#[derive(Serialize)]
pub(crate) struct UsageJson {
    pool: PoolRefJson,
    title: String,
    counts: CountsJson,
    used_percent: u8,
    level: String,
    next_free_in_ms: Option<u64>,
}

/// `allocd.v1.Counts`, as numbers.
#[derive(Serialize)]
struct CountsJson {
    free: u128,
    leased: u128,
    reserved: u128,
    quarantined: u128,
    excluded: u128,
}

impl Resource for Usage {
    type Json = UsageJson;

    const PLURAL: &'static str = "pools with a usage";
    const COLUMNS: &'static [Column] = &[
        text("POOL"),
        text("LEVEL"),
        number("USED"),
        number("FREE"),
        number("LEASED"),
        number("RESERVED"),
        number("QUARANTINED"),
        number("EXCLUDED"),
        number("NEXT FREE IN"),
    ];

    fn json(&self) -> UsageJson {
        UsageJson {
            pool: PoolRefJson::from(&self.pool),
            title: self.name(),
            counts: CountsJson::from(self.counts),
            used_percent: self.counts.used_percent(),
            level: self.level.to_string(),
            next_free_in_ms: self.next_free_in.map(|span| span.millis()),
        }
    }

    fn name(&self) -> String {
        self.pool.to_string()
    }

    fn cells(&self) -> Vec<String> {
        let Counts { free, leased, reserved, quarantined, excluded } = self.counts;
        vec![
            self.name(),
            self.level.to_string(),
            format!("{}%", self.counts.used_percent()),
            count(free),
            count(leased),
            count(reserved),
            count(quarantined),
            count(excluded),
            or_dash(self.next_free_in.as_ref()),
        ]
    }
}

/// A count that fits a column: a /64 has twenty digits, and nobody counts them.
fn count(number: u128) -> String {
    const EXACT_MAX: u128 = 10_000_000_000;
    if number <= EXACT_MAX {
        return number.to_string();
    }
    // Half as much again, so that all but the last few of a power of two is that power.
    format!("~2^{}", number.saturating_add(number / 2).ilog2())
}

impl From<Counts> for CountsJson {
    fn from(counts: Counts) -> Self {
        let Counts { free, leased, reserved, quarantined, excluded } = counts;
        Self { free, leased, reserved, quarantined, excluded }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_huge_count_is_told_as_a_power_of_two() {
        assert_eq!(count(1_022), "1022");
        assert_eq!(count(1 << 64), "~2^64");
        assert_eq!(count((1 << 64) - 500), "~2^64");
        assert_eq!(count(1 << 40), "~2^40");
    }
}
