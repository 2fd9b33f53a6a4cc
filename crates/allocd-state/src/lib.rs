//! The deterministic allocator: decide, evolve, apply, queries, self-check.
