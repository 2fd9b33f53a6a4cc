//! What clients and members say to each other. The wire's own messages are another test's business: here they are words.

use allocd_replica::{Answer, Unavailable};
use allocd_state::command::Command;
use allocd_state::response::Response;
use allocd_state::state::State;
use allocd_types::holder::Holder;
use allocd_types::id::{Caller, RequestId};
use allocd_types::lease::Lease;
use allocd_types::name::HostName;
use allocd_types::rejection::Rejection;
use allocd_types::time::Span;

/// What a client wants.
#[derive(Debug, Clone)]
pub enum Ask {
    /// Have a command done.
    Do(Command),
    /// Read a holder's lease, no older than now.
    Read(Holder),
    /// Read all leases of a host, no older than now.
    ReadHost(HostName),
}

/// One attempt of a client at a member.
#[derive(Debug, Clone)]
pub struct Request {
    /// Where the answer goes.
    pub seat: usize,
    /// Which operation of the history it belongs to.
    pub operation: u64,
    /// Which attempt at it.
    pub attempt: u32,
    /// The id that all attempts share.
    pub request_id: RequestId,
    /// Who asks.
    pub caller: Caller,
    /// How long the client will wait, from now.
    pub expires_in: Span,
    /// What is wanted.
    pub ask: Ask,
}

/// A member's answer to one attempt.
#[derive(Debug, Clone)]
pub struct Reply {
    /// For whom.
    pub seat: usize,
    /// To which operation.
    pub operation: u64,
    /// To which attempt.
    pub attempt: u32,
    /// The answer.
    pub outcome: Outcome,
}

/// What became of an attempt.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It was applied.
    Applied {
        /// The revision after it.
        revision: u64,
        /// The machine's yes or no.
        result: Box<Result<Response, Rejection>>,
    },
    /// It was read.
    Read {
        /// The revision of what was read.
        revision: u64,
        /// The holder's lease then.
        lease: Option<Box<Lease>>,
    },
    /// The leases of a host were read.
    ReadHost {
        /// The revision of what was read.
        revision: u64,
        /// The leases then.
        leases: Vec<Lease>,
    },
    /// Nothing is known; ask again, there if somebody is named.
    Unavailable {
        /// Who leads, as far as the member knows.
        leader: Option<u64>,
    },
}

impl Outcome {
    /// What a replica's answer says to a client.
    #[must_use]
    pub fn of_answer(answer: Answer) -> Self {
        match answer {
            Answer::Applied { revision, outcome } => {
                Self::Applied { revision: revision.get(), result: outcome }
            }
            Answer::Unavailable(why) => Self::of_unavailable(why),
            // All members are of one version: the leader has only not heard of all of them yet.
            Answer::UpgradePending(_) => Self::Unavailable { leader: None },
            Answer::TooLarge { .. } => unreachable!("no client of the simulator asks for so much"),
        }
    }

    /// What a member without an answer says.
    #[must_use]
    pub fn of_unavailable(why: Unavailable) -> Self {
        let leader = match why {
            Unavailable::NotLeader { leader }
            | Unavailable::OutcomeUnknown { leader }
            | Unavailable::Unconfirmed { leader } => leader,
            Unavailable::Busy => None,
        };
        Self::Unavailable { leader: leader.map(|member| member.get()) }
    }

    /// What a state says to who asks for a host's leases.
    #[must_use]
    pub fn of_host(state: &State, host: &HostName) -> Self {
        let leases = state.leases_on(host).map(|record| state.told(record)).collect();
        Self::ReadHost { revision: state.revision().get(), leases }
    }

    /// What a state says to a reader, as a member's door says it.
    #[must_use]
    pub fn of_state(state: &State, holder: &Holder) -> Self {
        let lease = state.lease_of(holder).map(|record| Box::new(state.told(record)));
        Self::Read { revision: state.revision().get(), lease }
    }
}
