//! Stories about whole commands, told through the machine.

mod adoption;
mod agents;
mod anything;
mod batches;
mod broken;
mod declines;
mod hosts;
mod imports;
mod invariants;
mod moves;
mod recovery;
mod repeats;
mod resources;
mod scene;
mod snapshots;
mod stories;
mod suspects;
