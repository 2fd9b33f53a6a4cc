//! How cost grows: with the leases that are held, with how full a pool is, while all leases are read, and while the leader
//! dies. One client at a time where it is about how long one call takes, so that no queue hides it.

mod failover;
mod fill;
mod leases;
mod lists;
mod measure;

pub(super) use measure::measure;
