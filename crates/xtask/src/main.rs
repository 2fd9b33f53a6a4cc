//! Chores: demo, test, freebsd-check, tidy.
fn main() {}
