//! Which pool.

use allocd_types::pool::PoolRef;
use allocd_types::violation::Violations;

use crate::enumeration::said;
use crate::read::{Read, path, text};
use crate::v1;
use crate::v1::pool_ref::Pool;

impl Read for v1::PoolRef {
    type Word = PoolRef;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<PoolRef> {
        match self.pool {
            Some(Pool::Mac(name)) => text(&name, &path(field, "mac"), wrong).map(PoolRef::Mac),
            Some(Pool::HostIndex(pool)) => {
                let host = text(&pool.host, &path(field, "host_index.host"), wrong);
                let kind = said::<v1::InterfaceKind>(pool.kind, &path(field, "host_index.kind"), wrong);
                Some(PoolRef::HostIndex(host?, kind?))
            }
            Some(Pool::ClusterIndex(kind)) => {
                said::<v1::InterfaceKind>(kind, &path(field, "cluster_index"), wrong)
                    .map(PoolRef::ClusterIndex)
            }
            Some(Pool::Subnet(pool)) => {
                let network = text(&pool.network, &path(field, "subnet.network"), wrong);
                let prefix = text(&pool.prefix, &path(field, "subnet.prefix"), wrong);
                Some(PoolRef::Subnet(network?, prefix?))
            }
            Some(Pool::Family(pool)) => {
                let network = text(&pool.network, &path(field, "family.network"), wrong);
                let family = said::<v1::Family>(pool.family, &path(field, "family.family"), wrong);
                Some(PoolRef::Family(network?, family?))
            }
            None => {
                wrong.add(field, "names no pool: say mac, host_index, cluster_index, subnet or family");
                None
            }
        }
    }
}

impl From<PoolRef> for v1::PoolRef {
    fn from(pool: PoolRef) -> Self {
        let kind_number = |kind| i32::from(v1::InterfaceKind::from(kind));
        let pool = match pool {
            PoolRef::Mac(name) => Pool::Mac(name.to_string()),
            PoolRef::HostIndex(host, kind) => {
                Pool::HostIndex(v1::HostIndexPool { host: host.to_string(), kind: kind_number(kind) })
            }
            PoolRef::ClusterIndex(kind) => Pool::ClusterIndex(kind_number(kind)),
            PoolRef::Subnet(network, prefix) => {
                Pool::Subnet(v1::SubnetPool { network: network.to_string(), prefix: prefix.to_string() })
            }
            PoolRef::Family(network, family) => Pool::Family(v1::FamilyPool {
                network: network.to_string(),
                family: v1::Family::from(family).into(),
            }),
        };
        Self { pool: Some(pool) }
    }
}
