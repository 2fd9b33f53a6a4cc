//! The vocabulary of allocd: validated value types and resource specs, no I/O.
