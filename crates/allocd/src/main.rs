//! The allocd daemon: configuration, gRPC services, peer transport, the replica thread.
fn main() {}
