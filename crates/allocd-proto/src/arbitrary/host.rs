//! Hosts.

use allocd_types::host::{Host, HostSpec, HostState, HostUuid, OsRelease};
use allocd_types::id::Incarnation;
use allocd_types::name::NetworkName;
use proptest::collection::btree_map;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::{host_name, id, interface_name, labels};

prop_compose! {
    pub(crate) fn host_spec()(
        name in host_name(),
        bridges in btree_map(id::<NetworkName>(), interface_name(), 0..3),
        labels in labels(),
    ) -> HostSpec {
        HostSpec { name, bridges, labels }
    }
}

pub(crate) fn host_uuid() -> impl Strategy<Value = HostUuid> {
    "[1-9a-f][0-9a-f]{7}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
        .prop_map(|text| HostUuid::new(&text).unwrap())
}

prop_compose! {
    pub(crate) fn host()(
        spec in host_spec(),
        incarnation in any::<u64>().prop_map(Incarnation::new),
        uuid in option::of(host_uuid()),
        release in option::of("[A-Za-z0-9][A-Za-z0-9._-]{0,20}"),
        state in select(HostState::ALL.to_vec()),
        [leases, awaited, suspects]: [u32; 3],
    ) -> Host {
        let release = release.map(|release| OsRelease::new(&release).unwrap());
        Host { spec, state, incarnation, uuid, release, leases, awaited, suspects }
    }
}
