//! Configuration changes as raft handles them: the old message of one step and the newer one of many steps behind one
//! trait, and the rules by which a change enters or leaves a joint configuration (thesis §4.3).

use std::borrow::Cow;

use crate::eraftpb::{ConfChange, ConfChangeSingle, ConfChangeTransition, ConfChangeType, ConfChangeV2};

/// Creates one step of a configuration change.
#[must_use]
pub fn new_conf_change_single(node_id: u64, change_type: ConfChangeType) -> ConfChangeSingle {
    ConfChangeSingle { change_type: change_type.into(), node_id }
}

/// A configuration change in either of its two forms.
pub trait ConfChangeI {
    /// Turns the change into its newer form.
    fn into_v2(self) -> ConfChangeV2;

    /// Returns the change in its newer form, borrowed if it already has it.
    fn as_v2(&self) -> Cow<'_, ConfChangeV2>;

    /// Returns the change if it has the older form.
    fn as_v1(&self) -> Option<&ConfChange>;
}

impl ConfChangeI for ConfChange {
    fn into_v2(self) -> ConfChangeV2 {
        let step = ConfChangeSingle { change_type: self.change_type, node_id: self.node_id };
        ConfChangeV2 { changes: vec![step], context: self.context, ..ConfChangeV2::default() }
    }

    fn as_v2(&self) -> Cow<'_, ConfChangeV2> {
        Cow::Owned(self.clone().into_v2())
    }

    fn as_v1(&self) -> Option<&ConfChange> {
        Some(self)
    }
}

impl ConfChangeI for ConfChangeV2 {
    fn into_v2(self) -> ConfChangeV2 {
        self
    }

    fn as_v2(&self) -> Cow<'_, ConfChangeV2> {
        Cow::Borrowed(self)
    }

    fn as_v1(&self) -> Option<&ConfChange> {
        None
    }
}

impl ConfChangeV2 {
    /// Tells whether this change passes through a joint configuration, and if so whether that is left by itself.
    ///
    /// More than one step always does: only a single step keeps every two majorities overlapping.
    #[must_use]
    pub fn enter_joint(&self) -> Option<bool> {
        match self.transition() {
            ConfChangeTransition::Auto if self.changes.len() <= 1 => None,
            ConfChangeTransition::Auto | ConfChangeTransition::Implicit => Some(true),
            ConfChangeTransition::Explicit => Some(false),
        }
    }

    /// Tells whether this change leaves a joint configuration: it asks for nothing, whatever its context.
    #[must_use]
    pub fn leave_joint(&self) -> bool {
        self.transition() == ConfChangeTransition::Auto && self.changes.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(transition: ConfChangeTransition, steps: u64) -> ConfChangeV2 {
        ConfChangeV2 {
            transition: transition.into(),
            changes: (1..=steps).map(|id| new_conf_change_single(id, ConfChangeType::AddNode)).collect(),
            ..ConfChangeV2::default()
        }
    }

    #[test]
    fn a_joint_configuration_is_entered_for_many_steps_or_on_request() {
        use ConfChangeTransition::{Auto, Explicit, Implicit};
        let table = [
            (Auto, 0, None),
            (Auto, 1, None),
            (Auto, 2, Some(true)),
            (Implicit, 1, Some(true)),
            (Explicit, 1, Some(false)),
            (Explicit, 2, Some(false)),
        ];
        for (transition, steps, expected) in table {
            assert_eq!(
                change(transition, steps).enter_joint(),
                expected,
                "{transition:?} with {steps} steps"
            );
        }
    }

    #[test]
    fn only_an_empty_automatic_change_leaves() {
        use ConfChangeTransition::{Auto, Explicit};
        let mut leave = change(Auto, 0);
        leave.context = "why".into();
        assert!(leave.leave_joint());
        assert!(!change(Auto, 1).leave_joint());
        assert!(!change(Explicit, 0).leave_joint());
    }

    #[test]
    fn the_old_form_becomes_one_step_of_the_new() {
        let old = ConfChange {
            id: 9,
            node_id: 4,
            change_type: ConfChangeType::RemoveNode.into(),
            context: "why".into(),
        };
        let new = old.as_v2();
        assert_eq!(new.changes, vec![new_conf_change_single(4, ConfChangeType::RemoveNode)]);
        assert_eq!(new.get_context(), b"why");
        assert_eq!(old.as_v1(), Some(&old));
        assert_eq!(new.as_v1(), None);
    }
}
