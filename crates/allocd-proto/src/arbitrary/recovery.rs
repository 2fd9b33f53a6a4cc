//! Any recovery.

use allocd_types::recovery::{OpenRecovery, RecoveryStatus, SkipTo, UnconfirmedHost};
use allocd_types::time::Span;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::{host_name, id, indexed_kind, ip, pool_ref, unit};

pub(crate) fn status() -> impl Strategy<Value = RecoveryStatus> {
    let host = (host_name(), any::<u32>()).prop_map(|(name, leases)| UnconfirmedHost { name, leases });
    let open =
        (vec(host, 0..3), any::<u64>(), vec(pool_ref(), 0..3)).prop_map(|(hosts, millis, open_pools)| {
            OpenRecovery { hosts, rests_for: Span::from_millis(millis), open_pools }
        });
    (any::<u32>(), option::of(open)).prop_map(|(timeline, open)| RecoveryStatus { timeline, open })
}

pub(crate) fn skip() -> impl Strategy<Value = SkipTo> {
    prop_oneof![
        (id(), ip()).prop_map(|(network, last)| SkipTo::Addresses { network, last }),
        (host_name(), indexed_kind(), unit()).prop_map(|(host, kind, last)| SkipTo::Indices {
            host,
            kind,
            last
        }),
        id().prop_map(|pool| SkipTo::Macs { pool }),
    ]
}
