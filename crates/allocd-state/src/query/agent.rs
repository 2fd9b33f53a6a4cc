//! Whose word counts.

use allocd_types::agent::AgentRef;
use allocd_types::rejection::Rejection;

use crate::decide::agent::speaking;
use crate::state::State;

impl State {
    /// Whether a host's agent is the newest that registered. That of a host which is declared off is, too.
    ///
    /// # Errors
    /// [`Rejection::NotFound`] if there is no such host, [`Rejection::StaleIncarnation`] if another agent has registered since.
    pub fn check_agent(&self, agent: &AgentRef) -> Result<(), Rejection> {
        speaking(self, agent).map(drop)
    }
}
