//! Requests for backups, and the operator's words after a restore.

use std::collections::BTreeSet;

use allocd_types::limits::HOSTS_CONFIRMED_MAX;
use allocd_types::name::HostName;
use allocd_types::recovery::{OtherHosts, RecoveryConfirmation, SkipTo};
use allocd_types::request::Freshness;
use allocd_types::violation::Violations;

use super::{Mutation, Query};
use crate::read::{bounded, list, required, text};
use crate::v1;

/// Requests that ask for the state and nothing else.
macro_rules! asks {
    ($($request:ident;)*) => {$(
        impl From<v1::$request> for Query<()> {
            fn from(request: v1::$request) -> Self {
                let freshness =
                    if request.allow_stale { Freshness::Stale } else { Freshness::Linearizable };
                Self { freshness, wish: () }
            }
        }

        impl From<Query<()>> for v1::$request {
            fn from(query: Query<()>) -> Self {
                Self { allow_stale: query.allow_stale() }
            }
        }
    )*};
}

asks! {
    BackupRequest;
    CheckRequest;
    GetRecoveryRequest;
}

impl TryFrom<v1::ConfirmRecoveryRequest> for Mutation<RecoveryConfirmation> {
    type Error = Violations;

    fn try_from(request: v1::ConfirmRecoveryRequest) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        bounded(request.hosts.len(), HOSTS_CONFIRMED_MAX, "hosts", &mut wrong);
        let hosts = request.hosts.iter().take(HOSTS_CONFIRMED_MAX);
        let hosts: Option<Vec<HostName>> =
            list(hosts, "hosts", &mut wrong, |name, field, wrong| text(name, field, wrong));
        let others = if request.no_other_hosts { OtherHosts::None } else { OtherHosts::Unsaid };
        let wish = hosts.map(|hosts| RecoveryConfirmation { hosts: BTreeSet::from_iter(hosts), others });
        Self::finish(&request.request_id, request.validate_only, wish, wrong)
    }
}

impl From<Mutation<RecoveryConfirmation>> for v1::ConfirmRecoveryRequest {
    fn from(mutation: Mutation<RecoveryConfirmation>) -> Self {
        let (request_id, validate_only) = (mutation.request_id_text(), mutation.validate_only());
        let RecoveryConfirmation { hosts, others } = mutation.wish;
        Self {
            request_id,
            hosts: hosts.iter().map(ToString::to_string).collect(),
            no_other_hosts: match others {
                OtherHosts::Unsaid => false,
                OtherHosts::None => true,
            },
            validate_only,
        }
    }
}

impl TryFrom<v1::SkipValuesRequest> for Mutation<SkipTo> {
    type Error = Violations;

    fn try_from(request: v1::SkipValuesRequest) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let wish = required(request.skip_to, "skip_to", &mut wrong);
        Self::finish(&request.request_id, request.validate_only, wish, wrong)
    }
}

impl From<Mutation<SkipTo>> for v1::SkipValuesRequest {
    fn from(mutation: Mutation<SkipTo>) -> Self {
        Self {
            request_id: mutation.request_id_text(),
            validate_only: mutation.validate_only(),
            skip_to: Some(mutation.wish.into()),
        }
    }
}
