//! The targets under libFuzzer: one program, told by the environment which target it is for, so that there is one to link.
//! `cargo xtask fuzz` builds it with the coverage that libFuzzer steers by, and starts it.
#![no_main]

use std::env;
use std::sync::LazyLock;

use allocd_fuzz::{Target, find};

/// Where `cargo xtask fuzz` says which target.
const CHOICE: &str = "ALLOCD_FUZZ_TARGET";

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let name = env::var(CHOICE).unwrap_or_default();
    find(&name).unwrap_or_else(|| panic!("{CHOICE} names no target: {name:?}"))
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| (TARGET.run)(data));
