//! Networks.

use allocd_proto::v1::network_service_client::NetworkServiceClient;
use allocd_types::name::NetworkName;
use allocd_types::network::NetworkSpec;
use allocd_types::page::{Page, PageSpec};
use allocd_types::request::Deletion;

use crate::methods::{mutations, questions, whole_lists};

mutations!(NetworkServiceClient, Attempt {
    /// Makes a network.
    create_network(NetworkSpec) -> NetworkSpec;
    /// Changes a network to this.
    update_network(NetworkSpec) -> NetworkSpec;
    /// Deletes a network that nothing uses.
    delete_network(Deletion<NetworkName>) -> ();
});

questions!(NetworkServiceClient {
    /// Reads a network.
    get_network(NetworkName) -> NetworkSpec;
    /// Reads a page of networks.
    list_networks(PageSpec) -> Page<NetworkSpec>;
});

whole_lists! {
    /// Reads all networks.
    all_networks = list_networks -> NetworkSpec;
}
