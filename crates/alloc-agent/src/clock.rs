//! The clock by which this host counts how long leases last: it never goes back, and it counts while the machine is suspended.

use std::fmt::Debug;
use std::time::Duration;

use allocd_client::deadline::HolderTime;
use rustix::time::{ClockId, clock_gettime};

/// The clock that counts while the machine is suspended (clock_gettime(2)).
#[cfg(target_os = "linux")]
const COUNTS_SUSPEND: ClockId = ClockId::Boottime;
#[cfg(not(target_os = "linux"))]
const COUNTS_SUSPEND: ClockId = ClockId::Monotonic;

/// A clock.
pub(crate) trait Clock: Debug {
    /// The time since a moment that stays the same until the machine boots again.
    fn now(&self) -> HolderTime;
}

/// The machine's own.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct MachineClock;

impl Clock for MachineClock {
    fn now(&self) -> HolderTime {
        let now = clock_gettime(COUNTS_SUSPEND);
        // It counts up from a boot, so that neither part is negative.
        let (seconds, nanos) = (now.tv_sec.try_into(), now.tv_nsec.try_into());
        HolderTime(Duration::new(seconds.unwrap_or(u64::MAX), nanos.unwrap_or(0)))
    }
}
