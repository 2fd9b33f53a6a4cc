//! The gRPC services: message to vocabulary, the door, vocabulary to message. One file a service.

mod admin;
mod audit;
mod backup;
mod host;
mod lease;
mod members;
mod network;
mod page;
mod peer;
mod pool;
mod reservation;
mod watch;

pub(crate) use admin::Admin;
pub(crate) use host::Hosts;
pub(crate) use lease::Leases;
pub(crate) use network::Networks;
pub(crate) use peer::PeerDoor;
pub(crate) use pool::Pools;
pub(crate) use reservation::Reservations;
