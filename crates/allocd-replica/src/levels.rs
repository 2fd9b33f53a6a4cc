//! What the members understand of the log, and what is therefore proposed.
//!
//! A command is proposed only if every member, learners among them, is known to understand it; one that was not heard of since
//! this member started counts as the oldest there is. Once an entry of a level is applied, that level is in use: members below it
//! have stopped or will, whatever is done, so it is not asked about again, and a member that is away holds up nothing. The level
//! in use follows from the entries and snapshots that were applied, so it is the same on all members and needs no place of its
//! own.

use std::collections::BTreeMap;
use std::fmt;

use allocd_state::command::Command;
use allocd_types::id::MemberId;

use crate::codec::{Level, LevelOf};
use crate::config::Config;
use crate::log::LogStore;
use crate::replica::Replica;

/// Why a command is not proposed: not all members are known to understand it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct UpgradePending {
    /// The level that it needs.
    pub needed: Level,
    /// The members below it, and what each understands; `None` of those that were not heard of yet.
    pub behind: BTreeMap<MemberId, Option<Level>>,
}

impl fmt::Display for UpgradePending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it needs level {} of the log, and ", self.needed)?;
        for (number, (member, understood)) in self.behind.iter().enumerate() {
            let separator = if number == 0 { "" } else { ", " };
            match understood {
                Some(level) => write!(f, "{separator}member {member} understands level {level}")?,
                None => write!(f, "{separator}member {member} was not heard of yet")?,
            }
        }
        Ok(())
    }
}

/// What is known of levels.
#[derive(Debug)]
pub(crate) struct Levels {
    pub(crate) understands: Level,
    level_of: LevelOf,
    /// The highest level of what was applied.
    pub(crate) in_use: Level,
    /// What the peers understand, as each said last.
    told: BTreeMap<MemberId, Level>,
}

impl Levels {
    /// What a member knows that starts on a snapshot of this level.
    pub(crate) const fn new(config: &Config, in_use: Level) -> Self {
        Self { understands: config.understands, level_of: config.level_of, in_use, told: BTreeMap::new() }
    }

    /// The level that a command needs.
    pub(crate) fn of(&self, command: &Command) -> Level {
        (self.level_of)(command)
    }

    /// Notes that something of a level was applied.
    pub(crate) fn use_level(&mut self, level: Level) {
        self.in_use = self.in_use.max(level);
    }
}

impl<S: LogStore> Replica<S> {
    /// Notes which level a peer says it understands: with each of its messages, for it may have been exchanged meanwhile.
    pub fn note_level(&mut self, peer: MemberId, level: Level) {
        // Of strangers nothing is kept.
        if self.membership.vote(peer).is_some() {
            self.levels.told.insert(peer, level);
        }
    }

    /// What a member understands, as far as this one knows.
    pub(crate) fn level_told(&self, member: MemberId) -> Option<Level> {
        let told = || self.levels.told.get(&member).copied();
        if member == self.member { Some(self.levels.understands) } else { told() }
    }

    /// Whether all members understand a level, or it is in use already.
    pub(crate) fn check_level(&self, needed: Level) -> Result<(), UpgradePending> {
        if needed <= self.levels.in_use {
            return Ok(());
        }
        let members = self.membership.members().into_keys().map(|member| (member, self.level_told(member)));
        let behind: BTreeMap<_, _> =
            members.filter(|&(_, told)| told.unwrap_or(Level::FIRST) < needed).collect();
        if behind.is_empty() { Ok(()) } else { Err(UpgradePending { needed, behind }) }
    }
}
