//! The messages raft 0.7 needs, built without protoc.
