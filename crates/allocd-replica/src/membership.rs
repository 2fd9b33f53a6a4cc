//! Who belongs to the cluster, as of an entry of the log.
//!
//! Raft knows ids and who of them votes. Beside that stand the addresses of members that were added while the cluster ran, and
//! the highest id there ever was: ids only rise, so a member that was removed is never mistaken for a new one, and one that is
//! newer than all that this member has heard of can be told from one that is gone.

use std::collections::BTreeMap;

use allocd_proto::storage::v1;
use allocd_types::cluster::MemberVote;
use allocd_types::id::MemberId;
use prost::Message as _;
use raft_proto::eraftpb::ConfState;

use crate::log::Configuration;

/// The members as of an entry.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Membership {
    conf_state: ConfState,
    addresses: BTreeMap<u64, String>,
    highest: u64,
    index: u64,
}

impl Membership {
    /// The members that a cluster begins with.
    pub(crate) fn founding(voters: impl IntoIterator<Item = u64>) -> Self {
        let conf_state = ConfState { voters: voters.into_iter().collect(), ..ConfState::default() };
        let highest = conf_state.voters.iter().copied().max().unwrap_or(0);
        Self { conf_state, addresses: BTreeMap::new(), highest, index: 0 }
    }

    /// Reads what [`Membership::encode`] wrote. `None` if it is something else.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let v1::Membership {
            voters,
            learners,
            voters_outgoing,
            learners_next,
            auto_leave,
            addresses,
            highest_id,
            index,
        } = v1::Membership::decode(bytes).ok()?;
        let conf_state = ConfState { voters, learners, voters_outgoing, learners_next, auto_leave };
        let addresses = addresses.into_iter().map(|known| (known.member, known.address)).collect();
        let highest = all(&conf_state).max().unwrap_or(0).max(highest_id);
        let is_some = !conf_state.voters.is_empty() && all(&conf_state).all(|id| id != 0);
        is_some.then_some(Self { conf_state, addresses, highest, index })
    }

    /// The members as bytes, for a disk or a peer.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let ConfState { voters, learners, voters_outgoing, learners_next, auto_leave } =
            self.conf_state.clone();
        let address =
            |(&member, address): (&u64, &String)| v1::MemberAddress { member, address: address.clone() };
        v1::Membership {
            voters,
            learners,
            voters_outgoing,
            learners_next,
            auto_leave,
            addresses: self.addresses.iter().map(address).collect(),
            highest_id: self.highest,
            index: self.index,
        }
        .encode_to_vec()
    }

    /// The members after a change, as raft has applied it; an address belongs to whoever is new.
    pub(crate) fn after(&self, conf_state: ConfState, address: &str, index: u64) -> Self {
        let mut addresses = self.addresses.clone();
        addresses.retain(|&id, _| all(&conf_state).any(|member| member == id));
        if let Some(new) = all(&conf_state).find(|&id| self.vote(MemberId::new(id)).is_none()) {
            addresses.insert(new, address.to_owned());
        }
        let highest = all(&conf_state).fold(self.highest, u64::max);
        Self { conf_state, addresses, highest, index }
    }

    /// All members, in the order of their ids.
    #[must_use]
    pub fn members(&self) -> BTreeMap<MemberId, MemberVote> {
        let votes = |id| self.vote(MemberId::new(id)).map(|vote| (MemberId::new(id), vote));
        all(&self.conf_state).filter_map(votes).collect()
    }

    /// Whether a member votes; `None` of who is no member.
    #[must_use]
    pub fn vote(&self, member: MemberId) -> Option<MemberVote> {
        let ConfState { voters, learners, voters_outgoing, learners_next, .. } = &self.conf_state;
        let id = member.get();
        if voters.contains(&id) || voters_outgoing.contains(&id) {
            Some(MemberVote::Voter)
        } else {
            (learners.contains(&id) || learners_next.contains(&id)).then_some(MemberVote::Learner)
        }
    }

    /// How many members vote.
    #[must_use]
    pub fn voters(&self) -> usize {
        self.conf_state.voters.len()
    }

    /// Where a member is reached, if it was added while the cluster ran.
    #[must_use]
    pub fn address(&self, member: MemberId) -> Option<&str> {
        self.addresses.get(&member.get()).map(String::as_str)
    }

    /// The highest id that a member ever had.
    #[must_use]
    pub const fn highest(&self) -> MemberId {
        MemberId::new(self.highest)
    }

    /// True of who was a member once and is none any more. Of ids above all that were used nobody can know.
    #[must_use]
    pub fn is_former(&self, member: MemberId) -> bool {
        member <= self.highest() && self.vote(member).is_none()
    }

    /// The entry that made it so; 0 for the members that a cluster begins with.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    pub(crate) const fn conf_state(&self) -> &ConfState {
        &self.conf_state
    }

    pub(crate) fn configuration(&self) -> Configuration {
        Configuration { applied: self.index, bytes: self.encode().into() }
    }
}

/// The ids of all members, some of them twice.
fn all(conf_state: &ConfState) -> impl Iterator<Item = u64> + '_ {
    let ConfState { voters, learners, voters_outgoing, learners_next, .. } = conf_state;
    [voters, learners, voters_outgoing, learners_next].into_iter().flatten().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_membership_survives_and_the_former_are_remembered() {
        let begun = Membership::founding([1, 2, 3]);
        let grown = ConfState { voters: vec![1, 2, 3], learners: vec![4], ..ConfState::default() };
        let grown = begun.after(grown, "10.0.0.4:7421", 9);
        assert_eq!(Membership::decode(&grown.encode()), Some(grown.clone()));
        assert_eq!(grown.vote(MemberId::new(4)), Some(MemberVote::Learner));
        assert_eq!(grown.address(MemberId::new(4)), Some("10.0.0.4:7421"));
        let shrunk = grown.after(ConfState { voters: vec![1, 2, 3], ..ConfState::default() }, "", 12);
        assert_eq!((shrunk.address(MemberId::new(4)), shrunk.highest()), (None, MemberId::new(4)));
        assert!(shrunk.is_former(MemberId::new(4)) && !shrunk.is_former(MemberId::new(5)));
        assert_eq!(Membership::decode(&shrunk.encode()), Some(shrunk));
    }

    #[test]
    fn what_raft_wrote_before_there_were_addresses_is_read() {
        let old = ConfState { voters: vec![1, 2, 5], ..ConfState::default() };
        let read = Membership::decode(&old.encode_to_vec()).unwrap();
        assert_eq!(read, Membership::founding([1, 2, 5]));
        assert_eq!(Membership::decode(&[]), None);
        assert_eq!(Membership::decode(b"no members"), None);
    }
}
