//! All tests that need more than one crate: the simulator, and what those that start programs have in common.
#![expect(clippy::print_stdout, reason = "a failing test shows the log of its process")]

pub mod dev;
pub mod jail_conf;
#[cfg(target_os = "linux")]
pub mod lab;
#[cfg(target_os = "linux")]
pub mod lab_scenarios;
pub mod leases;
pub mod preload;
pub mod process;
pub mod program;
pub mod recorded;
pub mod sim;
pub mod skipped;
pub mod until;
