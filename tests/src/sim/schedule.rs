//! What goes wrong, and how often: each seed draws a profile, in which some sorts of trouble are left out altogether, for
//! trouble that comes always hides trouble that comes seldom.

use allocd_replica::SnapshotLimits;

use super::network::{LATE_MAX, Quality};
use super::random::Random;

/// A sort of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// One member is cut off, in both directions.
    Isolate,
    /// The members fall into two halves.
    Split,
    /// One way between two members is closed, in one direction.
    OneWay,
    /// A client's machine is cut off from some members.
    CutClient,
    /// All ways are open again.
    Open,
    /// A member's power fails now.
    Crash,
    /// A member's power fails at one of its next writes.
    CrashAtWrite,
    /// Everybody's power fails.
    CrashAll,
    /// A member is held up.
    PauseMember,
    /// A client's machine is held up.
    PauseClient,
    /// A member's wall clock jumps.
    WallJump,
    /// A read of a disk fails once.
    ReadError,
    /// A record of a disk rots.
    Rot,
}

impl Trouble {
    const ALL: [Self; 13] = [
        Self::Isolate,
        Self::Split,
        Self::OneWay,
        Self::CutClient,
        Self::Open,
        Self::Crash,
        Self::CrashAtWrite,
        Self::CrashAll,
        Self::PauseMember,
        Self::PauseClient,
        Self::WallJump,
        Self::ReadError,
        Self::Rot,
    ];

    /// How often it comes, compared with others.
    const fn weight(self) -> u64 {
        match self {
            Self::Open => 14,
            Self::Crash | Self::CrashAtWrite => 10,
            Self::Isolate | Self::Split | Self::OneWay | Self::PauseMember | Self::PauseClient => 6,
            Self::CutClient | Self::WallJump => 4,
            Self::ReadError | Self::CrashAll => 2,
            Self::Rot => 1,
        }
    }
}

/// How the members of one run deal with snapshots.
#[derive(Debug, Clone, Copy)]
pub struct Snapshots {
    /// When they take one.
    pub limits: SnapshotLimits,
    /// In parts of how many bytes snapshots move.
    pub part_bytes: usize,
    /// The longest time between two parts, in milliseconds.
    pub pause_max: u64,
    /// How many of a thousand parts are damaged on their way to a peer.
    pub damaged: u64,
    /// How many of a thousand own ones are given up half-way.
    pub given_up: u64,
}

impl Snapshots {
    /// Draws ways: limits so small that a member which was away finds what it lacks gone, and sometimes none at all.
    fn drawn(random: &mut Random) -> Self {
        let entries_max = *random.pick(&[6, 15, 60]);
        let (by_entries, by_bytes) = (random.between(3, entries_max), random.between(1_000, 20_000));
        let kept_max = *random.pick(&[0, 5, 20]);
        let entries_kept = random.between(0, kept_max);
        let limits = match random.between(0, 9) {
            0 => SnapshotLimits::NEVER,
            1 | 2 => SnapshotLimits { entries: u64::MAX, bytes: by_bytes, entries_kept },
            _ => SnapshotLimits { entries: by_entries, bytes: u64::MAX, entries_kept },
        };
        let part_bytes = *random.pick(&[2_000, 8_000, 30_000]);
        let pause_max = *random.pick(&[1, 5, 20]);
        let damaged = *random.pick(&[0, 0, 20]);
        Self { limits, part_bytes, pause_max, damaged, given_up: *random.pick(&[0, 0, 100]) }
    }
}

/// How the members of one run come and go.
#[derive(Debug, Clone, Copy)]
pub struct Changes {
    /// The longest time between two chores of the operator, in milliseconds.
    pub interval_max: u64,
    /// How many members are to vote, one of these at a time.
    pub sizes: &'static [usize],
    /// In how many of a thousand cases a member is let vote, or asked for it, before it is known to follow.
    pub impatience: u64,
    /// How many of a thousand removed members are left to find out by themselves.
    pub left_alone: u64,
}

impl Changes {
    /// Draws ways; in a quarter of the runs no member comes or goes.
    fn drawn(random: &mut Random) -> Option<Self> {
        let is_none = random.in_a_thousand(250);
        let interval_max = *random.pick(&[500, 3_000, 12_000]);
        let all: [&[usize]; 4] = [&[3, 5], &[3, 4, 5], &[1, 2, 3], &[1, 2, 3, 4, 5]];
        let sizes = *random.pick(&all);
        let (impatience, left_alone) = (*random.pick(&[0, 300]), *random.pick(&[0, 500, 1_000]));
        (!is_none).then_some(Self { interval_max, sizes, impatience, left_alone })
    }
}

/// When a cluster is backed up, lost and restored, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Restore {
    /// When the backup is taken, in real time, if there is something to back up by then.
    pub backed_up_at: u64,
    /// After what time all members are lost.
    pub lost_after: u64,
    /// After what time the new cluster begins: what the old members sent has arrived by then.
    pub restored_after: u64,
}

impl Restore {
    /// Draws one; three quarters of the runs have none.
    fn drawn(random: &mut Random) -> Option<Self> {
        let backed_up_at = random.between(8_000, 35_000);
        let lost_after = random.between(500, 25_000);
        let restored_after = LATE_MAX + random.between(100, 3_000);
        random.in_a_thousand(250).then_some(Self { backed_up_at, lost_after, restored_after })
    }
}

/// What goes wrong in one run.
#[derive(Debug, Clone)]
pub struct Profile {
    /// How many members the cluster begins with.
    pub members: u64,
    /// How bad the network is.
    pub quality: Quality,
    /// How many of a thousand elections are followed by a crash of a member that may have voted.
    pub crash_after_election: u64,
    /// How members deal with snapshots.
    pub snapshots: Snapshots,
    /// How members come and go, if they do.
    pub changes: Option<Changes>,
    /// When the cluster is restored from a backup, if it is.
    pub restore: Option<Restore>,
    /// The longest time between two troubles, in milliseconds.
    interval_max: u64,
    troubles: Vec<Trouble>,
}

impl Profile {
    /// Draws one.
    #[must_use]
    pub fn drawn(random: &mut Random) -> Self {
        // From a generator of its own, so that what else a seed draws does not depend on it.
        let mut apart = random.clone().fork();
        let snapshots = Snapshots::drawn(&mut apart);
        let changes = Changes::drawn(&mut apart);
        let restore = Restore::drawn(&mut apart);
        let members = *random.pick(&[1, 3, 3, 3, 3, 3, 3, 5, 5, 5]);
        let mut up_to = |high| if random.in_a_thousand(700) { random.between(0, high) } else { 0 };
        let (lost, doubled, late) = (up_to(80), up_to(120), up_to(60));
        let crash_after_election = up_to(500);
        let quality = Quality { lost, doubled, late, delay_max: random.between(5, 60) };
        let interval_max = *random.pick(&[300, 1_000, 3_000]);
        let kept = Trouble::ALL.into_iter().filter(|trouble| {
            let is_kept = random.in_a_thousand(650);
            is_kept || *trouble == Trouble::Open
        });
        let troubles = kept.collect();
        Self { members, quality, crash_after_election, snapshots, changes, restore, interval_max, troubles }
    }

    /// The next trouble, and after how many milliseconds the one after it comes.
    pub fn next(&self, random: &mut Random) -> (Trouble, u64) {
        let total: u64 = self.troubles.iter().map(|trouble| trouble.weight()).sum();
        let mut left = random.between(0, total - 1);
        let drawn = self.troubles.iter().find(|trouble| {
            let is_it = left < trouble.weight();
            left = left.saturating_sub(trouble.weight());
            is_it
        });
        (*drawn.unwrap_or(&Trouble::Open), random.between(20, self.interval_max))
    }
}
