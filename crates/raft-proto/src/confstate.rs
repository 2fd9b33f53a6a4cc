//! Configurations as raft compares and builds them: sets of members, whatever order a message lists them in.

use std::collections::BTreeSet;

use crate::eraftpb::ConfState;

/// Tells whether two configurations name the same members in the same roles.
#[must_use]
pub fn conf_state_eq(left: &ConfState, right: &ConfState) -> bool {
    // Equal lists are the common case and cost no set.
    left == right
        || (left.auto_leave == right.auto_leave
            && is_same_set(&left.voters, &right.voters)
            && is_same_set(&left.learners, &right.learners)
            && is_same_set(&left.voters_outgoing, &right.voters_outgoing)
            && is_same_set(&left.learners_next, &right.learners_next))
}

impl<Voters, Learners> From<(Voters, Learners)> for ConfState
where
    Voters: IntoIterator<Item = u64>,
    Learners: IntoIterator<Item = u64>,
{
    fn from((voters, learners): (Voters, Learners)) -> Self {
        Self {
            voters: voters.into_iter().collect(),
            learners: learners.into_iter().collect(),
            ..Self::default()
        }
    }
}

fn is_same_set(left: &[u64], right: &[u64]) -> bool {
    left.iter().collect::<BTreeSet<_>>() == right.iter().collect::<BTreeSet<_>>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_repetition_do_not_matter() {
        let left = ConfState::from((vec![1, 2, 3], vec![4]));
        let right = ConfState::from((vec![3, 1, 2, 2], vec![4]));
        assert!(conf_state_eq(&left, &right));
    }

    #[test]
    fn every_role_and_the_auto_leave_flag_matter() {
        let base = ConfState::from((vec![1, 2], vec![3]));
        let others = [
            ConfState { voters: vec![1], ..base.clone() },
            ConfState { learners: vec![], ..base.clone() },
            ConfState { voters_outgoing: vec![1], ..base.clone() },
            ConfState { learners_next: vec![1], ..base.clone() },
            ConfState { auto_leave: true, ..base.clone() },
        ];
        for other in others {
            assert!(!conf_state_eq(&base, &other), "{other:?}");
        }
    }
}
