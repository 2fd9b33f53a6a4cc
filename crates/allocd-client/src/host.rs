//! Hosts.

use allocd_proto::v1::host_service_client::HostServiceClient;
use allocd_types::agent::{Inventory, Reconciliation};
use allocd_types::contact::{Heartbeat, KnownHost};
use allocd_types::host::{FenceSpec, Host, HostRegistration, HostSpec};
use allocd_types::name::HostName;
use allocd_types::page::{Page, PageSpec};
use allocd_types::request::Deletion;

use crate::methods::{mutations, questions, whole_lists};

mutations!(HostServiceClient, Attempt {
    /// Makes a host.
    create_host(HostSpec) -> Host;
    /// Says that an agent of the host has started; the answer has its incarnation.
    register_host(HostRegistration) -> Host;
    /// Lets a host get leases again.
    activate_host(HostName) -> Host;
    /// Gives a host no more leases.
    drain_host(HostName) -> Host;
    /// States that a host is off.
    fence_host(FenceSpec) -> Host;
    /// Tells what is left of leases on a host; the answer says what it should do.
    reconcile_host(Inventory) -> Reconciliation;
    /// Deletes a host that nothing uses.
    delete_host(Deletion<HostName>) -> ();
});

questions!(HostServiceClient {
    /// Reads a host.
    get_host(HostName) -> KnownHost;
    /// Reads a page of hosts.
    list_hosts(PageSpec) -> Page<KnownHost>;
    /// Says that a host's agent is there. Nothing is written by it.
    heartbeat_host(Heartbeat) -> ();
});

whole_lists! {
    /// Reads all hosts.
    all_hosts = list_hosts -> KnownHost;
}
