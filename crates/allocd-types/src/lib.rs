//! The vocabulary of allocd: validated value types and resource specs, no I/O.
//!
//! Every word of the glossary that code has to say is a type here, and a value of such a type is valid by construction: what
//! comes from outside is parsed once, at the border, and never checked again. Nothing here knows a clock, a random number, a
//! file or a socket; clippy and the tidy checks refuse them.

pub mod address;
pub mod agent;
pub mod allocation;
pub mod answer;
pub mod audit;
pub mod change;
pub mod check;
pub mod cluster;
pub mod contact;
pub mod decline;
pub mod effect;
pub mod exclusion;
pub mod filter;
pub mod grant;
pub mod holder;
pub mod host;
pub mod id;
pub mod import;
pub mod index;
pub mod kind;
pub mod label;
pub mod lease;
pub mod limits;
pub mod lookup;
pub mod mac;
pub mod migration;
pub mod name;
pub mod network;
pub mod page;
pub mod pool;
pub mod problem;
pub mod reason;
pub mod recovery;
pub mod rejection;
pub mod request;
pub mod reservation;
pub mod time;
pub mod usage;
pub mod value;
pub mod violation;
