//! The main job from start to end, on a cluster of three real processes that is made and removed by the way.

mod cluster;
mod ctl;
mod files;
mod kernel;
mod story;
mod summary;

pub(crate) use story::{Options, run};
