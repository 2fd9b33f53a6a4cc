//! The fake against stories that are kept, and against what its users rely on.

mod faults;
mod script;
mod stories;
mod verbs;
