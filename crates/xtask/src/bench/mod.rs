//! `cargo xtask bench`: allocd beside what a user would take instead, three members of etcd on the same machine and disk,
//! by the same load generator, in one run. And how its cost grows: with leases, with how full a pool is, with what else
//! is going on.

mod document;
mod echo;
mod etcd;
mod findings;
mod goal;
mod load;
mod machine;
mod names;
mod options;
mod ours;
mod plot;
mod row;
mod sample;
mod scale;
mod sides;
mod story;
mod table;
mod throughput;
mod until;
mod wire;

pub(crate) use etcd::Program as EtcdProgram;
pub(crate) use options::Options;
pub(crate) use story::run;
