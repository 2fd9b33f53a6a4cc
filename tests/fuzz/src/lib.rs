//! Every decoder that meets bytes from outside, as a function of bytes that panics where something does not hold.
//!
//! ```text
//!  corpus/TARGET/*  ──►  tests/corpus.rs: every kept input, in every run of the tests
//!        ▲        └──►  main.rs: libFuzzer begins with it          (cargo xtask fuzz, feature `libfuzzer`)
//!        └── what it found, by hand or with `--keep` ◄──┘
//! ```
//!
//! No target is content with "no panic": what is read has to survive being written, a machine has to be sound, a refusal has to
//! say why. What the fuzzer finds gets a file in the corpus, with a name that says what was wrong, before it is mended.

mod frames;
mod target;
mod targets;

pub use target::{TARGETS, Target, find};
