//! `cargo xtask tidy`: the house rules that no compiler knows, as code. A rule with a tool is not open to debate.

mod check;
mod finding;
mod links;
mod purity;
mod shape;
mod sleeps;
mod source;
mod text;
mod top_level;
mod tree;

pub(crate) use check::run;
