//! Pools, and how full they are.

use allocd_proto::v1::pool_service_client::PoolServiceClient;
use allocd_types::name::PoolName;
use allocd_types::page::{Page, PageSpec};
use allocd_types::pool::{PoolRef, PoolSpec};
use allocd_types::request::Deletion;
use allocd_types::usage::Usage;

use crate::methods::{mutations, questions, whole_lists};

mutations!(PoolServiceClient, Attempt {
    /// Makes a pool.
    create_pool(PoolSpec) -> PoolSpec;
    /// Changes a pool to this.
    update_pool(PoolSpec) -> PoolSpec;
    /// Deletes a pool that nothing uses.
    delete_pool(Deletion<PoolName>) -> ();
});

questions!(PoolServiceClient {
    /// Reads a pool.
    get_pool(PoolName) -> PoolSpec;
    /// Reads a page of pools.
    list_pools(PageSpec) -> Page<PoolSpec>;
    /// Reads how full a pool is.
    get_usage(PoolRef) -> Usage;
    /// Reads how full pools are, page by page.
    list_usages(PageSpec) -> Page<Usage>;
});

whole_lists! {
    /// Reads all pools.
    all_pools = list_pools -> PoolSpec;
    /// Reads how full all pools are.
    all_usages = list_usages -> Usage;
}
