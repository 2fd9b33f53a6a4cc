//! Why the answer is no, as one closed list: the `reason` of every `google.rpc.ErrorInfo` allocd sends.
//!
//! A reason is a decision that a caller can take, not a place in our code. The list only grows.

use std::fmt;

/// The sort of a no, one for each gRPC status code in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReasonKind {
    /// The message is wrong, whatever the state.
    InvalidArgument,
    /// The resource is not there.
    NotFound,
    /// The resource is there already.
    AlreadyExists,
    /// The state says no until somebody changes it.
    FailedPrecondition,
    /// A bound is reached.
    ResourceExhausted,
    /// Asked for something that is past.
    OutOfRange,
    /// Too late; whether it happened is not known.
    DeadlineExceeded,
    /// Try again with the same request id.
    Unavailable,
    /// Ours.
    Internal,
}

/// Makes the list, its texts and its kinds from one table.
macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $kind:ident;)*) => {
        /// Why the answer is no.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason {
            $($(#[$doc])* $variant,)*
        }

        impl Reason {
            /// All reasons.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The reason as it is sent.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }

            /// The sort of a no it is.
            #[must_use]
            pub const fn kind(self) -> ReasonKind {
                match self {
                    $(Self::$variant => ReasonKind::$kind,)*
                }
            }
        }
    };
}

reasons! {
    /// One or more fields of the request are wrong; all of them are listed.
    InvalidFields = "INVALID_FIELDS", InvalidArgument;
    /// The request id was used for another request.
    RequestIdReused = "REQUEST_ID_REUSED", InvalidArgument;
    /// The network is not there.
    NetworkNotFound = "NETWORK_NOT_FOUND", NotFound;
    /// The pool is not there.
    PoolNotFound = "POOL_NOT_FOUND", NotFound;
    /// The host is not there.
    HostNotFound = "HOST_NOT_FOUND", NotFound;
    /// The lease is not there.
    LeaseNotFound = "LEASE_NOT_FOUND", NotFound;
    /// The reservation is not there.
    ReservationNotFound = "RESERVATION_NOT_FOUND", NotFound;
    /// The exclusion is not there.
    ExclusionNotFound = "EXCLUSION_NOT_FOUND", NotFound;
    /// A resource of that name is there, and it is another.
    ResourceExists = "RESOURCE_EXISTS", AlreadyExists;
    /// The holder has a lease that is not what was asked for.
    HolderHasLease = "HOLDER_HAS_LEASE", AlreadyExists;
    /// Another host has registered with this hostuuid: a cloned image.
    HostUuidInUse = "HOST_UUID_IN_USE", AlreadyExists;
    /// The pinned value is held by a lease.
    ValueTaken = "VALUE_TAKEN", FailedPrecondition;
    /// The pinned value rests after its last lease.
    ValueResting = "VALUE_RESTING", FailedPrecondition;
    /// The pinned value is set aside for somebody else.
    ValueReserved = "VALUE_RESERVED", FailedPrecondition;
    /// The pinned value is excluded.
    ValueExcluded = "VALUE_EXCLUDED", FailedPrecondition;
    /// The pinned value is in no pool of the network.
    ValueOutsidePool = "VALUE_OUTSIDE_POOL", FailedPrecondition;
    /// The network has no subnet of the wanted family.
    NoSubnet = "NO_SUBNET", FailedPrecondition;
    /// Prefixes of one VRF would overlap.
    SubnetOverlap = "SUBNET_OVERLAP", FailedPrecondition;
    /// Blocks of two MAC pools would overlap.
    BlockOverlap = "BLOCK_OVERLAP", FailedPrecondition;
    /// The resource is in use and cannot be changed so or deleted.
    ResourceInUse = "RESOURCE_IN_USE", FailedPrecondition;
    /// The lease was bound anew since; the asker's knowledge is stale.
    Fenced = "FENCED", FailedPrecondition;
    /// A newer start of the host's agent has registered.
    StaleIncarnation = "STALE_INCARNATION", FailedPrecondition;
    /// The host is draining or fenced and gets no leases.
    HostNotActive = "HOST_NOT_ACTIVE", FailedPrecondition;
    /// The host was declared off; its word does not count until it has torn down everything.
    HostFenced = "HOST_FENCED", FailedPrecondition;
    /// The lease is on another host than the one that speaks.
    OnOtherHost = "ON_OTHER_HOST", FailedPrecondition;
    /// The lease was given back, and its host has still to confirm that nothing of it is left.
    LeaseReleasing = "LEASE_RELEASING", FailedPrecondition;
    /// The lease is neither given back nor moving: there is nothing to confirm.
    NothingToConfirm = "NOTHING_TO_CONFIRM", FailedPrecondition;
    /// The lease is moving already.
    LeaseMoving = "LEASE_MOVING", FailedPrecondition;
    /// The lease does not move, is there already, or moves by another move.
    LeaseNotMoving = "LEASE_NOT_MOVING", FailedPrecondition;
    /// The lease has no such value.
    ValueNotOfLease = "VALUE_NOT_OF_LEASE", FailedPrecondition;
    /// Nobody has declined the value, or that was cleared or forgotten.
    DeclineNotFound = "DECLINE_NOT_FOUND", NotFound;
    /// The repeated request's lease is no longer what it was.
    Superseded = "SUPERSEDED", FailedPrecondition;
    /// A permanent lease has no lifetime to prolong.
    LeaseIsPermanent = "LEASE_IS_PERMANENT", FailedPrecondition;
    /// The cluster was restored from a backup, and what is in use is not known yet.
    Recovering = "RECOVERING", FailedPrecondition;
    /// The cluster is not in recovery.
    NotRecovering = "NOT_RECOVERING", FailedPrecondition;
    /// The cluster has no such member.
    MemberNotFound = "MEMBER_NOT_FOUND", NotFound;
    /// The change of members would hold up the cluster or lose what it counts on.
    MemberChangeRefused = "MEMBER_CHANGE_REFUSED", FailedPrecondition;
    /// Another change of members is under way, or the leader is too new for one.
    MemberChangePending = "MEMBER_CHANGE_PENDING", Unavailable;
    /// A member runs an older allocd, which would not understand it.
    UpgradePending = "UPGRADE_PENDING", FailedPrecondition;
    /// The pool has no value left.
    PoolExhausted = "POOL_EXHAUSTED", ResourceExhausted;
    /// The host has as many leases as a host may have.
    LeasesPerHost = "LEASES_PER_HOST", ResourceExhausted;
    /// The watch asked for a revision that is no longer kept.
    Compacted = "COMPACTED", OutOfRange;
    /// The request came to its turn after its deadline; nothing was done.
    RequestExpired = "REQUEST_EXPIRED", DeadlineExceeded;
    /// No answer came in time; whether it happened is not known.
    NoAnswer = "NO_ANSWER", DeadlineExceeded;
    /// No member leads the cluster right now.
    NoLeader = "NO_LEADER", Unavailable;
    /// The leader changed while the request was under way.
    LeaderChanged = "LEADER_CHANGED", Unavailable;
    /// The member's queue is full.
    Overloaded = "OVERLOADED", Unavailable;
    /// The watcher did not keep up and was cut off.
    WatcherTooSlow = "WATCHER_TOO_SLOW", Unavailable;
    /// The member is stopping.
    ShuttingDown = "SHUTTING_DOWN", Unavailable;
    /// No member could be reached.
    Unreachable = "UNREACHABLE", Unavailable;
    /// A fault of ours; the member's log says more.
    Internal = "INTERNAL", Internal;
}

impl Reason {
    /// The reason that is sent as this text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.as_str() == text)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_reads_back() {
        for reason in Reason::ALL {
            assert_eq!(Reason::from_text(reason.as_str()), Some(*reason));
        }
        assert_eq!(Reason::from_text("NOT_A_REASON"), None);
    }
}
