//! How cost grows: with the leases that are held, with how full a pool is, while everything is read, and while the leader
//! dies. One client at a time where it is about how long one call takes, so that no queue hides it.

mod failover;
mod fill;
mod leases;
mod measure;
mod reading;

pub(super) use measure::measure;
