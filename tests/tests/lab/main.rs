//! The lab itself: what FreeBSD's commands arrange in it carries real frames, and nothing is left of it.
//!
//! It takes root on Linux. Where that is not given, each test says so loudly and ends.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod agent;
mod cables;
mod collisions;
mod remains;
mod rendered;
mod scenes;
