//! Stories about whole commands, told through the machine.

mod anything;
mod batches;
mod broken;
mod imports;
mod invariants;
mod recovery;
mod repeats;
mod resources;
mod scene;
mod snapshots;
mod stories;
