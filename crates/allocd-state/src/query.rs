//! Questions about a fixed version of the state. None of them changes anything or holds a commit up.

mod agent;
mod catalogue;
mod change;
mod lease;
mod usage;
mod value;

pub use catalogue::Page;
