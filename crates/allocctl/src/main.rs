//! The command line of allocd, for people.
fn main() {}
