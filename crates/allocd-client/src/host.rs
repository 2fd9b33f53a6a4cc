//! Hosts.

use allocd_proto::v1::host_service_client::HostServiceClient;
use allocd_types::host::{Host, HostSpec};
use allocd_types::name::HostName;
use allocd_types::page::{Page, PageSpec};
use allocd_types::request::{Deletion, Registration};

use crate::methods::{mutations, questions, whole_lists};

mutations!(HostServiceClient, Attempt {
    /// Makes a host.
    create_host(HostSpec) -> Host;
    /// Says that an agent of the host has started; the answer has its incarnation.
    register_host(Registration) -> Host;
    /// Deletes a host that nothing uses.
    delete_host(Deletion<HostName>) -> ();
});

questions!(HostServiceClient {
    /// Reads a host.
    get_host(HostName) -> Host;
    /// Reads a page of hosts.
    list_hosts(PageSpec) -> Page<Host>;
});

whole_lists! {
    /// Reads all hosts.
    all_hosts = list_hosts -> Host;
}
