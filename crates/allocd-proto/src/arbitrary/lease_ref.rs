//! Any way to name a lease.

use allocd_types::allocation::LeaseRef;
use proptest::prelude::*;

use super::{holder, lease_id};

pub(crate) fn lease_ref() -> impl Strategy<Value = LeaseRef> {
    prop_oneof![lease_id().prop_map(LeaseRef::Id), holder().prop_map(LeaseRef::Holder)]
}
