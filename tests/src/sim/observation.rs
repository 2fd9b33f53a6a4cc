//! What checkers see: everything that members, clients and holders do, in real time, and nothing of how the product does it.

use std::collections::BTreeSet;

use allocd_replica::Standing;
use allocd_replica::log::Record;
use allocd_state::event::Event;
use allocd_state::state::State;
use allocd_types::holder::Holder;
use allocd_types::id::{Digest, LeaseId};
use allocd_types::name::HostName;
use allocd_types::value::Value;

use super::message::{Ask, Outcome};

/// One thing that is seen.
#[derive(Debug, Clone, Copy)]
pub enum Seen<'a> {
    /// A member has another role or term.
    Role {
        /// The member.
        member: u64,
        /// Where it stands.
        standing: Standing,
    },
    /// A member knows of members; it does so again after each start.
    Members {
        /// The member.
        member: u64,
        /// The entry that made them so.
        index: u64,
        /// Who votes.
        voters: &'a BTreeSet<u64>,
        /// Who learns.
        learners: &'a BTreeSet<u64>,
    },
    /// A vote reaches a member that has asked for it.
    Vote {
        /// Who votes.
        from: u64,
        /// For whom.
        to: u64,
        /// In which term.
        term: u64,
    },
    /// An entry is applied for the first time.
    Committed {
        /// The entry.
        index: u64,
        /// Whose disks have it.
        by: &'a BTreeSet<u64>,
    },
    /// A member has applied a record of its log; it does so again after each start.
    Applied {
        /// The member.
        member: u64,
        /// The record.
        record: &'a Record,
    },
    /// A member has a digest after it has applied up to an index.
    Digest {
        /// The member.
        member: u64,
        /// The index.
        index: u64,
        /// The digest of all that the log decides.
        digest: Digest,
    },
    /// A member tells what a revision changed; it does so again after each start.
    Events {
        /// The member.
        member: u64,
        /// The revision.
        revision: u64,
        /// The changes, in their order.
        events: &'a [Event],
    },
    /// A member has a snapshot in place of what it had: what it tells next follows on that revision.
    Installed {
        /// The member.
        member: u64,
        /// The revision of the snapshot.
        revision: u64,
    },
    /// A member shows a state.
    State {
        /// The member.
        member: u64,
        /// What it shows.
        state: &'a State,
    },
    /// A client asks, for the first time, for something.
    Asked {
        /// The operation.
        operation: u64,
        /// What it asks for.
        ask: &'a Ask,
    },
    /// A client gets the answer to an operation.
    Answered {
        /// The operation.
        operation: u64,
        /// The answer.
        outcome: &'a Outcome,
    },
    /// A holder begins to use values, or goes on to use them for another time.
    Uses(&'a Use),
    /// A holder has stopped using the values of a lease on a host.
    Stops {
        /// The lease.
        lease: LeaseId,
        /// The host: a lease moves.
        host: &'a HostName,
    },
}

/// A holder's use of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// Who uses them.
    pub holder: Holder,
    /// By which lease.
    pub lease: LeaseId,
    /// Which values.
    pub values: Vec<Value>,
    /// The real moment at which it has to stop, by its own clock; none if never.
    pub due_at: Option<u64>,
}

/// What is in use: a lease, on a host. A lease that moves is in use on one of its hosts.
pub type Place = (LeaseId, HostName);

impl Use {
    /// What is in use.
    #[must_use]
    pub fn place(&self) -> Place {
        (self.lease, self.holder.host.clone())
    }
}

/// All is over and well: what every member ended with.
#[derive(Debug, Clone, Copy)]
pub struct Final<'a> {
    /// The members that run, and their states.
    pub states: &'a [(u64, &'a State)],
    /// Members that can only be asked, and what they say.
    pub told: &'a [Kept],
}

/// What a member says that it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The member.
    pub member: u64,
    /// The revision of its state.
    pub revision: u64,
    /// The leases there are.
    pub leases: BTreeSet<LeaseId>,
}
