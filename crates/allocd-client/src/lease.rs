//! Leases.

use allocd_proto::v1::lease_service_client::LeaseServiceClient;
use allocd_types::agent::{Adoption, AgentReport};
use allocd_types::allocation::{AllocationSpec, LeaseRef, ReleaseSpec, RenewalSpec};
use allocd_types::answer::{Answer, Confirmed, Released};
use allocd_types::decline::{Decline, DeclineSpec, Declined};
use allocd_types::filter::LeaseFilter;
use allocd_types::grant::Granted;
use allocd_types::lease::Lease;
use allocd_types::lookup::LeaseQuery;
use allocd_types::migration::{CancelMoveSpec, MoveSpec};
use allocd_types::page::{Page, PageSpec};
use allocd_types::problem::Problem;
use allocd_types::request::{Batch, LeaseListing};
use allocd_types::value::{Value, ValueReport};

use crate::client::Client;
use crate::error::ClientError;
use crate::listing;
use crate::methods::{mutations, questions, whole_lists};

mutations!(LeaseServiceClient, Attempt {
    /// Asks for a lease.
    allocate_lease(AllocationSpec) -> Granted;
    /// Prolongs a lease that has a lifetime.
    renew_lease(RenewalSpec) -> Lease;
    /// Gives a lease back; the answer names it, unless there was none, and says whether its host has still to confirm.
    release_lease(ReleaseSpec) -> Released;
    /// Takes a lease up, before the first step with its values.
    bind_lease(AgentReport) -> Lease;
    /// Confirms that nothing of a lease is left on its host.
    confirm_teardown(AgentReport) -> Confirmed;
    /// Tells of a lease that lives on a host since before a restore.
    adopt_lease(Adoption) -> Lease;
    /// Moves a lease to another host.
    move_lease(MoveSpec) -> Lease;
    /// Leaves a lease where it is.
    cancel_move(CancelMoveSpec) -> Lease;
    /// Reports that a value of a lease is in use by somebody else.
    decline_lease(DeclineSpec) -> Declined;
    /// Lets a declined value be handed out again.
    clear_decline(Value) -> ();
});

mutations!(LeaseServiceClient, Call {
    /// Asks for several leases at once; the answer says for each what became of it.
    batch_allocate_leases(Batch<AllocationSpec>) -> Vec<Result<Granted, Problem>>;
});

questions!(LeaseServiceClient {
    /// Reads a lease.
    get_lease(LeaseRef) -> Lease;
    /// Reads a page of leases.
    list_leases(LeaseListing) -> Page<Lease>;
    /// Reads a page of declines.
    list_declines(PageSpec) -> Page<Decline>;
    /// Finds the lease that a value or a holder has.
    lookup_lease(LeaseQuery) -> Lease;
    /// Tells everything known about a value.
    explain_value(Value) -> ValueReport;
});

whole_lists! {
    /// Reads all declines.
    all_declines = list_declines -> Decline;
}

impl Client {
    /// Reads all leases that the filter means, page by page, at one go.
    ///
    /// # Errors
    /// [`ClientError`] with the cluster's reason, or why it gave no answer.
    pub async fn all_leases(&self, filter: &LeaseFilter) -> Result<Answer<Vec<Lease>>, ClientError> {
        listing::all(|page| self.list_leases(LeaseListing { page, filter: filter.clone() })).await
    }
}
