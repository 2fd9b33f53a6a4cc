//! `cargo xtask test`: everything CI runs, one step after the other, with a summary at the end.

mod bench;
mod cargo;
mod deny;
mod examples;
mod packages;
mod proto;
mod runner;
mod sim;
mod step;

pub(crate) use runner::{Options, run};
pub(crate) use step::Verdict;
