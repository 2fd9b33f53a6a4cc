//! The command line as its users meet it: every test starts the real allocctl against a cluster of its own.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod agent;
mod ctl;

mod agents;
mod ends;
mod files;
mod inventory;
mod json;
mod left_over;
mod nouns;
mod subjects;
