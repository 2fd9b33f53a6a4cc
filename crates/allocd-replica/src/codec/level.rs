//! Levels: what a member must know in order to read an entry or a snapshot, and to go on alike from there.
//!
//! The first allocd understands level 1. A program that adds a command, or a field that older ones would have to heed, adds a
//! level and understands all below it. An entry carries the lowest level that suffices for it, not its writer's, so that older
//! members go on for as long as nothing new is asked (docs/upgrade.md, decision 0008).

use std::fmt;

use allocd_state::command::Command;
use allocd_types::allocation::Teardown;
use allocd_types::host::HostRegistration;

/// What a member understands, or has to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(u32);

/// Says which level a command needs.
pub type LevelOf = fn(&Command) -> Level;

impl Level {
    /// What the first allocd understood, and what those mean that say nothing.
    pub const FIRST: Self = Self(1);
    /// What this allocd understands.
    pub const NEWEST: Self = Self::SUSPECTS;
    /// Hosts with agents: leases that are bound, confirmed, moved and declined.
    pub const AGENTS: Self = Self(2);
    /// Networks that free suspects.
    pub const SUSPECTS: Self = Self(3);

    /// The level of this number. Who says 0 has said nothing.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        if number == 0 { Self::FIRST } else { Self(number) }
    }

    /// Its number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl Default for Level {
    fn default() -> Self {
        Self::FIRST
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The level that a command needs: the one that it came in with, or the newest of the fields that it uses.
///
/// A field that comes later raises the level only where it is set. The number of what was released never changes.
#[must_use]
pub fn level_of(command: &Command) -> Level {
    match command {
        Command::RegisterHost(HostRegistration { host: _, uuid: _, release, seen }) => {
            if release.is_none() && seen.is_empty() { Level::FIRST } else { Level::AGENTS }
        }
        Command::Release(spec) => match spec.teardown {
            Teardown::Awaited => Level::FIRST,
            Teardown::Stated => Level::AGENTS,
        },
        Command::CreateNetwork(spec) | Command::UpdateNetwork(spec) => match spec.free_suspects_after {
            None => Level::FIRST,
            Some(_) => Level::SUSPECTS,
        },
        Command::Tick
        | Command::DeleteNetwork(..)
        | Command::CreatePool(_)
        | Command::UpdatePool(_)
        | Command::DeletePool(..)
        | Command::CreateHost(_)
        | Command::DeleteHost(..)
        | Command::CreateReservation(_)
        | Command::DeleteReservation(..)
        | Command::CreateExclusion(_)
        | Command::DeleteExclusion(..)
        | Command::Allocate(_)
        | Command::BatchAllocate(..)
        | Command::Renew(_)
        | Command::Import(_)
        | Command::ConfirmRecovery(_)
        | Command::SkipTo(_) => Level::FIRST,
        Command::ActivateHost(_)
        | Command::DrainHost(_)
        | Command::FenceHost(_)
        | Command::ReconcileHost(_)
        | Command::BindLease(_)
        | Command::AdoptLease(_)
        | Command::ConfirmTeardown(_)
        | Command::MoveLease(_)
        | Command::CancelMove(_)
        | Command::DeclineLease(_)
        | Command::ClearDecline(_) => Level::AGENTS,
    }
}
