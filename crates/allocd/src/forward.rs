//! Handing a call on to the leader: any member may be asked, and one that does not lead passes what changes something on, once.
//! While there are leases that end by themselves, reads go the same way: only the leader's clock says what remains. And so do
//! questions for hosts always: only the leader remembers when it heard of them.
//!
//! The whole HTTP/2 request goes to the leader's connection as it is: message, metadata and deadline. So no handler knows of it,
//! and no RPC can be forgotten.

use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use allocd_replica::Role;
use allocd_types::problem::Problem;
use allocd_types::reason::Reason;
use allocd_types::time::Span;
use http::{HeaderValue, Request, Response};
use tonic::body::Body;
use tonic::transport::Channel;
use tower::{Layer, Service};

use crate::peers::Peers;
use crate::view::View;

/// Marks a call that was handed on already.
const FORWARDED: &str = "allocd-forwarded";
/// When to try again while nobody leads.
const TRY_AGAIN: Span = Span::from_millis(100);
/// How the names of methods begin that change nothing.
const READS: [&str; 6] = ["Get", "List", "Lookup", "Explain", "Watch", "Check"];
/// Methods beside those that change nothing.
const OTHER_READS: [&str; 2] = ["Backup", "Export"];

/// Methods that tell what only the leader remembers.
const KNOWN_TO_LEADER: [&str; 2] = ["/allocd.v1.HostService/GetHost", "/allocd.v1.HostService/ListHosts"];

/// Puts [`Forward`] around the services.
#[derive(Clone)]
pub(crate) struct ForwardLayer {
    pub(crate) view: Arc<View>,
    pub(crate) peers: Peers,
}

impl<S> Layer<S> for ForwardLayer {
    type Service = Forward<S>;

    fn layer(&self, inner: S) -> Forward<S> {
        Forward { inner, layer: self.clone() }
    }
}

/// The services behind the handing on.
#[derive(Clone)]
pub(crate) struct Forward<S> {
    inner: S,
    layer: ForwardLayer,
}

/// What becomes of a call.
enum Way {
    /// It is served here.
    Here,
    /// It goes to the leader.
    To(Channel),
    /// Nobody leads.
    Nowhere,
}

impl<S> Forward<S> {
    fn way(&self, request: &Request<Body>) -> Way {
        let path = request.uri().path();
        let is_for_leader = changes_something(path)
            || KNOWN_TO_LEADER.contains(&path)
            || (tells_leases(path) && self.layer.view.moment().has_lifetimes);
        if !is_for_leader || request.headers().contains_key(FORWARDED) {
            return Way::Here;
        }
        let standing = *self.layer.view.standing.borrow();
        match (standing.role, standing.leader) {
            (Role::Leader, _) => Way::Here,
            (Role::Follower | Role::Candidate, Some(leader)) => {
                self.layer.peers.get(leader).map_or(Way::Here, Way::To)
            }
            (Role::Follower | Role::Candidate, None) if changes_something(path) => Way::Nowhere,
            // A read that may be stale needs no leader; any other finds out by itself.
            (Role::Follower | Role::Candidate, None) => Way::Here,
        }
    }
}

/// True for the API's methods that change something: all but those that are known to read.
fn changes_something(path: &str) -> bool {
    let mut parts = path.trim_start_matches('/').split('/');
    match (parts.next(), parts.next()) {
        (Some(service), Some(method)) if service.starts_with("allocd.v1.") => {
            !OTHER_READS.contains(&method) && !READS.iter().any(|read| method.starts_with(read))
        }
        _ => false,
    }
}

/// True for the API's methods that read the state: only the leader knows what remains of a lifetime right now.
fn tells_leases(path: &str) -> bool {
    let is_of_state = path.starts_with("/allocd.v1.") && !changes_something(path);
    let elsewhere = ["/GetClusterStatus", "/WatchLeases", "/Backup"];
    is_of_state && !elsewhere.iter().any(|method| path.ends_with(method))
}

impl<S> Service<Request<Body>> for Forward<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Send,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        match self.way(&request) {
            Way::Here => Box::pin(self.inner.call(request)),
            Way::Nowhere => {
                let problem = Problem::new(Reason::NoLeader, "no member leads the cluster right now")
                    .hint("try again with the same request id")
                    .retry_after(TRY_AGAIN);
                let response = allocd_proto::status::status(&problem).into_http();
                Box::pin(async move { Ok(response) })
            }
            Way::To(mut leader) => {
                request.headers_mut().insert(FORWARDED, HeaderValue::from_static("1"));
                Box::pin(async move {
                    let sent = match std::future::poll_fn(|context| leader.poll_ready(context)).await {
                        Ok(()) => leader.call(request).await,
                        Err(error) => Err(error),
                    };
                    Ok(sent.unwrap_or_else(|error| {
                        let problem = Problem::new(
                            Reason::LeaderChanged,
                            format!("the leader could not be reached: {}", innermost(&error)),
                        )
                        .hint("try again with the same request id")
                        .retry_after(TRY_AGAIN);
                        allocd_proto::status::status(&problem).into_http()
                    }))
                })
            }
        }
    }
}

/// The last error of a chain, which is the one that says something (`connection refused`).
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

#[cfg(test)]
mod tests {
    use prost::Message as _;
    use prost_types::FileDescriptorSet;

    use super::*;

    #[test]
    fn what_changes_something_goes_to_the_leader_and_nothing_else() {
        for path in [
            "/allocd.v1.LeaseService/AllocateLease",
            "/allocd.v1.AdminService/Import",
            "/allocd.v1.PoolService/DeletePool",
        ] {
            assert!(changes_something(path), "{path}");
        }
        for path in [
            "/allocd.v1.LeaseService/ListLeases",
            "/allocd.v1.AdminService/Export",
            "/allocd.v1.AdminService/Check",
            "/allocd.v1.LeaseService/WatchLeases",
            "/allocd.peer.v1.PeerService/Deliver",
            "/grpc.health.v1.Health/Check",
            "/",
            "",
        ] {
            assert!(!changes_something(path), "{path}");
        }
    }

    #[test]
    fn what_only_the_leader_remembers_is_a_method_of_the_api() {
        let set = FileDescriptorSet::decode(allocd_proto::FILE_DESCRIPTOR_SET).unwrap();
        let services = set.file.iter().flat_map(|file| &file.service);
        let hosts = services.filter(|service| service.name() == "HostService");
        let methods: Vec<&str> =
            hosts.flat_map(|service| &service.method).map(|method| method.name()).collect();
        for path in KNOWN_TO_LEADER {
            let method = path.strip_prefix("/allocd.v1.HostService/").unwrap();
            assert!(methods.contains(&method) && !changes_something(path), "{path}");
        }
    }

    #[test]
    fn what_tells_of_lifetimes_is_known_by_its_name() {
        for path in ["/allocd.v1.LeaseService/GetLease", "/allocd.v1.AdminService/Export"] {
            assert!(tells_leases(path), "{path}");
        }
        for path in [
            "/allocd.v1.AdminService/GetClusterStatus",
            "/allocd.v1.LeaseService/WatchLeases",
            "/allocd.v1.LeaseService/AllocateLease",
            "/grpc.health.v1.Health/Check",
        ] {
            assert!(!tells_leases(path), "{path}");
        }
    }

    #[test]
    fn every_method_of_the_api_is_known_to_read_or_begins_with_a_verb_that_changes() {
        let verbs = [
            "Create",
            "Update",
            "Delete",
            "Register",
            "Allocate",
            "BatchAllocate",
            "Renew",
            "Release",
            "Import",
            "Add",
            "Promote",
            "Remove",
            "Transfer",
            "Confirm",
            "Skip",
            "Activate",
            "Drain",
            "Fence",
            "Reconcile",
            "Bind",
            "Move",
            "Cancel",
            "Decline",
            "Clear",
            "Heartbeat",
            "Adopt",
        ];
        let set = FileDescriptorSet::decode(allocd_proto::FILE_DESCRIPTOR_SET).unwrap();
        let api = set.file.iter().filter(|file| file.package() == "allocd.v1");
        let methods = api.flat_map(|file| &file.service).flat_map(|service| &service.method);
        for method in methods.map(|method| method.name()) {
            let changes = verbs.iter().any(|verb| method.starts_with(verb));
            let reads = OTHER_READS.contains(&method) || READS.iter().any(|verb| method.starts_with(verb));
            assert!(changes ^ reads, "{method}");
        }
    }
}
