//! Stories about whole commands, told through the machine.

mod anything;
mod imports;
mod invariants;
mod repeats;
mod resources;
mod scene;
mod stories;
