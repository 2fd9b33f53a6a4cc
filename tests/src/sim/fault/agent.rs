//! Faults of a host's agent: it does things in the wrong order.

/// What an agent does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgentFault {
    /// Nothing.
    None,
    /// It says that nothing is left, and tears down once that is answered.
    ConfirmsFirst,
    /// It starts a jail when it reads of its lease, before it has taken the lease up.
    UsesUnbound,
    /// It tells a cluster that began anew only of what that cluster tells it.
    TellsWhatItIsTold,
    /// It starts a jail that it has lost without taking its lease up anew.
    UsesLost,
}
