//! As much of sh(1) as the hooks of rendered files need, and the programs that they use.
//!
//! `if`, `for`, lists, pipes, redirections, quotes and variables; what is not understood is refused, for a shell that guesses
//! would let a wrong file pass. Files are those of the machine in memory, below the root of the jail that asks.

mod eval;
mod lexer;
mod parse;
mod pattern;
mod tools;

pub(super) use eval::run;
pub(super) use tools::tool;
