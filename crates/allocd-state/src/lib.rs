//! The deterministic allocator: everything a cluster knows, and the only code that changes it.
//!
//! ```text
//!            Entry ──► Machine::apply ──► [Applied]                 (machine)
//!                        │ advance cluster time
//!                        │ a repeated request is answered from memory      (memory)
//!                        ▼
//!      carry_out(command) ─► Ok(response, events) | Err(rejection)  (decide: reads only; a batch wish by wish)
//!                        │
//!                        ▼
//!      evolve(&mut State, &Event)                                   (evolve: the only writer; total)
//! ```
//!
//! What must hold: nothing here knows a clock, a thread or a random number; two members that apply the same entries are equal;
//! replaying the events rebuilds the allocation state; a rejection changes no pool; and no value has two holders, ever. Every
//! map is persistent (`imbl`), so that a clone of the state is a fixed version that costs nothing to take.

pub mod check;
pub mod command;
pub mod context;
mod decide;
pub mod digest;
pub mod entropy;
pub mod event;
pub mod evolve;
pub mod interval;
pub mod machine;
pub mod memory;
mod name_index;
mod pages;
pub mod query;
pub mod record;
pub mod recovery;
pub mod response;
mod runs;
pub mod snapshot;
pub mod space;
pub mod state;
mod taken;
