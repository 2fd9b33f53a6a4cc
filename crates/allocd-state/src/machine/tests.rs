//! Stories about whole commands, told through the machine.

mod imports;
mod invariants;
mod scene;
mod stories;
