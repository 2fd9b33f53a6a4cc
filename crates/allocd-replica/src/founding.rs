//! Who the members are when a member starts: those that a new cluster begins with, those of the cluster it joins, or those that
//! its log knows.

use std::collections::BTreeSet;

use allocd_types::cluster::MemberVote;
use allocd_types::id::MemberId;

use crate::config::Config;
use crate::fault::{Fault, StartError};
use crate::log::LogStore;
use crate::membership::Membership;
use crate::storage::StoredLog;

/// Writes the first members into an empty log; compares those of any other. Returns them.
pub(crate) fn begin_or_compare<S: LogStore>(
    config: &Config,
    log: &mut StoredLog<S>,
) -> Result<Membership, StartError> {
    let configured: BTreeSet<u64> = config.voters.iter().map(|voter| voter.get()).collect();
    let Some(stored) = log.membership().map_err(Fault::from)? else {
        let begun = match &config.joins {
            Some(membership) => may_join(config.member, membership)?.clone(),
            None => {
                config.check()?;
                Membership::founding(configured)
            }
        };
        log.set_membership(&begun).map_err(Fault::from)?;
        log.flush().map_err(Fault::from)?;
        return Ok(begun);
    };
    // Once members have changed, the log knows better than a configuration file.
    let voters: BTreeSet<u64> = stored.conf_state().voters.iter().copied().collect();
    if stored.index() == 0 && config.joins.is_none() && voters != configured {
        let configured = configured.into_iter().collect();
        return Err(StartError::OtherVoters { stored: voters.into_iter().collect(), configured });
    }
    Ok(stored)
}

/// A member that joins has an empty log: it must never have promised anything.
fn may_join(member: MemberId, membership: &Membership) -> Result<&Membership, StartError> {
    match membership.vote(member) {
        Some(MemberVote::Learner) => Ok(membership),
        Some(MemberVote::Voter) => Err(StartError::HasVoted { member }),
        None if membership.is_former(member) => Err(StartError::Removed { member }),
        None => Err(StartError::NotAdded { member }),
    }
}
