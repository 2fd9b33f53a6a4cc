//! A machine's clocks, as functions of real time: all of the simulator counts real time in milliseconds from its beginning.
//!
//! The monotonic clock runs at its own rate from its own beginning and never jumps; the wall clock is wrong by any amount and
//! does. Rates differ from real time by half a percent at most, so two clocks differ by what design §5 allows, 1 %.

use std::time::Duration;

use allocd_client::deadline::HolderTime;
use allocd_replica::Monotonic;
use allocd_types::time::WallTime;

use super::random::Random;

/// The rate of real time, in millionths.
const RATE_TRUE: u64 = 1_000_000;
/// By how much a rate may be wrong, in millionths.
const RATE_ERROR_MAX: u64 = 5_000;
/// What wall clocks show when the simulation begins, if they are right.
const WALL_BEGINS: u64 = 1_700_000_000_000;

/// The clocks of one machine.
#[derive(Debug, Clone)]
pub struct Clock {
    rate: u64,
    /// When the monotonic clock began to count.
    began_at: u64,
    /// What the wall clock shows at the beginning.
    wall: u64,
}

impl Clock {
    /// Clocks that are as wrong as they may be.
    pub const fn drawn(random: &mut Random) -> Self {
        let rate = random.between(RATE_TRUE - RATE_ERROR_MAX, RATE_TRUE + RATE_ERROR_MAX);
        let wall = WALL_BEGINS + random.between(0, 3_600_000);
        Self { rate, began_at: 0, wall }
    }

    /// Begins the monotonic clock anew: the machine was started again.
    pub const fn restart(&mut self, real: u64) {
        self.began_at = real;
    }

    /// Sets the wall clock forward or, by less, back.
    pub const fn jump(&mut self, random: &mut Random) {
        let forward = random.between(0, 86_400_000);
        let back = random.between(0, 3_600_000);
        self.wall = self.wall.saturating_add(forward).saturating_sub(back);
    }

    /// What the monotonic clock shows.
    #[must_use]
    pub const fn monotonic(&self, real: u64) -> Monotonic {
        Monotonic(self.local(real))
    }

    /// What the wall clock shows.
    #[must_use]
    pub const fn wall(&self, real: u64) -> WallTime {
        WallTime::from_unix_millis(self.wall + real)
    }

    /// What a holder on this machine reckons by.
    #[must_use]
    pub const fn holder(&self, real: u64) -> HolderTime {
        HolderTime(Duration::from_millis(self.local(real)))
    }

    /// The first real moment at which the monotonic clock shows at least this.
    #[must_use]
    pub fn real(&self, local: HolderTime) -> u64 {
        let millis = u64::try_from(local.0.as_millis()).unwrap_or(u64::MAX / RATE_TRUE);
        self.began_at + (millis.min(u64::MAX / RATE_TRUE) * RATE_TRUE).div_ceil(self.rate)
    }

    const fn local(&self, real: u64) -> u64 {
        real.saturating_sub(self.began_at) * self.rate / RATE_TRUE
    }
}
